#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// shopify: a test double of Shopify's Admin GraphQL API, as far as pushing
// balances goes.  As a process:
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
// with metafieldsSet, metafieldDefinitionCreate, tagsAdd, tagsRemove,
// customer(id:), shop, currentAppInstallation, and what shopify_rewards.mjs has.
// With FAKE_STRICT=1 every
// document and its variables are validated by graphql-js against Shopify's
// published schemas of both versions (setup.sh fetches them), deprecated fields
// included; without, by graphql_lite.mjs and a few checks of its own.
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
//	scopes      of the token; without write_customers metafieldsSet is
//	            ACCESS_DENIED
//	emails      {id: address} of customers; of others
//	            customerID@example.test
//
// State: metafields {customer: {"namespace.key": {value, type, version,
// updated_at, digest, sets}}}, definitions {"namespace.key": the input}, tags
// {customer: [tag]}, tag_calls, values {customer: {"namespace.key": value}}
// with JSON values parsed, bucket, throttled, cost, strict.
import {createHash, randomUUID} from 'node:crypto';
import {fileURLToPath} from 'node:url';
import {shopify_signature} from '../support/sign.mjs';
import {fake_main, fake_start, json_answer, version_of} from './fake.mjs';
import * as lite from './graphql_lite.mjs';
import {credit_accounts, new_rewards, reward_fields, reward_scopes,
	reward_state, shopify_use} from './shopify_rewards.mjs';
import {STRICT_VERSIONS, strict_errors, strict_load} from './strict.mjs';

const VERSION = STRICT_VERSIONS.at(-1);	// of webhooks
const PATH = /^\/admin\/api\/([^/]+)\/graphql\.json$/;
const METAFIELDS_MAX = 25;	// of one metafieldsSet
const COST_MAX = 1000;		// of one query
const COST_MUTATION = 10;
const INTEGER_MAX = 9007199254740991n;	// of number_integer

// ---- metafields -------------------------------------------------------

const TYPES = {
	number_integer: (v) => /^-?\d{1,16}$/.test(v) &&
		BigInt(v) <= INTEGER_MAX && BigInt(v) >= -INTEGER_MAX,
	number_decimal: (v) => /^-?\d{1,13}(\.\d{1,9})?$/.test(v),
	boolean: (v) => v === 'true' || v === 'false',
	single_line_text_field: (v) => v !== '' && !/[\r\n]/.test(v),
	multi_line_text_field: (v) => v !== '',
	date_time: (v) =>
		/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?$/.test(v),
	json: (v) => {
		try {
			JSON.parse(v);
			return true;
		} catch {
			return false;
		}
	},
};

const INPUT = {ownerId: 'required', namespace: 'text', key: 'required',
	type: 'text', value: 'required', compareDigest: 'text'};

// The shape of one MetafieldsSetInput, for when graphql-js is not there.
function shape_error(m)
{
	if (m === null || typeof m !== 'object' || Array.isArray(m))
		return 'is not an object';
	for (const [name, kind] of Object.entries(INPUT)) {
		const given = m[name];

		if (kind === 'required' && (given ?? null) === null)
			return `${name} is required`;
		if (given !== undefined && given !== null &&
		    typeof given !== 'string')
			return `${name} is not a String`;
	}
	const stray = Object.keys(m).find((k) => !(k in INPUT));

	return stray ? `${stray} is not defined by MetafieldsSetInput` : null;
}

const digest = (value) => createHash('sha256').update(value).digest('hex');

function exists(store, id)
{
	const {customers, missing} = store.config;

	if ((missing ?? []).some((m) => String(m) === id))
		return false;
	return customers === 'any' || customers.some((c) => String(c) === id);
}

// The first thing wrong with one input: [code, field, message], or null.
function metafield_error(store, m, owner, name, stored)
{
	const type = m.type ?? stored?.type;

	if (!owner || !exists(store, owner))
		return ['INVALID', 'ownerId', 'Owner does not exist.'];
	if (!/^(\$app(:[\w-]+)*|[\w-]{3,255})$/.test(name.namespace))
		return ['INVALID', 'namespace', 'Namespace is invalid.'];
	if (m.key.length < 2)
		return ['TOO_SHORT', 'key',
			'Key is too short (minimum is 2 characters).'];
	if (!/^[\w-]{2,64}$/.test(m.key))
		return ['INVALID', 'key', 'Key is invalid.'];
	if (!type)
		return ['BLANK', 'type', "Type can't be blank."];
	if (!(type in TYPES))
		return ['INCLUSION', 'type',
			'Type is not included in the list.'];
	if (stored && stored.type !== type)
		return ['INVALID_TYPE', 'type', 'Type must be consistent ' +
			`with the stored type: '${stored.type}'.`];
	if (m.value === '')
		return ['BLANK', 'value', 'may not be empty'];
	if (!TYPES[type](m.value))
		return ['INVALID_VALUE', 'value',
			`Value is invalid for type ${type}.`];
	if (m.compareDigest === undefined)
		return null;
	if (m.compareDigest !== null && !/^[0-9a-f]{64}$/.test(m.compareDigest))
		return ['INVALID_COMPARE_DIGEST', 'compareDigest',
			'The compareDigest is invalid.'];
	if ((stored?.digest ?? null) !== m.compareDigest)
		return ['STALE_OBJECT', 'compareDigest', 'The resource has ' +
			'been updated since it was loaded. Try again with an ' +
			'updated `compareDigest` value.'];
	return null;
}

function metafields_set(store, {metafields})
{
	const errors = [], done = [];

	if (metafields.length > METAFIELDS_MAX)
		errors.push({field: ['metafields'], message: 'Exceeded the ' +
			`maximum metafields input limit of ${METAFIELDS_MAX}.`,
			code: 'LESS_THAN_OR_EQUAL_TO', elementIndex: null});
	metafields.slice(0, METAFIELDS_MAX).forEach((m, i) => {
		const owner = /^gid:\/\/shopify\/Customer\/([1-9]\d*)$/
			.exec(m.ownerId)?.[1];
		const namespace = m.namespace ?? '$app';
		const key = `${namespace}.${m.key}`;
		const stored = store.data.metafields.get(owner)?.[key];
		const wrong = metafield_error(
			store, m, owner, {namespace}, stored);

		if (wrong)
			errors.push({field: ['metafields', String(i), wrong[1]],
				message: wrong[2], code: wrong[0],
				elementIndex: i});
		done.push({m, owner, namespace, key});
	});
	if (errors.length > 0) {
		for (const e of errors)
			store.refuse(`${e.code}: ${e.message}`,
				{field: e.field});
		return {metafields: [], userErrors: errors};
	}
	return {metafields: done.map((d) => metafield_set(store, d)),
		userErrors: []};
}

function metafield_set(store, {m, owner, namespace, key})
{
	const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
	const of = store.data.metafields.get(owner) ?? {};
	const stored = of[key];

	of[key] = {id: stored?.id ?? ++store.data.last_id, namespace,
		key: m.key, type: m.type ?? stored.type, value: m.value,
		digest: digest(m.value), created_at: stored?.created_at ?? now,
		updated_at: now, sets: (stored?.sets ?? 0) + 1,
		version: version_of(key, m.value)?.toString() ?? null};
	store.data.metafields.set(owner, of);
	store.data.touched.add(owner);
	store.applied(owner, key, stored?.value, m.value);
	return metafield_view(of[key]);
}

function metafield_view(m)
{
	return {id: `gid://shopify/Metafield/${m.id}`, namespace: m.namespace,
		key: m.key, type: m.type, value: m.value,
		compareDigest: m.digest, createdAt: m.created_at,
		updatedAt: m.updated_at, ownerType: 'CUSTOMER',
		legacyResourceId: String(m.id),
		sizeInBytes: Buffer.byteLength(m.value),
		__typename: 'Metafield'};
}

// ---- definitions, tags ------------------------------------------------------

function definition_create(store, {definition: d})
{
	const name = `${d.namespace ?? '$app'}.${d.key}`;
	const refuse = (code, message) => ({createdDefinition: null,
		userErrors: [{field: ['definition'], message, code}]});

	if (d.ownerType !== 'CUSTOMER' || !(d.type in TYPES))
		return refuse('INVALID_OPTION', 'Type is invalid.');
	if (store.data.definitions.has(name))
		return refuse('TAKEN', `Key is in use for Customer metafields ` +
			`on the '${d.namespace}' namespace.`);
	store.data.definitions.set(name, d);
	return {createdDefinition: {id: 'gid://shopify/MetafieldDefinition/' +
		`${++store.data.last_id}`}, userErrors: []};
}

function tags_change(store, {id, tags}, change)
{
	const owner = /^gid:\/\/shopify\/Customer\/([1-9]\d*)$/.exec(id)?.[1];
	const {untaggable} = store.config;
	const had = store.data.tags.get(owner) ?? [];

	store.data.tag_calls++;
	if (!owner || !exists(store, owner) ||
	    untaggable.some((u) => String(u) === owner))
		return {node: null, userErrors: [{field: ['id'],
			message: 'Customer does not exist'}]};
	store.data.tags.set(owner, change(had, tags));
	store.data.touched.add(owner);
	return {node: {id}, userErrors: []};
}

const tags_add = (store, args) => tags_change(store, args,
	(had, tags) => [...new Set([...had, ...tags])].sort());
const tags_remove = (store, args) => tags_change(store, args,
	(had, tags) => had.filter((t) => !tags.includes(t)));

function customer_view(store, {id}, selection)
{
	const owner = /^gid:\/\/shopify\/Customer\/(\d+)$/.exec(id)?.[1];
	const view = {id, legacyResourceId: owner,
		tags: store.data.tags.get(owner) ?? [],
		storeCreditAccounts: credit_accounts(store, owner),
		__typename: 'Customer'};

	if (!owner || !exists(store, owner))
		return null;
	// A metafield is a field with arguments: each asks for its own.
	for (const f of selection ?? []) {
		if (f.name !== 'metafield')
			continue;
		const a = lite.values(f.args, store.data.variables);
		const m = store.data.metafields.get(owner)?.[
			`${a.namespace ?? '$app'}.${a.key}`];

		view.metafield = m ? metafield_view(m) : null;
	}
	return view;
}

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

// Costs of a selection: each mutation 10, each object 1.
function objects_in(selection)
{
	return (selection ?? []).reduce((n, f) =>
		n + (f.selection ? 1 + objects_in(f.selection) : 0), 0);
}

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

// A payload with every field this fake has, to check a selection before
// anything is carried out.
const PAYLOAD = {metafields: [metafield_view({id: 1, value: ''})].map(
	(m) => Object.fromEntries(Object.keys(m).map((k) => [k, '']))),
userErrors: [{field: [''], message: '', code: '', elementIndex: 0}]};

function lite_errors(operation, variables)
{
	for (const {name, required} of operation.variables)
		if (required && (variables[name] === undefined ||
		    variables[name] === null))
			return [{message: `Variable $${name} was provided ` +
				'invalid value', extensions: {value: null}}];
	for (const f of operation.selection) {
		if (f.name !== 'metafieldsSet')
			continue;
		lite.project(PAYLOAD, f.selection);
		const {metafields} = lite.values(f.args, variables);

		if (!Array.isArray(metafields))
			return [{message: 'metafields is not a list'}];
		for (const [i, m] of metafields.entries()) {
			const wrong = shape_error(m);

			if (wrong)
				return [{message: 'Variable was provided ' +
					`invalid value for ${i}: ${wrong}`}];
		}
	}
	return [];
}

const REWARDS = reward_fields((store) => (id) => id && exists(store, id));

const FIELDS = {
	mutation: {metafieldsSet: metafields_set,
		metafieldDefinitionCreate: definition_create,
		tagsAdd: tags_add, tagsRemove: tags_remove,
		...REWARDS.mutation},
	query: {
		...REWARDS.query,
		customer: (store, args, selection) =>
			customer_view(store, args, selection),
		shop: (store) => ({
			id: `gid://shopify/Shop/${store.config.shop_id}`,
			name: store.name,
			myshopifyDomain: store.config.domain,
			currencyCode: store.config.currency,
			ianaTimezone: store.config.timezone}),
		currentAppInstallation: (store) => ({
			id: 'gid://shopify/AppInstallation/1',
			accessScopes: store.config.scopes.map((handle) =>
				({handle, description: handle}))}),
	},
};

function execute(store, operation, variables)
{
	const data = {};

	store.data.variables = variables;
	for (const f of operation.selection) {
		const field = FIELDS[operation.type][f.name];

		if (!field)
			throw new SyntaxError(
				`no ${operation.type} ${f.name} in this fake`);
		data[f.key] = lite.project(field(store,
			lite.values(f.args, variables), f.selection),
		f.selection);
	}
	return data;
}

function graphql_answer(store, {query, variables})
{
	const strict = strict_load();
	let errors = strict ? strict_errors(strict, query, variables) : [];
	let operation;

	if (errors.length === 0) {
		try {
			operation = lite.parse(query);
			errors = lite_errors(operation, variables);
		} catch (e) {
			errors = [{message: e.message}];
		}
	}
	if (errors.length > 0) {
		for (const e of errors)
			store.refuse(`GraphQL: ${e.message}`, {query});
		return json_answer(200, {errors}, API_HEADERS(store));
	}

	const requested = objects_in(operation.selection) +
		(operation.type === 'mutation' ?
			COST_MUTATION * operation.selection.length : 0);

	refill(store);
	if (requested > COST_MAX)
		return json_answer(200, {errors: [{message:
			`Query cost is ${requested}, which exceeds the ` +
			`single query max cost limit (${COST_MAX}).`,
		extensions: {code: 'MAX_COST_EXCEEDED'}}]}, API_HEADERS(store));
	if (requested > store.data.available)
		return throttled(store, requested,
			store.config.throttle_status);
	if (operation.type === 'mutation' && !store.config.scopes.includes(
		reward_scopes[operation.selection[0].name] ??
			'write_customers'))
		return access_denied(store, operation, requested);
	try {
		const data = execute(store, operation, variables);

		store.data.available -= requested;
		store.data.cost += requested;
		return json_answer(200, {data, extensions:
			cost_of(store, requested, requested)}, API_HEADERS(store));
	} catch (e) {
		if (!(e instanceof SyntaxError))
			throw e;
		store.refuse(`GraphQL: ${e.message}`, {query});
		return json_answer(200, {errors: [{message: e.message}]},
			API_HEADERS(store));
	}
}

// A field that the token has no scope for: the rest of the data is null.
function access_denied(store, operation, requested)
{
	const [{name, key}] = operation.selection;

	store.refuse(`ACCESS_DENIED: ${name}`, {});
	return json_answer(200, {data: {[key]: null}, errors: [{message:
		`Access denied for ${name} field.`, path: [key],
	extensions: {code: 'ACCESS_DENIED', documentation:
		'https://shopify.dev/api/usage/access-scopes'}}],
	extensions: cost_of(store, requested, requested)}, API_HEADERS(store));
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

function parsed(value)
{
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
}

export const shopify = {
	name: 'shopify',
	config: {token: 'shpat_fake', client: null, customers: 'any', missing: [],
		untaggable: [], emails: {}, bucket: 2000, restore: 100, throttle_status: 200,
		webhook: null, latency_ms: 0, shop_id: '58012345678',
		domain: 'generated.myshopify.com', currency: 'EUR',
		timezone: 'Europe/Berlin', scopes: ['read_customers',
			'write_customers', 'read_orders', 'write_discounts',
			'write_gift_cards',
			'write_store_credit_account_transactions']},
	strict: () => strict_load() !== null,
	use: shopify_use,
	new_store: (config) => ({rewards: new_rewards(), metafields: new Map(),
		touched: new Set(), definitions: new Map(), tags: new Map(),
		tag_calls: 0, last_id: 1000, version: VERSION,
		available: config.bucket, filled_at: Date.now(),
		throttled: 0, cost: 0, variables: {}}),
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
		const {metafields, available, throttled: n, cost} = store.data;

		return {strict: shopify.strict(), ...reward_state(store), throttled: n, cost,
			bucket: {available: Math.floor(available),
				maximum: store.config.bucket,
				restore: store.config.restore},
			metafields: Object.fromEntries(metafields),
			definitions: Object.fromEntries(store.data.definitions),
			tags: Object.fromEntries(store.data.tags),
			tag_calls: store.data.tag_calls,
			values: Object.fromEntries([...metafields].map(
				([id, of]) => [id, Object.fromEntries(
					Object.entries(of).map(([k, m]) =>
						[k, parsed(m.value)]))]))};
	},
};

export function shopify_start(options)
{
	strict_load();
	return fake_start(shopify, options);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await fake_main(shopify, shopify_start);
