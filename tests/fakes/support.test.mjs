// SPDX-License-Identifier: MIT
//
// What other tests lean on: the signatures, the generator, the oracle, the
// sender.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import {readFileSync, readdirSync} from 'node:fs';
import test from 'node:test';
import {deliver, replay_http} from '../support/deliver.mjs';
import {points_of, read_deliveries} from '../support/oracle.mjs';
import {generate, permute} from '../support/orders.mjs';
import {KINDS as SHOPIFY_KINDS} from '../support/orders_shopify.mjs';
import {KINDS as WOO_KINDS} from '../support/orders_woocommerce.mjs';
import {jwt, php_json, proxy_query, shopify_signature, woocommerce_key,
	woocommerce_signature} from '../support/sign.mjs';

const STRICT = process.env.FAKE_STRICT === '1';
const DATA = new URL('../data/woocommerce/', import.meta.url).pathname;

// ---- signatures -------------------------------------------------------

test('every recorded delivery has the signature we would give it', () => {
	const index = JSON.parse(readFileSync(`${DATA}index.json`));
	let signed = 0;

	for (const {file, secret} of index) {
		const text = readFileSync(`${DATA}${file}.http`, 'latin1');
		const given = /^X-WC-Webhook-Signature: (.*)\r$/m.exec(text)?.[1];

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
	assert.equal(woocommerce_key('&amp;lt;&lt;&quot;&#039;&#x27;&nbsp;&LT;'),
		'&lt;<"\'\'&nbsp;&LT;');
});

test('the app proxy vectors of the documentation', () => {
	const signed = (logged_in_customer_id) => new URLSearchParams(
		proxy_query('hush', {extra: ['1', '2'], logged_in_customer_id,
			path_prefix: '/apps/awesome_reviews',
			shop: 'shop-name.myshopify.com', timestamp: '1317327555'}))
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
			nbf: now - 60, dest: 'https://a.myshopify.com', sub: '7'});
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

// ---- the generator ----------------------------------------------------

const cents = (text) => {
	assert.match(String(text), /^-?\d+(\.\d\d)?$/);
	return Number(String(text).replace('.', ''));
};
const total = (list, of) => list.reduce((n, x) => n + of(x), 0);
const orders_of = (platform, seed) => generate({platform, seed, orders: 150})
	.deliveries.map((d) => JSON.parse(d.body)).filter((b) => b.line_items);

test('the same seed gives the same bytes, another others', () => {
	for (const platform of ['shopify', 'woocommerce']) {
		const bytes = (seed) => JSON.stringify(
			generate({platform, seed, orders: 10}).deliveries);

		assert.equal(bytes(7), bytes(7));
		assert.notEqual(bytes(7), bytes(8));
	}
});

test('the same seed shuffles and doubles the same way', () => {
	const list = Array.from({length: 50}, (_, i) => i);
	const shuffled = permute(list, {seed: 3});

	assert.deepEqual(permute(list, {seed: 3}), shuffled);
	assert.notDeepEqual(permute(list, {seed: 4}), shuffled);
	assert.deepEqual([...new Set(shuffled)].sort((a, b) => a - b), list);
	assert.ok(shuffled.length > list.length);
});

test('every kind of life is among 600 orders', () => {
	for (const [platform, kinds] of [['shopify', SHOPIFY_KINDS],
		['woocommerce', WOO_KINDS]]) {
		const {lives} = generate({platform, seed: 2, orders: 600});

		assert.deepEqual([...new Set(lives.map((l) => l.kind))].sort(),
			Object.keys(kinds).sort());
	}
});

test("the figures of Shopify's orders add up", () => {
	for (const o of orders_of('shopify', 5)) {
		const lines = o.line_items;
		const shipping = cents(
			o.total_shipping_price_set.shop_money.amount);
		const off = (l) => total(l.discount_allocations,
			(d) => cents(d.amount));
		const refunds = o.refunds.flatMap((r) => r.refund_line_items);
		const paid_back = total(o.refunds.flatMap((r) => r.transactions),
			(t) => cents(t.amount));

		assert.equal(cents(o.total_line_items_price),
			total(lines, (l) => cents(l.price) * l.quantity));
		assert.equal(cents(o.total_discounts), total(lines, off));
		assert.equal(cents(o.subtotal_price),
			cents(o.total_line_items_price) -
			cents(o.total_discounts));
		assert.equal(cents(o.total_tax), total([...lines,
			...o.shipping_lines].flatMap((l) => l.tax_lines),
		(t) => cents(t.price)));
		assert.equal(cents(o.total_price), cents(o.subtotal_price) +
			shipping + (o.taxes_included ? 0 : cents(o.total_tax)));
		assert.ok(paid_back <= cents(o.total_price));
		for (const l of lines) {
			const returned = refunds.filter(
				(r) => String(r.line_item_id) === String(l.id));
			const net = cents(l.price) * l.quantity - off(l) -
				(o.taxes_included ? total(l.tax_lines,
					(t) => cents(t.price)) : 0);

			assert.ok(l.current_quantity >= 0);
			assert.ok(l.current_quantity <= l.quantity -
				total(returned, (r) => r.quantity));
			assert.ok(total(returned, (r) => cents(
				r.subtotal_set.shop_money.amount)) <= net);
		}
		if (o.financial_status === 'refunded')
			assert.equal(paid_back, cents(o.total_price));
	}
});

test("what is left of Shopify's orders adds up", () => {
	for (const o of orders_of('shopify', 9)) {
		const shipping = cents(
			o.current_shipping_price_set.shop_money.amount);
		const untouched = o.line_items.every(
			(l) => l.current_quantity === l.quantity);

		assert.equal(cents(o.current_total_price),
			cents(o.current_subtotal_price) + shipping +
			(o.taxes_included ? 0 : cents(o.current_total_tax)));
		if (untouched)
			assert.deepEqual([o.current_total_price,
				o.current_total_tax, o.current_subtotal_price],
			[o.total_price, o.total_tax, o.subtotal_price]);
	}
});

test("the figures of WooCommerce's orders add up", () => {
	for (const o of orders_of('woocommerce', 5)) {
		const sum_of = (lists, field) => total(lists.flat(),
			(l) => cents(l[field]));
		const lines = [o.line_items, o.fee_lines, o.shipping_lines];
		const back = -sum_of([o.refunds], 'total');

		assert.equal(cents(o.total), sum_of(lines, 'total') +
			sum_of(lines, 'total_tax'));
		assert.equal(cents(o.total_tax), sum_of(lines, 'total_tax'));
		assert.equal(cents(o.discount_total),
			sum_of([o.line_items], 'subtotal') -
			sum_of([o.line_items], 'total'));
		assert.equal(cents(o.total_tax), total(o.tax_lines, (t) =>
			cents(t.tax_total) + cents(t.shipping_tax_total)));
		assert.ok(back <= cents(o.total));
		assert.equal(o.status === 'refunded',
			back === cents(o.total) && cents(o.total) > 0);
	}
});

test('bodies look like the real ones', () => {
	const real = JSON.parse(readFileSync(
		`${DATA}05-refund-partial-amount-01-order.updated.body`));
	const [woo] = orders_of('woocommerce', 1);
	const {deliveries} = generate({platform: 'shopify', orders: 50});
	const sizes = deliveries.filter((d) => /paid/.test(d.topic))
		.map((d) => d.body.length).sort((a, b) => a - b);

	assert.deepEqual(Object.keys(woo), Object.keys(real));
	assert.deepEqual(Object.keys(woo.line_items[0]),
		Object.keys(real.line_items[0]));
	// 8 KB and more, as measured on real ones.
	assert.ok(sizes[sizes.length >> 1] > 7000);
	// Beyond 2^53, and still exact in the text.
	assert.ok(deliveries.some((d) =>
		/^\{"id":820982911946154\d{3},/.test(d.body)));
});

test('states of one second are told apart by rank or refunds', () => {
	for (const platform of ['shopify', 'woocommerce']) {
		const {deliveries} = generate({platform, seed: 6, orders: 300});
		const {orders} = points_of(deliveries).stores[platform];
		const seconds = new Map();

		for (const d of deliveries) {
			const key = `${d.order} ${d.modified}`;
			const states = seconds.get(key) ?? new Set();

			if (/"line_items"/.test(d.body))
				states.add(d.body);
			seconds.set(key, states);
		}
		assert.ok([...seconds.values()].some((s) => s.size > 1),
			'no ties');
		assert.ok(Object.values(orders).every((o) => !o.ambiguous));
	}
});

// ---- the oracle -------------------------------------------------------

test('the recorded deliveries, worked out by hand', () => {
	const {members, held, orders} = points_of(read_deliveries(DATA),
		{now: Date.parse('2026-11-22T09:00:00Z')}).stores.woocommerce;

	// 85: 16.80. 19: 10.08. 109: 33.60. The others are refunded, free,
	// deleted or in another currency.
	assert.deepEqual(members, {2: 16, 4: 10, 7: 33});
	assert.equal(held['guest2@example.test'], 28);
	assert.equal(orders[13].reason, 'deleted');
	assert.equal(orders[76].reason, 'currency');
});

test("the issue's example: 56.55 of 72.20, 5.00 refunded", () => {
	const [d] = read_deliveries(
		`${DATA}05-refund-partial-amount-01-order.updated.http`);

	assert.deepEqual(points_of([d]).stores.woocommerce.members, {2: 52});
});

test('a deletion counts from when it was received', () => {
	const files = ['04-order-updated-completed-01-order.updated',
		'09-order-trashed-01-order.deleted'];
	const [order, deletion] = files.map((f) =>
		read_deliveries(`${DATA}${f}.http`)[0]);
	const points = (received_at) => points_of([{...deletion, received_at},
		order]).stores.woocommerce.members[2];

	// The order changed at 05:24:48.
	assert.equal(points('2026-11-22T05:24:47.999Z'), 56);
	assert.equal(points('2026-11-22T05:24:48.000Z'), 56);
	assert.equal(points('2026-11-22T05:24:48.001Z'), 0);
});

const shopify_order = (more, lines) => ({platform: 'shopify',
	topic: 'orders/updated', body: JSON.stringify({id: 1,
		updated_at: '2026-11-01T10:00:00+01:00', currency: 'EUR',
		test: false, taxes_included: false, financial_status: 'paid',
		cancelled_at: null, email: 'A@b.test', customer: {id: 9},
		total_price: '100.00', refunds: [], line_items: lines ??
			[{id: 5, price: '25.00', quantity: 4, current_quantity: 4,
				gift_card: false, tax_lines: [{price: '3.99'}],
				discount_allocations: [{amount: '9.99'}]}],
		...more})});
const refund = (id, more) => ({id, order_id: 1, refund_line_items: [],
	transactions: [], order_adjustments: [], ...more});
const money_back = (id, amount) => refund(id, {transactions: [{
	kind: 'refund', status: 'success', amount}]});

// [what, order, points]; 4 x 25.00 less 9.99 is 90.01
const SHOPIFY_CASES = [
	['lines after discounts', {}, 90],
	['tax that is in the prices', {taxes_included: true}, 86],
	['pending', {financial_status: 'pending'}, 0],
	['cancelled', {cancelled_at: '2026-11-01T10:00:00Z'}, 0],
	['test', {test: true}, 0],
	['another currency', {currency: 'USD'}, 0],
	// 90.01 - 45.02 = 44.99
	['refunded lines', {financial_status: 'partially_refunded', refunds: [
		refund(7, {refund_line_items: [{line_item_id: 5, quantity: 2,
			subtotal: 45.02}]})]}, 44],
	// 90.01 x 90.00 / 100.00 = 81.009
	['an amount', {refunds: [money_back(7, '10.00')]}, 81],
	// 90.01 x 80.00 / 100.00 - 45.02 = 26.988; each rounded for itself
	// would be less
	['both, rounded once', {refunds: [money_back(7, '10.00'),
		money_back(8, '10.00'), refund(9, {refund_line_items: [
			{line_item_id: 5, quantity: 2, subtotal: 45.02}]})]}, 26],
	['only shipping', {refunds: [refund(7, {
		transactions: [{kind: 'refund', status: 'success',
			amount: '5.95'}], refund_shipping_lines: [{
			subtotal_amount_set: {shop_money: {amount: '5.00'}},
			tax_amount_set: {shop_money: {amount: '0.95'}}}]})]}, 90],
	['a refund that failed', {refunds: [refund(7, {transactions: [{
		kind: 'refund', status: 'failure', amount: '10.00'}]})]}, 90],
];

for (const [what, more, points] of SHOPIFY_CASES)
	test(`oracle, Shopify: ${what}`, () => {
		assert.deepEqual(points_of([shopify_order(more)])
			.stores.shopify.members, {9: points});
	});

test('oracle, Shopify: what was edited out, and gift cards', () => {
	const line = {id: 5, price: '10.01', quantity: 3, current_quantity: 2,
		gift_card: false};

	// 30.03 less a third of it, rounded down: 20.02
	assert.deepEqual(points_of([shopify_order({}, [line, {...line, id: 6,
		gift_card: true}])]).stores.shopify.members, {9: 20});
});

test('oracle, Shopify: refunds are those of all deliveries', () => {
	const alone = {platform: 'shopify', topic: 'refunds/create',
		body: JSON.stringify(money_back(7, '10.00'))};
	const order = shopify_order({});
	const inside = shopify_order({refunds: [money_back(7, '10.00')]});

	for (const list of [[order, alone], [alone, order], [inside, alone],
		[order, alone, inside]])
		assert.deepEqual(points_of(list).stores.shopify.members,
			{9: 81});
	assert.deepEqual(points_of([alone]).stores.shopify.members, {});
});

test('oracle: the newest state of an order counts', () => {
	const at = (s, more) => shopify_order({updated_at:
		`2026-11-01T10:00:0${s}+01:00`, ...more});
	const points = (...list) => points_of(list).stores.shopify;

	for (const list of [[at(1), at(2, {financial_status: 'refunded'})],
		[at(2, {financial_status: 'refunded'}), at(1)],
		// Within one second the later status.
		[at(1, {financial_status: 'refunded'}), at(1)]])
		assert.deepEqual(points(...list).members, {9: 0});
	assert.deepEqual(points(at(1), at(2, {customer: {id: 8}})).members,
		{8: 90});
	assert.deepEqual(points(at(1, {customer: null})).held,
		{'a@b.test': 90});
	assert.equal(points(at(1), at(1, {customer: {id: 8}}))
		.orders[1].ambiguous, true);
	// Ids beyond 2^53 stay what they are.
	assert.deepEqual(points({...at(1), body: at(1).body
		.replace('{"id":9}', '{"id":820982911946154508}')}).members,
	{'820982911946154508': 90});
});

test('oracle: guests with a verified address, and merged customers', () => {
	const guest = shopify_order({customer: null});
	const told = (id, email, verified_email, updated_at = '2026-11-01') =>
		({platform: 'shopify', topic: 'customers/update',
			body: JSON.stringify({id, email, verified_email,
				updated_at})});
	const merge = (gone, kept, status = 'completed') => ({
		platform: 'shopify', topic: 'customers/merge',
		body: JSON.stringify({status,
			admin_graphql_api_customer_kept_id:
				`gid://shopify/Customer/${kept}`,
			admin_graphql_api_customer_deleted_id:
				`gid://shopify/Customer/${gone}`})});
	const members = (...list) => points_of(list).stores.shopify.members;

	assert.deepEqual(members(guest, told(3, 'a@B.test', false)), {});
	assert.deepEqual(members(guest, told(3, 'a@B.test', true)), {3: 90});
	assert.deepEqual(members(told(10, 'a@b.test', true), guest,
		told(9, 'a@b.test', true)), {9: 90});
	assert.deepEqual(members(guest, told(3, 'x@b.test', true, '2026-11-02'),
		told(3, 'a@b.test', true)), {});
	assert.deepEqual(members(merge(9, 8), shopify_order({})), {8: 90});
	assert.deepEqual(members(merge(9, 8, 'failed'), shopify_order({})),
		{9: 90});
	assert.deepEqual(members(merge(9, 8), merge(8, 7), shopify_order({})),
		{7: 90});
});

test('oracle: no order of arrival and no duplicate changes anything', () => {
	for (const platform of ['shopify', 'woocommerce']) {
		const {deliveries} = generate({platform, seed: 11, orders: 60,
			deletions: true,
			merges: platform === 'shopify' ? 2 : 0});
		const timed = deliveries.map((d) => ({...d, received_at:
			Date.UTC(2026, 10, 2)}));
		const expected = points_of(timed);

		for (let seed = 1; seed <= 5; seed++)
			assert.deepEqual(points_of(permute(timed, {seed}))
				.stores[platform].members,
			expected.stores[platform].members);
	}
});

test('oracle: what cannot be read is passed over', () => {
	const body = (text) => points_of([{platform: 'woocommerce',
		topic: 'order.updated', body: text}]).stores.woocommerce;

	for (const text of ['', '{', '[]', 'null', '{"code":"x","message":"y",' +
		'"data":{"status":404}}'])
		assert.deepEqual(body(text).orders, {});
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
			socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
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
