// SPDX-License-Identifier: MIT
//
// An operator must see the line with which a process starts, log lines as JSON
// that all parse, and each role's figures, in a form that promtool accepts,
// which move when something waits and come back to 0.
import {spawn, spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate, once} from '../support/orders.mjs';
import {proxy_query, woocommerce_signature} from '../support/sign.mjs';
import {service_down, service_freeze, service_thaw, service_up} from
	'../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const PASSWORD = 'hush-hush';
const ROLES = ['receive', 'work', 'push', 'schedule', 'serve'];
const HISTOGRAM = {receive: 'loyald_receive_answer_seconds',
	work: 'loyald_work_batch_seconds', push: 'loyald_push_call_seconds',
	serve: 'loyald_serve_answer_seconds'};
const STORES_MAX = 100;
const HOUR_S = 3600;

// Locks all members' rows until release().
function locked()
{
	const psql = spawn(join(process.env.PG_BIN, 'psql'), ['-Xqd',
		process.env.LOYALD_DATABASE_URL], {stdio: ['pipe', 'pipe',
		'inherit']});

	psql.stdin.write('BEGIN; SELECT FROM balance FOR UPDATE;\n');
	return new Promise((begun) => psql.stdout.once('data', () =>
		begun({release: () => psql.stdin.end('COMMIT;\n')})));
}

await scenario(async ({w, check, equal, store, fake, until, verified}) => {
	const shop = await fake('woocommerce');
	const s = await store('woocommerce', {secret: SECRET}, shop);
	const orders = (n, first) => generate({platform: 'woocommerce',
		seed: 50 + first, orders: n, customers: 4, first, secret: SECRET,
		kinds: {completed: 1}}).deliveries;
	const send = async (list) => equal((await deliver(list, {urls: s,
		retries: 5})).ok, list.length, 'deliveries are answered');
	const figure = async (role, name) => (await w.metrics(role))[name];
	const is = (role, name, judge, what) => until(`${role} to tell ${what}`,
		async () => judge(await figure(role, name)), 60000);
	const is_back = (role, ...names) => Promise.all(names.map((name) =>
		is(role, name, (v) => v === 0, `of ${name} that it is 0`)));

	for (const role of ROLES)
		await w.start(role, {args: ['--log-format', 'json'], env: {
			LOYALD_DATABASE_URL: `${process.env.LOYALD_DATABASE_URL}` +
				` password=${PASSWORD}`,
			LOYALD_PUSH_TIMEOUT_MS: '2000'}});
	for (const role of ROLES)
		await w.ready(role);

	// ---- what each says of itself -----------------------------------------
	const {version} = await w.json(['version']);

	for (const role of ROLES) {
		const m = await w.metrics(role);
		const labels = `version="${version}",role="${role}"`;

		equal(m[`loyald_build_info{${labels}}`], 1,
			`${role}: version and role`);
		check(Math.abs(m.loyald_start_time_seconds -
			Date.now() / 1000) < HOUR_S, `${role}: since when`);
		const begun = w.log_of(role).split('\n')[0];

		check(JSON.parse(begun).msg.startsWith(
			`loyald ${version} ${role} starts: database=postgres@`) &&
			begun.includes('push_timeout_ms=2000') &&
			!begun.includes('linger_ms'),
		`${role}: how it starts, and what was set`);
	}

	// ---- Redis away: the spool ------------------------------------------------
	await send(orders(6, 0));
	service_freeze('redis');
	await send(orders(1, 200));
	check(await figure('receive', 'loyald_spool_records') > 0,
		'the spool has what Redis could not take');
	await is('receive', 'loyald_spool_oldest_seconds', (v) => v >= 1,
		'for how long');
	service_thaw('redis');
	await is_back('receive', 'loyald_spool_records',
		'loyald_spool_oldest_seconds');

	// ---- PostgreSQL away: the streams ---------------------------------------
	await until('all to be posted', async () => await w.backlog() === 0);
	await service_down('pg');
	const late = once(orders(4, 100));

	await send(late);
	await is('work', 'loyald_work_stream_entries', (v) => v > 0 &&
		v <= late.length,
		'what waits in the streams');
	await is('work', 'loyald_work_stream_oldest_seconds', (v) => v >= 1,
		'for how long');
	equal([await figure('push', 'loyald_push_outbox_rows'),
		await figure('schedule', 'loyald_schedule_due_oldest_seconds')],
	[undefined, undefined], 'what is not known is left out');
	service_up('pg');
	await is_back('work', 'loyald_work_stream_entries',
		'loyald_work_stream_oldest_seconds');

	// ---- the shop away, a letter of no use, somebody's lock -------------------
	await is_back('push', 'loyald_push_outbox_rows');
	shop.store('default').add_faults([{kind: 'status', status: 503,
		times: 1000}]);
	await send(orders(2, 300));
	const body = '{"id": 1, "status": ';
	const answer = await post(s, {headers: {
		'X-WC-Webhook-Topic': 'order.updated',
		'X-WC-Webhook-Source': 'https://generated.example/',
		'X-WC-Webhook-Signature': woocommerce_signature(SECRET, body)},
	body});

	equal(answer.status, 200, 'what is no order is taken');
	await until('all to be posted', async () => await w.backlog() === 0);
	const lock = await locked();

	await w.sql(`INSERT INTO member_state (tenant_id, member_id, due_at)
		SELECT tenant_id, member_id, now() - interval '2 h' FROM balance
		LIMIT 1 ON CONFLICT (tenant_id, member_id) DO UPDATE
		SET due_at = excluded.due_at`);
	await Promise.all([
		is('push', 'loyald_push_outbox_rows', (v) => v > 0,
			'what waits for the shop'),
		is('push', 'loyald_push_outbox_oldest_seconds', (v) => v >= 1,
			'for how long'),
		is('schedule', 'loyald_schedule_due_oldest_seconds',
			(v) => v >= 2 * HOUR_S, 'since when something is due'),
		is('schedule', 'loyald_schedule_dead_letters_open',
			(v) => v === 1, 'a dead letter')]);
	lock.release();
	shop.store('default').faults = [];
	await w.sql('UPDATE push_lease SET not_before = now()');
	await w.must(['dlq', 'discard', '--class', 'unparsable']);
	await Promise.all([
		is_back('push', 'loyald_push_outbox_rows',
			'loyald_push_outbox_oldest_seconds'),
		is_back('schedule', 'loyald_schedule_due_oldest_seconds',
			'loyald_schedule_dead_letters_open')]);

	// ---- the stores ---------------------------------------------------------------
	const heard = (what) => `loyald_store_last_${what}_timestamp_seconds{` +
		`store="${s.store_id}"}`;
	const [listed] = await w.json(['store', 'list']);

	await is('schedule', heard('push'), (v) => Math.floor(
		Date.parse(listed.push.pushed_at) / 1000) === v,
	'when the shop took a balance, as store list does');
	equal(await figure('schedule', heard('delivery')), Math.floor(
		Date.parse(listed.delivered_at) / 1000),
	'and when a delivery came');
	check(/^last push +\d{4}-/m.test((await w.must(['store', 'show',
		'--store', String(s.store_id)])).stdout), 'store show says so too');
	await w.sql(`INSERT INTO store (tenant_id, platform, domain, currency,
		timezone, webhook_token, secret, disabled_at)
		SELECT tenant_id, platform, i || domain, currency, timezone,
		i::text, secret, NULL FROM store, generate_series(1, ${
	STORES_MAX}) i; NOTIFY loyald_stores`);
	await is('schedule', 'loyald_schedule_stores', (v) => v === STORES_MAX +
		1, 'how many stores there are');
	equal(await figure('schedule', heard('push')), undefined,
		'and of so many none by itself');

	// ---- how long it takes ------------------------------------------------------
	await fetch(`${w.roles.get('serve').url}/v1/balance?${proxy_query(
		SECRET, {shop: 'nobody.myshopify.com', timestamp: 1})}`);
	for (const [role, name] of Object.entries(HISTOGRAM)) {
		const m = await w.metrics(role);
		const sum = (prefix) => Object.entries(m)
			.filter(([k]) => k.startsWith(prefix))
			.reduce((n, [, v]) => n + v, 0);
		const counted = {receive: sum('loyald_receive_answers_total'),
			work: m.loyald_work_batches_total,
			push: m.loyald_push_calls_total,
			serve: sum('loyald_serve_answers_total')}[role];

		check(m[`${name}_count`] > 0 && m[`${name}_count`] === counted &&
			m[`${name}_bucket{le="+Inf"}`] === counted &&
			m[`${name}_sum`] > 0,
		`${role}: as many were timed as counted, ${counted}`);
	}

	// ---- the form of it all -------------------------------------------------------
	for (const role of ROLES) {
		const {text} = await w.get(role, '/metrics');
		const judged = spawnSync('promtool', ['check', 'metrics'],
			{input: text, encoding: 'utf8'});

		equal([judged.status, judged.stdout + judged.stderr], [0, ''],
			`${role}: promtool has nothing to say`);
		const lines = w.log_of(role).split('\n').slice(0, -1);

		check(lines.length > 1 && lines.every((l) => {
			const o = JSON.parse(l);

			return o.role === role && typeof o.msg === 'string' &&
				!l.includes(PASSWORD);
		}), `${role}: ${lines.length} lines of JSON, no password`);
	}
	await w.sql('DELETE FROM store WHERE length(secret) = 0 OR ' +
		`store_id > ${s.store_id}`);
	await verified();
});
