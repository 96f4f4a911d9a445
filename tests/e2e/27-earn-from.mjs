// SPDX-License-Identifier: MIT
//
// Orders from before a store's start: a plugin saves all orders again, and the
// orders that were placed before the start earn nothing, with the reason.
// The platforms and POST /events are tried with a program that looks at one
// order at a time, and with one that has tiers.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {POINTS} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const DAY = 86400000;
const gmt = (ms) => new Date(ms).toISOString().slice(0, 19);
const TIERS = {name: 'tiers', rules: [
	{id: 'order', on: 'order', give: {points: 1, per: '1'}},
	{id: 'gold', on: 'tier', give: {points: 500}},
	{id: 'review', on: 'review', give: {points: 5}}],
tiers: {window: 'lifetime', term: 'forever', before: true,
	levels: [{id: 'gold', from: '1.00'}]}};

const body_of = (platform, kind, topic) => JSON.parse(generate({platform,
	seed: 5, orders: 1, kinds: {[kind]: 1}}).deliveries
	.find((d) => d.topic === topic).body);
const SHOPS = {
	woocommerce: {
		body: {...body_of('woocommerce', 'completed', 'order.created'),
			status: 'completed'},
		times: (at, saved) => ({date_created_gmt: gmt(at),
			date_paid_gmt: gmt(at), date_completed_gmt: gmt(at),
			date_modified_gmt: gmt(saved)}),
		buyer: (id) => ({customer_id: id}),
		headers: (body, {domain, secret}) => ({
			'X-WC-Webhook-Topic': 'order.updated',
			'X-WC-Webhook-Source': `https://${domain}/`,
			'X-WC-Webhook-Signature':
				woocommerce_signature(secret, body)}),
	},
	shopify: {
		body: body_of('shopify', 'paid', 'orders/paid'),
		times: (at, saved) => ({created_at: `${gmt(at)}Z`,
			processed_at: `${gmt(at)}Z`, updated_at: `${gmt(saved)}Z`}),
		buyer: (id, body) => ({customer: {...body.customer, id}}),
		headers: (body, {domain, secret}) => ({
			'X-Shopify-Topic': 'orders/updated',
			'X-Shopify-Shop-Domain': domain,
			'X-Shopify-Hmac-Sha256': shopify_signature(secret, body)}),
	},
};

await scenario(async ({w, check, equal, store, verified}) => {
	const now = Date.now();
	const tiers = join(w.dir, 'tiers.json');
	let order = 100;

	writeFileSync(tiers, JSON.stringify(TIERS));
	await w.start('receive');
	await w.ready('receive');

	const save = async (s, id, at, more = {}) => {
		const shop = SHOPS[s.platform];
		const body = JSON.stringify({...shop.body, id,
			...shop.buyer(7, shop.body), ...shop.times(at, Date.now()),
			order_status_url: null, ...more});
		const answer = await post(s, {body, headers:
			{'Content-Type': 'application/json', ...shop.headers(body, s)}});

		equal(answer.status, 200, `order ${id} is taken`);
	};
	const event = async (s, body) => {
		const text = JSON.stringify(body);
		const answer = await post(s, {body: text, headers:
			{'X-Loyald-Hmac-Sha256': event_signature(s, text)}});

		equal(answer.status, 200, `event ${body.idempotency_key}`);
	};
	const points = async (s) => Number((await w.balances())[s.store_id]?.[7]
		?? 0);
	const reason = async (s, id) => (await w.sql(`SELECT reason
		FROM order_state WHERE store_id = ${s.store_id}
		AND order_id = ${id}`)).flat()[0];
	const set = (s, from) => w.must(['store', 'set', '--store',
		String(s.store_id), '--earn-from', from]);
	const schedule = () => w.must(['schedule', '--once']);

	for (const platform of Object.keys(SHOPS))
		for (const program of [POINTS, tiers]) {
			const name = `${platform}, ${program === tiers ?
				'tiers' : 'plain'}`;
			const s = await store(platform, {secret: `of ${order}`, program,
				earn_from: 'now', domain: `${order}.${platform ===
					'shopify' ? 'myshopify.com' : 'example'}`});
			const [old, older, fresh, open] = [order++, order++,
				order++, order++];
			const gold = program === tiers ? 500 : 0;

			await w.store_known(s);
			const shown = await w.json(['store', 'show', '--store',
				String(s.store_id)]);

			check(Math.abs(Date.parse(shown.earn_from) - Date.now()) <
				DAY / 24, `${name}: it begins now`);
			// All are saved again, more than once.
			for (const id of [old, older, old])
				await save(s, id, now - (id === old ? 1 : 40) * DAY);
			await save(s, open, now - DAY, platform === 'shopify' ?
				{financial_status: 'pending'} : {status: 'on-hold'});
			await w.drain();
			equal([await points(s), await reason(s, old),
				await reason(s, older)], [0, 'before_start',
				'before_start'], `${name}: nothing for old orders`);
			await save(s, fresh, Date.now() + 1000);
			await w.drain();
			await schedule();
			await new Promise((go) => setTimeout(go, 1500));
			await schedule();
			const worth = await points(s);

			check(worth > 0, `${name}: ${worth} for a new one`);
			// Paid after the start, and placed before it.
			await save(s, open, now - DAY);
			await w.drain();
			equal([await points(s), await reason(s, open)],
				[worth, 'before_start'],
				`${name}: nothing for one that is paid late`);

			const [m] = await w.sql(`SELECT member_id FROM identity
				WHERE store_id = ${s.store_id} AND value = '7'`);

			if (program === tiers)
				equal(await w.sql(`SELECT tier FROM member_state
					WHERE member_id = ${m}`), [['gold']],
				`${name}: in the tier, by old orders`);
			const why = await w.run(['member', 'explain', '--store',
				String(s.store_id), '--order', String(old)]);

			check(/before_start/.test(why.stdout) || /start/
				.test(why.stdout), `${name}: and says why`);

			// The day before yesterday, then everything.
			await set(s, gmt(now - 2 * DAY).slice(0, 10));
			await schedule();
			equal([await points(s) - worth,
				await reason(s, older)],
			[2 * worth, 'before_start'],
			`${name}: two more by an earlier start`);
			await set(s, 'ever');
			await schedule();
			equal(await points(s) - gold, 4 * worth,
				`${name}: all of them without one`);
			// An order that has earned stays so.
			await set(s, 'now');
			await save(s, old, now - DAY);
			await save(s, order++, now - DAY);
			await w.drain();
			await schedule();
			equal(await points(s) - gold, 4 * worth,
				`${name}: and stay by a later one`);

			// Sent by hand.
			const before = gmt(now - 3 * DAY), at = await points(s);

			await event(s, {idempotency_key: 'till-1', type: 'order',
				at: `${gmt(now - DAY)}Z`, customer: {id: '7'},
				order: {id: 'till-1', created: `${before}Z`,
					total: '20.00', status: 'paid',
					lines: [{id: '1', amount: '20.00'}]}});
			await event(s, {idempotency_key: 'r-1', type: 'review',
				at: `${before}Z`, customer: {id: '7'}});
			await w.drain();
			equal(await points(s) - at, program === tiers ? 5 : 0,
				`${name}: events of before count, orders do not`);
		}
	for (const wrong of ['', 'yesterday', '2025-13-01', '2025-02-30'])
		check((await w.run(['store', 'set', '--store', '1',
			'--earn-from', wrong])).status !== 0,
		`"${wrong}" is no start`);
	equal((await w.json(['store', 'list'])).length, 4, 'four stores');
	await verified();
});
