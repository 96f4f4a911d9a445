// SPDX-License-Identifier: MIT
//
// Runs the parts of the bench, as small as they can be: deliveries that
// bench_load sends are posted and measured, a database comes back to what it
// was, and its copies are members with orders whom loyald knows.
import {Copies} from '../bench/copies.mjs';
import {meter, sql} from '../bench/measure.mjs';
import {customer_id} from '../bench/orders.mjs';
import {file_new, run} from '../bench/rounds.mjs';
import {shops_new} from '../bench/shops.mjs';
import {Loyald} from '../bench/sides.mjs';
import {POINTS} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const STORES = 2, ORDERS = 20, MEMBERS = 100, COPIES = 400;
const FIRST = 1000000;		// customer and order that are copied
const POINTS_EACH = 72;		// of 49.95 and 50.05, less 10.00 and 17.36 of tax
const stores = {store: (i) => 1 + i % STORES};

await scenario(async ({check, equal, until}) => {
	const side = new Loyald('bench', {program: POINTS, stores: STORES});
	const number = async (query) =>
		Number((await sql(side.database, query))[0][0]);
	const members = () => number('SELECT count(*) FROM balance');
	const fresh = file_new('fresh', {n: ORDERS, ...stores});

	await side.prepare();
	await side.start();
	await run(side, file_new('first', {n: STORES, ...stores, order: FIRST,
		customer: FIRST}), {count: STORES});
	await side.stop();
	await side.keep();

	await side.start();
	const row = await run(side, fresh, {count: ORDERS});

	equal(await side.orders(), STORES + ORDERS, 'all orders are posted');
	check(['receiver', 'worker', 'redis', 'pg'].every((p) => row.us[p] > 0) &&
		row.eps > 0 && row.wal > 0 && row.p50 > 0 && row.noise >= 0,
	`and measured: ${JSON.stringify(row)}`);
	await run(side, fresh, {count: ORDERS, rate: 200});
	equal(await side.orders(), STORES + ORDERS, 'once, though told twice');
	await side.stop();

	await side.reset();
	equal(await side.orders(), STORES, 'the database is as it was');
	const copies = new Copies(side.database);

	await copies.prepare();
	check(await copies.has_room(COPIES), 'the disk has room');
	await copies.members_to(MEMBERS);
	equal(await members(), MEMBERS + STORES, 'there are more members');
	await copies.orders_to(COPIES);
	equal(await side.orders(), COPIES + STORES, 'and orders');

	const had = await members();
	const points = (n) => number(`SELECT sum(available) FROM balance JOIN
		identity USING (tenant_id, member_id) WHERE value =
		'${customer_id(n)}'`);
	const before = await points(FIRST + 7);

	await side.start();
	await run(side, file_new('known', {n: ORDERS, ...stores,
		customer: (i) => FIRST + 1 + i % 10, cents: 5005}),
	{count: ORDERS});
	equal(await members(), had, 'loyald knows the copies');
	equal(await points(FIRST + 7), before + 2 * POINTS_EACH,
		'and gives them points');
	await side.stop();

	const shops = await shops_new();
	const pushing = new Loyald('pushing', {program: POINTS, stores: STORES,
		roles: [['work', []], ['push', []]]});

	await pushing.prepare({api_url: shops.url});
	await pushing.start();
	const measured = meter(pushing.pids());

	await run(pushing, fresh, {count: ORDERS});
	const told = await until('all balances at their shops', async () => {
		const at = await shops.told();

		return Object.keys(at).length === ORDERS && at;
	});

	check(measured().cpu.push > 0, 'push is measured');
	check(Array.from({length: ORDERS}, (_, i) => told[customer_id(i)])
		.every((ms) => ms > Date.now() - 60000), 'every balance is told');
	await shops.forget();
	equal(await shops.told(), {}, 'and forgotten');
	await pushing.stop();
	await shops.close();
});
process.exit();
