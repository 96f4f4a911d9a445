// SPDX-License-Identifier: MIT
//
// world: loyald's processes as an operator would run them, for the demo, the
// scenarios and the chaos.  Wants the environment services.sh gives.
//
//	const w = world_new({name, dir})
//	await w.run(['store', 'list'])        {status, stdout, stderr}
//	await w.json(['store', 'list'])       its --json, or an Error
//	w.start('work', {name: 'work-1'})     a role, logging to NAME.log;
//	                                      {restart: true}: whenever it ends
//	await w.ready('receive')              until it answers /readyz
//	w.kill('work-1', 'SIGKILL')           whoever that is just now
//	await w.stop('work-1')                SIGTERM; its exit status
//	await w.drain()                       what waits in Redis, then in the
//	                                      outbox
//	await w.store_add({...})              {store_id, at, url, ...}: at(topic)
//	                                      is the address of a topic, url
//	                                      the old one for all of them
//	await w.sql('SELECT ...')             rows of texts
//	await w.balances()                    {store id: {customer: points}}
//	await w.close()                       every process, in good order
//
// Everything started here ends with this process, however that ends.
import {spawn} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import {mkdirSync, openSync, closeSync, readFileSync, readdirSync,
	writeFileSync, existsSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {setTimeout as sleep} from 'node:timers/promises';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const POINTS = join(ROOT, 'deploy/programs/points.json');
const PORT_FIRST = 12000, PORT_END = 32000, PORT_TRIES = 1000;
const RESTART_MS = 100;
const STOP_MS = 15000;
const WAIT_MS = 20000;

// The messages of a stream, several of which may be in one entry:
// common/base/message.h.
const MESSAGES = `
	local out = {}
	for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
		local m, at = e[2][2], 1
		while at < #m do
			local topic = struct.unpack('<I3', string.sub(m, at + 4, at + 6))
			local id = struct.unpack('<I4', string.sub(m, at + 24, at + 27))
			local size = struct.unpack('<I4', string.sub(m, at + 28, at + 31))
			local from = at + 56 + topic
			out[#out + 1] = e[1] .. '\\t' ..
				string.sub(m, from, from + id - 1) .. '\\t' .. size
			at = from + id + size
		end
	end
	return table.concat(out, '\\n')`;

// A port for a server that must be told it, below those that the kernel gives
// to clients: any connection made here, also one that is long closed, may have
// one of those, and then the server cannot bind.
export async function free_port()
{
	for (let tries = 0; tries < PORT_TRIES; tries++) {
		const server = createServer();
		const port = randomInt(PORT_FIRST, PORT_END);

		server.listen({port, exclusive: true});
		const is_free = await once(server, 'listening')
			.then(() => true, () => false);

		if (!is_free)
			continue;
		server.close();
		await once(server, 'close');
		return port;
	}
	throw new Error(`no free port from ${PORT_FIRST} on`);
}

// Until `ask` gives something true; its last answer.
export async function until(what, ask, ms = WAIT_MS)
{
	const end = Date.now() + ms;

	for (;;) {
		const answer = await ask();

		if (answer)
			return answer;
		if (Date.now() > end)
			throw new Error(`waited ${ms / 1000} s for ${what}`);
		await sleep(25);
	}
}

async function collect(stream)
{
	const parts = [];

	for await (const part of stream)
		parts.push(part);
	return Buffer.concat(parts).toString();
}

// A child that dies with us; setpriv becomes the command, so the pid is its.
function child_new(command, args, options)
{
	return spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args],
		options);
}

async function finish(child, input)
{
	child.stdin.on('error', () => {});	// it need not want it all
	child.stdin.end(input);
	const ended = once(child, 'close');
	const [stdout, stderr] = await Promise.all(
		[collect(child.stdout), collect(child.stderr)]);
	const [status, signal] = await ended;

	return {status: status ?? signal, stdout, stderr};
}

class World {
	constructor({dir, loyald, env = {}})
	{
		this.dir = dir;
		this.loyald = loyald ?? process.env.LOYALD ??
			join(ROOT, 'build/loyald');
		this.env = {...process.env, LOYALD_KEY_FILE: join(dir, 'key'),
			LOYALD_SPOOL_DIR: join(dir, 'spool'), ...env};
		this.roles = new Map();
		this.stores = [];
		this.nth_store = 0;	// several may be added at once
		this.closing = false;
		mkdirSync(dir, {recursive: true});
	}

	// After `timeout` milliseconds it gets the signal.
	run(args, {env = {}, input = '', timeout = 120000,
		killSignal = 'SIGTERM'} = {})
	{
		return finish(child_new(this.loyald, args, {
			env: {...this.env, ...env}, timeout, killSignal}),
			input);
	}

	async json(args, options)
	{
		const done = await this.run([...args, '--json'], options);

		if (done.status !== 0)
			throw new Error(`loyald ${args.join(' ')}: exit ` +
				`${done.status}: ${done.stderr.trim()}`);
		return JSON.parse(done.stdout);
	}

	// A command that must work.
	async must(args, options)
	{
		const done = await this.run(args, options);

		if (done.status !== 0)
			throw new Error(`loyald ${args.join(' ')}: exit ` +
				`${done.status}: ${done.stderr.trim()}`);
		return done;
	}

	async key_new()
	{
		if (!existsSync(this.env.LOYALD_KEY_FILE))
			await this.must(['key', 'new',
				this.env.LOYALD_KEY_FILE]);
	}

	// ---- roles ----------------------------------------------------

	// A receiver's spool folder is there, as an operator makes it, but for
	// {folder: false}.
	async start(command, {name = command, args = [], env = {},
		restart = false, folder = true} = {})
	{
		const old = this.roles.get(name);
		const role = {name, command, args, restart, env: {...env},
			port: old?.port ?? await free_port(), starts: 0,
			ended: null, status: null};
		const listen = `127.0.0.1:${role.port}`;

		role.env[{receive: 'LOYALD_LISTEN', serve:
			'LOYALD_SERVE_LISTEN'}[command] ??
			'LOYALD_METRICS_LISTEN'] ??= listen;
		role.env.LOYALD_CONSUMER ??= name;
		role.url = `http://${listen}`;
		role.log = join(this.dir, `${name}.log`);
		this.roles.set(name, role);
		if (command === 'receive' && folder)
			mkdirSync(env.LOYALD_SPOOL_DIR ??
				this.env.LOYALD_SPOOL_DIR,
			{recursive: true, mode: 0o700});
		this.launch(role);
		return role;
	}

	launch(role)
	{
		const log = openSync(role.log, 'a');
		const child = child_new(this.loyald,
			[role.command, ...role.args], {env: {...this.env,
				...role.env}, stdio: ['ignore', log, log]});

		closeSync(log);
		role.starts++;
		role.child = child;
		role.stopping = false;
		role.ended = once(child, 'exit').then(async ([status, signal]) => {
			role.status = status ?? signal;
			role.child = null;
			if (!role.restart || role.stopping || this.closing)
				return role.status;
			await sleep(RESTART_MS);
			if (!role.stopping && !this.closing)
				this.launch(role);
			return role.status;
		});
	}

	kill(name, signal = 'SIGKILL')
	{
		return this.roles.get(name)?.child?.kill(signal) ?? false;
	}

	async stop(name, signal = 'SIGTERM')
	{
		const role = this.roles.get(name);

		if (!role)
			throw new Error(`there is no role ${name}`);
		role.stopping = true;
		if (role.child === null)
			return role.status;
		const {child, ended} = role;
		const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);

		child.kill(signal);
		await ended;
		clearTimeout(timer);
		return role.status;
	}

	async get(name, path)
	{
		try {
			const answer = await fetch(this.roles.get(name).url +
				path, {signal: AbortSignal.timeout(5000)});

			return {status: answer.status,
				text: await answer.text()};
		} catch {
			return {status: 0, text: ''};
		}
	}

	async ready(name, ms)
	{
		const role = this.roles.get(name);

		await until(`${name} to be ready; see ${role.log}`, async () => {
			if (role.child === null && !role.restart)
				throw new Error(`${name} ended with status ` +
					`${role.status}:\n` + this.log_end(name));
			return (await this.get(name, '/readyz')).status === 200;
		}, ms);
	}

	log_of(name)
	{
		return readFileSync(join(this.dir, `${name}.log`), 'utf8');
	}

	log_end(name, lines = 10)
	{
		return this.log_of(name).trimEnd().split('\n').slice(-lines)
			.join('\n');
	}

	// {"name{labels}": number}
	async metrics(name)
	{
		const {text} = await this.get(name, '/metrics');

		return Object.fromEntries(text.split('\n')
			.filter((l) => l !== '' && l[0] !== '#')
			.map((l) => [l.slice(0, l.lastIndexOf(' ')),
				Number(l.slice(l.lastIndexOf(' ') + 1))]));
	}

	async close()
	{
		this.closing = true;
		await Promise.all([...this.roles.keys()].map(
			(name) => this.stop(name)));
	}

	// ---- stores ---------------------------------------------------

	// secret and token are texts; api_url and token go together.
	async store_add({platform, domain, secret = 'generated-secret',
		currency = 'EUR', timezone = 'Europe/Berlin', program = POINTS,
		api_url, token, tenant, brand, shop_id, earn_from = 'ever',
		receive = 'receive'})
	{
		const n = ++this.nth_store;
		const file = (what, text) => {
			const path = join(this.dir, `${what}-${n}`);

			writeFileSync(path, `${text}\n`, {mode: 0o600});
			return path;
		};
		const added = await this.json(['store', 'add', '--platform',
			platform, '--domain', domain, '--currency', currency,
			'--timezone', timezone, '--program', program,
			'--earn-from', earn_from,
			'--webhook-secret-file', file('secret', secret),
			...(tenant ? ['--tenant', String(tenant)] : []),
			...(brand ? ['--brand', brand] : []),
			...(shop_id ? ['--shop-id', String(shop_id)] : []),
			...(api_url ? ['--api-url', api_url,
				'--api-token-file', file('token', token)] : [])]);
		const store = {...added, platform, domain, secret};

		const base = () => this.roles.get(receive).url;

		Object.defineProperty(store, 'url', {get: () =>
			base() + added.webhook_path});
		store.at = (topic) => base() +
			(added.webhook_topics[topic] ?? added.webhook_path);
		this.stores.push(store);
		return store;
	}

	// Until receive knows the store, which it learns by itself.
	async store_known(store, ms)
	{
		await until(`receive to know store ${store.store_id}`,
			async () => {
				const answer = await fetch(store.url, {
					method: 'POST', body: '{}'}).catch(() => null);

				await answer?.arrayBuffer();
				return answer !== null && answer.status !== 404 &&
					answer.status !== 503;
			}, ms);
	}

	// ---- what came of it ------------------------------------------

	async drain()
	{
		await this.must(['work', '--drain'], {env:
			{LOYALD_CONSUMER: 'drain'}});
	}

	async sql(query, url = process.env.LOYALD_DATABASE_URL)
	{
		const psql = child_new(join(process.env.PG_BIN, 'psql'),
			['-XqAt', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d',
				url], {});
		const done = await finish(psql, query);

		if (done.status !== 0)
			throw new Error(`${query}: ${done.stderr}`);
		return done.stdout.split('\n').slice(0, -1)
			.map((l) => l.split('\t'));
	}

	// Points of every customer, zero left out: what is available or
	// pending, less what is owed.
	async balances()
	{
		const of = {};

		for (const [store, customer, points] of await this.sql(`
			SELECT i.store_id, i.value,
			    b.available + b.pending - b.debt
			FROM identity i JOIN balance b
			    USING (tenant_id, member_id)
			WHERE i.kind = 1
			ORDER BY i.store_id, i.value`)) {
			of[store] ??= {};
			if (points !== '0')
				of[store][customer] = points;
		}
		return of;
	}

	async verify()
	{
		const done = await this.run(['verify', '--json']);

		return {...JSON.parse(done.stdout), status: done.status};
	}

	redis(...args)
	{
		return finish(child_new('redis-cli', ['-s',
			join(process.env.SERVICES_DIR, 'redis.sock'), ...args],
		{}), '').then((done) => done.stdout.trim());
	}

	async streams()
	{
		return (await this.redis('--scan', '--pattern',
			'loyald:*events*')).split('\n').filter((k) => k !== '');
	}

	// All messages that wait: the stream, the entry, the delivery's id and
	// the bytes of what it carries.
	async waiting()
	{
		const lists = await Promise.all((await this.streams()).map(
			async (key) => (await this.redis('--raw', 'EVAL',
				MESSAGES, '1', key)).split('\n')
				.filter((line) => line !== '').map((line) => {
					const [entry, delivery, size] = line.split('\t');

					return {key, entry, delivery,
						size: Number(size)};
				})));

		return lists.flat();
	}

	// Without the marks, by which receive knows the server again.
	async streams_clear()
	{
		const keys = await this.streams();

		if (keys.length > 0)
			await this.redis('DEL', ...keys);
	}

	// Entries in all streams together.
	async backlog()
	{
		const keys = await this.streams();
		const lengths = await Promise.all(keys.map(
			(k) => this.redis('XLEN', k)));

		return lengths.reduce((n, l) => n + Number(l), 0);
	}
}

export function world_new(options)
{
	return new World(options);
}

// The same without the zeros, as balances() has it.
export function without_zeros(points)
{
	return Object.fromEntries(Object.entries(points)
		.filter(([, n]) => String(n) !== '0')
		.map(([k, n]) => [k, String(n)]));
}

// The lines in which two {customer: points} differ; empty if they do not.
export function differences(name, expected, found)
{
	const out = [];

	for (const k of new Set([...Object.keys(expected),
		...Object.keys(found)]).values())
		if ((expected[k] ?? '0') !== (found[k] ?? '0'))
			out.push(`${name} customer ${k}: expected ` +
				`${expected[k] ?? 0}, found ${found[k] ?? 0}`);
	return out;
}

// PostgreSQL or Redis ("pg", "redis") of services.sh.
export function service_kill(name, signal = 'SIGKILL')
{
	const file = join(process.env.SERVICES_DIR, `${name}.pid`);

	try {
		process.kill(Number(readFileSync(file, 'utf8')), signal);
		return true;
	} catch {
		return false;	// it is just being started again
	}
}

// Down until service_up().
export async function service_down(name)
{
	writeFileSync(join(process.env.SERVICES_DIR, `${name}.down`), '');
	service_kill(name);
	await until(`${name} to be down`, () => !existsSync(
		join(process.env.SERVICES_DIR, `${name}.pid`)));
}

export function service_up(name)
{
	rmSync(join(process.env.SERVICES_DIR, `${name}.down`), {force: true});
}

// The processes whose parent that one is.
export function children_of(pid)
{
	return readdirSync('/proc').filter((p) => /^\d+$/.test(p)).map(Number)
		.filter((p) => {
			try {
				// behind "pid (name) state"
				return readFileSync(`/proc/${p}/stat`, 'utf8')
					.split(') ').at(-1).split(' ')[1] ===
					String(pid);
			} catch {
				return false;	// it has just ended
			}
		});
}

// As if its machine had frozen, until service_thaw(): the kernel goes on
// taking connections and bytes, and nobody answers.
export function service_freeze(name)
{
	const pid = Number(readFileSync(join(process.env.SERVICES_DIR,
		`${name}.pid`), 'utf8'));

	process.kill(pid, 'SIGSTOP');	// first, so that it has no new ones
	for (const child of children_of(pid))
		process.kill(child, 'SIGSTOP');
}

export function service_thaw(name)
{
	const pid = Number(readFileSync(join(process.env.SERVICES_DIR,
		`${name}.pid`), 'utf8'));

	for (const p of [...children_of(pid), pid])
		process.kill(p, 'SIGCONT');
}
