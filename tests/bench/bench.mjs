// SPDX-License-Identifier: MIT
//
// bench: what a delivery costs on this machine.
//
//  1. receive alone: 8 KB Shopify deliveries over 64 connections, each
//     answered 200 after Redis has it; deliveries a second, and the CPU of
//     each process per accepted delivery.
//  2. end to end: as many distinct paid orders, until the last is in the
//     ledger; credited events a second, and CPU per event.
//
// Medians of the rounds.  CPU is user and system time of /proc, children
// included; the generator's is on the same machine and listed apart.
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync, readFileSync, readdirSync, rmSync, writeSync}
	from 'node:fs';
import {cpus, release} from 'node:os';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {shopify_signature} from '../support/sign.mjs';
import {ROOT, until, world_new} from '../support/world.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const ORDERS = Number(process.env.BENCH_ORDERS ?? 6000);	// of a round
const CONNECTIONS = 64;
const BODY = 8192;
const CUSTOMERS = 2000;
const SPARE = 5;		// so many orders to find ORDERS small enough
const ID_STEP = 1000000;	// between the numbers of two batches
const SECRET = 'generated-secret';
const LOAD = join(ROOT, process.env.O ?? 'build/release', 'bench_load');
const TICK_US = 1e6 / Number(execFileSync('getconf', ['CLK_TCK']));

const say = (text) => process.stdout.write(`${text}\n`);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

// ---- requests -------------------------------------------------------------

// A paid order of exactly BODY bytes, by a note of the right length; the
// same order under another number in every batch.
function body_of(delivery, batch)
{
	const room = BODY - Buffer.byteLength(delivery.body) + 'null'.length - 2;
	const id = String(BigInt(delivery.order) +
		BigInt(batch) * BigInt(ID_STEP));

	if (room < 0 || id.length !== delivery.order.length)
		throw new Error(`order ${delivery.order} does not fit`);
	return delivery.body.replaceAll(delivery.order, id)
		.replace('"note":null', `"note":"${'x'.repeat(room)}"`);
}

function request_of(path, d, batch)
{
	const body = body_of(d, batch);
	const headers = {...d.headers, 'X-Shopify-Hmac-Sha256':
		shopify_signature(SECRET, body)};
	const bytes = Buffer.from(`POST ${path} HTTP/1.1\r\nHost: bench\r\n` +
		Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`)
			.join('') + `Content-Length: ${
		Buffer.byteLength(body)}\r\n\r\n${body}`);
	const length = Buffer.alloc(4);

	length.writeUInt32LE(bytes.length);
	return Buffer.concat([length, bytes]);
}

// Writes files of orders, each call's distinct from all before.
function requests_new(dir, path)
{
	const {deliveries} = generate({platform: 'shopify', seed: 81,
		orders: SPARE * ORDERS, customers: CUSTOMERS, secret: SECRET,
		kinds: {paid: 1}});
	const paid = [...new Map(deliveries
		.filter((d) => d.topic === 'orders/paid' &&
			Buffer.byteLength(d.body) < BODY)
		.map((d) => [d.order, d])).values()].slice(0, ORDERS);
	const name = join(dir, 'requests');
	let batch = 0;

	return () => {
		const fd = openSync(name, 'w');

		paid.forEach((d) => writeSync(fd, request_of(path, d, batch)));
		closeSync(fd);
		batch++;
		return {name, n: paid.length};
	};
}

// ---- measuring --------------------------------------------------------------

function parents()
{
	const of = new Map();

	for (const pid of readdirSync('/proc').filter((p) => /^\d+$/.test(p)))
		try {
			const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
			const rest = stat.slice(stat.lastIndexOf(')') + 2)
				.split(' ');

			of.set(Number(pid), {parent: Number(rest[1]), ticks:
				rest.slice(11, 13).reduce((n, t) => n + Number(t), 0),
			reaped: rest.slice(13, 15).reduce(
				(n, t) => n + Number(t), 0)});
		} catch {
			continue;	// it has ended meanwhile
		}
	return of;
}

// Microseconds of the processes, their children, and those that ended.
function cpu_of(pids)
{
	const all = parents();
	const within = (pid) => {
		for (let p = pid; p > 1; p = all.get(p)?.parent ?? 0)
			if (pids.includes(p))
				return true;
		return false;
	};
	let ticks = 0;

	for (const [pid, p] of all)
		if (within(pid))
			ticks += p.ticks + p.reaped;
	return ticks * TICK_US;
}

const service_pid = (name) => Number(readFileSync(
	join(process.env.SERVICES_DIR, `${name}.pid`), 'utf8'));

function meter(w, names)
{
	const pids = Object.fromEntries(names.map((n) => [n,
		['pg', 'redis'].includes(n) ? [service_pid(n)] :
			[...w.roles].filter(([k]) => k.startsWith(n))
				.map(([, r]) => r.child.pid)]));
	const before = Object.fromEntries(names.map((n) =>
		[n, cpu_of(pids[n])]));

	return () => Object.fromEntries(names.map((n) =>
		[n, cpu_of(pids[n]) - before[n]]));
}

async function load(w, file, {seconds = 600, count = 0} = {})
{
	const child = spawn(LOAD, [String(w.roles.get('receive').port),
		String(CONNECTIONS), String(seconds), String(count), file],
	{stdio: ['ignore', 'pipe', 'inherit']});
	const parts = [];

	child.stdout.on('data', (d) => parts.push(d));
	const [status] = await once(child, 'close');

	if (status !== 0)
		throw new Error(`bench_load: exit status ${status}`);
	const done = JSON.parse(Buffer.concat(parts));

	if (done.other > 0 || done.broken > 0)
		throw new Error(`not all were accepted: ${JSON.stringify(done)}`);
	return done;
}

function print(title, columns, rounds)
{
	const cell = (f) => median(rounds.map(f));

	say(`\n${title}`);
	for (const [name, f, digits = 0] of columns)
		say(`  ${name.padEnd(44)} ${cell(f).toFixed(digits).padStart(9)}`);
}

// ---- the two questions ------------------------------------------------------

async function bench_receive(w, file, fsync)
{
	const rounds = [];
	const spooled = async () => (await w.metrics('receive'))[
		'loyald_receive_durable_total{in="spool"}'];
	const before = await spooled();

	await w.redis('CONFIG', 'SET', 'appendfsync', fsync);
	for (let i = 0; i <= ROUNDS; i++) {
		await w.streams_clear();
		const stop = meter(w, ['receive', 'redis']);
		const done = await load(w, file, {seconds: i === 0 ? 2 : SECONDS});
		const cpu = stop();

		if (i > 0)	// the first warms up
			rounds.push({...done, ...cpu});
	}
	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0);
	await w.streams_clear();
	if (await spooled() > before)
		say(`  (${await spooled() - before} went to the spool: Redis took ` +
			'longer than LOYALD_REDIS_DEADLINE_MS)');
	print(`receive alone, ${BODY} byte bodies, ${CONNECTIONS} connections, ` +
		`appendfsync ${fsync}`, [
		['accepted deliveries a second', (r) => r.ok / r.took * 1e6],
		['receive: CPU us per delivery', (r) => r.receive / r.ok, 1],
		['Redis: CPU us per delivery', (r) => r.redis / r.ok, 1],
		['generator: CPU us per delivery', (r) => r.cpu / r.ok, 1],
		['answered within ms, half of them', (r) => r.p50 / 1e3, 2],
		['answered within ms, 99 of 100', (r) => r.p99 / 1e3, 2],
	], rounds);
}

async function bench_end_to_end(w, write, workers, fsync)
{
	const rounds = [];
	const orders = async () => Number((await w.sql(
		'SELECT count(*) FROM order_state'))[0][0]);

	await w.redis('CONFIG', 'SET', 'appendfsync', fsync);
	for (let i = 1; i <= workers; i++) {
		await w.start('work', {name: `work-${i}`});
		await w.ready(`work-${i}`);
	}
	for (let i = 0; i < ROUNDS; i++) {
		const {name, n} = write();
		const before = await orders();
		const stop = meter(w, ['receive', 'work', 'redis', 'pg']);
		const began = Date.now();
		const done = await load(w, name, {count: n});

		await until('the streams to be empty',
			async () => await w.backlog() === 0, 300000);
		const took = Date.now() - began;
		const cpu = stop();
		const posted = await orders() - before;

		if (posted !== n)
			throw new Error(`${posted} of ${n} orders in the ledger`);
		rounds.push({...cpu, n, took, p99: done.p99});
	}
	print(`end to end, ${workers} work, appendfsync ${fsync}`, [
		['credited events a second', (r) => r.n / r.took * 1e3],
		['CPU us per event: all', (r) =>
			(r.receive + r.work + r.redis + r.pg) / r.n, 1],
		['  receive', (r) => r.receive / r.n, 1],
		['  work', (r) => r.work / r.n, 1],
		['  Redis', (r) => r.redis / r.n, 1],
		['  PostgreSQL', (r) => r.pg / r.n, 1],
		['answered within ms, 99 of 100', (r) => r.p99 / 1e3, 2],
	], rounds);
	for (let i = 1; i <= workers; i++)
		await w.stop(`work-${i}`);
	for (let i = 1; i <= workers; i++)
		w.roles.delete(`work-${i}`);
}

async function main()
{
	const w = world_new({dir: join(process.env.SERVICES_DIR, 'loyald')});

	say(`${cpus().length} x ${cpus()[0].model.trim()}, Linux ${release()}`);
	await w.key_new();
	const store = await w.store_add({platform: 'shopify',
		domain: 'generated.myshopify.com', secret: SECRET});

	await w.start('receive');
	await w.ready('receive');
	const write = requests_new(w.dir, store.webhook_paths.orders);
	const {name} = write();

	for (const fsync of ['always', 'everysec'])
		await bench_receive(w, name, fsync);
	await bench_end_to_end(w, write, 1, 'always');
	await bench_end_to_end(w, write, 2, 'always');
	await bench_end_to_end(w, write, 1, 'everysec');
	rmSync(name);
	await w.close();
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
await main();
