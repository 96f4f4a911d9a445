// SPDX-License-Identifier: MIT
//
// private: the PostgreSQL and the Redis of docker-compose.yml for a test: on
// this machine's own programs, with the file's own environment, commands and
// health checks.  Wants the environment of services.sh; both end with this
// process, however that ends.
//
//	const p = await private_start({compose, root, dir, place})
//	                     place: where each service is, if each has a network
//	                     of its own: {enter: (name) => words that go there},
//	                     and then at its own port; else on free ports here
//	p.url(text)          an address of the file, where it is here
//	p.words(service, w)  a command's words with its mounts, where they are
//	await p.run(service, words, env)    {status, stdout, stderr}
//	await p.redis_cli(words, env)       the same, as a user who may do all
//	await p.healthy('redis')            what its healthcheck says
//	await p.stop()
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFileSync, chownSync, closeSync, mkdirSync, openSync,
	readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {free_port, until} from '../support/world.mjs';

const START_MS = 60000, TRIES = 5;
const PATH = `${process.env.PG_BIN}:${process.env.PATH}`;
const OWN_PORT = {postgres: 5432, redis: 6379};
const owner = () => statSync(process.env.SERVICES_DIR);
// Servers run as the user of services.sh, not as those of their images.
const as_owner = () => process.getuid() === 0 ? ['setpriv', '--reuid',
	owner().uid, '--regid', owner().gid, '--clear-groups'] : [];

// The status and both outputs of a child, once it has ended.
export async function told(child)
{
	const out = {stdout: '', stderr: ''};

	for (const name of Object.keys(out))
		child[name].on('data', (part) => { out[name] += part; });
	const [status, signal] = await once(child, 'close');

	return {status: status ?? signal, ...out};
}

function child_new(words, options, enter = [])
{
	const [command, ...args] = [...enter, ...as_owner(), 'setpriv',
		'--pdeathsig', 'KILL', ...words];

	return spawn(command, args, options);
}

function folder(path)
{
	mkdirSync(path, {recursive: true, mode: 0o700});
	if (process.getuid() === 0)
		chownSync(path, owner().uid, owner().gid);
	return path;
}

// Starts a server that logs to dir/NAME.log, and waits until `is_up`.  If its
// port has been taken before it listens, starts it on another one.
async function server_start({name, dir, own_port}, start, is_up)
{
	for (let tries = 1;; tries++) {
		const port = own_port ?? await free_port();
		const path = join(dir, `${name}.log`), log = openSync(path, 'a');
		const child = start(port, ['ignore', log, log]);
		const ended = once(child, 'exit');

		closeSync(log);
		const up = await until(`${name}; see ${path}`, async () =>
			child.exitCode !== null ? 'ended' : await is_up(port) &&
				'up', START_MS);

		if (up === 'up')
			return {port, child, ended};
		if (tries === TRIES)
			throw new Error(`${name} ends:\n` +
				readFileSync(path, 'utf8'));
	}
}

// Runs initdb as the image's first start does, but trusts no connection.
async function initdb(data, dir, {POSTGRES_USER, POSTGRES_PASSWORD})
{
	const file = join(dir, 'owner-password');

	writeFileSync(file, `${POSTGRES_PASSWORD}\n`, {mode: 0o600});
	if (process.getuid() === 0)
		chownSync(file, owner().uid, owner().gid);
	const done = await told(child_new(['initdb', '--no-sync', '-A',
		'scram-sha-256', '-U', POSTGRES_USER, `--pwfile=${file}`, '-E',
		'UTF8', '--locale=C.UTF-8', '-D', data],
	{env: {PATH, HOME: dir}, cwd: dir}));

	if (done.status !== 0)
		throw new Error(`initdb: ${done.stderr}`);
	appendFileSync(join(data, 'pg_hba.conf'),
		'host all all all scram-sha-256\n');
}

export async function private_start({compose, root, dir, place = null})
{
	const {postgres, redis} = compose.services;
	const servers = {}, pg_data = join(dir, 'pg');
	const enter = (name) => place?.enter(name) ?? [];
	const listen = place ? '0.0.0.0' : '127.0.0.1';
	const at = (name) => ({name, dir, own_port: place && OWN_PORT[name]});

	folder(dir);
	// redis-cli takes its port only from its command line.
	const at_port = ([command, ...more], port) => [command,
		...command === 'redis-cli' ? ['-p', port] : [], ...more];
	const is_healthy = (name, port) => told(child_new(
		at_port(compose.services[name].health, port), {cwd: dir,
			env: {PATH, ...compose.services[name].environment,
				PGPORT: port}}, enter(name)))
		.then(({status}) => status === 0);
	const words = (service, list) => list.map((word) => {
		const mount = service.mounts.find((m) => m.target === word);

		return mount ? join(root, mount.source) : word;
	});

	await initdb(pg_data, dir, postgres.environment);
	servers.postgres = await server_start(at('postgres'), (port, stdio) =>
		child_new(['postgres', '-D', pg_data, '-p', port,
			...[`listen_addresses=${listen}`, 'fsync=off',
				`unix_socket_directories=${dir}`]
				.flatMap((s) => ['-c', s])],
		{stdio, cwd: dir, env: {PATH}}, enter('postgres')),
	(port) => is_healthy('postgres', port));
	servers.redis = await server_start(at('redis'), (port, stdio) =>
		child_new([...words(redis, redis.command), '--port', port,
			'--bind', listen],
		{stdio, cwd: folder(join(dir, 'data')),
			env: {PATH, TMPDIR: dir, ...redis.environment}},
		enter('redis')),
	(port) => is_healthy('redis', port));

	const p = {
		words, port: (name) => servers[name].port,
		redis_cli: (args, env = redis.environment) => told(child_new(
			['redis-cli', '-e', '-p', servers.redis.port, ...args],
			{cwd: dir, env: {PATH, ...env}}, enter('redis'))),
		healthy: (name) => is_healthy(name, servers[name].port),
		url: (text) => text
			.replace('@postgres/',
				`@127.0.0.1:${servers.postgres.port}/`)
			.replace('@redis:6379/',
				`@127.0.0.1:${servers.redis.port}/`),
		// Runs words that end, in the service's own environment.
		run: (service, list = service.command, env = {}) => told(
			child_new(words(service, list), {cwd: dir, env: {PATH,
				...service.environment, PGPORT:
					servers.postgres.port,
				...service.environment.PGHOST ?
					{PGHOST: '127.0.0.1'} : {}, ...env}},
			enter('postgres'))),
		async stop()
		{
			for (const {child, ended} of Object.values(servers)) {
				child.kill('SIGINT');
				await ended;
			}
		},
	};

	await p.run(postgres, ['createdb', '-h', '127.0.0.1', '-U',
		postgres.environment.POSTGRES_USER,
		postgres.environment.POSTGRES_DB],
	{PGPASSWORD: postgres.environment.POSTGRES_PASSWORD});
	return p;
}
