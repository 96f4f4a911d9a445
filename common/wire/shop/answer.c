/* SPDX-License-Identifier: MIT */
/*
 * Parts of API calls and of their answers that are alike for all platforms.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "wire/shop/internal.h"

int
token_check(struct str token, struct err *e)
{
	bool ok = token.len > 0 && token.len <= SECRET_MAX;

	for (size_t i = 0; ok && i < token.len; i++)
		ok = token.data[i] > ' ' && token.data[i] <= '~';
	if (ok)
		return 0;
	return err_set(e, FAULT_REJECT,
	    "the store's API token must be 1 to %d visible ASCII characters; "
	    "enter it again with loyald store set",
	    SECRET_MAX);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int64_t
retry_after_ms(struct str text)
{
	struct str s = str_trim(text);
	int64_t ms = 0, unit = 100;
	size_t i = 0;

	if (s.len == 0)
		return 0;
	for (; i < s.len && is_digit(s.data[i]) && ms < PUSH_WAIT_MAX_MS; i++)
		ms = ms * 10 + INT64_C(1000) * (s.data[i] - '0');
	if (ms >= PUSH_WAIT_MAX_MS)
		return PUSH_WAIT_MAX_MS;
	if (i == 0)
		return PUSH_WAIT_LONG_MS;
	if (i < s.len && s.data[i] == '.')
		for (i++; i < s.len && is_digit(s.data[i]); i++, unit /= 10)
			ms += (s.data[i] - '0') * unit;
	return i == s.len ? ms : PUSH_WAIT_LONG_MS;
}

void
answer_item(
    struct push_answer *a, size_t i, enum push_outcome outcome, const char *why)
{
	assert(i < PUSH_BATCH_MAX);
	a->items[i] = outcome;
	(void)snprintf(a->why[i], sizeof(a->why[i]), "%s", why);
}

void
answer_all(struct push_answer *a, size_t n, enum push_outcome outcome,
    int64_t wait_ms, const char *why)
{
	a->all = outcome;
	if (wait_ms > a->wait_ms)
		a->wait_ms = wait_ms;
	for (size_t i = 0; i < n; i++)
		answer_item(a, i, outcome, why);
}

/* Statuses after which calls fail until somebody repairs something. */
static const struct {
	int status;
	const char *why;
} to_mend[] = {
	{ 400, "the shop says the request is malformed (400)" },
	{ 401, "the shop refuses the API token (401): loyald store set" },
	{ 402, "the shop is frozen (402)" },
	{ 403, "the API token lacks a right for this call (403)" },
	{ 404, "there is no such API at the store's address (404)" },
	{ 413, "the shop takes fewer balances in one call (413)" },
	{ 423, "the shop is locked (423)" },
};

bool
answer_by_status(struct push_answer *a, size_t n, int status, int64_t after_ms)
{
	char why[PUSH_WHY_MAX];
	int64_t wait_ms = PUSH_WAIT_LONG_MS;

	if (status == 200)
		return false;
	(void)snprintf(why, sizeof(why), "the shop answered %d", status);
	for (size_t i = 0; i < NITEMS(to_mend); i++)
		if (to_mend[i].status == status)
			(void)snprintf(why, sizeof(why), "%s", to_mend[i].why);
	if (status == 0)
		(void)snprintf(why, sizeof(why), "the shop did not answer");
	/* Shopify answers 430 to a caller that looks malicious. */
	if (status == 429 || status == 430)
		a->throttled = true;
	if (status == 0 || a->throttled || status >= 500)
		wait_ms = PUSH_WAIT_MS;
	answer_all(
	    a, n, PUSH_RETRY, after_ms > wait_ms ? after_ms : wait_ms, why);
	return true;
}

void
word_of(struct str s, char out[WORD_MAX])
{
	bool ok = s.len > 0 && s.len < WORD_MAX;

	for (size_t i = 0; ok && i < s.len; i++)
		ok = is_digit(s.data[i]) || s.data[i] == '_' ||
		     s.data[i] == '-' ||
		     (s.data[i] >= 'a' && s.data[i] <= 'z') ||
		     (s.data[i] >= 'A' && s.data[i] <= 'Z');
	(void)snprintf(out, WORD_MAX, "%.*s", ok ? (int)s.len : WORD_MAX - 1,
	    ok ? s.data : "an error without a name");
}

void
word_copy(struct value v, char out[WORD_MAX])
{
	word_of(value_text(v), out);
}

const char *
text_told(struct arena *a, struct value v)
{
	struct str s = value_text(v);

	return s.len > 0 && memchr(s.data, '\0', s.len) == NULL
	           ? arena_memdup(a, s.data, s.len)
	           : NULL;
}

void
why_mend(char why[PUSH_WHY_MAX])
{
	for (char *at = why; *at != '\0';) {
		size_t n = utf8_len(str_of(at));

		if (n == 0)
			*at = '?';
		at += n > 0 ? n : 1;
	}
}
