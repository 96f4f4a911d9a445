// SPDX-License-Identifier: MIT
//
// A deletion carries no time of its own: it counts from the moment receive
// took it, and so does a restoration.  The shop's clock may be ahead or
// behind by an hour: what is deleted is gone, and what was restored after
// that is there, whatever else arrives in whatever order.
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const HOUR = 3600000;
const CLOCKS = [-HOUR, 0, HOUR];	// the shop's, less ours
const gmt = (ms) => new Date(ms).toISOString().slice(0, 19);

const template = (platform, kind, is) => generate({platform, seed: 5,
	orders: 1, kinds: {[kind]: 1}}).deliveries.find((d) =>
	is(d.topic, JSON.parse(d.body)));

// The deliveries that may arrive of an order, as its shop would send them.
const SHOPS = {
	woocommerce: {
		template: template('woocommerce', 'completed', (topic, body) =>
			topic === 'order.updated' && body.status === 'completed'),
		topics: {created: 'order.created', late: 'order.updated',
			deleted: 'order.deleted', restored: 'order.restored',
			binned: 'order.restored'},
		times: (ms) => ({date_modified_gmt: gmt(ms)}),
		buyer: (id) => ({customer_id: id}),
		headers: (topic, body) => ({'X-WC-Webhook-Topic': topic,
			'X-WC-Webhook-Event': topic.split('.')[1],
			'X-WC-Webhook-Signature':
				woocommerce_signature(SECRET, body)}),
	},
	shopify: {
		template: template('shopify', 'paid', (topic, body) =>
			topic === 'orders/paid' &&
			body.financial_status === 'paid'),
		topics: {created: 'orders/create', late: 'orders/updated',
			deleted: 'orders/delete'},
		times: (ms) => ({updated_at: `${gmt(ms)}Z`}),
		buyer: (id, body) => ({customer: {...body.customer, id}}),
		headers: (topic, body) => ({'X-Shopify-Topic': topic,
			'X-Shopify-Hmac-Sha256': shopify_signature(SECRET, body)}),
	},
};

function delivery(platform, order, name, now)
{
	const shop = SHOPS[platform], topic = shop.topics[name];
	const whole = JSON.parse(shop.template.body);
	const ago = {created: 3000, late: 2000, restored: 1000, binned: 1000};
	const body = JSON.stringify(name === 'deleted' ? {id: order} :
		{...whole, id: order, ...shop.buyer(order, whole),
			...shop.times(now - ago[name]),
			...(name === 'binned' ? {status: 'trash'} : {})});

	return {platform, store: platform, topic, body, headers:
		{...shop.template.headers, ...shop.headers(topic, body)}};
}

function permutations(list)
{
	return list.length < 2 ? [list] : list.flatMap((x, i) =>
		permutations([...list.slice(0, i), ...list.slice(i + 1)])
			.map((p) => [x, ...p]));
}

// Whether the order is there in the end.
const is_there = (names) => names.some((n) => n !== 'deleted') &&
	!names.includes('binned') && (!names.includes('deleted') ||
		names.lastIndexOf('restored') > names.lastIndexOf('deleted'));

await scenario(async ({w, equal, check, store, balances, verified}) => {
	const stores = {}, told = [], cases = [];
	let id = 5000;

	for (const platform of Object.keys(SHOPS))
		stores[platform] = await store(platform, {secret: SECRET});
	await w.start('receive');
	await w.start('work');
	for (const name of w.roles.keys())
		await w.ready(name);

	const add = (platform, names) => permutations(names).forEach((p) =>
		cases.push({platform, order: id++, names: p,
			ahead: CLOCKS[id % CLOCKS.length]}));

	for (const platform of Object.keys(SHOPS)) {
		add(platform, ['created']);
		add(platform, ['deleted']);
		for (let i = 0; i < CLOCKS.length; i++) {
			add(platform, ['created', 'deleted']);
			add(platform, ['created', 'late', 'deleted']);
		}
		add(platform, ['created', 'deleted', 'deleted', 'late']);
	}
	for (let i = 0; i < CLOCKS.length; i++)
		add('woocommerce', ['created', 'deleted', 'restored']);
	add('woocommerce', ['created', 'late', 'deleted', 'restored']);
	add('woocommerce', ['created', 'deleted', 'restored', 'deleted']);
	// Thrown away once more before the restoration was told.
	add('woocommerce', ['created', 'deleted', 'binned']);

	const now = Date.now();
	let refused = 0;

	for (const {platform, order, names, ahead} of cases)
		for (const name of names) {
			const d = delivery(platform, order, name, now + ahead);
			const {results: [r]} = await deliver([d],
				{urls: stores[platform]});

			refused += r.status === 200 ? 0 : 1;
			told.push({...d, received_at: r.answered_at});
			// The oracle's receipts are in milliseconds.
			while (Date.now() <= r.answered_at)
				await sleep(1);
		}
	equal(refused, 0, `${told.length} deliveries of ${cases.length} ` +
		'orders were taken');
	await w.drain();

	const have = await w.balances();
	const points = ({platform, order}) =>
		have[stores[platform].store_id]?.[order] ?? '0';
	const worth = {};

	for (const platform of Object.keys(SHOPS)) {
		worth[platform] = points(cases.find((c) =>
			c.platform === platform));
		check(Number(worth[platform]) > 0,
			`an order of ${platform} is worth ${worth[platform]}`);
	}
	for (const c of cases)
		equal(points(c), is_there(c.names) ? worth[c.platform] : '0',
			`${c.platform}, ${c.ahead / HOUR} h ahead: ` +
			`${c.names.join(', ')}`);
	await balances(told, stores, 'so says the oracle');
	equal(await w.sql('SELECT class FROM dead_letter'), [],
		'all of it could be read');
	const [[reasons]] = await w.sql(`SELECT string_agg(DISTINCT reason, ' '
		ORDER BY reason) FROM order_state`);

	equal(reasons, 'deleted earned no_order_yet',
		'with their reasons');
	await verified();
});
