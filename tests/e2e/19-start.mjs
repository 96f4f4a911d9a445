// SPDX-License-Identifier: MIT
//
// The first delivery, sent the moment the port opens, is answered 200 and
// goes to Redis: receive knows the stores before it listens.
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {generate} from '../support/orders.mjs';
import {post, scenario} from './scenario.mjs';

const STARTS = 5;

await scenario(async ({w, check, equal, store}) => {
	const s = await store('woocommerce');
	const [d] = generate({platform: 'woocommerce', seed: 19, orders: 1})
		.deliveries;
	const first = async () => {
		for (;;) {
			try {
				return await post(s, {body: d.body,
					headers: d.headers});
			} catch (e) {
				if (e.cause?.code !== 'ECONNREFUSED')
					throw e;
				await sleep(1);
			}
		}
	};
	const answers = [];

	for (let i = 0; i < STARTS; i++) {
		rmSync(join(w.dir, 'spool'), {recursive: true, force: true});
		await w.start('receive');
		answers.push((await first()).status);
		if (i === STARTS - 1) {
			const m = await w.metrics('receive');

			check(m['loyald_receive_durable_total{in="redis"}'] === 1,
				'the first delivery is in Redis');
		}
		await w.stop('receive');
	}
	equal(answers, Array(STARTS).fill(200), 'the first answer is 200');
});
