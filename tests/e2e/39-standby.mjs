// SPDX-License-Identifier: MIT
//
// serve reads from a standby, where it cannot LISTEN, and so does the process
// that loads receive's stores; both find the database when it has moved, and
// LISTEN again where they can.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {jwt, store_key} from '../support/sign.mjs';
import {standby_start} from '../support/standby.mjs';
import {points_of} from '../support/oracle.mjs';
import {service_down, service_up, without_zeros} from
	'../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const LIMIT_MS = 90000;

await scenario(async ({w, check, equal, store, until}) => {
	const now = () => Math.floor(Date.now() / 1000);
	const s = await store('woocommerce', {secret: SECRET});

	await w.start('receive');
	await w.ready('receive');
	const {deliveries} = generate({platform: 'woocommerce', seed: 72,
		orders: 30, secret: SECRET});

	await deliver(deliveries, {urls: s.url});
	await w.drain();
	const [customer, due] = Object.entries(without_zeros(
		points_of(deliveries).stores.woocommerce.members))[0];

	// The balance of this customer, as a serve says it.
	const balance = async (role, secret = SECRET) => {
		const answer = await post(`${w.roles.get(role).url}/v1/balance`, {
			method: 'GET', headers: {Authorization:
				`Bearer ${jwt(store_key({...s, secret}, 'storefront'), {
					iss: String(s.store_id), sub: customer,
					exp: now() + 300})}`}});

		return answer.status === 200 ?
			String(JSON.parse(answer.text).available) :
			answer.status;
	};
	const rotate = (secret, env = {}) => {
		const file = join(w.dir, secret);

		writeFileSync(file, `${secret}\n`, {mode: 0o600});
		return w.must(['store', 'rotate-secret', '--store',
			String(s.store_id), '--webhook-secret-file', file],
		{env});
	};
	const elsewhere = {LOYALD_SPOOL_DIR: join(w.dir, 'reader')};
	const nobody = async (role) => (await post(w.roles.get(role).url +
		`/webhooks/${'x'.repeat(43)}`, {body: '{}'})).status;
	const standby = await standby_start();
	const here = {LOYALD_DATABASE_URL: standby.url};

	try {
		await standby.caught_up();
		mkdirSync(elsewhere.LOYALD_SPOOL_DIR);
		await w.start('serve', {name: 'reader', env: here});
		await w.start('receive', {name: 'taker', env: {...here,
			...elsewhere}});
		await w.start('serve', {name: 'mover', env: {LOYALD_DATABASE_URL:
			`host=${process.env.SERVICES_DIR},${standby.dir} ` +
			'user=postgres dbname=loyald'}});
		for (const name of ['reader', 'taker', 'mover'])
			await w.ready(name);

		// ---- on the standby ----------------------------------------
		equal([await balance('reader'), await balance('mover')],
			[due, due], 'a balance, from standby and primary');
		equal(await nobody('taker'), 404, 'a path that is nobody\'s');
		await rotate('another-secret');
		await rotate('a-third-secret');
		await until('the standby\'s reader to know a new secret',
			async () => await balance('reader', 'a-third-secret') ===
				due, LIMIT_MS);
		equal(await balance('reader'), 401, 'and to forget an old one');
		const late = await store('woocommerce', {secret: SECRET,
			domain: 'late.example', receive: 'taker'});

		await w.store_known(late, LIMIT_MS);
		check(true, 'a store that was added is known to receive');
		check(!/LISTEN/.test(standby.log()) && !/cannot execute/.test(
			standby.log()), 'nobody tries there what fails');

		// ---- a connection that breaks under a question --------------
		const breaks = w.sql(`BEGIN;
			LOCK TABLE balance IN ACCESS EXCLUSIVE MODE;
			DO $$ BEGIN
				FOR i IN 1..3000 LOOP
					PERFORM pg_stat_clear_snapshot();
					PERFORM pg_terminate_backend(pid)
						FROM pg_stat_activity
						WHERE wait_event_type = 'Lock';
					IF FOUND THEN RETURN; END IF;
					PERFORM pg_sleep(0.01);
				END LOOP;
				RAISE 'nobody asks';
			END $$; COMMIT`);

		await until('the lock', async () => (await w.sql(`SELECT 1 FROM
			pg_locks WHERE relation = 'balance'::regclass AND mode =
			'AccessExclusiveLock' AND granted`)).length > 0);
		const question = balance('mover', 'a-third-secret');

		await breaks;
		equal(await question, due, 'it is asked again by another');

		// ---- the primary ends, while nobody asks ---------------------
		await standby.caught_up();
		await service_down('pg');
		equal(await balance('mover', 'a-third-secret'), due,
			'the first question after that');
		equal(await balance('reader', 'a-third-secret'), due,
			'the standby\'s reader goes on');

		// ---- and the standby takes its place --------------------------
		await standby.promote();
		await rotate('a-fourth-secret', here);
		for (const name of ['reader', 'mover'])
			await until(`${name} to know a secret of after that`,
				async () => await balance(name,
					'a-fourth-secret') === due, LIMIT_MS);
		await until('LISTEN where that is possible again', () =>
			/statement: LISTEN loyald_stores/.test(standby.log()),
		LIMIT_MS);
		check(true, 'both learn of a change, and LISTEN again');
		const list = await w.json(['store', 'list'], {env:
			{LOYALD_DATABASE_URL: `host=${process.env.SERVICES_DIR},` +
				`${standby.dir} user=postgres dbname=loyald ` +
				'target_session_attrs=read-write'}});

		equal(JSON.stringify(list).includes('late.example'), true,
			'a tool finds the one of two that can be written');
		for (const name of ['reader', 'taker', 'mover'])
			await w.stop(name);
	} finally {
		await standby.stop();
		service_up('pg');
	}
	await until('PostgreSQL', () => w.sql('SELECT 1').then(() => true,
		() => false));
});
