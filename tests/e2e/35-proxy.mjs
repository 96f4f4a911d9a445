// SPDX-License-Identifier: MIT
//
// The TLS proxy's own file (deploy/Caddyfile) in front of receive: what is
// delivered while receive restarts is answered 200, and none 502; where there
// are two, as in docker-compose.yml, also while one of them is away for good.
//
// Debian's Caddy is 2.6: its words for request_buffers are buffer_requests
// and max_buffer_size.  It also gives a body away at the first try that
// fails, so it is only right for one delivery, over HTTP/2, on a connection
// of its own (one that was kept alive may break in the middle), and what
// comes next may get the same bytes.  Caddy 2.8 and newer, which the file
// asks for, keeps each body to the end.
import http2 from 'node:http2';
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {woocommerce_signature} from '../support/sign.mjs';
import {ROOT, free_port} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'woo';
const TRIES = 3;	// to start the proxy
const version = /\d+\.\d+/.exec(execFileSync('caddy', ['version']))[0];
const is_old = version.localeCompare('2.8', 'en', {numeric: true}) < 0;
const AT_ONCE = is_old ? 1 : 20, RESTARTS = 6;
const DOWN_MS = 400, PATIENCE_MS = 60000;
const AT_BOTH = 6, AWAY_MS = 2500;
const BODY_MAX = 2097152;	// of LOYALD_BODY_MAX

// The file as it is, but for where it runs; without any buffer, if asked: then
// trying for long is of no use.
function caddyfile({w, port, http_port, receivers = ['receive'],
	is_buffered = true})
{
	const at = (...names) => names.map((name) =>
		new URL(w.roles.get(name).url).host).join(' ');
	const swap = !is_buffered ? '' : is_old ?
		'buffer_requests\nmax_buffer_size $1\n' +
		'transport http {\nkeepalive off\n}' : 'request_buffers $1';
	const file = readFileSync(join(ROOT, 'deploy/Caddyfile'), 'utf8');
	const begin = file.indexOf('\n{\n') + 3;

	return (file.slice(0, begin) + '\tadmin off\n\tlocal_certs\n' +
		'\tskip_install_trust\n\tauto_https disable_redirects\n' +
		`\thttp_port ${http_port}\n\thttps_port ${port}\n` +
		file.slice(begin))
		.replace('receive:8080 receive-2:8080', at(...receivers))
		.replace('serve:8081', at('serve'))
		.replace(/request_buffers (\S+)/, swap)
		.replace(/(lb_try_duration) \S+/, is_buffered ? '$&' : '$1 2s');
}

await scenario(async ({w, check, equal, store, until}) => {
	await w.start('receive');
	await w.start('serve');
	const shop = await store('woocommerce', {secret: SECRET,
		domain: 'a.example'});

	await w.store_known(shop);
	process.stdout.write(`# Caddy ${version}` + (is_old ?
		': buffer_requests and max_buffer_size for request_buffers, ' +
		'one delivery a restart, on its own connection\n' : '\n'));

	const proxy_try = async (options) => {
		const port = await free_port(), dir = join(w.dir, 'caddy');
		const path = join(w.dir, 'Caddyfile');

		writeFileSync(path, caddyfile({w, port,
			http_port: await free_port(), ...options}));
		const log = openSync(join(w.dir, 'caddy.log'), 'a');
		const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'caddy',
			'run', '--config', path, '--adapter', 'caddyfile'], {
			stdio: ['ignore', log, log], env: {...process.env,
				LOYALD_DOMAIN: 'localhost', HOME: dir,
				XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir}});
		const root = join(dir, 'caddy/pki/authorities/local/root.crt');
		const connect = async () => {
			if (child.exitCode !== null)
				throw new Error(`caddy: ${readFileSync(join(w.dir,
					'caddy.log'), 'utf8')}`);
			if (!existsSync(root))
				return null;
			const session = http2.connect(`https://localhost:${port}`,
				{ca: readFileSync(root)});

			return new Promise((resolve) => {
				session.on('connect', () => resolve(session));
				session.on('error', () => resolve(null));
			});
		};
		const session = await until('the proxy', connect);
		const post = (target, body, headers = {}) =>
			new Promise((resolve) => {
				const request = session.request({':method': 'POST',
					':path': target, 'content-length': body.length,
					...headers});

				request.setTimeout(PATIENCE_MS, () => request.close());
				request.on('response', (h) => resolve(h[':status']));
				request.on('error', () => resolve(0));
				request.on('close', () => resolve(0));
				request.resume();
				request.end(body);
			});

		return {post, end: () => {
			session.destroy();
			child.kill();
		}};
	};
	// A port that was free may be somebody else's by the time it starts.
	const proxy_start = async (options) => {
		for (let tries = 1;; tries++)
			try {
				return await proxy_try(options);
			} catch (e) {
				if (tries === TRIES)
					throw e;
			}
	};
	const path = new URL(shop.url).pathname;
	const kept = [];	// the ids of what was answered 200
	let next = 1;
	const deliver = async (proxy, size = 3000) => {
		const id = next++, head = `{"id":${id},"pad":"`;
		const body = head + 'x'.repeat(size - head.length - 2) + '"}';

		const status = await proxy.post(path, body, {
			'x-wc-webhook-topic': 'order.updated',
			'x-wc-webhook-source': 'https://a.example/',
			'x-wc-webhook-delivery-id': String(id),
			'x-wc-webhook-signature':
				woocommerce_signature(SECRET, body)});

		if (status === 200)
			kept.push(id);
		return status;
	};
	// Statuses of one delivery before, and of some while receive is away.
	const restart = async ({signal = 'SIGTERM', size, is_buffered} = {}) => {
		const proxy = await proxy_start({is_buffered});
		const statuses = [await deliver(proxy)];

		await w.stop('receive', signal);
		const waiting = Array.from({length: AT_ONCE},
			() => deliver(proxy, size));

		await sleep(DOWN_MS);
		await w.start('receive');
		statuses.push(...await Promise.all(waiting));
		proxy.end();
		return statuses;
	};
	const all = Array(1 + AT_ONCE).fill(200);

	equal(await restart({is_buffered: false}),
		[200, ...all.slice(1).fill(502)],
		'unbuffered, what was begun while receive restarts is 502');
	for (let i = 0; i < RESTARTS; i++)
		equal(await restart({signal: i % 2 ? 'SIGKILL' : 'SIGTERM'}), all,
			`restart ${i + 1}: none is lost`);
	equal(await restart({size: BODY_MAX}), all,
		'the buffer holds the largest body that receive takes');

	// Each of two receivers is away for a while, and one stays away.
	await w.start('receive', {name: 'receive-2',
		env: {LOYALD_SPOOL_DIR: join(w.dir, 'spool-2')}});
	await w.ready('receive-2');
	const both = await proxy_start({receivers: ['receive', 'receive-2']});
	const through = [];

	for (const name of ['receive', 'receive-2']) {
		await w.stop(name);
		for (let i = 0; i < AT_BOTH; i++)
			through.push(await deliver(both));
		await w.start('receive', {name, env: name === 'receive' ? {} :
			{LOYALD_SPOOL_DIR: join(w.dir, 'spool-2')}});
		await w.ready(name);
	}
	await w.stop('receive');
	// Deliveries go on for longer than the proxy takes to notice.
	for (const end = Date.now() + AWAY_MS; Date.now() < end;)
		through.push(await deliver(both));
	// At the try that fails, an old proxy may lose the body for good: it then
	// answers 502, after all of its tries.
	const bad = through.filter((status) => status !== 200);

	equal(is_old && bad.length === 1 && bad[0] === 502 ? [] : bad, [],
		`of two, one is enough: ${through.length} deliveries`);
	both.end();
	await w.start('receive');
	await w.ready('receive');

	const proxy = await proxy_start();

	equal([await deliver(proxy, BODY_MAX + 1),
		await proxy.post('/webhooks/elsewhere', 'x'),
		await proxy.post('/metrics', ''), await proxy.post('/', '')],
	[413, 404, 404, 404], 'the rest is as without it');
	proxy.end();
	const there = new Set((await w.waiting())
		.map((m) => Number(m.delivery)));
	equal(kept.filter((id) => !there.has(id)), [],
		`and the ${kept.length} that were answered 200 are in Redis`);
});
