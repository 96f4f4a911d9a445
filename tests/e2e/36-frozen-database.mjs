// SPDX-License-Identifier: MIT
//
// A database that is frozen (its processes are stopped; the kernel goes on
// acknowledging) holds nobody up.  serve says within its bound that it does
// not know, and goes on answering what needs no database; receive takes the
// deliveries of the stores it knows, and tells nobody else that his store does
// not exist until it has asked again.
import {cpSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {jwt, proxy_query, store_key, woocommerce_signature} from
	'../support/sign.mjs';
import {children_of, service_freeze, service_thaw} from
	'../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const LIMIT_MS = 90000;	// generous; the seconds it took are printed
// Four times what serve promises, for a slow machine; it was 12 s once.
const ANSWER_MS = 8000;
const AT_ONCE = 20;

let nth = 0;

// The answer to a signed delivery.
async function delivered(url, domain = 'generated.example')
{
	const body = JSON.stringify({id: ++nth});

	return (await post(url, {body, headers: {
		'Content-Type': 'application/json',
		'X-WC-Webhook-Topic': 'order.updated',
		'X-WC-Webhook-Source': `https://${domain}/`,
		'X-WC-Webhook-Signature': woocommerce_signature(SECRET, body),
	}})).status;
}

await scenario(async ({w, check, equal, store, until}) => {
	const timed = async (what, ask) => {
		const began = Date.now();

		await until(what, ask, LIMIT_MS);
		check(true, `${what}: ` +
			`${((Date.now() - began) / 1000).toFixed(1)} s`);
	};
	const path = (role, token) => w.roles.get(role).url +
		`/webhooks/${token}`;
	const nobody = (role) => delivered(path(role, 'x'.repeat(43)));
	const frozen = async (body) => {
		service_freeze('pg');
		try {
			await body();
		} finally {
			service_thaw('pg');
		}
	};
	// Questions of storefronts, and how long they wait.
	const now = () => Math.floor(Date.now() / 1000);
	const asked = async (path, headers = {}, role = 'serve') => {
		const began = Date.now();
		const {status} = await post(`${w.roles.get(role).url}${path}`,
			{method: 'GET', headers});

		return {status, ms: Date.now() - began};
	};
	const with_token = (role) => asked('/v1/balance', {Authorization:
		`Bearer ${jwt(store_key(s, 'storefront'), {iss: s.domain,
			sub: '5', exp: now() + 300})}`}, role);
	const by_proxy = () => asked(`/v1/balance?${proxy_query(SECRET, {
		shop: 'generated.myshopify.com', logged_in_customer_id: '5',
		timestamp: String(now())})}`);
	const spool = (name) => ({LOYALD_SPOOL_DIR: join(w.dir, name)});
	const s = await store('woocommerce', {secret: SECRET});
	const other = await store('woocommerce', {secret: SECRET,
		domain: 'other.example'});

	await store('shopify', {secret: SECRET});
	const token = s.webhook_path.split('/').at(-1);
	const disabled = other.webhook_path.split('/').at(-1);

	await w.must(['store', 'disable', '--store', String(other.store_id)]);
	mkdirSync(spool('stuck').LOYALD_SPOOL_DIR);
	await w.start('receive');
	await w.ready('receive');
	const [[backend]] = await w.sql(`SELECT pid FROM pg_stat_activity
		WHERE application_name = 'loyald receive'`);

	await w.start('receive', {name: 'stuck', env: spool('stuck')});
	await w.ready('stuck');
	for (const name of ['receive', 'stuck'])
		equal([await nobody(name), await delivered(path(name, token)),
			await delivered(path(name, disabled))],
		[404, 200, 404], `${name}: as it is every day`);

	await w.start('serve');
	await w.start('serve', {name: 'held'});
	for (const name of ['serve', 'held'])
		await w.ready(name);
	equal([(await with_token()).status, (await by_proxy()).status,
		(await with_token('held')).status], [200, 200, 200],
	'serve: as it is every day');

	// ---- the processes that have the database say nothing any more -----
	const child_of = (name) => children_of(w.roles.get(name).child.pid)[0];
	const before = {stuck: child_of('stuck'), held: child_of('held')};

	for (const pid of Object.values(before))
		process.kill(pid, 'SIGSTOP');
	const held = await with_token('held');

	check(held.status === 503 && held.ms < ANSWER_MS,
		`a question to such a one: ${held.status} after ${held.ms} ms`);

	// ---- only its connection is frozen: it takes another ----------------
	process.kill(Number(backend), 'SIGSTOP');
	const late = await store('woocommerce', {secret: SECRET,
		domain: 'late.example'});

	await timed('a store is known that was added meanwhile', async () =>
		await delivered(late.url, 'late.example') === 200);
	process.kill(Number(backend), 'SIGCONT');

	// ---- all of it is frozen --------------------------------------------
	await frozen(async () => {
		const questions = Promise.all(Array.from({length: AT_ONCE},
			(_, i) => i % 2 ? with_token() : by_proxy()));
		const health = await asked('/healthz');
		const elsewhere = await asked('/v1/members');
		const answers = await questions;
		const slowest = Math.max(...answers.map((a) => a.ms));

		equal(answers.map((a) => a.status), Array(AT_ONCE).fill(503),
			`${AT_ONCE} questions at once: 503`);
		check(slowest < ANSWER_MS, `after ${slowest} ms at most`);
		check(health.status === 200 && elsewhere.status === 404 &&
			health.ms + elsewhere.ms < slowest,
		`meanwhile others are answered: ${health.ms} ms, ` +
			`${elsewhere.ms} ms`);
		const more = [];

		for (let i = 0; i < AT_ONCE; i++)
			more.push(await with_token());
		check(more.every((a) => a.status === 503) &&
			more.reduce((sum, a) => sum + a.ms, 0) < ANSWER_MS,
		'further ones at once');
		equal((await w.get('serve', '/readyz')).status, 503,
			'serve is not ready');

		let known = 0, tries = 0;

		await timed('an unknown path is 503, no longer 404', async () => {
			tries++;
			known += await delivered(s.url) === 200 ? 1 : 0;
			return await nobody('receive') === 503;
		});
		equal(known, tries, 'a known one is 200 all along');
		equal(await delivered(path('receive', disabled)), 503,
			'one of a disabled store is 503: who knows');
		const again = await post(path('receive', 'y'), {body: '{}'});

		equal([again.status, again.headers.get('retry-after')],
			[503, '5'], 'again later, it says');
		equal((await post(`${w.roles.get('receive').url}/events/` +
			'x'.repeat(43), {body: '{}'})).status, 503,
		'so is an unknown path of events');
		equal((await post(`${w.roles.get('receive').url}/elsewhere`,
			{body: ''})).status, 404, 'what is no webhook is 404');
		const ready = await w.get('receive', '/readyz');

		check(ready.status === 200 && /unknown|known/.test(ready.text),
			`/readyz says so: ${ready.text.trim()}`);
		check((await w.metrics('receive'))
			.loyald_receive_stores_age_seconds >= 5, 'and a figure');

		// ---- with what was kept from before -------------------------
		mkdirSync(join(w.dir, 'old'));
		cpSync(join(w.env.LOYALD_SPOOL_DIR, 'stores.cache'),
			join(w.dir, 'old/stores.cache'));
		await w.start('receive', {name: 'old', env: spool('old')});
		await w.ready('old');
		equal([await nobody('old'), await delivered(path('old', token)),
			await delivered(path('old', disabled))], [503, 200, 503],
		'started like that: known stores are served, no other is 404');
	});

	await timed('thawed: serve answers', async () =>
		(await with_token()).status === 200 &&
		(await by_proxy()).status === 200);
	await timed('an unknown path is 404 again', async () =>
		await nobody('receive') === 404);
	await timed('also where it was never asked before', async () =>
		await nobody('old') === 404);
	await w.must(['store', 'enable', '--store', String(other.store_id)]);
	await timed('and changes are heard of', async () =>
		await delivered(other.url, 'other.example') === 200);

	// ---- without a question it notices, too ------------------------------
	await frozen(() => timed('serve sees by itself that it is not ready',
		async () => (await w.get('serve', '/readyz')).status === 503));
	await timed('and that it is again', async () =>
		(await w.get('serve', '/readyz')).status === 200);

	// ---- and whoever has the database may be replaced ---------------------
	await timed('a stuck process is ended, and started again', async () =>
		child_of('stuck') !== before.stuck &&
		await nobody('stuck') === 404);
	await timed('that of serve, too', async () =>
		child_of('held') !== before.held &&
		(await with_token('held')).status === 200);
	for (const name of ['stuck', 'held'])
		check(/is stuck or ended/.test(w.log_of(name)),
			`${name} logs it`);
	process.kill(child_of('serve'), 'SIGKILL');
	await timed('serve goes on when its process was killed', async () =>
		(await with_token()).status === 200);
});
