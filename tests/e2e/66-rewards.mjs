// SPDX-License-Identifier: MIT
//
// Rewards arrive at the shop, once, and leave nothing behind: a member redeems,
// the code stands at the shop, an order uses it; it is taken back, runs out, and
// comes back when its order is undone, on both platforms.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {rewarded_order} from '../support/rewarded.mjs';
import {post, scenario} from './scenario.mjs';

const LIMIT_MS = 60000;
const EARNED = 1000;
const PROGRAM = {name: 'rewards', rules: [{id: 'order', on: 'order',
	give: {points: 1, per: '1'}}], rewards: [
	{id: 'five', kind: 'amount', amount: '5.00', cost: 200,
		minimum: '20.00', combines: true, valid: '30 days'},
	{id: 'fifth', kind: 'percent', percent: '20.5', cost: 300},
	{id: 'ship', kind: 'shipping', cost: 100},
	{id: 'coffee', kind: 'product', product: 'COFFEE', cost: 100},
	{id: 'again', kind: 'amount', amount: '2.00', cost: 100,
		on_cancel: 'reopen', on_refund: 'keep'},
	{id: 'tour', kind: 'experience', cost: 100}]};
// Only one of the platforms can make these.
const SHOPIFY = [{id: 'credit', kind: 'store_credit', amount: '0.05', cost: 10,
	variable: true}, {id: 'card', kind: 'gift_card', amount: '7.00',
	cost: 70, valid: '1 year'}, {id: 'toys', kind: 'amount',
	amount: '3.00', cost: 60, lines: {category: ['toys']}}];
const WOOCOMMERCE = [{id: 'toys', kind: 'percent', percent: '30', cost: 60,
	lines: {category: ['toys', 'books']}}];

await scenario(async ({w, check, equal, fake, store, until, verified}) => {
	for (const [platform, more] of [['shopify', SHOPIFY],
		['woocommerce', WOOCOMMERCE]]) {
		const program = join(w.dir, `${platform}.json`);

		writeFileSync(program, JSON.stringify({...PROGRAM,
			rewards: [...PROGRAM.rewards, ...more]}));
		await platform_runs({platform, program, w, check, equal, fake,
			store, until});
	}
	const bare = await store('shopify', {domain: 'bare.myshopify.com',
		program: join(w.dir, 'shopify.json')});

	for (const p of ['receive', 'work'])
		await w.start(p);
	await w.ready('receive');
	await w.store_known(bare);
	equal((await post(bare, rewarded_order(bare, {id: 1, customer: 1,
		amount: '900.00'}))).status, 200, 'a shop without an API');
	await until('its order to be posted', async () =>
		await w.backlog() === 0, LIMIT_MS);
	check(/has no API address/.test((await w.run(['member', 'redeem',
		'--store', String(bare.store_id), '--customer', '1', '--reward',
		'five', '--issue'])).stderr),
	'it is said that nobody can make the reward');
	await verified();
	await w.sql(`UPDATE reward SET stands = 3
		WHERE redemption = 'shopify-ship'`);
	equal((await w.verify()).problems.map((p) => p.what),
		['reward shopify-ship of store 1'],
		'verify finds a reward whose points stand elsewhere');
});

async function platform_runs({platform, program, w, check, equal, fake, store,
	until})
{
	const shop = await fake(platform, {products: platform === 'shopify' ?
		[{id: 7, variants: [{id: 8, sku: 'COFFEE', price: '3.20'}]}] :
		[{id: 8, sku: 'COFFEE'}], emails: {9: 'no address'},
	collections: [{id: 5, handle: 'toys'}],
	categories: [{id: 5, slug: 'toys'}, {id: 6, slug: 'books'}]});
	const s = await store(platform, {program}, shop);
	const at = (customer, id, more = {}) => rewarded_order(s, {customer, id,
		amount: `${EARNED}.00`, ...more});
	const send = async (...orders) => {
		for (const o of orders)
			equal((await post(s, o)).status, 200,
				`${platform}: an order is taken`);
		await until('orders to be posted', async () =>
			await w.backlog() === 0, LIMIT_MS);
	};
	const state = () => shop.store('default').state();
	const codes = () => (state().discounts ?? state().coupons);
	const live = () => codes().filter((c) => c.live).length;
	const member = (customer) => ['--store', String(s.store_id),
		'--customer', String(customer)];
	const redeem = async (customer, reward, key, more = []) => {
		const r = await w.run(['member', 'redeem', ...member(customer),
			'--reward', reward, '--key', key, '--issue', ...more]);

		if (r.status !== 0)
			throw new Error(r.stderr);
	};
	const show = (key) => w.json(['reward', 'show', '--store',
		String(s.store_id), '--key', key]);
	const is = (key, word) => until(`${key} to be ${word}`, async () =>
		(await show(key).catch(() => ({}))).is === word, LIMIT_MS);
	const points = async (customer) => {
		const [b] = await w.sql(`SELECT b.available, b.reserved
			FROM identity i JOIN balance b USING (tenant_id, member_id)
			WHERE i.store_id = ${s.store_id} AND i.kind = 1
			AND i.value = '${customer}' AND b.wallet = 1`);

		return b.map(Number);
	};
	const use = (key, customer) => show(key).then(({code}) =>
		shop.store('default').platform.use(shop.store('default'),
			{code, customer}));

	for (const p of ['receive', 'work', 'push', 'schedule'])
		await w.start(p);
	await w.ready('receive');
	await w.store_known(s);
	await send(...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((c) => at(c, 100 + c)));

	// ---- it is made, with its conditions ---------------------------------
	await redeem(1, 'five', `${platform}-five`);
	await is(`${platform}-five`, 'issued');
	equal(await points(1), [EARNED - 200, 200],
		`${platform}: the points are set aside`);
	equal(live(), 1, `${platform}: one code is live`);
	await redeem(1, 'fifth', `${platform}-fifth`);
	await redeem(1, 'ship', `${platform}-ship`);
	await redeem(1, 'coffee', `${platform}-coffee`);
	for (const k of ['fifth', 'ship', 'coffee'])
		await is(`${platform}-${k}`, 'issued');
	equal(live(), 4, `${platform}: four codes are live`);

	// ---- an order uses it ------------------------------------------------
	equal((await use(`${platform}-five`, 1)).ok, true,
		`${platform}: the shop takes the code`);
	const {code} = await show(`${platform}-five`);

	await send(at(1, 201, {amount: '30.00', codes: [code]}));
	await is(`${platform}-five`, 'used');
	equal((await show(`${platform}-five`)).used_by, 201,
		`${platform}: the order is known that used it`);

	// ---- taken back before it was used ------------------------------------
	await w.run(['reward', 'revoke', '--store', String(s.store_id), '--key',
		`${platform}-fifth`, '--reason', 'a mistake']);
	await is(`${platform}-fifth`, 'revoked');
	await until('the points to be back', async () =>
		(await points(1))[1] === 200, LIMIT_MS);
	equal(live(), 2, `${platform}: its code is gone`);

	// ---- it runs out, and an order comes late ------------------------------
	await redeem(2, 'five', `${platform}-late`, ['--cart']);
	await is(`${platform}-late`, 'issued');
	const late = (await show(`${platform}-late`)).code;

	await w.sql(`UPDATE reward SET ends_at = now(), push_at = now()
		WHERE redemption = '${platform}-late'`);
	await is(`${platform}-late`, 'expired');
	await until('the points to be back', async () =>
		(await points(2)).join() === `${EARNED},0`, LIMIT_MS);
	await send(at(2, 202, {amount: '30.00', codes: [late]}));
	await is(`${platform}-late`, 'used');
	equal(await points(2), [EARNED + 30 - 200, 0],
		`${platform}: a late order takes the points again`);

	// ---- the order is cancelled, refunded ----------------------------------
	await redeem(3, 'five', `${platform}-cancel`);
	await is(`${platform}-cancel`, 'issued');
	const cancelled = (await show(`${platform}-cancel`)).code;

	await use(`${platform}-cancel`, 3);
	await send(at(3, 203, {amount: '30.00', codes: [cancelled]}));
	await is(`${platform}-cancel`, 'used');
	await send(at(3, 203, {amount: '30.00', codes: [cancelled],
		cancelled: true}));
	await is(`${platform}-cancel`, 'returned');
	await until('the points to be back', async () =>
		(await points(3)).join() === `${EARNED},0`, LIMIT_MS);
	equal(codes().some((c) => c.code.toUpperCase() === cancelled), false,
		`${platform}: the code of a cancelled order is gone`);

	await redeem(4, 'again', `${platform}-again`);
	await is(`${platform}-again`, 'issued');
	const first = (await show(`${platform}-again`)).code;

	await use(`${platform}-again`, 4);
	await send(at(4, 204, {amount: '30.00', codes: [first]}));
	await is(`${platform}-again`, 'used');
	await send(at(4, 204, {amount: '30.00', codes: [first],
		cancelled: true}));
	await is(`${platform}-again`, 'issued');
	const second = (await show(`${platform}-again`)).code;

	check(second !== first, `${platform}: it begins anew with another code`);
	equal(codes().filter((c) => [first, second].includes(
		c.code.toUpperCase())).map((c) => c.code.toUpperCase()),
	[second], `${platform}: the code before is gone`);
	equal(await points(4), [EARNED - 100, 100],
		`${platform}: its points stay set aside`);

	// ---- it runs out, is used late, begins anew, and runs out again -----------
	const spent = ['fifth', 'fifth', 'five', 'five'];

	await redeem(10, 'again', `${platform}-twice`);
	await is(`${platform}-twice`, 'issued');
	const twice = (await show(`${platform}-twice`)).code;

	await w.sql(`UPDATE reward SET ends_at = now(), push_at = now()
		WHERE redemption = '${platform}-twice'`);
	await is(`${platform}-twice`, 'expired');
	await until('the points to be back', async () =>
		(await points(10)).join() === `${EARNED},0`, LIMIT_MS);
	for (const [i, reward] of spent.entries())
		await redeem(10, reward, `${platform}-spent-${i}`);
	for (const i of spent.keys())
		await is(`${platform}-spent-${i}`, 'issued');
	await send(at(10, 210, {amount: '30.00', codes: [twice]}));
	await is(`${platform}-twice`, 'used');
	await send(at(10, 210, {amount: '30.00', codes: [twice],
		cancelled: true}));
	await is(`${platform}-twice`, 'expired');
	await until('the points to be back again', async () =>
		(await points(10)).join() === `0,${EARNED}`, LIMIT_MS);
	equal(await w.sql(`SELECT source_id, count(*) FROM entry
		WHERE source_id LIKE '${platform}-spent-%'
		GROUP BY source_id ORDER BY source_id`),
	spent.map((_, i) => [`${platform}-spent-${i}`, '1']),
	`${platform}: what was spent meanwhile is not posted anew`);

	// ---- refunds ---------------------------------------------------------------
	const changed = () => Date.now() + 1000;

	await redeem(6, 'five', `${platform}-part`);
	await is(`${platform}-part`, 'issued');
	const part = {amount: '30.00', codes: [(await show(`${platform}-part`))
		.code]};

	await use(`${platform}-part`, 6);
	await send(at(6, 206, part));
	await is(`${platform}-part`, 'used');
	await send(at(6, 206, {...part, refunded: 'part', changed: changed()}));
	await until('the part to be taken back', async () =>
		(await points(6)).join() === `${EARNED + 15 - 200},0`, LIMIT_MS);
	equal((await show(`${platform}-part`)).is, 'used',
		`${platform}: a part refund gives no reward back`);
	await send(at(6, 206, {...part, refunded: 'whole',
		changed: changed() + 1000}));
	await is(`${platform}-part`, 'returned');
	await until('all to be back', async () =>
		(await points(6)).join() === `${EARNED},0`, LIMIT_MS);
	check(true, `${platform}: a whole refund gives it back`);

	// ---- a code that is used twice, or by somebody else ---------------------------
	await redeem(7, 'fifth', `${platform}-odd`);
	await is(`${platform}-odd`, 'issued');
	const odd = (await show(`${platform}-odd`)).code;

	await use(`${platform}-odd`, 7);
	await send(at(8, 207, {amount: '30.00', codes: [odd]}));
	await is(`${platform}-odd`, 'used');
	equal(await points(7), [EARNED - 300, 0],
		`${platform}: whose reward it is has paid for it`);
	await send(at(7, 208, {amount: '30.00', codes: [odd]}));
	await until('the second order to be posted', async () =>
		(await points(7)).join() === `${EARNED + 30 - 300},0`, LIMIT_MS);
	equal((await show(`${platform}-odd`)).orders, '207, 208',
		`${platform}: both orders are shown`);
	check(/used once more, by order 208/.test(w.log_end('work', 200)) &&
		/used by somebody else, in order 207/.test(w.log_end('work', 200)),
	`${platform}: the operator is told`);

	// ---- a reward that can never be made -----------------------------------------
	if (platform === 'woocommerce') {
		await redeem(9, 'five', 'woocommerce-never');
		await is('woocommerce-never', 'wrong');
		await until('the points to be back', async () =>
			(await points(9)).join() === `${EARNED},0`, LIMIT_MS);
		check(/customer's alone/.test((await show('woocommerce-never'))
			.why), 'it says why');
		equal(codes().some((c) => c.email_restrictions.length === 0),
			false, 'no coupon is everybody\'s');
	}

	// ---- it waits after a failure --------------------------------------------------
	await w.stop('push');
	await redeem(9, 'ship', `${platform}-retry`);
	await is(`${platform}-retry`, 'reserved');
	await w.sql(`UPDATE reward SET tries = 5, push_at = now() + interval '1 hour'
		WHERE redemption = '${platform}-retry'`);
	await w.start('push');
	await w.must(['push', 'retry', '--store', String(s.store_id)]);
	await is(`${platform}-retry`, platform === 'shopify' ? 'issued' : 'wrong');
	check(true, `${platform}: push retry makes what waits`);

	// ---- only of some goods; money and cards --------------------------------------
	await redeem(8, 'toys', `${platform}-toys`);
	await is(`${platform}-toys`, 'issued');
	if (platform === 'shopify') {
		await redeem(8, 'credit', 'shopify-credit', ['--units', '120']);
		await redeem(8, 'card', 'shopify-card');
		await is('shopify-credit', 'given');
		await is('shopify-card', 'given');
		equal(state().credits.map((c) => [c.customer, c.amount]),
			[['8', '0.6']], 'store credit is given');
		equal(state().cards.map((c) => [c.live,
			c.given.initialAmount.amount]), [[true, '7.00']],
		'a gift card is given');
		const refused = await w.run(['reward', 'revoke', '--store',
			String(s.store_id), '--key', 'shopify-credit',
			'--reason', 'too late']);

		check(refused.status === 1 && /is given/.test(refused.stderr),
			'money that was given is not taken back');
		// As a push left it that was killed before it looked.
		await w.sql(`UPDATE reward SET stands = 1, state = 3,
			captured_at = NULL, revoked_at = now(), push_at = now()
			WHERE redemption = 'shopify-credit'`);
		await until('credit that is at the shop to be given', async () =>
			(await w.sql(`SELECT count(*) FROM reward WHERE state = 4
				AND stands = 2 AND captured_at IS NOT NULL
				AND redemption = 'shopify-credit'`))[0][0] === '1',
		LIMIT_MS);
		equal(state().credits.length, 1, 'it is not given twice');
	}

	// ---- a task ---------------------------------------------------------------
	await redeem(5, 'tour', `${platform}-tour`);
	await is(`${platform}-tour`, 'issued');
	const tasks = await w.json(['reward', 'tasks', '--store',
		String(s.store_id)]);

	equal(tasks.map((t) => t.key), [`${platform}-tour`],
		`${platform}: a task is listed`);
	await w.run(['reward', 'done', '--store', String(s.store_id), '--key',
		`${platform}-tour`, '--note', 'on Sunday']);
	await is(`${platform}-tour`, 'given');
	equal(await points(5), [EARNED - 100, 0],
		`${platform}: the points of a task that is done are spent`);
	for (const p of ['receive', 'work', 'push', 'schedule'])
		await w.stop(p);
}
