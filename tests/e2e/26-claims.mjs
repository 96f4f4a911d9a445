// SPDX-License-Identifier: MIT
//
// Points of a guest's orders: seen under the address, also when an account
// has it; given to the customer by an operator or by the shop, and by nobody
// else; and what comes later.
import {shopify_signature, woocommerce_signature} from '../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const PLATFORMS = {
	shopify: {
		topics: ['orders/paid', 'orders/updated', 'customers/create'],
		headers: (s, topic, text) => ({'X-Shopify-Topic': topic,
			'X-Shopify-Shop-Domain': s.domain,
			'X-Shopify-Hmac-Sha256': shopify_signature(s.secret,
				text)}),
		order: ({id, minute, customer = null, email, status = 'paid'}) => ({
			id, created_at: '2026-01-01T00:00:00Z',
			processed_at: '2026-01-01T00:00:00Z',
			updated_at: `2026-01-01T00:${minute}:00Z`,
			currency: 'EUR', test: false, taxes_included: false,
			financial_status: status, cancelled_at: null, email,
			customer: customer && {id: customer, email,
				verified_email: false},
			total_price: '40.00', shipping_lines: [], refunds: [],
			line_items: [{id: 1, price: '40.00', quantity: 1,
				gift_card: false, tax_lines: [],
				discount_allocations: []}]}),
		account: (id, email) => ({id, email, verified_email: false,
			created_at: '2026-01-01T01:00:00Z',
			updated_at: '2026-01-01T01:00:00Z'}),
	},
	woocommerce: {
		topics: ['order.created', 'order.updated', 'customer.created'],
		headers: (s, topic, text) => ({'X-WC-Webhook-Topic': topic,
			'X-WC-Webhook-Source': `https://${s.domain}/`,
			'X-WC-Webhook-Signature': woocommerce_signature(s.secret,
				text)}),
		order: ({id, minute, customer = 0, email, status = 'paid'}) => ({
			id, currency: 'EUR', customer_id: customer,
			status: status === 'paid' ? 'completed' : status,
			date_created_gmt: '2026-01-01T00:00:00',
			date_modified_gmt: `2026-01-01T00:${minute}:00`,
			billing: {email}, total: '40.00', refunds: [],
			line_items: [{id: 1, quantity: 1, subtotal: '40.00',
				total: '40.00', total_tax: '0.00'}]}),
		account: (id, email) => ({id, email,
			date_created_gmt: '2026-01-01T01:00:00',
			date_modified_gmt: '2026-01-01T01:00:00'}),
	},
};
const EMAIL = 'guest@example.test';

await scenario(async ({w, check, equal, store, verified, until}) => {
	for (const role of ['receive', 'work', 'schedule']) {
		await w.start(role);
		await w.ready(role);
	}
	for (const [platform, {topics, headers, order, account}] of
		Object.entries(PLATFORMS)) {
		const s = await store(platform, {secret: platform});
		const at = ['--store', String(s.store_id)];
		const tell = async (topic, body) => {
			const text = JSON.stringify(body);

			equal((await post(s, {body: text, headers: {
				'Content-Type': 'application/json',
				...headers(s, topic, text)}})).status, 200,
			`${platform} ${topic}`);
			await w.drain();
		};
		const show = (by, value) => w.json(['member', 'show', ...at,
			`--${by}`, value]).catch(() => ({}));
		const has = (id, units, what) => until(what, async () =>
			(await show('customer', id)).available === units).then(
			() => check(true, `${platform}: ${what}`));
		const claim = (id, email = EMAIL) => w.run(['member', 'claim',
			...at, '--email', email, '--customer', id, '--reason',
			'showed the receipt', '--by', 'mia']);

		await w.store_known(s);
		await tell(topics[0], order({id: 1, minute: 10, email: EMAIL}));
		await tell(topics[0], order({id: 2, minute: 10,
			email: 'Guest@Example.test'}));
		equal([(await show('email', EMAIL)).pending,
			(await show('email', EMAIL)).held], [80, 80],
		'before there is an account');
		check((await claim('7')).stderr.includes('knows no customer 7'),
			'a customer the shop has not told of');
		await tell(topics[2], account(7, EMAIL));
		equal([(await show('email', EMAIL)).held,
			(await show('email', EMAIL)).available,
			(await show('customer', '7')).held], [80, 0, 80],
		'seen under an account that nobody has verified');
		check((await w.must(['member', 'show', ...at, '--email', EMAIL]))
			.stdout.includes('held             80 for the address'),
		'and said to people');

		// ---- an order is linked by the shop ----
		await tell(topics[1], order({id: 1, minute: 20, email: EMAIL,
			customer: 7}));
		await has('7', 40, 'what the shop links is his by itself');
		equal((await show('email', EMAIL)).held, 40, 'the other is held');

		// ---- the rest is claimed ----
		check((await claim('7', 'nobody@example.test')).stderr
			.includes('nothing was ever held'), 'another address');
		const done = await claim('7');

		check(done.stdout.includes('1 orders and 0 facts'), done.stdout);
		await has('7', 80, 'what was claimed is his');
		equal((await show('email', EMAIL)).held, 0, 'and held no more');
		check((await claim('7')).stderr.includes('nothing is held'),
			'there is nothing more to claim');

		// ---- and later ----
		await tell(topics[0], order({id: 3, minute: 30, email: EMAIL}));
		equal((await show('email', EMAIL)).held, 40,
			'what is bought later is held again');
		await tell(topics[1], order({id: 2, minute: 40, email: EMAIL,
			status: platform === 'shopify' ? 'voided' :
				'cancelled'}));
		await has('7', 40,
			'a claimed order that is cancelled is taken back');
		await tell(topics[1], order({id: 2, minute: 50, email: EMAIL,
			customer: platform === 'shopify' ? null : 0}));
		await has('7', 80, 'and is his again, not the address\'');
		await tell(topics[1], order({id: 3, minute: 50, email: EMAIL,
			customer: 7}));
		await has('7', 120, 'linked after a claim, too');
		equal((await w.sql(`SELECT count(*) FROM member_fact WHERE
			facts LIKE '%"claimed"%' AND facts LIKE '%mia%' AND
			store_id = ${s.store_id}`))[0][0], '1',
		'who claimed it is kept');
	}
	await verified();
});
