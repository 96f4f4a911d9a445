/* SPDX-License-Identifier: MIT */
/*
 * Gets API tokens by an app: a text CLIENT_ID:CLIENT_SECRET for an app of the Dev
 * Dashboard, whose tokens end after a day (the client credentials grant of RFC 6749,
 * section 4.4), or CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN for an app with expiring
 * offline tokens, which end after an hour.  Such an app gets another refresh token
 * with each token.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wire/shop/internal.h"

enum {
	APP_PARTS_MAX = 3,
	LASTS_MAX_S = 366 * 24 * 60 * 60,
};

/* The parts of an app. */
struct app {
	struct str part[APP_PARTS_MAX]; /* id, secret, refresh token */
	size_t n;
};

/* Takes a text apart at its colons.  The parts may have only characters that stand
 * for themselves in JSON and in a form (RFC 3986, "unreserved"). */
static int
app_parse(struct str text, struct app *out, struct err *e)
{
	static const char others[] = "-._~";
	struct app a = { .n = 1, .part[0] = { text.data, 0 } };
	bool ok = true;

	for (size_t i = 0; i < text.len && ok; i++) {
		char c = text.data[i];

		if (c != ':') {
			ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z') ||
			     (c != '\0' && strchr(others, c) != NULL);
			a.part[a.n - 1].len++;
			continue;
		}
		ok = a.part[a.n - 1].len > 0 && a.n < APP_PARTS_MAX;
		if (ok)
			a.part[a.n++] = (struct str){ text.data + i + 1, 0 };
	}
	*out = a;
	if (ok && a.n > 1 && a.part[a.n - 1].len > 0)
		return 0;
	return err_set(e, FAULT_REJECT,
	    "an app of Shopify is written CLIENT_ID:CLIENT_SECRET, or "
	    "CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN, without blanks");
}

bool
shopify_is_app(struct str entered)
{
	return memchr(entered.data, ':', entered.len) != NULL;
}

bool
shopify_app_is_same(struct str text, struct str other)
{
	struct app a, b;
	struct err ignored;

	return app_parse(text, &a, &ignored) == 0 &&
	       app_parse(other, &b, &ignored) == 0 && a.n == b.n &&
	       str_eq(a.part[0], b.part[0]) && str_eq(a.part[1], b.part[1]);
}

int
shopify_token_form(struct str entered, struct err *e)
{
	struct app ignored;

	return shopify_is_app(entered) ? app_parse(entered, &ignored, e) : 0;
}

int
shopify_app_call(struct str text, struct push_request *q, struct err *e)
{
	struct app a;
	const struct str *p = a.part;

	if (app_parse(text, &a, e) == -1)
		return -1;
	(void)snprintf(
	    q->path, sizeof(q->path), "%s", "/admin/oauth/access_token");
	memset(q->headers, 0, sizeof(q->headers));
	(void)snprintf(q->headers[0], sizeof(q->headers[0]),
	    "Content-Type: application/%s",
	    a.n == APP_PARTS_MAX ? "json" : "x-www-form-urlencoded");
	buf_reset(&q->body);
	if (a.n == APP_PARTS_MAX)
		buf_printf(&q->body,
		    "{\"client_id\":\"%.*s\",\"client_secret\":\"%.*s\","
		    "\"grant_type\":\"refresh_token\","
		    "\"refresh_token\":\"%.*s\"}",
		    (int)p[0].len, p[0].data, (int)p[1].len, p[1].data,
		    (int)p[2].len, p[2].data);
	else
		buf_printf(&q->body,
		    "grant_type=client_credentials&client_id=%.*s"
		    "&client_secret=%.*s",
		    (int)p[0].len, p[0].data, (int)p[1].len, p[1].data);
	assert(!buf_is_full(&q->body));
	return 0;
}

/* Reads the token of an answer 200, how long it lasts, and the next refresh
 * token. */
static const char *
grant_read(struct arena *arena, struct value root, struct str text,
    struct token_answer *out)
{
	struct str token = value_text(value_get(root, "access_token"));
	struct str refresh = value_text(value_get(root, "refresh_token"));
	int64_t lasts_s = whole_number(value_get(root, "expires_in"));
	struct app a, next;
	struct err e;

	if (token_check(token, &e) == -1 || lasts_s <= 0 ||
	    lasts_s > LASTS_MAX_S)
		return "the shop's answer is no token with an end";
	if (app_parse(text, &a, &e) == -1)
		return "the app is not written as one";
	out->app = text;
	if (a.n == APP_PARTS_MAX) {
		const char *with = arena_printf(arena, "%.*s:%.*s:%.*s",
		    (int)a.part[0].len, a.part[0].data, (int)a.part[1].len,
		    a.part[1].data, (int)refresh.len, refresh.data);

		out->app = str_of(with);
		if (app_parse(out->app, &next, &e) == -1)
			return "the shop's answer has no refresh token";
	}
	out->token = (struct str){ arena_memdup(arena, token.data, token.len),
		token.len };
	out->lasts_ms = lasts_s * 1000;
	return "";
}

void
shopify_app_read(struct arena *arena, int status, struct str retry_after,
    struct str body, struct str app, struct token_answer *out)
{
	struct value root, error;
	struct push_answer a = { .all = PUSH_DONE };
	char word[WORD_MAX];
	struct err e;

	*out = (struct token_answer){ .app = app };
	root = body_load(arena, body, &e);
	error = value_get(root, "error");
	if (status == 200)
		out->why = grant_read(arena, root, app, out);
	else if (status == 400 && value_is(error, VALUE_TEXT)) {
		word_copy(error, word);
		out->why = arena_printf(
		    arena, "the shop gives no token: %s", word);
	} else {
		(void)answer_by_status(
		    &a, 1, status, retry_after_ms(retry_after));
		out->why = arena_strdup(arena, a.why[0]);
	}
	out->wait_ms = a.wait_ms > 0 ? a.wait_ms : PUSH_WAIT_LONG_MS;
}
