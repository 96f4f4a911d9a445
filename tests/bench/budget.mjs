// SPDX-License-Identifier: MIT
//
// budget: measures push where shops allow it few calls, and where some of them are
// slow, broken, or refuse it: orders of few members, of 25 in each shop, so that
// balances change while they wait.
//
//	budget_rows({orders, rate, slow_ms})    gives two rows: all shops are
//	                                        well, and three of them are not
//	budget_part(rows, the same)             gives the part of the page
import {sql} from './measure.mjs';
import {quantile} from './report.mjs';
import {file_new, fsync_set, run, say} from './rounds.mjs';
import {shops_new} from './shops.mjs';
import {Loyald} from './sides.mjs';
import {POINTS, until} from '../support/world.mjs';

const STORES = 20, MEMBERS = 500;
const LIMIT = {bucket: 1000, restore: 50};	// points, and points a second
const FIRST = 8e8;
const PATIENCE_MS = 600000;
const EVER = 1e9;
const AVAILABLE = 2;		// the account of points that can be spent
// Store 1 is slow, 2 is broken, 3 throttles every call.
const SICK = 3;
const faults = (slow_ms) => ({shop1: [{kind: 'slow', ms: slow_ms, times: EVER}],
	shop2: [{kind: 'status', status: 500, times: EVER}],
	shop3: [{kind: 'throttle', times: EVER}]});

// Gives the milliseconds from the commit of each credit until its member's balance
// at the shop had it, of the stores after the `sick` ones.
async function visible(side, shops, sick)
{
	const came = new Map();

	for (const [customer, at, available] of await shops.history())
		came.set(customer, [...came.get(customer) ?? [], [at, available]]);
	const credits = await sql(side.database, `SELECT i.value, 1e3 * extract(
		epoch FROM pg_xact_commit_timestamp(e.xmin)) AS at,
		sum(e.points) OVER (PARTITION BY e.member_id ORDER BY e.entry_id)
		FROM entry e JOIN identity i USING (tenant_id, member_id)
		WHERE i.kind = 1 AND e.store_id > ${sick} AND e.source = 1
		AND e.credit = ${AVAILABLE}`);

	return credits.map(([customer, at, sum]) => came.get(customer).find(
		([, available]) => available >= Number(sum))[0] - Number(at));
}

async function measured(side, shops, {orders, rate, sick, slow_ms})
{
	const file = file_new('budget', {n: orders,
		order: (i) => FIRST + i, customer: (i) => FIRST + i % MEMBERS,
		store: (i) => 1 + i % STORES});

	await side.stop();
	await side.reset();
	await shops.forget();
	if (sick > 0)
		await shops.faults(faults(slow_ms));
	await side.start([['receive', []], ['work', []], ['push', []]]);
	const {noise} = await run(side, file, {count: orders, rate});

	await until('all balances to be at shops that are well', async () =>
		(await sql(side.database, `SELECT count(*) FROM outbox
			WHERE store_id > ${sick}`))[0][0] === '0', PATIENCE_MS);
	const times = await visible(side, shops, sick);
	const well = (await shops.counts()).filter(({name}) =>
		Number(name.slice(4)) > sick);
	const calls = well.reduce((n, s) => n + s.calls, 0);
	const throttled = well.reduce((n, s) => n + s.throttled, 0);
	const row = {noise, calls: calls * 1000 / times.length,
		throttled: 100 * throttled / calls, p50: quantile(times, 0.5),
		p99: quantile(times, 0.99), stores: STORES - sick};

	say(`pushing, ${sick} of ${STORES} shops sick: ${JSON.stringify(row)}`);
	await side.stop();
	return row;
}

export async function budget_rows({orders, rate, slow_ms})
{
	const shops = await shops_new(LIMIT);
	const side = new Loyald('budget', {program: POINTS, stores: STORES});
	const rows = [];

	await fsync_set('everysec');
	await side.prepare({api_url: shops.url});
	await side.keep();
	for (const sick of [0, SICK])
		rows.push(await measured(side, shops, {orders, rate, slow_ms, sick}));
	await shops.close();
	return rows;
}

export function budget_part(rows, {orders, rate, slow_ms})
{
	return {title: 'Pushing to shops that allow few calls', text: `${orders
	} orders of ${MEMBERS} members over ${STORES} fakes of Shopify, ${rate
	} a second; each shop restores ${LIMIT.restore} points of its limit a second, ` +
	'and a call costs some 12. A credit is visible when the shop has a balance ' +
	'with it; milliseconds from its commit. In the second row one shop answers ' +
	`after ${slow_ms / 1000} s, one with 500, and one throttles every call; the ` +
	'row is about the others.', head: ['', 'calls per 1000 orders',
		'throttled, %', 'visible, p50', 'p99'],
	rows: rows.map((r, i) => [i === 0 ? 'all are well' : 'three are not',
		r.calls, r.throttled, r.p50, r.p99])};
}
