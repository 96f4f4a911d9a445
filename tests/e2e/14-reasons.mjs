// SPDX-License-Identifier: MIT
//
// Orders that earn nothing, or not yet, or for somebody else, and the
// reason each leaves: tests, drafts, other currencies, nothing to pay,
// guests, orders that change hands.
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {shopify_signature} from '../support/sign.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const KINDS = {
	shopify: {paid: 3, pending: 3, test: 3, other_currency: 3, zero: 3,
		reassigned: 4, voided: 2, cancelled_paid: 2},
	woocommerce: {completed: 3, on_hold: 3, draft: 3, other_currency: 3,
		zero: 3, reassigned: 4, failed: 2, cancelled: 2},
};
// By kind of order: which reasons it may end with.
const REASONS = {
	test: ['test_order'], other_currency: ['other_currency'],
	draft: ['draft'], pending: ['status'], on_hold: ['status'],
	voided: ['undone'], failed: ['undone'], cancelled: ['undone'],
	cancelled_paid: ['undone'], paid: ['earned', 'too_small'],
	completed: ['earned', 'too_small'],
	reassigned: ['earned', 'too_small'],
	zero: ['zero_base', 'too_small', 'earned'],
};

await scenario(async ({w, check, equal, store, balances, verified}) => {
	const stores = {shopify: await store('shopify', {secret: SECRET}),
		woocommerce: await store('woocommerce', {secret: SECRET})};

	await w.start('receive');
	await w.start('work');
	for (const name of w.roles.keys())
		await w.ready(name);

	const sets = Object.keys(KINDS).map((platform) => generate({platform,
		seed: 21, orders: 60, secret: SECRET, kinds: KINDS[platform]}));
	const urls = stores;

	for (const {deliveries} of sets)
		await deliver(deliveries, {urls});
	await w.drain();
	const told = sets.flatMap((s) => s.deliveries);
	const expected = await balances(told, stores,
		'points are the oracle\'s');

	const found = Object.fromEntries((await w.sql(
		'SELECT store_id, order_id, reason, points FROM order_state'))
		.map(([s, id, ...rest]) => [`${s}/${id}`, rest]));
	const kinds = {};

	for (const {lives, deliveries: [{platform}]} of sets)
		for (const {id, kind} of lives) {
			const [reason, points] = found[
				`${stores[platform].store_id}/${id}`] ?? [];
			const wanted = REASONS[kind];

			kinds[`${kind} (${reason})`] ??= 0;
			kinds[`${kind} (${reason})`] += wanted.includes(reason) &&
				points === String(expected[platform].orders[id]
					.points) ? 0 : 1;
		}
	for (const [what, wrong] of Object.entries(kinds))
		equal(wrong, 0, `${what}, with the points of the oracle`);
	for (const r of ['test_order', 'draft', 'other_currency', 'undone',
		'status', 'earned'])
		check(Object.values(found).some(([x]) => x === r),
			`some order is left with ${r}`);

	// ---- a guest who makes an account ---------------------------------
	const id = String(stores.shopify.store_id);
	const template = JSON.parse(generate({platform: 'shopify', seed: 22,
		orders: 1, secret: SECRET, kinds: {paid: 1}}).deliveries.find(
		(d) => d.topic === 'orders/paid').body);
	const tell = async (topic, body) => {
		const text = JSON.stringify(body);
		const {headers} = sets[0].deliveries[0];

		return deliver([{platform: 'shopify', store: 'shopify', topic,
			body: text, headers: {...headers, 'X-Shopify-Topic': topic,
				'X-Shopify-Hmac-Sha256': shopify_signature(SECRET,
					text)}}], {urls});
	};
	const email = 'Late.Joiner@Example.TEST';
	const customer = {id: 771001, email: email.toLowerCase(),
		verified_email: false, state: 'disabled',
		created_at: '2026-11-02T10:00:00Z',
		updated_at: '2026-11-02T10:00:00Z', tags: '', currency: 'EUR'};
	const show = (by, value) => w.json(['member', 'show', '--store', id,
		`--${by}`, value]).catch(() => null);

	await tell('orders/paid', {...template, id: 900000001, customer: null,
		email, contact_email: email});
	await w.drain();
	const held = await show('email', email);

	check(held?.pending > 0 && held.available === 0,
		`${held?.pending} points are held for a guest`);
	await tell('customers/create', customer);
	await w.drain();
	equal((await show('customer', '771001'))?.available ?? 0, 0,
		'an address that is not verified claims nothing');
	await tell('customers/update', {...customer, verified_email: true,
		state: 'enabled', updated_at: '2026-11-02T11:00:00Z'});
	await w.drain();
	const claimed = await show('customer', '771001');

	equal([claimed?.available, claimed?.pending], [held?.pending, 0],
		'one that is verified gets all of it');
	await tell('orders/paid', {...template, id: 900000002, customer: null,
		email, contact_email: email});
	await w.drain();
	equal((await show('customer', '771001'))?.available,
		2 * (held?.pending ?? 0), 'and what the address buys from then on');

	const history = JSON.stringify(await w.json(['member', 'history',
		'--store', id, '--customer', '771001']));

	check(history.includes('900000001'), 'member history tells of it');
	check(!history.toLowerCase().includes('late.joiner'),
		'and names no address');
	await verified();
});
