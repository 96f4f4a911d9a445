// SPDX-License-Identifier: MIT
//
// shopify_customers: customers, their tags, and segments of them.
//
// Config of the fake: tags {id: [tag, ...]} that customers have from the start.
//
// State: tags {customer: [tag, ...]}, tag_calls, segments [{id, name, query}].
//
// Of the language of segments the fake knows  customer_tags CONTAINS 'x'  and
// NOT CONTAINS, joined by AND and OR; a query of other filters that Shopify has
// is taken, and nobody is in it.
import {connection, gid, has_customer, instant, next_id, number_of, refused,
	search} from './shopify_shared.mjs';
import {credit_accounts} from './shopify_credit.mjs';
import {metafield_of, metafields_page} from './shopify_metafields.mjs';

const TAGS_MAX = 250;		// of a customer
const TAG_MAX = 255;		// characters
const FILTERS = new Set(['customer_tags', 'amount_spent', 'number_of_orders',
	'last_order_date', 'email_subscription_status', 'customer_countries',
	'customer_account_status', 'customer_added_date', 'store_credit_accounts',
	'predicted_spend_tier', 'metafields', 'products_purchased']);

export const new_customers = (config) => ({segments: [], tag_calls: 0,
	tags: new Map(Object.entries(config.tags ?? {}))});

// ---- customers ----------------------------------------------------------

const tags_of = (store, customer) => store.data.tags.get(customer) ?? [];

// What is told of a customer, or null.
export function customer_view(store, id)
{
	const number = number_of('Customer', id);

	if (!has_customer(store, number))
		return null;
	return {__typename: 'Customer', id, legacyResourceId: number,
		tags: tags_of(store, number),
		defaultEmailAddress: {emailAddress:
			store.config.emails[number] ??
				`customer${number}@example.test`},
		metafield: (args) => metafield_of(store, number, args),
		metafields: (args) => metafields_page(store, number, args),
		storeCreditAccounts: (args) =>
			credit_accounts(store, number, args)};
}

// ---- tags ---------------------------------------------------------------

// Tags are told apart without regard to case, and a comma parts them.
const split = (tags) => tags.flatMap((t) => t.split(','))
	.map((t) => t.trim()).filter((t) => t !== '');
const is_in = (list, tag) => list.some(
	(t) => t.toLowerCase() === tag.toLowerCase());

function tags_change(store, {id, tags}, change)
{
	const customer = number_of('Customer', id);
	const given = split(tags);

	store.data.tag_calls++;
	if (store.config.untaggable.some((u) => String(u) === customer))
		return {node: null, userErrors: [{field: ['id'],
			message: 'Customer cannot be changed'}]};
	const refuse = (field, message) =>
		refused(store, ['node'], [{field: [field], message}]);

	if (!has_customer(store, customer))
		return refuse('id', 'Customer does not exist');
	if (given.some((t) => t.length > TAG_MAX))
		return refuse('tags', `A tag cannot be longer than ${TAG_MAX}`);
	const after = change(tags_of(store, customer), given);

	if (after.length > TAGS_MAX)
		return refuse('tags', `There are more than ${TAGS_MAX} tags`);
	store.data.tags.set(customer, after.sort());
	store.data.touched.add(customer);
	return {node: customer_view(store, id), userErrors: []};
}

const added = (had, given) => given.reduce((list, t) =>
	is_in(list, t) ? list : [...list, t], had);
const removed = (had, given) => had.filter((t) => !is_in(given, t));

// ---- segments -----------------------------------------------------------

const segment_view = (s) => ({id: gid('Segment', s.id), name: s.name,
	query: s.query, creationDate: s.at, lastEditDate: s.changed});
export const segment_by_id = (store, id) => store.data.segments.find(
	(s) => gid('Segment', s.id) === id);
export const segment_told = (store, id) => {
	const s = segment_by_id(store, id);

	return s ? segment_view(s) : null;
};

function segment_errors(store, {name, query}, self)
{
	const errors = [];
	const bad = (field, message) => errors.push({field: [field], message});
	const first = /^\s*(\w+)/.exec(query ?? '')?.[1];

	if (name !== undefined && name.trim() === '')
		bad('name', "Name can't be blank");
	if (store.data.segments.some((s) => s !== self && s.name === name))
		bad('name', 'Name has already been taken');
	if (query !== undefined && query.trim() === '')
		bad('query', "Query can't be blank");
	else if (query !== undefined && !FILTERS.has(first))
		bad('query', `Query Line 1 Column 0: '${first}' filter cannot ` +
			'be found.');
	else if (query?.startsWith('customer_tags') && !terms_of(query))
		bad('query', 'Query Line 1 Column 14: syntax error.');
	return errors;
}

const TERM = /^customer_tags (NOT )?CONTAINS '([^']+)'$/;

// Terms of a query of tags: lists to which all belong, of which one is enough;
// null: it is something else.
function terms_of(query)
{
	const alternatives = query.trim().split(/\s+OR\s+/).map((all) =>
		all.split(/\s+AND\s+/).map((t) => TERM.exec(t.trim())));

	return alternatives.flat().includes(null) ? null : alternatives;
}

// Whether a customer is in a segment.
export function is_member(store, id, customer)
{
	const segment = segment_by_id(store, id);
	const tags = tags_of(store, String(customer));

	return Boolean(segment) && (terms_of(segment.query) ?? []).some(
		(all) => all.every(([, not, tag]) =>
			is_in(tags, tag) !== Boolean(not)));
}

function segment_create(store, args)
{
	const errors = segment_errors(store, args, null);
	const now = instant(Date.now());

	if (errors.length > 0)
		return refused(store, ['segment'], errors);
	const made = {id: next_id(store), name: args.name, query: args.query,
		at: now, changed: now};

	store.data.segments.push(made);
	return {segment: segment_view(made), userErrors: []};
}

const no_segment = (store, payload) => refused(store, [payload],
	[{field: ['id'], message: 'Segment does not exist'}]);

function segment_update(store, {id, name, query})
{
	const s = segment_by_id(store, id);

	if (!s)
		return no_segment(store, 'segment');
	const errors = segment_errors(store, {name: name ?? undefined,
		query: query ?? undefined}, s);

	if (errors.length > 0)
		return refused(store, ['segment'], errors);
	Object.assign(s, {name: name ?? s.name, query: query ?? s.query,
		changed: instant(Date.now())});
	return {segment: segment_view(s), userErrors: []};
}

function segment_delete(store, {id})
{
	const s = segment_by_id(store, id);

	if (!s)
		return no_segment(store, 'deletedSegmentId');
	store.data.segments = store.data.segments.filter((x) => x !== s);
	return {deletedSegmentId: id, userErrors: []};
}

export const customer_fields = {
	mutation: {
		tagsAdd: (store, args) => tags_change(store, args, added),
		tagsRemove: (store, args) => tags_change(store, args, removed),
		segmentCreate: segment_create,
		segmentUpdate: segment_update,
		segmentDelete: segment_delete,
	},
	query: {
		customer: (store, {id}) => customer_view(store, id),
		segment: (store, {id}) => segment_told(store, id),
		segments: (store, args) => connection(search(
			store.data.segments, args.query, {
				name: (s, text) => s.name.toLowerCase() === text,
				id: (s, text) => String(s.id) === text}),
		args, segment_view),
	},
};

export const customer_state = ({data}) => ({segments: data.segments,
	tag_calls: data.tag_calls,
	tags: Object.fromEntries(data.tags)});
