#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// sign_oracle: what Shopify's own library makes of a signature.  Needs
// setup.sh to have run.
//
//	webhook_verdict(secret, {headers, body}) -> "valid", or the reason the
//	    library gives: invalid_hmac, missing_hmac, missing_body,
//	    missing_headers
//	proxy_verdict(secret, query string) -> "valid", "invalid" or "stale"
//	token_verdict(secret, app, jwt) -> "valid" or "invalid"
//
// As a program, for tests in other languages; prints the verdict, exit 0 if
// it is "valid", else 1:
//	node sign_oracle.mjs webhook SECRET FILE     FILE: {"headers", "body"}
//	node sign_oracle.mjs proxy SECRET QUERY
//	node sign_oracle.mjs token SECRET APP JWT
import '@shopify/shopify-api/adapters/node';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {shopifyApi} from '@shopify/shopify-api';

function library(secret, app = 'client-id')
{
	return shopifyApi({apiKey: app, apiSecretKey: secret,
		apiVersion: '2026-10', hostName: 'app.example.com',
		isEmbeddedApp: false, logger: {level: 0}});
}

export async function webhook_verdict(secret, {headers, body})
{
	const lower = Object.fromEntries(Object.entries(headers).map(
		([k, v]) => [k.toLowerCase(), v]));
	const {valid, reason} = await library(secret).webhooks.validate({
		rawBody: body.toString('utf8'), rawResponse: {},
		rawRequest: {method: 'POST', url: '/webhooks',
			headers: lower}});

	return valid ? 'valid' : reason;
}

export async function proxy_verdict(secret, query)
{
	const params = new URLSearchParams(query);
	const object = Object.fromEntries([...new Set(params.keys())].map(
		(k) => [k, params.getAll(k).length > 1 ? params.getAll(k) :
			params.get(k)]));

	try {
		return await library(secret).utils.validateHmac(object,
			{signator: 'appProxy'}) ? 'valid' : 'invalid';
	} catch (e) {
		if (e.constructor.name !== 'InvalidHmacError')
			throw e;
		return /timestamp/.test(e.message) ? 'stale' : 'invalid';
	}
}

export async function token_verdict(secret, app, token)
{
	try {
		await library(secret, app).session.decodeSessionToken(token);
		return 'valid';
	} catch (e) {
		if (e.constructor.name !== 'InvalidJwtError')
			throw e;
		return 'invalid';
	}
}

async function main([what, secret, ...rest])
{
	const verdicts = {
		webhook: () => webhook_verdict(secret,
			JSON.parse(readFileSync(rest[0], 'utf8'))),
		proxy: () => proxy_verdict(secret, rest[0]),
		token: () => token_verdict(secret, rest[0], rest[1]),
	};

	if (!(what in verdicts)) {
		process.stderr.write('usage: sign_oracle.mjs ' +
			'webhook|proxy|token SECRET ...\n');
		return 2;
	}
	const verdict = await verdicts[what]();

	process.stdout.write(`${verdict}\n`);
	return verdict === 'valid' ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await main(process.argv.slice(2));
