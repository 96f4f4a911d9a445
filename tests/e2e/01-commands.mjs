// SPDX-License-Identifier: MIT
//
// The tools by themselves: names, exit statuses, --json.
import {statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store}) => {
	const status = async (args, options) => (await w.run(args, options))
		.status;

	equal(await status(['help']), 0, 'help');
	equal(await status(['version']), 0, 'version');

	const table = (await w.run(['help'])).stdout;

	const names = (list) => list.split('\n').filter((l) => /^ {2}\S/.test(l))
		.map((l) => l.trim().split(' ')[0]);

	for (const name of names(table)) {
		const {stdout} = await w.run([name, '--help']);
		const verbs = stdout.startsWith(`usage: loyald ${name} VERB`)
			? names(stdout) : [];
		const line = table.split('\n').find((l) =>
			l.startsWith(`  ${name} `));

		equal(verbs.filter((v) => !line.match(/[a-z-]+/g).includes(v)), [],
			`help names the verbs of ${name}`);
	}

	equal(await status([]), 2, 'no command is a wrong usage');
	equal(await status(['frobnicate']), 2, 'so is an unknown one');
	equal(await status(['store', 'add', '--bogus', 'x']), 2,
		'and an unknown option');
	equal(await status(['verify'], {env: {LOYALD_DATABASE_URL: ''}}), 78,
		'no database is wrong configuration');
	equal(await status(['verify'], {env: {LOYALD_DATABASE_URL:
		'host=/nonexistent dbname=x'}}), 69,
	'a database that is away: try again');
	check(await status(['work', '--drain'],
		{env: {LOYALD_BATCH: '0'}}) === 78,
		'a setting out of bounds is wrong configuration');

	const key = join(w.dir, 'key');

	equal(statSync(key).mode & 0o777, 0o600, 'the key is private');
	check(await status(['key', 'new', key]) !== 0,
		'a key is not overwritten');

	const help = (await w.run(['help', 'config'])).stdout;

	for (const name of ['DATABASE_URL', 'REDIS_URL', 'LISTEN',
		'SERVE_LISTEN', 'SPOOL_DIR', 'KEY_FILE', 'METRICS_LISTEN'])
		check(help.includes(`LOYALD_${name}`),
			`help config tells of LOYALD_${name}`);

	const s = await store('woocommerce');

	check(Number.isInteger(s.store_id), 'store add tells the store_id');
	check(/^\/webhooks\/[\w-]{20,}$/.test(s.webhook_path),
		'and a path that cannot be guessed');
	check(JSON.stringify(await w.json(['store', 'list']))
		.includes(`"store_id":${s.store_id}`), 'store list has it');
	await w.json(['store', 'show', '--store', String(s.store_id)]);
	check(true, 'store show has it');
	check(await status(['store', 'show', '--store', '999']) !== 0,
		'there is no store 999');
	equal(await status(['member', 'show', '--store', String(s.store_id)]),
		2, 'a customer or an address is wanted');
	equal((await w.json(['verify'])).ok, true, 'an empty ledger is right');
	equal(await w.json(['dlq', 'list']).then((l) =>
		JSON.stringify(l).includes('dead_id')), false,
	'no dead letters yet');

	writeFileSync(join(w.dir, 'token'), 'no colon in it');
	check(await status(['store', 'add', '--platform', 'woocommerce',
		'--domain', 'x.example', '--currency', 'EUR', '--timezone',
		'Europe/Berlin', '--program', 'deploy/programs/points.json',
		'--webhook-secret-file', join(w.dir, 'secret-1'), '--api-url',
		'http://127.0.0.1:1', '--api-token-file',
		join(w.dir, 'token')]) !== 0,
	"a WooCommerce token is consumer_key:consumer_secret");
});
