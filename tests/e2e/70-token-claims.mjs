// SPDX-License-Identifier: MIT
//
// The app of a store gets another token, whatever call the shop refused it for, and
// is sent to the address of the store only, by a claim that is new.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {scenario} from './scenario.mjs';

const SOON_MS = 15000;		// less than a shop that refuses a token waits

await scenario(async ({w, check, equal, fake, store, until}) => {
	const shopify = await fake('shopify', {token: 'shpat_first',
		client: {id: 'app', secret: 's3cret'}});
	const shop = shopify.store('default');
	const file = (name, text) => {
		const path = join(w.dir, name);

		writeFileSync(path, `${text}\n`, {mode: 0o600});
		return path;
	};
	const config = (more) => Object.assign(shop.config, more);
	const s = await store('shopify', {token: 'app:s3cret'}, shopify);

	await w.start('push');

	// ---- push asks for the shop's number alone ------------------------------
	const withdrawn = async (token, more) => {
		await w.stop('push');
		await w.sql(`UPDATE store_app SET got_at = '-infinity'`);
		await w.sql(more);
		config({token});
		await w.start('push');
	};
	const settled = (what, sql) => until(what, async () =>
		(await w.sql(sql))[0][0] === '1', SOON_MS)
		.then(() => true, () => false);

	await withdrawn('shpat_second', 'UPDATE store SET api_shop_id = NULL');
	check(await settled('the number', `SELECT count(*) FROM store
		WHERE api_shop_id IS NOT NULL`),
	'a token that is refused for the number is renewed');

	// ---- or for a benefit ----------------------------------------------------
	const program = file('benefits.json', JSON.stringify({name: 'benefits',
		rules: [{id: 'order', on: 'order', give: {points: 1, per: '1'}}],
		tiers: {levels: [{id: 'gold', from: '9000.00'}]},
		benefits: [{id: 'ship', kind: 'shipping', when: {tier:
			['gold']}}]}));

	await w.must(['store', 'set', '--store', String(s.store_id),
		'--program', program]);
	await withdrawn('shpat_third', `UPDATE benefit_at_shop
		SET push_at = now()`);
	check(await settled('the benefit', `SELECT count(*) FROM
		benefit_at_shop WHERE right_at IS NOT NULL`),
	'a token that is refused for a benefit is renewed');
});
