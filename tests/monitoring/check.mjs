// SPDX-License-Identifier: MIT
//
// check: deploy/monitoring is right; prints what is not.  Without services.
//
//  1. promtool takes the scrape file, the rules and every expression of the
//     board, and each rule fires when it should, and only then (alerts.mjs).
//  2. Every figure in them is one of common/base/metrics.def, with labels that
//     it has.
//  3. Every figure that a symptom of deploy/RUNBOOK.md names has a rule, and
//     the rule's what_to_do is that row's third column.
//  4. The scrape file asks the services of docker-compose.yml, at their ports.
//  5. grafana.json is what grafana.mjs makes, and each panel says what it is.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ROOT} from '../support/world.mjs';
import {ROWS, board} from '../../deploy/monitoring/grafana.mjs';
import {EVERY, RULES, STEPS, WELL} from './alerts.mjs';
import {figures_of, rules_read, wrong_in} from './read.mjs';

// Named by a symptom, and without a rule: why.
const WITHOUT_RULE = {
	loyald_schedule_alone_total:
		'counts what is done about loyald_work_aside_total, which has one',
};
const DEPLOY = join(ROOT, 'deploy/monitoring');
const text_of = (path) => readFileSync(join(ROOT, path), 'utf8');
const wrong = [];
const say = (what) => wrong.push(what);
const dir = mkdtempSync(join(tmpdir(), 'loyald-monitoring.'));

function promtool(what, ...args)
{
	const done = spawnSync('promtool', args, {encoding: 'utf8'});

	if (done.status !== 0)
		say(`${what}: promtool ${args.slice(0, 2).join(' ')}:\n` +
			`${done.error?.message ?? done.stdout + done.stderr}`);
}

// JSON is YAML, too.
function file(name, content)
{
	const path = join(dir, name);

	writeFileSync(path, JSON.stringify(content));
	return path;
}

const panels = Object.values(ROWS).flat();
const rules = rules_read(text_of('deploy/monitoring/alerts.yml'));
const figures = figures_of(text_of('common/base/metrics.def'));
function board_check()
{
	const asks = panels.flatMap((p) => Object.values(p.ask)
		.map((expr) => [p.title, expr]));

	promtool('grafana.json', 'check', 'rules', file('board.json', {groups: [
		{name: 'board', rules: asks.map(([, expr], i) => ({
			record: `board:ask:${i}`,
			expr: expr.replaceAll('$__rate_interval', '1m')}))}]}));
	for (const [title, expr] of asks)
		wrong_in(expr, figures).forEach((w) =>
			say(`grafana.mjs: ${title}: ${w}`));
	for (const p of panels)
		if (!/^[A-Z0-9].*\.$/.test(p.says))
			say(`grafana.mjs: ${p.title}: what does it say?`);
	if (text_of('deploy/monitoring/grafana.json') !== board())
		say('grafana.json is not what grafana.mjs makes: node ' +
			'deploy/monitoring/grafana.mjs >deploy/monitoring/grafana.json');
}

function rules_check()
{
	promtool('prometheus.yml', 'check', 'config',
		join(DEPLOY, 'prometheus.yml'));
	for (const {alert, expr, severity, summary, what_to_do} of rules) {
		wrong_in(expr, figures).forEach((w) =>
			say(`alerts.yml: ${alert}: ${w}`));
		if (!['critical', 'warning', 'info'].includes(severity) ||
		    !summary || !what_to_do)
			say(`alerts.yml: ${alert}: wants severity, summary and ` +
				'what_to_do');
	}
}

function test_of(alert, how, {steps = STEPS, every = EVERY, ...of})
{
	return {name: `${alert} ${how}`, interval: `${every}m`,
		input_series: Object.entries({...WELL, ...of[how]}).map(
			([series, values]) => ({series,
				values: values.replace('N', steps)})),
		// promtool tells of the expression, not of the name.
		promql_expr_test: [{expr: 'count by (alertname) ' +
			`(ALERTS{alertstate="firing"}) # ${alert} ${how}`,
		eval_time: `${steps * every}m`,
		exp_samples: how === 'quiet' ? [] : [{value: 1,
			labels: `{alertname="${alert}"}`}]}]};
}

function firing_check()
{
	const names = rules.map((r) => r.alert);
	const cases = Object.entries(RULES);

	for (const name of names.filter((n) => !(n in RULES)))
		say(`alerts.mjs: no case for ${name}`);
	for (const [name] of cases.filter(([n]) => !names.includes(n)))
		say(`alerts.mjs: there is no rule ${name}`);
	for (const every of new Set(cases.map(([, of]) => of.every ?? EVERY)))
		promtool('alerts.yml', 'test', 'rules', file('tests.json', {
			rule_files: [join(DEPLOY, 'alerts.yml')],
			evaluation_interval: `${every}m`, tests: cases.filter(
				([, of]) => (of.every ?? EVERY) === every)
				.flatMap(([alert, of]) => ['fires', 'quiet'].map(
					(how) => test_of(alert, how, of)))}));
}

// The symptoms that name a figure: [{figures, todo}].
function symptoms()
{
	const section = text_of('deploy/RUNBOOK.md')
		.split('\n## Symptoms\n')[1].split('\n## ')[0];

	return section.split('\n').filter((l) => l.startsWith('| ')).map((l) => {
		const [, seen, , todo] = l.split(/(?<!\\)\|/)
			.map((cell) => cell.trim().replaceAll('\\|', '|'));

		return {todo, figures: [...seen.matchAll(
			/`(up|loyald_[a-z_]+(?:\{[^}]*\})?)`/g)].map((m) => m[1])};
	});
}

function runbook_check()
{
	const rows = symptoms();
	const is_of = (rule) => (figure) => rule.expr.includes(figure);

	for (const figure of rows.flatMap((row) => row.figures))
		if (!rules.some((rule) => is_of(rule)(figure)) &&
		    !(figure in WITHOUT_RULE))
			say(`alerts.yml: no rule for ${figure}, which RUNBOOK.md ` +
				'has among its symptoms');
	for (const rule of rules) {
		const todo = rows.filter((row) => row.figures.some(is_of(rule)))
			.map((row) => row.todo);

		if (!todo.includes(rule.what_to_do))
			say(`alerts.yml: ${rule.alert}: what_to_do is not what ` +
				`RUNBOOK.md says of such a symptom: ${todo.join(
					'; or: ') || 'none names its figures'}`);
	}
}

// "service:port" of each that listens, by what its settings say.
function targets_check()
{
	const services = {};
	let name = null;

	for (const line of text_of('docker-compose.yml').split('\n')) {
		name = line.match(/^ {2}([a-z][a-z0-9-]*):/)?.[1] ?? name;
		const port = line.match(
			/LOYALD_[A-Z_]*LISTEN: "?0\.0\.0\.0:([0-9]+)/)?.[1];

		const like = line.match(/^ {4}<<: \*([a-z-]+)$/)?.[1];

		if (port ?? services[like])
			services[name] = port ?? services[like];
	}
	const scraped = text_of('deploy/monitoring/prometheus.yml');
	const targets = Object.fromEntries([
		...scraped.matchAll(/^ +- ([a-z0-9-]+):([0-9]+)$/gm),
		...scraped.matchAll(/names: \[([a-z]+)\]\n.*\n +port: ([0-9]+)/g)]
		.map(([, service, port]) => [service, port]));

	for (const one of new Set([...Object.keys(services),
		...Object.keys(targets)]))
		if (services[one] !== targets[one])
			say(`prometheus.yml asks ${one} at ${targets[one]}, where ` +
				`docker-compose.yml has ${services[one]}`);
}

if (spawnSync('promtool', ['--version']).error) {
	process.stdout.write('monitoring: promtool is missing: it is in the ' +
		'package prometheus; tests/support/packages.sh test installs it\n');
	process.exit(69);
}
try {
	for (const check of [rules_check, firing_check, board_check,
		runbook_check, targets_check])
		check();
} finally {
	rmSync(dir, {recursive: true});
}
for (const what of wrong)
	process.stdout.write(`monitoring: ${what}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
