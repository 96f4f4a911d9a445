// SPDX-License-Identifier: MIT
//
// bench: runs one of the benches and writes the page.  Needs the environment
// that services.sh gives.
//
//	bench.mjs bench|bench-more|bench-growth PAGE FOLDER
import {SMOKE, machine, say, version} from './rounds.mjs';
import {report_write} from './report.mjs';

const TARGETS = {
	'bench': async () => (await import('./compare.mjs')).compare(),
	'bench-more': async () => (await import('./more.mjs')).more(),
	'bench-growth': async () => (await import('./growth.mjs')).growth(),
};

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const [target, page, folder] = process.argv.slice(2);
const at = new Date().toISOString().slice(0, 16).replace('T', ' ');
const result = await TARGETS[target]();

report_write(folder, page, target, {...result, at: `${at} UTC`, smoke: SMOKE,
	machine: machine(), version: version()});
say(`written: ${page}`);
process.exit(0);
