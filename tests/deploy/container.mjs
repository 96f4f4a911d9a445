// SPDX-License-Identifier: MIT
//
// container: the services of docker-compose.yml that run loyald's image, in
// the root that dockerfile.mjs built, as docker would run them: each with a
// network of its own, where the others have their names, and with the user,
// the mounts, the secrets and the environment of the two files alone.
//
//	const net = await network_start(names)   inside `unshare --net`
//	    net.enter(name)          words that go into its network
//	    net.address(name)
//	const c = container_new({service, compose, image, net, dir, clone})
//	await c.run(words)           one that ends: {status, stdout, stderr}
//	c.start()                    one that stays
//	c.role()                     the number of its process, outside
//	await c.exec(words)          beside it, as `docker exec` does
//	await c.stop()               SIGTERM: {status, seconds}
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, chownSync, closeSync, cpSync, existsSync, mkdirSync,
	openSync, readlinkSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {children_of, until} from '../support/world.mjs';
import {DOCKER_PATH} from './dockerfile.mjs';
import {told} from './private.mjs';

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));
const NET = '10.77.0';		// in namespaces that nothing else is in

function must(...words)
{
	const done = spawnSync(words[0], words.slice(1).map(String),
		{encoding: 'utf8'});

	if (done.status !== 0)
		throw new Error(`${words.join(' ')}: ${done.stderr}`);
	return done.stdout;
}

export async function network_start(names)
{
	const holders = {}, net_of = (pid) => readlinkSync(`/proc/${pid}/ns/net`);
	const address = (name) => `${NET}.${names.indexOf(name) + 2}`;

	must('ip', 'link', 'add', 'br0', 'type', 'bridge');
	must('ip', 'addr', 'add', `${NET}.1/24`, 'dev', 'br0');
	must('ip', 'link', 'set', 'br0', 'up');
	for (const name of names) {
		const {pid} = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare',
			'--net', 'sleep', 'infinity'], {stdio: 'ignore'});
		const enter = ['nsenter', '-t', String(pid), '-n'];
		const link = `v${names.indexOf(name)}`;

		await until('a network', () => net_of(pid) !== net_of('self'));
		must('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name',
			'eth0', 'netns', pid);
		must('ip', 'link', 'set', link, 'master', 'br0', 'up');
		must(...enter, 'ip', 'addr', 'add', `${address(name)}/24`, 'dev',
			'eth0');
		must(...enter, 'ip', 'link', 'set', 'eth0', 'up');
		must(...enter, 'ip', 'link', 'set', 'lo', 'up');
		holders[name] = {pid, enter};
	}
	return {
		address, host: `${NET}.1`,
		enter: (name) => holders[name].enter,
		hosts: () => ['127.0.0.1 localhost', ...names.map((name) =>
			`${address(name)} ${name}`)].join('\n') + '\n',
		stop: () => Object.values(holders).forEach(({pid}) =>
			process.kill(pid, 'SIGKILL')),
	};
}

// A place to mount onto, as docker makes it.
function mount_point(root, path, is_folder)
{
	const place = join(root, path);

	if (is_folder)
		mkdirSync(place, {recursive: true});
	else if (!existsSync(place)) {
		mkdirSync(dirname(place), {recursive: true});
		writeFileSync(place, '');
	}
}

// An empty volume begins as what the image has there.
function volume(dir, name, root, target)
{
	const path = join(dir, 'volumes', name), was = join(root, target);

	if (existsSync(path))
		return path;
	mkdirSync(path, {recursive: true});
	if (existsSync(was)) {
		const {uid, gid, mode} = statSync(was);

		cpSync(was, path, {recursive: true});
		chownSync(path, uid, gid);
		chmodSync(path, mode & 0o7777);
	}
	return path;
}

function options_of({service, compose, image, net, dir, clone})
{
	const {root} = image, mounts = [];
	const hosts = join(dir, 'hosts');

	writeFileSync(hosts, net.hosts(), {mode: 0o644});
	mounts.push({from: hosts, to: '/etc/hosts', read_only: true});
	for (const {source, target, read_only} of service.mounts)
		mounts.push({from: source.startsWith('.') ?
			join(clone, source) :
			volume(dir, source, root, target), to: target, read_only});
	for (const [name, to] of Object.entries(service.secrets))
		mounts.push({from: join(clone, compose.secrets[name].file), to,
			read_only: true});
	for (const {from, to} of mounts)
		mount_point(root, to, statSync(from).isDirectory());
	for (const path of service.tmpfs)
		mount_point(root, path, true);
	return ['--user', service.user ?? image.user,
		...service.file.read_only ? ['--read-only'] : [],
		...service.tmpfs.flatMap((path) => ['--tmpfs', path]),
		...mounts.flatMap((m) => [m.read_only ? '--bind-ro' : '--bind',
			m.from, m.to])];
}

export function container_new(given)
{
	const {service, image, net, dir, name = service.name} = given;
	const options = options_of(given);
	const env = {PATH: DOCKER_PATH, HOSTNAME: name, HOME: '/nonexistent',
		...service.environment};
	const log = join(dir, `${name}.log`);
	let child = null, ended = null;
	const begin = (words, stdio) => {
		const [command, ...args] = [...net.enter(name), 'setpriv',
			'--pdeathsig', 'KILL', ENTER, image.root, ...options,
			'--', ...image.entrypoint, ...words];

		return spawn(command, args, {env, stdio});
	};
	// unshare, its init, and what that runs.
	const init = () => children_of(child.pid)[0];
	const role = () => children_of(init())[0];

	return {
		name, log, role,
		is_running: () => child !== null && child.exitCode === null,
		run: (words) => told(begin(words, ['ignore', 'pipe', 'pipe'])),
		start()
		{
			const fd = openSync(log, 'a');

			child = begin(service.command, ['ignore', fd, fd]);
			closeSync(fd);
			ended = once(child, 'exit');
		},
		exec: (words) => told(spawn('nsenter', ['-t', String(init()),
			'-m', '-n', '-p', `--root=/proc/${role()}/root`,
			`--wd=/proc/${role()}/cwd`, 'setpriv', ...become(service.user ?? image.user), ...words],
		{env, stdio: ['ignore', 'pipe', 'pipe']})),
		async stop()
		{
			const began = Date.now();
			const kill = setTimeout(() => child.kill('SIGKILL'),
				service.grace_s * 1000);

			process.kill(init(), image.signal);
			const [status, signal] = await ended;

			clearTimeout(kill);
			return {status: status ?? signal,
				seconds: (Date.now() - began) / 1000};
		},
	};
}

function become(user)
{
	const [uid, gid] = user.split(':');

	return ['--reuid', uid, '--regid', gid, '--clear-groups',
		'--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'];
}
