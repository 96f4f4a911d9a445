// SPDX-License-Identifier: MIT
//
// scenario: what the numbered scenarios share.
//
//	await scenario(async ({w, check, equal, fake}) => { ... })
//
// runs one with a world (support/world.mjs) and prints a line "ok" or "not
// ok" for everything checked; after a failure, the end of every log.
//	check(ok, what)            true?
//	equal(found, expected, what)    the same, as JSON?
//	await fake('shopify', config)   a platform; closed at the end
//	await step(what, async () => {})  a failure is told by what
import {isDeepStrictEqual} from 'node:util';
import {join} from 'node:path';
import {shopify_start} from '../fakes/shopify.mjs';
import {woocommerce_start} from '../fakes/woocommerce.mjs';
import {url_for} from '../support/deliver.mjs';
import {points_of} from '../support/oracle.mjs';
import {differences, until, without_zeros, world_new} from
	'../support/world.mjs';

const START = {shopify: shopify_start, woocommerce: woocommerce_start};
const TOKEN = {shopify: 'shpat_fake', woocommerce: 'ck_fake:cs_fake'};
const DOMAIN = {shopify: 'generated.myshopify.com',
	woocommerce: 'generated.example'};
const TOLD = 20;		// differences, of many

export async function scenario(body, {env = {}} = {})
{
	const w = world_new({dir: join(process.env.SERVICES_DIR, 'loyald'),
		env});
	const fakes = [];
	let failed = 0;
	const check = (ok, what) => {
		process.stdout.write(`${ok ? 'ok' : 'not ok'} ${what}\n`);
		failed += ok ? 0 : 1;
		return ok;
	};
	const equal = (found, expected, what) => {
		const same = isDeepStrictEqual(found, expected);

		return check(same, same ? what : `${what}: expected ` +
			`${JSON.stringify(expected)}, found ` +
			JSON.stringify(found));
	};
	const fake = async (platform, config = {}) => {
		const f = await START[platform]({config});

		fakes.push(f);
		return f;
	};
	// A store of the platform, on a fake if one is given.
	const store = (platform, options = {}, f = null) => w.store_add({
		platform, domain: DOMAIN[platform],
		...(f ? {api_url: f.url, token: TOKEN[platform]} : {}),
		...options});
	// The ledger's balances against the oracle's.
	const balances = async (deliveries, stores, what) => {
		const expected = points_of(deliveries).stores;
		const found = await w.balances();
		const wrong = Object.entries(stores).flatMap(([name, s]) =>
			differences(name,
				without_zeros(expected[name]?.members ?? {}),
				found[s.store_id] ?? {}));

		wrong.slice(0, TOLD).forEach((l) => process.stdout.write(
			`${l}\n`));
		check(wrong.length === 0, what);
		return expected;
	};
	const verified = async (what = 'verify finds nothing wrong') => {
		const v = await w.verify();

		v.problems.forEach((p) => process.stdout.write(
			`${JSON.stringify(p)}\n`));
		check(v.ok === true && v.status === 0, what);
		return v;
	};

	try {
		await w.key_new();
		await body({w, check, equal, fake, store, balances, verified,
			until});
	} catch (e) {
		check(false, e.stack);
	}
	await w.close();
	for (const [name, role] of w.roles) {
		if (role.status !== 0 && role.status !== 'SIGKILL')
			check(false, `${name} ended with status ${role.status}`);
		if (failed > 0)
			process.stdout.write(`--- ${name}.log\n` +
				`${w.log_end(name, 40)}\n`);
	}
	await Promise.all(fakes.map((f) => f.close()));
	process.exitCode = failed > 0 ? 1 : 0;
}

// To a URL, or to a store at the address of the topic that the headers name.
export async function post(to, {headers = {}, body = '', method = 'POST'} =
{})
{
	const answer = await fetch(url_for(to, headers), {method, headers,
		...(method === 'GET' ? {} : {body})});

	return {status: answer.status, headers: answer.headers,
		text: await answer.text()};
}
