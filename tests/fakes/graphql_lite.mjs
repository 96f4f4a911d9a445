// SPDX-License-Identifier: MIT
//
// graphql_lite: as much of GraphQL as a fake needs to carry out one
// operation without any package: one operation, variables, literals,
// aliases, nested selections, fragments in place; no directives.  What it does
// not know it refuses.  graphql_schema.mjs says whether a document is right by a
// schema.
//
//	parse(text) -> {type, name, variables: [{name, type}],
//	                selection: [{key, name, args, selection}]}
//	values(args, variables) -> plain object
//	Reader                  the words of a text
//
// A value in a document is {variable}, {list}, {object}, {literal}, or {word},
// the name of an enum's value.

const BLANK = /[\s,\ufeff]+|#[^\n\r]*/;
const PUNCTUATION = /\.\.\.|[!$&()[\]:={|}@]/;
const NAME = /[_A-Za-z]\w*/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const STRING = /"(?:[^"\\\n]|\\.)*"/;
const TOKEN = new RegExp(`${BLANK.source}|(${[PUNCTUATION, NAME, NUMBER,
	STRING].map((r) => r.source).join('|')})`, 'y');

const WORDS = {true: true, false: false, null: null};

export class Reader {
	constructor(text)
	{
		this.tokens = [];
		TOKEN.lastIndex = 0;
		while (TOKEN.lastIndex < text.length) {
			const at = TOKEN.lastIndex, found = TOKEN.exec(text);

			if (!found)
				throw new SyntaxError(
					`syntax error at character ${at}`);
			if (found[1] !== undefined)
				this.tokens.push(found[1]);
		}
		this.at = 0;
	}

	peek()
	{
		return this.tokens[this.at];
	}

	take(wanted)
	{
		const token = this.tokens[this.at++];

		if (token === undefined || wanted !== undefined &&
		    token !== wanted)
			throw new SyntaxError(`expected ${wanted ?? 'more'}, ` +
				`found ${token ?? 'the end'}`);
		return token;
	}

	accept(wanted)
	{
		if (this.peek() !== wanted)
			return false;
		this.at++;
		return true;
	}

	name()
	{
		const token = this.take();

		if (!/^[_A-Za-z]/.test(token))
			throw new SyntaxError(
				`expected a name, found ${token}`);
		return token;
	}

	// A type, as text: "[MetafieldsSetInput!]!".
	type()
	{
		let text;

		if (this.accept('[')) {
			text = `[${this.type()}`;
			this.take(']');
			text += ']';
		} else {
			text = this.name();
		}
		return this.accept('!') ? `${text}!` : text;
	}

	value()
	{
		if (this.accept('$'))
			return {variable: this.name()};
		if (this.accept('[')) {
			const list = [];

			while (!this.accept(']'))
				list.push(this.value());
			return {list};
		}
		if (this.accept('{')) {
			const object = {};

			while (!this.accept('}')) {
				const key = this.name();

				this.take(':');
				object[key] = this.value();
			}
			return {object};
		}
		const token = this.take();

		if (/^["\d-]/.test(token))
			return {literal: JSON.parse(token)};
		return token in WORDS ? {literal: WORDS[token]} :
			{word: token};
	}

	args()
	{
		const args = {};

		if (!this.accept('('))
			return args;
		while (!this.accept(')')) {
			const key = this.name();

			this.take(':');
			args[key] = this.value();
		}
		return args;
	}

	selection()
	{
		const fields = [];

		this.take('{');
		while (!this.accept('}')) {
			if (this.accept('...')) {
				this.take('on');
				fields.push({on: this.name(),
					selection: this.selection()});
				continue;
			}
			let name = this.name(), key = name;

			if (this.accept(':'))
				name = this.name();
			fields.push({key, name, args: this.args(),
				selection: this.peek() === '{' ?
					this.selection() : null});
		}
		if (fields.length === 0)
			throw new SyntaxError('an empty selection');
		return fields;
	}
}

export function parse(text)
{
	const r = new Reader(text);
	const operation = {type: 'query', name: null, variables: []};

	if (r.peek() !== '{') {
		operation.type = r.name();
		if (!['query', 'mutation'].includes(operation.type))
			throw new SyntaxError(`unexpected ${operation.type}`);
		if (r.peek() !== '(' && r.peek() !== '{')
			operation.name = r.name();
		if (r.accept('(')) {
			while (!r.accept(')')) {
				r.take('$');
				const name = r.name();

				r.take(':');
				operation.variables.push({name, type: r.type()});
			}
		}
	}
	operation.selection = r.selection();
	if (r.peek() !== undefined)
		throw new SyntaxError(`unexpected ${r.peek()}`);
	return operation;
}

function resolve(value, variables)
{
	if ('variable' in value)
		return variables[value.variable];
	if ('list' in value)
		return value.list.map((v) => resolve(v, variables));
	if ('object' in value)
		return values(value.object, variables);
	return value.word ?? value.literal;
}

export function values(args, variables)
{
	return Object.fromEntries(Object.entries(args).map(
		([k, v]) => [k, resolve(v, variables)]));
}
