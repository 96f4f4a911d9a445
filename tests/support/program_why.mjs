// SPDX-License-Identifier: MIT
//
// program_why: whether what `loyald member explain --entry` shows of an entry
// gives exactly its number, worked out here from the figures shown.
//
//	why_check(entry, program)     null, or what is wrong with the figures
//	shares_check(entries, before, program)
//	                              the entries of one decision share its
//	                              number: null, or what is wrong; `before`
//	                              are the member's entries up to then
//
// An entry is what the tool printed, with `revision`.
import {units} from './program_books.mjs';

const FACTOR_ONE = 10000n, MILLI = 1000n;

const floor_div = (n, d) => n / d - (n % d !== 0n && (n < 0n) !== (d < 0n)
	? 1n : 0n);
const ROUND = {
	floor: (n, d) => floor_div(n, d),
	nearest: (n, d) => floor_div(2n * n + d, 2n * d),
	ceil: (n, d) => -floor_div(-n, d),
};

// The figures of the arithmetic as numbers without bound, 0 where it has
// none.
function figures(a)
{
	return new Proxy(a, {get: (o, key) => typeof o[key] === 'string'
		? o[key] : BigInt(o[key] ?? 0)});
}

const limits_of = (rule) => [rule.limit ?? []].flat();

// Returns what the rule should have given by now, limits aside.
function given_after(a, rule)
{
	const round = ROUND[rule.rounding ?? 'floor'];

	// The rule's condition does not hold, as is known now.
	if (a.per === 0n)
		return 0n;
	if (a.whole !== 0n)
		return round(a.whole * a.base_left, a.base);
	return round(a.boosted * a.units, a.per * MILLI);
}

// Says what is wrong with the figure in thousandths, as far as the figures
// before it tell: they are cut to whole minor units.
function boosted_wrong(a, raw, rule, line_factors)
{
	const sum = a.over === 'order' || a.over === 'line'
		? a.base_left * MILLI : a.sum_after;
	const least = sum * a.factor / FACTOR_ONE;
	const most = (sum + MILLI) * a.factor / FACTOR_ONE;

	if (a.reason === 'undone' || a.factor === 0n || a.whole !== 0n)
		return null;
	// A line counts up to its limit, with what multipliers make of it.
	if (limits_of(rule).some((l) => l.per === 'line'))
		return null;
	// Each line, or each order in the window, has a factor of its own.
	if (raw.multipliers && (line_factors || a.over !== 'order'))
		return null;
	return a.boosted >= least && a.boosted <= most ? null
		: `${a.boosted} is not ${sum} times ${a.factor}`;
}

function earned_wrong(a, raw, rule, line_factors)
{
	const expected = a.over === 'line' ? a.given_after
		: given_after(a, rule);
	const uncapped = a.given_after - a.given_before;

	// Units that were paid out stay, though the figures give less.
	if (a.reason === 'paid_out' ? expected > a.given_after
		: expected !== a.given_after)
		return `${a.given_after} should be given by now, and the ` +
			`figures give ${expected}`;
	if (uncapped !== a.uncapped)
		return `${a.given_after} less ${a.given_before} is not ` +
			a.uncapped;
	// How much limits let through hangs on the entries around this one.
	if (rule.limit === undefined && a.passed !== a.uncapped)
		return `no limit, and ${a.passed} of ${a.uncapped}`;
	return boosted_wrong(a, raw, rule, line_factors);
}

function taken_wrong(a, rule)
{
	const round = ROUND[rule.rounding ?? 'floor'];
	const given = rule.give.percent !== undefined
		? round(a.base * a.units, a.per)
		: a.base / a.per * a.units;

	if (given !== a.given_after)
		return `${a.base} taken give ${given}, not ${a.given_after}`;
	return a.given_after - a.given_before === a.passed ? null
		: `${given} less ${a.given_before} is not ${a.passed}`;
}

// Of a redemption only what the shop gives a charity for it is worked out.
function redeemed_wrong(entry, program)
{
	const {amount} = program.rewards.find((r) => r.id === entry.rule);

	if (entry.debit !== 'issued' && entry.credit !== 'reversed')
		return null;
	return entry.units === amount ? null : `it is worth ${amount}`;
}

// "order*gold" is of the rule "order".
export const rule_id = (id) => id.split('*')[0];

const names_of = (rule) => [rule.id, rule.names?.en, rule.names?.en?.other,
	rule.names?.en?.one];

export function why_check(entry, program)
{
	const raw = entry.arithmetic;

	if (entry.why === null)
		return 'there is no sentence';
	if (entry.source === 'redemption')
		return redeemed_wrong(entry, program);
	if (raw === undefined)
		return entry.debit === 'issued' || entry.credit === 'reversed'
			? 'there is no arithmetic' : null;
	const a = figures(raw);
	const rule = program.rules?.find((r) => r.id === raw.rule);

	if (raw.rule === 'adjustment')
		return null;
	if (rule === undefined || raw.rule !== rule_id(entry.rule))
		return `"${raw.rule}" is not its rule`;
	if (!names_of(rule).some((x) => entry.why.includes(`${x}: `)))
		return `the sentence does not name it: ${entry.why}`;
	return a.reason === 'taken' ? taken_wrong(a, rule)
		: earned_wrong(a, raw, rule, program.multipliers?.some(
			(m) => m.lines && raw.multipliers?.includes(m.id)));
}

const number_of = (entry) => BigInt(units(entry.units,
	entry.units.includes('.')));

// Gives what an entry adds to what its rule gave; an entry that corrects
// another is posted the other way round.
function given_by(entry, text = entry.units)
{
	const n = BigInt(units(text, text.includes('.')));
	const [from, to] = entry.corrects ? [entry.credit, entry.debit]
		: [entry.debit, entry.credit];
	const sign = entry.corrects && text === entry.units ? -1n : 1n;

	if (to === 'reversed')
		return -sign * n;
	if (from === 'issued' || from === 'adjusted')
		return sign * n;
	return to === 'adjusted' ? -sign * n : 0n;
}

// Checks how much was given, or taken back of what was given, and how much was
// taken for that, or given back: as much is taken as the figures say.
function taken_shares(entries, a, before)
{
	const of = (list, test) => list.filter(test).reduce((n, x) => n +
		number_of(x), 0n);
	const given = of(entries, (x) => x.debit === 'issued') -
		of(entries, (x) => x.credit === 'reversed');
	const all = [...before, ...entries].filter((x) =>
		x.source === entries[0].source && x.rule === entries[0].rule &&
		x.source_id === entries[0].source_id);
	const taken = of(all, (x) => x.credit === 'redeemed') -
		of(all, (x) => x.debit === 'redeemed');

	if (given !== a.passed)
		return `${given} given is not ${a.passed}`;
	return taken === a.base ? null : `${taken} taken is not ${a.base}`;
}

// ---- limits -----------------------------------------------------------------

const WINDOWS = {day: 10, month: 7, year: 4, lifetime: 0};

function window_of(entry, per)
{
	const at = entry.event_at;

	if (per === 'quarter')
		return at.slice(0, 4) + Math.floor((at.slice(5, 7) - 1) / 3);
	return WINDOWS[per] === undefined ? entry.source_id
		: at.slice(0, WINDOWS[per]);
}

// A limit that cut something is full, but for a share that came back of it.
function limit_wrong(entries, a, before, rule)
{
	if (rule.on_refund === 'proportional' && a.base_left < a.base)
		return null;
	const limits = limits_of(rule).filter((l) =>
		BigInt(units(l.most)) === a.limit && l.per !== 'tier_year' && l.of !== 'program');
	const sums = limits.map((l) => [...before, ...entries].filter((x) =>
		rule_id(x.rule) === rule.id && window_of(x, l.per) ===
			window_of(entries[0], l.per))
		.reduce((n, x) => n + given_by(x), 0n));

	return limits.length === 0 || sums.includes(a.limit) ? null
		: `the limit ${a.limit} cut, and there are ${sums}`;
}

// All entries of one decision about one rule: what the multipliers added
// stands by itself.
export function shares_check(entries, before, program)
{
	const [{arithmetic: raw}] = entries;
	const rule = program.rules.find((r) => r.id === raw.rule);
	const a = figures(raw);
	const sum = (list) => list.reduce((n, x) => n + given_by(x), 0n);
	const bonus = entries.filter((x) => x.rule.includes('*'));

	if (raw.reason === 'taken')
		return taken_shares(entries, a, before);
	// Where what is missing is forgiven, less may be taken than was asked.
	if (raw.rule === 'adjustment')
		return sum(entries) === a.given_after || (a.given_after < 0n &&
			sum(entries) > a.given_after && program.wallets?.[
				entries[0].wallet]?.negative === 'forgive')
			? null : `${sum(entries)} is not ${a.given_after}`;
	// Or all of it that stands now, of an order that was told again. What
	// only corrects keeps no figures: it is told by those of now, which
	// the order may have moved on to since.
	if (sum(entries) !== a.passed && !entries.every((x) => x.corrects) && entries.reduce((n, x) => n +
		given_by(x, x.stands), 0n) !== a.passed)
		return `${sum(entries)} is not ${a.passed}`;
	if (bonus.length > 0 && sum(bonus) !== a.bonus)
		return `the bonus ${sum(bonus)} is not ${a.bonus}`;
	return a.limit > 0n && a.passed > 0n
		? limit_wrong(entries, a, before, rule) : null;
}
