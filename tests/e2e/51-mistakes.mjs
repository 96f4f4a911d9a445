// SPDX-License-Identifier: MIT
//
// The mistakes of a first day: what is missing or wrong, in the wrong order, in
// the wrong place or mistyped.  Of each the message has to say what happened,
// to what, and what to do, the exit status has to tell a supervisor the right
// thing, nothing may go round without words, and no secret may be shown.
//
// MISTAKES="password" runs those with the word in their names.
import {spawn} from 'node:child_process';
import {chmodSync, chownSync, existsSync, mkdirSync, readFileSync,
	writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {join} from 'node:path';
import {POINTS, free_port} from '../support/world.mjs';
import {scenario} from './scenario.mjs';

const AT_ONCE = 4;
const PATIENCE_MS = 20000;	// for the words
const ROLES = ['receive', 'work', 'push', 'schedule', 'serve'];
const PASSWORD = 'hunter2-of-the-database';
const IS_ROOT = process.getuid() === 0;
const STRANGER = 10001;		// the image's user

// ---- running ----------------------------------------------------------------

class FirstDay {
	constructor(w)
	{
		this.w = w;
		this.n = 0;
	}

	path(name)
	{
		return join(this.w.dir, name);
	}

	file(name, text, mode = 0o600)
	{
		const path = this.path(name);

		writeFileSync(path, text, {mode});
		chmodSync(path, mode);
		return path;
	}

	folder(name, mode)
	{
		mkdirSync(this.path(name), {mode});
		return this.path(name);
	}

	copy_key(name, mode)
	{
		return this.file(name, readFileSync(this.path('key')), mode);
	}

	// A key that opens nothing here.
	other_key()
	{
		return this.file('other.key', `${'5a'.repeat(32)}\n`);
	}

	// The right key, for the user of the image.
	stranger_key()
	{
		const path = this.copy_key(`stranger-${++this.n}.key`, 0o600);

		chownSync(path, STRANGER, STRANGER);
		return path;
	}

	failing_program()
	{
		const program = JSON.parse(readFileSync(POINTS));

		program.tests = [{name: 'too much', steps: [{at: '2026-03-02',
			order: {id: '1', amount: '10.00'}, expect: {points: 11}}]}];
		return this.file('failing.json', JSON.stringify(program));
	}

	// Until it ends, or has said what is looked for; then it is ended.
	async run(args, {env = {}, unset = [], says = [], as = null,
		stays = false})
	{
		const all = {...this.w.env, LOYALD_SPOOL_DIR:
			this.folder(`spool-${++this.n}`, 0o700), LOYALD_LISTEN: '127.0.0.1:0',
			LOYALD_SERVE_LISTEN: '127.0.0.1:0', ...env};

		for (const name of unset)
			delete all[name];
		const user = as === null ? [] : ['--reuid', String(as),
			'--regid', String(as), '--clear-groups'];
		const child = spawn('setpriv', [...user, '--pdeathsig', 'KILL',
			this.w.loyald, ...args], {env: all, cwd: this.w.dir,
			stdio: ['ignore', 'pipe', 'pipe']});
		let text = '';
		let ended = false;
		const has_said = () => stays && says.every((re) => re.test(text));
		const timer = setTimeout(() => child.kill('SIGKILL'),
			PATIENCE_MS);
		const end = once(child, 'close');

		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (part) => {
				text += part;
				if (!ended && has_said()) {
					ended = true;
					child.kill('SIGTERM');
				}
			});
		const [status, signal] = await end;

		clearTimeout(timer);
		return {status: ended ? 'stays' : status ?? signal, text};
	}
}

// ---- the mistakes -------------------------------------------------------------

// Of each: a name, the command, what is different in its environment, the exit
// status ("stays": it goes on, and says it), and the three: what happened, to
// what, and what to do.
function mistakes(b, {port, taken, add, urls})
{
	const db = (url) => ({LOYALD_DATABASE_URL: url});
	const redis = (url) => ({LOYALD_REDIS_URL: url});
	const list = ['store', 'list'];

	return [
		// ---- missing ------------------------------------------------
		{what: 'no database', run: ['migrate'],
			env: db(''), status: 78,
			says: [/is not set/, /LOYALD_DATABASE_URL/, /PostgreSQL/]},
		{what: 'no settings at all', run: ['work'],
			unset: ['LOYALD_DATABASE_URL', 'LOYALD_REDIS_URL',
				'LOYALD_KEY_FILE'], status: 78,
			says: [/LOYALD_DATABASE_URL is not set/,
				/LOYALD_REDIS_URL is not set/,
				/LOYALD_KEY_FILE is not set/, /loyald key new/]},
		{what: 'no key for a store', run: add(),
			unset: ['LOYALD_KEY_FILE'], status: 78,
			says: [/is not set/, /LOYALD_KEY_FILE/, /loyald key new/]},
		{what: 'no key file', env: {LOYALD_KEY_FILE:
			b.path('nokey')}, run: add(), status: 78,
			says: [/no master key/, /nokey/, /loyald key new/]},
		// ---- wrong settings -----------------------------------------
		{what: 'two wrong settings', run: ['work'],
			env: {LOYALD_STREAMS: '0', LOYALD_LOG_LEVEL: 'loud'},
			status: 78, says: [/LOYALD_STREAMS is .*0.*from 1 to 64/,
				/LOYALD_LOG_LEVEL is .*loud.*debug, info, warn or error/]},
		{what: 'a database URL that is none', run: ['migrate'],
			env: db('postgres//loyald:secretpw@localhost/loyald'),
			status: 78, says: [/LOYALD_DATABASE_URL/, /postgresql:\/\/|conninfo/],
			hides: /secretpw/},
		{what: 'a database URL with an unknown word', run: list,
			env: db('host=localhost dbnam=loyald'), status: 78,
			says: [/LOYALD_DATABASE_URL/, /postgresql:\/\//]},
		{what: 'a Redis URL of HTTP', run: ['work'],
			env: redis('http://localhost:6379'), status: 78,
			says: [/LOYALD_REDIS_URL/, /redis:\/\//]},
		{what: 'a Redis URL with a password and a wrong port',
			run: ['receive'], env: redis('redis://:secretpw@localhost:port'),
			status: 78, says: [/LOYALD_REDIS_URL/, /redis:\/\//],
			hides: /secretpw/},
		{what: 'where to listen without a host', run: ['receive'],
			env: {LOYALD_LISTEN: '8080'}, status: 78,
			says: [/LOYALD_LISTEN/, /8080/, /host:port/]},
		{what: 'a port that is taken', run: ['receive'],
			env: {LOYALD_LISTEN: `127.0.0.1:${taken}`}, status: [69, 78],
			says: [new RegExp(`127.0.0.1:${taken}`),
				/in use/i, /LOYALD_LISTEN|another/]},
		{what: "an address that is not this machine's", run: ['serve'],
			env: {LOYALD_SERVE_LISTEN: `192.0.2.1:${port}`},
			status: [69, 78], says: [/192\.0\.2\.1/,
				/LOYALD_SERVE_LISTEN|not.*of this machine/]},
		{what: 'a port for figures that is taken', run: ['push'],
			env: {LOYALD_METRICS_LISTEN: `127.0.0.1:${taken}`},
			status: 'stays', stays: true,
			says: [/LOYALD_METRICS_LISTEN|\/metrics/,
				new RegExp(`${taken}`), /in use/i]},
		{what: 'a setting with a typo', run: list,
			env: {LOYALD_REDIS_ULR: 'redis://localhost'}, status: 0,
			says: [/LOYALD_REDIS_ULR/, /LOYALD_REDIS_URL/]},
		{what: 'a spool folder with a typo', run: ['receive'],
			env: {LOYALD_SPOOL_DIR: b.path('spol')}, status: 78,
			says: [/spol/, /LOYALD_SPOOL_DIR/, /mkdir|install -d|make/],
			made: b.path('spol')},
		{what: 'a spool folder that is a file', run: ['receive'],
			env: {LOYALD_SPOOL_DIR: POINTS}, status: [78, 'stays'],
			stays: true, says: [/points\.json/, /folder|directory/i]},
		{what: 'an environment file that is not there',
			run: [...list, '--env-file', 'loyald.evn'],
			status: [2, 78], says: [/loyald\.evn/, /No such file/i]},
		{what: 'an environment file with a bad line',
			run: [...list, '--env-file', b.file('bad.env',
				'# ours\nLOYALD_STREAMS 4\n')],
			status: 78, says: [/bad\.env/, /2/, /NAME=VALUE/]},
		// ---- rights --------------------------------------------------
		{what: 'a key that everybody may read', run: add(),
			env: {LOYALD_KEY_FILE: b.copy_key('open.key', 0o644)},
			status: 78, says: [/open\.key/, /chmod/]},
		...(IS_ROOT ? [
			{what: 'a key of somebody else', run: ['work'],
				env: {LOYALD_KEY_FILE: b.copy_key('root.key', 0o600)},
				as: STRANGER, status: 78,
				says: [/root\.key/, /10001/, /ermission denied/,
					/chown|chgrp|chmod/]},
			{what: 'a secret of somebody else',
				run: add({secret: b.file('root.secret', 's3cr3t-of-root\n')}),
				env: {LOYALD_KEY_FILE: b.stranger_key()},
				as: STRANGER, status: [1, 78],
				says: [/root\.secret/, /10001/, /ermission denied/],
				hides: /s3cr3t/},
			{what: 'a spool of somebody else', run: ['receive'],
				env: {LOYALD_KEY_FILE: b.stranger_key(),
					LOYALD_SPOOL_DIR: b.folder('root-spool', 0o700)},
				as: STRANGER, status: [78, 'stays'], stays: true,
				says: [/root-spool/, /ermission denied/]},
		] : []),
		{what: 'a key file that is no key', run: add(),
			env: {LOYALD_KEY_FILE: b.file('no.key', 'not a key\n')},
			status: 78, says: [/no\.key/, /no master key/,
				/loyald key new/]},
		{what: 'a new key over another', run: ['key', 'new', b.path('key')],
			status: [1, 78], says: [/there already/, /[Cc]hoose/]},
		{what: 'a new key in a folder that is not there',
			run: ['key', 'new', '/etc/loyalty-nowhere/key'],
			status: [1, 78], says: [/loyalty-nowhere/, /mkdir|install -d|folder/],
			made: '/etc/loyalty-nowhere'},
		...ROLES.filter((role) => role !== 'schedule').map((role) => ({
			what: `another database's key for ${role}`, run: [role],
			env: {LOYALD_KEY_FILE: b.other_key()}, status: 78,
			says: [/does not open with this master key/,
				/store 1/, /LOYALD_KEY_FILE/, /loyald key check/]})),
		// ---- wrong passwords and logins -------------------------------
		...ROLES.map((role) => ({
			what: `a wrong database password for ${role}`,
			run: [role], env: db(urls.wrong_password),
			status: 78, says: [/password/i, /limited/,
				/LOYALD_DATABASE_URL/], hides: /hunter2|wrong-word/})),
		{what: 'a wrong database password for a tool', run: list,
			env: db(urls.wrong_password), status: 78,
			says: [/password/i, /limited/, /LOYALD_DATABASE_URL/],
			hides: /wrong-word/},
		{what: 'a database that is not there', run: ['work'],
			env: db(urls.no_database), status: 78,
			says: [/loyalt/, /does not exist/, /LOYALD_DATABASE_URL|createdb/]},
		{what: 'a login that is not there', run: ['schedule'],
			env: db(urls.no_login), status: 78,
			says: [/nobody_of_that_name/, /does not exist/,
				/LOYALD_DATABASE_URL|CREATE USER/]},
		{what: 'a login without rights', run: ['work'],
			env: db(urls.limited), status: 78,
			says: [/limited/, /loyald_work/, /GRANT|CREATE USER|IN ROLE/]},
		{what: 'a wrong Redis password for work', run: ['work'],
			env: redis(urls.redis_wrong), status: 78,
			says: [/WRONGPASS|password/i, /127\.0\.0\.1|Redis/,
				/LOYALD_REDIS_URL/], hides: /wrong-word/},
		{what: 'a wrong Redis password for receive', run: ['receive'],
			env: redis(urls.redis_wrong), status: 'stays', stays: true,
			says: [/WRONGPASS|password/i, /Redis/, /LOYALD_REDIS_URL/,
				/spool/], hides: /wrong-word/},
		{what: 'a Redis database that is not there', run: ['work'],
			env: redis(urls.redis_index), status: 78,
			says: [/99/, /LOYALD_REDIS_URL/]},
		{what: 'a Redis user who may do nothing', run: ['work'],
			env: redis(urls.redis_limited), status: 78,
			says: [/NOPERM|may not|permission/i, /Redis/, /ACL|RUNBOOK|allow/]},
		{what: 'fewer streams for work than for receive', run: ['work'],
			env: {LOYALD_STREAMS: '1'}, status: 'stays', stays: true,
			says: [/deliveries wait/, /LOYALD_STREAMS is 1,/,
				/larger number/]},
		// ---- nobody there ---------------------------------------------
		{what: 'Redis is not there', run: ['work'],
			env: redis(`redis://127.0.0.1:${port}`), status: 'stays',
			stays: true, says: [new RegExp(`${port}`), /refused/i]},
		{what: 'PostgreSQL is not there for work', run: ['work'],
			env: db(`postgresql://127.0.0.1:${port}/loyald`),
			status: ['stays', 69], stays: true,
			says: [new RegExp(`${port}`), /refused/i]},
		{what: 'PostgreSQL is not there for a tool', run: list,
			env: db(`postgresql://127.0.0.1:${port}/loyald`), status: 69,
			says: [new RegExp(`${port}`), /refused/i]},
		{what: 'migrate comes before PostgreSQL', run: ['migrate'],
			env: db(`postgresql://127.0.0.1:${port}/loyald`),
			status: 'stays', stays: true,
			says: [new RegExp(`${port}`), /refused/i, /wait/i]},
		// ---- the wrong order ------------------------------------------
		...[...ROLES.map((role) => [role]), list, add(), ['verify'],
			['dlq', 'list']].map((run) => ({
			what: `${run[0]} comes before migrate`, run,
			env: db(urls.empty), stays: run[0] === 'receive',
			status: run[0] === 'receive' ? 'stays' : [70, 78],
			says: [/migrat/, /loyald migrate/]})),
		// ---- typos ----------------------------------------------------
		{what: 'a command with a typo', run: ['recieve'], status: 2,
			says: [/recieve/, /receive/]},
		{what: 'a verb with a typo', run: ['store', 'ad'], status: 2,
			says: [/\bad\b/, /\badd\b/]},
		{what: 'an option with a typo', run: [...add(),
			'--webhook-secret', 'x'], status: 2,
			says: [/--webhook-secret\b/, /--webhook-secret-file/]},
		{what: 'an option without its value', run: ['store', 'show',
			'--store'], status: 2, says: [/--store/, /value/]},
		{what: 'an option that is not there', run: ['receive',
			'--port', '80'], status: 2, says: [/--port/, /--help|--listen/]},
		{what: 'a number that is none', run: ['dlq', 'replay', '--id',
			'abc'], status: 2, says: [/--id/, /abc/, /number/]},
		{what: 'a tool that wants a store', run: ['store', 'show'],
			status: 2, says: [/--store/, /store list|usage|--help/]},
		{what: 'a time without its command', run: ['work', '--now',
			'2026-01-01T00:00:00Z'], status: 2, says: [/--now/, /--drain/]},
		{what: 'nobody is named', run: ['member', 'show', '--store', '1'],
			status: 2, says: [/--customer/, /--email/]},
		{what: 'nothing is to be changed', run: ['store', 'set',
			'--store', '1'], status: 2, says: [/nothing|wants/, /--program|--help/]},
		{what: 'much is wrong, and config check is asked',
			run: ['config', 'check'], env: {LOYALD_SPOOL_DIR: 'spol',
				...db(urls.no_database), ...redis(urls.redis_wrong)},
			status: 78, says: [/PostgreSQL.* wrong .*loyalt/,
				/Redis +wrong .*WRONGPASS/, /spool +wrong .*spol/],
			hides: /wrong-word/},
		{what: 'a key that opens nothing, and key check is asked',
			run: ['key', 'check', b.other_key()], status: 1,
			says: [/other\.key/, /open/]},
		// ---- a store --------------------------------------------------
		{what: 'a platform that is none', run: add({platform: 'magento'}),
			status: [1, 2], says: [/magento/, /shopify(,| or) woocommerce/]},
		{what: 'a currency that is none', run: add({currency: 'EURO'}),
			status: [1, 2], says: [/EURO/, /EUR\b/]},
		{what: 'a time zone that is none', run: add({timezone: 'Berlin'}),
			status: [1, 2, 78], says: [/Berlin/, /Europe\/Berlin/]},
		{what: 'a program that is not there', run: add({program: 'point.json'}),
			status: [1, 78], says: [/point\.json/, /No such file/i]},
		{what: 'a program that is none', run: add({program:
			b.file('not.json', '{"rules": ')}), status: 1,
			says: [/not\.json/, /line 1/]},
		{what: 'a program whose test fails', run: add({program:
			b.failing_program()}), status: 1,
			says: [/failing\.json|test/, /expected|fails/]},
		{what: 'an empty secret', run: add({secret: b.file('empty', '\n')}),
			status: 1, says: [/secret/, /empty|short|no secret/]},
		{what: 'a secret file that is not there', run: add({secret:
			'nowhere.secret'}), status: [1, 78],
			says: [/nowhere\.secret/, /No such file/i]},
		{what: "the other platform's token", run: add({platform: 'shopify',
			domain: 'x.myshopify.com', more: ['--api-url',
				'https://x.myshopify.com', '--api-token-file',
				b.file('ck', 'ck_1234:cs_5678\n')]}), status: 1,
			says: [/token/, /shpat_|Shopify/], hides: /cs_5678/},
		{what: 'an address without a token', run: add({more: ['--api-url',
			'https://shop.example']}), status: [1, 2],
			says: [/--api-token-file/, /wants/]},
		{what: 'a store that is there already', run: add({domain:
			'first.example'}), status: 1,
			says: [/first\.example/, /store 1\b/]},
		{what: 'a store that is not there', run: ['store', 'show',
			'--store', '77'], status: 1, says: [/77/, /store list/]},
	];
}

// ---- all of it ------------------------------------------------------------------

function judge(check, m, {status, text})
{
	const statuses = [m.status].flat();
	const lacks = m.says.filter((re) => !re.test(text)).map(String);
	const wrong = [
		...(statuses.includes(status) ? [] :
			[`exit status ${status}, not ${statuses.join(' or ')}`]),
		...lacks.map((re) => `says nothing like ${re}`),
		...(m.hides?.test(text) ? [`shows ${m.hides}`] : []),
		...(m.made && existsSync(m.made) ? [`made ${m.made}`] : []),
	];

	check(wrong.length === 0, wrong.length === 0 ? m.what :
		`${m.what}: ${wrong.join(', ')}:\n  ${text.trim()
			.replaceAll('\n', '\n  ')}`);
}

// Logins with passwords, on a server that trusts everybody else.
async function logins(w)
{
	const hba = join(process.env.SERVICES_DIR, 'pg/pg_hba.conf');

	await w.sql(`CREATE USER limited PASSWORD '${PASSWORD}'`);
	writeFileSync(hba, `local all limited scram-sha-256\n${
		readFileSync(hba)}`);
	await w.sql('SELECT pg_reload_conf()');
	chmodSync(join(process.env.SERVICES_DIR, '.s.PGSQL.5432'), 0o777);
	await w.sql('CREATE DATABASE empty');
	const url = (user, password, name = 'loyald') =>
		`host=${process.env.SERVICES_DIR} user=${user} ` +
		`password=${password} dbname=${name}`;

	return {wrong_password: url('limited', 'wrong-word'),
		limited: url('limited', PASSWORD),
		no_login: url('nobody_of_that_name', 'x'),
		no_database: url('postgres', 'x', 'loyalt'),
		empty: url('postgres', 'x', 'empty')};
}

async function redis_users(w)
{
	const at = `127.0.0.1:${process.env.SERVICES_REDIS_PORT}`;

	await w.redis('ACL', 'SETUSER', 'careful', 'on', '>right-word',
		'~*', '+@all');
	await w.redis('ACL', 'SETUSER', 'idle', 'on', '>right-word', '~*',
		'-@all', '+auth');
	return {redis_wrong: `redis://careful:wrong-word@${at}/0`,
		redis_index: `redis://${at}/99`,
		redis_limited: `redis://idle:right-word@${at}/0`};
}

await scenario(async ({w, check, store, verified}) => {
	const b = new FirstDay(w);

	await store('woocommerce', {domain: 'first.example'});
	const server = createServer().listen(0, '127.0.0.1');

	await once(server, 'listening');
	const secret = b.file('a.secret', 'a-secret-of-a-webhook\n');
	const add = ({platform = 'woocommerce', domain = 'shop.example',
		currency = 'EUR', timezone = 'Europe/Berlin', program = POINTS,
		secret: file = secret, more = []} = {}) => ['store', 'add',
		'--platform', platform, '--domain', domain, '--currency',
		currency, '--timezone', timezone, '--program', program,
		'--webhook-secret-file', file, ...more];
	const [[number]] = await w.sql(`SELECT lpad(to_hex(installation_id), 16,
		'0') FROM installation`);

	await w.redis('XADD', `loyald:{p60}:events:${number}`, '*', 'm', 'x');
	const list = mistakes(b, {port: await free_port(), add,
		taken: server.address().port,
		urls: {...await logins(w), ...await redis_users(w)}})
		.filter((m) => m.what.includes(process.env.MISTAKES ?? ''))
		.values();

	await Promise.all(Array.from({length: AT_ONCE}, async () => {
		for (const m of list)
			judge(check, m, await b.run(m.run, m));
	}));
	server.close();
	await w.streams_clear();
	check((await w.json(['store', 'list'])).length === 1,
		'nothing of it has added a store');
	await verified();
});
