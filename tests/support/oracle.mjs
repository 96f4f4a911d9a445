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
// Deliveries that cannot be read, or tell of no order, are passed over.
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
//  6. The part of an order that is gone is the greater of what the pieces gone were
//     worth (returned or edited away; also what a line, or all that is no
//     line's, was worth at most when it was paid and is not any more) and of
//     the money paid back for goods.
//     Pieces take what they came to; what was paid back beyond them takes
//     its share of the whole: lines, shipping and fees, before untaxed fees
//     below zero and whatever else lowers what was left to pay.  All of it
//     is one fraction, rounded down once per order.
//  7. An order without a customer earns for the customer whose e-mail
//     address it has, if the platform has verified that (only Shopify says
//     so; of several the one with the lowest id); else it earns for nobody
//     and is held for the address.
//  8. Customers that were merged are the one that was kept.
//  9. A state that names nobody (a platform made the order anonymous) leaves
//     it to whom the newest state named that named somebody.
// 10. An order of Shopify's that was paid and is partially_paid since (edited
//     upward) is worth what it was when it was paid last.
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
// The worth of an order: the total it was told to come to, or its parts where
// they are more by anything but roundings.
const worth_of = (total, parts, lines) =>
	parts - total > BigInt(lines) + 2n ? parts : total;

function woo_worth(body, money)
{
	const pays = (f) => money(f.total) < 0n &&
		money(f.total_tax) === 0n && f.tax_status !== 'taxable';
	const gross = (list) => add(list, (x) =>
		money(x.total) + money(x.total_tax));

	return worth_of(money(body.total), gross(body.line_items) +
		money(body.shipping_total) + money(body.shipping_tax) +
		gross((body.fee_lines ?? []).filter((f) => !pays(f))),
	body.line_items.length);
}

// The most that each line, and the rest, was worth in any paid state, less
// what it is worth now.
function dropped_of(states, now)
{
	const most = new Map();

	for (const parts of states)
		for (const [id, worth] of parts)
			if (worth > (most.get(id) ?? -(10n ** 30n)))
				most.set(id, worth);
	return [...most].reduce((sum, [id, worth]) => {
		const gone = worth - (now.get(id) ?? 0n);

		return gone > 0n ? sum + gone : sum;
	}, 0n);
}

function parts_of(whole, lines)
{
	const parts = new Map(lines);

	return parts.set('rest', whole - lines.reduce(
		(sum, [, worth]) => sum + worth, 0n));
}

const woo_parts = (body, money) => parts_of(woo_worth(body, money),
	body.line_items.map((l) => [l.id, money(l.total) +
		money(l.total_tax)]));

const is_paid = (body) => Boolean(body.date_paid_gmt ||
	body.date_completed_gmt);

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
		paid: is_paid(body) ? woo_parts(body, money) : null,
		worth: (_, paid) => {
			if (['cancelled', 'failed', 'refunded', 'trash']
				.includes(body.status))
				return ['undone', 0n];
			if (!['processing', 'completed'].includes(body.status))
				return ['status', 0n];
			const whole = woo_worth(body, money);
			const base = add(body.line_items,
				(l) => money(l.total));
			const unit = 10n ** BigInt(decimals);
			const dropped = dropped_of(paid,
				woo_parts(body, money));
			const beyond = back > dropped ? back - dropped : 0n;

			if (whole <= beyond)
				return ['worth', beyond > 0n ? 0n :
					floor(base, unit)];
			return ['worth', floor(base * (whole - beyond),
				whole * unit)];
		}};
}

// ---- Shopify ----------------------------------------------------------

const shop_money = (set, plain) => set?.shop_money?.amount ?? plain ?? '0';

const SHOPIFY_LIFE = ['pending', 'authorized', 'partially_paid', 'paid',
	'partially_refunded', 'refunded', 'voided'];

// Returns what a line comes to after discounts, without tax.
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

// The amount a refund paid back for goods.  Money that is not paid yet does not
// count; of a refund that says nothing of money its lines were paid.
function paid_back(refund, money, lines)
{
	const listed = refund.transactions;
	const tries = (listed ?? []).filter((t) => t.kind === 'refund');
	const paid = tries.filter((t) => (t.status ?? 'success') === 'success');
	const kind = (word) => -add((refund.order_adjustments ?? []).filter(
		(a) => a.kind === word), (a) => money(a.amount) +
		money(a.tax_amount));
	const told = add(refund.refund_shipping_lines ?? [], (s) =>
		money(shop_money(s.subtotal_amount_set)) +
		money(shop_money(s.tax_amount_set)));
	const adjusted = kind('shipping_refund');
	const shipping = adjusted > told ? adjusted : told;
	const by_money = add(paid, (t) => money(t.amount)) - shipping;
	const differs = (refund.order_adjustments ?? []).some(
		(a) => a.kind === 'refund_discrepancy');

	if (!differs)
		return listed === undefined || listed === null ? lines :
			by_money > 0n ? by_money : 0n;
	const said = lines + kind('refund_discrepancy');
	const most = paid.length < tries.length && by_money < said ?
		by_money : said;

	return most > 0n ? most : 0n;
}

function shopify_parts(body, money)
{
	const tax = (x) => add(x.tax_lines ?? [], (t) =>
		money(shop_money(t.price_set, t.price)));
	const shipping = (body.shipping_lines ?? []).filter(
		(s) => s.is_removed !== true);
	const price = (s) => money(s.discounted_price !== undefined ?
		shop_money(s.discounted_price_set, s.discounted_price) :
		shop_money(s.price_set, s.price));

	return add(body.line_items.filter((l) => !l.tip), (l) =>
		line_net(l, body.taxes_included, money) + tax(l)) +
		add(shipping, (s) => price(s) +
			(body.taxes_included ? 0n : tax(s)));
}

const WAS_PAID = ['paid', 'partially_refunded', 'refunded'];

const shopify_whole = (body, money) => worth_of(
	money(shop_money(body.total_price_set, body.total_price)),
	shopify_parts(body, money), body.line_items.length);

const shopify_parts_of = (body, money) => parts_of(
	shopify_whole(body, money), body.line_items.filter((l) => !l.tip)
		.map((l) => [l.id, line_net(l, body.taxes_included, money) +
			add(l.tax_lines ?? [], (t) =>
				money(shop_money(t.price_set, t.price)))]));

function shopify_worth(body, refunds, paid)
{
	const money = (text) => minor(text, decimals_of(body.currency));
	const unit = 10n ** BigInt(decimals_of(body.currency));
	const returns = refunds.flatMap((r) => r.refund_line_items ?? []);
	const tax = (x) => add(x.tax_lines ?? [], (t) =>
		money(shop_money(t.price_set, t.price)));
	const net_of = (r) => money(shop_money(r.subtotal_set, r.subtotal));
	const all_of = (r) => net_of(r) +
		money(shop_money(r.total_tax_set, r.total_tax));
	let whole = shopify_whole(body, money);
	let base = 0n, back = 0n, pieces = 0n, came = 0n;

	if (body.cancelled_at)
		return ['undone', 0n];
	if (['refunded', 'voided'].includes(body.financial_status))
		return ['undone', 0n];
	if (!['paid', 'partially_refunded'].includes(body.financial_status))
		return ['status', 0n];
	pieces += dropped_of(paid, shopify_parts_of(body, money));
	for (const line of body.line_items.filter((l) => !l.tip)) {
		const of = returns.filter((r) => r.line_item_id === line.id);
		const net = line_net(line, body.taxes_included, money);
		const gross = net + tax(line);
		const quantity = BigInt(line.quantity);
		const gone = quantity -
			BigInt(line.current_quantity ?? line.quantity) -
			add(of, (r) => BigInt(r.quantity));
		const edited = (amount) =>
			gone > 0n ? floor(amount * gone, quantity) : 0n;

		pieces += edited(gross) + add(of, all_of);
		came += add(of, all_of);
		whole -= edited(gross);
		if (line.gift_card === true)
			continue;
		base += net - edited(net);
		back += add(of, net_of);
	}
	const money_back = add(refunds, (r) => paid_back(r, money,
		add(r.refund_line_items ?? [], all_of)));
	const beyond = money_back > pieces ? money_back - pieces : 0n;

	if (beyond === 0n)
		return ['worth', floor(base - back, unit)];
	const kept = whole - came - beyond;
	const left = base * (whole - beyond) - back * whole;

	const most = kept * (base > whole ? base : whole);

	return ['worth', kept <= 0n ? 0n : floor(
		left > most ? most : left, whole * unit)];
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
		owed: body.financial_status === 'partially_paid' &&
			!body.cancelled_at,
		was_paid: WAS_PAID.includes(body.financial_status),
		paid: WAS_PAID.includes(body.financial_status) ?
			shopify_parts_of(body, (text) => minor(text,
				decimals_of(body.currency))) : null,
		worth: (refunds, paid) => shopify_worth(body, refunds, paid)};
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

// Returns what Shopify last said of a customer.
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
	return state.worth([...order.refunds.values()],
		order.states.map((s) => s.paid).filter((p) => p !== null));
}

// 10.: of an order that was paid and is owed for, what it was when it was.
function counted(states)
{
	const [newest] = states;

	if (!newest?.owed)
		return newest;
	const paid = states.find((s) => s.was_paid);

	return paid ? {...newest, worth: paid.worth} : newest;
}

function order_points(order, currency)
{
	order.states.sort(newest_first);
	const newest = counted(order.states);

	if (!newest)
		return {points: 0, reason: 'unseen', customer: null, email: '',
			ambiguous: false};
	const [reason, points] = state_points(newest, order, currency);
	const same = newest.owed ? [] :
		order.states.filter((s) => newest_first(newest, s) === 0);
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
