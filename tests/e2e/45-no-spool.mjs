// SPDX-License-Identifier: MIT
//
// services: durable
//
// receive with a spool folder that cannot be used: it starts, learns of its
// stores, and answers 200 as long as Redis is there, 503 while it is not; it
// says so, and takes the folder when somebody has mended it.  The same when
// it is removed later: then it makes it again.  A folder that never was there
// is not made, and no receiver starts with it: its name may be mistyped.
import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {service_down, service_up} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store, balances, until}) => {
	const spool = join(w.dir, 'in-the-way', 'spool');
	const {deliveries} = generate({platform: 'woocommerce', seed: 91,
		orders: 60});
	const part = Math.ceil(deliveries.length / 4);
	const metric = async (name = 'loyald_spool_unusable') =>
		(await w.metrics('receive'))[name];
	const readyz = async () => {
		const {status, text} = await w.get('receive', '/readyz');

		return `${status} ${text.trim()}`;
	};

	mkdirSync(w.dir, {recursive: true});
	writeFileSync(join(w.dir, 'in-the-way'), '');
	const mistyped = join(w.dir, 'spol', 'deeper');
	const done = await w.run(['receive'], {timeout: 20000,
		env: {LOYALD_SPOOL_DIR: mistyped, LOYALD_LISTEN: '127.0.0.1:0'}});

	equal([done.status, existsSync(join(w.dir, 'spol'))], [78, false],
		'a folder that is not there ends it, and is not made');
	check(done.stderr.includes('install -d -m 700') &&
		done.stderr.includes(mistyped), 'with which, and what to do');
	await w.start('receive', {env: {LOYALD_SPOOL_DIR: spool},
		folder: false});
	await w.start('work', {restart: true});
	await w.ready('receive');
	equal(await metric(), 1, 'it starts, and a metric says that it has none');
	check(/level=error.*in-the-way/.test(w.log_of('receive')),
		'its log says which folder, and why');
	const said = await readyz();

	check(/^200 ready: but the spool takes nothing/.test(said),
		`/readyz says so: ${said}`);
	equal(await metric('loyald_ready'), 1, 'which is ready to a figure, too');

	const s = await store('woocommerce');

	await w.store_known(s);
	check(true, 'it learns of a new store');
	equal((await deliver(deliveries.slice(0, part), {urls: s})).answers,
		{200: part}, 'Redis takes its deliveries');

	await service_down('redis');
	await until('receive to notice', async () =>
		/^503 /.test(await readyz()));
	equal(await metric('loyald_ready'), 0, 'the same, as a figure');
	equal((await deliver(deliveries.slice(part, part + 5), {urls: s}))
		.answers, {503: 5}, 'without Redis it asks for them again');
	rmSync(join(w.dir, 'in-the-way'));
	mkdirSync(spool, {recursive: true});
	await until('the folder to be taken', async () => await metric() === 0);
	equal((await deliver(deliveries.slice(part, 2 * part), {urls: s}))
		.answers, {200: part}, 'mended, the spool takes them');
	service_up('redis');
	await until('Redis', async () => await readyz() === '200 ready');
	equal((await deliver(deliveries.slice(2 * part, 3 * part), {urls: s}))
		.answers, {200: part}, 'and Redis again');
	await until('the spool to be drained', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0);

	rmSync(spool, {recursive: true});
	await service_down('redis');
	equal((await deliver(deliveries.slice(3 * part, 3 * part + 5),
		{urls: s})).answers, {503: 5}, 'a folder that is removed under ' +
		'it keeps nothing, and nothing is answered 200');
	await until('the folder to be made again', async () =>
		await metric() === 0);
	equal((await deliver(deliveries.slice(3 * part), {urls: s})).answers,
		{200: deliveries.length - 3 * part}, 'it is made again');
	await w.stop('receive', 'SIGKILL');
	service_up('redis');
	await w.start('receive', {env: {LOYALD_SPOOL_DIR: spool}});
	await w.ready('receive');
	await until('the spool to be empty', async () =>
		(await w.metrics('receive')).loyald_spool_records === 0);
	await until('the streams to be empty', async () =>
		await w.backlog().catch(() => 1) === 0, 60000);
	await balances(deliveries, {woocommerce: s},
		'every delivery answered 200 is in the ledger');
});
