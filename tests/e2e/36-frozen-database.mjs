// SPDX-License-Identifier: MIT
//
// A database that is frozen (its processes are stopped; the kernel goes on
// acknowledging) holds nobody up.  receive takes the deliveries of the stores
// it knows, and tells nobody else that his store does not exist until it has
// asked again.
import {cpSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {woocommerce_signature} from '../support/sign.mjs';
import {children_of, service_freeze, service_thaw} from
	'../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const LIMIT_MS = 90000;	// generous; the seconds it took are printed

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
	const spool = (name) => ({LOYALD_SPOOL_DIR: join(w.dir, name)});
	const s = await store('woocommerce', {secret: SECRET});
	const other = await store('woocommerce', {secret: SECRET,
		domain: 'other.example'});
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

	// ---- the process that loads the stores says nothing any more -------
	const [feed] = children_of(w.roles.get('stuck').child.pid);

	process.kill(feed, 'SIGSTOP');

	// ---- only its connection is frozen: it takes another ----------------
	process.kill(Number(backend), 'SIGSTOP');
	const late = await store('woocommerce', {secret: SECRET,
		domain: 'late.example'});

	await timed('a store is known that was added meanwhile', async () =>
		await delivered(late.url, 'late.example') === 200);
	process.kill(Number(backend), 'SIGCONT');

	// ---- all of it is frozen --------------------------------------------
	await frozen(async () => {
		let known = 0, asked = 0;

		await timed('an unknown path is 503, no longer 404', async () => {
			asked++;
			known += await delivered(s.url) === 200 ? 1 : 0;
			return await nobody('receive') === 503;
		});
		equal(known, asked, 'a known one is 200 all along');
		equal(await delivered(path('receive', disabled)), 503,
			'one of a disabled store is 503: who knows');
		const again = await post(path('receive', 'y'), {body: '{}'});

		equal([again.status, again.headers.get('retry-after')],
			[503, '5'], 'again later, it says');
		equal((await post(`${w.roles.get('receive').url}/elsewhere`,
			{body: ''})).status, 404, 'what is no webhook is 404');
		const ready = await w.get('receive', '/readyz');

		check(ready.status === 200 && /unknown|known/.test(ready.text),
			`/readyz says so: ${ready.text.trim()}`);
		check((await w.metrics('receive'))
			.loyald_receive_stores_age_seconds >= 10, 'and a figure');

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

	await timed('thawed: an unknown path is 404 again', async () =>
		await nobody('receive') === 404);
	await timed('also where it was never asked before', async () =>
		await nobody('old') === 404);
	await w.must(['store', 'enable', '--store', String(other.store_id)]);
	await timed('and changes are heard of', async () =>
		await delivered(other.url, 'other.example') === 200);

	await timed('a stuck process is ended, and started again', async () =>
		!children_of(w.roles.get('stuck').child.pid).includes(feed) &&
		await nobody('stuck') === 404);
	check(/is stuck or ended/.test(w.log_of('stuck')), 'which is logged');
});
