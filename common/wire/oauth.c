/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "wire/oauth.h"

enum {
	TEXT_MAX = 16 * 1024, /* bytes of the text that is signed */
	SECONDS_MAX = 24,
};

struct param {
	struct str name, value;
};

/* Appends a text in which every byte that is no letter, no digit and none of
 * -._~ is escaped (section 3.6). */
static void
add_escaped(struct buf *b, struct str s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (size_t i = 0; i < s.len; i++)
		if (memchr(plain, s.data[i], sizeof(plain) - 1) != NULL)
			buf_add(b, &s.data[i], 1);
		else
			buf_printf(b, "%%%02X", (uint8_t)s.data[i]);
}

/* Appends the host in lower case and without http's own port, and the path
 * (section 3.4.1.2). */
static void
add_address(struct buf *b, const char *url, struct str path)
{
	const char *host = strstr(url, "://") + strlen("://");
	size_t len = strcspn(host, "/"), n = len;

	if (n > 3 && memcmp(host + n - 3, ":80", 3) == 0)
		n -= 3;
	add_escaped(b, STR("http://"));
	for (size_t i = 0; i < n; i++)
		add_escaped(
		    b, (struct str){ (char[]){ str_lower(host[i]) }, 1 });
	add_escaped(b, str_of(host + len));
	add_escaped(b, path);
}

static int
by_name(const void *a, const void *b)
{
	const struct param *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

/* Appends the parameters, sorted by their names (section 3.4.1.3). */
static void
add_params(struct buf *b, const struct oauth *o, const char *query)
{
	char seconds[SECONDS_MAX];
	struct param list[OAUTH_PARAMS_MAX] = {
		{ STR("oauth_consumer_key"), o->key },
		{ STR("oauth_nonce"), str_of(o->nonce) },
		{ STR("oauth_signature_method"), STR("HMAC-SHA256") },
		{ STR("oauth_timestamp"), { seconds, 0 } },
	};
	size_t n = 4;

	list[3].value.len = (size_t)snprintf(seconds, sizeof(seconds), "%lld",
	    (long long)(o->now / INSTANT_SECOND));
	while (*query != '\0') {
		size_t name = strcspn(query + 1, "="), len;

		assert(n < OAUTH_PARAMS_MAX && query[1 + name] == '=');
		len = strcspn(query + 1 + name, "&");
		list[n++] = (struct param){ { query + 1, name },
			{ query + 2 + name, len - 1 } };
		query += 1 + name + len;
	}
	qsort(list, n, sizeof(list[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i > 0 ? "&" : "");
		add_escaped(b, list[i].name);
		buf_puts(b, "=");
		add_escaped(b, list[i].value);
	}
}

void
oauth_sign(const struct oauth *o, const char *method, const char *url,
    const char *path, struct buf *out)
{
	struct str bare = { path, strcspn(path, "?") };
	char secret[SECRET_MAX + 1], base64[4 * ((HMAC_SIZE + 2) / 3) + 1];
	uint8_t mac[HMAC_SIZE];
	struct hmac_key *key;
	struct buf text;
	size_t query;

	buf_add(out, bare.data, bare.len);
	buf_puts(out, "?");
	query = out->len;
	add_params(out, o, path + bare.len);

	buf_init(&text, TEXT_MAX);
	buf_printf(&text, "%s&", method);
	add_address(&text, url, bare);
	buf_puts(&text, "&");
	add_escaped(&text, (struct str){ out->data + query, out->len - query });
	assert(!buf_is_full(&text));

	assert(o->secret.len <= SECRET_MAX);
	memcpy(secret, o->secret.data, o->secret.len);
	secret[o->secret.len] = '&';
	key = hmac_key_new((struct str){ secret, o->secret.len + 1 });
	hmac_sign(key, (struct str){ text.data, text.len }, mac);
	hmac_key_free(key);
	explicit_bzero(secret, sizeof(secret));
	buf_fini(&text);

	base64_encode(mac, sizeof(mac), base64);
	buf_puts(out, "&oauth_signature=");
	add_escaped(out, str_of(base64));
}
