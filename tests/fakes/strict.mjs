// SPDX-License-Identifier: MIT
//
// strict: what Shopify's published Admin schema says of a document and its
// variables, by graphql-js.  Both are there once setup.sh has run.
//
//	strict_load() -> the checks, or null unless FAKE_STRICT=1; throws if
//	                 they were asked for and setup.sh has not run
//	strict_errors(checks, query, variables) -> GraphQL errors, maybe none
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {gunzipSync} from 'node:zlib';

const SCHEMA = new URL(
	'./node_modules/.admin-schema/admin_2026-10.json.gz', import.meta.url);

let strict_checks;	// undefined: not looked yet; null: off

// graphql-js and the schema, or null when not in strict mode.
export function strict_load()
{
	if (strict_checks !== undefined)
		return strict_checks;
	if (process.env.FAKE_STRICT !== '1')
		return strict_checks = null;
	let graphql, file;

	try {
		graphql = createRequire(import.meta.url)('graphql');
		file = readFileSync(SCHEMA);
	} catch (e) {
		throw new Error('FAKE_STRICT=1 needs tests/fakes/setup.sh ' +
			`to have run: ${e.message}`);
	}
	const schema = graphql.buildClientSchema(
		JSON.parse(gunzipSync(file)).data, {assumeValid: true});

	return strict_checks = {graphql, schema};
}

// Faults of a document, by the published schema: GraphQL errors.
export function strict_errors({graphql, schema}, query, variables)
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

	return [...wrong.map((e) => ({message: e.message,
		extensions: {code: 'INVALID_VARIABLE'}})),
	...stray.map((v) => ({message: `variable $${v} is not declared`}))];
}
