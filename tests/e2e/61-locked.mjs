// SPDX-License-Identifier: MIT
//
// Somebody has a member's row locked for long (an operator's psql, a worker
// that stands still).  That member's orders wait; everybody else's do not, not
// even in the same batch, and no message goes from one worker to the next.
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const ORDERS = 120;
const CUSTOMERS = 12;
const IDLE_MS = 1500;
const LIMIT_MS = 180000;	// generous

await scenario(async ({w, check, equal, store, balances, verified, until}) => {
	const platform = 'woocommerce';

	await w.start('receive');
	await w.ready('receive');
	const s = await store(platform);

	await w.store_known(s);
	const {deliveries} = generate({platform, orders: ORDERS,
		customers: CUSTOMERS, kinds: {completed: 1},
		start: Date.now() - 86400000});
	const number = async (query) => Number((await w.sql(query))[0][0]);
	const of = (d) => JSON.parse(d.body).customer_id;
	const [first] = deliveries.filter((d) => of(d) > 0);
	const send = async (list) => equal((await deliver(list,
		{urls: s, retries: 5})).ok, list.length, 'deliveries are answered');

	// Makes a row to be locked.
	await send([first]);
	await w.drain();
	const locked = w.sql(`BEGIN; SELECT FROM balance b JOIN identity i
		USING (tenant_id, member_id) WHERE i.value = '${of(first)}'
		AND i.kind = 1 FOR UPDATE OF b; SELECT pg_sleep(3600);`)
		.catch(() => null);

	await until('the row to be locked', async () => await number(`SELECT
		count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%'
		AND wait_event = 'PgSleep'`) === 1);
	for (const name of ['work-1', 'work-2'])
		await w.start('work', {name, env:
			{LOYALD_CLAIM_IDLE_MS: String(IDLE_MS)}});
	await send(deliveries);
	const theirs = new Set(deliveries.filter((d) => of(d) === of(first))
		.map((d) => String(d.order)));
	const others = new Set(deliveries.filter((d) => d.order &&
		!theirs.has(String(d.order))).map((d) => String(d.order)));
	const decided = () => number(`SELECT count(*) FROM order_state WHERE
		store_id = ${s.store_id} AND order_id IN (${[...others]
		.join(',')})`);

	await until('the orders of all others to be posted', async () =>
		await decided() === others.size, LIMIT_MS);
	check(await w.backlog() > 0, 'those of the one wait');
	check(await number(`SELECT count(*) FROM pg_stat_activity WHERE
		query LIKE '%pg_sleep(3600)%' AND wait_event = 'PgSleep'`) === 1,
	'whose row is locked all the while');
	// Longer than nobody may say anything of a message.
	await new Promise((r) => setTimeout(r, 3 * IDLE_MS));
	let waiting = 0, reclaimed = 0;

	for (const name of ['work-1', 'work-2']) {
		const m = await w.metrics(name);

		waiting += m.loyald_work_waiting;
		reclaimed += m.loyald_work_reclaimed_total;
	}
	equal([waiting > 0, reclaimed], [true, 0],
		'their workers keep them, and say so');
	// New ones of others do not wait either.
	const next = generate({platform, seed: 2, orders: 10, first: ORDERS,
		customers: CUSTOMERS, kinds: {completed: 1},
		start: Date.now() - 86400000}).deliveries;
	const again = new Set(next.filter((d) => of(d) === of(first) ||
		of(d) === 0).map((d) => d.order));
	const more = next.filter((d) => d.order && !again.has(d.order) &&
		of(d) > 0);

	await send(more);
	const ids = [...new Set(more.map((d) => d.order))];

	await until('the next orders of others to be posted', async () =>
		await number(`SELECT count(*) FROM order_state WHERE store_id =
			${s.store_id} AND order_id IN (${ids.join(',')})`) ===
			ids.length, LIMIT_MS);
	check(await w.backlog() > 0, 'while those of the one still wait');
	await w.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(3600)%' AND pid <> pg_backend_pid()`);
	await locked;
	await until('no message to be left', async () =>
		await w.backlog() === 0, LIMIT_MS);
	await balances([...deliveries, ...more], {[platform]: s},
		'every balance is right');
	await verified();
});
