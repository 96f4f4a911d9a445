// SPDX-License-Identifier: MIT
//
// woocommerce_coupons: coupons, products and categories of a shop of
// WooCommerce's, as WooCommerce 10.0.2 was recorded to answer: codes in small
// letters, amounts as text with two decimals, a malformed address that is
// dropped without a word, a percentage above 100 that becomes nothing, a code
// in the bin that is free again.
//
// Config of the fake:
//	products    [{id, sku}]
//	categories  [{id, slug}]
//
// State: coupons [{id, code, used, live, ...}].  POST /__fake/use {code,
// customer} is a shopper at the checkout: {ok: true}, or {ok: false, why}.
import {json_answer} from './fake.mjs';

const ROOT = '/wp-json/wc/v3';
const LIST = new RegExp(`^(GET|POST) ${ROOT}/coupons$`);
const ONE = new RegExp(`^(GET|DELETE) ${ROOT}/coupons/(\\d+)$`);
const GOODS = new RegExp(`^GET ${ROOT}/(products|products/categories)$`);
const TYPES = ['percent', 'fixed_cart', 'fixed_product'];

const error = (status, code, message) =>
	({status, code, message, data: {status}});

export const new_coupons = () => ({list: [], last_id: 32});

const is_coupon_route = (route) =>
	LIST.test(route) || ONE.test(route) || GOODS.test(route);
export {is_coupon_route};

// wc_format_decimal() of what a client may send.
function decimal(value)
{
	const text = String(value ?? '').replace(',', '.')
		.replace(/[^0-9.-]/g, '');

	return Number.isFinite(Number(text)) ? Number(text).toFixed(2) : '0.00';
}

const is_address = (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text);
const gmt = (ms) => new Date(ms).toISOString().slice(0, 19);
const local = (ms) => gmt(ms + 3600000);

function coupon_new(store, given)
{
	const type = given.discount_type ?? 'fixed_cart';
	const amount = decimal(given.amount);
	const ends = given.date_expires_gmt ?
		Date.parse(`${given.date_expires_gmt}Z`) : null;
	const ids = (key) => (given[key] ?? []).map(Number);

	return {id: ++store.data.coupons.last_id,
		code: String(given.code).toLowerCase().trim(),
		amount: type === 'percent' && Number(amount) > 100 ?
			'0.00' : amount,
		status: 'publish', discount_type: type,
		description: given.description ?? '', ends,
		usage_count: 0, individual_use: given.individual_use ?? false,
		product_ids: ids('product_ids'),
		excluded_product_ids: ids('excluded_product_ids'),
		usage_limit: given.usage_limit ?? null,
		usage_limit_per_user: given.usage_limit_per_user ?? null,
		limit_usage_to_x_items: given.limit_usage_to_x_items ?? null,
		free_shipping: given.free_shipping ?? false,
		product_categories: ids('product_categories'),
		excluded_product_categories: ids('excluded_product_categories'),
		exclude_sale_items: given.exclude_sale_items ?? false,
		minimum_amount: decimal(given.minimum_amount),
		maximum_amount: decimal(given.maximum_amount),
		email_restrictions: (given.email_restrictions ?? [])
			.filter(is_address).map((a) => a.toLowerCase()),
		used_by: [], meta_data: given.meta_data ?? [],
		created: Date.now()};
}

function coupon_view(c, base)
{
	const {ends, created, ...rest} = c;
	const href = `${base}${ROOT}/coupons`;

	return {...rest, date_created: local(created),
		date_created_gmt: gmt(created), date_modified: local(created),
		date_modified_gmt: gmt(created),
		date_expires: ends === null ? null : local(ends),
		date_expires_gmt: ends === null ? null : gmt(ends),
		_links: {self: [{href: `${href}/${c.id}`}],
			collection: [{href}]}};
}

const published = (store) => store.data.coupons.list.filter(
	(c) => c.status === 'publish');
const by_code = (store, code) => published(store).find(
	(c) => c.code === String(code).toLowerCase());

function create(store, given, base)
{
	if (typeof given.code !== 'string' || given.code === '')
		return {refused: error(400, 'rest_missing_callback_param',
			'Missing parameter(s): code')};
	if (given.discount_type !== undefined &&
	    !TYPES.includes(given.discount_type))
		return {refused: error(400, 'rest_invalid_param',
			'Invalid parameter(s): discount_type')};
	if (by_code(store, given.code))
		return {refused: error(400,
			'woocommerce_rest_coupon_code_already_exists',
			'The coupon code already exists')};
	const made = coupon_new(store, given);

	store.data.coupons.list.push(made);
	return {answer: json_answer(201, coupon_view(made, base))};
}

function remove(store, id, force, base)
{
	const list = store.data.coupons.list;
	const at = list.findIndex((c) => c.id === id);

	if (at < 0)
		return {refused: error(404,
			'woocommerce_rest_shop_coupon_invalid_id',
			'Invalid ID.')};
	const view = coupon_view(list[at], base);

	if (force)
		list.splice(at, 1);
	else
		list[at].status = 'trash';
	return {answer: json_answer(200, view)};
}

function goods(store, route, query)
{
	const is_category = route.endsWith('/categories');
	const wanted = (query.get(is_category ? 'slug' : 'sku') ?? '')
		.toLowerCase().split(',');
	const list = store.config[is_category ? 'categories' : 'products'] ?? [];

	return json_answer(200, list.filter((x) => wanted.includes(
		(is_category ? x.slug : x.sku).toLowerCase())));
}

// {answer}, or {refused: an error}.
export function coupon_answer(store, request, given, base)
{
	const route = `${request.method} ${request.path}`;
	const query = new URLSearchParams(request.query);
	const [, method, id] = ONE.exec(route) ?? [];

	if (GOODS.test(route))
		return {answer: goods(store, route, query)};
	if (route.startsWith('POST'))
		return create(store, given, base);
	if (method === 'DELETE')
		return remove(store, Number(id),
			query.get('force') === 'true', base);
	if (method === 'GET') {
		const c = store.data.coupons.list.find(
			(x) => x.id === Number(id));

		return c ? {answer: json_answer(200, coupon_view(c, base))} :
			{refused: error(404,
				'woocommerce_rest_shop_coupon_invalid_id',
				'Invalid ID.')};
	}
	const found = query.has('code') ?
		[by_code(store, query.get('code'))].filter(Boolean) :
		published(store).slice(0, 10);

	return {answer: json_answer(200,
		found.map((c) => coupon_view(c, base)))};
}

const is_over = (c) => c.ends !== null && c.ends <= Date.now();
const is_live = (c) => c.status === 'publish' && !is_over(c) &&
	(c.usage_limit === null || c.usage_count < c.usage_limit);

// A shopper uses a code; `email` is the address of the order.
export function coupon_use(store, {code, customer, email})
{
	const c = by_code(store, code);
	const refuse = (why) => ({ok: false, why});
	const address = (email ?? store.config.emails[customer] ??
		`customer${customer}@example.test`).toLowerCase();

	if (!c)
		return refuse('no such code');
	if (is_over(c))
		return refuse('over');
	if (c.usage_limit !== null && c.usage_count >= c.usage_limit)
		return refuse('used');
	if (c.email_restrictions.length > 0 &&
	    !c.email_restrictions.includes(address))
		return refuse('another customer');
	c.usage_count++;
	c.used_by.push(String(customer));
	return {ok: true, value: c.amount};
}

// The order that used a code was cancelled: WooCommerce gives the use back.
export function coupon_unuse(store, {code})
{
	const c = by_code(store, code);

	if (c && c.usage_count > 0) {
		c.usage_count--;
		c.used_by.pop();
	}
	return {ok: Boolean(c)};
}

export const coupon_state = (store) => ({
	coupons: store.data.coupons.list.map((c) => ({...c,
		used: c.usage_count, live: is_live(c)})),
});
