// SPDX-License-Identifier: MIT
//
// program_why: whether what `loyald member explain --entry` shows of an entry
// gives exactly its number, worked out here from the figures shown.
//
//	why_check(entry, program)     null, or what is wrong with the figures
//	shares_check(entries)         the entries of one decision share its
//	                              number: null, or what is wrong
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

// What the rule should have given by now, limits aside.
function given_after(a, rule)
{
	const round = ROUND[rule.rounding ?? 'floor'];

	if (a.whole !== 0n)
		return floor_div(a.whole * a.base_left, a.base);
	return round(a.boosted * a.units, a.per * MILLI);
}

// What counts in thousandths, as far as the figures before it tell: within
// the one minor unit they are cut to.
function boosted_wrong(a, raw, line_factors)
{
	const sum = a.over === 'order' || a.over === 'line'
		? a.base_left * MILLI : a.sum_after;
	const least = sum * a.factor / FACTOR_ONE;
	const most = (sum + MILLI) * a.factor / FACTOR_ONE;

	if (a.reason === 'undone' || a.factor === 0n || a.whole !== 0n)
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

	if (expected !== a.given_after)
		return `${a.given_after} should be given by now, and the ` +
			`figures give ${expected}`;
	if (uncapped !== a.uncapped)
		return `${a.given_after} less ${a.given_before} is not ` +
			a.uncapped;
	if (a.limit === 0n && a.passed !== a.uncapped)
		return `no limit, and ${a.passed} of ${a.uncapped}`;
	return boosted_wrong(a, raw, line_factors);
}

function taken_wrong(a, rule)
{
	const round = ROUND[rule.rounding ?? 'floor'];
	const given = rule.give.percent !== undefined
		? round(a.base * a.units, a.per)
		: a.base / a.per * a.units;

	return given === a.passed ? null
		: `${a.base} taken give ${given}, not ${a.passed}`;
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
	if (raw === undefined)
		return entry.debit === 'issued' || entry.credit === 'reversed'
			? 'there is no arithmetic' : null;
	const a = figures(raw);
	const rule = program.rules?.find((r) => r.id === raw.rule);

	if (raw.rule === 'adjustment')
		return null;
	if (rule === undefined || raw.rule !== rule_id(entry.rule))
		return `"${raw.rule}" is not its rule`;
	if (!names_of(rule).some((x) => entry.why.startsWith(`${x}: `)))
		return `the sentence does not name it: ${entry.why}`;
	return a.reason === 'taken' ? taken_wrong(a, rule)
		: earned_wrong(a, raw, rule, program.multipliers?.some(
			(m) => m.lines && raw.multipliers?.includes(m.id)));
}

// What an entry adds to what its rule gave.
export function given_by(entry)
{
	const n = BigInt(units(entry.units, entry.units.includes('.')));

	if (entry.debit === 'issued')
		return n;
	return entry.credit === 'reversed' ? -n : 0n;
}

// What was taken, and what was given for it.
function taken_shares(entries, a)
{
	for (const x of entries) {
		const n = BigInt(units(x.units, x.units.includes('.')));
		const number = x.credit === 'redeemed' ? a.base : a.passed;

		if (n !== number)
			return `${n} ${x.wallet} to ${x.credit} is not ${number}`;
	}
	return null;
}

// All entries of one decision about one rule: what the multipliers added
// stands by itself.
export function shares_check(entries)
{
	const [{arithmetic: raw}] = entries;
	const a = figures(raw);
	const sum = (list) => list.reduce((n, x) => n + given_by(x), 0n);
	const bonus = entries.filter((x) => x.rule.includes('*'));

	if (raw.reason === 'taken')
		return taken_shares(entries, a);
	if (raw.rule === 'adjustment')
		return sum(entries) === a.given_after ? null
			: `${sum(entries)} is not ${a.given_after}`;
	if (sum(entries) !== a.passed)
		return `${sum(entries)} is not ${a.passed}`;
	return bonus.length === 0 || sum(bonus) === a.bonus ? null
		: `the bonus ${sum(bonus)} is not ${a.bonus}`;
}
