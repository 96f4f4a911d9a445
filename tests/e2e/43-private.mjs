// SPDX-License-Identifier: MIT
//
// The memory of a process (keys, secrets, bodies of customers) goes to no
// core file, and no other process of its user may look: each role, the child
// of receive, and a tool while it has the key open.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, chownSync, closeSync, constants, copyFileSync, openSync,
	readFileSync, readdirSync, statSync, writeFileSync, writeSync} from
	'node:fs';
import {join} from 'node:path';
import {POINTS} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const ROLES = ['receive', 'work', 'push', 'schedule', 'serve'];
const {uid, gid} = statSync(process.env.SERVICES_DIR);
const IS_ROOT = process.getuid() === 0;

// Words before a command that make it the user's of the services.
const AS_USER = IS_ROOT ? ['setpriv', '--reuid', String(uid), '--regid',
	String(gid), '--clear-groups', 'setpriv', '--pdeathsig', 'KILL'] :
	['setpriv', '--pdeathsig', 'KILL'];

async function run_as_user(...command)
{
	const [first, ...args] = [...AS_USER, ...command];
	const child = spawn(first, args, {stdio: 'ignore'});
	const [status] = await once(child, 'exit');

	return status;
}

function children_of(pid)
{
	return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
		.filter((name) => {
			try {
				return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(
					readFileSync(`/proc/${name}/status`, 'latin1'));
			} catch {
				return false;	// it has just ended
			}
		}).map(Number);
}

await scenario(async ({w, check, equal, until}) => {
	const loyald = join(w.dir, 'loyald'), wrapped = join(w.dir, 'wrapped');
	const cores = () => readdirSync(w.dir).filter((f) => /core/.test(f));
	const core_limit = (pid) => /^Max core file size +(\S+) +(\S+)/m.exec(
		readFileSync(`/proc/${pid}/limits`, 'latin1')).slice(1);
	const is_looked_into = async (pid) =>
		await run_as_user('cat', `/proc/${pid}/environ`) === 0;
	const is_private = async (pid, what) => {
		equal(core_limit(pid), ['0', '0'], `${what}: no core files`);
		check(!await is_looked_into(pid),
			`${what}: nobody looks into it`);
		check(statSync(`/proc/${pid}/environ`).uid !== uid || uid === 0,
			`${what}: its files in /proc are not its user's`);
	};

	// The wrapper allows core files, and its user is another one.
	copyFileSync(w.loyald, loyald);
	writeFileSync(wrapped, `#!/bin/sh\nulimit -c ${IS_ROOT ? 'unlimited' :
		'$(ulimit -H -c)'}\ncd "${w.dir}"\nexec ${AS_USER.join(' ')} ` +
		`"\${RUN:-${loyald}}" "$@"\n`);
	chmodSync(loyald, 0o755);
	chmodSync(wrapped, 0o755);
	for (const f of ['', ...readdirSync(w.dir)])
		chownSync(join(w.dir, f), uid, gid);
	w.loyald = wrapped;

	const sleeper = spawn(wrapped, ['60'], {env: {...process.env,
		RUN: 'sleep'}, stdio: 'ignore'});

	await until('another program', () => /^sleep\0/.test(readFileSync(
		`/proc/${sleeper.pid}/cmdline`, 'latin1')));
	check(await is_looked_into(sleeper.pid),
		'its user looks into another program, which may leave ' +
		`${core_limit(sleeper.pid)[0]} bytes of core file`);
	sleeper.kill();

	const secret = join(w.dir, 'secret-0'), pipe = join(w.dir, 'pipe');

	writeFileSync(secret, 'generated-secret\n');
	copyFileSync(POINTS, join(w.dir, 'points.json'));
	await w.must(['store', 'add', '--platform', 'shopify', '--domain',
		'private.myshopify.com', '--currency', 'EUR', '--timezone',
		'Europe/Berlin', '--program', join(w.dir, 'points.json'),
		'--webhook-secret-file', secret]);
	for (const name of ROLES)
		await w.start(name);
	for (const name of ROLES) {
		await w.ready(name);
		await is_private(w.roles.get(name).child.pid, name);
	}
	const children = children_of(w.roles.get('receive').child.pid);

	equal(children.length, 1, 'receive has a child');
	for (const pid of children)
		await is_private(pid, 'the child of receive');

	// The tool has opened the key, and waits for the secret by the pipe.
	equal(await run_as_user('mkfifo', pipe), 0, 'a pipe');
	const tool = spawn(wrapped, ['store', 'rotate-secret', '--store', '1',
		'--webhook-secret-file', pipe], {env: w.env, stdio: 'ignore'});
	const ended = once(tool, 'exit');

	const end = await until('the tool to wait', () => {
		try {
			return openSync(pipe, constants.O_WRONLY |
				constants.O_NONBLOCK);
		} catch {
			return null;	// nobody reads it yet
		}
	});
	await is_private(tool.pid, 'a tool');
	writeSync(end, 'another-secret\n');
	closeSync(end);
	equal((await ended)[0], 0, 'the tool goes on');

	for (const name of ROLES)
		equal(await w.stop(name, 'SIGABRT'), 'SIGABRT',
			`${name} is made to leave a core file`);
	equal(cores(), [], 'and leaves none');
	w.roles.clear();
});
