// SPDX-License-Identifier: MIT
//
// shops: runs fakes of Shopify in a process of their own.  The fakes take 5 ms
// for an answer, and have no limit of calls.
//
//	const s = await shops_new()
//	s.url(n)                gives the address of shop n
//	await s.told()          gives when each customer's balance came first:
//	                        {customer: milliseconds since 1970}
//	await s.forget()        forgets these times
//	await s.close()
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {shopify_start} from '../fakes/shopify.mjs';

const OPEN = 1e9;		// a shop's budget, and what is added a second
const LATENCY_MS = 5;
const FILE = fileURLToPath(import.meta.url);

export async function shops_new()
{
	const child = fork(FILE, {stdio: 'inherit'});
	const [{url}] = await once(child, 'message');
	const ask = async (what) => {
		child.send(what);
		return (await once(child, 'message'))[0];
	};

	return {pid: child.pid, url: (n) => `${url}/s/shop${n}`,
		told: () => ask('told'), forget: () => ask('forget'),
		close: async () => {
			child.disconnect();
			await once(child, 'exit');
		}};
}

async function serve()
{
	const told = new Map();
	const fake = await shopify_start({config: {bucket: OPEN, restore: OPEN,
		latency_ms: LATENCY_MS}});
	const {prototype} = fake.store('default').constructor;
	const {applied} = prototype;

	prototype.applied = function(customer, ...more) {
		if (!told.has(customer))
			told.set(customer, Date.now());
		return applied.call(this, customer, ...more);
	};
	process.on('disconnect', () => process.exit(0));
	process.on('message', (what) => {
		if (what === 'forget')
			told.clear();
		process.send(what === 'told' ? Object.fromEntries(told) : {});
	});
	process.send({url: fake.url});
}

if (process.argv[1] === FILE)
	await serve();
