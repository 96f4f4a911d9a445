// SPDX-License-Identifier: MIT
//
// An operator's changes to a store are known to receive without a restart.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {woocommerce_signature} from '../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store, until}) => {
	const s = await store('woocommerce', {secret: 'first'});
	const id = String(s.store_id);
	const [d] = generate({platform: 'woocommerce', seed: 61, orders: 1})
		.deliveries;
	const answer = async (secret, to = s) => (await post(to, {
		body: d.body, headers: {...d.headers, 'X-WC-Webhook-Signature':
			woocommerce_signature(secret, d.body)}})).status;
	const becomes = (secret, status, what) => until(what, async () =>
		await answer(secret) === status).then(() => check(true, what));
	const rotate = (secret) => {
		const file = join(w.dir, 'new-secret');

		writeFileSync(file, secret, {mode: 0o600});
		return w.must(['store', 'rotate-secret', '--store', id,
			'--webhook-secret-file', file]);
	};

	await w.start('receive');
	await w.ready('receive');
	equal(await answer('first'), 200, 'the first secret');
	equal(await answer('second'), 401, 'not another');
	await rotate('second');
	await becomes('second', 200, 'the new one, after rotate-secret');
	equal(await answer('first'), 200, 'and still the one before');
	await rotate('third');
	await becomes('third', 200, 'the third');
	equal([await answer('second'), await answer('first')], [200, 401],
		'the one before it, and not the first any more');
	await w.must(['store', 'rotate-secret', '--store', id,
		'--forget-previous']);
	await becomes('second', 401, 'the previous one is forgotten');
	equal(await answer('third'), 200, 'the current one is not');

	await w.must(['store', 'disable', '--store', id]);
	await until('the store to be disabled',
		async () => await answer('third') !== 200);
	equal(await answer('third'), 404, 'a disabled store is not there');
	await w.must(['store', 'enable', '--store', id]);
	await becomes('third', 200, 'enabled again');

	const other = await store('woocommerce', {secret: 'fourth',
		domain: 'other.example'});

	await until('a store that was added', async () =>
		await answer('fourth', other) === 200);
	equal(await answer('third', other), 401,
		'a store takes no other store\'s secret');

	const log = w.log_of('receive');

	for (const secret of ['first', 'second', 'third', 'fourth'])
		check(!new RegExp(`\\b${secret}\\b`).test(log),
			`"${secret}" is in no log`);
});
