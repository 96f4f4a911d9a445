// SPDX-License-Identifier: MIT
//
// fake: what the test doubles of both platforms have in common: an HTTP
// server with any number of stores, faults on demand, and a look inside.
//
//	const f = await fake_start(platform, {port: 0, config: {...}})
//	f.url, f.store(name), f.close()
//
// The platform is reached at f.url; each path prefix /s/NAME is a store of
// its own, everything else is the store "default".  `platform` is
//	{name, new_store(config), answer(store, request) -> answer,
//	 operations(request) -> names of what it asks for,
//	 state(store) -> object, configure(store, config)}
// where a request is {method, path, query, target, headers, body: Buffer};
// target is the path with all that the client asked for; and an answer is {status, headers, body}.
//
// Control (JSON in, JSON out; ?store=NAME for other than "default"):
//	GET    /__fake/healthz
//	GET    /__fake/state      everything, of all stores without ?store=
//	POST   /__fake/config     merges; the options of each platform, and
//	                          latency_ms: every answer takes that long
//	                          webhook: {url, secret, ...} or null
//	POST   /__fake/faults     a fault or a list: added to the plan
//	DELETE /__fake/faults     plan forgotten
//	POST   /__fake/reset      the store as it was at the start
//	POST   /__fake/use        a shopper uses a code: see each platform
//
// A fault is {kind, times = 1} or {kind, rate, seed} (that share of all
// requests from now on).  With `match`, an operation or a list of them, it is
// for those requests alone; with `skip` it lets that many of them pass first.
// Operations are the fields of a GraphQL document ("discountCodeBasicCreate"),
// and method and path of REST with ID for numbers ("DELETE coupons/ID").  Kinds:
//	status      {status, retry_after, body, type}: answered, not applied:
//	            500 (default), 429, 430, ..., HTML unless `type` says other
//	drop        connection closed before anything is applied
//	reset       the same, reset (RST)
//	timeout     {ms = 60000} no answer at all, not applied
//	slow        {ms} waits, then applies and answers, even if the client
//	            has gone: so an old write may land after a newer one
//	reply-lost  applied, then the connection is cut without an answer
//	half-reply  applied, then cut in the middle of the answer
//	throttle    {status} the platform's own way to say "too fast"; Shopify's
//	            THROTTLED comes with 200 or 429
//
// Counted per store: calls, answers by status, in_flight_max (the
// concurrency high-water mark), applied (items that were set), stale (an
// older version that overwrote a newer one), refused (what a real platform
// would have refused or thrown away; the last 200).
import http from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {random_new} from '../support/random.mjs';

const BODY_MAX = 10 * 1024 * 1024;
const REFUSED_KEPT = 200;
const STALE_KEPT = 200;
const ECHO_TIMEOUT_MS = 10000;

class Store {
	constructor(name, platform, config)
	{
		this.name = name;
		this.platform = platform;
		this.initial = structuredClone(config);
		this.in_flight = 0;
		this.echoing = false;
		this.reset();
	}

	reset()
	{
		this.config = structuredClone(this.initial);
		this.counted = {calls: 0, answers: {},
			in_flight_max: this.in_flight, applied: 0,
			stale_count: 0, refused_count: 0, faults_used: 0};
		this.stale = [];
		this.refused = [];
		this.faults = [];
		this.echoes = {queued: 0, sent: 0, failed: 0, answers: {}};
		this.echo_queue = [];
		this.data = this.platform.new_store(this.config);
	}

	configure(config)
	{
		Object.assign(this.config, config);
		this.platform.configure?.(this, config);
	}

	// Something a real platform would not have taken.
	refuse(why, what)
	{
		this.counted.refused_count++;
		this.refused.push({why, ...what});
		if (this.refused.length > REFUSED_KEPT)
			this.refused.shift();
	}

	// Told of every value that was set; finds old over new.
	applied(customer, key, before, after)
	{
		const had = version_of(key, before);
		const got = version_of(key, after);

		this.counted.applied++;
		if (had === null || got === null || got >= had)
			return;
		this.counted.stale_count++;
		this.stale.push({customer, key, had: String(had),
			got: String(got), at: new Date().toISOString()});
		if (this.stale.length > STALE_KEPT)
			this.stale.shift();
	}

	add_faults(list)
	{
		for (const f of [].concat(list)) {
			if (!FAULTS.has(f.kind))
				throw new RangeError(
					`no such fault: ${f.kind}`);
			this.faults.push({times: 1, ...f,
				random: f.rate === undefined ? null :
					random_new(f.seed ?? 1)});
		}
	}

	next_fault(operations)
	{
		for (const f of this.faults) {
			if (f.match !== undefined && ![].concat(f.match).some(
				(m) => operations.includes(m)))
				continue;
			if (f.skip > 0) {
				f.skip--;
				continue;
			}
			if (f.random ? f.random() >= f.rate : f.times <= 0)
				continue;
			if (!f.random)
				f.times--;
			this.faults = this.faults.filter(
				(x) => x.random || x.times > 0);
			this.counted.faults_used++;
			return f;
		}
		return null;
	}

	// Webhooks the platform sends because of what was set, one at a time
	// as WooCommerce does.  `make` gives {headers, body} when it is due.
	echo(make)
	{
		if (!this.config.webhook?.url)
			return;
		this.echoes.queued++;
		this.echo_queue.push(make);
		if (!this.echoing)
			this.echo_run();
	}

	async echo_run()
	{
		this.echoing = true;
		while (this.echo_queue.length > 0 && this.config.webhook?.url) {
			const {headers, body} =
				this.echo_queue.shift()(this.config.webhook);
			const echoes = this.echoes;

			try {
				const status = await post(
					this.config.webhook.url, headers, body);
				echoes.sent++;
				echoes.answers[status] =
					(echoes.answers[status] ?? 0) + 1;
			} catch {
				echoes.failed++;
			}
		}
		this.echoing = false;
	}

	state()
	{
		return {platform: this.platform.name, ...this.counted,
			in_flight: this.in_flight,
			stale: this.stale, refused: this.refused,
			faults: this.faults.map(({random, ...f}) => f),
			echoes: {...this.echoes,
				waiting: this.echo_queue.length},
			...this.platform.state(this)};
	}
}

const FAULTS = new Set(['status', 'drop', 'reset', 'timeout', 'slow', 'reply-lost',
	'half-reply', 'throttle']);

// The version a pushed value carries: a member `version` of an object, or
// the whole value of a key that is named so.  null: none.
export function version_of(key, value)
{
	let v = value;

	if (v === undefined || v === null)
		return null;
	if (typeof v === 'string' && v.startsWith('{')) {
		try {
			v = JSON.parse(v);
		} catch {
			return null;
		}
	}
	if (typeof v === 'object')
		v = v.version ?? null;
	else if (!/(^|[._-])version$/.test(key))
		return null;
	return v !== null && /^-?\d+$/.test(String(v)) ? BigInt(v) : null;
}

function post(url, headers, body)
{
	return new Promise((resolve, reject) => {
		const request = http.request(url, {method: 'POST', headers,
			agent: false, timeout: ECHO_TIMEOUT_MS}, (answer) => {
			answer.resume();
			answer.on('end', () => resolve(answer.statusCode));
			answer.on('error', reject);
		});
		request.on('timeout', () => request.destroy(
			new Error('timeout')));
		request.on('error', reject);
		request.end(body);
	});
}

async function read_body(request)
{
	const parts = [];
	let size = 0;

	for await (const part of request) {
		size += part.length;
		if (size > BODY_MAX)
			return null;
		parts.push(part);
	}
	return Buffer.concat(parts);
}

export function json_answer(status, value, headers = {})
{
	return {status, headers: {'Content-Type':
		'application/json; charset=UTF-8', ...headers},
		body: JSON.stringify(value)};
}

async function control(stores, get_store, request, url, body)
{
	const name = url.searchParams.get('store');
	const store = get_store(name ?? 'default');
	const what = `${request.method} ${url.pathname.slice(8)}`;
	const given = () => JSON.parse(body.toString() || '{}');

	switch (what) {
	case 'GET healthz':
		return json_answer(200, {ok: true});
	case 'GET state':
		return json_answer(200, name !== null ? store.state() :
			{stores: Object.fromEntries([...stores].map(
				([n, s]) => [n, s.state()]))});
	case 'POST config':
		store.configure(given());
		return json_answer(200, {ok: true});
	case 'POST faults':
		store.add_faults(given());
		return json_answer(200, {ok: true});
	case 'DELETE faults':
		store.faults = [];
		return json_answer(200, {ok: true});
	case 'POST use':
		return json_answer(200, store.platform.use(store, given()));
	case 'POST reset':
		store.reset();
		return json_answer(200, {ok: true});
	}
	return json_answer(404, {error: `no control ${what}`});
}

function send(response, answer, half = false)
{
	const body = Buffer.from(answer.body ?? '');

	if (response.destroyed || response.socket === null)
		return;
	response.writeHead(answer.status,
		{...answer.headers, 'Content-Length': body.length});
	if (!half) {
		response.end(body);
		return;
	}
	response.write(body.subarray(0, body.length >> 1),
		() => response.destroy());
}

async function serve_store(store, request, response, path, query)
{
	const body = await read_body(request);
	const ask = {method: request.method, path, query, target: request.url,
		headers: request.headers, body: body ?? Buffer.alloc(0)};
	const fault = store.next_fault(store.platform.operations(ask));
	const finish = (answer, half) => {
		store.counted.answers[answer.status] =
			(store.counted.answers[answer.status] ?? 0) + 1;
		send(response, answer, half);
	};

	if (body === null)
		return finish(json_answer(413, {errors: 'too large'}));
	if (store.config.latency_ms > 0)
		await sleep(store.config.latency_ms);
	switch (fault?.kind) {
	case 'status':
		return finish({status: fault.status ?? 500, headers: {
			'Content-Type': fault.type ?? 'text/html',
			...(fault.retry_after === undefined ? {} :
				{'Retry-After': String(fault.retry_after)})},
			body: fault.body ?? '<html><body>error</body></html>'});
	case 'drop':
		return response.destroy();
	case 'reset':
		return request.socket.resetAndDestroy();
	case 'timeout':
		await sleep(fault.ms ?? 60000, null, {ref: false});
		return response.destroy();
	case 'slow':
		await sleep(fault.ms ?? 1000);
		break;
	case 'throttle':
		return finish(store.platform.throttled(store, ask, fault));
	}

	const answer = await store.platform.answer(store, ask);

	if (fault?.kind === 'reply-lost')
		return response.destroy();
	return finish(answer, fault?.kind === 'half-reply');
}

export async function fake_start(platform, {port = 0, host = '127.0.0.1',
	config = {}} = {})
{
	const stores = new Map();
	const get_store = (name) => {
		if (!stores.has(name))
			stores.set(name, new Store(name, platform,
				{...platform.config, ...config}));
		return stores.get(name);
	};
	const handle = async (request, response) => {
		const url = new URL(request.url, 'http://fake');
		const [, name, rest] =
			/^\/s\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];

		if (url.pathname.startsWith('/__fake/')) {
			const body = await read_body(request);
			return send(response, await control(stores, get_store,
				request, url, body));
		}
		const store = get_store(name ?? 'default');
		let counted = true;
		const gone = () => {
			store.in_flight -= counted ? 1 : 0;
			counted = false;
		};

		// A client that gave up and asks again does so on a new
		// connection; let the end of the old one be seen first.
		await new Promise((r) => setImmediate(() => setImmediate(r)));
		store.counted.calls++;
		store.in_flight++;
		store.counted.in_flight_max = Math.max(
			store.counted.in_flight_max, store.in_flight);
		if (response.destroyed)
			gone();
		response.on('close', gone);
		response.on('finish', gone);
		await serve_store(store, request, response,
			rest ?? url.pathname, url.searchParams);
	};
	const server = http.createServer((request, response) => {
		handle(request, response).catch((e) => {
			// A client that went away is no fault of the fake.
			if (response.destroyed || request.socket.destroyed)
				return;
			const asked_wrongly = e instanceof SyntaxError ||
				e instanceof RangeError;

			send(response, json_answer(asked_wrongly ? 400 : 500,
				{error: e.message}));
			if (!asked_wrongly)
				process.stderr.write(`fake: ${e.stack}\n`);
		});
	});

	server.keepAliveTimeout = 30000;
	get_store('default');
	await new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, resolve);
	});
	return {
		url: `http://${host}:${server.address().port}`,
		store: get_store,
		close: () => new Promise((resolve) => {
			server.close(resolve);
			server.closeAllConnections?.();
		}),
	};
}

// Runs a fake as a process: [PORT] [CONFIG-FILE]; one JSON line with its
// address on stdout; ends on SIGTERM, SIGINT, or when FAKE_STDIN=1 and its
// stdin is closed (so that it does not outlive a script that was killed).
export async function fake_main(platform, start)
{
	const {readFileSync} = await import('node:fs');
	const [port, file] = process.argv.slice(2);
	const config = file ? JSON.parse(readFileSync(file, 'utf8')) : {};
	const f = await start({port: Number(port ?? 0), config});
	const stop = () => process.exit(0);

	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
	if (process.env.FAKE_STDIN === '1')
		process.stdin.on('end', stop).resume();
	process.stdout.write(JSON.stringify({url: f.url, platform:
		platform.name, strict: platform.strict?.() ?? false}) + '\n');
}
