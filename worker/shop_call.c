/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "io/clock.h"
#include "shop_call.h"

enum {
	URL_MAX = 2048,
	HEADERS_MAX = 4,
};

struct shop_access
shop_access_of(const struct store *s)
{
	struct shop_access a = {
		.url = s->api_url,
		.token = s->api_token,
		.now = clock_now(),
	};
	uint8_t bytes[sizeof(a.nonce) / 2];

	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), a.nonce);
	return a;
}

int
shop_call(struct http_client *client, const char *api_url,
    const struct push_request *r, http_answered *answered, void *arg,
    struct err *e)
{
	const char *headers[HEADERS_MAX];
	char url[URL_MAX];
	size_t n = 0;

	if ((size_t)snprintf(url, sizeof(url), "%s%s", api_url, r->path) >=
	    sizeof(url))
		return err_set(e, FAULT_REJECT, "the API address is too long");
	while (n < HEADERS_MAX && r->headers[n][0] != '\0') {
		headers[n] = r->headers[n];
		n++;
	}
	return http_client_call(client,
	    &(struct http_call){ .url = url,
	        .headers = headers,
	        .nheaders = n,
	        .once = r->once,
	        .method = r->method[0] != '\0' ? r->method : NULL,
	        .body = { r->body.data, r->body.len } },
	    answered, arg, e);
}
