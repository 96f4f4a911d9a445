// SPDX-License-Identifier: MIT
//
// orders_shopify: the life of one Shopify order, as webhooks of API version
// 2026-10 would tell it.
//
//	shopify_life(random, options, n) -> {id, kind, deliveries}
import {shopify_signature} from './sign.mjs';
import {CATALOGUE, GIFT_CARD, Num, allocate, clock_new, decimal, json_text,
	last_name, sum, tax_on, tax_within} from './orders_common.mjs';

// What happens to orders, and how often.
export const KINDS = {paid: 24, pending: 4, refund: 14, refund_twice: 14,
	amount_only: 8, mixed: 8, full: 8, cancelled_unpaid: 4,
	cancelled_paid: 5, edited_before: 4, edited_after: 6,
	shipping_refund: 3, voided: 2, test: 2, other_currency: 3, zero: 3,
	reassigned: 3};

const API_VERSION = '2026-10';
const SHOP_ID = 58012345678n;
const LOCATION = 65544149101n;
const SHIPPING_TAX = 19;
const FIRST_CUSTOMER = 7012345670000n;

// Every eighth id is beyond 2^53, as Shopify's samples are.
const big = (n, base) => n % 8 === 7 ? 820982911946154000n + BigInt(n) :
	base + BigInt(n);

export const customer_id = (k) => k % 5 === 4 ? 820982911946160000n + BigInt(k) :
	FIRST_CUSTOMER + BigInt(k) * 7n;

// RFC 3339 in the shop's own zone.
function stamp(seconds)
{
	return new Date((seconds + 3600) * 1000).toISOString()
		.replace('.000Z', '+01:00');
}

const email_of = (k) => `customer${customer_id(k)}@example.test`;

// Guests are strangers, or customers who did not log in, or say nothing.
function guest_email(random, options, n)
{
	switch (random.weighted({stranger: 5, customer: 3, nobody: 2})) {
	case 'stranger':
		return `Guest${n}@Example.TEST`;
	case 'customer':
		return email_of(random.int(0, options.customers - 1))
			.toUpperCase();
	}
	return '';
}

function order_new(random, options, n, kind, at)
{
	const guest = kind === 'reassigned' ? false : random.chance(0.08);
	const order = {
		id: big(n, 6010000000000n + BigInt(options.seed % 1000) * 1000000n),
		n, at, created: at, kind,
		currency: kind === 'other_currency' ?
			(options.currency === 'USD' ? 'EUR' : 'USD') :
			options.currency,
		taxes_included: random.chance(0.6),
		test: kind === 'test',
		customer: guest ? null : random.int(0, options.customers - 1),
		email: guest ? guest_email(random, options, n) : null,
		token: random.hex(32), checkout: random.hex(32),
		status: 'pending', cancelled: null, reason: null,
		fulfilled: false, closed: null, lines: [], refunds: [],
		refunded: 0, next: 1, options, random,
	};

	for (const item of random.shuffle(CATALOGUE)
		.slice(0, random.int(1, 4)))
		line_add(order, item, random.int(1, 4));
	if (random.chance(0.08))
		line_add(order, GIFT_CARD, 1);
	discount(order, kind === 'zero' ? 100 : null);
	order.shipping = kind === 'zero' ? 0 :
		kind === 'shipping_refund' ? 490 : random.pick([0, 490, 990]);
	// A gift card cannot be discounted, so an order with one is not free.
	if (kind === 'zero')
		order.lines = order.lines.filter((l) => !l.gift_card);
	return order;
}

// Ids of what belongs to an order: of one order never the same twice.
function own_id(order, base)
{
	return base + BigInt(order.options.seed % 1000) * 100000000n +
		BigInt(order.n) * 100n + BigInt(order.next++);
}

function line_add(order, item, quantity)
{
	order.lines.push({id: own_id(order, 14000000000000n), item, quantity,
		gift_card: item.gift_card === true, alloc: 0, removed: 0,
		returned: 0});
}

const priced = (l) => l.item.price * l.quantity;
const line_total = (l) => priced(l) - l.alloc;
const line_tax = (o, l) => o.taxes_included ?
	tax_within(line_total(l), l.item.tax) :
	tax_on(line_total(l), l.item.tax);
const line_net = (o, l) => line_total(l) -
	(o.taxes_included ? line_tax(o, l) : 0);
const current = (l) => l.quantity - l.removed - l.returned;
const ship_tax = (o) => o.taxes_included ?
	tax_within(o.shipping, SHIPPING_TAX) : tax_on(o.shipping, SHIPPING_TAX);

function totals(o)
{
	const subtotal = sum(o.lines, line_total);
	const line_taxes = sum(o.lines, (l) => line_tax(o, l));
	const tax = line_taxes + ship_tax(o);
	const share = (l, amount) => Math.floor(
		amount * (l.quantity - l.removed - l.returned) / l.quantity);
	const now = sum(o.lines, (l) => share(l, line_total(l)));
	const now_tax = sum(o.lines, (l) => share(l, line_tax(o, l)));

	return {items: sum(o.lines, priced), discounts: sum(o.lines,
		(l) => l.alloc), subtotal, tax,
	total: subtotal + o.shipping + (o.taxes_included ? 0 : tax),
	now, now_tax, now_discounts: sum(o.lines,
		(l) => share(l, l.alloc))};
}

// A code over the whole order: told only in the lines' allocations.
function discount(order, percent)
{
	const r = order.random;
	const open = order.lines.filter((l) => !l.gift_card);
	const worth = sum(open, priced);

	if (percent === null && !r.chance(0.35))
		return;
	order.discount = percent !== null || r.chance(0.5) ?
		{code: `SAVE${percent ?? 15}`, type: 'percentage',
			value: `${percent ?? 15}.0`,
			amount: Math.floor(worth * (percent ?? 15) / 100)} :
		{code: 'TENOFF', type: 'fixed_amount', value: '10.0',
			amount: Math.min(1000, worth)};
	allocate(order.discount.amount, open.map(priced)).forEach((a, i) => {
		open[i].alloc = a;
	});
}

// ---- refunds ----------------------------------------------------------

// What the first k of a line's pieces are worth; differences of it add up
// to the whole line whatever the steps.
const worth_of = (amount, k, quantity) => Math.floor(amount * k / quantity);

function refund_new(order, at, note)
{
	const refund = {id: own_id(order, 880000000000n), at, note, lines: [],
		shipping: null, amount: 0, discrepancy: 0};

	order.refunds.push(refund);
	return refund;
}

function refund_line(order, refund, line, quantity)
{
	const part = (amount) => worth_of(amount, line.returned + quantity,
		line.quantity) - worth_of(amount, line.returned, line.quantity);
	const net = part(line_net(order, line));
	const tax = part(line_tax(order, line));

	line.returned += quantity;
	refund.lines.push({id: own_id(order, 520000000000n), line, quantity,
		net, tax, left: current(line)});
	refund.amount += net + tax;
}

// The money of it; never more than is left of what was paid.
function refund_close(order, refund)
{
	const left = totals(order).total - order.refunded;

	if (refund.amount > left) {
		refund.discrepancy = left - refund.amount;
		refund.amount = left;
	}
	order.refunded += refund.amount;
	order.status = order.refunded >= totals(order).total ? 'refunded' :
		'partially_refunded';
}

const returnable = (order) => order.lines.filter((l) => current(l) > 0);

// Some pieces of one line; false if that would be all of the order.
function refund_some(order, at)
{
	const r = order.random;
	const open = returnable(order);

	if (sum(open, current) < 2)
		return false;
	const line = r.pick(open);
	const quantity = r.int(1, Math.max(1, current(line) - 1));
	const left = totals(order).total - order.refunded;

	if (worth_of(line_total(line), quantity, line.quantity) * 1.25 >= left)
		return false;
	const refund = refund_new(order, at, 'changed their mind');

	refund_line(order, refund, line, quantity);
	refund_close(order, refund);
	return true;
}

function refund_amount(order, at)
{
	const left = totals(order).total - order.refunded;

	if (left < 3)
		return false;
	const refund = refund_new(order, at, 'scratched');

	refund.amount = order.random.int(1, Math.min(left - 1, 1500));
	refund.discrepancy = refund.amount;
	refund_close(order, refund);
	return true;
}

function refund_shipping(order, at)
{
	if (order.shipping === 0)
		return false;
	const refund = refund_new(order, at, 'came late');

	refund.shipping = order.shipping;
	refund.amount = order.shipping +
		(order.taxes_included ? 0 : ship_tax(order));
	refund_close(order, refund);
	return true;
}

function refund_rest(order, at)
{
	const refund = refund_new(order, at, null);

	for (const line of returnable(order))
		refund_line(order, refund, line, current(line));
	refund.amount = Math.max(refund.amount,
		totals(order).total - order.refunded);
	if (order.shipping > 0 &&
	    !order.refunds.some((f) => f !== refund && f.shipping))
		refund.shipping = order.shipping;
	refund_close(order, refund);
	order.status = 'refunded';
}

// ---- bodies -----------------------------------------------------------

function set(o, minor)
{
	const money = {amount: decimal(minor), currency_code: o.currency};

	return {shop_money: money, presentment_money: money};
}

const gid = (type, id) => `gid://shopify/${type}/${id}`;

function tax_lines(o, amount, rate)
{
	return amount === 0 && rate === 0 ? [] : [{channel_liable: false,
		price: decimal(amount), price_set: set(o, amount),
		rate: rate / 100, title: 'MwSt'}];
}

function line_body(o, l, left = current(l))
{
	return {id: l.id, admin_graphql_api_id: gid('LineItem', l.id),
		attributed_staffs: [], current_quantity: left,
		fulfillable_quantity: o.fulfilled ? 0 : left,
		fulfillment_service: 'manual',
		fulfillment_status: o.fulfilled ? 'fulfilled' : null,
		gift_card: l.gift_card, grams: 320, name: l.item.title,
		price: decimal(l.item.price), price_set: set(o, l.item.price),
		product_exists: true, product_id: BigInt(l.item.product) +
			8000000000000n, properties: [], quantity: l.quantity,
		requires_shipping: !l.gift_card,
		sales_line_item_group_id: null, sku: l.item.sku,
		taxable: !l.gift_card, title: l.item.title,
		total_discount: '0.00', total_discount_set: set(o, 0),
		variant_id: BigInt(l.item.variant) + 44000000000000n,
		variant_inventory_management: 'shopify', variant_title: null,
		vendor: l.item.vendor,
		tax_lines: tax_lines(o, line_tax(o, l), l.item.tax), duties: [],
		discount_allocations: l.alloc === 0 ? [] : [{
			amount: decimal(l.alloc), amount_set: set(o, l.alloc),
			discount_application_index: 0}]};
}

// Shopify's own fixtures tell refunded shipping twice: as a line of its own
// and as an adjustment.
function adjustments(o, refund)
{
	const one = (kind, amount, tax, reason) => ({
		id: refund.id + 1000n, amount: decimal(-amount),
		amount_set: set(o, -amount), kind, order_id: o.id, reason,
		refund_id: refund.id, tax_amount: decimal(-tax),
		tax_amount_set: set(o, -tax)});
	const list = [];

	if (refund.shipping !== null)
		list.push(one('shipping_refund', refund.shipping -
			(o.taxes_included ? ship_tax(o) : 0), ship_tax(o),
		'Shipping refund'));
	if (refund.discrepancy !== 0)
		list.push(one('refund_discrepancy', refund.discrepancy, 0,
			'Refund discrepancy'));
	return list;
}

function refund_body(o, f)
{
	return {id: f.id, admin_graphql_api_id: gid('Refund', f.id),
		created_at: stamp(f.at), note: f.note, order_id: o.id,
		processed_at: stamp(f.at), restock: true, return: null,
		total_additional_fees_set: set(o, 0),
		total_duties_set: set(o, 0), user_id: 91234567890n,
		additional_fees: [], duties: [],
		order_adjustments: adjustments(o, f),
		refund_line_items: f.lines.map((r) => ({id: r.id,
			line_item_id: r.line.id, location_id: LOCATION,
			quantity: r.quantity, restock_type: 'return',
			subtotal: new Num(decimal(r.net)),
			subtotal_set: set(o, r.net),
			total_tax: new Num(decimal(r.tax)),
			total_tax_set: set(o, r.tax),
			line_item: line_body(o, r.line, r.left)})),
		refund_shipping_lines: f.shipping === null ? [] : [{
			id: f.id + 2000n, shipping_line: {id: shipping_id(o)},
			subtotal_amount_set: set(o, f.shipping),
			tax_amount_set: set(o, ship_tax(o))}],
		transactions: f.amount === 0 ? [] : [{id: f.id + 3000n,
			admin_graphql_api_id: gid('OrderTransaction',
				f.id + 3000n), amount: decimal(f.amount),
			amount_rounding: null, authorization: null,
			created_at: stamp(f.at), currency: o.currency,
			device_id: null, error_code: null, gateway: 'bogus',
			kind: 'refund', location_id: null, message: 'Refunded',
			order_id: o.id, parent_id: o.id + 5000n,
			payment_id: `#${1001 + o.n}.2`,
			processed_at: stamp(f.at), receipt: {},
			source_name: '1830279', status: 'success', test: false,
			user_id: null}]};
}

const shipping_id = (o) => 4600000000000n + BigInt(o.n);

const address = (o) => ({first_name: 'Änna', address1: 'Straße 1',
	phone: '+49 30 1', city: 'Berlin', zip: '10115', province: null,
	country: 'Germany', last_name: last_name(o.n), address2: null,
	company: null, latitude: null, longitude: null,
	name: `Änna ${last_name(o.n)}`, country_code: 'DE',
	province_code: null});

function customer_body(o, k)
{
	const id = customer_id(k);

	return {id, created_at: '2025-03-01T10:00:00+01:00',
		updated_at: stamp(o.created), first_name: 'Änna',
		last_name: `O'Neil ${k}`, state: 'disabled', note: null,
		verified_email: true, multipass_identifier: null,
		tax_exempt: false, email: email_of(k),
		phone: null, currency: o.currency, tax_exemptions: [],
		admin_graphql_api_id: gid('Customer', id),
		default_address: {id: id + 1n, customer_id: id, ...address(o),
			country_name: 'Germany', default: true}};
}

function fulfillments(o)
{
	const id = 5100000000000n + BigInt(o.n);

	return !o.fulfilled ? [] : [{id,
		admin_graphql_api_id: gid('Fulfillment', id),
		created_at: stamp(o.created), location_id: LOCATION,
		name: `#${1001 + o.n}.1`, order_id: o.id, origin_address: {},
		receipt: {}, service: 'manual', shipment_status: null,
		status: 'success', tracking_company: 'DHL',
		tracking_number: '00340434', tracking_numbers: ['00340434'],
		tracking_url: null, tracking_urls: [],
		updated_at: stamp(o.created), line_items: []}];
}

// The figures, each plain and as a set.
function figures(o)
{
	const t = totals(o);
	const out = {};
	const both = (name, minor) => {
		out[name] = decimal(minor);
		out[`${name}_set`] = set(o, minor);
	};

	both('current_subtotal_price', t.now);
	both('current_total_discounts', t.now_discounts);
	both('current_total_price', Math.max(0, t.now + o.shipping +
		(o.taxes_included ? 0 : t.now_tax + ship_tax(o))));
	both('current_total_tax', t.now_tax + ship_tax(o));
	both('subtotal_price', t.subtotal);
	both('total_discounts', t.discounts);
	both('total_line_items_price', t.items);
	both('total_price', t.total);
	both('total_tax', t.tax);
	return {...out, current_shipping_price_set: set(o, o.shipping),
		current_total_additional_fees_set: null,
		current_total_duties_set: null,
		original_total_additional_fees_set: null,
		original_total_duties_set: null,
		total_cash_rounding_payment_adjustment_set: set(o, 0),
		total_cash_rounding_refund_adjustment_set: set(o, 0),
		total_outstanding: ['pending', 'voided'].includes(o.status) ?
			decimal(t.total) : '0.00',
		total_shipping_price_set: set(o, o.shipping),
		total_tip_received: '0.00', total_weight: 960,
		tax_lines: tax_lines(o, t.tax, 19)};
}

function shipping_lines(o)
{
	return [{id: shipping_id(o), carrier_identifier: null,
		code: 'Standard', current_discounted_price_set:
			set(o, o.shipping), discounted_price: decimal(o.shipping),
		discounted_price_set: set(o, o.shipping), is_removed: false,
		phone: null, price: decimal(o.shipping),
		price_set: set(o, o.shipping),
		requested_fulfillment_service_id: null, source: 'shopify',
		tax_lines: tax_lines(o, ship_tax(o), SHIPPING_TAX),
		title: 'Standard', discount_allocations: []}];
}

function order_body(o)
{
	const d = o.discount;
	const url = `https://${o.options.domain}/${SHOP_ID}/orders/${o.token}` +
		`/authenticate?key=${o.checkout}`;
	const email = o.customer === null ? o.email : email_of(o.customer);

	return {id: o.id, admin_graphql_api_id: gid('Order', o.id),
		app_id: 580111, browser_ip: '203.0.113.7',
		buyer_accepts_marketing: false, cancel_reason: o.reason,
		cancelled_at: o.cancelled === null ? null : stamp(o.cancelled),
		cart_token: o.checkout, checkout_token: o.checkout,
		client_details: {accept_language: 'de-DE', browser_height: null,
			browser_ip: '203.0.113.7', browser_width: null,
			session_hash: null,
			user_agent: 'Mozilla/5.0 (X11; Linux x86_64)'},
		closed_at: null, company: null, confirmation_number:
			o.token.slice(0, 9).toUpperCase(), confirmed: true,
		contact_email: email || null, created_at: stamp(o.created),
		currency: o.currency, customer_locale: 'de-DE', device_id: null,
		discount_codes: d ? [{code: d.code, amount: decimal(d.amount),
			type: d.type}] : [], duties_included: false,
		email: email ?? '', estimated_taxes: false,
		financial_status: o.status,
		fulfillment_status: o.fulfilled ? 'fulfilled' : null,
		landing_site: '/', landing_site_ref: null, location_id: null,
		merchant_business_entity_id: 'MTU0ODM4MDAwOQ',
		merchant_of_record_app_id: null, name: `#${1001 + o.n}`,
		note: null, note_attributes: [], number: o.n + 1,
		order_number: 1001 + o.n, order_status_url: url,
		payment_gateway_names: ['bogus'], phone: null, po_number: null,
		presentment_currency: o.currency, processed_at:
			stamp(o.created), reference: null,
		referring_site: 'https://search.example/?q=mug',
		source_identifier: null, source_name: 'web', source_url: null,
		tags: '', tax_exempt: false, taxes_included: o.taxes_included,
		test: o.test, token: o.token, updated_at: stamp(o.at),
		user_id: null, ...figures(o), billing_address: address(o),
		customer: o.customer === null ? null :
			customer_body(o, o.customer),
		discount_applications: d ? [{target_type: 'line_item',
			type: 'discount_code', value: d.value,
			value_type: d.type, allocation_method: 'across',
			target_selection: 'all', code: d.code}] : [],
		fulfillments: fulfillments(o), line_item_groups: [],
		line_items: o.lines.map((l) => line_body(o, l)),
		payment_terms: null,
		refunds: o.refunds.map((f) => refund_body(o, f)),
		returns: [], shipping_address: address(o),
		shipping_lines: shipping_lines(o)};
}

// A delta without prices: it says that something changed, not what is.
function edit_body(o, additions, removals)
{
	return {order_edit: {id: own_id(o, 78912345600n), app_id: null,
		created_at: stamp(o.at), notify_customer: false,
		order_id: o.id, reason: '', staff_note: '',
		user_id: 91234567890n, committed_at: stamp(o.at),
		line_items: {additions, removals},
		discounts: {line_item: {additions: [], removals: []}},
		shipping_lines: {additions: [], removals: []}}};
}

// ---- life -------------------------------------------------------------

function delivery(o, topic, body)
{
	return {topic, ...signed(o, topic, body), order: String(o.id),
		modified: o.at};
}

// Body and headers of one delivery of the second `at`.
function signed({options, random, at}, topic, body)
{
	const text = json_text(body);
	const fraction = random.int(100000000, 999999999);

	return {body: text, headers: {'Content-Type': 'application/json',
		'User-Agent': 'Shopify-Captain-Hook', Accept: '*/*',
		'Accept-Encoding': 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
		'X-Shopify-Topic': topic,
		'X-Shopify-Hmac-Sha256': shopify_signature(options.secret,
			text),
		'X-Shopify-Shop-Domain': options.domain,
		'X-Shopify-API-Version': API_VERSION,
		'X-Shopify-Webhook-Id': random.uuid(),
		'X-Shopify-Event-Id': random.uuid(),
		'X-Shopify-Triggered-At': new Date(at * 1000).toISOString()
			.replace('.000Z', `.${fraction}Z`)}};
}

// Customer `gone` became customer `kept`.
export function shopify_merge(random, options, gone, kept, at)
{
	const topic = 'customers/merge';
	const body = {admin_graphql_api_customer_kept_id:
		gid('Customer', customer_id(kept)),
	admin_graphql_api_customer_deleted_id:
		gid('Customer', customer_id(gone)),
	admin_graphql_api_job_id: gid('Job', random.uuid()),
	status: 'completed', errors: []};

	return {topic, ...signed({options, random, at}, topic, body),
		order: null, modified: at};
}

export function shopify_life(random, options, n)
{
	const kind = random.weighted(options.kinds ?? KINDS);
	const clock = clock_new(random,
		Math.floor(options.start / 1000) + n * 20);
	const o = order_new(random, options, n, kind, clock.now);
	const deliveries = [];
	const send = (topic, body) => deliveries.push(delivery(o, topic, body));
	const tell = (...topics) => {
		for (const topic of topics)
			send(topic, order_body(o));
	};
	const step = (how) => {
		o.at = clock.tick(how);
	};
	// Within the same second as before: the rank of the status or the
	// refunds say which is newer.
	const TIE = {tie: true};

	const pay = () => {
		step(TIE);
		o.status = 'paid';
		tell('orders/paid', 'orders/updated');
	};
	const refund = (make) => {
		const before = o.at;

		step(o.status === 'paid' ? TIE : {});
		if (!make(o, o.at)) {
			o.at = clock.now = before;
			return;
		}
		send('refunds/create', refund_body(o, o.refunds.at(-1)));
		tell('orders/updated');
	};
	const refund_all = () => refund((...a) => {
		refund_rest(...a);
		return true;
	});
	const fulfil = () => {
		step();
		o.fulfilled = true;
		tell('orders/fulfilled', 'orders/updated');
	};

	if (random.chance(0.4) && !['pending', 'cancelled_unpaid', 'voided',
		'edited_before'].includes(kind)) {
		// Paid at once: both are told of the same state.
		o.status = 'paid';
		tell('orders/create', 'orders/paid', 'orders/updated');
	} else {
		tell('orders/create');
	}

	switch (kind) {
	case 'pending':
		break;
	case 'voided':
		step(TIE);
		o.status = 'voided';
		tell('orders/updated');
		break;
	case 'cancelled_unpaid':
		step(TIE);
		o.status = 'voided';
		o.cancelled = o.at;
		o.reason = 'customer';
		tell('orders/cancelled', 'orders/updated');
		break;
	case 'edited_before':
		step();
		line_add(o, CATALOGUE[random.int(0, 7)], random.int(1, 2));
		send('orders/edited', edit_body(o, [{id: o.lines.at(-1).id,
			delta: o.lines.at(-1).quantity}], []));
		tell('orders/updated');
		pay();
		break;
	default:
		if (o.status === 'pending')
			pay();
	}

	switch (kind) {
	case 'refund':
		refund(refund_some);
		fulfil();
		break;
	case 'refund_twice':
		if (random.chance(0.5))
			fulfil();
		refund(refund_some);
		refund(refund_some);
		break;
	case 'amount_only':
		refund(refund_amount);
		if (random.chance(0.5))
			refund(refund_amount);
		break;
	case 'mixed':
		refund(refund_some);
		refund(refund_amount);
		refund(refund_some);
		break;
	case 'full':
		if (random.chance(0.5))
			refund(refund_some);
		refund_all();
		break;
	case 'shipping_refund':
		refund(refund_shipping);
		break;
	case 'cancelled_paid':
		step(TIE);
		refund_rest(o, o.at);
		o.cancelled = o.at;
		o.reason = random.pick(['customer', 'fraud', 'inventory']);
		send('refunds/create', refund_body(o, o.refunds.at(-1)));
		tell('orders/cancelled', 'orders/updated');
		break;
	case 'edited_after': {
		const line = o.lines.find((l) => l.quantity > 1);

		if (line) {
			step();
			line.removed = random.int(1, line.quantity - 1);
			send('orders/edited', edit_body(o, [], [{id: line.id,
				delta: line.removed}]));
			tell('orders/updated');
		}
		if (random.chance(0.4))
			refund(refund_some);
		break;
	}
	case 'reassigned':
		step();
		o.customer = (o.customer + 1) % options.customers;
		tell('orders/updated');
		break;
	case 'paid':
		if (random.chance(0.6))
			fulfil();
		break;
	}
	return {id: String(o.id), kind, deliveries};
}
