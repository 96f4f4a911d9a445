// SPDX-License-Identifier: MIT
//
// loyald program: what it says of files, and what it publishes.
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {scenario} from './scenario.mjs';

await scenario(async ({w, check, equal, store}) => {
	const template = 'deploy/programs/tiers.json';
	const write = (name, value) => {
		const path = join(w.dir, name);

		writeFileSync(path, typeof value === 'string' ? value :
			JSON.stringify(value, null, '\t'));
		return path;
	};
	const tiers = JSON.parse(readFileSync(template, 'utf8'));
	const wrong = structuredClone(tiers);
	const dearer = structuredClone(tiers);

	delete tiers.$schema;
	wrong.tests[0].steps[0].expect.tier = 'gold';
	dearer.rules[0].give.points = 2;
	delete dearer.tests;

	// Files.
	let r = await w.run(['program', 'check', template, template]);

	equal(r.status, 0, 'a template is a program');
	equal(r.stdout.trim().split('\n').length, 2, 'a line for each file');
	r = await w.run(['program', 'check', template,
		write('broken.json', '{\n\t"name": 7\n}')]);
	equal(r.status, 1, 'a file that is none is refused');
	check(/broken\.json: line 2, column 2: name /.test(r.stdout),
		'with the place');
	const many = write('many.json', JSON.stringify({name: 7, rules: [{
		id: 'a', on: 'ordr', give: {points: 0}}]}));
	r = await w.run(['program', 'check', '--json', many]);
	const [told] = JSON.parse(r.stdout);
	equal(told.errors.map((e) => e.split(' ')[4]).join(' '),
		'name rules[0].give.points', 'all that is wrong, in order');
	equal(told.error, `${many}: ${told.errors[0]} (and 1 more: see loyald ` +
		'program check)', 'in one sentence too');
	check(/did you mean order/.test(told.warnings[0]), 'and warned of');
	equal((await w.run(['program', 'check'])).status, 2, 'it wants files');
	equal((await w.run(['program', 'check', template, '--currency',
		'XXY'])).status, 2, 'XXY is no currency');

	r = await w.run(['program', 'test', template]);
	equal(r.status, 0, 'its tests pass');
	equal(r.stdout.trim().split('\n').at(-1),
		`${tiers.tests.length} tests passed, 0 failed`, 'all of them');
	r = await w.run(['program', 'test', write('wrong.json', wrong)]);
	equal(r.status, 1, 'a test that fails');
	check(/FAILED T-1/.test(r.stdout), 'is named');
	check(/step 1 \(2025-11-19, line \d+\): the tier is silver, /
		.test(r.stdout), 'with its step and the difference');
	const json = await w.json(['program', 'test', template]);

	equal(json.passed, tiers.tests.length, 'the same for machines');
	check(json.tests.every((t) => t.ok && t.took_us < 1000000),
		'in milliseconds');

	r = await w.run(['program', 'explain', template, '--language', 'cs']);
	check(r.status === 0 && r.stdout.includes('Stříbro'),
		'in the words of customers');
	equal((await w.run(['program', 'explain', template, '--language',
		'xx'])).status, 2, 'xx is no language');
	r = await w.run(['program', 'diff', template,
		write('dearer.json', dearer)]);
	check(r.status === 0 && r.stdout.includes('2 points'),
		'what changed, in words');

	// Stores.
	const s = await store('woocommerce');
	const publish = (path, ...more) => w.run(['program', 'publish',
		'--store', String(s.store_id), '--file', path, ...more]);
	const versions = () => w.json(['program', 'list', '--store',
		String(s.store_id)]);
	const before = (await versions()).length;

	r = await publish(join(w.dir, 'wrong.json'));
	check(r.status !== 0, 'a file whose tests fail is not published');
	check(/the tier is silver, expected gold/.test(r.stderr) &&
		/1 of the \d+ tests in .* fail: it is not published/
			.test(r.stderr), 'and why');
	equal((await versions()).length, before, 'nothing was');
	check((await publish(join(w.dir, 'broken.json'))).status !== 0,
		'nor one that is no program');
	check((await publish(template, '--from', 'soon')).status !== 0,
		'soon is no time');

	r = await publish(template);
	equal(r.status, 0, 'a good one is');
	check(new RegExp(`store ${s.store_id} has version \\d+`)
		.test(r.stdout), 'with its number');
	const list = await versions();

	equal(list.length, before + 1, 'and there it is');
	r = await w.run(['program', 'show', '--store', String(s.store_id)]);
	equal(r.stdout.trim(), readFileSync(template, 'utf8').trim(),
		'byte for byte');
	r = await w.run(['program', 'show', '--store', String(s.store_id),
		'--version', String(list.at(-1).version)]);
	check(r.status === 0 && JSON.parse(r.stdout).name !== tiers.name,
		'the one before it, too');
	check((await w.run(['program', 'show', '--store', String(s.store_id),
		'--version', '4711'])).status !== 0, 'there is no version 4711');
	check((await w.run(['program', 'list', '--store', '999'])).status !== 0,
		'there is no store 999');
	r = await w.run(['store', 'set', '--store', String(s.store_id),
		'--program', join(w.dir, 'wrong.json')]);
	check(r.status !== 0 && /it is not published/.test(r.stderr),
		'store set publishes none whose tests fail, either');
	await publish(template);
	equal((await versions()).length, before + 1,
		'the same file again is no new version');

	// Rewards that the store's platform cannot make.
	const tagged = structuredClone(tiers);
	const wide = {...tagged, rewards: [{...tagged.rewards[0], id: 'thirty',
		lines: {tag: ['new']}}]};
	const shopify = await store('shopify');

	delete wide.tests;
	for (const [id, platform, why] of [
		[s.store_id, 'WooCommerce', 'cannot take an amount off some ' +
			'goods only'],
		[shopify.store_id, 'Shopify', 'cannot limit a discount to ' +
			'tags']]) {
		const file = write('wide.json', wide);

		for (const command of [['program', 'publish', '--file', file],
			['store', 'set', '--program', file]]) {
			r = await w.run([...command, '--store', String(id)]);
			check(r.status !== 0 && r.stderr.includes(`wide.json: ` +
				`reward thirty: ${platform} ${why}; say "way": ` +
				'"own" if a program of yours gives it'),
			`${command[0]} ${command[1]} refuses it: ${platform}`);
		}
	}
	const added = await w.run(['store', 'add', '--platform', 'shopify',
		'--domain', 'wide.myshopify.com', '--currency', 'EUR',
		'--timezone', 'UTC', '--program', write('wide.json', wide),
		'--webhook-secret-file', write('wide.secret', 'x'.repeat(40))]);

	check(added.status !== 0 && /reward thirty: Shopify cannot limit/
		.test(added.stderr), 'so does store add');
	wide.rewards[0].way = 'own';
	r = await publish(write('wide.json', wide));
	equal(r.status, 0, 'a program of the merchant\'s own gives it');
});
