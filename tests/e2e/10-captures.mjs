// SPDX-License-Identifier: MIT
//
// Every recorded WooCommerce delivery, byte for byte: the right answer, and
// at the end the points an independent oracle works out from the bodies.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {replay_http} from '../support/deliver.mjs';
import {read_deliveries} from '../support/oracle.mjs';
import {ROOT} from '../support/world.mjs';
import {woocommerce_signature} from '../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data/woocommerce');
const index = JSON.parse(readFileSync(join(DATA, 'index.json')));
// Secrets as the shop's owner entered them, by the secret that signed:
// entities are decoded on the way.
const ENTERED = {'&x': '&amp;x'};
const MAIN = 'plain-secret-0123456789';

await scenario(async ({w, check, equal, store, balances, verified}) => {
	const stores = {};

	for (const secret of new Set(index.map((e) => e.secret ?? MAIN)))
		stores[secret] = await store('woocommerce',
			{secret: ENTERED[secret] ?? secret,
				domain: `${Object.keys(stores).length}.example`});
	await w.start('receive');
	await w.start('work');
	await w.ready('receive');

	const told = [], results = {};
	const send = async (entries) => {
		for (const e of entries) {
			const file = join(DATA, `${e.file}.http`);
			const {results: [r]} = await replay_http(file,
				stores[e.secret ?? MAIN]);

			results[e.file] = r.status;
			told.push({...read_deliveries(file)[0],
				store: e.secret ?? MAIN,
				received_at: r.answered_at});
		}
	};
	const compare = async (when) => {
		await w.drain();
		return balances(told, stores,
			`points of every customer are the oracle's, ${when}`);
	};

	await send(index);
	check(index.length >= 60, `${index.length} recorded deliveries`);
	for (const e of index)
		equal(results[e.file], 200, `answer to ${e.file}`);
	const {[MAIN]: expected} = await compare('in the order they came');

	check(Object.values(expected.members).some((n) => Number(n) > 0),
		'some customer has points');

	// Guests: held under the address.
	const customers = new Set(told.filter((d) =>
		d.topic?.startsWith('customer.')).map((d) =>
		JSON.parse(d.body).email?.toLowerCase()));
	const id = String(stores[MAIN].store_id);
	let guests = 0;

	for (const [email, points] of Object.entries(expected.held)) {
		if (customers.has(email.toLowerCase()) || Number(points) === 0)
			continue;
		const m = await w.json(['member', 'show', '--store', id,
			'--email', email]);

		guests++;
		equal([m.pending, m.available], [Number(points), 0],
			`points held for a guest (${points})`);
	}
	check(guests > 0, 'there are guests with points');

	const [[all]] = await w.sql(`SELECT coalesce(sum(b.pending), 0)
		FROM identity i JOIN balance b USING (tenant_id, member_id)
		WHERE i.kind = 2 AND i.store_id = ${id}`);

	equal(Number(all), Object.values(expected.held)
		.reduce((n, p) => n + Number(p), 0), 'all that is held');

	equal(await w.sql('SELECT class FROM dead_letter'), [],
		'all of it could be read');

	const before = (await verified()).entries;

	// A deletion that is told once more is another one, and stays out.
	await send(index.filter((e) => e.topic !== 'order.deleted').reverse());
	await compare('and all again, backwards');
	equal((await verified()).entries, before, 'which posted nothing');

	// The signature is over these bytes and no others.
	const e = index.find((x) => x.secret === MAIN &&
		x.topic === 'order.created');
	const file = join(DATA, `${e.file}.http`);
	const {results: [wrong]} = await replay_http(file,
		stores['&x']);

	equal(wrong.status, 401, 'signed with another secret');
	// An order that was deleted before it was told of: an error body under
	// a good signature.
	const body = JSON.stringify({code:
		'woocommerce_rest_shop_order_invalid_id', message: 'Invalid ID.',
	data: {status: 404}});

	equal((await post(stores[MAIN], {body, headers: {
		'Content-Type': 'application/json',
		'X-WC-Webhook-Topic': 'order.updated',
		'X-WC-Webhook-Source': 'https://generated.example/',
		'X-WC-Webhook-Signature': woocommerce_signature(MAIN, body)}}))
		.status, 200, 'the shop\'s own error, signed');
	await w.drain();
	equal(await w.sql('SELECT class FROM dead_letter'), [['platform']],
		'is a dead letter of class platform');
	equal((await w.stop('receive')), 0, 'receive ends in good order');
});
