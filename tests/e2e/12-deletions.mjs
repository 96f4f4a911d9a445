// SPDX-License-Identifier: MIT
//
// A deletion carries no time of its own: it counts from the moment receive
// took it.  An order is gone if its newest deletion was received after the
// modification time of its newest snapshot, in whatever order they arrive.
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {woocommerce_signature} from '../support/sign.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const template = generate({platform: 'woocommerce', seed: 5, orders: 1,
	kinds: {completed: 1}}).deliveries.find((d) =>
	d.topic === 'order.updated' && JSON.parse(d.body).status === 'completed');
const gmt = (ms) => new Date(ms).toISOString().slice(0, 19);

function delivery(topic, body)
{
	const text = JSON.stringify(body);

	return {platform: 'woocommerce', store: 'woocommerce', topic, body: text,
		headers: {...template.headers, 'X-WC-Webhook-Topic': topic,
			'X-WC-Webhook-Event': topic.split('.')[1],
			'X-WC-Webhook-Signature':
				woocommerce_signature(SECRET, text)}};
}

function permutations(list)
{
	return list.length < 2 ? [list] : list.flatMap((x, i) =>
		permutations([...list.slice(0, i), ...list.slice(i + 1)])
			.map((p) => [x, ...p]));
}

await scenario(async ({w, check, equal, store, balances, verified, until}) => {
	const s = await store('woocommerce', {secret: SECRET});
	const now = Date.now(), told = [], cases = [];
	let id = 5000;

	await w.start('receive');
	await w.start('work');
	for (const name of w.roles.keys())
		await w.ready(name);

	// What may arrive of an order.  The hour is more than any clock's error.
	const HOUR = 3600000;
	const parts = (order) => {
		const snapshot = (topic, at) => delivery(topic, {
			...JSON.parse(template.body), id: order,
			customer_id: order, date_modified_gmt: gmt(at)});

		return {
			created: snapshot('order.created', now - 2 * HOUR),
			late: snapshot('order.updated', now - HOUR),
			restored: snapshot('order.restored', now + HOUR),
			deleted: delivery('order.deleted', {id: order}),
		};
	};
	const send = async (order, name) => {
		const d = parts(order)[name];
		const {results: [r]} = await deliver([d], {urls: s.url});

		equal(r.status, 200, `${name} of order ${order}`);
		told.push({...d, received_at: r.answered_at});
	};
	const add = (names, alive) => permutations(names).forEach((p) =>
		cases.push({order: id++, names: p, alive}));

	add(['created'], true);
	add(['deleted'], false);
	add(['created', 'deleted'], false);
	add(['created', 'late', 'deleted'], false);
	add(['created', 'deleted', 'restored'], true);
	add(['created', 'late', 'deleted', 'restored'], true);
	add(['created', 'deleted', 'deleted', 'late'], false);
	for (const c of cases)
		for (const name of c.names)
			await send(c.order, name);

	// Restored between two deletions, in every order of arrival of these:
	// the restored state is newer than the first, older than the second.
	const between = ['created', 'restored', 'first'];
	const later = permutations(between).map((names) =>
		({order: id++, names}));
	const restored_at = Math.ceil(Date.now() / 1000) * 1000 + 3000;

	for (const c of later) {
		const body = {...JSON.parse(template.body), id: c.order,
			customer_id: c.order};
		const of = {
			created: delivery('order.created', {...body,
				date_modified_gmt: gmt(now - HOUR)}),
			restored: delivery('order.restored', {...body,
				date_modified_gmt: gmt(restored_at)}),
			first: delivery('order.deleted', {id: c.order}),
		};

		for (const name of c.names) {
			const {results: [r]} = await deliver([of[name]],
				{urls: s.url});

			told.push({...of[name], received_at: r.answered_at});
		}
	}
	check(Date.now() < restored_at, 'the first deletions came before ' +
		'the restored state');
	await w.drain();

	const points = async () => (await w.balances())[s.store_id] ?? {};
	const worth = (await points())[String(cases[0].order)];

	check(Number(worth) > 0, `the order is worth ${worth} points`);
	await until('work', async () => await w.backlog() === 0);
	let have = await points();

	for (const c of cases)
		equal(have[c.order] ?? '0', c.alive ? worth : '0',
			`${c.names.join(', ')}: ${c.alive ? 'counts' : 'gone'}`);
	for (const c of later)
		equal(have[c.order] ?? '0', worth,
			`${c.names.join(', ')}: counts`);
	await sleep(Math.max(0, restored_at + 1500 - Date.now()));
	for (const c of later)
		await send(c.order, 'deleted');
	await w.drain();
	have = await points();
	for (const c of later)
		equal(have[c.order] ?? '0', '0',
			`${c.names.join(', ')}, deleted again: gone`);
	await balances(told, {woocommerce: s}, 'so says the oracle');
	const [[reasons]] = await w.sql(`SELECT string_agg(DISTINCT reason, ' '
		ORDER BY reason) FROM order_state`);

	equal(reasons, 'deleted earned no_order_yet', 'with their reasons');
	await verified();
});
