// SPDX-License-Identifier: MIT
//
// A shop refuses a token: while another one was given to the store, what waits is
// sent with that at once.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const SLOW_MS = 2000;		// an answer that comes late
const SOON_MS = 15000;		// less than a shop that refuses a token waits
const SET_FIELDS = ['metafieldsSet'];

await scenario(async ({w, check, equal, fake, store, until}) => {
	const shopify = await fake('shopify');
	const shop = shopify.store('default');
	const file = (name, text) => {
		const path = join(w.dir, name);

		writeFileSync(path, `${text}\n`, {mode: 0o600});
		return path;
	};
	const config = (more) => Object.assign(shop.config, more);
	const s = await store('shopify', {}, shopify);
	const set = (token) => w.run(['store', 'set', '--store',
		String(s.store_id), '--api-token-file', file('app', token)]);
	const sent = () => until('all balances to be at the shop', async () =>
		await w.backlog() === 0 && (await w.sql(
			'SELECT count(*) FROM outbox'))[0][0] === '0', SOON_MS)
		.then(() => true, () => false);
	const {deliveries} = generate({platform: 'shopify', orders: 30,
		customers: 9, seed: 69});
	const give = (from, to) => deliver(deliveries.slice(from, to),
		{urls: s, retries: 5});

	await w.start('receive');
	await w.start('work');
	await w.ready('receive');
	await w.store_known(s);
	await w.start('push');
	await give(0, 20);
	check(await sent(), 'balances are sent');

	// ---- another token, while a call with the old one is under way --------
	shop.add_faults({kind: 'slow', ms: SLOW_MS, match: SET_FIELDS});
	await give(20, 40);
	await until('the call', () => shop.counted.faults_used > 0);
	config({token: 'shpat_next'});
	equal((await set('shpat_next')).status, 0, 'the store has another token');
	check(await sent(), 'what waits is sent at once');
	check(shop.counted.answers[401] > 0 && /is sent at once/.test(
		w.log_end('push', 40)), 'though the old one was refused meanwhile');

	// ---- no other token ----------------------------------------------------
	const refused = shop.counted.answers[401];

	config({token: 'shpat_other'});
	await give(40, 60);
	await until('the refusal', () => shop.counted.answers[401] > refused);
	await sleep(SLOW_MS);
	equal(shop.counted.answers[401], refused + 1,
		'a shop that refuses the token of now is left alone for a while');
	equal((await set('shpat_other')).status, 0, 'until there is another');
	check(await sent(), 'with which balances are sent');
});
