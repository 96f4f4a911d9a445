// SPDX-License-Identifier: MIT
//
// more: runs `make bench-more`: kinds of deliveries, latency, memory, and what
// a queued order takes in Redis, with the program points.json.
import {createConnection} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {POINTS, until} from '../support/world.mjs';
import {memory_of, redis, sql, watch} from './measure.mjs';
import {budget_part, budget_rows} from './budget.mjs';
import {customer_id, order_id} from './orders.mjs';
import {median, quantile, spread} from './report.mjs';
import {FSYNC, file_new, fsync_set, knob, load, memory_by, run, say} from
	'./rounds.mjs';
import {shops_new} from './shops.mjs';
import {Loyald} from './sides.mjs';
import {bars} from './svg.mjs';

const ROUNDS = knob('ROUNDS', 5, 1);
const ORDERS = knob('ORDERS', 16000, 1000);
const WARM = knob('WARM', 2000, 200);
const SECONDS = knob('SECONDS', 20, 2);	// for which a latency is measured
const SLOW = 50;			// orders a second of a quiet shop
const CONNECTIONS = knob('CONNECTIONS', 10000, 500);
const QUEUED = knob('QUEUED', 20000, 500);
const PUSH_STORES = 20;
// Orders of few members, whose shops allow few calls.
const BUDGET = {orders: knob('BUDGET', 10000, 1000), rate: 200,
	slow_ms: 30000};
const LATENCY_MOST = 100000;			// orders of a measurement
const CALM_MS = knob('CALM_MS', 5000, 1000);
const MIB = 2 ** 20;
const PROCESSES = ['receiver', 'worker', 'redis', 'pg'];

// Gives orders and customers the numbers from `first` on.
const numbers = (first) => ({order: (i) => first + i,
	customer: (i) => first + i});

// Gives the kinds of deliveries in the order in which they are sent.  A kind
// with `anew` is sent to an empty database, the others after the kind before
// them.
function kinds_new()
{
	const of = (name, options) => file_new(name, {n: ORDERS, ...options});
	const again = of('fresh', numbers(1e8));

	return [
		{name: 'new customers, 8 KB', anew: true, file: again},
		{name: 'told again, unchanged', file: again},
		{name: 'told again, changed', file: of('changed', {
			...numbers(1e8), later: 3600, cents: () => 4310})},
		{name: 'known customers, 8 KB', file: of('known', {
			...numbers(1e8), order: (i) => 2e8 + i})},
		...[2, 30].map((kilobytes) => ({anew: true, file: of(
			`fresh-${kilobytes}`, {...numbers(3e8), kilobytes}),
		name: `new customers, ${kilobytes} KB`}))];
}

async function begin(side, warm, roles)
{
	await side.stop();
	await side.reset();
	await side.start(roles);
	if (warm)
		await run(side, warm, {count: WARM});
}

async function kinds(side, warm)
{
	const all = kinds_new(), rows = [];

	for (const fsync of FSYNC) {
		await fsync_set(fsync);
		for (let round = 1; round <= ROUNDS; round++)
			for (const {name, file, anew} of all) {
				if (anew)
					await begin(side, warm);
				const row = await run(side, file, {count: ORDERS});

				rows.push({...row, side: name, fsync, round});
				say(`${fsync} ${round} ${name}: ${Math.round(row.eps)
				} events/s, ${row.all.toFixed(1)} us`);
			}
	}
	await side.stop();
	return rows;
}

function kinds_part(rows, fsync)
{
	const all = rows.filter((r) => r.fsync === fsync);
	const names = [...new Set(all.map((r) => r.side))];
	const mid = (name, f) => median(all.filter((r) => r.side === name).map(f));
	const cells = names.map((name) => [name, mid(name, (r) => r.eps),
		mid(name, (r) => r.all), `${Math.round(100 * spread(all.filter(
			(r) => r.side === name).map((r) => r.all)))} %`,
		...PROCESSES.map((p) => mid(name, (r) => r.us[p])),
		mid(name, (r) => r.wal), mid(name, (r) => r.disk)]);

	const head = ['', 'events/s', 'CPU of all', 'spread', 'receiver', 'worker',
		'Redis', 'PostgreSQL', 'WAL', 'disk'];

	return {title: `Kinds of deliveries, appendfsync ${fsync}`, text: 'Medians ' +
		`of ${ROUNDS} rounds of ${ORDERS} orders; CPU in microseconds of an ` +
		'event, WAL and disk in bytes of an event. In an order that is ' +
		'told again, changed, one line has another price.',
	head, rows: cells,
	plot: {name: `kinds-${fsync}`, svg: bars({unit: 'microseconds', names,
		title: `CPU of an event, appendfsync ${fsync}`,
		series: PROCESSES.map((p, k) => ({name: head[4 + k],
			values: cells.map((c) => c[4 + k])}))})}};
}

// ---- latency ---------------------------------------------------------------

// Gives the milliseconds from when each order was due until its transaction was
// committed.  PostgreSQL takes the time of a commit just before it syncs.
export async function committed(side, first, {began, rate, count})
{
	const rows = await sql(side.database, `SELECT source_id, 1e6 * extract(
		epoch FROM pg_xact_commit_timestamp(xmin)) FROM entry
		WHERE revision = 1`);
	const at = new Map(rows.map(([id, us]) => [id, Number(us)]));

	return Array.from({length: count}, (_, i) =>
		(at.get(order_id(first + i)) - began - i * 1e6 / rate) / 1e3);
}

async function latency(side, warm, {rate, fsync, shops})
{
	const count = Math.min(LATENCY_MOST, Math.ceil(rate * SECONDS));
	const first = 5e8;
	const file = file_new('latency', {n: count, ...numbers(first),
		store: (i) => 1 + i % side.stores});

	await fsync_set(fsync);
	await begin(side, warm, shops && [['receive', []], ['work', []],
		['push', []]]);
	await shops?.forget();
	const row = await run(side, file, {count, rate});
	const due = {began: row.began, rate: Math.ceil(rate), count};
	const times = await committed(side, first, due);
	const cells = [fsync, rate, row.p50, row.p99, quantile(times, 0.5),
		quantile(times, 0.99)];

	if (shops) {
		const told = await all_told(shops, first, count);
		const pushed = told.map((ms, i) => ms - due.began / 1e3 -
			i * 1e3 / due.rate);

		cells.push(quantile(pushed, 0.5), quantile(pushed, 0.99));
	}
	say(`latency, ${cells.join(' ')}`);
	await side.stop();
	return {cells, noise: row.noise};
}

// Gives when the balance of each customer came to the shop, and waits for the
// last one.
async function all_told(shops, first, count)
{
	const told = await until('all balances to be pushed', async () => {
		const at = await shops.told();
		const list = Array.from({length: count}, (_, i) =>
			at[customer_id(first + i)]);

		return list.every((ms) => ms !== undefined) && list;
	}, 600000);

	return told;
}

// Gives the events a second, until the last balance has come to its shop.
async function push_rate(side, warm, shops)
{
	const first = 4e8;
	const file = file_new('pushed', {n: ORDERS, ...numbers(first),
		store: (i) => 1 + i % side.stores});

	await begin(side, warm, [['receive', []], ['work', []], ['push', []]]);
	const {began} = await run(side, file, {count: ORDERS});
	const last = Math.max(...await all_told(shops, first, ORDERS));

	await side.stop();
	return ORDERS / (last - began / 1e3) * 1e3;
}

async function latencies(side, warm, rows)
{
	const half = (fsync) => median(rows.filter((r) => r.fsync === fsync &&
		r.side === 'new customers, 8 KB').map((r) => r.eps)) / 2;
	const shops = await shops_new();
	const pushing = new Loyald('pushing', {program: POINTS,
		stores: PUSH_STORES});
	const out = [];

	for (const fsync of FSYNC)
		out.push(await latency(side, warm, {fsync, rate: half(fsync)}));
	out.push(await latency(side, warm, {fsync: 'always', rate: SLOW}));
	await pushing.prepare({api_url: shops.url});
	await pushing.keep();
	for (const fsync of FSYNC) {
		await fsync_set(fsync);
		const rate = await push_rate(pushing, warm, shops) / 2;

		out.push(await latency(pushing, warm, {fsync, rate, shops}));
	}
	await shops.close();
	return {noise: out.map((o) => o.noise), part: {title: 'Latency', text:
		`Milliseconds from when an order was due, ${SECONDS} s at half of the ` +
		'rate that can be kept up, and at 50 a second; the commit\'s time ' +
		`is taken before its sync. Where balances are pushed, to ${
			PUSH_STORES} fakes of shops on the same machine that answer ` +
		'after 5 ms, it is half of the rate at which that ends as well.',
	head: ['appendfsync', 'orders/s', 'answered, p50', 'p99', 'committed, p50',
		'p99', 'pushed, p50', 'p99'],
	rows: out.map((o) => [...o.cells, '', ''].slice(0, 8))}};
}

// ---- memory ----------------------------------------------------------------

async function connections(port, n)
{
	const all = [];

	for (let i = 0; i < n; i++) {
		const socket = createConnection(port, '127.0.0.1');

		await new Promise((resolve, reject) => {
			socket.on('connect', resolve);
			socket.on('error', reject);
		});
		all.push(socket);
	}
	return () => all.forEach((socket) => socket.destroy());
}

async function memory(side, warm)
{
	const file = file_new('memory', {n: ORDERS, ...numbers(6e8)});
	const rows = [];
	const told = (what, bytes) => rows.push([what, bytes / MIB]);

	await fsync_set('everysec');
	await begin(side, null);
	await sleep(CALM_MS);
	const {receiver, worker} = side.pids();
	const idle = memory_by(side);

	told('receive, idle', idle.receiver);
	told('work, idle', idle.worker);
	const close = await connections(side.port, CONNECTIONS);

	await sleep(CALM_MS / 5);
	told(`receive, ${CONNECTIONS} idle connections more`,
		memory_of(receiver) - idle.receiver);
	close();
	await run(side, warm, {count: WARM});
	const ends = [receiver, worker].map((pid) => watch(() => memory_of(pid)));

	await run(side, file, {count: ORDERS});
	const [r, w] = ends.map((end) => end());

	told('receive, under load, at most', r);
	told('work, under load, at most', w);
	await side.stop();
	return {title: 'Memory', text: 'MiB (PSS); a process and its children.',
		head: ['', 'MiB'], rows};
}

async function queued(side, kilobytes)
{
	const file = file_new('queued', {n: QUEUED, kilobytes, ...numbers(7e8)});
	const bytes = () => Promise.all([['memory', /^used_memory:(\d+)/m],
		['persistence', /^aof_current_size:(\d+)/m]].map(
		async ([section, line]) =>
			Number(line.exec(await redis('INFO', section))[1])));

	await begin(side, null, [['receive', []]]);
	const before = await bytes();

	await load(side.port, file, {count: QUEUED});
	const after = await bytes();

	await side.stop();
	return [`${kilobytes} KB`, ...after.map((n, i) =>
		(n - before[i]) / QUEUED)];
}

export async function more()
{
	const side = new Loyald('more', {program: POINTS});
	const warm = file_new('warm', {n: WARM, ...numbers(9e8)});

	await side.prepare();
	await side.keep();
	const rows = await kinds(side, warm);
	const late = await latencies(side, warm, rows);
	const parts = [...FSYNC.map((fsync) => kinds_part(rows, fsync)), late.part,
		await memory(side, warm), {title: 'A queued order', text: 'Bytes in ' +
			`Redis of each of ${QUEUED} orders that wait, in memory and ` +
			'in the append-only file.', head: ['body', 'memory', 'file'],
		rows: []}];

	for (const kilobytes of [2, 8, 30])
		parts.at(-1).rows.push(await queued(side, kilobytes));
	const pushed = await budget_rows(BUDGET);

	parts.splice(-2, 0, budget_part(pushed, BUDGET));
	return {title: 'Kinds of deliveries, latency, memory', rounds: rows,
		noise: [...pushed.map((r) => r.noise), ...rows.map((r) => r.noise), ...late.noise], parts};
}
