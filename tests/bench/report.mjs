// SPDX-License-Identifier: MIT
//
// report: works out what rounds come to, and writes the page.
//
//	median(list), quantile(list, part)
//	spread(list)                 gives (most - least) / median
//	ratio(rows, over, under)     gives {median, least, most} of quotients of
//	                             two numbers of the same round
//	figure(n)                    writes a number for a table
//	page_of(results, folder)     gives the text of the page
//	report_write(folder, page, name, result)
//	                             writes folder/NAME.json, the plots, and the
//	                             page of all results in the folder
//
// A result is {title, at, version, machine, rounds, noise: [of each run],
// smoke, parts}, and a part is {title, text, head: [..], rows: [[..]], plot:
// {name, svg}}.
import {mkdirSync, readFileSync, existsSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

const NAMES = ['bench', 'bench-more', 'bench-growth'];
const NOISY = 0.2;		// with more cores used by others the page warns

const sorted = (list) => [...list].sort((a, b) => a - b);

export function median(list)
{
	const all = sorted(list), half = all.length >> 1;

	return all.length % 2 === 1 ? all[half] : (all[half - 1] + all[half]) / 2;
}

export function spread(list)
{
	const all = sorted(list);

	return (all.at(-1) - all[0]) / median(all);
}

export function quantile(list, part)
{
	return sorted(list)[Math.floor((list.length - 1) * part)];
}

// Divides the number that `over` gives of a row by the number that `under`
// gives of a row of the same round; either gives undefined for rows of others.
export function ratio(rows, over, under)
{
	const rounds = new Map();

	for (const row of rows) {
		const pair = rounds.get(row.round) ?? [];

		[over, under].forEach((number, i) => {
			pair[i] = number(row) ?? pair[i];
		});
		rounds.set(row.round, pair);
	}
	const all = [...rounds.values()].filter(([a, b]) =>
		a !== undefined && b !== undefined).map(([a, b]) => a / b);

	return all.length === 0 ? null : {median: median(all),
		least: Math.min(...all), most: Math.max(...all)};
}

// Groups the digits of numbers from 100 on, and gives others three digits.
export function figure(n)
{
	if (n === null || n === undefined || Number.isNaN(n))
		return '';
	return n >= 100 ? String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',') :
		String(Number(n.toPrecision(n < 1 ? 2 : 3)));
}

const cell = (c) => typeof c === 'number' ? figure(c) : String(c ?? '');
const row_of = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function part_of(part, folder)
{
	const lines = [`### ${part.title}`, ''];

	if (part.text)
		lines.push(part.text, '');
	if (part.rows?.length > 0)
		lines.push(row_of(part.head), `|${part.head.map((_, i) =>
			i === 0 ? '---' : '---:').join('|')}|`,
		...part.rows.map(row_of), '');
	if (part.plot)
		lines.push(`![${part.title}](${basename(folder)}/${part.plot})`, '');
	return lines;
}

function state_of(r)
{
	const noise = median(r.noise);

	return `- **${r.title}** (\`make ${r.name}\`): ${r.at}, loyald ${r.version}, ` +
		`${r.machine}. Others used ${figure(noise)} cores meanwhile (median; ` +
		`${figure(Math.max(...r.noise))} at worst).` +
		(noise > NOISY ? ' **The machine was busy: compare what stands ' +
			'side by side, and nothing else.**' : '') +
		(r.smoke ? ' **A trial of the bench: its figures say nothing.**' : '');
}

export function page_of(results, folder)
{
	return ['# What loyald costs', '',
		'Written by the bench (`tests/bench`); the figures behind it are in ' +
		`\`${basename(folder)}/*.json\`.`, '', ...results.map(state_of), '',
		...results.flatMap((r) => [`## ${r.title}`, '',
			...r.parts.flatMap((p) => part_of(p, folder))])]
		.join('\n').trimEnd() + '\n';
}

export function report_write(folder, page, name, result)
{
	mkdirSync(folder, {recursive: true});
	const file = (n) => join(folder, `${n}.json`);
	const parts = result.parts.map((part) => {
		if (!part.plot)
			return part;
		const plot = `${name}-${part.plot.name}.svg`;

		writeFileSync(join(folder, plot), part.plot.svg);
		return {...part, plot};
	});

	writeFileSync(file(name), JSON.stringify({...result, name, parts})
		.replaceAll('},{', '},\n{') + '\n');
	writeFileSync(page, page_of(NAMES.filter((n) => existsSync(file(n)))
		.map((n) => JSON.parse(readFileSync(file(n)))), folder));
}
