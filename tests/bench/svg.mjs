// SPDX-License-Identifier: MIT
//
// svg: draws plots as text, readable in light and dark.
//
//	bars({title, unit, names, series})   draws a bar for each name, made of
//	                                     the values of all series, which are
//	                                     {name, values}
//	lines({title, unit, along, series})  draws series of {name, points: [[x,
//	                                     y]]} between logarithmic axes
const WIDTH = 760, LEFT = 64, RIGHT = 24, TOP = 44, ROW = 26, PLOT = 280;
const CHARACTER = 7;		// width of a character in pixels, about
const LIGHT = ['#2f6fb0', '#d9822b', '#4f9a54', '#a65fa8', '#c44e52', '#767676'];
const DARK = ['#6fa8dc', '#f0a860', '#85c98a', '#cf96d1', '#e8888b', '#a6a6a6'];
const STYLE = `
text { font: 13px sans-serif; fill: #222 }
.title { font-weight: bold; font-size: 15px }
.back { fill: #fff } .grid { stroke: #ccc }
${LIGHT.map((c, i) => `.f${i} { fill: ${c} } .l${i} { stroke: ${c} }`).join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .back { fill: #16181c } .grid { stroke: #444 }
${DARK.map((c, i) => `.f${i} { fill: ${c} } .l${i} { stroke: ${c} }`).join('\n')}
}`;

const escape = (text) => String(text).replace(/[&<>"]/g,
	(c) => `&#${c.charCodeAt(0)};`);
const fixed = (n) => String(Math.round(n * 10) / 10);
const text = (x, y, words, more = '') =>
	`<text x="${fixed(x)}" y="${fixed(y)}"${more}>${escape(words)}</text>`;
const line = (x1, y1, x2, y2, kind) => `<line x1="${fixed(x1)}" ` +
	`y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" class="${kind}"/>`;
const END = ' text-anchor="end"', MIDDLE = ' text-anchor="middle"';

// Writes a number for an axis in three digits: 1234567 is 1.23M.
export function short(n)
{
	for (const [unit, size] of [['M', 1e6], ['k', 1e3]])
		if (n >= size)
			return `${Number((n / size).toPrecision(3))}${unit}`;
	return String(Number(n.toPrecision(3)));
}

// Gives about five round numbers from 0 to at least `most`.
export function ticks(most)
{
	const power = 10 ** Math.floor(Math.log10(most / 5));
	const step = [1, 2, 5, 10].map((n) => n * power)
		.find((s) => most / s <= 6);
	const list = [];

	for (let i = 0; (i - 1) * step < most; i++)
		list.push(Number((i * step).toPrecision(12)));
	return list;
}

// Gives the powers of ten that enclose the values.
export function decades(values)
{
	const first = Math.floor(Math.log10(Math.min(...values)));
	const last = Math.max(first + 1,
		Math.ceil(Math.log10(Math.max(...values)) - 1e-9));

	return Array.from({length: last - first + 1}, (_, i) => 10 ** (first + i));
}

// Adds the names of the series below y, in as many lines as the names need, and
// gives the whole image.
function finish(title, series, y, parts)
{
	let x = LEFT, at = y;

	series.forEach(({name}, i) => {
		const width = 30 + name.length * CHARACTER;

		if (x > LEFT && x + width > WIDTH) {
			x = LEFT;
			at += 20;
		}
		parts.push(`<rect x="${x}" y="${at - 10}" width="12" height="12" ` +
			`class="f${i % LIGHT.length}"/>${text(x + 17, at, name)}`);
		x += width;
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ` +
		`${at + 16}" width="${WIDTH}" role="img">\n` +
		`<title>${escape(title)}</title>\n<style>${STYLE}\n</style>\n` +
		`<rect width="${WIDTH}" height="${at + 16}" class="back"/>\n` +
		`${text(LEFT, 24, title, ' class="title"')}\n` +
		`${parts.join('\n')}\n</svg>\n`;
}

export function bars({title, unit, names, series})
{
	const left = 24 + CHARACTER * Math.max(...names.map((n) => n.length));
	const bottom = TOP + names.length * ROW;
	const sum = (i) => series.reduce((n, s) => n + (s.values[i] ?? 0), 0);
	const marks = ticks(Math.max(...names.map((_, i) => sum(i)), 1e-9));
	const x = (n) => left + n / marks.at(-1) * (WIDTH - left - RIGHT - 44);
	const parts = marks.map((m) => line(x(m), TOP, x(m), bottom, 'grid') +
		text(x(m), bottom + 18, short(m), MIDDLE));

	names.forEach((name, i) => {
		let from = 0;

		parts.push(text(left - 8, TOP + i * ROW + 17, name, END));
		series.forEach((s, k) => {
			const to = from + (s.values[i] ?? 0);

			parts.push(`<rect x="${fixed(x(from))}" y="${TOP + i * ROW +
				4}" width="${fixed(x(to) - x(from))}" height="${ROW -
				8}" class="f${k % LIGHT.length}"/>`);
			from = to;
		});
		parts.push(text(x(from) + 6, TOP + i * ROW + 17, short(from)));
	});
	parts.push(text(WIDTH - RIGHT, bottom + 38, unit, END));
	return finish(title, series, bottom + 60, parts);
}

export function lines({title, unit, along, series})
{
	const of = (k) => series.flatMap((s) => s.points.map((p) => p[k]));
	const across = decades(of(0)), up = decades(of(1));
	const bottom = TOP + PLOT;
	const part = (marks, n) => Math.log10(n / marks[0]) /
		Math.log10(marks.at(-1) / marks[0]);
	const x = (n) => LEFT + part(across, n) * (WIDTH - LEFT - RIGHT);
	const y = (n) => bottom - part(up, n) * PLOT;
	const parts = [...across.map((m) => line(x(m), TOP, x(m), bottom, 'grid') +
		text(x(m), bottom + 18, short(m), MIDDLE)),
	...up.map((m) => line(LEFT, y(m), WIDTH - RIGHT, y(m), 'grid') +
		text(LEFT - 8, y(m) + 4, short(m), END))];

	series.forEach((s, k) => {
		const places = s.points.map((p) =>
			`${fixed(x(p[0]))},${fixed(y(p[1]))}`);

		parts.push(`<polyline points="${places.join(' ')}" fill="none" ` +
			`stroke-width="2" class="l${k % LIGHT.length}"/>`,
		...places.map((p) => `<circle cx="${p.split(',')[0]}" cy="${
			p.split(',')[1]}" r="3.5" class="f${k % LIGHT.length}"/>`));
	});
	parts.push(text(WIDTH - RIGHT, bottom + 38, `${along} (across), ${unit} (up)`,
		END));
	return finish(title, series, bottom + 60, parts);
}
