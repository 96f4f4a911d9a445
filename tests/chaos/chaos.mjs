// SPDX-License-Identifier: MIT
//
// chaos: a steady stream of signed deliveries to both kinds of store, and
// kill -9 of receive, work, push, Redis and PostgreSQL every second or so,
// each started again by a supervisor.  At the end every delivery that was
// answered 200 must be in the ledger exactly once: the balances are the
// oracle's, verify finds nothing, and the shops show the newest balance of
// every member.
//
// Half of the orders are told of by one delivery only, so that each of
// those, if it were lost or counted twice, would show in the points.
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {shopify_start} from '../fakes/shopify.mjs';
import {woocommerce_start} from '../fakes/woocommerce.mjs';
import {deliver} from '../support/deliver.mjs';
import {points_of} from '../support/oracle.mjs';
import {generate, permute} from '../support/orders.mjs';
import {random_new} from '../support/random.mjs';
import {differences, service_kill, until, without_zeros, world_new} from
	'../support/world.mjs';

const SECONDS = Number(process.env.CHAOS_SECONDS ?? 130);
const DELIVERIES = Number(process.env.CHAOS_DELIVERIES ?? 20000);
const SEED = Number(process.env.CHAOS_SEED ??
	Math.floor(Math.random() * 4294967296));
const CUSTOMERS = 150;		// of each store
const SINGLE_SHARE = 0.5;	// of the orders
const DUPLICATES = 0.02;
const KILL_MS = [500, 1500];	// between two kills
const RETRIES = 100;
const CONCURRENCY = 48;
const SETTLE_MS = Number(process.env.CHAOS_SETTLE_MS ?? 120000);
const REPORT_MS = 10000;

const SECRET = 'generated-secret';
const VICTIMS = {receive: 4, 'work-1': 3, 'work-2': 3, push: 3, redis: 3,
	pg: 3};
const random = random_new(SEED);
const say = (text) => process.stdout.write(`${text}\n`);

// Orders of both platforms until there are enough deliveries.
function stream_new()
{
	const random_order = random_new(SEED + 1);
	const half = (platform) => {
		const {deliveries} = generate({platform, seed: SEED,
			orders: Math.ceil(DELIVERIES / 2 / 3), secret: SECRET,
			customers: CUSTOMERS});
		const of = new Map();

		for (const d of deliveries)
			of.set(d.order, [...of.get(d.order) ?? [], d]);
		return [...of.values()].flatMap((list) =>
			random_order.chance(SINGLE_SHARE) ? list.slice(-1) : list);
	};
	const all = [...half('shopify'), ...half('woocommerce')];

	return permute(all, {seed: SEED, duplicates: DUPLICATES});
}

async function kill_for(w, seconds, counts)
{
	const end = Date.now() + seconds * 1000;

	while (Date.now() < end) {
		await sleep(random.int(...KILL_MS));
		const who = random.weighted(VICTIMS);
		const done = w.roles.has(who) ? w.kill(who) :
			service_kill(who);

		if (done)
			counts[who] = (counts[who] ?? 0) + 1;
	}
}

function report(w, counts, answered)
{
	const began = Date.now();

	return setInterval(() => say(`${Math.round((Date.now() - began) / 1000)
	} s: ${answered.ok} answered 200, ${answered.again} sent again; killed ` +
		Object.entries(counts).map(([k, n]) => `${k} ${n}`).join(', ')),
	REPORT_MS);
}

async function settled(w)
{
	for (const name of w.roles.keys())
		await w.ready(name, SETTLE_MS);
	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0,
	SETTLE_MS);
	await until('the streams to be empty',
		async () => await w.backlog() === 0, SETTLE_MS);
	await until('every balance to be pushed', async () =>
		(await w.sql(`SELECT count(*) FROM outbox
			WHERE rejected_at IS NULL`))[0][0] === '0', SETTLE_MS);
}

// Everything that is not as it must be.
async function judge(w, stores, fakes, told)
{
	const expected = points_of(told).stores;
	const found = await w.balances();
	const wrong = [];
	const shown = {
		shopify: (state, id) => state.values[id]
			?.['$app:loyalty.balance'],
		woocommerce: (state, id) => state.meta[id] && {
			available: state.meta[id].loyalty_points,
			version: state.meta[id].loyalty_version},
	};

	for (const [name, s] of Object.entries(stores)) {
		const state = fakes[name].store('default').state();

		wrong.push(...differences(name,
			without_zeros(expected[name].members),
			found[s.store_id] ?? {}));
		for (const [id, available, version] of await w.sql(`
			SELECT i.value, b.available, b.version
			FROM identity i JOIN balance b
			    USING (tenant_id, member_id)
			WHERE i.kind = 1 AND i.store_id = ${s.store_id}
			    AND b.version > 0`)) {
			const on = shown[name](state, id);

			if (String(on?.available) !== available ||
			    String(on?.version) !== version)
				wrong.push(`${name} shows customer ${id} ` +
					`${JSON.stringify(on)}, not ${available} ` +
					`of version ${version}`);
		}
	}
	const v = await w.verify();
	const [[dead]] = await w.sql('SELECT count(*) FROM dead_letter');

	v.problems.forEach((p) => wrong.push(`verify: ${JSON.stringify(p)}`));
	if (!v.ok || v.status !== 0)
		wrong.push(`verify: exit status ${v.status}`);
	if (dead !== '0')
		wrong.push(`${dead} dead letters`);
	return {wrong, v, expected};
}

async function main()
{
	const w = world_new({dir: join(process.env.SERVICES_DIR, 'loyald'),
		env: {LOYALD_CLAIM_IDLE_MS: '2000',
			LOYALD_PUSH_TIMEOUT_MS: '3000'}});
	const fakes = {shopify: await shopify_start(),
		woocommerce: await woocommerce_start()};

	say(`chaos: seed ${SEED} (again with CHAOS_SEED=${SEED}), ` +
		`${SECONDS} s`);
	await w.key_new();
	const stores = {
		shopify: await w.store_add({platform: 'shopify',
			domain: 'generated.myshopify.com', secret: SECRET,
			api_url: fakes.shopify.url, token: 'shpat_fake'}),
		woocommerce: await w.store_add({platform: 'woocommerce',
			domain: 'generated.example', secret: SECRET,
			api_url: fakes.woocommerce.url, token: 'ck_fake:cs_fake'}),
	};

	for (const name of Object.keys(VICTIMS))
		if (!['redis', 'pg'].includes(name))
			await w.start(name.replace(/-\d$/, ''),
				{name, restart: true});
	await w.start('schedule', {restart: true});
	for (const name of w.roles.keys())
		await w.ready(name);

	const told = stream_new();
	const counts = {}, answered = {ok: 0, again: 0};
	const ticker = report(w, counts, answered);
	const sending = deliver(told, {urls: stores, rate: told.length / SECONDS,
	concurrency: CONCURRENCY, retries: RETRIES, on_answer: (d, r) => {
		answered.ok += r.status === 200 ? 1 : 0;
		answered.again += r.tries - 1;
	}});

	await kill_for(w, SECONDS, counts);
	const sent = await sending;

	clearInterval(ticker);
	const kills = Object.values(counts).reduce((a, b) => a + b, 0);

	say(`${sent.sent} deliveries, answers ${JSON.stringify(sent.answers)}, ` +
		`${kills} kills`);
	await settled(w);
	const {wrong, v, expected} = await judge(w, stores, fakes,
		told.filter((d, i) => sent.results[i].status === 200));

	if (sent.ok !== sent.sent)
		wrong.push(`${sent.sent - sent.ok} deliveries were never answered ` +
			'200, with everything up again');
	for (const who of Object.keys(VICTIMS))
		if (!counts[who] && SECONDS >= 60)
			wrong.push(`${who} was never killed`);
	wrong.slice(0, 40).forEach((l) => say(l));
	const members = Object.values(expected).reduce((n, s) =>
		n + Object.keys(s.members).length, 0);

	say(`${members} members, ${v.transactions} transactions, ${v.entries} ` +
		'entries; shops were sent ' + Object.values(fakes).map((f) =>
		f.store('default').state().applied).join(' and ') + ' balances');
	say(wrong.length === 0 ? 'PASS chaos everything 1' :
		`FAIL chaos seed-${SEED} ${wrong.length}`);
	await w.close();
	if (wrong.length > 0)
		for (const name of w.roles.keys())
			say(`--- ${name}.log\n${w.log_end(name, 15)}`);
	await Promise.all(Object.values(fakes).map((f) => f.close()));
	return wrong.length === 0 ? 0 : 1;
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
try {
	process.exitCode = await main();
} catch (e) {
	say(`FAIL chaos seed-${SEED} 1\n${e.stack}`);
	process.exit(1);
}
