// SPDX-License-Identifier: MIT
//
// `store add`, `store set` and `store check` test a shop's API address and
// token, and tell everything that is right, and each thing that can be wrong.
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import {join} from 'node:path';
import {POINTS} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const OK = /^ok/m, WRONG = /^wrong/m, WARNING = /^warning/m;
const KEYS = [{key: 'ck_fake', secret: 'cs_fake', permissions: 'read_write'},
	{key: 'ck_read', secret: 'cs_read', permissions: 'read'},
	{key: 'ck_write', secret: 'cs_write', permissions: 'write'},
	{key: 'ck_clerk', secret: 'cs_clerk', permissions: 'read_write',
		role: 'customer'}];

// A server that always answers the same; [url, requests it got].
async function server_new(t, {status = 200, headers = {}, body = ''}, tls)
{
	const got = [];
	const answer = (request, response) => {
		got.push({url: request.url, headers: request.headers});
		request.resume();
		if (status !== 0)
			response.writeHead(status, headers).end(body);
	};
	const server = tls ? https.createServer(tls, answer) :
		http.createServer(answer);

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.push(server);
	return {got, url: `${tls ? 'https' : 'http'}://127.0.0.1:` +
		server.address().port};
}

const servers = [];

await scenario(async ({w, check, equal, fake}) => {
	const file = (name, text) => {
		const path = join(w.dir, name);

		writeFileSync(path, `${text}\n`, {mode: 0o600});
		return path;
	};
	const secret = file('secret', 'a secret of the webhooks');
	let nth = 0;
	const set = (id, args, env) => w.run(['store', 'set', '--store',
		String(id), ...args], {env});
	const ask = (id, args = [], env = {}) => w.run(['store', 'check',
		'--store', String(id), ...args], {env});
	const add = (platform, url, token, args = []) => w.run(['store',
		'add', '--platform', platform, '--domain',
		args.includes('--domain') ? args[args.indexOf('--domain') + 1] :
			`s${++nth}.example`,
		'--currency', 'EUR', '--timezone', 'Europe/Berlin',
		'--program', POINTS, '--webhook-secret-file', secret,
		'--api-url', url, '--api-token-file', file('token', token),
		...args.filter((a, i) => a !== '--domain' &&
			args[i - 1] !== '--domain')]);
	const id_of = (done) => Number(/store (\d+) of tenant/
		.exec(done.stdout)?.[1]);

	// ---- a shop as it should be -------------------------------------
	const woo = await fake('woocommerce', {keys: KEYS});
	const shopify = await fake('shopify');
	const added = await add('woocommerce', woo.url, 'ck_fake:cs_fake',
		['--domain', 'generated.example']);
	const store = id_of(added);

	equal(added.status, 0, 'a store is added');
	check(OK.test(added.stdout) && !WRONG.test(added.stdout) &&
		!WARNING.test(added.stdout), 'and nothing is wrong');
	for (const what of ['"Fake shop"', 'generated.example', 'EUR',
		'Europe/Berlin', 'may write balances'])
		check(added.stdout.includes(what), `it says ${what}`);
	for (const topic of ['order.created', 'order.deleted',
		'order.restored', 'customer.deleted', 'product.restored'])
		check(new RegExp(`^${topic} +\\S+ +/webhooks/\\S+$`, 'm')
			.test(added.stdout), `and the address of ${topic}`);

	const show = async (url) => (await w.run(['store', 'show', '--store',
		String(store)], {env: {LOYALD_PUBLIC_URL: url}})).stdout;
	const whole = (text, at) => new RegExp(`^order\\.restored +\\S+ +${
		at}/webhooks/[\\w-]{40,} `, 'm').test(text);
	const long = 'https://loyalty.an-operator-with-a-long-name.example:8443';

	check(whole(await show(''), ''), 'store show has paths');
	check(whole(await show(long), long), 'and whole addresses');
	check(whole(await show(`${long}//`), long), 'with one slash');

	const s = await add('shopify', shopify.url, 'shpat_fake',
		['--domain', 'generated.myshopify.com']);
	const shop = id_of(s);

	check(s.status === 0 && OK.test(s.stdout) && !WRONG.test(s.stdout) &&
		!WARNING.test(s.stdout), 'nor of a Shopify store');
	check(/write_customers/.test(s.stdout), 'its token has the scope');
	equal((await ask(store)).status, 0, 'asked again: 0');
	equal((await ask(shop)).status, 0, 'of Shopify too');

	const {check: told} = JSON.parse((await ask(shop, ['--json'])).stdout);

	equal([told.ok, told.findings.map((f) => f.kind)],
		[true, ['ok', 'ok']], 'for programs too');
	for (const f of [woo, shopify]) {
		const state = f.store('default');

		equal([state.counted.refused_count, state.counted.applied],
			[0, 0], `${f.name ?? 'a shop'} was asked what there ` +
			'is, and nothing was changed');
	}

	// ---- what is not as the operator told ----------------------------
	const expect = async (what, done, status, ...wanted) => {
		const out = (await done).stdout + (await done).stderr;

		equal((await done).status, status, `${what}: exit status`);
		for (const text of wanted)
			if (!check(text instanceof RegExp ? text.test(out) :
				out.includes(text), `${what}: says ${text}`))
				process.stdout.write(`${out}\n`);
		check(!/cs_|shpat_|Basic /.test(out.replace(
			/shpat_\.\.\./g, '')), `${what}: and no token`);
		return done;
	};

	Object.assign(woo.store('default').config, {currency: 'USD',
		timezone: 'America/New_York', home: 'https://other.example/x'});
	await expect('another currency, zone and name', ask(store), 0,
		/warning .*USD.*EUR/, /warning .*America\/New_York/,
		/warning .*other\.example/);
	Object.assign(woo.store('default').config, {currency: 'EUR',
		timezone: '', home: 'https://generated.example'});
	await expect('hours instead of a city', ask(store), 0,
		/warning .*UTC\+2/);
	woo.store('default').config.timezone = 'Europe/Berlin';
	Object.assign(shopify.store('default').config,
		{currency: 'USD', timezone: 'America/New_York'});
	await expect('the same of Shopify', ask(shop), 0,
		/warning .*USD.*EUR/, /warning .*America\/New_York/);
	Object.assign(shopify.store('default').config, {currency: 'EUR',
		timezone: 'Europe/Berlin', domain: 'other.myshopify.com'});
	await expect('another shop', ask(shop), 1,
		/wrong .*other\.myshopify\.com.*generated\.myshopify\.com/);
	shopify.store('default').config.domain = 'generated.myshopify.com';

	// ---- tokens -------------------------------------------------------
	const key = (pair) => set(store, ['--api-token-file',
		file('token', pair)]);

	await expect('a wrong secret', key('ck_fake:cs_other'), 0,
		/wrong .*does not take the signature/, 'store check --store');
	await expect('asked again', ask(store), 1,
		/does not take the signature/);
	await expect('an unknown key', key('ck_no:cs_no'), 0,
		/wrong .*does not take the signature .*clocks .*Site Address/);
	await expect('a key that may only read', key('ck_read:cs_read'), 0,
		/wrong .*Read\/Write/);
	await expect('a key that may only write', key('ck_write:cs_write'), 0,
		/ok .*may write/, /warning .*currency/);
	await expect("a key of somebody's", key('ck_clerk:cs_clerk'), 0,
		/wrong .*user may not change customers/);
	await expect('the right one again', key('ck_fake:cs_fake'), 0,
		/ok .*may write/);

	// A signature is good for one call: curl must not repeat it, as it
	// would on a connection that was used before.
	const {counted} = woo.store('default'), refused = counted.refused_count;

	for (const times of [1, 2]) {
		woo.store('default').add_faults([{kind: 'slow', ms: 0, times},
			{kind: 'reply-lost'}]);
		await expect(`an answer that is lost after ${times}`,
			ask(store), 1, /wrong .*does not answer/);
		equal(counted.refused_count, refused,
			'is not asked for again');
	}
	await expect('not asked', set(store, ['--no-check', '--api-token-file',
		file('token', 'ck_no:cs_no')]), 0, /^store \d+ is changed: API token\n$/);
	await key('ck_fake:cs_fake');

	const token = (text) => set(shop, ['--api-token-file',
		file('token', text)]);

	await expect('a wrong token', token('shpat_other'), 0,
		/wrong .*does not take the token \(401\)/);
	await expect('the right one', token('shpat_fake'), 0, /^ok/m);
	shopify.store('default').config.scopes = ['read_customers'];
	await expect('a token without the scope', ask(shop), 1,
		/wrong .*lacks the scope write_customers/);

	// ---- a token that lasts a day -----------------------------------
	Object.assign(shopify.store('default').config, {token: 'shpat_daily',
		client: {id: 'app', secret: 'secret'}, scopes:
			['write_customers']});
	await expect('the token of yesterday', ask(shop), 1,
		/wrong .*after 24 hours, but with the app itself/);
	await expect('a secret that is not the app\'s', token('app:no'), 0,
		/gives no token: invalid_client/);
	await expect('an app in place of the token', token('app:secret'), 0,
		/ok .*write_customers/);

	// ---- addresses ----------------------------------------------------
	const at = (url, env) => set(store, ['--api-url', url], env);
	const closed = 'http://127.0.0.1:1';
	const html = await server_new(servers, {headers: {'Content-Type':
		'text/html'}, body: '<html>Coming soon</html>'});
	const away = await server_new(servers, {status: 301, headers: {Location:
		'https://www.shop.example/wp-json/?_fields=name'}});
	const missing = await server_new(servers, {status: 404, body: 'no'});
	const firewall = await server_new(servers, {status: 403, body: 'no'});
	const trouble = await server_new(servers, {status: 503, body: 'no'});
	const silent = await server_new(servers, {status: 0});
	const pem = (n) => join(w.dir, `${n}.pem`);

	execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048',
		'-nodes', '-subj', '/CN=127.0.0.1', '-keyout', pem('key'),
		'-days', '1', '-out', pem('cert')], {stdio: 'ignore'});
	const self = await server_new(servers, {}, {
		key: readFileSync(pem('key')), cert: readFileSync(pem('cert'))});

	await expect('no name', at('https://shop.invalid',
		{LOYALD_PUSH_TIMEOUT_MS: '2000'}), 0,
	/wrong .*shop\.invalid does not answer/, 'store check --store');
	await expect('nobody there', at(closed), 0,
		/wrong .*nobody takes a connection/);
	await expect('an answer that does not come', at(silent.url,
		{LOYALD_PUSH_TIMEOUT_MS: '300'}), 0,
	/wrong .*longer than LOYALD_PUSH_TIMEOUT_MS/);
	await expect('a certificate that nobody vouches for', at(self.url), 0,
		/wrong .*certificate/);
	await expect('another address', at(away.url), 0,
		/wrong .*sends on to https:\/\/www\.shop\.example \(301\)/);
	await expect('a page', at(html.url), 0, /wrong .*Permalinks/);
	await expect('nothing', at(missing.url), 0,
		/wrong .*404.*Permalinks/);
	await expect('a firewall', at(firewall.url), 0,
		/wrong .*403.*firewall/);
	await expect('trouble', at(trouble.url), 0,
		/wrong .*503.*maintained/);
	equal(away.got.map((r) => r.headers.authorization), [undefined],
		'whoever sends on gets no token');
	equal(silent.got.length, 1, 'nor another call who is silent');
	equal(html.got.length, 3, 'the rest is asked all there is');
	for (const url of [closed, 'https://shop.invalid'])
		equal((await set(shop, ['--api-url', url],
			{LOYALD_PUSH_TIMEOUT_MS: '2000'})).stdout.match(
			/^wrong/gm)?.length, 1, `${url}: one sentence, once`);
	for (const [server, wanted] of [[away, /301/], [html, /JSON/],
		[missing, /404.*myshopify\.com/], [firewall, /403/],
		[trouble, /503/]])
		await expect(`the same of Shopify, ${server.url}`,
			set(shop, ['--api-url', server.url]), 0, /wrong /,
			wanted);

	// ---- nothing is lost by adding -------------------------------------
	const lost = await add('woocommerce', closed, 'ck_fake:cs_fake');

	check(lost.status === 0 && id_of(lost) > 0 && WRONG.test(lost.stdout),
		'a store is added though its shop is away');
	const hanging = await server_new(servers, {status: 0});
	const cut = await w.run(['store', 'add', '--platform', 'woocommerce',
		'--domain', 'hanging.example', '--currency', 'EUR',
		'--timezone', 'Europe/Berlin', '--program', POINTS,
		'--webhook-secret-file', secret, '--api-url', hanging.url,
		'--api-token-file', file('token', 'ck_fake:cs_fake')],
	{timeout: 3000, killSignal: 'SIGKILL'});

	check(cut.status === 'SIGKILL' && id_of(cut) > 0 &&
		/^order\.deleted /m.test(cut.stdout),
	'the addresses are printed before a shop that hangs is asked');
	const json = await add('woocommerce', closed, 'ck_fake:cs_fake',
		['--json']);

	equal(JSON.parse(json.stdout).check.ok, false, 'programs are told');
	equal(JSON.parse((await add('woocommerce', closed, 'ck_fake:cs_fake',
		['--json', '--no-check'])).stdout).check, null,
	'or that nobody asked');

	const none = await w.store_add({platform: 'woocommerce',
		domain: 'none.example'});

	await expect('a store without an API', ask(none.store_id), 1,
		/has no API address/);
	equal((await ask(999)).status, 1, 'there is no store 999');
});
for (const server of servers) {
	server.closeAllConnections();
	server.close();
}
