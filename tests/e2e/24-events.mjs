// SPDX-License-Identifier: MIT
//
// services: durable
//
// POST /events/{token}: who may, what is refused and how, that what was
// queued is durable and told once, and what becomes of it.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {service_down, service_up} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const APP = 'one secret for all shops of the app';
const MARK = 'never-in-a-log';
const PROGRAM = {
	name: 'events',
	rules: [
		{id: 'shoes', on: 'order', give: {points: 1, per: '1'},
			base: {lines: {category: ['shoes']}}},
		{id: 'review', on: 'review', give: {points: 50}},
		{id: 'referral', on: 'referral', give: {points: 500}},
		{id: 'referred', on: 'referred', give: {points: 100}},
		{id: 'enrolment', on: 'enrolment', give: {points: 10}},
	],
	rewards: [{id: 'gift', kind: 'product', product: '8', cost: 40}],
};

await scenario(async ({w, check, equal, store, verified, until}) => {
	const a = await store('woocommerce', {secret: 'first',
		domain: 'a.example'});
	const b = await store('shopify', {secret: APP,
		domain: 'b.myshopify.com'});

	await w.start('receive');
	await w.ready('receive');
	const url = (s) => s.at('event');
	const event = (more = {}) => ({idempotency_key: 'k-1', type: 'review',
		at: new Date(Date.now() - 60000).toISOString(),
		customer: {id: '7'}, ...more});
	const send = async (s, body, secret = s.secret, headers = null) => {
		const text = typeof body === 'string' ? body
			: JSON.stringify(body);
		const answer = await post(url(s), {body: text,
			headers: headers ?? {'X-Loyald-Hmac-Sha256':
				event_signature({...s, secret}, text)}});

		return [answer.status, answer.text];
	};
	const error = (text) => [422, JSON.stringify({error: text})];
	const queued = [200, '{"status":"queued"}'];

	// ---- who may ------------------------------------------------------
	equal(await send(a, event()), queued, 'signed with the store\'s key');
	equal(await send(a, event()), queued, 'and again: it is told twice');
	equal((await send(a, event(), 'another'))[0], 401, 'another secret');
	equal((await send(a, event(), '', {}))[0], 401, 'no signature');
	equal((await send(a, event(), '', {'X-Shopify-Hmac-Sha256':
		event_signature(a, JSON.stringify(event()))}))[0], 401,
	'a signature of another kind');
	const text = JSON.stringify(event());

	equal((await fetch(url(a), {method: 'POST', body: text, headers: [
		['X-Loyald-Hmac-Sha256', event_signature(a, text)],
		['x-loyald-hmac-sha256', 'AAAA']]})).status, 401,
	'two signatures that fetch made one');
	equal((await post(`${url(a)}x`, {body: text})).status, 404,
		'a store that is not');
	equal((await post(url(a), {method: 'GET'})).status, 405, 'GET');
	const file = join(w.dir, 'new-secret');

	writeFileSync(file, 'second', {mode: 0o600});
	await w.must(['store', 'rotate-secret', '--store', String(a.store_id),
		'--webhook-secret-file', file]);
	await until('the new secret', async () =>
		(await send(a, event(), 'second'))[0] === 200);
	equal(await send(a, event(), 'first'), queued, 'and still the one before');
	const of_b = event({idempotency_key: 'k-b'});

	equal((await send(b, of_b))[0], 200, 'a body of a shop of an app');

	// ---- what is refused ------------------------------------------------
	equal(await send(a, '{"type":'), error('the body ends too early ' +
		'(line 1, column 8)'), 'no JSON');
	equal(await send(a, '[]'), error('the body is not an object'), 'a list');
	equal(await send(a, event({idempotency_key: undefined})),
		error('idempotency_key is missing'), 'no idempotency key');
	equal(await send(a, event({at: '2999-01-01T00:00:00Z'})),
		error('at is more than a day ahead of now'), 'the future');
	equal(await send(a, event({secret: MARK})),
		error('the body has a key besides idempotency_key, type, at, ' +
		'customer, amount, count, channel, brand, fields'),
		'a key nobody knows');
	equal(await send(a, event({amount: MARK})),
		error('amount is not an amount'), 'no amount, and it is not shown');
	equal(await send(a, event({type: 'adjustment'})),
		error('type is an operator\'s alone: loyald member adjust'),
		'adjustments');
	equal((await send(a, `{"pad":"${'x'.repeat(3 * 1024 * 1024)}"}`))[0],
		413, 'too large');

	// ---- what is queued ---------------------------------------------------
	const figures = await w.metrics('receive');

	equal(figures['loyald_receive_answers_total{code="422"}'], 7,
		'each refusal was counted');
	const taken = figures['loyald_receive_answers_total{code="200"}'];
	const ids = async () => (await w.waiting()).map((m) => m.delivery);

	check(taken >= 5, `${taken} events were taken`);
	equal(await ids(), Array(taken).fill(''),
		'what was answered 200 is in Redis, without its key, and nothing else');

	await w.streams_clear();	// none of these is worked on

	// ---- without Redis, and without the database -----------------------------
	await service_down('redis');
	await service_down('pg');
	equal(await send(a, event({idempotency_key: 'k-spooled'}), 'second'),
		queued, 'without Redis, into the spool');
	await w.stop('receive');
	await w.start('receive');
	await until('receive to answer', async () =>
		(await w.get('receive', '/healthz')).status === 200);
	equal(await send(a, event({idempotency_key: 'k-yen',
		amount: '5.00'}), 'second'), queued,
	'started from the copy of the stores, whose currencies it knows');
	service_up('pg');
	service_up('redis');
	await until('PostgreSQL', () => w.sql('SELECT 1').then(() => true,
		() => false));
	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0, 60000);
	equal((await ids()).length, 2, 'both went on to Redis');

	// ---- what becomes of it ----------------------------------------------------
	const order = (more, at = new Date(Date.now() - 60000).toISOString()) =>
		({idempotency_key: `o-${at}`, type: 'order', at, channel: 'pos',
			customer: {id: '7'}, order: {id: 'R-17', status: 'paid',
				lines: [{amount: '60.00', tax: '11.40'}], ...more}});

	equal(await send(a, order({}), 'second'), queued, 'an order of the till');
	await w.drain();
	equal(await w.json(['dlq', 'list']).then((l) => l.length ??
		l.letters?.length), 0, 'no dead letters');
	equal((await w.balances())[a.store_id], {7: '60'}, 'it earns');
	equal(await send(a, order({refunds: [{id: 'G-1', amount: '35.70',
		at: new Date().toISOString()}]}, new Date().toISOString()),
	'second'), queued, 'the whole of it again, half refunded');
	await w.drain();
	equal((await w.balances())[a.store_id], {7: '30'}, 'and less');

	// ---- facts, and what rules give for them -----------------------------------
	const program = join(w.dir, 'events.json');

	writeFileSync(program, JSON.stringify(PROGRAM));
	const d = await store('woocommerce', {domain: 'd.example', program});
	const hook = (topic, body) => {
		const text = JSON.stringify(body);

		return post(d, {body: text, headers: {
			'X-WC-Webhook-Topic': topic,
			'X-WC-Webhook-Signature':
				woocommerce_signature(d.secret, text)}});
	};
	const told = (key, type, more = {}) => send(d, event({
		idempotency_key: key, type, ...more}));

	await w.store_known(d);
	await hook('customer.created', {id: 7, email: 'seven@example.test',
		date_created_gmt: '2026-01-01T10:00:00',
		date_modified_gmt: '2026-01-01T10:00:00'});
	await hook('product.created', {id: 8, type: 'simple',
		date_modified_gmt: '2026-01-01T10:00:00',
		categories: [{id: 1, name: 'Shoes', slug: 'shoes'}], tags: []});
	await w.drain();
	const one = event({idempotency_key: 'r-1'});

	equal([await send(d, one), await send(d, one),
		await told('r-2', 'review')], [queued, queued, queued],
	'a review told twice, and another');
	equal(await told('f-1', 'referral', {friend: {id: 8}}), queued,
		'a referral');
	equal(await send(d, order({lines: [{amount: '60.00', product: 8},
		{amount: '5.00', product: 9}]})), queued,
	'an order of a product that a webhook told of, and of another');
	await w.drain();
	equal((await w.balances())[d.store_id], {7: '670', 8: '100'},
		'10 + 2 x 50 + 500 + 60 for the shoes; the friend 100');
	equal(await told('x-1', 'redemption', {reward: 'gift'}), queued,
		'a redemption');
	await w.drain();
	equal((await w.balances())[d.store_id], {7: '630', 8: '100'},
		'is taken off');
	equal(await told('x-2', 'redemption_released', {of: 'x-1'}), queued,
		'released');
	await w.drain();
	equal((await w.balances())[d.store_id], {7: '670', 8: '100'},
		'and it is back');
	await verified();

	const log = w.log_of('receive');

	for (const secret of ['first', 'second', APP, MARK])
		check(!log.includes(secret), `"${secret}" is in no log`);
});
