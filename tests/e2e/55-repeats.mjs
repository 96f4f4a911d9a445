// SPDX-License-Identifier: MIT
//
// services: durable
//
// An order's body that came before and is in Redis stops at the door, and
// nothing else does: not another topic's, address's or store's, no body that
// was not read as an order, and none of a Redis that was started again.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {service_down, service_kill, service_up} from
	'../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const APP = 'one secret for all shops of the app';
const WOO = 'generated-secret';

await scenario(async ({w, check, equal, store, balances, verified, until}) => {
	const a = await store('shopify', {secret: APP});
	const b = await store('shopify', {secret: APP,
		domain: 'b.myshopify.com'});
	const c = await store('woocommerce', {secret: WOO});
	const orders = (platform, kinds, n) => generate({platform, seed: 55,
		orders: n, kinds, secret: platform === 'shopify' ? APP : WOO})
		.deliveries;
	const paid = orders('shopify', {paid: 1}, 2);
	const one = paid[0].body, other = paid.find((d) =>
		d.order !== paid[0].order).body;
	const done = orders('woocommerce', {completed: 1}, 1)
		.filter((d) => d.topic.startsWith('order.')).at(-1);
	const woo = done.body;
	const customer = orders('woocommerce', undefined, 20)
		.find((d) => d.topic === 'customer.updated').body;
	const shopify = (topic, body, {to = a, url = to.at(topic),
		secret = APP} = {}) => post(url, {body, headers: {
		'X-Shopify-Topic': topic, 'X-Shopify-Shop-Domain': to.domain,
		'X-Shopify-Hmac-Sha256': shopify_signature(secret, body)}});
	const woocommerce = (topic, body) => post(c, {body, headers: {
		'X-WC-Webhook-Topic': topic,
		'X-WC-Webhook-Signature': woocommerce_signature(WOO, body)}});
	const figure = async (name) => (await w.metrics('receive'))[
		`loyald_receive_${name}`];
	// Sends, and says how many more messages there are in Redis and spool.
	const adds = async (n, what, send, ...rest) => {
		const there = async () => await w.backlog() +
			(await w.metrics('receive')).loyald_spool_records;
		const before = await there();

		equal([(await send(...rest)).status, await there() - before],
			[200, n], what);
	};
	const ready = async () => {
		await until('Redis to take deliveries', async () =>
			(await figure('redis_connections')) > 0 &&
			(await w.metrics('receive')).loyald_spool_records === 0 &&
			(await w.get('receive', '/readyz')).text.trim() === 'ready');
	};

	await w.start('receive');
	await w.ready('receive');
	for (const s of [a, b, c])
		await w.store_known(s);
	await ready();
	await w.streams_clear();

	// ---- repeats --------------------------------------------------------
	await adds(1, 'an order', shopify, 'orders/create', one);
	for (const topic of ['create', 'paid', 'updated', 'fulfilled'])
		await adds(0, `its body again, orders/${topic}`, shopify,
			`orders/${topic}`, one);
	equal([await figure('repeats_total'),
		await figure('durable_total{in="redis"}')], [4, 1],
	'both are counted');
	await adds(1, 'another order', shopify, 'orders/create', other);
	await adds(1, 'WooCommerce\'s order', woocommerce, 'order.created', woo);
	await adds(0, 'its body again', woocommerce, 'order.updated', woo);

	// ---- no repeats -----------------------------------------------------
	await adds(1, 'the body at the old address', shopify, 'orders/paid', one,
		{url: a.url});
	await adds(0, 'and there again', shopify, 'orders/paid', one,
		{url: a.url});
	await adds(1, 'the body of another shop of the app', shopify,
		'orders/create', one, {to: b});
	for (const time of ['first', 'second']) {
		await adds(1, `restored for the ${time} time`, woocommerce,
			'order.restored', woo);
		await adds(1, `deleted, for the ${time} time`, woocommerce,
			'order.deleted', JSON.stringify({id: JSON.parse(woo).id}));
		await adds(1, `an order's body as a deletion, the ${time} time`,
			shopify, 'orders/delete', one);
		await adds(1, `orders/delete at the orders' address, ${time}`,
			shopify, 'orders/delete', one, {url: a.at('orders/paid')});
		await adds(1, `no order, for the ${time} time`, shopify,
			'orders/paid', '{"id":1}');
		await adds(1, `a customer, for the ${time} time`, woocommerce,
			'customer.updated', customer);
	}
	const undated = {...JSON.parse(woo), id: 999, status: 'pending'};

	for (const key of Object.keys(undated).filter((k) => /^date_/.test(k)))
		delete undated[key];
	for (const body of [undated, {...undated, parent_id: 5}])
		for (const time of ['first', 'second'])
			await adds(1, `an order that has no dates, ${time}`,
				woocommerce, 'order.updated', JSON.stringify(body));
	equal((await shopify('orders/paid', one, {secret: 'guessed'})).status, 401,
		'a wrong signature is no repeat');

	// ---- another secret, other stores ------------------------------------
	const file = join(w.dir, 'new-secret');

	writeFileSync(file, 'next', {mode: 0o600});
	await w.must(['store', 'rotate-secret', '--store', String(a.store_id),
		'--webhook-secret-file', file]);
	await until('the next secret', async () => (await shopify(
		'orders/updated', '{"id":2}', {secret: 'next'})).status === 200);
	for (const secret of ['next', APP]) {
		await adds(1, 'all is forgotten when a store changes', shopify,
			'orders/paid', one, {secret});
		await adds(0, `signed with "${secret}" again`, shopify,
			'orders/updated', one, {secret});
	}

	// ---- Redis away, started again; receive started again -----------------
	await service_down('redis');
	await until('receive to notice', async () =>
		await figure('redis_connections') === 0);
	const spooled = async () => (await w.metrics('receive'))
		.loyald_spool_records;

	await shopify('orders/paid', one);
	await shopify('orders/paid', one);
	equal(await spooled(), 2, 'while Redis is away, repeats go to the spool');
	service_up('redis');
	await until('the spool to be empty', async () => await spooled() === 0);
	await ready();
	await adds(1, 'what was in the spool is not known', shopify,
		'orders/paid', one);
	await adds(0, 'what is in Redis is', shopify, 'orders/paid', one);
	await w.redis('CONFIG', 'SET', 'maxmemory', '1');
	await shopify('orders/paid', other);
	equal(await spooled(), 1, 'a full Redis takes nothing');
	await w.redis('CONFIG', 'SET', 'maxmemory', '0');
	await until('the spool to be empty', async () => await spooled() === 0);
	await ready();
	await adds(1, 'what it did not take is not known', shopify,
		'orders/paid', other);
	service_kill('redis');
	await until('receive to notice', async () =>
		await figure('redis_connections') === 0);
	await ready();
	await adds(1, 'a Redis that was started again', shopify, 'orders/paid',
		one);
	await adds(0, 'knows it from then on', shopify, 'orders/paid', one);
	await w.stop('receive');
	await w.start('receive');
	await w.ready('receive');
	await ready();
	await adds(1, 'so does a receive', shopify, 'orders/paid', one);

	// ---- what comes of them -------------------------------------------------
	await shopify('orders/paid', other);
	await woocommerce('order.restored', woo);
	await w.start('work');
	await until('all to be posted', async () => await w.backlog() === 0);
	await balances([
		...paid.filter((d) => [one, other].includes(d.body)),
		{...paid[0], store: 'b'}, done].map((d) =>
		({...d, store: d.store === 'b' ? 'b' :
			{shopify: 'a', woocommerce: 'c'}[d.platform]})),
	{a, b, c}, 'each order counts once');
	const letters = await w.json(['dlq', 'list']);

	check(letters.some((l) => l.topic === 'orders/delete' &&
		l.count === 4), 'dead letters were counted');
	await verified();
});
