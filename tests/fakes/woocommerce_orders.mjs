// SPDX-License-Identifier: MIT
//
// woocommerce_orders: the part of the WooCommerce fake that shows orders and webhooks, as
// WooCommerce 10.0.2 was recorded to (tests/data/woocommerce/rest,
// orders-*.txt).  Takes
//
//	GET /wp-json/wc/v3/orders      ?modified_after=, ?dates_are_gmt=,
//	                               ?orderby=modified, ?order=asc, ?page=,
//	                               ?per_page=, ?_fields=
//	GET /wp-json/wc/v3/orders/ID
//	GET /wp-json/wc/v3/webhooks    ?per_page=
//	POST /wp-json/wc/v3/webhooks   {topic, delivery_url, secret, status}
//	PUT /wp-json/wc/v3/webhooks/ID {status}
//
// The shop's webhooks are config.webhooks: [{id, topic, delivery_url, status}].
// The shop's orders are config.orders, a list of the bodies that its webhooks
// have.  A list leaves out the second of `modified_after` itself, and orders in
// the trash.  A time with "Z" is turned into the shop's time first, and compared
// with GMT if dates_are_gmt says so: such a call misses an hour, as at a real shop.
const LIST = /^GET \/wp-json\/wc\/v3\/orders$/;
const ONE = /^GET \/wp-json\/wc\/v3\/orders\/(\d+)$/;
const HOOKS = /^GET \/wp-json\/wc\/v3\/webhooks$/;
const HOOK_NEW = /^POST \/wp-json\/wc\/v3\/webhooks$/;
const HOOK = /^PUT \/wp-json\/wc\/v3\/webhooks\/(\d+)$/;
const STATUSES = ['active', 'paused', 'disabled'];
const BERLIN_MS = 3600000;
const PER_PAGE = 10, PER_PAGE_MAX = 100;

export const is_orders_route = (request) => {
	const route = `${request.method} ${request.path}`;

	return [LIST, ONE, HOOKS, HOOK_NEW, HOOK].some((way) => way.test(route));
};

const bad = (name, text) => ({status: 400, code: 'rest_invalid_param',
	message: `Invalid parameter(s): ${name}`, data: {status: 400,
		params: {[name]: text}}});

// Milliseconds of an order's last change as the call compares it.
const changed_at = (order, is_gmt) => Date.parse(`${order.date_modified_gmt}Z`) +
	(is_gmt ? 0 : BERLIN_MS);

function bound_of(text)
{
	const at = Date.parse(/Z$/.test(text) ? text : `${text}Z`);

	return /Z$/.test(text) ? at + BERLIN_MS : at;
}

function list(store, query)
{
	const per_page = Number(query.get('per_page') ?? PER_PAGE);
	const page = Number(query.get('page') ?? 1);
	const is_gmt = query.get('dates_are_gmt') === 'true';
	const after = query.get('modified_after');

	if (!(per_page >= 1 && per_page <= PER_PAGE_MAX))
		return {refused: bad('per_page', 'per_page must be between 1 ' +
			'(inclusive) and 100 (inclusive)')};
	if (!(page >= 1))
		return {refused: bad('page', 'page must be greater than or ' +
			'equal to 1')};
	if (query.get('orderby') !== 'modified' || query.get('order') !== 'asc')
		return {refused: {status: 501, code: 'fake_not_supported',
			message: 'This fake lists by the last change only.',
			data: {status: 501}}};
	const all = store.config.orders
		.filter((o) => o.status !== 'trash')
		.filter((o) => after === null ||
			changed_at(o, is_gmt) > bound_of(after))
		.sort((a, b) => changed_at(a, true) - changed_at(b, true) ||
			a.id - b.id);

	return {value: all.slice((page - 1) * per_page, page * per_page),
		headers: {'X-WP-Total': String(all.length), 'X-WP-TotalPages':
			String(Math.ceil(all.length / per_page))}};
}

function hook_set(store, id, {status})
{
	const hook = store.config.webhooks.find((h) => h.id === id);

	if (!hook)
		return {refused: {status: 404,
			code: 'woocommerce_rest_shop_webhook_invalid_id',
			message: 'Invalid ID.', data: {status: 404}}};
	if (!STATUSES.includes(status))
		return {refused: bad('status', `status is not one of ${
			STATUSES.join(', ')}.`)};
	hook.status = status;
	return {value: hook};
}

// The secret is never told; one that is not given would be made up.
function hook_new(store, {topic, delivery_url, secret})
{
	const hook = {id: store.config.webhooks.length + 100, status: 'active',
		topic, delivery_url};

	if (!/^\w+\.\w+$/.test(topic ?? '') || !secret)
		return {refused: bad('topic', 'topic or secret is missing')};
	store.config.webhooks.push(hook);
	store.data.hook_secrets = {...store.data.hook_secrets,
		[hook.id]: secret};
	return {value: hook, status: 201};
}

// {value, headers}, or {refused} with an error.
export function orders_answer(store, request, given)
{
	const route = `${request.method} ${request.path}`;
	const [, hook] = HOOK.exec(route) ?? [];

	if (HOOKS.test(route))
		return {value: store.config.webhooks};
	if (HOOK_NEW.test(route))
		return hook_new(store, given);
	if (hook !== undefined)
		return hook_set(store, Number(hook), given);
	const [, id] = ONE.exec(route) ?? [];

	if (id === undefined)
		return list(store, new URLSearchParams(request.query));
	const order = store.config.orders.find((o) => o.id === Number(id));

	return order ? {value: order} : {refused: {status: 404,
		code: 'woocommerce_rest_shop_order_invalid_id',
		message: 'Invalid ID.', data: {status: 404}}};
}
