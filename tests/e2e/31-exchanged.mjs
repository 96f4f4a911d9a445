// SPDX-License-Identifier: MIT
//
// Only bodies are signed.  REQUESTS (10 000) seeded requests of somebody who
// has up to three signed deliveries of one store in hand and sends their
// bodies again with topics, paths, stores and headers exchanged at random:
// nothing changes in the ledger but what the same bodies can cause under
// their own topic and address, or at an address of the same shape that one of
// the three came to.
//
// A table of this file says which those are; a second database gets nothing
// else: both databases begin as one, both are given the very messages that
// receive made of the requests, the second one only those that the table
// allows and that README says can do something (what is sent again of a state
// cannot).  At the end they are compared row by row.
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import http from 'node:http';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {random_new, seed_of_run} from '../support/random.mjs';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {ROOT, until, world_new} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const REQUESTS = Number(process.env.REQUESTS ?? 10000);
const PER_HAND = 12;		// requests with the same three in hand
const LANES = 8;
const DATA = join(ROOT, 'tests/data');
const seed = seed_of_run('exchanged');
const random = random_new(seed);

// ---- what is allowed ---------------------------------------------------

// Of each topic: what its body is, and the address that is for it.
const TOPICS = {
	shopify: {
		'orders/create': ['order', 'orders'],
		'orders/paid': ['order', 'orders'],
		'orders/updated': ['order', 'orders'],
		'orders/cancelled': ['order', 'orders'],
		'orders/fulfilled': ['order', 'orders'],
		'orders/partially_fulfilled': ['order', 'orders'],
		'orders/edited': ['edit', 'orders'],
		'refunds/create': ['refund', 'orders'],
		'order_transactions/create': ['transaction', 'orders'],
		'orders/delete': ['gone', 'orders_deleted', 'Order'],
		'customers/create': ['customer', 'customers'],
		'customers/update': ['customer', 'customers'],
		'customers/enable': ['customer', 'customers'],
		'customers/disable': ['customer', 'customers'],
		'customers/merge': ['merge', 'customers'],
		'customer.tags_added': ['tags', 'customers'],
		'customer.tags_removed': ['tags', 'customers'],
		'customers_email_marketing_consent/update':
			['consent', 'customers'],
		'company_contacts/create': ['contact', 'customers'],
		'company_contacts/update': ['contact', 'customers'],
		'company_contacts/delete': ['contact', 'customers_deleted'],
		'customers/delete': ['gone', 'customers_deleted', 'Customer'],
		'products/create': ['product', 'products'],
		'products/update': ['product', 'products'],
		'products/delete': ['gone', 'products_deleted', 'Product'],
	},
	woocommerce: {
		'order.created': ['order', 'orders'],
		'order.updated': ['order', 'orders'],
		'order.restored': ['order', 'orders_restored'],
		'order.deleted': ['gone', 'orders_deleted'],
		'customer.created': ['customer', 'customers'],
		'customer.updated': ['customer', 'customers'],
		'customer.deleted': ['gone', 'customers_deleted'],
		'product.created': ['product', 'products'],
		'product.updated': ['product', 'products'],
		'product.restored': ['product', 'products_restored'],
		'product.deleted': ['gone', 'products_deleted'],
	},
	events: {event: ['event', 'events']},
};
// Bodies of topics that loyald has no use for, signed with the same secret.
const STRANGE = {
	shopify: ['draft-order', 'checkout', 'fulfillment', 'tender',
		'purchasing-summary', 'segment', 'consent-by-phone',
		'collection-deleted', 'inventory-item-deleted'],
	woocommerce: ['subscription'],
};
// The states, which the old single path takes as their own address does.
const AT_SINGLE = ['orders', 'customers', 'products'];
// Topics that change something when told again (README.md): states cannot.
const ACTS = ['order.restored', 'product.restored', 'customer.tags_added',
	'customer.tags_removed', 'company_contacts/delete'];
// Fields that a customer's deletion has beside its id, unlike others.
const OF_CUSTOMERS = ['phone', 'addresses', 'tax_exemptions',
	'email_marketing_consent', 'sms_marketing_consent'];

// Whether a body of the topic `own` has the shape of the topic's.
function fits(d, topic)
{
	const [shape, , type] = TOPICS[d.kind][topic];

	if (TOPICS[d.kind][d.topic]?.[0] !== shape)
		return false;
	if (shape !== 'gone' || d.kind === 'woocommerce')
		return true;
	const {id, admin_graphql_api_id: gid, ...more} = JSON.parse(d.body);

	return (gid === undefined || gid.startsWith(`gid://shopify/${type}/`)) &&
		(type === 'Customer' || !OF_CUSTOMERS.some((k) => k in more));
}

// The request r with the deliveries of `hand`.
function is_allowed(r, hand)
{
	const {d} = r;
	const known = hand.map((h) => h.came);
	const own = TOPICS[d.kind][d.topic]?.[1];

	if (!r.genuine || r.store !== d.store ||
	    !(r.topic in TOPICS[d.kind]) || !fits(d, r.topic))
		return false;
	const [, address] = TOPICS[d.kind][r.topic];

	if (r.address === 'single')
		return address === own && AT_SINGLE.includes(address);
	return r.address === address && known.includes(address);
}

const acts = (r) => r.allowed && (ACTS.includes(r.topic) ||
	TOPICS[r.d.kind][r.topic][0] === 'gone');

// ---- what the stores have sent ------------------------------------------

const PROGRAM = {name: 'everything that a body may tell', rules: [
	{id: 'order', on: 'order', give: {points: 1, per: '1'}},
	{id: 'new', on: 'order', give: {points: 3, per: '1'},
		base: {lines: {tag: ['neu']}}},
	{id: 'mug', on: 'order', give: {points: 4, per: '1'},
		base: {lines: {category: ['becher']}}},
	{id: 'vip', on: 'order', give: {points: 7, per: 'event'},
		when: {customer: {tag: ['vip']}}},
	{id: 'welcome', on: 'enrolment', give: {points: 50}},
	{id: 'news', on: 'newsletter', give: {points: 20}},
	{id: 'review', on: 'review', give: {points: 5}}]};

const read = (file) => readFileSync(join(DATA, file), 'utf8');

// The generator's bodies, with what is one shop's alone made the store's.
function of_store(s, text)
{
	return s.n === 0 ? text : text
		.replaceAll('/58012345678/', `/${s.number}/`)
		.replaceAll('7012345670', `701234567${s.n}`)
		.replaceAll('60100000000', `6010000000${s.n}`)
		.replaceAll('820982911946160', `82098291194616${s.n}`)
		.replaceAll('820982911946154', `82098291194617${s.n}`)
		.replaceAll('8012345678901', `801234567890${s.n + 1}`);
}

function shopify_told(s)
{
	const {deliveries} = generate({platform: 'shopify', seed: seed % 1000 +
		s.n, orders: 30, customers: 7, merges: 1});
	const shape = (name) => read(`shapes/shopify-${name}.json`);
	// Bodies that name nothing of one store alone are the first one's.
	const recorded = new Set(readdirSync(join(DATA, 'shopify'))
		.map((file) => read(`shopify/${file}`)));
	const order = JSON.parse(deliveries[0].body);
	// Each customer who is told of has ordered.
	const paid_by = (customer, nth) => read('shopify/order-paid.json')
		.replaceAll('7012345670007', customer)
		.replaceAll('820982911946154508', `82098291194615490${nth}`);
	const last = deliveries.filter((d) => d.topic === 'orders/paid')
		.at(-1).order;
	const product = (id) => shape('product').replaceAll('8012345678901', id);

	return [
		['products/create', product(order.line_items[0].product_id)],
		['products/create', product('8012345678901')],
		['customers/create', read('shopify/customer-update.json')],
		['customers/update', read('shopify/customer-update.json')
			.replaceAll('706405506930370084', '7012345670007')],
		// Of two states of one second the one told last counts.
		['customers/update', read('shopify/customer-no-email.json')
			.replace(/"updated_at": *"2026-11-01/,
				'"updated_at":"2026-11-02')],
		...deliveries.map((d) => [d.topic, d.body]),
		['orders/paid', read('shopify/order-paid.json')],
		['orders/paid', paid_by('7012345670014', 1)],
		...s.n > 0 ? [] : [['orders/paid',
			paid_by('706405506930370084', 2)]],
		['orders/updated', read('shopify/order-refunded.json')],
		['refunds/create', read('shopify/refund-lines.json')],
		['orders/cancelled', read('shopify/order-cancelled-guest.json')
			.replace('/orders/', '/58012345678/orders/')],
		['orders/edited', read('shopify/order-edited.json')],
		['order_transactions/create', read('found/s5-split-payment-with-' +
			'a-gift-card/03-order_transactions-create.body')
			.replace(/"order_id": *\d+/,
				`"order_id":${deliveries[0].order}`)],
		['customer.tags_added', shape('tags')],
		['customers_email_marketing_consent/update', shape('consent')],
		['company_contacts/create', shape('contact')],
		['company_contacts/delete', shape('contact')],
		['customers/merge', read('shopify/customer-merge-failed.json')],
		['orders/delete', `{"id":${last}}`],
		['orders/delete', shape('order-deleted')],
		['products/delete', shape('product-deleted')],
		['customers/delete', read('shopify/customer-delete.json')],
		...STRANGE.shopify.map((name) => [`strange/${name}`,
			shape(name)]),
	].map(([topic, body]) => [topic, of_store(s, body)])
		.filter(([, body]) => s.n === 0 || !recorded.has(body));
}

function woocommerce_told(s)
{
	const {deliveries} = generate({platform: 'woocommerce', seed: seed +
		s.n, orders: 30, customers: 6, deletions: true});
	const product = read('shapes/woocommerce-product.json');
	const customer = read('woocommerce/01-customer-created-01-' +
		'customer.created.body');
	const order = deliveries.find((d) => d.topic === 'order.updated');

	return [
		['product.created', product],
		['product.updated', product.replace('"id":10,', '"id":11,')],
		['customer.created', customer],
		['customer.updated', customer.replace('"id":3,', '"id":4,')],
		...deliveries.map((d) => [d.topic, d.body]),
		['order.deleted', `{"id":${order.order}}`],
		['order.restored', order.body],
		['product.deleted', '{"id":11}'],
		['product.restored', product],
		['product.deleted', '{"id":10}'],
		['customer.deleted', '{"id":3}'],
		...STRANGE.woocommerce.map((name) => [`strange.${name}`,
			read(`shapes/woocommerce-${name}.json`)]),
	];
}

function recorded_told()
{
	return JSON.parse(read('woocommerce/index.json'))
		.filter((e) => e.topic !== null)
		.map((e) => [e.topic, read(`woocommerce/${e.file}.body`)]);
}

const events_told = (s) => [1, 2, 3].map((n) => ['event', JSON.stringify({
	idempotency_key: `review-${n}`, type: 'review',
	at: '2026-11-20T10:00:00Z', customer: {id: String(s.n + n)}})]);

// Headers as the platform (or the merchant's program) sends them.
const HEADERS = {
	shopify: (s, d) => ({'X-Shopify-Topic': d.topic,
		'X-Shopify-Shop-Domain': s.domain,
		'X-Shopify-Hmac-Sha256': shopify_signature(s.secret, d.body)}),
	woocommerce: (s, d) => ({'X-WC-Webhook-Topic': d.topic,
		'X-WC-Webhook-Source': `https://${s.domain}/`,
		'X-WC-Webhook-Signature':
			woocommerce_signature(s.secret, d.body)}),
	events: (s, d) => ({'X-Loyald-Hmac-Sha256':
		event_signature(s, d.body)}),
};
const SIGNATURE = {shopify: 'X-Shopify-Hmac-Sha256',
	woocommerce: 'X-WC-Webhook-Signature', events: 'X-Loyald-Hmac-Sha256'};
const TOPIC = {shopify: 'X-Shopify-Topic', woocommerce:
	'X-WC-Webhook-Topic', events: null};
const ID = {shopify: 'X-Shopify-Webhook-Id', woocommerce:
	'X-WC-Webhook-Delivery-ID', events: 'X-Nothing'};

// Shopify signs for all shops of an app with one secret.  Orders name their
// shop, what is of an order is known by that, and a customer by his orders;
// products, and a customer without orders, are nobody's (README.md says so),
// and tried at addresses of their own shop alone.
const names_no_shop = (d) => d.kind === 'shopify' &&
	TOPICS.shopify[d.topic]?.[1].startsWith('products');

// ---- the exchange ---------------------------------------------------------

// A path that was seen, but for what somebody may try with it.
function path_near(seen)
{
	const at = seen.lastIndexOf('/') + 1, token = seen.slice(at);
	const i = random.int(0, token.length - 1);
	const letter = random.pick([...'AZaz09-_']);

	return random.pick([
		seen.startsWith('/events/') ? `/webhooks/${token}` :
			`/events/${token}`,
		seen.slice(0, at) + token.slice(0, i) + letter +
			token.slice(i + 1),
		seen.slice(0, -1), `${seen}/`, `${seen}%2f`,
		seen.slice(0, at) + token.split('').reverse().join('')]);
}

// Makes a request, and says what it is by hand: {d, store, address, path, topic,
// genuine, headers, body}.
function exchange(stores, hand)
{
	const d = random.pick(hand), s = d.store;
	const where = random.weighted({seen: 60, elsewhere:
		names_no_shop(d) ? 0 : 22, single: 3, near: 15});
	const store = where === 'elsewhere' ? random.pick(stores.filter(
		(x) => x !== s)) : s;
	const seen = random.pick(hand).came;
	const address = {seen, single: 'single', near: null,
		elsewhere: random.pick(Object.keys(store.paths))}[where];
	const path = where === 'near' ? path_near(s.paths[seen]) :
		store.paths[address] +
			(random.chance(0.1) ? '?topic=order.deleted' : '');
	// A signature is worth something only under the platform's own name.
	const kind = random.chance(0.9) ? d.kind :
		random.pick(Object.keys(TOPICS));
	const topics = Object.keys(TOPICS[random.chance(0.9) ? d.kind :
		random.pick(Object.keys(TOPICS))]);
	const topic = kind === 'events' ? 'event' :
		random.chance(0.25) ? d.topic : random.pick(topics);
	const domain = random.chance(0.85) ? store.domain :
		random.pick(stores).domain;
	const cut = random.chance(0.03);
	const headers = {'Content-Type': 'application/json',
		'X-Shopify-Shop-Domain': domain,
		[SIGNATURE[kind]]: HEADERS[d.kind](s, d)[SIGNATURE[d.kind]],
		...(TOPIC[kind] ? {[TOPIC[kind]]: topic} : {})};

	if (random.chance(0.03) && TOPIC[kind])
		headers[TOPIC[kind]] = [topic, random.pick(topics)];
	return {d, store, address, path, topic, headers,
		body: cut ? d.body.slice(1) : d.body,
		genuine: kind === d.kind && !cut &&
			!Array.isArray(headers[TOPIC[kind]]) &&
			(kind !== 'shopify' || domain === s.domain)};
}

function exchanges(stores)
{
	const requests = [];

	while (requests.length < REQUESTS) {
		const s = random.pick(stores);
		// Half of what is in hand is by topic, so that deletions and
		// restorations, which are rare, are in many hands.
		const one = () => {
			const topic = random.pick(s.topics);

			return random.pick(random.chance(0.5) ? s.told :
				s.told.filter((d) => d.topic === topic));
		};
		const hand = Array.from({length: random.int(1, 3)}, one);

		for (let i = 0; i < PER_HAND; i++) {
			const r = exchange(stores, hand);

			r.id = `exchanged-${requests.length}`;
			r.allowed = is_allowed(r, hand);
			for (const name of Object.values(ID))
				r.headers[name] = r.id;
			requests.push(r);
		}
	}
	return requests.slice(0, REQUESTS);
}

// ---- sending ----------------------------------------------------------------

function post(agent, base, r)
{
	return new Promise((resolve) => {
		const request = http.request(base + r.path, {method: 'POST',
			agent, headers: {...r.headers, 'Content-Length':
				Buffer.byteLength(r.body)}}, (answer) => {
			answer.resume();
			answer.on('end', () => resolve(answer.statusCode));
		});

		request.on('error', () => resolve(0));
		request.end(r.body);
	});
}

async function send_all(w, requests)
{
	const agent = new http.Agent({keepAlive: true, maxSockets: LANES});
	const base = w.roles.get('receive').url, statuses = {};
	let next = 0;
	const lane = async () => {
		while (next < requests.length) {
			const r = requests[next++];

			do
				r.status = await post(agent, base, r);
			while (r.status === 503 || r.status === 0);
			statuses[r.status] = (statuses[r.status] ?? 0) + 1;
		}
	};

	await Promise.all(Array.from({length: LANES}, lane));
	agent.destroy();
	return statuses;
}

// ---- two ledgers -------------------------------------------------------------

async function stream_of(w)
{
	const [first] = await w.waiting();

	return first.key;
}

// Takes out of the stream the deliveries with these ids: all entries are added
// again, in their order, without them.
const FORGET = `
	local gone = {}
	for _, id in ipairs(ARGV) do gone[id] = true end
	local entries = redis.call('XRANGE', KEYS[1], '-', '+')
	redis.call('DEL', KEYS[1])
	for _, e in ipairs(entries) do
		local m, at, kept = e[2][2], 1, {}
		while at < #m do
			local topic = struct.unpack('<I3', string.sub(m, at + 4, at + 6))
			local id = struct.unpack('<I4', string.sub(m, at + 24, at + 27))
			local size = struct.unpack('<I4', string.sub(m, at + 28, at + 31))
			local from = at + 56 + topic
			local to = from + id + size
			if not gone[string.sub(m, from, from + id - 1)] then
				kept[#kept + 1] = string.sub(m, at, to - 1)
			end
			at = to
		end
		local rest = table.concat(kept)
		if #rest > 0 then
			redis.call('XADD', KEYS[1], '*', e[2][1], rest)
		end
	end`;

// Takes out of the stream what the table does not allow, and what cannot change
// anything; how many it took.
async function forget(w, key, requests)
{
	const of = new Map(requests.map((r) => [r.id, r]));
	const not = (await w.waiting()).filter((m) => m.key === key &&
		of.has(m.delivery) && !acts(of.get(m.delivery)))
		.map((m) => m.delivery);

	await w.redis('EVAL', FORGET, '1', key, ...not);
	return not.length;
}

// Leaves out the run's, which is not the ledger's: dead letters, what came to
// which address when, when a row was written, and numbers that are given in the
// order in which rows of one transaction were written.
const LEFT_OUT = ['arrival', 'dead_letter', 'installation', 'migration',
	'push_lease'];

const NUMBERS = ['entry_id', 'lot_id', 'move_id'];
const quoted = (names) => names.map((n) => `'${n}'`);

const tables = (w) => w.sql(`
	SELECT table_name, string_agg(quote_ident(column_name), ', '
		ORDER BY ordinal_position)
	FROM information_schema.columns JOIN information_schema.tables t
		USING (table_schema, table_name)
	WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE'
		AND table_name NOT IN (${quoted(LEFT_OUT)})
		AND column_name NOT IN (${quoted(NUMBERS)})
		AND column_default IS DISTINCT FROM 'now()'
	GROUP BY table_name ORDER BY table_name`);

// The rows of one list that another does not have, or has fewer times.
function without(list, other)
{
	const times = new Map();

	for (const row of other)
		times.set(row, (times.get(row) ?? 0) + 1);
	return list.filter((row) => {
		const n = times.get(row) ?? 0;

		times.set(row, n - 1);
		return n <= 0;
	});
}

async function compare(w, reference, check)
{
	for (const [name, columns] of await tables(w)) {
		const query = `SELECT ${columns} FROM ${name} ORDER BY ${columns}`;
		const [left, right] = await Promise.all([w.sql(query),
			reference.sql(query, reference.env.LOYALD_DATABASE_URL)]);
		const [found, has] = [left, right].map((list) =>
			list.map((row) => row.join('\t')));
		const more = without(found, has), less = without(has, found);

		check(more.length + less.length === 0, [`${name}: ` +
			`${left.length} rows are what is allowed`,
		...more.slice(0, 5).map((r) => `found ${r}`),
		...less.slice(0, 5).map((r) => `not found ${r}`)].join('\n\t'));
	}
}

await scenario(async ({w, check, equal, verified}) => {
	const second = process.env.LOYALD_DATABASE_URL.replace('dbname=loyald',
		'dbname=reference');
	const drain = {env: {LOYALD_CONSUMER: 'drain', LOYALD_BATCH: '1'}};
	const program = join(w.dir, 'everything.json');
	const stores = [];

	writeFileSync(program, JSON.stringify(PROGRAM));
	for (const [platform, secret, told, more] of [
		['shopify', 'the app\'s', shopify_told, {}],
		['shopify', 'the app\'s', shopify_told, {program}],
		['woocommerce', 'plain-secret-0123456789', recorded_told, {}],
		['woocommerce', 'another', woocommerce_told, {program}],
		['woocommerce', 'a third', woocommerce_told, {old: true}]]) {
		const n = stores.length;
		const number = `5801234567${8 + n}`;
		const s = Object.assign(await w.store_add({platform, secret,
			domain: `${n}.${platform}.example`, ...more,
			...(platform === 'shopify' ? {shop_id: number} : {})}),
		{n, number});

		s.paths = {...s.webhook_paths, single: s.webhook_path};
		s.told = [...told(s).map((t) => [platform, ...t]),
			...events_told(s).map((t) => ['events', ...t])]
			.map(([kind, topic, body]) => {
				const own = TOPICS[kind][topic]?.[1];
				const old = more.old && AT_SINGLE.includes(own);

				return {store: s, kind, topic, body,
					came: old ? 'single' : own ?? 'orders'};
			});
		s.topics = [...new Set(s.told.map((d) => d.topic))];
		stores.push(s);
	}
	await w.start('receive');
	await w.ready('receive');
	await Promise.all(stores.map((s) => w.store_known(s)));

	// Genuine deliveries come first.
	for (const s of stores) {
		const genuine = s.told.map((d) => ({d, path: s.paths[d.came],
			body: d.body, headers: HEADERS[d.kind](s, d)}));
		const statuses = {};

		for (const r of genuine) {
			const status = await post(undefined,
				w.roles.get('receive').url, r);

			statuses[status] = (statuses[status] ?? 0) + 1;
		}
		equal(statuses, {200: genuine.length},
			`what ${s.domain} has sent is taken`);
	}
	await w.must(['work', '--drain'], drain);
	const [[dead]] = await w.sql(`SELECT count(*) FROM dead_letter
		WHERE class NOT IN ('platform')`);

	equal(dead, '0', 'and believed');

	const requests = exchanges(stores);
	const statuses = await send_all(w, requests);
	const allowed = requests.filter((r) => r.allowed);

	process.stdout.write(`${JSON.stringify(statuses)}, ${allowed.length} ` +
		`allowed, ${requests.filter(acts).length} may act\n`);
	check(allowed.length > REQUESTS / 20 &&
		allowed.length < REQUESTS / 2, 'some of it is allowed');
	check(allowed.every((r) => r.status === 200),
		'what is allowed is taken');
	await until('the spool to be empty', async () => (await w.metrics(
		'receive')).loyald_spool_records === 0);
	await w.stop('receive');

	// Two databases and one stream of messages.
	await w.sql('CREATE DATABASE reference TEMPLATE loyald',
		process.env.LOYALD_DATABASE_URL.replace('dbname=loyald',
			'dbname=postgres'));
	const key = await stream_of(w), now = new Date().toISOString();
	const reference = world_new({dir: w.dir,
		env: {LOYALD_DATABASE_URL: second}});
	const work = ['work', '--drain', '--now', now];

	await w.redis('COPY', key, 'allowed');
	await w.must(work, drain);
	await w.redis('RENAME', 'allowed', key);
	const taken = await forget(w, key, requests);

	check(taken > REQUESTS / 10, `${taken} messages may change nothing`);
	await reference.must(work, drain);
	await compare(w, reference, check);
	await verified();
}, {env: {LOYALD_STREAMS: '1'}});
