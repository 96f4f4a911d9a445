// SPDX-License-Identifier: MIT
//
// Faults that were found once: every folder of tests/data/found, through
// receive and work.  A folder has bodies and case.json, which says why:
//
//	{"about": "...",
//	 "stores": [{"platform": "shopify", "currency": "EUR", "program":
//	             {...}}],              null: points.json
//	 "steps": [...]}
//
// A step is one of
//	{"deliver": "01.body", "topic": "orders/paid", "store": 0}
//	{"points": 80, "customer": "2", "wallet": "stamps", "store": 0}
//	{"held": 80, "email": "anna@example.test", "store": 0}
//	{"members": 2, "store": 0}         whom its names lead to
//	{"reason": "status", "order": "701", "store": 0}
//	{"dead": 2, "saying": "..."}       of all its stores, so far
//	{"store_add": "shopify", "currency": "JEP"}
// where the first wallet is "points" and the first store 0.  The topic "event"
// goes to POST /events; "answer" is its answer, by default 200.
//
// FOUND=w7 picks the cases whose names begin with it.
import {existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {event_signature, shopify_signature, woocommerce_signature} from
	'../support/sign.mjs';
import {POINTS, ROOT} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const DATA = join(ROOT, 'tests/data/found');

const HEADERS = {
	shopify: ({topic, body, secret, domain}) => ({
		'X-Shopify-Topic': topic,
		'X-Shopify-Shop-Domain': domain,
		'X-Shopify-Hmac-Sha256': shopify_signature(secret, body)}),
	woocommerce: ({topic, body, secret, domain}) => ({
		'X-WC-Webhook-Topic': topic,
		'X-WC-Webhook-Source': `https://${domain}/`,
		'X-WC-Webhook-Signature': woocommerce_signature(secret, body)}),
};

const EVENT = ({body, ...store}) => ({
	'X-Loyald-Hmac-Sha256': event_signature(store, body)});

class Case {
	constructor(w, name)
	{
		const {about, stores, steps} = JSON.parse(readFileSync(
			join(DATA, name, 'case.json')));

		Object.assign(this, {w, name, about, wants: stores, steps,
			stores: [], wrong: []});
	}

	is(what, found, expected)
	{
		if (String(found) !== String(expected))
			this.wrong.push(`${what} is ${found}, not ${expected}`);
	}

	async store_add({platform, currency, program = null})
	{
		const name = `${this.name}-${this.stores.length}`;
		const file = join(this.w.dir, `${name}.json`);

		if (program !== null)
			writeFileSync(file, JSON.stringify(program));
		this.stores.push(await this.w.store_add({platform, currency,
			domain: `${name}.example`, secret: name,
			program: program === null ? POINTS : file}));
	}

	async deliver({deliver, topic, store = 0, answer: wanted = 200})
	{
		const s = this.stores[store];
		const body = readFileSync(join(DATA, this.name, deliver));
		const headers = topic === 'event' ? EVENT : HEADERS[s.platform];
		const answer = await post(s, {body, headers: {
			'Content-Type': 'application/json',
			...headers({...s, topic, body})}});

		this.is(`the answer to ${deliver}`, answer.status, wanted);
		await this.w.drain();
	}

	async points({points, customer, wallet = 'points', store = 0})
	{
		const [[found] = [0]] = await this.w.sql(`
			SELECT b.available + b.pending - b.debt
			FROM identity i JOIN balance b
			    USING (tenant_id, member_id)
			JOIN wallet w USING (tenant_id, wallet)
			WHERE i.kind = 1 AND i.value = '${customer}'
			AND i.store_id = ${this.stores[store].store_id}
			AND w.id = '${wallet}'`);

		this.is(`${wallet} of ${customer}`, found, points);
	}

	async held({held, email, store = 0})
	{
		const m = await this.w.json(['member', 'show', '--store',
			String(this.stores[store].store_id), '--email', email]);

		this.is(`held for ${email}`, m.pending, held);
	}

	async members({members, store = 0})
	{
		const [[found]] = await this.w.sql(`
			SELECT count(DISTINCT member_id) FROM identity
			WHERE store_id = ${this.stores[store].store_id}`);

		this.is('the number of members', found, members);
	}

	async reason({reason, order, store = 0})
	{
		const [[found] = ['no such order']] = await this.w.sql(`
			SELECT reason FROM order_state
			WHERE store_id = ${this.stores[store].store_id}
			AND order_id = ${order}`);

		this.is(`the reason of order ${order}`, found, reason);
	}

	async dead({dead, saying = ''})
	{
		const found = (await this.w.sql(`
			SELECT reason FROM dead_letter WHERE store_id IN
			(${this.stores.map((s) => s.store_id)})`)).flat();

		if (found.length !== dead || !found.every((r) =>
			r.includes(saying)))
			this.wrong.push(`${dead} dead letters ${saying} are ` +
				JSON.stringify(found));
	}

	async step(step)
	{
		const does = ['deliver', 'points', 'held', 'members',
			'reason', 'dead']
			.find((word) => word in step);

		if ('store_add' in step)
			await this.store_add({platform: step.store_add,
				currency: step.currency});
		else if (does)
			await this[does](step);
		else
			throw new Error(`${this.name}: ${JSON.stringify(step)}`);
	}

	// Tells what is wrong, as texts.
	async run()
	{
		for (const store of this.wants)
			await this.store_add(store);
		for (const s of this.stores)
			await this.w.store_known(s);
		for (const step of this.steps)
			try {
				await this.step(step);
			} catch (e) {
				this.wrong.push(e.message);
			}
		return this.wrong;
	}
}

await scenario(async ({w, check, verified}) => {
	await w.start('receive');
	await w.ready('receive');
	const names = readdirSync(DATA).sort().filter((name) => existsSync(
		join(DATA, name, 'case.json')) &&
		name.startsWith(process.env.FOUND ?? ''));

	for (const name of names) {
		const one = new Case(w, name), wrong = await one.run();

		check(wrong.length === 0, [name, ...wrong].join('\n\t'));
	}
	await verified();
});
