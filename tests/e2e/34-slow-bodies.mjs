// SPDX-License-Identifier: MIT
//
// receive and serve against bodies that do not end: what needs no body is
// answered without one, and costs no memory; who holds a store's memory gives
// way to honest deliveries, wherever they come from; and so do connections
// that do nothing.
import net from 'node:net';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {woocommerce_signature} from '../support/sign.mjs';
import {service_down, service_kill, service_up} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const CONNECTIONS = 388, BODY = 2000000, HELD = 256 * 1000 * 1000;
const ENOUGH_MS = 5000;		// a byte less than all would wait 10 s
const HONEST = 40, PAUSE_MS = 50;	// between its two packets
const LONG_MS = 1000, AGAIN_MS = 10;
const FILES = 300;
const SECRET = 'woo';

// A request whose body may not be all there: {status, say(bytes), is_over(),
// end()}, the status a promise of that of its answer, 0 if there was none.
function begin(url, {method = 'POST', length = BODY, headers = [],
	body = '', from = '127.0.0.1'} = {})
{
	const {hostname, port, pathname} = new URL(url);
	const socket = net.connect({host: hostname, port: Number(port),
		localAddress: from}).unref();
	let got = '';
	const status = new Promise((resolve) => {
		socket.on('data', (part) => {
			got += part.toString('latin1');
			const end = /^HTTP\/1\.1 (\d{3}) /m.exec(got);

			if (end)
				resolve(Number(end[1]));
		});
		socket.on('error', () => resolve(0));
		socket.on('close', () => resolve(0));
	});

	socket.write([`${method} ${pathname} HTTP/1.1`, 'Host: x', ...headers,
		`Content-Length: ${length}`, '', ''].join('\r\n'));
	socket.write(body);
	return {status, say: (bytes) => socket.write(bytes),
		is_over: () => got !== '' || socket.destroyed,
		end: () => socket.destroy()};
}

// A connection that says something, or nothing, and no more.
function idle_open(url, from, text)
{
	const {hostname, port} = new URL(url);
	const socket = net.connect({host: hostname, port: Number(port),
		localAddress: from}).unref();

	socket.on('error', () => {});
	socket.on('data', () => {});
	socket.write(text);
	return socket;
}

// Status if the body is never sent; "none" if there was none in time.
async function early(url, options)
{
	const request = begin(url, options);
	const status = await Promise.race([request.status,
		sleep(ENOUGH_MS, 'none', {ref: false})]);

	request.end();
	return status;
}

// {status: how many}
async function counts(requests)
{
	const n = {};

	for (const r of requests) {
		const status = await r.status;

		n[status] = (n[status] ?? 0) + 1;
	}
	return n;
}

// Deliveries in two packets, the second a while after the first.
async function deliver_slowly(url, n, from, pause_ms = PAUSE_MS)
{
	const one = async (i) => {
		const body = JSON.stringify({id: i, pad: 'x'.repeat(6000)});
		const request = begin(url, {from, length: body.length,
			body: body.slice(0, 3000), headers: [
				'X-WC-Webhook-Topic: order.updated',
				'X-WC-Webhook-Signature: ' +
					woocommerce_signature(SECRET, body)]});

		await sleep(pause_ms);
		request.say(body.slice(3000));
		await Promise.race([request.status,
			sleep(ENOUGH_MS, 0, {ref: false})]);
		request.end();
		return request;
	};

	return counts(await Promise.all(Array.from({length: n},
		(_, i) => one(i))));
}

await scenario(async ({w, check, equal, store, until}) => {
	// VmRSS now, VmHWM at most so far; bytes.
	const memory = (name) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`)
		.exec(readFileSync(`/proc/${w.roles.get('receive').child.pid}` +
			'/status'))[1]);

	// ---- by the head alone ------------------------------------------
	await service_down('pg');
	await w.start('receive');
	const url = w.roles.get('receive').url;
	const unknown = `${url}/webhooks/${'x'.repeat(43)}`;

	await until('receive to answer', async () =>
		(await w.get('receive', '/healthz')).status === 200);
	equal(await early(unknown), 503, 'no list of stores yet: 503 at once');
	service_up('pg');
	await until('PostgreSQL', () => w.sql('SELECT 1').then(() => true,
		() => false));
	const shop = await store('woocommerce', {secret: SECRET,
		domain: 'a.example'});
	const gone = await store('woocommerce', {domain: 'gone.example'});

	await w.store_known(gone);
	await w.must(['store', 'disable', '--store', String(gone.store_id)]);
	await until('the store to be disabled', async () =>
		(await post(gone.url)).status === 404);
	const events = (s) => s.url.replace('/webhooks/', '/events/');

	for (const [what, at, options, expected] of [
		['an unknown path', `${url}/elsewhere`, {}, 404],
		['an unknown token', unknown, {}, 404],
		['one of events', unknown.replace('webhooks', 'events'), {}, 404],
		['a disabled store', gone.url, {}, 404],
		['and its events', events(gone), {}, 404],
		['a path that no file has', `${url}/`, {length: 1e12}, 404],
		['another method', shop.url, {method: 'PUT'}, 405],
		['another method, events', events(shop), {method: 'GET'}, 405],
		['a body too large', shop.url, {length: 1e12}, 413],
		['/healthz with a body', `${url}/healthz`, {method: 'GET'}, 200],
		['a client that waits for 100', unknown,
			{headers: ['Expect: 100-continue']}, 404],
		['a store\'s own client gets 100', shop.url,
			{headers: ['Expect: 100-continue']}, 100],
		['and its body is waited for', events(shop), {}, 'none']])
		equal(await early(at, options), expected, what);
	const before = memory('VmRSS');
	const many = Array.from({length: CONNECTIONS}, () => begin(unknown,
		{body: Buffer.alloc(Math.ceil(HELD / CONNECTIONS))}));

	equal(await counts(many), {404: CONNECTIONS},
		`${CONNECTIONS} with ${HELD / 1e6} MB for no store`);
	const grown = memory('VmHWM') - before;

	check(grown < HELD / 8, `that took ${(grown / 1e6).toFixed()} MB`);
	many.forEach((r) => r.end());
	check((await w.metrics('receive')).loyald_http_unread_bodies_total >
		CONNECTIONS, 'and they are counted');

	// ---- serve reads none -------------------------------------------
	await w.start('serve');
	await w.ready('serve');
	const balance = `${w.roles.get('serve').url}/v1/balance`;

	equal([await early(balance, {method: 'GET'}),
		await early(balance, {method: 'OPTIONS'}), await early(balance),
		await early(`${w.roles.get('serve').url}/v1/elsewhere`)],
	[401, 204, 405, 404], 'serve answers without the body');
	equal((await w.metrics('serve')).loyald_http_unread_bodies_total, 4,
		'and counts them');

	// ---- bodies that a store's path keeps ---------------------------
	const body = Buffer.alloc(Math.ceil(HELD / CONNECTIONS));
	const attack = (address) => Array.from({length: CONNECTIONS},
		(_, i) => begin(shop.url, {body, from: address(i)}));
	let attackers = [];
	// Never the end of it.
	const drip = setInterval(() => attackers.forEach((r) => r.say('x')),
		200).unref();
	const cut = async () => (await w.metrics('receive'))[
		'loyald_http_cut_off_total{why="memory"}'];

	for (const [what, address, from] of [
		['from another address', () => '127.0.0.2', '127.0.0.1'],
		['from the same address', () => '127.0.0.1', '127.0.0.1'],
		['from many addresses', (i) => `127.0.1.${1 + i % 250}`,
			'127.0.0.1'],
		['from many, one of them its own',
			(i) => `127.0.1.${1 + i % 250}`, '127.0.1.1']]) {
		const was = await cut();

		attackers = attack(address);
		await until('the attackers to be as many as they can', async () =>
			await cut() > was);
		equal(await deliver_slowly(shop.url, HONEST, from),
			{200: HONEST}, `${CONNECTIONS} with ${HELD / 1e6} MB ` +
			`${what}: ${HONEST} deliveries in two packets`);
		attackers.forEach((r) => r.end());
		await until('them to be gone', async () => (await w.metrics(
			'receive')).loyald_http_connections < 10);
	}

	// An attacker who is cut off comes again at once, with as much.
	let comes = 0;
	const again = setInterval(() => attackers.forEach((r, i) => {
		if (!r.is_over())
			return;
		attackers[i] = begin(shop.url, {body});
		comes++;
	}), AGAIN_MS).unref();

	attackers = attack(() => '127.0.0.1');
	await until('attackers to come again', () => comes > CONNECTIONS);
	equal(await deliver_slowly(shop.url, HONEST, '127.0.0.1', LONG_MS),
		{200: HONEST}, `attackers who come again: ${HONEST} deliveries ` +
		`of ${LONG_MS} ms`);
	check(true, `they came ${comes} times`);
	clearInterval(again);
	clearInterval(drip);
	attackers.forEach((r) => r.end());
	check(memory('VmHWM') < 2 * HELD,
		`at most ${(memory('VmHWM') / 1e6).toFixed()} MB at once`);

	// ---- connections that do nothing --------------------------------
	const few = join(w.dir, 'few-files'), {loyald} = w;

	writeFileSync(few, `#!/bin/sh\nulimit -n ${FILES}\n` +
		`exec '${loyald}' "$@"\n`, {mode: 0o755});
	await w.stop('receive');
	w.loyald = few;
	await w.start('receive');
	w.loyald = loyald;
	await w.ready('receive');
	for (const [what, address] of [
		['from another address', () => '127.0.0.2'],
		['from many addresses', (i) => `127.0.1.${1 + i % 250}`]]) {
		const idle = Array.from({length: 2 * FILES}, (_, i) =>
			idle_open(shop.url, address(i), ['', 'POST /',
				'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'][i % 3]));

		await Promise.race([sleep(ENOUGH_MS, null, {ref: false}), until(
			'some to be closed', () => idle.filter((s) => s.destroyed)
				.length >= FILES)]);
		service_kill('redis');	// which it has to open again
		await until('Redis', async () =>
			await w.redis('PING') === 'PONG');
		equal(await deliver_slowly(shop.url, HONEST, '127.0.0.1'),
			{200: HONEST}, `${2 * FILES} connections for ${FILES} ` +
			`files, ${what}: ${HONEST} deliveries`);
		idle.forEach((s) => s.destroy());
	}
	check((await w.metrics('receive'))[
		'loyald_http_cut_off_total{why="connections"}'] >= 2 * FILES,
	'those that did nothing were closed for others');
	equal(/Too many open files/.test(w.log_of('receive')), false,
		'and files are left for the rest of it');
});
