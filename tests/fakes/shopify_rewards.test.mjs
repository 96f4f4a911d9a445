// SPDX-License-Identifier: MIT
//
// The Shopify fake, as far as rewards go: discounts, gift cards, store credit,
// tags, segments, definitions and goods.  With FAKE_STRICT=1 (after setup.sh)
// every document here is validated by both published schemas too.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {gunzipSync} from 'node:zlib';
import {schema_read} from './graphql_schema.mjs';
import {SCOPES, shopify_start} from './shopify.mjs';
import {STRICT_VERSIONS, strict_load} from './strict.mjs';

const STRICT = process.env.FAKE_STRICT === '1';
const DAY_MS = 86400000;
const at = (days) => new Date(Date.now() + days * DAY_MS).toISOString();
const customer = (id) => `gid://shopify/Customer/${id}`;

async function with_fake(config, run)
{
	const fake = await shopify_start({config});
	const ask = async (path, body) => (await fetch(
		`${fake.url}/__fake/${path}`, body && {method: 'POST',
			body: JSON.stringify(body)})).json();

	try {
		return await run({ask, url: fake.url,
			use: (given) => ask('use', given),
			state: () => ask('state?store=default'),
			call: (query, variables, version = '2026-10') => fetch(
				`${fake.url}/admin/api/${version}/graphql.json`,
				{method: 'POST', headers: {
					'content-type': 'application/json',
					'x-shopify-access-token': 'shpat_fake'},
				body: JSON.stringify({query, variables})})
				.then((a) => a.json())});
	} finally {
		await fake.close();
	}
}

// A mutation of one input that tells the errors, and what `told` asks for.
const ERRORS = 'userErrors { field message code }';
const mutation = (name, arg, type, told, errors = ERRORS) =>
	async ({call}, d, more = {}) => {
		const {data, errors: wrong} = await call(`mutation m($d: ${type}` +
			`${more.id ? ', $id: ID!' : ''}) { ${name}(${arg}: $d` +
			`${more.id ? ', id: $id' : ''}) { ${told} ${errors} } }`,
		{d, ...more.id ? {id: more.id} : {}});

		if (!data)
			throw new Error(JSON.stringify(wrong));
		return data[name];
	};
const codes_of = ({userErrors}) => userErrors.map((e) => e.code);

const code_create = mutation('discountCodeBasicCreate', 'basicCodeDiscount',
	'DiscountCodeBasicInput!', 'codeDiscountNode { id }',
	'userErrors { field message code extraInfo }');
const ship_create = mutation('discountCodeFreeShippingCreate',
	'freeShippingCodeDiscount', 'DiscountCodeFreeShippingInput!',
	'codeDiscountNode { id }');
const bxgy_create = mutation('discountCodeBxgyCreate', 'bxgyCodeDiscount',
	'DiscountCodeBxgyInput!', 'codeDiscountNode { id }');
const auto_create = mutation('discountAutomaticBasicCreate',
	'automaticBasicDiscount', 'DiscountAutomaticBasicInput!',
	'automaticDiscountNode { id }');
const auto_update = mutation('discountAutomaticBasicUpdate',
	'automaticBasicDiscount', 'DiscountAutomaticBasicInput!',
	'automaticDiscountNode { id }');
const auto_ship_create = mutation('discountAutomaticFreeShippingCreate',
	'freeShippingAutomaticDiscount', 'DiscountAutomaticFreeShippingInput!',
	'automaticDiscountNode { id }');
const auto_ship_update = mutation('discountAutomaticFreeShippingUpdate',
	'freeShippingAutomaticDiscount', 'DiscountAutomaticFreeShippingInput!',
	'automaticDiscountNode { id }');
const code_delete = mutation('discountCodeDelete', 'id', 'ID!',
	'deletedCodeDiscountId');
const code_deactivate = mutation('discountCodeDeactivate', 'id', 'ID!',
	'codeDiscountNode { id codeDiscount { __typename } }');
const auto_delete = mutation('discountAutomaticDelete', 'id', 'ID!',
	'deletedAutomaticDiscountId');
const card_create = mutation('giftCardCreate', 'input', 'GiftCardCreateInput!',
	'giftCard { id enabled balance { amount } } giftCardCode');
const card_deactivate = mutation('giftCardDeactivate', 'id', 'ID!',
	'giftCard { id enabled deactivatedAt }');
const credit_add = mutation('storeCreditAccountCredit', 'creditInput',
	'StoreCreditAccountCreditInput!', 'storeCreditAccountTransaction { id ' +
	'expiresAt balanceAfterTransaction { amount } account { id balance ' +
	'{ amount currencyCode } } }');
const credit_take = mutation('storeCreditAccountDebit', 'debitInput',
	'StoreCreditAccountDebitInput!',
	'storeCreditAccountTransaction { id amount { amount } }');
const define = mutation('metafieldDefinitionCreate', 'definition',
	'MetafieldDefinitionInput!', 'createdDefinition { id namespace key ' +
	'access { admin storefront customerAccount } }');
const tags_add = mutation('tagsAdd', 'tags', '[String!]!',
	'node { id ... on Customer { tags } }', 'userErrors { field message }');
const tags_remove = mutation('tagsRemove', 'tags', '[String!]!',
	'node { ... on Customer { tags } }', 'userErrors { field message }');

const SEGMENT = 'mutation m($n: String!, $q: String!) { segmentCreate(name: ' +
	'$n, query: $q) { segment { id name query } userErrors { field ' +
	'message } } }';
const segment_create = async ({call}, n, q) =>
	(await call(SEGMENT, {n, q})).data.segmentCreate;

const basic = (more = {}) => ({title: 'Five off', code: 'LOY-AB12',
	startsAt: at(-1), endsAt: at(30), usageLimit: 1,
	appliesOncePerCustomer: true,
	context: {customers: {add: [customer(7)]}},
	customerGets: {items: {all: true}, value: {discountAmount:
		{amount: '5.00', appliesOnEachItem: false}}},
	combinesWith: {orderDiscounts: false, productDiscounts: true,
		shippingDiscounts: true}, ...more});
const shipping = (more = {}) => ({title: 'Free shipping', code: 'SHIP',
	startsAt: at(-1), context: {all: 'ALL'}, destination: {all: true},
	...more});
const automatic = (more = {}) => ({title: 'Gold', startsAt: at(-1),
	context: {all: 'ALL'}, customerGets: {items: {all: true},
		value: {percentage: 0.1}}, ...more});
const percent = (p, items = {all: true}) => ({items, value: {percentage: p}});

// ---- discounts by code --------------------------------------------------

const LOOK = 'query look($c: String!) { codeDiscountNodeByCode(code: $c) { id ' +
	'codeDiscount { __typename ... on DiscountCodeBasic { title status ' +
	'endsAt usageLimit appliesOncePerCustomer asyncUsageCount codes(first: ' +
	'1) { nodes { code } } combinesWith { orderDiscounts productDiscounts ' +
	'shippingDiscounts } context { __typename ... on DiscountCustomers { ' +
	'customers { id } } } minimumRequirement { ... on ' +
	'DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount ' +
	'currencyCode } } } customerGets { value { ... on DiscountAmount { ' +
	'amount { amount currencyCode } appliesOnEachItem } ... on ' +
	'DiscountPercentage { percentage } } items { __typename ... on ' +
	'DiscountProducts { productVariants(first: 5) { nodes { id sku } } } } ' +
	'} } ... on DiscountCodeFreeShipping { status asyncUsageCount } } } }';
const look = async (fake, c, version) =>
	(await fake.call(LOOK, {c}, version)).data.codeDiscountNodeByCode;

test('a code is found as it was made, whatever its case, at both versions', () =>
	with_fake({}, async (fake) => {
		const {codeDiscountNode, userErrors} = await code_create(fake,
			basic({minimumRequirement: {subtotal:
				{greaterThanOrEqualToSubtotal: '20.50'}}}));

		assert.deepEqual(userErrors, []);
		for (const v of STRICT_VERSIONS) {
			const {id, codeDiscount: d} =
				await look(fake, 'loy-ab12', v);

			assert.equal(id, codeDiscountNode.id);
			assert.match(d.endsAt, /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
			assert.deepEqual({...d, endsAt: ''}, {endsAt: '',
				__typename: 'DiscountCodeBasic',
				title: 'Five off', status: 'ACTIVE',
				usageLimit: 1, appliesOncePerCustomer: true,
				asyncUsageCount: 0,
				codes: {nodes: [{code: 'LOY-AB12'}]},
				combinesWith: {orderDiscounts: false,
					productDiscounts: true,
					shippingDiscounts: true},
				context: {__typename: 'DiscountCustomers',
					customers: [{id: customer(7)}]},
				minimumRequirement: {
					greaterThanOrEqualToSubtotal:
					{amount: '20.5', currencyCode: 'EUR'}},
				customerGets: {value: {amount: {amount: '5.0',
					currencyCode: 'EUR'},
				appliesOnEachItem: false},
				items: {__typename: 'AllDiscountItems'}}});
		}
		assert.equal(await look(fake, 'LOY-AB13'), null);
	}));

// What is changed of a discount, and the code and place of the error.
const WRONG = {
	'no title': [{title: ''}, 'BLANK', 'title'],
	'no code': [{code: undefined}, 'BLANK', 'code'],
	'a code of 256': [{code: 'x'.repeat(256)}, 'TOO_LONG', 'code'],
	'no start': [{startsAt: undefined}, 'BLANK', 'startsAt'],
	'an end before the start': [{endsAt: at(-2)}, 'INVALID', 'endsAt'],
	'nobody it is for': [{context: undefined}, 'BLANK', 'context'],
	'an empty list of customers': [{context: {customers: {add: []}}},
		'BLANK', 'context.customers'],
	'a customer who is missing': [{context: {customers: {add:
		[customer(7), customer(9)]}}}, 'INVALID', 'context.customers.add'],
	'what is no customer': [{context: {customers: {add:
		['gid://shopify/Product/7']}}}, 'INVALID', 'context.customers.add'],
	'a segment there is not': [{context: {customerSegments: {add:
		['gid://shopify/Segment/7']}}}, 'INVALID',
	'context.customerSegments.add'],
	'no value': [{customerGets: {items: {all: true}}}, 'BLANK',
		'customerGets.value'],
	'two values': [{customerGets: {items: {all: true}, value: {percentage: 0.1,
		discountAmount: {amount: '1'}}}}, 'TOO_MANY_ARGUMENTS',
	'customerGets.value'],
	'20 instead of 0.2': [{customerGets: percent(20)},
		'VALUE_OUTSIDE_RANGE', 'customerGets.value.percentage'],
	'nothing off': [{customerGets: {items: {all: true}, value:
		{discountAmount: {amount: '0.00'}}}}, 'GREATER_THAN',
	'customerGets.value.discountAmount.amount'],
	'a value of another discount': [{customerGets: {items: {all: true},
		value: {discountOnQuantity: {quantity: '1', effect:
			{percentage: 1}}}}}, 'INVALID',
	'customerGets.value.discountOnQuantity'],
	'no goods': [{customerGets: percent(1, {})}, 'BLANK',
		'customerGets.items'],
	'no goods in a list': [{customerGets: percent(1, {products: {}})},
		'APPLIES_ON_NOTHING', 'customerGets.items.products'],
	'goods of two kinds': [{customerGets: percent(1, {all: true, collections:
		{add: ['gid://shopify/Collection/1']}})}, 'CONFLICT',
	'customerGets.items'],
	'goods there are not': [{customerGets: percent(1, {products:
		{productVariantsToAdd: ['gid://shopify/ProductVariant/9']}})},
	'INVALID', 'customerGets.items.products'],
	'two minimums': [{minimumRequirement: {subtotal:
		{greaterThanOrEqualToSubtotal: '1'}, quantity:
		{greaterThanOrEqualToQuantity: '1'}}},
	'MINIMUM_SUBTOTAL_AND_QUANTITY_RANGE_BOTH_PRESENT',
	'minimumRequirement'],
	'no use': [{usageLimit: 0}, 'GREATER_THAN', 'usageLimit'],
};
const GOODS = {products: [{id: 3, handle: 'coffee', variants: [
	{id: 8, sku: 'COFFEE', price: '3.20'},
	{id: 9001, sku: 'COFFEE-XL', price: '4.20'}]}],
collections: [{id: 5, handle: 'teas'}, {id: 6, handle: 'cups'}]};

for (const [what, [change, code, field]] of Object.entries(WRONG))
	test(`a code with ${what} is refused`, () =>
		with_fake({missing: [9], ...GOODS}, async (fake) => {
			const {codeDiscountNode, userErrors} =
				await code_create(fake, basic(change));
			const {discounts, refused_count} = await fake.state();

			assert.equal(codeDiscountNode, null);
			assert.deepEqual([userErrors[0]?.code,
				userErrors[0]?.field.join('.'),
				userErrors[0]?.extraInfo],
			[code, `basicCodeDiscount.${field}`, null]);
			assert.deepEqual(discounts, []);
			assert.equal(refused_count, userErrors.length);
		}));

test('a code is there once, whatever its case and its kind', () =>
	with_fake({}, async (fake) => {
		await code_create(fake, basic());
		assert.deepEqual(codes_of(await code_create(fake,
			basic({code: 'loy-AB12'}))), ['TAKEN']);
		assert.deepEqual(codes_of(await ship_create(fake,
			shipping({code: 'Loy-ab12'}))), ['TAKEN']);
		const [{id}] = (await fake.state()).discounts;
		const gid = `gid://shopify/DiscountCodeNode/${id}`;

		await code_deactivate(fake, gid);
		assert.deepEqual(codes_of(await code_create(fake, basic())),
			['TAKEN']);
		await code_delete(fake, gid);
		assert.deepEqual(codes_of(await code_create(fake, basic())), []);
	}));

test('free shipping goes somewhere, and not with free shipping', () =>
	with_fake({}, async (fake) => {
		assert.deepEqual(codes_of(await ship_create(fake,
			shipping({destination: undefined}))), ['BLANK']);
		assert.deepEqual(codes_of(await ship_create(fake, shipping(
			{combinesWith: {shippingDiscounts: true}}))),
		['INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS']);
		assert.deepEqual(codes_of(await ship_create(fake, shipping())),
			[]);
		assert.deepEqual((await look(fake, 'ship')).codeDiscount,
			{__typename: 'DiscountCodeFreeShipping',
				status: 'ACTIVE', asyncUsageCount: 0});
	}));

test('one for another: not of everything, and with an effect', () =>
	with_fake(GOODS, async (fake) => {
		const teas = {collections: {add: ['gid://shopify/Collection/5']}};
		const of = (buys, gets) => ({title: 'b', code: 'BXGY',
			startsAt: at(-1), context: {all: 'ALL'},
			usesPerOrderLimit: 1,
			customerBuys: {items: buys, value: {quantity: '1'}},
			customerGets: {items: {products: {productsToAdd:
				['gid://shopify/Product/3']}}, value: gets}});
		const free = {discountOnQuantity: {quantity: '1',
			effect: {percentage: 1}}};

		assert.deepEqual(codes_of(await bxgy_create(fake,
			of({all: true}, free))), ['INVALID']);
		assert.deepEqual(codes_of(await bxgy_create(fake,
			of(teas, {percentage: 1}))), ['INVALID']);
		assert.deepEqual(codes_of(await bxgy_create(fake,
			of(teas, free))), []);
	}));

test('a code that is deactivated is over, one that is deleted is gone', () =>
	with_fake({}, async (fake) => {
		const {codeDiscountNode: {id}} = await code_create(fake, basic());

		assert.deepEqual(codes_of(await code_deactivate(fake, id)), []);
		assert.equal((await look(fake, 'LOY-AB12')).codeDiscount.status,
			'EXPIRED');
		assert.deepEqual((await fake.state()).discounts.map(
			(d) => [d.live, d.status]), [[false, 'EXPIRED']]);
		assert.deepEqual(await code_delete(fake, id),
			{deletedCodeDiscountId: id, userErrors: []});
		assert.equal(await look(fake, 'LOY-AB12'), null);
		assert.deepEqual(codes_of(await code_delete(fake, id)),
			['INVALID']);
		assert.deepEqual(codes_of(await code_deactivate(fake, id)),
			['INVALID']);
	}));

test('goods of a discount are told', () => with_fake(GOODS, async (fake) => {
	const id = 'gid://shopify/ProductVariant/8';

	await code_create(fake, basic({customerGets: percent(1,
		{products: {productVariantsToAdd: [id]}})}));
	assert.deepEqual((await look(fake, 'LOY-AB12')).codeDiscount
		.customerGets, {value: {percentage: 1}, items: {
		__typename: 'DiscountProducts', productVariants: {nodes:
			[{id, sku: 'COFFEE'}]}}});
}));

test('a shopper uses a code once, in its time, and for nobody else', () =>
	with_fake({}, async (fake) => {
		const why = async (given) => (await fake.use(given)).why;
		const of = {code: 'loy-ab12', customer: 7, subtotal: '30'};

		await code_create(fake, basic({minimumRequirement: {subtotal:
			{greaterThanOrEqualToSubtotal: '20.00'}}}));
		await code_create(fake, basic({code: 'LATER', startsAt: at(1)}));
		await code_create(fake, basic({code: 'OVER', startsAt: at(-3),
			endsAt: at(-1)}));
		await code_create(fake, basic({code: 'TWICE', usageLimit: 2}));
		assert.equal(await why({...of, code: 'NONE'}), 'no such code');
		assert.equal(await why({...of, code: 'LATER'}), 'not yet');
		assert.equal(await why({...of, code: 'OVER'}), 'over');
		assert.equal(await why({...of, customer: 8}), 'another customer');
		assert.equal(await why({...of, subtotal: '19.99'}), 'minimum');
		assert.deepEqual(await fake.use({...of, order: 12}), {ok: true,
			kind: 'discount', amount: '5.00', percentage: null,
			value: {discountAmount: {amount: '5.00',
				appliesOnEachItem: false}}});
		assert.equal(await why(of), 'used');
		assert.equal(await why({...of, code: 'TWICE'}), undefined);
		assert.equal(await why({...of, code: 'TWICE'}),
			'used by this customer');
		assert.equal(await why({...of, undo: true}),
			'Shopify gives no use back');
		const {discounts} = await fake.state();

		assert.deepEqual(discounts.map((d) => [d.code, d.live, d.used]),
			[['LOY-AB12', false, 1], ['LATER', true, 0],
				['OVER', false, 0], ['TWICE', true, 1]]);
		assert.deepEqual([discounts[0].uses[0].order,
			discounts[0].uses[0].customer], [12, '7']);
	}));

test('a use is counted late, and known at the checkout at once', () =>
	with_fake({usage_lag_ms: 60000}, async (fake) => {
		const count = async () => (await look(fake, 'LOY-AB12'))
			.codeDiscount.asyncUsageCount;

		await code_create(fake, basic());
		await fake.use({code: 'LOY-AB12', customer: 7});
		assert.equal(await count(), 0);
		assert.equal((await fake.use({code: 'LOY-AB12', customer: 7}))
			.why, 'used');
		await fake.ask('config', {usage_lag_ms: 0});
		assert.equal(await count(), 1);
	}));

// ---- discounts that apply by themselves ---------------------------------

test('benefits of a segment apply to those who have the tag', () =>
	with_fake({tags: {8: ['silver']}}, async (fake) => {
		const {segment} = await segment_create(fake, 'Gold',
			"customer_tags CONTAINS 'gold' AND customer_tags NOT " +
			"CONTAINS 'blocked' OR customer_tags CONTAINS 'silver'");
		const context = {customerSegments: {add: [segment.id]}};
		const titles = async (c) =>
			(await fake.use({customer: c})).discounts;

		await auto_create(fake, automatic({title: 'Gold 10', context}));
		await auto_ship_create(fake, {title: 'Gold ships', startsAt: at(-1),
			context, destination: {all: true}});
		assert.deepEqual(await titles(7), []);
		await tags_add(fake, ['gold'], {id: customer(7)});
		assert.deepEqual(await titles(7), ['Gold 10', 'Gold ships']);
		assert.deepEqual(await titles(8), ['Gold 10', 'Gold ships']);
		await tags_add(fake, ['blocked'], {id: customer(7)});
		assert.deepEqual(await titles(7), []);
	}));

const NODES = 'query n($q: String!) { discountNodes(first: 5, query: $q) { ' +
	'nodes { id discount { __typename ... on DiscountAutomaticBasic { title ' +
	'context { ... on DiscountCustomerSegments { segments { name } } } ' +
	'customerGets { value { ... on DiscountPercentage { percentage } } } } ' +
	'... on DiscountAutomaticFreeShipping { title minimumRequirement { ' +
	'... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { ' +
	'amount } } } } } } } }';

test('a benefit is found by its title, changed, and deleted', () =>
	with_fake({}, async (fake) => {
		const of = async (q) => (await fake.call(NODES, {q}))
			.data.discountNodes.nodes.map((n) => n.discount);
		const a = (await segment_create(fake, 'A',
			"customer_tags CONTAINS 'a'")).segment.id;
		const b = (await segment_create(fake, 'B',
			"customer_tags CONTAINS 'b'")).segment.id;
		const {automaticDiscountNode: {id}} = await auto_create(fake,
			automatic({context: {customerSegments: {add: [a]}}}));
		const ships = (await auto_ship_create(fake, {title: 'Ships',
			startsAt: at(-1), context: {all: 'ALL'},
			destination: {all: true}})).automaticDiscountNode.id;

		await code_create(fake, basic({title: 'Gold too'}));
		assert.deepEqual(codes_of(await auto_update(fake, {
			customerGets: {value: {percentage: 0.15}}, context:
			{customerSegments: {add: [b], remove: [a]}}}, {id})), []);
		assert.deepEqual(await of('title:"Gold" method:automatic'), [{
			__typename: 'DiscountAutomaticBasic', title: 'Gold',
			context: {segments: [{name: 'B'}]},
			customerGets: {value: {percentage: 0.15}}}]);
		await auto_ship_update(fake, {minimumRequirement: {subtotal:
			{greaterThanOrEqualToSubtotal: '9'}}}, {id: ships});
		assert.equal((await of('title:Ships'))[0].minimumRequirement
			.greaterThanOrEqualToSubtotal.amount, '9.0');
		// Each has its own mutation, and its own id.
		assert.deepEqual(codes_of(await auto_update(fake, {title: 'x'},
			{id: ships})), ['INVALID']);
		assert.deepEqual(codes_of(await code_delete(fake, id)),
			['INVALID']);
		assert.deepEqual(codes_of(await auto_delete(fake, id)), []);
		assert.deepEqual(codes_of(await auto_delete(fake, id)),
			['INVALID']);
		assert.equal((await of('')).length, 2);
	}));

test('25 apply by themselves, each by its own title', () =>
	with_fake({}, async (fake) => {
		const add = async (title) => codes_of(await auto_create(fake,
			automatic({title})));

		for (let i = 0; i < 25; i++)
			assert.deepEqual(await add(`Tier ${i}`), []);
		const {discounts, automatic: all} = await fake.state();

		assert.deepEqual([discounts.length, all.length, all[24].title,
			all[24].live], [0, 25, 'Tier 24', true]);
		assert.deepEqual(await add('Tier 25'), ['EXCEEDED_MAX']);
		assert.deepEqual(await add('Tier 3'), ['TAKEN', 'EXCEEDED_MAX']);
	}));

// ---- tags, segments, definitions ----------------------------------------

test('tags are a set, whatever their case, and others stay', () =>
	with_fake({tags: {7: ['VIP', 'b2b']}, missing: [9]}, async (fake) => {
		const id = customer(7);

		assert.deepEqual((await tags_add(fake, ['vip', 'gold, new'], {id}))
			.node.tags, ['VIP', 'b2b', 'gold', 'new']);
		assert.deepEqual((await tags_remove(fake, ['GOLD', 'none'], {id}))
			.node.tags, ['VIP', 'b2b', 'new']);
		assert.deepEqual((await fake.state()).tags[7],
			['VIP', 'b2b', 'new']);
		const none = await tags_add(fake, ['x'], {id: customer(9)});

		assert.equal(none.node, null);
		assert.deepEqual(none.userErrors[0].field, ['id']);
		const many = Array.from({length: 248}, (_, i) => `t${i}`);

		assert.equal((await tags_add(fake, many, {id}))
			.userErrors.length, 1);
		assert.equal((await tags_add(fake, ['x'.repeat(256)], {id}))
			.userErrors.length, 1);
	}));

test('segments: made, found, changed, deleted', () =>
	with_fake({}, async (fake) => {
		const wrong = async (n, q) => (await segment_create(fake, n, q))
			.userErrors.map((e) => e.field[0]);
		const {segment: {id}} = await segment_create(fake, 'Gold',
			"customer_tags CONTAINS 'gold'");
		const call = async (query, variables) =>
			(await fake.call(query, variables)).data;

		assert.deepEqual(await wrong('Gold', 'number_of_orders > 1'),
			['name']);
		assert.deepEqual(await wrong('', ''), ['name', 'query']);
		assert.deepEqual(await wrong('x', "tags CONTAINS 'x'"),
			['query']);
		assert.deepEqual(await wrong('x', 'customer_tags CONTAINS gold'),
			['query']);
		await call('mutation u($id: ID!) { segmentUpdate(id: $id, query: ' +
			'"customer_tags CONTAINS \'g\'") { segment { id } ' +
			'userErrors { message } } }', {id});
		assert.deepEqual((await call('query { segments(first: 3, query: ' +
			'"name:Gold") { nodes { id name query } } }')).segments
			.nodes, [{id, name: 'Gold',
			query: "customer_tags CONTAINS 'g'"}]);
		const del = 'mutation d($id: ID!) { segmentDelete(id: $id) { ' +
			'deletedSegmentId userErrors { field } } }';

		assert.equal((await call(del, {id})).segmentDelete
			.deletedSegmentId, id);
		assert.deepEqual((await call(del, {id})).segmentDelete,
			{deletedSegmentId: null, userErrors: [{field: ['id']}]});
	}));

const definition = (more = {}) => ({name: 'Points', ownerType: 'CUSTOMER',
	namespace: '$app:loyalty', key: 'balance', type: 'json', access:
	{admin: 'MERCHANT_READ', storefront: 'NONE', customerAccount: 'READ'},
	...more});

test('a definition is made once, and its type is kept to', () =>
	with_fake({}, async (fake) => {
		const wrong = async (more) => codes_of(
			await define(fake, definition(more)));
		const made = await define(fake, definition());

		assert.deepEqual({...made.createdDefinition, id: ''}, {id: '',
			namespace: 'app--1--loyalty', key: 'balance', access:
			{admin: 'MERCHANT_READ', storefront: 'NONE',
				customerAccount: 'READ'}});
		assert.deepEqual(await wrong({}), ['TAKEN']);
		assert.deepEqual(await wrong({name: ' ', key: 'x', type: 'int'}),
			['BLANK', 'TOO_SHORT', 'INCLUSION']);
		assert.deepEqual(await wrong({namespace: 'mine'}),
			['ADMIN_ACCESS_INPUT_NOT_ALLOWED']);
		const set = async (m) => (await fake.call('mutation s($m: ' +
			'[MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { ' +
			`metafields { namespace type } ${ERRORS} } }`, {m: [{
			ownerId: customer(7), namespace: '$app:loyalty',
			key: 'balance', ...m}]})).data.metafieldsSet;

		assert.deepEqual(codes_of(await set({type: 'number_integer',
			value: '1'})), ['INVALID_TYPE']);
		assert.deepEqual((await set({value: '{}'})).metafields,
			[{namespace: 'app--1--loyalty', type: 'json'}]);
		assert.deepEqual((await fake.call('query { metafieldDefinitions(' +
			'first: 9, ownerType: CUSTOMER, namespace: "$app:loyalty") ' +
			'{ nodes { key type { name } } } }')).data
			.metafieldDefinitions.nodes,
		[{key: 'balance', type: {name: 'json'}}]);
	}));

// ---- gift cards and store credit ----------------------------------------

const card = (more = {}) => ({initialAmount: {amount: '10.00',
	currencyCode: 'EUR'}, code: 'loyab12cd34ef', customerId: customer(7),
note: 'r-1', expiresOn: at(30).slice(0, 10), ...more});
const CARDS = 'query c($q: String!) { giftCards(first: 5, query: $q, reverse: ' +
	'true) { nodes { enabled note lastCharacters initialValue { amount ' +
	'currencyCode } balance { amount } customer { id } } } }';

test('a gift card is made once, found by its end, spent and deactivated', () =>
	with_fake({}, async (fake) => {
		const made = await card_create(fake, card());
		const found = async (q) => (await fake.call(CARDS, {q})).data
			.giftCards.nodes;

		assert.equal(made.giftCardCode, 'loyab12cd34ef');
		assert.deepEqual(codes_of(await card_create(fake,
			card({code: 'LOYAB12CD34EF'}))), ['TAKEN']);
		assert.deepEqual(await fake.use({code: 'LOYAB12CD34EF',
			amount: '2.50'}), {ok: true, kind: 'gift_card',
			amount: '2.5'});
		assert.deepEqual(await found('34EF'), [{enabled: true,
			note: 'r-1', lastCharacters: '34ef', initialValue:
			{amount: '10.0', currencyCode: 'EUR'},
			balance: {amount: '7.5'},
			customer: {id: customer(7)}}]);
		assert.deepEqual(await found('34ee'), []);
		assert.equal((await fake.use({code: 'loyab12cd34ef',
			amount: '8'})).why, 'not enough');
		for (const _ of [1, 2])
			assert.equal((await card_deactivate(fake,
				made.giftCard.id)).giftCard.enabled, false);
		assert.equal((await fake.use({code: 'loyab12cd34ef'})).why,
			'deactivated');
		assert.deepEqual((await fake.state()).cards.map((c) =>
			[c.code, c.live, c.balance]),
		[['loyab12cd34ef', false, 7.5]]);
		assert.deepEqual(codes_of(await card_deactivate(fake,
			'gid://shopify/GiftCard/1')), ['GIFT_CARD_NOT_FOUND']);
		assert.match((await card_create(fake, card({code: undefined})))
			.giftCardCode, /^[a-z0-9]{16}$/);
	}));

const WRONG_CARDS = {
	'a short code': [{code: 'loy1234'}, 'TOO_SHORT'],
	'a long code': [{code: 'x'.repeat(21)}, 'TOO_LONG'],
	'a code with a dash': [{code: 'loy-12345'}, 'INVALID'],
	'no amount': [{initialAmount: undefined}, 'MISSING_ARGUMENT'],
	'nothing on it': [{initialAmount: {amount: '0', currencyCode: 'EUR'}},
		'GREATER_THAN'],
	'too much on it': [{initialAmount: {amount: '10001',
		currencyCode: 'EUR'}}, 'GIFT_CARD_LIMIT_EXCEEDED'],
	'another currency': [{initialAmount: {amount: '1', currencyCode: 'USD'}},
		'INVALID'],
	'a customer who is missing': [{customerId: customer(9)},
		'CUSTOMER_NOT_FOUND'],
	'an end that is past': [{expiresOn: '2020-01-01'}, 'INVALID'],
};

for (const [what, [change, code]] of Object.entries(WRONG_CARDS))
	test(`a gift card with ${what} is refused`, () =>
		with_fake({missing: [9]}, async (fake) => {
			assert.deepEqual(codes_of(await card_create(fake,
				card(change))), [code]);
			assert.deepEqual((await fake.state()).cards, []);
		}));

const credit = (more = {}, amount = '5.00', currencyCode = 'EUR') =>
	({creditAmount: {amount, currencyCode}, ...more});
const debit = (amount, currencyCode = 'EUR') =>
	({debitAmount: {amount, currencyCode}});
const ACCOUNTS = 'query a($id: ID!) { customer(id: $id) { storeCreditAccounts(' +
	'first: 3) { nodes { id balance { amount currencyCode } transactions(' +
	'first: 9, reverse: true) { nodes { __typename amount { amount } ... on ' +
	'StoreCreditAccountCreditTransaction { expiresAt remainingAmount { ' +
	'amount } } } } } } } }';

test('store credit: a transaction each, what expires first is spent first', () =>
	with_fake({}, async (fake) => {
		const id = customer(7), ends = at(30);
		const {storeCreditAccountTransaction: t} = await credit_add(fake,
			credit({notify: false}), {id});

		assert.equal(t.account.balance.amount, '5.0');
		await credit_add(fake, credit({expiresAt: ends}, '2.00'),
			{id: t.account.id});
		assert.deepEqual(await fake.use({customer: 7, credit: '3'}),
			{ok: true, kind: 'store_credit', amount: '3.0'});
		assert.equal((await credit_take(fake, debit('1.50'), {id}))
			.storeCreditAccountTransaction.amount.amount, '-1.5');
		const [account] = (await fake.call(ACCOUNTS, {id})).data.customer
			.storeCreditAccounts.nodes;
		const kind = (k) => `StoreCreditAccount${k}Transaction`;

		assert.deepEqual(account, {id: t.account.id, balance:
			{amount: '2.5', currencyCode: 'EUR'}, transactions: {nodes: [
			{__typename: kind('Debit'), amount: {amount: '-1.5'}},
			{__typename: kind('Debit'), amount: {amount: '-3.0'}},
			{__typename: kind('Credit'), amount: {amount: '2.0'},
				expiresAt: `${ends.slice(0, 19)}Z`,
				remainingAmount: {amount: '0.0'}},
			{__typename: kind('Credit'), amount: {amount: '5.0'},
				expiresAt: null,
				remainingAmount: {amount: '2.5'}}]}});
		assert.deepEqual(codes_of(await credit_take(fake, debit('2.51'),
			{id})), ['INSUFFICIENT_FUNDS']);
		assert.equal((await fake.use({customer: 7, credit: '3'})).why,
			'not enough');
		assert.deepEqual((await fake.state()).credits.map((c) =>
			[c.customer, c.amount, c.left, c.live]),
		[['7', '5', 2.5, true], ['7', '2', 0, false]]);
	}));

test('what expires first is spent first, in whatever order it came', () =>
	with_fake({}, async (fake) => {
		const id = customer(7);

		for (const days of [20, null, 10, 30])
			await credit_add(fake, credit(days ?
				{expiresAt: at(days)} : {}, '1.00'), {id});
		await credit_take(fake, debit('2.50'), {id});
		assert.deepEqual((await fake.state()).credits.map((c) => c.left),
			[0, 1, 0, 0.5]);
	}));

const ACCOUNT = 'gid://shopify/StoreCreditAccount/';
const WRONG_CREDITS = {
	'a customer who is missing': [customer(9), credit(), 'OWNER_NOT_FOUND'],
	'an account there is not': [`${ACCOUNT}1`, credit(),
		'ACCOUNT_NOT_FOUND'],
	'nothing': [customer(7), credit({}, '0.00'), 'NEGATIVE_OR_ZERO_AMOUNT'],
	'less than nothing': [customer(7), credit({}, '-1'),
		'NEGATIVE_OR_ZERO_AMOUNT'],
	'another currency': [customer(7), credit({}, '1', 'USD'),
		'UNSUPPORTED_CURRENCY'],
	'an account of another currency': ['account', credit({}, '1', 'USD'),
		'MISMATCHING_CURRENCY'],
	'an end that is past': [customer(7), credit({expiresAt: at(-1)}),
		'EXPIRES_AT_IN_PAST'],
	'too much': [customer(7), credit({}, '14995.01'),
		'CREDIT_LIMIT_EXCEEDED'],
};

for (const [what, [whose, input, code]] of Object.entries(WRONG_CREDITS))
	test(`store credit with ${what} is refused`, () =>
		with_fake({missing: [9]}, async (fake) => {
			const {storeCreditAccountTransaction: t} = await
			credit_add(fake, credit(), {id: customer(7)});
			const id = whose === 'account' ? t.account.id : whose;

			assert.deepEqual(codes_of(await credit_add(
				fake, input, {id})), [code]);
			assert.equal((await fake.state()).credits.length, 1);
		}));

test('store credit that is over is worth nothing', () =>
	with_fake({}, async (fake) => {
		const soon = new Date(Date.now() + 1100).toISOString();

		await credit_add(fake, credit({expiresAt: soon}),
			{id: customer(7)});
		await new Promise((r) => setTimeout(r, 1200));
		assert.deepEqual((await fake.state()).credits.map((c) => c.live),
			[false]);
		assert.equal((await fake.use({customer: 7, credit: '1'})).why,
			'not enough');
	}));

// ---- goods --------------------------------------------------------------

test('goods are found by SKU, number and handle, and others with them', () =>
	with_fake(GOODS, async ({call}) => {
		const ids = async (q) => (await call('query g($q: String!) { ' +
			'productVariants(first: 9, query: $q) { nodes { id price ' +
			'product { handle } } } collections(first: 9, query: $q) ' +
			'{ nodes { id handle } } }', {q})).data;
		const skus = async (q) => (await ids(q)).productVariants.nodes
			.map((v) => v.id.replace(/.*\//, ''));

		assert.deepEqual(await skus('sku:"coffee-xl" OR sku:"NONE"'),
			['9001']);
		// A search finds what begins so.
		assert.deepEqual(await skus('sku:COFFEE'), ['8', '9001']);
		assert.deepEqual(await skus('product_id:3'), ['8', '9001']);
		assert.deepEqual(await skus('sku:TEA'), []);
		// Of a filter that it does not know, everything.
		assert.deepEqual(await skus('barcode:12'), ['8', '9001']);
		assert.deepEqual((await ids('handle:"cups" OR handle:"x"'))
			.collections.nodes.map((c) => c.handle), ['cups']);
	}));

test('pages of a list', () => with_fake({collections: [1, 2, 3].map((id) =>
	({id, handle: `c${id}`}))}, async ({call}) => {
	const page = async (args) => (await call('query p { collections(' +
		`${args}) { nodes { handle } pageInfo { hasNextPage endCursor ` +
		'} } }'));
	const {nodes, pageInfo} = (await page('first: 2')).data.collections;

	assert.deepEqual([nodes.length, pageInfo.hasNextPage], [2, true]);
	const rest = (await page(`first: 2, after: "${pageInfo.endCursor}"`))
		.data.collections;

	assert.deepEqual([rest.nodes[0].handle, rest.pageInfo.hasNextPage],
		['c3', false]);
	assert.match((await page('reverse: true')).errors[0].message,
		/first or last/);
	assert.match((await page('first: 251')).errors[0].message, /250/);
}));

// ---- scopes, sizes, costs -----------------------------------------------

// What a field asks for, and the scope without which it is denied.
const SCOPED = {
	write_discounts: (f) => f.call('mutation { discountCodeDelete(id: ' +
		'"gid://shopify/DiscountCodeNode/1") { userErrors { code } } }'),
	write_gift_cards: (f) => f.call('mutation { giftCardDeactivate(id: ' +
		'"gid://shopify/GiftCard/1") { userErrors { code } } }'),
	write_store_credit_account_transactions: (f) => f.call(
		'mutation { storeCreditAccountCredit(id: "gid://shopify/Customer/' +
		'1", creditInput: {creditAmount: {amount: "1", currencyCode: ' +
		'EUR}}) { userErrors { code } } }'),
	write_customers: (f) => f.call('mutation { tagsAdd(id: "gid://shopify/' +
		'Customer/1", tags: ["x"]) { userErrors { message } } }'),
	read_discounts: (f) => f.call(LOOK, {c: 'x'}),
	read_gift_cards: (f) => f.call(CARDS, {q: 'x'}),
	read_store_credit_accounts: (f) => f.call(ACCOUNTS, {id: customer(1)}),
	read_products: (f) => f.call(
		'query { collections(first: 1) { nodes { id } } }'),
};
const ALL = ['read_products', 'write_customers', 'write_discounts',
	'write_gift_cards', 'read_store_credit_accounts',
	'write_store_credit_account_transactions'];

for (const [scope, ask] of Object.entries(SCOPED))
	test(`without ${scope} it is denied`, async () => {
		const told = async (scopes) => with_fake({scopes}, async (fake) => {
			const {data, errors} = await ask(fake);

			return [Object.values(data), errors?.[0].extensions.code,
				(await fake.state()).refused_count > 0];
		});
		const without = ALL.filter((s) => s.replace(/^write_/, 'read_') !==
			scope.replace(/^write_/, 'read_'));

		assert.deepEqual(await told(without),
			[[null], 'ACCESS_DENIED', true]);
		assert.equal((await told(ALL))[1], undefined);
	});

test('lists of inputs end at 250, costs at 1000', () =>
	with_fake({}, async (fake) => {
		const id = customer(7);
		const code = async (query, variables) => (await fake.call(query,
			variables)).errors?.[0].extensions?.code;
		const add = 'mutation t($id: ID!, $t: [String!]!) { tagsAdd(id: ' +
			'$id, tags: $t) { userErrors { message } } }';

		assert.equal(await code(add, {id, t: Array(250).fill('x')}),
			undefined);
		assert.equal(await code(add, {id, t: Array(251).fill('x')}),
			'MAX_INPUT_SIZE_EXCEEDED');
		assert.equal(await code('query { segments(first: 250) { nodes { ' +
			'id } } collections(first: 250) { nodes { id } } ' +
			'giftCards(first: 250) { nodes { balance { amount } } } }'),
		'MAX_COST_EXCEEDED');
	}));

test('a page costs what it may have, and is paid for what it has', () =>
	with_fake(GOODS, async ({call}) => {
		const {cost} = (await call('query { collections(first: 50) { ' +
			'nodes { id } } }')).extensions;

		assert.equal(cost.requestedQueryCost, 51);
		assert.equal(cost.actualQueryCost, 3);
		assert.equal(cost.throttleStatus.currentlyAvailable, 1997);
	}));

// Documents that are no more right without graphql-js than with it.
const BAD = {
	'a variable of another type': ['query($c: Int!) { ' +
		'codeDiscountNodeByCode(code: $c) { id } }', {c: 1}],
	'a variable that is not declared': ['query { ' +
		'codeDiscountNodeByCode(code: $c) { id } }', {}],
	'a variable that is not used': ['query($c: String) { shop { id } }', {}],
	'an argument that is missing': ['query { codeDiscountNodeByCode { id } }',
		{}],
	'an argument there is not': ['query { shop(id: 1) { id } }', {}],
	'a field without its selection': ['query { shop }', {}],
	'a selection of what has none': ['query { shop { id { x } } }', {}],
	'a fragment that never is': ['query { shop { ... on GiftCard { id } } }',
		{}],
	'a word for a text': ['query { codeDiscountNodeByCode(code: X) { id } }',
		{}],
	'a text for a word': ['query { metafieldDefinitions(first: 1, ownerType:' +
		' "CUSTOMER") { nodes { id } } }', {}],
	'a word that is none': ['mutation($d: MetafieldDefinitionInput!) { ' +
		'metafieldDefinitionCreate(definition: $d) { userErrors { code } ' +
		'} }', {d: {...definition(), ownerType: 'CLIENT'}}],
	'two contexts': ['mutation($d: DiscountCodeBasicInput!) { ' +
		'discountCodeBasicCreate(basicCodeDiscount: $d) { userErrors { ' +
		'code } } }', {d: {context: {all: 'ALL', customers: {add: []}}}}],
	'a percentage as text': ['mutation($d: DiscountCodeBasicInput!) { ' +
		'discountCodeBasicCreate(basicCodeDiscount: $d) { userErrors { ' +
		'code } } }', {d: {customerGets: percent('0.2')}}],
	'a currency that is missing': ['mutation($d: GiftCardCreateInput!) { ' +
		'giftCardCreate(input: $d) { userErrors { code } } }',
	{d: {initialAmount: {amount: '1'}}}],
	'a member that is deprecated': ['mutation($d: GiftCardCreateInput!) { ' +
		'giftCardCreate(input: $d) { userErrors { code } } }',
	{d: {initialValue: '1'}}],
	'a field that is deprecated': ['query { codeDiscountNode(id: "x") { id } ' +
		'}', {}],
};

for (const [what, [query, variables]] of Object.entries(BAD))
	test(`answers errors to ${what}`, () => with_fake({}, async (fake) => {
		const {data, errors} = await fake.call(query, variables);

		assert.equal(data, undefined);
		assert.ok(errors.length > 0);
	}));

// ---- faults -------------------------------------------------------------

// Operations, and how many things are at the shop afterwards.
const WORKS = {
	discountCodeBasicCreate: (f) => code_create(f, basic()),
	giftCardCreate: (f) => card_create(f, card()),
	storeCreditAccountCredit: (f) =>
		credit_add(f, credit(), {id: customer(7)}),
	discountAutomaticBasicCreate: (f) => auto_create(f, automatic()),
	segmentCreate: (f) => segment_create(f, 'S', 'number_of_orders > 1'),
	metafieldDefinitionCreate: (f) => define(f, definition()),
};
const made = ({definitions, ...s}) => [s.discounts, s.automatic, s.cards,
	s.credits, s.segments, Object.keys(definitions)].flat().length;

for (const [match, work] of Object.entries(WORKS))
	test(`${match} does its work and loses the answer, or does none`, () =>
		with_fake({}, async (fake) => {
			await fake.ask('faults', [{kind: 'status', match},
				{kind: 'reset', match}]);
			await assert.rejects(work(fake));
			await assert.rejects(work(fake));
			assert.equal(made(await fake.state()), 0);
			await fake.ask('faults', {kind: 'reply-lost', match});
			await assert.rejects(work(fake));
			const state = await fake.state();

			assert.equal(made(state), 1);
			assert.equal(state.faults_used, 3);
		}));

// ---- the schema ---------------------------------------------------------

test('strict: shopify_admin.graphql is what both schemas say',
	{skip: !STRICT}, () => {
		const {schemas, graphql} = strict_load();
		const ours = schema_read(readFileSync(new URL(
			'./shopify_admin.graphql', import.meta.url), 'utf8'));
		const wrong = [];

		for (const schema of Object.values(schemas))
			for (const t of ours.values())
				wrong.push(...differs(graphql, schema, t));
		assert.deepEqual(wrong, []);
		assert.ok(ours.size > 100);
	});

// What of a type of ours a published schema has otherwise.
function differs(graphql, schema, {kind, name, fields, words, members, one_of})
{
	const real = schema.getType(name);

	if (!real)
		return [name];
	if (kind === 'enum')
		return [...words].filter((w) => !real.getValue(w));
	if (kind === 'union')
		return [...members].filter((m) => m !== name &&
			!schema.isSubType(real, schema.getType(m)));
	const wanted = graphql.isInputObjectType(real) ?
		Object.entries(real.getFields()).filter(([k, f]) =>
			graphql.isRequiredInputField(f) && !(k in fields))
			.map(([k]) => `${name}.${k} is required`) : [];

	return [...wanted, ...Boolean(real.isOneOf) === one_of ? [] : [name],
		...Object.entries(fields).flatMap(([k, f]) => {
			const r = real.getFields()[k];
			const args = Object.entries(f.args).filter(([a, type]) =>
				String(r.args.find((x) => x.name === a &&
				!x.deprecationReason)?.type) !== type);

			return !r || String(r.type) !== f.type ||
				r.deprecationReason || args.length > 0 ?
				[`${name}.${k}`] : [];
		})];
}

test('strict: scopes are those that Shopify lists', {skip: !STRICT}, () => {
	for (const version of STRICT_VERSIONS) {
		const {items} = JSON.parse(gunzipSync(readFileSync(new URL(
			'./node_modules/.admin-schema/' +
			`admin_${version}.json.gz`, import.meta.url))))
			.offline_scopes;

		for (const [what, scope] of Object.entries(SCOPES)) {
			const [type, field] = what.split('.');
			const listed = items.find((i) => i.typeName === type &&
				i.fieldName === field)?.offlineScopes ?? [];

			// Any of those that are listed opens it.
			if (listed.length > 0)
				assert.ok(listed.includes(scope),
					`${what}: ${listed}`);
		}
	}
});
