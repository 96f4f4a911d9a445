#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// woocommerce: a test double of WooCommerce's REST API v3, as far as
// pushing balances and making rewards goes; it answers as WooCommerce 10.0.2 was recorded to
// (tests/data/woocommerce/rest).  As a process:
//
//	node woocommerce.mjs [PORT] [CONFIG-FILE]   prints {"url": ...}
//
// or in a test: woocommerce_start({port, config}).  Control, faults and
// stores (/s/NAME): see fake.mjs.  Takes
//
//	GET /wp-json/                            who the shop is, to everybody
//	GET /wp-json/wc/v3/system_status         its settings
//	GET /wp-json/wc/v3/customers/ID
//	PUT /wp-json/wc/v3/customers/ID
//	POST /wp-json/wc/v3/customers/batch      {update: [...]} only
//	GET, POST /wp-json/wc/v3/coupons         ?code=, ?page=, ?per_page=
//	GET, PUT, DELETE /wp-json/wc/v3/coupons/ID       ?force=true
//	POST /wp-json/wc/v3/coupons/batch
//	GET /wp-json/wc/v3/products?sku=A,B
//	GET /wp-json/wc/v3/products/categories?slug=A
//	GET /wp-json/wc/v3/orders, /wp-json/wc/v3/orders/ID, and webhooks
//
// woocommerce_coupons.mjs, woocommerce_goods.mjs and woocommerce_orders.mjs say more
// of the latter.
//
// POST /__fake/use {code, customer, email?, subtotal?} is a shopper at the
// checkout, customer 0 a guest; told {ok: true, kind, amount, free_shipping} or
// {ok: false, why}: no such code, used, used by this customer, over, minimum,
// another customer.  {undo: true, code, customer} is an order that is cancelled,
// of which WooCommerce gives the use back.
//
// Over plain http, where Basic authentication is not looked at, a call is
// signed by OAuth 1.0a.  A request with X-Forwarded-Proto: https counts as
// https, as where a proxy ends TLS.  One thing differs from a real shop: its
// Site Address, which is signed, is that by which it is called.
//
// Config:
//	keys       [{key, secret, permissions: read|write|read_write, role}];
//	           default ck_fake, cs_fake, read_write; a role other than
//	           administrator may neither read settings nor write customers
//	title, home, currency, timezone    the shop's
//	customers  "any" (default) or a list of ids that exist
//	missing    ids that do not exist, whatever `customers` says
//	webhook    {url, secret, id, source}: customer.updated is sent there,
//	           one at a time, for every customer that was written
//	emails     {id: address} of customers; of others
//	           customerID@example.test
//
// State: meta {customer: {key: value}} as the shop shows it (numbers are
// strings), dropped (underscore keys silently not kept), items_max (the
// largest batch).
import {createHash, createHmac} from 'node:crypto';
import {fileURLToPath} from 'node:url';
import {php_json, woocommerce_signature} from '../support/sign.mjs';
import {fake_main, fake_start, json_answer} from './fake.mjs';
import {coupon_answer, coupon_state, coupon_use, is_coupon_route, new_coupons}
	from './woocommerce_coupons.mjs';
import {goods_answer, is_goods_route} from './woocommerce_goods.mjs';
import {is_orders_route, orders_answer} from './woocommerce_orders.mjs';

const ROOT = '/wp-json/wc/v3';
const BATCH = new RegExp(`^(POST|PUT|PATCH) ${ROOT}/customers/batch$`);
const ONE = new RegExp(`^(GET|PUT|POST|PATCH) ${ROOT}/customers/(\\d+)$`);
const INDEX = /^GET \/wp-json\/?$/;
const STATUS = new RegExp(`^GET ${ROOT}/system_status$`);
const BATCH_MAX = 100;
const OAUTH = ['oauth_consumer_key', 'oauth_timestamp', 'oauth_nonce',
	'oauth_signature', 'oauth_signature_method'];
const OAUTH_WINDOW_S = 15 * 60;
const BODY_KEYS = new Set(['create', 'update', 'delete']);

const error = (status, code, message, more = {}) =>
	({status, code, message, data: {status, ...more}});

const INVALID_ID = error(404, 'wc_user_invalid_id', 'Invalid user ID.');

function invalid_param(names)
{
	const text = (n) => `${n} is not of type array.`;
	const each = (f) => Object.fromEntries(names.map((n) => [n, f(n)]));

	return error(400, 'rest_invalid_param',
		`Invalid parameter(s): ${names.join(', ')}`, {
			params: each(text),
			details: each((n) => ({code: 'rest_invalid_type',
				message: text(n), data: {param: n}}))});
}

function error_answer(store, request, e)
{
	store.refuse(`HTTP ${e.status} ${e.code}: ${e.message}`,
		{path: request.path});
	return json_answer(e.status,
		{code: e.code, message: e.message, data: e.data});
}

// ---- who asks ---------------------------------------------------------

const is_https = (request) =>
	request.headers['x-forwarded-proto'] === 'https';
const escaped = (text) => encodeURIComponent(text).replace(/[!'()*]/g,
	(c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// The signature of a request whose query has all that OAuth wants but it.
function oauth_signature(request, secret)
{
	const address = `${is_https(request) ? 'https' : 'http'}://` +
		request.headers.host.toLowerCase().replace(/:80$/, '') +
		request.target.split('?')[0];
	const pairs = [...request.query.entries()]
		.filter(([name]) => name !== 'oauth_signature')
		.map(([name, value]) => [escaped(name), escaped(value)])
		.sort(([a], [b]) => a < b ? -1 : 1)
		.map((pair) => pair.join('='));

	return createHmac('sha256', `${secret}&`).update([request.method,
		escaped(address), escaped(pairs.join('&'))].join('&'))
		.digest('base64');
}

// {known} of who signed, {text, code} of what is wrong, or {} if nobody tried.
function oauth_key(store, request)
{
	const params = request.query, now = Math.floor(Date.now() / 1000);
	const missing = OAUTH.filter((name) => !params.get(name));
	const known = store.config.keys.find((k) =>
		k.key === params.get('oauth_consumer_key'));
	const at = Number(params.get('oauth_timestamp'));
	const nonce = `${known?.key} ${params.get('oauth_nonce')}`;

	if (missing.length === OAUTH.length)
		return {};
	if (missing.length > 0)
		return {text: 'Missing OAuth parameter' +
			`${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
		code: 'woocommerce_rest_authentication_missing_parameter'};
	if (!known)
		return {text: 'Consumer key is invalid.'};
	// A real shop also takes HMAC-SHA1, which loyald does not use.
	if (params.get('oauth_signature_method') !== 'HMAC-SHA256')
		return {text: 'Invalid signature - signature method is invalid.'};
	if (oauth_signature(request, known.secret) !==
		params.get('oauth_signature'))
		return {text: 'Invalid signature - provided signature does ' +
			'not match.'};
	if (!(Math.abs(at - now) <= OAUTH_WINDOW_S))
		return {text: 'Invalid timestamp.'};
	if (store.data.nonces.has(nonce))
		return {text: 'Invalid nonce - nonce has already been used.'};
	store.data.nonces.set(nonce, at);
	return {known};
}

// The same of Basic authentication, which https alone has.
function basic_key(store, request)
{
	const [, basic] = /^Basic ([A-Za-z0-9+/=]+)$/i
		.exec(request.headers.authorization ?? '') ?? [];
	const [, key, secret] = /^([^:]*):(.*)$/s.exec(
		Buffer.from(basic ?? '', 'base64').toString('utf8')) ?? [];
	const known = store.config.keys.find((k) => k.key === key);

	if (!is_https(request) || !known)
		return {};
	return known.secret === secret ? {known} :
		{text: 'Consumer secret is invalid.'};
}

// null, or the error to answer with.
function auth_error(store, request)
{
	const is_read = request.method === 'GET';
	const is_list = /\/(coupons|products|categories|orders|webhooks)$/.test(request.path);
	const refusal = /\/batch$/.test(request.path) ?
		['woocommerce_rest_cannot_batch', 'Sorry, you are not ' +
			'allowed to batch manipulate this resource.'] :
		is_list && is_read ? ['woocommerce_rest_cannot_view',
			'Sorry, you cannot list resources.'] :
		is_list ? ['woocommerce_rest_cannot_create', 'Sorry, you are ' +
			'not allowed to create resources.'] :
		is_read ? ['woocommerce_rest_cannot_view',
			'Sorry, you cannot view this resource.'] :
		request.method === 'DELETE' ? ['woocommerce_rest_cannot_delete',
			'Sorry, you are not allowed to delete this resource.'] :
		['woocommerce_rest_cannot_edit', 'Sorry, you are not allowed ' +
			'to edit this resource.'];
	const anonymous = error(401, ...refusal);
	const forbidden = error(403, ...refusal);
	const wrong = (text, code = 'woocommerce_rest_authentication_error') =>
		error(401, code, text);
	const basic = basic_key(store, request);
	const {known, text, code} = basic.known || basic.text ? basic :
		oauth_key(store, request);

	if (text)
		return wrong(text, code);
	if (!known)
		return anonymous;
	if (is_read && known.permissions === 'write')
		return wrong('The API key provided does not have read ' +
			'permissions.');
	if (!is_read && known.permissions === 'read')
		return wrong('The API key provided does not have write ' +
			'permissions.');
	return (known.role ?? 'administrator') === 'administrator' ? null :
		forbidden;
}

// ---- the shop -----------------------------------------------------------

// Leaves in an answer only the keys that ?_fields= names.
function fields_of(request, whole)
{
	const wanted = new URLSearchParams(request.query).get('_fields');

	if (wanted === null)
		return whole;
	return Array.isArray(whole) ? whole.map((x) => fields_of(request, x)) :
		Object.fromEntries(wanted.split(',').filter((k) => k in whole)
			.map((k) => [k, whole[k]]));
}

// The shop's index, as WordPress 6.8 answers it.
function index_view({title, home, timezone})
{
	return {name: title, description: '', url: home, home,
		gmt_offset: timezone === '' ? '2' : 1,
		timezone_string: timezone, namespaces: ['oembed/1.0',
			'wc/v1', 'wc/v2', 'wc/v3', 'wp/v2'],
		authentication: {}, routes: {}};
}

// The pieces of the recorded system_status-head that loyald asks for.
function status_view({currency})
{
	return {environment: {}, settings: {api_enabled: false,
		force_ssl: false, currency, currency_symbol: '&euro;',
		currency_position: 'right_space', thousand_separator: '.',
		decimal_separator: ',', number_of_decimals: 2}};
}

// ---- customers --------------------------------------------------------

function exists(store, id)
{
	const {customers, missing} = store.config;

	if (!Number.isSafeInteger(id) || id <= 0)
		return false;
	if ((missing ?? []).some((m) => Number(m) === id))
		return false;
	return customers === 'any' ||
		customers.some((c) => Number(c) === id);
}

function customer_of(store, id)
{
	if (!store.data.customers.has(id)) {
		const now = Date.now();

		store.data.customers.set(id, {id, created: now, modified: now,
			email: store.config.emails[id] ??
				`customer${id}@example.test`,
			meta: [{id: ++store.data.last_meta_id,
				key: 'wc_last_active', value: String(
					Math.floor(now / 86400000) * 86400)}]});
	}
	return store.data.customers.get(id);
}

// Scalars are kept as PHP's strings; lists and objects as they are.
function kept(value)
{
	if (value === true)
		return '1';
	if (value === false)
		return '';
	return typeof value === 'number' ? String(value) : value;
}

function meta_set(store, customer, {id, key, value})
{
	const at = customer.meta.findIndex((m) =>
		id ? m.id === id : m.key === key);

	// Protected by WordPress: answered 200, never kept.
	if (key.startsWith('_')) {
		store.data.dropped++;
		return;
	}
	if (value === null || value === undefined) {
		if (at >= 0)
			customer.meta.splice(at, 1);
		return;
	}
	const before = at >= 0 ? customer.meta[at].value : undefined;

	if (at >= 0)
		customer.meta[at] = {id: customer.meta[at].id, key,
			value: kept(value)};
	else
		customer.meta.push({id: ++store.data.last_meta_id, key,
			value: kept(value)});
	store.applied(String(customer.id), key, before, kept(value));
}

const ADDRESS = {first_name: '', last_name: '', company: '', address_1: '',
	address_2: '', city: '', postcode: '', country: '', state: ''};

const local = (ms) => new Date(ms + 3600000).toISOString().slice(0, 19);
const gmt = (ms) => new Date(ms).toISOString().slice(0, 19);

function customer_view(customer, base)
{
	const {id, email} = customer;
	const href = `${base}${ROOT}/customers`;

	return {id, date_created: local(customer.created),
		date_created_gmt: gmt(customer.created),
		date_modified: local(customer.modified),
		date_modified_gmt: gmt(customer.modified), email,
		first_name: 'Änna', last_name: `O'Neil ${id}`,
		role: 'customer', username: `customer${id}`,
		billing: {...ADDRESS, email, phone: ''},
		shipping: {...ADDRESS, phone: ''}, is_paying_customer: true,
		avatar_url: 'https://secure.gravatar.com/avatar/' +
			createHash('sha256').update(email).digest('hex') +
			'?s=96&d=mm&r=g',
		meta_data: customer.meta,
		_links: {self: [{href: `${href}/${id}`, targetHints: {allow:
			['GET', 'POST', 'PUT', 'PATCH', 'DELETE']}}],
		collection: [{href}]}};
}

// Writes one customer; the customer or an error.
function customer_update(store, id, given, base)
{
	const {meta_data} = given;

	if (!exists(store, id))
		return INVALID_ID;
	if (meta_data !== undefined && !Array.isArray(meta_data))
		return invalid_param(['meta_data']);
	if ((meta_data ?? []).some((m) => typeof m?.key !== 'string'))
		return invalid_param(['meta_data']);
	const customer = customer_of(store, id);

	for (const m of meta_data ?? [])
		meta_set(store, customer, m);
	customer.modified = Date.now();
	store.echo((webhook) => echo_request(store, customer, webhook, base));
	return {customer: customer_view(customer, base)};
}

function batch(store, request, given, base)
{
	const lists = Object.keys(given).filter((k) => BODY_KEYS.has(k));
	const bad = lists.filter((k) => !Array.isArray(given[k]));
	const total = lists.reduce((n, k) => n + (given[k].length ?? 0), 0);

	if (bad.length > 0)
		return error_answer(store, request, invalid_param(bad));
	if (total > BATCH_MAX)
		return error_answer(store, request, error(413,
			'woocommerce_rest_request_entity_too_large',
			`Unable to accept more than ${BATCH_MAX} items for ` +
			'this request.'));
	if (given.create?.length || given.delete?.length)
		return error_answer(store, request, error(501,
			'fake_not_supported', 'This fake only updates.'));

	store.data.items_max = Math.max(store.data.items_max, total);
	// PHP writes an object to which nothing was added as an empty array.
	if (total === 0)
		return json_answer(200, []);
	return json_answer(200, given.update === undefined ? {} : {
		update: given.update.map((item) => {
			const id = Number(item?.id ?? 0);
			const done = customer_update(
				store, id, item ?? {}, base);

			if (done.customer)
				return done.customer;
			store.refuse(`item: ${done.code}`, {id});
			return {id, error: {code: done.code,
				message: done.message, data: done.data}};
		})});
}

// ---- echoes -----------------------------------------------------------

function echo_request(store, customer, webhook, base)
{
	const body = php_json(customer_view(customer, base));
	const id = webhook.id ?? 6;

	// Not unique: the webhook and the second, as the real one.
	const delivery = createHash('md5').update(
		`${id}${Math.floor(Date.now() / 1000)}`).digest('hex');

	return {body, headers: {'Content-Type': 'application/json',
		'User-Agent':
			'WooCommerce/10.0.2 Hookshot (WordPress/6.8.8)',
		Accept: '*/*', 'Accept-Encoding': 'deflate, gzip, br, zstd',
		'X-WC-Webhook-Source': webhook.source ?? `${base}/`,
		'X-WC-Webhook-Topic': 'customer.updated',
		'X-WC-Webhook-Resource': 'customer',
		'X-WC-Webhook-Event': 'updated',
		'X-WC-Webhook-Signature':
			woocommerce_signature(webhook.secret, body),
		'X-WC-Webhook-ID': String(id),
		'X-WC-Webhook-Delivery-ID': delivery,
		Connection: 'close'}};
}

// ---- the call ---------------------------------------------------------

function answer(store, request)
{
	const base = `http://${request.headers.host ?? 'localhost'}`;
	const route = `${request.method} ${request.path}`;
	const is_batch = BATCH.test(route), is_status = STATUS.test(route);
	const [, method, id] = ONE.exec(route) ?? [];
	let given = {};

	if (INDEX.test(route))
		return json_answer(200,
			fields_of(request, index_view(store.config)));
	const rewards = is_coupon_route(request) ? coupon_answer :
		is_goods_route(request) ? goods_answer :
		is_orders_route(request) ? orders_answer : null;

	if (!is_batch && !is_status && !method && !rewards)
		return error_answer(store, request, error(404, 'rest_no_route',
			'No route was found matching the URL and request ' +
			'method.'));

	// WordPress reads the body before anybody asks who sent it, and only
	// if the content type says JSON and there is one.
	if (request.method !== 'GET' && request.body.length > 0 &&
	    /^application\/json\b/.test(
		    request.headers['content-type'] ?? '')) {
		try {
			given = JSON.parse(request.body.toString('utf8'));
		} catch {
			return error_answer(store, request, error(400,
				'rest_invalid_json',
				'Invalid JSON body passed.',
				{json_error_code: 4,
					json_error_message: 'Syntax error'}));
		}
	}
	const refused = auth_error(store, request);

	if (refused)
		return error_answer(store, request, refused);
	if (given === null || typeof given !== 'object')
		given = {};
	if (is_status)
		return json_answer(200,
			fields_of(request, status_view(store.config)));
	if (is_batch)
		return batch(store, request, given, base);
	if (rewards) {
		const {value, status = 200, headers, refused: why} =
			rewards(store, request, given, base);

		return why ? error_answer(store, request, why) : json_answer(
			status, fields_of(request, value), headers);
	}
	if (method === 'GET')
		return exists(store, Number(id)) ? json_answer(200,
			fields_of(request, customer_view(
				customer_of(store, Number(id)), base))) :
			error_answer(store, request, INVALID_ID);
	const done = customer_update(store, Number(id), given, base);

	return done.customer ? json_answer(200, done.customer) :
		error_answer(store, request, done);
}

export const woocommerce = {
	name: 'woocommerce',
	config: {keys: [{key: 'ck_fake', secret: 'cs_fake',
		permissions: 'read_write'}], customers: 'any', missing: [],
	emails: {}, orders: [], webhooks: [], webhook: null, latency_ms: 0,
	title: 'Fake shop', home: 'https://generated.example', currency: 'EUR',
	timezone: 'Europe/Berlin'},
	use: coupon_use,
	new_store: () => ({coupons: new_coupons(), customers: new Map(),
		last_meta_id: 86, dropped: 0, items_max: 0, nonces: new Map()}),
	operations: ({method, path}) => [`${method} ${path.replace(
		/^\/wp-json\/(wc\/v3\/)?/, '').replace(/\/\d+$/, '/ID')}`],
	// Core has no limit; hosts and firewalls in front of it do.
	throttled: (store, request, fault) => ({status: fault.status ?? 429,
		headers: {'Content-Type': 'text/html',
			'Retry-After': String(fault.retry_after ?? 1)},
		body: '<html><body>Too Many Requests</body></html>'}),
	answer,
	state: (store) => ({dropped: store.data.dropped,
		...coupon_state(store),
		items_max: store.data.items_max,
		meta: Object.fromEntries([...store.data.customers].map(
			([id, c]) => [id, Object.fromEntries(c.meta
				.filter((m) => m.key !== 'wc_last_active')
				.map((m) => [m.key, m.value]))]))}),
};

export function woocommerce_start(options)
{
	return fake_start(woocommerce, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await fake_main(woocommerce, woocommerce_start);
