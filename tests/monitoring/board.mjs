// SPDX-License-Identifier: MIT
//
// services: durable
//
// board: every process at work, a real Prometheus with deploy/monitoring's
// rules that asks them each second, and what each expression of the board
// comes to: one that never has a value is wrong.  Prints them as a table.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {ROWS} from '../../deploy/monitoring/grafana.mjs';
import {post, scenario} from '../e2e/scenario.mjs';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {jwt, store_key, woocommerce_signature} from '../support/sign.mjs';
import {ROOT, free_port, service_down, service_freeze, service_thaw,
	service_up} from '../support/world.mjs';
import {rules_read} from './read.mjs';

const DEPLOY = join(ROOT, 'deploy/monitoring');
const RATE_INTERVAL = '10s';
const ROUNDS = 12;		// of deliveries, a second apart
const FROZEN = 3;		// the round in which PostgreSQL is
const ROLES = {receive: 'receive', 'receive-2': 'receive', work: 'work',
	'work-2': 'work', push: 'push', reconcile: 'reconcile',
	schedule: 'schedule', serve: 'serve'};

// Expressions about what does not happen here may be 0 all the time.
const CALM = new RegExp(['loyald_ready == 0', 'http_cut_off', 'work_waiting', 'redis_in_flight',
	'redis_errors', 'redis_unfit',
	'work_retries', 'work_reclaimed', '_aside', 'schedule_', 'push_retries',
	'push_throttled', 'push_rejected', 'reconcile_'].join('|'));

const text_of = (name) => readFileSync(join(DEPLOY, name), 'utf8');

// Writes the deployed files, but asks each second, and no alert waits.
function files_write(dir, targets)
{
	const [head] = text_of('prometheus.yml').split('scrape_configs:');

	mkdirSync(dir);
	writeFileSync(join(dir, 'alerts.yml'),
		text_of('alerts.yml').replace(/^ +for: .*\n/gm, ''));
	writeFileSync(join(dir, 'prometheus.yml'), `${head.replaceAll('15s', '1s')
	}scrape_configs: ${JSON.stringify([{job_name: 'loyald',
		static_configs: [{targets}]}])}\n`);
}

// Tries another port if somebody else takes the free one before Prometheus.
async function prometheus_start(dir, targets, until)
{
	files_write(dir, targets);
	for (let tries = 0; tries < 5; tries++) {
		const at = `127.0.0.1:${await free_port()}`;
		const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'prometheus',
			`--config.file=${join(dir, 'prometheus.yml')}`,
			`--storage.tsdb.path=${join(dir, 'data')}`,
			`--web.listen-address=${at}`, '--log.level=error'],
		{stdio: ['ignore', 'inherit', 'inherit']});

		child.unref();	// it ends with this process
		let ended = false;

		once(child, 'exit').then(() => (ended = true));
		await until('prometheus', () => ended || fetch(`http://${at}/-/ready`)
			.then((answer) => answer.ok, () => false));
		if (!ended)
			return {child, at};
	}
	throw new Error('prometheus does not start');
}

async function api(at, path, query = {})
{
	const answer = await fetch(`http://${at}/api/v1/${path}?` +
		new URLSearchParams(query));
	const {status, error, data} = await answer.json();

	if (status !== 'success')
		throw new Error(`${path} ${JSON.stringify(query)}: ${error}`);
	return data;
}

// The series that an expression had since `start`, each with its largest value.
async function series_of(at, expr, start)
{
	const {result} = await api(at, 'query_range', {start, step: 1,
		end: Date.now() / 1000, query: expr.replaceAll('$__rate_interval',
			RATE_INTERVAL)});

	return result.map(({values}) => Math.max(...values
		.map(([, v]) => Number(v)).filter(Number.isFinite)))
		.filter(Number.isFinite);
}

await scenario(async ({w, check, equal, fake, store, until}) => {
	const shops = {shopify: await fake('shopify'),
		woocommerce: await fake('woocommerce')};
	const stores = {};

	for (const [name, role] of Object.entries(ROLES))
		await w.start(role, {name, env: {LOYALD_SPOOL_DIR:
			join(w.dir, `spool-${name}`)}});
	for (const name of w.roles.keys())
		await w.ready(name);
	for (const [platform, f] of Object.entries(shops)) {
		stores[platform] = await store(platform, {}, f);
		await w.store_known(stores[platform]);
	}
	const start = Date.now() / 1000;
	const prometheus = await prometheus_start(join(w.dir, 'prometheus'),
		[...w.roles.values()].map((r) => r.url.slice('http://'.length)),
		until);

	// ---- some traffic, of which some is wrong -------------------------
	const token = jwt(store_key(stores.shopify, 'storefront'), {
		iss: stores.shopify.domain, sub: '1', aud: 'loyald',
		iat: Math.floor(Date.now() / 1000),
		exp: Math.floor(Date.now() / 1000) + 500});
	const ask = (authorization) => fetch(
		`${w.roles.get('serve').url}/v1/balance`,
		{headers: {Authorization: authorization}});
	const all = Object.keys(shops).flatMap((platform) => generate({platform,
		seed: 5, orders: 60}).deliveries);
	const part = Math.ceil(all.length / ROUNDS);
	const garbage = '{"id": 1, "total": "much"}';

	// Waits until Prometheus has seen an expression above 0.
	const seen = (expr) => until(expr, async () => Math.max(...await series_of(
		prometheus.at, expr, start)) > 0, 60000);

	shops.shopify.store('default').add_faults([{kind: 'throttle', rate: 1}]);
	for (let i = 0; i < ROUNDS; i++) {
		if (i === FROZEN)
			service_freeze('pg');
		if (i === FROZEN + 1) {
			await seen('loyald_work_stream_oldest_seconds');
			service_thaw('pg');
			await seen('loyald_push_outbox_oldest_seconds');
			shops.shopify.store('default').faults = [];
		}
		// Three rounds before the last find no Redis, and are spooled.
		if (i === ROUNDS - 4)
			await service_down('redis');
		if (i === ROUNDS - 1)
			service_up('redis');
		await deliver(all.slice(i * part, (i + 1) * part),
			{urls: stores, retries: 3});
		await post(stores.shopify.at('orders/paid'), {body: '{}', headers:
			{'X-Shopify-Topic': 'orders/paid',
				'X-Shopify-Hmac-Sha256': 'wrong'}});
		await post(stores.woocommerce.at('order.updated'), {body: garbage,
			headers: {'X-WC-Webhook-Topic': 'order.updated',
				'X-WC-Webhook-Signature': woocommerce_signature(
					stores.woocommerce.secret, garbage)}});
		await ask(`Bearer ${token}`);
		await ask('Bearer wrong');
		await sleep(1000);
	}
	await until('the streams to be empty', async () =>
		await w.backlog().catch(() => 1) === 0, 60000);
	await sleep(3000);

	// ---- what came of it ----------------------------------------------
	for (const p of Object.values(ROWS).flat())
		for (const [legend, expr] of Object.entries(p.ask)) {
			const values = await series_of(prometheus.at, expr, start);
			const most = Math.max(...values);

			check(most > 0 || (most === 0 && CALM.test(expr)), [
				p.title.padEnd(30), legend.padEnd(22),
				`${values.length} series`.padEnd(10),
				values.length === 0 ? `never a value: ${expr}` :
					`at most ${most.toPrecision(3)}`].join(' '));
		}
	const {groups} = await api(prometheus.at, 'rules');
	const rules = groups.flatMap((g) => g.rules);

	equal(rules.filter((r) => r.health !== 'ok').map((r) => [r.name,
		r.lastError]), [], 'every rule can be evaluated');
	equal(rules.length, rules_read(text_of('alerts.yml')).length,
		'and none is missing');
	const firing = rules.filter((r) => r.state === 'firing').map((r) => r.name);

	check(firing.includes('LoyaldSignaturesRefused'), 'deliveries with a ' +
		`wrong signature fire: ${firing.join(' ')}`);
});
