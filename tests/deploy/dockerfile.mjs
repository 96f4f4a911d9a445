// SPDX-License-Identifier: MIT
//
// dockerfile: builds the stages of deploy/Dockerfile in folders, where there
// is no docker.  It knows the instructions that the file has, does them as
// docker does, and refuses every other, so that the file is what is tested.
//
//	dockerfile_read(path)      [{image, name, steps: [[word, rest]]}]
//	stage_copy(stage, {context, root})   what the stage copies, and no more
//	await image_build(stages, {context, dir, base, run, say})
//	    base(image, root)      makes a root of an image that is not a stage
//	    run(root, shell, env)  runs a line in a root, as its user root
//	                           {root, user, command, signal, labels} of the
//	                           last stage
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, statSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';

// The PATH that docker gives to everything that it runs.
export const DOCKER_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:' +
	'/usr/bin:/sbin:/bin';

function lines_of(text)
{
	const lines = [];
	let line = '';

	for (const part of text.split('\n')) {
		if (/^\s*#/.test(part) || (line !== '' && part.trim() === ''))
			continue;
		line += part.replace(/\\$/, '');
		if (part.endsWith('\\'))
			continue;
		if (line.trim() !== '')
			lines.push(line.trim());
		line = '';
	}
	return lines;
}

export function dockerfile_read(path)
{
	const stages = [];

	for (const line of lines_of(readFileSync(path, 'utf8'))) {
		const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];

		if (word === undefined)
			throw new Error(`not read: ${line}`);
		if (word === 'FROM') {
			const [image, as, name] = rest.split(/\s+/);

			if (as !== undefined && as !== 'AS')
				throw new Error(`not read: ${line}`);
			stages.push({image, name, steps: []});
		} else {
			stages.at(-1).steps.push([word, rest]);
		}
	}
	return stages;
}

const expand = (text, args) => text.replace(/\$\{?([A-Z_]+)\}?/g,
	(all, name) => {
		if (!(name in args))
			throw new Error(`${text}: there is no ARG ${name}`);
		return args[name];
	});

const words_read = (text) => {
	const words = JSON.parse(text);

	if (!Array.isArray(words) || words.some((w) => typeof w !== 'string'))
		throw new Error(`no list of words: ${text}`);
	return words;
};

// Copies a file, or what is in a folder.  Run by root, gives it to root.
function copy(from, to_text, root)
{
	const to = join(root, to_text);
	const is_folder = statSync(from).isDirectory();
	const into = is_folder ? to : to_text.endsWith('/') ?
		join(to, basename(from)) : to;

	mkdirSync(is_folder ? into : dirname(into), {recursive: true});
	execFileSync('cp', ['-R', '--preserve=mode,timestamps,links',
		is_folder ? `${from}/.` : from, into]);
	if (process.getuid() === 0)
		execFileSync('chown', ['-R', '0:0', into]);
}

// Reads the names that .dockerignore keeps from being copied.
function ignored_read(context)
{
	const lines = readFileSync(join(context, '.dockerignore'), 'utf8')
		.split('\n').filter((l) => l !== '');
	const top = lines.filter((l) => /^[^*/]+$/.test(l));

	for (const line of lines)
		if (!top.includes(line) && !/^\*\*\/[^*/]+$/.test(line))
			throw new Error(`.dockerignore: not read: ${line}`);
	return top;
}

function copy_step(rest, state)
{
	const [, stage, from, to, more] = /^(?:--from=(\S+) )?(\S+) (\S+)(.*)$/
		.exec(rest) ?? [];

	if (to === undefined || more !== '')
		throw new Error(`not read: COPY ${rest}`);
	if (stage === undefined &&
	    state.ignored.includes(from.split('/')[0]))
		throw new Error(`COPY ${from}: .dockerignore leaves it out`);
	const where = stage === undefined ? state.context : state.roots[stage];

	if (where === undefined || !existsSync(join(where, from)))
		throw new Error(`COPY ${rest}: it is not there`);
	copy(join(where, from), to, state.root);
}

const STEPS = {
	ARG: (rest, s) => {
		const [name, ...value] = rest.split('=');

		s.args[name] = value.join('=');
	},
	LABEL: (rest, s) => {
		for (const [, name, value] of rest.matchAll(
			/([a-z.]+)="([^"]*)"/g))
			s.labels[name] = expand(value, s.args);
	},
	COPY: (rest, s) => copy_step(rest, s),
	RUN: (rest, s) => {
		if (s.user !== null)
			throw new Error(`as ${s.user}: RUN ${rest}`);
		return s.run(s.root, rest, {PATH: DOCKER_PATH, ...s.args});
	},
	USER: (rest, s) => { s.user = rest; },
	STOPSIGNAL: (rest, s) => { s.signal = rest; },
	ENTRYPOINT: (rest, s) => { s.entrypoint = words_read(rest); },
	CMD: (rest, s) => { s.command = words_read(rest); },
};

export function stage_copy(stage, {context, root})
{
	const state = {context, root, roots: {},
		ignored: ignored_read(context)};

	for (const [word, rest] of stage.steps)
		if (word === 'COPY')
			copy_step(rest, state);
}

export async function image_build(stages, {context, dir, base, run, say})
{
	const roots = {}, ignored = ignored_read(context);
	let state = null;

	for (const [i, stage] of stages.entries()) {
		const root = join(dir, `stage-${i}`);

		say(`FROM ${stage.image}`);
		await base(stage.image, root);
		state = {root, roots, context, ignored, run, args: {},
			labels: {}, user: null, entrypoint: [], command: []};
		for (const [word, rest] of stage.steps) {
			say(`${word} ${rest}`);
			if (!(word in STEPS))
				throw new Error(`nobody knows ${word} ${rest}`);
			await STEPS[word](rest, state);
		}
		roots[stage.name ?? String(i)] = root;
	}
	return state;
}
