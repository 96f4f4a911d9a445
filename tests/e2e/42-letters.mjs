// SPDX-License-Identifier: MIT
//
// Dead letters are bounded: one of each store, class, topic and body, with a
// count, whatever happens between counting a message and acknowledging it;
// a line a minute in the log; a figure of the open ones; and an end of life
// for those that anybody can make who has seen a delivery.
//
// LETTERS=20000 sends so many of each kind.
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {woocommerce_signature} from '../support/sign.mjs';
import {ROOT, service_kill} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const MANY = Number(process.env.LETTERS ?? 2000);
const SECRET = 'generated-secret';
const TOPIC = 'order.updated';
const SAME = 'points, please';

let nth = 0;
const bad = (body, topic = TOPIC) => ({platform: 'woocommerce', body, headers: {
	'Content-Type': 'application/json',
	'X-WC-Webhook-Topic': topic,
	'X-WC-Webhook-Resource': topic.split('.')[0],
	'X-WC-Webhook-Event': topic.split('.')[1],
	'X-WC-Webhook-ID': '1',
	'X-WC-Webhook-Delivery-ID': `d-${++nth}`,
	'X-WC-Webhook-Source': 'https://generated.example/',
	'X-WC-Webhook-Signature': woocommerce_signature(SECRET, body)}});
const many = (n, body_of) => Array.from({length: n}, (_, i) =>
	bad(body_of(i)));

// A transaction that keeps others from writing dead letters.
function lock_new()
{
	const psql = spawn(join(process.env.PG_BIN, 'psql'), ['-XqAt', '-d',
		process.env.LOYALD_DATABASE_URL], {stdio: ['pipe', 'ignore',
		'inherit']});

	psql.stdin.write('BEGIN; LOCK TABLE dead_letter IN SHARE ROW ' +
		'EXCLUSIVE MODE;\n');
	return {
		release: () => psql.stdin.end('COMMIT;\n'),
	};
}

await scenario(async ({w, check, equal, store, verified, until}) => {
	const s = await store('woocommerce', {secret: SECRET});
	const rows = (what = 'count(*)', where = 'true') =>
		w.sql(`SELECT ${what} FROM (SELECT * FROM dead_letter
			WHERE ${where} ORDER BY dead_id) AS l`);
	const empty = () => until('the stream to be empty',
		async () => await w.backlog().catch(() => 1) === 0, 300000);
	const size = async () => Number((await w.sql(
		'SELECT pg_database_size(current_database())'))[0][0]);
	const lines = () => w.log_of('work').split('\n')
		.filter((l) => /dead letter/.test(l));
	const open = async () => (await w.metrics('schedule'))
		.loyald_schedule_dead_letters_open;
	const started = Date.now();
	const told = (what) => {
		const minutes = Math.floor((Date.now() - started) / 60000) + 1;

		check(lines().length >= 1 && lines().length <= minutes,
			`${what}: ${lines().length} lines about dead letters ` +
			`in ${minutes} minutes begun`);
	};

	await w.start('receive');
	await w.start('work');
	await w.start('schedule');
	for (const name of w.roles.keys())
		await w.ready(name);

	// ---- the same again and again ---------------------------------
	const sizes = [await size()];

	equal((await deliver(many(MANY, () => SAME), {urls: s.url})).ok, MANY,
		`${MANY} times the same that cannot be read`);
	await empty();
	sizes.push(await size());
	equal(await rows('times, cardinality(places) <= 1024'),
		[[String(MANY), 't']], 'is one letter that counts them');
	told('and');
	check(/ \d+ unparsable of store 1[;,]/.test(lines()[0]) &&
		/dlq list/.test(lines()[0]),
	`which say of what, and what to do: ${lines()[0]}`);

	const [letter] = await w.json(['dlq', 'list']);
	const id = String(letter.id);

	equal([letter.count, letter.died_at < letter.last_died_at,
		letter.state], [MANY, true, 'open'],
	'dlq list --json has the count, the first and the last time');
	const shown = await w.json(['dlq', 'show', '--id', id, '--body']);

	equal([shown.count, shown.last_died_at, shown.body],
		[MANY, letter.last_died_at, SAME], 'so has dlq show');
	const text = (await w.must(['dlq', 'list'])).stdout;

	check(/COUNT +FIRST +LAST/.test(text) && text.includes(` ${MANY} `),
		'and dlq list for people');
	check((await w.must(['dlq', 'show', '--id', id])).stdout.includes(
		`count        ${MANY}, last `), 'and dlq show for people');
	equal(await rows('count(*)', `body_hash = '\\x${createHash('sha256')
		.update(SAME).digest('hex')}'`), [['0']],
	'nobody can try out what the body says');

	// ---- each another --------------------------------------------
	equal((await deliver(many(MANY, (i) => `please, ${i} points`),
		{urls: s.url})).ok, MANY, `${MANY} different ones`);
	await empty();
	sizes.push(await size());
	equal(await rows('count(*), sum(times)'), [[String(MANY + 1),
		String(2 * MANY)]], 'are as many letters');
	told('and');
	check(true, 'the database grew by ' + [sizes[1] - sizes[0],
		sizes[2] - sizes[1]].map((n) => `${n >> 10} KiB`).join(', '));
	await until('the figure of the open ones',
		async () => await open() === MANY + 1);
	check(true, 'schedule tells how many are open');
	equal((await w.must(['dlq', 'discard', '--all'])).stdout,
		`${MANY + 1} discarded\n`, 'all of them are discarded');
	await until('the figure of none', async () => await open() === 0);
	check(true, 'and none is open');

	// ---- what comes again is open again ------------------------------
	await deliver([bad(SAME), bad(SAME, 'order.created')], {urls: s.url});
	await empty();
	equal(await rows('times, topic', 'discarded_at IS NULL'),
		[[String(MANY + 1), TOPIC], ['1', 'order.created']],
		'one that was discarded and comes again; another topic is ' +
		'another letter');
	equal((await w.must(['dlq', 'replay', '--id', id])).stdout,
		'1 replayed\n', 'a letter of many is replayed');
	await empty();
	equal(await rows('times, replayed_at IS NULL', `dead_id = ${id}`),
		[[String(MANY + 2), 't']],
		'once; it dies again, and waits again');

	// ---- counted, and not acknowledged ---------------------------------
	const before = Number((await rows('sum(times)'))[0][0]);
	const lock = lock_new();

	await until('the lock', async () => (await w.sql(`SELECT count(*)
		FROM pg_locks WHERE relation = 'dead_letter'::regclass
		AND mode = 'ShareRowExclusiveLock' AND granted`))[0][0] === '1');
	await deliver([...many(20, () => SAME), ...many(20,
		(i) => `and ${i} more`)], {urls: s.url});
	await until('work to wait for the lock', async () => (await w.sql(
		'SELECT count(*) FROM pg_locks WHERE NOT granted'))[0][0] !== '0');
	service_kill('redis', 'SIGSTOP');
	lock.release();
	// Counts all that the batch had taken by then.
	await until('the batch to be committed', async () => Number(
		(await rows('sum(times)'))[0][0]) > before);
	await w.stop('work', 'SIGKILL');
	service_kill('redis', 'SIGCONT');
	await w.start('work');
	await w.ready('work');
	await empty();
	equal(await rows('times', `dead_id = ${id}`), [[String(MANY + 22)]],
		'killed between the two, work counts no message twice');
	equal(await rows('sum(times)'), [[String(before + 40)]],
		'and none is left out');

	// ---- the end of life ------------------------------------------------
	const old = `now() - interval '91 days'`;

	await w.must(['dlq', 'discard', '--all']);
	await w.sql(`UPDATE dead_letter SET class = 'misdirected',
		discarded_at = NULL, died_at = ${old}, again_at = ${old}
		WHERE dead_id > ${id}`);
	await w.sql(`UPDATE dead_letter SET again_at = now()
		WHERE topic = 'order.created'`);
	await w.sql(`UPDATE dead_letter SET discarded_at = NULL, died_at =
		${old}, again_at = ${old} WHERE dead_id = ${id}`);
	await until('old ones to go', async () => (await rows())[0][0] === '2');
	equal(await rows('class, topic'), [['unparsable', TOPIC],
		['misdirected', 'order.created']],
	'what was misdirected goes 90 days after it came last; all else stays');
	equal((await w.metrics('schedule'))
		.loyald_schedule_dead_letters_expired_total, MANY + 20,
	'and is counted');

	// ---- what the runbook has for those that were dealt with ---------
	const [, statement] = /`(DELETE FROM dead_letter [^`]*)`/.exec(
		readFileSync(join(ROOT, 'deploy/RUNBOOK.md'), 'utf8'));

	await w.must(['dlq', 'discard', '--id', id]);
	await w.sql(statement);
	equal((await rows())[0][0], '2', 'not at once');
	await w.sql(`UPDATE dead_letter SET discarded_at = ${old}
		WHERE discarded_at IS NOT NULL`);
	await w.sql(statement);
	equal(await rows('topic'), [['order.created']],
		'its owner deletes what was dealt with long ago');
	await verified();
});
