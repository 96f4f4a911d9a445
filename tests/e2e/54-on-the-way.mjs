// SPDX-License-Identifier: MIT
//
// services: durable
//
// Deliveries that wait, in Redis, its append-only file and the spool: of an
// order or a customer that was read, no name, no address and no text of a buyer
// is there, and all else is sealed.  Such deliveries are posted as others are, and
// a dead letter has its body.
import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate, once} from '../support/orders.mjs';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {service_down, service_up} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

// Texts of generated bodies, and of those below.  [text, where it is from]
const PLANTED = [['example.test', 'an e-mail address'],
	['Änna', 'a first name'], ["O'Neil", 'a last name'],
	['Straße', 'a street'], ['+49 30', 'a telephone number'],
	['203.0.113.7', 'an address of the internet'],
	['planted in a field', 'a field of an event'],
	['planted-in-a-key', 'the key of an event'],
	['planted in a tag', 'a tag of a customer'],
	['planted in no order', 'a body that cannot be read'],
	['planted elsewhere', 'a body at another address'],
	['line_items', 'any body of Shopify'], ['billing', 'one of WooCommerce']];
const RECORD_MAX = 500;	// bytes of what is queued of an order
const TAKEN = 60;	// deliveries of each platform, at a time

// All below a folder, as one text.
function texts_of(folder)
{
	return readdirSync(folder, {recursive: true, withFileTypes: true})
		.filter((f) => f.isFile())
		.map((f) => readFileSync(join(f.parentPath ?? f.path, f.name)));
}

await scenario(async ({w, check, equal, store, balances, verified, until}) => {
	const stores = {shopify: await store('shopify'),
		woocommerce: await store('woocommerce')};
	const {shopify, woocommerce} = stores;
	const all = Object.keys(stores).flatMap((platform) => {
		const deliveries = once(generate({platform, seed: 7, orders: 60,
			customers: 20}).deliveries);

		return [deliveries.slice(0, TAKEN), deliveries.slice(TAKEN,
			2 * TAKEN)];
	});
	const [first, second] = [[...all[0], ...all[2]], [...all[1], ...all[3]]];
	const bodies = Buffer.from(first.map((d) => d.body).join());
	const missing = PLANTED.filter(([text]) => !/planted/.test(text) &&
		!bodies.includes(text));

	equal(missing, [], 'the deliveries have what is looked for');

	await w.start('receive');
	await w.ready('receive');
	for (const s of Object.values(stores))
		await w.store_known(s);

	const hook = (s, topic, at, body) => post(s.at(at), {body, headers:
		s === shopify ? {'X-Shopify-Topic': topic,
			'X-Shopify-Webhook-Id': `unread ${topic}`,
			'X-Shopify-Shop-Domain': s.domain,
			'X-Shopify-Hmac-Sha256': shopify_signature(s.secret, body)} :
			{'X-WC-Webhook-Topic': topic,
				'X-WC-Webhook-Delivery-ID': `unread ${topic}`,
				'X-WC-Webhook-Signature':
					woocommerce_signature(s.secret, body)}});
	const others = async (n) => {
		const at = new Date(Date.now() - 60000).toISOString();
		const event = JSON.stringify({idempotency_key: `planted-in-a-key-${n}`,
			type: 'review', at, customer: {email: 'b@example.test'},
			fields: {text: 'planted in a field'}});
		const broken = '{"note":"planted in no order"';
		const deleted = JSON.stringify({id: 1000 + n,
			note: 'planted elsewhere'});
		const tags = JSON.stringify({customerId:
			'gid://shopify/Customer/77', tags: ['planted in a tag'],
		occurredAt: at});

		return [await post(woocommerce.at('event'), {body: event, headers: {
			'X-Loyald-Hmac-Sha256':
				event_signature(woocommerce, event)}}),
		await hook(shopify, 'orders/paid', 'orders/paid', broken),
		await hook(woocommerce, 'order.deleted', 'order.updated', deleted),
		await hook(shopify, 'customer.tags_added', 'customer.tags_added',
			tags)].map((a) => a.status);
	};
	const hidden = (texts, where) => {
		const found = PLANTED.filter(([text]) => texts.some((t) =>
			t.includes(text))).map(([text, what]) => `${what}: ${text}`);

		equal(found, [], `${where} (${texts.reduce((n, t) =>
			n + t.length, 0) >> 10} KiB) has none of it`);
	};

	const spool_empty = () => until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0, 60000);

	// ---- in Redis ---------------------------------------------------------
	equal((await deliver(first, {urls: stores})).answers,
		{200: first.length}, 'orders, refunds and customers are taken');
	equal(await others(1), [200, 200, 200, 200],
		'an event, a body that is none, one elsewhere, tags');
	await spool_empty();
	const waiting = await w.waiting();
	const average = first.reduce((n, d) => n + d.body.length, 0) /
		first.length;
	const sizes = waiting.map((m) => m.size).sort((a, b) => a - b);

	check(waiting.length >= first.length + 4, 'each is a message');
	check(sizes.at(-1) < RECORD_MAX, `bodies of ${Math.round(average)} bytes ` +
		`on average are records of ${sizes[sizes.length >> 1]}, ` +
		`${sizes.at(-1)} at most`);
	for (const key of await w.streams())
		hidden([Buffer.from(await w.redis('--raw', 'XRANGE', key, '-',
			'+'))], `what waits in ${key}`);
	hidden(texts_of(join(process.env.SERVICES_DIR, 'redis')),
		'its append-only file');

	// ---- in the spool -------------------------------------------------------
	await service_down('redis');
	equal((await deliver(second, {urls: stores})).answers,
		{200: second.length}, 'more of them, without Redis');
	equal(await others(2), [200, 200, 200, 200], 'and of the others');
	const spool = join(w.dir, 'spool');

	equal((await w.metrics('receive')).loyald_spool_records,
		second.length + 4, 'wait in the spool');
	hidden(texts_of(spool), 'the spool');

	// ---- and counts -----------------------------------------------------------
	service_up('redis');
	await spool_empty();
	// Where Redis answers late, what it has taken comes to it once more.
	const bad = (await w.waiting()).filter((m) =>
		/^unread order/.test(m.delivery)).length;

	check(bad >= 4, 'what cannot be read came at least as often as it was told');
	await w.drain();
	await balances([...first, ...second], stores, 'every point is there');
	equal((await w.sql(`SELECT count(*) FROM member_fact`))[0][0] >= 2, true,
		'so are the events');
	const letters = await w.json(['dlq', 'list']);

	equal([letters.map((l) => l.class).sort(),
		letters.reduce((n, l) => n + l.count, 0)],
	[['misdirected', 'misdirected', 'unparsable'], bad],
	'and died as often as it came');
	const body_of = async (l) => (await w.must(['dlq', 'show', '--id',
		String(l.id), '--body'])).stdout;
	const shown = await Promise.all(letters.map(body_of));

	check(shown.every((text) => /planted in no order|elsewhere/.test(text)),
		'with its body');

	// ---- what was read, and dies ------------------------------------------------
	await w.must(['store', 'set', '--store', String(shopify.store_id),
		'--shop-id', '12']);
	const paid = second.findLast((d) => d.topic === 'orders/paid');

	await deliver([paid], {urls: stores});
	await spool_empty();
	await w.drain();
	const [foreign] = await w.json(['dlq', 'list', '--class', 'foreign']);
	const json = JSON.parse(await body_of(foreign));

	equal([json.kind, String(json.order.id)], ['order', paid.order],
		'an order of another shop dies with what was read of it');
	hidden([Buffer.from(JSON.stringify(json))], 'its letter');
	// receive forgets that it had this order.
	await w.stop('receive');
	await w.start('receive');
	await w.ready('receive');
	await deliver([paid], {urls: stores});
	await spool_empty();
	await w.drain();
	equal((await w.json(['dlq', 'list', '--class', 'foreign'])).map((l) =>
		[l.id, l.count > foreign.count]), [[foreign.id, true]],
	'once more, it is counted');
	await verified();
});
