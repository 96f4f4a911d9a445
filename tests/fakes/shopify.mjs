#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// shopify: a test double of Shopify's Admin GraphQL API, as far as pushing
// balances and making rewards goes.  As a process:
//
//	node shopify.mjs [PORT] [CONFIG-FILE]   prints {"url": ...}
//
// or in a test: shopify_start({port, config}).  Control, faults and stores
// (/s/NAME): see fake.mjs.  Takes
//
//	POST /admin/api/2026-10/graphql.json      or 2026-07
//	POST /admin/oauth/access_token    the client credentials of an app get
//	                                  the token
//
// with the fields of shopify_admin.graphql: shop, currentAppInstallation, and
// what shopify_customers.mjs, _metafields, _discounts, _credit, _goods and _orders have;
// their heads say more of config and state.  With FAKE_STRICT=1 every document
// and its variables are validated by graphql-js against Shopify's published
// schemas of both versions (setup.sh fetches them), deprecated fields included;
// without, by graphql_schema.mjs against that file.
//
// POST /__fake/use is a shopper at the checkout, who
//	{code, customer, order?, subtotal?}   enters the code of a discount
//	{code, amount?}                       pays with a gift card
//	{customer, credit}                    pays with store credit
//	{customer, subtotal?}                 sees what applies by itself
// and is told {ok: true, kind, amount, percentage, value} or {discounts:
// [title]}, or {ok: false, why}: no such code, over, not yet, used, used by this
// customer, another customer, minimum, deactivated, not enough.
//
// Config:
//	token       the access token; default "shpat_fake", null: any
//	client      {id, secret} of the app; null: there is none.  With `refresh`
//	            the app has expiring offline tokens, and gets another token and
//	            refresh token each time; that before is good until the new
//	            token is used.  `lasts`: seconds that a token is good, 86399
//	customers   "any" (default) or a list of ids that exist
//	missing     ids that do not exist, whatever `customers` says
//	untaggable  ids of customers whose tags cannot be changed
//	bucket, restore    cost limit and points a second; 2000 and 100
//	throttle_status    200 (default) or 429
//	webhook     {url, secret, domain}: customers/update is sent there for
//	            every customer a metafieldsSet touched
//	shop_id, domain    the shop's own number and name; those of generated
//	            orders
//	currency, timezone    the shop's
//	scopes      of the token (all that the fake knows); a field of which the
//	            scope is missing is ACCESS_DENIED; write_x has read_x in it
//	emails      {id: address} of customers; of others
//	            customerID@example.test
//
// State: bucket, throttled, cost, strict, and what the areas tell; all that is
// out in the shop has `live`: discounts, automatic, cards, credits.
import {randomUUID} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {shopify_signature} from '../support/sign.mjs';
import {fake_main, fake_start, json_answer} from './fake.mjs';
import * as lite from './graphql_lite.mjs';
import {ROOTS, project, schema_errors, schema_read, schema_type} from
	'./graphql_schema.mjs';
import {credit_fields, credit_state, new_credit} from './shopify_credit.mjs';
import {customer_fields, customer_state, new_customers} from
	'./shopify_customers.mjs';
import {discount_fields, discount_state, new_discounts, shopify_use} from
	'./shopify_discounts.mjs';
import {goods_fields} from './shopify_goods.mjs';
import {metafield_fields, metafield_state, new_metafields} from
	'./shopify_metafields.mjs';
import {hook_fields, order_fields} from './shopify_orders.mjs';
import {gid} from './shopify_shared.mjs';
import {STRICT_VERSIONS, strict_errors, strict_load} from './strict.mjs';

const VERSION = STRICT_VERSIONS.at(-1);	// of webhooks
const PATH = /^\/admin\/api\/([^/]+)\/graphql\.json$/;
const COST_MAX = 1000;		// of one query
const COST_MUTATION = 10;
const LIST_MAX = 250;		// of an input

const ADMIN = schema_read(readFileSync(
	new URL('./shopify_admin.graphql', import.meta.url), 'utf8'));

// The scopes that fields and types need, as Shopify's list of them has it, and
// for what that list does not have, "metafields" and "tags", as its pages say.
export const SCOPES = {
	Customer: 'read_customers', Segment: 'read_customers',
	Order: 'read_orders', Refund: 'read_orders',
	GiftCard: 'read_gift_cards', DiscountNode: 'read_discounts',
	DiscountCodeNode: 'read_discounts',
	DiscountAutomaticNode: 'read_discounts',
	Product: 'read_products', ProductVariant: 'read_products',
	Collection: 'read_products',
	StoreCreditAccount: 'read_store_credit_accounts',
	StoreCreditAccountTransaction:
		'read_store_credit_account_transactions',
	'Mutation.metafieldsSet': 'write_customers',
	'Mutation.metafieldDefinitionCreate': 'write_customers',
	'Mutation.tagsAdd': 'write_customers',
	'Mutation.tagsRemove': 'write_customers',
	'Mutation.segmentCreate': 'write_customers',
	'Mutation.segmentUpdate': 'write_customers',
	'Mutation.segmentDelete': 'write_customers',
	'Mutation.giftCardCreate': 'write_gift_cards',
	'Mutation.giftCardDeactivate': 'write_gift_cards',
	'Mutation.storeCreditAccountCredit':
		'write_store_credit_account_transactions',
	'Mutation.storeCreditAccountDebit':
		'write_store_credit_account_transactions',
	...Object.fromEntries(Object.keys(discount_fields.mutation).map(
		(name) => [`Mutation.${name}`, 'write_discounts'])),
};

// ---- cost -------------------------------------------------------------

function refill(store)
{
	const {bucket, restore} = store.config;
	const now = Date.now();
	const d = store.data;

	d.available = Math.min(bucket,
		d.available + (now - d.filled_at) / 1000 * restore);
	d.filled_at = now;
}

function cost_of(store, requested, actual)
{
	return {cost: {requestedQueryCost: requested, actualQueryCost: actual,
		throttleStatus: {maximumAvailable: store.config.bucket,
			currentlyAvailable: Math.floor(store.data.available),
			restoreRate: store.config.restore}}};
}

// Costs of a selection: each mutation 10, each object 1, and those of a page as
// often as it is long.
function objects_in(selection, variables)
{
	return (selection ?? []).reduce((n, f) => {
		const {first = 1} = f.on ? {} : lite.values(f.args, variables);

		return n + (!f.selection ? 0 : (f.on ? 0 : 1) +
			first * objects_in(f.selection, variables));
	}, 0);
}

// Objects of an answer.
const objects_of = (value) => Array.isArray(value) ?
	value.reduce((n, v) => n + objects_of(v), 0) :
	value === null || typeof value !== 'object' ? 0 :
		1 + objects_of(Object.values(value));

function throttled(store, requested, status)
{
	store.data.throttled++;
	return json_answer(status, {errors: [{message: 'Throttled',
		extensions: {code: 'THROTTLED', documentation:
			'https://shopify.dev/api/usage/rate-limits'}}],
	extensions: cost_of(store, requested, null)}, API_HEADERS(store));
}

// ---- the call ---------------------------------------------------------

const API_HEADERS = (store) => ({'X-Shopify-API-Version': store.data.version,
	'X-Request-Id': randomUUID(),
	'Content-Type': 'application/json; charset=utf-8'});

const AREAS = [credit_fields, customer_fields, discount_fields,
	metafield_fields, {query: goods_fields},
	{query: order_fields, mutation: hook_fields}];
const FIELDS = {
	mutation: Object.assign({}, ...AREAS.map((a) => a.mutation)),
	query: Object.assign({
		shop: (store) => ({id: gid('Shop', store.config.shop_id),
			name: store.name, myshopifyDomain: store.config.domain,
			currencyCode: store.config.currency,
			ianaTimezone: store.config.timezone}),
		currentAppInstallation: (store) => ({
			id: gid('AppInstallation', 1),
			accessScopes: store.config.scopes.map((handle) =>
				({handle, description: handle}))}),
	}, ...AREAS.map((a) => a.query)),
};

// The first scope that a field needs and the token has not, or null.
function scope_missing(scopes, parent, f)
{
	if (f.on)
		return first_missing(scopes, f.on, f.selection);
	if (f.name === '__typename')
		return null;
	const type = schema_type(ADMIN, parent, f.name);
	const wanted = [SCOPES[`${parent}.${f.name}`], SCOPES[type]].find(
		(s) => s && !scopes.includes(s) &&
			!scopes.includes(s.replace(/^read_/, 'write_')));

	return wanted ?? first_missing(scopes, type, f.selection);
}

const first_missing = (scopes, parent, selection) => (selection ?? [])
	.map((f) => scope_missing(scopes, parent, f)).find(Boolean) ?? null;

const too_long = (value) => value !== null && typeof value === 'object' &&
	(Array.isArray(value) && value.length > LIST_MAX ||
		Object.values(value).some(too_long));

// What each field gives; {data, errors}.
function execute(store, operation, variables)
{
	const data = {}, errors = [];
	const root = ROOTS[operation.type];

	for (const f of operation.selection) {
		const missing = scope_missing(store.config.scopes, root, f);

		if (missing !== null) {
			store.refuse(`ACCESS_DENIED: ${f.name}`, {missing});
			errors.push({message: `Access denied for ${f.name} ` +
				`field. Required access: \`${missing}\` access ` +
				'scope.', path: [f.key], extensions: {
				code: 'ACCESS_DENIED', requiredAccess: missing,
				documentation: 'https://shopify.dev/api/' +
					'usage/access-scopes'}});
			data[f.key] = null;
			continue;
		}
		data[f.key] = project(ADMIN,
			ADMIN.get(root).fields[f.name].type,
			FIELDS[operation.type][f.name](store,
				lite.values(f.args, variables)),
			f.selection, variables);
	}
	return errors.length > 0 ? {data, errors} : {data};
}

function errors_answer(store, errors, query)
{
	for (const e of errors)
		store.refuse(`GraphQL: ${e.message}`, {query});
	return json_answer(200, {errors}, API_HEADERS(store));
}

const coded = (code, message) => [{message, extensions: {code}}];

// {operation}, or {errors} of a document and its variables.
function understood(query, variables)
{
	const strict = strict_load();
	const errors = strict ? strict_errors(strict, query, variables) : [];

	if (errors.length > 0)
		return {errors};
	try {
		const operation = lite.parse(query);
		const wrong = schema_errors(ADMIN, operation, variables);

		if (too_long(variables) || operation.selection.some((f) =>
			too_long(lite.values(f.args, variables))))
			return {errors: coded('MAX_INPUT_SIZE_EXCEEDED', 'The ' +
				'input array size is greater than the maximum ' +
				`allowed of ${LIST_MAX}.`)};
		return wrong.length > 0 ? {errors: wrong} : {operation};
	} catch (e) {
		return {errors: [{message: e.message}]};
	}
}

function graphql_answer(store, {query, variables})
{
	const {operation, errors} = understood(query, variables);

	if (errors)
		return errors_answer(store, errors, query);
	const is_mutation = operation.type === 'mutation';
	const requested = objects_in(operation.selection, variables) +
		(is_mutation ? COST_MUTATION * operation.selection.length : 0);

	refill(store);
	if (requested > COST_MAX)
		return errors_answer(store, coded('MAX_COST_EXCEEDED',
			`Query cost is ${requested}, which exceeds the ` +
			`single query max cost limit (${COST_MAX}).`), query);
	if (requested > store.data.available)
		return throttled(store, requested,
			store.config.throttle_status);
	try {
		const result = execute(store, operation, variables);
		const actual = is_mutation ? requested :
			Math.min(requested, objects_of(result.data) - 1);

		store.data.available -= actual;
		store.data.cost += actual;
		return json_answer(200, {...result, extensions: cost_of(
			store, requested, actual)}, API_HEADERS(store));
	} catch (e) {
		if (!(e instanceof SyntaxError))
			throw e;
		return errors_answer(store, [{message: e.message}], query);
	}
}

// customers/update, as Shopify sends it since 2025-01.
function echo_body(id, email, webhook)
{
	const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
	const body = `{"id":${id},"created_at":"2025-03-01T09:00:00Z",` +
		`"updated_at":"${now}",` + JSON.stringify({first_name: 'Ada',
		last_name: 'Example', state: 'enabled', note: null,
		verified_email: true, multipass_identifier: null,
		tax_exempt: false, email,
		phone: null, currency: 'EUR', addresses: [],
		tax_exemptions: [],
		admin_graphql_api_id: `gid://shopify/Customer/${id}`}).slice(1);

	return {body, headers: {'Content-Type': 'application/json',
		'User-Agent': 'Shopify-Captain-Hook',
		'X-Shopify-Topic': 'customers/update',
		'X-Shopify-Hmac-Sha256':
			shopify_signature(webhook.secret, body),
		'X-Shopify-Shop-Domain': webhook.domain ?? 'fake.myshopify.com',
		'X-Shopify-API-Version': VERSION,
		'X-Shopify-Webhook-Id': randomUUID(),
		'X-Shopify-Event-Id': randomUUID(),
		'X-Shopify-Triggered-At': new Date().toISOString()}};
}

// What an app asks for, of a form or of JSON.
function asked_by_app(request)
{
	const type = request.headers['content-type'] ?? '';
	const text = request.body.toString('utf8');

	if (/^application\/json\b/.test(type))
		return JSON.parse(text);
	return /^application\/x-www-form-urlencoded\b/.test(type)
		? Object.fromEntries(new URLSearchParams(text)) : {};
}

// Answers an app as the client credentials grant, or the refresh of an expiring
// offline token, does.
function token_answer(store, request)
{
	const {client, scopes} = store.config;
	const asked = asked_by_app(request);
	const type = client?.refresh ? 'refresh_token' : 'client_credentials';
	const refuse = (error) => {
		store.refuse(`HTTP 400: ${error}`, {path: request.path});
		return json_answer(400, {error});
	};

	if (asked.grant_type === undefined)
		return refuse('invalid_request');
	if (asked.grant_type !== type)
		return refuse('unsupported_grant_type');
	if (client === null || asked.client_id !== client.id ||
	    asked.client_secret !== client.secret)
		return refuse('invalid_client');
	if (client.refresh && asked.refresh_token !== client.refresh &&
	    asked.refresh_token !== client.before)
		return refuse('invalid_grant');
	store.tokens = (store.tokens ?? 0) + 1;
	if (client.refresh) {
		client.before = asked.refresh_token;
		client.refresh = `shprt_${randomUUID()}`;
		store.config.token = `shpat_${randomUUID()}`;
	}
	return json_answer(200, {access_token: store.config.token,
		scope: scopes.join(','), expires_in: client.lasts ?? 86399,
		...client.refresh ? {refresh_token: client.refresh,
			refresh_token_expires_in: 7776000} : {}});
}

function answer(store, request)
{
	const refuse = (status, why) => {
		store.refuse(`HTTP ${status}: ${why}`, {path: request.path});
		return json_answer(status, {errors: why}, API_HEADERS(store));
	};
	let asked;

	if (`${request.method} ${request.path}` ===
	    'POST /admin/oauth/access_token')
		return token_answer(store, request);
	const [, version] = PATH.exec(request.path) ?? [];

	if (!STRICT_VERSIONS.includes(version))
		return refuse(404, 'Not Found');
	store.data.version = version;
	if (request.method !== 'POST')
		return refuse(405, 'Method Not Allowed');
	if (store.config.token !== null &&
	    request.headers['x-shopify-access-token'] !== store.config.token)
		return refuse(401, '[API] Invalid API key or access token ' +
			'(unrecognized login or wrong password)');
	if (store.config.client?.before)
		store.config.client.before = null;
	if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
		return refuse(415, 'Content-Type is not application/json');
	try {
		asked = JSON.parse(request.body.toString('utf8'));
	} catch {
		return refuse(400, 'Bad Request');
	}
	if (typeof asked?.query !== 'string')
		return refuse(400, {query: 'Required parameter missing or ' +
			'invalid'});

	store.data.touched = new Set();
	const result = graphql_answer(store, {query: asked.query,
		variables: asked.variables ?? {}});

	for (const id of store.data.touched)
		store.echo((webhook) => echo_body(id, store.config.emails[id] ??
			`customer${id}@example.test`, webhook));
	return result;
}

// What a request asks for: the fields of its document, or the path.
function operations({path, body})
{
	try {
		return lite.parse(JSON.parse(body.toString('utf8')).query)
			.selection.map((f) => f.name);
	} catch {
		return [path];
	}
}

export const shopify = {
	name: 'shopify',
	config: {token: 'shpat_fake', client: null, customers: 'any', missing: [],
		untaggable: [], emails: {}, bucket: 2000, restore: 100,
		throttle_status: 200,
		webhook: null, latency_ms: 0, shop_id: '58012345678',
		domain: 'generated.myshopify.com', currency: 'EUR',
		timezone: 'Europe/Berlin', scopes: ['read_customers',
			'write_customers', 'read_orders', 'read_products',
			'write_discounts', 'write_gift_cards',
			'read_store_credit_accounts',
			'write_store_credit_account_transactions']},
	strict: () => strict_load() !== null,
	use: shopify_use,
	new_store: (config) => ({...new_metafields(), ...new_customers(config),
		...new_discounts(), ...new_credit(), touched: new Set(),
		last_id: 1000, version: VERSION, available: config.bucket,
		filled_at: Date.now(), throttled: 0, cost: 0}),
	configure: (store, given) => {
		if ('bucket' in given)
			store.data.available = given.bucket;
	},
	operations,
	throttled: (store, request, fault) =>
		throttled(store, fault.requested ?? COST_MUTATION,
			fault.status ?? store.config.throttle_status),
	answer,
	state: (store) => {
		refill(store);
		const {available, throttled: n, cost} = store.data;

		return {strict: shopify.strict(), throttled: n, cost,
			bucket: {available: Math.floor(available),
				maximum: store.config.bucket,
				restore: store.config.restore},
			...metafield_state(store), ...customer_state(store),
			...discount_state(store), ...credit_state(store)};
	},
};

export function shopify_start(options)
{
	strict_load();
	return fake_start(shopify, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await fake_main(shopify, shopify_start);
