// SPDX-License-Identifier: MIT
//
// compose: docker-compose.yml as docker reads it, for tests on machines
// without docker.  What it does not understand it refuses, so that nothing of
// the file goes untested without a word.
//
//	env_read(path)                 of .env: {NAME: value}
//	schema_errors(path)            what the Compose specification's own
//	                               schema says against the file: []
//	compose_read(path, env)        {services, secrets, volumes}, with the
//	                               variables put in; a service has
//	    name image user            texts
//	    command                    words
//	    environment                {NAME: value}
//	    health                     words of its healthcheck, or null
//	    depends_on                 {name: condition}
//	    mounts                     [{source, target, read_only}]; the source
//	                               is a volume's name or ./PATH
//	    secrets                    {name: path inside}
//	    tmpfs                      paths
//	    grace_s                    from being told to end to being killed
//	    file                       all of it, as it stands there
//
// Needs setup.sh.
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import Ajv from 'ajv';
import {parse} from 'yaml';

const SCHEMA = fileURLToPath(new URL(
	'node_modules/dclint/schemas/compose.schema.json', import.meta.url));
// Of a service: what is read below, and what only docker can do.
const READ = ['image', 'user', 'command', 'environment', 'healthcheck',
	'depends_on', 'volumes', 'secrets', 'tmpfs', 'stop_grace_period'];
const DOCKERS = ['build', 'cap_add', 'cap_drop', 'init', 'logging',
	'mem_limit', 'pids_limit', 'ports', 'profiles', 'read_only', 'restart',
	'security_opt', 'shm_size'];
const GRACE_S = 10;		// docker's own

export function env_read(path)
{
	return Object.fromEntries(readFileSync(path, 'utf8').split('\n')
		.filter((l) => l !== '' && l[0] !== '#')
		.map((l) => {
			const parts = /^([A-Z_0-9]+)=([^\s"'$#]*)$/.exec(l);

			if (parts === null)
				throw new Error(`${path}: not read: ${l}`);
			return parts.slice(1);
		}));
}

// ${NAME}, ${NAME:-default} and ${NAME:?why it must be there}; $$ is $.
export function interpolate(text, env)
{
	return text.replace(/\$(\$|\{([A-Z_0-9]+)(?:(:[-?])([^}]*))?\}|)/g,
		(all, rest, name, how, word) => {
			if (rest === '$')
				return '$';
			if (name === undefined)
				throw new Error(`a $ that is not read: ${text}`);
			if (env[name])
				return env[name];
			if (how !== ':-')
				throw new Error(`${name} is not set: ` +
					`${word ?? ''}`);
			return word;
		});
}

function put_in(node, env)
{
	if (typeof node === 'string')
		return interpolate(node, env);
	if (Array.isArray(node))
		return node.map((n) => put_in(n, env));
	if (node !== null && typeof node === 'object')
		return Object.fromEntries(Object.entries(node)
			.map(([k, v]) => [k, put_in(v, env)]));
	return node;
}

const yaml_read = (path) => parse(readFileSync(path, 'utf8'), {merge: true});

export function schema_errors(path)
{
	// Of a draft that ajv knows by another address.
	const {$schema, ...schema} = JSON.parse(readFileSync(SCHEMA, 'utf8'));
	const fits = new Ajv({strict: false, allErrors: true,
		validateFormats: false}).compile(schema);

	return fits(yaml_read(path)) ? [] : fits.errors.map((e) =>
		`${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}

export function seconds(text)
{
	const parts = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);

	if (parts === null || text === '')
		throw new Error(`not read as a time: ${text}`);
	return Number(parts[1] ?? 0) * 60 + Number(parts[2] ?? 0);
}

function mount_read(text)
{
	const [source, target, mode, ...more] = text.split(':');

	if (target === undefined || more.length > 0 ||
	    ![undefined, 'ro'].includes(mode))
		throw new Error(`not read as a volume: ${text}`);
	return {source, target, read_only: mode === 'ro'};
}

function health_read(health)
{
	if (health === undefined)
		return null;
	if (!Array.isArray(health.test) || health.test[0] !== 'CMD')
		throw new Error(`not read as a test: ${health.test}`);
	return health.test.slice(1);
}

function service_read(name, s)
{
	for (const key of Object.keys(s))
		if (![...READ, ...DOCKERS].includes(key))
			throw new Error(`${name}: nobody knows its ${key}`);
	if (s.command !== undefined && !Array.isArray(s.command))
		throw new Error(`${name}: its command is no list`);
	const after = s.depends_on ?? {};

	return {
		name, image: s.image, user: s.user ?? null,
		command: (s.command ?? []).map(String),
		environment: Object.fromEntries(Object.entries(
			s.environment ?? {}).map(([k, v]) => [k, String(v)])),
		health: health_read(s.healthcheck),
		depends_on: Array.isArray(after) ?
			Object.fromEntries(after.map((n) =>
				[n, 'service_started'])) :
			Object.fromEntries(Object.entries(after).map(
				([n, {condition}]) => [n, condition])),
		mounts: (s.volumes ?? []).map(mount_read),
		secrets: Object.fromEntries((s.secrets ?? []).map((n) =>
			[n, `/run/secrets/${n}`])),
		tmpfs: s.tmpfs ?? [],
		grace_s: s.stop_grace_period === undefined ? GRACE_S :
			seconds(s.stop_grace_period),
		file: s,
	};
}

export function compose_read(path, env)
{
	const {services, secrets, volumes, ...more} =
		put_in(yaml_read(path), env);

	for (const key of Object.keys(more))
		if (!key.startsWith('x-'))
			throw new Error(`${path}: nobody knows its ${key}`);
	return {secrets, volumes, services: Object.fromEntries(
		Object.entries(services).map(([name, s]) =>
			[name, service_read(name, s)]))};
}
