#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// oracle: what every customer should end with, worked out from the bodies
// of the deliveries alone, under deploy/programs/points.json.  Written from
// the words of the rules; shares no code with loyald, nor with what made
// the deliveries.
//
//	points_of(deliveries, {currency = 'EUR', now}) ->
//	    {stores: {store: {members: {customer id: points},
//	                      held: {e-mail: points},
//	                      orders: {id: {points, reason, customer, email,
//	                                    ambiguous}}}}}
//
// A delivery is {platform, topic, body} and, where there are several stores,
// store, and received_at (milliseconds since 1970, or a text as Date takes
// it), for want of which it counts as received `now`, by default the
// present; only deletions need it, and what is to be told from them.  `currency` is the store's, or {store: currency}.
// What cannot be read, or tells of no order, is passed over.
//
// The rules:
//  1. Of an order its newest state counts: the one with the latest time of
//     change; of several in one second the one with more refunded, then
//     the one further in the life of an order.  `ambiguous` says that even
//     so two states were left that come to different points.
//  2. Shopify's refunds are those of all deliveries together, by id.
//  3. A deletion counts from when it was received.  At WooCommerce the order
//     is there again if a restoration (that is not of an order in the bin)
//     was received then or later, or if its newest state was received for
//     the first time two minutes later at least; at Shopify it is gone.
//  4. Nothing for deleted and test orders, for another currency than the
//     store's, for orders cancelled, failed, refunded, voided or trashed,
//     and none but for Shopify: paid (partly refunded is still paid);
//     WooCommerce: processing, completed.
//  5. One point for each whole unit of the base: lines after discounts,
//     without tax, shipping, fees and gift cards; less what was edited out
//     of a line (its share of the line, rounded down).
//  6. Refunds that name lines take what those lines came to.  Refunds that
//     are only an amount take their share of the order's total from the
//     base.  All of it is one fraction, rounded down once per order.
//  7. An order without a customer earns for the customer whose e-mail
//     address it has, if the platform has verified that (only Shopify says
//     so; of several the one with the lowest id); else it earns for nobody
//     and is held for the address.
//  8. Customers that were merged are the one that was kept.
//  9. A state that names nobody (a platform made the order anonymous) leaves
//     it to whom the newest state named that named somebody.
//
// As a program: node oracle.mjs [--currency C] [--now TIME] PATH...
// prints the above as JSON.  A PATH is a .http file (a recorded WooCommerce
// delivery), a .jsonl file of deliveries, or a folder of such.
import {readFileSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const NO_DECIMALS = new Set(('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX ' +
	'UYI VND VUV XAF XOF XPF').split(' '));
const THREE_DECIMALS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

// JSON with every number as the text it was written with: ids beyond 2^53
// and amounts stay what they are.
function read_json(text)
{
	return JSON.parse(text.replace(
		/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g,
		(token) => token[0] === '"' ? token : `"${token}"`));
}

function decimals_of(currency)
{
	return NO_DECIMALS.has(currency) ? 0 :
		THREE_DECIMALS.has(currency) ? 3 : 2;
}

// "72.20" to 7220n; more decimals than the currency has are rounded.
function minor(text, decimals)
{
	const [, sign, whole, part = ''] =
		/^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text ?? '0'));
	const kept = BigInt(whole + part.slice(0, decimals)
		.padEnd(decimals, '0'));
	const up = Number(part[decimals] ?? 0) >= 5 ? 1n : 0n;

	return sign ? -(kept + up) : kept + up;
}

const add = (list, of) => list.reduce((sum, x) => sum + of(x), 0n);
const floor = (n, d) => n <= 0n ? 0n : n / d;

// ---- WooCommerce ------------------------------------------------------

// Time without zone is UTC.
const gmt = (text) => Date.parse(`${text}Z`);

const WOO_LIFE = ['checkout-draft', 'draft', 'pending', 'on-hold',
	'processing', 'completed', 'failed', 'cancelled', 'refunded', 'trash'];

// 9.: what stands where an address was is none.
const address = (text) => /@(?!site\.invalid$)/i.test(text.trim()) ?
	text.trim().toLowerCase() : '';
const is_anonymised = (body) => (body.meta_data ?? []).some((m) =>
	m.key === '_anonymized' && m.value === 'yes');

function woo_state(body)
{
	const decimals = decimals_of(body.currency);
	const money = (text) => minor(text, decimals);
	const back = add(body.refunds ?? [], (r) => {
		const amount = money(r.total);

		return amount < 0n ? -amount : amount;
	});

	return {id: body.id, changed: gmt(body.date_modified_gmt), back,
		rank: WOO_LIFE.indexOf(body.status),
		customer: body.customer_id === '0' ? null : body.customer_id,
		email: is_anonymised(body) ? '' :
			address(body.billing?.email ?? ''),
		currency: body.currency,
		worth: () => {
			if (['cancelled', 'failed', 'refunded', 'trash']
				.includes(body.status))
				return ['undone', 0n];
			if (!['processing', 'completed'].includes(body.status))
				return ['status', 0n];
			const total = money(body.total);
			const base = add(body.line_items,
				(l) => money(l.total));
			const unit = 10n ** BigInt(decimals);

			if (total <= 0n)
				return ['worth', back > 0n ? 0n :
					floor(base, unit)];
			return ['worth', floor(base * (total - back),
				total * unit)];
		}};
}

// ---- Shopify ----------------------------------------------------------

const shop_money = (set, plain) => set?.shop_money?.amount ?? plain ?? '0';

const SHOPIFY_LIFE = ['pending', 'authorized', 'partially_paid', 'paid',
	'partially_refunded', 'refunded', 'voided'];

// What a line comes to after discounts, without tax.
function line_net(line, taxes_included, money)
{
	const price = money(shop_money(line.price_set, line.price));
	const off = add(line.discount_allocations ?? [], (d) =>
		money(shop_money(d.amount_set, d.amount)));
	const tax = add(line.tax_lines ?? [], (t) =>
		money(shop_money(t.price_set, t.price)));

	return price * BigInt(line.quantity) - off -
		(taxes_included ? tax : 0n);
}

// The money of a refund that names no line, without what is for shipping.
function amount_only(refund, money)
{
	if ((refund.refund_line_items ?? []).length > 0)
		return 0n;
	const paid = (refund.transactions ?? []).filter(
		(t) => t.kind === 'refund' && t.status === 'success');
	const shipping = add(refund.refund_shipping_lines ?? [], (s) =>
		money(shop_money(s.subtotal_amount_set)) +
		money(shop_money(s.tax_amount_set)));
	const amount = paid.length > 0 ?
		add(paid, (t) => money(t.amount)) - shipping :
		-add((refund.order_adjustments ?? []).filter(
			(a) => a.kind === 'refund_discrepancy'),
		(a) => money(a.amount) + money(a.tax_amount));

	return amount > 0n ? amount : 0n;
}

function shopify_worth(body, refunds)
{
	const money = (text) => minor(text, decimals_of(body.currency));
	const unit = 10n ** BigInt(decimals_of(body.currency));
	const lines = body.line_items.filter((l) => l.gift_card !== true);
	const returns = refunds.flatMap((r) => r.refund_line_items ?? []);
	const total = money(shop_money(body.total_price_set, body.total_price));
	const amount = add(refunds, (r) => amount_only(r, money));
	let base = 0n, back = 0n;

	if (body.cancelled_at)
		return ['undone', 0n];
	if (['refunded', 'voided'].includes(body.financial_status))
		return ['undone', 0n];
	if (!['paid', 'partially_refunded'].includes(body.financial_status))
		return ['status', 0n];
	for (const line of lines) {
		const of = returns.filter((r) => r.line_item_id === line.id);
		const net = line_net(line, body.taxes_included, money);
		const quantity = BigInt(line.quantity);
		const gone = quantity -
			BigInt(line.current_quantity ?? line.quantity) -
			add(of, (r) => BigInt(r.quantity));

		base += net - (gone > 0n ? floor(net * gone, quantity) : 0n);
		back += add(of, (r) =>
			money(shop_money(r.subtotal_set, r.subtotal)));
	}
	if (total <= 0n)
		return ['worth', amount > 0n ? 0n : floor(base - back, unit)];
	return ['worth', floor(base * (total - amount) - back * total,
		total * unit)];
}

function shopify_state(body)
{
	return {id: body.id, changed: Date.parse(body.updated_at), back: 0n,
		rank: body.cancelled_at ? SHOPIFY_LIFE.length :
			SHOPIFY_LIFE.indexOf(body.financial_status),
		customer: body.customer?.id ?? null,
		email: address(body.email || body.contact_email || ''),
		currency: body.currency,
		test: body.test === true,
		worth: (refunds) => shopify_worth(body, refunds)};
}

// ---- orders -----------------------------------------------------------

const store_new = () => ({orders: new Map(), people: new Map(),
	merged: new Map(), seen: new Set()});

function note({orders}, id)
{
	if (!orders.has(id))
		orders.set(id, {states: [], refunds: new Map(), deleted: null,
			restored: null});
	return orders.get(id);
}

// What Shopify last said of a customer.
function note_person({people}, body)
{
	const changed = Date.parse(body.updated_at);

	if (changed >= (people.get(body.id)?.changed ?? 0))
		people.set(body.id, {changed, id: body.id,
			verified: body.verified_email === true,
			email: (body.email ?? '').trim().toLowerCase()});
}

const UNDER_WAY = 120000;	// milliseconds

const WOO_ORDER = new Set(['order.created', 'order.updated',
	'order.restored']);
const GONE = new Set(['order.deleted', 'orders/delete']);
const DATED = new Set([...GONE, 'order.restored']);
const SHOPIFY_ORDER = new Set(['orders/create', 'orders/paid',
	'orders/updated', 'orders/cancelled', 'orders/fulfilled',
	'orders/partially_fulfilled']);

const SHOPIFY_CUSTOMER = new Set(['customers/create', 'customers/update',
	'customers/enable', 'customers/disable']);

function take_merge({merged}, body)
{
	const number = (gid) => /(\d+)$/.exec(gid)[1];

	if (/^completed$/i.test(body.status))
		merged.set(number(body.admin_graphql_api_customer_deleted_id),
			number(body.admin_graphql_api_customer_kept_id));
}

function take_woo(store, topic, body, {again, at})
{
	if (!body.id || !body.status || !body.line_items)
		return;
	const order = note(store, body.id);

	if (topic === 'order.restored' && body.status !== 'trash')
		order.restored = Math.max(order.restored ?? 0, at);
	if (!again)
		order.states.push({...woo_state(body), at});
}

function take(store, delivery, now)
{
	const {platform, topic} = delivery;
	const text = delivery.body.toString('utf8');
	const once = `${/^order/.test(topic) ? 'order' : topic} ${text}`;
	const again = store.seen.has(once);
	const at = new Date(delivery.received_at ?? now).getTime();
	let body;

	// The same body again, perhaps under another topic, tells nothing; but
	// a deletion or a restoration may have come later.
	if (again && !DATED.has(topic))
		return;
	store.seen.add(once);
	try {
		body = read_json(text);
	} catch {
		return;
	}
	if (body === null || typeof body !== 'object')
		return;
	if (GONE.has(topic)) {
		if (!body.id)
			return;
		const order = note(store, body.id);

		order.deleted = Math.max(order.deleted ?? 0, at);
	} else if (platform === 'woocommerce' && WOO_ORDER.has(topic)) {
		take_woo(store, topic, body, {again, at});
	} else if (platform === 'shopify' && topic === 'refunds/create') {
		note(store, body.order_id).refunds.set(body.id, body);
	} else if (platform === 'shopify' && SHOPIFY_ORDER.has(topic)) {
		if (!body.id || !body.line_items)
			return;
		const order = note(store, body.id);

		order.states.push(shopify_state(body));
		if (body.customer)
			note_person(store, body.customer);
		for (const r of body.refunds ?? [])
			order.refunds.set(r.id, r);
	} else if (platform === 'shopify' && SHOPIFY_CUSTOMER.has(topic)) {
		note_person(store, body);
	} else if (platform === 'shopify' && topic === 'customers/merge') {
		take_merge(store, body);
	}
}

// 1.: the later of two states first.
function newest_first(a, b)
{
	if (a.changed !== b.changed)
		return b.changed - a.changed;
	if (a.back !== b.back)
		return b.back > a.back ? 1 : -1;
	return b.rank - a.rank;
}

// 3.
function is_gone(state, {deleted, restored})
{
	if (deleted === null)
		return false;
	return !(restored !== null && restored >= deleted) &&
		!(state.at >= deleted + UNDER_WAY);
}

function state_points(state, order, currency)
{
	if (is_gone(state, order))
		return ['deleted', 0n];
	if (state.test)
		return ['test', 0n];
	if (state.currency !== currency)
		return ['currency', 0n];
	return state.worth([...order.refunds.values()]);
}

function order_points(order, currency)
{
	order.states.sort(newest_first);
	const [newest] = order.states;

	if (!newest)
		return {points: 0, reason: 'unseen', customer: null, email: '',
			ambiguous: false};
	const [reason, points] = state_points(newest, order, currency);
	const same = order.states.filter((s) => newest_first(newest, s) === 0);
	const {customer, email} = order.states.find((s) =>
		s.customer !== null || s.email !== '') ?? newest;
	const differs = (s) => s.customer !== newest.customer ||
		state_points(s, order, currency)[1] !== points;

	return {points: Number(points), reason, customer, email,
		ambiguous: same.some(differs)};
}

// 7. and 8.: who an order earns for, or null.
function earner({people, merged}, {customer, email})
{
	const lower = (a, b) => a.id.length - b.id.length ||
		(a.id < b.id ? -1 : 1);
	let id = customer ?? (email === '' ? null : [...people.values()]
		.filter((p) => p.verified && p.email === email)
		.sort(lower)[0]?.id ?? null);

	while (merged.has(id))
		id = merged.get(id);
	return id;
}

function put(sums, key, points)
{
	sums[key] = (sums[key] ?? 0) + points;
}

export function points_of(deliveries, {currency = 'EUR', now} = {})
{
	const stores = new Map();
	const at = now ?? Date.now();
	const result = {};

	for (const d of deliveries) {
		const name = d.store ?? d.platform;

		if (!stores.has(name))
			stores.set(name, store_new());
		take(stores.get(name), d, at);
	}
	for (const [name, store] of stores) {
		const of = result[name] = {members: {}, held: {}, orders: {}};
		const own = typeof currency === 'string' ? currency :
			currency[name];

		for (const [id, order] of store.orders) {
			const o = of.orders[id] = order_points(order, own);
			const who = earner(store, o);

			if (who !== null)
				put(of.members, who, o.points);
			else if (o.email !== '')
				put(of.held, o.email, o.points);
		}
	}
	return {stores: result};
}

// ---- program ----------------------------------------------------------

function read_http(file)
{
	const bytes = readFileSync(file);
	const end = bytes.indexOf('\r\n\r\n');
	const head = bytes.subarray(0, end).toString('latin1');
	const topic = /^x-wc-webhook-topic: *(.*)$/im.exec(head)?.[1] ?? null;

	return {platform: 'woocommerce', topic: topic?.trim() ?? null,
		body: bytes.subarray(end + 4).toString('utf8')};
}

export function read_deliveries(path)
{
	if (statSync(path).isDirectory())
		return readdirSync(path)
			.filter((f) => /\.(http|jsonl)$/.test(f)).sort()
			.flatMap((f) => read_deliveries(join(path, f)));
	if (path.endsWith('.http'))
		return [read_http(path)];
	return readFileSync(path, 'utf8').split('\n').filter((l) => l !== '')
		.map((l) => JSON.parse(l));
}

function main(args)
{
	const options = {}, paths = [];

	while (args.length > 0) {
		const arg = args.shift();

		if (arg === '--currency')
			options.currency = args.shift();
		else if (arg === '--now')
			options.now = Date.parse(args.shift());
		else
			paths.push(arg);
	}
	if (paths.length === 0 || Number.isNaN(options.now)) {
		process.stderr.write('usage: oracle.mjs [--currency C] ' +
			'[--now TIME] PATH...\n');
		return 2;
	}
	const deliveries = paths.flatMap((p) => read_deliveries(p));

	process.stdout.write(JSON.stringify(
		points_of(deliveries, options), null, 1) + '\n');
	return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = main(process.argv.slice(2));
