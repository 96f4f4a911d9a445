// SPDX-License-Identifier: MIT
//
// Members follow from the deliveries and from nothing else: the same
// deliveries, taken one by one or many at once, by one worker or by three, in
// one order or another, end with the same names, the same names as one member,
// and the same points.
import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {read_deliveries} from '../support/oracle.mjs';
import {generate} from '../support/orders.mjs';
import {random_new, seed_of_run} from '../support/random.mjs';
import {shopify_signature, woocommerce_signature} from '../support/sign.mjs';
import {ROOT} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data');
const WAYS = [
	{batch: 1, workers: 1, order: 'told'},
	{batch: 200, workers: 1, order: 'told'},
	{batch: 200, workers: 1, order: 'backwards'},
	{batch: 1, workers: 3, order: 'mixed'},
	{batch: 50, workers: 3, order: 'mixed'},
];

// A deletion counts from when it comes, which is another time in each run.
const is_timeless = ({topic}) => topic && !/^order\.(deleted|restored)$/.test(topic);

// Recorded of a shop of its own: here they are of one.
const anywhere = (d) => {
	const body = JSON.parse(d.body);

	delete body.order_status_url;
	return {...d, body: JSON.stringify(body)};
};
const found = (name) => JSON.parse(readFileSync(join(DATA, 'found', name,
	'case.json'))).steps.filter((s) => s.deliver).map((s) => ({
	topic: s.topic, body: readFileSync(join(DATA, 'found', name, s.deliver),
		'utf8')}));

// A guest's order, and the account that is verified to have his address.
const verified = (id, at, email) => ({topic: 'customers/update',
	body: JSON.stringify({id, email, verified_email: true,
		updated_at: at})});

await scenario(async ({w, check, equal, verified: verify}) => {
	const random = random_new(seed_of_run('members'));
	const told = {
		woocommerce: [...readdirSync(join(DATA, 'woocommerce'))
			.filter((f) => f.endsWith('.http')).sort()
			.flatMap((f) => read_deliveries(join(DATA,
				'woocommerce', f))),
		...found('w102-made-anonymous-by-retention'),
		...found('w102a-each-sign-of-being-anonymous'),
		...found('w109-moved-to-another-customer')].filter(is_timeless),
		shopify: [...found('s102-redacted').map(anywhere),
			verified(61, '2026-11-29T23:30:00Z', 'removed@shop.test'),
			...generate({platform: 'shopify', seed: 5, orders: 12,
				customers: 4}).deliveries.map(anywhere)],
	};
	const SIGNED = {
		shopify: (s, d) => ({'X-Shopify-Topic': d.topic,
			'X-Shopify-Shop-Domain': s.domain,
			'X-Shopify-Hmac-Sha256': shopify_signature(s.secret,
				d.body)}),
		woocommerce: (s, d) => ({'X-WC-Webhook-Topic': d.topic,
			'X-WC-Webhook-Source': `https://${s.domain}/`,
			'X-WC-Webhook-Signature': woocommerce_signature(s.secret,
				d.body)}),
	};
	const send = async (s, list) => {
		const answers = new Set();

		for (const d of list)
			answers.add((await post(s, {body: d.body, headers: {
				'Content-Type': 'application/json',
				...SIGNED[s.platform](s, d)}})).status);
		return [...answers];
	};
	// Every name with the first of its member's, and what that one has.
	const names = (s) => w.sql(`
		SELECT i.kind, i.value,
		       min(i.kind || ':' || i.value) OVER (PARTITION BY member_id),
		       b.available + b.pending - b.debt
		FROM identity i JOIN balance b USING (tenant_id, member_id)
		WHERE i.store_id = ${s.store_id} AND b.wallet = 1
		ORDER BY 1, 2`);
	const ordered = {told: (list) => list,
		backwards: (list) => [...list].reverse(),
		mixed: (list) => random.shuffle([...list])};
	const first = {};

	await w.start('receive');
	await w.ready('receive');
	for (const [run, {batch, workers, order}] of WAYS.entries()) {
		const stores = [], roles = [];

		for (const platform of Object.keys(told)) {
			const name = `${platform}-${run}`;
			const s = await w.store_add({platform, secret: name,
				domain: `${name}.example`});

			await w.store_known(s);
			equal(await send(s, ordered[order](told[platform])), [200],
				`${platform}'s deliveries of run ${run} are taken`);
			stores.push(s);
		}
		for (let i = 1; i <= workers; i++) {
			roles.push(`work-${run}-${i}`);
			await w.start('work', {name: roles.at(-1),
				env: {LOYALD_BATCH: String(batch)}});
		}
		await w.drain();
		for (const name of roles)
			await w.stop(name);
		for (const s of stores) {
			const now = await names(s);

			first[s.platform] ??= now;
			check(now.length > 4, `${s.platform} knows ${now.length} names`);
			equal(now, first[s.platform], `${s.platform}, ${order}, ` +
				`${workers} at work, ${batch} at once: the same ` +
				'names, members and points');
		}
	}
	const {members} = await verify();
	const [[n]] = await w.sql(`SELECT count(DISTINCT member_id) FROM identity`);

	equal(members, Number(n), 'verify counts who has a name');
});
