// SPDX-License-Identifier: MIT
//
// The oracle, against what was worked out by hand.
import assert from 'node:assert/strict';
import test from 'node:test';
import {points_of, read_deliveries} from '../support/oracle.mjs';
import {generate, permute} from '../support/orders.mjs';

const DATA = new URL('../data/woocommerce/', import.meta.url).pathname;

test('the recorded deliveries, worked out by hand', () => {
	const {members, held, orders} = points_of(read_deliveries(DATA),
		{now: Date.parse('2026-11-22T09:00:00Z')}).stores.woocommerce;

	// 85: 16.80. 19: 10.08. 109: 33.60. The others are refunded, free or
	// in another currency; 13 was deleted, and restored.
	assert.deepEqual(members, {2: 16, 4: 10, 7: 33});
	assert.equal(held['guest2@example.test'], 28);
	assert.equal(orders[13].reason, 'worth');
	assert.equal(orders[76].reason, 'currency');
});

test("the issue's example: 56.55 of 72.20, 5.00 refunded", () => {
	const [d] = read_deliveries(
		`${DATA}05-refund-partial-amount-01-order.updated.http`);

	assert.deepEqual(points_of([d]).stores.woocommerce.members, {2: 52});
});

test('a deletion counts from when it was received', () => {
	const files = ['04-order-updated-completed-01-order.updated',
		'09-order-trashed-01-order.deleted'];
	const [order, deletion] = files.map((f) =>
		read_deliveries(`${DATA}${f}.http`)[0]);
	const points = (order_at, topic = 'order.updated') => points_of([
		{...deletion, received_at: '2026-11-22T05:24:48Z'},
		{...order, topic, received_at: order_at}])
		.stores.woocommerce.members[2];

	// The order changed at 05:24:48, by the shop's clock.
	assert.equal(points('2026-11-22T05:24:47Z'), 0);
	assert.equal(points('2026-11-22T05:26:47.999Z'), 0);
	assert.equal(points('2026-11-22T05:26:48Z'), 56);
	assert.equal(points('2026-11-22T05:24:47.999Z', 'order.restored'), 0);
	assert.equal(points('2026-11-22T05:24:48Z', 'order.restored'), 56);
});

const shopify_order = (more, lines) => ({platform: 'shopify',
	topic: 'orders/updated', body: JSON.stringify({id: 1,
		updated_at: '2026-11-01T10:00:00+01:00', currency: 'EUR',
		test: false, taxes_included: false, financial_status: 'paid',
		cancelled_at: null, email: 'A@b.test', customer: {id: 9},
		total_price: '100.00', refunds: [], line_items: lines ??
			[{id: 5, price: '25.00', quantity: 4,
				current_quantity: 4, gift_card: false,
				tax_lines: [{price: '3.99'}],
				discount_allocations: [{amount: '9.99'}]}],
		...more})});
const refund = (id, more) => ({id, order_id: 1, refund_line_items: [],
	transactions: [], order_adjustments: [], ...more});
const money_back = (id, amount) => refund(id, {transactions: [{
	kind: 'refund', status: 'success', amount}]});

// [what, order, points]; 4 x 25.00 less 9.99 is 90.01
const SHOPIFY_CASES = [
	['lines after discounts', {}, 90],
	['tax that is in the prices', {taxes_included: true}, 86],
	['pending', {financial_status: 'pending'}, 0],
	['cancelled', {cancelled_at: '2026-11-01T10:00:00Z'}, 0],
	['test', {test: true}, 0],
	['another currency', {currency: 'USD'}, 0],
	// 90.01 - 45.02 = 44.99
	['refunded lines', {financial_status: 'partially_refunded', refunds: [
		refund(7, {refund_line_items: [{line_item_id: 5, quantity: 2,
			subtotal: 45.02}]})]}, 44],
	// 90.01 x 90.00 / 100.00 = 81.009
	['an amount', {refunds: [money_back(7, '10.00')]}, 81],
	// 90.01 x 80.00 / 100.00 - 45.02 = 26.988; each rounded for itself
	// would be less
	['both, rounded once', {refunds: [money_back(7, '10.00'),
		money_back(8, '10.00'), refund(9, {transactions: [{
			kind: 'refund', status: 'success', amount: '45.02'}],
		refund_line_items: [{line_item_id: 5, quantity: 2,
			subtotal: 45.02}]})]}, 26],
	// the pieces of 45.02 are what the money of 20.00 was for
	['pieces whose money came before', {refunds: [money_back(7, '10.00'),
		money_back(8, '10.00'), refund(9, {refund_line_items: [
			{line_item_id: 5, quantity: 2,
				subtotal: 45.02}]})]}, 44],
	// 90.01 x 85.02 / 100.00 - 45.02 = 31.51
	['a line and more money', {refunds: [refund(9, {transactions: [{
		kind: 'refund', status: 'success', amount: '60.00'}],
	refund_line_items: [{line_item_id: 5, quantity: 2,
		subtotal: 45.02}]})]}, 31],
	['money that is pending', {refunds: [refund(7, {transactions: [{
		kind: 'refund', status: 'pending', amount: '10.00'}]})]}, 90],
	['only shipping', {refunds: [refund(7, {
		transactions: [{kind: 'refund', status: 'success',
			amount: '5.95'}], refund_shipping_lines: [{
			subtotal_amount_set: {shop_money: {amount: '5.00'}},
			tax_amount_set: {shop_money: {
				amount: '0.95'}}}]})]}, 90],
	['a refund that failed', {refunds: [refund(7, {transactions: [{
		kind: 'refund', status: 'failure', amount: '10.00'}]})]}, 90],
];

for (const [what, more, points] of SHOPIFY_CASES)
	test(`oracle, Shopify: ${what}`, () => {
		assert.deepEqual(points_of([shopify_order(more)])
			.stores.shopify.members, {9: points});
	});

test('oracle, Shopify: what was edited out, and gift cards', () => {
	const line = {id: 5, price: '10.01', quantity: 3, current_quantity: 2,
		gift_card: false};

	// 30.03 less a third of it, rounded down: 20.02
	assert.deepEqual(points_of([shopify_order({}, [line, {...line, id: 6,
		gift_card: true}])]).stores.shopify.members, {9: 20});
});

test('oracle, Shopify: refunds are those of all deliveries', () => {
	const alone = {platform: 'shopify', topic: 'refunds/create',
		body: JSON.stringify(money_back(7, '10.00'))};
	const order = shopify_order({});
	const inside = shopify_order({refunds: [money_back(7, '10.00')]});

	for (const list of [[order, alone], [alone, order], [inside, alone],
		[order, alone, inside]])
		assert.deepEqual(points_of(list).stores.shopify.members,
			{9: 81});
	assert.deepEqual(points_of([alone]).stores.shopify.members, {});
});

test('oracle: the newest state of an order counts', () => {
	const at = (s, more) => shopify_order({updated_at:
		`2026-11-01T10:00:0${s}+01:00`, ...more});
	const points = (...list) => points_of(list).stores.shopify;

	for (const list of [[at(1), at(2, {financial_status: 'refunded'})],
		[at(2, {financial_status: 'refunded'}), at(1)],
		// Within one second the later status.
		[at(1, {financial_status: 'refunded'}), at(1)]])
		assert.deepEqual(points(...list).members, {9: 0});
	assert.deepEqual(points(at(1), at(2, {customer: {id: 8}})).members,
		{8: 90});
	assert.deepEqual(points(at(1, {customer: null})).held,
		{'a@b.test': 90});
	assert.equal(points(at(1), at(1, {customer: {id: 8}}))
		.orders[1].ambiguous, true);
	// Ids beyond 2^53 stay what they are.
	assert.deepEqual(points({...at(1), body: at(1).body
		.replace('{"id":9}', '{"id":820982911946154508}')}).members,
	{'820982911946154508': 90});
});

test('oracle: guests with a verified address, and merged customers', () => {
	const guest = shopify_order({customer: null});
	const told = (id, email, verified_email, updated_at = '2026-11-01') =>
		({platform: 'shopify', topic: 'customers/update',
			body: JSON.stringify({id, email, verified_email,
				updated_at})});
	const merge = (gone, kept, status = 'completed') => ({
		platform: 'shopify', topic: 'customers/merge',
		body: JSON.stringify({status,
			admin_graphql_api_customer_kept_id:
				`gid://shopify/Customer/${kept}`,
			admin_graphql_api_customer_deleted_id:
				`gid://shopify/Customer/${gone}`})});
	const members = (...list) => points_of(list).stores.shopify.members;

	assert.deepEqual(members(guest, told(3, 'a@B.test', false)), {});
	assert.deepEqual(members(guest, told(3, 'a@B.test', true)), {3: 90});
	assert.deepEqual(members(told(10, 'a@b.test', true), guest,
		told(9, 'a@b.test', true)), {9: 90});
	assert.deepEqual(members(guest, told(3, 'x@b.test', true, '2026-11-02'),
		told(3, 'a@b.test', true)), {});
	assert.deepEqual(members(merge(9, 8), shopify_order({})), {8: 90});
	assert.deepEqual(members(merge(9, 8, 'failed'), shopify_order({})),
		{9: 90});
	assert.deepEqual(members(merge(9, 8), merge(8, 7), shopify_order({})),
		{7: 90});
});

test('oracle: no order of arrival and no duplicate changes anything', () => {
	for (const platform of ['shopify', 'woocommerce']) {
		const {deliveries} = generate({platform, seed: 11, orders: 60,
			deletions: true,
			merges: platform === 'shopify' ? 2 : 0});
		const timed = deliveries.map((d) => ({...d, received_at:
			Date.UTC(2026, 10, 2)}));
		const expected = points_of(timed);

		for (let seed = 1; seed <= 5; seed++)
			assert.deepEqual(points_of(permute(timed, {seed}))
				.stores[platform].members,
			expected.stores[platform].members);
	}
});

test('oracle: what cannot be read is passed over', () => {
	const body = (text) => points_of([{platform: 'woocommerce',
		topic: 'order.updated', body: text}]).stores.woocommerce;

	for (const text of ['', '{', '[]', 'null', '{"code":"x",' +
		'"message":"y","data":{"status":404}}'])
		assert.deepEqual(body(text).orders, {});
});

test('oracle: an order edited upward stays paid for what was', () => {
	const at = (s, more, lines) => shopify_order({updated_at:
		`2026-11-01T10:00:0${s}+01:00`, ...more}, lines);
	const line = (id, price) => ({id, price, quantity: 1,
		current_quantity: 1, gift_card: false});
	const paid = at(1, {total_price: '100.00'}, [line(5, '100.00')]);
	const owed = at(2, {total_price: '130.00',
		financial_status: 'partially_paid'},
	[line(5, '100.00'), line(6, '30.00')]);
	const points = (...list) => points_of(list).stores.shopify.members;

	assert.deepEqual(points(paid, owed), {9: 100});
	assert.deepEqual(points(owed, paid), {9: 100});
	assert.deepEqual(points(owed), {9: 0});
});
