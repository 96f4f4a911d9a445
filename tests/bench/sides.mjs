// SPDX-License-Identifier: MIT
//
// sides: starts and stops what the bench measures: loyald with a program, and
// the limits and peers of a harness (BENCH_PEERS).
//
//	side.name, side.port, side.database
//	side.scale             says how many orders a round has, as a part of
//	                       the usual number
//	side.file              says whose orders a round has, "fresh" or "known"
//	await side.prepare()   makes the database, once
//	await side.keep()      has reset() come back to the database as it is
//	                       now (loyald's only)
//	await side.reset()     empties Redis and makes the database anew
//	await side.start()     starts the processes, and waits until they are
//	                       ready
//	side.pids()            gives {receiver, worker, redis, pg} and more
//	await side.drained(n)  waits until the n orders that were sent since the
//	                       reset are in the ledger
//	await side.stop()      ends the processes
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync}
	from 'node:fs';
import {createConnection} from 'node:net';
import {join} from 'node:path';
import {ROOT, free_port, until, world_new} from '../support/world.mjs';
import {conninfo, redis, service_pid, sql, sql_close} from './measure.mjs';
import {store_name, store_secret, store_token} from './orders.mjs';

const PATIENCE_MS = 3600000;
const SERVICES = process.env.SERVICES_DIR;

const services = () => ({redis: service_pid('redis'), pg: service_pid('pg')});

async function database_new(name, from)
{
	await sql_close(name);
	if (from)
		await sql_close(from);
	await sql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
	await sql('postgres', `CREATE DATABASE ${name}` +
		(from ? ` TEMPLATE ${from}` : ''));
}

// Has every round begin with an empty Redis, an empty append-only file and a
// checkpoint.
async function services_calm()
{
	await redis('FLUSHALL');
	await redis('BGREWRITEAOF');
	await until('Redis to have rewritten its file', async () =>
		/aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0/.test(
			await redis('INFO', 'persistence')));
	await sql('postgres', 'CHECKPOINT');
}

// ---- loyald ----------------------------------------------------------------

export class Loyald {
	// Takes the file of a program, the number of stores, settings of all
	// processes, and the roles beside receive, as [command, arguments].
	constructor(name, {program, stores = 16, env = {}, scale = 1,
		roles = [['work', []]],
		database = name.toLowerCase().replace(/\W+/g, '_')} = {})
	{
		Object.assign(this, {name, program, stores, scale, roles,
			database, file: 'fresh'});
		this.base = `${database}_base`;
		this.w = world_new({dir: join(SERVICES, database), env: {
			LOYALD_DATABASE_URL: conninfo(database),
			LOYALD_REDIS_URL: `unix://${SERVICES}/redis.sock`,
			...env}});
	}

	// Adds the stores that are not there yet, at the fixed addresses of
	// orders.mjs.  api_url gives the address of a store's API by the
	// store's number.
	async prepare({api_url} = {})
	{
		const n = this.nstores ?? 0;

		if (n === 0) {
			await database_new(this.database);
			await this.w.must(['migrate']);
			await this.w.key_new();
		}
		for (let i = n + 1; i <= this.stores; i++) {
			const {store_id} = await this.w.store_add({
				platform: 'shopify', secret: store_secret(i),
				domain: `${store_name(i)}.myshopify.example`,
				program: this.program, ...api_url ? {token: 'shpat_fake',
					api_url: api_url(i)} : {}});

			await sql(this.database, `UPDATE store SET webhook_token =
				'${store_token(i)}' WHERE store_id = ${store_id}`);
		}
		this.nstores = this.stores;
	}

	async keep()
	{
		await sql_close(this.database);
		await database_new(this.base, this.database);
	}

	async reset()
	{
		await services_calm();
		rmSync(join(this.w.dir, 'spool'), {recursive: true, force: true});
		await database_new(this.database, this.base);
	}

	async start(roles = [['receive', []], ...this.roles])
	{
		for (const [command, args] of roles)
			await this.w.start(command, {args});
		for (const [command] of roles)
			await this.w.ready(command, PATIENCE_MS);
	}

	get port()
	{
		return this.w.roles.get('receive').port;
	}

	pids()
	{
		const of = (name) => this.w.roles.get(name)?.child?.pid;
		const names = {receiver: 'receive', worker: 'work', push: 'push',
			schedule: 'schedule'};

		return {...Object.fromEntries(Object.entries(names)
			.map(([as, name]) => [as, of(name)])
			.filter(([, pid]) => pid !== undefined)), ...services()};
	}

	async backlog()
	{
		let n = 0;

		for (const key of await redis('KEYS', 'loyald:*events*'))
			n += Number(await redis('XLEN', key));
		return n;
	}

	// Waits until nothing is in streams and spool, and no member waits for
	// schedule.
	async drained()
	{
		await until(`${this.name} to have posted all`, async () =>
			await this.backlog() === 0 &&
			(await this.w.metrics('receive')).loyald_spool_records === 0 &&
			await this.backlog() === 0 && (await sql(this.database,
			'SELECT 1 FROM member_state WHERE woken LIMIT 1')).length === 0,
		PATIENCE_MS);
	}

	// Counts the orders, which takes long in a large database.
	async orders()
	{
		return Number((await sql(this.database,
			'SELECT count(*) FROM order_state'))[0][0]);
	}

	async spooled()
	{
		return (await this.w.metrics('receive'))[
			'loyald_receive_durable_total{in="spool"}'] ?? 0;
	}

	async stop()
	{
		for (const name of [...this.w.roles.keys()]) {
			await this.w.stop(name);
			this.w.roles.delete(name);
		}
	}
}

// ---- limits and peers ------------------------------------------------------

// The questions are those of the harness's run_peers.py.
const PROGRESS = 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END / 2 ' +
	'FROM ledger_id_seq';
const COUNT = 'SELECT count(*) FROM credit_event';

class Peer {
	constructor(name, home, d)
	{
		Object.assign(this, {name, home, d, scale: d.n_scale ?? 1,
			file: d.file ?? 'fresh', database: 'bench', running: {}});
	}

	fill(word)
	{
		return word.replaceAll('{ROOT}', this.home)
			.replaceAll('{RUN}', SERVICES)
			.replaceAll('{PORT}', this.port)
			.replaceAll('{REDIS_PORT}', process.env.SERVICES_REDIS_PORT)
			.replaceAll('{PG_PORT}', process.env.PGPORT);
	}

	async prepare()
	{
		this.schema = [].concat(this.d.setup_sql ??
			'{ROOT}/peers/schema.sql').map((f) =>
			readFileSync(this.fill(f), 'utf8')).join('\n');
	}

	async reset()
	{
		await services_calm();
		await database_new(this.database);
		await sql(this.database, this.schema);
	}

	async start()
	{
		this.port = String(await free_port());
		for (const part of ['receiver', 'worker'].filter((p) => this.d[p])) {
			const [command, ...args] = this.d[part].map(
				(word) => this.fill(word));
			const log = openSync(join(SERVICES,
				`${this.name}-${part}.log`), 'a');

			this.running[part] = spawn('setpriv', ['--pdeathsig', 'KILL',
				command, ...args], {stdio: ['ignore', log, log], env: {
				...process.env, PORT: this.port, NODE_ENV: 'production',
				STORES: join(SERVICES, 'stores.json'),
				REDIS_PORT: process.env.SERVICES_REDIS_PORT,
				DATABASE_URL: 'postgres://postgres@127.0.0.1:' +
					`${process.env.PGPORT}/${this.database}`,
				...this.d.env}});
			closeSync(log);
		}
		await until(`${this.name} to listen`, () => new Promise((resolve) => {
			const socket = createConnection(this.port, '127.0.0.1');

			socket.on('connect', () => resolve(socket.end()));
			socket.on('error', () => resolve(false));
		}));
	}

	pids()
	{
		return {...Object.fromEntries(Object.entries(this.running)
			.map(([part, child]) => [part, child.pid])), ...services()};
	}

	async drained(n)
	{
		const {sql_progress = PROGRESS, sql_count = COUNT, queue} = this.d;
		const number = async (query) =>
			Number((await sql(this.database, query))[0][0]);
		const is_drained = async () => queue ?
			await redis(...queue) === '0' : await number(sql_progress) >= n;

		await until(`${this.name} to have ${n} orders`, async () =>
			await is_drained() && await number(sql_count) >= n, PATIENCE_MS);
	}

	async stop()
	{
		for (const child of Object.values(this.running).reverse()) {
			const ended = child.exitCode ?? child.signalCode ??
				once(child, 'exit');

			child.kill('SIGTERM');
			const timer = setTimeout(() => child.kill('SIGKILL'), 5000);

			await ended;
			clearTimeout(timer);
		}
		this.running = {};
	}
}

// The rig knows the customers 0 to 2999 of each store.  The last argument of
// the rig's worker is after how many orders the worker ends: never, here.
const RIG = {rig: {n_scale: 1, file: 'known', queue: ['XLEN', 'events'],
	receiver: ['{ROOT}/prototypes/rig/receive2', '-p', '{PORT}', '-v', '-r',
		'{REDIS_PORT}', '-R', '1', '-f', '1'],
	worker: ['{ROOT}/prototypes/rig/work2', '{REDIS_PORT}', 'host=127.0.0.1 ' +
		'port={PG_PORT} user=postgres dbname=bench', '500', '1000000000'],
	setup_sql: ['{ROOT}/prototypes/pg/lean_schema.sql',
		'{ROOT}/prototypes/rig/schema.sql'],
	sql_count: 'SELECT count(*) FROM lean.orders'}};

function must(command, args, cwd)
{
	const {status, stderr} = spawnSync(command, args, {cwd,
		encoding: 'utf8'});

	if (status !== 0)
		throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

// Copies the harness to run/peers, builds limits, rig and node peers, and gives
// the sides of these names.
export function peers_new(folder, names)
{
	const home = join(ROOT, 'run/peers'), rig = join(home, 'prototypes/rig');

	mkdirSync(home, {recursive: true});
	must('cp', ['-ru', '--no-preserve=mode', `${folder}/.`, home]);
	must('make', ['-s', '-C', join(home, 'limits'), 'httpd_epoll',
		'stream_credit']);
	must('cc', ['-O2', '-o', 'receive2', 'receive2.c', '../tape.c', '-I..',
		'-lcrypto'], rig);
	must('cc', ['-O2', '-I/usr/include/postgresql', '-o', 'work2', 'work2.c',
		'-lpq', '-lhiredis'], rig);
	if (names.some((n) => n.startsWith('node-')))
		must('npm', ['install', '--ignore-scripts', '--no-audit',
			'--no-fund', '--silent', '--prefer-offline'],
		join(home, 'peers/node'));
	writeFileSync(join(SERVICES, 'stores.json'), JSON.stringify(
		Object.fromEntries(Array.from({length: 16}, (_, i) =>
			[store_name(i + 1), store_secret(i + 1)]))));
	const all = {...JSON.parse(readFileSync(join(home, 'peers/peers.json'))),
		...RIG};

	return names.map((name) => new Peer(name, home, all[name]));
}
