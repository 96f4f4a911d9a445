// SPDX-License-Identifier: MIT
//
// Beside the balance the shops are told what is pending, what expires, the tier,
// what is missing to the next one, memberships, benefits and texts: by the ledger,
// whatever the shops do meanwhile; and a tier is told when it changes, even if
// no balance does.  Tags of others stay.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const FAULTS = [{kind: 'throttle', times: 2}, {kind: 'status', status: 503,
	retry_after: 1, times: 1}, {kind: 'drop', times: 2},
{kind: 'reply-lost', times: 3}];
const OTHERS = ['loyalty-tier', 'vip'];		// tags of others

const program = (silver, gold) => ({name: 'Profile', wallets: {points: {
	expires: {after: '12 months'}, names: {de: {one: 'Punkt',
		other: 'Punkte'}, en: {one: 'point', other: 'points'}}}},
pending_days: 0, rules: [{id: 'earn', on: 'order', give: {points: 1,
	per: '1.00'}}], tiers: {metric: 'spend', levels: [
	{id: 'silver', from: silver, names: {de: 'Silber', en: 'Silver'}},
	{id: 'gold', from: gold}]}, benefits: [
	{id: 'shipping', kind: 'shipping', when: {tier: ['gold']}},
	{id: 'all', kind: 'flag'}]});

await scenario(async ({w, check, equal, store, fake, verified, until}) => {
	const file = (name, ...levels) => {
		const path = join(w.dir, name);

		writeFileSync(path, JSON.stringify(program(...levels)));
		return path;
	};
	const first = file('first.json', '60.00', '200.00');
	const fakes = {shopify: await fake('shopify'),
		woocommerce: await fake('woocommerce')};
	const shop = fakes.shopify.store('default');
	const stores = {};

	for (const [platform, f] of Object.entries(fakes))
		stores[platform] = await store(platform,
			{secret: SECRET, program: first}, f);
	const told = Object.keys(fakes).flatMap((platform) => generate({platform,
		seed: 65, orders: 60, customers: 20, secret: SECRET}).deliveries);

	for (const role of ['receive', 'work', 'schedule'])
		await w.start(role);
	await w.start('push', {env: {LOYALD_PUSH_TIMEOUT_MS: '2000'}});
	for (const name of w.roles.keys())
		await w.ready(name);
	const settled = () => until('the outbox to be empty', async () =>
		await w.backlog() === 0 && (await w.sql(`SELECT
		(SELECT count(*) FROM outbox WHERE rejected_at IS NULL) +
		(SELECT count(*) FROM member_state WHERE due_at <= now())`
		))[0][0] === '0', 90000);

	// The ledger, customer by customer: a tier and what is missing.
	const ledger = async (platform) => Object.fromEntries((await w.sql(`
		SELECT i.value, coalesce(s.tier, ''), s.metric, b.available,
		    s.benefits, coalesce(to_char((SELECT min(l.expires_at)
		        FROM lot l WHERE l.member_id = i.member_id
		        AND l.remaining > 0 AND l.vested) -
		        interval '1 microsecond', 'YYYY-MM-DD'), '')
		FROM identity i JOIN balance b USING (tenant_id, member_id)
		JOIN member_state s USING (tenant_id, member_id)
		WHERE i.kind = 1 AND b.version > 0 AND
		    i.store_id = ${stores[platform].store_id}`)).map(
		([id, tier, metric, available, benefits, expires]) => [id,
			{tier, metric: Number(metric), expires,
				available: Number(available),
				benefits: benefits.split(' ')}]));
	const missing = ({tier, metric}, levels) => {
		const [silver, gold] = levels.map((l) => Number(l) * 100);

		return tier === 'gold' ? null : tier === 'silver' ||
			metric >= silver ? gold - metric : silver - metric;
	};
	const compare = async (levels, when) => {
		const shopify = await ledger('shopify');
		const {values, tags} = shop.state();
		const woo = await ledger('woocommerce');
		const {meta} = fakes.woocommerce.store('default').state();
		const wrong = [];

		for (const [id, is] of Object.entries(shopify)) {
			const v = values[id]?.['$app:loyalty.balance'] ?? {};
			const want = [is.available, is.tier || null,
				missing(is, levels), is.benefits,
				is.expires || null, `${is.available.toLocaleString(
					'de')}\u00a0` +
				(is.available === 1 ? 'Punkt' : 'Punkte'),
				[...OTHERS, ...is.tier ? [
					`loyalty-tier:${is.tier}`] : []].sort()];
			const has = [v.available, v.tier, v.next_tier_missing,
				v.benefits, v.expiring_on, v.text?.balance,
				tags[id]];

			if (JSON.stringify(want) !== JSON.stringify(has))
				wrong.push([id, want, has]);
		}
		equal(wrong, [], `shopify shows all of ${
			Object.keys(shopify).length} customers, ${when}`);
		const lacks = Object.entries(woo).filter(([id, is]) =>
			meta[id]?.loyalty_tier !== is.tier ||
			meta[id]?.loyalty_next_tier_missing !==
				String(missing(is, levels) ?? '') ||
			meta[id]?.loyalty_expiring_on !== is.expires ||
			JSON.parse(meta[id]?.loyalty_texts).en.balance !==
				`${is.available.toLocaleString('en')} point${
				is.available === 1 ?
					'' : 's'}`);

		equal(lacks, [], `woocommerce shows all of ${
			Object.keys(woo).length} customers, ${when}`);
		equal(shop.state().refused, [], 'shopify refuses nothing');
		return new Set([...Object.values(shopify)].map((m) => m.tier));
	};

	for (const {body} of told)
		for (const [, id] of body.matchAll(/"id":(\d+)/g))
			shop.data.tags.set(id, [...OTHERS]);
	for (const f of Object.values(fakes))
		f.store('default').add_faults(FAULTS);
	await deliver(told, {urls: stores});
	await settled();
	const tiers = await compare(['60.00', '200.00'], 'in spite of faults');

	check(tiers.size === 3, 'there are members in both tiers and in none');
	equal(Object.keys(shop.state().definitions), ['$app:loyalty.balance'],
		'the metafield is defined');
	equal(shop.state().definitions['$app:loyalty.balance'].access,
		{storefront: 'NONE', customerAccount: 'READ'},
		'for customers\' accounts, and not for the Storefront API');

	// ---- tiers that change without the balance -------------------------
	const versions = () => w.sql('SELECT sum(available) FROM balance');
	const before = await versions();

	for (const s of Object.values(stores))
		equal((await w.run(['program', 'publish', '--store',
			String(s.store_id), '--file', file('second.json',
				'20.00', '90.00')])).status, 0, 'other tiers are published');
	await until('tiers to change', async () => Number((await w.sql(`SELECT
		count(*) FROM tier_change WHERE threshold = 9000`))[0][0]) > 0,
	60000);
	await settled();
	equal(await versions(), before, 'no balance changed');
	await compare(['20.00', '90.00'], 'by the new version');

	// ---- a date that changes without the balance -----------------------
	const [[member, customer]] = await w.sql(`SELECT i.member_id, i.value
		FROM identity i JOIN balance b USING (tenant_id, member_id)
		WHERE i.kind = 1 AND b.available > 0
		AND i.store_id = ${stores.shopify.store_id} LIMIT 1`);
	const sets = () => shop.state().metafields[customer][
		'$app:loyalty.balance'].sets;
	const sets_before = sets();

	// The fold finds that the lots expire as they did.
	await w.sql(`UPDATE lot SET expires_at = expires_at - interval '1 day'
		WHERE member_id = ${member}; UPDATE member_state SET
		due_at = now() WHERE member_id = ${member}`);
	await until('the shop to be told', () => sets() > sets_before, 30000);
	await settled();
	equal(await versions(), before, 'no balance changed');

	// ---- tags that a shop does not take -----------------------------------
	const shopify = `i.kind = 1 AND i.store_id = ${stores.shopify.store_id}`;
	const [[id]] = await w.sql(`SELECT i.value FROM identity i
		JOIN member_state s USING (tenant_id, member_id)
		WHERE ${shopify} AND s.tier = 'silver' AND s.metric > 3000
		LIMIT 1`);
	const third = file('third.json', '10.00', '30.00');
	const publish = (s) => w.run(['program', 'publish', '--store',
		String(s.store_id), '--file', third]);

	shop.configure({untaggable: [id]});
	equal((await publish(stores.shopify)).status, 0, 'lower tiers');
	await until('the tier to change', async () => (await w.sql(`SELECT s.tier
		FROM identity i JOIN member_state s USING (tenant_id, member_id)
		WHERE ${shopify} AND i.value = '${id}'`))[0][0] === 'gold', 60000);
	await settled();
	check(/leaves tags as they are: tagsAdd/.test(
		w.log_end('push', 100)), 'push says that a shop leaves a tag');
	equal([shop.state().values[id]['$app:loyalty.balance'].tier,
		shop.state().tags[id]], ['gold', [...OTHERS,
		'loyalty-tier:silver'].sort()], 'whose customer has all else');
	shop.configure({untaggable: []});
	const calls = shop.state().tag_calls;

	await w.sql(`INSERT INTO outbox (tenant_id, store_id, member_id,
		customer_id, available, pending, debt, version)
		SELECT i.tenant_id, i.store_id, i.member_id, i.value::bigint,
		    b.available, b.pending, b.debt, b.version
		FROM identity i JOIN balance b USING (tenant_id, member_id)
		WHERE ${shopify}`);
	await settled();
	equal((await publish(stores.woocommerce)).status, 0, 'there, too');
	await until('tiers to change', async () => Number((await w.sql(`SELECT
		count(*) FROM member_state WHERE due_at <= now()`))[0][0]) === 0,
	60000);
	await settled();
	await compare(['10.00', '30.00'], 'when the shop takes the tag');
	equal(shop.state().tag_calls - calls, 2,
		'and nobody else\'s tags are sent again');
	await verified();
});
