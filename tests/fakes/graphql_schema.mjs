// SPDX-License-Identifier: MIT
//
// graphql_schema: what a schema, written in GraphQL's own language, says of a
// document and its variables, and of the answer to it, without any package.
//
//	schema_read(text) -> types: Map of name to {kind, fields, members,
//	                     words, one_of}
//	schema_errors(types, operation, variables) -> GraphQL errors, maybe none
//	schema_type(types, parent, name) -> the named type of a field
//	project(types, type, value, selection, variables) -> the value with those
//	                     fields only; a member that is a function is called
//	                     with the field's arguments
import {Reader, values} from './graphql_lite.mjs';

export const ROOTS = {query: 'QueryRoot', mutation: 'Mutation'};

const is_text = (v) => typeof v === 'string';
const is_whole = (v) => Number.isSafeInteger(v);
const SCALARS = {
	ID: (v) => is_text(v) || is_whole(v),
	String: is_text,
	Int: (v) => is_whole(v) && Math.abs(v) < 2 ** 31,
	Float: (v) => Number.isFinite(v),
	Boolean: (v) => typeof v === 'boolean',
	Decimal: (v) => /^-?\d+(\.\d+)?$/.test(String(v)),
	Money: is_text,
	UnsignedInt64: (v) => /^\d+$/.test(String(v)),
	DateTime: (v) => is_text(v) && /^\d{4}-\d\d-\d\dT/.test(v) &&
		!Number.isNaN(Date.parse(v)),
	Date: (v) => is_text(v) && /^\d{4}-\d\d-\d\d$/.test(v),
	URL: (v) => is_text(v) && URL.canParse(v),
	CurrencyCode: (v) => is_text(v) && /^[A-Z]{3}$/.test(v),
};

// ---- the schema ---------------------------------------------------------

function read_fields(r)
{
	const fields = {};

	r.take('{');
	while (!r.accept('}')) {
		const name = r.name(), args = {};

		if (r.accept('('))
			while (!r.accept(')')) {
				const arg = r.name();

				r.take(':');
				args[arg] = r.type();
			}
		r.take(':');
		fields[name] = {args, type: r.type()};
	}
	return fields;
}

function read_words(r)
{
	const words = new Set();

	r.take('{');
	while (!r.accept('}'))
		words.add(r.name());
	return words;
}

function read_type(r)
{
	const kind = r.name(), name = r.name();
	const type = {kind, name, fields: {}, members: new Set([name]),
		words: new Set(), parents: [], one_of: false};

	if (kind === 'enum')
		return {...type, words: read_words(r)};
	if (kind === 'union') {
		r.take('=');
		do
			type.members.add(r.name());
		while (r.accept('|'));
		return type;
	}
	if (r.accept('implements'))
		do
			type.parents.push(r.name());
		while (r.accept('&'));
	if (r.accept('@'))
		type.one_of = r.name() === 'oneOf';
	return {...type, fields: read_fields(r)};
}

export function schema_read(text)
{
	const r = new Reader(text), types = new Map();

	while (r.peek() !== undefined) {
		const type = read_type(r);

		types.set(type.name, type);
	}
	for (const {name, parents} of types.values())
		for (const p of parents)
			types.get(p).members.add(name);
	return types;
}

export const named = (type) => type.replace(/[[\]!]/g, '');
export const schema_type = (types, parent, name) =>
	named(types.get(parent).fields[name].type);

// ---- values -------------------------------------------------------------

// Whether a variable of type `is` can stand where `wanted` is asked for.
function fits(is, wanted)
{
	if (wanted.endsWith('!'))
		return is.endsWith('!') &&
			fits(is.slice(0, -1), wanted.slice(0, -1));
	if (is.endsWith('!'))
		return fits(is.slice(0, -1), wanted);
	if (wanted.startsWith('[') && is.startsWith('['))
		return fits(is.slice(1, -1), wanted.slice(1, -1));
	return is === wanted;
}

// What is wrong with a value for a type, or null.  `way` is how to look into
// it: AS_JSON for a variable's, as_written() for that of a document.
function value_error(types, type, value, at, way)
{
	const variable = way.variable(value);

	if (variable !== undefined)
		return variable === null ? `${at} uses what is not declared` :
			fits(variable, type) ? null : `${at} is of type ` +
				`${type}, a variable of ${variable}`;
	if (type.endsWith('!'))
		return way.is_null(value) ? `${at} is required` :
			value_error(types, type.slice(0, -1), value, at, way);
	if (way.is_null(value))
		return null;
	if (type.startsWith('[')) {
		const list = way.list(value) ?? [value];

		return list.map((v, i) => value_error(types,
			type.slice(1, -1), v, `${at}.${i}`, way))
			.find((e) => e !== null) ?? null;
	}
	const t = types.get(type);

	if (t?.kind === 'enum')
		return t.words.has(way.word(value)) ? null :
			`${at} is no ${type}`;
	if (t?.kind === 'input')
		return input_error(types, t, way.object(value), at, way);
	if (!(type in SCALARS))
		return `${at} is of a type ${type} that this fake does not know`;
	return SCALARS[type](way.scalar(value, type)) ? null :
		`${at} is not a ${type}`;
}

function input_error(types, type, object, at, way)
{
	if (!object)
		return `${at} is not an object`;
	const stray = Object.keys(object).find((k) => !(k in type.fields));

	if (stray)
		return `${stray} is not defined by ${type.name}`;
	if (type.one_of && Object.values(object).filter(
		(v) => !way.is_null(v)).length !== 1)
		return `${at} wants exactly one member of ${type.name}`;
	return Object.entries(type.fields).map(([k, f]) => value_error(types,
		f.type, object[k], `${at}.${k}`, way))
		.find((e) => e !== null) ?? null;
}

const is_object = (v) => v !== null && typeof v === 'object' &&
	!Array.isArray(v);
const AS_JSON = {
	variable: () => undefined,
	is_null: (v) => v === null || v === undefined,
	list: (v) => Array.isArray(v) ? v : null,
	object: (v) => is_object(v) ? v : null,
	word: (v) => v,
	scalar: (v) => v,
};
const as_written = (declared) => ({
	variable: (v) => v?.variable === undefined ? undefined :
		declared.get(v.variable) ?? null,
	is_null: (v) => v === undefined || v.literal === null,
	list: (v) => v.list ?? null,
	object: (v) => v.object ?? null,
	word: (v) => v.word,
	scalar: (v, type) => type === 'CurrencyCode' ? v.word : v.literal,
});

// ---- documents ----------------------------------------------------------

const variables_in = (value) => value.variable !== undefined ?
	[value.variable] : (value.list ?? Object.values(value.object ?? {}))
		.flatMap(variables_in);

function field_errors(types, parent, f, way)
{
	const field = types.get(parent).fields[f.name];

	if (f.name === '__typename')
		return f.selection ? ['__typename has no fields'] : [];
	if (!field)
		return [`no field ${f.name} of ${parent} in this fake`];
	const stray = Object.keys(f.args).filter((a) => !(a in field.args))
		.map((a) => `no argument ${a} of ${f.name} in this fake`);
	const wrong = Object.entries(field.args).map(([a, type]) => value_error(
		types, type, f.args[a], `${f.name}.${a}`, way))
		.filter((e) => e !== null);
	const type = named(field.type);
	const is_leaf = !(type in SCALARS) && types.get(type).kind === 'enum' ||
		type in SCALARS;

	if (is_leaf !== (f.selection === null))
		return [...stray, ...wrong, is_leaf ?
			`${f.name} has no fields` :
			`a selection is missing of ${f.name}`];
	return [...stray, ...wrong, ...is_leaf ? [] :
		selection_errors(types, type, f.selection, way)];
}

function selection_errors(types, parent, selection, way)
{
	return selection.flatMap((f) => {
		if (!f.on)
			return field_errors(types, parent, f, way);
		const here = types.get(f.on)?.members ?? new Set();

		return [...here].some((m) => types.get(parent).members.has(m)) ?
			selection_errors(types, f.on, f.selection, way) :
			[`a ${parent} is never a ${f.on}`];
	});
}

const fields_of = (selection) => selection.flatMap((f) => f.on ?
	fields_of(f.selection) : [f, ...fields_of(f.selection ?? [])]);

export function schema_errors(types, operation, variables)
{
	const declared = new Map(operation.variables.map(
		(v) => [v.name, v.type]));
	const used = new Set(fields_of(operation.selection).flatMap(
		(f) => Object.values(f.args).flatMap(variables_in)));
	const errors = [
		...Object.keys(variables).filter((v) => !declared.has(v))
			.map((v) => `variable $${v} is not declared`),
		...[...declared.keys()].filter((v) => !used.has(v))
			.map((v) => `variable $${v} is never used`),
		...[...declared].map(([v, type]) => value_error(types, type,
			variables[v], `$${v}`, AS_JSON))
			.filter((e) => e !== null),
		...selection_errors(types, ROOTS[operation.type],
			operation.selection, as_written(declared))];

	return errors.map((message) => ({message}));
}

// ---- answers ------------------------------------------------------------

// A value that the schema does not allow is a fault of the fake.
export function project(types, type, value, selection, variables)
{
	const of = type.endsWith('!') ? type.slice(0, -1) : type;

	if (value === null || value === undefined) {
		if (value === undefined || of !== type)
			throw new Error(`the fake gives ${value} for ${type}`);
		return null;
	}
	if (of.startsWith('['))
		return value.map((v) => project(
			types, of.slice(1, -1), v, selection, variables));
	const t = types.get(of);

	if (selection === null) {
		if (t ? !t.words.has(value) : !SCALARS[of](value))
			throw new Error(`the fake gives ${value} for ${type}`);
		return value;
	}
	const name = t.kind === 'type' ? of : value.__typename;
	const given = {};

	if (!t.members.has(name))
		throw new Error(`the fake gives ${name} for ${type}`);
	for (const f of selection) {
		if (f.on) {
			if (types.get(f.on).members.has(name))
				Object.assign(given, project(types, name, value,
					f.selection, variables));
			continue;
		}
		const member = value[f.name];

		given[f.key] = f.name === '__typename' ? name : project(types,
			types.get(name).fields[f.name].type,
			typeof member === 'function' ?
				member(values(f.args, variables)) : member,
			f.selection, variables);
	}
	return given;
}
