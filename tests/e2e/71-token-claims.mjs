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

	// ---- push was held up after it had claimed a store -----------------------
	const asked = shop.tokens;

	await w.sql(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_sleep(2.5); RETURN NEW; END'`);
	await w.sql(`CREATE TRIGGER slow BEFORE UPDATE ON store_app FOR EACH ROW
		WHEN (NEW.leased_until > now()) EXECUTE FUNCTION slow()`);
	await w.sql('UPDATE store_app SET renew_at = now()');
	await until('the claim', async () => (await w.sql(`SELECT count(*) FROM
		store_app WHERE tries > 0 OR renew_at > now()`))[0][0] === '1');
	equal(shop.tokens, asked, 'no token is asked for by a claim that is old');
	check(/gets no API token: this process was held up/.test(
		w.log_end('push', 40)), 'push says so');
	await w.sql('DROP TRIGGER slow ON store_app');
	await until('the token', () => shop.tokens > asked);
	check(true, 'the next claim gets a token');

	// ---- another address, which push has not been told of --------------------
	const moved = shopify.store('moved');

	Object.assign(moved.config, {token: 'shpat_moved', client: {id: 'app',
		secret: 's3cret'}});
	await until('no call to be under way', async () => (await w.sql(`SELECT
		count(*) FROM store_app WHERE renew_at > now()`))[0][0] === '1');
	const before = shop.tokens;

	await w.sql(`BEGIN; UPDATE store SET api_url = '${shopify.url}/s/moved';
		UPDATE store_app SET renew_at = now(); COMMIT`);
	await until('the token', () => moved.tokens > 0 || shop.tokens > before);
	equal([shop.tokens, moved.tokens], [before, 1],
		'the app is sent to the address of the store');
});
