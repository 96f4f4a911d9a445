// SPDX-License-Identifier: MIT
//
// Fifty clients redeem one balance at once, by POST /events and by the tool, with
// several workers: as many succeed as the balance allows, each has its code at the
// shop once, and the others are refused.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {rewarded_order} from '../support/rewarded.mjs';
import {event_signature} from '../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const CLIENTS = 50;
const COST = 150, EARNED = 1100, ALLOWED = 7;	// 7 x 150 <= 1100 < 8 x 150
const LIMIT_MS = 60000;
const PROGRAM = {name: 'at-once', rules: [{id: 'order', on: 'order',
	give: {points: 1, per: '1'}}], rewards: [{id: 'five', kind: 'amount',
	amount: '5.00', cost: COST, combines: true}]};

await scenario(async ({w, equal, fake, store, until, verified}) => {
	const program = join(w.dir, 'at-once.json');

	writeFileSync(program, JSON.stringify(PROGRAM));
	for (const [role, name] of [['receive'], ['work', 'work-1'],
		['work', 'work-2'], ['work', 'work-3'], ['schedule'], ['push']])
		await w.start(role, {name: name ?? role});
	await w.ready('receive');
	for (const platform of ['shopify', 'woocommerce']) {
		const shop = await fake(platform);
		const s = await store(platform, {program}, shop);
		const at = ['--store', String(s.store_id)];
		const list = () => w.json(['reward', 'list', ...at]);
		const earn = async (customer) => equal((await post(s,
			rewarded_order(s, {id: customer, customer,
				amount: `${EARNED}.00`}))).status, 200,
		`${platform}: customer ${customer} orders`);
		const codes = () => {
			const state = shop.store('default').state();

			return state.discounts ?? state.coupons;
		};
		const drained = () => until('all to be posted', async () =>
			await w.backlog() === 0, LIMIT_MS);
		const issued = (n) => until(`${n} rewards to be issued`,
			async () => (await list()).filter((r) =>
				r.is === 'issued').length === n, LIMIT_MS);

		await w.store_known(s);
		await earn(1);
		await earn(2);
		await drained();
		const answers = await Promise.all(Array.from({length: CLIENTS},
			(_, i) => {
				const body = JSON.stringify({type: 'redemption',
					idempotency_key: `${platform}-${i}`,
					at: new Date().toISOString(),
					customer: {id: '1'}, reward: 'five',
					issue: true});

				return post(s.at('event'), {body, headers: {
					'X-Loyald-Hmac-Sha256':
						event_signature(s, body)}});
			}));

		equal(answers.filter((a) => a.status === 200).length, CLIENTS,
			`${platform}: ${CLIENTS} redemptions are taken`);
		await drained();
		await issued(ALLOWED);
		equal(await w.sql(`SELECT refused, count(*) FROM member_fact
			WHERE store_id = ${s.store_id} AND kind = 3 GROUP BY 1
			ORDER BY 2`), [['', String(ALLOWED)],
			['insufficient', String(CLIENTS - ALLOWED)]],
		`${platform}: ${ALLOWED} are accepted`);
		equal(codes().filter((c) => c.live).length, ALLOWED,
			`${platform}: ${ALLOWED} codes are live`);

		// The tool, beside that.
		const tools = await Promise.all(Array.from({length: 20}, (_, i) =>
			w.run(['member', 'redeem', ...at, '--customer', '2',
				'--reward', 'five', '--issue', '--key',
				`${platform}-tool-${i}`])));

		equal(tools.filter((t) => t.status === 0).length, ALLOWED,
			`${platform}: ${ALLOWED} of 20 calls of the tool succeed`);
		await issued(2 * ALLOWED);
		equal(codes().filter((c) => c.live).length, 2 * ALLOWED,
			`${platform}: as many codes are live`);
	}
	await verified();
});
