// SPDX-License-Identifier: MIT
//
// read: what deploy/monitoring says, for those who check it.
//
//	figures_of(metrics.def)		Map of each name to the labels of its rows,
//					or null where they come at run time
//	rules_read(alerts.yml)		[{alert, expr, severity, summary, what_to_do}]
//	wrong_in(expr, figures)		what it names that there is not
//
// alerts.yml is read by its form, which is always the same; whether it is YAML
// and a rules file at all is promtool's to say.

// Figures of Prometheus' own.
const OTHERS = ['up', 'ALERTS'];
const WORDS = ['and', 'or', 'unless', 'bool', 'by'];

export function figures_of(text)
{
	const figures = new Map();

	for (const [, kind, name, labels] of text.matchAll(
		/^(METRIC|HISTOGRAM|FAMILY)\(\w+, .*?"(\w+)(?:\{(.*?)\})?",/gm)) {
		const plain = labels?.replaceAll('\\"', '"');

		if (kind === 'HISTOGRAM')
			for (const end of ['bucket', 'sum', 'count'])
				figures.set(`${name}_${end}`, null);
		else if (kind === 'FAMILY')
			figures.set(name, null);
		else
			figures.set(name, [...figures.get(name) ?? [], plain]);
	}
	return figures;
}

export function rules_read(text)
{
	return text.split(/^ +- alert: /m).slice(1).map((block) => {
		const of = (key) => {
			const [, line, more] = block.match(new RegExp(
				`^( *)${key}: (?:[|>]-?\\n((?:\\1 +.*\\n)+)|.*)`,
				'm')) ?? [];

			return line === undefined ? undefined : (more ??
				block.match(new RegExp(`^ *${key}: (.*)`, 'm'))[1])
				.trim().split(/\s*\n\s*/).join(' ');
		};

		return {alert: block.split('\n')[0].trim(), expr: of('expr'),
			severity: of('severity'), summary: of('summary'),
			what_to_do: of('what_to_do')};
	});
}

export function wrong_in(expr, figures)
{
	const wrong = [];

	for (const [, name, matchers] of expr.matchAll(
		/\b(loyald_\w+)(?:\{(.*?)\})?/g)) {
		const rows = figures.get(name);

		if (rows === undefined)
			wrong.push(`there is no figure ${name}`);
		else if (rows !== null && matchers !== undefined &&
		    !rows.includes(matchers))
			wrong.push(`${name} has no row {${matchers}}`);
	}
	const bare = expr.replace(/"[^"]*"/g, '').replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
		.replace(/\bby\s*\([^)]*\)/g, '');

	for (const [name] of bare.matchAll(/\b[a-zA-Z_]\w*\b(?!\s*\()/g))
		if (!name.startsWith('loyald_') && !OTHERS.includes(name) &&
		    !WORDS.includes(name))
			wrong.push(`${name} is nobody's figure`);
	return wrong;
}
