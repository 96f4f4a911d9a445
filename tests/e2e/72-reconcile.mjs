// SPDX-License-Identifier: MIT
//
// Changes that no webhook told are found by asking the shop: a share of the webhooks is
// lost, and after a round the ledger is as if none had been, and each order that
// was missed is named, and nothing else.  The shop fails in many ways meanwhile,
// and the process is killed.
import {setTimeout as sleep} from 'node:timers/promises';
import {exact} from '../fakes/shopify_orders.mjs';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {random_new} from '../support/random.mjs';
import {scenario} from './scenario.mjs';

const LIMIT_MS = 60000;
const ORDERS = 160;
const LOST = 0.15;		// of the deliveries, and all later ones of an order
const BEFORE = '2026-10-01T00:00:00Z';
const FAULTS = [{kind: 'status', status: 503}, {kind: 'status', status: 200,
	body: '<html>Please wait</html>'}, {kind: 'drop'},
{kind: 'half-reply'}, {kind: 'status', status: 404}];
const KILLS = 12;
const PLATFORMS = {
	woocommerce: {seed: 13, drops: 1, calls: ['GET orders', 'GET orders/ID'],
		is_order: (d) => /^order\./.test(d.topic)},
	// On a connection that is used again curl repeats a call once.
	shopify: {seed: 14, drops: 2, calls: ['orders', 'order'],
		is_order: (d) => /^orders\/(?!edited|delete)/.test(d.topic)}};

// Gives the orders that a shop shows: the last body of each.
function shown(deliveries, {is_order})
{
	const last = new Map();

	for (const d of deliveries.filter(is_order))
		last.set(String(d.order), exact(d.body));
	return [...last.values()];
}

// The deliveries without those that are lost: of some orders, all from one on.
function without_lost(deliveries, random)
{
	const lost = new Set();

	return deliveries.filter((d) => {
		if (d.order !== null && random() < LOST)
			lost.add(d.order);
		return !lost.has(d.order);
	});
}

// Webhooks that the shop has switched off are on again, if they lead here.
async function switched_off({w, equal, check, fake, store})
{
	const shop = await fake('woocommerce');
	const s = await store('woocommerce', {domain: 'hooks.example'}, shop);
	const other = await store('woocommerce', {domain: 'other.example'});
	const page = shop.store('default');
	const hook = (id, path, status = 'disabled', topic = 'order.updated') =>
		({id, status, topic, delivery_url: `https://us.example${path}`});
	const once = async () => {
		await w.sql('UPDATE reconcile SET due_at = now()');
		return w.run(['reconcile', '--once']);
	};
	const paths = s.webhook_paths;

	page.config.webhooks = [hook(1, paths.orders),
		hook(2, other.webhook_paths.orders), hook(3, '/webhooks/theirs'),
		hook(4, paths.orders, 'paused'), hook(5, s.webhook_path),
		hook(6, paths.orders_deleted, 'disabled', 'order.deleted'),
		hook(7, paths.products, 'active', 'product.updated')];
	const done = await once();

	equal(page.config.webhooks.map((h) => h.status), ['active', 'disabled',
		'disabled', 'paused', 'active', 'active', 'active'],
	'webhooks that lead here are switched on again, and no others');
	equal(done.stderr.match(/its webhook order\.\w+ was switched off: it is on/g)
		?.length, 3, 'each is told');
	page.config.webhooks[0].status = 'disabled';
	for (const [match, says] of [['GET webhooks', 'not looked after'],
		['PUT webhooks/ID', 'is switched off, and stays so']]) {
		page.add_faults({kind: 'status', status: 403, match});
		const said = await once();

		equal(said.status, 0, `${match} refused: the round goes on`);
		check(said.stderr.includes(says) && /403/.test(said.stderr),
			'and that is told');
	}

	// ---- removed ---------------------------------------------------------
	page.config.webhooks = page.config.webhooks.slice(0, 6);
	await once();
	const made = page.config.webhooks.at(-1);

	equal([made.topic, made.delivery_url, made.status,
		page.data.hook_secrets[made.id]], ['product.updated',
		`https://us.example${paths.products}`, 'active',
		'generated-secret'], 'one that is gone is made again');
	page.config.webhooks = page.config.webhooks.filter((h) =>
		!h.delivery_url.includes(paths.orders) && h.id > 1);
	page.config.webhooks = [hook(2, other.webhook_paths.orders)];
	await once();
	equal(page.config.webhooks.length, 1,
		'none is made where none leads here any more');
	await w.must(['store', 'disable', '--store', String(s.store_id)]);
}

// Shopify removes a subscription after eight deliveries that failed.
async function removed({w, equal, check, fake, store})
{
	const shop = await fake('shopify');
	const s = await store('shopify', {domain: 'gone.myshopify.com'}, shop);
	const page = shop.store('default');
	const hook = (topic, path) => ({topic,
		uri: `https://us.example${path}`});
	const orders = hook('ORDERS_UPDATED', s.webhook_paths.orders);
	const refunds = hook('REFUNDS_CREATE', s.webhook_paths.orders);
	const once = async () => {
		await w.sql('UPDATE reconcile SET due_at = now()');
		return w.run(['reconcile', '--once']);
	};

	page.config.webhooks = [orders, refunds];
	await once();
	equal(page.config.webhooks, [orders, refunds],
		'subscriptions that are there are let alone');
	page.config.webhooks = [refunds];
	const done = await once();

	equal(page.config.webhooks, [refunds, orders],
		'a subscription that Shopify has removed is made again');
	check(/its webhook orders\/updated was gone: it is on again/.test(
		done.stderr), 'and that is told');
	equal(page.state().refused, [], 'Shopify has refused no call');
	await w.must(['store', 'disable', '--store', String(s.store_id)]);
}

await scenario(async ({w, check, equal, fake, store, until, balances,
	verified}) => {
	await switched_off({w, equal, check, fake, store});
	await removed({w, equal, check, fake, store});
	for (const p of ['receive', 'work'])
		await w.start(p);
	await w.ready('receive');
	for (const platform of Object.keys(PLATFORMS))
		await platform_runs({platform, w, check, equal, fake, store, until,
			balances});
	await verified();
});

async function platform_runs({platform, w, check, equal, fake, store, until,
	balances})
{
	const of = PLATFORMS[platform];
	// Enough points that the fake's rate limit takes no minutes.
	const shop = await fake(platform, platform === 'shopify' ?
		{restore: 1000} : {});
	const s = await store(platform, {}, shop);
	const page = shop.store('default');
	const {deliveries} = generate({platform, seed: of.seed, orders: ORDERS});
	const random = random_new(7);
	const told = without_lost(deliveries, random);
	const gaps = () => w.json(['store', 'gaps', '--store',
		String(s.store_id), '--last', '1000']);
	const env = {LOYALD_RECONCILE_GRACE_S: '0',
		LOYALD_RECONCILE_EVERY_S: '1'};
	const row = (sql) => w.sql(`UPDATE reconcile SET ${sql}
		WHERE store_id = ${s.store_id}`);
	const once = () => w.run(['reconcile', '--once'], {env});
	const says = (what) => `${platform}: ${what}`;

	await w.store_known(s);
	equal((await once()).status, 0, says('a shop that has no orders'));
	equal((await gaps()).gaps, 0, says('nothing is found'));

	await deliver(told, {urls: {[platform]: s}});
	await until('the deliveries to be posted', async () =>
		await w.backlog() === 0, LIMIT_MS);
	page.config.orders = shown(deliveries, of);

	// ---- a shop that fails moves no watermark ------------------------------
	await row(`watermark = '${BEFORE}', due_at = now(), tries = 0`);
	for (const fault of FAULTS) {
		page.add_faults({...fault, match: of.calls,
			times: fault.kind === 'drop' ? of.drops : 1});
		const done = await once();

		equal([done.status, (await w.sql(`SELECT watermark = '${BEFORE}'
			FROM reconcile WHERE store_id = ${s.store_id}`))[0][0]],
		[1, 't'], says(`${fault.kind} ${fault.status ?? ''}: told, and ` +
			'nothing moves'));
		await row('due_at = now(), tries = 0');
	}
	check(/404/.test((await gaps()).last_error),
		says('the last error is shown'));

	// ---- it is killed at any moment, and throttled ---------------------------
	page.add_faults({kind: 'throttle', times: 4, match: of.calls});
	await w.start('reconcile', {env, restart: true});
	for (let i = 0; i < KILLS; i++) {
		await sleep(random.int(20, 250));
		w.kill('reconcile');
		await row("leased_until = '-infinity', due_at = now()");
	}
	await until('a round to end', async () => (await w.sql(`SELECT watermark > '2026-11-20'
			AND done_at IS NOT NULL FROM reconcile
			WHERE store_id = ${s.store_id}`))[0][0] === 't', LIMIT_MS);
	await w.stop('reconcile');
	await until('all to be posted', async () => await w.backlog() === 0,
		LIMIT_MS);
	await balances(deliveries, {[platform]: s},
		says('every balance is that of a shop without losses'));

	// An order that was told as it is now was not missed.
	const found = await gaps();
	const known = new Map(shown(told, of).map((o) => [o.id,
		JSON.stringify(o)]));
	const missed = shown(deliveries, of).filter((o) =>
		known.get(o.id) !== JSON.stringify(o)).map((o) => Number(o.id));

	equal(found.list.map((g) => g.order_id).sort((a, b) => a - b),
		missed.sort((a, b) => a - b),
		says(`each of ${missed.length} orders is named, and no other`));
	equal(found.list.filter((g) => g.points === null), [],
		says('the points of each are known'));
	check(/The ledger has all orders that changed before/.test((await w.must(
		['store', 'gaps', '--store', String(s.store_id)])).stdout),
	says('the list is told in words'));
	const told_by_show = (await w.must(['store', 'show', '--store',
		String(s.store_id)])).stdout;

	check(new RegExp(`reconciled +until 2.*, ${missed.length} missed by ` +
		'webhooks').test(told_by_show), says('store show tells it, too'));

	// ---- a second round finds nothing ---------------------------------------
	const calls = page.state().calls;

	await row('due_at = now()');
	equal((await once()).status, 0, says('another round ends well'));
	equal(page.state().calls - calls, 2,
		says('an idle shop gets two calls in a round'));
	equal((await gaps()).gaps, found.gaps, says('nothing is missed any more'));
	check(Date.parse((await gaps()).last_round_at) <= Date.now(),
		says('the last round ended in the past'));
	equal(page.state().refused.filter((r) => !/HTTP 404/.test(r.why)), [],
		says('the shop has refused no call'));
}
