// SPDX-License-Identifier: MIT
//
// What the templates of deploy/programs have for members is at the shop as they
// say: each is published for a store of each platform; one of each reward is issued,
// and each benefit is an automatic discount for the customers whose tags say so, or
// is named as what the platform cannot do.  Then: a program that changes what a shop
// has, somebody at the shop who removes it, answers that are lost, and a shop that
// has no room.
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {rewarded_order} from '../support/rewarded.mjs';
import {ROOT} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const LIMIT_MS = 120000;
const CUSTOMER = 1;
const TEMPLATES = readdirSync(join(ROOT, 'deploy/programs'))
	.filter((f) => f.endsWith('.json') && !f.includes('schema')).sort();
const SKUS = ['CUPCAKE', 'MERCH', 'COFFEE', 'BEAUTY-GIFT'];
const CATEGORIES = ['toys', 'kids-books', 'bestseller-hardcover', 'e-readers'];
const GOODS = {
	shopify: {products: SKUS.map((sku, i) => ({id: 10 + i, variants: [{
		id: 20 + i, sku, price: '3.20'}]})),
	collections: CATEGORIES.map((handle, i) => ({id: 30 + i, handle}))},
	woocommerce: {products: SKUS.map((sku, i) => ({id: 10 + i, sku})),
		categories: CATEGORIES.map((slug, i) => ({id: 30 + i, slug}))},
};
const PLATFORMS = Object.keys(GOODS);
const STARTS = {processes: ['receive', 'work', 'schedule', 'push']};

// ---- what is expected, by the program alone ----------------------------------

// Whether Shopify can have the benefit: tiers, memberships and goods.
const of_tags = ({tier, membership, ...others} = {}) =>
	Boolean(tier || membership) && Object.keys(others).length === 0;
const of_goods = (lines = {}) => Object.keys(lines).every((k) =>
	['category', 'product', 'sku'].includes(k)) &&
	Object.keys(lines).length < 2;
const is_made = (b) => ['discount', 'shipping'].includes(b.kind);
const is_possible = (b) => of_tags(b.when) && of_goods(b.lines) &&
	!b.not_lines;

function segment_of({tier = [null], membership = [null]})
{
	const term = (kind, id) => id &&
		`customer_tags CONTAINS 'loyalty-${kind}:${id}'`;

	return membership.flatMap((m) => tier.map((t) => [term('tier', t),
		term('member', m)].filter(Boolean).join(' AND '))).join(' OR ');
}

function discount_of(b)
{
	const of_lines = b.lines?.category;
	const items = of_lines ? {collections: {add: of_lines.map((c) =>
		`gid://shopify/Collection/${30 + CATEGORIES.indexOf(c)}`)}} :
		{all: true};

	return {kind: b.kind === 'shipping' ? 'DiscountAutomaticFreeShipping' :
		'DiscountAutomaticBasic',
	minimum: b.minimum ?? null, segment: segment_of(b.when),
	...(b.kind === 'shipping' ? {} : {items,
		value: {percentage: Number(b.percent) / 100}})};
}

// What the fake has of it.
function found_of(d, segments)
{
	const {customerGets: gets, context, minimumRequirement: least} = d.given;
	const [of] = context.customerSegments.add;

	return {kind: d.kind, minimum: least?.subtotal
		?.greaterThanOrEqualToSubtotal ?? null,
	segment: segments.find((s) =>
		`gid://shopify/Segment/${s.id}` === of)?.query,
	...(gets ? {items: gets.items, value: gets.value} : {})};
}

// ---- rewards -------------------------------------------------------------------

const UNITS = 100000;

function reward_found({platform, d, r})
{
	if (platform === 'shopify') {
		const gets = d.given.customerGets;

		return {minimum: d.given.minimumRequirement?.subtotal
			?.greaterThanOrEqualToSubtotal ?? null,
		percent: gets?.value.percentage ?? null,
		amount: r.kind === 'product' ? null :
			gets?.value.discountAmount?.amount ?? null,
		goods: gets?.items.collections?.add ??
			gets?.items.products?.productVariantsToAdd ?? null};
	}
	return {minimum: Number(d.minimum_amount) > 0 ? d.minimum_amount : null,
		percent: d.discount_type === 'percent' && r.kind === 'percent' ?
			Number(d.amount) / 100 : null,
		amount: r.kind === 'amount' ? d.amount : null,
		goods: [...d.product_categories, ...d.product_ids]
			.map(String)};
}

function reward_expected({platform, r, amount})
{
	const gid = (kind, id) => platform === 'shopify' ?
		`gid://shopify/${kind}/${id}` : String(id);
	const goods = r.lines ? r.lines.category.map((c) => gid('Collection',
		30 + CATEGORIES.indexOf(c))) : r.product ?
		[gid('ProductVariant', (platform === 'shopify' ? 20 : 10) +
			SKUS.indexOf(r.product))] :
		platform === 'shopify' ? null : [];

	return {minimum: r.minimum ?? null, percent: r.percent ?
		Number(r.percent) / 100 : null,
	amount: r.kind === 'amount' ? amount : null, goods};
}

await scenario(async ({w, check, equal, fake, store, until, verified}) => {
	const fakes = {}, stores = [];

	for (const p of PLATFORMS)
		fakes[p] = await fake(p, GOODS[p]);
	const run = async (args) => {
		const r = await w.run(args);

		if (r.status !== 0)
			throw new Error(`${args.join(' ')}: ${r.stderr}`);
		return r;
	};
	const publish = (s, path) => run(['program', 'publish', '--store',
		String(s.store_id), '--file', path]);

	// ---- each template, for a store of each platform ----------------------
	for (const file of TEMPLATES)
		for (const platform of PLATFORMS) {
			const name = `${platform}-${file.replace('.json', '')}`;
			const text = readFileSync(
				join(ROOT, 'deploy/programs', file), 'utf8');
			const program = JSON.parse(text);

			// The README says so of this one.
			if (platform === 'woocommerce')
				for (const r of program.rewards ?? [])
					if (r.kind === 'store_credit')
						r.way = 'own';
			const path = join(w.dir, `${name}.json`);

			writeFileSync(path, JSON.stringify(program));
			const s = await store(platform, {domain: `${name}.example`,
				brand: name, shop_id: 5000 + stores.length,
				program: path, api_url:
					`${fakes[platform].url}/s/${name}`,
				token: platform === 'shopify' ? 'shpat_fake' :
					'ck_fake:cs_fake'});
			const {stderr} = await w.run(['program', 'publish',
				'--store', String(s.store_id), '--file', path]);

			stores.push(Object.assign(s, {name, platform, program,
				path, said: stderr,
				shop: fakes[platform].store(name)}));
		}
	for (const p of STARTS.processes)
		await w.start(p);
	await w.ready('receive');
	for (const s of stores)
		await w.store_known(s);

	// ---- benefits ----------------------------------------------------------
	const at_shop = ({shop}) => shop.state().automatic ?? [];
	const all_right = () => until('all benefits to be at the shops', async () =>
		(await w.sql(`SELECT count(*) FROM benefit_at_shop
			WHERE state <> 2 OR wanted IS NULL`))[0][0] === '0' &&
		(await w.sql('SELECT count(*) FROM benefit_at_shop'))[0][0] !== '0',
	LIMIT_MS);

	await all_right();
	for (const s of stores) {
		const benefits = (s.program.benefits ?? []).filter(is_made);
		const made = s.platform === 'shopify' ?
			benefits.filter(is_possible) : [];
		const named = [...s.said.matchAll(
			/: benefit ([a-z0-9_-]+): (?:Shopify|virtual)/g)]
			.map(([, id]) => id);
		const sort = (list) => list.map((x) => JSON.stringify(x)).sort();

		equal(named, benefits.filter((b) => !made.includes(b))
			.map((b) => b.id), `${s.name}: what is not made is named`);
		equal(sort(at_shop(s).map((d) => found_of(
			d, s.shop.state().segments))),
		sort(made.map(discount_of)), `${s.name}: the others are made`);
		equal(s.shop.state().refused, [], `${s.name}: nothing is refused`);
	}

	// ---- one of each reward ------------------------------------------------
	for (const s of stores)
		if (s.program.rewards)
			equal((await post(s, rewarded_order(s, {
				customer: CUSTOMER, id: 1000 + s.store_id,
				amount: '1.00'}))).status, 200,
			`${s.name}: an order is taken`);
	await until('orders to be posted', async () =>
		await w.backlog() === 0, LIMIT_MS);
	await until('members to be known', async () => Number((await w.sql(
		`SELECT count(DISTINCT store_id) FROM identity WHERE kind = 1`
	))[0][0]) === stores.filter((s) => s.program.rewards).length, LIMIT_MS);
	const issued = [];

	for (const s of stores)
		for (const r of s.program.rewards ?? []) {
			const who = ['--store', String(s.store_id), '--customer',
				String(CUSTOMER)];
			const wallet = r.wallet ?? Object.keys(
				s.program.wallets ?? {points: {}})[0];
			const is_money = s.program.wallets?.[wallet]?.unit ===
				'money';
			const key = `${s.name}-${r.id}`;

			await run(['member', 'adjust', ...who, '--wallet', wallet,
				'--units', is_money ? '20.00' : String(UNITS),
				'--reason', 'a test', '--key', `gift-${key}`]);
			issued.push({s, r, key, who, wallet, is_money});
		}
	await until('gifts to be posted', async () => (await w.sql(`SELECT
		count(*) FROM member_state WHERE due_at <= now()`))[0][0] === '0',
	LIMIT_MS);
	for (const x of issued) {
		const {s, r, key, who, is_money, wallet} = x;
		const {stderr} = await w.run(['member', 'redeem', ...who, '--reward', r.id, '--key',
			key, ...(r.kind === 'charity' ? ['--charity',
				s.program.charities[0]] : r.way === 'own' ?
				['--reserve'] : ['--issue']),
			...(r.variable ? ['--units', is_money ? '5.00' : '500'] :
				[]), '--wallet', wallet]);

		x.refused = stderr.match(/refused \((\w+)\)/)?.[1] ?? null;
		// Of a till, one is redeemed by its own key (scenario 24).
		equal(x.refused, r.when?.channel ? 'other_channel' : null,
			`${key}: it is redeemed, or only at a till`);
	}
	const made = issued.filter(({r, refused}) => !refused &&
		r.kind !== 'charity' && r.way !== 'own');

	for (const x of made) {
		const {s, r, key} = x;
		const show = () => w.json(['reward', 'show', '--store',
			String(s.store_id), '--key', key]).catch(() => ({}));
		const done = r.kind === 'store_credit' ? 'given' : 'issued';

		await until(`${key} to be ${done}`, async () => {
			x.shown = await show();
			return x.shown.is === done;
		}, LIMIT_MS);
		const state = s.shop.state();

		if (r.kind === 'store_credit') {
			check(state.credits.length === 1 &&
				Number(state.credits[0].amount) > 0,
			`${key}: the credit is there`);
			continue;
		}
		const d = (state.discounts ?? state.coupons).find((c) =>
			c.code?.toUpperCase() === x.shown.code);

		equal(reward_found({...s, d, r}), reward_expected({...s, r,
			amount: r.variable ? '5.00' : r.amount}),
		`${key}: the code has what the program says`);
		equal(s.shop.platform.use(s.shop, {code: x.shown.code,
			customer: CUSTOMER, subtotal: '500.00'}).ok, true,
		`${key}: it can be used`);
	}
	check(made.length > 25, `${made.length} rewards are made`);

	// ---- customers of a segment --------------------------------------------
	const s = stores.find((x) => x.name === 'shopify-tiers');
	const gold = {...s.program};
	const next = async (program, what) => {
		const path = join(w.dir, 'next.json');
		const expected = program.benefits.filter((b) => is_made(b) &&
			is_possible(b)).map(discount_of);
		const found = () => at_shop(s).map((d) =>
			found_of(d, s.shop.state().segments));

		writeFileSync(path, JSON.stringify({...program, tests: []}));
		await publish(s, path);
		await until(what, async () => JSON.stringify(found()) ===
			JSON.stringify(expected) && (await w.sql(`SELECT
			count(*) FROM benefit_at_shop WHERE store_id =
			${s.store_id} AND (state <> 2 OR wanted IS NULL)`)
			)[0][0] === '0', LIMIT_MS);
		equal(found(), expected, what);
	};
	const applies = (customer) => s.shop.platform.use(s.shop,
		{customer, subtotal: '100.00'}).discounts;

	s.shop.data.tags.set('5', ['loyalty-tier:gold']);
	equal([applies(5).length, applies(6).length], [1, 0],
		'a tier\'s customers have it, others do not');
	const id = () => at_shop(s).map((d) => d.id);
	const first = id();
	const ship = {id: 'ship', kind: 'shipping', when: {tier: ['gold']},
		minimum: '20.00', names: {en: {one: 'Free shipping',
			other: 'Free shipping'}}};
	const ten = {id: 'ten', kind: 'discount', percent: '10',
		when: {tier: ['gold']}};

	await next({...gold, benefits: [ship]}, 'it is changed');
	equal(id(), first, 'and stays the same discount');
	await next({...gold, benefits: [{...ship, minimum: undefined}]},
		'it is made anew without a smallest order');
	await next({...gold, benefits: [{...ship, minimum: undefined}, ten]},
		'another one is made');
	await next({...gold, benefits: [{...ten, percent: '12.5'}]},
		'one is removed, another one changed');
	equal(s.shop.state().segments.length, 1, 'with its segment');
	await next({...gold, benefits: [{...ten, lines: {category: ['toys']}}]},
		'for some goods it is made anew');

	// ---- somebody removes it, and answers are lost ---------------------------
	s.shop.data.discounts = s.shop.data.discounts.filter((d) => d.code);
	s.shop.data.segments = [];
	await w.sql(`UPDATE benefit_at_shop SET state = 1, push_at = now()
		WHERE store_id = ${s.store_id}`);
	await all_right();
	equal([at_shop(s).length, s.shop.state().segments.length], [1, 1],
		'what somebody removed is made again');
	s.shop.add_faults(['segmentCreate', 'discountAutomaticBasicCreate',
		'discountAutomaticFreeShippingCreate', 'discountAutomaticDelete',
		'segmentDelete'].map((match) => ({kind: 'reply-lost', match,
		times: 1})));
	await next({...gold, benefits: [{...ship, minimum: undefined}, {...ten,
		id: 'other'}]}, 'lost answers make nothing twice');
	equal(s.shop.state().segments.length, 2, 'nor a segment');

	// ---- no room ------------------------------------------------------------
	s.shop.config.automatic_max = 2;
	const path = join(w.dir, 'full.json');

	writeFileSync(path, JSON.stringify({...gold, tests: [], benefits: [
		{...ship, minimum: undefined}, {...ten, id: 'other'}, ten]}));
	await publish(s, path);
	await until('the shop to have no room', async () => (await w.sql(`SELECT
		why FROM benefit_at_shop WHERE benefit = 'ten' AND state = 3`
	))[0]?.[0].includes('25 automatic discounts'), LIMIT_MS);
	check(/benefit ten is not as its program says: .*25 automatic/.test(
		w.log_end('push', 200)), 'the operator is told');
	equal(at_shop(s).length, 2, 'the others stay');
	const shown = ['store', 'show', '--store', String(s.store_id)];
	const {benefits} = await w.json(shown);

	equal(benefits.map((b) => [b.benefit, b.is, Boolean(b.right_at)]),
		[['other', 'right', true], ['ship', 'right', true],
			['ten', 'refused', false]], 'store show has them');
	check(/^benefit +ten: refused: .*25 automatic/m.test((await run(
		shown)).stdout), 'and says why one is not there');
	s.shop.config.automatic_max = 3;
	await w.sql(`UPDATE benefit_at_shop SET push_at = now() + '1 day'
		WHERE benefit = 'ten'`);
	await run(['push', 'retry', '--store', String(s.store_id)]);
	await until('the benefit to be there', async () =>
		at_shop(s).length === 3, LIMIT_MS);
	await all_right();
	await verified();
}, {env: {LOYALD_PUSH_TIMEOUT_MS: '1000'}});
