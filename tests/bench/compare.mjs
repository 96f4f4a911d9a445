// SPDX-License-Identifier: MIT
//
// compare: runs `make bench`: loyald with three programs, and the limits and
// peers of a harness, in interleaved rounds.
import {join} from 'node:path';
import {ROOT, POINTS} from '../support/world.mjs';
import {median, ratio, spread} from './report.mjs';
import {FSYNC, file_new, fsync_set, knob, run, say} from './rounds.mjs';
import {Loyald, peers_new} from './sides.mjs';
import {bars} from './svg.mjs';

const ROUNDS = knob('ROUNDS', 7, 1);
const ORDERS = knob('ORDERS', 16000, 1600);	// of a round of most sides
const WARM = knob('WARM', 2000, 200);
const HISTORY = 9;		// orders that a known customer has in a round
const STORES = 16;
const WEEK = 7 * 86400;
const BEGIN = Date.UTC(2025, 8, 1, 8) / 1000;
const PEERS = (process.env.BENCH_PEERS_ONLY || 'rig,limit-epoll,' +
	'limit-epoll-r16,node-fastify-stream,node-express-bullmq').split(',');
// The order in which sides are listed.
const ORDER = ['loyald', 'loyald, told again', 'loyald, known', 'loyald, tiers',
	'loyald, README', ...PEERS];
const LARGEST = 2;		// the greatest scale of a side
const KNOWN = Math.max(STORES, Math.ceil(ORDERS / HISTORY / STORES) * STORES);
const README = join(ROOT, process.env.O ?? 'build/release', 'readme.json');
const PROCESSES = ['receiver', 'worker', 'redis', 'pg'];

// Known customer i is customer i / 16 of store 1 + i % 16.
const known = (first) => ({customer: (i) => Math.floor(i % KNOWN / STORES),
	store: (i) => 1 + i % KNOWN % STORES, order: (i) => first + i});

// Makes the files of deliveries: "fresh", where every order has a customer of
// its own, "known", where customers who have one order have one more each week,
// "first" with that one order, and "warm".
function files_new()
{
	const n = ORDERS * LARGEST;

	return {
		fresh: file_new('fresh', {n, order: (i) => 1e8 + i,
			customer: (i) => 1e8 + i}),
		known: file_new('known', {n, ...known(2e8),
			at: (i) => BEGIN + Math.floor(i / KNOWN) * WEEK}),
		warm: file_new('warm', {n: WARM, order: (i) => 3e8 + i,
			customer: (i) => 3e8 + i}),
		first: file_new('first', {n: KNOWN, ...known(4e8),
			at: () => BEGIN - WEEK}),
	};
}

async function sides_new(files)
{
	const peers = process.env.BENCH_PEERS ?
		peers_new(process.env.BENCH_PEERS, PEERS) : [];
	const programs = {'loyald': POINTS,
		'loyald, known': POINTS,
		'loyald, tiers': join(ROOT, 'deploy/programs/tiers.json'),
		'loyald, README': README};
	const own = Object.entries(programs).map(([name, program]) =>
		new Loyald(name, {program}));

	for (const side of own) {
		if (side.name !== 'loyald')
			side.file = 'known';
		await side.prepare();
		await side.start();
		await run(side, files.first, {count: KNOWN});
		await side.stop();
		await side.keep();
	}
	for (const side of peers)
		await side.prepare();
	return [...own, ...peers];
}

// Measures one side in one round, and loyald a second time with the same
// deliveries.  Gives the rows.
async function turn(side, files)
{
	const rows = [];
	const count = Math.round(ORDERS * Math.min(LARGEST, side.scale));

	await side.reset();
	await side.start();
	await run(side, files.warm, {count: WARM});
	rows.push(await run(side, files[side.file], {count, sent: WARM}));
	if (side instanceof Loyald) {
		const orders = await side.orders();

		if (orders !== KNOWN + WARM + count)
			throw new Error(`${side.name}: ${orders} orders of ${
				KNOWN + WARM + count}`);
		rows[0].spooled = await side.spooled();
	}
	if (side.name === 'loyald')
		rows.push({...await run(side, files.fresh, {count}),
			side: 'loyald, told again'});
	await side.stop();
	return rows;
}

// ---- what the rounds come to -----------------------------------------------

const of = (rows, side, f) => rows.filter((r) => r.side === side).map(f);

function table(rows)
{
	const sides = ORDER.filter((s) => rows.some((r) => r.side === s));
	const mid = (side, f) => median(of(rows, side, f));

	return {head: ['', 'events/s', 'spread', 'CPU µs of an event', 'spread',
		'receiver', 'worker', 'Redis', 'PostgreSQL', 'answered in ms, p50',
		'p99', 'WAL, bytes', 'disk, bytes'],
	rows: sides.map((side) => [side, mid(side, (r) => r.eps),
		`${Math.round(100 * spread(of(rows, side, (r) => r.eps)))} %`,
		mid(side, (r) => r.all),
		`${Math.round(100 * spread(of(rows, side, (r) => r.all)))} %`,
		...PROCESSES.map((p) => mid(side, (r) => r.us[p] ?? 0)),
		...['p50', 'p99', 'wal', 'disk'].map((f) => mid(side,
			(r) => r[f]))])};
}

const EPS = (r) => r.eps, ALL = (r) => r.all, RECEIVER = (r) => r.us.receiver;
const RATIOS = [
	['events/s', EPS, 'loyald', 'node-fastify-stream'],
	['events/s', EPS, 'loyald', 'node-express-bullmq'],
	['CPU of all', ALL, 'loyald', 'limit-epoll'],
	['CPU of all', ALL, 'loyald', 'limit-epoll-r16'],
	['CPU of all', ALL, 'loyald, known', 'rig'],
	['CPU of the receiver', RECEIVER, 'loyald', 'limit-epoll'],
	['CPU of the receiver', RECEIVER, 'loyald', 'limit-epoll-r16'],
	['CPU of the receiver', RECEIVER, 'loyald, known', 'rig'],
	['CPU of all', ALL, 'loyald, told again', 'rig'],
	['CPU of all', ALL, 'loyald, tiers', 'loyald, known'],
	['CPU of all', ALL, 'loyald, README', 'loyald, known'],
];

function ratios(rows)
{
	const side = (name, f) => (r) => r.side === name ? f(r) : undefined;

	return RATIOS.map(([what, f, a, b]) => {
		const x = ratio(rows, side(a, f), side(b, f));

		return x && [`${what}: ${a} / ${b}`, x.median, x.least, x.most];
	}).filter((row) => row);
}

function parts_of(rows)
{
	return FSYNC.flatMap((fsync) => {
		const all = rows.filter((r) => r.fsync === fsync);
		const {head, rows: cells} = table(all);
		const names = cells.map((c) => c[0]);

		return [{title: `End to end, appendfsync ${fsync}`,
			text: `Medians of ${ROUNDS} rounds each; a spread is (most - least) / ` +
				'median. Shopify orders of 8.4 KB over 64 connections ' +
				'which each wait for an answer, until the last order is ' +
				'in the ledger. "loyald": the program points.json, ' +
				'every order of a new customer; "known" and the ' +
				'programs tiers.json and README\'s: of customers with 1 ' +
				'to 10 orders; "told again": the same deliveries once ' +
				'more. The peers\' orders are of new customers, too, ' +
				'but the rig\'s, which knows all.',
			head, rows: cells, plot: {name: fsync, svg: bars({
				title: `CPU of an event, appendfsync ${fsync}`,
				unit: 'microseconds', names,
				series: PROCESSES.map((p, k) => ({name: head[5 + k],
					values: cells.map((c) => c[5 + k])}))})}},
		{title: `Ratios of the same rounds, appendfsync ${fsync}`,
			head: ['', 'median', 'least', 'most'], rows: ratios(all)}];
	});
}

export async function compare()
{
	const files = files_new();
	const sides = await sides_new(files);
	const rows = [];

	for (const fsync of FSYNC) {
		await fsync_set(fsync);
		for (let round = 1; round <= ROUNDS; round++)
			for (let i = 0; i < sides.length; i++) {
				const side = sides[(i + round) % sides.length];

				if (side.d?.always_only && fsync !== 'always')
					continue;
				for (const row of await turn(side, files)) {
					rows.push({...row, round, fsync});
					say(`${fsync} ${round} ${row.side}: ${
						Math.round(row.eps)} events/s, ${
						row.all.toFixed(1)} us, noise ${
						row.noise.toFixed(2)}`);
				}
			}
	}
	return {title: 'loyald and others', rounds: rows,
		noise: rows.map((r) => r.noise), parts: parts_of(rows)};
}
