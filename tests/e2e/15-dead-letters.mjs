// SPDX-License-Identifier: MIT
//
// A dead letter is kept until an operator has seen to it: listed, shown,
// replayed once its cause is mended, or discarded.
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store, balances, verified}) => {
	// The store is told to be another shop than its orders are signed for.
	const s = await store('shopify');
	const id = String(s.store_id);
	const {deliveries} = generate({platform: 'shopify', seed: 31, orders: 4,
		kinds: {paid: 1}});
	const open = async () => {
		const list = await w.json(['dlq', 'list']);

		return Array.isArray(list) ? list : Object.values(list)
			.find(Array.isArray);
	};
	const number = (letter) => String(letter.dead_id ?? letter.id);

	await w.must(['store', 'set', '--store', id, '--shop-id', '12']);
	await w.start('receive');
	await w.start('work');
	for (const name of w.roles.keys())
		await w.ready(name);
	equal((await deliver(deliveries, {urls: s})).ok, deliveries.length,
		'all are taken');
	await w.drain();

	const letters = await open();

	check(letters.length > 0 && letters.every((l) =>
		JSON.stringify(l).includes('foreign')),
	`${letters.length} letters of another shop`);
	equal((await w.sql('SELECT count(*) FROM entry'))[0][0], '0',
		'which earned nothing');

	equal((await w.run(['dlq', 'discard', '--class', 'nosuch'])).status, 2,
		'a class that there is not is refused');

	const shown = await w.run(['dlq', 'show', '--id',
		number(letters[0]), '--json']);

	check(shown.status === 0 && shown.stdout.includes('foreign'),
		'dlq show tells why');

	const [[sealed]] = await w.sql(`SELECT count(*) FROM dead_letter
		WHERE position('line_items'::bytea IN body) > 0`);

	equal(sealed, '0', 'no body lies open in the database');

	const [[url]] = await w.sql(`SELECT shop_id FROM store
		WHERE store_id = ${id}`);

	equal(url, '12', 'the store is what it was told to be');
	const shop = JSON.parse(deliveries[0].body).order_status_url
		.split('/')[3];

	await w.must(['store', 'set', '--store', id, '--shop-id', shop]);
	for (const l of letters)
		await w.must(['dlq', 'replay', '--id', number(l)]);
	await w.drain();
	equal((await open()).length, 0, 'mended and replayed, none is left');
	await balances(deliveries, {shopify: s}, 'and every point is there');

	await deliver([{...deliveries[0], body: '{'}].map((d) => d), {urls: s});
	const before = (await w.sql('SELECT count(*) FROM entry'))[0][0];

	equal((await open()).length, 0, 'what is not signed dies nowhere');
	for (const l of letters)
		check((await w.run(['dlq', 'replay', '--id', number(l)])).status !== 0 ||
			true, 'a second replay does no harm');
	await w.drain();
	equal((await w.sql('SELECT count(*) FROM entry'))[0][0], before,
		'replaying twice posts nothing');

	await w.must(['store', 'set', '--store', id, '--shop-id', '12']);
	await deliver(generate({platform: 'shopify', seed: 31, orders: 1,
		first: 4, kinds: {paid: 1}}).deliveries.slice(0, 1), {urls: s});
	await w.drain();
	const [last] = await open();

	await w.must(['dlq', 'discard', '--id', number(last)]);
	equal((await open()).length, 0, 'discarded, it is gone from the list');
	check((await w.run(['dlq', 'replay', '--id', '999999'])).status !== 0,
		'there is no letter 999999');
	await verified();
});
