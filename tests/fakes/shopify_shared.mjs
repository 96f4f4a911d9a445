// SPDX-License-Identifier: MIT
//
// shopify_shared: what the areas of the Shopify fake have in common: ids, money,
// pages of lists and searches.
const PAGE_MAX = 250;		// of a connection
const MILLI = 1000;

export const gid = (kind, id) => `gid://shopify/${kind}/${id}`;

// The number in an id of that kind, as text, or null.
export function number_of(kind, id)
{
	const [, of, number] =
		/^gid:\/\/shopify\/(\w+)\/([1-9]\d*)$/.exec(id ?? '') ?? [];

	return of === kind ? number : null;
}

// Whether there is a customer with that number.
export function has_customer(store, number)
{
	const {customers, missing} = store.config;
	const is = (c) => String(c) === number;

	return number !== null && !(missing ?? []).some(is) &&
		(customers === 'any' || customers.some(is));
}

export const next_id = (store) => ++store.data.last_id;
export const instant = (at) => new Date(at).toISOString()
	.replace(/\.\d+Z$/, 'Z');

// Money in thousandths, and as Shopify writes it: "5.0", "7.35".
export const milli_of = (amount) => Math.round(Number(amount) * MILLI);
export function money(milli, currencyCode)
{
	const text = String(milli / MILLI);

	return {amount: text.includes('.') ? text : `${text}.0`, currencyCode};
}

// The answer of a mutation that is refused, of which every other member is null.
// That something is there already is what a call is told that is made again, so
// it is not noted.
export function refused(store, payload, errors)
{
	for (const e of errors.filter(({code}) => code !== 'TAKEN'))
		store.refuse(`${e.code ?? 'error'}: ${e.message}`,
			{field: e.field});
	return {...Object.fromEntries(payload.map((k) => [k, null])),
		userErrors: errors};
}

// One page of a list; `view` is what is told of each.
export function connection(list, {first, after, reverse}, view)
{
	if (!(first >= 0))
		throw new SyntaxError('you must provide one of first or last');
	if (first > PAGE_MAX)
		throw new SyntaxError(`first cannot exceed ${PAGE_MAX}`);
	const cursor = (item) => Buffer.from(String(
		list.indexOf(item))).toString('base64');
	const all = reverse ? list.toReversed() : list;
	const from = after ? all.findIndex((x) => cursor(x) === after) + 1 : 0;
	const page = all.slice(from, from + first);

	return {nodes: page.map(view), edges: page.map((x) =>
		({cursor: cursor(x), node: view(x)})),
	pageInfo: {hasNextPage: from + first < all.length,
		hasPreviousPage: from > 0,
		startCursor: page.length > 0 ? cursor(page[0]) : null,
		endCursor: page.length > 0 ? cursor(page.at(-1)) : null}};
}

// What a search like  sku:"A" OR sku:B  finds.  `filters` says for each name
// whether an item is asked for by a text; that named '' is for words without
// one.  Shopify passes over a name that it does not know, so a search for
// nothing else finds everything.
export function search(list, query, filters)
{
	const terms = [...(query ?? '').matchAll(
		/(?:(\w+):)?(?:"([^"]*)"|'([^']*)'|([^\s:]+))/g)]
		.map(([, key = '', ...texts]) => ({key, text: texts.find(
			(t) => t !== undefined).toLowerCase()}))
		.filter(({key, text}) => key in filters &&
			!(key === '' && ['or', 'and'].includes(text)));
	const is = (item, {key, text}) => filters[key](item, text);

	if (terms.length === 0)
		return list;
	return list.filter((item) => / OR /.test(query) ?
		terms.some((t) => is(item, t)) : terms.every((t) => is(item, t)));
}
