// SPDX-License-Identifier: MIT
//
// What no webhook told is found by asking the shop: a share of the webhooks is
// lost, and after a round the ledger is as if none had been, and each order that
// was missed is named, and nothing else.  The shop fails in many ways meanwhile,
// and the process is killed.
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {random_new} from '../support/random.mjs';
import {scenario} from './scenario.mjs';

const LIMIT_MS = 60000;
const ORDERS = 160;
const LOST = 0.3;		// of all orders, from some delivery on
const BEFORE = '2026-10-01T00:00:00Z';
const FAULTS = [{kind: 'status', status: 503}, {kind: 'status', status: 200,
	body: '<html>Please wait</html>'}, {kind: 'throttle'}, {kind: 'drop'},
{kind: 'half-reply'}, {kind: 'status', status: 404}];
const KILLS = 12;

// What a shop shows of its orders: the last body of each.
function shown(deliveries)
{
	const last = new Map();

	for (const d of deliveries.filter((x) => /^order\./.test(x.topic)))
		last.set(String(d.order), JSON.parse(d.body));
	return [...last.values()];
}

await scenario(async ({w, check, equal, fake, store, until, balances,
	verified}) => {
	const shop = await fake('woocommerce');
	const s = await store('woocommerce', {}, shop);
	const {deliveries} = generate({platform: 'woocommerce', seed: 13,
		orders: ORDERS});
	const random = random_new(7);
	const lost_from = new Map();	// order: the first delivery that is lost
	const seen = new Map();
	const told = deliveries.filter((d) => {
		const nth = (seen.get(d.order) ?? 0) + 1;

		seen.set(d.order, nth);
		if (/^order\./.test(d.topic) && !lost_from.has(d.order) &&
		    random() < LOST / 2)
			lost_from.set(d.order, nth);
		return !lost_from.has(d.order);
	});
	const page = shop.store('default');
	const gaps = () => w.json(['store', 'gaps', '--store',
		String(s.store_id), '--last', '1000']);
	const env = {LOYALD_RECONCILE_GRACE_S: '0',
		LOYALD_RECONCILE_EVERY_S: '1'};
	const again = () => w.sql(`UPDATE reconcile SET watermark = '${BEFORE}',
		due_at = now(), tries = 0, leased_until = '-infinity'`);

	for (const p of ['receive', 'work'])
		await w.start(p);
	await w.ready('receive');
	await w.store_known(s);
	equal((await w.run(['reconcile', '--once'], {env})).status, 0,
		'a round with a shop that has no orders');
	equal((await gaps()).gaps, 0, 'it finds nothing');

	await deliver(told, {urls: {woocommerce: s}});
	await until('the deliveries to be posted', async () =>
		await w.backlog() === 0, LIMIT_MS);
	page.config.orders = shown(deliveries);

	// ---- a shop that fails moves no watermark ------------------------------
	await again();
	for (const fault of FAULTS) {
		page.add_faults({...fault, match: ['GET orders', 'GET orders/ID']});
		const done = await w.run(['reconcile', '--once'], {env});

		equal([done.status, (await w.sql(`SELECT watermark = '${BEFORE}'
			FROM reconcile`))[0][0]], [1, 't'],
		`${fault.kind} ${fault.status ?? ''}: told, and nothing moves`);
		await w.sql('UPDATE reconcile SET due_at = now(), tries = 0');
	}
	check(/404/.test((await gaps()).last_error), 'the last error is shown');

	// ---- it is killed at any moment ----------------------------------------
	await w.start('reconcile', {env, restart: true});
	for (let i = 0; i < KILLS; i++) {
		await sleep(random.int(20, 250));
		w.kill('reconcile');
		await w.sql(`UPDATE reconcile SET leased_until = '-infinity',
			due_at = now()`);
	}
	await until('a round to end', async () => {
		await w.sql(`UPDATE reconcile SET leased_until = '-infinity'
			WHERE leased_until > now() + interval '40 seconds'`);
		return (await gaps()).last_round_at !== null &&
			(await w.sql(`SELECT watermark > '2026-11-20'
				FROM reconcile`))[0][0] === 't';
	}, LIMIT_MS);
	await w.stop('reconcile');
	await until('all to be posted', async () => await w.backlog() === 0,
		LIMIT_MS);
	await balances(deliveries, {woocommerce: s},
		'every balance is that of a shop without losses');
	const found = await gaps();
	// An order that was told as it is now was not missed.
	const known = new Map(shown(told).map((o) => [o.id,
		JSON.stringify(o)]));
	const missed = shown(deliveries).filter((o) =>
		known.get(o.id) !== JSON.stringify(o)).map((o) => o.id);

	equal(found.list.map((g) => g.order_id).sort((a, b) => a - b),
		missed.sort((a, b) => a - b),
		`each of the ${missed.length} orders is named, and no other`);
	equal(found.list.filter((g) => g.points === null), [],
		'the points of each are known');
	check(/No loyald|The ledger has all orders/.test((await w.must(['store',
		'gaps', '--store', String(s.store_id)])).stdout),
	'the list is told in words');

	// ---- a second round finds nothing ---------------------------------------
	const calls = page.state().calls;

	await w.sql('UPDATE reconcile SET due_at = now()');
	equal((await w.run(['reconcile', '--once'], {env})).status, 0,
		'another round ends well');
	equal(page.state().calls - calls, 1, 'an idle shop is asked once');
	equal((await gaps()).gaps, found.gaps, 'nothing is missed any more');
	await verified();
});
