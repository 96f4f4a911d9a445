// SPDX-License-Identifier: MIT
//
// Every command and verb, as loyald help names them: each has its help, asked
// for in every way, with nothing set, on standard output; each option has a
// meaning there; and what is mistyped is a sentence, the usage line and 2, and
// nothing else.
import {scenario} from './scenario.mjs';

const ROLES = ['receive', 'work', 'push', 'reconcile', 'schedule', 'serve'];
// No setting is set but one, which is wrong: help reads none.
const unset = Object.fromEntries(Object.keys(process.env)
	.filter((k) => k.startsWith('LOYALD_')).map((k) => [k, undefined]));
const NOTHING = {env: {...unset, LOYALD_DATABASE_URL: '', LOYALD_REDIS_URL: '',
	LOYALD_KEY_FILE: '', LOYALD_BATCH: 'many'}};

// "  --name VALUE   meaning (default: x)", which goes on in the lines below.
function options_of(help)
{
	const options = [];

	for (const line of help.split('\n')) {
		const [, name, value = '', meaning] =
			/^ {2}(--[a-z-]+)(?: ([A-Z|a-z]+))? {2,}(\S.*)$/.exec(
				line) ?? [];

		if (name)
			options.push({name, value, meaning});
		else if (/^ {6,}\S/.test(line) && options.length > 0)
			options.at(-1).meaning += ` ${line.trim()}`;
	}
	return options;
}

const names = (help) => [...help.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(
	(m) => m[1]);

await scenario(async ({w, check, equal}) => {
	const failed = [];
	const must = (ok, what) => ok || failed.push(what);
	// Every row of every table, so that nothing is written unseen.
	const state = async () => {
		const tables = (await w.sql(`SELECT format('%I.%I', schemaname,
			tablename) FROM pg_tables WHERE schemaname NOT IN
			('pg_catalog', 'information_schema')`)).flat();

		return w.sql(tables.map((t) => `SELECT '${t}', count(*),
			md5(string_agg(x::text, '' ORDER BY x::text))
			FROM ${t} x`).join(' UNION ALL ') + ' ORDER BY 1');
	};
	const is_help = (got, text, what) => must(got.status === 0 &&
		got.stdout === text && got.stderr === '', `${what}: ${
		JSON.stringify(got)}`);
	const is_usage = (got, command, what) => {
		const lines = got.stderr.split('\n');

		must(got.status === 2 && got.stdout === '' &&
			/^loyald: \S.*\S$/.test(lines[0]) &&
			lines.some((l) => l.startsWith(`usage: loyald ${
				command}`)) &&
			!got.stderr.includes('level='), `${what}: ${
			JSON.stringify(got)}`);
	};

	// ---- all there are ---------------------------------------------------
	const top = await w.run(['help'], NOTHING);
	const leaves = [['push', 'retry']];

	for (const asked of [['--help'], ['-h']])
		is_help(await w.run(asked, NOTHING), top.stdout, asked[0]);
	for (const command of names(top.stdout)) {
		const help = await w.run([command, '--help'], NOTHING);

		must(help.status === 0, `${command} --help`);
		if (!help.stdout.startsWith(`usage: loyald ${command} VERB`)) {
			leaves.push([command]);
			continue;
		}
		is_help(await w.run([command, '-h'], NOTHING), help.stdout,
			`${command} -h`);
		// `help config` tells the settings.
		if (command !== 'config')
			is_help(await w.run(['help', command], NOTHING),
				help.stdout, `help ${command}`);
		const none = await w.run([command], NOTHING);

		must(none.status === 2 && none.stdout === '' &&
			none.stderr === help.stdout, `${command} without a verb`);
		is_usage(await w.run([command, 'frobnicate'], NOTHING), command,
			`${command} frobnicate`);
		leaves.push(...names(help.stdout).map((verb) => [command, verb]));
	}
	check(leaves.length > 35, `${leaves.length} commands and verbs are named`);

	// ---- each of them ----------------------------------------------------
	const before = await state();
	let said = 0;

	await Promise.all(leaves.map(async (leaf) => {
		const command = leaf.join(' ');
		const {stdout: text} = await w.run([...leaf, '--help'], NOTHING);
		const options = options_of(text);

		must(text.startsWith(`loyald ${command}: `) &&
			text.includes(`\nusage: loyald ${command}`),
		`${command}: ${text}`);
		for (const asked of [['help', ...leaf], [...leaf, '-h'],
			[...leaf, '--frobnicate', '1', '--help']])
			is_help(await w.run(asked, NOTHING), text,
				asked.join(' '));
		said += options.length;
		for (const {name, value, meaning} of options) {
			must(meaning.replace(/\(.*/, '').trim().length > 3,
				`${command} ${name} has no meaning`);
			if (value !== '')
				is_usage(await w.run([...leaf, name]), command,
					`${command} ${name}, without its value`);
			else
				is_usage(await w.run([...leaf, `${name}=1`]),
					command, `${command} ${name}=1`);
			if (value === 'INSTANT')
				is_usage(await w.run([...leaf, name, 'noon']),
					command, `${command} ${name} noon`);
			if (value === 'COUNT')
				for (const n of ['0', '-1', 'x', '1e3'])
					is_usage(await w.run([...leaf,
						`${name}=${n}`]), command,
					`${command} ${name}=${n}`);
		}
		is_usage(await w.run([...leaf, '--frobnicate', '1']), command,
			`${command} --frobnicate`);
		for (const [more, sentence] of [['--help=1', 'takes no value'],
			['-h=', 'takes no value'], ['', 'a word is empty']]) {
			const got = await w.run([...leaf, more]);

			is_usage(got, command, `${command} "${more}"`);
			must(got.stderr.includes(sentence), `${command} ` +
				`"${more}": ${got.stderr}`);
		}
		if (options.length > 0) {
			const {name} = options[0];
			const typo = name.slice(0, -1) + 'x';
			const got = await w.run([...leaf, typo, '1']);

			is_usage(got, command, `${command} ${typo}`);
			must(/\(did you mean --[a-z-]+\?\)/.test(got.stderr),
				`${command} ${typo}: ${got.stderr}`);
		}
		const needed = options.filter((o) => /[(; ]required[;)]/.test(o.meaning));

		if (needed.length > 0) {
			const got = await w.run(leaf);

			is_usage(got, command, `${command} without anything`);
			must(needed.every((o) => got.stderr.includes(
				`${o.name} ${o.value}`)), `${command} says what is ` +
				`missing: ${got.stderr}`);
		}
	}));
	check(said > 150, `${said} options have a meaning`);

	// ---- other wrong uses ------------------------------------------------
	for (const args of [['stroe'], ['store', 'ad'], ['help', 'stroe'],
		['help', 'store', 'ad'], ['work', 'now'], ['key', 'new'],
		['work', '--now', '2026-11-22T06:24:45Z'],
		['schedule', '--now', '2026-11-22T06:24:45Z'],
		['receive', '-listen', '1'], ['serve', '--listne', '1'],
		['migrate', 'up'], ['verify', '--jsno'], ['help', '--json'],
		['member', 'adjust', '--member', '1', '--reason', 'x',
			'--units', 'many'],
		['member', 'adjust', '--member', '1', '--reason', 'x',
			'--units', '0'],
		['member', 'redeem', '--member', '1', '--reward', 'x',
			'--units', '-1'],
		['member', 'adjust', '--member', '1', '--reason', 'x',
			'--units', '1', '--at', '2999-01-01T00:00:00Z'],
		['member', 'explain', '--entry', '1', '--language', 'xx'],
		['program', 'explain', '--language', 'xx', 'deploy/programs/' +
			'points.json'],
		['program', 'check', '--currency', 'nope', 'x.json'],
		['program', 'check', '--timezone', 'Nowhere/Else', 'x.json'],
		['dlq', 'list', '--class', 'bad'],
		['dlq', 'replay'], ['dlq', 'discard', '--id', '1', '--all'],
		['store', 'set', '--store', '1'],
		['store', 'set', '--store', '1', '--no-check'],
		['store', 'set', '--store', '1', '--earn-from', 'soon'],
		['store', 'set', '--store', '1', '--domain', 'a b'],
		['store', 'set', '--store', '1', '--api-url', 'ftp://x'],
		['store', 'rotate-secret', '--store', '1'],
		['store', 'rotate-secret', '--store', '1', '--forget-previous',
			'--webhook-secret-file', 'x'],
		['store', 'add', '--platform', 'magento', '--domain', 'x.y',
			'--currency', 'EUR', '--timezone', 'UTC', '--program',
			'x', '--webhook-secret-file', 'x'],
		['store', 'set', '--store', '1', '--timezone', 'Berlin'],
		['store', 'set', '--store', '1', '--domain', 'x.y:65536'],
		['store', 'set', '--store', '1', '--api-url', 'https://x.y:0'],
		['store', 'add', '--platform', 'shopify', '--domain', 'x.y',
			'--currency', 'XYZ', '--timezone', 'UTC', '--program',
			'x', '--webhook-secret-file', 'x'],
		['store', 'add', '--platform', 'shopify', '--domain', 'x.y',
			'--currency', 'EUR', '--timezone', 'UTC', '--program',
			'x', '--webhook-secret-file', 'x', '--api-url',
			'https://x.y']]) {
		const first = ROLES.includes(args[0]) ? args[0] : '';

		for (const options of [{}, {env: {LOYALD_DATABASE_URL: '',
			LOYALD_REDIS_URL: '', LOYALD_KEY_FILE: ''}}])
			is_usage(await w.run(args, options), first, args.join(' '));
	}
	equal((await w.run(['work', '--batch', 'many'])).status, 2,
		'a wrong value of a setting as an option');
	equal((await w.run(['work', '--drain'], {env: {LOYALD_BATCH: 'many'}}))
		.status, 78, 'in the environment it is the configuration');
	equal(failed, [], 'all of it');
	equal(await state(), before, 'and nothing is written');
});
