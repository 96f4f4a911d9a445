// SPDX-License-Identifier: MIT
//
// A till of any make redeems: a member shows a code, the till reserves, captures and
// releases with a key of its own, and tells sales by the same code; codes are
// revoked and made anew, and go where their members go.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {rewarded_order} from '../support/rewarded.mjs';
import {event_signature, shopify_signature} from '../support/sign.mjs';
import {post, scenario} from './scenario.mjs';

const EARNED = 1000;
const PROGRAM = {name: 'till', rules: [{id: 'order', on: 'order',
	give: {points: 1, per: '1'}}], rewards: [
	{id: 'five', kind: 'amount', amount: '5.00', cost: 200}]};

await scenario(async ({w, check, equal, store, verified, until}) => {
	const program = join(w.dir, 'till.json');

	writeFileSync(program, JSON.stringify(PROGRAM));
	const shop = await store('shopify', {program, brand: 'one'});
	const other = await store('woocommerce', {program, brand: 'two',
		domain: 'two.example', tenant: shop.tenant_id});
	const foreign = await store('woocommerce', {program,
		domain: 'foreign.example'});

	for (const p of ['receive', 'work', 'schedule'])
		await w.start(p);
	await w.ready('receive');
	for (const s of [shop, other, foreign])
		await w.store_known(s);
	let nth = 0;
	const said = async (s, type, customer, more = {}) => {
		const body = JSON.stringify({type, idempotency_key: `k-${++nth}`,
			at: new Date().toISOString(), ...(customer ?
				{customer} : {}), ...more});
		const answer = await post(s.at('event'), {body, headers: {
			'X-Loyald-Hmac-Sha256': event_signature(s, body)}});

		return [answer.status, `k-${nth}`, answer.text];
	};
	const settled = () => until('all to be posted', async () =>
		await w.backlog() === 0 && (await w.sql(`SELECT count(*) FROM
			member_state WHERE due_at <= now()`))[0][0] === '0');
	const tell = async (...of) => {
		const [status, key, text] = await said(...of);

		if (status !== 200)
			throw new Error(`${status} ${text}`);
		await settled();
		return key;
	};
	const points = async (customer) => {
		const {available, reserved} = await w.json(['member', 'show',
			'--store', String(shop.store_id), '--customer', customer]);

		return [available, reserved];
	};
	const code_of = (customer, ...more) => w.run(['member', 'code',
		'--store', String(shop.store_id), '--customer', customer, ...more]);
	const dead = async () => (await w.json(['dlq', 'list']))
		.map((d) => d.reason);

	for (const customer of [7, 8])
		equal((await post(shop, rewarded_order(shop, {customer,
			id: 100 + customer, amount: `${EARNED}.00`}))).status, 200,
		`customer ${customer} has an order`);
	await settled();

	// ---- the code ------------------------------------------------------
	const first = (await code_of('7')).stdout.trim();

	check(/^[2-9A-HJ-NP-Z]{3}(-[2-9A-HJ-NP-Z]{3}){2}$/.test(first),
		`a member has a short code, ${first}`);
	equal((await code_of('7')).stdout.trim(), first, 'and keeps it');
	equal(JSON.parse((await code_of('7', '--json')).stdout), {code: first},
		'machines read it too');
	check((await code_of('8')).stdout.trim() !== first,
		'somebody else has another one');
	equal((await code_of('7', '--new', '--revoke')).status, 2,
		'it is not revoked and made at once');
	const typed = first.toLowerCase().replaceAll('-', '');
	const swapped = typed.replace(/(.)(?!\1)(.)/, '$2$1');

	equal((await said(shop, 'review', {code: swapped}))[0], 422,
		'two symbols that changed places are refused at once');
	equal((await said(shop, 'review', {code: first, id: '7'}))[0], 422,
		'so are two names');

	// ---- a till redeems --------------------------------------------------
	const redeem = (s, customer) => tell(s, 'redemption', customer,
		{reward: 'five', reserve: true});
	const kept = await redeem(shop, {code: first});

	equal(await points('7'), [EARNED - 200, 200], 'a till reserves');
	await tell(shop, 'redemption_captured', {code: typed}, {of: kept});
	equal(await points('7'), [EARNED - 200, 0], 'captures');
	const left = await redeem(shop, {code: first});

	await tell(shop, 'redemption_released', {code: first}, {of: left});
	equal(await points('7'), [EARNED - 200, 0], 'and releases');
	const there = await redeem(other, {code: first});

	equal(await points('7'), [EARNED - 400, 200],
		'also at a store of the wallet where the member never was');
	await tell(other, 'redemption_released', {code: first}, {of: there});
	equal(await points('7'), [EARNED - 200, 0], 'and gives it back there');
	equal(await dead(), [], 'nothing is refused so far');

	// ---- a sale at the till ----------------------------------------------
	const sale = (customer, refunds = [], id = 'R-1') => [shop, 'order',
		customer, {channel: 'pos', order: {id, status: 'paid',
			currency: 'EUR', created: '2026-11-01T10:00:00Z',
			lines: [{id: '1', amount: '50.00', quantity: 2}],
			total: '50.00', refunds}}];
	const back = [{id: 'G', at: new Date().toISOString(), lines: [
		{line: '1', amount: '25.00', quantity: 1}]}];

	await tell(...sale({code: first}));
	equal(await points('7'), [EARNED - 150, 0], 'a sale by the code earns');

	// ---- revoked, and made anew --------------------------------------------
	const open = await redeem(shop, {code: first});
	const second = (await code_of('7', '--new')).stdout.trim();

	check(second !== first, `there is another code, ${second}`);
	await redeem(shop, {code: first});
	equal(await points('7'), [EARNED - 350, 200],
		'the one before takes no points any more');
	check((await dead()).length === 1 && /is revoked/.test((await dead())[0]),
		'and the operator is told');
	await tell(shop, 'redemption_released', {code: first}, {of: open});
	equal(await points('7'), [EARNED - 150, 0],
		'but gives back what it had reserved');
	await tell(...sale({code: first}, back));
	equal(await points('7'), [EARNED - 175, 0],
		'and is still that of the sale, when goods come back');
	await tell(shop, 'redemption', {code: first}, {reward: 'five',
		at: '2026-11-20T10:00:00Z', reserve: true});
	equal((await dead()).length, 1, 'what happened before may come late');
	await redeem(foreign, {code: second});
	await tell(shop, 'review', {code: '222222222'});
	equal((await dead()).filter((r) => /nobody has/.test(r)).length, 2,
		'nobody has it: at another merchant\'s till, or at all');
	await tell(other, 'order', {code: second}, sale()[3]);
	check((await dead()).some((r) => /no customer of store 2 yet/.test(r)),
		'a sale needs a customer of the store, and says so');

	// ---- members who merge, and go ------------------------------------------
	const eighth = (await code_of('8')).stdout.trim();

	await w.must(['member', 'merge', '--store', String(shop.store_id),
		'--from-customer', '8', '--into-customer', '7', '--reason',
		'one person']);
	await settled();
	const before = await points('7');

	await redeem(shop, {code: eighth});
	equal(await points('7'), [before[0] - 200, before[1] + 200],
		'the code of a member who was merged goes on');
	await code_of('7', '--revoke');
	equal((await w.sql(`SELECT count(*) FROM member_code
		WHERE revoked_at IS NULL AND tenant_id = ${shop.tenant_id}`)
	)[0][0], '0', 'all codes of a member are revoked');

	// The shop has deleted a customer.
	await post(shop, rewarded_order(shop, {customer: 9, id: 109,
		amount: '10.00'}));
	await settled();
	await code_of('9');
	const gone = JSON.stringify({id: 9});

	equal((await post(shop, {body: gone, headers: {'X-Shopify-Topic':
		'customers/delete', 'X-Shopify-Shop-Domain': shop.domain,
	'X-Shopify-Hmac-Sha256': shopify_signature(shop.secret, gone)}}))
		.status, 200, 'a customer is deleted');
	await settled();
	equal((await w.sql(`SELECT count(*) FROM member_code c
		JOIN identity i USING (tenant_id, member_id)
		WHERE i.value = '9' AND i.kind = 1`))[0][0], '0',
	'and the code with the customer');
	await verified();
});
