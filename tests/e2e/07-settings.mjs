// SPDX-License-Identifier: MIT
//
// Settings: all wrong ones are told at once, in the environment, a file and
// on the command line; unknown names are warned of; config check and key check
// say what is wrong before anything is started.
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, copyFileSync, mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createServer as createSilent} from 'node:net';
import {join} from 'node:path';
import {scenario} from './scenario.mjs';

const PASSWORD = 'hunter2hunter2';

await scenario(async ({w, check, equal, store}) => {
	const lines = (done) => done.stderr.trim().split('\n');
	const says = (done, ...texts) => texts.filter((t) =>
		!(done.stderr + done.stdout).includes(t));
	const file = (name, text, mode = 0o600) => {
		const path = join(w.dir, name);

		writeFileSync(path, text, {mode});
		chmodSync(path, mode);
		return path;
	};
	const NEEDS = ['LOYALD_DATABASE_URL is not set',
		'LOYALD_REDIS_URL is not set', 'LOYALD_KEY_FILE is not set'];
	const NOTHING = {LOYALD_DATABASE_URL: '', LOYALD_REDIS_URL: '',
		LOYALD_KEY_FILE: ''};

	// ---- all at once ---------------------------------------------------
	const needs = {receive: [0, 1, 2], work: [0, 1, 2], push: [0, 2],
		schedule: [0], serve: [0, 2], migrate: [0], verify: [0],
		'store list': [0], 'dlq list': [0], 'charity list --store 1': [0],
		'dlq replay --id 1': [0, 1, 2], 'dlq show --id 1': [0, 2],
		'store show --store 1': [0], 'store show --store 1 --keys': [0, 2],
		'store disable --store 1': [0], 'program list --store 1': [0],
		'member show --store 1 --customer 1': [0],
		'member show --store 1 --email a@b.example': [0, 2]};

	for (const [line, wanted] of Object.entries(needs)) {
		const none = await w.run(line.split(' '), {env: NOTHING});

		equal([none.status, NEEDS.map((n) => none.stderr.includes(n))],
			[78, NEEDS.map((n, i) => wanted.includes(i))],
			`loyald ${line} says all that it needs`);
	}
	const WRONG = {LOYALD_BATCH: 'many', LOYALD_LISTEN: '8080',
		LOYALD_METRICS_LISTEN: 'localhost', LOYALD_LOG_LEVEL: 'loud',
		LOYALD_REDIS_URL: `redis://x:${PASSWORD}@h:99999/0`,
		LOYALD_DATABASE_URL: `postgres:/x:${PASSWORD}@h/db`,
		LOYALD_KEY_FILE: join(w.dir, 'nowhere', 'key'),
		LOYALD_BATHC: '7', LOYALD_SERVICE_HOST: '10.0.0.1',
		LOYALD_PORT: 'tcp://10.0.0.1:80', LOYALD_DOMAIN: 'x.example'};

	for (const role of ['receive', 'work', 'push', 'schedule', 'serve']) {
		const done = await w.run([role, '--streams', '0'], {env: WRONG});

		equal([done.status, says(done, 'LOYALD_BATCH is', 'LOYALD_LISTEN is',
			'LOYALD_METRICS_LISTEN is', 'LOYALD_LOG_LEVEL is',
			'LOYALD_REDIS_URL: ', 'LOYALD_DATABASE_URL is no',
			'LOYALD_STREAMS is',
			'LOYALD_BATHC is no setting: did you mean LOYALD_BATCH?')],
		[2, []], `${role} says all that is wrong`);
		check(done.stderr.includes('no master key') ===
			(role !== 'schedule'), `${role} and the key`);
		check(!/SERVICE_HOST|LOYALD_PORT|LOYALD_DOMAIN|hunter/.test(
			done.stderr), 'and neither others\' names nor a password');
	}
	equal((await w.run(['work', '--streams', '0'])).status, 2,
		'what is wrong on the command line alone: 2');

	// ---- a file of settings --------------------------------------------
	const good = file('env', '# all of it\n' +
		`LOYALD_DATABASE_URL="${process.env.LOYALD_DATABASE_URL}"\n` +
		`export LOYALD_REDIS_URL=${process.env.LOYALD_REDIS_URL}\n` +
		'\nLOYALD_STREAMS=0\nPGAPPNAME=\'of the file\'\n');
	const bare = {...NOTHING};

	equal(says(await w.run(['verify', '--env-file', good], {env: bare}),
		`${good}, line 5: LOYALD_STREAMS is "0"`), [],
	'a fault in a file is told with its line');
	equal((await w.run(['verify', '--env-file', good, '--streams=2'],
		{env: {...bare, LOYALD_STREAMS: '2'}})).status, 0,
	'the environment goes before the file');
	equal((await w.run(['verify'], {env: {...bare, LOYALD_STREAMS: '2',
		LOYALD_ENV_FILE: good}})).status, 0,
	'which the environment may name');

	const bad = file('bad', `LOYALD_BATCH\nLOYALD_REDIS_ULR=x\nA = b\n` +
		`LOYALD_DATABASE_URL="$${PASSWORD}"\n`, 0o644);
	const told = await w.run(['work', '--env-file', bad], {env: NOTHING});

	equal([told.status, says(told, `${bad} may be used by others`,
		`${bad}, line 1: `, `${bad}, line 2: LOYALD_REDIS_ULR is no ` +
		'setting: did you mean LOYALD_REDIS_URL?', `${bad}, line 3: `,
		`${bad}, line 4: LOYALD_DATABASE_URL: nothing is expanded`,
		'LOYALD_KEY_FILE is not set')], [78, []],
	'all that is wrong in a file is told');
	check(!told.stderr.includes('hunter'), 'but no value of it');
	check(!told.stderr.includes('LOYALD_DATABASE_URL is not set'),
		'and what could not be read is not said to be missing');
	const none = await w.run(['work', '--env-file', join(w.dir, 'none')],
		{env: NOTHING});

	equal([none.status, lines(none).length, says(none, join(w.dir, 'none'))],
		[78, 1, []], 'a file that is not there, and nothing else');

	// A pipe that nobody writes to is not waited for.
	spawnSync('mkfifo', ['-m', '600', join(w.dir, 'pipe')]);
	for (const [path, sentence] of [
		[join(w.dir, 'pipe'), 'LOYALD_REDIS_URL is not set'],
		[w.dir, 'it is a folder. Name a file in it'],
		[join(w.dir, 'none'), 'there is no such file. Correct the name']]) {
		const done = await w.run(['work', '--env-file', path],
			{env: NOTHING, timeout: 5000});

		equal([done.status, says(done, sentence)], [78, []],
			`a file of settings: ${sentence}`);
	}

	// ---- the key -------------------------------------------------------
	const s = await store('woocommerce');
	const theirs = w.env.LOYALD_KEY_FILE;
	const other = join(w.dir, 'other-key');
	const copy = join(w.dir, 'copy-of-key');

	await w.must(['key', 'new', other]);
	copyFileSync(theirs, copy);
	const [mine, its, foreign] = [await w.json(['key', 'check']),
		await w.json(['key', 'check', copy]),
		await w.run(['key', 'check', other, '--json'])];

	equal([mine.ok, mine.mode, mine.database.secrets],
		[true, '0600', {opened: 1, sealed: 1}], 'the key is theirs');
	equal(its.fingerprint, mine.fingerprint, 'a copy is as good');
	equal([foreign.status, JSON.parse(foreign.stdout).database.secrets],
		[1, {opened: 0, sealed: 1}], 'another key opens nothing');
	check(JSON.parse(foreign.stdout).fingerprint !== mine.fingerprint,
		'and has another fingerprint');
	const nobody = await w.run(['member', 'show', '--store',
		String(s.store_id), '--email', 'a@b.example'],
	{env: {LOYALD_KEY_FILE: other}});

	equal([nobody.status, says(nobody, 'does not open with this master key')],
		[78, []], 'and under it, nobody is said to have no address');
	check((await w.run(['key', 'check', other])).stdout
		.includes('NOT the key of this database'), 'which is said');
	equal((await w.run(['key', 'check'], {env: {LOYALD_DATABASE_URL: ''}}))
		.status, 0, 'without a database the file alone is looked at');
	for (const [what, path, sentence] of [
		['no file', join(w.dir, 'none'), 'there is no master key'],
		['a folder', w.dir, 'is a folder'],
		['no key', good, 'is no master key']]) {
		const done = await w.run(['key', 'check', path]);

		equal([done.status, says(done, sentence, path)], [78, []],
			`key check of ${what}`);
	}
	for (const [what, path, sentence] of [
		['a folder that is not there', join(w.dir, 'none', 'key'),
			'its folder is not there'],
		['a folder', w.dir, 'is a folder: name a file in it'],
		['a key that is there', theirs, 'is there already']]) {
		const done = await w.run(['key', 'new', path]);

		equal([done.status, says(done, sentence, path)], [78, []],
			`key new as ${what}`);
	}
	equal((await w.run(['key', 'new'])).status, 2, 'key new without a name');

	// Kubernetes and Swarm hand a key out on a tmpfs of its own, which is
	// read-only for everybody in it.  Skipped by a user who may not mount.
	const mounted = join(w.dir, 'mounted');

	mkdirSync(mounted);
	const inside = (remount) => spawnSync('unshare', ['-rm', 'sh', '-c',
		`mount -t tmpfs tmpfs ${mounted} && cp ${theirs} ${mounted}/key &&
		chmod 444 ${mounted}/key && ${remount} exec ${w.loyald} key \
		check ${mounted}/key || exit 99`], {env: {...w.env,
		LOYALD_DATABASE_URL: ''}, encoding: 'utf8'});

	if (spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs',
		mounted]).status === 0) {
		const loose = inside('');
		const tight = inside(`mount -o remount,ro ${mounted} &&`);

		equal([loose.status, says(loose, 'may be used by others')],
			[78, []], 'everybody\'s key in memory is refused');
		equal(tight.status, 0, 'but not where nobody can write');
	}

	// ---- config check --------------------------------------------------
	const spool = w.env.LOYALD_SPOOL_DIR;
	// Port 0 is always free; another may be taken, and would be told of.
	const FREE = {LOYALD_LISTEN: '127.0.0.1:0',
		LOYALD_SERVE_LISTEN: '[::]:0'};
	const ask = async (args, env = {}) => {
		const done = await w.run(['config', 'check', '--json', ...args],
			{env: {...FREE, ...env}});
		const {ok, checks} = JSON.parse(done.stdout);

		equal([ok, done.status], [done.status === 0, ok ? 0 : 78],
			'the status of config check');
		check(checks.every((c) => c.why.length > 0) &&
			!done.stdout.includes(PASSWORD),
		'which has a sentence for each, and no password');
		return (what) => checks.filter((c) => c.what === what)
			.map((c) => `${c.finding}: ${c.why}`).join('\n');
	};
	const is = (found, finding, ...texts) =>
		check(found.startsWith(`${finding}: `) && texts.every((t) =>
			found.includes(t)), `${finding}, found "${found}"`);

	mkdirSync(spool, {recursive: true});
	let of = await ask([]);

	for (const what of ['settings', 'key', 'key and database', 'Redis',
		'PostgreSQL, receive', 'PostgreSQL, work', 'PostgreSQL, push',
		'PostgreSQL, schedule', 'PostgreSQL, serve',
		'address of receive', 'address of serve'])
		is(of(what), 'ok');
	check(/^(ok|warn): /.test(of('spool')), 'the spool');
	check((await w.run(['config', 'check'], {env: FREE})).stdout
		.split('\n').some((l) => /^Redis +ok +\S/.test(l)),
	'and the same as a table');

	of = await ask(['--for', 'work,operator'], {LOYALD_KEY_FILE: other,
		LOYALD_BATHC: '3', LOYALD_BATCH: '0',
		LOYALD_REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1/0`});
	check(/LOYALD_BATCH is "0"/.test(of('settings')) &&
		/warn: LOYALD_BATHC is no setting/.test(of('settings')),
	'settings, among the rest');
	is(of('key'), 'ok');
	is(of('key and database'), 'wrong', 'sealed with another key');
	is(of('PostgreSQL, operator'), 'ok');
	is(of('Redis'), 'wrong', '127.0.0.1:1', 'is it up');
	is(of('spool'), 'not asked');
	equal([of('PostgreSQL, push'), of('address of receive')], ['', ''],
		'what the roles that were named do not need is not there');

	of = await ask(['--for', 'receive,push'], {LOYALD_DATABASE_URL:
		`postgresql://x:${PASSWORD}@127.0.0.1:1/db`, LOYALD_SPOOL_DIR:
		join(w.dir, 'no-spool'), LOYALD_KEY_FILE: '',
	LOYALD_LISTEN: '192.0.2.1:80'});
	is(of('PostgreSQL, receive'), 'wrong', '127.0.0.1');
	is(of('PostgreSQL, push'), 'not asked', 'see above');
	is(of('key'), 'wrong', 'LOYALD_KEY_FILE is not set');
	is(of('spool'), 'wrong', join(w.dir, 'no-spool'));
	is(of('address of receive'), 'wrong', '192.0.2.1:80');

	of = await ask([], {LOYALD_DATABASE_URL:
		`${process.env.LOYALD_DATABASE_URL} dbname=nowhere`});
	is(of('PostgreSQL, receive'), 'wrong', 'nowhere');
	for (const role of ['work', 'push', 'schedule', 'serve'])
		equal(of(`PostgreSQL, ${role}`), 'wrong: as above',
			'one sentence is enough');

	await w.redis('CONFIG', 'SET', 'maxmemory', '1kb');
	is((await ask(['--for', 'receive']))('Redis'), 'wrong', 'its memory is full');
	is((await ask(['--for', 'work']))('Redis'), 'ok');
	await w.redis('CONFIG', 'SET', 'maxmemory', '0');

	const others = createServer((req, res) => res.end('hello'));

	others.listen(0, '127.0.0.1');
	await once(others, 'listening');
	const silent = createSilent((socket) => socket.on('error', () => {}));

	silent.listen(0, '127.0.0.1');
	await once(silent, 'listening');
	of = await ask(['--for', 'work'], {LOYALD_REDIS_URL:
		`redis://127.0.0.1:${silent.address().port}`});
	is(of('Redis'), 'wrong', 'did not answer', 'LOYALD_REDIS_URL');
	silent.close();
	await w.start('work', {env: {LOYALD_METRICS_LISTEN: '127.0.0.1:0'}});
	await w.start('receive');
	await w.ready('receive');
	of = await ask([], {LOYALD_SERVE_LISTEN:
		`127.0.0.1:${others.address().port}`,
	LOYALD_LISTEN: w.roles.get('receive').url.slice(7)});
	is(of('address of serve'), 'wrong', 'Another program does');
	const late = await w.run(['serve'], {env: {LOYALD_SERVE_LISTEN:
		`127.0.0.1:${others.address().port}`}});

	equal([late.status, says(late, `cannot listen on 127.0.0.1:` +
		`${others.address().port}: `, 'Another program does')], [69, []],
	'serve says the same, and may try again');
	is(of('address of receive'), 'ok', 'a loyald listens');
	others.close();
	of = await ask([], {LOYALD_LISTEN: '127.0.0.1:8099',
		LOYALD_SERVE_LISTEN: '127.0.0.1:8099',
		LOYALD_METRICS_LISTEN: '127.0.0.1:8099'});
	check(/wrong: receive and serve would both listen/.test(of('addresses')) &&
		/wrong: LOYALD_METRICS_LISTEN is also/.test(of('addresses')),
	'addresses that two would have');

	equal((await w.run(['config', 'check', '--for', 'wrok'])).status, 2,
		'a role that there is none of');
	const nothing = await w.run(['config', 'check'], {env: NOTHING});

	equal([nothing.status, says(nothing, 'LOYALD_DATABASE_URL is not set')],
		[78, []], 'nothing is set');
	check(s.store_id > 0, 'and the store is as it was');
});
