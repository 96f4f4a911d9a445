// SPDX-License-Identifier: MIT
//
// The WooCommerce fake against what a real shop answered
// (tests/data/woocommerce/rest).
import assert from 'node:assert/strict';
import http from 'node:http';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {woocommerce_signature} from '../support/sign.mjs';
import {woocommerce_start} from './woocommerce.mjs';

const REST = new URL('../data/woocommerce/rest/', import.meta.url);
const KEYS = [{key: 'ck_fake', secret: 'cs_fake', permissions: 'read_write'},
	{key: 'ck_read', secret: 'cs_read', permissions: 'read'},
	{key: 'ck_write', secret: 'cs_write', permissions: 'write'}];

// "METHOD URL\nBODY\n\n-> STATUS\nHEADERS\n\nBODY"
function recorded(name)
{
	const text = readFileSync(new URL(`${name}.txt`, REST), 'utf8');
	const [asked, answered] = text.split(/^-> /m);
	const [, method, url] = /^(\w+) (\S+)\n/.exec(asked);
	const body = asked.slice(asked.indexOf('\n') + 1).trim();
	const raw = /^b'(.*)'$/s.exec(body)?.[1];

	return {method, path: url.replace(/^https?:\/\/[^/]+/, ''),
		body: raw ?? body, status: Number(answered.slice(0, 3)),
		answer: JSON.parse(answered.slice(answered.search(/\n[[{]/)))};
}

async function with_fake(config, run)
{
	const fake = await woocommerce_start({config: {keys: KEYS,
		missing: [3, 99999], ...config}});

	try {
		return await run(fake);
	} finally {
		await fake.close();
	}
}

// As a proxy that ends TLS hands it on.
const basic = (pair) => ({'x-forwarded-proto': 'https', authorization:
	`Basic ${Buffer.from(pair).toString('base64')}`});

async function call(fake, method, path, body, auth = 'ck_fake:cs_fake')
{
	const answer = await fetch(fake.url + path, {method, headers: {
		'content-type': 'application/json',
		...(auth ? basic(auth) : {})},
	body: method === 'GET' || body === '' ? undefined :
		typeof body === 'string' ? body : JSON.stringify(body)});

	return {status: answer.status, body: await answer.json()};
}

const state = async (fake) => (await fetch(
	`${fake.url}/__fake/state?store=default`)).json();

const BATCH = '/wp-json/wc/v3/customers/batch';
const put = (id, ...meta) => ({id, meta_data: meta});

// Errors, to the letter: [recording, key].
const ERRORS = [['cust-get-missing'], ['cust-put-missing'],
	['cust-put-deleted'], ['cust-put-zero'], ['cust-put-meta-badshape'],
	['auth-https-unknown-key', 'ck_other:cs_other'],
	['auth-https-wrong-secret', 'ck_fake:other'],
	['auth-readonly-put', 'ck_read:cs_read'],
	['auth-writeonly-get', 'ck_write:cs_write'],
	['auth-http-query', null], ['no-route']];

for (const [name, auth] of ERRORS)
	test(`answers ${name} as recorded`, () =>
		with_fake({}, async (fake) => {
			const r = recorded(name);
			const got = await call(fake, r.method, r.path, r.body,
				auth);

			assert.equal(got.status, r.status);
			assert.deepEqual(got.body, r.answer);
			assert.equal((await state(fake)).refused_count, 1);
		}));

test('answers broken JSON as recorded', () => with_fake({}, async (fake) => {
	const r = recorded('bad-json');
	const got = await call(fake, 'POST', BATCH, r.body);

	assert.equal(got.status, r.status);
	assert.deepEqual(got.body, r.answer);
}));

test('does not look at Basic over http, as recorded', () =>
	with_fake({}, async (fake) => {
		const r = recorded('auth-http-basic');
		const answer = await fetch(fake.url + r.path, {headers:
			{authorization: basic('ck_fake:cs_fake').authorization}});

		assert.equal(answer.status, r.status);
		assert.deepEqual(await answer.json(), r.answer);
	}));

// A call as its client sent it, to the host that it meant, at its time.
function sent(fake, {method, path, body}, {headers = {}, late_s = 0} = {})
{
	const now = Date.now;
	const at = /oauth_timestamp=(\d+)/.exec(path)?.[1] ?? 0;

	Date.now = () => (Number(at) + late_s) * 1000;
	return new Promise((resolve, reject) => http.request(fake.url + path,
		{method, agent: false, headers: {host: '127.0.0.1:8088',
			'content-type': 'application/json', ...headers}},
		async (answer) => {
			let text = '';

			for await (const part of answer)
				text += part;
			resolve({status: answer.statusCode,
				body: JSON.parse(text)});
		}).on('error', reject).end(body))
		.finally(() => Date.now = now);
}

const RECORDED_KEYS = {keys: [{permissions: 'read_write',
	key: 'ck_0123456789abcdef0123456789abcdef012345rw',
	secret: 'cs_fedcba9876543210fedcba9876543210fedcbarw'}]};

for (const name of ['auth-http-oauth1', 'auth-http-oauth1-put'])
	test(`takes the signature of ${name}, and each nonce once`, () =>
		with_fake(RECORDED_KEYS, async (fake) => {
			const r = recorded(name);
			const got = await sent(fake, r);
			const again = await sent(fake, r, {late_s: 1});

			assert.equal(got.status, r.status);
			assert.deepEqual(Object.keys(got.body),
				Object.keys(r.answer));
			assert.equal(again.status, 401);
			assert.match(again.body.message, /Invalid nonce/);
		}));

// What is changed of the recorded call: [what, how, options, message].
const REFUSED = [
	['another path', (p) => p.replace('/2?', '/4?'), {}, /does not match/],
	['one more parameter', (p) => `${p}&x=1`, {}, /does not match/],
	['another nonce', (p) => p.replace('nonce=V', 'nonce=W'), {},
		/does not match/],
	['another signature', (p) => p.replace('=GOf', '=GOg'), {},
		/does not match/],
	['another host', (p) => p, {headers: {host: 'shop.example'}},
		/does not match/],
	['https', (p) => p, {headers: {'x-forwarded-proto': 'https'}},
		/does not match/],
	['another method', (p) => p.replace('SHA256', 'SHA512'), {},
		/method is invalid/],
	['a key that is not there', (p) => p.replace('=ck_', '=ck-'), {},
		/Consumer key is invalid/],
	['no nonce', (p) => p.replace('oauth_nonce', 'nonce'), {},
		/^Missing OAuth parameter oauth_nonce$/],
	['a clock that is behind', (p) => p, {late_s: -901},
		/Invalid timestamp/],
	['a clock that is ahead', (p) => p, {late_s: 901},
		/Invalid timestamp/],
];

for (const [what, how, options, message] of REFUSED)
	test(`refuses a signed call with ${what}`, () =>
		with_fake(RECORDED_KEYS, async (fake) => {
			const r = recorded('auth-http-oauth1');
			const got = await sent(fake,
				{...r, path: how(r.path)}, options);

			assert.equal(got.status, 401);
			assert.match(got.body.code,
				/^woocommerce_rest_authentication_/);
			assert.match(got.body.message, message);
		}));

test('a clock may be a quarter of an hour off', () =>
	with_fake(RECORDED_KEYS, async (fake) => {
		const r = recorded('auth-http-oauth1');

		assert.equal((await sent(fake, r, {late_s: 900})).status, 200);
	}));

// Writing metadata: the same keys of the customer, the same values of the
// keys that were sent.
for (const name of ['cust-put-meta', 'cust-put-meta-again',
	'cust-put-meta-null', 'cust-put-meta-empty', 'cust-admin-user'])
	test(`answers ${name} as recorded`, () =>
		with_fake({}, async (fake) => {
			const r = recorded(name);
			const got = await call(fake, r.method, r.path, r.body);
			const told = (answer) => JSON.parse(r.body).meta_data
				.map(({key}) => answer.meta_data.find(
					(m) => m.key === key)?.value);

			assert.equal(got.status, r.status);
			assert.deepEqual(Object.keys(got.body),
				Object.keys(r.answer));
			assert.deepEqual(told(got.body), told(r.answer));
		}));

test('answers cust-batch as recorded: each item for itself', () =>
	with_fake({}, async (fake) => {
		const r = recorded('cust-batch');
		const got = await call(fake, r.method, r.path, r.body);
		const [good, bad] = got.body.update;

		assert.equal(got.status, r.status);
		assert.deepEqual(Object.keys(got.body), Object.keys(r.answer));
		assert.deepEqual(Object.keys(good),
			Object.keys(r.answer.update[0]));
		assert.deepEqual(bad, r.answer.update[1]);
		assert.deepEqual((await state(fake)).meta, {2: {b: '1'}});
	}));

test('tells its settings as system-status-head was recorded', () =>
	with_fake({}, async (fake) => {
		const r = recorded('system-status-head');
		const got = await call(fake, r.method, r.path, '');

		assert.equal(got.status, r.status);
		assert.deepEqual(Object.keys(got.body), Object.keys(r.answer));
		for (const [k, v] of Object.entries(got.body.settings))
			assert.deepEqual(v, r.answer.settings[k], k);
	}));

test('says who it is to everybody, and no more than is asked', () =>
	with_fake({timezone: ''}, async (fake) => {
		const got = await call(fake, 'GET', '/wp-json/?_fields=' +
			'name,home,timezone_string,gmt_offset', '', null);

		assert.deepEqual(got, {status: 200, body: {name: 'Fake shop',
			home: 'https://generated.example', timezone_string: '',
			gmt_offset: '2'}});
	}));

test('a batch of nobody is carried out, by who may', () =>
	with_fake({keys: [...KEYS, {key: 'ck_c', secret: 'cs_c',
		permissions: 'read_write', role: 'customer'}]},
	async (fake) => {
		const ask = async (auth) => (await call(fake, 'POST', BATCH,
			{update: []}, auth));

		assert.deepEqual(await ask('ck_fake:cs_fake'),
			{status: 200, body: []});
		assert.equal((await ask('ck_read:cs_read')).body.code,
			'woocommerce_rest_authentication_error');
		assert.equal((await ask('ck_c:cs_c')).status, 403);
		assert.equal((await state(fake)).applied, 0);
	}));

test('takes a hundred, not more', () => with_fake({}, async (fake) => {
	const many = (n) => ({update: Array.from({length: n}, (_, i) =>
		put(i + 10, {key: 'loyalty_points', value: '1'}))});
	const most = await call(fake, 'POST', BATCH, many(100));
	const more = await call(fake, 'POST', BATCH, many(101));

	assert.equal(most.status, 200);
	assert.equal(most.body.update.length, 100);
	assert.equal(more.status, 413);
	assert.deepEqual(more.body, {
		code: 'woocommerce_rest_request_entity_too_large',
		message: 'Unable to accept more than 100 items for this ' +
			'request.',
		data: {status: 413}});
	assert.equal((await state(fake)).items_max, 100);
}));

test('says nothing of keys with an underscore, and keeps none', () =>
	with_fake({}, async (fake) => {
		const {status} = await call(fake, 'POST', BATCH, {update: [
			put(5, {key: '_hidden', value: 'x'})]});
		const s = await state(fake);

		assert.equal(status, 200);
		assert.deepEqual(s.meta, {5: {}});
		assert.equal(s.dropped, 1);
		assert.equal(s.applied, 0);
	}));

test('tells when an old version overwrites a newer one', () =>
	with_fake({}, async (fake) => {
		for (const value of ['9', '10', '10', '9'])
			await call(fake, 'POST', BATCH, {update: [put(5,
				{key: 'loyalty_version', value})]});
		const s = await state(fake);

		assert.equal(s.stale_count, 1);
		assert.deepEqual([s.stale[0].had, s.stale[0].got], ['10', '9']);
	}));

test('a list of customers is the customers there are', () =>
	with_fake({customers: [5]}, async (fake) => {
		const {body} = await call(fake, 'POST', BATCH,
			{update: [put(5), put(6)]});

		assert.equal(body.update[0].error, undefined);
		assert.equal(body.update[1].error.data.status, 404);
	}));

test('the throttle fault is that of a host in front of the shop', () =>
	with_fake({}, async (fake) => {
		await fetch(`${fake.url}/__fake/faults`, {method: 'POST',
			body: '{"kind":"throttle","retry_after":3}'});
		const answer = await fetch(fake.url + BATCH, {method: 'POST'});

		assert.equal(answer.status, 429);
		assert.equal(answer.headers.get('retry-after'), '3');
	}));

test('a fault is for the operation that it names', () =>
	with_fake({}, async (fake) => {
		const get = async () => (await call(fake, 'GET',
			'/wp-json/wc/v3/customers/7?_fields=id', '').catch(
			() => ({status: 'cut'}))).status;

		await fetch(`${fake.url}/__fake/faults`, {method: 'POST', body:
			'[{"kind":"reset","match":"GET customers/ID"},' +
			'{"kind":"drop","match":"GET coupons"}]'});
		assert.equal(await get(), 'cut');
		assert.equal(await get(), 200);
	}));

test('unknown faults and controls are refused', () =>
	with_fake({}, async (fake) => {
		const post = async (path, body) => (await fetch(
			`${fake.url}/__fake/${path}`,
			{method: 'POST', body})).status;

		assert.equal(await post('faults', '{"kind":"fire"}'), 400);
		assert.equal(await post('faults', '{'), 400);
		assert.equal(await post('nothing', '{}'), 404);
	}));

test('echoes customer.updated as a real shop writes it', async () => {
	const got = [];
	const server = http.createServer(async (request, answer) => {
		let body = '';

		for await (const p of request)
			body += p.toString('latin1');
		got.push({headers: request.headers, body});
		answer.end();
	});

	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	await with_fake({webhook: {secret: 'a&amp;b', id: 6, url:
		`http://127.0.0.1:${server.address().port}/webhooks/x`}},
	async (fake) => {
		await call(fake, 'POST', BATCH, {update: [put(5,
			{key: 'loyalty_points', value: '7'})]});
		while (got.length < 1)
			await new Promise((r) => setTimeout(r, 5));
	});
	server.close();
	const real = JSON.parse(readFileSync(new URL('../data/woocommerce/' +
		'58-loggedin-checkout-02-customer.updated.body',
	import.meta.url), 'utf8'));
	const {headers, body} = got[0];

	assert.equal(headers['x-wc-webhook-signature'],
		woocommerce_signature('a&b', body));
	assert.equal(headers['x-wc-webhook-topic'], 'customer.updated');
	assert.match(body, /\\u00c4nna/);
	assert.match(body, /https:\\\/\\\//);
	assert.deepEqual(Object.keys(JSON.parse(body)), Object.keys(real));
});
