// SPDX-License-Identifier: MIT
//
// services: durable
//
// A process, or a tool, whose first connection is refused ends with 78 and a
// sentence: a password, a login, a database, a role, a Redis user, its rights,
// a database that was not migrated.  receive says what is wrong with Redis,
// starts and spools.  A process that was connected before waits, logs an error
// now and then, and goes on by itself when the fault is mended.  migrate waits
// for a PostgreSQL that is not there yet.
import {once} from 'node:events';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {free_port, service_down, service_up} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const ROLES = ['receive', 'work', 'push', 'reconcile', 'schedule', 'serve'];
const TOOLS = [['store', 'list'], ['dlq', 'list'], ['charity', 'list',
	'--store', '1'], ['member', 'show', '--store', '1', '--customer', '1'],
['program', 'list', '--store', '1'], ['verify']];
const PASSWORD = 'right-sesame', WRONG = 'wrong-sesame';
const QUIET_MS = 3000;		// in which no sentence comes twice

await scenario(async ({w, check, equal, store, balances, until}) => {
	const admin = process.env.LOYALD_DATABASE_URL;
	const dir = process.env.SERVICES_DIR;
	const redis = (user, password, db = 0) => `redis://${user}:${password}` +
		`@127.0.0.1:${process.env.SERVICES_REDIS_PORT}/${db}`;
	// The address for a process's login, over the socket, with a password.
	const pg = (login, {password = PASSWORD, database = 'loyald'} = {}) =>
		`host=${dir} user=app_${login} password=${password} ` +
		`dbname=${database}`;
	const right = (role) => ({LOYALD_DATABASE_URL: pg(role),
		LOYALD_REDIS_URL: redis('app', PASSWORD)});
	const login_of = (words) =>
		ROLES.includes(words[0]) ? words[0] : 'operator';
	let nth = 0;
	const run = async (words, env) => {
		const spool = join(w.dir, `first-${nth++}`);
		const listen = `127.0.0.1:${await free_port()}`;

		mkdirSync(spool);
		return w.run(words, {timeout: 20000, env: {
			LOYALD_SPOOL_DIR: spool, LOYALD_LISTEN: listen,
			LOYALD_SERVE_LISTEN: listen, ...env}});
	};
	// Each command ends with 78 in its environment, and says all words.
	const ends = async (what, commands, env_of, words_of) => {
		const done = await Promise.all(commands.map((c) =>
			run(c, {...right(login_of(c)), ...env_of(login_of(c))})));

		commands.forEach((c, i) => {
			const {status, stderr} = done[i];
			const missing = words_of(login_of(c)).filter((word) =>
				!stderr.includes(word));

			check(status === 78 && missing.length === 0 &&
				!stderr.includes('sesame'), status === 78 &&
				missing.length === 0 ? `${what}: ${c.join(' ')}`
				: `${what}: ${c.join(' ')}: ${status}, without ` +
				`${missing.join(', ')}: ${stderr}`);
		});
	};
	const all = [...ROLES.map((r) => [r]), ...TOOLS];
	const errors = (name, word) => w.log_of(name).split('\n').filter((l) =>
		/level=error/.test(l) && l.includes(word)).length;

	// ---- logins with a password -------------------------------------------
	for (const role of [...ROLES, 'operator'])
		await w.sql(`CREATE ROLE app_${role} LOGIN PASSWORD '${PASSWORD}'
			IN ROLE loyald_${role}`);
	await w.sql(`CREATE ROLE app_none LOGIN PASSWORD '${PASSWORD}'`);
	const [[hba]] = await w.sql('SHOW hba_file');

	writeFileSync(hba, [...ROLES, 'operator', 'none', 'nobody'].map((r) =>
		`local all app_${r} scram-sha-256\n`).join('') +
		'local all app_barred reject\n' + readFileSync(hba, 'utf8'));
	await w.sql('CREATE ROLE app_barred LOGIN; SELECT pg_reload_conf()');
	await until('pg_hba.conf to count', async () =>
		(await run(['verify'], {LOYALD_DATABASE_URL:
			pg('operator', {password: WRONG})})).status !== 0);
	await w.redis('ACL', 'SETUSER', 'app', 'on', `>${PASSWORD}`,
		'~loyald:*', '+@all');

	// ---- the first connection ----------------------------------------------
	await ends('a wrong password', all,
		(r) => ({LOYALD_DATABASE_URL: pg(r, {password: WRONG})}),
		(r) => [dir, `app_${r}`, 'loyald', '28P01',
			'correct user and password']);
	await ends('no password', [['work'], ['verify'], ['migrate']],
		(r) => ({LOYALD_DATABASE_URL: `host=${dir} user=app_${r} dbname=loyald`}),
		() => ['no password supplied', 'LOYALD_DATABASE_URL']);
	await ends('a login that does not exist', [...all, ['migrate']],
		() => ({LOYALD_DATABASE_URL: `host=${dir} user=typo dbname=loyald`}),
		() => ['typo', '28000', 'pg_hba.conf']);
	await ends('a login that is not let in', [['work'], ['verify']],
		() => ({LOYALD_DATABASE_URL: pg('barred')}),
		() => ['app_barred', 'pg_hba.conf rejects']);
	await ends('a database that does not exist', [...all, ['migrate']],
		(r) => ({LOYALD_DATABASE_URL: pg(r, {database: 'layold'})}),
		() => ['layold', '3D000', 'or create it']);
	await ends('a login without its role', all,
		() => ({LOYALD_DATABASE_URL: pg('none')}),
		(r) => [`GRANT loyald_${r} TO app_none`]);
	await ends('a password that is not percent-encoded', all,
		() => ({LOYALD_DATABASE_URL:
			`postgresql://app_work:${WRONG}/x@127.0.0.1:1/loyald`}),
		() => ['LOYALD_DATABASE_URL', '%2F for /']);
	await ends('a wrong password of Redis', [['work']],
		() => ({LOYALD_REDIS_URL: redis('app', WRONG)}),
		() => ['user app', 'WRONGPASS', 'LOYALD_REDIS_URL',
			process.env.SERVICES_REDIS_PORT]);
	await ends('a password that Redis does not have', [['work']],
		() => ({LOYALD_REDIS_URL: redis('', WRONG)}),
		() => ['AUTH', 'LOYALD_REDIS_URL']);
	await ends('a database that Redis does not have', [['work']],
		() => ({LOYALD_REDIS_URL: redis('app', PASSWORD, 99)}),
		() => ['database 99', 'ERR DB index']);
	await w.redis('ACL', 'SETUSER', 'app', '-xreadgroup');
	await ends('a Redis user without rights', [['work']], () => ({}),
		() => ['user app', 'XREADGROUP (NOPERM)', 'RUNBOOK']);
	await w.redis('ACL', 'SETUSER', 'app', '+xreadgroup');

	// ---- a database that is not as it must be ---------------------------------
	await w.sql('CREATE DATABASE empty');
	await w.sql('CREATE DATABASE older TEMPLATE loyald');
	await w.sql(`DELETE FROM migration WHERE number =
		(SELECT max(number) FROM migration)`,
	admin.replace('dbname=loyald', 'dbname=older'));
	await w.sql('CREATE DATABASE theirs');
	await w.sql('CREATE TABLE migration (version int); GRANT SELECT ON ' +
		'migration TO public', admin.replace('dbname=loyald', 'dbname=theirs'));
	const others = all.filter(([name]) => name !== 'receive');

	for (const [database, words] of [
		['empty', ['empty', 'has no loyald schema: run loyald migrate']],
		['older', ['older', 'of the schema', 'run loyald migrate']],
		['theirs', ['theirs', 'another program\'s database']]])
		await ends(`the database ${database}`, others,
			(r) => ({LOYALD_DATABASE_URL: pg(r, {database})}),
			() => words);
	await w.start('receive', {name: 'early', env: {...right('receive'),
		LOYALD_SPOOL_DIR: join(w.dir, 'early'),
		LOYALD_DATABASE_URL: pg('receive', {database: 'empty'})}});
	await until('receive to say what the others say', () => errors('early',
		'has no loyald schema: run loyald migrate') === 1);
	await until('and on /readyz', async () => {
		const {status, text} = await w.get('early', '/readyz');

		return status === 503 && /log says of the database/.test(text);
	});
	equal((await w.run(['migrate'], {env: {LOYALD_DATABASE_URL:
		admin.replace('dbname=loyald', 'dbname=empty')}})).status, 0,
	'the database is migrated');
	await w.ready('early');
	check(true, 'receive goes on by itself when it was migrated');
	await until('receive to say that there is no store', () =>
		/stores known: 0; loyald store add/.test(w.log_of('early')));
	await w.stop('early');

	// ---- receive, with something that is no Redis, in several ways by turns ----
	let turn = 0;
	const fickle = createServer((socket) => {
		socket.on('error', () => {});
		return turn++ % 2 ? socket.end('HTTP/1.1 400\r\n')
			: socket.destroy();
	});

	fickle.listen(0, '127.0.0.1');
	await once(fickle, 'listening');
	await w.start('receive', {name: 'fickle', env: {...right('receive'),
		LOYALD_SPOOL_DIR: join(w.dir, 'fickle'), LOYALD_REDIS_URL:
			`redis://127.0.0.1:${fickle.address().port}`}});
	await w.ready('fickle');
	const said = () => w.log_of('fickle').split('\n').filter((l) =>
		/level=warn.*Redis at/.test(l)).map((l) => l.replace(/.*msg=/, ''));

	await until('receive to say it in two ways', () => said().length > 1);
	await sleep(2 * QUIET_MS);
	equal(said(), [...new Set(said())], 'each sentence is said once');
	check(/^ready: but Redis does not answer/.test((await w.get('fickle',
		'/readyz')).text), 'and /readyz says that it is not there');
	await w.stop('fickle');
	fickle.close();

	// ---- receive, with Redis refusing it -----------------------------------
	const s = await store('woocommerce');
	const {deliveries} = generate({platform: 'woocommerce', seed: 5,
		orders: 12});
	const part = Math.ceil(deliveries.length / 4);
	const send = async (n, what) => equal((await deliver(deliveries.slice(
		n * part, (n + 1) * part), {urls: s})).answers,
	{200: deliveries.slice(n * part, (n + 1) * part).length}, what);
	const empty = async () => {
		await until('the spool to be empty', async () => (await
		w.metrics('receive')).loyald_spool_records === 0, 40000);
		await until('the streams to be empty', async () =>
			await w.backlog() === 0, 40000);
	};

	await w.redis('ACL', 'SETUSER', 'app', 'resetpass', '>other');
	await w.start('receive', {env: right('receive')});
	await until('receive to say what is wrong with Redis', () =>
		errors('receive', 'user app, refused') === 1);
	await w.ready('receive');
	await w.store_known(s);
	await send(0, 'receive with a wrong password of Redis spools');
	await until('and on /readyz', async () =>
		/^ready: but Redis/.test((await w.get('receive', '/readyz')).text));
	await w.redis('ACL', 'SETUSER', 'app', `>${PASSWORD}`);
	for (const role of ROLES.slice(1))
		await w.start(role, {env: right(role)});
	for (const role of ROLES)
		await w.ready(role);
	await empty();
	check(true, 'and goes on by itself');

	// ---- changed while they run ---------------------------------------------
	const change = async (password) => {
		for (const role of ROLES)
			await w.sql(`ALTER ROLE app_${role} PASSWORD '${password}'`);
		await w.sql(`SELECT pg_terminate_backend(pid) FROM
			pg_stat_activity WHERE usename LIKE 'app_%'`);
	};

	await change('another');
	await send(1, 'receive needs no PostgreSQL');
	for (const role of ROLES) {
		await until(`${role} to say what is wrong`, () =>
			errors(role, '28P01') > 0, 40000);
		const {status, text} = await until(`${role} to say it on /readyz`,
			async () => {
				const answer = await w.get(role, '/readyz');

				return /password|log says/.test(answer.text) && answer;
			});

		equal([status, text.includes('sesame')],
			[role === 'receive' ? 200 : 503, false], `${role}: ` +
			text.trim());
	}
	const before = ROLES.map((role) => errors(role, '28P01'));

	await sleep(QUIET_MS);
	equal(ROLES.map((role) => errors(role, '28P01')), before,
		'no sentence comes again and again');
	await change(PASSWORD);
	for (const role of ROLES)
		await w.ready(role, 40000);
	await empty();
	check(true, 'all go on by themselves');

	await w.sql('REVOKE loyald_schedule FROM app_schedule');
	await w.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename = 'app_schedule'`);
	await until('schedule to say which role it lacks', () =>
		errors('schedule', 'GRANT loyald_schedule TO app_schedule') > 0);
	await w.sql('GRANT loyald_schedule TO app_schedule');
	await w.ready('schedule', 40000);

	await w.redis('ACL', 'SETUSER', 'app', 'resetpass', '>other');
	await w.redis('CLIENT', 'KILL', 'USER', 'app');
	await until('work to say what is wrong with Redis', () =>
		errors('work', 'user app, refused AUTH (WRONGPASS)') > 0);
	await until('and on /readyz', async () =>
		/WRONGPASS/.test((await w.get('work', '/readyz')).text));
	await send(2, 'receive spools meanwhile');
	await w.redis('ACL', 'SETUSER', 'app', `>${PASSWORD}`);
	await w.ready('work', 40000);
	await empty();
	check(true, 'both go on by themselves');

	// ---- receive that is started again, with PostgreSQL refusing it ----------
	await w.stop('receive');
	await w.start('receive', {env: {...right('receive'),
		LOYALD_DATABASE_URL: pg('receive', {password: WRONG})}});
	await w.ready('receive');
	await until('receive to say what is wrong', () =>
		errors('receive', 'going on with the stores known so far') > 1);
	await send(3, 'receive serves the stores that it kept');
	await empty();
	await balances(deliveries, {woocommerce: s},
		'every delivery answered 200 is in the ledger');

	// ---- migrate -------------------------------------------------------------
	for (const role of ROLES)
		await w.stop(role);
	await service_down('pg');
	const away = await w.run(['migrate', '--wait', '1']);

	equal([away.status, /waiting for it, up to 1 s/.test(away.stderr),
		/did not come within 1 s/.test(away.stderr)], [69, true, true],
	'migrate waits for PostgreSQL, and says so');
	equal((await w.run(['migrate', '--wait', '0'])).status, 69,
		'or not at all');
	const waiting = w.run(['migrate']);

	// Before PostgreSQL comes, what Redis allowed is taken away.
	await w.start('work', {name: 'patient', env: right('work')});
	await until('work to wait for PostgreSQL', () =>
		/PostgreSQL cannot be reached/.test(w.log_of('patient')));
	await w.redis('ACL', 'SETUSER', 'app', 'resetpass', '>other');
	await w.redis('CLIENT', 'KILL', 'USER', 'app');
	await until('and then for Redis', () =>
		errors('patient', 'refused AUTH (WRONGPASS)') > 0);
	await w.redis('ACL', 'SETUSER', 'app', `>${PASSWORD}`);
	service_up('pg');
	await w.ready('patient', 40000);
	check(true, 'work waits for both, whichever comes first');
	const done = await waiting;

	equal([done.status, /up to date/.test(done.stdout)], [0, true],
		'and goes on when it is there');
	rmSync(join(w.dir, 'early'), {recursive: true, force: true});
});
