// SPDX-License-Identifier: MIT
//
// standby: a streaming replica of the PostgreSQL of services.sh, on a socket
// of its own.
//
//	const s = await standby_start()
//	s.url                    LOYALD_DATABASE_URL to read from it
//	s.dir                    the folder of its socket, for a URL of several
//	await s.caught_up()      until it has all that the primary has now
//	await s.promote()
//	s.log()                  what it was asked: every statement
//	await s.stop()
//
// The standby ends with this process, however that ends.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chownSync, closeSync, mkdirSync, openSync, readFileSync, statSync}
	from 'node:fs';
import {join} from 'node:path';
import {until} from './world.mjs';

const START_MS = 60000;

const bin = (name) => join(process.env.PG_BIN, name);

// As the user whose PostgreSQL it is.
function as_owner(command, args, stdio)
{
	const {uid, gid} = statSync(process.env.SERVICES_DIR);

	return spawn('setpriv', ['--pdeathsig', 'QUIT', command, ...args], {
		stdio, cwd: '/', ...(process.getuid() === 0 ? {uid, gid} : {}),
		env: {...process.env, HOME: process.env.SERVICES_DIR}});
}

async function output(command, args)
{
	const child = as_owner(command, args, ['ignore', 'pipe', 'pipe']);
	const told = {stdout: '', stderr: ''};

	for (const name of Object.keys(told))
		child[name].on('data', (part) => { told[name] += part; });
	const [status] = await once(child, 'close');

	if (status !== 0)
		throw new Error(`${command} ended with status ${status}: ` +
			told.stderr);
	return told.stdout.trim();
}

const ask = (dir, query) => output(bin('psql'), ['-XqAt', '-h', dir, '-U',
	'postgres', '-d', 'loyald', '-c', query]);

export async function standby_start()
{
	const primary = process.env.SERVICES_DIR;
	const dir = join(primary, 'sb');
	const data = join(primary, 'sbdata');
	const log_file = join(primary, 'sb.log');
	const {uid, gid} = statSync(primary);

	mkdirSync(dir);
	chownSync(dir, uid, gid);
	await output(bin('pg_basebackup'), ['-h', primary, '-U', 'postgres',
		'-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']);

	const log = openSync(log_file, 'a');
	const server = as_owner(bin('postgres'), ['-D', data,
		...['listen_addresses=', `unix_socket_directories=${dir}`,
			'max_connections=200', 'fsync=off', 'timezone=UTC',
			'logging_collector=off', 'log_statement=all']
			.flatMap((s) => ['-c', s])], ['ignore', log, log]);
	const ended = once(server, 'exit');

	closeSync(log);
	await until(`the standby; see ${log_file}`, () =>
		ask(dir, 'SELECT 1').then(() => true, () => false), START_MS);
	return {
		dir,
		url: `host=${dir} user=postgres dbname=loyald`,
		log: () => readFileSync(log_file, 'utf8'),
		async caught_up()
		{
			const at = await ask(primary,
				'SELECT pg_current_wal_lsn()');

			await until('the standby to catch up', async () =>
				await ask(dir, 'SELECT pg_last_wal_replay_lsn()' +
					` >= '${at}'`) === 't', START_MS);
		},
		promote: () => ask(dir, 'SELECT pg_promote()'),
		async stop()
		{
			server.kill('SIGINT');
			await ended;
		},
	};
}
