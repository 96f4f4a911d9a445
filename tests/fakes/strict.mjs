// SPDX-License-Identifier: MIT
//
// strict: what Shopify's published Admin schemas say of a document and its
// variables, by graphql-js.  All are there once setup.sh has run.  A document
// has to be right by each version, whichever it is sent to, and may use nothing
// that is deprecated: no field, no argument, and no member of an input, be it
// in the document or in the variables.
//
//	STRICT_VERSIONS     the versions of the API
//	strict_load() -> the checks, or null unless FAKE_STRICT=1; throws if
//	                 they were asked for and setup.sh has not run;
//	                 {graphql, schemas: {version: schema}}
//	strict_errors(checks, query, variables) -> GraphQL errors, maybe none
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {gunzipSync} from 'node:zlib';

export const STRICT_VERSIONS = ['2026-07', '2026-10'];

let strict_checks;	// undefined: not looked yet; null: off

const read_schema = (version) => readFileSync(new URL(
	`./node_modules/.admin-schema/admin_${version}.json.gz`,
	import.meta.url));

// graphql-js and the schemas, or null when not in strict mode.
export function strict_load()
{
	if (strict_checks !== undefined)
		return strict_checks;
	if (process.env.FAKE_STRICT !== '1')
		return strict_checks = null;
	let graphql, files;

	try {
		graphql = createRequire(import.meta.url)('graphql');
		files = STRICT_VERSIONS.map(read_schema);
	} catch (e) {
		throw new Error('FAKE_STRICT=1 needs tests/fakes/setup.sh ' +
			`to have run: ${e.message}`);
	}
	const schema = (file) => graphql.buildClientSchema(
		JSON.parse(gunzipSync(file)).data, {assumeValid: true});

	return strict_checks = {graphql, schemas: Object.fromEntries(
		files.map((f, i) => [STRICT_VERSIONS[i], schema(f)]))};
}

// Deprecated members that a variable has: graphql-js looks for those in the
// document alone.
function deprecated_in(graphql, type, value, path)
{
	const named = graphql.getNamedType(type);

	if (value === null || value === undefined ||
	    !graphql.isInputObjectType(named))
		return [];
	if (Array.isArray(value))
		return value.flatMap((v, i) => deprecated_in(
			graphql, type, v, `${path}.${i}`));
	const fields = named.getFields();

	return Object.entries(value).flatMap(([k, v]) =>
		fields[k].deprecationReason ? [{message:
			`${path}.${k} of ${named.name} is deprecated. ` +
			fields[k].deprecationReason}] :
			deprecated_in(graphql, fields[k].type, v,
				`${path}.${k}`));
}

// Faults of a document, by the first published schema that finds some.
export function strict_errors({graphql, schemas}, query, variables)
{
	for (const [version, schema] of Object.entries(schemas)) {
		const errors = errors_by(graphql, schema, query, variables);

		if (errors.length > 0)
			return errors.map((e) => ({...e, message:
				`${e.message} (${version})`}));
	}
	return [];
}

function errors_by(graphql, schema, query, variables)
{
	const text = (e) => ({message: e.message, locations: e.locations});
	let document;

	try {
		document = graphql.parse(query);
	} catch (e) {
		return [text(e)];
	}
	const rules = [...graphql.specifiedRules,
		graphql.NoDeprecatedCustomRule];
	const errors = graphql.validate(schema, document, rules);
	const operation = document.definitions.find(
		(d) => d.kind === 'OperationDefinition');

	if (errors.length > 0)
		return errors.map(text);
	const {errors: wrong = []} = graphql.getVariableValues(
		schema, operation.variableDefinitions ?? [], variables);
	const declared = new Set((operation.variableDefinitions ?? []).map(
		(d) => d.variable.name.value));
	const stray = Object.keys(variables).filter((v) => !declared.has(v));
	const old = wrong.length > 0 ? [] :
		(operation.variableDefinitions ?? []).flatMap((d) => {
			const {value} = d.variable.name;

			return deprecated_in(graphql, graphql.typeFromAST(
				schema, d.type), variables[value], `$${value}`);
		});

	return [...old, ...wrong.map((e) => ({message: e.message,
		extensions: {code: 'INVALID_VARIABLE'}})),
	...stray.map((v) => ({message: `variable $${v} is not declared`}))];
}
