// SPDX-License-Identifier: MIT
//
// measure: tells what processes use, and asks PostgreSQL and Redis.  Needs the
// environment that services.sh gives.
//
//	cpu_of(pid)           gives the microseconds of CPU of a process and of
//	                      its descendants, ended ones included
//	meter({name: pid})    begins to measure, and gives a function that ends
//	                      the measurement with {cpu: {name: us}, wall,
//	                      noise, steal}.  The noise is the CPU that others
//	                      used, in cores; the function's argument, in
//	                      microseconds of CPU, is not counted as noise
//	memory_of(pid)        gives the bytes (PSS) of a process and of its
//	                      descendants
//	watch(f)              calls f every half second, and gives a function
//	                      that ends this and gives the greatest answer of f
//	service_pid(name)     gives the pid of "pg" or "redis"
//	redis(...words)       gives Redis' answer to a command
//	sql(database, query)  gives rows of texts, by a psql that is kept open
//	sql_close(database)   ends the psql of a database, or of all databases
//	conninfo(database)    gives how a process connects to a database
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, readdirSync} from 'node:fs';
import {createConnection} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

const TICK_US = 1e6 / Number(execFileSync('getconf', ['CLK_TCK']));
const WATCH_MS = 500;
const read = (...path) => readFileSync(join('/proc', ...path.map(String)),
	'latin1');

// Gives the fields of /proc/PID/stat from the third on, or null if the process
// has ended.
function stat_of(pid)
{
	try {
		const stat = read(pid, 'stat');

		return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	} catch {
		return null;
	}
}

// Gives the pids of a process and of its descendants.
function tree(root)
{
	const below = new Map();

	for (const pid of readdirSync('/proc').filter((p) => /^\d+$/.test(p))) {
		const parent = Number(stat_of(pid)?.[1]);

		below.set(parent, [...below.get(parent) ?? [], Number(pid)]);
	}
	const all = [root];

	for (let i = 0; i < all.length; i++)
		all.push(...below.get(all[i]) ?? []);
	return all;
}

// Sums the nanoseconds of schedstat for processes that run, and the clock ticks
// of children that have ended.
export function cpu_of(root)
{
	let us = 0;

	for (const pid of tree(root))
		try {
			us += stat_of(pid).slice(13, 15).reduce(
				(n, t) => n + Number(t), 0) * TICK_US;
			for (const task of readdirSync(`/proc/${pid}/task`))
				us += Number(read(pid, 'task', task, 'schedstat')
					.split(' ')[0]) / 1e3;
		} catch {
			continue;	// the process has ended meanwhile
		}
	return us;
}

// Gives the microseconds that all CPUs were busy, and stolen by the host.
function machine()
{
	const v = read('stat').split('\n')[0].trim().split(/\s+/).slice(1)
		.map((t) => Number(t) * TICK_US);

	return {busy: v[0] + v[1] + v[2] + v[5] + v[6], steal: v[7]};
}

export function meter(pids)
{
	const now = () => Object.fromEntries(Object.entries(pids).map(
		([name, pid]) => [name, cpu_of(pid)]));
	const began = performance.now(), self = process.cpuUsage();
	const all = machine(), before = now();

	return (ours = 0) => {
		const after = now(), end = machine();
		const wall = (performance.now() - began) * 1e3;
		const cpu = Object.fromEntries(Object.entries(after).map(
			([name, us]) => [name, us - before[name]]));
		const {user, system} = process.cpuUsage(self);
		const known = user + system + ours +
			Object.values(cpu).reduce((n, us) => n + us, 0);

		return {cpu, wall, steal: (end.steal - all.steal) / wall,
			noise: Math.max(0, (end.busy - all.busy - known) / wall)};
	};
}

export function memory_of(root)
{
	let bytes = 0;

	for (const pid of tree(root))
		try {
			bytes += 1024 * Number(/^Pss: +(\d+)/m.exec(
				read(pid, 'smaps_rollup'))[1]);
		} catch {
			continue;
		}
	return bytes;
}

export function watch(f)
{
	let most = f();
	const timer = setInterval(() => {
		most = Math.max(most, f());
	}, WATCH_MS);

	return () => {
		clearInterval(timer);
		return Math.max(most, f());
	};
}

export const service_pid = (name) => Number(readFileSync(
	join(process.env.SERVICES_DIR, `${name}.pid`), 'utf8'));

// ---- Redis -----------------------------------------------------------------

// Gives the first answer in a text, and where the rest of the text begins; null
// if the answer is not complete.
export function answer_of(text, at = 0)
{
	const end = text.indexOf('\r\n', at);
	const n = Number(text.slice(at + 1, end));

	if (end < 0)
		return null;
	if (text[at] === '-')
		throw new Error(text.slice(at, end));
	if (text[at] === ':' || text[at] === '+')
		return [text.slice(at + 1, end), end + 2];
	if (text[at] === '$')
		return n < 0 ? [null, end + 2] : text.length < end + n + 4 ?
			null : [text.slice(end + 2, end + 2 + n), end + n + 4];
	const list = [];
	let next = end + 2;

	for (let i = 0; i < n; i++) {
		const one = answer_of(text, next);

		if (one === null)
			return null;
		list.push(one[0]);
		next = one[1];
	}
	return [list, next];
}

let socket = null;
let last = Promise.resolve();

async function ask(words)
{
	let text = '';

	if (socket === null) {
		socket = createConnection(join(process.env.SERVICES_DIR,
			'redis.sock'));
		socket.setEncoding('latin1');
	}
	socket.write(`*${words.length}\r\n` + words.map((w) =>
		`$${Buffer.byteLength(String(w))}\r\n${w}\r\n`).join(''));
	for (;;) {
		text += (await once(socket, 'data'))[0];
		const answer = answer_of(text);

		if (answer !== null)
			return answer[0];
	}
}

// Asks when all questions before have their answers.
export function redis(...words)
{
	last = last.catch(() => {}).then(() => ask(words));
	return last;
}

// ---- PostgreSQL ------------------------------------------------------------

const open = new Map();
const END = '-- end of the answer';

export function conninfo(database)
{
	return process.env.LOYALD_DATABASE_URL.replace(/dbname=\S+/,
		`dbname=${database}`);
}

function psql_new(database)
{
	const child = spawn('setpriv', ['--pdeathsig', 'KILL',
		join(process.env.PG_BIN, 'psql'), '-XqAt', '-F', '\t', '-v',
		'ON_ERROR_STOP=1', '-d', conninfo(database)],
	{stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env,
		PGOPTIONS: '-c client_min_messages=warning'}});
	const lines = createInterface({input: child.stdout})[
		Symbol.asyncIterator]();

	child.stdin.on('error', () => {});	// psql_ask() finds psql ended
	return {child, lines, last: Promise.resolve()};
}

async function psql_ask({child, lines}, query)
{
	const rows = [];

	child.stdin.write(`${query};\n\\echo ${END}\n`);
	for (;;) {
		const {value, done} = await lines.next();

		if (done)
			throw new Error(`psql ended at: ${query}`);
		if (value === END)
			return rows;
		rows.push(value.split('\t'));
	}
}

export function sql(database, query)
{
	if (!open.has(database))
		open.set(database, psql_new(database));
	const psql = open.get(database);

	psql.last = psql.last.then(() => psql_ask(psql, query));
	return psql.last;
}

export async function sql_close(database)
{
	for (const name of database ? [database] : [...open.keys()]) {
		const psql = open.get(name);

		open.delete(name);
		psql?.child.stdin.end();
		if (psql && psql.child.exitCode === null)
			await once(psql.child, 'exit');
	}
}
