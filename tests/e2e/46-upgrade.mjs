// SPDX-License-Identifier: MIT
//
// Remains of version bb2568e, which knew one address for each store
// (data/upgrade): its database, its stores' cache and spool, and what waited
// in the streams, some of it with a worker that had died.  After loyald
// migrate all of that counts, once; and so does what waits of a version that
// queued bodies as they came.
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawnSync} from 'node:child_process';
import {deliver} from '../support/deliver.mjs';
import {points_of} from '../support/oracle.mjs';
import {generate} from '../support/orders.mjs';
import {hmac_signature, woocommerce_signature} from '../support/sign.mjs';
import {ROOT, without_zeros} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data/upgrade');
const LEFT = JSON.parse(readFileSync(join(DATA, 'left.json')));
const [SHOPIFY, SHOP, SECOND] = LEFT.stores;
const MIGRATIONS = 4;	// of that version
const REFUSED = '901';	// whose order died
// How such a version, which had numbered streams, wrote a message:
// common/base/message.h.
function message_2({headers, body}, store_id, installation)
{
	const topic = headers['X-WC-Webhook-Topic'], head = Buffer.alloc(40);

	head.write('L');
	head[1] = 2;
	head[2] = 2;	// WooCommerce
	// The addresses of orders and of customers.
	head[3] = topic.startsWith('order.') ? 2 : 5;
	head.writeUInt32LE(topic.length, 4);
	head.writeBigInt64LE(BigInt(store_id), 8);
	head.writeBigInt64LE(BigInt(Date.now()) * 1000n, 16);
	head.writeUInt32LE(Buffer.byteLength(body), 28);
	head.writeBigInt64LE(installation, 32);
	return Buffer.concat([head, Buffer.from(topic), Buffer.from(body)]);
}

const redis = (args, input) => spawnSync('redis-cli', ['-s',
	join(process.env.SERVICES_DIR, 'redis.sock'), ...args], {input});
const bytes = (text) => Buffer.from(text, 'base64');

async function database_fill(w)
{
	const folder = join(ROOT, 'migrations');

	await w.sql('CREATE DATABASE before');
	process.env.LOYALD_DATABASE_URL = process.env.LOYALD_DATABASE_URL
		.replace('dbname=loyald', 'dbname=before');
	w.env.LOYALD_DATABASE_URL = process.env.LOYALD_DATABASE_URL;
	await w.sql(`CREATE TABLE migration (number bigint PRIMARY KEY,
		name text NOT NULL, sha256 bytea NOT NULL,
		applied_at timestamptz NOT NULL DEFAULT now())`);
	for (const [i, file] of readdirSync(folder).filter((f) =>
		f.endsWith('.sql')).sort().slice(0, MIGRATIONS).entries()) {
		const text = readFileSync(join(folder, file), 'utf8');

		await w.sql(`BEGIN; ${text}; INSERT INTO migration VALUES
			(${i + 1}, '${file.replace('.sql', '')}', '\\x${createHash(
				'sha256').update(text).digest('hex')}'); COMMIT`);
	}
	// Tables in the order of their names: no foreign key looks on.
	await w.sql('SET session_replication_role = replica; ' +
		readFileSync(join(DATA, 'database.sql'), 'utf8'));
}

function streams_fill()
{
	for (const [key, entries] of Object.entries(LEFT.streams)) {
		redis(['XGROUP', 'CREATE', key, 'work', '0', 'MKSTREAM']);
		for (const e of entries)
			redis(['-x', 'XADD', key, '*', 'm'], bytes(e));
		redis(['XREADGROUP', 'GROUP', 'work', 'dead-worker', 'COUNT',
			String(LEFT.pending[key]), 'STREAMS', key, '>']);
	}
}

function files_fill(w)
{
	mkdirSync(w.env.LOYALD_SPOOL_DIR, {mode: 0o700});
	for (const [name, text] of Object.entries(LEFT.spool))
		writeFileSync(join(w.env.LOYALD_SPOOL_DIR, name), bytes(text),
			{mode: 0o600});
	writeFileSync(w.env.LOYALD_KEY_FILE, bytes(LEFT.key), {mode: 0o600});
}

await scenario(async ({w, check, equal, fake, verified, until}) => {
	files_fill(w);
	await database_fill(w);
	streams_fill();
	const expected = structuredClone(LEFT.points);
	// Orders of the shop, whose points are expected from now on.
	const orders_new = (first) => {
		const {deliveries} = generate({platform: 'woocommerce', first,
			seed: first, orders: 3, secret: SHOP.secret,
			kinds: {completed: 1}});
		const {members, orders} = points_of(deliveries).stores.woocommerce;

		for (const [customer, n] of Object.entries(without_zeros(members)))
			expected[SHOP.store_id][customer] = String(Number(n) +
				Number(expected[SHOP.store_id][customer] ?? 0));
		return {deliveries, one: Object.entries(orders)[0]};
	};
	const deliver_to = async (urls, first, what) => {
		const {deliveries, one} = orders_new(first);

		equal((await deliver(deliveries, {urls})).ok, deliveries.length,
			what);
		return one;
	};
	const deletion = (url, id) => {
		const body = JSON.stringify({id});

		return post(url, {body, headers: {
			'X-WC-Webhook-Topic': 'order.deleted',
			'X-WC-Webhook-Signature': woocommerce_signature(
				SHOP.secret, body)}});
	};
	const empty = () => until('the streams to be empty',
		async () => await w.backlog() === 0, 60000);
	const list = (...args) => w.json(['dlq', 'list', ...args]);
	const count = async (query) => Number((await w.sql(query))[0][0]);
	const points = async (what) => {
		await empty();
		equal(await w.balances(), expected, what);
	};

	// ---- the database, work, and then receive -------------------------------
	const before = (await w.sql(`SELECT class, stream_id, replayed_at
		IS NULL, discarded_at IS NULL FROM dead_letter ORDER BY dead_id`));

	check(/^applied 0005_the_door$/m.test(
		(await w.must(['migrate'])).stdout), 'the database is migrated');
	equal((await w.json(['store', 'list'])).map((s) =>
		s.old_path.webhooks.used), [true, true, true],
	'store list names every store as on the old path');
	const [[number]] = await w.sql('SELECT installation_id FROM installation');
	const stream = 'loyald:{p00}:events:' +
		BigInt(number).toString(16).padStart(16, '0');

	redis(['XGROUP', 'CREATE', stream, 'work', '0', 'MKSTREAM']);
	for (const d of orders_new(300).deliveries)
		redis(['-x', 'XADD', stream, '*', 'm'],
			message_2(d, SHOP.store_id, BigInt(number)));
	await w.start('work', {env: {LOYALD_CLAIM_IDLE_MS: '1000'}});
	await w.ready('work');
	await empty();
	check(true, 'what waited in the streams is posted, also what a worker ' +
		'that died had');
	// The new receive learns of no number of the installation.
	await w.start('receive', {env: {LOYALD_DATABASE_URL:
		`host=${w.dir}/nowhere dbname=before`}});
	await w.ready('receive');
	const host = w.roles.get('receive').url;

	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0);
	await points('and what was in the spool; every balance is right');
	const [id, order] = await deliver_to(host + SHOP.webhook_path, 100,
		'the stores of the old cache are served without the database');
	equal((await post(`${host}/webhooks/nobody`)).status, 503,
		'and nobody hears 404');
	await points('which counts');

	// ---- the old path ---------------------------------------------------------
	equal((await deletion(host + SHOP.webhook_path, Number(id))).status, 200,
		'a deletion at the old path');
	await points('is not believed');
	equal((await w.must(['dlq', 'replay', '--class', 'misdirected'])).stdout,
		'1 replayed\n', 'until it is replayed');
	expected[SHOP.store_id][order.customer] = String(
		expected[SHOP.store_id][order.customer] - order.points);
	await points('and then is');
	const event = JSON.stringify({idempotency_key: 'late', type: 'review',
		at: '2026-11-02T10:00:00Z', customer: {id: '900'}});
	const refused = await post(host + SHOP.webhook_path.replace('/webhooks/',
		'/events/'), {body: event, headers: {'X-Loyald-Hmac-Sha256':
			hmac_signature(SHOP.secret, event)}});

	check(refused.status === 401 && /store show --store 2 --keys/.test(
		refused.text), `an event signed as before: ${refused.text}`);

	// ---- the new addresses -------------------------------------------------------
	await w.stop('receive');
	await w.start('receive');
	await w.ready('receive');
	const {webhook_topics} = await w.json(['store', 'show', '--store',
		String(SHOP.store_id)]);
	const at = (topic) => w.roles.get('receive').url + webhook_topics[topic];

	await deliver_to({at}, 200, 'orders at the addresses of store show');
	await points('count');
	await w.sql(`UPDATE arrival SET last_at = last_at - interval '30 days'
		WHERE address = 1`);
	equal((await w.json(['store', 'list'])).map((s) =>
		s.old_path.webhooks.used), [true, false, true],
	'a store that has moved is no longer named, thirty days later');

	// ---- dead letters of before -----------------------------------------------
	const letters = (await list('--all')).reverse();

	equal(letters.slice(0, before.length).map((l) => [l.class, l.count]),
		before.map(([c]) => [c, 1]), 'all letters of before are there');
	for (const l of letters)
		await w.must(['dlq', 'show', '--id', String(l.id), '--body']);
	check(before.some(([, place]) => place.includes('/')),
		'and open under the names that they were sealed with');
	const replay = async (l) => {
		await w.must(['dlq', 'replay', '--id', String(l.id)]);
		await empty();
	};
	const earned = async () => Number((await w.balances())
		[SHOP.store_id][REFUSED] ?? 0);
	const good = letters.filter((l) => l.class === 'refused');

	await replay(good.find((l) => l.topic === 'order.updated'));
	check(await earned() > 0, 'an order among them earns when replayed');
	await replay(good.find((l) => l.topic === 'order.deleted'));
	equal(await earned(), 0, 'and its deletion is believed');
	await w.must(['store', 'set', '--store', String(SECOND.store_id),
		'--shop-id', '58012345678']);
	await replay(letters.find((l) => l.class === 'foreign'));
	equal(await count(`SELECT count(*) FROM order_state WHERE reason = 'earned'
		AND store_id = ${SECOND.store_id}`), 1,
	'an order of a shop that had another number is its own');
	const [open] = await list('--class', 'unparsable');

	await replay(open);
	await w.must(['dlq', 'discard', '--all']);
	equal((await list()).length, 0, 'the rest is discarded');

	// ---- what was due ------------------------------------------------------------
	const platforms = {[SHOPIFY.store_id]: await fake('shopify'),
		[SHOP.store_id]: await fake('woocommerce')};

	check(await count('SELECT count(*) FROM outbox') > 0,
		'balances of before wait for push');
	for (const [n, f] of Object.entries(platforms))
		await w.must(['store', 'set', '--store', n, '--api-url', f.url]);
	await w.start('push');
	await w.start('schedule');
	await until('push', async () => await count(`SELECT count(*) FROM outbox
		WHERE store_id <> ${SECOND.store_id}`) === 0);
	await until('schedule', async () => await count(`SELECT count(*)
		FROM member_state WHERE due_at <= now()`) === 0);
	check(Object.values(platforms).every((f) =>
		f.store('default').state().applied > 0),
	'they are pushed to both, and schedule has done what was due');
	await verified();
});
