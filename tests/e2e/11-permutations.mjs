// SPDX-License-Identifier: MIT
//
// Many seeded runs, each a random permutation with random duplicates of the
// same orders' deliveries, on both platforms, each run in two stores of its
// own, all of them at once with two workers: all end in the same balances,
// which are the oracle's.  RUNS=500 SEED=...
import {shopify_signature, woocommerce_signature} from '../support/sign.mjs';
import {deliver} from '../support/deliver.mjs';
import {points_of} from '../support/oracle.mjs';
import {generate, permute} from '../support/orders.mjs';
import {random_new, seed_of_run} from '../support/random.mjs';
import {differences, until, without_zeros} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const RUNS = Number(process.env.RUNS ?? 500);
const ORDERS = 14;		// of each platform in every run
const AT_ONCE = 25;		// runs whose deliveries are mixed
const ADDERS = 2;
const ADD_RETRIES = 5;
const CONCURRENCY = 32;

// Created, paid, edited, partly refunded twice, fully refunded, cancelled.
const KINDS = {
	shopify: {paid: 2, edited_before: 2, edited_after: 2, refund_twice: 4,
		mixed: 1, amount_only: 1, full: 3, cancelled_paid: 3,
		cancelled_unpaid: 1},
	woocommerce: {completed: 2, edited: 2, refund: 1, refund_twice: 4,
		full: 3, refunded_by_status: 1, cancelled: 3},
};
const SIGN = {shopify: shopify_signature, woocommerce: woocommerce_signature};
const HEADER = {shopify: 'X-Shopify-Hmac-Sha256',
	woocommerce: 'X-WC-Webhook-Signature'};

// The same delivery as another store would send it.
function as_of(delivery, store)
{
	const headers = {...delivery.headers, ...(store.platform === 'shopify' ?
		{'X-Shopify-Shop-Domain': store.domain} : {}),
	[HEADER[delivery.platform]]:
		SIGN[delivery.platform](store.secret, delivery.body)};

	return {...delivery, store: store.name, headers};
}

await scenario(async ({w, check, verified}) => {
	const seed = seed_of_run('permutations');
	const sets = Object.keys(KINDS).map((platform) => generate({platform,
		seed: seed + 1, orders: ORDERS, customers: 5,
		kinds: KINDS[platform]}));
	const expected = points_of(sets.flatMap((s) => s.deliveries)).stores;
	const stores = [];
	const queue = Array.from({length: RUNS}, (_, run) =>
		Object.keys(KINDS).map((platform) => ({run, platform}))).flat();

	await Promise.all(Array.from({length: ADDERS}, async () => {
		for (let next = queue.shift(); next; next = queue.shift()) {
			const {run, platform} = next;
			const secret = `secret-of-run-${run}`;

			stores.push(Object.assign(await w.store_add({platform,
				domain: `${run}.${platform === 'shopify' ?
					'myshopify.com' : 'example'}`, secret}),
			{run, name: `${platform}-${run}`}));
		}
	}));
	await w.start('receive');
	for (const name of ['work-1', 'work-2'])
		await w.start('work', {name});
	for (const name of w.roles.keys())
		await w.ready(name);

	const urls = Object.fromEntries(stores.map((s) => [s.name, s]));
	const random = random_new(seed);
	let sent = 0, refused = 0;

	for (let first = 0; first < RUNS; first += AT_ONCE) {
		const batch = stores.filter((s) => s.run >= first &&
			s.run < first + AT_ONCE);
		const mixed = random.shuffle(batch.flatMap((s) => permute(
			sets[s.platform === 'shopify' ? 0 : 1].deliveries,
			{seed: seed + s.run, duplicates: 0.25})
			.map((d) => as_of(d, s))));
		const result = await deliver(mixed, {urls,
			concurrency: CONCURRENCY, retries: ADD_RETRIES});

		sent += result.sent;
		refused += result.sent - result.ok;
	}
	check(refused === 0, `${sent} deliveries of ${RUNS} runs were taken`);
	await until('the stream to be empty',
		async () => await w.backlog() === 0, 120000);

	const found = await w.balances();
	let same = 0;

	for (const s of stores) {
		const wrong = differences(s.name, without_zeros(
			expected[s.platform].members), found[s.store_id] ?? {});

		same += wrong.length === 0 ? 1 : 0;
		wrong.forEach((l) => process.stdout.write(`${l}\n`));
	}
	check(same === 2 * RUNS, `${same} of ${2 * RUNS} stores ended with ` +
		'the balances of the oracle');
	check(Object.keys(without_zeros(expected.shopify.members)).length > 0 &&
		Object.keys(without_zeros(expected.woocommerce.members))
			.length > 0, 'there was something to get wrong');
	const [[dead]] = await w.sql('SELECT count(*) FROM dead_letter');

	check(dead === '0', 'no dead letters');
	await verified();
});
