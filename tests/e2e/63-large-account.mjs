// SPDX-License-Identifier: MIT
//
// Somebody with very many orders holds nobody else up: others who came later
// are posted first, the orders of the one stay in their order, and nothing is
// lost or counted twice when the workers that park them are killed.
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {service_down, service_up} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const ORDERS = 800;	// of the one
const OTHERS = 60;
const SOME = 100;
const SAME_MS = 8;		// more than are sent in a millisecond
const IDLE_MS = 1500;
const AWAY_MS = 4000;	// PostgreSQL
const KILLS = 4;
const GAVE_UP = 69;	// an exit status: try again
const LIMIT_MS = 180000;	// generous
const PLATFORM = 'woocommerce';

await scenario(async ({w, check, equal, store, balances, verified, until}) => {
	await w.start('receive');
	await w.ready('receive');
	const s = await store(PLATFORM);

	await w.store_known(s);
	const of = (d) => JSON.parse(d.body).customer_id;
	// Gives one delivery of each order.
	const lives = (options) => [...new Map(generate({platform: PLATFORM,
		kinds: {completed: 1}, start: Date.now() - 86400000, ...options})
		.deliveries.filter((d) => d.order && of(d) > 0)
		.map((d) => [d.order, d])).values()];
	const first = lives({orders: ORDERS, customers: 1});
	const more = lives({orders: ORDERS, customers: 1, first: ORDERS, seed: 2});
	const others = (n, seed) => lives({orders: OTHERS, customers: 50, first: n,
		seed}).filter((d) => of(d) !== of(first[0]));
	const send = async (list, concurrency = 16) => equal((await deliver(list,
		{urls: s, retries: 5, concurrency})).ok, list.length,
	'deliveries are answered');
	const ids = (list) => list.map((d) => d.order).join(',');
	const decided = async (list) => Number((await w.sql(`SELECT count(*)
		FROM order_state WHERE store_id = ${s.store_id} AND
		order_id IN (${ids(list)})`))[0][0]);
	// The transactions that posted orders, in the order of these orders.
	const posted = async (list) => {
		const at = new Map(await w.sql(`SELECT order_id, xmin::text FROM
			order_state WHERE store_id = ${s.store_id}`));

		return list.map((d) => Number(at.get(d.order)));
	};

	// Sends the orders of the one singly, and others behind them all.
	const late = others(2 * ORDERS, 3);

	await send(first, 1);
	await send(late);
	await w.start('work', {name: 'work-1'});
	await until('no message to be left', async () =>
		await w.backlog() === 0, LIMIT_MS);
	const one = await posted(first), theirs = await posted(late);

	// Several streams may have entries of one millisecond.
	check(one.every((x, i) => i < SAME_MS || x >= one[i - SAME_MS]),
		'the orders of the one are posted in their order');
	check(one.filter((x) => x > Math.max(...theirs)).length > ORDERS / 2,
		'and most of them after those of others, who came later');
	equal((await w.metrics('work-1')).loyald_work_messages_total,
		first.length + late.length, 'each of them once');
	await w.stop('work-1');

	// While another process posts what it has folded alone, parked messages
	// wait, and nobody else's.
	const alone = w.sql(`SELECT pg_advisory_lock(hashtextextended('alone post',
		0)), pg_sleep(3600)`).catch(() => null);
	const some = lives({orders: SOME, customers: 1, first: 4 * ORDERS, seed: 5});
	const beside = others(5 * ORDERS, 6);
	const end = () => w.sql(`SELECT pg_terminate_backend(pid)
		FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%'
		AND pid <> pg_backend_pid()`);

	await send([...some, ...beside]);
	await w.start('work', {name: 'work-1', restart: true});
	await until('the orders of others to be posted', async () =>
		await decided(beside) === beside.length, LIMIT_MS);
	equal(await decided(some), 0, 'no parked order while a fold is posted');

	// PostgreSQL is away while messages are parked.
	await service_down('pg');
	await alone;
	await until('work to notice', async () =>
		(await w.get('work-1', '/readyz')).status === 503, LIMIT_MS);
	const claims = () => Number(/cmdstat_xclaim:calls=(\d+)/.exec(spawnSync(
		'redis-cli', ['-s', join(process.env.SERVICES_DIR, 'redis.sock'),
			'INFO', 'commandstats']).stdout.toString())?.[1] ?? 0);
	const before = claims();

	await sleep(AWAY_MS);
	const claimed = claims() - before;

	check(claimed < SOME,
		`parked messages are not read again: ${claimed} claims`);
	equal((await w.get('work-1', '/readyz')).status, 503,
		'and work does not say that it is ready');
	service_up('pg');
	await until('no message to be left', async () =>
		await w.backlog() === 0, LIMIT_MS);
	equal(await w.sql(`SELECT count(*) FROM pg_locks WHERE locktype =
		'advisory'`), [['0']], 'nobody is hindered to post a fold any more');
	await w.stop('work-1');

	// Workers that are killed while they have parked messages, which cannot be
	// posted for some time.
	const again = others(3 * ORDERS, 4);
	const names = ['work-2', 'work-3'];
	const locked = w.sql(`BEGIN; SELECT FROM balance b JOIN identity i
		USING (tenant_id, member_id) WHERE i.value = '${of(first[0])}'
		AND i.kind = 1 FOR UPDATE OF b; SELECT pg_sleep(3600);`)
		.catch(() => null);

	// Entries of the streams have messages of both.
	await send(more.flatMap((d, i) => [d, ...again.slice(i, i + 1)]));
	equal((await w.run(['work', '--drain'], {env: {LOYALD_CONSUMER: 'drain',
		LOYALD_CLAIM_IDLE_MS: String(IDLE_MS)}, timeout: LIMIT_MS})).status,
	GAVE_UP, 'work --drain gives up while the one is locked');
	for (const name of names)
		await w.start('work', {name, restart: true, env:
			{LOYALD_CLAIM_IDLE_MS: String(IDLE_MS)}});
	await until('the orders of others to be posted', async () =>
		await decided(again) === again.length, LIMIT_MS);
	check(await decided(more) === 0, 'others are posted while the one is locked');
	let killed = 0;

	await until('workers to be killed while messages are parked', async () => {
		for (const name of names)
			if ((await w.metrics(name).catch(() => ({})))
				.loyald_work_parked > 0 && w.kill(name))
				killed++;
		return killed >= KILLS;
	}, LIMIT_MS);
	await end();
	await locked;
	await until('no message to be left', async () =>
		await w.backlog() === 0, LIMIT_MS);
	await balances([...first, ...late, ...some, ...beside, ...more,
		...again], {[PLATFORM]: s},
		'every balance is right');
	equal((await w.sql('SELECT count(*) FROM dead_letter'))[0][0], '0',
		'nothing is dead');
	await verified();
});
