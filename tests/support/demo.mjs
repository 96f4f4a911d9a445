// SPDX-License-Identifier: MIT
//
// demo: one Shopify and one WooCommerce store, every process of loyald, a
// few hundred webhooks, and what became of them.  Started by demo.sh; exits
// with 1 if anything is not as it should be.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {shopify_start} from '../fakes/shopify.mjs';
import {woocommerce_start} from '../fakes/woocommerce.mjs';
import {deliver, http_files, replay_http, url_for} from './deliver.mjs';
import {points_of, read_deliveries} from './oracle.mjs';
import {generate} from './orders.mjs';
import {rewarded_order} from './rewarded.mjs';
import {jwt, proxy_query, store_key} from './sign.mjs';
import {POINTS, ROOT, until, without_zeros, world_new} from './world.mjs';

const RECORDED = join(ROOT, 'tests/data/woocommerce');
const WOO_SECRET = 'plain-secret-0123456789';
const SHOPIFY_SECRET = 'hush-demo';
const ORDERS = 60;		// generated, of each platform
const CUSTOMERS = 8;		// of each platform
const PUSH_MS = 60000;

const say = (text = '') => process.stdout.write(`${text}\n`);
const problems = [];

function expect(ok, what)
{
	if (!ok)
		problems.push(what);
	return ok;
}

// Columns as wide as what is in them; numbers to the right.
function table(head, rows)
{
	const all = [head, ...rows].map((r) => r.map((c) => String(c ?? '')));
	const widths = head.map((_, i) =>
		Math.max(...all.map((r) => [...r[i]].length)));
	const line = (r) => r.map((c, i) => {
		const room = ' '.repeat(widths[i] - [...c].length);

		return /^-?\d+$/.test(c) ? room + c : c + room;
	}).join('  ').trimEnd();

	say(line(all[0]));
	say(widths.map((w) => '-'.repeat(w)).join('  '));
	all.slice(1).forEach((r) => say(line(r)));
	say();
}

async function stores_add(w, fakes)
{
	const woocommerce = await w.store_add({platform: 'woocommerce',
		domain: 'shop.example.test', secret: WOO_SECRET,
		api_url: fakes.woocommerce.url, token: 'ck_fake:cs_fake'});
	const shopify = await w.store_add({platform: 'shopify',
		domain: 'generated.myshopify.com', secret: SHOPIFY_SECRET,
		api_url: fakes.shopify.url, token: 'shpat_fake'});

	return {woocommerce, shopify};
}

// The platforms tell of what we write to their customers, as they would.
function echoes_on(stores, fakes)
{
	fakes.woocommerce.store('default').configure({webhook: {
		url: stores.woocommerce.at('customer.updated'),
		secret: WOO_SECRET, id: 6, source: 'https://shop.example.test/'}});
	fakes.shopify.store('default').configure({webhook: {
		url: stores.shopify.at('customers/update'), secret: SHOPIFY_SECRET,
		domain: 'generated.myshopify.com'}});
}

// One of the recorded deliveries was signed by shops with other secrets.
function recorded_files()
{
	const index = JSON.parse(readFileSync(join(RECORDED, 'index.json')));
	const ours = new Set(index.filter((e) =>
		e.secret === null || e.secret === WOO_SECRET)
		.map((e) => `${e.file}.http`));

	return http_files(RECORDED).filter((f) =>
		ours.has(f.slice(f.lastIndexOf('/') + 1)));
}

async function send(w, stores)
{
	const files = recorded_files();
	const options = {concurrency: 8, retries: 2, progress: process.stdout};
	const recorded = await replay_http(files, stores.woocommerce,
		{...options, concurrency: 1, label: 'recorded WooCommerce'});
	const sets = [
		generate({platform: 'woocommerce', seed: 11, orders: ORDERS,
			customers: CUSTOMERS, secret: WOO_SECRET,
			domain: 'shop.example.test', deletions: true}),
		generate({platform: 'shopify', seed: 12, orders: ORDERS,
			customers: CUSTOMERS, secret: SHOPIFY_SECRET}),
	].map((g) => g.deliveries);
	const sent = [];

	for (const list of sets) {
		const result = await deliver(list, {...options, urls: stores,
		label: `generated ${list[0].platform === 'shopify' ?
			'Shopify' : 'WooCommerce'}`});

		sent.push(result);
		list.forEach((d, i) => {
			d.received_at = result.results[i].answered_at;
		});
	}
	const told = files.map((f, i) => ({...read_deliveries(f)[0],
		received_at: recorded.results[i].answered_at}));

	return {results: [recorded, ...sent],
		deliveries: [...told, ...sets[0], ...sets[1]]};
}

async function settled(w)
{
	await until('the stream to be empty',
		async () => await w.backlog() === 0, PUSH_MS);
	await until('every balance to be pushed', async () =>
		(await w.sql(`SELECT count(*) FROM outbox
			WHERE rejected_at IS NULL`))[0][0] === '0', PUSH_MS);
	// Deliveries that the pushes caused in turn.
	await until('the echoes to be through', async () =>
		await w.backlog() === 0, PUSH_MS);
}

// Asks what the shop itself says about a customer's points.
function on_shop(platform, state, customer)
{
	if (platform === 'woocommerce')
		return state.meta?.[customer]?.loyalty_points;
	return state.values?.[customer]?.['$app:loyalty.balance']?.available;
}

async function storefront(w, store, customer)
{
	const now = Math.floor(Date.now() / 1000);
	const url = store.platform === 'shopify' ?
		`/v1/balance?${proxy_query(store.secret, {shop: store.domain,
			path_prefix: '/apps/loyalty', timestamp: String(now),
			logged_in_customer_id: customer})}` : '/v1/balance';
	const headers = store.platform === 'shopify' ? {} : {Authorization:
		`Bearer ${jwt(store_key(store, 'storefront'),
			{iss: store.domain, sub: customer, iat: now,
				exp: now + 60, aud: 'loyald'})}`};
	const answer = await fetch(w.roles.get('serve').url + url, {headers});

	return answer.status === 200 ? (await answer.json()).available :
		`answer ${answer.status}`;
}

// Customers the shop told us it deleted: nobody sends them a balance.
const deleted = (deliveries) => new Set(deliveries
	.filter((d) => d.topic === 'customer.deleted')
	.map((d) => String(JSON.parse(d.body).id)));

async function members_table(w, stores, fakes, deliveries)
{
	const expected = points_of(deliveries);
	const gone = deleted(deliveries);
	const found = await w.balances();
	const rows = [];

	for (const [platform, store] of Object.entries(stores)) {
		const oracle = without_zeros(expected.stores[platform].members);
		const ours = found[store.store_id] ?? {};
		const state = fakes[platform].store('default').state();

		for (const id of [...new Set([...Object.keys(oracle),
			...Object.keys(ours)])].sort((a, b) => a.length -
			b.length || (a < b ? -1 : 1))) {
			const [want, have] = [oracle[id] ?? '0', ours[id] ?? '0'];
			const shop = platform === 'woocommerce' && gone.has(id) ?
				'deleted' : String(on_shop(platform, state, id) ??
					'none');
			const front = String(await storefront(w, store, id));
			const ok = have === want && front === want &&
				(shop === want || shop === 'deleted');

			expect(ok, `customer ${id} of ${platform}: oracle ${want}, ` +
				`ledger ${have}, shop ${shop}, serve ${front}`);
			rows.push([platform, id, want, have, shop, front,
				ok ? 'ok' : 'WRONG']);
		}
	}
	expect(rows.length > CUSTOMERS, 'hardly any member has points');
	table(['store', 'customer', 'oracle', 'ledger', 'on the shop',
		'storefront', ''], rows);
}

function answers_table(sent)
{
	const names = ['WooCommerce, recorded', 'WooCommerce, generated',
		'Shopify, generated'];

	table(['deliveries', 'sent', 'answered 200', 'otherwise', 'seconds'],
		sent.results.map((r, i) => {
			expect(r.ok === r.sent, `${names[i]}: ` +
				JSON.stringify(r.answers));
			return [names[i], r.sent, r.ok, r.sent - r.ok,
				r.seconds.toFixed(1)];
		}));
}

function pushes_table(fakes)
{
	table(['shop', 'calls', 'values set', 'old over new', 'refused',
		'echoes sent back'], Object.entries(fakes).map(([name, f]) => {
		const s = f.store('default').state();
		const bad = s.stale_count + s.refused_count;

		expect(s.applied > 0, `${name} received no balance`);
		expect(bad === 0, `${name}: ${bad} pushes were wrong`);
		return [name, s.calls, s.applied, s.stale_count,
			s.refused_count, s.echoes?.sent ?? 0];
	}));
}

// A member of each store redeems; the code stands at the shop; an order with it
// comes in; the reward is used.
async function rewards_table(w, stores, fakes, deliveries)
{
	const gone = deleted(deliveries), rows = [];
	const program = join(w.dir, 'rewards.json');

	writeFileSync(program, JSON.stringify({...JSON.parse(
		readFileSync(POINTS, 'utf8')), rewards: [{id: 'five-off',
		kind: 'amount', amount: '5.00', cost: 20}]}));
	for (const [platform, store] of Object.entries(stores)) {
		const at = ['--store', String(store.store_id)];
		const key = `demo-${platform}`;
		const [customer, points] = Object.entries(
			(await w.balances())[store.store_id])
			.filter(([id]) => !gone.has(id)).sort(([, a], [, b]) => Number(b) - Number(a))[0];
		const shop = fakes[platform].store('default');
		const show = () => w.json(['reward', 'show', ...at,
			'--key', key]).catch(() => ({}));
		const is = (word) => until(`the reward to be ${word}`,
			async () => (await show()).is === word, PUSH_MS);

		await w.must(['program', 'publish', ...at, '--file', program]);
		await w.must(['member', 'redeem', ...at, '--customer', customer,
			'--reward', 'five-off', '--key', key, '--issue']);
		await is('issued');
		const {code} = await show();
		const at_shop = () => (shop.state().discounts ??
			shop.state().coupons).find((c) =>
			c.code.toUpperCase() === code);
		const was_live = at_shop()?.live;
		const used = shop.platform.use(shop, {code, customer});

		const order = rewarded_order(store, {id: 990001,
			customer: Number(customer), amount: '30.00',
			codes: [code]});
		await fetch(url_for(store, order.headers),
			{method: 'POST', ...order});
		await is('used');
		const row = await show();

		expect(was_live && used.ok && row.used_by === 990001,
			`${platform}: a reward went wrong`);
		rows.push([platform, customer, points, 'five-off', code,
			was_live ? 'live' : 'NOT THERE', `#${row.used_by}`,
			row.is]);
	}
	table(['store', 'customer', 'points', 'redeems', 'code at the shop', '',
		'order', 'reward'], rows);
}

async function ledger_table(w)
{
	const v = await w.verify();
	const [[dead, owned]] = await w.sql(`SELECT
		(SELECT count(*) FROM dead_letter),
		(SELECT count(*) FROM order_state)`);

	expect(v.ok && v.status === 0, 'verify: ' + v.problems.join('; '));
	expect(v.entries > 0, 'the ledger is empty');
	table(['orders', 'members', 'transactions', 'entries', 'dead letters',
		'verify'], [[owned, v.members, v.transactions, v.entries, dead,
		v.ok ? 'ok' : 'NOT OK']]);
	for (const [reason, n] of await w.sql(`SELECT reason, count(*)
		FROM order_state GROUP BY 1 ORDER BY 2 DESC`))
		say(`  ${n.padStart(4)} orders: ${reason}`);
	for (const [reason, n] of await w.sql(`SELECT reason, count(*)
		FROM dead_letter GROUP BY 1 ORDER BY 2 DESC`))
		say(`  ${n.padStart(4)} dead letters: ${reason}`);
	say();
}

function addresses(w, stores)
{
	const env = join(w.dir, 'env');

	writeFileSync(env, Object.entries(w.env)
		.filter(([k]) => /^LOYALD_(DATABASE|REDIS|KEY|SPOOL)/.test(k))
		.map(([k, v]) => `export ${k}='${v}'\n`).join(''));
	for (const [name, role] of w.roles)
		say(`${name.padEnd(9)} ${role.url}/metrics`);
	for (const s of Object.values(stores)) {
		say(`\n${s.platform}, store ${s.store_id}:`);
		table(['topic', 'address'], Object.keys(s.webhook_topics)
			.map((t) => [t, s.at(t)]));
	}
	say(`\nlook around:  . ${env}\n` +
		`              build/loyald member show --store ` +
		`${stores.woocommerce.store_id} --customer 2\n` +
		'              build/loyald dlq list\n' +
		`logs:         ${w.dir}/*.log\n`);
}

async function main()
{
	const w = world_new({dir: join(process.env.SERVICES_DIR, 'loyald')});
	const fakes = {woocommerce: await woocommerce_start(),
		shopify: await shopify_start()};
	const stay = process.env.DEMO_STAY !== '0';
	const interrupted = new Promise((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
			process.on(signal, () => resolve(signal));
	});
	const work = async () => {
		say('starting every process of loyald');
		await w.key_new();
		const stores = await stores_add(w, fakes);

		for (const [role, name] of [['receive'], ['work', 'work-1'],
			['work', 'work-2'], ['push'], ['schedule'], ['serve']])
			await w.start(role, {name: name ?? role});
		for (const name of w.roles.keys())
			await w.ready(name);
		echoes_on(stores, fakes);
		const sent = await send(w, stores);

		await settled(w);
		say();
		answers_table(sent);
		await members_table(w, stores, fakes, sent.deliveries);
		await rewards_table(w, stores, fakes, sent.deliveries);
		pushes_table(fakes);
		await ledger_table(w);
		for (const p of problems)
			say(`WRONG: ${p}`);
		say(problems.length === 0 ? 'demo: all is as it should be' :
			`demo: ${problems.length} things are wrong`);
		if (stay) {
			say();
			addresses(w, stores);
			say('Ctrl-C ends it.');
		}
	};
	let over = null;

	try {
		over = await Promise.race([work().then(() => null), interrupted]);
		if (over === null && stay)
			over = await interrupted;
	} catch (e) {
		problems.push(e.message);
		say(`demo: ${e.message}`);
	}
	await w.close();
	for (const [name, role] of w.roles)
		if (role.status !== 0 && over === null) {
			say(`demo: ${name} ended with status ${role.status}`);
			say(w.log_end(name));
			problems.push(`${name} ended badly`);
		}
	await Promise.all(Object.values(fakes).map((f) => f.close()));
	return problems.length === 0 ? 0 : 1;
}

// At once: after Ctrl-C a delivery may still be waiting to be sent again.
process.exit(await main());
