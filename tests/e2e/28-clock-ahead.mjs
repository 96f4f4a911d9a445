// SPDX-License-Identifier: MIT
//
// schedule runs for a moment with a clock that is three years ahead: points
// expire and become available, a tier ends.  When the clock is right again
// everything is as it was, by itself, and the books say how.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const rules = [{id: 'order', on: 'order', give: {points: 1, per: '1'}}];
const PROGRAMS = {
	plain: {name: 'plain', pending_days: 3000, rules},
	tiers: {name: 'tiers', rules, wallets: {points: {expires:
		{after: '30 months'}}}, tiers: {window: '30 months',
		term: '30 months', levels: [{id: 'gold', from: '1.00'}]}},
};
const STORES = [['woocommerce', 'plain'], ['woocommerce', 'tiers'],
	['shopify', 'tiers']];
const KINDS = {woocommerce: {completed: 1}, shopify: {paid: 1}};

await scenario(async ({w, check, equal, store, verified}) => {
	await w.start('receive');
	await w.ready('receive');
	for (const [platform, name] of STORES) {
		const file = join(w.dir, `${name}.json`);

		writeFileSync(file, JSON.stringify(PROGRAMS[name]));
		const s = await store(platform, {program: file,
			domain: `${name}.${platform}.example`});

		await w.store_known(s);
		await deliver(generate({platform, seed: 3, orders: 5,
			customers: 2, kinds: KINDS[platform],
			domain: s.domain, start: Date.now() - 86400000})
			.deliveries, {urls: s});
	}
	await w.drain();

	const all = async () => JSON.stringify([
		await w.sql(`SELECT tenant_id, member_id, wallet, available,
			pending, reserved, debt, lifetime_earned FROM balance
			ORDER BY 1, 2, 3`),
		await w.sql(`SELECT tenant_id, member_id, tier, tier_since,
			tier_until FROM member_state WHERE tier IS NOT NULL
			ORDER BY 1, 2`)]);
	const schedule = async (...args) => {
		const done = await w.run(['schedule', '--once', ...args]);

		equal(done.status, 0, `schedule --once ${args.join(' ')}`);
		return done.stderr;
	};
	const later = (years) => new Date(Date.now() + years * 365 * 86400000)
		.toISOString();

	await schedule();
	const before = await all();

	check(/gold/.test(before), 'somebody has a tier');
	for (const years of [3, 20]) {
		await schedule('--now', later(years));
		check(await all() !== before, `${years} years ahead it is another`);
		check(/ahead of this one/.test(await schedule()),
			'the right clock says what it found');
		equal(await all(), before, 'and all is as it was');
	}
	const said = await schedule();

	check(!/ahead of this one/.test(said), 'once');
	await verified();
});
