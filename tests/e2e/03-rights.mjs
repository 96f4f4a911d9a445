// SPDX-License-Identifier: MIT
//
// A login per process, each with its own role and nothing else: everything
// works, and none can do what is another's.
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const ROLES = ['receive', 'work', 'push', 'reconcile', 'schedule', 'serve',
	'operator'];

// Lists what each process must not be able to do, however it was taken over.
const FORBIDDEN = {
	receive: ['SELECT * FROM member_code', 'SELECT * FROM entry', 'SELECT * FROM balance',
		'SELECT * FROM identity', "UPDATE store SET secret = ''",
		'SELECT * FROM dead_letter', 'SELECT * FROM order_state'],
	work: ['UPDATE entry SET points = 1', 'DELETE FROM entry',
		'TRUNCATE entry', "UPDATE store SET secret = ''",
		'DELETE FROM lot', 'DELETE FROM balance', 'DELETE FROM member',
		'DELETE FROM order_state', "UPDATE program_version SET file = ''",
		'DELETE FROM member_fact', 'DELETE FROM member_state',
		'UPDATE wallet SET wallet = 1',
		'INSERT INTO program_version DEFAULT VALUES',
		"UPDATE dead_letter SET body = ''", 'DELETE FROM dead_letter',
		'DROP TABLE entry', 'CREATE TABLE mine (i int)',
		'SELECT * FROM benefit_at_shop', 'INSERT INTO member_code ' +
		"VALUES (1, 'a', 1)"],
	push: ['SELECT * FROM member_code', 'UPDATE store SET shop_id = 1', 'UPDATE lot SET remaining = 1',
		'UPDATE member_state SET tier = NULL', 'DELETE FROM lot',
		'SELECT * FROM member_fact', 'SELECT * FROM tier_change',
		"UPDATE program_version SET file = ''",
		'SELECT * FROM entry', 'SELECT * FROM balance',
		'SELECT * FROM identity', 'SELECT * FROM order_state',
		'UPDATE store SET api_url = NULL', 'INSERT INTO outbox ' +
		'DEFAULT VALUES', 'SELECT * FROM dead_letter'],
	reconcile: ['SELECT * FROM member_code', 'SELECT * FROM entry',
		'SELECT * FROM balance', 'SELECT * FROM identity',
		'SELECT * FROM order_state', 'SELECT body FROM dead_letter',
		'UPDATE order_state SET points = 1', 'DELETE FROM order_state',
		"UPDATE store SET secret = ''", 'SELECT * FROM member_fact',
		'SELECT * FROM reward', 'SELECT * FROM store_app',
		"UPDATE gap SET changed_at = now()", 'DELETE FROM shop_hook',
		'INSERT INTO entry DEFAULT VALUES', 'SELECT * FROM lot'],
	schedule: ['SELECT * FROM member_code', 'UPDATE entry SET points = 1', 'DELETE FROM entry',
		'DELETE FROM lot', "UPDATE store SET secret = ''",
		'SELECT * FROM dead_letter', 'SELECT body FROM dead_letter',
		'UPDATE dead_letter SET discarded_at = now()',
		'INSERT INTO member DEFAULT VALUES',
		'INSERT INTO member_fact DEFAULT VALUES',
		'DELETE FROM member_fact', 'UPDATE member_fact SET member_id = 1',
		"UPDATE member_fact SET facts = ''",
		'UPDATE order_state SET member_id = 1',
		"UPDATE order_state SET facts = ''"],
	serve: ['SELECT * FROM entry', 'SELECT * FROM order_state',
		'UPDATE balance SET available = 1', 'DELETE FROM identity',
		'INSERT INTO outbox DEFAULT VALUES',
		"UPDATE store SET secret = ''", 'SELECT * FROM dead_letter'],
	operator: ['UPDATE entry SET points = 1', 'DELETE FROM entry',
		'INSERT INTO entry DEFAULT VALUES', 'DELETE FROM lot',
		'UPDATE balance SET available = 1', 'DELETE FROM dead_letter',
		'DELETE FROM member_fact', "UPDATE member_fact SET facts = ''",
		"UPDATE order_state SET facts = ''",
		'UPDATE payout SET units = 1', 'INSERT INTO lot DEFAULT VALUES',
		'UPDATE benefit_at_shop SET wanted = NULL',
		'DELETE FROM member_code',
		'DROP TABLE entry'],
};

await scenario(async ({w, check, fake, store, balances, verified, until}) => {
	const superuser = process.env.LOYALD_DATABASE_URL;
	const url_of = (role) => superuser.replace('user=postgres',
		`user=only_${role}`);

	for (const role of ROLES)
		await w.sql(`CREATE USER only_${role} IN ROLE loyald_${role}`);
	const as = async (role, query) => {
		process.env.LOYALD_DATABASE_URL = url_of(role);
		try {
			await w.sql(query);
			return 'done';
		} catch (e) {
			return e.message;
		} finally {
			process.env.LOYALD_DATABASE_URL = superuser;
		}
	};

	w.env.LOYALD_DATABASE_URL = url_of('operator');
	const shopify = await fake('shopify');
	const s = await store('shopify', {}, shopify);

	for (const role of ['receive', 'work', 'push', 'reconcile', 'schedule',
		'serve'])
		await w.start(role, {env: {LOYALD_DATABASE_URL: url_of(role)}});
	for (const role of w.roles.keys())
		await w.ready(role);
	const {deliveries} = generate({platform: 'shopify', orders: 20,
		seed: 3});
	const sent = await deliver(deliveries, {urls: s});

	check(sent.ok === deliveries.length, 'deliveries are taken');
	await until('the stream to be empty',
		async () => await w.backlog() === 0);
	await until('pushes', async () => (await w.sql(
		'SELECT count(*) FROM outbox'))[0][0] === '0');
	await balances(deliveries, {shopify: s},
		'everything works with one login per process');
	check(shopify.store('default').state().applied > 0,
		'balances were pushed');
	await verified();

	// config check says of each login what its role meets with it.
	for (const role of ROLES) {
		const asked = async (...args) => JSON.parse((await w.run([
			'config', 'check', '--json', ...args], {env: {
			LOYALD_LISTEN: '127.0.0.1:0', LOYALD_SERVE_LISTEN:
			'127.0.0.1:0', LOYALD_DATABASE_URL: url_of(role)}}))
			.stdout);
		const databases = ({checks}) => checks.filter((c) =>
			c.what.startsWith('PostgreSQL')).map((c) =>
			`${c.what} ${c.finding}`);
		const other = role === 'work' ? 'push' : 'work';

		check((await asked('--for', role)).ok,
			`config check: the login of ${role} will do`);
		check(databases(await asked('--for', other))[0] ===
			`PostgreSQL, ${other} wrong`, `and not for ${other}`);
		check(databases(await asked()).join() ===
			`PostgreSQL, ${role} ok`, 'nobody has to say whose it is');
	}

	for (const [role, queries] of Object.entries(FORBIDDEN))
		for (const query of queries) {
			const answer = await as(role, query);

			check(/permission denied|must be owner/.test(answer),
				`${role} may not ${query}` +
				(/denied|owner/.test(answer) ? '' :
					`: ${answer}`));
		}
	for (const query of ['UPDATE entry SET points = points + 1',
		'DELETE FROM entry', 'TRUNCATE entry'])
		await w.sql(query).then(() => check(false, query),
			(e) => check(/never changed/.test(e.message),
				`nobody may ${query}`));
	await w.sql(`INSERT INTO dead_letter (tenant_id, store_id, platform,
		stream_id, topic, delivery_id, class, reason, body)
		SELECT 0, 0, 0, class, '', '', class, '', ''
		FROM (VALUES ('misdirected'), ('unparsable')) AS c (class)`);
	check(/is open: replay or discard it/.test(await as('schedule',
		'DELETE FROM dead_letter')),
	'schedule may not delete an open letter of another class');
	await as('schedule', "DELETE FROM dead_letter WHERE class = " +
		"'misdirected'");
	check((await w.sql('SELECT class FROM dead_letter')).join() ===
		'unparsable', 'and may one that was misdirected');
	// Memberships that could be widened.
	const [[more]] = await w.sql(`SELECT count(*) FROM pg_roles
		WHERE rolname LIKE 'loyald\\_%' AND (rolsuper OR rolcreaterole
		    OR rolcreatedb OR rolcanlogin OR rolbypassrls)`);

	check(more === '0', 'the roles are nothing but rights');
});
