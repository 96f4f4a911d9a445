// SPDX-License-Identifier: MIT
//
// loyald quote: a basket is told before it is placed what it will cost and
// earn; placed, it earns just that.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const PROGRAM = {
	name: 'club',
	memberships: [{id: 'club', fee: {sku: ['CLUB']}, term: '1 year'}],
	wallets: {points: {}, cash: {unit: 'money'}},
	rules: [
		{id: 'order', on: 'order', give: {points: 1, per: '1'}},
		{id: 'back', on: 'order', give: {percent: '2'}, to: 'cash'},
		{id: 'review', on: 'review', give: {points: 500}},
	],
	rewards: [{id: 'five', kind: 'amount', amount: '5.00', cost: 300,
		combines: true}],
	benefits: [
		{id: 'shoes', kind: 'discount', percent: '40',
			lines: {category: ['shoes']}, when: {membership: ['club']}},
		{id: 'all', kind: 'discount', percent: '10',
			when: {membership: ['club']}},
		{id: 'ship', kind: 'shipping', minimum: '49.00'},
	],
};

await scenario(async ({w, check, equal, store, verified}) => {
	const program = join(w.dir, 'club.json');
	const basket = join(w.dir, 'basket.json');

	writeFileSync(program, JSON.stringify(PROGRAM));
	const s = await store('woocommerce', {domain: 'q.example', program});
	const id = String(s.store_id);
	const ago = (ms) => new Date(Date.now() - ms).toISOString();
	const send = (body) => {
		const text = JSON.stringify({customer: {id: '7'}, ...body});

		return post(s, {body: text, headers: {'X-Loyald-Hmac-Sha256':
				event_signature(s, text)}});
	};
	const quote = (b, args = []) => {
		writeFileSync(basket, JSON.stringify(b));
		return w.json(['quote', '--store', id, '--basket', basket,
			...args]);
	};
	const lines = [{amount: '30.00', category: ['shoes']},
		{amount: '20.00'}];

	// ---- somebody nobody knows ------------------------------------------
	const stranger = await quote({lines, shipping: '4.90'});

	equal(stranger.lines.map((l) => l.discount), ['0.00', '0.00'],
		'no discounts for who is no member');
	equal([stranger.pay, stranger.shipping, stranger.free_shipping],
		['50.00', '0.00', 'ship'], 'free shipping from 49.00');
	equal(stranger.earns, {points: '50', cash: '1.00'}, 'what it earns');
	equal(stranger.benefits, ['ship'], 'what anybody has');

	// ---- a member ------------------------------------------------------------
	await w.start('receive');
	await w.ready('receive');
	await w.store_known(s);
	const product = JSON.stringify({id: 8, type: 'simple',
		date_modified_gmt: '2026-01-01T10:00:00',
		categories: [{id: 1, name: 'Shoes', slug: 'shoes'}], tags: []});

	await post(s, {body: product, headers: {
		'X-WC-Webhook-Topic': 'product.created',
		'X-WC-Webhook-Signature':
			woocommerce_signature(s.secret, product)}});
	await send({idempotency_key: 'm', type: 'membership_payment',
		at: ago(7200000), fields: {membership: 'club'}});
	await send({idempotency_key: 'r', type: 'review', at: ago(3600000)});
	await w.drain();
	const [[member_id]] = await w.sql('SELECT member_id FROM identity');
	const member = ['--member', member_id];
	const m = await quote({lines, shipping: '4.90', rewards: ['five']},
		member);

	equal(m.lines.map((l) => [l.discount, l.benefit]),
		[['14.50', 'shoes'], ['4.50', 'all']],
		'the best of each line, and 5.00 over both');
	equal([m.pay, m.earns], ['31.00', {points: '31', cash: '0.62'}],
		'what is paid earns');
	equal(m.rewards, [{reward: 'five', units: '300', discount: '5.00',
		refused: null}], 'the reward is used');
	equal(m.benefits, ['shoes', 'all', 'ship'], 'what a member has');
	equal((await quote({lines, rewards: ['five', 'five']}, member))
		.rewards.map((r) => r.refused), [null, 'insufficient'],
	'a second is more than there is');
	equal((await quote({lines: [{amount: '30.00', product: '8'}]}, member))
		.lines[0].benefit, 'shoes', 'what is known of a product counts');
	equal((await quote({lines}, [...member, '--at', ago(86400000)])).pay,
		'50.00', 'before the membership began');

	// ---- placed, it earns just that --------------------------------------------
	await send({idempotency_key: 'o', type: 'order', at: ago(60000),
		order: {id: 'R-1', status: 'paid', lines: [
			{amount: '15.50'}, {amount: '15.50'}]}});
	await w.drain();
	const has = (await w.json(['member', 'balance', ...member])).wallets;

	equal([has.points.available, has.cash.available], ['531', '0.62'],
		'500 and the 31 that were told');
	await verified();

	// ---- for people, and what is wrong ------------------------------------------
	const text = (await w.run(['quote', '--store', id, '--basket', basket,
		...member])).stdout;

	check(/^to pay 33\.00|^to pay 36\.00/m.test(text) &&
		/^earns \d+ points$/m.test(text), 'in words');
	writeFileSync(basket, '{"lines":[{"amount":5}]}');
	const wrong = await w.run(['quote', '--store', id, '--basket', basket]);

	check(wrong.status !== 0 && wrong.stderr.includes('basket.json: line 1'),
		'a basket that is none is refused with the line');
	check((await w.run(['quote', '--store', '999', '--basket', basket]))
		.stderr.includes('there is no store 999'), 'so is no store');
	check((await w.run(['quote', '--store', id, '--basket', basket,
		'--member', '999'])).status !== 0, 'and no member');
});
