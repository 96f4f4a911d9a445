// SPDX-License-Identifier: MIT
//
// services: durable
//
// work says what the promise needs and does not find: a Redis that syncs
// less than it answers, one with a replica that it does not wait for, a
// standby of PostgreSQL that no commit waits for; and when it is mended.  A
// commit that waits for a standby that is gone is told of by its cause, and
// goes on when it may.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const unsafe = (setting) => `loyald_work_unsafe{setting="${setting}"}`;

// Something that PostgreSQL takes for a standby.
function standby_start(dir)
{
	mkdirSync(dir, {recursive: true});
	return spawn('setpriv', ['--pdeathsig', 'KILL',
		join(process.env.PG_BIN, 'pg_receivewal'), '-D', dir, '-d',
		process.env.LOYALD_DATABASE_URL.replace(/dbname=\S+/, '')],
	{stdio: 'ignore'});
}

await scenario(async ({w, check, equal, store, until}) => {
	const s = await store('woocommerce');
	const {deliveries} = generate({platform: 'woocommerce', seed: 61,
		orders: 30});
	const restart = async () => {
		await w.stop('work').catch(() => {});
		await w.start('work');
		await w.ready('work');
		return w.metrics('work');
	};
	const setting = async (name, value) => {
		await w.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
		await w.sql('SELECT pg_reload_conf()');
		await until(`${name} to be ${value}`, async () =>
			(await w.sql(`SHOW ${name}`))[0][0] === value);
	};

	await w.start('receive');
	await w.ready('receive');
	const well = await restart();

	for (const name of ['appendonly', 'appendfsync', 'min-replicas-to-write',
		'fsync', 'synchronous_standby_names', 'hidden'])
		equal(well[unsafe(name)], 0, `${name} is what it must be`);
	check(!/level=warn.*(Redis|PostgreSQL)/.test(w.log_of('work')),
		'nothing is warned of');

	await w.redis('CONFIG', 'SET', 'appendfsync', 'everysec');
	await until('work to see appendfsync', async () =>
		(await w.metrics('work'))[unsafe('appendfsync')] === 1);
	check(/level=warn.*CONFIG SET appendfsync always/.test(
		w.log_of('work')), 'and to say what to do');
	await w.redis('CONFIG', 'SET', 'appendfsync', 'always');
	await until('work to see it mended', async () =>
		(await w.metrics('work'))[unsafe('appendfsync')] === 0);

	const standby = standby_start(join(w.dir, 'wal'));

	await until('PostgreSQL to have a standby', async () => (await w.sql(
		'SELECT count(*) FROM pg_stat_replication'))[0][0] === '1');
	equal((await restart())[unsafe('synchronous_standby_names')], 1,
		'a standby that nobody waits for is told of');
	check(/level=warn.*SET synchronous_standby_names/.test(
		w.log_of('work')), 'with what to do');
	standby.kill('SIGKILL');
	await once(standby, 'exit');
	await until('the standby to be gone', async () => (await w.sql(
		'SELECT count(*) FROM pg_stat_replication'))[0][0] === '0');
	equal((await restart())[unsafe('synchronous_standby_names')], 0,
		'and its end');

	// No standby is there, and every commit waits for one.
	await setting('synchronous_standby_names', '*');
	equal((await deliver(deliveries, {urls: s.url})).answers,
		{200: deliveries.length}, 'receive does not care');
	await until('work to name the cause', () =>
		/level=error.*synchronous_standby_names asks for a standby, and none/
			.test(w.log_of('work')), 60000);
	equal((await w.get('work', '/readyz')).text.trim(),
		'not ready: PostgreSQL waits for a standby', '/readyz says so');
	await setting('synchronous_standby_names', '');
	await until('the streams to be empty', async () =>
		await w.backlog().catch(() => 1) === 0, 60000);
	const {ok} = await w.verify();

	check(ok, 'nothing is wrong in the ledger');
});
