// SPDX-License-Identifier: MIT
//
// orders: makes files of signed deliveries of Shopify orders, for bench_load.
//
//	template(kilobytes)       gives the body of a paid order, with marks
//	                          where a delivery has values of its own
//	request(i, {...})         gives {path, headers, body} of one delivery
//	requests(file, {n, ...})  writes n deliveries as bench_load reads them
//
// The values are made up, and the fields are those of Shopify's REST order.
// The order of 8 KB has 2 lines and all fields, as shops send them.  The order
// of 2 KB lacks the fields that points do not need, and the order of 30 KB has
// 20 lines.
//
// Every option of request() is a number, or a function that gives the number of
// delivery i; i counts from 0.
//	order      the number of the order, from 0
//	customer   the number of the customer, from 0
//	store      the number of the store, from 1
//	at         when the order was placed, in seconds since 1970
//	later      the seconds until the order changed last; without it, 1
//	cents      the price of the order's last line
//	kilobytes  2, 8 or 30, never a function; without it, 8
import {createHmac} from 'node:crypto';
import {closeSync, openSync, writeSync} from 'node:fs';

const ORDER_FIRST = 5000000000000;
const CUSTOMER_FIRST = 7000000000000;
const LINES_MORE = {2: 0, 8: 0, 30: 18};
const AT = Date.UTC(2025, 5, 14, 8, 21, 33) / 1000;
// Matches the fields that an order of 2 KB lacks, beside those of rest().
const SMALL = new RegExp('^(multipass|sms_|email_m|tax_exempt|discount_a|' +
	'contact_|presentment_)');
const CHUNK = 256;			// deliveries that are written at once
// Every mark is as long as the value that replaces the mark.
const MARKS = {order: '@ORDER@@@@@@@', customer: '@CUSTOMER@@@@',
	at: '@AT@@@@@@@@@@@@@@@@@@@@@@', later: '@LATER@@@@@@@@@@@@@@@@@@@',
	price: '@PRI@', total: '@TOT@@'};

export const order_id = (n) => String(ORDER_FIRST + n);
export const customer_id = (n) => String(CUSTOMER_FIRST + n);
export const store_name = (n) => `s${String(n).padStart(3, '0')}`;
export const store_secret = (n) =>
	`whsec_${store_name(n)}_4f0c8a1be27d4d4f9b0a`;
export const store_token = (n) => `shopify/${store_name(n)}`;

const EMAIL = `m.${MARKS.customer}@example.com`;

function money(amount)
{
	const set = {amount, currency_code: 'EUR'};

	return {shop_money: set, presentment_money: set};
}

const ADDRESS = {first_name: 'Marta', last_name: 'Lindqvist', company: null,
	address1: 'Keizersgracht 241', address2: '2 hoog', city: 'Amsterdam',
	province: 'Noord-Holland', province_code: 'NH', country: 'Netherlands',
	country_code: 'NL', zip: '1015 CJ', phone: '+31 20 555 0142',
	name: 'Marta Lindqvist', latitude: 52.3727598, longitude: 4.8936041};

function line(n, title, price)
{
	return {id: 14180000000000 + n,
		admin_graphql_api_id: `gid://shopify/LineItem/${14180000000000 + n}`,
		attributed_staffs: [], current_quantity: 1,
		fulfillable_quantity: 1, fulfillment_service: 'manual',
		fulfillment_status: null, gift_card: false, grams: 420,
		name: `${title} - M / Black`, price, price_set: money(price),
		product_exists: true, product_id: 8130000000000 + n,
		properties: [{name: 'gift note', value: 'Happy birthday!'}],
		quantity: 1, requires_shipping: true, sku: `SKU-${n}-BLK-M`,
		taxable: true, title, total_discount: '0.00',
		total_discount_set: money('0.00'), variant_id: 44900000000000 + n,
		variant_inventory_management: 'shopify',
		variant_title: 'M / Black', vendor: 'Northwind Goods',
		tax_lines: [{price: '8.68', rate: 0.21, title: 'BTW'}],
		duties: [], discount_allocations: [{amount: '5.00',
			amount_set: money('5.00'), discount_application_index: 0}]};
}

// Gives fields that points do not need.
function rest()
{
	return {app_id: 580111, browser_ip: '203.0.113.24',
		buyer_accepts_marketing: true,
		cart_token: 'Z2NwLWV1cm9wZS13ZXN0MTowMUhSWDJYQjdRN1c',
		checkout_id: 37400000000001,
		checkout_token: '8ce5c0e4fb6cd1b5f0b62f1d6a1c2f42',
		client_details: {accept_language: 'nl-NL', browser_height: null,
			browser_ip: '203.0.113.24', browser_width: null,
			session_hash: null, user_agent: 'Mozilla/5.0 (X11; Linux ' +
				'x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
				'Chrome/126.0.0.0 Safari/537.36'},
		closed_at: null, company: null, confirmation_number: 'QX4K9T2LM',
		current_total_additional_fees_set: null,
		current_total_discounts: '10.00',
		current_total_discounts_set: money('10.00'),
		current_total_duties_set: null, current_total_tax: '17.36',
		current_total_tax_set: money('17.36'), customer_locale: 'nl-NL',
		device_id: null, discount_codes: [{code: 'WELCOME10',
			amount: '10.00', type: 'fixed_amount'}],
		duties_included: false, estimated_taxes: false,
		landing_site: '/collections/outdoor?utm_source=newsletter' +
			'&utm_campaign=june', landing_site_ref: null,
		location_id: null, merchant_business_entity_id: 'MTU0ODM4',
		merchant_of_record_app_id: null, note: null,
		note_attributes: [{name: 'source', value: 'newsletter'}],
		number: 9428, order_number: 10428,
		order_status_url: 'https://demo-store.example/690933842/orders/' +
			'b1946ac92492d2347c6235b4d2611184/authenticate' +
			'?key=7c0e1f4a0d4d1a7b',
		original_total_additional_fees_set: null,
		original_total_duties_set: null,
		payment_gateway_names: ['shopify_payments'], phone: null,
		po_number: null, presentment_currency: 'EUR',
		referring_site: 'https://news.example/', reference: null,
		source_identifier: null, source_url: null,
		subtotal_price_set: money(MARKS.total), tags: 'newsletter, vip',
		tax_exempt: false, tax_lines: [{price: '17.36', rate: 0.21,
			title: 'BTW', price_set: money('17.36'),
			channel_liable: false}],
		token: 'b1946ac92492d2347c6235b4d2611184',
		total_discounts_set: money('10.00'),
		total_line_items_price: '103.05',
		total_line_items_price_set: money('103.05'),
		total_outstanding: '0.00', total_price_set: money(MARKS.total),
		total_shipping_price_set: money('6.95'), total_tax: '17.36',
		total_tax_set: money('17.36'), total_tip_received: '0.00',
		total_weight: 840, user_id: null, billing_address: ADDRESS,
		fulfillments: [], payment_terms: null, shipping_address: ADDRESS};
}

export function template(kilobytes = 8)
{
	const id = MARKS.order, customer = MARKS.customer;
	const lines = [line(1, 'Trail Running Jacket', '49.95'),
		line(2, 'Merino Base Layer', MARKS.price)];

	for (let n = 0; n < LINES_MORE[kilobytes]; n++)
		lines.push(line(3 + n, 'Wool Socks', '0.00'));
	if (kilobytes === 2)
		lines.shift();
	const body = {id, admin_graphql_api_id: `gid://shopify/Order/${id}`,
		cancel_reason: null, cancelled_at: null, confirmed: true,
		contact_email: EMAIL,
		created_at: MARKS.at, processed_at: MARKS.at,
		updated_at: MARKS.later, currency: 'EUR',
		current_subtotal_price: MARKS.total,
		current_subtotal_price_set: money(MARKS.total),
		current_total_price: MARKS.total,
		current_total_price_set: money(MARKS.total),
		email: EMAIL, financial_status: 'paid',
		fulfillment_status: null, name: '#10428',
		subtotal_price: MARKS.total, taxes_included: true, test: false,
		source_name: 'web', total_discounts: '10.00',
		total_price: MARKS.total, ...kilobytes === 2 ? {} : rest(),
		customer: {id: customer, admin_graphql_api_id:
			`gid://shopify/Customer/${customer}`,
		email: EMAIL,
		created_at: '2024-02-01T09:00:00+01:00', updated_at: MARKS.later,
		first_name: 'Marta', last_name: 'Lindqvist', state: 'enabled',
		note: null, verified_email: true, multipass_identifier: null,
		tax_exempt: false, phone: null, currency: 'EUR',
		tax_exemptions: [], email_marketing_consent: {state: 'subscribed',
			opt_in_level: 'single_opt_in',
			consent_updated_at: '2024-02-01T09:00:00+01:00'},
		sms_marketing_consent: null},
		discount_applications: [{target_type: 'line_item',
			type: 'discount_code', value: '10.0',
			value_type: 'fixed_amount', allocation_method: 'across',
			target_selection: 'all', code: 'WELCOME10'}],
		line_items: lines, refunds: [],
		shipping_lines: kilobytes === 2 ? [] : [{id: 4800000000001,
			carrier_identifier: '650f1a14fa979ec5c74d063e968411d4',
			code: 'Standard', discounted_price: '6.95',
			is_removed: false, phone: null, price: '6.95',
			price_set: money('6.95'),
			requested_fulfillment_service_id: null,
			source: 'shopify', title: 'Standard', tax_lines: [],
			discount_allocations: []}]};

	// The ids of order and customer are numbers.
	return JSON.stringify(body, (key, value) => kilobytes === 2 &&
		SMALL.test(key) ? undefined : value).replace(`{"id":"${id}"`, `{"id":${id}`)
		.replace(`{"id":"${customer}"`, `{"id":${customer}`);
}

const templates = new Map();

// Gives the bytes of a template, and the places of each mark.
function template_of(kilobytes)
{
	if (!templates.has(kilobytes)) {
		const bytes = Buffer.from(template(kilobytes));
		const places = Object.entries(MARKS).map(([name, mark]) => {
			const at = [];

			for (let i = bytes.indexOf(mark); i >= 0;
				i = bytes.indexOf(mark, i + mark.length))
				at.push(i);
			return [name, at];
		});

		templates.set(kilobytes, {bytes, places});
	}
	return templates.get(kilobytes);
}

const stamp = (seconds) => new Date(seconds * 1000).toISOString()
	.replace('.000Z', '+00:00');
const value_of = (option, i, otherwise) => typeof option === 'function' ?
	option(i) : option ?? otherwise;

export function request(i, o)
{
	const {bytes, places} = template_of(o.kilobytes ?? 8);
	const body = Buffer.from(bytes);
	const store = value_of(o.store, i, 1 + i % 16);
	const at = value_of(o.at, i, AT);
	const later = value_of(o.later, i, 1);
	const cents = value_of(o.cents, i, 5310 + i % 4000);
	const order = order_id(value_of(o.order, i, i));
	const text = {order, customer: customer_id(value_of(o.customer, i, i)),
		at: stamp(at), later: stamp(at + later),
		price: (cents / 100).toFixed(2),
		total: ((cents + 4995) / 100).toFixed(2).padStart(6, '0')};

	for (const [name, all] of places)
		for (const place of all)
			body.write(text[name], place, 'latin1');
	return {path: `/webhooks/${store_token(store)}`, body, headers: {
		'User-Agent': 'Shopify-Captain-Hook', Accept: '*/*',
		'Content-Type': 'application/json',
		'X-Shopify-Topic': later > 1 ? 'orders/updated' : 'orders/paid',
		'X-Shopify-Shop-Domain': `${store_name(store)}.myshopify.example`,
		'X-Shopify-API-Version': '2026-10',
		'X-Shopify-Hmac-Sha256': createHmac('sha256',
			store_secret(store)).update(body).digest('base64'),
		'X-Shopify-Triggered-At': stamp(at),
		'X-Shopify-Webhook-Id': `00000000-0000-4000-8${later > 1 ?
			'1' : '0'}00-${order.slice(-12)}`}};
}

export function requests(file, o)
{
	const fd = openSync(file, 'w');
	let parts = [];

	for (let i = 0; i < o.n; i++) {
		const {path, headers, body} = request(i, o);
		const head = Buffer.from(`POST ${path} HTTP/1.1\r\nHost: bench\r\n` +
			Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`)
				.join('') + `Content-Length: ${body.length}\r\n\r\n`);
		const length = Buffer.alloc(4);

		length.writeUInt32LE(head.length + body.length);
		parts.push(length, head, body);
		if ((i + 1) % CHUNK !== 0 && i + 1 < o.n)
			continue;
		writeSync(fd, Buffer.concat(parts));
		parts = [];
	}
	closeSync(fd);
	return file;
}
