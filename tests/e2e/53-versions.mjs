// SPDX-License-Identifier: MIT
//
// A database of each earlier version, with what version bb2568e left in it
// (data/upgrade): after loyald migrate what waits in the streams counts, the
// ledger is whole, orders that were kept in JSON are read, and kept in bytes
// once they change, and it is known of each member since when.  While migrate
// runs, others go on writing.
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawnSync} from 'node:child_process';
import {ROOT} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data/upgrade');
const LEFT = JSON.parse(readFileSync(join(DATA, 'left.json')));
const FILLED = 4;	// migrations of the version that left the data
const FOLDER = join(ROOT, 'migrations');
const FILES = readdirSync(FOLDER).filter((f) => f.endsWith('.sql')).sort();
const redis = (args, input) => spawnSync('redis-cli', ['-s',
	join(process.env.SERVICES_DIR, 'redis.sock'), ...args], {input});
const bytes = (text) => Buffer.from(text, 'base64');

// Makes a database of a version, and takes it into use.
async function database_new(w, version)
{
	const apply = async (from, to) => {
		for (let i = from; i < to; i++) {
			const text = readFileSync(join(FOLDER, FILES[i]), 'utf8');

			await w.sql(`BEGIN; ${text}; INSERT INTO migration VALUES
				(${i + 1}, '${FILES[i].replace('.sql', '')}', '\\x${
				createHash('sha256').update(text).digest('hex')}');
				COMMIT`);
		}
	};

	await w.sql(`CREATE DATABASE of_${version}`);
	process.env.LOYALD_DATABASE_URL = process.env.LOYALD_DATABASE_URL
		.replace(/dbname=\w+/, `dbname=of_${version}`);
	w.env.LOYALD_DATABASE_URL = process.env.LOYALD_DATABASE_URL;
	await w.sql(`CREATE TABLE migration (number bigint PRIMARY KEY,
		name text NOT NULL, sha256 bytea NOT NULL,
		applied_at timestamptz NOT NULL DEFAULT now())`);
	await apply(0, FILLED);
	// Tables in the order of their names: no foreign key looks on.
	await w.sql('SET session_replication_role = replica; ' +
		readFileSync(join(DATA, 'database.sql'), 'utf8'));
	await apply(FILLED, version);
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

// One of the orders that wait, as if another customer had placed another one.
function order_of_another()
{
	const [one] = Object.values(LEFT.streams).flat().map((e) =>
		bytes(e).toString('latin1')).filter((t) =>
		/"id":1006,.*"customer_id":3,/s.test(t));

	return Buffer.from(one.replace('"id":1006,', '"id":9006,')
		.replace('"customer_id":3,', '"customer_id":8,'), 'latin1');
}

function streams_fill()
{
	redis(['FLUSHALL']);
	redis(['-x', 'XADD', Object.keys(LEFT.streams)[0], '*', 'm'],
		order_of_another());
	for (const [key, entries] of Object.entries(LEFT.streams)) {
		redis(['XGROUP', 'CREATE', key, 'work', '0', 'MKSTREAM']);
		for (const e of entries)
			redis(['-x', 'XADD', key, '*', 'm'], bytes(e));
		redis(['XREADGROUP', 'GROUP', 'work', 'dead-worker', 'COUNT',
			String(LEFT.pending[key]), 'STREAMS', key, '>']);
	}
}

await scenario(async ({w, check, equal, verified, until}) => {
	const count = async (query) => Number((await w.sql(query))[0][0]);
	let balances = null;

	mkdirSync(w.env.LOYALD_SPOOL_DIR, {mode: 0o700});
	writeFileSync(w.env.LOYALD_KEY_FILE, bytes(LEFT.key), {mode: 0o600});
	for (let version = FILLED; version < FILES.length; version++) {
		const of = `of ${FILES[version - 1].replace('.sql', '')}`;

		await database_new(w, version);
		streams_fill();
		let is_over = false;
		const writes = write_until(w, () => is_over);

		equal((await w.must(['migrate'])).stdout.match(/applied \d+/g),
			FILES.slice(version).map((f) => `applied ${f.slice(0, 4)}`),
			`a database ${of} is migrated`);
		is_over = true;
		check(await writes > 0, 'while others write');
		const orders = await count(`SELECT count(*) FROM order_state
			WHERE facts IS NOT NULL AND record IS NULL`);

		check(orders > 0, `it has ${orders} orders in JSON`);
		await w.start('work', {env: {LOYALD_CLAIM_IDLE_MS: '1000'}});
		await w.ready('work');
		await until('the streams to be empty',
			async () => await w.backlog() === 0, 60000);
		await w.stop('work');
		check(await count(`SELECT count(*) FROM order_state
			WHERE record IS NOT NULL AND facts IS NULL`) > 0 &&
			await count(`SELECT count(*) FROM order_state
			WHERE facts IS NULL AND record IS NULL`) === 0,
		'what is told now is kept in bytes');
		balances ??= await w.balances();
		equal(await w.balances(), balances,
			`the balances ${of} are those of every other version`);
		for (const [id] of await w.sql(`SELECT min(entry_id) FROM entry
			UNION ALL SELECT max(entry_id) FROM entry`))
			await w.must(['member', 'explain', '--entry', id]);
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
