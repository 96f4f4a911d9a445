// SPDX-License-Identifier: MIT
//
// image_roots: makes of deploy/Dockerfile and docker-compose.yml what docker
// would, where there is no docker.
//
//	node image_roots.mjs build DIR   the image's stages, in bare roots
//	node image_roots.mjs run DIR     every process in it, as uid 10001 with
//	                                 a read-only root and no capability, in
//	                                 the environment of the file alone; a
//	                                 signed delivery of each platform
//	                                 becomes points, and each ends in time
//
// image_roots.sh calls both, the second in a network of its own.
import {execFileSync, spawnSync} from 'node:child_process';
import {copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync}
	from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {isDeepStrictEqual} from 'node:util';
import {parse} from 'yaml';
import {compose_read, env_read, seconds} from './compose.mjs';
import {container_new, network_start} from './container.mjs';
import {dockerfile_read, image_build} from './dockerfile.mjs';
import {private_start} from './private.mjs';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {points_of} from '../support/oracle.mjs';
import {ROOT, until} from '../support/world.mjs';

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));
// Files that debian:bookworm-slim leaves out of every package.
const SLIM = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/info/*',
	'/usr/share/locale/*'];
const STAYS = ['receive', 'receive-2', 'work', 'push', 'reconcile', 'schedule', 'serve'];
const SECOND = 'work-2';	// of docker compose up --scale work=2
const KEY_OWNER = '10001';
const MIB = 1024 * 1024;

let failed = 0;
const say = (what) => process.stdout.write(`${what}\n`);

function check(ok, what)
{
	say(`${ok ? 'ok' : 'not ok'} ${what}`);
	failed += ok ? 0 : 1;
}

const equal = (found, expected, what) => {
	const same = JSON.stringify(found) === JSON.stringify(expected);

	check(same, same ? what : `${what}: expected ` +
		`${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
};

// ---- the image ----------------------------------------------------------

function must(words, options = {})
{
	const done = spawnSync(words[0], words.slice(1), {encoding: 'utf8',
		maxBuffer: 64 * MIB, ...options});

	if (done.status !== 0)
		throw new Error(`${words.join(' ')}: exit ${done.status}\n` +
			`${done.stdout}${done.stderr}`.slice(-4000));
	return done.stdout;
}

function base_new(dir)
{
	const first = join(dir, 'base');

	return (image, root) => {
		const [, release] = /^debian:([a-z]+)-slim$/.exec(image) ?? [];

		if (release === undefined)
			throw new Error(`nobody knows the image ${image}`);
		if (!existsSync(first)) {
			must(['mmdebstrap', '--variant=minbase', ...SLIM.map((p) =>
				`--dpkgopt=path-exclude=${p}`), release, first]);
			rmSync(join(first, 'var/lib/apt/lists'),
				{recursive: true});
		}
		must(['cp', '-a', first, root]);
		copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
	};
}

const mib = (root) => Math.round(Number(must(['du', '-sxk', root])
	.split('\t')[0]) / 1024);

async function build(dir)
{
	const stages = dockerfile_read(join(ROOT, 'deploy/Dockerfile'));
	const image = await image_build(stages, {context: ROOT, dir, say,
		base: base_new(dir), run: (root, line, env) => must([ENTER, root,
			'--', '/bin/sh', '-c', line], {env})});

	check(/^[1-9]\d*:[1-9]\d*$/.test(image.user),
		'the image runs as a user that has a number');
	equal(image.signal, 'SIGTERM', 'and is asked to end as loyald knows it');
	check(Object.keys(image.labels).length >= 4 && image.labels[
		'org.opencontainers.image.version'] !== '', 'it says what it is');
	const setuid = must(['find', join(image.root, 'usr/local'), '-perm',
		'/6000']);

	equal(setuid, '', 'nothing of ours has rights of another');
	equal(existsSync(join(image.root, 'usr/bin/gcc')), false,
		'the compiler is not in it');
	say(`# the image: ${mib(image.root)} MiB, of which Debian's base is ` +
		`${mib(join(dir, 'base'))}`);
	writeFileSync(join(dir, 'image.json'), JSON.stringify(image));
}

// ---- what runs in it -------------------------------------------------------

const status_of = (pid) => Object.fromEntries(readFileSync(
	`/proc/${pid}/status`, 'utf8').split('\n').map((l) =>
	l.split(/:\s+/)).filter(([, value]) => value !== undefined)
	.map(([name, value]) => [name, value.trim()]));

async function rights_check(c, service, known)
{
	const pid = c.role(), status = status_of(pid);
	const environ = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
		.filter((l) => l.startsWith('LOYALD_')).map((l) =>
			l.split('=')[0]);
	const written = await c.exec(['sh', '-c', 'id -u; for d in / /etc /tmp ' +
		'/usr/local/bin /var/lib/loyald; do touch $d/x && echo $d; done']);
	const limit = /^(\d+)([mg])$/.exec(service.file.mem_limit);
	const peak = Number(status.VmHWM.split(' ')[0]) / 1024;

	equal([status.Uid, status.Gid, status.Groups ?? ''],
		[Array(4).fill(KEY_OWNER).join('\t'),
			Array(4).fill(KEY_OWNER).join('\t'), ''],
		`${c.name} is uid ${KEY_OWNER}, and in no other group`);
	equal([status.CapEff, status.CapPrm, status.CapBnd, status.CapInh,
		status.NoNewPrivs], [...Array(4).fill('0'.repeat(16)), '1'],
	`${c.name} has no capabilities, and gets none`);
	equal(written.stdout, `${KEY_OWNER}\n`, `${c.name} can write nowhere`);
	equal(environ.sort(), Object.keys(service.environment).sort(),
		`${c.name} is told ${environ.length} settings, those of the file`);
	check(environ.every((name) => known.includes(name)) && peak <
		Number(limit[1]) * (limit[2] === 'g' ? 1024 : 1),
	`${c.name} took ${Math.round(peak)} MiB at most, of ` +
		service.file.mem_limit);
}

// Runs the healthcheck of docker-compose.yml until it succeeds.
async function healthy(c, service)
{
	let last = null;

	try {
		await until(`${c.name} to be healthy`, async () => {
			if (!c.is_running())
				throw new Error(`${c.name} ended:\n` +
					readFileSync(c.log, 'utf8'));
			last = await c.exec(service.health);
			return last.status === 0;
		}, 60000);
	} catch (e) {
		throw new Error(`${e.message}; last: ${last?.stdout}` +
			`${last?.stderr}\n${readFileSync(c.log, 'utf8')}`);
	}
	equal(last.stdout + last.stderr, 'ready\n', `${c.name} is healthy`);
}

async function points_check(tools, stores, told)
{
	const expected = points_of(told).stores;

	for (const [name, id] of Object.entries(stores)) {
		const members = Object.entries(expected[name].members);

		for (const [customer, points] of members) {
			let found = null;

			await until(`${points} points`, async () => {
				const shown = await tools.run(['member', 'show',
					'--store', String(id), '--customer',
					customer, '--json']);

				found = shown.status === 0 ?
					JSON.parse(shown.stdout) : null;
				return found && points_in(found) ===
					Number(points);
			}).catch(() => {});
			equal(found && points_in(found), Number(points),
				`${name}: customer ${customer} has ${points}`);
		}
	}
}

const points_in = (shown) => Number(shown.available ?? 0) +
	Number(shown.pending ?? 0) - Number(shown.debt ?? 0);

async function stores_add(tools, clone)
{
	const stores = {}, paths = {};

	writeFileSync(join(clone, 'secrets/shop'), 'generated-secret\n');
	must(['chown', `${KEY_OWNER}:${KEY_OWNER}`, join(clone, 'secrets/shop')]);
	must(['chmod', '600', join(clone, 'secrets/shop')]);
	for (const [platform, domain] of [['shopify',
		'generated.myshopify.com'], ['woocommerce', 'generated.example']]) {
		const done = await tools.run(['store', 'add', '--platform',
			platform, '--domain', domain, '--currency', 'EUR',
			'--timezone', 'Europe/Berlin', '--program',
			'/usr/local/share/loyald/programs/points.json',
			'--earn-from', 'ever', '--webhook-secret-file',
			'/secrets/shop', '--json']);

		if (done.status !== 0)
			throw new Error(`store add: ${done.stdout}${done.stderr}`);
		const added = JSON.parse(done.stdout);

		stores[platform] = added.store_id;
		paths[platform] = added;
	}
	check(true, 'tools adds a store of each platform');
	return {stores, paths};
}

// docker-compose is docker's own reader of the file, and needs no docker.
function docker_agrees(clone, services)
{
	const theirs = parse(must(['docker-compose', 'config'],
		{cwd: clone})).services;
	const ours = (s) => ({environment: s.environment, command: s.command,
		health: s.health, grace_s: s.grace_s, image: s.image,
		after: s.depends_on});
	const read = (s) => ({environment: Object.fromEntries(Object.entries(
		s.environment ?? {}).map(([k, v]) => [k, String(v)])),
	command: s.command ?? [], health: s.healthcheck?.test.slice(1) ?? null,
	grace_s: s.stop_grace_period === undefined ? 10 :
		seconds(s.stop_grace_period), image: s.image,
	after: Object.fromEntries(Object.entries(s.depends_on ?? {})
		.map(([name, {condition}]) => [name, condition]))});

	equal(Object.keys(theirs).sort(), Object.keys(services).sort(),
		'docker-compose finds the same services');
	for (const [name, s] of Object.entries(services))
		check(isDeepStrictEqual(ours(s), read(theirs[name])),
			`docker-compose reads ${name} as it is run here`);
}

async function run(dir)
{
	const image = JSON.parse(readFileSync(join(dir, 'image.json'), 'utf8'));
	const clone = join(dir, 'clone');

	cpSync(join(ROOT, 'deploy'), join(clone, 'deploy'), {recursive: true});
	copyFileSync(join(ROOT, 'docker-compose.yml'),
		join(clone, 'docker-compose.yml'));
	execFileSync(join(clone, 'deploy/first-start.sh'), ['loyalty.example']);
	const compose = compose_read(join(clone, 'docker-compose.yml'),
		env_read(join(clone, '.env')));
	const {services} = compose;

	docker_agrees(clone, services);
	const net = await network_start([...Object.keys(services), SECOND]);
	const p = await private_start({compose, root: clone, place: net,
		dir: join(process.env.SERVICES_DIR, 'compose')});
	const container = (name, as = name) => container_new({compose, image,
		net, clone, dir, name: as, service: services[name]});
	const tools = container('tools');
	const known = JSON.parse((await tools.run(['help', 'config',
		'--json'])).stdout).map((s) => s.env);

	equal([await p.healthy('postgres'), await p.healthy('redis')],
		[true, true], 'PostgreSQL and Redis are healthy');
	const migrated = await container('migrate').run(services.migrate.command);

	equal(migrated.status, 0, `migrate ends well ${migrated.status === 0 ?
		'' : migrated.stderr}`);
	equal((await p.run(services.logins)).status, 0, 'logins ends well');

	const running = [...STAYS.map((name) => [container(name),
		services[name]]), [container('work', SECOND), services.work]];

	try {
		for (const [c] of running)
			c.start();
		for (const [c, service] of running)
			await healthy(c, service);
		const {stores, paths} = await stores_add(tools, clone);
		const told = [];

		for (const [i, platform] of ['shopify', 'woocommerce'].entries()) {
			const {deliveries} = generate({platform, orders: 6,
				customers: 3, seed: 77});
			// Each platform delivers to a receiver of its own.
			const at = {at: (topic) => `http://${net.address(
				['receive', 'receive-2'][i])}:8080` +
				(paths[platform].webhook_topics[topic] ??
					paths[platform].webhook_path)};
			const sent = await deliver(deliveries, {urls: at,
				retries: 20});

			equal(sent.ok, deliveries.length, `${platform}: ` +
				`${deliveries.length} signed deliveries are taken`);
			told.push(...deliveries.map((d) => ({...d,
				store: platform})));
		}
		await points_check(tools, stores, told);
		const verified = await tools.run(['verify']);

		equal(verified.status, 0, 'the books are right');
		equal((await p.redis_cli(['ACL', 'LOG'])).stdout.trim(), '',
			'nobody asked Redis for what he may not');
		for (const [c, service] of running)
			await rights_check(c, service, known);
		for (const [c, service] of running) {
			const {status, seconds} = await c.stop();

			check(status === 0 && seconds < service.grace_s,
				`${c.name} ends with ${status} after ` +
				`${seconds.toFixed(1)} s, of ${service.grace_s}`);
		}
	} finally {
		for (const [c] of running)
			if (c.is_running())
				await c.stop();
		if (failed > 0)
			for (const [c] of running)
				say(`--- ${c.name}\n${readFileSync(c.log, 'utf8')}`);
		await p.stop();
		net.stop();
	}
}

const [what, dir] = process.argv.slice(2);

await {build, run}[what](dir).catch((e) => check(false, e.stack));
process.exitCode = failed > 0 ? 1 : 0;
