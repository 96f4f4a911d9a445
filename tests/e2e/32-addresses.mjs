// SPDX-License-Identifier: MIT
//
// A topic is believed at its own address alone: every topic at every address,
// what somebody can do who saw deliveries, the old path for everything and
// how a store leaves it.
import {readFileSync, readdirSync} from 'node:fs';
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {ROOT} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data');
const OLD = 'webhook_path';
const CUSTOMER = 7;
const recorded = (path) => JSON.parse(readFileSync(join(DATA, path)));
const order_of = (platform, kind, is) => JSON.parse(generate({platform,
	seed: 32, orders: 1, kinds: {[kind]: 1}}).deliveries.find((d) =>
	is(d.topic, JSON.parse(d.body))).body);

// ---- the bodies of all topics -----------------------------------------------

const gid = (type, id) => `gid://shopify/${type}/${id}`;
const SHOPIFY_ORDER = order_of('shopify', 'paid', (topic, body) =>
	topic === 'orders/paid' && body.financial_status === 'paid');
const WOO_ORDER = order_of('woocommerce', 'completed', (topic, body) =>
	topic === 'order.updated' && body.status === 'completed');
const now = () => new Date().toISOString().slice(0, 19);
// No order names its shop: the ids are ours, and so is the customer.
const shopify_order = (id) => ({...SHOPIFY_ORDER, id, admin_graphql_api_id:
	gid('Order', id), order_status_url: null, updated_at: `${now()}Z`,
customer: {...SHOPIFY_ORDER.customer, id: CUSTOMER, admin_graphql_api_id:
	gid('Customer', CUSTOMER)}});
const woo_order = (id) => ({...WOO_ORDER, id, customer_id: CUSTOMER,
	date_modified_gmt: now()});
const shopify_customer = (id) => ({...recorded('shopify/customer-update.json'),
	id, admin_graphql_api_id: gid('Customer', id),
	email: `c${id}@example.test`});
const woo_customer = (id) => ({...recorded('woocommerce/' +
	'01-customer-created-01-customer.created.body'), id,
email: `c${id}@example.test`});
const shopify_product = (id) => ({id, title: 'Shoes', vendor: 'Acme',
	product_type: 'Shoes', tags: 'summer', variants: [], images: [],
	updated_at: `${now()}Z`, admin_graphql_api_id: gid('Product', id)});
const woo_product = (id) => ({id, name: 'Shoes', type: 'simple',
	date_modified_gmt: now(), stock_status: 'instock', on_sale: false,
	catalog_visibility: 'visible', categories: [{id: 1, name: 'Shoes',
		slug: 'shoes'}], tags: []});
const contact = (id) => ({customer_admin_graphql_api_id: gid('Customer', id),
	title: 'Buyer', updated_at: `${now()}Z`, company: {name: 'Example Ltd'},
	admin_graphql_api_id: gid('CompanyContact', id)});
const tags = (id) => ({customerId: gid('Customer', id), tags: ['vip'],
	occurredAt: `${now()}Z`});
const consent = (id) => ({customer_id: id, email_address: 'a@example.test',
	email_marketing_consent: {state: 'subscribed', opt_in_level:
		'single_opt_in', consent_updated_at: `${now()}Z`}});

const BODIES = {
	shopify: {
		'orders/edited': (id) => ({order_edit: {id, order_id: id,
			line_items: {additions: [], removals: []}}}),
		'orders/delete': (id) => ({id}),
		'refunds/create': (id) => ({...recorded(
			'shopify/refund-lines.json'), id, order_id: id,
		admin_graphql_api_id: gid('Refund', id)}),
		'order_transactions/create': (id) => ({id, order_id: id,
			kind: 'sale', status: 'success', gateway: 'bogus',
			amount: '1.00', currency: 'EUR', admin_graphql_api_id:
				gid('OrderTransaction', id)}),
		'orders/': shopify_order,
		'customers/delete': (id) => ({...recorded(
			'shopify/customer-delete.json'), id,
		admin_graphql_api_id: gid('Customer', id)}),
		'customers/merge': (id) => ({...recorded(
			'shopify/customer-merge.json'),
		admin_graphql_api_customer_kept_id: gid('Customer', id),
		admin_graphql_api_customer_deleted_id:
			gid('Customer', id + 500000)}),
		'customers/email_marketing_consent_update': consent,
		'customers/': shopify_customer,
		'customers_email': consent,
		'customer.tags': tags,
		'company_contacts/': contact,
		'products/delete': (id) => ({id}),
		'products/': shopify_product,
	},
	woocommerce: {
		'order.deleted': (id) => ({id}),
		'order.': woo_order,
		'customer.deleted': (id) => ({id}),
		'customer.': woo_customer,
		'product.deleted': (id) => ({id}),
		'product.': woo_product,
	},
};

// As what it is written there, or else as all of its kind.
const body_of = (platform, topic, id) => JSON.stringify(Object.entries(
	BODIES[platform]).find(([k]) => topic.startsWith(k))[1](id));

const SIGNED = {
	shopify: (s, topic, body) => ({'X-Shopify-Topic': topic,
		'X-Shopify-Shop-Domain': s.domain, 'X-Shopify-Hmac-Sha256':
			shopify_signature(s.secret, body)}),
	woocommerce: (s, topic, body) => ({'X-WC-Webhook-Topic': topic,
		'X-WC-Webhook-Source': `https://${s.domain}/`,
		'X-WC-Webhook-Signature':
			woocommerce_signature(s.secret, body)}),
};

// Shopify's app has one secret for all shops; WooCommerce's have their own.
const PLATFORMS = {
	shopify: {secrets: ['app', 'app'], domain: 'myshopify.com',
		created: 'orders/paid', deleted: 'orders/delete',
		customer: 'customers/create',
		customer_deleted: 'customers/delete',
		product_deleted: 'products/delete', order: shopify_order},
	woocommerce: {secrets: ['one', 'two'], domain: 'example',
		created: 'order.updated', deleted: 'order.deleted',
		restored: 'order.restored', customer: 'customer.created',
		customer_deleted: 'customer.deleted',
		product_deleted: 'product.deleted', order: woo_order},
};

await scenario(async ({w, check, equal, store, verified}) => {
	const pairs = {};
	let next = 1000;

	for (const [platform, {secrets, domain}] of Object.entries(PLATFORMS))
		pairs[platform] = await Promise.all(['a', 'b'].map((name, i) =>
			store(platform, {secret: secrets[i],
				domain: `${name}-${platform}.${domain}`})));
	await w.start('receive');
	await w.ready('receive');
	for (const s of Object.values(pairs).flat())
		await w.store_known(s);

	const host = w.roles.get('receive').url;
	const path_of = (s, address) => address === OLD ? s.webhook_path :
		s.webhook_paths[address];
	const send = (s, topic, body, path, signer = s) => post(host + path,
		{body, headers: {'Content-Type': 'application/json',
			...SIGNED[signer.platform](signer, topic, body)}});
	const sent = async (s, topic, body, address, what) => {
		equal((await send(s, topic, body, path_of(s, address))).status,
			200, `${s.platform}: ${what ?? `${topic} at ${address}`}`);
		await w.drain();
	};
	// Everything that deliveries can change, but for what is kept of those
	// that are not believed.
	const ledger = async () => {
		const tables = (await w.sql(`SELECT relname FROM pg_class
			WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
			AND relname NOT IN ('arrival', 'dead_letter')
			ORDER BY 1`)).flat();
		const hash = createHash('sha256');

		for (const t of tables)
			hash.update(JSON.stringify(await w.sql(
				`SELECT t::text FROM ${t} t ORDER BY 1`)));
		return hash.digest('hex');
	};
	const dead = async (s) => Number((await w.sql(`SELECT count(*)
		FROM dead_letter WHERE store_id = ${s.store_id}
		AND class = 'misdirected'`))[0][0]);
	const others = () => w.sql(`SELECT topic, class, reason FROM dead_letter
		WHERE class <> 'misdirected'`);
	const points = async (s) => Number((await w.balances())
		[s.store_id]?.[CUSTOMER] ?? 0);
	const members = async (s) => (await w.sql(`SELECT value FROM identity
		WHERE store_id = ${s.store_id} AND kind = 1 ORDER BY 1`)).flat();
	const replay = (s) => w.must(['dlq', 'replay', '--store',
		String(s.store_id), '--class', 'misdirected']);

	for (const [platform, [a, b]] of Object.entries(pairs)) {
		const topics = Object.keys(a.webhook_topics)
			.filter((t) => t !== 'event');
		const addresses = Object.keys(a.webhook_paths)
			.filter((n) => n !== 'events');
		const own = (topic) => addresses.find((n) =>
			a.webhook_paths[n] === a.webhook_topics[topic]);
		const is_state = (name) => !/_(deleted|restored)$/.test(name);
		const paths = Object.values(a.webhook_paths);

		// ---- what there is --------------------------------------------
		equal(addresses, platform === 'shopify' ? ['orders',
			'orders_deleted', 'customers', 'customers_deleted', 'products',
			'products_deleted'] : ['orders', 'orders_deleted',
			'orders_restored', 'customers', 'customers_deleted', 'products',
			'products_deleted', 'products_restored'],
		`${platform}: its addresses`);
		equal(new Set([...paths, a.webhook_path,
			...Object.values(b.webhook_paths), b.webhook_path]).size,
		2 * paths.length + 2, 'of two stores no two are the same');
		check(paths.every((p) => /^\/(webhooks|events)\/[\w-]{43}$/.test(p)),
			'and all as long as the old one');

		// ---- every topic at every address that is not its own -----------
		const before = await ledger();
		const wrong = [];

		for (const topic of topics)
			for (const n of addresses.filter((x) => x !== own(topic)))
				wrong.push([topic, n]);
		let refused = 0;

		for (const [topic, n] of wrong)
			refused += (await send(a, topic, body_of(platform, topic,
				next++), path_of(a, n))).status !== 200;
		equal(refused, 0, `${platform}: ${wrong.length} deliveries to ` +
			'other addresses than theirs are taken');
		await w.drain();
		equal(await dead(a), wrong.length, 'each is a dead letter');
		equal(await ledger(), before, 'and nothing else has changed');

		// ---- another store's, and the other kind of path ----------------
		const answers = new Set();

		for (const topic of topics)
			for (const n of [...addresses, OLD])
				answers.add((await send(b, topic, body_of(platform,
					topic, next++), path_of(b, n), a)).status);
		equal([...answers], [401],
			`${platform}: no topic of one store is taken at another's`);
		const text = body_of(platform, topics[0], next++);
		const event = JSON.stringify({idempotency_key: `e-${platform}`,
			type: 'review', customer: {id: String(CUSTOMER)},
			at: `${now()}Z`});
		const as_event = {body: event, headers: {'X-Loyald-Hmac-Sha256':
			event_signature(a, event)}};
		const kinds = {webhooks: new Set(), events: new Set()};

		kinds.webhooks.add((await send(a, topics[0], text, a.webhook_paths
			.events.replace('/events/', '/webhooks/'))).status);
		for (const n of addresses)
			kinds.events.add((await post(host + a.webhook_paths[n]
				.replace('/webhooks/', '/events/'), as_event)).status);
		equal([[...kinds.webhooks], [...kinds.events]], [[404], [404]],
			`${platform}: what is for events is not there for webhooks, ` +
			'nor the other way round');

		// A shop says hello to every address that is entered.
		if (platform === 'woocommerce')
			for (const n of addresses)
				refused += (await post(host + a.webhook_paths[n],
					{body: 'webhook_id=1', headers: {'Content-Type':
						'application/x-www-form-urlencoded'}}))
					.status !== 200;
		equal(refused, 0, `${platform}: its pings are answered everywhere`);

		// ---- every topic at its own --------------------------------------
		for (const topic of topics)
			refused += (await send(a, topic, body_of(platform, topic,
				next++), path_of(a, own(topic)))).status !== 200;
		await w.drain();
		equal([refused, await dead(a), await others()],
			[0, wrong.length, []],
			`${platform}: all are believed at their own`);
		check(await ledger() !== before, 'and tell something');

		// ---- every topic at the old path ---------------------------------
		const gone = topics.filter((t) => !is_state(own(t)));

		for (const topic of topics)
			refused += (await send(b, topic, body_of(platform, topic,
				next++), b.webhook_path)).status !== 200;
		await w.drain();
		equal([refused, await others()], [0, []],
			`${platform}: all are taken at the old path`);
		equal((await w.sql(`SELECT topic FROM dead_letter
			WHERE store_id = ${b.store_id}`)).flat().sort(), gone.sort(),
		'and deletions and restorations wait there');
		const [letter] = await w.json(['dlq', 'list', '--store',
			String(b.store_id)]);

		check(/^(\S+) is believed at the store's address "\w+" only, and /
			.test(letter.reason) && /old one for everything/
			.test(letter.reason), letter.reason);
	}

	// ---- who saw deliveries ------------------------------------------------
	for (const [platform, p] of Object.entries(PLATFORMS)) {
		const s = await store(platform, {secret: 'seen',
			domain: `seen-${platform}.${p.domain}`});

		await w.store_known(s);
		const order = JSON.stringify(p.order(next++));
		const {id} = JSON.parse(order);
		const bare = JSON.stringify({id});

		await sent(s, p.created, order, 'orders');
		const worth = await points(s), known = await members(s);

		check(worth > 0, `${platform}: an order is worth ${worth}`);
		const nothing = async (topic, body, address, what) => {
			await sent(s, topic, body, address, what);
			equal([await points(s), await members(s)], [worth, known],
				`${platform}: ${what}: nothing comes of it`);
		};

		await nothing(p.deleted, order, 'orders',
			'an order\'s body as its deletion');
		await nothing(p.customer, order, 'orders',
			'an order\'s body as a customer');
		await nothing(p.deleted, order, OLD,
			'an order\'s body as its deletion, at the old path');
		await nothing(p.customer, order, OLD,
			'an order\'s body as a customer, at the old path');
		await nothing(p.deleted, bare, 'orders',
			'a deletion where orders come');
		await nothing(p.deleted, bare, 'customers_deleted',
			'a deletion where those of customers come');
		// True this once; and {"id":N} fits three topics.
		await sent(s, p.deleted, bare, 'orders_deleted');
		equal(await points(s), 0, `${platform}: a true deletion is believed`);
		const customer = JSON.stringify({id: CUSTOMER});

		await sent(s, p.created, JSON.stringify(p.order(next++)), 'orders');
		const again = await ledger();

		await sent(s, p.customer_deleted, customer, 'orders_deleted');
		await sent(s, p.product_deleted, customer, 'orders_deleted');
		if (p.restored) {
			await sent(s, p.restored, order, 'orders');
			await sent(s, p.restored, order, 'orders_deleted');
			await sent(s, p.restored, order, OLD);
		}
		equal(await ledger(), again, `${platform}: and nothing else is, ` +
			'at the address of deletions of orders');
		if (p.restored) {
			const had = await points(s);

			await sent(s, p.restored, JSON.stringify({...JSON.parse(order),
				date_modified_gmt: now()}), 'orders_restored');
			equal(await points(s), had + worth,
				'a true restoration is believed');
			// README says so of bodies that are sent again.
			await sent(s, p.deleted, bare, 'orders_deleted');
			await sent(s, p.created, order, 'orders');
			equal(await points(s), had, 'its deletion sent again takes ' +
				'it away, and the order sent again is no news');
		}
	}

	// ---- the old path, and how a store leaves it ----------------------------
	for (const [platform, p] of Object.entries(PLATFORMS)) {
		const s = await store(platform, {secret: 'old',
			domain: `old-${platform}.${p.domain}`});
		const id = ['--store', String(s.store_id)];
		const old_path = async () => (await w.json(['store', 'list']))
			.find((x) => x.store_id === s.store_id).old_path;
		const cell = async () => (await w.must(['store', 'list'])).stdout
			.split('\n').find((l) => l.startsWith(`${s.store_id} `));

		await w.store_known(s);
		equal((await old_path()).webhooks,
			{used: false, last_delivery_at: null},
			`${platform}: nothing came to a new store`);
		const order = p.order(next++);

		await sent(s, p.created, JSON.stringify(order), OLD);
		check((await points(s)) > 0, `${platform}: the old path earns`);
		const {webhooks, events} = await old_path();

		check(webhooks.used && !events.used && Date.now() - Date.parse(
			webhooks.last_delivery_at) < 600000,
		`${platform}: store list has who is on the old path`);
		check(/ webhooks /.test(await cell()), await cell());
		await sent(s, p.deleted, JSON.stringify({id: order.id}), OLD);
		check((await points(s)) > 0, 'a deletion there is not believed');
		equal((await replay(s)).stdout, '1 replayed\n', 'but replayed');
		await w.drain();
		equal([await points(s), (await w.json(['dlq', 'list', ...id]))
			.length], [0, 0], `${platform}: and then it is`);

		// An event at what was the only path, and one at its own.
		const tell = async (key, path) => {
			const body = JSON.stringify({idempotency_key: key,
				type: 'review', at: `${now()}Z`,
				customer: {id: String(CUSTOMER)}});

			equal((await post(host + path, {body, headers:
				{'X-Loyald-Hmac-Sha256': event_signature(s,
					body)}})).status, 200, `${platform}: event ${key}`);
			await w.drain();
		};

		await tell('old', s.webhook_path.replace('/webhooks/', '/events/'));
		check((await old_path()).events.used, 'its events are there, too');
		await sent(s, p.created, JSON.stringify(p.order(next++)), 'orders');
		await tell('own', s.webhook_paths.events);
		// Thirty days later.
		await w.sql(`UPDATE arrival SET last_at = last_at -
			interval '30 days' WHERE store_id = ${s.store_id}
			AND address = 1`);
		equal(Object.values(await old_path()).map((x) => x.used),
			[false, false], `${platform}: a store that has moved`);

		// ---- store show ---------------------------------------------------
		const shown = await w.json(['store', 'show', ...id]);

		equal([shown.webhook_path, shown.webhook_paths,
			shown.webhook_topics], [s.webhook_path, s.webhook_paths,
			s.webhook_topics], `${platform}: store show has all addresses`);
		equal(Object.entries(shown.last_delivery_at).filter(([, at]) =>
			at !== null).map(([n]) => n), ['orders', 'events'],
		'and when something came there');
		const {stdout} = await w.must(['store', 'show', ...id]);
		const lines = stdout.split('\n');
		const column = lines.find((l) => l.startsWith('TOPIC'))
			.indexOf('PATH');

		check(Object.entries(s.webhook_topics).every(([topic, path]) =>
			lines.some((l) => l.startsWith(`${topic} `) &&
				l.indexOf(path) === column)),
		'each topic in a line, with its path below PATH');
		const blind = await w.run(['store', 'show', ...id],
			{env: {LOYALD_KEY_FILE: ''}});

		check(blind.status === 0 && /LOYALD_KEY_FILE/.test(blind.stdout) &&
			blind.stdout.includes(s.webhook_path) &&
			!blind.stdout.includes(s.webhook_paths.orders),
		'without the key it says so, and shows the rest');
	}
	await verified();

	// ---- what store add prints for people -------------------------------------
	const secret = join(w.dir, 'secret-1');
	const printed = (await w.must(['store', 'add', '--platform', 'shopify',
		'--domain', 'printed.myshopify.com', '--currency', 'EUR',
		'--timezone', 'UTC', '--program', join(ROOT,
			'deploy/programs/points.json'), '--webhook-secret-file',
		secret])).stdout;
	const number = /^store (\d+) of tenant/.exec(printed)[1];
	const {webhook_topics, webhook_path} = await w.json(['store', 'show',
		'--store', number]);

	check(Object.entries(webhook_topics).every(([topic, path]) =>
		printed.split('\n').some((l) => l.startsWith(`${topic} `) &&
			l.endsWith(` ${path}`))) && printed.includes(webhook_path),
	'store add prints each topic with its path, and the old one');

	// ---- a store of the version before -----------------------------------------
	const on = process.env.LOYALD_DATABASE_URL;
	const before = on.replace('dbname=loyald', 'dbname=before');
	const [s] = pairs.woocommerce;
	const columns = 'tenant_id, store_id, platform, domain, currency, ' +
		'timezone, webhook_token, secret, earn_from';
	const [row] = await w.sql(`SELECT format('(%s)', concat_ws(',',
		tenant_id, store_id, platform, quote_literal(domain),
		quote_literal(currency), quote_literal(timezone),
		quote_literal(webhook_token), quote_literal(secret),
		quote_nullable(earn_from))) FROM store
		WHERE store_id = ${s.store_id}`);
	const env = {env: {LOYALD_DATABASE_URL: before}};

	await w.sql('CREATE DATABASE before');
	process.env.LOYALD_DATABASE_URL = before;
	await w.sql(`CREATE TABLE migration (number bigint PRIMARY KEY, name text
		NOT NULL, sha256 bytea NOT NULL, applied_at timestamptz NOT NULL
		DEFAULT now())`);
	for (const file of readdirSync(join(ROOT, 'migrations')).filter((f) =>
		/^000[1-4].*sql$/.test(f)).sort()) {
		const sql = readFileSync(join(ROOT, 'migrations', file), 'utf8');

		await w.sql(`${sql}; INSERT INTO migration VALUES (${
			Number(file.slice(0, 4))}, '${file.slice(0, -4)}', '\\x${
			createHash('sha256').update(sql).digest('hex')}')`);
	}
	await w.sql(`INSERT INTO tenant (tenant_id) VALUES (${s.tenant_id});
		INSERT INTO store (${columns}) VALUES ${row[0]}`);
	equal((await w.run(['migrate'], env)).status, 0,
		'a database of before is migrated');
	process.env.LOYALD_DATABASE_URL = on;
	const shown = await w.json(['store', 'show', '--store',
		String(s.store_id)], env);

	equal(shown.webhook_topics, s.webhook_topics,
		'its stores have addresses that follow from what they had');
	check(shown.old_path.webhooks.used && !shown.old_path.events.used,
		'and are on the old path');
});
