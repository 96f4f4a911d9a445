// SPDX-License-Identifier: MIT
//
// Every command names a member in one way: by his number, or by what a store
// knows of him, a customer's number, an address or an order. All of these are
// the same member, to every command; what names nobody, or two ways at once,
// is refused before anything is asked.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const PROGRAM = {
	name: 'named',
	wallets: {points: {}},
	rules: [{id: 'order', on: 'order', give: {points: 1, per: '1'}}],
	rewards: [{id: 'five', kind: 'amount', amount: '5.00', cost: 5}],
};
const ANNA = 'anna@example.test', GUEST = 'guest@example.test';
const PLATFORMS = {
	shopify: {
		topics: ['orders/paid', 'customers/create'],
		headers: (s, topic, text) => ({'X-Shopify-Topic': topic,
			'X-Shopify-Shop-Domain': s.domain,
			'X-Shopify-Hmac-Sha256': shopify_signature(s.secret,
				text)}),
		order: ({id, customer, email}) => ({id, email,
			created_at: '2026-01-01T00:00:00Z',
			processed_at: '2026-01-01T00:00:00Z',
			updated_at: '2026-01-01T00:10:00Z', currency: 'EUR',
			test: false, taxes_included: false,
			financial_status: 'paid', cancelled_at: null,
			customer: customer && {id: customer, email,
				verified_email: true},
			total_price: '40.00', shipping_lines: [], refunds: [],
			line_items: [{id: 1, price: '40.00', quantity: 1,
				gift_card: false, tax_lines: [],
				discount_allocations: []}]}),
		account: (id, email) => ({id, email, verified_email: false,
			created_at: '2026-01-01T01:00:00Z',
			updated_at: '2026-01-01T01:00:00Z'}),
	},
	woocommerce: {
		topics: ['order.created', 'customer.created'],
		headers: (s, topic, text) => ({'X-WC-Webhook-Topic': topic,
			'X-WC-Webhook-Source': `https://${s.domain}/`,
			'X-WC-Webhook-Signature': woocommerce_signature(s.secret,
				text)}),
		order: ({id, customer, email}) => ({id, currency: 'EUR',
			customer_id: customer ?? 0, status: 'completed',
			date_created_gmt: '2026-01-01T00:00:00',
			date_modified_gmt: '2026-01-01T00:10:00',
			billing: {email}, total: '40.00', refunds: [],
			line_items: [{id: 1, quantity: 1, subtotal: '40.00',
				total: '40.00', total_tax: '0.00'}]}),
		account: (id, email) => ({id, email,
			date_created_gmt: '2026-01-01T01:00:00',
			date_modified_gmt: '2026-01-01T01:00:00'}),
	},
};
// The words that a command wants beside the member.
const MEMBER_VERBS = {
	show: [], history: [], balance: [],
	adjust: ['--units', '3', '--reason', 'asked'],
	redeem: ['--reward', 'five'],
	capture: ['--of', 'a'],
	release: ['--of', 'a'],
};

await scenario(async ({w, check, equal, store, verified}) => {
	const program = join(w.dir, 'named.json');
	const basket = join(w.dir, 'basket.json');

	writeFileSync(program, JSON.stringify(PROGRAM));
	writeFileSync(basket, JSON.stringify({lines: [{amount: '30.00'}]}));
	for (const role of ['receive', 'work', 'schedule']) {
		await w.start(role);
		await w.ready(role);
	}
	for (const [platform, {topics, headers, order, account}]
		of Object.entries(PLATFORMS)) {
		const s = await store(platform, {program, secret: platform});
		const at = ['--store', String(s.store_id)];
		const tell = async (topic, body) => {
			const text = JSON.stringify(body);

			equal((await post(s, {body: text, headers: {
				'Content-Type': 'application/json',
				...headers(s, topic, text)}})).status, 200,
			`${platform} ${topic}`);
		};
		const till = JSON.stringify({idempotency_key: 'till-1',
			type: 'order', at: '2026-01-02T00:00:00Z',
			customer: {id: '7'}, channel: 'pos', order: {id: 'R-17',
				status: 'paid', currency: 'EUR',
				lines: [{amount: '10.00'}]}});

		await w.store_known(s);
		await tell(topics[0], order({id: 11, customer: 7, email: ANNA}));
		await tell(topics[0], order({id: 12, customer: 8,
			email: 'b@example.test'}));
		await tell(topics[1], account(7, ANNA));
		await tell(topics[0], order({id: 13, email: GUEST}));
		equal((await post(s, {body: till, headers: {
			'X-Loyald-Hmac-Sha256': event_signature(s, till)}}))
			.status, 200, 'the till\'s order');
		await w.drain();

		const {member_id: id} = await w.json(['member', 'show', ...at,
			'--customer', '7']);
		const ways = {
			number: ['--member', String(id)],
			customer: [...at, '--customer', '7'],
			address: [...at, '--email', ANNA],
			order: [...at, '--order', '11'],
			'the till\'s order': [...at, '--order', 'R-17'],
		};
		const [entry] = (await w.json(['member', 'history',
			...ways.number])).entries;

		// ---- one member, to every command ---------------------------
		for (const [way, named] of Object.entries(ways)) {
			const say = `${platform} by ${way}`;
			const run = (verb, more) => w.json(['member', verb,
				...named, ...more]);
			const told = async (verb, more) => {
				const got = await run(verb, more);

				equal([got.member_id, got.told], [id, true],
					`${say}: ${verb}`);
			};

			for (const verb of ['show', 'history', 'balance'])
				equal((await run(verb, [])).member_id, id,
					`${say}: ${verb}`);
			await told('adjust', MEMBER_VERBS.adjust);
			for (const [end, key] of [['capture', 'c'], ['release', 'r']]) {
				const of = `${key}-${way}-${platform}`;

				await told('redeem', ['--reward', 'five',
					'--reserve', '--key', of]);
				await told(end, ['--of', of]);
			}
			const issued = `i-${way}-${platform}`;

			// No shop is called here, but its API must be known.
			await w.sql(`UPDATE store SET api_url = 'http://127.0.0.1:9'`);

			await told('redeem', ['--reward', 'five', '--issue',
				'--key', issued]);
			equal(await w.sql(`SELECT facts::json->>'issue' FROM
				member_fact WHERE fact_id = '${
				issued.replaceAll("'", "''")}'`), [['true']],
			`${say}: to be made at the shop`);
			await told('release', ['--of', issued]);
			if (!named.includes('--order'))
				equal((await run('explain', ['--entry',
					String(entry.entry_id)])).member_id, id,
				`${say}: explain`);
			const quoted = await w.json(['quote', ...(way === 'number' ?
				at : []), ...named, '--basket', basket]);

			equal(quoted.earns, {points: '30'}, `${say}: quote`);
		}
		equal((await w.json(['member', 'explain', ...at, '--order',
			'R-17'])).member_id, id, 'explain, of the till\'s order');

		// ---- two members ---------------------------------------------
		const eight = (await w.json(['member', 'show', ...at,
			'--customer', '8'])).member_id;
		const merged = await w.json(['member', 'merge', ...at,
			'--from-order', '12', '--into-email', ANNA,
			'--reason', 'one person']);

		equal([merged.from, merged.into, merged.orders], [eight, id, 1],
			'merged, by an order and an address');
		const claimed = await w.json(['member', 'claim', ...at,
			'--email', GUEST, '--order', '11', '--reason', 'his']);

		equal([claimed.into, claimed.orders], [id, 1],
			'claimed for the customer of an order');

		// ---- and what names nobody -----------------------------------
		for (const [named, sentence] of [
			[['--member', '999999'], 'there is no member 999999'],
			[[...at, '--customer', '99'], `store ${s.store_id} ` +
				'knows no customer 99'],
			[[...at, '--email', 'x@y.test'], `store ${s.store_id} ` +
				'knows nobody with the e-mail address x@y.test'],
			[[...at, '--order', '99'], `store ${s.store_id} has no ` +
				'order 99'],
			[['--store', '999', '--customer', '7'],
				'there is no store 999']]) {
			const got = await w.run(['member', 'balance', ...named]);

			check(got.status === 1 && got.stdout === '' && got.stderr
				.startsWith(`loyald: ${sentence}`),
			`nobody: ${got.stderr.trim()}`);
		}
	}

	// ---- in no way, or in two --------------------------------------------
	const away = {env: {LOYALD_DATABASE_URL: 'host=/nonexistent'}};
	const refused = async (args, sentence) => {
		const got = await w.run(args, away);

		check(got.status === 2 && got.stdout === '' &&
			got.stderr.startsWith('loyald: ') &&
			got.stderr.includes(sentence), `${args.join(' ')}: ` +
			got.stderr.split('\n')[0]);
	};
	const WAYS = '--member ID, or --store ID with --customer ID, --email ' +
		'ADDRESS or --order ID';

	for (const [verb, more] of Object.entries(MEMBER_VERBS)) {
		const command = ['member', verb, ...more];

		await refused(command, WAYS);
		await refused([...command, '--store', '1'], WAYS);
		await refused([...command, '--member', '1', '--store', '1'], WAYS);
		await refused([...command, '--store', '1', '--customer', '7',
			'--email', ANNA], WAYS);
		await refused([...command, '--customer', '7'],
			'--customer goes with --store only');
		await refused([...command, '--member', '0'], '--member is "0"');
		await refused([...command, '--store', '1', '--customer', 'x'],
			'--customer is "x"');
		await refused([...command, '--store', '1', '--email', ''],
			'--email is empty');
	}
	await refused(['member', 'merge', '--reason', 'x', '--from', '1'],
		'member show says who has which number');
	await refused(['member', 'claim', '--store', '1', '--email', ANNA],
		'--customer ID, --order ID or --member ID');
	await refused(['quote', '--store', '1', '--basket', basket, '--member',
		'1', '--customer', '7'], 'in one way');
	await refused(['member', 'explain', '--entry', '1', '--member', '1',
		'--store', '1', '--customer', '7'], 'in one way');
	await refused(['member', 'explain', '--store', '1', '--order', '1',
		'--customer', '7'], 'one member');
	await refused(['member', 'explain', '--store', '1'], '--order ID');
	await verified();
});
