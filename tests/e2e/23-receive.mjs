// SPDX-License-Identifier: MIT
//
// services: durable
//
// receive alone: what it says before it knows a store, Shopify's bodies
// under another shop's path, headers that could be read in two ways, being
// asked to stop, being killed again and again while it spools.
import {existsSync, unlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {service_down, service_kill, service_up} from
	'../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const APP = 'one secret for all shops of the app';
const KILLS = 12;
const PER_KILL = 60;

await scenario(async ({w, check, equal, store, until}) => {
	// ---- nothing is known yet ---------------------------------------
	await service_down('pg');
	await w.start('receive');
	const url = () => w.roles.get('receive').url;

	await until('receive to answer', async () =>
		(await w.get('receive', '/healthz')).status === 200);
	const not_yet = await post(`${url()}/webhooks/${'x'.repeat(43)}`,
		{body: '{}'});

	equal([not_yet.status, not_yet.headers.get('retry-after')], [503, '5'],
		'no list of stores yet: 503, again later');
	const unready = await w.get('receive', '/readyz');

	check(unready.status === 503 && /stores/.test(unready.text),
		`/readyz says so: ${unready.text.trim()}`);
	equal((await post(`${url()}/elsewhere`, {body: ''})).status, 404,
		'and what is no webhook is 404');
	service_up('pg');
	await until('PostgreSQL', () => w.sql('SELECT 1').then(() => true,
		() => false));
	const a = await store('shopify', {secret: APP,
		domain: 'a.myshopify.com'});
	const b = await store('shopify', {secret: APP,
		domain: 'b.myshopify.com'});
	const c = await store('woocommerce', {secret: 'woo',
		domain: 'c.example'});

	for (const s of [a, b, c])
		await w.store_known(s);
	equal((await w.get('receive', '/readyz')).status, 200,
		'ready by itself, once the database is there');

	// ---- one key for all shops --------------------------------------
	const shopify = (body, domain, more = {}) => ({body, headers: {
		'Content-Type': 'application/json',
		'X-Shopify-Topic': 'orders/paid',
		'X-Shopify-Shop-Domain': domain,
		'X-Shopify-Hmac-Sha256': shopify_signature(APP, body), ...more}});
	const status = async (s, request) => (await post(s, request)).status;

	equal([await status(a, shopify('{"id":1}', 'a.myshopify.com')),
		await status(a, shopify('{"id":1}', 'a.myshopify.com'))],
	[200, 200], 'a delivery, and its retry');
	equal(await status(b, shopify('{"id":1}', 'a.myshopify.com')), 401,
		'sent on to another shop\'s path');
	equal([await status(b, shopify('{"id":8}', 'b.myshopify.com')),
		await status(a, shopify('{"id":8}', 'a.myshopify.com'))],
	[200, 200], 'under that shop\'s name first, it is still the one\'s own');
	equal(await status(b, shopify('{"id":2}', 'b.myshopify.com')), 200,
		'while the shop\'s own is taken');
	equal(await status(b, shopify('{"id":3}', 'B.MyShopify.com')), 200,
		'domains have no case');
	equal(await status(b, shopify('{"id":4}', '')), 401,
		'no shop in the headers');

	// ---- headers ----------------------------------------------------
	const topic = (name) => shopify('{"id":5}', 'a.myshopify.com',
		{'X-Shopify-Topic': name});

	equal(await status(a, topic('x'.repeat(5000))), 200,
		'a topic of 5000 letters is only unknown');
	equal(await status(a, topic('')), 200, 'so is none');
	const twice = shopify('{"id":6}', 'a.myshopify.com');

	equal((await fetch(a.url, {method: 'POST', body: twice.body, headers: [
		...Object.entries(twice.headers),
		['Shopify-Topic', 'orders/create']]})).status, 400,
	'two topics, under either name');
	const allow = await fetch(a.url, {method: 'PUT', body: ''});

	equal([allow.status, allow.headers.get('allow')], [405, 'POST'],
		'405 says what is allowed');
	equal((await fetch(a.url, {method: 'HEAD'})).status, 405, 'HEAD');
	for (const [body, expected] of [['webhook_id=1', 200],
		['webhook_id=1&x=2', 401], ['webhook_id=', 401],
		['webhook_id=a', 401]])
		equal(await status(c, {body, headers: {'Content-Type':
			'application/x-www-form-urlencoded'}}), expected,
		`WooCommerce's ping: ${body}`);
	equal(await status(a, {body: 'webhook_id=1'}), 401,
		'Shopify has no ping');

	const figures = await w.metrics('receive');

	equal(figures.loyald_receive_pings_total, 1, 'one ping was counted');
	check(figures['loyald_receive_answers_total{code="401"}'] >= 8 &&
		figures['loyald_receive_unknown_topics_total'] === 2,
	'and the rest');

	// ---- its own folder, and a copy that is of no use -------------------
	const second = await w.run(['receive'], {env:
		{LOYALD_LISTEN: '127.0.0.1:0'}});

	check(second.status === 69 && /another process/.test(second.stderr),
		'a second process in the same folder ends with 69');
	const none = await w.run(['receive'], {env: {LOYALD_REDIS_URL: ''}});

	check(none.status === 78 && /LOYALD_REDIS_URL/.test(none.stderr),
		'a setting that is missing: 78, and its name');
	equal(await w.stop('receive'), 0, 'asked to stop: 0');
	const cache = join(w.dir, 'spool', 'stores.cache');

	writeFileSync(cache, 'garbage');
	await w.start('receive');
	await w.ready('receive');
	equal(await status(a, shopify('{"id":7}', 'a.myshopify.com')), 200,
		'a damaged copy of the stores is replaced');
	check(/of no use/.test(w.log_of('receive')), 'and said so');
	unlinkSync(cache);

	// The process with the database's connection dies alone.
	const children = await w.sql('SELECT pid FROM pg_stat_activity ' +
		"WHERE application_name = 'loyald receive'");

	equal(children.length, 1, 'one connection to the database');
	await w.sql(`SELECT pg_terminate_backend(${children[0][0]})`);
	const late = await store('woocommerce', {secret: 'late',
		domain: 'late.example'});

	await w.store_known(late);
	check(true, 'a store is learned after the connection broke');

	// ---- asked to stop under load ---------------------------------------
	const bodies = (from, n) => Array.from({length: n}, (_, i) => {
		const body = JSON.stringify({id: from + i,
			pad: 'x'.repeat(3000)});

		return {store: 'c', body, headers: {
			'X-WC-Webhook-Topic': 'order.updated',
			'X-WC-Webhook-Source': 'https://c.example/',
			'X-WC-Webhook-Delivery-ID': String(from + i),
			'X-WC-Webhook-Signature':
				woocommerce_signature('woo', body)}};
	});
	const ids = new Set();
	const send = async (from, n, options = {}) => {
		const some = bodies(from, n);
		const done = await deliver(some, {urls: c, ...options});

		done.results.forEach((r, i) => {
			if (r?.status === 200)
				ids.add(from + i);
		});
		return done;
	};

	await w.streams_clear();
	const load = send(1000, 2000, {retries: 20, retry_ms: 50});

	await sleep(150);
	equal(await w.stop('receive'), 0, 'asked to stop under load: 0');
	await w.start('receive');
	equal((await load).answers, {200: 2000},
		'every delivery was answered, by it or by the next one');

	// ---- killed while it spools, Redis coming and going -----------------
	let next = 10000;

	for (let i = 0; i < KILLS; i++) {
		if (i % 3 === 0)
			await service_down('redis');
		const sending = send(next, PER_KILL * 4, {concurrency: 8,
			retries: 40, retry_ms: 50});

		next += PER_KILL * 4;
		await sleep(30 + i * 12);
		await w.stop('receive', 'SIGKILL');
		await w.start('receive');
		if (i % 3 === 1)
			service_up('redis');
		if (i % 3 === 2)
			service_kill('redis');
		const done = await sending;

		if (done.ok !== PER_KILL * 4)
			check(false, `round ${i}: ${JSON.stringify(
				done.answers)} ${done.unanswered}`);
	}
	service_up('redis');
	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0, 60000);
	const there = new Set((await w.waiting())
		.map((m) => Number(m.delivery)));
	const lost = [...ids].filter((id) => !there.has(id));

	check(ids.size === 2000 + KILLS * PER_KILL * 4,
		`${ids.size} deliveries were answered 200`);
	equal(lost, [], 'and each is in Redis');
	equal((await w.metrics('receive')).loyald_spool_corrupt_total, 0,
		'a torn tail is no damage');
	check(existsSync(cache), 'the copy of the stores is back');
});
