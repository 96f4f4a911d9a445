// SPDX-License-Identifier: MIT
//
// Migrations: twice, from several places at once, and refused when what was
// applied is not what this loyald knows; a table that is in use, and roles that
// are started before.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {scenario} from './scenario.mjs';

const BUSY_S = 4;	// longer than a migration waits for a table

await scenario(async ({w, equal, check, until, store}) => {
	const migrate = (database) => w.run(['migrate'], {env: {
		LOYALD_DATABASE_URL: process.env.LOYALD_DATABASE_URL
			.replace('dbname=loyald', `dbname=${database}`)}});

	equal((await migrate('loyald')).status, 0, 'a second time');
	await w.sql('CREATE DATABASE fresh');
	equal((await Promise.all(Array.from({length: 4},
		() => migrate('fresh')))).map((d) => d.status), [0, 0, 0, 0],
	'four at once on an empty database');

	const applied = (await w.sql('SELECT count(*) FROM migration'))[0][0];

	check(Number(applied) > 0, 'they are written down');
	await w.sql(`CREATE DATABASE drifted TEMPLATE fresh`);
	await w.sql('DROP DATABASE fresh');

	const on = process.env.LOYALD_DATABASE_URL;

	process.env.LOYALD_DATABASE_URL = on.replace('dbname=loyald',
		'dbname=drifted');
	const [[column]] = await w.sql(`SELECT column_name
		FROM information_schema.columns
		WHERE table_name = 'migration' AND data_type = 'bytea'`);

	await w.sql(`UPDATE migration SET ${column} = '\\x00'`);
	process.env.LOYALD_DATABASE_URL = on;
	check((await migrate('drifted')).status !== 0,
		'a migration that was changed after it was applied is refused');

	await w.sql('CREATE DATABASE empty');
	const work = await w.run(['work', '--drain'], {env: {
		LOYALD_DATABASE_URL: on.replace('dbname=loyald',
			'dbname=empty')}});

	check([70, 78].includes(work.status), 'work refuses a database ' +
		`without its tables (${work.status})`);
	await w.start('receive', {env: {LOYALD_DATABASE_URL: on.replace(
		'dbname=loyald', 'dbname=empty')}});
	await until('receive to say what is wrong', async () =>
		/no loyald schema: run loyald migrate/.test(w.log_of('receive')));
	check(true, 'receive goes on, and says what to do');
	await w.stop('receive');

	// Another program's database is left as it is.
	await w.sql('CREATE DATABASE theirs');
	const theirs = on.replace('dbname=loyald', 'dbname=theirs');

	await w.sql('CREATE TABLE member (id int)', theirs);
	const refused = await migrate('theirs');

	check(refused.status === 78 && /database theirs .*holds something else/
		.test(refused.stderr) && /for loyald alone/.test(refused.stderr),
	`a database that is another program's: ${refused.stderr}`);
	equal(await w.sql(`SELECT tablename FROM pg_tables
		WHERE schemaname = 'public'`, theirs), [['member']],
	'and nothing is made in it');

	// A database, or a login, may have styles of its own.
	for (const set of ["datestyle = 'German'", "bytea_output = 'escape'",
		'standard_conforming_strings = off'])
		await w.sql(`ALTER DATABASE loyald SET ${set}`, on);
	process.env.LOYALD_DATABASE_URL = on;
	const s = await store('woocommerce');

	w.env.LOYALD_DATABASE_URL = `${on} client_encoding=LATIN1`;
	await w.must(['store', 'set', '--store', String(s.store_id), '--brand',
		'\u0141\u00f3d\u017a']);
	w.env.LOYALD_DATABASE_URL = on;
	for (const args of [['key', 'check'], ['store', 'list'], ['verify']])
		equal((await w.run(args)).status, 0, `${args.join(' ')}, in a ` +
			'database with settings of its own');
	equal(await w.sql('SELECT brand FROM store', on),
		[['\u0141\u00f3d\u017a']], 'and texts stay what they are');

	// A process that has a table for longer than is waited for it.
	await w.sql('CREATE DATABASE busy TEMPLATE loyald');
	const busy = on.replace('dbname=loyald', 'dbname=busy');

	await w.sql(`DROP SCHEMA public CASCADE; CREATE SCHEMA public;
		CREATE TABLE migration (number bigint PRIMARY KEY,
		    name text NOT NULL, sha256 bytea NOT NULL,
		    applied_at timestamptz NOT NULL DEFAULT now())`, busy);
	const holder = spawn(join(process.env.PG_BIN, 'psql'), ['-Xqd', busy,
		'-c', `BEGIN; LOCK TABLE migration IN EXCLUSIVE MODE;
		    SELECT pg_sleep(${BUSY_S}); COMMIT`], {stdio: 'ignore'});
	const ended = once(holder, 'exit');

	await until('the lock', async () => (await w.sql(`SELECT count(*)
		FROM pg_locks WHERE relation = 'migration'::regclass
		AND mode = 'ExclusiveLock' AND granted`, busy))[0][0] === '1');
	const waited = await migrate('busy');

	await ended;
	equal([waited.status, /tried again/.test(waited.stderr)], [0, true],
		`a table that is in use is waited for: ${waited.stderr}`);
});
