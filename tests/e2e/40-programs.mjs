// SPDX-License-Identifier: MIT
//
// The tests inside the program files once more, through the receiver, Redis
// and PostgreSQL, with the clock passed in: every number that `loyald
// program test` finds has to be what the operator's tools say then.
//
// All tests run at once, each in a store of its own: time passes for all of
// them together, from one moment at which something happens to the next.
// Some of the processes are killed at their work.
//
// The whole set takes minutes (make programs: PROGRAM_TESTS=all); chance picks
// 30 of it, unless PROGRAMS names some.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Books} from '../support/program_books.mjs';
import {brands_of, programs_read, steps_of} from
	'../support/program_steps.mjs';
import {rule_id, shares_check, why_check} from '../support/program_why.mjs';
import {random_new, seed_of_run} from '../support/random.mjs';
import {event_signature} from '../support/sign.mjs';
import {ROOT} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const TESTS = process.env.PROGRAM_TESTS === 'all' || process.env.PROGRAMS ?
	Infinity : Number(process.env.PROGRAM_TESTS ?? 30);
const AT_ONCE = 8;		// requests, and tools
const LATE = 30;		// tests that are told late, too
const KILLED = 0.2;		// so many of the processes, ...
const KILLED_MS = 120;		// ... in so many milliseconds from their start
// All templates, and programs for what they have little of.
const FILES = {'deploy/programs': /./, 'tests/programs': new RegExp(
	'^(charities|conditions|currencies|debt|dividend|forgiven|histories|' +
	'limits|referrals|reversal|rewards|steps|takes|units)')};

// ---- the tests, with stores -------------------------------------------------

// Everything in the list by `work`, so many at once.
async function each(list, work)
{
	const queue = list.values();

	await Promise.all(Array.from({length: AT_ONCE}, async () => {
		for (const item of queue)
			await work(item);
	}));
}

async function store_new(w, name, program, more = {})
{
	return w.store_add({platform: 'woocommerce', domain: `${name}.example`,
		timezone: 'UTC', program, ...more});
}

// Takes from a test what the test says of its store.
function setting_of(test)
{
	return {...(test.zone ? {timezone: test.zone} : {}),
		...(test.currency ? {currency: test.currency} : {})};
}

// Writes a program whose rewards are given by programs of the merchant's own: no
// platform can make them all.
function program_write(file, program)
{
	writeFileSync(file, JSON.stringify({...program,
		...(program.rewards && {rewards: program.rewards.map((r) =>
			r.kind === 'charity' ? r : {...r, way: 'own'})})}));
}

// The other tests of a file may not be for such a store.
function file_for(w, file, test, program, n)
{
	const own = join(w.dir, 'programs', `${n}-${program.file}`);
	const {tests, ...rest} = program.program;

	if (Object.keys(setting_of(test)).length === 0)
		return file;
	program_write(own, rest);
	return own;
}

// One store for each brand of the test, and one without.
async function case_new(w, whole, test, program, n)
{
	const file = file_for(w, whole, test, program, n);
	const setting = setting_of(test);
	const own = {name: `${program.file} "${test.name}"`, file, setting,
		done: 0, stores: new Map(),
		steps: steps_of(test, program.program),
		programs: [program.program, ...test.steps.flatMap((s) =>
			s.program ?? [])]};
	const home = await store_new(w, `t${n}`, file, setting);

	own.stores.set(undefined, home);
	own.home = home;
	for (const brand of brands_of(test))
		own.stores.set(brand, await store_new(w,
			`t${n}-${own.stores.size}`, file,
			{tenant: home.tenant_id, brand, ...setting}));
	return own;
}

// PROGRAMS="tiers.json" or "H-5": only those with it in their names.
const is_wanted = (p) => (test) => `${p.file} ${test.name}`
	.includes(process.env.PROGRAMS ?? '');

async function cases_new(w, random)
{
	const dir = join(w.dir, 'programs');
	const cases = [];

	mkdirSync(dir);
	for (const [folder, files] of Object.entries(FILES))
		for (const p of programs_read(join(ROOT, folder))
			.filter((p) => files.test(p.file))) {
			const file = join(dir, p.file);

			program_write(file, p.program);
			for (const t of p.tests.filter(is_wanted(p))) {
				const n = cases.length;

				cases.push(() => case_new(w, file, t, p, n));
			}
		}
	const out = [];

	await each(random.shuffle(cases).slice(0, TESTS),
		async (make) => out.push(await make()));
	return out;
}

// ---- sending ----------------------------------------------------------------

async function send(own, {brand, body})
{
	const store = own.stores.get(brand);
	const answer = await post(store, {body, headers: {'X-Loyald-Hmac-Sha256':
			event_signature(store, body)}});

	if (answer.status !== 200)
		throw new Error(`${own.name}: ${body}: ${answer.text}`);
}

const hello = (at) => JSON.stringify({idempotency_key: 'hello', type: 'hello',
	at, customer: {id: '1'}});

// The steps at this moment, up to the first that expects something or is the
// shop's.
function steps_next(own, at)
{
	const steps = [];

	while (own.done < own.steps.length && own.steps[own.done].at === at) {
		steps.push(own.steps[own.done++]);
		const {expect, merge, payout, publish} = steps.at(-1);

		if (expect ?? merge ?? payout ?? publish)
			break;
	}
	return steps;
}

const moments_of = (cases) => [...new Set(cases.flatMap((own) =>
	own.steps.map((s) => s.at)))].sort();

// ---- members of several stores ----------------------------------------------

// The stores' customers become one member.
async function merge(w, books, own, at)
{
	const {home, stores} = own;
	const into = await books.member(own);

	for (const store of stores.values())
		if (store !== home)
			await become(w, await books.member(own, 'a', store),
				into, at);
}

const become = (w, from, into, at) => w.json(['member', 'merge', '--from',
	from, '--into', into, '--at', at, '--reason', 'one person']);

// ---- what the shop does -----------------------------------------------------

async function publish(w, own, {at, nth, publish: program})
{
	const {home} = own;
	const file = join(w.dir, 'programs', `${home.store_id}-${nth}.json`);

	program_write(file, program);
	for (const store of own.stores.values())
		await w.json(['program', 'publish', '--store',
			String(store.store_id), '--file', file, '--from', at]);
}

async function pay(w, own, step)
{
	const {status} = await w.run(['charity', 'payout', '--store',
		String(own.home.store_id), '--charity', step.payout, '--at',
		step.at]);

	step.refused = status === 0 ? null : 'nothing_owed';
}

async function shop_does(w, books, own, step)
{
	if (step.adjust)
		await adjust(w, books, own, step);
	if (step.merge)
		await become(w, await books.member(own, step.merge.from),
			await books.member(own, step.merge.into), step.at);
	if (step.payout)
		await pay(w, own, step);
	if (step.publish)
		await publish(w, own, step);
}

async function adjust(w, books, own, {at, member, adjust: a})
{
	await w.json(['member', 'adjust', '--member',
		await books.member(own, member), '--units', String(a.units),
		 '--wallet', a.wallet, '--reason', a.reason,
		'--key', a.id, '--at', at]);
}

// ---- time passes ------------------------------------------------------------

class Passing {
	constructor({w, check, equal}, cases, random)
	{
		Object.assign(this, {w, check, equal, cases, random,
			books: new Books(w), compared: {}, killed: 0});
	}

	// Now and then it is killed at it, wherever it is, and begun again.
	async must(args, env = {})
	{
		while (this.random.chance(KILLED)) {
			const done = await this.w.run(args, {env,
				timeout: this.random.int(1, KILLED_MS),
				killSignal: 'SIGKILL'});

			this.killed += done.status === 'SIGKILL';
		}
		await this.w.must(args, {env});
	}

	async drain(at)
	{
		await this.must(['work', '--drain', '--now', at],
			{LOYALD_CONSUMER: 'drain'});
	}

	async schedule(at)
	{
		await this.must(['schedule', '--once', '--now', at]);
	}

	// Somebody of whom nothing is told yet, and who is known in several
	// stores, is known from the first moment on.
	async introduce(at)
	{
		const fresh = this.cases.filter((own) => own.done === 0 &&
			own.steps[0].at === at && (own.stores.size > 1 ||
				own.steps[0].sends.length === 0));

		for (const own of fresh)
			for (const brand of own.stores.keys())
				await send(own, {brand, body: hello(at)});
		if (fresh.length === 0)
			return;
		await this.drain(at);
		await each(fresh, (own) => merge(this.w, this.books, own, at));
	}

	async compare(own, step)
	{
		const {wrong, compared} = await this.books.compare(own, step);

		for (const [kind, n] of Object.entries(compared))
			this.compared[kind] = (this.compared[kind] ?? 0) + n;
		for (const text of wrong)
			this.check(false, `${own.name}, step ${step.nth} ` +
				`(${step.at}): ${text}`);
	}

	// Does the next thing; false: nothing more.
	async turn(at)
	{
		const active = this.cases.map((own) =>
			({own, steps: steps_next(own, at)}))
			.filter((x) => x.steps.length > 0);
		const sends = active.flatMap(({own, steps}) => steps.flatMap(
			(s) => s.sends.map((x) => ({own, x}))));

		await each(active, async ({own, steps}) => {
			for (const x of steps.flatMap((s) => s.sends))
				await send(own, x);
		});
		if (sends.length > 0)
			await this.drain(at);
		for (const {own, steps} of active)
			for (const s of steps)
				await shop_does(this.w, this.books, own, s);
		await this.schedule(at);
		await each(active.flatMap(({own, steps}) => steps.map(
			(step) => ({own, step}))), ({own, step}) =>
			this.compare(own, step));
		return active.length > 0;
	}

	async pass()
	{
		for (const at of moments_of(this.cases)) {
			await this.introduce(at);
			while (await this.turn(at))
				;
		}
	}
}

// ---- in any order, and more than once ---------------------------------------

// Some of the tests again, each in a new store.  Redemptions are not among
// them: what is there at their time decides about them.  Nor are those of
// several members, who may share what is there for whoever comes first.
async function late_new(w, cases, random)
{
	const able = cases.filter((own) => own.stores.size === 1 &&
		own.steps.some((s) => s.sends.length > 0) &&
		!own.steps.some((s) => s.in_time || s.member !== 'a'));
	const late = [];

	for (const as of random.shuffle(able).slice(0, LATE)) {
		const home = await store_new(w, `late${late.length}`, as.file,
			as.setting);

		late.push({as, home, stores: new Map([[undefined, home]]),
			name: `${as.name}, late`});
	}
	return late;
}

async function late_all(passing, late, random)
{
	const {w, books, equal} = passing;
	const end = moments_of(passing.cases).at(-1);
	const all = late.flatMap((own) => own.as.steps.flatMap((s) => s.sends)
		.flatMap((x) => [{own, x}, {own, x}]));
	// A wallet that nobody of the tenant has used is not listed.
	const used = (wallets) => Object.fromEntries(Object.entries(wallets)
		.filter(([, sums]) => Object.values(sums).some((n) => Number(n) !== 0)));
	const what = ({wallets, tier, tier_until, memberships, charities,
		chosen_day}) => ({wallets: used(wallets), tier, tier_until,
		memberships, charities, chosen_day});

	await each(random.shuffle(all), ({own, x}) => send(own, x));
	await passing.drain(end);
	await passing.schedule(end);
	await each(late, async (own) => equal(what(await books.balance(own)),
		what(await books.balance(own.as)), own.name));
}

// ---- why each entry has its number ------------------------------------------

async function entries_of(w, books, own)
{
	const {home} = own, member = await books.member(own);
	const {entries} = await w.json(['member', 'history', '--store',
		String(home.store_id), '--customer', '1', '--max', '100000']);
	const out = [];

	for (const {entry_id, revision} of entries.reverse())
		out.push({...await w.json(['member', 'explain', '--entry',
			String(entry_id), '--member', member]), revision});
	return out;
}

function decisions_of(entries)
{
	const of = new Map();

	for (const x of entries.filter((x) => x.arithmetic)) {
		const key = JSON.stringify([x.store_id, x.source, x.source_id,
			x.revision, x.arithmetic]);

		of.set(key, [...of.get(key) ?? [], x]);
	}
	return of.values();
}

// By one of the versions that have its rule.
function by_programs(own, rule, wrong)
{
	const able = own.programs.filter((p) => p.rules?.some((r) =>
		r.id === rule_id(rule)));
	const found = (able.length > 0 ? able : own.programs).map(wrong);

	return found.includes(null) ? null : found[0];
}

async function explain_all(w, books, check, cases)
{
	// The figures are worked out in cents.
	const able = cases.filter((own) => !own.setting.currency);
	let n = 0;

	await each(able, async (own) => {
		const entries = await entries_of(w, books, own);
		const wrong = (x, text) => text && check(false,
			`${own.name}: entry ${x.entry_id} of ${x.rule}: ` +
			`${text}; ${JSON.stringify(x)}`);

		for (const x of entries)
			wrong(x, by_programs(own, x.rule,
				(p) => why_check(x, p)));
		for (const list of decisions_of(entries))
			wrong(list[0], by_programs(own, list[0].rule, (p) =>
				shares_check(list, entries.slice(0,
					entries.indexOf(list[0])), p)));
		n += entries.length;
	});
	check(n > 0, `${n} entries are explained`);
}

// ---- all of it --------------------------------------------------------------

await scenario(async ({w, check, equal, verified}) => {
	const random = random_new(seed_of_run('40-programs'));
	const cases = await cases_new(w, random);
	const late = await late_new(w, cases, random);

	if (!check(cases.length > 0, `${cases.length} tests are there`))
		return;
	const passing = new Passing({w, check, equal}, cases, random);

	await w.start('receive');
	await w.ready('receive');
	await passing.pass();
	for (const [kind, n] of Object.entries(passing.compared))
		check(n > 0, `${n} of ${kind} were compared`);
	check(cases.every((own) => own.done === own.steps.length),
		`all steps of ${cases.length} tests were taken`);
	await late_all(passing, late, random);
	check(passing.killed > 0 || cases.length < LATE,
		`${passing.killed} times something was killed`);
	await explain_all(w, passing.books, check, cases);
	equal(await w.json(['dlq', 'list']).then((l) => l.length), 0,
		'no dead letters');
	await verified();
});
