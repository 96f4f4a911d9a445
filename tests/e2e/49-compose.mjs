// SPDX-License-Identifier: MIT
//
// docker-compose.yml, without docker: what first-start.sh makes, the file
// against the Compose specification's schema and against what loyald knows,
// and then every process with the environment, the logins, the users of Redis
// and the health checks that the file gives it, until a delivery has become
// points.  `make image-roots` does the same inside the image.
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync,
	readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {generate} from '../support/orders.mjs';
import {deliver} from '../support/deliver.mjs';
import {shopify_signature} from '../support/sign.mjs';
import {ROOT} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

execFileSync(join(ROOT, 'tests/deploy/setup.sh'), {stdio: 'inherit'});
const {compose_read, env_read, schema_errors} =
	await import('../deploy/compose.mjs');
const {dockerfile_read, stage_copy} =
	await import('../deploy/dockerfile.mjs');
const {private_start} = await import('../deploy/private.mjs');

const ROLES = ['receive', 'receive-2', 'work', 'push', 'reconcile', 'schedule',
	'serve'];
const LISTEN = {receive: 'LOYALD_LISTEN', serve: 'LOYALD_SERVE_LISTEN'};
const stop_s = (role) => /STOP_MS = (\d+)000,/.exec(readFileSync(join(ROOT,
	`worker/${role}.c`), 'utf8'))[1];
// Seconds that each may need to end, in addition to the work that it is at.
const STOP_S = {receive: stop_s('receive'), serve: stop_s('serve'), push: 15,
	schedule: 60, work: 10, postgres: 30, redis: 10, proxy: 30};

// The folder of an operator who has cloned the repository.
function clone(w)
{
	const dir = join(w.dir, 'clone');

	cpSync(join(ROOT, 'deploy'), join(dir, 'deploy'), {recursive: true});
	copyFileSync(join(ROOT, 'docker-compose.yml'),
		join(dir, 'docker-compose.yml'));
	return dir;
}

const first_start = (dir, ...args) => spawnSync(
	join(dir, 'deploy/first-start.sh'), args, {encoding: 'utf8',
		env: {...process.env, KEY_OWNER: String(process.getuid()),
			BACKUP_OWNER: String(statSync(process.env.SERVICES_DIR).uid)}});

function first_start_works({check, equal}, dir)
{
	const env = join(dir, '.env'), key = join(dir, 'secrets/loyald.key');
	const file = join(dir, 'docker-compose.yml');
	const without = first_start(dir);

	check(without.status === 2 && /no domain yet/.test(without.stderr),
		'first-start.sh without a domain asks for it');
	const first = first_start(dir, 'loyalty.example');

	equal([first.status, ...[env, key, join(dir, 'secrets'),
		join(dir, 'backups')].map((f) => statSync(f).mode & 0o777)],
	[0, 0o600, 0o600, 0o700, 0o700],
	'it makes .env, the key and a folder for backups, for nobody else to read');
	const passwords = Object.entries(env_read(env))
		.filter(([name]) => name !== 'LOYALD_DOMAIN');

	check(passwords.every(([, p]) => /^[0-9a-f]{64}$/.test(p)) &&
		new Set(passwords.map(([, p]) => p)).size === passwords.length,
	`${passwords.length} passwords, no two the same`);
	check(!passwords.some(([, p]) => (without.stdout + first.stdout +
		first.stderr).includes(p)), 'and prints none of them');
	equal([...readFileSync(file, 'utf8').matchAll(/\$\{([A-Z_]+):\?/g)]
		.map((m) => m[1]).sort().filter((n, i, all) => n !== all[i - 1]),
	passwords.map(([name]) => name).sort(),
	'they are those that docker-compose.yml asks for');

	const before = [env, key].map((f) => readFileSync(f, 'utf8'));
	const again = first_start(dir, 'loyalty.example');

	equal([again.status, ...[env, key].map((f) => readFileSync(f, 'utf8'))],
		[0, ...before], 'run again, it changes nothing');
	equal(first_start(dir, 'elsewhere.example').status, 2,
		'not even the domain');
	// .env as a version left it that knew one password.
	const owner = 'POSTGRES_PASSWORD=of-before';

	writeFileSync(env, `export ${owner}\nPOSTGRES_WORK_PASSWORD=""\n` +
		'LOYALD_DOMAIN = "loyalty.example" # ours\n');
	chmodSync(env, 0o644);
	const theirs = first_start(dir);

	equal([theirs.status, statSync(env).mode & 0o007,
		...['POSTGRES', 'POSTGRES_WORK'].map((name) => readFileSync(env,
			'utf8').split(`${name}_PASSWORD=`).length)], [0, 0, 2, 3],
	'whatever docker compose takes as a value is one, and stays; ' +
		'nobody else reads it');
	writeFileSync(env, `${owner}\nLOYALD_DOMAIN=loyalty.example`);
	first_start(dir);
	check(readFileSync(env, 'utf8').startsWith(`${owner}\n`) &&
		Object.keys(env_read(env)).length === passwords.length + 1,
	'what an earlier version left stays, and the rest is added');
}

// RUNBOOK.md, "Backup", with containers; the drill itself is scenario 52.
async function backup_restores({check, equal, tool}, p, {services}, drill)
{
	const run = (name, ...words) => p.run(services[name],
		words.length > 0 ? words : services[name].command,
		{LOYALD_DATABASE_URL: p.url(
			services[name].environment.LOYALD_DATABASE_URL)});
	const rows = () => run('restore', 'psql', '-XAt', '-d', p.url(services
		.restore.environment.LOYALD_DATABASE_URL), '-c',
	'SELECT count(*), sum(points) FROM entry').then((done) => done.stdout);
	const as_owner = (...words) => p.run(services.logins, words,
		{PGDATABASE: 'postgres'});
	const before = await rows(), saved = await run('backup');

	check(saved.status === 0 && /1 backups are kept/.test(saved.stdout),
		`the backup's login reads all: ${saved.stdout}${saved.stderr}`);
	for (const query of ['DELETE FROM outbox', "UPDATE store SET secret = ''",
		'CREATE TABLE mine (i int)', 'SELECT nextval(\'entry_id\')'])
		check(/permission denied/.test((await run('backup', 'psql', '-d',
			p.url(services.backup.environment.LOYALD_DATABASE_URL),
			'-c', query)).stderr), `and may not ${query}`);
	const url = (name) => ({LOYALD_DATABASE_URL: p.url(
		drill[name].environment.LOYALD_DATABASE_URL)});

	await as_owner('createdb', 'loyald_drill');
	const copied = await p.run(drill.restore, ['bash',
		'/etc/loyald/backup.sh', 'restore', '--copy', '/backups'],
	url('restore'));

	check(copied.status === 0, `the drill: ${copied.stdout}${copied.stderr}`);
	equal([(await tool(['verify'], url('tools'))).ok,
		(await tool(['key', 'check'], url('tools'))).ok,
		(await as_owner('dropdb', 'loyald_drill')).status],
	[true, true, 0], 'the copy is in order, and gone again');
	equal([(await as_owner('dropdb', '--force', 'loyald')).status,
		(await as_owner('createdb', 'loyald')).status], [0, 0],
	'the database is gone');
	const restored = await run('restore');

	check(restored.status === 0 && /tools key check|loyald key check/.test(
		restored.stdout), `restored: ${restored.stdout}${restored.stderr}`);
	equal(await rows(), before, 'all entries are there again');
	equal([(await p.run(services.logins)).status, (await tool(['verify'])).ok,
		(await tool(['key', 'check'])).ok], [0, true, true],
	'in order, and the key is theirs');
}

// The file is as docker takes it, and has what a person would forget.
async function file_is_right({w, check, equal}, dir, compose, path)
{
	const known = (await w.json(['help', 'config'])).map((s) => s.env);
	const {services} = compose;
	const all = Object.values(services);

	equal(schema_errors(path), [], 'the schema of Compose takes the file');
	const wrong = join(dir, 'wrong.yml');

	writeFileSync(wrong, readFileSync(path, 'utf8').replace('mem_limit',
		'memory_limit'));
	check(schema_errors(wrong).length > 0, 'and not one with a typo');
	let refused = '';

	try {
		compose_read(path, {});
	} catch (e) {
		refused = e.message;
	}
	check(/is not set: run deploy\/first-start.sh/.test(refused),
		'without .env it says what to run');
	equal(all.flatMap((s) => Object.keys(s.environment)
		.filter((n) => s.file.build && !known.includes(n))
		.map((n) => `${s.name}: ${n}`)), [],
	'loyald knows every setting it is given');
	equal(all.filter((s) => !(s.file.read_only && s.file.mem_limit &&
		s.file.pids_limit && s.file.restart && s.file.logging &&
		s.file.cap_drop.join() === 'ALL' && s.file.security_opt.join() ===
			'no-new-privileges:true')).map((s) => s.name), [],
	'every service is bounded, and may as little as it can');
	equal(all.filter((s) => s.health === null && s.file.restart !== 'no')
		.map((s) => s.name), [], 'whatever stays says how it is');
	equal(all.filter((s) => !/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/.test(s.image))
		.map((s) => s.image), [], 'every image is of one release');
	const names = [...new Set(all.map((s) => s.image))].map((image) =>
		image.split(':')[0]);

	equal(names, [...new Set(names)], 'and of the same one everywhere');
	equal(all.filter((s) => s.grace_s <= (STOP_S[s.file.command?.[0]] ??
		STOP_S[s.name] ?? 0)).map((s) => s.name), [],
	'none is killed while it may still be ending');
	equal(all.flatMap((s) => s.mounts.map((m) => m.source)
		.filter((m) => m.startsWith('.') ? !existsSync(join(dir, m)) :
			!(m in compose.volumes))
		.concat(Object.keys(s.secrets).filter((n) => !existsSync(
			join(dir, compose.secrets[n].file))),
		Object.keys(s.depends_on).filter((n) => !(n in services)))
		.map((what) => `${s.name}: ${what}`)), [],
	'what is mounted, secret or waited for is there');
	const spools = all.filter((s) => s.command[0] === 'receive').map((s) =>
		s.mounts.find((m) => m.target === s.environment.LOYALD_SPOOL_DIR)
			?.source);

	check(spools.length === 2 && spools[0] !== spools[1] &&
		!spools.includes(undefined),
	'two receivers, each with a spool of its own');
	for (const s of all.filter((one) => ROLES.includes(one.name))) {
		const [role] = s.command;
		const listen = s.environment[LISTEN[role] ??
			'LOYALD_METRICS_LISTEN'];

		equal(s.health, ['healthcheck', listen?.replace('0.0.0.0:', '')],
			`${s.name} is asked where it answers`);
	}
	const version = /^VERSION\s*:=\s*(\S+)/m.exec(
		readFileSync(join(ROOT, 'Makefile'), 'utf8'))[1];
	const dockerfile = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');

	equal([...new Set([...dockerfile.matchAll(/^ARG VERSION=(.*)/mg)]
		.map((m) => m[1]))].concat(services.work.image),
	[version, `loyald:${version}`], 'image and file are of this version');
}

// The image's build without compiling, for which `make image-roots` takes
// minutes: `make install` needs no file that the Dockerfile does not copy.
function image_installs({w, equal})
{
	const root = join(w.dir, 'image'), src = join(root, 'src');

	stage_copy(dockerfile_read(join(ROOT, 'deploy/Dockerfile'))[0],
		{context: ROOT, root});
	mkdirSync(join(src, 'build'));
	copyFileSync(w.loyald, join(src, 'build/loyald'));
	const done = spawnSync('make', ['-s', '-o', 'all', '-C', src, 'install',
		`DESTDIR=${root}/out`], {encoding: 'utf8', env: {PATH:
			process.env.PATH}});

	equal([done.status, done.stderr], [0, ''],
		'the image installs from what it copies');
}

// No password is on a command line or in a log while everything runs.
function told_nowhere({w, equal}, dir)
{
	const passwords = Object.entries(env_read(join(dir, '.env')))
		.filter(([name]) => name !== 'LOYALD_DOMAIN');
	const lines = readdirSync('/proc').filter((n) => /^\d+$/.test(n))
		.map((pid) => {
			try {
				return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
			} catch {
				return '';	// it has just ended
			}
		});
	const logs = ROLES.map((name) => w.log_of(name));

	equal([...lines, ...logs].filter((text) => passwords.some(
		([, password]) => text.includes(password))), [],
	'no password is on a command line or in a log');
}

// Each password opens only what its service needs; 03 checks the roles.
async function rights_are_least({check, equal}, p, compose)
{
	const {services} = compose;
	const as = (name) => {
		const [, user, pass] = /\/\/([^:]+):([^@]+)@redis/.exec(
			services[name].environment.LOYALD_REDIS_URL);

		return (...words) => p.redis_cli(['--user', user, ...words],
			{REDISCLI_AUTH: pass}).then(({stdout, stderr}) =>
			/NOPERM/.test(stderr) ? 'no' : stdout + stderr);
	};
	const may = {
		receive: [['GET', 'elsewhere'], ['FLUSHALL'], ['XREADGROUP',
			'GROUP', 'g', 'c', 'STREAMS', 'loyald:x', '>'],
		['XDEL', 'loyald:x', '1'], ['CONFIG', 'GET', '*'], ['KEYS', '*']],
		work: [['FLUSHALL'], ['CONFIG', 'SET', 'save', '1 1'],
			['DEL', 'loyald:x'], ['EVAL', 'return 1', '0'],
			['ACL', 'LIST'], ['SHUTDOWN']],
		tools: [['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'loyald:x',
			'>'], ['SET', 'loyald:mark:1', 'x'], ['FLUSHALL']],
	};

	for (const [name, queries] of Object.entries(may))
		for (const words of queries)
			equal(await as(name)(...words), 'no',
				`${name} may not ${words.join(' ')}`);
	check(/NOAUTH/.test((await p.redis_cli(['PING'], {})).stderr),
		'nobody may anything of Redis without a password');
	const rows = readFileSync(join(ROOT, 'deploy/RUNBOOK.md'), 'utf8')
		.split('\n').find((l) => l.startsWith('| Redis answers NOPERM'));
	const said = [...rows.matchAll(/`([A-Z|\\ ]+)`/g)].map((m) =>
		m[1].replace(/\\/g, '').toLowerCase().split(' '));
	const given = Object.fromEntries([...readFileSync(join(ROOT,
		'deploy/redis.sh'), 'utf8').matchAll(/^user loyald_(\w+) (.*)$/mg)]
		.map(([, user, rules]) => [user, [...rules.matchAll(/\+(\S+)/g)]
			.map((m) => m[1])]));

	equal([given.receive, given.work, given.operator].map((words) =>
		words.join()), [said[0], said[0].concat(said[1]), said[2]]
		.map((words) => words.join()),
		'RUNBOOK.md names the commands that redis.sh allows');
}

await scenario(async ({w, check, equal, fake, until}) => {
	const dir = clone(w), path = join(dir, 'docker-compose.yml');

	first_start_works({check, equal}, dir);
	const compose = compose_read(path, env_read(join(dir, '.env')));
	const {services} = compose;

	image_installs({w, equal});
	await file_is_right({w, check, equal}, dir, compose, path);

	const p = await private_start({compose, root: dir,
		dir: join(process.env.SERVICES_DIR, 'compose')});
	// A process has what the file gives it, and nothing else of loyald's.
	const environment = (name) => Object.fromEntries(Object.entries(
		services[name].environment).map(([key, value]) => [key, value
			.replace('/run/secrets/loyald_key',
				join(dir, compose.secrets.loyald_key.file))
			.replace('/var/lib/loyald/spool', join(w.dir, name))])
		.map(([key, value]) => [key, p.url(value)]));

	for (const name of Object.keys(w.env))
		if (/^(LOYALD_|PG)/.test(name))
			delete w.env[name];
	const env_of = (name) => {
		const env = environment(name);

		delete env[LISTEN[services[name].command[0]] ??
			'LOYALD_METRICS_LISTEN'];
		return {LOYALD_CONSUMER: '', ...env};
	};
	const tool = (args, env = {}) =>
		w.json(args, {env: {...env_of('tools'), ...env}});

	try {
		equal([await p.healthy('postgres'), await p.healthy('redis')],
			[true, true], 'PostgreSQL and Redis are healthy');
		for (let times = 0; times < 2; times++) {
			const done = await w.run(services.migrate.command,
				{env: env_of('migrate')});
			const logins = await p.run(services.logins);

			equal([done.status, logins.status, logins.stderr],
				[0, 0, ''], 'migrate and logins end well' +
				(times ? ', a second time as well' : ''));
		}
		const without = await p.run(services.logins, services.logins.command,
			{POSTGRES_WORK_PASSWORD: ''});

		check(without.status !== 0 && without.stderr.includes(
			'no login was made: set POSTGRES_WORK_PASSWORD in the env'),
		`a password that is missing is named: ${without.stderr}`);
		const opens = async (password) => (await p.run(services.logins,
			['psql', '-X', '-w', '-c', 'SELECT 1'], {PGPASSWORD:
				password, PGUSER: 'loyald_work_login'})).status;

		await p.run(services.logins, services.logins.command,
			{POSTGRES_WORK_PASSWORD: 'another'});
		equal([await opens('another'), await opens(services.logins
			.environment.POSTGRES_WORK_PASSWORD)], [0, 2],
		'a password that was changed in .env is another');
		await p.run(services.logins);

		for (const name of [...ROLES, 'tools']) {
			const role = services[name].command[0] ?? 'operator';

			mkdirSync(join(w.dir, name), {recursive: true});
			const done = await w.run(['config', 'check', '--for', role],
				{env: env_of(name)});

			check(done.status === 0, `${name}: config check finds ` +
				`nothing wrong ${done.status === 0 ? '' :
					done.stdout + done.stderr}`);
		}
		// config check asks for settings that receive may not ask for.
		await p.redis_cli(['ACL', 'LOG', 'RESET']);
		for (const name of ROLES) {
			await w.start(services[name].command[0], {name,
				args: services[name].command.slice(1),
				env: env_of(name)});
		}
		for (const name of ROLES) {
			const [command] = services[name].health;
			const {url} = w.roles.get(name);

			const told = await until(`${name} to be healthy`, () => {
				if (w.roles.get(name).child === null)
					throw new Error(`${name} ended`);
				const asked = spawnSync('bash', [join(ROOT,
					`deploy/${command}.sh`), new URL(url)
					.port], {encoding: 'utf8'});

				return asked.status === 0 && asked.stdout;
			});

			equal(told, 'ready\n', `${name} is healthy`);
		}

		const shop = await fake('shopify');
		const secret = join(w.dir, 'secret'), token = join(w.dir, 'token');

		writeFileSync(secret, 'generated-secret\n', {mode: 0o600});
		writeFileSync(token, 'shpat_fake\n', {mode: 0o600});
		const added = await tool(['store', 'add', '--platform', 'shopify',
			'--domain', 'generated.myshopify.com', '--currency', 'EUR',
			'--timezone', 'Europe/Berlin', '--program',
			join(ROOT, 'deploy/programs/points.json'),
			'--earn-from', 'ever', '--webhook-secret-file', secret,
			'--api-url', shop.url, '--api-token-file', token]);
		const at = (name) => ({at: (topic) => w.roles.get(name).url +
			(added.webhook_topics[topic] ?? added.webhook_path)});

		for (const name of ['receive', 'receive-2'])
			await until(`${name} to know the store`, async () => ![404,
				503].includes((await fetch(w.roles.get(name).url +
				added.webhook_path)).status));
		const {deliveries} = generate({platform: 'shopify', orders: 10,
			customers: 4, seed: 9});
		const half = deliveries.length >> 1;
		const sent = [await deliver(deliveries.slice(0, half),
			{urls: at('receive')}), await deliver(deliveries.slice(half),
			{urls: at('receive-2')})];

		equal(sent.map((s) => s.ok), [half, deliveries.length - half],
			'both receivers take deliveries');
		await until('the shop to be told of points',
			() => shop.store('default').state().applied > 0);
		check((await tool(['store', 'list'])).length === 1,
			'the tools have what they need');
		equal((await w.run(['verify', '--json'], {env: env_of('tools')}))
			.status, 0, 'the books are right');
		const body = '{"nobody": "knows"}';

		equal((await post(at('receive'), {body, headers: {
			'X-Shopify-Topic': 'orders/paid', 'X-Shopify-Shop-Domain':
				'generated.myshopify.com', 'X-Shopify-Hmac-Sha256':
				shopify_signature('generated-secret', body)}}))
			.status, 200, 'nonsense that is signed is taken');
		const [letter] = await until('a dead letter', async () => {
			const letters = await tool(['dlq', 'list']);

			return letters.length > 0 && letters;
		});
		const again = await w.run(['dlq', 'replay', '--id',
			String(letter.id)], {env: env_of('tools')});

		equal([again.status, again.stderr], [0, ''],
			'and a replay reaches Redis');

		told_nowhere({w, equal}, dir);
		equal((await p.redis_cli(['ACL', 'LOG'])).stdout.trim(), '',
			'nobody asked Redis for what he may not');
		for (const name of ROLES)
			equal(w.log_of(name).split('\n').filter((l) =>
				/NOPERM|denied|may not|password|hidden/.test(l)), [],
			`${name} has all the rights it needs`);
		await rights_are_least({check, equal}, p, compose);
		for (const name of ROLES) {
			const began = Date.now();

			equal(await w.stop(name), 0, `${name} ends well`);
			check(Date.now() - began < services[name].grace_s * 1000,
				'and within its grace period');
		}
		await backup_restores({check, equal, tool}, p, compose,
			compose_read(path, {...env_read(join(dir, '.env')),
				POSTGRES_DATABASE: 'loyald_drill'}).services);
	} finally {
		await w.close();
		await p.stop();
	}
});
