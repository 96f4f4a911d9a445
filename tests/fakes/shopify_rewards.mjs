// SPDX-License-Identifier: MIT
//
// shopify_rewards: what a shop of Shopify's makes for rewards: discount codes,
// gift cards and store credit, and the goods that they are for.
//
// Config of the fake:
//	products     [{id, handle?, variants: [{id, sku, price}]}]
//	collections  [{id, handle}]
//	usage_lag    calls until a use is counted (asyncUsageCount); 0
//
// State: discounts [{id, code, customers, used, live, ...}], cards, credits.
// POST /__fake/use {code, customer} is a shopper at the checkout:
// {ok: true}, or {ok: false, why}.
const gid = (kind, id) => `gid://shopify/${kind}/${id}`;
const user_error = (field, code, message) => ({field, code, message});

export const new_rewards = () => ({discounts: [], cards: [], credits: [],
	last_id: 5000});

const money = (text) => {
	if (!/^\d+(\.\d{1,3})?$/.test(text ?? ''))
		return null;
	return String(Number(text));
};

function money_view(text, currency)
{
	return {amount: /\./.test(text) ? text : `${text}.0`,
		currencyCode: currency};
}

const by_code = (store, code) => store.data.rewards.discounts.find(
	(d) => d.code.toLowerCase() === String(code).toLowerCase());

const customer_of = (id) =>
	/^gid:\/\/shopify\/Customer\/([1-9]\d*)$/.exec(id ?? '')?.[1] ?? null;

// ---- discount codes ---------------------------------------------------

// The first fault of a discount's input, or null.
function discount_error(store, d, has)
{
	const at = (field, code, message) => user_error(
		['basicCodeDiscount', field], code, message);
	const customers = d.context?.customers?.add ?? [];

	if (!d.title)
		return at('title', 'BLANK', "Title can't be blank");
	if (!d.code || d.code.length > 255)
		return at('code', 'INVALID', 'Code is invalid');
	if (by_code(store, d.code))
		return at('code', 'TAKEN', 'Code must be unique. Please try a ' +
			'different code.');
	if (d.endsAt && Date.parse(d.endsAt) <= Date.parse(d.startsAt))
		return at('endsAt', 'INVALID',
			'Ends at needs to be after starts_at');
	if (!customers.every((id) => has(customer_of(id))))
		return at('context', 'INVALID', 'Customer does not exist');
	const value = d.customerGets?.value;
	const percent = value?.percentage;

	if (percent !== undefined && !(percent > 0 && percent <= 1))
		return at('customerGets', 'VALUE_OUTSIDE_RANGE',
			'Value must be between 0.0 and 1.0');
	if (value?.discountAmount && !(Number(
		value.discountAmount.amount) > 0))
		return at('customerGets', 'GREATER_THAN',
			'Value must be greater than 0');
	return null;
}

function discount_create(store, d, kind, has)
{
	const wrong = discount_error(store, d, has);
	const data = store.data.rewards;

	if (wrong) {
		store.refuse(`${wrong.code}: ${wrong.message}`, {code: d.code});
		return {codeDiscountNode: null, userErrors: [wrong]};
	}
	const made = {id: ++data.last_id, kind, code: d.code, given: d,
		used: 0, uses: [], seen_after: 0};

	data.discounts.push(made);
	return {codeDiscountNode: {id: gid('DiscountCodeNode', made.id)},
		userErrors: []};
}

const instant = (text) => new Date(text).toISOString()
	.replace(/\.\d+Z$/, 'Z');

function value_view(store, value)
{
	if (value.percentage !== undefined)
		return {__typename: 'DiscountPercentage',
			percentage: value.percentage};
	return {__typename: 'DiscountAmount',
		amount: money_view(money(value.discountAmount.amount),
			store.config.currency),
		appliesOnEachItem: value.discountAmount.appliesOnEachItem ??
			false};
}

function discount_view(store, d)
{
	const given = d.given;
	const customers = given.context?.customers?.add;
	const least = given.minimumRequirement?.subtotal
		?.greaterThanOrEqualToSubtotal;

	if (d.seen_after > 0)
		d.seen_after--;
	return {id: gid('DiscountCodeNode', d.id), codeDiscount: {
		__typename: d.kind, title: given.title,
		usageLimit: given.usageLimit ?? null,
		appliesOncePerCustomer: given.appliesOncePerCustomer ?? false,
		endsAt: given.endsAt ? instant(given.endsAt) : null,
		startsAt: instant(given.startsAt),
		asyncUsageCount: d.seen_after > 0 ? 0 : d.used,
		status: is_over(d) ? 'EXPIRED' : 'ACTIVE',
		context: customers ? {__typename: 'DiscountCustomers',
			customers: customers.map((id) => ({id}))} :
			{__typename: 'DiscountBuyerSelectionAll',
				all: 'ALL'},
		minimumRequirement: least ? {
			__typename: 'DiscountMinimumSubtotal',
			greaterThanOrEqualToSubtotal: money_view(
				money(least), store.config.currency)} : null,
		customerGets: given.customerGets ? {value: value_view(store,
			given.customerGets.value)} : null}};
}

const is_over = (d) =>
	Boolean(d.given.endsAt) && Date.parse(d.given.endsAt) <= Date.now();
const is_live = (d) => !is_over(d) && !(d.given.usageLimit <= d.used);

function discount_delete(store, {id})
{
	const data = store.data.rewards;
	const at = data.discounts.findIndex(
		(d) => gid('DiscountCodeNode', d.id) === id);

	if (at < 0)
		return {deletedCodeDiscountId: null, userErrors: [user_error(
			['id'], 'INVALID', 'Code discount does not exist.')]};
	data.discounts.splice(at, 1);
	return {deletedCodeDiscountId: id, userErrors: []};
}

// A shopper uses a code.
export function shopify_use(store, {code, customer})
{
	const d = by_code(store, code);
	const refuse = (why) => ({ok: false, why});
	const for_whom = d?.given.context?.customers?.add;

	if (!d)
		return refuse('no such code');
	if (is_over(d))
		return refuse('over');
	if (d.given.usageLimit <= d.used)
		return refuse('used');
	if (for_whom && !for_whom.includes(gid('Customer', customer)))
		return refuse('another customer');
	d.used++;
	d.uses.push(String(customer));
	d.seen_after = store.config.usage_lag ?? 0;
	return {ok: true, value: d.given.customerGets?.value ?? 'shipping'};
}

// ---- gift cards -------------------------------------------------------

function card_create(store, {input}, has)
{
	const data = store.data.rewards;
	const at = (field, code, message) => {
		store.refuse(`${code}: ${message}`, {input});
		return {giftCard: null, giftCardCode: null, userErrors: [
			user_error(['input', field], code, message)]};
	};

	if (input.code && !/^[a-z0-9]{8,20}$/i.test(input.code))
		return at('code', 'INVALID', 'Code is invalid');
	if (data.cards.some((c) => c.code === input.code))
		return at('code', 'TAKEN', 'Code has already been taken');
	if (!(Number(input.initialAmount?.amount) > 0))
		return at('initialAmount', 'GREATER_THAN',
			'Initial value must be greater than 0');
	if (input.customerId && !has(customer_of(input.customerId)))
		return at('customerId', 'CUSTOMER_NOT_FOUND',
			'The customer could not be found.');
	const card = {id: ++data.last_id, code: input.code, enabled: true,
		given: input};

	data.cards.push(card);
	return {giftCard: {id: gid('GiftCard', card.id)},
		giftCardCode: input.code, userErrors: []};
}

function card_view(store, c)
{
	const {amount, currencyCode} = c.given.initialAmount;

	return {id: gid('GiftCard', c.id), enabled: c.enabled,
		note: c.given.note ?? null,
		expiresOn: c.given.expiresOn ?? null,
		lastCharacters: c.code.slice(-4),
		initialValue: money_view(money(amount), currencyCode),
		customer: c.given.customerId ? {id: c.given.customerId} : null};
}

function card_deactivate(store, {id})
{
	const card = store.data.rewards.cards.find(
		(c) => gid('GiftCard', c.id) === id);

	if (!card)
		return {giftCard: null, userErrors: [user_error(['id'],
			'GIFT_CARD_NOT_FOUND',
			'The gift card could not be found.')]};
	card.enabled = false;
	return {giftCard: {id}, userErrors: []};
}

// ---- store credit -----------------------------------------------------

function credit(store, {id, creditInput}, has)
{
	const data = store.data.rewards;
	const {amount, currencyCode} = creditInput.creditAmount;
	const customer = customer_of(id);
	const refuse = (field, code, message) => {
		store.refuse(`${code}: ${message}`, {id});
		return {storeCreditAccountTransaction: null, userErrors: [
			user_error(field, code, message)]};
	};

	if (!customer || !has(customer))
		return refuse(['id'], 'OWNER_NOT_FOUND',
			'Owner does not exist');
	if (!(Number(amount) > 0))
		return refuse(['creditInput', 'creditAmount', 'amount'],
			'NEGATIVE_OR_ZERO_AMOUNT',
			'A positive amount must be used.');
	if (currencyCode !== store.config.currency)
		return refuse(['creditInput', 'creditAmount', 'currencyCode'],
			'UNSUPPORTED_CURRENCY', 'Currency is not supported');
	if (creditInput.expiresAt &&
	    Date.parse(creditInput.expiresAt) <= Date.now())
		return refuse(['creditInput', 'expiresAt'],
			'EXPIRES_AT_IN_PAST',
			'The expiry date must be in the future');
	const made = {id: ++data.last_id, customer,
		amount: money(amount), currency: currencyCode,
		expires_at: creditInput.expiresAt ?
			instant(creditInput.expiresAt) : null};

	data.credits.push(made);
	return {storeCreditAccountTransaction: {id: gid(
		'StoreCreditAccountCreditTransaction', made.id)},
	userErrors: []};
}

// The field storeCreditAccounts of a customer.
export function credit_accounts(store, customer)
{
	const of = store.data.rewards.credits.filter(
		(c) => c.customer === customer);

	return {nodes: of.length === 0 ? [] : [{transactions: {
		nodes: of.toReversed().map((c) => ({
			__typename: 'StoreCreditAccountCreditTransaction',
			id: gid('StoreCreditAccountCreditTransaction', c.id),
			expiresAt: c.expires_at,
			amount: money_view(c.amount, c.currency)}))}}]};
}

// ---- goods ------------------------------------------------------------

// What a search like sku:"A" OR sku:"B" asks for.
const asked = (query) => [...query.matchAll(/(\w+):"([^"]*)"/g)]
	.map(([, key, text]) => ({key, text: text.toLowerCase()}));

function variants(store, {query})
{
	const wanted = asked(query);
	const all = (store.config.products ?? []).flatMap((p) =>
		p.variants.map((v) => ({...v, product: p.id})));
	const is = (v, {key, text}) => key === 'sku' ?
		v.sku.toLowerCase().startsWith(text) :
		key === 'product_id' && String(v.product) === text;

	return {nodes: all.filter((v) => wanted.some((w) => is(v, w)))
		.map((v) => ({id: gid('ProductVariant', v.id), sku: v.sku,
			price: v.price}))};
}

function collections(store, {query})
{
	const wanted = asked(query);

	return {nodes: (store.config.collections ?? []).filter((c) =>
		wanted.some((w) => w.key === 'handle' && c.handle === w.text))
		.map((c) => ({id: gid('Collection', c.id),
			handle: c.handle}))};
}

// ---- the fields -------------------------------------------------------

// `has` says whether there is a customer.
export const reward_fields = (has) => ({
	mutation: {
		discountCodeBasicCreate: (store, a) => discount_create(store,
			a.basicCodeDiscount, 'DiscountCodeBasic', has(store)),
		discountCodeFreeShippingCreate: (store, a) => discount_create(
			store, a.freeShippingCodeDiscount,
			'DiscountCodeFreeShipping', has(store)),
		discountCodeDelete: discount_delete,
		giftCardCreate: (store, a) => card_create(store, a, has(store)),
		giftCardDeactivate: card_deactivate,
		storeCreditAccountCredit: (store, a) => credit(
			store, a, has(store)),
	},
	query: {
		codeDiscountNodeByCode: (store, {code}) => {
			const d = by_code(store, code);

			return d ? discount_view(store, d) : null;
		},
		giftCards: (store, {query}) => ({nodes:
			store.data.rewards.cards.filter((c) => c.code.slice(-4)
				.toLowerCase() === query.toLowerCase())
				.map((c) => card_view(store, c)).toReversed()}),
		productVariants: variants,
		collections,
	},
});

// The scope that each mutation needs.
export const reward_scopes = {
	discountCodeBasicCreate: 'write_discounts',
	discountCodeFreeShippingCreate: 'write_discounts',
	discountCodeDelete: 'write_discounts',
	giftCardCreate: 'write_gift_cards',
	giftCardDeactivate: 'write_gift_cards',
	storeCreditAccountCredit: 'write_store_credit_account_transactions',
};

export const reward_state = (store) => ({
	discounts: store.data.rewards.discounts.map((d) => ({id: d.id,
		kind: d.kind, code: d.code, used: d.used, uses: d.uses,
		live: is_live(d), given: d.given})),
	cards: store.data.rewards.cards.map((c) => ({id: c.id, code: c.code,
		live: c.enabled, given: c.given})),
	credits: store.data.rewards.credits,
});
