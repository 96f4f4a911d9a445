// SPDX-License-Identifier: MIT
//
// redis_set: Redis servers of the test's own on ports of 127.0.0.1, Sentinels
// over them, and an address that stays the same while what is behind it moves.
//
//	const r = await redis_new(dir, {args})      synced, nothing evicted
//	r.start() r.kill() r.wipe()                 kill -9; its data removed
//	await r.ask('ROLE')                         the reply's lines, as text
//	const f = await forwarder_new()             f.port f.to(port) f.hold()
//	const s = await sentinels_new(dir, {name: port})
//	await s.master(name)                        the port it has for that name
//	close() of each ends it
//
// Sentinel is redis-server --sentinel, so no package is needed for it.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import {free_port, until} from './world.mjs';

const SENTINELS = 3;
const QUORUM = 2;
// Without an answer for so long it counts as down; a busy machine keeps one
// that is well waiting for less.
const DOWN_MS = 2500;
const FAILOVER_MS = 4000;

function server_new(args, cwd)
{
	return spawn('setpriv', ['--pdeathsig', 'KILL', 'redis-server',
		...args], {cwd, stdio: 'ignore'});
}

// The reply to one command, as it comes; '' if nobody answers.
export function redis_ask(port, ...words)
{
	const line = `*${words.length}\r\n` + words.map((t) =>
		`$${Buffer.byteLength(t)}\r\n${t}\r\n`).join('');

	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () =>
			socket.end(line));
		let text = '';

		socket.setTimeout(2000, () => socket.destroy());
		socket.on('data', (part) => { text += part; });
		socket.on('error', () => {});
		socket.on('close', () => resolve(text));
	});
}

class Redis {
	constructor(dir, port, args)
	{
		Object.assign(this, {dir, port, args, child: null});
	}

	ask(...words)
	{
		return redis_ask(this.port, ...words);
	}

	async is_master()
	{
		return /^master/m.test(await this.ask('ROLE'));
	}

	async start()
	{
		mkdirSync(this.dir, {recursive: true});
		this.child = server_new(['--bind', '127.0.0.1', '--port',
			String(this.port), '--dir', this.dir, '--save', '',
			'--appendonly', 'yes', '--appendfsync', 'always',
			'--repl-diskless-sync-delay', '0', '--logfile', 'log',
			...this.args], this.dir);
		await until(`Redis on ${this.port}`, async () =>
			/PONG/.test(await this.ask('PING')));
	}

	async kill()
	{
		const {child} = this;

		this.child = null;
		if (child === null || child.exitCode !== null)
			return;
		child.kill('SIGKILL');
		await once(child, 'exit');
	}

	wipe()
	{
		rmSync(join(this.dir, 'appendonlydir'), {recursive: true});
	}

	// A copy of that one, all of it.
	async follow(port)
	{
		await this.ask('REPLICAOF', '127.0.0.1', String(port));
		await until(`${this.port} to be a copy`, async () =>
			/master_link_status:up/.test(await this.ask('INFO')));
	}
}

export async function redis_new(dir, {args = []} = {})
{
	const r = new Redis(dir, await free_port(), args);

	await r.start();
	return r;
}

// Bytes that came in while it was held are dropped when it moves.
class Forwarder {
	constructor(server)
	{
		Object.assign(this, {server, target: null, held: false,
			port: server.address().port, pairs: new Set()});
		server.on('connection', (socket) => this.connect(socket));
	}

	connect(socket)
	{
		const there = net.connect(this.target ?? 1, '127.0.0.1');
		const pair = [socket, there];
		const end = () => {
			this.pairs.delete(pair);
			pair.forEach((s) => s.destroy());
		};

		this.pairs.add(pair);
		socket.setNoDelay(true);
		there.setNoDelay(true);
		socket.on('data', (part) => there.write(part));
		there.on('data', (part) => this.held || socket.write(part));
		pair.forEach((s) => s.on('error', end).on('close', end));
	}

	// Answers of the server are not heard from now on.
	hold()
	{
		this.held = true;
	}

	to(port)
	{
		if (port === this.target)
			return;
		this.target = port;
		for (const pair of [...this.pairs])
			pair.forEach((s) => s.destroy());
	}

	close()
	{
		this.to(null);
		this.server.close();
	}
}

export async function forwarder_new()
{
	const server = net.createServer().listen(0, '127.0.0.1');

	await once(server, 'listening');
	return new Forwarder(server);
}

class Sentinels {
	constructor(ports, children)
	{
		Object.assign(this, {ports, children});
	}

	async master(name)
	{
		const text = await redis_ask(this.ports[0], 'SENTINEL',
			'GET-MASTER-ADDR-BY-NAME', name);

		return Number(text.trim().split('\r\n').at(-1));
	}

	// All of them know each other, and the master's one replica.
	async ready(names)
	{
		const fields = async (port, name) => {
			const words = (await redis_ask(port, 'SENTINEL',
				'MASTER', name)).split('\r\n');
			const of = (key) => words[words.indexOf(key) + 2];

			return of('num-slaves') === '1' &&
				of('num-other-sentinels') ===
				String(SENTINELS - 1);
		};

		for (const port of this.ports)
			for (const name of names)
				await until(`a Sentinel to know ${name}`,
					() => fields(port, name), 30000);
	}

	close()
	{
		this.children.forEach((c) => c.kill('SIGKILL'));
	}
}

export async function sentinels_new(dir, masters)
{
	const ports = [], children = [];

	for (let i = 0; i < SENTINELS; i++) {
		const port = await free_port(), own = join(dir, `sentinel-${i}`);

		mkdirSync(own, {recursive: true});
		writeFileSync(join(own, 'conf'), [`port ${port}`,
			'bind 127.0.0.1', `dir ${own}`, 'logfile log',
			...Object.entries(masters).flatMap(([name, at]) => [
				`sentinel monitor ${name} 127.0.0.1 ${at} ${QUORUM}`,
				`sentinel down-after-milliseconds ${name} ${DOWN_MS}`,
				`sentinel failover-timeout ${name} ${FAILOVER_MS}`,
			]), ''].join('\n'));
		children.push(server_new([join(own, 'conf'), '--sentinel'],
			own));
		ports.push(port);
	}
	for (const port of ports)
		await until(`a Sentinel on ${port}`, async () =>
			/PONG/.test(await redis_ask(port, 'PING')));
	return new Sentinels(ports, children);
}
