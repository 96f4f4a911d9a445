// SPDX-License-Identifier: MIT
//
// rewards: redemptions whose rewards shops make, on both platforms, while every
// process is killed again and again (SIGKILL): in the middle of the shops' work,
// between that and the answer, just after the answer, and at any other moment;
// and while shops lose answers, drop calls, throttle and fail.  At the end each
// redemption has its reward at the shop once and its points spent or set aside
// once, or no reward and the points back; no live code is at a shop that nobody
// can use; and verify finds nothing.
//
//	REWARDS_RUNS=1000	redemptions
//	REWARDS_SEED=...	which; printed, so that they can be had again
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {shopify_start} from '../fakes/shopify.mjs';
import {woocommerce_start} from '../fakes/woocommerce.mjs';
import {url_for} from '../support/deliver.mjs';
import {random_new} from '../support/random.mjs';
import {rewarded_order} from '../support/rewarded.mjs';
import {until, world_new} from '../support/world.mjs';

const RUNS = Number(process.env.REWARDS_RUNS ?? 1000);
const SEED = Number(process.env.REWARDS_SEED ??
	Math.floor(Math.random() * 4294967296));
const AT_ONCE = 40;
const STORES = 4;		// of each platform
const EARNED = 1000, COST = 200, SPENT = 30;
const STEP_MS = 240000;		// until one step of a redemption has happened
const SETTLE_MS = 300000;
const KILL_MS = [700, 2500];	// between two kills at any moment
const KILL_IN_CALL = 0.04;	// share of calls in which push is killed
const REPORT_MS = 10000;
const STRANGER = 5000000;	// customers who use codes of others

const PROGRAM = {name: 'rewards', rules: [{id: 'order', on: 'order',
	give: {points: 1, per: '1'}}], rewards: [
	{id: 'five', kind: 'amount', amount: '5.00', cost: COST},
	{id: 'ship', kind: 'shipping', cost: COST, minimum: '10.00'},
	{id: 'tenth', kind: 'percent', percent: '10', cost: COST,
		valid: '30 days'},
	{id: 'again', kind: 'amount', amount: '2.00', cost: COST,
		on_cancel: 'reopen'}]};
const MONEY = [{id: 'credit', kind: 'store_credit', amount: '5.00', cost: COST},
	{id: 'card', kind: 'gift_card', amount: '5.00', cost: COST}];
const CODES = ['five', 'ship', 'tenth'];

// What becomes of a redemption, and how the end looks: how the reward is, the
// points, and how many live codes, cards and credits the shop has of it.
const FATES = {
	kept: {is: 'issued', points: [EARNED - COST, COST], live: 1},
	used: {is: 'used', points: [EARNED + SPENT - COST, 0], live: 0},
	revoked: {is: 'revoked', points: [EARNED, 0], live: 0},
	expired: {is: 'expired', points: [EARNED, 0], live: 0},
	cancelled: {is: 'returned', points: [EARNED, 0], live: 0},
	refunded: {is: 'returned', points: [EARNED, 0], live: 0},
	refunded_in_part: {is: 'used',
		points: [EARNED + SPENT / 2 - COST, 0], live: 0},
	late: {is: 'used', points: [EARNED + SPENT - COST, 0], live: 0},
	used_twice: {is: 'used', points: [EARNED + 2 * SPENT - COST, 0],
		live: 0},
	used_by_another: {is: 'used', points: [EARNED - COST, 0], live: 0},
	reopened: {is: 'issued', points: [EARNED - COST, COST], live: 1},
	given: {is: 'given', points: [EARNED - COST, 0], live: 1},
};

const say = (text) => process.stdout.write(`${text}\n`);
const random = random_new(SEED);

function plan()
{
	const names = Object.keys(FATES);

	return Array.from({length: RUNS}, (_, i) => {
		const fate = names[i % names.length];
		const platform = fate === 'given' ? 'shopify' :
			random.pick(['shopify', 'woocommerce']);

		return {i, fate, key: `run-${i}`, customer: 1000 + i,
			platform, nth: random.int(0, STORES - 1),
			reward: fate === 'given' ? random.pick(MONEY).id :
				fate === 'reopened' ? 'again' :
					random.pick(CODES)};
	});
}

// ---- what goes wrong --------------------------------------------------------

// Has push killed in some calls: before the shop did anything, after it did all,
// or just after it has answered.
function kill_in_calls(w, store, chaos)
{
	const {platform} = store;

	store.platform = {...platform, answer: async (of, request) => {
		const when = chaos.on && random.chance(KILL_IN_CALL) ?
			random.pick(['before', 'after', 'answered']) : null;
		const kill = () => {
			for (const name of ['push-1', 'push-2'])
				chaos.killed(w, name, when);
		};

		if (when === 'before')
			kill();
		const answer = await platform.answer(of, request);

		if (when === 'after')
			kill();
		if (when === 'answered')
			setTimeout(kill, random.int(0, 8));
		return answer;
	}};
}

function faults_on(store, seed)
{
	store.add_faults([{kind: 'reply-lost', rate: 0.06, seed},
		{kind: 'drop', rate: 0.03, seed: seed + 1},
		{kind: 'status', status: 502, rate: 0.03, seed: seed + 2},
		{kind: 'half-reply', rate: 0.02, seed: seed + 3},
		{kind: 'throttle', rate: 0.02, seed: seed + 4},
		{kind: 'slow', ms: 900, rate: 0.01, seed: seed + 5}]);
}

async function kill_all(w, chaos)
{
	while (chaos.on) {
		await sleep(random.int(...KILL_MS));
		chaos.killed(w, random.pick(['receive', 'work', 'schedule',
			'push-1', 'push-2']), 'at any moment');
	}
}

// ---- the shops --------------------------------------------------------------

// How many live codes, cards and credits a shop has of a redemption.
function live_of(state, run, codes)
{
	const mine = (c) => codes.has(c.code.toUpperCase());
	const coupons = (state.discounts ?? state.coupons).filter(mine);
	const cards = (state.cards ?? []).filter((c) =>
		c.given.note === run.key && c.live);
	const credits = (state.credits ?? []).filter((c) =>
		c.customer === String(run.customer));

	return coupons.filter((c) => c.live).length + cards.length +
		credits.length;
}

const used_of = (state, codes) => (state.discounts ?? state.coupons)
	.filter((c) => codes.has(c.code.toUpperCase()))
	.reduce((n, c) => n + c.used, 0);

// ---- one redemption -----------------------------------------------------------

class Run {
	constructor(world, run)
	{
		Object.assign(this, world, run);
		this.codes = new Set();
		this.store = world.stores[run.platform][run.nth];
		this.shop = world.fakes[run.platform].store(`s${run.nth}`);
		this.order = 0;
	}

	async told(order)
	{
		const o = rewarded_order(this.store, order);

		await until(`order ${order.id} to be taken`, async () => {
			try {
				const a = await fetch(url_for(this.store,
					o.headers), {method: 'POST', ...o});

				return a.status === 200;
			} catch {
				return false;
			}
		}, STEP_MS);
	}

	orders(more)
	{
		this.order = this.order || 10 * this.i + 7;
		return this.told({id: this.order, customer: this.customer,
			amount: `${SPENT}.00`, ...more});
	}

	async row()
	{
		return this.rows.get(this.key) ?? {};
	}

	async is(word)
	{
		await until(`${this.key} (${this.fate}) to be ${word}`,
			async () => (await this.row()).is === word, STEP_MS);
		const {code} = await this.row();

		if (code)
			this.codes.add(code);
		return code;
	}

	must(args)
	{
		return until(`loyald ${args.slice(0, 2).join(' ')} of ${this.key}`,
			async () => (await this.w.run(args)).status === 0,
			STEP_MS);
	}

	use()
	{
		const code = [...this.codes].at(-1);

		return this.shop.platform.use(this.shop,
			{code, customer: this.customer});
	}

	end()
	{
		return this.w.sql(`UPDATE reward SET ends_at = now(),
			push_at = now(), changes = changes + 1 WHERE redemption = '${this.key}'`);
	}

	async go()
	{
		const at = ['--store', String(this.store.store_id)];

		await this.must(['member', 'redeem', ...at, '--customer',
			String(this.customer), '--reward', this.reward,
			'--key', this.key, '--issue']);
		if (this.fate === 'given')
			return this.is('given');
		// Some are taken back, or run out, while they are being made.
		const early = ['revoked', 'expired'].includes(this.fate) &&
			this.i % 2 === 0;

		if (!early)
			await this.is('issued');
		if (this.fate === 'revoked')
			return this.must(['reward', 'revoke', ...at, '--key',
				this.key, '--reason', 'chaos']);
		if (['expired', 'late'].includes(this.fate)) {
			await until(`${this.key} to be there`, async () =>
				(await this.row()).is !== undefined, STEP_MS);
			await this.end();
		}
		if (this.fate === 'late')
			await this.is('expired');
		return this.spend();
	}

	async spend()
	{
		const codes = [...this.codes];

		if (['kept', 'expired', 'revoked'].includes(this.fate))
			return;
		if (this.fate !== 'late' && !this.use().ok)
			throw new Error(`${this.key}: the shop refuses the code`);
		if (this.fate === 'used_by_another')
			return this.orders({codes, customer: STRANGER + this.i});
		await this.orders({codes});
		if (this.fate === 'used_twice')
			await this.told({id: 10 * this.i + 8, codes,
				customer: this.customer, amount: `${SPENT}.00`});
		const later = {changed: Date.now() + 1000, codes};

		if (['cancelled', 'reopened'].includes(this.fate))
			await this.orders({...later, cancelled: true});
		if (this.fate === 'refunded')
			await this.orders({...later, refunded: 'whole'});
		if (this.fate === 'refunded_in_part')
			await this.orders({...later, refunded: 'part'});
	}

	// Everything that is not as it must be at the end; `states` of the shops.
	async judge(states)
	{
		const {is, points, live} = FATES[this.fate];
		const found = await this.row();
		const state = states.get(this.shop);
		const wrong = [];
		const expect = (what, a, b) => {
			if (JSON.stringify(a) !== JSON.stringify(b))
				wrong.push(`${this.key} ${this.fate} ` +
					`${this.platform} ${this.reward}: ` +
					`${what} ${JSON.stringify(a)}, not ` +
					JSON.stringify(b));
		};

		if (found.code)
			this.codes.add(found.code);
		expect('is', found.is, is);
		expect('points', found.points, points);
		expect('live at the shop', live_of(state, this, this.codes),
			live);
		if (used_of(state, this.codes) > 1)
			wrong.push(`${this.key}: its codes were used ` +
				`${used_of(state, this.codes)} times`);
		return wrong;
	}
}

// ---- all of them ----------------------------------------------------------------

// Reads all rewards at once, since many wait for theirs.
async function look(w, stores, rows)
{
	const found = new Map();

	for (const s of [...stores.shopify, ...stores.woocommerce]) {
		const list = await w.json(['reward', 'list', '--store',
			String(s.store_id), '--last', '1000']);

		for (const r of list)
			found.set(r.key, r);
	}
	const points = new Map((await w.sql(`
		SELECT i.value, b.available, b.reserved FROM identity i
		JOIN balance b USING (tenant_id, member_id)
		WHERE i.kind = 1 AND b.wallet = 1`)).map(
		([id, ...b]) => [id, b.map(Number)]));

	for (const [key, r] of found)
		rows.set(key, {...r, points: points.get(
			String(1000 + Number(key.split('-')[1])))});
}

async function shops_add(w, fakes)
{
	const stores = {shopify: [], woocommerce: []};
	const file = (name, rewards) => {
		const path = join(w.dir, `${name}.json`);

		writeFileSync(path, JSON.stringify({...PROGRAM, rewards}));
		return path;
	};
	const programs = {woocommerce: file('woocommerce', PROGRAM.rewards),
		shopify: file('shopify', [...PROGRAM.rewards, ...MONEY])};

	for (const platform of ['shopify', 'woocommerce'])
		for (let i = 0; i < STORES; i++) {
			const domain = platform === 'shopify' ?
				`s${i}.myshopify.com` : `s${i}.example`;

			fakes[platform].store(`s${i}`).configure({domain,
				shop_id: String(7000 + i)});
			stores[platform].push(await w.store_add({platform,
				domain, program: programs[platform],
				api_url: `${fakes[platform].url}/s/s${i}`,
				token: platform === 'shopify' ? 'shpat_fake' :
					'ck_fake:cs_fake'}));
		}
	return stores;
}

async function in_turns(list, n, f)
{
	let next = 0;

	await Promise.all(Array.from({length: n}, async () => {
		while (next < list.length)
			await f(list[next++]);
	}));
}

async function main()
{
	const w = world_new({dir: join(process.env.SERVICES_DIR, 'loyald'),
		env: {LOYALD_CLAIM_IDLE_MS: '2000',
			LOYALD_PUSH_TIMEOUT_MS: '700'}});
	const fakes = {shopify: await shopify_start(),
		woocommerce: await woocommerce_start()};
	const counts = {};
	const chaos = {on: true, killed: (world, who, when) => {
		const what = `${who.replace(/-\d$/, '')} ${when}`;

		if (w.kill(who))
			counts[what] = (counts[what] ?? 0) + 1;
	}};
	const rows = new Map(), began = Date.now();
	let done = 0;

	say(`rewards: seed ${SEED} (again with REWARDS_SEED=${SEED}), ` +
		`${RUNS} redemptions`);
	await w.key_new();
	const stores = await shops_add(w, fakes);

	for (const name of ['receive', 'work', 'schedule', 'push-1', 'push-2'])
		await w.start(name.replace(/-\d$/, ''), {name, restart: true});
	await w.ready('receive');
	for (const s of [...stores.shopify, ...stores.woocommerce])
		await w.store_known(s);
	const runs = plan().map((p) => new Run({w, stores, fakes, rows}, p));

	await in_turns(runs, AT_ONCE, (r) => r.told({id: 10 * r.i + 6,
		customer: r.customer, amount: `${EARNED}.00`}));
	await until('the points to be there', async () =>
		await w.backlog() === 0, SETTLE_MS);
	for (const [name, f] of Object.entries(fakes))
		for (let i = 0; i < STORES; i++) {
			kill_in_calls(w, f.store(`s${i}`), chaos);
			faults_on(f.store(`s${i}`), SEED + 100 * i +
				name.length);
		}
	const killing = kill_all(w, chaos);
	const looking = (async () => {
		while (chaos.on || done < RUNS) {
			await look(w, stores, rows).catch(() => {});
			await sleep(200);
		}
	})();
	const ticker = setInterval(() => say(
		`${Math.round((Date.now() - began) / 1000)} s: ${done} of ` +
		`${RUNS}; killed ${Object.values(counts).reduce((a, b) =>
			a + b, 0)}`), REPORT_MS);

	const failed = [];

	await in_turns(runs, AT_ONCE, async (r) => {
		await r.go().catch((e) => failed.push(e.message));
		done++;
	});
	chaos.on = false;
	clearInterval(ticker);
	await Promise.all([killing, looking]);
	for (const f of Object.values(fakes))
		for (let i = 0; i < STORES; i++)
			f.store(`s${i}`).faults = [];
	for (const name of w.roles.keys())
		await w.ready(name, SETTLE_MS);

	// As an operator would, when the shops are well again.
	await w.must(['push', 'retry']);
	let wrong = [];

	await until('every reward to be as it must', async () => {
		await look(w, stores, rows);
		const states = new Map([...new Set(runs.map((r) => r.shop))]
			.map((s) => [s, s.state()]));

		wrong = (await Promise.all(runs.map((r) =>
			r.judge(states)))).flat();
		return wrong.length === 0;
	}, SETTLE_MS).catch(() => {});
	wrong.push(...failed);
	const mine = new Set(runs.flatMap((r) => [...r.codes]));
	const strays = Object.values(fakes).flatMap((f) => Array.from(
		{length: STORES}, (_, i) => f.store(`s${i}`).state()))
		.flatMap((s) => s.discounts ?? s.coupons)
		.filter((c) => c.live && !mine.has(c.code.toUpperCase()));

	strays.forEach((c) => wrong.push(`a live code nobody has: ${c.code}`));
	const v = await w.verify();

	v.problems.forEach((p) => wrong.push(`verify: ${JSON.stringify(p)}`));
	wrong.slice(0, 40).forEach((l) => say(l));
	say(`killed: ${Object.entries(counts).sort().map(([k, n]) =>
		`${k} ${n}`).join(', ')}`);
	say(`${Math.round((Date.now() - began) / 1000)} s, ` +
		`${RUNS} redemptions, ${v.entries} entries`);
	say(wrong.length === 0 ? `PASS chaos rewards ${RUNS}` :
		`FAIL chaos rewards-seed-${SEED} ${wrong.length}`);
	await w.close();
	if (wrong.length > 0)
		for (const name of w.roles.keys())
			say(`--- ${name}.log\n${w.log_end(name, 30)}`);
	await Promise.all(Object.values(fakes).map((f) => f.close()));
	return wrong.length === 0 ? 0 : 1;
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
try {
	process.exitCode = await main();
} catch (e) {
	say(`FAIL chaos rewards-seed-${SEED} 1\n${e.stack}`);
	process.exit(1);
}
