// SPDX-License-Identifier: MIT
//
// receive and serve against bodies that do not end: what needs no body is
// answered without one, and costs no memory.
import net from 'node:net';
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {service_down, service_up} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const CONNECTIONS = 388, BODY = 2000000, HELD = 256 * 1000 * 1000;
const ENOUGH_MS = 5000;		// a byte less than all would wait 30 s

// A request whose body may not be all there: {status, say(bytes), end()},
// the status a promise of that of its answer, 0 if there was none.
function begin(url, {method = 'POST', length = BODY, headers = [],
	body = '', from = '127.0.0.1'} = {})
{
	const {hostname, port, pathname} = new URL(url);
	const socket = net.connect({host: hostname, port: Number(port),
		localAddress: from});
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
		end: () => socket.destroy()};
}

// Its status, with the body never sent; "none" if there was none in time.
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
	const shop = await store('woocommerce', {domain: 'a.example'});
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
});
