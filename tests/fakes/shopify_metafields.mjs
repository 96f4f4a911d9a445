// SPDX-License-Identifier: MIT
//
// shopify_metafields: metafields of customers, and their definitions.
//
// State: metafields {customer: {"namespace.key": {value, type, version,
// updated_at, digest, sets}}}, values {customer: {"namespace.key": value}}
// with JSON values parsed, definitions {"namespace.key": the input}.
//
// A namespace of the app's own, "$app:loyalty", is kept under that name, and
// told as Shopify tells it: "app--1--loyalty".
import {createHash} from 'node:crypto';
import {version_of} from './fake.mjs';
import {connection, gid, has_customer, next_id, number_of, refused,
	search} from './shopify_shared.mjs';

const METAFIELDS_MAX = 25;	// of one metafieldsSet
const DEFINITIONS_MAX = 256;	// of an app, for one kind of owner
const INTEGER_MAX = 9007199254740991n;	// of number_integer
const APP = 'app--1';

export const new_metafields = () => ({metafields: new Map(),
	definitions: []});

const told_namespace = (text) => text.replace(/^\$app:?/, `${APP}--`)
	.replace(/--$/, '');

// ---- metafields -------------------------------------------------------

const TYPES = {
	number_integer: (v) => /^-?\d{1,16}$/.test(v) &&
		BigInt(v) <= INTEGER_MAX && BigInt(v) >= -INTEGER_MAX,
	number_decimal: (v) => /^-?\d{1,13}(\.\d{1,9})?$/.test(v),
	boolean: (v) => v === 'true' || v === 'false',
	single_line_text_field: (v) => v !== '' && !/[\r\n]/.test(v),
	multi_line_text_field: (v) => v !== '',
	date: (v) => /^\d{4}-\d\d-\d\d$/.test(v),
	url: (v) => /^https?:\/\/\S+$/.test(v),
	date_time: (v) =>
		/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?$/.test(v),
	json: (v) => {
		try {
			JSON.parse(v);
			return true;
		} catch {
			return false;
		}
	},
};

const digest = (value) => createHash('sha256').update(value).digest('hex');

// The first thing wrong with one input: [code, field, message], or null.
function metafield_error(store, m, owner, name, stored)
{
	const defined = definition_of(store, 'CUSTOMER', name.namespace, m.key);
	const type = m.type ?? stored?.type ?? defined?.type;

	if (!has_customer(store, owner))
		return ['INVALID', 'ownerId', 'Owner does not exist.'];
	if (!/^(\$app(:[\w-]+)*|[\w-]{3,255})$/.test(name.namespace))
		return ['INVALID', 'namespace', 'Namespace is invalid.'];
	if (m.key.length < 2)
		return ['TOO_SHORT', 'key',
			'Key is too short (minimum is 2 characters).'];
	if (!/^[\w-]{2,64}$/.test(m.key))
		return ['INVALID', 'key', 'Key is invalid.'];
	if (!type)
		return ['BLANK', 'type', "Type can't be blank."];
	if (!(type in TYPES))
		return ['INCLUSION', 'type',
			'Type is not included in the list.'];
	if (defined && defined.type !== type)
		return ['INVALID_TYPE', 'type', 'Type must be consistent ' +
			`with the definition's type: '${defined.type}'.`];
	if (stored && stored.type !== type)
		return ['INVALID_TYPE', 'type', 'Type must be consistent ' +
			`with the stored type: '${stored.type}'.`];
	if (m.value === '')
		return ['BLANK', 'value', 'may not be empty'];
	if (!TYPES[type](m.value))
		return ['INVALID_VALUE', 'value',
			`Value is invalid for type ${type}.`];
	if (m.compareDigest === undefined)
		return null;
	if (m.compareDigest !== null && !/^[0-9a-f]{64}$/.test(m.compareDigest))
		return ['INVALID_COMPARE_DIGEST', 'compareDigest',
			'The compareDigest is invalid.'];
	if ((stored?.digest ?? null) !== m.compareDigest)
		return ['STALE_OBJECT', 'compareDigest', 'The resource has ' +
			'been updated since it was loaded. Try again with an ' +
			'updated `compareDigest` value.'];
	return null;
}

function metafields_set(store, {metafields})
{
	const errors = [], done = [];

	if (metafields.length > METAFIELDS_MAX)
		errors.push({field: ['metafields'], message: 'Exceeded the ' +
			`maximum metafields input limit of ${METAFIELDS_MAX}.`,
			code: 'LESS_THAN_OR_EQUAL_TO', elementIndex: null});
	metafields.slice(0, METAFIELDS_MAX).forEach((m, i) => {
		const owner = number_of('Customer', m.ownerId);
		const namespace = m.namespace ?? '$app';
		const key = `${namespace}.${m.key}`;
		const stored = store.data.metafields.get(owner)?.[key];
		const wrong = metafield_error(
			store, m, owner, {namespace}, stored);

		if (wrong)
			errors.push({field: ['metafields', String(i), wrong[1]],
				message: wrong[2], code: wrong[0],
				elementIndex: i});
		done.push({m, owner, namespace, key});
	});
	if (errors.length > 0)
		return {...refused(store, [], errors), metafields: []};
	return {metafields: done.map((d) => metafield_set(store, d)),
		userErrors: []};
}

function metafield_set(store, {m, owner, namespace, key})
{
	const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
	const of = store.data.metafields.get(owner) ?? {};
	const stored = of[key];

	of[key] = {id: stored?.id ?? next_id(store), namespace,
		key: m.key, type: m.type ?? stored?.type ?? definition_of(
			store, 'CUSTOMER', namespace, m.key).type, value: m.value,
		digest: digest(m.value), created_at: stored?.created_at ?? now,
		updated_at: now, sets: (stored?.sets ?? 0) + 1,
		version: version_of(key, m.value)?.toString() ?? null};
	store.data.metafields.set(owner, of);
	store.data.touched.add(owner);
	store.applied(owner, key, stored?.value, m.value);
	return metafield_view(of[key]);
}

function metafield_view(m)
{
	return {id: gid('Metafield', m.id),
		namespace: told_namespace(m.namespace),
		key: m.key, type: m.type, value: m.value,
		compareDigest: m.digest, createdAt: m.created_at,
		updatedAt: m.updated_at, ownerType: 'CUSTOMER',
		legacyResourceId: String(m.id),
		sizeInBytes: Buffer.byteLength(m.value)};
}

// A metafield of a customer by namespace and key.
export function metafield_of(store, customer, {namespace = '$app', key})
{
	const m = store.data.metafields.get(customer)?.[`${namespace}.${key}`];

	return m ? metafield_view(m) : null;
}

export function metafields_page(store, customer, args)
{
	const all = Object.values(store.data.metafields.get(customer) ?? {});

	return connection(all.filter((m) => !args.namespace ||
		m.namespace === args.namespace), args, metafield_view);
}

// ---- definitions --------------------------------------------------------

const definition_of = (store, owner_type, namespace, key) =>
	store.data.definitions.find((d) => d.ownerType === owner_type &&
		d.namespace === namespace && d.key === key);

function definition_errors(store, d, namespace)
{
	const errors = [];
	const bad = (field, code, message) => errors.push(
		{field: ['definition', ...field], code, message});
	const of_app = namespace.startsWith('$app');
	const own = store.data.definitions.filter(
		(x) => x.ownerType === d.ownerType);

	if (d.name.trim() === '')
		bad(['name'], 'BLANK', "Name can't be blank");
	if (d.name.length > 255)
		bad(['name'], 'TOO_LONG', 'Name is too long');
	if (!/^(\$app(:[\w-]+)*|[\w-]{3,255})$/.test(namespace))
		bad(['namespace'], 'INVALID_CHARACTER', 'Namespace is invalid');
	if (d.key.length < 2)
		bad(['key'], 'TOO_SHORT', 'Key is too short');
	else if (!/^[\w-]{2,64}$/.test(d.key))
		bad(['key'], 'INVALID_CHARACTER', 'Key is invalid');
	if (!(d.type in TYPES))
		bad(['type'], 'INCLUSION', `Type name ${d.type} is not a ` +
			'valid type');
	if (d.access?.admin && !of_app)
		bad(['access', 'admin'], 'ADMIN_ACCESS_INPUT_NOT_ALLOWED',
			'Setting this access control is not permitted.');
	if (definition_of(store, d.ownerType, namespace, d.key))
		bad(['key'], 'TAKEN', `Key is in use for ${d.ownerType} ` +
			`metafields on the '${namespace}' namespace.`);
	if (own.length >= DEFINITIONS_MAX)
		bad([], 'RESOURCE_TYPE_LIMIT_EXCEEDED_BY_APP', 'Stores can ' +
			`only have ${DEFINITIONS_MAX} definitions of an app.`);
	if (d.ownerType === 'CUSTOMER' && [...store.data.metafields.values()]
		.some((of) => of[`${namespace}.${d.key}`] &&
			of[`${namespace}.${d.key}`].type !== d.type))
		bad(['type'], 'UNSTRUCTURED_ALREADY_EXISTS', 'There are ' +
			'metafields of another type already.');
	return errors;
}

function definition_view(d)
{
	return {id: gid('MetafieldDefinition', d.id), key: d.key,
		namespace: told_namespace(d.namespace), name: d.name,
		description: d.description ?? null, ownerType: d.ownerType,
		type: {name: d.type, category: d.type.split('_')[0]
			.toUpperCase()},
		access: {admin: d.access?.admin ??
			(d.namespace.startsWith('$app') ? 'MERCHANT_READ' :
				'PUBLIC_READ_WRITE'),
		storefront: d.access?.storefront ?? 'NONE',
		customerAccount: d.access?.customerAccount ?? 'NONE'}};
}

function definition_create(store, {definition})
{
	const namespace = definition.namespace ?? '$app';
	const errors = definition_errors(store, definition, namespace);

	if (errors.length > 0)
		return refused(store, ['createdDefinition'], errors.map((e) =>
			({...e, elementIndex: null, elementKey: null})));
	const made = {...definition, namespace, id: next_id(store),
		given: definition};

	store.data.definitions.push(made);
	return {createdDefinition: definition_view(made), userErrors: []};
}

function definitions_page(store, args)
{
	const all = store.data.definitions.filter((d) =>
		d.ownerType === args.ownerType &&
		(!args.namespace || d.namespace === args.namespace) &&
		(!args.key || d.key === args.key));

	return connection(search(all, args.query, {
		key: (d, text) => d.key.toLowerCase() === text,
		namespace: (d, text) => d.namespace.toLowerCase() === text}),
	args, definition_view);
}

export const metafield_fields = {
	mutation: {metafieldsSet: metafields_set,
		metafieldDefinitionCreate: definition_create},
	query: {metafieldDefinitions: definitions_page},
};

function parsed(value)
{
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
}

const each = (of, f) => Object.fromEntries(
	Object.entries(of).map(([k, v]) => [k, f(v)]));

export const metafield_state = ({data: {metafields, definitions}}) => ({
	metafields: Object.fromEntries(metafields),
	definitions: Object.fromEntries(definitions.map(
		(d) => [`${d.namespace}.${d.key}`, d.given])),
	values: each(Object.fromEntries(metafields),
		(of) => each(of, (m) => parsed(m.value)))});
