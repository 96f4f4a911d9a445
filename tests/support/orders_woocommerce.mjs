// SPDX-License-Identifier: MIT
//
// orders_woocommerce: the life of one WooCommerce order, as a shop of
// version 10.0.2 was seen to tell it: every state with its whole payload,
// created and updated with the same body, refunds only inside the order.
//
//	woocommerce_life(random, options, n) -> {id, kind, deliveries}
import {createHash} from 'node:crypto';
import {php_escape, woocommerce_signature} from './sign.mjs';
import {CATALOGUE, allocate, clock_new, decimal, json_text, last_name,
	sum, tax_on, tax_within} from './orders_common.mjs';

// Events that happen to orders, and how often.
export const KINDS = {completed: 22, pending: 3, on_hold: 4, draft: 4,
	refund: 14, refund_twice: 14, full: 8, refunded_by_status: 5,
	refund_zero: 2, cancelled: 8, failed: 3, failed_then_paid: 3,
	edited: 5, other_currency: 3, zero: 3, fees: 4, reassigned: 3};

const VERSION = '10.0.2';
const SHIPPING_TAX = 19;
const WEBHOOK_IDS = {'order.created': 1, 'order.updated': 2,
	'order.deleted': 3, 'order.restored': 4, 'customer.created': 5,
	'customer.updated': 6};

// The part of the orders that is deleted, with the option `deletions`.
const DELETION_SHARE = 0.15;

function order_new(random, options, n, kind, at)
{
	const other = kind === 'other_currency';
	// A guest's order may be given to a customer later.
	const guest = random.chance(kind === 'reassigned' ? 0.5 : 0.12);
	const order = {id: 1000 + n, n, at, created: at, paid: null,
		completed: null, status: 'pending',
		currency: other ? random.pick(['USD', 'JPY']) :
			options.currency,
		includes_tax: random.chance(0.6),
		customer: guest ? 0 : 2 + random.int(0, options.customers - 1),
		email: `Guest${n}@Example.TEST`, key: random.hex(13),
		lines: [], fees: [], coupon: null, refunds: [], next: 1,
		options, random};

	order.digits = order.currency === 'JPY' ? 0 : 2;
	for (const item of random.shuffle(CATALOGUE)
		.slice(0, random.int(1, 4)))
		line_add(order, item, random.int(1, 4));
	if (kind === 'zero')
		coupon(order, 100);
	else if (random.chance(0.35))
		coupon(order, random.pick([10, 15, 33]));
	order.shipping = kind === 'zero' ? 0 : random.pick([0, 412, 832]);
	if (kind === 'fees')
		order.fees.push({id: own_id(order), name: 'Points redeemed',
			total: -200, tax: -38}, {id: own_id(order),
			name: 'Gift wrap', total: 252, tax: 48});
	return order;
}

const own_id = (o) => o.id * 100 + o.next++;

// Lines are kept without tax, whatever the catalogue's prices include.
function line_add(o, item, quantity)
{
	const whole = item.price * quantity;
	const subtotal = o.includes_tax ? whole - tax_within(whole, item.tax) :
		whole;

	o.lines.push({id: own_id(o), item, quantity, subtotal, off: 0});
}

function coupon(o, percent)
{
	const off = Math.floor(sum(o.lines, (l) => l.subtotal) * percent / 100);

	o.coupon = {id: own_id(o), percent};
	allocate(off, o.lines.map((l) => l.subtotal)).forEach((a, i) => {
		o.lines[i].off = a;
	});
}

const line_total = (l) => l.subtotal - l.off;
const line_tax = (l) => tax_on(line_total(l), l.item.tax);
const subtotal_tax = (l) => tax_on(l.subtotal, l.item.tax);
const ship_tax = (o) => tax_on(o.shipping, SHIPPING_TAX);

function totals(o)
{
	const cart_tax = sum(o.lines, line_tax) + sum(o.fees, (f) => f.tax);
	const tax = cart_tax + ship_tax(o);

	return {cart_tax, tax, discount: sum(o.lines, (l) => l.off),
		discount_tax: sum(o.lines,
			(l) => subtotal_tax(l) - line_tax(l)),
		total: sum(o.lines, line_total) + sum(o.fees, (f) => f.total) +
			o.shipping + tax};
}

const refunded = (o) => sum(o.refunds, (f) => f.amount);

function refund_add(o, amount, reason)
{
	o.refunds.unshift({id: own_id(o), amount, reason});
}

// ---- bodies -----------------------------------------------------------

const gmt = (s) => s === null ? null :
	new Date(s * 1000).toISOString().slice(0, 19);
const local = (s) => s === null ? null : gmt(s + 3600);
const address = (o) => ({first_name: 'Änna', last_name: last_name(o.n),
	company: '', address_1: 'Straße 1', address_2: '', city: 'Berlin',
	state: '', postcode: '10115', country: 'DE'});
const TAX_IDS = {19: 1, 7: 2};

function line_body(o, l)
{
	const money = (minor) => decimal(minor, o.digits);
	const {title, product, sku, tax} = l.item;

	return {id: l.id, name: title, product_id: product, variation_id: 0,
		quantity: l.quantity,
		tax_class: tax === 7 ? 'reduced-rate' : '',
		subtotal: money(l.subtotal),
		subtotal_tax: money(subtotal_tax(l)),
		total: money(line_total(l)), total_tax: money(line_tax(l)),
		taxes: [{id: TAX_IDS[tax], total: money(line_tax(l)),
			subtotal: money(subtotal_tax(l))}], meta_data: [], sku,
		price: line_total(l) / 10 ** o.digits / l.quantity,
		image: {id: '', src: ''}, parent_name: null};
}

function tax_bodies(o)
{
	const money = (minor) => decimal(minor, o.digits);

	return Object.entries(TAX_IDS).map(([rate, id]) => {
		const of = o.lines.filter((l) => l.item.tax === Number(rate));
		const fees = rate === '19' ? sum(o.fees, (f) => f.tax) : 0;

		return {id: o.id * 100 + 90 + id, rate_code: `DE-MWST.-${id}`,
			rate_id: id, label: 'MwSt.', compound: false,
			tax_total: money(sum(of, line_tax) + fees),
			shipping_tax_total: money(
				rate === '19' ? ship_tax(o) : 0),
			rate_percent: Number(rate), meta_data: []};
	});
}

function links(o)
{
	const root = `https://${o.options.domain}/wp-json/wc/v3`;

	return {self: [{href: `${root}/orders/${o.id}`, targetHints: {allow:
		['GET', 'POST', 'PUT', 'PATCH', 'DELETE']}}],
	collection: [{href: `${root}/orders`}], email_templates: [{
		embeddable: true,
		href: `${root}/orders/${o.id}/actions/email_templates`}],
	...(o.customer === 0 ? {} : {customer: [
		{href: `${root}/customers/${o.customer}`}]})};
}

function order_body(o)
{
	const money = (minor) => decimal(minor, o.digits);
	const t = totals(o);
	const draft = o.status === 'checkout-draft';
	const email = draft && o.customer === 0 ? '' : o.customer === 0 ?
		o.email : `customer${o.customer}@example.test`;
	const key = `wc_order_${o.key}`;

	return {id: o.id, parent_id: 0, status: o.status, currency: o.currency,
		version: VERSION, prices_include_tax: o.includes_tax,
		date_created: local(o.created), date_modified: local(o.at),
		discount_total: money(t.discount),
		discount_tax: money(t.discount_tax),
		shipping_total: money(o.shipping),
		shipping_tax: money(ship_tax(o)), cart_tax: money(t.cart_tax),
		total: money(t.total), total_tax: money(t.tax),
		customer_id: o.customer, order_key: key,
		billing: {...address(o), email, phone: '+49 30 1'},
		shipping: {...address(o), phone: '+49 30 1'},
		payment_method: 'bacs', payment_method_title: 'Bank',
		transaction_id: '', customer_ip_address: '203.0.113.7',
		customer_user_agent: 'Mozilla/5.0 (X11; Linux x86_64)',
		created_via: 'store-api', customer_note: '',
		date_completed: local(o.completed), date_paid: local(o.paid),
		cart_hash: o.key.padEnd(32, '0'), number: String(o.id),
		meta_data: [{id: o.id * 10, key: 'is_vat_exempt', value: 'no'}],
		line_items: o.lines.map((l) => line_body(o, l)),
		tax_lines: tax_bodies(o),
		shipping_lines: [{id: o.id * 100 + 95,
			method_title: 'Flat rate', method_id: 'flat_rate',
			instance_id: '1', total: money(o.shipping),
			total_tax: money(ship_tax(o)), taxes: [{id: 1,
				total: money(ship_tax(o)), subtotal: ''}],
			tax_status: 'taxable', meta_data: []}],
		fee_lines: o.fees.map((f) => ({id: f.id, name: f.name,
			tax_class: '0', tax_status: 'taxable', amount:
				money(f.total), total: money(f.total),
			total_tax: money(f.tax), taxes: [{id: 1,
				total: money(f.tax), subtotal: ''}],
			meta_data: []})),
		coupon_lines: o.coupon === null ? [] : [{id: o.coupon.id,
			code: `save${o.coupon.percent}`,
			discount: money(t.discount),
			discount_tax: money(t.discount_tax), meta_data: [],
			discount_type: 'percent', nominal_amount:
				o.coupon.percent, free_shipping: false}],
		// A refund of nothing is "-0.00".
		refunds: o.refunds.map((f) => ({id: f.id, reason: f.reason,
			total: `-${money(f.amount)}`})),
		payment_url: `https://${o.options.domain}/checkout/order-pay/` +
			`${o.id}/?pay_for_order=true&key=${key}`,
		is_editable: ['pending', 'on-hold'].includes(o.status),
		needs_payment: o.status === 'pending', needs_processing: true,
		date_created_gmt: gmt(o.created), date_modified_gmt: gmt(o.at),
		date_completed_gmt: gmt(o.completed),
		date_paid_gmt: gmt(o.paid),
		currency_symbol: o.currency === 'EUR' ? '€' : '$',
		_links: links(o)};
}

function customer_body(o)
{
	const id = o.customer;
	const email = `customer${id}@example.test`;
	const href = `https://${o.options.domain}/wp-json/wc/v3/customers`;

	return {id, date_created: '2025-03-01T10:00:00',
		date_created_gmt: '2025-03-01T09:00:00',
		date_modified: local(o.at), date_modified_gmt: gmt(o.at), email,
		first_name: 'Änna', last_name: `O'Neil ${id}`,
		role: 'customer', username: `customer${id}`,
		billing: {...address(o), email, phone: '+49 30 1'},
		shipping: {...address(o), phone: ''}, is_paying_customer: true,
		avatar_url: 'https://secure.gravatar.com/avatar/?s=96&d=mm&r=g',
		meta_data: [{id: id * 10, key: 'wc_last_active',
			value: '1795305600'}],
		_links: {self: [{href: `${href}/${id}`}],
			collection: [{href}]}};
}

// ---- life -------------------------------------------------------------

function delivery(o, topic, body)
{
	const {options} = o;
	const text = php_escape(json_text(body));
	const [resource, event] = topic.split('.');
	const webhook = WEBHOOK_IDS[topic];

	return {topic, body: text, order: String(o.id), modified: o.at,
		headers: {
			'User-Agent': `WooCommerce/${VERSION} Hookshot ` +
				'(WordPress/6.8.8)',
			Accept: '*/*',
			'Accept-Encoding': 'deflate, gzip, br, zstd',
			'Content-Type': 'application/json',
			'X-WC-Webhook-Source': `https://${options.domain}/`,
			'X-WC-Webhook-Topic': topic,
			'X-WC-Webhook-Resource': resource,
			'X-WC-Webhook-Event': event,
			'X-WC-Webhook-Signature': woocommerce_signature(
				options.secret, text),
			'X-WC-Webhook-ID': String(webhook),
			// Of the webhook and the second, not of the order.
			'X-WC-Webhook-Delivery-ID': createHash('md5')
				.update(`${webhook}${o.at}`).digest('hex')}};
}

// The steps of one order; each tells the shop's webhooks of it.
function life_new(o, clock)
{
	const {random} = o;
	const deliveries = [];
	const send = (topic, body) => deliveries.push(delivery(o, topic, body));
	const tell = (topic = 'order.updated') => send(topic, order_body(o));
	const life = {deliveries, tell, send};

	life.step = (tie = false) => {
		o.at = clock.tick({tie});
	};
	// Status by status; within a second a later status has the higher rank.
	life.to = (status, tie = true) => {
		life.step(tie);
		o.status = status;
		if (['processing', 'completed'].includes(status))
			o.paid ??= o.at;
		if (status === 'completed')
			o.completed = o.at;
		tell();
		if (status === 'completed' && o.customer !== 0)
			send('customer.updated', customer_body(o));
	};
	// Block checkout tells updated first, classic checkout and REST last.
	life.place = () => {
		const order = random.chance(0.6) ?
			['order.updated', 'order.created'] :
			['order.created', 'order.updated'];

		for (const topic of order)
			tell(topic);
	};
	life.refund = (amount, reason = '') => {
		const left = totals(o).total - refunded(o);

		if (amount < 0 || amount > left || left === 0)
			return;
		life.step(amount > 0);
		refund_add(o, amount, reason);
		if (amount === left)
			o.status = 'refunded';
		tell();
	};
	life.refund_some = () => life.refund(random.int(1,
		Math.max(1, Math.floor((totals(o).total - refunded(o)) * 0.6))),
	random.pick(['', 'damaged "box"', 'zu klein']));
	life.refund_rest = () => life.refund(totals(o).total - refunded(o),
		'Order fully refunded.');
	return life;
}

const ROADS = {
	pending: () => {},
	on_hold: (life) => life.to('on-hold'),
	draft: () => {},
	completed: (life) => life.to('completed'),
	zero: (life) => life.to('completed'),
	fees: (life) => life.to('completed'),
	other_currency: (life) => life.to('completed'),
	refund: (life) => {
		life.to('completed');
		life.refund_some();
	},
	refund_twice: (life) => {
		life.refund_some();
		life.to('completed', false);
		life.refund_some();
	},
	full: (life) => {
		life.to('completed');
		life.refund_some();
		life.refund_rest();
	},
	refunded_by_status: (life) => life.refund_rest(),
	refund_zero: (life) => life.refund(0),
	cancelled: (life) => life.to('cancelled', false),
	failed: () => {},
	failed_then_paid: () => {},
	edited: (life, o) => {
		const line = o.lines[0];

		// Two pieces more, at the same price and discount.
		life.step();
		line.off = Math.floor(line.off * (line.quantity + 2) /
			line.quantity);
		line.subtotal = Math.floor(line.subtotal *
			(line.quantity + 2) / line.quantity);
		line.quantity += 2;
		life.tell();
	},
	reassigned: (life, o) => {
		life.step();
		o.customer = o.customer === 0 ? 2 :
			2 + (o.customer - 1) % o.options.customers;
		life.tell();
	},
};

// Up to where the road begins.
function begin(life, o, kind)
{
	const {random} = o;

	if (kind === 'draft' || random.chance(0.1)) {
		const {customer} = o;

		o.status = 'checkout-draft';
		if (random.chance(0.5))
			o.customer = 0;
		life.tell();
		if (kind === 'draft')
			return;
		life.step();
		o.customer = customer;
	}
	if (['pending', 'on_hold'].includes(kind)) {
		o.status = 'pending';
		life.place();
		return;
	}
	if (kind === 'failed' || kind === 'failed_then_paid') {
		o.status = 'pending';
		life.place();
		life.to('failed', false);
		if (kind === 'failed_then_paid')
			life.to('processing', false);
		return;
	}
	// Cash on delivery is processing at once, without a date of payment.
	o.status = random.pick(['pending', 'on-hold', 'processing']);
	life.place();
	if (o.status !== 'processing')
		life.to('processing');
}

export function woocommerce_life(random, options, n)
{
	const kind = random.weighted(options.kinds ?? KINDS);
	const clock = clock_new(random,
		Math.floor(options.start / 1000) + n * 20);
	const o = order_new(random, options, n, kind, clock.now);
	const life = life_new(o, clock);

	begin(life, o, kind);
	ROADS[kind](life, o);
	if (options.deletions && random.chance(DELETION_SHARE)) {
		life.step();
		life.send('order.deleted', {id: o.id});
		if (random.chance(0.5)) {
			life.step();
			life.tell('order.restored');
		}
	}
	return {id: String(o.id), kind, deliveries: life.deliveries};
}
