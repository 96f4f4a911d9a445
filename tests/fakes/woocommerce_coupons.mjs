// SPDX-License-Identifier: MIT
//
// woocommerce_coupons: coupons of a shop of WooCommerce's, as WooCommerce 10.0.2
// was recorded to answer (tests/data/woocommerce/rest/coupon-*): codes in small
// letters and without HTML, amounts as text with two decimals, a percentage
// above 100 that becomes nothing, a malformed address that is dropped without a
// word, a code in the bin that is free again.
//
// State: coupons [{id, code, status, used, live, ...}].
//
// What was not recorded is as its source reads: PUT, batches, pages, the second
// deletion, the errors of an empty code and of an amount that cannot be.
import {clock} from './woocommerce_time.mjs';

const ROOT = '/wp-json/wc/v3/coupons';
const ROUTES = [[/^(GET|POST)$/, /^$/], [/^(POST|PUT|PATCH)$/, /^\/batch$/],
	[/^(GET|POST|PUT|PATCH|DELETE)$/, /^\/(\d+)$/]];
const PAGE = 10, PAGE_MAX = 100, BATCH_MAX = 100;

const error = (status, code, message, more = {}) =>
	({status, code, message, data: {status, ...more}});
const INVALID_ID = (status) => error(status,
	'woocommerce_rest_shop_coupon_invalid_id', 'Invalid ID.');

export const new_coupons = () => ({list: [], last_id: 32});

// ---- what a client may send ---------------------------------------------

const is_number = (v) => v !== '' && ['number', 'string'].includes(typeof v) &&
	Number.isInteger(Number(v));
const KINDS = {
	string: (v) => typeof v === 'string',
	integer: is_number,
	boolean: (v) => [true, false, 0, 1, '', 'true', 'false', '0', '1']
		.includes(v),
	array: (v) => Array.isArray(v) || typeof v === 'string' ||
		typeof v === 'number',
};
const DISCOUNTS = ['percent', 'fixed_cart', 'fixed_product'];
// In the order in which WooCommerce writes them; of lists the kind of an item.
const PARAMS = {code: 'string', amount: 'string', status: 'string',
	discount_type: 'string', description: 'string', date_expires: 'string',
	date_expires_gmt: 'string', individual_use: 'boolean',
	product_ids: ['integer'], excluded_product_ids: ['integer'],
	usage_limit: 'integer', usage_limit_per_user: 'integer',
	limit_usage_to_x_items: 'integer', free_shipping: 'boolean',
	product_categories: ['integer'],
	excluded_product_categories: ['integer'],
	exclude_sale_items: 'boolean', minimum_amount: 'string',
	maximum_amount: 'string', email_restrictions: ['string'],
	meta_data: ['object']};

const list_of = (v) => Array.isArray(v) ? v : String(v).split(/[\s,]+/)
	.filter((x) => x !== '');

// [parameter, what is wrong with it], or null.
function param_error(name, value)
{
	const kind = PARAMS[name];
	const wrong = (at, k) => [name, 'rest_invalid_type',
		`${at} is not of type ${k}.`, {param: at}];

	if (name === 'discount_type' && typeof value === 'string' &&
	    !DISCOUNTS.includes(value))
		return [name, 'rest_not_in_enum', 'discount_type is not one ' +
			'of percent, fixed_cart, and fixed_product.', null];
	if (!Array.isArray(kind))
		return KINDS[kind](value) ? null : wrong(name, kind);
	if (!KINDS.array(value))
		return wrong(name, 'array');
	const is = KINDS[kind[0]] ?? ((v) => v !== null &&
		typeof v === 'object');
	const at = list_of(value).findIndex((v) => !is(v));

	return at < 0 ? null : wrong(`${name}[${at}]`, kind[0]);
}

function invalid(wrong)
{
	const each = (f) => Object.fromEntries(wrong.map((w) => [w[0], f(w)]));

	return error(400, 'rest_invalid_param',
		`Invalid parameter(s): ${wrong.map(([n]) => n).join(', ')}`, {
			params: each(([, , text]) => text),
			details: each(([, code, message, data]) =>
				({code, message, data}))});
}

function given_error(given, is_new)
{
	const wrong = Object.keys(PARAMS).filter((k) => k in given)
		.map((k) => param_error(k, given[k])).filter(Boolean);

	if (is_new && given.code === undefined)
		return error(400, 'rest_missing_callback_param',
			'Missing parameter(s): code', {params: ['code']});
	return wrong.length > 0 ? invalid(wrong) : null;
}

// ---- what becomes of it -------------------------------------------------

// wc_format_decimal(): a comma is a point, the last of which counts.
function number_of(text)
{
	const n = Number(text.replaceAll(',', '.')
		.replace(/\.(?![^.]+$)|[^0-9.-]/g, ''));

	return Number.isFinite(n) ? n : 0;
}

// Rounds as PHP does, which looks at 15 digits.
const decimal = (n) => (Math.round(Number((n * 100).toPrecision(15))) / 100)
	.toFixed(2);

// wc_format_coupon_code()
const code_of = (text) => text.replace(/<[^>]*>/g, '')
	.replace(/&(?!(#\d+|\w+);)/g, '&amp;').trim().toLowerCase();

// sanitize_email(): takes away what an address cannot have, until nothing is
// left of one that is none.
function address_of(text)
{
	const at = text.indexOf('@', 1);

	if (text.length < 6 || at < 0)
		return '';
	const local = text.slice(0, at)
		.replace(/[^a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]/g, '');
	const parts = text.slice(at + 1).replace(/\.{2,}/g, '')
		.replace(/^[\s.]+|[\s.]+$/g, '').split('.').map((p) =>
			p.replace(/^[\s-]+|[\s-]+$/g, '')
				.replace(/[^a-z0-9-]/gi, '')).filter(Boolean);

	return local === '' || parts.length < 2 ? '' :
		`${local}@${parts.join('.')}`;
}

const is_true = (v) => [true, 1, 'true', '1'].includes(v);
const no_limit = (v) => Number(v) > 0 ? Number(v) : null;
const ids = (v) => list_of(v).map(Number);

// How each parameter is kept.
const KEPT = {
	code: code_of, status: String, description: String,
	individual_use: is_true, free_shipping: is_true,
	exclude_sale_items: is_true, product_ids: ids,
	excluded_product_ids: ids, product_categories: ids,
	excluded_product_categories: ids, usage_limit: no_limit,
	usage_limit_per_user: no_limit, limit_usage_to_x_items: no_limit,
	minimum_amount: (v) => decimal(number_of(v)),
	maximum_amount: (v) => decimal(number_of(v)),
	email_restrictions: (v) => list_of(v).map(
		(a) => address_of(a.toLowerCase())).filter(Boolean),
	meta_data: (v) => v.map((m, i) => ({id: i + 1, ...m})),
};

const AMOUNT = error(400, 'coupon_invalid_amount', 'Invalid discount amount');

// Writes what was given into a coupon, in PARAMS' order: so an amount above 100
// is fine as long as the coupon is none of a percentage, and nothing once it is.
function write(store, coupon, given)
{
	const {date} = clock(store.config.timezone);

	for (const k of Object.keys(PARAMS).filter((p) => p in given)) {
		const v = given[k];

		if (k === 'amount') {
			const n = number_of(v);

			if (n < 0 || coupon.discount_type === 'percent' &&
			    n > 100)
				return AMOUNT;
			coupon.amount = decimal(n);
		} else if (k === 'discount_type') {
			if (v === 'percent' && Number(coupon.amount) > 100)
				coupon.amount = '0.00';
			coupon.discount_type = v;
		} else if (k === 'date_expires_gmt') {
			coupon.ends = v === '' ? null : Date.parse(`${v}Z`);
		} else if (k === 'date_expires') {
			coupon.ends = v === '' ? null : date(v);
		} else {
			coupon[k] = KEPT[k](v);
		}
	}
	if (Number.isNaN(coupon.ends))
		coupon.ends = null;
	coupon.modified = Date.now();
	return null;
}

const empty = () => ({code: '', amount: '0.00', status: 'publish',
	discount_type: 'fixed_cart', description: '', ends: null,
	usage_count: 0, individual_use: false, product_ids: [],
	excluded_product_ids: [], usage_limit: null, usage_limit_per_user: null,
	limit_usage_to_x_items: null, free_shipping: false,
	product_categories: [], excluded_product_categories: [],
	exclude_sale_items: false, minimum_amount: '0.00',
	maximum_amount: '0.00', email_restrictions: [], used_by: [],
	meta_data: [], created: Date.now()});

function coupon_view(store, c, base)
{
	const {gmt, local} = clock(store.config.timezone);
	const {ends, created, modified, id, code, amount, status, discount_type,
		description, ...rest} = c;
	const href = `${base}${ROOT}`;

	return {id, code, amount, status, date_created: local(created),
		date_created_gmt: gmt(created), date_modified: local(modified),
		date_modified_gmt: gmt(modified), discount_type, description,
		date_expires: ends === null ? null : local(ends),
		date_expires_gmt: ends === null ? null : gmt(ends), ...rest,
		_links: {self: [{href: `${href}/${id}`, targetHints: {allow:
			['GET', 'POST', 'PUT', 'PATCH', 'DELETE']}}],
		collection: [{href}]}};
}

// ---- calls: {value, status?, headers?} or {refused} ---------------------

const published = (store) => store.data.coupons.list.filter(
	(c) => c.status === 'publish');
const by_code = (store, code) => published(store).find(
	(c) => c.code === code_of(String(code)));
const by_id = (store, id) => store.data.coupons.list.find((c) => c.id === id);
const TAKEN = error(400, 'woocommerce_rest_coupon_code_already_exists',
	'The coupon code already exists');

function save(store, given, coupon, base)
{
	const wrong = given_error(given, coupon === null);
	const made = {...coupon ?? empty()};
	const same = given.code === undefined ? null :
		by_code(store, given.code);

	if (wrong)
		return {refused: wrong};
	if (given.code !== undefined && code_of(given.code) === '')
		return {refused: error(400, 'woocommerce_rest_empty_coupon_code',
			'The coupon code cannot be empty.')};
	if (same && same !== coupon)
		return {refused: TAKEN};
	const refused = write(store, made, given);

	if (refused)
		return {refused};
	if (coupon) {
		Object.assign(coupon, made);
		return {value: coupon_view(store, coupon, base)};
	}
	const whole = {id: ++store.data.coupons.last_id, ...made};

	store.data.coupons.list.push(whole);
	return {value: coupon_view(store, whole, base), status: 201,
		headers: {Location: `${base}${ROOT}/${whole.id}`}};
}

function remove(store, id, force, base)
{
	const coupon = by_id(store, id);

	if (!coupon)
		return {refused: INVALID_ID(404)};
	if (!force && coupon.status === 'trash')
		return {refused: error(410, 'woocommerce_rest_already_trashed',
			'The coupon has already been deleted.')};
	const value = coupon_view(store, coupon, base);

	if (force)
		store.data.coupons.list = store.data.coupons.list.filter(
			(c) => c !== coupon);
	else
		coupon.status = 'trash';
	return {value};
}

function page_error(query)
{
	const bounds = (name, text) => invalid([[name, 'rest_out_of_bounds',
		`${name} must be ${text}`, null]]);
	const size = Number(query.get('per_page') ?? PAGE);

	if (!(size >= 1 && size <= PAGE_MAX))
		return bounds('per_page',
			`between 1 (inclusive) and ${PAGE_MAX} (inclusive)`);
	return Number(query.get('page') ?? 1) >= 1 ? null :
		bounds('page', 'greater than or equal to 1');
}

function list(store, query, base)
{
	const refused = page_error(query);
	const size = Number(query.get('per_page') ?? PAGE);
	const from = (Number(query.get('page') ?? 1) - 1) * size;
	const found = query.has('code') ?
		[by_code(store, query.get('code'))].filter(Boolean) :
		published(store).filter((c) => c.code.includes(
			(query.get('search') ?? '').toLowerCase())).toReversed();

	return refused ? {refused} : {value: found.slice(from, from + size)
		.map((c) => coupon_view(store, c, base)),
	headers: {'X-WP-Total': String(found.length),
		'X-WP-TotalPages': String(Math.ceil(found.length / size))}};
}

const update = (store, id, given, base) => by_id(store, id) ?
	save(store, given, by_id(store, id), base) : {refused: INVALID_ID(400)};

// Each item for itself; what is deleted is so for good.
function batch(store, {create = [], update: updates = [], delete: deletes = []},
	base)
{
	const each = (items, id_of, f) => items.map((item) => {
		const {value, refused} = f(item);

		if (refused)
			store.refuse(`item: ${refused.code}`, {item});
		return value ?? {id: id_of(item), error: {code: refused.code,
			message: refused.message, data: refused.data}};
	});

	if (create.length + updates.length + deletes.length > BATCH_MAX)
		return {refused: error(413,
			'woocommerce_rest_request_entity_too_large', 'Unable ' +
			`to accept more than ${BATCH_MAX} items for this ` +
			'request.')};
	const done = {create: each(create, () => 0,
		(item) => save(store, item, null, base)),
	update: each(updates, (item) => item.id,
		(item) => update(store, item.id, item, base)),
	delete: each(deletes, (id) => id,
		(id) => remove(store, id, true, base))};

	return {value: Object.fromEntries(Object.entries(done).filter(
		([, of]) => of.length > 0))};
}

export const is_coupon_route = ({method, path}) => path.startsWith(ROOT) &&
	ROUTES.some(([m, p]) => m.test(method) &&
		p.test(path.slice(ROOT.length)));

export function coupon_answer(store, {method, path, query}, given, base)
{
	const [, what] = /\/coupons\/?(.*)$/.exec(path), id = Number(what);

	if (what === 'batch')
		return batch(store, given, base);
	if (what === '')
		return method === 'GET' ? list(store, query, base) :
			save(store, given, null, base);
	if (method === 'DELETE')
		return remove(store, id, query.get('force') === 'true' ||
			given.force === true, base);
	if (method !== 'GET')
		return update(store, id, given, base);
	return by_id(store, id) ?
		{value: coupon_view(store, by_id(store, id), base)} :
		{refused: INVALID_ID(404)};
}

// ---- a shopper ----------------------------------------------------------

const is_over = (c) => c.ends !== null && c.ends <= Date.now();
const is_used_up = (c) => c.usage_limit !== null &&
	c.usage_count >= c.usage_limit;
const is_live = (c) => c.status === 'publish' && !is_over(c) && !is_used_up(c);

// An address of a restriction may have * for any letters.
const is_address = (address) => (wanted) => new RegExp(`^${wanted
	.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
	.test(address);

function refusal(c, {by, address, subtotal})
{
	const times = c.used_by.filter((x) => x === by).length;

	if (is_used_up(c))
		return 'used';
	if (c.usage_limit_per_user !== null && times >= c.usage_limit_per_user)
		return 'used by this customer';
	if (is_over(c))
		return 'over';
	if (Number(subtotal) < Number(c.minimum_amount))
		return 'minimum';
	return c.email_restrictions.length > 0 &&
		!c.email_restrictions.some(is_address(address)) ?
		'another customer' : null;
}

// POST /__fake/use, see woocommerce.mjs.
export function coupon_use(store, {code, customer, email, subtotal, undo})
{
	const c = by_code(store, code);
	const address = (email ?? store.config.emails[customer] ??
		`customer${customer}@example.test`).toLowerCase();
	const by = String(customer || address);

	if (!c)
		return {ok: false, why: 'no such code'};
	if (undo) {
		const last = c.used_by.lastIndexOf(by);

		if (last < 0)
			return {ok: false, why: 'not used'};
		c.used_by.splice(last, 1);
		c.usage_count--;
		return {ok: true};
	}
	const why = refusal(c, {by, address, subtotal});

	if (why)
		return {ok: false, why};
	c.usage_count++;
	c.used_by.push(by);
	return {ok: true, kind: c.discount_type, amount: c.amount,
		value: c.amount, free_shipping: c.free_shipping};
}

export const coupon_state = (store) => ({
	coupons: store.data.coupons.list.map((c) => ({...c,
		used: c.usage_count, live: is_live(c)})),
});
