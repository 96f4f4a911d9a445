// SPDX-License-Identifier: MIT
//
// A member with 19,900 orders, and one whose history takes minutes to work
// out, hold nobody else up: another store's orders are posted while theirs
// wait, no message is given to two workers, and schedule looks at them alone.
// Nothing is lost, whoever is killed meanwhile.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const ORDERS = 19900;	// of each of the two; a member has 20000 at most
const MORE = 6;		// orders of each of them, while the others' come
const OTHERS = 300;	// orders of another store
const WORKERS = ['work-1', 'work-2', 'work-3'];
const IDLE_MS = 2000;	// much less than either history takes
const LIMIT_MS = 300000;	// generous; the seconds it took are printed
const YEAR_MS = 365 * 86400000;
const PLATFORM = 'woocommerce';

const rules = [{id: 'order', on: 'order', give: {points: 1, per: '1'}}];
const PROGRAMS = {
	// A program whose members have many orders, of which each takes about
	// five thousand steps.
	many: {name: 'many', rules: [...rules, ...[1, 2, 3, 4, 5, 6, 7, 8].map(
		(n) => ({id: `more${n}`, on: 'order', give: {points: n}}))], tiers: {window: 'year', levels: [
		{id: 'silver', from: '100.00'}, {id: 'gold', from: '1000.00'}]}},
	// Every refund looks at all that was reached before it.
	endless: {name: 'endless', rules: [...rules, {id: 'reached', on: 'tier',
		give: {points: 1}}], tiers: {window: 'lifetime', term: '7 days',
		levels: ['1', '20', '3000', '9000', '90000'].map((from, i) =>
			({id: `l${i}`, from: `${from}.00`}))}},
	others: {name: 'others', rules, tiers: {window: 'year', levels: [
		{id: 'silver', from: '100.00'}]}},
};

// An order as versions before kept it, in JSON, which is still read.
const line = (id, quantity, net, tax, product_id, sku) => ({id, quantity,
	current: quantity, before: net, net, tax, product_id, sku});
const FACTS = {platform: PLATFORM, modified_at: 1793520069000000, rank: 60,
	status: 'completed', currency: 'EUR', was_paid: true, customer_id: 3,
	total: 74835, shipping: 832, shipping_tax: 158,
	lines: [line(100301, 2, 4579, 321, 7003, 'ESP-1'),
		line(100302, 4, 10841, 759, 7006, 'BOOK'),
		line(100303, 1, 603, 42, 7008, 'HON'),
		line(100304, 3, 47647, 9053, 7005, 'GRI')],
	fulfilled_at: 1793520069000000, channel: 'online',
	shipping_method: 'Flat rate', tenders: [{name: 'bacs', amount: 74835}],
	told_at: 1796017692325872};

// The history of a store's one customer, who has an order already: an order
// every three hours, and a refund of each, if there are to be refunds.
const history = (s, refunded) => `
	INSERT INTO order_state (tenant_id, store_id, order_id, facts,
		owner_kind, owner_value, member_id, reason, modified_at)
	SELECT o.tenant_id, o.store_id, 5000000 + n,
	       ('${JSON.stringify(FACTS)}'::jsonb || jsonb_build_object('id', 5000000 + n,
		'created_at', t.at, 'paid_at', t.at)
		${refunded ? `|| jsonb_build_object('refunds',
		jsonb_build_array(jsonb_build_object('id', n, 'share', 100,
			'at', t.at + ${YEAR_MS * 8}000)))` : ''})::text,
	       o.owner_kind, o.owner_value, o.member_id, 'none', o.modified_at
	  FROM order_state o, generate_series(1, ${ORDERS - MORE - 1}) AS n,
	       LATERAL (SELECT 1451606400000000 + n * 10800000000 AS at) AS t
	 WHERE o.store_id = ${s.store_id};`;

await scenario(async ({w, check, equal, store, verified, until}) => {
	const began = Date.now();
	const told = (what) => check(true, `${what}: ` +
		`${((Date.now() - began) / 1000).toFixed(1)} s since the begin`);
	// Of the two nothing that is a guest's.
	const orders = (s, n, first = 0) => {
		for (let seed = 1; ; seed++) {
			const {deliveries} = generate({platform: PLATFORM, seed,
				orders: n, first, customers: s.customers,
				kinds: {completed: 1}, domain: s.domain,
				start: Date.now() - YEAR_MS / 4});

			if (s.customers > 1 || deliveries.every((d) =>
				JSON.parse(d.body).customer_id !== 0))
				return deliveries;
		}
	};
	const shops = {};

	await w.start('receive');
	await w.ready('receive');
	for (const [name, program] of Object.entries(PROGRAMS)) {
		const file = join(w.dir, `${name}.json`);

		writeFileSync(file, JSON.stringify(program));
		shops[name] = await store(PLATFORM, {program: file,
			domain: `${name}.example`});
		shops[name].customers = name === 'others' ? 50 : 1;
		await w.store_known(shops[name]);
	}
	const {many, endless, others} = shops;
	const send = async (s, deliveries) => equal((await deliver(deliveries,
		{urls: s, retries: 5})).ok, deliveries.length,
	`deliveries of ${s.domain} are answered`);
	const number = async (query) => Number((await w.sql(query))[0][0]);
	const decided = (s) => number(`SELECT count(*) FROM order_state WHERE
		store_id = ${s.store_id} AND reason <> 'none'`);
	const state = async (s) => (await w.sql(`SELECT m.woken, m.steps FROM
		member_state m JOIN order_state o USING (tenant_id, member_id)
		WHERE o.store_id = ${s.store_id} LIMIT 1`))[0];
	const kept = (s) => number(`SELECT count(*) FROM order_state WHERE
		store_id = ${s.store_id} AND order_id < 5000000`);

	// One order of each, from which the histories are made.
	for (const s of [many, endless])
		await send(s, orders(s, 1));
	await w.drain();
	for (const s of [many, endless])
		await w.sql(history(s, s === endless));
	told('there are two long histories');

	// Three workers, and the next orders of the two before anything else.
	for (const name of WORKERS)
		await w.start('work', {name, restart: true, env:
			{LOYALD_CLAIM_IDLE_MS: String(IDLE_MS)}});
	await Promise.all(WORKERS.map((name) => w.ready(name)));
	const deliveries = {many: orders(many, MORE, 1),
		endless: orders(endless, MORE, 1), others: orders(others, OTHERS)};

	for (const s of [endless, many])
		await send(s, deliveries[s === many ? 'many' : 'endless']);
	await send(others, deliveries.others);
	await until(`all ${OTHERS} orders of the other store to be posted`,
		async () => await decided(others) === OTHERS, LIMIT_MS);
	told(`all ${OTHERS} orders of the other store are posted`);
	equal([await decided(many), await decided(endless)], [1, 1],
		'while those of the two members wait');
	await until('no message to be left', async () =>
		await w.backlog() === 0, LIMIT_MS);
	told('no message is left');
	let reclaimed = 0, dead = 0;

	for (const name of WORKERS) {
		const m = await w.metrics(name);

		reclaimed += m.loyald_work_reclaimed_total;
		dead += m.loyald_work_dead_total;
	}
	equal([reclaimed, dead], [0, 0],
		'no message was given to two workers, and none is dead');
	for (const s of [many, endless]) {
		equal(await kept(s), MORE + 1,
			`the orders of ${s.domain} are kept`);
		equal((await state(s))[0], 't', 'and their member is set aside');
	}
	await verified('and verify finds nothing wrong meanwhile');

	// The schedule that looks at them is killed in the middle of it.
	const busy = () => number(`SELECT count(*) FROM pg_locks l JOIN
		pg_database d ON d.oid = l.database WHERE l.locktype =
		'advisory' AND d.datname = current_database() AND l.objsubid = 1
		AND (l.classid::bigint << 32 | l.objid::bigint) =
		hashtextextended('alone', 0)`);

	// The second takes longer than a test may (test_alone.c has small bounds).
	await w.sql(`UPDATE member_state SET due_at = NULL WHERE member_id IN
		(SELECT member_id FROM order_state WHERE store_id =
		${endless.store_id})`);
	for (const name of ['schedule-1', 'schedule-2'])
		await w.start('schedule', {name, restart: true});
	for (let i = 0; i < 2; i++) {
		await until('somebody to look at a member alone', async () =>
			await busy() === 1, LIMIT_MS);
		WORKERS.concat('schedule-1', 'schedule-2').forEach((name) =>
			w.kill(name));
		await until('it to be over', async () => await busy() === 0,
			LIMIT_MS);
	}
	// Members who become due do not wait for them.
	await until('the orders of the first to be posted', async () =>
		await decided(many) === ORDERS, LIMIT_MS);
	told(`all ${ORDERS} orders of the first are posted, in ` +
		`${(await state(many))[1]} steps`);
	equal(await decided(endless), 1, 'while the second waits on');
	await until('the first not to be due', async () =>
		(await state(many))[0] === 'f', LIMIT_MS);
	equal(await number(`SELECT sum(points) FROM order_state WHERE store_id =
		${many.store_id}`), await number(`SELECT sum(available + pending)
		FROM balance b JOIN identity i USING (tenant_id, member_id)
		WHERE b.wallet = 1 AND i.kind = 1 AND i.store_id =
		${many.store_id}`), 'the balance is what the orders earned');
	await verified();
});
