// SPDX-License-Identifier: MIT
//
// Tests how the bench comes by its figures, and what the bench makes of them:
// statistics, plots, the page.
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'node:test';
import {answer_of, cpu_of, memory_of, meter} from './measure.mjs';
import {figure, median, page_of, quantile, ratio, report_write, spread} from
	'./report.mjs';
import {bars, decades, lines, short, ticks} from './svg.mjs';
import {request, template} from './orders.mjs';

test('statistics', () => {
	assert.equal(median([3, 1, 2]), 2);
	assert.equal(median([4, 1, 2, 3]), 2.5);
	assert.equal(spread([90, 100, 120]), 0.3);
	assert.equal(quantile([5, 1, 4, 2, 3], 0.5), 3);
	assert.equal(quantile([...Array(1000).keys()], 0.99), 989);
});

test('a ratio is of numbers of the same round', () => {
	const rows = [{round: 1, side: 'a', n: 10}, {round: 2, side: 'a', n: 30},
		{round: 2, side: 'b', n: 10}, {round: 1, side: 'b', n: 5},
		{round: 3, side: 'a', n: 1000}];
	const of = (side) => (r) => r.side === side ? r.n : undefined;

	assert.deepEqual(ratio(rows, of('a'), of('b')),
		{median: 2.5, least: 2, most: 3});
	assert.equal(ratio(rows, of('a'), of('c')), null);
});

test('figures', () => {
	assert.deepEqual([1234567, 100, 99.44, 1.234, 0.1234, 0, null].map(figure),
		['1,234,567', '100', '99.4', '1.23', '0.12', '0', '']);
	assert.deepEqual([1234567, 1e5, 12, 0.5].map(short),
		['1.23M', '100k', '12', '0.5']);
});

test('axes', () => {
	assert.deepEqual(ticks(760), [0, 200, 400, 600, 800]);
	assert.deepEqual(ticks(1), [0, 0.2, 0.4, 0.6, 0.8, 1]);
	assert.deepEqual(decades([12, 100000]), [10, 100, 1000, 10000, 100000]);
	assert.deepEqual(decades([5]), [1, 10]);
});

// Checks that elements are balanced, and that no number is missing or outside.
function check_svg(svg, ...words)
{
	const open = [];

	for (const [, close, name, empty] of svg.matchAll(
		/<(\/?)([a-z]+)[^>]*?(\/?)>/g))
		if (close)
			assert.equal(open.pop(), name);
		else if (!empty)
			open.push(name);
	assert.deepEqual(open, []);
	assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
	assert.match(svg, /prefers-color-scheme: dark/);
	const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg);

	for (const [, axis, n] of svg.matchAll(/ c?([xy])[12]?="(-?[\d.]+)"/g))
		assert.ok(n >= 0 && n <= Number(axis === 'x' ? width : height),
			`${axis} ${n} is outside`);
	for (const word of words)
		assert.ok(svg.includes(`>${word}<`), `${word} is missing`);
}

test('plots', () => {
	const svg = bars({title: 'a & b', unit: 'us', names: ['one', 'two'],
		series: [{name: 'work', values: [10, 20]},
			{name: 'Redis', values: [5, null]}]});
	const rects = [...svg.matchAll(
		/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="18"/g)]
		.map((m) => m.slice(1).map(Number));

	check_svg(svg, 'a &#38; b', 'one', 'two', 'work', 'Redis', 'us', '15');
	assert.equal(rects.length, 4);
	assert.ok(Math.abs(rects[2][1] - 2 * rects[0][1]) < 0.2, 'twice as wide');
	assert.ok(Math.abs(rects[0][0] + rects[0][1] - rects[1][0]) < 0.2,
		'one behind the other');
	check_svg(lines({title: 't', unit: 'us', along: 'orders', series: [
		{name: 'all', points: [[10, 90], [1000, 110], [1e5, 4000]]},
		{name: 'work', points: [[10, 9]]}]}), 'all', '100k', '10k');
});

test('the page', () => {
	const dir = mkdtempSync(join(tmpdir(), 'report.'));
	const folder = join(dir, 'benchmarks'), page = join(dir, 'BENCHMARKS.md');
	const result = {title: 'Growth', at: 'today', machine: 'a machine',
		version: '1', noise: [0, 0.5, 0.9], parts: [{title: 'Members',
			text: 'Words.', head: ['members', 'us'], rows: [['1000', 12.345]],
			plot: {name: 'members', svg: '<svg/>'}}]};

	report_write(folder, page, 'bench-growth', result);
	report_write(folder, page, 'bench', {...result, title: 'First',
		noise: [0.01], parts: []});
	const text = readFileSync(page, 'utf8');

	rmSync(dir, {recursive: true});
	assert.match(text, /\| members \| us \|\n\|---\|---:\|\n\| 1000 \| 12.3 \|/);
	assert.match(text, /!\[Members\]\(benchmarks\/bench-growth-members.svg\)/);
	assert.ok(text.indexOf('## First') < text.indexOf('## Growth'));
	assert.match(text, /\*\*Growth\*\*.*0.5 cores.*0.9 at worst.*was busy/);
	assert.doesNotMatch(text, /\*\*First\*\*.*busy/);
	assert.match(page_of([{...result, smoke: true}], folder),
		/figures say nothing/);
});

test('bodies of orders', () => {
	for (const kilobytes of [2, 8, 30]) {
		const o = {kilobytes, order: 7, customer: 9, cents: 1234};
		const {body, path, headers} = request(0, o);
		const order = JSON.parse(body);

		assert.ok(Math.abs(body.length / 1024 - kilobytes) < kilobytes / 8,
			`${body.length} bytes`);
		assert.equal(body.length, template(kilobytes).length);
		assert.deepEqual([order.id, order.customer.id, order.total_price],
			[5000000000007, 7000000000009, '062.29']);
		assert.equal(path, '/webhooks/shopify/s001');
		assert.doesNotMatch(body.toString(), /@[A-Z]+@/);
		assert.notEqual(request(0, {...o, later: 60}).headers[
			'X-Shopify-Hmac-Sha256'], headers['X-Shopify-Hmac-Sha256']);
	}
});

test('answers of Redis, also in pieces', () => {
	const text = '*2\r\n$3\r\na\r\n\r\n*3\r\n:12\r\n$-1\r\n+OK\r\n';

	assert.deepEqual(answer_of(text), [['a\r\n', ['12', null, 'OK']], text.length]);
	for (let n = 0; n < text.length; n++)
		assert.equal(answer_of(text.slice(0, n)), null, `${n} bytes`);
	assert.throws(() => answer_of('-ERR no\r\n'), /ERR no/);
});

test('the CPU and memory of a process', () => {
	const stop = meter({me: process.pid});
	const before = cpu_of(process.pid), end = Date.now() + 60;
	let n = 0;

	while (Date.now() < end)
		n++;
	const {cpu, wall} = stop();

	assert.ok(n > 0 && cpu_of(process.pid) > before);
	assert.ok(wall > 59e3 && cpu.me > 1e3 && cpu.me < 10 * wall);
	assert.ok(memory_of(process.pid) > 2 ** 20);
});
