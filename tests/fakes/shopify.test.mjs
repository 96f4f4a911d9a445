// SPDX-License-Identifier: MIT
//
// The Shopify fake.  With FAKE_STRICT=1 (after setup.sh) the same tests run
// with the published schema behind them, and those of strict mode too.
import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import {shopify_start} from './shopify.mjs';
import {strict_errors, strict_load} from './strict.mjs';

const STRICT = process.env.FAKE_STRICT === '1';
const SET = 'mutation loyalty($m: [MetafieldsSetInput!]!) { ' +
	'metafieldsSet(metafields: $m) { metafields { id key value ' +
	'compareDigest } userErrors { field message code elementIndex } } }';

async function with_fake(config, run)
{
	const fake = await shopify_start({config});

	try {
		return await run(fake);
	} finally {
		await fake.close();
	}
}

async function control(fake, method, path, body)
{
	const answer = await fetch(`${fake.url}/__fake/${path}`, {method,
		body: body && JSON.stringify(body)});

	assert.equal(answer.status, 200);
	return answer.json();
}

async function call(fake, query, variables, {headers = {}, store = '',
	path = '/admin/api/2026-10/graphql.json'} = {})
{
	const answer = await fetch(fake.url + store + path, {method: 'POST',
		headers: {'content-type': 'application/json',
			'x-shopify-access-token': 'shpat_fake', ...headers},
		body: typeof query === 'string' ?
			JSON.stringify({query, variables}) : query.raw});

	return {status: answer.status, headers: answer.headers,
		body: await answer.json().catch(() => null)};
}

const item = (id, more = {}) => ({ownerId: `gid://shopify/Customer/${id}`,
	namespace: '$app:loyalty', key: 'balance', type: 'json',
	value: '{"available":1,"version":1}', ...more});

const set = async (fake, items, more) =>
	(await call(fake, SET, {m: items}, more)).body.data.metafieldsSet;

test('sets metafields, told back with digest and in the state', () =>
	with_fake({}, async (fake) => {
		const id = '820982911946154508';
		const {metafields, userErrors} = await set(fake, [item(id)]);
		const state = await control(fake, 'GET', 'state?store=default');

		assert.deepEqual(userErrors, []);
		assert.match(metafields[0].compareDigest, /^[0-9a-f]{64}$/);
		assert.deepEqual(state.values[id]['$app:loyalty.balance'],
			{available: 1, version: 1});
		assert.equal(state.applied, 1);
		assert.equal(state.refused_count, 0);
		assert.equal(state.in_flight_max, 1);
	}));

test('sets nothing when one of them is wrong, and says which', () =>
	with_fake({missing: [2]}, async (fake) => {
		const {metafields, userErrors} = await set(fake,
			[item(1), item(2), item(3)]);
		const state = await control(fake, 'GET', 'state?store=default');

		assert.deepEqual(metafields, []);
		assert.equal(userErrors.length, 1);
		assert.equal(userErrors[0].elementIndex, 1);
		assert.deepEqual(userErrors[0].field,
			['metafields', '1', 'ownerId']);
		assert.deepEqual(state.values, {});
		assert.equal(state.applied, 0);
	}));

test('takes 25 at a time', () => with_fake({}, async (fake) => {
	const many = (n) => Array.from({length: n}, (_, i) => item(i + 1));

	assert.deepEqual((await set(fake, many(25))).userErrors, []);
	assert.equal((await set(fake, many(26))).userErrors[0].code,
		'LESS_THAN_OR_EQUAL_TO');
}));

test('a list of customers is the customers there are', () =>
	with_fake({customers: [7, '8']}, async (fake) => {
		assert.deepEqual((await set(fake, [item(7), item(8)]))
			.userErrors, []);
		assert.equal((await set(fake, [item(9)])).userErrors.length, 1);
	}));

const WRONG = {
	'a balance that is no number': [{type: 'number_integer', value: '1.5'},
		'INVALID_VALUE'],
	'a balance beyond 2^53': [{type: 'number_integer',
		value: '9007199254740992'}, 'INVALID_VALUE'],
	'JSON that is none': [{value: '{'}, 'INVALID_VALUE'],
	'an empty value': [{value: ''}, 'BLANK'],
	'a type there is not': [{type: 'integer'}, 'INCLUSION'],
	'no type': [{type: undefined}, 'BLANK'],
	'a key too short': [{key: 'b'}, 'TOO_SHORT'],
	'a namespace with a blank': [{namespace: 'my app'}, 'INVALID'],
	'an owner that is no customer': [{ownerId: 'gid://shopify/Foo/1'},
		'INVALID'],
	'a digest for what is not there': [{compareDigest: 'a'.repeat(64)},
		'STALE_OBJECT'],
	'a digest that is none': [{compareDigest: 'x'},
		'INVALID_COMPARE_DIGEST'],
};

for (const [name, [change, code]] of Object.entries(WRONG))
	test(`refuses ${name}`, () => with_fake({}, async (fake) => {
		const {userErrors} = await set(fake, [item(1, change)]);

		assert.equal(userErrors[0]?.code, code);
		assert.equal(userErrors[0].elementIndex, 0);
	}));

test('compares digests', () => with_fake({}, async (fake) => {
	const first = await set(fake, [item(1, {compareDigest: null})]);
	const digest = first.metafields[0].compareDigest;

	assert.equal((await set(fake, [item(1, {compareDigest: null})]))
		.userErrors[0].code, 'STALE_OBJECT');
	assert.deepEqual((await set(fake, [item(1, {compareDigest: digest,
		value: '{"available":2,"version":2}'})])).userErrors, []);
	assert.equal((await set(fake, [item(1, {type: 'number_integer',
		value: '1'})])).userErrors[0].code, 'INVALID_TYPE');
}));

// Documents and variables that the published schema does not allow; the
// small checks without it find them too.
const BAD_CALLS = {
	'a number as value': [SET, {m: [item(1, {value: 12})]}],
	'no owner': [SET, {m: [item(1, {ownerId: undefined})]}],
	'a field there is not': [SET, {m: [item(1, {amount: '1'})]}],
	'no list': [SET, {m: null}],
	'half a document': ['mutation { metafieldsSet(', {}],
	'an unknown result field': ['mutation { metafieldsSet(metafields: ' +
		'[]) { nope } }', {}],
	'an unknown mutation': ['mutation { metafieldsPut { id } }', {}],
};

for (const [name, [query, variables]] of Object.entries(BAD_CALLS))
	test(`answers errors to ${name}`, () => with_fake({}, async (fake) => {
		const {status, body} = await call(fake, query, variables);
		const state = await control(fake, 'GET', 'state?store=default');

		assert.equal(status, 200);
		assert.equal(body.data, undefined);
		assert.ok(body.errors.length > 0);
		assert.ok(state.refused_count > 0);
		assert.equal(state.applied, 0);
	}));

test('tells the number of the shop', () =>
	with_fake({shop_id: '12', domain: 'x.myshopify.com'}, async (fake) => {
		const ask = 'query number { shop { id myshopifyDomain } }';

		assert.deepEqual((await call(fake, ask)).body.data, {shop: {
			id: 'gid://shopify/Shop/12',
			myshopifyDomain: 'x.myshopify.com'}});
	}));

const ABOUT = 'query check { shop { name myshopifyDomain currencyCode ' +
	'ianaTimezone } currentAppInstallation { accessScopes { handle } } }';

test('tells what the token may do, and lets it do no more', () =>
	with_fake({scopes: ['read_customers'], currency: 'USD', timezone:
		'America/New_York', domain: 'x.myshopify.com'}, async (fake) => {
		const {body} = await call(fake, ABOUT);
		const set = await call(fake, SET, {m: []});

		assert.deepEqual(body.data, {shop: {name: 'default',
			myshopifyDomain: 'x.myshopify.com',
			currencyCode: 'USD',
			ianaTimezone: 'America/New_York'},
		currentAppInstallation: {accessScopes:
			[{handle: 'read_customers'}]}});
		assert.equal(set.body.errors[0].extensions.code,
			'ACCESS_DENIED');
	}));

test('the strict checks know the whole schema', {skip: !STRICT}, () =>
	with_fake({}, async (fake) => {
		const wrong = async (query, variables, pattern) => {
			const {body} = await call(fake, query, variables);

			assert.match(body.errors?.[0]?.message ?? 'none',
				pattern);
		};
		const state = await control(fake, 'GET', 'state?store=default');

		assert.equal(state.strict, true);
		await wrong('query { shop { nam } }', {}, /Cannot query field/);
		await wrong('query($id: Int!) { customer(id: $id) { id } }',
			{id: 1}, /used in position expecting type "ID!"/);
		await wrong('mutation($t: WebhookSubscriptionTopic!, $w: ' +
			'WebhookSubscriptionInput!) { ' +
			'webhookSubscriptionCreate(topic: $t, ' +
			'webhookSubscription: $w) { userErrors { message } } }',
		{t: 'orders/paid', w: {uri: 'https://x'}},
		/does not exist in "WebhookSubscriptionTopic" enum/);
		await wrong('query { currentBulkOperation { id } }', {},
			/deprecated/);
		await wrong(SET, {m: [], stray: 1}, /not declared/);
	}));

const CODE = 'mutation($d: DiscountCodeBasicInput!) { ' +
	'discountCodeBasicCreate(basicCodeDiscount: $d) { ' +
	'userErrors { message } } }';

// What a document or its variables have that is deprecated.
const OLD = {
	'a member in a variable': [CODE, {d: {customerSelection: {all: true}}},
		/d\.customerSelection .* deprecated/],
	'a member in the document': ['mutation { discountCodeBasicCreate(' +
		'basicCodeDiscount: {customerSelection: {all: true}}) ' +
		'{ userErrors { message } } }', {}, /deprecated/],
	'a field': ['query { customer(id: "gid://shopify/Customer/1") ' +
		'{ email } }', {}, /deprecated/],
};

for (const [what, [query, variables, pattern]] of Object.entries(OLD))
	test(`strict: refuses ${what} that is deprecated`, {skip: !STRICT},
		() => with_fake({}, async (fake) => assert.match(
			(await call(fake, query, variables)).body.errors?.[0]
				?.message ?? 'none', pattern)));

test('strict: a document has to be right by both versions',
	{skip: !STRICT}, async () => {
		const {buildSchema} = await import('graphql');
		const graphql = await import('graphql');
		const schemas = {old: buildSchema('type Query { a: Int }'),
			new: buildSchema('type Query { b: Int a: Int }')};

		assert.match(strict_errors({graphql, schemas}, '{ b }', {})[0]
			.message, /Cannot query field "b".* \(old\)/);
		assert.deepEqual(strict_errors({graphql, schemas}, '{ a }', {}),
			[]);
		assert.deepEqual(Object.keys(strict_load().schemas),
			['2026-07', '2026-10']);
	});

test('answers for both versions, and says which', () =>
	with_fake({}, async (fake) => {
		for (const v of ['2026-07', '2026-10']) {
			const {status, headers} = await call(fake, SET,
				{m: [item(1)]},
				{path: `/admin/api/${v}/graphql.json`});

			assert.equal(status, 200);
			assert.equal(headers.get('x-shopify-api-version'), v);
		}
	}));

test('a fault is for the operations that it names', () =>
	with_fake({}, async (fake) => {
		const shop = 'query { shop { id } }';

		await control(fake, 'POST', 'faults', [
			{kind: 'status', status: 430, skip: 1,
				match: ['tagsAdd', 'metafieldsSet']},
			{kind: 'throttle', status: 429, match: 'shop'}]);
		assert.equal((await call(fake, SET, {m: []})).status, 200);
		assert.equal((await call(fake, SET, {m: []})).status, 430);
		assert.equal((await call(fake, SET, {m: []})).status, 200);
		const {status, body} = await call(fake, shop);

		assert.equal(status, 429);
		assert.equal(body.errors[0].extensions.code, 'THROTTLED');
		assert.equal((await call(fake, shop)).status, 200);
	}));

test('strict mode will not start without its packages', async () => {
	const {spawnSync} = await import('node:child_process');
	const {cpSync, mkdtempSync, rmSync} = await import('node:fs');
	const {join} = await import('node:path');
	const {tmpdir} = await import('node:os');
	const {fileURLToPath} = await import('node:url');
	const here = fileURLToPath(new URL('.', import.meta.url));
	const dir = mkdtempSync(join(tmpdir(), 'fakes-'));

	try {
		for (const part of ['fakes', 'support'])
			cpSync(join(here, '..', part), join(dir, part), {
				recursive: true, filter: (f) =>
					!/node_modules/.test(f)});
		const run = spawnSync(process.execPath,
			[join(dir, 'fakes/shopify.mjs')],
			{env: {...process.env, FAKE_STRICT: '1'},
				encoding: 'utf8', timeout: 10000});

		assert.notEqual(run.status, 0);
		assert.match(run.stderr, /setup\.sh/);
	} finally {
		rmSync(dir, {recursive: true});
	}
});

test('HTTP refusals', () => with_fake({}, async (fake) => {
	const status = async (...args) => (await call(fake, ...args)).status;

	assert.equal(await status(SET, {m: []},
		{headers: {'x-shopify-access-token': 'other'}}), 401);
	assert.equal(await status(SET, {m: []},
		{path: '/admin/api/2024-01/graphql.json'}), 404);
	assert.equal(await status(SET, {m: []},
		{headers: {'content-type': 'text/plain'}}), 415);
	assert.equal(await status({raw: '{"query":'}), 400);
	assert.equal(await status({raw: '{}'}), 400);
}));

test('throttles by cost, and the bucket fills again', () =>
	with_fake({bucket: 30, restore: 50}, async (fake) => {
		let last;

		// A call costs more than fills up between two of them.
		for (let i = 0; i < 50 && !last?.body.errors; i++)
			last = await call(fake, SET, {m: [item(1)]});
		const {cost} = last.body.extensions;
		const {currentlyAvailable: available, restoreRate} =
			cost.throttleStatus;

		assert.equal(last.status, 200);
		assert.equal(last.body.errors[0].extensions.code, 'THROTTLED');
		assert.equal(cost.actualQueryCost, null);
		assert.ok(cost.requestedQueryCost > available);
		assert.equal(restoreRate, 50);
		await new Promise((r) => setTimeout(r, 20 + 1000 *
			(cost.requestedQueryCost - available) / restoreRate));
		assert.deepEqual((await set(fake, [item(1)])).userErrors, []);
	}));

// The document of a call in which push sends all that it can.
const ALL = 'mutation loyalty($m: [MetafieldsSetInput!]!, ' +
	'$d: MetafieldDefinitionInput!, $c0: ID!, $on0: [String!]!, ' +
	'$off0: [String!]!) { define: metafieldDefinitionCreate(definition: ' +
	'$d) { createdDefinition { id } userErrors { code } } metafieldsSet(' +
	'metafields: $m) { userErrors { field message code elementIndex } } ' +
	'on0: tagsAdd(id: $c0, tags: $on0) { userErrors { field message } } ' +
	'off0: tagsRemove(id: $c0, tags: $off0) { userErrors { field ' +
	'message } } }';

test('defines metafields, and changes tags, of those asked for alone', () =>
	with_fake({untaggable: [2]}, async (fake) => {
		const d = {name: 'Loyalty', namespace: '$app:loyalty',
			key: 'balance', type: 'json', ownerType: 'CUSTOMER',
			access: {storefront: 'NONE', customerAccount: 'READ'}};
		const all = (id, on0, off0) => call(fake, ALL, {m: [item(id)],
			d, c0: `gid://shopify/Customer/${id}`, on0, off0});
		const {data, extensions} = (await all(1, ['a', 'b'], [])).body;

		assert.deepEqual(data.define.userErrors, []);
		assert.deepEqual(data.on0, {userErrors: []});
		assert.ok(extensions.cost.requestedQueryCost >= 40);
		const again = (await all(1, ['b', 'c'], ['a', 'x'])).body.data;

		assert.equal(again.define.userErrors[0].code, 'TAKEN');
		const none = (await all(2, ['a'], ['b'])).body.data;

		assert.equal(none.on0.userErrors.length, 1);
		assert.equal(none.off0.userErrors.length, 1);
		const state = await control(fake, 'GET', 'state?store=default');

		assert.deepEqual(state.tags, {1: ['b', 'c']});
		assert.deepEqual(state.definitions, {'$app:loyalty.balance': d});
	}));

test('tells when an old version overwrites a newer one', () =>
	with_fake({}, async (fake) => {
		const value = (version) => ({value: JSON.stringify({version})});

		await set(fake, [item(1, value(5)), item(2, value(5))]);
		await set(fake, [item(1, value(5)), item(2, value(4))]);
		const state = await control(fake, 'GET', 'state?store=default');

		assert.equal(state.stale_count, 1);
		assert.deepEqual([state.stale[0].customer, state.stale[0].had,
			state.stale[0].got], ['2', '5', '4']);
	}));

test('stores are apart', () => with_fake({}, async (fake) => {
	await set(fake, [item(1)], {store: '/s/one'});
	const {stores} = await control(fake, 'GET', 'state');

	assert.equal(stores.one.applied, 1);
	assert.equal(stores.default.applied, 0);
}));

test('sees how many calls come at once', () =>
	with_fake({latency_ms: 50}, async (fake) => {
		await Promise.all([1, 2, 3].map((i) => set(fake, [item(i)])));
		const state = await control(fake, 'GET', 'state?store=default');

		assert.equal(state.in_flight_max, 3);
		assert.equal(state.in_flight, 0);
	}));

test('a client that gave up and asks again is one at a time', () =>
	with_fake({}, async (fake) => {
		await control(fake, 'POST', 'faults',
			{kind: 'slow', ms: 120, times: 3});
		for (let i = 0; i < 3; i++)
			await fetch(
				`${fake.url}/admin/api/2026-10/graphql.json`,
				{method: 'POST', body: '{}',
					signal: AbortSignal.timeout(30)})
				.catch(() => {});
		await new Promise((r) => setTimeout(r, 150));
		const state = await control(fake, 'GET', 'state?store=default');

		assert.equal(state.calls, 3);
		assert.equal(state.in_flight_max, 1);
	}));

const applied = async (fake) =>
	(await control(fake, 'GET', 'state?store=default')).applied;

// [fault, what the client sees, how many were set]
const FAULTS = {
	status: [{status: 503, retry_after: 2}, 503, 0],
	drop: [{}, 'cut', 0],
	reset: [{}, 'cut', 0],
	timeout: [{ms: 50}, 'cut', 0],
	slow: [{ms: 50}, 200, 1],
	'reply-lost': [{}, 'cut', 1],
	'half-reply': [{}, 'cut', 1],
	throttle: [{}, 200, 0],
};

for (const [kind, [more, seen, set_count]] of Object.entries(FAULTS))
	test(`fault ${kind}, once`, () => with_fake({}, async (fake) => {
		await control(fake, 'POST', 'faults', {kind, ...more});
		const got = await fetch(
			`${fake.url}/admin/api/2026-10/graphql.json`, {
				method: 'POST', headers: {
					'content-type': 'application/json',
					'x-shopify-access-token': 'shpat_fake'},
				body: JSON.stringify({query: SET,
					variables: {m: [item(1)]}})})
			.then(async (a) => {
				await a.arrayBuffer();
				if (kind === 'status')
					assert.equal('2',
						a.headers.get('retry-after'));
				return a.status;
			}).catch(() => 'cut');

		assert.equal(got, seen);
		assert.equal(await applied(fake), set_count);
		// The next one is well.
		assert.deepEqual((await set(fake, [item(1)])).userErrors, []);
	}));

test('a share of all calls fails, the same with the same seed', () =>
	with_fake({}, async (fake) => {
		const run = async () => {
			const seen = [];

			await control(fake, 'POST', 'reset');
			await control(fake, 'POST', 'faults', {kind: 'status',
				status: 500, rate: 0.5, seed: 9});
			for (let i = 0; i < 30; i++)
				seen.push((await call(fake, SET,
					{m: [item(1)]})).status);
			return seen;
		};
		const first = await run();

		assert.deepEqual(await run(), first);
		assert.ok(first.includes(500) && first.includes(200));
	}));

test('echoes customers/update, signed', async () => {
	const got = [];
	const server = http.createServer(async (request, answer) => {
		const parts = [];

		for await (const p of request)
			parts.push(p);
		got.push({headers: request.headers,
			body: Buffer.concat(parts)});
		answer.end();
	});

	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	await with_fake({webhook: {secret: 'hush', domain: 'a.myshopify.com',
		url: `http://127.0.0.1:${server.address().port}/webhooks/x`}},
	async (fake) => {
		await set(fake, [item('820982911946154508'), item(2)]);
		while (got.length < 2)
			await new Promise((r) => setTimeout(r, 5));
	});
	server.close();
	const {headers, body} = got[0];

	assert.equal(headers['x-shopify-topic'], 'customers/update');
	assert.match(body.toString(), /"id":820982911946154508,/);
	assert.equal(headers['x-shopify-hmac-sha256'],
		createHmac('sha256', 'hush').update(body).digest('base64'));
});
