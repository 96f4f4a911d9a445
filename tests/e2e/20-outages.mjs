// SPDX-License-Identifier: MIT
//
// services: durable
//
// receive answers 200 and loses nothing with PostgreSQL down, Redis down, or
// both, also when it is started like that; a spool with a torn tail is read
// up to there.
import {appendFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {service_down, service_up} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store, balances, verified, until}) => {
	const s = await store('woocommerce');
	const {deliveries} = generate({platform: 'woocommerce', seed: 51,
		orders: 120});
	const part = Math.ceil(deliveries.length / 6);
	let next = 0;
	const send = async (what) => {
		const some = deliveries.slice(next, next + part);
		const result = await deliver(some, {urls: s});

		next += part;
		equal(result.answers, {200: some.length}, what);
	};
	const restart = async (signal) => {
		await w.stop('receive', signal);
		await w.start('receive');
		await until('receive to answer', async () =>
			(await w.get('receive', '/healthz')).status === 200);
	};

	await w.start('receive');
	await w.start('work', {restart: true});
	await w.ready('receive');
	await send('with everything up');

	await service_down('pg');
	await restart('SIGKILL');
	await send('killed and started again without PostgreSQL');

	await service_down('redis');
	await send('Redis gone as well, under its hands');
	await restart('SIGKILL');
	await send('killed and started again without either');
	const spooled = await w.metrics('receive');

	check(spooled.loyald_spool_records > 0, 'they wait in the spool: ' +
		spooled.loyald_spool_records);

	service_up('pg');
	await until('PostgreSQL', () => w.sql('SELECT 1').then(() => true,
		() => false));
	await restart('SIGTERM');
	await send('without Redis');

	// A crash in the middle of a write.
	await w.stop('receive', 'SIGKILL');
	const spool = join(w.dir, 'spool');
	const segments = readdirSync(spool, {recursive: false})
		.filter((f) => /\d/.test(f)).sort();

	check(segments.length > 0, `segments: ${segments.join(' ')}`);
	appendFileSync(join(spool, segments.at(-1)), Buffer.alloc(100, 0x4c));
	await w.start('receive');
	service_up('redis');
	await w.ready('receive');
	await send('Redis is back');
	await until('the spool to be drained', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0);
	await until('the stream to be empty', async () =>
		await w.backlog().catch(() => 1) === 0, 60000);
	await w.drain();
	await balances(deliveries, {woocommerce: s},
		'every delivery answered 200 is in the ledger');
	await verified();
	await w.stop('work');
	w.roles.delete('work');
});
