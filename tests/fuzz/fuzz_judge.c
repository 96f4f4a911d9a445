/* SPDX-License-Identifier: MIT */
/*
 * fuzz_judge: checks for any answer of a platform that every balance of the
 * call has an outcome, that a balance which failed has a reason in plain words,
 * and that the wait until the next call is bounded.
 * Input: a byte (how many balances), a byte (the status), Retry-After up to
 * a line feed, the body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cc.h"
#include "wire/shop/check.h"
#include "wire/shop/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static const int statuses[] = { 200, 0, 201, 301, 400, 401, 402, 403, 404, 413,
	423, 429, 430, 500, 502, 503, 999 };

static void
check_item(const struct push_answer *a, size_t i)
{
	const char *why = a->why[i];

	CHECK(a->items[i] >= PUSH_DONE && a->items[i] <= PUSH_REJECT);
	CHECK(strnlen(why, PUSH_WHY_MAX) < PUSH_WHY_MAX);
	CHECK((why[0] == '\0') == (a->items[i] == PUSH_DONE));
	for (; *why != '\0'; why++)
		CHECK(*why >= ' ' && *why <= '~');
	CHECK(a->all == PUSH_DONE || a->items[i] == PUSH_RETRY);
}

static void
check_judge(const struct shop *s, size_t n, int status, struct str after,
    struct str body)
{
	static struct push_answer a;
	struct push_item items[PUSH_BATCH_MAX] = { { 0 } };

	if (n > s->batch_max)
		n = s->batch_max;
	for (size_t i = 0; i < n; i++)
		items[i].customer_id = (int64_t)i + 1;
	memset(&a, 0x55, sizeof(a));
	s->judge(status, after, body, items, n, &a);
	CHECK(a.all == PUSH_DONE || a.all == PUSH_RETRY);
	CHECK(a.all == PUSH_RETRY || status == 200);
	CHECK(a.wait_ms >= 0 && a.wait_ms <= PUSH_WAIT_MAX_MS);
	CHECK(a.all == PUSH_DONE || a.wait_ms > 0);
	for (size_t i = 0; i < n; i++)
		check_item(&a, i);
}

/* Checks that an answer gives the shop's number, or a reason why there is
 * none. */
static void
check_told(const struct shop *s, int status, struct str after, struct str body)
{
	static struct push_answer a;
	int64_t number;

	memset(&a, 0x55, sizeof(a));
	number = s->number(status, after, body, STR("a.myshopify.com"), &a);
	CHECK(number >= 0);
	CHECK((number > 0) == (a.all == PUSH_DONE));
	CHECK(a.wait_ms >= 0 && a.wait_ms <= PUSH_WAIT_MAX_MS);
	check_item(&a, 0);
}

/* Gives every call of the command `store check` the same answer, and checks
 * that each finding is one whole line.  Status 0 stands for a first call
 * without an answer: the command then adds a finding itself, and makes no
 * further call. */
static void
check_check(
    const struct shop *s, int status, struct str redirect, struct str body)
{
	struct arena arena;
	struct shop_check c = {
		.arena = &arena,
		.store = { 1, "a.myshopify.com", "EUR", "UTC", "https://a" },
	};

	arena_init(&arena);
	if (status == 0)
		shop_check_find(&c, FINDING_WRONG, "https://a does not answer");
	for (size_t i = 0; status != 0 && i < s->nchecks; i++)
		c.answers[i] = (struct check_answer){ status, body, redirect };
	s->check_read(&c);
	CHECK(c.n > 0 && c.n < CHECK_FINDINGS_MAX);
	CHECK(status == 200 || !shop_check_is_ok(&c));
	for (size_t i = 0; i < c.n; i++)
		CHECK(c.findings[i].text[0] != '\0' &&
		      strpbrk(c.findings[i].text, "\r\n\t") == NULL);
	arena_fini(&arena);
}

static void
check_token(const struct shop *s, int status, struct str after, struct str body)
{
	struct str app = str_of("id:secret:refresh");
	struct token_answer t;
	struct arena arena;
	struct err e;

	arena_init(&arena);
	s->app_read(&arena, status, after, body, app, &t);
	CHECK((t.token.len > 0) == (t.why[0] == '\0'));
	CHECK(t.token.len == 0 || (status == 200 && t.lasts_ms > 0));
	CHECK(t.token.len == 0 || s->token_form(t.app, &e) == 0);
	CHECK(t.wait_ms > 0 && t.wait_ms <= PUSH_WAIT_MAX_MS);
	arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, after;
	const char *end;
	size_t n;
	int status;

	if (size < 2)
		return 0;
	n = (size_t)data[0] % PUSH_BATCH_MAX + 1;
	status = statuses[data[1] % NITEMS(statuses)];
	in.data += 2;
	in.len -= 2;
	end = in.len > 0 ? memchr(in.data, '\n', in.len) : NULL;
	after = (struct str){ in.data,
		end == NULL ? in.len : (size_t)(end - in.data) };
	in.data += after.len + (end != NULL);
	in.len -= after.len + (end != NULL);
	check_judge(&shop_shopify, n, status, after, in);
	check_judge(&shop_woocommerce, n, status, after, in);
	check_told(&shop_shopify, status, after, in);
	check_token(&shop_shopify, status, after, in);
	check_check(&shop_shopify, status, after, in);
	check_check(&shop_woocommerce, status, after, in);
	return 0;
}
