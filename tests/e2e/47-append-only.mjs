// SPDX-License-Identifier: MIT
//
// Bodies that have become entries go from the append-only file of a
// Redis: when the file has grown, and when it is told to, by the
// settings and the command of docker-compose.yml.
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {ROOT} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const MB = 1024 * 1024;
const MIN_BYTES = 8 * MB;	// from here on it is rewritten
const BODIES_BYTES = 10 * MB;	// so many are sent

// The list below `command:` of a service, and its command in one line.
function compose_command(service)
{
	const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
	const [, block] = new RegExp(`\\n  ${service}:\\n((?:    .*\\n| *\\n)+)`)
		.exec(text);
	const list = /    command:\n((?: {6}- .*\n)+)/.exec(block);

	return list ? list[1].trimEnd().split('\n').map((l) =>
		l.replace(/^ *- /, '').replace(/^"(.*)"$/, '$1')) :
		/    command: (.*)/.exec(block)[1];
}

await scenario(async ({w, check, equal, store, until, verified}) => {
	const dir = join(w.dir, 'redis'), socket = join(dir, 'sock');
	const files = () => readdirSync(join(dir, 'appendonlydir'))
		.flatMap((f) => {
			try {
				return [readFileSync(join(dir, 'appendonlydir',
					f))];
			} catch {
				return [];	// it was just renamed, or removed
			}
		});
	const size = () => files().reduce((n, f) => n + f.length, 0);
	const has = (word) => files().some((f) => f.includes(word));
	const redis = (...args) => {
		const child = spawn('redis-cli', ['-s', socket, ...args],
			{stdio: ['ignore', 'pipe', 'inherit']});

		return child.stdout.toArray().then((parts) =>
			Buffer.concat(parts).toString().trim());
	};

	mkdirSync(dir);
	const command_of = compose_command('redis');
	// deploy/redis.sh is in front of them, and hands them on.
	const settings = command_of.slice(command_of.findIndex((word) =>
		word.startsWith('--')));
	const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'redis-server',
		...settings, '--port', '0', '--unixsocket', socket, '--dir', dir],
	{stdio: 'ignore'});

	server.unref();		// it ends with us, however that is
	w.env.LOYALD_REDIS_URL = `unix://${socket}`;
	await until('Redis', () => redis('ping').then((a) => a === 'PONG',
		() => false));
	const s = await store('woocommerce');

	await w.start('receive');
	await w.start('work');
	for (const name of w.roles.keys())
		await w.ready(name);
	const taken = () => until('all to be taken', async () =>
		await redis('info', 'keyspace') !== '' && (await Promise.all((
			await redis('--scan', '--pattern', 'loyald:*events*'))
			.split('\n').map((key) => redis('xlen', key))))
			.every((n) => n === '0'), 120000);

	// ---- by its size -------------------------------------------------
	const {deliveries} = generate({platform: 'woocommerce', seed: 44,
		orders: 2500});
	const [first] = deliveries, some = [];
	const is_there = (d) => has(d.headers['X-WC-Webhook-Delivery-ID']);

	for (let bytes = 0; bytes < BODIES_BYTES;) {
		some.push(deliveries[some.length]);
		bytes += some.at(-1).body.length;
	}
	equal((await deliver([first], {urls: s.url})).ok, 1, 'an order');
	await taken();
	check(is_there(first), 'has become entries, and is in the file still');
	equal((await deliver(some.slice(1), {urls: s.url})).ok, some.length - 1,
		`${BODIES_BYTES / MB} MB of deliveries`);
	await taken();
	await until('the file to be rewritten', () => !is_there(first));
	check(size() < MIN_BYTES, `it is gone; ${size() >> 10} KiB are left`);

	// ---- once a day ---------------------------------------------------
	const last = deliveries[some.length];

	equal((await deliver([last], {urls: s.url})).ok, 1, 'one more');
	await taken();
	check(is_there(last), 'is in the file');
	const [, command] = /redis-cli -e -h redis (\w+);/.exec(
		compose_command('rewrite'));

	check(/started|scheduled/.test(await redis(command)), command);
	await until('the file to be rewritten', () => size() < MB / 16);
	equal(some.concat(last).filter(is_there), [],
		'none of them is in it any more');
	await verified();
});
