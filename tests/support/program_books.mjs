// SPDX-License-Identifier: MIT
//
// program_books: what the operator's tools say, against what a step of a
// test inside a program file expects.
//
//	new Books(world)
//	await books.compare(own, step)    {wrong: [texts], compared: {kind:
//	                                  how many numbers or words}}
//
// `own` is the test with its stores: {home, stores, member, program}.
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {customer_of} from './program_steps.mjs';

const MILLI_PLACES = 5;		// of the euro: money wallets' units
const NOTHING = {available: '0', pending: '0', reserved: '0', debt: '0',
	lifetime_earned: '0'};
const COLUMNS = {pending: 'pending', reserved: 'reserved', debt: 'debt',
	earned: 'lifetime_earned'};

// Whole units as they are, money in thousandths of the minor unit.
export function units(value, money = typeof value === 'string')
{
	const [whole, rest = ''] = String(value).split('.');

	return money ? Number(whole + rest.padEnd(MILLI_PLACES, '0'))
		: Number(whole);
}

// As the ledger numbers an order that was told to POST /events.
export function order_number(id)
{
	const n = createHash('sha256').update(id).digest()
		.readBigUInt64BE(0) >> 2n;

	return String(-(n || 1n));
}

const DAY_MS = 86400000;
const day_of = (at, back = 0) => new Date(Date.parse(at) - back)
	.toISOString().slice(0, 10);

// The last day of a tier; it ends with that.
function last_day(b)
{
	if (b.tier === null)
		return null;
	return b.tier_until === null ? 'ever' : day_of(b.tier_until, DAY_MS);
}

function membership_text(b, id)
{
	const m = JSON.parse(b.memberships ?? '{}')[id];

	if (!m?.active)
		return 'none';
	return m.until === null ? 'ever'
		: `${day_of(m.from)}..${day_of(m.until)}`;
}

// ---- what a step came to ----------------------------------------------------

// Gives the units of a movement that were earned, or taken back of those.
function earned_by(m)
{
	const money = m.units.includes('.');

	if (m.debit === 'issued')
		return units(m.units, money);
	return m.credit === 'reversed' ? -units(m.units, money) : 0;
}

function entries_of(movements)
{
	const sums = {};

	for (const m of movements)
		sums[m.rule] = (sums[m.rule] ?? 0) + earned_by(m);
	return sums;
}

// Why a rule gave nothing; the expected word, if a rule has it.
function reason_of(movements, expected)
{
	const sums = entries_of(movements);
	const found = movements.filter((m) => m.reason !== null &&
		sums[m.rule] === 0).map((m) => m.reason);

	return found.includes(expected) ? expected : found.at(-1) ?? null;
}

// ---- one step ---------------------------------------------------------------

class Comparing {
	constructor(books, own, step)
	{
		Object.assign(this, {books, own, step, wrong: [],
			compared: {}});
	}

	is(kind, what, found, expected)
	{
		const a = JSON.stringify(found), b = JSON.stringify(expected);

		this.compared[kind] = (this.compared[kind] ?? 0) + 1;
		if (a !== b)
			this.wrong.push(`${what} is ${a}, expected ${b}`);
	}

	// {wallet: units} in a column of the balance.
	wallets(kind, column, expected)
	{
		for (const [id, x] of Object.entries(expected))
			this.is(kind, `${kind} ${id}`, units((this.balance
				.wallets[id] ?? NOTHING)[column],
			typeof x === 'string'), units(x));
	}

	// A balance below zero in a program's tests is owed in the books.
	spendable(id, x)
	{
		const owed = units(x) < 0;

		this.wallets('available', 'available', {[id]: owed
			? typeof x === 'string' ? '0.00' : 0 : x});
		if (owed)
			this.wallets('debt', 'debt', {[id]:
				typeof x === 'string' ? x.slice(1) : -x});
	}

	charities(expected)
	{
		for (const [id, x] of Object.entries(expected))
			this.is('charity', `what ${id} is owed`, units(
				this.balance.charities[id] ?? '0', true),
			units(x));
	}

	memberships(expected)
	{
		for (const [id, x] of Object.entries(expected))
			this.is('membership', `membership ${id}`,
				membership_text(this.balance, id), x);
	}

	// Where one entry is named, all are.
	entries(expected)
	{
		const found = entries_of(this.told.movements);

		for (const id of new Set([...Object.keys(found),
			...Object.keys(expected)]))
			this.is('entries', `the entry of ${id}`,
				found[id] ?? 0, units(expected[id] ?? 0));
	}

	earns(expected)
	{
		for (const [id, x] of Object.entries(expected))
			this.is('earns', `what it earns of ${id}`, units(
				this.quote.earns[id] ?? '0',
				typeof x === 'string'), units(x));
	}

	expectation(key, x)
	{
		if (key in COLUMNS)
			return this.wallets(key, COLUMNS[key], x);
		switch (key) {
		case 'charity': return this.charities(x);
		case 'membership': return this.memberships(x);
		case 'entries': return this.entries(x);
		case 'earns': return this.earns(x);
		case 'tier': return this.is(key, key, this.balance.tier, x);
		case 'tier_until': return this.is(key, key,
			last_day(this.balance), x);
		case 'reason': return this.is(key, key, reason_of(
			this.told.movements, x), x);
		case 'refused': return undefined;	// always, see below
		case 'benefits': return this.is(key, key,
			[...this.quote.benefits].sort(), [...x].sort());
		case 'pay': return this.is(key, key, this.quote.pay, x);
		case 'shipping': return this.is(key, key,
			this.quote.free_shipping === null
				? this.quote.shipping : 'free', x);
		case 'discounts': return this.is(key, key,
			this.quote.lines.map((l) => l.discount), x);
		default: return this.spendable(key, x);
		}
	}

	// A refusal that is not expected is wrong, too.
	refusal()
	{
		const {step} = this, {expect, quote} = step;
		const expected = expect?.refused ?? null;
		const found = quote ? this.quote.rewards.map((r) => r.refused)
			.findLast((r) => r !== null) : step.payout
			? step.refused : this.told?.refused;

		this.is('refused', 'the refusal', found ?? null, expected);
	}

	async run()
	{
		const {step, own, books} = this;
		const {expect, source} = step;

		if (expect !== null)
			this.balance = await books.balance(own, step.member);
		// Orders are never refused.
		if (source && (source.kind !== 'order' || expect?.entries ||
		    expect?.reason !== undefined))
			this.told = await books.told(own, step);
		if (step.quote || step.expect?.benefits)
			this.quote = await books.quote(own, step);
		for (const [key, x] of Object.entries(step.expect ?? {}))
			this.expectation(key, x);
		if (this.told || step.quote || step.payout)
			this.refusal();
		return {wrong: this.wrong, compared: this.compared};
	}
}

// ---- what the tools say -----------------------------------------------------

export class Books {
	constructor(w)
	{
		this.w = w;
	}

	// By the test's name for them; it may be another one since.
	async member(own, name = 'a', store = own.home)
	{
		const who = await this.w.json(['member', 'show', '--store',
			String(store.store_id), '--customer',
			customer_of(name)]);

		return String(who.member_id);
	}

	async balance(own, name)
	{
		return this.w.json(['member', 'balance', '--member',
			await this.member(own, name)]);
	}

	// {movements, refused} of the step's order, event or redemption.
	async told(own, step)
	{
		const {kind, id} = step.source;
		const store = own.stores.get(step.brand).store_id;
		const which = kind === 'order' ? ['--order', order_number(id)]
			: ['--key', id];
		const found = await this.w.json(['member', 'explain', ...which,
			'--store', String(store), '--at', step.at]);

		return kind === 'order' ? found
			: found.facts.find((f) => f.kind === kind);
	}

	// Of a step that asks for none: of the smallest basket there is.
	async quote(own, step)
	{
		const {brand, ...basket} = step.quote ?? {amount: '0.01'};
		const store = String(own.stores.get(brand).store_id);
		const file = join(this.w.dir, `basket-${store}`);

		writeFileSync(file, JSON.stringify(basket));
		return this.w.json(['quote', '--store', store, '--basket', file,
			'--member', await this.member(own, step.member), '--at',
			step.at]);
	}

	compare(own, step)
	{
		return new Comparing(this, own, step).run();
	}
}
