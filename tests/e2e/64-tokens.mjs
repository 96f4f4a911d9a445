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
const LEASE_MS = 7000;		// push's timeout below, and its margin
const KILLS = 6;
const LIMIT_MS = 60000;
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
	config({client: {id: 'app', secret: 's3cret', refresh: 'first',
		lasts: LASTS}});
	equal((await set(s.store_id, 'app:s3cret:first')).status, 0,
		'an app with a refresh token is taken');
	const before = refused();
	let killed = 0;

	for (const name of ['push-1', 'push-2'])
		await w.start('push', {name, env: PUSH, restart: true});
	await Promise.all([deliver(deliveries.slice(20), {urls: s, retries: 5,
		concurrency: 1}), (async () => {
		while (killed < KILLS) {
			const name = `push-${1 + killed % 2}`;

			await w.sql('UPDATE store_app SET renew_at = now()');
			await sleep(5 + 40 * killed);
			killed += w.kill(name) ? 1 : 0;
		}
	})()]);
	await sleep(LEASE_MS);
	await settled();
	equal(refused() - before, 0, 'no refresh token was used too late');
	check((await renewals('push-1')) + (await renewals('push-2')) > 0,
		'tokens are renewed after the kills');
	for (const name of ['push-1', 'push-2'])
		await w.stop(name);

	// ---- the same file again, whose refresh token is an old one ------------
	const app_now = async () => (await w.sql(`SELECT encode(app, 'hex') FROM
		store_app WHERE store_id = ${s.store_id}`))[0]?.[0];
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
	const dump = spawnSync(join(process.env.PG_BIN, 'pg_dump'), ['-d',
		process.env.LOYALD_DATABASE_URL], {encoding: 'utf8'}).stdout;

	check(dump.length > 0 && !/s3cret|shpat_/.test(dump),
		'no secret and no token is in the database as it is');
	for (const name of ['push', 'push-1', 'push-2'])
		check(!/s3cret|shpat_|shprt_/.test(w.log_end(name, 100000)),
			`nor in the log of ${name}`);
});
