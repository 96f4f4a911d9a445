// SPDX-License-Identifier: MIT
//
// services: durable
//
// The drill of RUNBOOK.md, "Backup": the database is saved while everything
// works, goes on, is lost, and is restored by deploy/backup.sh; the orders
// since then are told again.  Every balance is right, and nothing counts
// twice.  Each thing that goes wrong says so, and no password is seen.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync,
	statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {ROOT, service_down, service_up} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const BACKUP = join(ROOT, 'deploy/backup.sh');
const TOOLS = ['psql', 'pg_dump', 'pg_restore'];
const PASSWORD = 'it\'s %100 \\n';	// in a URL most of it is escaped
const URL_PASSWORD = 'it\'s%20%25100%20\\n';

// PostgreSQL's tools, wrapped so that each records what it was started with.
function tools_watched(dir)
{
	const bin = join(dir, 'bin');

	mkdirSync(bin);
	for (const tool of TOOLS)
		writeFileSync(join(bin, tool), `#!/bin/bash
			printf '%s\\n' "arguments: $*" "password: \${PGPASSWORD-}" \\
			    >>'${dir}/watched'
			exec '${process.env.PG_BIN}/${tool}' "$@"\n`, {mode: 0o755});
	return bin;
}

await scenario(async ({w, check, equal, fake, store, balances, verified,
	until}) => {
	const folder = join(w.dir, 'backups');
	const path = `${tools_watched(w.dir)}:${process.env.PATH}`;
	const owner = process.env.LOYALD_DATABASE_URL;
	const host = encodeURIComponent(process.env.SERVICES_DIR);
	const url_of = (login, database) => `postgresql://${login}:` +
		`${URL_PASSWORD}@/${database}?host=${host}`;
	// A backup's stdout and stderr share one pipe, so that the lines of the
	// two stay in order.
	const backup = async (args, env = {}) => {
		const child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', BACKUP,
			...args], {env: {...w.env, PATH: path, LOYALD: w.loyald, ...env}});
		let said = '';

		child.stdout.on('data', (text) => (said += text));
		return {status: (await once(child, 'close'))[0], said};
	};
	const save = (args = [folder], login = 'saver') => backup(
		['save', ...args], {LOYALD_DATABASE_URL: url_of(login, 'loyald')});
	const restore = (args, env = {}) => backup(['restore', ...args], env);
	const dumps = () => readdirSync(folder).sort();
	const refused = ({status, said}, wanted, words, what) => check(
		status === wanted && words.test(said), `${what}: ${said.trim()}`);

	// ---- what may go wrong when saving --------------------------------
	await w.sql(`CREATE USER saver; GRANT pg_read_all_data TO saver;
		CREATE USER nobody`);
	refused(await save(), 78, /there is no folder .*backups: .*mkdir/,
		'a folder that was mistyped is not made');
	mkdirSync(folder, {mode: 0o700});
	copyFileSync(w.env.LOYALD_KEY_FILE, join(folder, 'key'));
	refused(await save(), 78, /backups\/key looks like a master key/,
		'nothing is saved beside the key');
	renameSync(join(folder, 'key'), join(w.dir, 'key-kept'));
	refused(await save([folder], 'nobody'), 69,
		/permission denied.*nothing was saved.*pg_read_all_data/s,
		'a login that may not read');
	refused(await save(['--keep', '0', folder]), 2, /Usage: backup.sh save/,
		'a number that is none');
	const busy = spawn('flock', [folder, 'sh', '-c', 'echo; exec sleep 600'],
		{detached: true});

	await once(busy.stdout, 'data');
	refused(await save(), 69, /another backup is being saved to .*backups/,
		'two at a time');
	process.kill(-busy.pid);
	equal(dumps(), [], 'none of these left a file');

	// ---- a day, a backup while it is going on, and more of the day --------
	const shops = {shopify: await fake('shopify'),
		woocommerce: await fake('woocommerce')};
	const stores = {};
	const told = [];
	const tell = async (deliveries) => {
		const {answers, results} = await deliver(deliveries,
			{urls: stores, concurrency: 4, retries: 3});

		deliveries.forEach((d, i) => told.push({...d,
			received_at: results[i].answered_at}));
		return equal(answers, {200: deliveries.length},
			`${deliveries.length} deliveries are answered 200`);
	};
	const start = async () => {
		for (const role of ['work', 'push', 'schedule', 'serve'])
			await w.start(role);
		for (const role of ['work', 'push', 'schedule', 'serve'])
			await w.ready(role);
	};
	const settled = async () => {
		await until('the streams to be empty', async () =>
			await w.backlog() === 0, 60000);
		await until('the outbox to be empty', async () => (await w.sql(
			'SELECT count(*) FROM outbox'))[0][0] === '0', 60000);
	};
	const day = Object.keys(shops).flatMap((platform) => generate({platform,
		seed: 48, orders: 90, customers: 15}).deliveries);

	await w.start('receive');
	await start();
	await w.ready('receive');
	for (const [platform, f] of Object.entries(shops)) {
		stores[platform] = await store(platform, {}, f);
		await w.store_known(stores[platform]);
	}
	const part = Math.ceil(day.length / 4);
	const quarter = (n) => day.slice((n - 1) * part, n * part);

	await tell(quarter(1));
	await settled();
	const going_on = tell(quarter(2));
	const saved = await save();

	await going_on;
	check(saved.status === 0 && /read back; 1 backups are kept, 0 deleted/
		.test(saved.said), `a backup while work goes on: ${saved.said}`);
	const [file] = dumps().map((f) => join(folder, f));

	equal(statSync(file).mode & 0o777, 0o600, 'nobody else may read it');
	await settled();
	await balances(told, stores, 'the day as it was');
	const before = await w.sql('SELECT count(*) FROM entry');

	// ---- the database is lost --------------------------------------------
	for (const role of ['work', 'push', 'schedule', 'serve'])
		await w.stop(role);
	await tell(quarter(3));
	check(await w.backlog() > 0, 'what comes then waits in the streams');
	await service_down('redis');
	await tell(quarter(4));
	check((await w.metrics('receive')).loyald_spool_records > 0,
		'or, without Redis as well, in the spool');
	await w.sql('DROP DATABASE loyald WITH (FORCE)',
		owner.replace('dbname=loyald', 'dbname=postgres'));

	// ---- what may go wrong when restoring --------------------------------
	const aside = async (name) => {
		await w.sql(`CREATE DATABASE ${name}`,
			owner.replace('dbname=loyald', 'dbname=postgres'));
		return {LOYALD_DATABASE_URL: url_of('postgres', name)};
	};
	const torn = join(w.dir, 'torn.dump');

	copyFileSync(file, torn);
	truncateSync(torn, Math.floor(statSync(file).size * 0.9));
	refused(await restore([file]), 69, /does not exist.*is LOYALD_DATABASE_URL right/s,
		'no database to restore into');
	const copy = await aside('loyald');

	refused(await restore([torn], copy), 78,
		/not a whole backup.*nothing was restored/s, 'half a file');
	refused(await restore([join(w.dir, 'none')], copy), 78, /none is not there/,
		'no file');
	equal(await w.sql(`SELECT count(*) FROM pg_tables
		WHERE schemaname = 'public'`), [['0']], 'and nothing is restored');

	// ---- and what goes right -------------------------------------------------
	const restored = await restore([folder], copy);

	check(restored.status === 0 && /every invariant holds/.test(restored.said) &&
		/has come since it was saved is not in it/.test(restored.said),
	`restored: ${restored.said}`);
	refused(await restore([file], copy), 78, /has tables already.*createdb/s,
		'not into what is there already');
	service_up('redis');
	await start();
	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0);
	await settled();
	await tell(quarter(2));
	await settled();
	await balances(told, stores, 'with the orders since then told again, ' +
		'every balance is right');
	await verified();
	const [[after]] = await w.sql('SELECT count(*) FROM entry');

	check(Number(after) > Number(before), `${before} entries became ${after}`);
	await tell(day);
	await settled();
	equal(await w.sql('SELECT count(*) FROM entry'), [[after]],
		'and all of it once more changes nothing');

	// ---- a copy, with another key and with none --------------------------------
	const second = {...await aside('second'), LOYALD_KEY_FILE:
		join(w.dir, 'another-key')};

	await w.must(['key', 'new', second.LOYALD_KEY_FILE]);
	refused(await restore(['--copy', file], second), 1,
		/NOT the key of this database.*key check ended with.*not in order/s,
		'a copy with another key');
	const number = (name) => w.sql('SELECT installation_id FROM installation',
		owner.replace('dbname=loyald', `dbname=${name}`));

	check(String(await number('second')) !== String(await number('loyald')),
		'the copy takes no delivery of its original');
	// Set up by package, the owner of the database may make no roles.
	await w.sql(`CREATE USER keeper IN ROLE loyald_work, loyald_operator`);
	await aside('third');
	await w.sql('ALTER DATABASE third OWNER TO keeper');
	const third = {LOYALD_DATABASE_URL: url_of('keeper', 'third'),
		LOYALD_KEY_FILE: join(w.dir, 'no-key')};

	refused(await restore(['--copy', file], third), 1,
		/every invariant holds.*no-key.*key check ended with.*not in order/s,
		'a copy without one');

	// ---- no more are kept than were asked for ----------------------------------
	for (const n of [1, 2, 3]) {
		await until('the next second', () => !dumps().some((f) => f.includes(
			new Date().toISOString().replace(/[-:]|\..*/g, ''))));
		const {status, said} = await save(['--keep', '2', folder]);

		check(status === 0, `${n}: ${said}`);
	}
	check(dumps().length === 2 && !file.endsWith(dumps()[0]),
		`the two newest are kept: ${dumps().join(' ')}`);
	const watched = readFileSync(join(w.dir, 'watched'), 'utf8');

	check(!/^arguments:.*it's/m.test(watched) &&
		watched.includes(`password: ${PASSWORD}\n`),
	'a password is in no argument, and is what the URL says');
});
