// SPDX-License-Identifier: MIT
//
// Garbage: what is signed and cannot be read is answered 200 and kept among
// the dead letters; what is not signed is refused and leaves no trace; what
// is no proper HTTP is refused; nothing hangs, dies or grows.
import {readFileSync} from 'node:fs';
import net from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {generate} from '../support/orders.mjs';
import {deliver} from '../support/deliver.mjs';
import {shopify_signature} from '../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const MAX = 2 * 1024 * 1024;		// LOYALD_BODY_MAX
const GROWTH_MAX = 64 * 1024;		// KiB of a process, after it all
const PATIENCE_MS = 20000;

const order = generate({platform: 'shopify', seed: 9, orders: 1,
	kinds: {paid: 1}}).deliveries.find((d) => d.topic === 'orders/paid');

const deep = (n, open, close) => open.repeat(n) + close.repeat(n);

// Signed, and no order.  [what, body]
const UNPARSABLE = [
	['cut in the middle', order.body.slice(0, order.body.length >> 1)],
	['no JSON', 'points, please'],
	['not an object', '[1,2,3]'],
	['null', 'null'],
	['a text', '"order"'],
	['UTF-16', Buffer.from(order.body, 'utf16le')],
	['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]),
		Buffer.from(order.body)])],
	['100 000 brackets', deep(100000, '[', ']')],
	['100 000 braces', '{"a":'.repeat(100000)],
	['a key twice', order.body.replace('{"id":', '{"id":1,"id":')],
	['an id that is no number', order.body.replace(/"id":\d+/,
		'"id":"many"')],
	['an id beyond 64 bits', order.body.replace(/"id":\d+/,
		'"id":99999999999999999999999')],
	['a total beyond reason', order.body.replace(/"amount":"[\d.]+"/g,
		'"amount":"99999999999999999999.00"').replace(
		/"(total_price|current_total_price|price)":"[\d.]+"/g,
		'"$1":"99999999999999999999.00"')],
	['an exponent', order.body.replace(/"id":\d+/, '"id":1e400')],
	['NUL bytes', Buffer.alloc(1000)],
	['random bytes', Buffer.from(Array.from({length: 4096},
		(_, i) => (i * 7919 + (i >> 3)) & 255))],
];

// Signed, odd, and an order all the same.
const FINE = [
	['an emoji and a NUL in a name', order.body.replace(
		'"browser_ip":"203.0.113.7"',
		'"browser_ip":"\\u0000😀\\ud83d\\ude00"')],
	['1 MB of spaces', order.body + ' '.repeat(1024 * 1024)],
	['latin-1', Buffer.from(order.body.replace('"id":', '"ü":1,"id":'),
		'latin1')],
	...[['half a surrogate', '"\\ud83d"'], ['the other half', '"\\ude00x"'],
		['a zero in a key', '{"\\u0000":"\\u0000"}'],
		['a key twice', '{"a":1,"a":[2]}'],
		['an exponent', '-1e400'], ['a long number', '9'.repeat(4000)],
		['10 000 brackets', deep(10000, '[', ']')]].map(([what, v]) =>
		[`${what}, where nobody reads`, order.body.replace(
			'"browser_ip":"203.0.113.7"', `"browser_ip":${v}`)]),
];

function raw(url, bytes, {ms = 4000, end = false} = {})
{
	const {hostname, port} = new URL(url);

	return new Promise((resolve) => {
		const socket = net.connect(Number(port), hostname);
		let got = '';

		socket.setTimeout(ms, () => socket.destroy());
		socket.on('connect', () => {
			socket.write(bytes);
			if (end)
				socket.end();
		});
		socket.on('data', (d) => {
			got += d.toString('latin1');
		});
		socket.on('error', () => {});
		socket.on('close', () => resolve({got, status: Number(
			/^HTTP\/1\.\d (\d+)/.exec(got)?.[1] ?? 0)}));
	});
}

await scenario(async ({w, check, equal, store, verified}) => {
	const s = await store('shopify', {secret: SECRET});
	const signed = (body) => ({body, headers: {...order.headers,
		'X-Shopify-Hmac-Sha256': shopify_signature(SECRET, body)}});
	const rss = (name) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(
		`/proc/${w.roles.get(name).child.pid}/status`))[1]);

	await w.start('receive');
	await w.start('work');
	for (const name of w.roles.keys())
		await w.ready(name);
	await deliver([order], {urls: s});
	const began = {receive: rss('receive'), work: rss('work')};
	const {receive, work} = Object.fromEntries([...w.roles].map(
		([k, r]) => [k, r.child.pid]));

	// ---- signed ---------------------------------------------------
	for (const [what, body] of UNPARSABLE)
		equal((await post(s, signed(body))).status, 200,
			`signed: ${what}`);
	await w.drain();
	const dead = await w.sql('SELECT class, reason FROM dead_letter');

	equal(dead.length, UNPARSABLE.length, 'each is a dead letter');
	check(dead.every(([c]) => c === 'unparsable'), 'called unparsable');
	const list = await w.json(['dlq', 'list']);

	check(JSON.stringify(list).includes('unparsable'), 'dlq list has them');
	for (const [what, body] of FINE)
		equal((await post(s, signed(body))).status, 200,
			`signed: ${what}`);
	equal((await post(s, signed('x'.repeat(20 * 1024 * 1024))).catch(
		() => ({status: 413}))).status, 413, 'signed: 20 MB');
	await w.drain();
	equal((await w.sql('SELECT count(*) FROM dead_letter'))[0][0],
		String(UNPARSABLE.length), 'what is odd but right is no garbage');

	// ---- not signed -----------------------------------------------
	const mac = order.headers['X-Shopify-Hmac-Sha256'];
	const with_mac = (value) => {
		const headers = {...order.headers};

		delete headers['X-Shopify-Hmac-Sha256'];
		return {body: order.body, headers: value === null ? headers :
			{...headers, 'X-Shopify-Hmac-Sha256': value}};
	};

	for (const [what, value] of [['none', null], ['empty', ''],
		['hexadecimal', Buffer.from(mac, 'base64').toString('hex')],
		['one bit off', (mac[0] === 'A' ? 'B' : 'A') + mac.slice(1)],
		['without padding', mac.replace(/=+$/, '')],
		['with a tail', `${mac}AAAA`], ['text', 'valid'],
		['64 KB', 'A'.repeat(8192)]])
		equal((await post(s, with_mac(value))).status, 401,
			`signature: ${what}`);
	equal((await post(s, {...with_mac(mac),
		body: `${order.body} `})).status, 401, 'one byte more than signed');
	const path = new URL(s.url).pathname;

	for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
		equal((await raw(s.url, `${method} ${path} HTTP/1.1\r\n` +
			'Host: x\r\nConnection: close\r\n\r\n')).status, 405,
		method);
	const unknown = await post(s.url.slice(0, -4) + 'AAAA', signed('{}'));

	equal(unknown.status, 404, 'a path nobody has');
	const {headers} = signed(order.body);

	equal((await post(s, {body: order.body, headers: {...headers,
		'X-Shopify-Topic': 'orders/teleported'}})).status, 200,
	'an unknown topic');

	// ---- no HTTP, or two kinds at once ------------------------------
	const head = (lines) => `POST ${path} HTTP/1.1\r\nHost: x\r\n` +
		`${lines.join('\r\n')}\r\n\r\n`;
	const refused = async (what, bytes, options) => {
		const t = Date.now(), r = await raw(s.url, bytes, options);

		check([0, 400, 401, 405, 408, 411, 413, 414, 417, 431, 501, 505]
			.includes(r.status), `${what}: ${r.status ||
			'closed'} in ${Date.now() - t} ms`);
		check(!/HTTP\/1\.\d 2\d\d/.test(r.got), `${what}: nothing in ` +
			'it is taken');
	};

	await refused('TLS on the port', Buffer.from('16030100c8010000c403035f' +
		'5b'.repeat(200), 'hex'), {ms: 1500});
	await refused('an HTTP/2 preface',
		'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', {ms: 1500});
	await refused('garbage', Buffer.from(Array.from({length: 3000},
		(_, i) => (i * 31) & 255)), {ms: 1500});
	await refused('a line without end', 'A'.repeat(300000), {ms: 1500});
	await refused('a header of 1 MB', head([`X-A: ${'a'.repeat(1 << 20)}`,
		'Content-Length: 0']));
	await refused('10 000 headers', head([...Array.from({length: 10000},
		(_, i) => `X-${i}: 1`), 'Content-Length: 0']));
	await refused('length and chunks', head(['Content-Length: 5',
		'Transfer-Encoding: chunked']) + '0\r\n\r\nGET / HTTP/1.1\r\n\r\n');
	await refused('two lengths', head(['Content-Length: 5',
		'Content-Length: 6']) + 'abcdef');
	await refused('two encodings', head(['Transfer-Encoding: chunked',
		'Transfer-Encoding: identity']) + '0\r\n\r\n');
	await refused('an encoding nobody knows', head(
		['Transfer-Encoding: xchunked']) + '0\r\n\r\n');
	for (const length of ['-1', '+5', '0x5', '5 5', '1e3',
		'99999999999999999999'])
		await refused(`length ${length}`,
			head([`Content-Length: ${length}`]) + 'abcde', {ms: 1500});
	await refused('a folded header', head(['X-A: 1\r\n folded',
		'Content-Length: 0']));
	await refused('a blank before the colon', head(['Content-Length : 5']) +
		'abcde', {ms: 1500});
	await refused('a chunk of 2^64', head(['Transfer-Encoding: chunked']) +
		'ffffffffffffffff1\r\nabc');
	await refused('a chunk of -1', head(['Transfer-Encoding: chunked']) +
		'-1\r\nabc\r\n0\r\n\r\n');
	await refused('chunks without end', Buffer.concat([
		Buffer.from(head(['Transfer-Encoding: chunked'])),
		...Array.from({length: 600}, () =>
			Buffer.from(`2000\r\n${'x'.repeat(8192)}\r\n`))]));
	await refused('larger than it may be', Buffer.concat([
		Buffer.from(head([`Content-Length: ${MAX + 1}`])),
		Buffer.alloc(1024, 120)]));
	await refused('half a body, then gone', head(['Content-Length: 100']) +
		'half', {end: true});

	// ---- nothing has changed -------------------------------------------
	const idle = Array.from({length: 200}, () => raw(s.url, 'POST /',
		{ms: PATIENCE_MS}));

	await sleep(200);
	const t = Date.now();

	equal((await deliver([order], {urls: s})).ok, 1,
		'an honest delivery beside 200 that say nothing');
	check(Date.now() - t < 2000, 'and without waiting for them');
	await w.drain();
	equal([w.roles.get('receive').child.pid, w.roles.get('work').child.pid],
		[receive, work], 'nobody died');
	for (const [name, was] of Object.entries(began))
		check(rss(name) - was < GROWTH_MAX, `${name} grew by ` +
			`${rss(name) - was} KiB`);
	equal((await w.sql('SELECT count(*) FROM order_state'))[0][0], '1',
		'one order, as before');
	await verified();
	await w.close();
	await Promise.all(idle);
});
