// SPDX-License-Identifier: MIT
//
// The WooCommerce fake's coupons and goods, against what a real shop answered
// (tests/data/woocommerce/rest/coupon-*), in the order in which it was asked.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {woocommerce_start} from './woocommerce.mjs';

const REST = new URL('../data/woocommerce/rest/', import.meta.url);
const ROOT = '/wp-json/wc/v3';
const COUPONS = `${ROOT}/coupons`;
const KEYS = [{key: 'ck_fake', secret: 'cs_fake', permissions: 'read_write'},
	{key: 'ck_c', secret: 'cs_c', permissions: 'read_write',
		role: 'customer'}];

async function with_fake(config, run)
{
	const fake = await woocommerce_start({config: {keys: KEYS, ...config}});
	const ask = async (path, body) => (await fetch(
		`${fake.url}/__fake/${path}`, body && {method: 'POST',
			body: JSON.stringify(body)})).json();

	try {
		return await run({ask, url: fake.url,
			use: (given) => ask('use', given),
			coupons: async () =>
				(await ask('state?store=default')).coupons,
			call: async (method, path, body, pair = 'ck_fake:cs_fake') => {
				const answer = await fetch(fake.url + path, {method,
					headers: {'x-forwarded-proto': 'https',
						'content-type': 'application/json',
						authorization: 'Basic ' + Buffer
							.from(pair).toString('base64')},
					body: body ? JSON.stringify(body) :
						undefined});

				return {status: answer.status,
					headers: answer.headers,
					body: await answer.json()};
			}});
	} finally {
		await fake.close();
	}
}

// "METHOD URL\nBODY\n\n-> STATUS\nHEADERS\n\nBODY"
function recorded(name)
{
	const text = readFileSync(new URL(`${name}.txt`, REST), 'utf8');
	const [asked, answered] = text.split(/^-> /m);
	const [, method, url] = /^(\w+) (\S+)\n/.exec(asked);
	const body = asked.slice(asked.indexOf('\n') + 1).trim();
	const header = (h) => new RegExp(`^${h}: (.*)$`, 'm')
		.exec(answered)?.[1] ?? null;

	return {method, path: url.replace(/^https?:\/\/[^/]+/, ''),
		body: body && JSON.parse(body),
		status: Number(answered.slice(0, 3)), header,
		answer: JSON.parse(answered.slice(answered.search(/\n[[{]/)))};
}

// Without the host and the times at which things were made.
const plain = (value) => JSON.parse(JSON.stringify(value)
	.replace(/https?:\/\/[^/"]+/g, 'http://shop')
	.replace(/("date_(created|modified)(_gmt)?":)"[\dT:-]{19}"/g, '$1"then"'));

const ORDER = ['coupon-create', 'coupon-create-dup', 'coupon-create-num-amount',
	'coupon-create-numstr', 'coupon-percent-101', 'coupon-comma-amount',
	'coupon-bad-email', 'coupon-bad-type', 'coupon-no-code',
	'coupon-html-code', 'coupon-lookup', 'coupon-lookup-2',
	'coupon-delete-trash', 'coupon-recreate-after-trash'];

test('answers all that was recorded of coupons, to the letter', () =>
	with_fake({}, async ({call}) => {
		for (const name of ORDER) {
			const r = recorded(name);
			const {status, headers, body} =
				await call(r.method, r.path, r.body);

			assert.equal(status, r.status, name);
			assert.deepEqual(plain(body), plain(r.answer), name);
			// Keys come in the same order too.
			assert.equal(JSON.stringify(plain(body)),
				JSON.stringify(plain(r.answer)), name);
			for (const h of ['X-WP-Total', 'X-WP-TotalPages'])
				assert.equal(headers.get(h), r.header(h), name);
			assert.equal(headers.get('Location')
				?.replace(/^.*wp-json/, ''), r.header('Location')
				?.replace(/^.*wp-json/, ''), name);
		}
	}));

const make = (call, more = {}) => call('POST', COUPONS, {code: 'loy-ab12',
	discount_type: 'fixed_cart', amount: '5.00', usage_limit: 1,
	email_restrictions: ['customer7@example.test'], ...more});

// What is sent, and what is kept of it.
const KEPT = {
	'an address': [{email_restrictions: ['Anna@Example.TEST']},
		{email_restrictions: ['anna@example.test']}],
	'an address with a blank': [{email_restrictions: ['an na@example.test']},
		{email_restrictions: ['anna@example.test']}],
	'an address of letters that it does not know': [
		{email_restrictions: ['a@müller.test']},
		{email_restrictions: ['a@mller.test']}],
	'addresses that are none': [{email_restrictions: ['a@b', '@b.test',
		'x', '', 'a@.test']}, {email_restrictions: []}],
	'a list as text': [{product_ids: '3, 4'}, {product_ids: [3, 4]}],
	'numbers as text': [{usage_limit: '2'}, {usage_limit: 2}],
	'no limit': [{usage_limit: 0}, {usage_limit: null}],
	'thousands and cents': [{amount: '1.234,50'}, {amount: '1234.50'}],
	'halves as PHP rounds them': [{amount: '1.005'}, {amount: '1.01'}],
	'an empty amount': [{amount: ''}, {amount: '0.00'}],
	'an end in the shop\'s time, in summer': [
		{date_expires: '2027-07-01T00:00:00'},
		{date_expires_gmt: '2027-06-30T22:00:00'}],
	'an end in UTC, in winter': [{date_expires_gmt: '2027-01-01T00:00:00'},
		{date_expires: '2027-01-01T01:00:00'}],
	'what it does not know': [{nonsense: 1}, {nonsense: undefined}],
};

for (const [what, [sent, kept]] of Object.entries(KEPT))
	test(`keeps ${what} in its own way`, () =>
		with_fake({}, async ({call}) => {
			const {status, body} = await make(call, sent);

			assert.equal(status, 201);
			for (const [k, v] of Object.entries(kept))
				assert.deepEqual(body[k], v, k);
		}));

test('the time of a shop may be behind', () =>
	with_fake({timezone: 'America/New_York'}, async ({call}) =>
		assert.equal((await make(call, {date_expires:
			'2027-01-01T00:00:00'})).body.date_expires_gmt,
		'2027-01-01T05:00:00')));

const REFUSED = {
	'a number of uses that is none': [{usage_limit: 'x'},
		'rest_invalid_param', 'usage_limit'],
	'a list of words as ids': [{product_ids: [1, 'x']},
		'rest_invalid_param', 'product_ids'],
	'a word that is no truth': [{free_shipping: 'yes'},
		'rest_invalid_param', 'free_shipping'],
	'less than nothing': [{amount: '-1'}, 'coupon_invalid_amount', null],
	'an empty code': [{code: ''}, 'woocommerce_rest_empty_coupon_code', null],
	'a code of HTML alone': [{code: '<b></b>'},
		'woocommerce_rest_empty_coupon_code', null],
};

for (const [what, [sent, code, param]] of Object.entries(REFUSED))
	test(`refuses ${what}`, () => with_fake({}, async ({call, coupons}) => {
		const {status, body} = await make(call, sent);

		assert.deepEqual([status, body.code], [400, code]);
		if (param)
			assert.deepEqual(Object.keys(body.data.params), [param]);
		assert.deepEqual(await coupons(), []);
	}));

test('changes a coupon, but not to a code that another has', () =>
	with_fake({}, async ({call}) => {
		const {body: {id}} = await make(call);
		const put = async (given) => (await call('PUT',
			`${COUPONS}/${id}`, given)).body;

		await make(call, {code: 'other'});
		assert.equal((await put({amount: '7'})).amount, '7.00');
		assert.equal((await put({code: 'OTHER'})).code,
			'woocommerce_rest_coupon_code_already_exists');
		assert.equal((await put({code: 'LOY-AB12'})).code, 'loy-ab12');
		await put({discount_type: 'percent'});
		assert.equal((await put({amount: '101'})).code,
			'coupon_invalid_amount');
		assert.equal((await call('GET', `${COUPONS}/${id}`)).body.amount,
			'7.00');
		assert.equal((await call('PUT', `${COUPONS}/99`, {})).status, 400);
		assert.equal((await call('GET', `${COUPONS}/99`)).status, 404);
	}));

test('the bin keeps a coupon; by force it is gone', () =>
	with_fake({}, async ({call, coupons, use}) => {
		const {body: {id}} = await make(call);
		const path = `${COUPONS}/${id}`;
		const live = async () => (await coupons()).map((c) => c.live);

		assert.deepEqual(await live(), [true]);
		await call('DELETE', path);
		assert.deepEqual(await live(), [false]);
		assert.equal((await call('GET', path)).body.status, 'trash');
		assert.deepEqual((await call('GET', `${COUPONS}?code=loy-ab12`))
			.body, []);
		assert.equal((await use({code: 'loy-ab12', customer: 7})).why,
			'no such code');
		assert.equal((await call('DELETE', path)).status, 410);
		assert.equal((await call('DELETE', `${path}?force=true`)).status,
			200);
		assert.equal((await call('DELETE', `${path}?force=true`)).body
			.code, 'woocommerce_rest_shop_coupon_invalid_id');
		assert.deepEqual(await coupons(), []);
	}));

test('a batch: each item for itself, a hundred at most', () =>
	with_fake({}, async ({call, coupons}) => {
		const of = (n) => Array.from({length: n}, (_, i) =>
			({code: `c${i}`, amount: '1'}));
		const batch = (body) => call('POST', `${COUPONS}/batch`, body);
		const {body: {create}} = await batch({create: [...of(2),
			{code: 'C1', amount: '1'}]});

		assert.deepEqual(create.map((c) => c.code ?? c.error.code),
			['c0', 'c1', 'woocommerce_rest_coupon_code_already_exists']);
		assert.equal(create[2].id, 0);
		const {body} = await batch({update: [{id: create[0].id,
			amount: '2'}], delete: [create[1].id, 999]});

		assert.equal(body.update[0].amount, '2.00');
		assert.equal(body.delete[0].code, 'c1');
		assert.equal(body.delete[1].error.data.status, 404);
		assert.deepEqual((await coupons()).map((c) => c.code), ['c0']);
		assert.equal((await batch({create: of(101)})).status, 413);
	}));

test('pages of coupons, the newest first', () =>
	with_fake({}, async ({call}) => {
		for (let i = 0; i < 12; i++)
			await make(call, {code: `c${i}`});
		const first = await call('GET', COUPONS);
		const next = await call('GET',
			`${COUPONS}?page=2&_fields=code`);
		const r = recorded('orders-per-page-101');
		const long = await call('GET', `${COUPONS}?per_page=101`);

		assert.deepEqual([first.body.length, first.body[0].code,
			first.headers.get('x-wp-total')], [10, 'c11', '12']);
		assert.deepEqual(next.body, [{code: 'c1'}, {code: 'c0'}]);
		assert.deepEqual([long.status, long.body], [r.status, r.answer]);
	}));

test('a shopper uses a coupon as it says', () =>
	with_fake({}, async ({call, use, coupons}) => {
		const why = async (given) => (await use({customer: 7,
			code: 'LOY-ab12', ...given})).why;

		await make(call, {minimum_amount: '20', amount: '5'});
		await make(call, {code: 'over',
			date_expires_gmt: '2020-01-01T00:00:00'});
		await make(call, {code: 'twice', usage_limit: 3,
			usage_limit_per_user: 1, email_restrictions: ['*@b.test']});
		await make(call, {code: 'all', email_restrictions: ['nope'],
			usage_limit: 2});
		assert.equal(await why({code: 'none'}), 'no such code');
		assert.equal(await why({customer: 8}), 'another customer');
		assert.equal(await why({subtotal: '19.99'}), 'minimum');
		assert.equal(await why({code: 'over'}), 'over');
		assert.deepEqual(await use({code: 'LOY-ab12', customer: 7,
			subtotal: '20'}), {ok: true, kind: 'fixed_cart',
			amount: '5.00', value: '5.00', free_shipping: false});
		assert.equal(await why({}), 'used');
		assert.equal(await why({code: 'twice', email: 'A@B.test'}),
			undefined);
		assert.equal(await why({code: 'twice', email: 'A@B.test'}),
			'used by this customer');
		// An address that was dropped: the coupon is everybody's.
		assert.equal(await why({code: 'all', customer: 0,
			email: 'x@y.test'}), undefined);
		assert.deepEqual((await coupons()).map((c) =>
			[c.code, c.used, c.live]), [['loy-ab12', 1, false],
			['over', 0, false], ['twice', 1, true], ['all', 1, true]]);
	}));

test('an order that is cancelled gives the use back', () =>
	with_fake({}, async ({call, use, coupons}) => {
		const of = {code: 'loy-ab12', customer: 7};

		await make(call);
		assert.equal((await use({...of, undo: true})).ok, false);
		await use(of);
		assert.equal((await use({...of, undo: true})).ok, true);
		assert.equal((await coupons())[0].live, true);
		assert.equal((await use(of)).ok, true);
	}));

test('goods: SKUs by commas and any case, one slug', () =>
	with_fake({products: [{id: 8, sku: 'COFFEE'}, {id: 9, sku: 'COFFEE-XL'}],
		categories: [{id: 4, slug: 'teas'}, {id: 5, slug: 'cups'}]},
	async ({call}) => {
		const ids = async (path) => (await call('GET', ROOT + path)).body
			.map((x) => x.id);

		assert.deepEqual(await ids('/products?sku=coffee'), [8]);
		assert.deepEqual(await ids('/products?sku=COFFEE-XL,none,coffee'),
			[8, 9]);
		assert.deepEqual(await ids('/products?sku=TEA'), []);
		assert.deepEqual(await ids('/products/categories?slug=teas'), [4]);
		assert.deepEqual(await ids('/products/categories?slug=a,teas'),
			[]);
		assert.deepEqual((await call('GET', `${ROOT}/products?sku=coffee` +
			'&_fields=id,sku')).body, [{id: 8, sku: 'COFFEE'}]);
	}));

test('who may not is told so, in the words of the route', () =>
	with_fake({}, async ({call}) => {
		const of = async (method, path, pair) => {
			const {status, body} = await call(method, path,
				method === 'GET' ? undefined : {code: 'x'}, pair);

			return [status, body.code];
		};

		assert.deepEqual(await of('POST', COUPONS, 'ck_c:cs_c'),
			[403, 'woocommerce_rest_cannot_create']);
		assert.deepEqual(await of('DELETE', `${COUPONS}/1`, 'ck_c:cs_c'),
			[403, 'woocommerce_rest_cannot_delete']);
		assert.deepEqual(await of('POST', `${COUPONS}/batch`, 'ck_c:cs_c'),
			[403, 'woocommerce_rest_cannot_batch']);
		assert.deepEqual(await of('GET', COUPONS, 'ck_x:cs_x'),
			[401, 'woocommerce_rest_cannot_view']);
	}));

// Operations that make something.
const HTML = {kind: 'status', status: 503};
const OPERATIONS = {
	'POST coupons': ({call}) => make(call),
	'POST coupons/batch': ({call}) => call('POST', `${COUPONS}/batch`,
		{create: [{code: 'x', amount: '1'}]}),
};

for (const [match, work] of Object.entries(OPERATIONS))
	test(`${match} does its work and loses the answer, or does none`, () =>
		with_fake({}, async (fake) => {
			const made = async () => (await fake.coupons()).length;

			await fake.ask('faults', [{...HTML, match},
				{kind: 'reset', match}]);
			await assert.rejects(work(fake), /JSON/);
			await assert.rejects(work(fake), /fetch failed/);
			assert.equal(await made(), 0);
			assert.equal((await fake.call('GET', COUPONS)).status, 200);
			await fake.ask('faults', {kind: 'reply-lost', match});
			await assert.rejects(work(fake));
			assert.equal(await made(), 1);
		}));

test('a deletion that loses its answer is done', () =>
	with_fake({}, async ({call, ask, coupons}) => {
		const {body: {id}} = await make(call);

		await ask('faults', {kind: 'reply-lost',
			match: 'DELETE coupons/ID'});
		await assert.rejects(call('DELETE',
			`${COUPONS}/${id}?force=true`));
		assert.deepEqual(await coupons(), []);
	}));
