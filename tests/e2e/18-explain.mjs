// SPDX-License-Identifier: MIT
//
// Checks what `loyald member history` and `member explain` say of orders that
// change hands, of orders that give something other than points, and of redemptions
// whose refusal depended on what was known at the time.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const SECRET = 'one secret of the stores';
const STAMPS = {
	name: 'stamps',
	wallets: {points: {}, stamps: {}},
	rules: [
		{id: 'stamp', on: 'order', give: {points: 1, per: 'item'},
			to: 'stamps'},
		{id: 'big', on: 'order', give: {points: 7, per: 'event'},
			when: {amount: {from: '100.00'}}},
	],
	rewards: [{id: 'cup', kind: 'product', product: '8', cost: 3,
		wallet: 'stamps'}],
};
const woocommerce_order = (id, customer, modified) => ({id, status:
	'completed', currency: 'EUR', customer_id: customer, total: '80.00',
	date_created_gmt: '2026-01-01T10:00:00',
	date_modified_gmt: modified, date_paid_gmt: '2026-01-01T10:00:00',
	date_completed_gmt: null, created_via: 'checkout', payment_method: 'cod',
	billing: {email: ''}, shipping_total: '0.00', shipping_tax: '0.00',
	line_items: [{id: 1, quantity: 1, subtotal: '80.00', total: '80.00',
		total_tax: '0.00', product_id: 5, sku: ''}],
	shipping_lines: [], fee_lines: [], coupon_lines: [], refunds: []});
const shopify_order = (id, customer, updated) => ({id, currency: 'EUR',
	financial_status: 'paid', taxes_included: false, total_price: '80.00',
	created_at: '2026-01-01T10:00:00Z', updated_at: updated, test: false,
	processed_at: '2026-01-01T10:00:00Z', cancelled_at: null, email: '',
	customer: {id: customer, updated_at: '2026-01-01T10:00:00Z',
		email: null, verified_email: false},
	line_items: [{id: 1, price: '80.00', quantity: 1, gift_card: false,
		product_id: 5, tax_lines: [], discount_allocations: []}],
	shipping_lines: [], refunds: []});

await scenario(async ({w, check, equal, store, verified}) => {
	const file = join(w.dir, 'stamps.json');

	writeFileSync(file, JSON.stringify(STAMPS));
	const stores = {
		woocommerce: await store('woocommerce', {secret: SECRET}),
		shopify: await store('shopify', {secret: SECRET}),
		stamps: await store('woocommerce', {secret: SECRET,
			domain: 'stamps.example', program: file}),
	};

	await w.start('receive');
	await w.start('work');
	await w.ready('receive');
	const tell_order = async (platform, body) => {
		const text = JSON.stringify(body);
		const headers = platform === 'shopify'
			? {'X-Shopify-Topic': 'orders/updated',
				'X-Shopify-Shop-Domain': 'generated.myshopify.com',
				'X-Shopify-Webhook-Id': `${body.id}-${body.updated_at}`,
				'X-Shopify-Hmac-Sha256': shopify_signature(SECRET, text)}
			: {'X-WC-Webhook-Topic': 'order.updated',
				'X-WC-Webhook-Delivery-ID':
					`${body.id}-${body.date_modified_gmt}`,
				'X-WC-Webhook-Signature':
					woocommerce_signature(SECRET, text)};

		equal((await post(stores[platform], {body: text, headers:
			{'Content-Type': 'application/json', ...headers}})).status,
		200, `${platform}: order ${body.id} is taken`);
		await w.drain();
	};
	const tell = async (type, key, at, more) => {
		const text = JSON.stringify({idempotency_key: key, type, at,
			customer: {id: '7'}, ...more});

		equal((await post(stores.stamps, {body: text, headers:
			{'X-Loyald-Hmac-Sha256': event_signature(
				stores.stamps, text)}})).status, 200,
		`${type} ${key} is taken`);
		await w.drain();
	};
	const of = (name, verb, ...more) => ['member', verb, '--store',
		String(stores[name].store_id), ...more];
	const history = (name, customer) => w.json(of(name, 'history',
		'--customer', customer));

	// ---- an order that another customer has now -----------------------
	for (const [platform, order] of Object.entries(
		{woocommerce: woocommerce_order, shopify: shopify_order})) {
		const z = platform === 'shopify' ? 'Z' : '';

		await tell_order(platform, order(109, 21, `2026-01-01T10:00:00${z}`));
		const before = await history(platform, '21');

		equal(before.orders.map((o) => [o.earned, o.moved_from]),
			[[{points: '80'}, null]], `${platform}: it is customer 21's`);
		await tell_order(platform, order(109, 22, `2026-01-02T10:00:00${z}`));
		const [gone, come] = [await history(platform, '21'),
			await history(platform, '22')];

		equal([gone.available, come.available], [0, 80],
			`${platform}: the points went with it`);
		equal(gone.orders.map((o) => [o.order_id, o.earned, o.member_id]),
			[[109, {}, come.member_id]],
			`${platform}: the history of 21 says whose it is`);
		equal(come.orders.map((o) => [o.earned, o.member_id, o.moved_from]),
			[[{points: '80'}, come.member_id, gone.member_id]],
			`${platform}: and that of 22 whose it was`);
		const texts = await Promise.all(['21', '22'].map(async (c) =>
			(await w.run(of(platform, 'history', '--customer', c))).stdout));

		check(texts[0].includes(`  nothing  to member ${come.member_id}, 20`) &&
			texts[0].includes('The order is another member\'s now.') &&
			texts[1].includes(`  80 points  from member ${gone.member_id}` +
				', 20'), `${platform}: in words, too`);
		const explained = (await w.run(of(platform, 'explain', '--order',
			'109'))).stdout.split('\n');

		check(/^order 109 of store \d+: 80 points; earned$/.test(
			explained[0]) && explained[1].startsWith('  it was member ' +
			`${gone.member_id}'s until 20`) && explained[1].endsWith(
			`, then member ${come.member_id}'s`),
		`${platform}: explain says both`);
	}

	// ---- stamps -------------------------------------------------------
	const order = (id, quantity, amount, at) => tell('order', `${id}/${at}`,
		at, {channel: 'pos', order: {id, status: 'paid', currency: 'EUR',
			total: amount, lines: [{id: '1', amount, quantity}]}});
	const explain = async (...more) => {
		const r = await w.run(of('stamps', 'explain', ...more));

		return r.stdout.split('\n')[0];
	};

	await order('R-1', 2, '20.00', '2026-01-03T10:00:00Z');
	check(/: 2 stamps; earned$/.test(await explain('--order', 'R-1')),
		'an order that gave only stamps begins with them');
	await order('R-2', 1, '100.00', '2026-01-04T10:00:00Z');
	check(/: 7 points, 1 stamps; earned$/.test(await explain('--order',
		'R-2')), 'one that gave both says both');
	await order('R-3', 0, '20.00', '2026-01-05T10:00:00Z');
	check(/: nothing; [a-z_]+$/.test(await explain('--order', 'R-3')),
		'one that gave nothing says so');
	const {orders} = await history('stamps', '7');

	equal(orders.map((o) => o.earned), [{}, {points: '7', stamps: '1'},
		{stamps: '2'}], 'and so does the history');

	// ---- refused by what was known ------------------------------------
	const refused = async (key) => {
		const {facts: [f]} = await w.json(of('stamps', 'explain', '--key',
			key));

		return [f.refused, f.refused_now];
	};
	const redeem = (key, at, units) => tell('redemption', key, at,
		{reward: 'cup', ...(units ? {units} : {})});

	await redeem('first', '2026-01-06T10:00:00Z');
	await redeem('second', '2026-01-07T10:00:00Z');
	await redeem('odd', '2026-01-07T11:00:00Z', 2);
	equal(await refused('second'), ['insufficient', 'insufficient'],
		'a cup too many would be refused, too');
	equal(await refused('odd'), ['wrong_units', 'wrong_units'],
		'and so would half a cup');
	// An order of before that the till tells late.
	await order('R-0', 3, '30.00', '2026-01-02T10:00:00Z');
	equal(await refused('second'), ['insufficient', null],
		'by what is known now it would be taken');
	const said = (await w.run(of('stamps', 'explain', '--key', 'second')))
		.stdout;

	check(said.includes('counts for nothing: insufficient') &&
		said.includes('by what is known now it would be taken: send it ' +
			'again under another key'), 'and that is what it says');
	equal(await refused('first'), [null, undefined],
		'one that was taken says nothing of the kind');
	await redeem('third', '2026-01-08T10:00:00Z');
	equal((await history('stamps', '7')).entries.filter((e) =>
		e.credit === 'redeemed').length, 2, 'sent again, it is taken');
	await verified();
});
