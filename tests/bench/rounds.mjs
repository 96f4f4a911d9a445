// SPDX-License-Identifier: MIT
//
// rounds: has the pieces that all benches are made of.
//
//	knob(name, usual, smoke)   gives the number of BENCH_NAME, or the usual
//	                           one, or that of a trial
//	knobs(name, usual, smoke)  gives a list of numbers, of "10,100,1e3"
//	file_new(name, options)    makes a file of n deliveries (orders.mjs)
//	load(port, file, options)  has bench_load send them: {count, rate,
//	                           seconds, connections}; gives its line
//	run(side, file, options)   sends count deliveries, waits until the side
//	                           has posted them, and gives a row
//	memory_by(side)            gives {process: bytes}
//	machine(), version()       give a line about the machine and loyald
//
// A row has n, eps (events a second, until the last one is in the ledger),
// accepted (answers a second), p50 and p99 (milliseconds until an answer), us
// (CPU microseconds of an event, by process), all (the sum of us), generator
// (the same of bench_load), wal and disk (bytes of an event), noise and steal
// (cores).
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, statfsSync} from 'node:fs';
import {cpus, release, totalmem} from 'node:os';
import {dirname, join} from 'node:path';
import {ROOT} from '../support/world.mjs';
import {memory_of, meter, redis, sql} from './measure.mjs';
import {requests} from './orders.mjs';

export const SMOKE = Boolean(process.env.BENCH_SMOKE);
const LOAD = join(dirname(process.env.LOYALD), 'bench_load');
const CONNECTIONS = 64;
const SERVICES = process.env.SERVICES_DIR;

export const say = (text) => process.stdout.write(`${text}\n`);

export function knob(name, usual, smoke)
{
	return Number(process.env[`BENCH_${name}`] || (SMOKE ? smoke : usual));
}

export function knobs(name, usual, smoke)
{
	return (process.env[`BENCH_${name}`] || (SMOKE ? smoke : usual))
		.split(',').map(Number);
}

export const FSYNC = (process.env.BENCH_FSYNC || 'everysec,always').split(',');

export const file_new = (name, options) =>
	requests(join(SERVICES, `${name}.requests`), options);

export async function load(port, file, {count = 0, rate = 0, seconds = 3600,
	connections = CONNECTIONS} = {})
{
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', LOAD, port,
		connections, seconds, count, file, Math.ceil(rate)].map(String),
	{stdio: ['ignore', 'pipe', 'inherit']});
	let text = '';

	child.stdout.on('data', (d) => {
		text += d;
	});
	const [status] = await once(child, 'close');

	if (status !== 0)
		throw new Error(`bench_load: exit status ${status}`);
	const done = JSON.parse(text);

	if (done.other > 0 || done.broken > 0 || done.ok !== done.sent)
		throw new Error(`not all were accepted: ${text}`);
	return done;
}

export async function fsync_set(how)
{
	await redis('CONFIG', 'SET', 'appendfsync', how);
}

async function bytes_of(database)
{
	const [[wal, disk]] = await sql(database, `SELECT pg_wal_lsn_diff(
		pg_current_wal_insert_lsn(), '0/0'), pg_database_size('${database}')`);

	return {wal: Number(wal), disk: Number(disk)};
}

// Takes in `sent` how many orders were sent since the reset.
export async function run(side, file, {count, rate, sent = 0})
{
	const before = await bytes_of(side.database);
	const stop = meter(side.pids());
	const done = await load(side.port, file, {count, rate});

	await side.drained(sent + count);
	const took = Date.now() * 1e3 - done.began;
	const {cpu, noise, steal} = stop(done.cpu);
	const after = await bytes_of(side.database);
	const us = Object.fromEntries(Object.entries(cpu).map(
		([name, spent]) => [name, spent / count]));

	return {side: side.name, n: count, eps: count / took * 1e6,
		accepted: done.ok / done.took * 1e6, p50: done.p50 / 1e3,
		p99: done.p99 / 1e3, us,
		all: Object.values(us).reduce((sum, n) => sum + n, 0),
		generator: done.cpu / count, wal: (after.wal - before.wal) / count,
		disk: (after.disk - before.disk) / count, noise, steal,
		began: done.began};
}

export function memory_by(side)
{
	return Object.fromEntries(Object.entries(side.pids())
		.map(([name, pid]) => [name, memory_of(pid)]));
}

const first_line = (command, ...args) =>
	execFileSync(command, args, {encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore']}).split('\n')[0];

export function machine()
{
	const {bsize, blocks} = statfsSync(SERVICES);

	return `${cpus().length} x ${cpus()[0].model.trim()}, ` +
		`${Math.round(totalmem() / 2 ** 30)} GiB, disk of ` +
		`${Math.round(bsize * blocks / 2 ** 30)} GiB, Linux ${release()}, ` +
		`PostgreSQL ${/\d+\.\d+/.exec(first_line(join(process.env.PG_BIN,
			'postgres'), '--version'))}, Redis ${/v=([\d.]+)/.exec(
			first_line('redis-server', '--version'))[1]}`;
}

export function version()
{
	try {
		return first_line('git', '-C', ROOT, 'describe', '--always',
			'--dirty', '--tags');
	} catch {
		return /^VERSION.*= *(\S+)/m.exec(readFileSync(join(ROOT,
			'Makefile'), 'utf8'))?.[1] ?? '';
	}
}
