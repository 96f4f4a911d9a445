// SPDX-License-Identifier: MIT
//
// Roles tell a service manager (sd_notify(3)), here a socket of this test in
// its place: READY=1 once they are ready and not before, the sentence of
// /readyz whenever it changes, STOPPING=1 when they are asked to stop.
import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {service_down, service_up} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

// A line for each datagram: Node has no such sockets, Debian always has Perl.
const LISTENER = 'use Socket; $| = 1; socket(S, PF_UNIX, SOCK_DGRAM, 0) && ' +
	'bind(S, pack_sockaddr_un($ARGV[0])) or die $!; ' +
	'while (defined recv(S, $b, 4096, 0)) { print "$b\\n" }';
const PATIENCE_MS = 60000;
const LISTENING = ['receive', 'serve'];
const CONNECTED = ['work', 'push', 'schedule'];
const ROLES = [...LISTENING, ...CONNECTED];

await scenario(async ({w, check, equal, until: until_within}) => {
	const until = (what, ask) => until_within(what, ask, PATIENCE_MS);
	const managers = new Map();
	const told = (role) => readFileSync(join(w.dir, `told-${role}`), 'utf8')
		.split('\n').filter((line) => line !== '');
	const is_told = (role, line) => until(`${role} to tell ${line}`,
		() => told(role).includes(line));
	const manage = async (role) => {
		const socket = join(w.dir, `notify-${role}`);
		const out = openSync(join(w.dir, `told-${role}`), 'w');

		managers.set(role, spawn('setpriv', ['--pdeathsig', 'KILL',
			'perl', '-e', LISTENER, socket],
		{stdio: ['ignore', out, 'inherit']}));
		closeSync(out);
		await until('a manager', () => existsSync(socket));
		await w.start(role, {env: {NOTIFY_SOCKET: socket}});
	};

	await service_down('pg');
	await service_down('redis');
	for (const role of ROLES)
		await manage(role);
	for (const role of LISTENING)
		await is_told(role, 'READY=1');
	check(true, 'who listens is ready without PostgreSQL and Redis');
	for (const role of ROLES)
		await until(`${role} to tell what it waits for`, () =>
			told(role).some((line) => /^STATUS=not ready: ./.test(line)));
	check(!CONNECTED.some((role) => told(role).includes('READY=1')),
		'work, push and schedule are not ready without them');

	service_up('pg');
	service_up('redis');
	for (const role of ROLES) {
		await is_told(role, 'READY=1');
		await w.ready(role);
		await until(`${role} to tell the sentence of its /readyz`,
			async () => told(role).at(-1) ===
				`STATUS=${(await w.get(role, '/readyz')).text.trim()}`);
		equal(told(role).filter((line) => line === 'READY=1').length, 1,
			`${role} is ready, and tells so once`);
	}

	await service_down('pg');
	for (const role of CONNECTED.filter((name) => name !== 'work'))
		await until(`${role} to tell that PostgreSQL is away`, () =>
			/^STATUS=not ready: /.test(told(role).at(-1)));
	service_up('pg');
	for (const role of ROLES) {
		await until(`${role} to tell that it is ready again`, () =>
			told(role).at(-1) === 'STATUS=ready');
		equal(await w.stop(role), 0, `${role} ends`);
		await is_told(role, 'STOPPING=1');
		check(true, `${role} tells that it stops`);
		managers.get(role).kill();
	}
});
