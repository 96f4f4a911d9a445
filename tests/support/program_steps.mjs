// SPDX-License-Identifier: MIT
//
// program_steps: the tests inside program files, as requests to a receiver.
//
//	programs_read(folder)          [{file, program, tests}], moved in time
//	steps_of(test, program)        what a test does, step by step:
//	  {at, nth, brand, member, sends, adjust, quote, source, expect,
//	  in_time, merge, payout, publish}
//	     at       instant, as text in UTC: when it becomes known
//	     member   whom it is about, by the test's name for them
//	     sends    bodies of POST /events/{token}: [{brand, body}]
//	     source   what the step tells: {kind, id}, or null
//	     in_time  it must be told when it happens: what is there decides
//	     merge    {from, into}; payout: a charity; publish: a program
//	brands_of(test)                the brands its orders and events name
//	customer_of(member)            a member's number at the shop
//
// A receiver takes nothing of the future, and some tests look years ahead.
// The calendar repeats itself every 28 years, so that all of a program, with
// the dates in its rules, is as true so much earlier.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

const YEARS_BACK = 28;
const DATE = /^(\d{4})(-\d\d-\d\d)/;
const FIRST = 'a';
const FRIEND = '2';

// "a" is 1; 2 is somebody who is only named.
export const customer_of = (member) => String(member === FIRST ? 1
	: [...member].reduce((n, c) => n * 40 + c.codePointAt(0), 2));

// ---- another time ----------------------------------------------------------

const year_moved = (year) => String(Number(year) - YEARS_BACK);

function moved(value, key = '')
{
	if (Array.isArray(value))
		return value.map((v) => moved(v));
	if (typeof value === 'string')
		return value.split('..').map((part) => part.replace(DATE,
			(_, year, rest) => year_moved(year) + rest)).join('..');
	if (value === null || typeof value !== 'object')
		return value;
	return Object.fromEntries(Object.entries(value).map(([k, v]) =>
		[key === 'declared' ? year_moved(k) : k.replace(DATE,
			(_, year, rest) => year_moved(year) + rest),
		moved(v, k)]));
}

export function programs_read(folder)
{
	return readdirSync(folder).sort()
		.filter((file) => file.endsWith('.json') &&
			!file.endsWith('.schema.json'))
		.map((file) => {
			const program = moved(JSON.parse(
				readFileSync(join(folder, file), 'utf8')));

			return {file, program, tests: program.tests ?? []};
		});
}

// The clock of a zone at a moment, as if it were UTC's.
function shown_in(zone, at)
{
	const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
		timeZone: zone, hourCycle: 'h23', year: 'numeric',
		month: 'numeric', day: 'numeric', hour: 'numeric',
		minute: 'numeric', second: 'numeric'}).formatToParts(at)
		.map((p) => [p.type, Number(p.value)]));

	return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour,
		parts.minute, parts.second);
}

// A local time is its clock's, wherever that is not put forward or back just
// then.
function instant(text, zone = 'UTC')
{
	const full = text.includes('T') ? text : `${text}T00:00:00`;
	const is_local = !/(Z|[+-]\d\d:\d\d)$/.test(full);
	let at = Date.parse(is_local ? `${full}Z` : full);

	if (is_local)
		at -= shown_in(zone, at) - at;
	return new Date(at).toISOString().replace('.000Z', 'Z');
}

// ---- orders -----------------------------------------------------------------

const minor = (text) => {
	const [whole, rest = ''] = String(text ?? '0').split('.');
	const n = Math.abs(Number(whole)) * 100 + Number(rest.padEnd(2, '0'));

	return whole.startsWith('-') ? -n : n;
};
const money = (n) => `${Math.trunc(n / 100)}.${
	String(n % 100).padStart(2, '0')}`;

function lines_of(order)
{
	const lines = order.lines ?? [{amount: order.amount}];

	return lines.map((l) => ({...l}));
}

const is_same = (a, b) => ['net', 'tax', 'quantity'].every((key) =>
	line_figures(a)[key] === line_figures(b)[key]);

// A line that is just like one told before is that, else the one in its
// place, else new.
function named(lines, before)
{
	const known = before?.lines ?? [];
	const left = new Set(known);
	let last = before?.last_line ?? 0;

	for (const line of lines) {
		const twin = [...left].find((l) => is_same(l, line));

		left.delete(twin);
		line.id = twin?.id;
	}
	lines.forEach((line, i) => {
		line.id ??= left.has(known[i]) ? known[i].id
			: String(++last);
	});
	return {lines, last_line: last};
}

const line_figures = (l) => ({quantity: l.quantity ?? 1,
	net: minor(l.amount), tax: minor(l.tax)});

// Returns what of a line nobody has refunded yet.
function line_rest(placed, line)
{
	const rest = line_figures(line);

	for (const r of placed.refunds)
		for (const x of (r.lines ?? []).filter((x) =>
			x.line === line.id)) {
			rest.quantity -= x.quantity;
			rest.net -= minor(x.amount);
			rest.tax -= minor(x.tax);
		}
	rest.quantity = Math.max(0, rest.quantity);
	return rest;
}

const refund_line = (line, x) => ({line: line.id, amount: money(x.net),
	tax: money(x.tax), quantity: x.quantity});

function refund_of_line(placed, refund)
{
	const line = placed.lines[refund.line - 1];
	const all = line_figures(line);
	const x = line_rest(placed, line);

	if (refund.quantity !== undefined) {
		x.net = Math.floor(all.net * refund.quantity / all.quantity);
		x.tax = Math.floor(all.tax * refund.quantity / all.quantity);
		x.quantity = refund.quantity;
	}
	if (refund.amount !== undefined) {
		x.net = minor(refund.amount);
		x.tax = all.net > 0 ? Math.floor(all.tax * x.net / all.net) : 0;
		if (refund.quantity === undefined && x.net < all.net)
			x.quantity = 0;
	}
	return [{lines: [refund_line(line, x)], amount: refund.paid}];
}

const refunded = (refunds) => refunds.reduce((sum, r) => sum +
	(r.amount !== undefined ? minor(r.amount) :
		r.lines.reduce((s, x) => s + minor(x.amount) + minor(x.tax),
			0)), 0);

// The worth of an order, line by line; fees below zero merely pay.
const parts_of = (placed) => new Map([
	['rest', minor(placed.shipping) + Math.max(0, minor(placed.fees))],
	...placed.lines.map((l) => [l.id, line_figures(l)])
		.map(([id, l]) => [id, l.net + l.tax])]);
const sum_of = (list) => [...list].reduce((a, b) => a + b, 0);

// The amount that was edited away since the order was paid.
function dropped(placed)
{
	const now = parts_of(placed);

	return sum_of([...placed.most].map(([id, worth]) =>
		Math.max(0, worth - (now.get(id) ?? 0))));
}

function most_of(placed, before)
{
	const most = new Map(before?.most ?? []);

	if (placed.status === 'paid')
		for (const [id, worth] of parts_of(placed))
			most.set(id, Math.max(worth, most.get(id) ?? 0));
	return most;
}

// Every line's rest, and what is no line's.  Once something came back that
// names no line, nobody knows whose the money left is: only the pieces are.
function refund_of_all(placed)
{
	const shares = placed.refunds.some((r) => r.amount !== undefined);
	const parts = parts_of(placed);
	const total = sum_of(parts.values()) + (shares ? dropped(placed) : 0);
	const lines = placed.lines.map((line) => {
		const rest = line_rest(placed, line);

		return refund_line(line, shares ? {...rest, net: 0, tax: 0}
			: rest);
	}).filter((x) => x.quantity > 0 || minor(x.amount) > 0);
	const left = total - refunded(placed.refunds) - refunded([{lines}]);

	return [{lines}, ...(left > 0 ? [{amount: money(left)}] : [])];
}

function refunds_of(placed, refund)
{
	if (refund.line !== undefined)
		return refund_of_line(placed, refund);
	return refund.amount !== undefined ? [{amount: refund.amount}]
		: refund_of_all(placed);
}

// Makes the body of an order for POST /events, from its lines and the step's
// own words.
function order_body(placed, at, key)
{
	return {idempotency_key: key, type: 'order', at,
		customer: {id: customer_of(placed.member)},
		channel: placed.channel, order: {
			id: placed.id, status: placed.status,
			currency: placed.currency, created: placed.created,
			paid: placed.paid, fulfilled: placed.fulfilled,
			cancelled: placed.cancelled, lines: placed.lines,
			shipping: placed.shipping, fees: placed.fees,
			tender: placed.tender,
			shipping_method: placed.shipping_method,
			refunds: placed.refunds}};
}

// ---- steps ------------------------------------------------------------------

class Telling {
	constructor(program)
	{
		this.program = program;
		this.placed = new Map();
		this.redeemed = new Map();
	}

	// Finds whom a step is about.
	member(step)
	{
		const of = this.placed.get(step.order?.id ??
			step.refund?.order ?? step.cancel);

		return step.member ?? of?.member ??
			this.redeemed.get(step.capture ?? step.release) ??
			FIRST;
	}

	order(step, at)
	{
		const o = step.order, before = this.placed.get(o.id);
		const status = o.status ?? 'paid';

		this.placed.set(o.id, {id: o.id, brand: o.brand, status,
			currency: o.currency, fees: o.fees,
			created: before?.created ?? at,
			paid: status === 'paid' ? before?.paid ?? at
				: undefined,
			fulfilled: o.fulfilled ? before?.fulfilled ?? at
				: undefined,
			...named(lines_of(o), before), shipping: o.shipping,
			shipping_method: o.shipping_method, tender: o.tender,
			channel: o.channel, refunds: before?.refunds ?? []});
		const placed = this.placed.get(o.id);

		placed.most = most_of(placed, before);
		return o.id;
	}

	refund(step, at)
	{
		const p = this.placed.get(step.refund.order);

		p.refunds = [...p.refunds, ...refunds_of(p, step.refund)
			.map((r, i) => ({id: String(p.refunds.length + i + 1),
				at, ...r}))];
		return p.id;
	}

	cancel(step, at)
	{
		Object.assign(this.placed.get(step.cancel),
			{status: 'cancelled', cancelled: at});
		return step.cancel;
	}

	event(step, at, own)
	{
		const {id, friend, ...rest} = step.event;

		return {idempotency_key: id ?? own, at,
			customer: {id: customer_of(this.member(step))},
			...(rest.type === 'referral' ? {friend: {id: friend
				? customer_of(friend) : FRIEND}}
				: {}), ...rest};
	}

	redeem(step, at)
	{
		const {id, reward, ...rest} = step.redeem;
		const r = this.program.rewards.find((x) => x.id === reward);
		const wallet = r.wallet ??
			Object.keys(this.program.wallets ?? {points: {}})[0];

		this.redeemed.set(id, this.member(step));
		return {idempotency_key: id, type: 'redemption', at,
			customer: {id: customer_of(this.member(step))}, reward,
			wallet, units: r.cost, ...rest};
	}

	of(type, step, at, own)
	{
		return {idempotency_key: own, type, at,
			customer: {id: customer_of(this.member(step))},
			of: step.capture ?? step.release ?? step.undo};
	}

	// Gives what is sent for the step, and what its entries are of.
	step(step, at, own)
	{
		for (const kind of ['order', 'refund', 'cancel']) {
			if (step[kind] === undefined)
				continue;
			const member = this.member(step);
			const id = this[kind](step, at);
			const placed = this.placed.get(id);

			placed.member = member;

			return {brand: placed.brand,
				source: {kind: 'order', id},
				body: order_body(placed, at, `${id}/${own}`)};
		}
		if (step.event)
			return this.fact('event', this.event(step, at, own));
		if (step.redeem)
			return this.fact('redemption', this.redeem(step, at));
		if (step.capture)
			return this.fact('capture', this.of(
				'redemption_captured', step, at, own));
		if (step.undo)
			return this.fact('event', this.of(
				'undo', step, at, own));
		if (step.release)
			return this.fact('release', this.of(
				'redemption_released', step, at, own));
		return {body: null, source: step.adjust
			? {kind: 'adjustment', id: step.adjust.id ?? own}
			: null};
	}

	fact(kind, body)
	{
		return {brand: body.brand, body,
			source: {kind, id: body.idempotency_key}};
	}
}

// Takes what the shop itself does in a step.
function done_by_shop(step, member)
{
	return {adjust: step.adjust ?? null, payout: step.payout ?? null,
		publish: step.program ?? null,
		merge: step.merge ? {into: member, ...step.merge} : null};
}

export function steps_of(test, program)
{
	const telling = new Telling(program);

	const steps = test.steps.map((step, i) => {
		const at = instant(step.at, test.zone), own = `step-${i + 1}`;
		const known = step.arrives
			? instant(step.arrives, test.zone) : at;
		const member = telling.member(step);
		const {body, brand, source} = telling.step(step, at, own);
		const send = {brand, body: JSON.stringify(body)};
		const shop = done_by_shop(step, member);

		telling.program = step.program ?? telling.program;
		return {at: known, nth: i + 1, brand, source, ...shop,
			member: step.merge ? shop.merge.into : member,
			expect: step.expect ?? null,
			sends: body === null ? []
				: Array(step.repeat ?? 1).fill(send),
			adjust: step.adjust && {id: own, wallet: Object.keys(
				program.wallets ?? {points: {}})[0],
			...step.adjust},
			quote: step.quote ?? null,
			in_time: Boolean(step.redeem ?? step.capture ??
				step.release ?? step.adjust ?? step.merge ??
				step.payout ?? step.program ?? step.arrives)};
	});

	return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export function brands_of(test)
{
	return [...new Set(test.steps.map((s) => s.order?.brand ??
		s.event?.brand ?? s.quote?.brand).filter(Boolean))];
}
