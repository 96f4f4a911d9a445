// SPDX-License-Identifier: MIT
//
// Balances reach the shops, newest last, whatever the shops do meanwhile;
// and the webhooks our own writing causes change nothing.
import {deliver} from '../support/deliver.mjs';
import {generate, permute} from '../support/orders.mjs';
import {points_of} from '../support/oracle.mjs';
import {without_zeros} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const FAULTS = [{kind: 'throttle', times: 2}, {kind: 'status', status: 503,
	retry_after: 1, times: 1}, {kind: 'drop', times: 2},
{kind: 'reply-lost', times: 2}, {kind: 'half-reply', times: 1},
{kind: 'slow', ms: 600, times: 1}];

await scenario(async ({w, check, equal, store, fake, balances, verified,
	until}) => {
	const fakes = {shopify: await fake('shopify'),
		woocommerce: await fake('woocommerce')};
	const stores = {};

	for (const [platform, f] of Object.entries(fakes))
		stores[platform] = await store(platform, {secret: SECRET}, f);
	await w.start('receive');
	await w.start('work');
	await w.start('push', {env: {LOYALD_PUSH_TIMEOUT_MS: '2000'}});
	for (const name of w.roles.keys())
		await w.ready(name);

	const urls = stores;
	const told = Object.keys(fakes).flatMap((platform) => generate({platform,
		seed: 41, orders: 60, customers: 30, secret: SECRET}).deliveries);
	const outbox = async () => (await w.sql(`SELECT count(*) FROM outbox
		WHERE rejected_at IS NULL`))[0][0] === '0';
	const compare = (expected, when) => {
		for (const [platform, f] of Object.entries(fakes)) {
			const state = f.store('default').state();
			const wrong = Object.entries(expected[platform].members)
				.filter(([id, points]) => {
					const on = platform === 'shopify' ?
						state.values[id]?.['$app:loyalty.balance']
							?.available :
						state.meta[id]?.loyalty_points;

					return String(on ?? 0) !== String(points);
				});

			equal(wrong, [], `${platform} shows every balance, ${when}`);
			check(state.in_flight_max <= 1,
				`${platform} was never called twice at once`);
			equal(state.stale, [],
				`${platform} never got an old one over a new one`);
			equal(state.refused, [],
				`${platform} had nothing to refuse`);
		}
	};

	for (const f of Object.values(fakes))
		f.store('default').add_faults(FAULTS);
	await deliver(permute(told, {seed: 42}), {urls});
	await w.drain();
	await until('the outbox to be empty', outbox, 90000);
	const expected = points_of(told).stores;

	await balances(told, stores, 'points are the oracle\'s');
	compare(expected, 'in spite of faults');
	check(Object.values(fakes).every((f) => f.store('default')
		.state().faults_used > 8), 'there were faults');

	// ---- echoes -------------------------------------------------------
	const counts = () => w.sql(`SELECT (SELECT count(*) FROM entry),
		(SELECT sum(version) FROM balance),
		(SELECT count(*) FROM outbox)`);
	const before = await counts();
	const hook = {secret: SECRET, id: 6};

	fakes.woocommerce.store('default').configure({webhook: {...hook,
		url: stores.woocommerce.at('customer.updated'),
		source: 'https://generated.example/'}});
	fakes.shopify.store('default').configure({webhook: {...hook,
		url: stores.shopify.at('customers/update'),
		domain: 'generated.myshopify.com'}});
	await w.sql(`INSERT INTO outbox (tenant_id, store_id, member_id,
		customer_id, available, pending, debt, version)
		SELECT i.tenant_id, i.store_id, i.member_id, i.value::bigint,
		    b.available, b.pending, b.debt, b.version
		FROM identity i JOIN balance b USING (tenant_id, member_id)
		WHERE i.kind = 1 ON CONFLICT DO NOTHING`);
	await until('the outbox to be empty', outbox, 30000);
	const echoes = () => Object.values(fakes).map((f) =>
		f.store('default').state().echoes);

	await until('the echoes to be sent', () => echoes().every((e) =>
		e.queued > 0 && e.sent + e.failed >= e.queued));
	await w.drain();
	check(echoes().every((e) => e.failed === 0 && e.answers[200] === e.sent),
		`${echoes().map((e) => e.sent).join(' and ')} echoes, ` +
		'answered 200');
	equal(await counts(), before, 'changed no entry, no version, and no ' +
		'row of the outbox');

	// ---- push retry ---------------------------------------------------
	const lost = stores.shopify.store_id;

	await w.sql(`INSERT INTO outbox (tenant_id, store_id, member_id,
		customer_id, available, pending, debt, version, rejected_at,
		last_error) SELECT i.tenant_id, i.store_id, i.member_id,
		    i.value::bigint, b.available, b.pending, b.debt, b.version,
		    now(), 'refused' FROM identity i
		JOIN balance b USING (tenant_id, member_id)
		WHERE i.kind = 1 AND i.store_id = ${lost}`);
	const refused = async () => Number((await w.sql(`SELECT count(*)
		FROM outbox WHERE rejected_at IS NOT NULL`))[0][0]);

	equal((await w.run(['push', 'retry', '--store', '9'])).status, 1,
		'push retry: there is no such store');
	equal((await w.run(['push', 'retry', '--store',
		String(stores.woocommerce.store_id)])).status, 0,
	'push retry of one store');
	check(await refused() > 0, 'leaves the others alone');
	const retried = await w.run(['push', 'retry']);

	check(new RegExp(`store ${lost}: [1-9]`).test(retried.stdout),
		'push retry tells how many were refused');
	await until('what was refused to be sent', async () =>
		await refused() === 0 && await outbox(), 30000);

	// ---- shops that are slow, broken or busy delay no other ----------------
	const sick = {slow: {kind: 'slow', ms: 30000}, busy: {kind: 'throttle'},
		broken: {kind: 'status', status: 500}};
	const rows = (where, members) => w.sql(`INSERT INTO outbox (tenant_id,
		store_id, member_id, customer_id, available, pending, debt,
		version) SELECT tenant_id, store_id, i, i, 1, 0, 0, 1
		FROM store, generate_series(1, ${members}) i WHERE ${where}
		ON CONFLICT DO NOTHING`);
	const waiting = async (where) => Number((await w.sql(`SELECT count(*)
		FROM outbox WHERE ${where}`))[0][0]);
	const ids = [];
	const took = [];

	for (const [name, fault] of Object.entries(sick)) {
		fakes.shopify.store(name).add_faults({...fault, times: 1e6});
		ids.push((await store('shopify', {secret: `${SECRET}-${name}`,
			domain: `${name}.myshopify.com`},
		{url: `${fakes.shopify.url}/s/${name}`})).store_id);
	}
	const sick_ones = `store_id IN (${ids.join()})`;
	const well = `store_id = ${stores.shopify.store_id}`;

	await rows(sick_ones, 300);
	await until('calls to the sick shops', () => Object.keys(sick).every(
		(name) => fakes.shopify.store(name).state().calls > 1));
	for (let n = 0; n < 20; n++) {
		const at = Date.now();

		await rows(well, 100);
		await until('the well shop to have all', async () =>
			await waiting(well) === 0, 30000);
		took.push(Date.now() - at);
	}
	check(Math.max(...took) < 1500, 'a well shop has 100 balances at once ' +
		`while others are sick: ${Math.max(...took)} ms at most`);
	equal(await waiting(sick_ones), 900, 'whose balances wait');
	for (const id of ids)
		await w.must(['store', 'disable', '--store', String(id)]);
	await w.sql(`DELETE FROM outbox WHERE ${sick_ones}`);

	// ---- push --drain -------------------------------------------------
	await w.stop('push');
	for (const f of Object.values(fakes))
		f.store('default').configure({webhook: null});
	const more = generate({platform: 'woocommerce', seed: 43, orders: 10,
		customers: 30, secret: SECRET, domain: 'generated.example',
		start: Date.UTC(2026, 10, 15)}).deliveries.map((d) => d);

	await deliver(more, {urls});
	await w.drain();
	equal((await w.run(['push', '--drain'])).status, 0, 'push --drain');
	check(await outbox(), 'sends what waits');
	check(Object.keys(without_zeros(points_of(more).stores.woocommerce
		.members)).length > 0, 'there was something to send');
	await verified();
});
