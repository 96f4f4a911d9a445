// SPDX-License-Identifier: MIT
//
// mutants.mjs [--lines] TABLE [WORD]: do the tests notice when one line of the
// core is wrong?
//
// The table has a file's name, a line of it ("- ...", without its
// indentation; "-2 ..." is the second one like it) and what stands there
// instead ("+ ..."), over and over.  Each mutant is built in a copy of the
// tree, the one file compiled anew, and the tests run until one fails.
// WORD picks those whose file or line has it.
//
// MUTANTS_JOBS=2 copies work at once; MUTANTS_CASES=3000 random histories is
// what each mutant has to survive.  A line that is not there any more is an
// error: the table is to be brought up to date.  --lines checks only that, as
// `make lint` does.
import {execFile} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readFileSync, readdirSync,
	writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);
const JOBS = Number(process.env.MUTANTS_JOBS ?? 2);
const CASES = process.env.MUTANTS_CASES ?? '3000';
const BUILD_MS = 600_000;
const TEST_MS = 30_000;		// a test that hangs has noticed
const KILLED_AT_LEAST = 0.95;
const OUTPUT_MAX = 1 << 26;

// Of the unit tests those that are about the core.
const ABOUT = new RegExp('^test_(account|beyond|calendar|decide|fact|filter|fold' +
	'|match|order|quote|ratio|reason|referral|scenario|settle|told|worth' +
	'|why)');

function table(path)
{
	const mutants = [];
	let file, line;

	for (const text of readFileSync(path, 'utf8').split('\n')) {
		const minus = /^-(\d*) (.*)$/.exec(text);

		if (text === '' || text.startsWith('#'))
			continue;
		if (minus !== null)
			line = {nth: minus[1], text: minus[2]};
		else if (text.startsWith('+ '))
			mutants.push({file, line, instead: text.slice(2)});
		else
			file = text;
	}
	return mutants;
}

// The file's text with the one line changed; null if there is no such line,
// or more than one and the table does not say which.
function mutated(root, m)
{
	const lines = readFileSync(join(root, m.file), 'utf8').split('\n');
	const found = [...lines.keys()].filter(
		(i) => lines[i].trim() === m.line.text);
	const nth = Number(m.line.nth || 1);

	if (found.length < nth || (m.line.nth === '' && found.length > 1))
		return null;
	m.where = `${m.file}:${found[nth - 1] + 1}`;
	lines[found[nth - 1]] = m.instead;
	return lines.join('\n');
}

// A copy of the tree; what is there and the same stays, so that nothing is
// built twice.
async function copy_of(n)
{
	const to = join('build', 'mutation', String(n));
	const {stdout} = await run('tests/lint/files.sh', [],
		{maxBuffer: OUTPUT_MAX});

	for (const file of stdout.split('\n').filter((f) => f !== '')) {
		const there = join(to, file);

		if (existsSync(there) &&
		    readFileSync(there).equals(readFileSync(file)))
			continue;
		mkdirSync(dirname(there), {recursive: true});
		cpSync(file, there);
	}
	return to;
}

function files_of(root, folder, ends)
{
	const path = join(root, folder);

	return existsSync(path)
		? readdirSync(path).filter((f) => f.endsWith(ends)) : [];
}

// Gives the tests to build and to run, the slowest last.
function tests_of(root)
{
	const slow = (name) => Number(name.includes('properties'));
	const names = files_of(root, 'tests/unit', '.c')
		.filter((f) => ABOUT.test(f))
		.map((f) => f.slice(0, -2))
		.sort((a, b) => slow(a) - slow(b));
	const programs = ['deploy/programs', 'tests/programs'].flatMap(
		(folder) => files_of(root, folder, '.json')
			.filter((f) => f !== 'program.schema.json')
			.map((f) => join(folder, f)));
	const commands = names.map(
		(name) => ({name, argv: [`build/m/${name}`]}));

	commands.splice(-1, 0, {name: 'programs',
		argv: ['build/m/loyald', 'program', 'test', ...programs]});
	return {targets: ['build/m/loyald', ...names.map(
		(name) => `build/m/${name}`)], commands};
}

async function build(root, targets)
{
	await run('make', ['-s', 'O=build/m', 'BUILD=dev', ...targets],
		{cwd: root, timeout: BUILD_MS, maxBuffer: OUTPUT_MAX});
}

// The name of the first test that fails, or null.
async function noticed(root, commands)
{
	for (const {name, argv} of commands)
		try {
			await run(argv[0], argv.slice(1), {
				cwd: root, timeout: TEST_MS,
				killSignal: 'SIGKILL', maxBuffer: OUTPUT_MAX,
				env: {...process.env, PROPERTY_CASES: CASES},
			});
		} catch {
			return name;
		}
	return null;
}

async function judge(root, m, tests)
{
	const path = join(root, m.file);
	const before = readFileSync(path);

	writeFileSync(path, mutated(root, m));
	try {
		await build(root, tests.targets);
		m.by = await noticed(root, tests.commands);
		m.verdict = m.by === null ? 'SURVIVED' : 'killed';
	} catch (e) {
		m.verdict = 'does not compile';
		m.text = String(e.stderr);
	} finally {
		writeFileSync(path, before);
	}
}

async function work(n, queue)
{
	const root = await copy_of(n);
	const tests = tests_of(root);

	await build(root, tests.targets);
	const broken = await noticed(root, tests.commands);

	if (broken !== null)
		throw new Error(`${broken} fails without any mutant`);
	for (let m = queue.shift(); m !== undefined; m = queue.shift()) {
		await judge(root, m, tests);
		console.log(`${m.verdict} ${m.where}` +
			(m.by ? ` by ${m.by}` : '') +
			`\n\t- ${m.line.text}\n\t+ ${m.instead}` +
			(m.text ? `\n${m.text}` : ''));
	}
}

const lines = process.argv[2] === '--lines';
const [path, word = ''] = process.argv.slice(lines ? 3 : 2);
const all = table(path).filter((m) => m.file.includes(word) ||
	m.line.text.includes(word));
const gone = all.filter((m) => mutated('.', m) === null);
const there = all.filter((m) => !gone.includes(m));
const queue = [...there];

for (const m of gone)
	console.log(`NOT THERE ${m.file}\n\t- ${m.line.text}`);
if (lines)
	process.exit(gone.length === 0 ? 0 : 1);
await Promise.all(Array.from({length: JOBS}, (_, i) => work(i + 1, queue)));

const valid = there.filter((m) => m.verdict !== 'does not compile');
const killed = valid.filter((m) => m.verdict === 'killed');

console.log(`${killed.length} of ${valid.length} mutants killed, ` +
	`${(100 * killed.length / valid.length).toFixed(1)} %; ` +
	`${gone.length} lines are not there, ` +
	`${there.length - valid.length} mutants do not compile`);
process.exitCode = gone.length === 0 && there.length === valid.length &&
	killed.length >= KILLED_AT_LEAST * valid.length ? 0 : 1;
