#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// orders: made-up lives of orders whose figures add up, and the signed
// deliveries a platform would send of them.
//
//	generate({platform, seed, orders, ...}) -> {seed, deliveries, lives}
//	permute(deliveries, {seed, duplicates}) -> a random permutation with
//	                                           random duplicates
//	once(deliveries) -> those whose body came under no topic before
//
// Options, with their defaults:
//	platform   'shopify' or 'woocommerce'
//	seed       1; the same options and seed give the same bytes
//	orders     100
//	first      0, the first one's number: ids follow from numbers, so a
//	           second run for one store goes on where the first ended
//	customers  20, shared by the orders
//	store      the platform's name; told with every delivery
//	secret     'generated-secret'
//	domain     'generated.myshopify.com' or 'generated.example'
//	currency   'EUR', the store's; two decimals
//	start      Date.UTC(2026, 10, 1, 8), when the first order is placed
//	kinds      {kind: weight}: what happens to orders; see KINDS of
//	           orders_shopify.mjs and orders_woocommerce.mjs
//	merges     0; that many pairs of Shopify customers become one
//	deletions  false; WooCommerce orders may be trashed and restored.  A
//	           deletion counts from when it is received, so what comes out
//	           depends on when that is
//
// A delivery is {platform, store, topic, headers: {name: value}, body (text),
// order (id, text; null if it is of none), modified (seconds since 1970)}.
// Deliveries are in the order in which a platform would send them; modified
// times are whole seconds and may be equal where the later state also has
// the higher rank or more refunded, so that every order of arrival has one
// right end.
//
// As a program: node orders.mjs shopify|woocommerce [SEED [ORDERS]] prints
// one delivery per line, as JSON.
import {fileURLToPath} from 'node:url';
import {random_new} from './random.mjs';
import {shopify_life, shopify_merge} from './orders_shopify.mjs';
import {woocommerce_life} from './orders_woocommerce.mjs';

const LIFE = {shopify: shopify_life, woocommerce: woocommerce_life};
const DOMAIN = {shopify: 'generated.myshopify.com',
	woocommerce: 'generated.example'};

export function generate(options)
{
	const platform = options.platform;
	const o = {seed: 1, orders: 100, first: 0, customers: 20,
		store: platform,
		secret: 'generated-secret', domain: DOMAIN[platform],
		currency: 'EUR', start: Date.UTC(2026, 10, 1, 8),
		deletions: false, merges: 0, ...options};
	const random = random_new(o.seed);
	const lives = [], deliveries = [];

	for (let n = o.first; n < o.first + o.orders; n++) {
		const life = LIFE[platform](random, o, n);

		lives.push({id: life.id, kind: life.kind});
		for (const d of life.deliveries)
			deliveries.push({platform, store: o.store, ...d});
	}
	for (let i = 0; i < o.merges; i++) {
		const at = Math.floor(o.start / 1000) +
			random.int(0, o.orders) * 20;

		deliveries.push({platform, store: o.store, ...shopify_merge(
			random, o, 2 * i, 2 * i + 1, at)});
	}
	// Stable, so that what an order sends within a second stays in order.
	deliveries.sort((a, b) => a.modified - b.modified);
	return {seed: o.seed, deliveries, lives};
}

export function permute(deliveries, {seed = 1, duplicates = 0.3} = {})
{
	const random = random_new(seed);
	const all = [...deliveries];

	for (const d of deliveries)
		while (random.chance(duplicates))
			all.push(d);
	return random.shuffle(all);
}

export function once(deliveries)
{
	const seen = new Set();

	return deliveries.filter(({store, body}) => {
		const is_first = !seen.has(store + body);

		seen.add(store + body);
		return is_first;
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [platform, seed, orders] = process.argv.slice(2);

	if (!(platform in LIFE)) {
		process.stderr.write('usage: orders.mjs shopify|woocommerce ' +
			'[SEED [ORDERS]]\n');
		process.exit(2);
	}
	const {deliveries} = generate({platform, seed: Number(seed ?? 1),
		orders: Number(orders ?? 100)});

	process.stdout.on('error', () => process.exit(0));
	for (const d of deliveries)
		process.stdout.write(JSON.stringify(d) + '\n');
}
