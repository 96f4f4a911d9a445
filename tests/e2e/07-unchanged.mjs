// SPDX-License-Identifier: MIT
//
// A command that would change nothing says so, and writes nothing: what was
// asked for is there already.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {POINTS} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store, verified}) => {
	const state = async () => w.sql((await w.sql(`SELECT tablename FROM
		pg_tables WHERE schemaname = current_schema()`)).flat().map((t) =>
		`SELECT '${t}', md5(string_agg(x::text, '' ORDER BY x::text))
		FROM ${t} x`).join(' UNION ALL ') + ' ORDER BY 1');
	const file = (name, text) => {
		writeFileSync(join(w.dir, name), text);
		return join(w.dir, name);
	};
	// Twice: the first time it changes something, then nothing.
	const twice = async (args, what, first, then = /nothing is changed/) => {
		const one = await w.run(args);

		check(one.status === 0 && first.test(one.stdout) &&
			!then.test(one.stdout), `${what}: ${one.stdout.trim()}` +
			one.stderr);
		const before = await state();
		const two = await w.run(args);

		check(two.status === 0 && then.test(two.stdout) &&
			!first.test(two.stdout), `${what} again: ` +
			`${two.stdout.trim()}${two.stderr}`);
		equal(await state(), before, `${what} again writes nothing`);
	};
	const again = /up to date already: nothing is changed/;

	check(again.test((await w.must(['migrate'])).stdout), 'migrate');
	const s = await store('woocommerce', {secret: 'first',
		api_url: 'https://shop.example', token: 'ck_a:cs_a'});
	const at = ['--store', String(s.store_id)];

	// ---- stores ----------------------------------------------------------
	for (const [name, value, what] of [
		['domain', 'other.example', 'domain'],
		['timezone', 'Europe/Prague', 'time zone'],
		['api-url', 'https://other.example/x', 'API address'],
		['brand', 'Other', 'brand'], ['shop-id', '77', 'shop id'],
		['earn-from', '2026-01-01', 'start'],
		['api-token-file', file('token', 'ck_b:cs_b\n'), 'API token'],
		['program', file('p.json', JSON.stringify({name: 'p', rules: [
			{id: 'o', on: 'order', give: {points: 2, per: '1'}}]})),
		'program']])
		await twice(['store', 'set', ...at, '--no-check', `--${name}`,
			value], `--${name}`, new RegExp(`is changed: ${what}\n$`));
	await twice(['store', 'set', ...at, '--no-check', '--brand', 'Other',
		'--earn-from', 'ever'], 'what is another of two',
	/is changed: start\n$/);
	await twice(['store', 'disable', ...at], 'disable', /is disabled$/m);
	await twice(['store', 'enable', ...at], 'enable', /is enabled$/m);
	await twice(['store', 'rotate-secret', ...at, '--webhook-secret-file',
		file('second', 'second\n')], 'rotate-secret',
	/the new secret and the one before/);
	await twice(['store', 'rotate-secret', ...at, '--forget-previous'],
		'--forget-previous', /its current secret alone/);

	// ---- programs --------------------------------------------------------
	await twice(['program', 'publish', ...at, '--file', POINTS],
		'program publish', /has version 3 of its program/,
		/already, as version 3, in effect from .*: nothing is changed/);
	await twice(['program', 'publish', ...at, '--json', '--file',
		file('q.json', JSON.stringify({name: 'q', rules: [
			{id: 'o', on: 'order', give: {points: 3, per: '1'}}]}))],
	'program publish --json', /"published":true/, /"published":false/);

	// ---- members ---------------------------------------------------------
	for (const role of ['receive', 'work', 'schedule']) {
		await w.start(role);
		await w.ready(role);
	}
	await w.store_known(s);
	for (const id of ['7', '8']) {
		const text = JSON.stringify({idempotency_key: `e-${id}`,
			type: 'visit', at: '2026-11-01T00:00:00Z',
			customer: {id}});

		equal((await post(s, {body: text, headers: {
			'X-Loyald-Hmac-Sha256': event_signature({...s,
				secret: 'second'}, text)}})).status, 200, id);
	}
	await w.drain();
	await w.stop('schedule');
	const named = [...at, '--customer', '7'];

	await twice(['member', 'adjust', ...named, '--units', '5', '--reason',
		'x', '--key', 'a'], 'adjust under a key', /written down as a/);
	await twice(['member', 'adjust', ...named, '--units', '5', '--reason',
		'x', '--key', 'b', '--json'], 'adjust --json', /"told":true/,
	/"told":false/);
	const {member_id: from} = await w.json(['member', 'show', ...at,
		'--customer', '8']);

	await twice(['member', 'merge', '--from', String(from), '--into',
		String((await w.json(['member', 'show', ...named])).member_id),
		'--reason', 'x'], 'merge', /1 names, 0 orders and 1 facts/);
	const self = await w.run(['member', 'merge', ...at, '--from-customer',
		'7', '--into-customer', '8', '--reason', 'x']);

	check(self.status === 1 && /there is nothing to merge/.test(self.stderr),
		`one with himself: ${self.stderr.trim()}`);

	// ---- charities and dead letters --------------------------------------
	const paid = await w.run(['charity', 'payout', ...at, '--charity',
		'trees']);

	check(paid.status === 1 && /has given nothing to a charity trees/.test(
		paid.stderr), paid.stderr.trim());
	for (const verb of ['replay', 'discard'])
		equal((await w.must(['dlq', verb, ...at])).stdout,
			`0 ${verb === 'replay' ? 'replayed' : 'discarded'}: no ` +
			'open dead letter is one of those\n', `dlq ${verb}`);
	equal((await post(s, {body: '{', headers: {
		'X-WC-Webhook-Topic': 'order.created', 'X-WC-Webhook-Source':
		'https://other.example/', 'X-WC-Webhook-Signature':
			woocommerce_signature('second', '{')}})).status, 200,
	'a body that is none');
	await w.drain();
	const [letter] = await w.json(['dlq', 'list', ...at]);

	await twice(['dlq', 'discard', '--id', String(letter.id)],
		'dlq discard', /^1 discarded$/m, /was discarded already, at /);

	// ---- what is not there: one sentence, and nothing on standard output -----
	for (const [args, sentence] of [
		[['dlq', 'list', '--store', '999'], 'there is no store 999'],
		[['dlq', 'replay', '--store', '999'], 'there is no store 999'],
		[['dlq', 'discard', '--store', '999', '--class', 'poison'],
			'there is no store 999'],
		[['dlq', 'replay', '--id', '999999'],
			'there is no dead letter 999999: see loyald dlq list'],
		[['member', 'redeem', ...named, '--reward', 'nope'],
			'refused (no_such_reward): the store\'s program has no ' +
			'such reward: loyald program show names them'],
		[['member', 'release', ...named, '--of', 'nope'],
			'refused (no_such_redemption): the member has no'],
		[['member', 'show', '--member', '999999'],
			'there is no member 999999: loyald member show'],
		[['member', 'explain', '--entry', '999999'],
			'there is no entry 999999: loyald member history']]) {
		const got = await w.run(args);

		check(got.status === 1 && got.stdout === '' &&
			got.stderr.startsWith(`loyald: ${sentence}`),
		`${args.join(' ')}: ${got.stderr.trim()}`);
	}
	await verified();
});
