// SPDX-License-Identifier: MIT
//
// Whose a secret and a domain is: two stores with one secret are told of,
// and one domain is one store's, also if two are added at once.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {POINTS} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const AT_ONCE = 8;

await scenario(async ({w, check, equal, store}) => {
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

	check(second.status === 0 && new RegExp('level=warn .*same secret as ' +
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

	check(foreign.status === 70 && /master key/.test(foreign.stderr),
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
});
