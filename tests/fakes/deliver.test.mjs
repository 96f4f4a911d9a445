// SPDX-License-Identifier: MIT
//
// Signatures, and the sender of deliveries.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import {readFileSync, readdirSync} from 'node:fs';
import test from 'node:test';
import {deliver, replay_http} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {jwt, php_json, proxy_query, woocommerce_key,
	woocommerce_signature} from '../support/sign.mjs';

const STRICT = process.env.FAKE_STRICT === '1';
const DATA = new URL('../data/woocommerce/', import.meta.url).pathname;

// ---- signatures -------------------------------------------------------

test('every recorded delivery has the signature we would give it', () => {
	const index = JSON.parse(readFileSync(`${DATA}index.json`));
	let signed = 0;

	for (const {file, secret} of index) {
		const text = readFileSync(`${DATA}${file}.http`, 'latin1');
		const given = /^X-WC-Webhook-Signature: (.*)\r$/m
			.exec(text)?.[1];

		if (!secret)
			continue;
		signed++;
		assert.equal(woocommerce_signature(secret,
			readFileSync(`${DATA}${file}.body`)), given, file);
	}
	assert.ok(signed > 50);
	// Stored as &amp;x, used as &x.
	assert.equal(woocommerce_key('&amp;x'), '&x');
});

test('entities of a secret are decoded once, and only those', () => {
	assert.equal(woocommerce_key(
		'&amp;lt;&lt;&quot;&#039;&#x27;&nbsp;&LT;'),
	'&lt;<"\'\'&nbsp;&LT;');
});

test('the app proxy vectors of the documentation', () => {
	const signed = (logged_in_customer_id) => new URLSearchParams(
		proxy_query('hush', {extra: ['1', '2'], logged_in_customer_id,
			path_prefix: '/apps/awesome_reviews',
			shop: 'shop-name.myshopify.com',
			timestamp: '1317327555'}))
		.get('signature');

	assert.equal(signed('1'), '4c68c8624d737112c91818c11017d24d334b524c' +
		'b5c2b8ba08daa056f7395ddb');
	assert.equal(signed(''), 'e072b6d7e6622d85912a5214b860d3100dc1e73d9' +
		'bc29f43796ac8c9ff8093cb');
});

test('JSON as PHP writes it', () => {
	assert.equal(php_json({a: 'ü/😀"'}),
		'{"a":"\\u00fc\\/\\ud83d\\ude00\\""}');
});

test("Shopify's own library takes what is generated", {skip: !STRICT},
	async () => {
		const {proxy_verdict, token_verdict, webhook_verdict} =
			await import('./sign_oracle.mjs');
		const {deliveries} = generate({platform: 'shopify', seed: 4,
			orders: 5, secret: 'hush'});
		const now = Math.floor(Date.now() / 1000);
		const query = (timestamp) => proxy_query('hush', {shop: 'a.b',
			logged_in_customer_id: '7', path_prefix: '/apps/x',
			timestamp: String(timestamp)});
		const token = (exp) => jwt('hush', {aud: 'app', exp,
			nbf: now - 60, dest: 'https://a.myshopify.com',
			sub: '7'});
		const [one] = deliveries;

		for (const d of deliveries)
			assert.equal(await webhook_verdict('hush', d), 'valid');
		assert.equal(await webhook_verdict('other', one),
			'invalid_hmac');
		assert.equal(await webhook_verdict('hush',
			{...one, body: `${one.body} `}), 'invalid_hmac');
		assert.equal(await webhook_verdict('hush', {...one, body: ''}),
			'missing_body');
		assert.equal(await proxy_verdict('hush', query(now)), 'valid');
		assert.equal(await proxy_verdict('other', query(now)),
			'invalid');
		assert.equal(await proxy_verdict('hush', query(now - 100)),
			'stale');
		assert.equal(await token_verdict('hush', 'app',
			token(now + 60)), 'valid');
		assert.equal(await token_verdict('hush', 'app',
			token(now - 60)), 'invalid');
		assert.equal(await token_verdict('hush', 'other',
			token(now + 60)), 'invalid');
	});

// ---- the sender -------------------------------------------------------

async function with_server(handle, run)
{
	const server = http.createServer(handle);

	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	try {
		return await run(`http://127.0.0.1:${server.address().port}`);
	} finally {
		server.close();
		server.closeAllConnections?.();
	}
}

test('deliver sends headers and body, and counts the answers', async () => {
	const {deliveries} = generate({platform: 'woocommerce', orders: 20});
	const got = [];

	await with_server(async (request, answer) => {
		let body = '';

		for await (const p of request)
			body += p;
		got.push({url: request.url, body, signature:
			request.headers['x-wc-webhook-signature']});
		answer.writeHead(got.length % 5 === 0 ? 401 : 200).end();
	}, async (url) => {
		const r = await deliver(deliveries, {urls: {
			woocommerce: `${url}/webhooks/t`}, concurrency: 4});

		assert.equal(r.sent, deliveries.length);
		assert.equal(r.ok + r.answers[401], deliveries.length);
		assert.equal(r.answers[401], Math.floor(got.length / 5));
		assert.ok(r.results.every((x) => x.answered_at >= x.sent_at));
	});
	assert.deepEqual(got.map((g) => g.body).sort(),
		deliveries.map((d) => d.body).sort());
	assert.ok(got.every((g) => g.url === '/webhooks/t' && g.signature ===
		woocommerce_signature('generated-secret', g.body)));
});

test('deliver sends again what was not answered, if told to', async () => {
	const {deliveries} = generate({platform: 'shopify', orders: 3});
	let n = 0;

	await with_server((request, answer) => {
		request.resume();
		n++;
		if (n % 3 === 1)
			request.socket.destroy();
		else
			answer.writeHead(n % 3 === 2 ? 503 : 200).end();
	}, async (url) => {
		const once = await deliver(deliveries.slice(0, 1),
			{urls: url});
		n = 0;
		const r = await deliver(deliveries, {urls: url, retries: 2,
			retry_ms: 1, concurrency: 1});

		assert.deepEqual(once.answers, {0: 1});
		assert.equal(once.unanswered, 1);
		assert.deepEqual(r.answers, {200: deliveries.length});
		assert.ok(r.results.every((x) => x.tries === 3));
	});
});

test('deliver refuses a store without an address', async () => {
	await assert.rejects(deliver([{store: 'x', body: '', headers: {}}],
		{urls: {y: 'http://127.0.0.1:1/'}}), /no URL for store x/);
});

test('replay_http sends every recorded byte but path and Host', async () => {
	const files = readdirSync(DATA).filter((f) => f.endsWith('.http'));
	const got = [];
	const server = net.createServer((socket) => {
		let text = '';

		socket.on('data', (part) => {
			text += part.toString('latin1');
			const end = text.indexOf('\r\n\r\n');
			const length = Number(/^content-length: (\d+)/im
				.exec(text)?.[1]);

			if (end < 0 || text.length < end + 4 + length)
				return;
			got.push(text);
			socket.end('HTTP/1.1 200 OK\r\n' +
				'Content-Length: 0\r\n\r\n');
		});
		socket.on('error', () => {});
	});

	await new Promise((r) => server.listen(0, '127.0.0.1', r));
	const url = `http://127.0.0.1:${server.address().port}/webhooks/token`;
	const r = await replay_http(DATA, url);

	server.close();
	assert.deepEqual(r.answers, {200: files.length});
	assert.deepEqual(r.files, files.sort());
	got.forEach((text, i) => {
		const was = readFileSync(`${DATA}${files[i]}`, 'latin1');

		assert.equal(text, was
			.replace(/^POST \S+ /, 'POST /webhooks/token ')
			.replace(/^Host: .*\r$/m,
				`Host: ${new URL(url).host}\r`), files[i]);
	});
});
