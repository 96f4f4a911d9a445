// SPDX-License-Identifier: MIT
//
// The generator: figures that add up, shapes as real ones, chance that can
// be had again.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {points_of} from '../support/oracle.mjs';
import {generate, permute} from '../support/orders.mjs';
import {KINDS as SHOPIFY_KINDS} from '../support/orders_shopify.mjs';
import {KINDS as WOO_KINDS} from '../support/orders_woocommerce.mjs';

const DATA = new URL('../data/woocommerce/', import.meta.url).pathname;

const cents = (text) => {
	assert.match(String(text), /^-?\d+(\.\d\d)?$/);
	return Number(String(text).replace('.', ''));
};
const total = (list, of) => list.reduce((n, x) => n + of(x), 0);
const orders_of = (platform, seed) => generate({platform, seed, orders: 150})
	.deliveries.map((d) => JSON.parse(d.body)).filter((b) => b.line_items);

test('the same seed gives the same bytes, another others', () => {
	for (const platform of ['shopify', 'woocommerce']) {
		const bytes = (seed) => JSON.stringify(
			generate({platform, seed, orders: 10}).deliveries);

		assert.equal(bytes(7), bytes(7));
		assert.notEqual(bytes(7), bytes(8));
	}
});

test('the same seed shuffles and doubles the same way', () => {
	const list = Array.from({length: 50}, (_, i) => i);
	const shuffled = permute(list, {seed: 3});

	assert.deepEqual(permute(list, {seed: 3}), shuffled);
	assert.notDeepEqual(permute(list, {seed: 4}), shuffled);
	assert.deepEqual([...new Set(shuffled)].sort((a, b) => a - b), list);
	assert.ok(shuffled.length > list.length);
});

test('every kind of life is among 600 orders', () => {
	for (const [platform, kinds] of [['shopify', SHOPIFY_KINDS],
		['woocommerce', WOO_KINDS]]) {
		const {lives} = generate({platform, seed: 2, orders: 600});

		assert.deepEqual([...new Set(lives.map((l) => l.kind))].sort(),
			Object.keys(kinds).sort());
	}
});

test("the figures of Shopify's orders add up", () => {
	for (const o of orders_of('shopify', 5)) {
		const lines = o.line_items;
		const shipping = cents(
			o.total_shipping_price_set.shop_money.amount);
		const off = (l) => total(l.discount_allocations,
			(d) => cents(d.amount));
		const refunds = o.refunds.flatMap((r) => r.refund_line_items);
		const paid_back = total(o.refunds.flatMap(
			(r) => r.transactions), (t) => cents(t.amount));

		assert.equal(cents(o.total_line_items_price),
			total(lines, (l) => cents(l.price) * l.quantity));
		assert.equal(cents(o.total_discounts), total(lines, off));
		assert.equal(cents(o.subtotal_price),
			cents(o.total_line_items_price) -
			cents(o.total_discounts));
		assert.equal(cents(o.total_tax), total([...lines,
			...o.shipping_lines].flatMap((l) => l.tax_lines),
		(t) => cents(t.price)));
		assert.equal(cents(o.total_price), cents(o.subtotal_price) +
			shipping + (o.taxes_included ? 0 : cents(o.total_tax)));
		assert.ok(paid_back <= cents(o.total_price));
		for (const l of lines) {
			const returned = refunds.filter(
				(r) => String(r.line_item_id) === String(l.id));
			const net = cents(l.price) * l.quantity - off(l) -
				(o.taxes_included ? total(l.tax_lines,
					(t) => cents(t.price)) : 0);

			assert.ok(l.current_quantity >= 0);
			assert.ok(l.current_quantity <= l.quantity -
				total(returned, (r) => r.quantity));
			assert.ok(total(returned, (r) => cents(
				r.subtotal_set.shop_money.amount)) <= net);
		}
		if (o.financial_status === 'refunded')
			assert.equal(paid_back, cents(o.total_price));
	}
});

test("what is left of Shopify's orders adds up", () => {
	for (const o of orders_of('shopify', 9)) {
		const shipping = cents(
			o.current_shipping_price_set.shop_money.amount);
		const untouched = o.line_items.every(
			(l) => l.current_quantity === l.quantity);

		assert.equal(cents(o.current_total_price),
			cents(o.current_subtotal_price) + shipping +
			(o.taxes_included ? 0 : cents(o.current_total_tax)));
		if (untouched)
			assert.deepEqual([o.current_total_price,
				o.current_total_tax, o.current_subtotal_price],
			[o.total_price, o.total_tax, o.subtotal_price]);
	}
});

test("the figures of WooCommerce's orders add up", () => {
	for (const o of orders_of('woocommerce', 5)) {
		const sum_of = (lists, field) => total(lists.flat(),
			(l) => cents(l[field]));
		const lines = [o.line_items, o.fee_lines, o.shipping_lines];
		const back = -sum_of([o.refunds], 'total');

		assert.equal(cents(o.total), sum_of(lines, 'total') +
			sum_of(lines, 'total_tax'));
		assert.equal(cents(o.total_tax), sum_of(lines, 'total_tax'));
		assert.equal(cents(o.discount_total),
			sum_of([o.line_items], 'subtotal') -
			sum_of([o.line_items], 'total'));
		assert.equal(cents(o.total_tax), total(o.tax_lines, (t) =>
			cents(t.tax_total) + cents(t.shipping_tax_total)));
		assert.ok(back <= cents(o.total));
		assert.equal(o.status === 'refunded',
			back === cents(o.total) && cents(o.total) > 0);
	}
});

test('bodies look like the real ones', () => {
	const real = JSON.parse(readFileSync(
		`${DATA}05-refund-partial-amount-01-order.updated.body`));
	const [woo] = orders_of('woocommerce', 1);
	const {deliveries} = generate({platform: 'shopify', orders: 50});
	const sizes = deliveries.filter((d) => /paid/.test(d.topic))
		.map((d) => d.body.length).sort((a, b) => a - b);

	assert.deepEqual(Object.keys(woo), Object.keys(real));
	assert.deepEqual(Object.keys(woo.line_items[0]),
		Object.keys(real.line_items[0]));
	// 8 KB and more, as measured on real ones.
	assert.ok(sizes[sizes.length >> 1] > 7000);
	// Beyond 2^53, and still exact in the text.
	assert.ok(deliveries.some((d) =>
		/^\{"id":820982911946154\d{3},/.test(d.body)));
});

test('states of one second are told apart by rank or refunds', () => {
	for (const platform of ['shopify', 'woocommerce']) {
		const {deliveries} = generate({platform, seed: 6, orders: 300});
		const {orders} = points_of(deliveries).stores[platform];
		const seconds = new Map();

		for (const d of deliveries) {
			const key = `${d.order} ${d.modified}`;
			const states = seconds.get(key) ?? new Set();

			if (/"line_items"/.test(d.body))
				states.add(d.body);
			seconds.set(key, states);
		}
		assert.ok([...seconds.values()].some((s) => s.size > 1),
			'no ties');
		assert.ok(Object.values(orders).every((o) => !o.ambiguous));
	}
});
