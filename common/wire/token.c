/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <jansson.h>

#include "wire/token.h"

struct token_parts {
	struct str header, claims, signature;
	struct str text; /* the signed text: header, dot, claims */
};

static int
parts_cut(struct str jwt, struct token_parts *p, struct err *e)
{
	const char *first, *second, *end;

	if (jwt.len == 0 || jwt.len > TOKEN_MAX)
		return err_set(e, FAULT_REJECT,
		    "a token of no or more than %d bytes", TOKEN_MAX);
	end = jwt.data + jwt.len;
	first = memchr(jwt.data, '.', jwt.len);
	second = first == NULL
	             ? NULL
	             : memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL)
		return err_set(
		    e, FAULT_REJECT, "a token that is not three parts");
	p->header = (struct str){ jwt.data, (size_t)(first - jwt.data) };
	p->claims = (struct str){ first + 1, (size_t)(second - first - 1) };
	p->signature = (struct str){ second + 1, (size_t)(end - second - 1) };
	p->text = (struct str){ jwt.data, (size_t)(second - jwt.data) };
	return 0;
}

/* Decodes a part of a token and parses its JSON object; NULL if the part has
 * none.  The caller frees the object. */
static json_t *
part_object(struct str part)
{
	uint8_t text[TOKEN_MAX];
	long n = base64url_decode(part, text, sizeof(text));
	json_t *o;

	if (n < 0)
		return NULL;
	o = json_loadb(
	    (const char *)text, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
	if (o != NULL && json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

static bool
is_text(const json_t *v, const char *text)
{
	return json_is_string(v) && strcmp(json_string_value(v), text) == 0;
}

static int
header_check(const json_t *header, struct err *e)
{
	const json_t *typ = json_object_get(header, "typ");

	/* Refuses "none", RS256 with our secret taken as a public key, and all
	 * other tricks with the algorithm. */
	if (!is_text(json_object_get(header, "alg"), "HS256"))
		return err_set(
		    e, FAULT_REJECT, "a token whose algorithm is not HS256");
	if (json_object_get(header, "crit") != NULL)
		return err_set(e, FAULT_REJECT,
		    "a token with critical extensions, and we have none");
	if (typ != NULL && (!json_is_string(typ) ||
	                       strcasecmp(json_string_value(typ), "JWT") != 0))
		return err_set(
		    e, FAULT_REJECT, "a token whose type is not JWT");
	return 0;
}

static bool
is_for_us(const json_t *aud)
{
	if (!json_is_array(aud))
		return aud == NULL || is_text(aud, TOKEN_AUDIENCE);
	for (size_t i = 0; i < json_array_size(aud); i++)
		if (is_text(json_array_get(aud, i), TOKEN_AUDIENCE))
			return true;
	return false;
}

static int
claim_text(struct arena *a, const json_t *claims, const char *name,
    struct str *out, struct err *e)
{
	const json_t *v = json_object_get(claims, name);
	size_t n = json_string_length(v);

	if (n == 0)
		return err_set(
		    e, FAULT_REJECT, "a token without text for %s", name);
	*out = (struct str){ arena_memdup(a, json_string_value(v), n), n };
	return 0;
}

static int
claim_time(const json_t *claims, const char *name, int64_t *out, struct err *e)
{
	const json_t *v = json_object_get(claims, name);

	if (!json_is_integer(v) || json_integer_value(v) <= 0)
		return err_set(e, FAULT_REJECT,
		    "a token whose %s is not whole seconds since 1970", name);
	*out = json_integer_value(v);
	return 0;
}

static int
claims_read(
    struct arena *a, const json_t *claims, struct token *t, struct err *e)
{
	if (claim_text(a, claims, "iss", &t->issuer, e) == -1 ||
	    claim_text(a, claims, "sub", &t->subject, e) == -1 ||
	    claim_time(claims, "exp", &t->expires, e) == -1)
		return -1;
	if (json_object_get(claims, "nbf") != NULL &&
	    claim_time(claims, "nbf", &t->not_before, e) == -1)
		return -1;
	if (!is_for_us(json_object_get(claims, "aud")))
		return err_set(
		    e, FAULT_REJECT, "a token for somebody else (aud)");
	return 0;
}

int
token_parse(struct arena *a, struct str jwt, struct token *out, struct err *e)
{
	struct token t = { .not_before = 0 };
	json_t *header, *claims;
	struct token_parts p = { .text = { NULL, 0 } };
	int rc = -1;

	if (parts_cut(jwt, &p, e) == -1)
		return -1;
	header = part_object(p.header);
	claims = part_object(p.claims);
	if (header == NULL || claims == NULL)
		(void)err_set(
		    e, FAULT_REJECT, "a token whose parts are not JSON");
	else if (header_check(header, e) == 0)
		rc = claims_read(a, claims, &t, e);
	json_decref(header);
	json_decref(claims);
	if (rc == 0)
		*out = t;
	return rc;
}

int
token_signature(
    struct str jwt, struct str *text, uint8_t mac[HMAC_SIZE], struct err *e)
{
	struct token_parts p = { .text = { NULL, 0 } };

	if (parts_cut(jwt, &p, e) == -1)
		return -1;
	if (base64url_decode(p.signature, mac, HMAC_SIZE) != HMAC_SIZE)
		return err_set(e, FAULT_REJECT, "a token without a signature");
	*text = p.text;
	return 0;
}

int
token_verify(struct str jwt, const struct token *t, int64_t now,
    struct hmac_key *const *keys, size_t nkeys, struct err *e)
{
	uint8_t mac[HMAC_SIZE];
	struct str text = { 0 };

	if (token_signature(jwt, &text, mac, e) == -1)
		return -1;
	if (!hmac_is_by_any(keys, nkeys, text, mac))
		return err_set(e, FAULT_REJECT,
		    "a token signed with none of the store's keys");

	/* Compares differences, since `exp` may be any number, and a sum could
	 * overflow. */
	if (now - t->expires >= TOKEN_LEEWAY)
		return err_set(e, FAULT_REJECT, "a token that has expired");
	if (t->expires - now > TOKEN_LIFE_MAX + TOKEN_LEEWAY)
		return err_set(e, FAULT_REJECT,
		    "a token that lives longer than %d seconds",
		    TOKEN_LIFE_MAX);
	if (t->not_before - now > TOKEN_LEEWAY)
		return err_set(
		    e, FAULT_REJECT, "a token that is not valid yet");
	return 0;
}
