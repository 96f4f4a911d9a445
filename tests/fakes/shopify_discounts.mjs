// SPDX-License-Identifier: MIT
//
// shopify_discounts: discounts by code, and those that apply by themselves.
//
// Config of the fake:
//	usage_lag_ms     how long a use is not in asyncUsageCount yet; 0.  The
//	                 checkout itself knows of a use at once
//	automatic_max    discounts that apply by themselves at a time; 25
//
// State: discounts [{id, kind, code, status, live, used, uses, given}], `given` as
// the last call left it, and automatic, the same of those that apply by
// themselves, with a title and no code.
//
// Which code an error has is known of few (TAKEN, BLANK, INVALID of endsAt);
// others are those of the schema whose description fits.
import {card_by_code, credit_use} from './shopify_credit.mjs';
import {customer_view, is_member, segment_by_id, segment_told} from
	'./shopify_customers.mjs';
import {goods_page, has_goods} from './shopify_goods.mjs';
import {connection, gid, has_customer, instant, milli_of, money, next_id,
	number_of, refused, search} from './shopify_shared.mjs';

const AUTOMATIC_MAX = 25;
const TEXT_MAX = 255;		// characters of a title, and of a code

export const new_discounts = () => ({discounts: []});

// Lists of an input that one call adds to and another takes from, and how the
// members are named that do it.
const LISTS = [['add', 'remove'],
	['productsToAdd', 'productsToRemove'],
	['productVariantsToAdd', 'productVariantsToRemove']];
// Members of an input of which there is one at a time.
const ONE_OF = new Set(['context', 'items', 'value', 'minimumRequirement',
	'destination']);

const is_object = (v) => v !== null && typeof v === 'object' &&
	!Array.isArray(v);

// What an input makes of what was there.
function merged(had, given)
{
	const now = {...had};

	for (const [k, v] of Object.entries(given)) {
		const [add, remove] = LISTS.find((l) => l.includes(k)) ?? [];

		if (add)
			now[add] = [...new Set([...(now[add] ?? []),
				...(k === add ? v : [])])].filter((id) =>
				!(given[remove] ?? []).includes(id));
		else if (!is_object(v))
			now[k] = v;
		else if (ONE_OF.has(k) &&
		    !Object.keys(v).some((one) => one in (now[k] ?? {})))
			now[k] = merged({}, v);
		else
			now[k] = merged(now[k] ?? {}, v);
	}
	return now;
}

const given_members = (object) => Object.entries(object ?? {})
	.filter(([, v]) => v !== null && v !== undefined && v !== false)
	.map(([k]) => k);

// ---- what is wrong ------------------------------------------------------

function context_error({context}, store)
{
	const [[kind, of]] = Object.entries(context ?? {none: null});
	const bad = (code, message, path = [kind]) =>
		['context', ...path, code, message];

	if (kind === 'none')
		return bad('BLANK', "Context can't be blank", []);
	if (kind === 'all')
		return null;
	if (!(of.add?.length > 0))
		return bad('BLANK', `${kind} can't be blank`);
	if (kind === 'customers' && !of.add.every((id) =>
		has_customer(store, number_of('Customer', id))))
		return bad('INVALID', 'Customer does not exist',
			[kind, 'add']);
	if (kind === 'customerSegments' &&
	    !of.add.every((id) => segment_by_id(store, id)))
		return bad('INVALID', 'Segment does not exist', [kind, 'add']);
	return null;
}

function items_error(store, items, at)
{
	const kinds = given_members(items);
	const bad = (code, message, ...path) =>
		[at, 'items', ...path, code, message];
	const {productsToAdd = [], productVariantsToAdd = []} =
		items?.products ?? {};
	const in_lists = [['Product', productsToAdd],
		['ProductVariant', productVariantsToAdd],
		['Collection', items?.collections?.add ?? []]];

	if (kinds.length === 0)
		return bad('BLANK', "Items can't be blank");
	if (kinds.length > 1)
		return bad('CONFLICT', 'Items can be all, of products, or of ' +
			'collections');
	if (!items.all && in_lists.every(([, ids]) => ids.length === 0))
		return bad('APPLIES_ON_NOTHING', 'The discount applies on ' +
			'nothing', kinds[0]);
	for (const [kind, ids] of in_lists)
		if (!ids.every((id) => has_goods(store, kind, id)))
			return bad('INVALID', `${kind} does not exist`,
				kinds[0]);
	return null;
}

const in_range = (p) => p > 0 && p <= 1;

function value_error(value, kind)
{
	const kinds = given_members(value);
	const {percentage, discountAmount, discountOnQuantity: on} = value ?? {};
	const bad = (code, message, ...path) =>
		['customerGets', 'value', ...path, code, message];

	if (kinds.length === 0)
		return bad('BLANK', "Value can't be blank");
	if (kinds.length > 1)
		return bad('TOO_MANY_ARGUMENTS', 'Only one value can be given');
	if ((kind === 'DiscountCodeBxgy') !== Boolean(on))
		return bad('INVALID', 'The value is not one of this discount',
			kinds[0]);
	if (on && !(in_range(on.effect?.percentage) ||
	    Number(on.effect?.amount) > 0) || on && !(Number(on.quantity) > 0))
		return bad('VALUE_OUTSIDE_RANGE', 'The effect or quantity is ' +
			'outside its range', kinds[0]);
	if (percentage !== undefined && !in_range(percentage))
		return bad('VALUE_OUTSIDE_RANGE', 'Value must be between 0.0 ' +
			'and 1.0', 'percentage');
	if (discountAmount && !(Number(discountAmount.amount) > 0))
		return bad('GREATER_THAN', 'Value must be greater than 0',
			'discountAmount', 'amount');
	return null;
}

function minimum_error({minimumRequirement: least})
{
	const bad = (code, message) => ['minimumRequirement', code, message];

	if (given_members(least).length > 1)
		return bad('MINIMUM_SUBTOTAL_AND_QUANTITY_RANGE_BOTH_PRESENT',
			'Minimum subtotal and quantity cannot both be present');
	if (least?.subtotal && !(Number(
		least.subtotal.greaterThanOrEqualToSubtotal) > 0))
		return bad('GREATER_THAN', 'Minimum subtotal must be greater ' +
			'than 0');
	if (least?.quantity && !(Number(
		least.quantity.greaterThanOrEqualToQuantity) > 0))
		return bad('GREATER_THAN', 'Minimum quantity must be greater ' +
			'than 0');
	return null;
}

const is_shipping = (kind) => kind.endsWith('FreeShipping');
const is_code = (kind) => kind.startsWith('DiscountCode');
const is_over = (d) =>
	Boolean(d.given.endsAt) && Date.parse(d.given.endsAt) <= Date.now();
const is_early = (d) => Date.parse(d.given.startsAt) > Date.now();

export const discount_by_code = (store, code) => store.data.discounts.find(
	(d) => d.code?.toLowerCase() === String(code).toLowerCase());

function text_errors(store, d, kind, self)
{
	const others = store.data.discounts.filter((x) => x !== self);
	const same = (x) => x.code === null && x.given.title === d.title;
	const errors = [];

	for (const key of is_code(kind) ? ['title', 'code'] : ['title'])
		if (!d[key]?.trim())
			errors.push([key, 'BLANK', `${key} can't be blank`]);
		else if (d[key].length > TEXT_MAX)
			errors.push([key, 'TOO_LONG', `${key} is too long`]);
	if (is_code(kind) && d.code && others.includes(
		discount_by_code(store, d.code)))
		errors.push(['code', 'TAKEN', 'Code must be unique. Please ' +
			'try a different code.']);
	if (!is_code(kind) && others.some(same))
		errors.push(['title', 'TAKEN', 'Title must be unique for ' +
			'automatic discount']);
	return errors;
}

// All that is wrong with a discount: lists of a path, a code and a message.
function discount_errors(store, d, kind, self)
{
	const max = store.config.automatic_max ?? AUTOMATIC_MAX;
	const busy = store.data.discounts.filter((x) =>
		x !== self && x.code === null && !is_over(x)).length;

	return [
		...text_errors(store, d, kind, self),
		!d.startsAt && ['startsAt', 'BLANK', "Starts at can't be blank"],
		d.endsAt && Date.parse(d.endsAt) <= Date.parse(d.startsAt) &&
			['endsAt', 'INVALID',
				'Ends at needs to be after starts_at'],
		context_error(d, store),
		!is_shipping(kind) && items_error(store, d.customerGets?.items,
			'customerGets'),
		!is_shipping(kind) && value_error(d.customerGets?.value, kind),
		kind === 'DiscountCodeBxgy' && (d.customerBuys?.items?.all ?
			['customerBuys', 'items', 'INVALID', 'Items cannot ' +
				'be all'] :
			items_error(store, d.customerBuys?.items,
				'customerBuys')),
		is_shipping(kind) && !d.destination?.all && ['destination',
			'BLANK', "Destination can't be blank"],
		minimum_error(d),
		d.usageLimit !== undefined && d.usageLimit !== null &&
			d.usageLimit < 1 && ['usageLimit', 'GREATER_THAN',
			'Usage limit must be greater than 0'],
		is_shipping(kind) && d.combinesWith?.shippingDiscounts &&
			['combinesWith',
				'INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS',
				'The combinesWith settings are not valid for ' +
				'the discount class.'],
		!is_code(kind) && busy >= max && ['base', 'EXCEEDED_MAX',
			`There are ${max} automatic discounts already`],
	].filter(Boolean);
}

// ---- mutations ----------------------------------------------------------

const of_input = (arg) => (e) => ({field: [arg, ...e.slice(0, -2)],
	code: e.at(-2), message: e.at(-1), extraInfo: null});
const invalid_id = (store, payload) => refused(store, [payload], [{
	field: ['id'], code: 'INVALID', message: 'Discount does not exist.',
	extraInfo: null}]);

const node_kind = (d) =>
	d.code === null ? 'DiscountAutomaticNode' : 'DiscountCodeNode';
const node_id = (d) => gid(node_kind(d), d.id);
const discount_by_id = (store, id, is_by_code) => store.data.discounts.find(
	(d) => node_id(d) === id && (d.code !== null) === is_by_code);

const payload_of = (kind) =>
	is_code(kind) ? 'codeDiscountNode' : 'automaticDiscountNode';
const node_view = (store, d) => ({id: node_id(d),
	[d.code === null ? 'automaticDiscount' : 'codeDiscount']:
		discount_view(store, d)});

const creates = (kind, arg) => (store, args) => {
	const given = merged({}, args[arg]);
	const errors = discount_errors(store, given, kind, null);

	if (errors.length > 0)
		return refused(store, [payload_of(kind)],
			errors.map(of_input(arg)));
	const made = {id: next_id(store), kind, given, uses: [],
		code: is_code(kind) ? given.code : null, at: Date.now(),
		changed: Date.now()};

	store.data.discounts.push(made);
	return {[payload_of(kind)]: node_view(store, made), userErrors: []};
};

const updates = (kind, arg) => (store, args) => {
	const d = discount_by_id(store, args.id, is_code(kind));

	if (d?.kind !== kind)
		return invalid_id(store, payload_of(kind));
	const given = merged(d.given, args[arg]);
	const errors = discount_errors(store, given, kind, d);

	if (errors.length > 0)
		return refused(store, [payload_of(kind)],
			errors.map(of_input(arg)));
	Object.assign(d, {given, changed: Date.now()});
	return {[payload_of(kind)]: node_view(store, d), userErrors: []};
};

const deletes = (payload, by_code) => (store, {id}) => {
	const d = discount_by_id(store, id, by_code);

	if (!d)
		return invalid_id(store, payload);
	store.data.discounts = store.data.discounts.filter((x) => x !== d);
	return {[payload]: id, userErrors: []};
};

function deactivate(store, {id})
{
	const d = discount_by_id(store, id, true);

	if (!d)
		return invalid_id(store, 'codeDiscountNode');
	if (!is_over(d))
		d.given = {...d.given, endsAt: instant(Date.now())};
	return {codeDiscountNode: node_view(store, d), userErrors: []};
}

// ---- what is told -------------------------------------------------------

function items_view(store, items)
{
	if (items.all)
		return {__typename: 'AllDiscountItems', allItems: true};
	if (items.collections)
		return {__typename: 'DiscountCollections',
			collections: (args) => goods_page(store, 'Collection',
				items.collections.add, args)};
	const {productsToAdd = [], productVariantsToAdd = []} = items.products;

	return {__typename: 'DiscountProducts',
		products: (args) => goods_page(
			store, 'Product', productsToAdd, args),
		productVariants: (args) => goods_page(
			store, 'ProductVariant', productVariantsToAdd, args)};
}

const percentage_view = (percentage) =>
	({__typename: 'DiscountPercentage', percentage});

function amount_view(store, {amount, appliesOnEachItem})
{
	return {__typename: 'DiscountAmount',
		amount: money(milli_of(amount), store.config.currency),
		appliesOnEachItem: appliesOnEachItem ?? false};
}

function value_view(store, {percentage, discountAmount, discountOnQuantity: on})
{
	if (discountAmount)
		return amount_view(store, discountAmount);
	if (!on)
		return percentage_view(percentage);
	return {__typename: 'DiscountOnQuantity',
		quantity: {quantity: String(on.quantity)},
		effect: on.effect.amount ? amount_view(store, on.effect) :
			percentage_view(on.effect.percentage)};
}

function context_view(store, context)
{
	const ids = Object.values(context)[0].add;

	if (context.customers)
		return {__typename: 'DiscountCustomers', customers: ids.map(
			(id) => customer_view(store, id)).filter(Boolean)};
	if (context.customerSegments)
		return {__typename: 'DiscountCustomerSegments', segments:
			ids.map((id) => segment_told(store, id))
				.filter(Boolean)};
	return {__typename: 'DiscountBuyerSelectionAll', all: 'ALL'};
}

function minimum_view(store, least)
{
	if (least?.subtotal)
		return {__typename: 'DiscountMinimumSubtotal',
			greaterThanOrEqualToSubtotal: money(milli_of(
				least.subtotal.greaterThanOrEqualToSubtotal),
			store.config.currency)};
	return least?.quantity ? {__typename: 'DiscountMinimumQuantity',
		greaterThanOrEqualToQuantity: String(
			least.quantity.greaterThanOrEqualToQuantity)} : null;
}

const status_of = (d) => is_over(d) ? 'EXPIRED' : is_early(d) ? 'SCHEDULED' :
	'ACTIVE';

function class_of({kind, given: {customerGets: gets}})
{
	return is_shipping(kind) ? 'SHIPPING' : gets.items.all &&
		!gets.value.discountAmount?.appliesOnEachItem ? 'ORDER' :
		'PRODUCT';
}

function discount_view(store, d)
{
	const {given} = d;
	const counted = d.uses.filter((u) => u.at +
		(store.config.usage_lag_ms ?? 0) <= Date.now()).length;
	const {orderDiscounts = false, productDiscounts = false,
		shippingDiscounts = false} = given.combinesWith ?? {};
	const view = {__typename: d.kind, title: given.title,
		status: status_of(d), startsAt: instant(given.startsAt),
		endsAt: given.endsAt ? instant(given.endsAt) : null,
		createdAt: instant(d.at), updatedAt: instant(d.changed),
		usageLimit: given.usageLimit ?? null,
		usesPerOrderLimit: given.usesPerOrderLimit ?? null,
		appliesOncePerCustomer: given.appliesOncePerCustomer ?? false,
		asyncUsageCount: counted, codesCount: {count: 1},
		codes: (args) => connection([d], args, () => ({code: d.code,
			id: gid('DiscountRedeemCode', d.id),
			asyncUsageCount: counted})),
		combinesWith: {orderDiscounts, productDiscounts,
			shippingDiscounts},
		context: context_view(store, given.context),
		discountClasses: [class_of(d)],
		minimumRequirement: minimum_view(
			store, given.minimumRequirement)};

	if (is_shipping(d.kind))
		return {...view, destinationSelection: {allCountries: true,
			__typename: 'DiscountCountryAll'},
		maximumShippingPrice: given.maximumShippingPrice ?
			money(milli_of(given.maximumShippingPrice),
				store.config.currency) : null};
	const side = (of, value) => ({value, items: items_view(store, of.items)});

	view.customerGets = side(given.customerGets,
		value_view(store, given.customerGets.value));
	if (given.customerBuys)
		view.customerBuys = side(given.customerBuys,
			buys_view(given.customerBuys.value));
	return view;
}

const buys_view = ({amount, quantity}) => amount ?
	{__typename: 'DiscountPurchaseAmount', amount} :
	{__typename: 'DiscountQuantity', quantity: String(quantity)};

const any_node = (store, d) => d ? {id: gid('DiscountNode', d.id),
	discount: discount_view(store, d)} : null;

// ---- a shopper ----------------------------------------------------------

const is_used_up = (d) => d.given.usageLimit <= d.uses.length;
const is_live = (d) => !is_over(d) && !(d.code !== null && is_used_up(d));

function is_for(store, d, customer)
{
	const {customers, customerSegments} = d.given.context;

	if (customers)
		return customers.add.includes(gid('Customer', customer));
	return !customerSegments || customerSegments.add.some(
		(id) => is_member(store, id, customer));
}

// Why a shopper does not get a discount, or null.
function refusal(store, d, {customer, subtotal})
{
	const least = d.given.minimumRequirement?.subtotal
		?.greaterThanOrEqualToSubtotal;

	if (is_over(d))
		return 'over';
	if (is_early(d))
		return 'not yet';
	if (is_used_up(d))
		return 'used';
	if (!is_for(store, d, customer))
		return 'another customer';
	if (d.given.appliesOncePerCustomer &&
	    d.uses.some((u) => u.customer === String(customer)))
		return 'used by this customer';
	return Number(subtotal) < Number(least ?? 0) ? 'minimum' : null;
}

// POST /__fake/use, see shopify.mjs.
export function shopify_use(store, given)
{
	const {code, customer, order = null, undo, credit} = given;
	const d = discount_by_code(store, code);
	const refuse = (why) => ({ok: false, why});

	if (undo)
		return refuse('Shopify gives no use back');
	if (credit !== undefined || !d && card_by_code(store, code))
		return credit_use(store, {code, customer,
			amount: credit ?? given.amount});
	if (code === undefined)
		return {ok: true, discounts: store.data.discounts.filter((x) =>
			x.code === null && !refusal(store, x, given))
			.map((x) => x.given.title)};
	const why = d ? refusal(store, d, given) : 'no such code';

	if (why)
		return refuse(why);
	d.uses.push({customer: String(customer), order, at: Date.now()});
	return {ok: true, kind: is_shipping(d.kind) ? 'shipping' : 'discount',
		value: d.given.customerGets?.value ?? 'shipping',
		amount: d.given.customerGets?.value.discountAmount?.amount ??
			null,
		percentage: d.given.customerGets?.value.percentage ?? null};
}

export const discount_fields = {
	mutation: {
		discountCodeBasicCreate: creates(
			'DiscountCodeBasic', 'basicCodeDiscount'),
		discountCodeFreeShippingCreate: creates(
			'DiscountCodeFreeShipping', 'freeShippingCodeDiscount'),
		discountCodeBxgyCreate: creates(
			'DiscountCodeBxgy', 'bxgyCodeDiscount'),
		discountCodeDeactivate: deactivate,
		discountCodeDelete: deletes('deletedCodeDiscountId', true),
		discountAutomaticBasicCreate: creates(
			'DiscountAutomaticBasic', 'automaticBasicDiscount'),
		discountAutomaticBasicUpdate: updates(
			'DiscountAutomaticBasic', 'automaticBasicDiscount'),
		discountAutomaticFreeShippingCreate: creates(
			'DiscountAutomaticFreeShipping',
			'freeShippingAutomaticDiscount'),
		discountAutomaticFreeShippingUpdate: updates(
			'DiscountAutomaticFreeShipping',
			'freeShippingAutomaticDiscount'),
		discountAutomaticDelete: deletes(
			'deletedAutomaticDiscountId', false),
	},
	query: {
		codeDiscountNodeByCode: (store, {code}) => {
			const d = discount_by_code(store, code);

			return d ? node_view(store, d) : null;
		},
		discountNode: (store, {id}) => any_node(store,
			store.data.discounts.find((d) => node_id(d) === id ||
				gid('DiscountNode', d.id) === id)),
		discountNodes: (store, args) => connection(search(
			store.data.discounts, args.query, {
				title: (d, text) => d.given.title.toLowerCase()
					.startsWith(text),
				code: (d, text) => d.code?.toLowerCase() === text,
				id: (d, text) => String(d.id) === text,
				method: (d, text) => (d.code === null ?
					'automatic' : 'code') === text,
				status: (d, text) => status_of(d)
					.toLowerCase() === text}),
		args, (d) => any_node(store, d)),
	},
};

export const discount_state = ({data: {discounts}}) => ({
	discounts: discounts.filter((d) => d.code !== null).map((d) => ({
		id: d.id, kind: d.kind, code: d.code, status: status_of(d),
		live: is_live(d), used: d.uses.length, uses: d.uses,
		given: d.given})),
	automatic: discounts.filter((d) => d.code === null).map((d) => ({
		id: d.id, kind: d.kind, title: d.given.title,
		status: status_of(d), live: is_live(d), given: d.given})),
});
