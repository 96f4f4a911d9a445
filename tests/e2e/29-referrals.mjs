// SPDX-License-Identifier: MIT
//
// Referrals go by member and not by word: nobody brings himself, a
// friend counts once, and a referral that is tied to an order stands and
// falls with it; in one merchant's shops on both platforms, in any order of
// arrival.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const PROGRAM = {
	name: 'friends',
	rules: [
		{id: 'order', on: 'order', give: {points: 1, per: '1'}},
		{id: 'referral', on: 'referral', give: {points: 500}},
		{id: 'referred', on: 'referred', give: {points: 100}},
		{id: 'stays', on: 'referral', give: {points: 7},
			on_refund: 'none'},
	],
};
const at = (minute) => `2026-02-01T10:${String(minute).padStart(2, '0')}:00Z`;
const SIGNED = {
	shopify: (s, topic, text) => ({'X-Shopify-Topic': topic,
		'X-Shopify-Shop-Domain': s.domain,
		'X-Shopify-Hmac-Sha256': shopify_signature(s.secret, text)}),
	woocommerce: (s, topic, text) => ({'X-WC-Webhook-Topic': topic,
		'X-WC-Webhook-Source': `https://${s.domain}/`,
		'X-WC-Webhook-Signature': woocommerce_signature(s.secret, text)}),
};
// An order of 40.00; `back` of the 40.00 was paid back.
const ORDER = {
	shopify: ({id, minute, customer, back = 0, status = 'paid'}) => [
		'orders/updated', {id, created_at: at(0), processed_at: at(0),
			updated_at: at(minute), currency: 'EUR', test: false,
			taxes_included: false, financial_status: status,
			cancelled_at: null, email: '',
			customer: customer && {id: customer, verified_email: false},
			total_price: '40.00', shipping_lines: [],
			refunds: back === 0 ? [] : [{id: id * 10 + back, order_id: id,
				created_at: at(minute), refund_line_items: [],
				order_adjustments: [], transactions: [{id: 1,
					kind: 'refund', status: 'success',
					amount: `${back}.00`}]}],
			line_items: [{id: 1, price: '40.00', quantity: 1,
				gift_card: false, tax_lines: [],
				discount_allocations: []}]}],
	woocommerce: ({id, minute, customer, back = 0, status = 'completed'}) => [
		'order.updated', {id, currency: 'EUR', customer_id: customer,
			status: {paid: 'completed', voided: 'cancelled'}[status] ??
				status, date_created_gmt: at(0).slice(0, -1),
			date_paid_gmt: status === 'pending' ? null :
				at(0).slice(0, -1),
			date_modified_gmt: at(minute).slice(0, -1),
			billing: {email: ''}, total: '40.00',
			refunds: back === 0 ? [] : [{id: id * 10 + back, reason: '',
				total: `-${back}.00`}],
			line_items: [{id: 1, quantity: 1, subtotal: '40.00',
				total: '40.00', total_tax: '0.00'}]}],
};

await scenario(async ({w, check, equal, verified, until}) => {
	const program = join(w.dir, 'friends.json');

	writeFileSync(program, JSON.stringify(PROGRAM));
	for (const role of ['receive', 'work', 'schedule']) {
		await w.start(role);
		await w.ready(role);
	}
	const shop = async (platform, name, tenant) => {
		const s = await w.store_add({platform, secret: name, program,
			domain: `${name}.example`, ...(tenant ? {tenant} : {})});

		await w.store_known(s);
		return s;
	};
	const send = async (s, headers, text) => {
		equal((await post(s, {body: text, headers: {
			'Content-Type': 'application/json', ...headers}})).status,
		200, text.slice(0, 60));
		await w.drain();
	};
	const tell = (s, [topic, body]) => {
		const text = JSON.stringify(body);

		return send(s, SIGNED[s.platform](s, topic, text), text);
	};
	const order = (s, o) => tell(s, ORDER[s.platform](o));
	const refer = (s, key, minute, customer, friend, more = {}) => {
		const who = (x) => typeof x === 'string' ? {email: x} :
			{id: String(x)};
		const text = JSON.stringify({idempotency_key: key,
			type: 'referral', at: at(minute), customer: who(customer),
			friend: who(friend), ...more});

		return send(s, {'X-Loyald-Hmac-Sha256':
			event_signature(s, text)},
			text);
	};
	const account = (s, id, email, verified_email) => tell(s,
		['customers/update', {id, email, verified_email,
			updated_at: at(50)}]);
	const points = async (s, id) => {
		const m = await w.json(['member', 'show', '--store',
			String(s.store_id), '--customer', String(id)])
			.catch(() => null);

		return m ? m.available + m.pending - m.debt : 0;
	};
	// {customer: points}, when schedule has looked
	const have = async (s, expected, what) => {
		let found = {};

		await until(what, async () => {
			found = {};
			for (const id of Object.keys(expected))
				found[id] = await points(s, id);
			return JSON.stringify(found) === JSON.stringify(expected);
		}, 8000).catch(() => {});
		equal(found, expected, `${s.platform}: ${what}`);
	};
	const due = () => until('schedule', async () => (await w.sql(
		'SELECT count(*) FROM member_state WHERE woken'))[0][0] === '0');

	for (const platform of ['shopify', 'woocommerce']) {
		const s = await shop(platform, `${platform}-friends`);

		// ---- a friend counts once ----
		await refer(s, 'a1', 20, 1, 2);
		await have(s, {1: 507, 2: 100}, 'a friend');
		await refer(s, 'a2', 30, 3, 2);
		await due();
		await have(s, {1: 507, 2: 100, 3: 0}, 'named again, by another');
		await refer(s, 'a3', 30, 1, 2);
		await due();
		await have(s, {1: 507, 2: 100}, 'named again, by the same');
		await refer(s, 'a4', 10, 4, 2);
		await have(s, {1: 0, 2: 100, 3: 0, 4: 507},
			'an earlier one becomes known');
		await refer(s, 'a0', 10, 5, 2);
		await have(s, {4: 0, 5: 507}, 'at one moment, by key');

		// ---- tied to an order, told before and after it ----
		await refer(s, 'b1', 10, 11, 12, {order: '1001'});
		await due();
		await have(s, {11: 0, 12: 0}, 'the order has not come');
		await order(s, {id: 1001, minute: 10, customer: 12,
			status: 'pending'});
		await due();
		await have(s, {11: 0, 12: 0}, 'nor is it paid');
		await order(s, {id: 1001, minute: 11, customer: 12});
		await have(s, {11: 507, 12: 140}, 'it is paid');
		await order(s, {id: 1001, minute: 12, customer: 12, back: 30,
			status: platform === 'shopify' ? 'partially_refunded' :
				'completed'});
		await have(s, {11: 507, 12: 110}, 'a part came back');
		await order(s, {id: 1002, minute: 10, customer: 14});
		await refer(s, 'b2', 10, 13, 14, {order: 1002});
		await have(s, {13: 507, 14: 140}, 'told after its order');
		await order(s, {id: 1002, minute: 13, customer: 14,
			status: 'voided'});
		await have(s, {13: 7, 14: 0},
			'it was paid once, is undone, and its rule stays');

		// ---- the first falls, the second counts ----
		await order(s, {id: 1003, minute: 10, customer: 22});
		await order(s, {id: 1004, minute: 20, customer: 22});
		await refer(s, 'c1', 10, 21, 22, {order: '1003'});
		await refer(s, 'c2', 20, 23, 22, {order: '1004'});
		await due();
		await have(s, {21: 507, 22: 180, 23: 0}, 'the first');
		await order(s, {id: 1003, minute: 30, customer: 22, back: 40,
			status: 'refunded'});
		await have(s, {21: 7, 22: 140, 23: 507},
			'it came back whole; what stays by its rule stays');

		// ---- nobody brings himself ----
		await order(s, {id: 1005, minute: 10, customer: 31});
		await refer(s, 'd1', 10, 31, 32, {order: '1005'});
		await due();
		await have(s, {31: 40, 32: 0}, 'with an order of his own');
		await refer(s, 'd2', 10, 41, 'forty-one@example.test');
		await have(s, {41: 507}, 'a friend by address');
		await refer(s, 'd3', 20, 42, 'forty-one@example.test');
		await due();
		await have(s, {42: 0}, 'a friend by address, once');
		if (platform === 'shopify') {
			await account(s, 41, 'forty-one@example.test', true);
			await have(s, {41: 100, 42: 507},
				'who turns out to be himself; the other counts');
			await refer(s, 'd4', 10, 43, 44);
			await have(s, {43: 507, 44: 100}, 'two customers');
			await tell(s, ['customers/merge', {status: 'completed',
				admin_graphql_api_customer_kept_id:
					'gid://shopify/Customer/44',
				admin_graphql_api_customer_deleted_id:
					'gid://shopify/Customer/43'}]);
			await have(s, {44: 0}, 'who become one');
			await account(s, 52, 'fifty-two@example.test', true);
			await refer(s, 'd5', 20, 51, 52);
			await refer(s, 'd6', 10, 53, 'fifty-two@example.test');
			await have(s, {51: 0, 52: 100, 53: 507},
				'one friend by number and by address');
		} else {
			await order(s, {id: 1006, minute: 10, customer: 41});
			await w.must(['member', 'claim', '--store',
				String(s.store_id), '--email',
				'forty-one@example.test', '--customer', '41']);
			await have(s, {41: 140, 42: 507},
				'who an operator says is himself');
		}
	}

	// ---- two shops of one merchant ----
	const a = await shop('shopify', 'one-a');
	const b = await shop('shopify', 'one-b',
		(await w.json(['store', 'show', '--store', String(a.store_id)]))
			.tenant_id);

	await refer(a, 'e1', 10, 61, 62);
	await have(a, {61: 507, 62: 100}, 'in one shop');
	await account(a, 61, 'sixty@example.test', true);
	await account(b, 71, 'sixty@example.test', true);
	await refer(b, 'e2', 10, 72, 'sixty@example.test');
	await have(b, {72: 507, 71: 607}, 'he is somebody\'s friend in the other');
	await account(a, 62, 'other@example.test', true);
	await account(b, 72, 'sixty@example.test', true);
	await due();
	await have(b, {72: 507}, 'by the same address, he is himself');
	equal((await w.sql('SELECT count(*) FROM dead_letter'))[0][0], '0',
		'no dead letters');
	await verified();
});
