// SPDX-License-Identifier: MIT
//
// A database of each earlier version, with data of all kinds that this version
// itself made (data/upgrade, support/kinds.mjs), is migrated under load: receive
// takes deliveries from before loyald migrate until after the new work has
// begun, what a receive of that version queues comes in beside it, and others go
// on writing.  Everything that was answered 200 counts once: balances, tiers and
// orders are what a fresh database has of the same.  Orders that were kept in JSON
// are read, and kept in bytes once they change, and it is known of each member
// since when.
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from
	'node:fs';
import {join} from 'node:path';
import {spawnSync} from 'node:child_process';
import {setTimeout as sleep} from 'node:timers/promises';
import {gunzipSync} from 'node:zlib';
import {deliver} from '../support/deliver.mjs';
import {KEY, due, fill, parts, picture, urls_of} from '../support/kinds.mjs';
import {ROOT} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data/upgrade');
const FOLDER = join(ROOT, 'migrations');
const FILES = readdirSync(FOLDER).filter((f) => f.endsWith('.sql')).sort();
const VERSIONS = readdirSync(DATA).map((f) => /^(\d+)\.json\.gz$/.exec(f)?.[1])
	.filter(Boolean).map(Number).sort((a, b) => a - b);
const OLDEST = 4;	// the first version that ran anywhere
const RATE = 110;	// deliveries a second
const BEFORE_MS = 200;	// of the load
const LAST = 20;	// deliveries after the new work has begun
const redis = (args, input) => spawnSync('redis-cli', ['-s',
	join(process.env.SERVICES_DIR, 'redis.sock'), ...args], {input});
const bytes = (text) => Buffer.from(text, 'base64');

async function database_use(w, name)
{
	await w.sql(`CREATE DATABASE ${name}`);
	process.env.LOYALD_DATABASE_URL = process.env.LOYALD_DATABASE_URL
		.replace(/dbname=\w+/, `dbname=${name}`);
	w.env.LOYALD_DATABASE_URL = process.env.LOYALD_DATABASE_URL;
}

// Makes a database of a version, as the version left it.
async function database_new(w, {migrations, sql})
{
	const applied = FILES.slice(0, migrations).map((file, i) => {
		const text = readFileSync(join(FOLDER, file), 'utf8');

		return `${text}; INSERT INTO migration VALUES (${i + 1},
			'${file.replace('.sql', '')}', '\\x${
			createHash('sha256').update(text).digest('hex')}');`;
	});

	await database_use(w, `of_${migrations}`);
	// Tables in the order of their names: no foreign key looks on.
	await w.sql(`CREATE TABLE migration (number bigint PRIMARY KEY,
		name text NOT NULL, sha256 bytea NOT NULL,
		applied_at timestamptz NOT NULL DEFAULT now());
		${applied.join('')} SET session_replication_role = replica;
		${migrations > 4 ? 'DELETE FROM installation;' : ''} ${sql}`);
}

// Writes, as the version before does, until it is told to end; returns how often.
async function write_until(w, is_over)
{
	let n = 0;

	for (; !is_over(); n++)
		await w.sql(`BEGIN; UPDATE identity SET modified_at = modified_at;
			UPDATE order_state SET points = points;
			UPDATE balance SET version = version + 1; COMMIT`);
	return n;
}

// Queues what a receive of the version queued, at an even pace.  The first two
// entries are of a worker that has died.
async function queue(streams, ms)
{
	const entries = Object.entries(streams).flatMap(([key, list]) =>
		list.map((e) => [key, e]));

	for (const [i, [key, e]] of entries.entries()) {
		redis(['-x', 'XADD', key, '*', 'm'], bytes(e));
		if (i < 2) {
			redis(['XGROUP', 'CREATE', key, 'work', '0']);
			redis(['XREADGROUP', 'GROUP', 'work', 'dead-worker', 'COUNT',
				'1', 'STREAMS', key, '>']);
		}
		await sleep(ms / entries.length);
	}
}

// Begins to deliver, and keeps the last deliveries until `begun` is there; gives
// what ends with the answers.
async function load(w, left, list, begun)
{
	const urls = Object.fromEntries(Object.entries(left.stores).map(
		([name, s]) => [name, w.roles.get('receive').url + s.webhook_path]));
	const send = async (part) =>
		(await deliver(part, {urls, rate: RATE})).answers;

	return Promise.all([send(list.slice(0, -LAST)),
		begun.then(() => send(list.slice(-LAST))),
		queue(left.streams, list.length * 1000 / RATE)]);
}

await scenario(async ({w, check, equal, verified, until}) => {
	const count = async (query) => Number((await w.sql(query))[0][0]);
	const {waiting, later} = parts();
	const spool = w.env.LOYALD_SPOOL_DIR;
	const work = {env: {LOYALD_CLAIM_IDLE_MS: '1000'}};

	equal(VERSIONS, FILES.slice(OLDEST, -1).reduce((all) => [...all,
		all.at(-1) + 1], [OLDEST]), 'each earlier version has left its data');
	writeFileSync(w.env.LOYALD_KEY_FILE, KEY, {mode: 0o600});
	await deliver([...waiting, ...later], {urls: urls_of(await fill(w))});
	await w.drain();
	await due(w);
	const expected = await picture(w);

	check(expected.length > 100, `a fresh database has ${expected.length} ` +
		'balances and orders');
	await verified();
	for (const version of VERSIONS) {
		const of = `of ${FILES[version - 1].replace('.sql', '')}`;
		const left = JSON.parse(gunzipSync(readFileSync(join(DATA,
			`${version}.json.gz`))));

		await w.stop('receive', 'SIGKILL');
		redis(['FLUSHALL']);
		rmSync(spool, {recursive: true});
		mkdirSync(spool, {mode: 0o700});
		writeFileSync(join(spool, 'stores.cache'),
			bytes(left.spool['stores.cache']), {mode: 0o600});
		await database_new(w, left);
		await w.start('receive');
		await w.ready('receive');
		let is_over = false, work_began = null;
		const loaded = load(w, left, later, new Promise((resolve) => {
			work_began = resolve;
		}));
		const writes = write_until(w, () => is_over);

		await sleep(BEFORE_MS);
		equal((await w.must(['migrate'])).stdout.match(/applied \d+/g),
			FILES.slice(version).map((f) => `applied ${f.slice(0, 4)}`),
			`a database ${of} is migrated`);
		is_over = true;
		const orders = await count(`SELECT count(*) FROM order_state
			WHERE facts IS NOT NULL AND record IS NULL`);

		check(orders > 0 || version > 7, `it has ${orders} orders in JSON`);
		await w.start('work', work);
		await w.ready('work');
		work_began();
		check(await writes > 0, 'while others write');
		equal((await loaded).slice(0, 2), [{200: later.length - LAST},
			{200: LAST}],
		'and receive takes all that comes, until the new work runs');
		await until('the spool to be empty', async () =>
			(await w.metrics('receive')).loyald_spool_records === 0);
		await until('the streams to be empty',
			async () => await w.backlog() === 0, 60000);
		await w.stop('work');
		await due(w);
		const found = await picture(w);
		const lines = (rows) => rows.map((r) => r.join(' '));
		const wrong = (a, b) => lines(a).filter((l) => !lines(b).includes(l));

		equal([wrong(found, expected), wrong(expected, found)], [[], []],
			`what came of it ${of} is what a fresh database has`);
		await Promise.all((await w.sql(`SELECT min(entry_id) FROM entry
			UNION ALL SELECT max(entry_id) FROM entry`)).map(([id]) =>
			w.must(['member', 'explain', '--entry', id])));
		check(await count(`SELECT count(*) FROM order_state
			WHERE record IS NOT NULL AND facts IS NULL`) > 0 &&
			await count(`SELECT count(*) FROM order_state
			WHERE facts IS NULL AND record IS NULL`) === 0,
		'what is told now is kept in bytes');
		const since = async (where) => w.sql(`SELECT b.member_id,
			b.created_at IS NULL, extract(epoch FROM
			coalesce(b.created_at, m.created_at))::bigint * 1000
			FROM balance b LEFT JOIN member m USING (member_id)
			WHERE b.wallet = 1 AND ${where} LIMIT 1`);

		for (const [id, old, ms] of [
			...await since('m.created_at IS NOT NULL'),
			...await since('m.created_at IS NULL')])
			check(Math.abs(Date.parse((await w.json(['member', 'show',
				'--member', id])).created_at) - Number(ms)) < 1000,
			`${old === 't' ? 'an old' : 'a new'} member's since is known`);
		check(await count('SELECT count(*) FROM member') <
			await count(`SELECT count(*) FROM balance WHERE wallet = 1`),
		'a new member has no row of its own');
		await verified();
	}
});
