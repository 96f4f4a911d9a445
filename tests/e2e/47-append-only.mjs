// SPDX-License-Identifier: MIT
//
// Deliveries that were worked on go from the append-only file of a Redis: when
// the file has grown, and when Redis is told to rewrite the file, by the
// settings and the command of docker-compose.yml.
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {woocommerce_signature} from '../support/sign.mjs';
import {ROOT} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const MB = 1024 * 1024;
const MIN_BYTES = 8 * MB;	// from here on it is rewritten
const BODIES_BYTES = 10 * MB;	// so many are sent
const BODY_BYTES = MB / 8;	// in each
const AT_ONCE = 8;	// deliveries

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
		orders: 10});
	const [first, second, third, last] = deliveries;
	// Nobody can read these, so that they are queued whole.
	const some = Array.from({length: BODIES_BYTES / BODY_BYTES}, (_, i) => {
		const body = `${i}${'x'.repeat(BODY_BYTES)}`;

		return {...second, body, headers: {...second.headers,
			'X-WC-Webhook-Delivery-ID': `big-${i}`,
			'X-WC-Webhook-Signature':
				woocommerce_signature(s.secret, body)}};
	});

	some.push(second, third);
	const is_there = (d) => has(d.headers['X-WC-Webhook-Delivery-ID']);

	equal((await deliver([first], {urls: s.url})).ok, 1, 'an order');
	await taken();
	check(is_there(first), 'has become entries, and is in the file still');
	let sent = 0;

	// Deliveries that wait while the file is rewritten stay in the file.
	for (let i = 0; i < some.length; i += AT_ONCE) {
		sent += (await deliver(some.slice(i, i + AT_ONCE),
			{urls: s.url})).ok;
		await taken();
	}
	equal(sent, some.length, `${BODIES_BYTES / MB} MB of deliveries`);
	// While files are renamed, one that is read may seem to be gone.
	await until('the file to be rewritten', () => !is_there(first) &&
		size() < MIN_BYTES);
	check(!is_there(first), `it is gone; ${size() >> 10} KiB are left`);

	// ---- once a day ---------------------------------------------------
	equal((await deliver([last], {urls: s.url})).ok, 1, 'one more');
	await taken();
	check(is_there(last), 'is in the file');
	const [, command] = /redis-cli -e -h redis (\w+);/.exec(
		compose_command('rewrite'));

	check(/started|scheduled/.test(await redis(command)), command);
	await until('the file to be rewritten', () => size() < MB / 16);
	equal([first, ...some, last].filter(is_there), [],
		'none of them is in it any more');
	await verified();
});
