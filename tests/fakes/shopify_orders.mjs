// SPDX-License-Identifier: MIT
//
// shopify_orders: the orders of a shop as the Admin API tells them, and its
// webhooks.
//
// Config of the fake:
//	orders    [{...}]: the bodies of the shop's webhooks, with ids as texts
//	          (exact()); [] by default
//	webhooks  [{topic, uri}], topics in the API's words; [] by default
//
// The list is in the order of the last changes and finds orders by updated_at.
// Since 2024-10 a refund's shipping is no adjustment any more, as it still is in
// a webhook.
import {connection, gid, number_of, refused} from './shopify_shared.mjs';

// A body with the ids, which may be beyond what numbers hold, as texts.
export const exact = (text) => JSON.parse(text.replace(
	/([:[,])\s*(\d{11,})(?=[,}\]])/g, '$1"$2"'));

const money = (set) => ({amount: set.shop_money.amount,
	currencyCode: set.shop_money.currency_code});
const bag = (set) => ({shopMoney: money(set), presentmentMoney: money(set)});
const utc = (text) => text === null ? null :
	new Date(text).toISOString().replace('.000Z', 'Z');
const upper = (word) => word === null ? null : word.toUpperCase();
const whole = (list, view, args = {first: 250}) => connection(list, args, view);

const tax_view = (t) => ({title: t.title, priceSet: bag(t.price_set)});
const less_view = (d) => ({allocatedAmountSet: bag(d.amount_set)});

const line_view = (l) => ({id: gid('LineItem', l.id), title: l.title,
	quantity: l.quantity, currentQuantity: l.current_quantity,
	isGiftCard: l.gift_card, requiresShipping: l.requires_shipping,
	product: l.product_id ? {id: gid('Product', l.product_id)} : null,
	sku: l.sku, vendor: l.vendor,
	originalUnitPriceSet: bag(l.price_set), lineItemGroup: null,
	discountAllocations: l.discount_allocations.map(less_view),
	taxLines: l.tax_lines.map(tax_view)});

const shipping_view = (s) => ({title: s.title, isRemoved: s.is_removed,
	originalPriceSet: bag(s.price_set),
	discountedPriceSet: bag(s.discounted_price_set),
	discountAllocations: s.discount_allocations.map(less_view),
	taxLines: s.tax_lines.map(tax_view)});

const refund_view = (f) => ({id: gid('Refund', f.id),
	createdAt: utc(f.created_at), processedAt: utc(f.processed_at),
	refundLineItems: (args) => whole(f.refund_line_items, (r) => ({
		lineItem: {id: gid('LineItem', r.line_item_id)},
		quantity: r.quantity, subtotalSet: bag(r.subtotal_set),
		totalTaxSet: bag(r.total_tax_set)}), args),
	orderAdjustments: (args) => whole(f.order_adjustments.filter((a) =>
		a.kind === 'refund_discrepancy'), (a) => ({
		id: gid('OrderAdjustment', a.id), reason: upper(a.kind),
		amountSet: bag(a.amount_set),
		taxAmountSet: bag(a.tax_amount_set)}), args),
	refundShippingLines: (args) => whole(f.refund_shipping_lines, (s) => ({
		id: gid('RefundShippingLine', s.id),
		subtotalAmountSet: bag(s.subtotal_amount_set),
		taxAmountSet: bag(s.tax_amount_set)}), args),
	transactions: (args) => whole(f.transactions, (t) => ({
		id: gid('OrderTransaction', t.id), kind: upper(t.kind),
		status: upper(t.status), amountSet: {shopMoney: {
			amount: t.amount, currencyCode: t.currency}}}), args)});

const order_view = (o) => ({id: gid('Order', o.id), name: o.name,
	createdAt: utc(o.created_at), processedAt: utc(o.processed_at),
	updatedAt: utc(o.updated_at), cancelledAt: utc(o.cancelled_at),
	currencyCode: o.currency, test: o.test, taxesIncluded: o.taxes_included,
	displayFinancialStatus: upper(o.financial_status),
	displayFulfillmentStatus: o.fulfillment_status === null ?
		'UNFULFILLED' : upper(o.fulfillment_status),
	email: o.email, sourceName: o.source_name,
	paymentGatewayNames: o.payment_gateway_names,
	discountCodes: o.discount_codes.map((d) => d.code),
	statusPageUrl: o.order_status_url, totalPriceSet: bag(o.total_price_set),
	totalTipReceivedSet: {shopMoney: {amount: o.total_tip_received,
		currencyCode: o.currency}},
	customer: o.customer === null ? null : {
		id: gid('Customer', o.customer.id),
		legacyResourceId: o.customer.id, tags: [],
		updatedAt: utc(o.customer.updated_at),
		verifiedEmail: o.customer.verified_email,
		defaultEmailAddress: o.customer.email === null ? null :
			{emailAddress: o.customer.email}},
	fulfillments: o.fulfillments.map((f) => ({
		id: gid('Fulfillment', f.id), status: upper(f.status),
		createdAt: utc(f.created_at)})),
	refunds: o.refunds.map(refund_view),
	shippingLines: (args) => whole(o.shipping_lines, shipping_view, args),
	lineItems: (args) => whole(o.line_items, line_view, args)});

const orders = (store) => store.config.orders ?? [];

function listed(store, args)
{
	const [, since] = /updated_at:>='([^']*)'/.exec(args.query ?? '') ?? [];
	const at = (o) => Date.parse(o.updated_at);

	if (args.sortKey !== 'UPDATED_AT')
		throw new SyntaxError('this fake sorts by UPDATED_AT only');
	return connection(orders(store)
		.filter((o) => since === undefined || at(o) >= Date.parse(since))
		.sort((a, b) => at(a) - at(b)), args, order_view);
}

const with_id = (list, kind, id) => list.find((x) =>
	String(x.id) === number_of(kind, id));

const hooks = (store) => store.config.webhooks ??= [];
const hook_view = (h) => ({id: gid('WebhookSubscription', h.id ?? 1), ...h});

function hook_create(store, {topic, webhookSubscription: {uri}})
{
	const errors = hooks(store).some((h) => h.topic === topic &&
		h.uri === uri) ? ['Address for this topic has already been taken'] :
		/^https:/.test(uri) ? [] : ['Address is invalid'];

	if (errors.length > 0)
		return refused(store, ['webhookSubscription'], errors.map(
			(message) => ({field: ['webhookSubscription', 'uri'],
				message})));
	hooks(store).push({topic, uri});
	return {webhookSubscription: hook_view({topic, uri}), userErrors: []};
}

export const hook_fields = {webhookSubscriptionCreate: hook_create};
export const order_fields = {
	webhookSubscriptions: (store, args) => connection(hooks(store), args,
		hook_view),
	orders: listed,
	order: (store, {id}) => {
		const found = with_id(orders(store), 'Order', id);

		return found ? order_view(found) : null;
	},
	refund: (store, {id}) => {
		const found = with_id(orders(store).flatMap((o) => o.refunds),
			'Refund', id);

		return found ? refund_view(found) : null;
	},
};
