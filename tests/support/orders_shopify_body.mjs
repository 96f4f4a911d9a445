// SPDX-License-Identifier: MIT
//
// orders_shopify_body: the bodies of Shopify's webhooks of version 2026-10,
// from orders as orders_shopify_state.mjs has them.
import {Num, decimal, last_name} from './orders_common.mjs';
import {SHIPPING_TAX, current, customer_id, email_of, line_tax, own_id,
	ship_tax, totals} from './orders_shopify_state.mjs';

const SHOP_ID = 58012345678n;
const LOCATION = 65544149101n;

// RFC 3339 in the shop's own zone.
function stamp(seconds)
{
	return new Date((seconds + 3600) * 1000).toISOString()
		.replace('.000Z', '+01:00');
}

function set(o, minor)
{
	const money = {amount: decimal(minor), currency_code: o.currency};

	return {shop_money: money, presentment_money: money};
}

export const gid = (type, id) => `gid://shopify/${type}/${id}`;

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

export function refund_body(o, f)
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
			set(o, o.shipping),
		discounted_price: decimal(o.shipping),
		discounted_price_set: set(o, o.shipping), is_removed: false,
		phone: null, price: decimal(o.shipping),
		price_set: set(o, o.shipping),
		requested_fulfillment_service_id: null, source: 'shopify',
		tax_lines: tax_lines(o, ship_tax(o), SHIPPING_TAX),
		title: 'Standard', discount_allocations: []}];
}

export function order_body(o)
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
export function edit_body(o, additions, removals)
{
	return {order_edit: {id: own_id(o, 78912345600n), app_id: null,
		created_at: stamp(o.at), notify_customer: false,
		order_id: o.id, reason: '', staff_note: '',
		user_id: 91234567890n, committed_at: stamp(o.at),
		line_items: {additions, removals},
		discounts: {line_item: {additions: [], removals: []}},
		shipping_lines: {additions: [], removals: []}}};
}
