// SPDX-License-Identifier: MIT
//
// sign: what the platforms sign, as they do.
//
//	shopify_signature(secret, body)       X-Shopify-Hmac-Sha256
//	woocommerce_signature(secret, body)   X-WC-Webhook-Signature; the
//	                                      secret as the shop shows it
//	store_key(store, name)                the store's key "storefront",
//	                                      "events" or "redemptions", of
//	                                      its {platform, secret, store_id}
//	event_signature(store, body)          X-Loyald-Hmac-Sha256, with the
//	                                      key that the body's type wants
//	hmac_signature(key, body)             the same with any key
//	proxy_query(secret, params)           a signed app proxy query string;
//	                                      params: {name: value or [values]}
//	jwt(key, claims, header)              an HS256 token
//	php_json(value)                       JSON as PHP writes it
import {createHmac} from 'node:crypto';

const hmac = (key, data, encoding) =>
	createHmac('sha256', key).update(data).digest(encoding);

export function shopify_signature(secret, body)
{
	return hmac(secret, body, 'base64');
}

export const hmac_signature = shopify_signature;

// WooCommerce's HMAC key is the secret with its HTML entities decoded, once
// (wp_specialchars_decode with ENT_QUOTES).
const ENTITIES = [
	[/^&(#0*39|#[xX]0*27);$/, "'"], [/^&(quot|#0*34|#[xX]0*22);$/, '"'],
	[/^&(lt|#0*60);$/, '<'], [/^&(gt|#0*62);$/, '>'],
	[/^&(amp|#0*38|#[xX]0*26);$/, '&'],
];

export function woocommerce_key(secret)
{
	return secret.replace(/&#?\w+;/g, (whole) =>
		ENTITIES.find(([form]) => form.test(whole))?.[1] ?? whole);
}

export function woocommerce_signature(secret, body)
{
	return hmac(woocommerce_key(secret), body, 'base64');
}

export function store_key({platform, secret, store_id}, name)
{
	return hmac(platform === 'woocommerce' ? woocommerce_key(secret) : secret,
		`loyald ${name} ${store_id}`, 'hex');
}

export function event_signature(store, body)
{
	const redeems = /"type": *"redemption(_captured|_released)?"/.test(body);

	return hmac_signature(
		store_key(store, redeems ? 'redemptions' : 'events'), body);
}

export function proxy_query(secret, params)
{
	const message = Object.entries(params)
		.map(([k, v]) => `${k}=${[].concat(v).join(',')}`)
		.sort().join('');
	const query = new URLSearchParams();

	for (const [k, v] of Object.entries(params))
		for (const one of [].concat(v))
			query.append(k, one);
	query.append('signature', hmac(secret, message, 'hex'));
	return query.toString();
}

export function jwt(key, claims, header = {alg: 'HS256', typ: 'JWT'})
{
	const part = (o) => Buffer.from(JSON.stringify(o))
		.toString('base64url');
	const text = `${part(header)}.${part(claims)}`;

	return `${text}.${hmac(key, text, 'base64url')}`;
}

export function php_json(value)
{
	return php_escape(JSON.stringify(value));
}

// JSON text to the same text as PHP escapes it: slashes, and everything
// that is not ASCII.
export function php_escape(json)
{
	return json.replace(/\//g, '\\/').replace(/[\u0080-\uffff]/g,
		(c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}
