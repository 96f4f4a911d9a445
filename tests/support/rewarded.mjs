// SPDX-License-Identifier: MIT
//
// rewarded: deliveries of small orders that use the codes of rewards.
//
//	rewarded_order(store, {id, customer, amount, codes, cancelled,
//	    refunded: 'part' | 'whole', at, changed}) -> {headers, body}
//
// `store` is as world_new().store_add() returns it; `at` and `changed` are
// milliseconds since 1970, now by default.
import {shopify_signature, woocommerce_signature} from './sign.mjs';

const instant = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const email_of = (customer) => `customer${customer}@example.test`;

const half = (amount) => (Number(amount) / 2).toFixed(2);

function shopify_body({id, customer, amount, codes, cancelled, refunded, at,
	changed})
{
	const back = refunded === 'part' ? half(amount) : amount;

	return {id, name: `#${id}`, created_at: instant(at),
		processed_at: instant(at), updated_at: instant(changed),
		currency: 'EUR', test: false, taxes_included: false,
		financial_status: cancelled || refunded === 'whole' ? 'refunded' :
			refunded ? 'partially_refunded' : 'paid',
		cancelled_at: cancelled ? instant(changed) : null,
		email: email_of(customer),
		customer: {id: customer, email: email_of(customer),
			verified_email: true},
		total_price: amount, shipping_lines: [],
		discount_codes: codes.map((code) => ({code, amount: '0.00',
			type: 'fixed_amount'})),
		line_items: [{id: id * 10, price: amount, quantity: 2,
			gift_card: false, tax_lines: [],
			discount_allocations: []}].map((l) => ({...l,
			price: half(amount)})),
		refunds: refunded || cancelled ? [{id: id * 100,
			order_id: id, created_at: instant(changed),
			processed_at: instant(changed), order_adjustments: [],
			refund_line_items: [{id: id * 1000, line_item_id:
				id * 10, quantity: refunded === 'part' ? 1 : 2,
			subtotal: Number(back), total_tax: 0,
			subtotal_set: {shop_money: {amount: back,
				currency_code: 'EUR'}},
			total_tax_set: {shop_money: {amount: '0.00',
				currency_code: 'EUR'}}}],
			transactions: [{id: id * 10000, kind: 'refund',
				status: 'success', amount: back,
				currency: 'EUR'}]}] : []};
}

function woocommerce_body({id, customer, amount, codes, cancelled, refunded,
	at, changed})
{
	const gmt = (ms) => instant(ms).slice(0, 19);

	return {id, currency: 'EUR', customer_id: customer,
		status: cancelled ? 'cancelled' : refunded === 'whole' ?
			'refunded' : 'completed',
		date_created_gmt: gmt(at), date_modified_gmt: gmt(changed),
		billing: {email: email_of(customer)}, total: amount,
		coupon_lines: codes.map((code, i) => ({id: i + 1,
			code: code.toLowerCase(), discount: '0.00',
			discount_tax: '0.00'})),
		refunds: refunded ? [{id: id * 100, reason: '', total:
			`-${refunded === 'part' ? half(amount) : amount}`}] : [],
		line_items: [{id: id * 10, quantity: 2, subtotal: amount,
			total: amount, total_tax: '0.00'}]};
}

export function rewarded_order(store, order)
{
	const now = Date.now();
	const given = {codes: [], cancelled: false, refunded: null, at: now,
		changed: now, ...order};
	const is_shopify = store.platform === 'shopify';
	const body = JSON.stringify(is_shopify ? shopify_body(given) :
		woocommerce_body(given));

	return {body, headers: {'Content-Type': 'application/json',
		...is_shopify ? {'X-Shopify-Topic': 'orders/updated',
			'X-Shopify-Shop-Domain': store.domain,
			'X-Shopify-API-Version': '2026-10',
			'X-Shopify-Webhook-Id': `${given.id}-${given.changed}`,
			'X-Shopify-Hmac-Sha256': shopify_signature(
				store.secret, body)} :
			{'X-WC-Webhook-Topic': 'order.updated',
				'X-WC-Webhook-Source':
					`https://${store.domain}/`,
				'X-WC-Webhook-Resource': 'order',
				'X-WC-Webhook-Event': 'updated',
				'X-WC-Webhook-ID': '2',
				'X-WC-Webhook-Delivery-ID':
					`${given.id}${given.changed}`,
				'X-WC-Webhook-Signature': woocommerce_signature(
					store.secret, body)}}};
}
