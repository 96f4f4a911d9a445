// SPDX-License-Identifier: MIT
//
// An operator is told of two stores with one secret, and a domain is one
// store's, also if two stores are added at once.  Each key of a store is good
// for one thing, and at that store alone.
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, hmac_signature, jwt, proxy_query, store_key,
	woocommerce_key} from '../support/sign.mjs';
import {POINTS} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const AT_ONCE = 8;
const DERIVED = ['storefront', 'events', 'redemptions'];
const KINDS = ['secret', ...DERIVED];
const PLAIN = 'the signature is missing or wrong\n';
const EVENTS = {review: {}, undo: {of: 'a'}, order: {order: {id: '1',
	status: 'paid', lines: [{amount: '1.00'}]}}};
const REDEMPTIONS = {redemption: {reward: 'gift'},
	redemption_captured: {of: 'a'}, redemption_released: {of: 'a'}};

await scenario(async ({w, check, equal, store, until}) => {
	const file = (name, text) => {
		const path = join(w.dir, name);

		writeFileSync(path, `${text}\n`, {mode: 0o600});
		return path;
	};
	const add = (platform, domain, secret) => w.run(['store', 'add',
		'--platform', platform, '--domain', domain, '--currency', 'EUR',
		'--timezone', 'Europe/Berlin', '--program', POINTS,
		'--webhook-secret-file', file(`secret of ${domain}`, secret),
		'--json']);
	const id = (done) => JSON.parse(done.stdout).store_id;
	const rotate = (n, secret) => w.must(['store', 'rotate-secret',
		'--store', String(n), '--webhook-secret-file',
		file('rotated', secret)]);

	// ---- two stores with one secret -----------------------------------
	const first = await add('shopify', 'one.myshopify.com', 'an app');

	check(!/secret/.test(first.stderr), 'a secret of its own: nothing to say');
	const second = await add('shopify', 'two.myshopify.com', 'an app');

	check(second.status === 0 && new RegExp('^loyald: warning: .*same secret as ' +
		`store ${id(first)}:.*one app.*--shop-id`).test(second.stderr),
	`two shops of one app: ${second.stderr.trim()}`);
	const third = await add('woocommerce', 'three.example', 'an app');

	check(third.status === 0 && new RegExp('same secret as store ' +
		`${id(first)} and 1 more:.*rotate-secret`).test(third.stderr),
	`a shop that cannot be of that app: ${third.stderr.trim()}`);
	const fourth = await add('woocommerce', 'four.example', 'a &amp; b');

	check(!/secret/.test(fourth.stderr), 'another one');
	check(/same secret as store/.test((await add('woocommerce',
		'five.example', 'a & b')).stderr),
	'one key, entered as two texts');
	const moved = await rotate(id(fourth), 'an app');

	check(new RegExp(`store ${id(fourth)} has the same secret as store ` +
		`${id(first)} and 2 more`).test(moved.stderr),
	'rotate-secret tells of it, too');
	equal((await rotate(id(fourth), 'of four')).stderr, '',
		'and says nothing of one that is new');
	await rotate(id(fourth), 'newest of four');
	check(new RegExp(`same secret as store ${id(fourth)}:`).test((await add(
		'woocommerce', 'six.example', 'of four')).stderr),
	'a previous one counts, too');
	check(![first, second, third, fourth, moved].some((d) =>
		/an app:|a & b|a &amp; b/.test(d.stderr)), 'no secret is shown');
	const other = join(w.dir, 'another-key');

	await w.must(['key', 'new', other]);
	const foreign = await w.run(['store', 'add', '--platform', 'shopify',
		'--domain', 'seven.myshopify.com', '--currency', 'EUR',
		'--timezone', 'UTC', '--program', POINTS,
		'--webhook-secret-file', file('seven', 'seven')],
	{env: {LOYALD_KEY_FILE: other}});

	check(foreign.status === 78 && /master key/.test(foreign.stderr),
		'under another master key no store is added');

	// ---- one domain twice ---------------------------------------------
	const again = await add('woocommerce', 'Four.EXAMPLE', 'another');

	check(again.status === 1 && again.stderr.includes(
		`store ${id(fourth)} has the domain four.example already`),
	`one domain twice: ${again.stderr.trim()}`);
	equal((await w.sql("SELECT count(*) FROM store WHERE domain = " +
		"'four.example'"))[0][0], '1', 'and nothing was added');
	equal((await add('shopify', 'four.example', 'another')).status, 0,
		'of another platform it is another shop');
	const set = await w.run(['store', 'set', '--store', String(id(third)),
		'--domain', 'FOUR.example']);

	check(set.status === 1 && set.stderr.includes(`store ${id(fourth)} has`),
		'store set');
	await w.must(['store', 'disable', '--store', String(id(fourth))]);
	const anew = await add('woocommerce', 'four.example', 'yet another');

	equal(anew.status, 0, 'a disabled store does not count');
	const able = await w.run(['store', 'enable', '--store',
		String(id(fourth))]);

	check(able.status === 1 && able.stderr.includes(`store ${id(anew)} has`),
		'until it is to be enabled again');

	// ---- at once ------------------------------------------------------
	for (let round = 0; round < 3; round++) {
		const all = await Promise.all(Array.from({length: AT_ONCE},
			(_, i) => add('woocommerce', `at-once-${round}.example`,
				`${round} ${i}`)));

		equal(all.map((d) => d.status).sort(),
			[0, ...Array(AT_ONCE - 1).fill(1)],
			`of ${AT_ONCE} added at once one is added`);
	}
	const two = await Promise.all(['x', 'y'].map((n) =>
		store('woocommerce', {domain: `${n}.example`, secret: n})));
	const moves = await Promise.all(two.map((s) => w.run(['store', 'set',
		'--store', String(s.store_id), '--domain', 'z.example'])));

	equal(moves.map((d) => d.status).sort(), [0, 1],
		'and of two that are moved to one domain one is moved');

	// ---- what each key is good for -------------------------------------
	// Two stores of each platform, with one secret, and one before it.
	const pair = async (platform) => {
		const both = [];

		for (const name of ['a', 'b']) {
			const s = await store(platform, {secret: 'once &amp; before',
				domain: `${name}.${platform}.example`});

			await rotate(s.store_id, 'now &amp; here');
			both.push({...s, at: s.at, secret: 'now &amp; here'});
		}
		return both;
	};
	const pairs = [await pair('woocommerce'), await pair('shopify')];
	const now = () => Math.floor(Date.now() / 1000);

	for (const role of ['receive', 'serve']) {
		await w.start(role);
		await w.ready(role);
	}
	// Every key that anybody here has, by a name.
	const keys_of = (s, twin) => [['own', s], ['twin', twin]].flatMap(
		([whose, of]) => ['now', 'before'].flatMap((when) =>
			KINDS.map((kind) => {
				const secret = when === 'now' ? of.secret :
					'once &amp; before';
				const given = {...of, secret};

				return {name: `${whose} ${when} ${kind}`, whose, kind,
					key: kind !== 'secret' ? store_key(given, kind) :
						s.platform === 'shopify' ? secret :
							woocommerce_key(secret)};
			})));
	const signed = (header, body, key, more = {}) => ({body, headers:
		{[header]: hmac_signature(key, body), ...more}});
	const event = (s, type, more) => {
		const body = JSON.stringify({idempotency_key: `k-${type}`, type,
			at: '2026-03-04T10:00:00Z', customer: {id: '7'}, ...more});

		return (key) => post(s.at('event'),
			signed('X-Loyald-Hmac-Sha256', body, key));
	};
	const garbage = (s) => (key) => post(s.at('event'),
		signed('X-Loyald-Hmac-Sha256', '{"type":', key));
	const webhook = (s) => s.platform === 'shopify' ?
		(key) => post(s.at('orders/paid'), signed('X-Shopify-Hmac-Sha256',
			'{"id":1}', key, {'X-Shopify-Topic': 'orders/paid',
				'X-Shopify-Shop-Domain': s.domain})) :
		(key) => post(s.at('order.updated'), signed(
			'X-WC-Webhook-Signature', '{"id":1}', key,
			{'X-WC-Webhook-Topic': 'order.updated'}));
	const serve = (query, headers = {}) => post(w.roles.get('serve').url +
		`/v1/balance${query}`, {method: 'GET', headers});
	const token = (s) => (key) => serve('', {Authorization: `Bearer ${jwt(key,
		{iss: String(s.store_id), sub: '7', exp: now() + 60})}`});
	const proxy = (s) => (key) => serve(`?${proxy_query(key,
		{shop: s.domain, timestamp: String(now()),
			logged_in_customer_id: '7'})}`);
	const sentence = (kind, wanted, s) => 'this is signed with the store\'s ' +
		`${kind === 'secret' ? 'webhook secret' : `${kind} key`}, and wants ` +
		`the store's ${wanted} key, which loyald store show --store ` +
		`${s.store_id} --keys prints`;
	// `tells`: what is said to a key of this store that wants another.
	const matrix = async (s, twin, what, send, right, tells, good = 200) => {
		const found = {}, expected = {};

		for (const {name, whose, kind, key} of keys_of(s, twin)) {
			const answer = await send(key);
			const may = kind === 'secret' ? right.includes(kind) :
				whose === 'own' && right.includes(kind);
			// A secret is of both, as the platform signs for both.
			const known = whose === 'own' || kind === 'secret';

			found[name] = [answer.status,
				answer.status === 401 ? answer.text : ''];
			expected[name] = may ? [good, ''] :
				[401, tells(known ? kind : null)];
		}
		equal(found, expected, `${s.platform} ${s.store_id}: ${what}`);
	};

	for (const [one, two] of pairs)
		for (const [s, twin] of [[one, two], [two, one]]) {
			await until('the new secret', async () =>
				(await webhook(s)(keys_of(s, twin)[0].key))
					.status === 200);
			await until('the new secret, at serve', async () =>
				s.platform === 'shopify' ?
					(await proxy(s)(s.secret)).status === 200 :
					(await token(s)(store_key(s, 'storefront')))
						.status === 200);
			const wants = (wanted) => (kind) => kind === null ? PLAIN :
				`${sentence(kind, wanted, s)}\n`;

			await matrix(s, twin, 'webhooks', webhook(s), ['secret'],
				() => PLAIN);
			for (const [type, more] of Object.entries(EVENTS))
				await matrix(s, twin, `event ${type}`,
					event(s, type, more), ['events'], wants('events'));
			for (const [type, more] of Object.entries(REDEMPTIONS))
				await matrix(s, twin, type, event(s, type, more),
					['redemptions'], wants('redemptions'));
			await matrix(s, twin, 'an event that is none', garbage(s),
				['events', 'redemptions'], wants('events'), 422);
			const plain = '{"error":"token"}\n';

			await matrix(s, twin, 'tokens', token(s),
				s.platform === 'shopify' ? [] : ['storefront'],
				(kind) => s.platform === 'shopify' || kind === null ?
					plain : `${JSON.stringify({error: 'token',
						message: sentence(kind, 'storefront', s)})}\n`);
			if (s.platform === 'shopify')
				await matrix(s, twin, 'the app proxy', proxy(s),
					['secret'], () => '{"error":"signature"}\n');
			const show = ['store', 'show', '--store', String(s.store_id)];

			equal((await w.json([...show, '--keys'])).keys,
				Object.fromEntries(DERIVED.map((k) =>
					[k, store_key(s, k)])), 'store show prints them');
			const text = (await w.must([...show, '--keys'])).stdout;

			check(DERIVED.every((k) => text.includes(store_key(s, k))),
				'for people, too');
			equal(execFileSync('openssl', ['dgst', '-sha256', '-hmac',
				store_key(s, 'events'), '-binary'], {input: 'body'})
				.toString('base64'), event_signature(s, 'body'),
			'as openssl has it');
			check(!('keys' in await w.json(show)) && !(await w.must(show))
				.stdout.includes(store_key(s, 'events')),
			'and only if it is asked to');
		}
	equal((await w.run(['store', 'show', '--store', String(pairs[0][0]
		.store_id), '--keys'], {env: {LOYALD_KEY_FILE: ''}})).status, 78,
	'without the master key there are none');
	await w.must(['store', 'rotate-secret', '--store',
		String(pairs[0][0].store_id), '--forget-previous']);
	await until('the keys of the secret before to be forgotten', async () =>
		(await event(pairs[0][0], 'review', {})(store_key({...pairs[0][0],
			secret: 'once &amp; before'}, 'events'))).status === 401);
	await w.stop('receive');
	check(!/now &|once &|[0-9a-f]{64}/.test(w.log_of('receive')),
		'no secret and no key is in a log');
	check(/level=warn .*an event for store .* is refused: this is signed with/
		.test(w.log_of('receive')), 'but what is wrong with an event');
});
