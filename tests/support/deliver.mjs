#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// deliver: sends deliveries as a platform does, many at a time, and counts
// the answers.
//
//	deliver(deliveries, options) -> {sent, ok, answers, unanswered,
//	                                 seconds, results}
//	replay_http(files, store, options) -> the same, for recorded .http
//	                                 files: every byte as it was, but for
//	                                 the path and the Host
//	topic_of(headers)                 the topic they name; "event" for
//	                                 what is signed as an event
//	url_for(store, headers)           where such a delivery goes
//
// Options, with their defaults:
//	urls         {store: STORE}, or one of them: where a store's webhooks
//	             go, a store of world.mjs, which has an address for each
//	             topic, or one URL for all (deliver only)
//	concurrency  16 connections, kept alive
//	retries      0: how often again, when there was no answer or it was
//	             429 or 5xx; retry_ms (250) between tries, doubling up to
//	             5 s
//	timeout_ms   5000 for the whole request, as Shopify has it
//	rate         deliveries a second at most; none
//	progress     null, or a stream (process.stderr) for a progress line
//	label        'delivered', in front of it
//	on_answer    (delivery, result, index) called for each when it is over
//	stop         an AbortSignal: what was not begun is left out
//
// A result is {status, tries, sent_at, answered_at} (milliseconds since
// 1970), status 0 without an answer, null if left out; `results` has the
// order of what was given; of deliveries about one thing each is sent when
// the one before is over.  A deletion counts from when it was received: give
// answered_at to the oracle.
//
// As a program:
//	node deliver.mjs [--concurrency N] [--retries N] [--rate N]
//	    [--shopify URL] [--woocommerce URL] PATH...
// sends .jsonl files and .http files or folders of them (the latter to
// --woocommerce), prints the counts as JSON; exit 0 if all were answered
// with 2xx.
import http from 'node:http';
import net from 'node:net';
import {readFileSync, readdirSync, statSync} from 'node:fs';
import {basename, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';

const DEFAULTS = {concurrency: 16, retries: 0, retry_ms: 250,
	timeout_ms: 5000, rate: null, progress: null, label: 'delivered',
	on_answer: null, stop: null};
const RETRY_MS_MAX = 5000;
const PROGRESS_MS = 250;

export function topic_of(headers)
{
	const of = Object.fromEntries(Object.entries(headers)
		.map(([k, v]) => [k.toLowerCase(), v]));

	return of['x-loyald-hmac-sha256'] !== undefined ? 'event' :
		of['x-shopify-topic'] ?? of['x-wc-webhook-topic'];
}

export const url_for = (to, headers) => typeof to === 'string' ? to :
	to.at(topic_of(headers));

function post(agent, url, delivery, timeout_ms)
{
	const body = Buffer.from(delivery.body);

	return new Promise((resolve) => {
		const request = http.request(url, {method: 'POST', agent,
			headers: {...delivery.headers,
				'Content-Length': body.length}}, (answer) => {
			answer.resume();
			answer.on('end', () => resolve(answer.statusCode));
			answer.on('error', () => resolve(0));
		});
		const timer = setTimeout(() => request.destroy(), timeout_ms);

		request.on('close', () => {
			clearTimeout(timer);
			resolve(0);
		});
		request.on('error', () => resolve(0));
		request.end(body);
	});
}

const is_final = (status) => status !== 0 && status !== 429 && status < 500;

async function send_one(send, delivery, o)
{
	const result = {status: 0, tries: 0, sent_at: Date.now(),
		answered_at: 0};
	let wait = o.retry_ms;

	for (;;) {
		result.tries++;
		result.status = await send(delivery);
		result.answered_at = Date.now();
		if (is_final(result.status) || result.tries > o.retries ||
		    o.stop?.aborted)
			return result;
		await sleep(wait);
		wait = Math.min(wait * 2, RETRY_MS_MAX);
	}
}

function progress_new(o, total)
{
	let last = 0, tenth = 0;

	return (done, counts, end = false) => {
		const text = `${o.label} ${done}/${total}  ` + Object.entries(
			counts).map(([s, n]) => `${s}: ${n}`).join('  ');

		if (!o.progress)
			return;
		if (o.progress.isTTY) {
			if (!end && Date.now() - last < PROGRESS_MS)
				return;
			last = Date.now();
			o.progress.write(`\r${text}${end ? '\n' : ''}`);
		} else if (end || Math.floor(done * 10 / total) > tenth) {
			tenth = Math.floor(done * 10 / total);
			o.progress.write(`${text}\n`);
		}
	};
}

// Names the thing that a delivery is about: an order and its refunds are one.
function about(d)
{
	try {
		const {order_id, id} = JSON.parse(d.body);

		return `${d.store ?? d.platform} ${order_id ?? id}`;
	} catch {
		return null;
	}
}

// As from a shop, no delivery overtakes one about the same thing: what was
// deleted and then restored would end in either of two ways.
function in_turn(send)
{
	const last = new Map();

	return (d) => {
		const key = about(d), before = last.get(key);
		const now = Promise.resolve(before).then(() => send(d));

		if (key !== null)
			last.set(key, now.catch(() => {}));
		return now;
	};
}

// The common part: a number of lanes take from the list in turn.
async function send_all(list, send, o)
{
	const results = new Array(list.length).fill(null);
	const answers = {}, began = Date.now();
	const progress = progress_new(o, list.length);
	let next = 0, done = 0, told = -1;
	const one = in_turn((item) => send_one(send, item, o));
	const lane = async () => {
		while (next < list.length && !o.stop?.aborted) {
			const i = next++;

			if (o.rate) {
				const due = began + i * 1000 / o.rate;

				if (due > Date.now())
					await sleep(due - Date.now());
			}
			results[i] = await one(list[i]);
			const {status} = results[i];

			answers[status] = (answers[status] ?? 0) + 1;
			progress(++done, answers);
			o.on_answer?.(list[i], results[i], i);
			told = done;
		}
	};

	await Promise.all(Array.from({length: Math.min(o.concurrency,
		list.length)}, lane));
	if (told > 0)
		progress(done, answers, true);
	return {sent: done, ok: answers[200] ?? 0, answers,
		unanswered: answers[0] ?? 0,
		seconds: (Date.now() - began) / 1000, results};
}

export async function deliver(deliveries, options)
{
	const o = {...DEFAULTS, ...options};
	const agent = new http.Agent({keepAlive: true,
		maxSockets: o.concurrency});
	const store_of = (d) => typeof o.urls === 'string' || o.urls.at ?
		o.urls : o.urls[d.store ?? d.platform];
	const without = deliveries.find((d) => !store_of(d));

	if (without)
		throw new Error(`no URL for store ${without.store}`);
	try {
		return await send_all(deliveries,
			(d) => post(agent, url_for(store_of(d), d.headers), d,
				o.timeout_ms), o);
	} finally {
		agent.destroy();
	}
}

function headers_of(bytes)
{
	return Object.fromEntries(bytes.subarray(0, bytes.indexOf('\r\n\r\n'))
		.toString('latin1').split('\r\n').slice(1)
		.map((l) => l.split(/: */, 2)));
}

// The recorded request with another path and Host.
export function readdress(bytes, url)
{
	const end = bytes.indexOf('\r\n\r\n');
	const lines = bytes.subarray(0, end).toString('latin1').split('\r\n');
	const {pathname, search, host} = new URL(url);

	lines[0] = lines[0].replace(/ \S+ /, ` ${pathname}${search} `);
	return Buffer.concat([Buffer.from(lines.map((l) =>
		/^host:/i.test(l) ? `Host: ${host}` : l).join('\r\n'),
	'latin1'), bytes.subarray(end)]);
}

function send_raw(bytes, url, timeout_ms)
{
	const {hostname, port} = new URL(url);

	return new Promise((resolve) => {
		const socket = net.connect(Number(port || 80), hostname);
		let head = '';
		const answer = () => Number(
			/^HTTP\/1\.[01] (\d{3}) /.exec(head)?.[1] ?? 0);

		// Half-closing would tell some servers that nobody waits.
		socket.setTimeout(timeout_ms, () => socket.destroy());
		socket.on('connect', () => socket.write(bytes));
		socket.on('data', (part) => {
			head += part.toString('latin1');
			if (head.includes('\r\n\r\n')) {
				resolve(answer());
				socket.destroy();
			}
		});
		socket.on('close', () => resolve(answer()));
		socket.on('error', () => resolve(0));
	});
}

// `files` are paths; or folders, whose .http files are sent in order.
export async function replay_http(files, to, options = {})
{
	const o = {...DEFAULTS, concurrency: 1, ...options};
	const list = [].concat(files).flatMap(http_files);

	const send = (file) => {
		const bytes = readFileSync(file);
		const url = url_for(to, headers_of(bytes));

		return send_raw(readdress(bytes, url), url, o.timeout_ms);
	};

	return {...await send_all(list, send, o),
	files: list.map((f) => basename(f))};
}

export function http_files(path)
{
	return statSync(path).isDirectory() ? readdirSync(path)
		.filter((f) => f.endsWith('.http')).sort()
		.map((f) => join(path, f)) : [path];
}

async function main(args)
{
	const options = {urls: {}, progress: process.stderr}, paths = [];
	const results = [];

	while (args.length > 0) {
		const arg = args.shift();

		if (/^--(concurrency|retries|rate)$/.test(arg))
			options[arg.slice(2)] = Number(args.shift());
		else if (/^--(shopify|woocommerce)$/.test(arg))
			options.urls[arg.slice(2)] = args.shift();
		else
			paths.push(arg);
	}
	if (paths.length === 0) {
		process.stderr.write('usage: deliver.mjs [--shopify URL] ' +
			'[--woocommerce URL] [--concurrency N] [--retries N] ' +
			'[--rate N] PATH...\n');
		return 2;
	}
	for (const path of paths)
		results.push(path.endsWith('.jsonl') ?
			await deliver(readFileSync(path, 'utf8').split('\n')
				.filter((l) => l !== '').map((l) => {
					const d = JSON.parse(l);

					return {...d, store: d.platform};
				}), options) :
			await replay_http(path, options.urls.woocommerce,
				options));
	for (const {results: each, files, ...counts} of results)
		process.stdout.write(JSON.stringify(counts) + '\n');
	return results.every((r) => Object.keys(r.answers)
		.every((s) => s >= 200 && s < 300)) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv.slice(2));
