// SPDX-License-Identifier: MIT
//
// help.mjs LOYALD: holds the manual page to the program: every option that a
// command or verb has by its --help is in what the page says of that command
// or verb, and the page names none that it has not.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';

const [, , loyald] = process.argv;
const ask = (...args) => execFileSync(loyald, args, {encoding: 'utf8'});
const first_words = (help) => [...help.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)]
	.map((m) => m[1]);
const options_in = (help) => new Set([...help.matchAll(/^ {2}--([a-z-]+)/gm)]
	.map((m) => m[1]));
// Verbs of commands that do something without a verb, too.
const MORE = {push: ['push retry']};
let bad = 0;
const say = (what) => {
	process.stdout.write(`help: ${what}\n`);
	bad = 1;
};

// ---- the program -----------------------------------------------------------
const has = new Map();		// "store add": its options

for (const command of first_words(ask('help'))) {
	const help = ask(command, '--help');
	const verbs = help.startsWith(`usage: loyald ${command} VERB`) ?
		first_words(help).map((v) => `${command} ${v}`) : [command,
			...(MORE[command] ?? [])];

	for (const name of verbs)
		has.set(name, options_in(ask(...name.split(' '), '--help')));
}
const settings = new Set(JSON.parse(ask('help', 'config', '--json')).map(
	(s) => s.option.replace(/^--/, '')));

// ---- the page --------------------------------------------------------------
const told = [];		// {of: ['store add'], option, line}
let section = '', command = null, verbs = null;

for (const [i, line] of readFileSync('worker/loyald.8', 'utf8').split('\n')
	.entries()) {
	const [, head] = /^\.Sh (.*)/.exec(line) ?? [];
	const [, item] = /^\.It (?:Xo )?Cm ([a-z]+(?: retry)?)/.exec(line) ?? [];
	const [, verb] = /^\.It Ic (.*)/.exec(line) ?? [];

	if (head) {
		section = head;
		command = verbs = null;
	}
	if (section !== 'PROCESSES' && section !== 'TOOLS')
		continue;
	if (item) {
		command = item;
		verbs = null;
	}
	if (verb)
		verbs = verb.split(' , ').map((v) => v.split(' ')[0]);
	if (line === '.El')
		verbs = null;
	for (const [, option] of line.matchAll(/Fl -([a-z-]+)/g))
		told.push({option, line: i + 1, of: [...has.keys()].filter((n) =>
			command === null || (verbs === null ?
				[n, n.split(' ')[0]].includes(command) : verbs.some((v) =>
					n === `${command} ${v}`)))});
}
if (has.size === 0 || told.length === 0)
	say('nothing was found');
for (const [name, options] of has)
	for (const option of options)
		if (!told.some((t) => t.option === option && t.of.includes(name)))
			say(`worker/loyald.8: ${name} has no --${option}`);
for (const {option, line, of} of told)
	if (option !== 'help' && !settings.has(option) &&
		!of.some((name) => has.get(name).has(option)))
		say(`worker/loyald.8:${line}: there is no --${option} of ` +
			(of.join(', ') || 'anything'));
process.exitCode = bad;
