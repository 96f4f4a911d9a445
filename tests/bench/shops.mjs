// SPDX-License-Identifier: MIT
//
// shops: runs fakes of Shopify in a process of their own.  The fakes take 5 ms
// for an answer, and have no limit of calls, unless the configuration (the fake's)
// says otherwise.
//
//	const s = await shops_new({configuration})
//	s.url(n)                gives the address of shop n
//	await s.told()          gives when each customer's balance came first:
//	                        {customer: milliseconds since 1970}
//	await s.history()       gives every balance that came: [[customer,
//	                        milliseconds since 1970, points available]]
//	await s.counts()        gives of each shop {calls, throttled, cost}
//	await s.faults({shop1: [..]})    has these shops fail as fake.mjs says
//	await s.forget()        forgets what came, counts and faults
//	await s.close()
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {shopify_start} from '../fakes/shopify.mjs';

const OPEN = 1e9;		// a shop's budget, and what is added a second
const LATENCY_MS = 5;
const FILE = fileURLToPath(import.meta.url);

export async function shops_new(config = {})
{
	const child = fork(FILE, [JSON.stringify(config)], {stdio: 'inherit'});
	const [{url}] = await once(child, 'message');
	const ask = async (what) => {
		child.send(what);
		return (await once(child, 'message'))[0];
	};

	return {pid: child.pid, url: (n) => `${url}/s/shop${n}`,
		...Object.fromEntries(['told', 'history', 'counts', 'forget'].map(
			(what) => [what, () => ask({what})])),
		faults: (given) => ask({what: 'faults', given}),
		close: async () => {
			child.disconnect();
			await once(child, 'exit');
		}};
}

async function serve()
{
	let told = new Map(), history = [];
	const fake = await shopify_start({config: {bucket: OPEN, restore: OPEN,
		latency_ms: LATENCY_MS, ...JSON.parse(process.argv[2])}});
	const names = new Set();
	const shop = (name) => fake.store(names.add(name) && name);
	const {prototype} = fake.store('default').constructor;
	const {applied} = prototype;

	prototype.applied = function(customer, ...more) {
		const at = Date.now();

		names.add(this.name);
		if (!told.has(customer))
			told.set(customer, at);
		history.push([customer, at, JSON.parse(more[2]).available]);
		return applied.call(this, customer, ...more);
	};
	const answers = {
		told: () => Object.fromEntries(told),
		history: () => history,
		counts: () => [...names].map((name) => {
			const {calls, throttled, cost} = shop(name).state();

			return {name, calls, throttled, cost};
		}),
		faults: (given) => Object.entries(given).forEach(
			([name, list]) => shop(name).add_faults(list)),
		forget: () => {
			told = new Map();
			history = [];
			for (const name of names)
				shop(name).reset();
		},
	};

	process.on('disconnect', () => process.exit(0));
	process.on('message', ({what, given}) =>
		process.send(answers[what](given) ?? {}));
	process.send({url: fake.url});
}

if (process.argv[1] === FILE)
	await serve();
