// SPDX-License-Identifier: MIT
//
// growth: runs `make bench-growth`: what an order costs when there are many
// members, entries, orders or lots of one member, stores, or orders that wait.
//
// Members and entries are copies of what loyald made of one order (copies.mjs).
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {POINTS, ROOT} from '../support/world.mjs';
import {Copies} from './copies.mjs';
import {cpu_of, memory_of, meter, redis} from './measure.mjs';
import {committed} from './more.mjs';
import {request} from './orders.mjs';
import {quantile} from './report.mjs';
import {file_new, fsync_set, knob, knobs, load, run, say} from './rounds.mjs';
import {Loyald} from './sides.mjs';
import {lines} from './svg.mjs';

const ORDERS = knob('ORDERS', 10000, 500);	// of a measurement
const WARM = knob('WARM', 2000, 100);
const SINGLE = knob('SINGLE', 20, 2);	// orders that are measured one by one
const MEMBERS = knobs('MEMBERS', '1e3,1e4,1e5,1e6,1e7', '100,1000');
const ENTRIES = knobs('ENTRIES', '1e5,1e6,1e7,1e8', '100,1000');
const HISTORY = knobs('HISTORY', '10,100,1e3,1e4,1e5', '10,50');
const STORES = knobs('STORES', '1,10,100,1e3,1e4', '1,3');
const BACKLOG = knobs('BACKLOG', '1e3,1e4,1e5,1e6', '100,1000');
// Work loads the stores again twice meanwhile.
const CALM_MS = knob('CALM_MS', 65000, 2000);
const ONLY = process.env.BENCH_ONLY?.split(',');	// names of PARTS
const DAY = 86400, WEEK = 7 * DAY;
const NOW = Math.floor(Date.now() / 1000);
const LONGEST = NOW - Date.UTC(1972, 0, 3) / 1000 - 30 * DAY;
const RATE = knob('RATE', 100, 20);	// orders a second of other members
const SECONDS = knob('SECONDS', 20, 2);
const POLL_MS = 25;			// as long as until() sleeps
const README = join(ROOT, process.env.O ?? 'build/release', 'readme.json');
const TIERS = join(ROOT, 'deploy/programs/tiers.json');
const PROCESSES = ['receiver', 'worker', 'schedule', 'redis', 'pg'];

const numbers = (first) => ({order: (i) => first + i,
	customer: (i) => first + i});
const noise = [];
let files = 5e8;	// the first order and customer without a delivery

// Starts the side, measures ORDERS orders of the customers that `customer`
// gives, and stops the side.
async function measured(side, customer)
{
	const n = WARM + ORDERS;
	const file = (name, first, count) => file_new(name, {n: count,
		...numbers(first), ...customer && {customer}, at: () => 1.75e9});
	const first = files;

	files += n;
	await side.start();
	await run(side, file('grown-warm', first, WARM), {count: WARM});
	const row = await run(side, file('grown', first + WARM, ORDERS),
		{count: ORDERS});

	await side.stop();
	noise.push(row.noise);
	return row;
}

const cpu_cells = (row) => [row.all, ...PROCESSES.map((p) => row.us[p] ?? 0)];
const CPU_HEAD = ['CPU of all', 'receiver', 'worker', 'schedule', 'Redis',
	'PostgreSQL'];

function part(title, name, text, along, head, rows, more = {})
{
	say(`${title}: ${JSON.stringify(rows)}`);
	return {title, text, head: [along, ...head], rows, plot: {name,
		svg: lines({title, unit: 'microseconds', along, series: more.series ??
			CPU_HEAD.map((h, k) => ({name: h, points: rows.filter(
				(r) => r[k + 1] > 0).map((r) => [r[0], r[k + 1]])}))
				.filter((s) => s.points.length > 0)})}};
}

// ---- members, entries ------------------------------------------------------

const CUSTOMERS = 2e9;		// the customer and order that are copied

async function grown(name, sizes, grow)
{
	const side = new Loyald(name, {program: POINTS});
	const rows = [];
	let stopped = '';

	await side.prepare();
	await side.start();
	await run(side, file_new('first', {n: side.stores, order: CUSTOMERS,
		customer: CUSTOMERS}), {count: side.stores});
	await side.stop();
	const copies = new Copies(side.database);

	await copies.prepare();
	for (const size of sizes) {
		if (!await copies.has_room(size)) {
			stopped = ` The disk has no room for ${size}.`;
			break;
		}
		await grow(copies, size);
		// The customers are known, and lie far apart.
		const customer = (i) => CUSTOMERS + 1 + i * 7919 % copies.members;
		const first = await measured(side, customer);

		// Autovacuum would do so within a minute.  Until then PostgreSQL
		// takes each tenant for one with a single order, as in the pattern.
		await copies.ask('ANALYZE');
		const again = await measured(side, customer);

		rows.push([size, ...cpu_cells(again), again.eps, again.wal,
			first.all, first.us.pg, first.wal]);
		say(`${name} ${size}: ${again.all.toFixed(1)} us, first ${
			first.all.toFixed(1)} us`);
	}
	return {rows, stopped};
}

const GROWN_HEAD = [...CPU_HEAD, 'events/s', 'WAL, bytes', 'first: CPU of all',
	'first: PostgreSQL', 'first: WAL'];
const GROWN_TEXT = 'microseconds, program points.json. The columns that begin ' +
	'with "first" are of orders of members of whom no page was written since a ' +
	'checkpoint: PostgreSQL reads these pages from the disk and writes each as ' +
	'a whole to the WAL. The columns before are of the next orders of the same ' +
	'members.';

async function members()
{
	const {rows, stopped} = await grown('grown_members', MEMBERS,
		(copies, n) => copies.members_to(n));

	return part('Members', 'members', `CPU of an order of a known customer, in ` +
		`${GROWN_TEXT}${stopped}`, 'members', GROWN_HEAD, rows);
}

async function entries()
{
	const {rows, stopped} = await grown('grown_entries', ENTRIES,
		async (copies, n) => {
			await copies.members_to(Math.ceil(n / 10));
			await copies.orders_to(n);
		});

	return part('Entries', 'entries', 'Ten orders of each member are in the ' +
		'ledger, each an entry. CPU of an order of a known customer, in ' +
		`${GROWN_TEXT}${stopped}`, 'entries', GROWN_HEAD, rows);
}

// ---- one member's history --------------------------------------------------

// Does `f` SINGLE times, and gives the CPU microseconds of each process for one
// of them.
async function metered(side, f)
{
	const stop = meter(side.pids());

	for (let i = 0; i < SINGLE; i++)
		await f(i);
	const {cpu, noise: alien} = stop();

	noise.push(alien);
	return PROCESSES.map((p) => (cpu[p] ?? 0) / SINGLE);
}

async function one(side, o)
{
	const {path, headers, body} = request(0, o);
	const answer = await fetch(`http://127.0.0.1:${side.port}${path}`,
		{method: 'POST', headers, body});

	if (answer.status !== 200)
		throw new Error(`${side.name}: answered ${answer.status}`);
	await side.drained();
}

// Sends orders of one customer until there are as many as each of the sizes,
// and each time measures some more one by one: new ones, or the newest ones
// changed.
async function history(name, {program, at, changed})
{
	const side = new Loyald(`history_${plain(name)}`, {program, stores: 1,
		roles: [['work', []], ['schedule', []]]});
	const rows = [];
	let n = 0;

	await side.prepare();
	await side.start();
	for (const size of HISTORY) {
		const first = n;
		const row = await run(side, file_new('history', {n: size - n, store: 1,
			customer: 1, order: (i) => first + i,
			at: (i) => at(first + i)}), {count: size - n});
		// Waiting for an order costs each process something, too.
		const waited = await metered(side, async () => {
			await side.drained();
			await sleep(POLL_MS);
			await side.drained();
		});

		n = size;
		const spent = await metered(side, (i) => one(side, changed ?
			{store: 1, customer: 1, order: size - 1 - i,
				at: at(size - 1 - i), later: 3600,
				cents: 4310 - size % 97} :
			{store: 1, customer: 1, order: n, at: at(n++)}));
		const us = spent.map((v, k) => Math.max(0, v - waited[k]));

		rows.push([size, us.reduce((sum, v) => sum + v), ...us, row.eps]);
		say(`${name} ${size}: ${JSON.stringify(rows.at(-1))}`);
	}
	await side.stop();
	return rows;
}

// Give the time of order i: wide() one a week, or closer together where that
// would begin before 1972, and close() all of them within 300 days.
const ALL = Math.max(...HISTORY) + SINGLE * HISTORY.length;
const WIDE = Math.min(WEEK, LONGEST / ALL), CLOSE = 300 * DAY / ALL;
const wide = (i) => Math.floor(NOW - 30 * DAY - (ALL - i) * WIDE);
const close = (i) => Math.floor(NOW - 30 * DAY - (ALL - i) * CLOSE);

// Writes the program of a file with windows of 52 times `every`, and points
// that expire after 78 times `every`.
function program_new(name, file, every)
{
	const program = JSON.parse(readFileSync(file));
	const days = (n) => `${Math.max(2, Math.round(n * every / DAY))} days`;

	delete program.tests;
	delete program.$schema;
	Object.assign(program.tiers, {window: days(52), term: days(52)});
	for (const wallet of Object.values(program.wallets ?? {}))
		if (wallet.expires)
			wallet.expires.after = days(78);
	const path = join(process.env.SERVICES_DIR, `${name}.json`);

	writeFileSync(path, JSON.stringify(program));
	return path;
}

const program_of = (file, every) => program_new(`program-${every === WEEK ?
	'close' : 'wide'}-${file === TIERS ? 'tiers' : 'readme'}`, file, every);

function histories()
{
	return histories_part('Orders of one member', 'history', 'one order more', [
		['tiers.json, 52 in a window', {program: program_of(TIERS, WIDE),
			at: wide}],
		['tiers.json, all in one', {program: program_of(TIERS, WEEK),
			at: close}],
		['README, 52 in a window', {program: program_of(README, WIDE),
			at: wide}],
		['README, all in one', {program: program_of(README, WEEK),
			at: close}]]);
}

function lots()
{
	return histories_part('Lots of one member', 'lots', 'one order more, or of ' +
		'the newest, changed', [
		['points.json, one more', {program: POINTS, at: close}],
		['points.json, changed', {program: POINTS, at: close, changed: true}],
		['README, changed', {program: program_of(README, WEEK), at: close,
			changed: true}]]);
}

// Turns words into a name for a database.
const plain = (name) => name.toLowerCase().replace(/\W+/g, '_');

async function histories_part(title, name, what, kinds)
{
	const series = [], rows = [];

	for (const [kind, o] of kinds) {
		const all = await history(kind, o);

		rows.push(...all.map(([n, ...cells]) => [kind, n, ...cells]));
		series.push({name: kind, points: all.map((r) => [r[0], r[1]])});
	}
	return {...part(title, name, `CPU of ${what}, each by itself, less ` +
		'what waiting for it costs, in microseconds, and events/s of the orders before. Windows are of 52 ' +
		`weeks and one order a week, or closer by the same factor (here ${
			(WEEK / WIDE).toFixed(1)}), or all within 300 days.`, 'orders', [],
	[], {series}), head: ['program and dates', 'orders', ...CPU_HEAD,
		'events/s'], rows};
}

// ---- a large account beside others -----------------------------------------

// Sends orders of other members at a rate, and calls `meanwhile`.  Gives the
// milliseconds until each order was committed that was due before `meanwhile`
// ended.
async function others(side, meanwhile)
{
	const first = files, count = RATE * SECONDS, began = Date.now();
	const file = file_new('others', {n: count, ...numbers(first)});

	files += count;
	const [done, ended] = await Promise.all([
		load(side.port, file, {count, rate: RATE}),
		meanwhile?.().then(() => Date.now()) ?? Infinity]);

	await side.drained();
	const all = await committed(side, first,
		{began: done.began, rate: RATE, count});

	return all.slice(0, 1 + Math.floor((ended - began) / 1e3 * RATE));
}

async function account()
{
	const n = Math.max(...HISTORY);
	const side = new Loyald('account', {program: program_of(README, WIDE),
		roles: [['work', []], ['schedule', []]]});
	const normal = file_new('normal', {n: ORDERS, order: (i) => 3e8 + i,
		customer: (i) => 3e8 + i % Math.ceil(ORDERS / 9)});
	const large = file_new('large', {n, order: (i) => 4e8 + i, customer: 4e8,
		store: 1, at: wide});
	const rows = [];

	await side.prepare();
	await side.start();
	const {eps} = await run(side, normal, {count: ORDERS});
	const alone = await others(side);
	let row;
	const beside = await others(side, async () => {
		row = await run(side, large, {count: n});
	});

	await side.stop();
	rows.push(['alone', eps, quantile(alone, 0.5), quantile(alone, 0.99)],
		[`beside ${n} orders of one member`, row.eps, quantile(beside, 0.5),
			quantile(beside, 0.99)]);
	say(JSON.stringify(rows));
	return {title: 'A large account beside others', text: 'Orders a second of ' +
		'members with 9 orders, and of the one; and how long, in ms, ' +
		`${RATE} orders a second of others take until they are committed ` +
		`(README's program, ${SECONDS} s).`,
	head: ['', 'events/s', 'committed, p50', 'p99'], rows};
}

// ---- stores ----------------------------------------------------------------

async function stores()
{
	const side = new Loyald('grown_stores', {program: POINTS});
	const rows = [];

	for (const n of STORES) {
		side.stores = n;
		await side.prepare();
		await side.start();
		const {receiver, worker} = side.pids();
		const started = [cpu_of(receiver), cpu_of(worker)];

		await sleep(CALM_MS);
		const idle = [receiver, worker].map((pid, i) =>
			(cpu_of(pid) - started[i]) / CALM_MS * 60);
		const memory = [receiver, worker].map((pid) => memory_of(pid) / 2 ** 20);

		await side.stop();
		const row = await measured_stores(side);

		rows.push([n, ...cpu_cells(row), ...started.map((us) => us / 1e3),
			...idle, ...memory]);
		say(`stores ${n}: ${JSON.stringify(rows.at(-1))}`);
	}
	return part('Stores', 'stores', 'CPU of an order, in microseconds; CPU until ' +
		'ready in milliseconds; CPU of an idle minute in milliseconds; MiB ' +
		'(PSS) when idle.', 'stores', [...CPU_HEAD, 'start of receive',
		'start of work', 'receive, idle', 'work, idle', 'receive, MiB',
		'work, MiB'], rows);
}

async function measured_stores(side)
{
	const first = files;
	const file = file_new('stores', {n: ORDERS, ...numbers(first),
		store: (i) => 1 + i % side.stores});

	files += ORDERS;
	await side.start();
	const row = await run(side, file, {count: ORDERS});

	await side.stop();
	noise.push(row.noise);
	return row;
}

// ---- what waits ------------------------------------------------------------

async function backlog()
{
	const side = new Loyald('grown_backlog', {program: POINTS});
	const rows = [];

	await side.prepare();
	await side.keep();
	for (const n of BACKLOG) {
		const file = file_new('backlog', {n, kilobytes: 2, ...numbers(files)});

		files += n;
		await side.reset();
		await side.start([['receive', []]]);
		const used = async () => Number(/^used_memory:(\d+)/m.exec(
			await redis('INFO', 'memory'))[1]);
		const before = await used();

		await load(side.port, file, {count: n});
		const bytes = (await used() - before) / n, began = Date.now();

		await side.w.start('work');
		const stop = meter(side.pids());

		await side.drained();
		const took = Date.now() - began;
		const {cpu, noise: alien} = stop();
		const us = PROCESSES.map((p) => (cpu[p] ?? 0) / n);

		await side.stop();
		noise.push(alien);
		rows.push([n, us.reduce((sum, v) => sum + v), ...us, n / took * 1e3,
			bytes]);
		say(`backlog ${n}: ${JSON.stringify(rows.at(-1))}`);
	}
	return part('What waits', 'backlog', 'CPU of each of so many orders (of 2 KB) ' +
		'that waited when work was started, in microseconds, its start ' +
		'included; bytes of each in Redis while it waited.', 'orders',
	[...CPU_HEAD, 'events/s', 'bytes'], rows);
}

const PARTS = {members, entries, histories, lots, account, stores, backlog};

export async function growth()
{
	const parts = [];

	await fsync_set('everysec');
	for (const [name, f] of Object.entries(PARTS))
		if (!ONLY || ONLY.includes(name))
			parts.push(await f());
	return {title: 'Growth', noise, parts};
}
