/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "wire/proxy.h"

struct param {
	struct str key, value;
	size_t at; /* place in the query: sorting keeps equal keys in order */
};

struct params {
	struct param list[PROXY_PARAMS_MAX];
	size_t n;
};

/* The parameters that loyald reads.  All others only count for the signature. */
static const struct str shop_key = { "shop", 4 };
static const struct str customer_key = { "logged_in_customer_id", 21 };
static const struct str timestamp_key = { "timestamp", 9 };
static const struct str signature_key = { "signature", 9 };

/* Decodes %XX and the plus sign into the arena; -1 for a broken %XX. */
static int
decode(struct arena *a, struct str s, struct str *out)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t byte = (uint8_t)s.data[i];

		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%') {
			struct str hex = { s.data + i + 1, 2 };

			if (s.len - i < 3 || hex_decode(hex, &byte, 1) == -1)
				return -1;
			i += 2;
		}
		p[n++] = (char)byte;
	}
	*out = (struct str){ p, n };
	return 0;
}

/* Cuts *s at the mark: returns the text before the mark, and leaves the text
 * after the mark in *s.  Without a mark, returns everything and leaves
 * nothing. */
static struct str
cut(struct str *s, char mark)
{
	const char *end = s->len > 0 ? memchr(s->data, mark, s->len) : NULL;
	size_t n = end != NULL ? (size_t)(end - s->data) : s->len;
	struct str front = { s->data, n };

	n += end != NULL;
	s->data += n;
	s->len -= n;
	return front;
}

static int
params_parse(
    struct arena *a, struct str query, struct params *ps, struct err *e)
{
	if (query.len > PROXY_QUERY_MAX)
		return err_set(e, FAULT_REJECT, "a query of more than %d bytes",
		    PROXY_QUERY_MAX);
	ps->n = 0;
	while (query.len > 0) {
		struct str pair = cut(&query, '&'), key = cut(&pair, '=');
		struct param *p = &ps->list[ps->n];

		if (key.len == 0 && pair.len == 0)
			continue;
		if (ps->n == PROXY_PARAMS_MAX)
			return err_set(e, FAULT_REJECT,
			    "a query of more than %d parameters",
			    PROXY_PARAMS_MAX);
		if (decode(a, key, &p->key) == -1 ||
		    decode(a, pair, &p->value) == -1)
			return err_set(
			    e, FAULT_REJECT, "a query with a broken %%-escape");
		p->at = ps->n++;
	}
	return 0;
}

/* Finds the value of a key; empty if the key is missing.  A repeated key is
 * refused. */
static int
params_get(
    const struct params *ps, struct str key, struct str *value, struct err *e)
{
	const struct param *found = NULL;

	for (size_t i = 0; i < ps->n; i++) {
		if (!str_eq(ps->list[i].key, key))
			continue;
		if (found != NULL)
			return err_set(e, FAULT_REJECT,
			    "a query with two of %s", key.data);
		found = &ps->list[i];
	}
	*value = found != NULL ? found->value : STR("");
	return 0;
}

static bool
is_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	return true;
}

int
proxy_parse(
    struct arena *a, struct str query, struct proxy_query *out, struct err *e)
{
	struct proxy_query q = { .timestamp = 0 };
	struct params ps = { .n = 0 };
	struct str timestamp = { NULL, 0 };

	if (params_parse(a, query, &ps, e) == -1 ||
	    params_get(&ps, shop_key, &q.shop, e) == -1 ||
	    params_get(&ps, customer_key, &q.customer_id, e) == -1 ||
	    params_get(&ps, timestamp_key, &timestamp, e) == -1)
		return -1;
	if (q.shop.len == 0)
		return err_set(e, FAULT_REJECT, "a query without shop");
	if (!is_digits(q.customer_id))
		return err_set(e, FAULT_REJECT,
		    "a query whose logged_in_customer_id is no number");
	if (!is_digits(timestamp) || str_int64(timestamp, &q.timestamp) == -1)
		return err_set(
		    e, FAULT_REJECT, "a query whose timestamp is no number");
	*out = q;
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int c = str_cmp(x->key, y->key);

	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static int
by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Returns the "key=value" of the parameters from index *i on that have the same
 * key, and sets *i to the first parameter after them. */
static struct str
pair_text(struct arena *a, const struct params *ps, size_t *i)
{
	struct str key = ps->list[*i].key;
	size_t len = key.len + 1, first = *i;
	char *text, *p;

	for (; *i < ps->n && str_eq(ps->list[*i].key, key); (*i)++)
		len += ps->list[*i].value.len + 1;

	p = text = arena_alloc(a, len);
	p = mempcpy(p, key.data, key.len);
	*p++ = '=';
	for (size_t j = first; j < *i; j++) {
		struct str value = ps->list[j].value;

		if (j > first)
			*p++ = ',';
		p = mempcpy(p, value.data, value.len);
	}
	return (struct str){ text, (size_t)(p - text) };
}

/* Builds the text over which Shopify computes the signature. */
static struct str
signed_text(struct arena *a, struct params *ps)
{
	struct str pairs[PROXY_PARAMS_MAX];
	size_t n = 0, len = 0;
	char *text, *p;

	qsort(ps->list, ps->n, sizeof(ps->list[0]), by_key);
	for (size_t i = 0; i < ps->n;) {
		struct str pair = pair_text(a, ps, &i);

		if (str_eq(ps->list[i - 1].key, signature_key))
			continue;
		pairs[n++] = pair;
		len += pair.len;
	}
	/* Whole pairs are sorted, as in Shopify's Ruby code, and not keys:
	 * "a0=" comes before "a=", although the key "a" comes before "a0". */
	qsort(pairs, n, sizeof(pairs[0]), by_text);
	p = text = arena_alloc(a, len + 1);
	for (size_t i = 0; i < n; i++)
		p = mempcpy(p, pairs[i].data, pairs[i].len);
	return (struct str){ text, len };
}

/* Whether "key=" is in the text more than once.  The text could then be cut
 * into other pairs, in which somebody else is logged in. */
static bool
is_ambiguous(struct str text, struct str key)
{
	const char *end = text.data + text.len;
	size_t n = 0;

	for (const char *p = text.data;
	     (p = memmem(p, (size_t)(end - p), key.data, key.len)) != NULL;) {
		p += key.len;
		n += p < end && *p == '=';
	}
	return n > 1;
}

int
proxy_verify(struct arena *a, struct str query, struct hmac_key *const *keys,
    size_t nkeys, struct err *e)
{
	uint8_t mac[HMAC_SIZE];
	char hex[2 * HMAC_SIZE + 1];
	struct str signature = { NULL, 0 }, text;
	struct params ps = { .n = 0 };

	if (params_parse(a, query, &ps, e) == -1 ||
	    params_get(&ps, signature_key, &signature, e) == -1)
		return -1;
	if (hex_decode(signature, mac, sizeof(mac)) == -1)
		return err_set(e, FAULT_REJECT, "a query without signature");
	hex_encode(mac, sizeof(mac), hex);
	if (!str_eq(signature, str_of(hex)))
		return err_set(
		    e, FAULT_REJECT, "a signature that is not in lower case");

	text = signed_text(a, &ps);
	if (is_ambiguous(text, shop_key) || is_ambiguous(text, customer_key) ||
	    is_ambiguous(text, timestamp_key))
		return err_set(
		    e, FAULT_REJECT, "a query that can be read in two ways");
	if (!hmac_is_by_any(keys, nkeys, text, mac))
		return err_set(e, FAULT_REJECT,
		    "a signature by none of the store's secrets");
	return 0;
}
