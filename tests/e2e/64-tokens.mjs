// SPDX-License-Identifier: MIT
//
// A store of Shopify is given an app in place of a token: loyald gets the tokens,
// each before the one before ends, by one process at a time, and keeps the next
// refresh token before a token is used, also when push is killed at any moment.
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {POINTS} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const LASTS = 4;		// seconds that a token is good
const LASTS_LONG = 86400;
// When push is killed, in ms after a refresh was served; 0: before the answer.
const KILLS_MS = [0, 1, 0, 3, 0, 6];
const LIMIT_MS = 60000;
const SECRETS = ['s3cret', 'shpat_', 'shprt_'];
const DUMP_MAX = 64 * 1024 * 1024;
const PUSH = {LOYALD_PUSH_TIMEOUT_MS: '2000'};

await scenario(async ({w, check, equal, fake, store, until}) => {
	const shopify = await fake('shopify');
	const file = (name, text) => {
		const path = join(w.dir, name);

		writeFileSync(path, `${text}\n`, {mode: 0o600});
		return path;
	};
	const config = (app) => Object.assign(shopify.store('default').config, app);
	const refused = () => shopify.store('default').refused.filter(({why}) =>
		/HTTP 400/.test(why)).length;
	const add = (app) => w.run(['store', 'add', '--platform', 'shopify',
		'--domain', 'other.myshopify.com', '--currency', 'EUR',
		'--timezone', 'Europe/Berlin', '--program', POINTS,
		'--webhook-secret-file', file('secret', 'generated-secret'),
		'--api-url', shopify.url, '--api-token-file', file('app', app)]);
	const set = (id, app) => w.run(['store', 'set', '--store', String(id),
		'--api-token-file', file('app', app)]);
	const renewals = async (name) => (await w.metrics(name).catch(() => ({})))
		.loyald_push_tokens_total ?? 0;
	const listed = async () => JSON.stringify(await w.json(['store', 'list']));

	// ---- an app that is wrong ------------------------------------------
	config({client: {id: 'app', secret: 's3cret', lasts: LASTS_LONG}});
	const wrong = await add('app:other');

	check(/wrong .*gives no token: invalid_client/.test(wrong.stdout),
		'it is told what is wrong with an app');

	const tells = (why) => w.run(['store', 'check', '--store', '1'])
		.then(({status, stderr}) => status === 1 && why.test(stderr));

	check(await tells(/no token yet: push has not asked/),
		'store check says that there is no token yet');
	await w.start('push', {env: PUSH});
	check(await until('push to ask', () => tells(
		/no token yet: the shop gives no token: invalid_client/),
	LIMIT_MS).catch(() => false), 'and why, when push has asked');
	await w.stop('push');
	await w.run(['store', 'disable', '--store', '1']);
	await w.sql('UPDATE store_app SET last_error = NULL');
	for (const text of ['app:', ':s3cret', 'a:b:c:d', 'a:b:'])
		check(/CLIENT_ID:CLIENT_SECRET/.test((await add(text)).stderr),
			`"${text}" is no app`);

	// ---- an app of the Dev Dashboard ------------------------------------
	const s = await store('shopify', {token: 'app:s3cret'}, shopify);

	equal((await w.run(['store', 'check', '--store', String(s.store_id)]))
		.status, 0, 'a store is added, and its first token is good');
	check(/changed: API token$/m.test((await set(s.store_id, 'app:s3cret'))
		.stdout), 'the same app again gets another token');
	check(/nothing is changed/.test((await w.run(['store', 'set', '--store',
		String(s.store_id), '--no-check', '--api-token-file',
		file('app', 'app:s3cret')])).stdout),
	'and changes nothing if the shop is not to be asked');
	await w.start('receive');
	await w.start('work');
	await w.ready('receive');
	await w.store_known(s);
	const {deliveries} = generate({platform: 'shopify', orders: 30,
		customers: 9, seed: 64});
	const balances = () => Object.keys(shopify.store('default').state()
		.values).length;
	const settled = () => until('all balances to be at the shop', async () =>
		await w.backlog() === 0 && (await w.sql(
			'SELECT count(*) FROM outbox'))[0][0] === '0', LIMIT_MS);

	// The token is withdrawn, and the next one is not due for hours.
	config({token: 'shpat_second', client: {id: 'app', secret: 's3cret',
		lasts: LASTS}});
	await deliver(deliveries.slice(0, 20), {urls: s, retries: 5});
	await w.start('push', {env: PUSH});
	await settled();
	check(balances() > 0, 'push got the next token, and balances arrive');
	await until('tokens to be renewed by themselves', async () =>
		await renewals('push') >= 3, LIMIT_MS);
	await w.stop('push');

	// ---- the shop gives none any more ------------------------------------
	config({client: {id: 'app', secret: 'changed', lasts: LASTS_LONG}});
	await w.sql('UPDATE store_app SET renew_at = now()');
	await w.start('push', {env: PUSH, restart: true});
	await until('the operator to be told', async () =>
		/invalid_client/.test(await listed()), LIMIT_MS);
	check(/gets no API token: the shop gives no token: invalid_client/
		.test(w.log_end('push', 40)), 'push says why there is no token');
	equal((await set(s.store_id, 'app:changed')).status, 0,
		'the operator gives the new secret');
	check(!/invalid_client/.test(await listed()),
		'and nothing is wrong any more');
	await w.stop('push');

	// ---- expiring tokens with a refresh token -----------------------------
	const app_now = async () => (await w.sql(`SELECT encode(app, 'hex') FROM
		store_app WHERE store_id = ${s.store_id}`))[0]?.[0];
	let on_refresh = () => {};	// called before a refresh is answered

	config({client: new Proxy({id: 'app', secret: 's3cret', refresh: 'first',
		lasts: LASTS}, {set(client, name, value) {
		client[name] = value;
		if (name === 'refresh')
			on_refresh();
		return true;
	}})});
	equal((await set(s.store_id, 'app:s3cret:first')).status, 0,
		'an app with a refresh token is taken');
	const before = refused();
	const both = ['push-1', 'push-2'];

	// Kills both, some ms after a refresh is served; 0: before its answer is
	// sent.
	const kill_after = async (ms) => {
		const kill = () => both.map((name) => w.kill(name)).some(Boolean);
		const killed = new Promise((done) => {
			on_refresh = () => {
				on_refresh = () => {};
				if (ms === 0)
					done(kill());
				else
					setTimeout(() => done(kill()), ms);
			};
		});

		await w.sql(`UPDATE store_app SET renew_at = '-infinity',
			leased_until = '-infinity'`);
		return Promise.race([killed, sleep(LIMIT_MS, false,
			{ref: false})]);
	};
	let killed = 0, forgotten = 0;

	for (const name of both)
		await w.start('push', {name, env: PUSH, restart: true});
	await Promise.all([deliver(deliveries.slice(20), {urls: s, retries: 5,
		concurrency: 1}), (async () => {
		for (const ms of KILLS_MS) {
			const kept = await app_now();

			killed += await kill_after(ms) ? 1 : 0;
			forgotten += ms === 0 && await app_now() === kept ? 1 : 0;
		}
	})()]);
	equal(killed, KILLS_MS.length,
		'push is killed whenever a refresh was served');
	equal(forgotten, KILLS_MS.filter((ms) => ms === 0).length,
		'also before it can keep the next refresh token');
	await w.sql(`UPDATE store_app SET renew_at = '-infinity',
		leased_until = '-infinity'`);
	await until('tokens to be renewed after the kills', async () =>
		await renewals('push-1') + await renewals('push-2') > 0, LIMIT_MS);
	await settled();
	equal(refused() - before, 0, 'no refresh token was used too late');
	for (const name of both)
		await w.stop(name);

	// ---- the app's secret, its refresh token and a token are sealed ---------
	const dumped = () => spawnSync(join(process.env.PG_BIN, 'pg_dump'), ['-d',
		process.env.LOYALD_DATABASE_URL], {encoding: 'utf8',
		maxBuffer: DUMP_MAX}).stdout;
	// A bytea is dumped as hexadecimal digits.
	const found = (text) => SECRETS.filter((secret) => text.includes(secret) ||
		text.includes(Buffer.from(secret).toString('hex')));
	const dump = dumped();

	check(dump.includes(await app_now()), 'the app is in a dump');
	equal(found(dump), [], 'and no secret and no token as it is');
	await w.sql(`CREATE TABLE planted AS SELECT
		convert_to('app:s3cret:shprt_1', 'UTF8') AS app`);
	equal(found(dumped()), ['s3cret', 'shprt_'], 'which would be found there');
	await w.sql('DROP TABLE planted');

	// ---- the same file again, whose refresh token is an old one ------------
	const kept = await app_now();

	check(/changed: API token$/m.test((await set(s.store_id,
		'app:s3cret:first')).stdout), 'it gets a token');
	equal(refused() - before, 0, 'by the refresh token of now');
	check(await app_now() !== kept, 'and keeps the next one');
	config({client: {id: 'app', secret: 'changed', refresh: 'none',
		lasts: LASTS}});
	const next = await app_now();

	check(/gets no token/.test((await set(s.store_id, 'app:s3cret:first'))
		.stdout), 'a shop that refuses both is told of');
	equal(await app_now(), next, 'and the newer refresh token stays');

	// ---- another address ---------------------------------------------------
	config({client: {id: 'app', secret: 's3cret', lasts: LASTS_LONG}});
	await set(s.store_id, 'app:s3cret');
	Object.assign(shopify.store('moved').config, {token: 'shpat_moved',
		client: {id: 'app', secret: 's3cret', lasts: LASTS_LONG}});
	const moved = await w.run(['store', 'set', '--store', String(s.store_id),
		'--api-url', `${shopify.url}/s/moved`]);

	check(!/wrong .*token/.test(moved.stdout),
		'the store\'s app gets a token of another address');
	await w.run(['store', 'set', '--store', String(s.store_id), '--api-url',
		shopify.url]);

	// ---- a token that lasts ----------------------------------------------
	config({token: 'shpat_lasts', client: null});
	equal((await set(s.store_id, 'shpat_lasts')).status, 0,
		'a token that lasts is taken');
	equal((await w.sql(`SELECT count(*) FROM store_app WHERE store_id =
		${s.store_id}`))[0][0], '0',
		'and the app is forgotten');
	await set(s.store_id, 'app:wrong');
	check(await app_now() !== undefined, 'an app that gets no token is kept');
	check(/changed: API token$/m.test((await set(s.store_id, 'shpat_lasts'))
		.stdout), 'the token that the store still has takes its place');
	equal(await app_now(), undefined, 'the app is forgotten again');

	// ---- secrets -------------------------------------------------------------
	equal(found(dumped()), [], 'nothing is in the database as it is');
	for (const name of ['push', ...both])
		equal(found(w.log_of(name)), [],
			`nor in the log of ${name}`);
});
