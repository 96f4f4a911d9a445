// SPDX-License-Identifier: MIT
//
// serve: a balance for whoever proves who is asking, and nothing for anybody
// else.
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {jwt, proxy_query, store_key} from '../support/sign.mjs';
import {without_zeros} from '../support/world.mjs';
import {points_of} from '../support/oracle.mjs';
import {scenario} from './scenario.mjs';

const SECRET = 'generated-secret';
const now = () => Math.floor(Date.now() / 1000);

await scenario(async ({w, check, equal, store}) => {
	const stores = {shopify: await store('shopify', {secret: SECRET}),
		woocommerce: await store('woocommerce', {secret: SECRET})};

	for (const role of ['receive', 'work', 'serve'])
		await w.start(role);
	for (const role of w.roles.keys())
		await w.ready(role);
	const told = Object.keys(stores).flatMap((platform) => generate({platform,
		seed: 71, orders: 30, secret: SECRET}).deliveries);

	await deliver(told, {urls: stores});
	await w.drain();

	const points = points_of(told).stores;
	const [customer, due] = Object.entries(
		without_zeros(points.shopify.members))[0];
	const [buyer, owed] = Object.entries(
		without_zeros(points.woocommerce.members))[0];
	const get = async (query, headers = {}) => {
		const answer = await fetch(w.roles.get('serve').url +
			`/v1/balance${query}`, {headers});
		const text = await answer.text();

		return {status: answer.status, text,
			...(answer.status === 200 ? JSON.parse(text) : {})};
	};

	// ---- Shopify's app proxy ------------------------------------------
	const params = (more = {}) => ({shop: 'generated.myshopify.com',
		path_prefix: '/apps/loyalty', timestamp: String(now()),
		logged_in_customer_id: customer, ...more});
	const proxy = (more, secret = SECRET) =>
		get(`?${proxy_query(secret, params(more))}`);

	equal([(await proxy()).status, String((await proxy()).available)],
		[200, due], 'through the app proxy');
	equal((await proxy({logged_in_customer_id: ''})).logged_in, false,
		'nobody is logged in');
	equal((await proxy({logged_in_customer_id: '424242'})).available, 0,
		'a customer without points');
	equal((await proxy({}, 'another')).status, 401, 'another signature');
	equal((await proxy({timestamp: String(now() - 600)})).status, 401,
		'an old one');
	equal((await proxy({timestamp: String(now() + 600)})).status, 401,
		'one from the future');
	equal((await proxy({shop: 'other.myshopify.com'})).status, 401,
		'an unknown shop');
	const query = proxy_query(SECRET, params());

	equal((await get(`?${query}&logged_in_customer_id=424242`)).status !==
		200, true, 'a second customer behind the first');
	equal((await get(`?${query.replace(customer, '424242')}`)).status, 401,
		'a customer that was exchanged');
	equal((await get(`?${query.replace(/&?signature=[^&]*/, '')}`)).status !==
		200, true, 'no signature');

	// ---- Shopify's own library agrees, where it is installed -----------
	const library = await import('../fakes/sign_oracle.mjs')
		.catch(() => null);

	for (const [more, secret] of library === null ? [] : [[{}, SECRET],
		[{}, 'another'], [{timestamp: String(now() - 600)}, SECRET],
		[{extra: ['b', 'a']}, SECRET], [{'ümlaut &=': '+ %20é'}, SECRET],
		[{logged_in_customer_id: ''}, SECRET]]) {
		const q = proxy_query(secret, params(more));
		const verdict = await library.proxy_verdict(SECRET, q);

		equal((await get(`?${q}`)).status === 200, verdict === 'valid',
			`${JSON.stringify(more)}: ${verdict}, says the library`);
	}

	// ---- WooCommerce's token ------------------------------------------
	const KEY = store_key(stores.woocommerce, 'storefront');
	const claims = (more = {}) => ({iss: 'generated.example', sub: buyer,
		iat: now(), exp: now() + 60, aud: 'loyald', ...more});
	const bearer = (token) => get('', {Authorization: `Bearer ${token}`});

	const good = await bearer(jwt(KEY, claims()));

	equal([good.status, String(good.available)], [200, owed],
		'with a token');
	equal((await bearer(jwt(KEY, claims({iss:
		String(stores.woocommerce.store_id)})))).status, 200,
	'that names the store by number');
	for (const [what, token] of [
		['signed by another', jwt('another', claims())],
		['expired', jwt(KEY, claims({exp: now() - 60}))],
		['for a day', jwt(KEY, claims({exp: now() + 86400}))],
		['without an end', jwt(KEY, claims({exp: undefined}))],
		['for somebody else\'s service', jwt(KEY,
			claims({aud: 'elsewhere'}))],
		['of an unknown store', jwt(KEY,
			claims({iss: 'nowhere.example'}))],
		['with alg none', jwt(KEY, claims(), {alg: 'none'})
			.replace(/\.[^.]*$/, '.')],
		['with alg RS256', jwt(KEY, claims(), {alg: 'RS256'})],
		['that is garbage', 'a.b.c'], ['that is nothing', '']])
		equal((await bearer(token)).status, 401, `a token ${what}`);
	equal((await get('')).status, 401, 'nothing at all');

	// ---- and no more --------------------------------------------------
	const url = w.roles.get('serve').url;

	equal((await fetch(`${url}/v1/balance`, {method: 'POST', body: ''}))
		.status, 405, 'POST');
	equal((await fetch(`${url}/v1/members`)).status, 404, 'another path');
	check(!(await proxy()).text.includes('@'), 'no address in an answer');
	await w.stop('serve');
	check(!w.log_of('serve').includes(SECRET), 'no secret in its log');
});
