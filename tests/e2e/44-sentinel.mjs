// SPDX-License-Identifier: MIT
//
// Failovers of Redis, under load, with real Sentinels: a forwarder is the one
// address that receive and work know, and moves.  With the settings that
// README.md names nothing that was answered 200 is lost; with others what may
// be lost is told, by a metric and a line with a time that covers it:
//
//	kept	README.md's settings: the master is killed, the replica is
//		promoted, the old master comes back
//	late	an address that stays with the old master, which comes back and
//		calls itself master until Sentinel has told it
//	back	an address that had moved and moves back to the old master
//	lag	a replica that is behind is promoted by hand
//	empty	a master that comes back without its data
//
// All at the same time.
import {join} from 'node:path';
import {deliver} from '../support/deliver.mjs';
import {generate} from '../support/orders.mjs';
import {forwarder_new, redis_ask, redis_new, sentinels_new} from
	'../support/redis_set.mjs';
import {scenario} from './scenario.mjs';

const ORDERS = 300;		// of each
const RATE = 100;		// a second
const KILL_AT = 90;		// when so many are answered
const LAG_AT = 40;
const SETTLE_MS = 100000;	// the longest that one is held, and more
const IN_REDIS = 'loyald_receive_durable_total{in="redis"}';
const CLOCK_MS = 1000;		// from receive's answer to its reader
const WANTED = ['--min-replicas-to-write', '1'];

class Drill {
	constructor({w, name, dir})
	{
		Object.assign(this, {w, name, dir: join(dir, name),
			closers: [], answers: []});
		this.receive = `receive-${name}`;
		this.work = `work-${name}`;
	}

	async begin(args = [])
	{
		this.first = await redis_new(join(this.dir, '1'), {args});
		this.second = await redis_new(join(this.dir, '2'), {args});
		this.address = await forwarder_new();
		this.address.to(this.first.port);
		this.closers.push(() => this.address.close(),
			() => this.first.kill(), () => this.second.kill());
		this.env = {
			LOYALD_REDIS_URL: `redis://127.0.0.1:${this.address.port}`,
			LOYALD_SPOOL_DIR: join(this.dir, 'spool'),
			LOYALD_REDIS_DEADLINE_MS: '1000'};
	}

	async open(seed)
	{
		const domain = `${this.name}.example`;

		await this.w.start('receive', {name: this.receive,
			env: this.env});
		await this.w.ready(this.receive);
		this.store = await this.w.store_add({platform: 'woocommerce',
			domain, receive: this.receive});
		await this.w.store_known(this.store);
		// One delivery of each order: its loss shows.
		const {deliveries} = generate({platform: 'woocommerce', seed,
			orders: ORDERS, domain, kinds: {completed: 1}});
		const of = new Map(deliveries.filter((d) =>
			d.topic.startsWith('order.')).map((d) => [d.order, d]));

		this.deliveries = [...of.values()];
	}

	async work_start()
	{
		await this.w.start('work', {name: this.work, env: this.env});
	}

	load(from = 0, to = ORDERS)
	{
		return deliver(this.deliveries.slice(from, to), {
			urls: this.store, rate: RATE, concurrency: 32,
			on_answer: (d, {status, answered_at}) =>
				this.answers.push({order: d.order, status,
					answered_at})});
	}

	metric(name)
	{
		return this.w.metrics(this.receive).then((m) => m[name]);
	}

	// From now on the address is where Sentinel says.
	follow(sentinels)
	{
		const timer = setInterval(async () => {
			const port = await sentinels.master(this.name);

			if (port > 0)
				this.address.to(port);
		}, 200);

		this.closers.unshift(() => clearInterval(timer));
	}

	// The mark in the first master, a moment.
	async mark()
	{
		const keys = await this.first.ask('KEYS', 'loyald:mark:*');
		const key = keys.split('\r\n').find((k) =>
			k.startsWith('loyald:'));

		return Number((await this.first.ask('GET', key))
			.split('\r\n')[1]);
	}

	// Entries that are left in the Redis behind the address.
	async backlog()
	{
		const port = this.address.target;
		const keys = await redis_ask(port, 'KEYS', 'loyald:*events*');

		if (!keys.startsWith('*'))
			return NaN;	// it is loading
		const lengths = await Promise.all(keys.split('\r\n').filter(
			(k) => k.startsWith('loyald:')).map((k) =>
			redis_ask(port, 'XLEN', k)));

		// ":0", or an error
		return lengths.reduce((n, l) => n + Number(l.slice(1)), 0);
	}

	// Until all that was answered is out of the spool and of Redis.
	async settle(until)
	{
		await until(`${this.name}: the spool to be empty`, async () =>
			await this.metric('loyald_spool_records') === 0,
		SETTLE_MS);
		await until(`${this.name}: Redis to be empty`, async () =>
			await this.backlog() === 0, SETTLE_MS);
	}

	// The answered ones that no ledger has, and the times that were told.
	async judge()
	{
		const rows = await this.w.sql(`SELECT order_id, revision
			FROM order_state
			WHERE store_id = ${this.store.store_id}`);
		const there = new Set(rows.map(([id]) => id));
		const told = [...this.w.log_of(this.receive).matchAll(
			/answered 200 from (\S+) to (\S+) and not/g)].map(
			([, from, to]) => [Date.parse(from), Date.parse(to)]);
		const ok = this.answers.filter((a) => a.status === 200);
		const lost = ok.filter((a) => !there.has(String(a.order)));
		const is_told = (a) => told.some(([from, to]) =>
			a.answered_at >= from && a.answered_at <= to + CLOCK_MS);

		return {answered: ok.length, lost: lost.length,
			untold: lost.filter((a) => !is_told(a)).length,
			told: told.length,
			gaps: await this.metric('loyald_receive_redis_gaps_total'),
			twice: rows.filter(([, n]) => Number(n) > 1).length};
	}

	async close()
	{
		for (const closer of this.closers)
			await closer();
	}
}

await scenario(async ({w, check, equal, until}) => {
	const dir = join(process.env.SERVICES_DIR, 'loyald', 'sets');
	const drills = Object.fromEntries(['kept', 'late', 'back', 'lag',
		'empty'].map((name) => [name, new Drill({w, name, dir})]));
	const {kept, late, back, lag, empty} = drills;
	let sentinels;

	const answered = (d, n) => until(`${d.name}: ${n} answers`,
		() => d.answers.length >= n);
	const kill = async (d) => {
		await answered(d, KILL_AT);
		await d.first.kill();
	};
	const switched = (d) => until(`${d.name}: +switch-master`, async () =>
		await sentinels.master(d.name) === d.second.port &&
		await d.second.is_master(), SETTLE_MS);
	const demoted = (d) => until(`${d.name}: the old master to follow`,
		async () => !await d.first.is_master(), SETTLE_MS);
	const report = async (d, what) => {
		const r = await d.judge();

		process.stdout.write(`# ${d.name}: ${JSON.stringify(r)}\n`);
		check(r.answered > ORDERS / 2 && r.twice === 0,
			`${d.name}: ${what}`);
		equal(r.untold, 0, `${d.name}: nothing is lost untold`);
		equal(r.gaps, r.told, `${d.name}: each line is counted`);
		return r;
	};

	const run_kept = async () => {
		await kept.work_start();
		const load = kept.load();

		await kill(kept);
		await switched(kept);
		kept.follow(sentinels);
		await kept.first.start();
		await load;
		await kept.settle(until);
		const r = await report(kept, 'failed over');

		equal([r.lost, r.gaps], [0, 0], 'kept: none is lost, none is ' +
			'said to be');
	};
	const run_late = async () => {
		const load = late.load();

		await kill(late);
		await switched(late);
		await late.first.start();
		await load;
		await demoted(late);
		late.follow(sentinels);
		await late.work_start();
		await late.settle(until);
		const r = await report(late, 'the address was with the old ' +
			'master, which came back');

		equal(r.lost, 0, 'late: none is lost');
	};
	const run_back = async () => {
		const load = back.load();

		await kill(back);
		await switched(back);
		back.address.to(back.second.port);
		await until('back: the second master to be written to',
			async () => Number((await back.second.ask('KEYS',
				'loyald:*events*')).match(/^\*(\d+)/)?.[1]) > 0 &&
				await back.metric('loyald_spool_records') === 0,
			SETTLE_MS);
		await back.first.start();
		back.address.to(back.first.port);
		await load;
		await demoted(back);
		back.follow(sentinels);
		await back.work_start();
		await back.settle(until);
		const r = await report(back, 'the address moved and moved back');

		equal(r.lost, 0, 'back: none is lost');
		check(r.gaps > 0, 'back: the younger one is told of');
	};
	const run_lag = async () => {
		const load = lag.load();

		await answered(lag, LAG_AT);
		lag.wire.hold();
		const kept_before = await lag.metric(IN_REDIS);
		const mark = await lag.mark();

		await until('lag: a mark that the replica does not get',
			async () => await lag.metric(IN_REDIS) >
				kept_before + LAG_AT &&
				await lag.mark() > mark);
		await lag.first.kill();
		lag.wire.to(null);
		await lag.second.ask('REPLICAOF', 'NO', 'ONE');
		lag.address.to(lag.second.port);
		await load;
		await lag.work_start();
		await lag.settle(until);
		const r = await report(lag, 'a replica that lagged was promoted');

		check(r.lost > 0 && r.gaps === 1,
			`lag: ${r.lost} are lost, and told`);
	};
	const run_empty = async () => {
		await empty.load(0, ORDERS / 2);
		await empty.first.kill();
		empty.first.wipe();
		await empty.first.start();
		await until('empty: receive to tell', async () => await
			empty.metric('loyald_receive_redis_gaps_total') === 1);
		await empty.load(ORDERS / 2);
		equal(await empty.metric(
			'loyald_receive_redis_unfit{why="held"}'), 1,
		'empty: nothing is given to it at first');
		await empty.work_start();
		await empty.settle(until);
		const r = await report(empty, 'came back without its data');

		check(r.lost > 0 && r.lost <= ORDERS / 2 && r.gaps === 1,
			`empty: ${r.lost} are lost, and told`);
	};

	try {
		for (const d of Object.values(drills))
			await d.begin(d === kept ? WANTED : []);
		lag.wire = await forwarder_new();
		lag.wire.to(lag.first.port);
		lag.closers.push(() => lag.wire.close());
		sentinels = await sentinels_new(dir, Object.fromEntries(
			[kept, late, back].map((d) => [d.name, d.first.port])));
		for (const d of [kept, late, back])
			await d.second.follow(d.first.port);
		await lag.second.follow(lag.wire.port);
		await sentinels.ready(['kept', 'late', 'back']);
		for (const [i, d] of Object.values(drills).entries())
			await d.open(70 + i);
		await Promise.all([run_kept(), run_late(), run_back(), run_lag(),
			run_empty()]);
		const {ok} = await w.verify();

		check(ok, 'nothing is wrong in the ledger');
	} finally {
		sentinels?.close();
		for (const d of Object.values(drills))
			await d.close();
	}
});
