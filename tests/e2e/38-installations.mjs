// SPDX-License-Identifier: MIT
//
// Two installations on one Redis database, each with a database, a receiver
// and workers of its own: neither posts, buries or acknowledges a delivery of
// the other, though both have a store 1, of different platforms.  What a
// version before this has left in the streams is posted as before.
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {points_of} from '../support/oracle.mjs';
import {differences, until, without_zeros, world_new} from
	'../support/world.mjs';
import {scenario} from './scenario.mjs';

const ORDERS = 150;
const OLD_STREAM = 'loyald:{p01}:events';

// As the version before wrote a message, common/base/message.h.
function message_1({platform, store_id, topic, body})
{
	const head = Buffer.alloc(32);

	head.write('L');
	head[1] = 1;
	head[2] = platform;
	head.writeUInt32LE(topic.length, 4);
	head.writeBigInt64LE(BigInt(store_id), 8);
	head.writeBigInt64LE(BigInt(Date.now()) * 1000n, 16);
	head.writeUInt32LE(Buffer.byteLength(body), 28);
	return Buffer.concat([head, Buffer.from(topic), Buffer.from(body)]);
}

function stream_add(key, bytes)
{
	const done = spawnSync('redis-cli', ['-s',
		join(process.env.SERVICES_DIR, 'redis.sock'), '-x', 'XADD', key,
		'*', 'm'], {input: bytes});

	return done.status;
}

await scenario(async ({w, check, equal, store}) => {
	const urls = {shopify: process.env.LOYALD_DATABASE_URL};

	urls.woocommerce = urls.shopify.replace('dbname=loyald',
		'dbname=second');
	await w.sql('CREATE DATABASE second');
	const second = world_new({dir: join(w.dir, 'second'),
		env: {LOYALD_DATABASE_URL: urls.woocommerce}});
	const worlds = {shopify: w, woocommerce: second};

	try {
		await second.key_new();
		await second.must(['migrate']);
		const told = {};

		for (const [platform, one] of Object.entries(worlds)) {
			await one.start('receive');
			await one.start('work');
			await one.start('work', {name: 'work-2'});
			for (const role of ['receive', 'work', 'work-2'])
				await one.ready(role);
			const s = await one.store_add({platform, domain:
				{shopify: 'generated.myshopify.com',
					woocommerce: 'generated.example'}[platform]});

			equal(s.store_id, 1, `${platform} is store 1`);
			await one.store_known(s);
			told[platform] = {s, ...generate({platform, seed: 8,
				orders: ORDERS, customers: 20})};
		}
		await Promise.all(Object.values(told).map(({s, deliveries}) =>
			deliver(deliveries, {urls: s.url})));
		await until('both to be done', async () =>
			await w.backlog() === 0, 60000);

		for (const [platform, {s, deliveries}] of Object.entries(told)) {
			const {members} = points_of(deliveries)
				.stores[deliveries[0].store ?? platform];
			const url = urls[platform];
			const found = Object.fromEntries((await w.sql(`
				SELECT i.value, b.available + b.pending - b.debt
				FROM identity i JOIN balance b
				    USING (tenant_id, member_id)
				WHERE i.kind = 1 AND i.store_id = ${s.store_id}
				    AND b.available + b.pending <> b.debt`, url)));

			equal(differences(platform, without_zeros(members), found),
				[], `${platform}: every member has its own points`);
			equal(await w.sql('SELECT class, reason FROM dead_letter',
				url), [], `${platform}: nothing was buried`);
		}

		// The worker is away: nobody else takes what waits for it.
		await second.stop('work');
		await second.stop('work-2');
		const late = generate({platform: 'woocommerce', seed: 9,
			orders: 20, customers: 5, kinds: {completed: 1}});

		await deliver(late.deliveries, {urls: told.woocommerce.s.url});
		await w.drain();
		equal(await w.sql('SELECT count(*) FROM dead_letter',
			urls.shopify), [['0']], 'a worker of the other leaves ' +
			'them alone');
		check((await w.waiting()).length >= 20, 'and in their streams');
		await second.drain();
		equal(await w.backlog(), 0, 'until their own one takes them');
	} finally {
		await second.close();
	}

	// Of before: no installation in it, in a stream without one.
	const {deliveries} = generate({platform: 'shopify', seed: 10, orders: 1,
		customers: 1, kinds: {paid: 1}});
	const {headers, body} = deliveries.find((d) =>
		d.headers['X-Shopify-Topic'] === 'orders/paid');
	const order = {...JSON.parse(body), id: 888000888};

	equal(stream_add(OLD_STREAM, message_1({platform: 1, store_id: 1,
		topic: headers['X-Shopify-Topic'],
		body: JSON.stringify(order)})), 0,
	'a message of the version before');
	await w.drain();
	equal(await w.sql(`SELECT reason FROM order_state
		WHERE order_id = ${order.id}`), [['earned']],
	'is posted as before');
});
