/* SPDX-License-Identifier: MIT */
/*
 * Checks the calls by which a shop is asked for changed orders, and what their
 * answers come to: a list, its end, places in lists that change meanwhile, and all
 * that is no answer.
 */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/arena.h"
#include "base/cc.h"
#include "base/instant.h"
#include "wire/shop/pull.h"

#define SINCE INT64_C(1795168800000000) /* 2026-11-20T10:00:00Z */

static struct arena arena;
static const struct shop *const woo = &shop_woocommerce;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static struct shop_access
access_of(const char *url)
{
	return (struct shop_access){
		.url = url,
		.token = STR("ck_1:cs_1"),
		.now = SINCE,
		.nonce = "0123456789abcdef",
	};
}

static void
list_call(const struct pull_place *at, struct push_request *q)
{
	const struct shop_access a = access_of("https://shop.example");
	struct err e;

	buf_init(&q->body, PUSH_BODY_MAX);
	assert_int_equal(woo->changed_call(at, &a, q, &e), 0);
	assert_int_equal(q->body.len, 0);
	buf_fini(&q->body);
}

/* Checks that a time is in GMT, without "Z", and of the second before. */
static void
test_list_call(void **state)
{
	struct push_request q;

	(void)state;
	list_call(&(struct pull_place){ .since = SINCE }, &q);
	assert_string_equal(q.path,
	    "/wp-json/wc/v3/orders?_fields=id,date_modified_gmt,status,refunds"
	    "&dates_are_gmt=true&modified_after=2026-11-20T09:59:59"
	    "&order=asc&orderby=modified&page=1&per_page=100");
	list_call(&(struct pull_place){ .since = SINCE, .cursor = "3" }, &q);
	assert_non_null(strstr(q.path, "&page=3&"));
}

static struct pull_answer
list_read(int status, const char *body, const struct pull_place *of)
{
	const struct reward_reply reply = { status, STR(""), str_of(body) };
	struct pull_answer r;

	woo->changed_read(&reply, of, &arena, &r);
	return r;
}

/* A list of n orders, of which each changed `step` seconds after the one before. */
static const char *
list_of(int n, int step)
{
	char *text = arena_alloc(&arena, (size_t)n * 120 + 3);
	char at[INSTANT_TEXT_MAX];
	size_t len = 0;

	text[len++] = '[';
	for (int i = 0; i < n; i++) {
		instant_format(SINCE + (int64_t)i * step * INSTANT_SECOND, at);
		at[19] = '\0';
		len += (size_t)sprintf(text + len,
		    "%s{\"id\":%d,\"date_modified_gmt\":\"%s\","
		    "\"status\":\"completed\",\"refunds\":[]}",
		    i > 0 ? "," : "", i + 1, at);
	}
	memcpy(text + len, "]", 2);
	return text;
}

static void
test_list(void **state)
{
	const struct pull_place at = { .since = SINCE };
	struct pull_answer r = list_read(200, list_of(3, 60), &at);

	(void)state;
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.orders[2].order_id, 3);
	assert_int_equal(r.orders[2].modified_at, SINCE + 120 * INSTANT_SECOND);
	assert_string_equal(r.orders[2].status, "completed");
	assert_int_equal(r.orders[2].nrefunds, 0);
	assert_false(r.more);
	r = list_read(200, "[]", &at);
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_int_equal(r.n, 0);
	assert_false(r.more);
}

/* Checks where the orders behind a whole list begin: at the last second of the list,
 * or, if it is the first one, at the next page. */
static void
test_places(void **state)
{
	const struct pull_place at = { .since = SINCE };
	struct pull_answer r = list_read(200, list_of(100, 2), &at);

	(void)state;
	assert_true(r.more);
	assert_int_equal(r.next.since, SINCE + 198 * INSTANT_SECOND);
	assert_string_equal(r.next.cursor, "");
	r = list_read(200, list_of(100, 0), &at);
	assert_true(r.more);
	assert_int_equal(r.next.since, SINCE);
	assert_string_equal(r.next.cursor, "2");
	r = list_read(200, list_of(100, 0), &r.next);
	assert_string_equal(r.next.cursor, "3");
}

static void
test_no_list(void **state)
{
	static const struct {
		int status;
		const char *body;
	} cases[] = {
		{ 200, "<html>" },
		{ 200, "" },
		{ 200, "{}" },
		{ 200, "[7]" },
		{ 200, "[{\"id\":1}]" },
		{ 200, "[{\"date_modified_gmt\":\"2026-11-20T10:00:00\"}]" },
		{ 200, "[{\"id\":1,\"date_modified_gmt\":null}]" },
		{ 401, "{\"code\":\"woocommerce_rest_cannot_view\"}" },
		{ 404, "{\"code\":\"rest_no_route\"}" },
		{ 429, "" },
		{ 503, "<html>" },
	};
	const struct pull_place at = { .since = SINCE };

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct pull_answer r = list_read(
		    cases[i].status, cases[i].body, &at);

		print_message("%d %s\n", cases[i].status, cases[i].body);
		assert_int_equal(r.outcome, PUSH_RETRY);
		assert_true(r.why[0] != '\0' && r.wait_ms > 0);
	}
}

static void
test_order(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum push_outcome outcome;
		bool there;
	} cases[] = {
		{ 200, "{\"id\":7,\"status\":\"completed\"}", PUSH_DONE, true },
		{ 200, "{\"id\":8,\"status\":\"completed\"}", PUSH_RETRY,
		    false },
		{ 200, "{}", PUSH_RETRY, false },
		{ 200, "<html>", PUSH_RETRY, false },
		{ 404, "{\"code\":\"woocommerce_rest_shop_order_invalid_id\"}",
		    PUSH_DONE, false },
		/* Another 404 says nothing of the order. */
		{ 404, "{\"code\":\"rest_no_route\"}", PUSH_RETRY, false },
		{ 404, "<html>", PUSH_RETRY, false },
		{ 503, "", PUSH_RETRY, false },
	};
	const struct shop_access a = access_of("https://shop.example");
	struct pull_order o = { .order_id = 7, .arena = &arena };
	struct push_request q;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(woo->order_call(&o, &a, &q, &e), 0);
	assert_string_equal(q.path, "/wp-json/wc/v3/orders/7");
	buf_fini(&q.body);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct reward_reply reply = { cases[i].status, STR(""),
			str_of(cases[i].body) };
		struct pull_answer r;

		print_message("%d %s\n", cases[i].status, cases[i].body);
		o = (struct pull_order){ .order_id = 7, .arena = &arena };
		woo->order_read(&reply, &o, &r);
		assert_int_equal(r.outcome, cases[i].outcome);
		assert_int_equal(o.done, cases[i].outcome == PUSH_DONE);
		assert_int_equal(o.there, cases[i].there);
		if (o.there)
			assert_string_equal(arena_printf(&arena, "%.*s",
			                        (int)o.body.len, o.body.data),
			    cases[i].body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_call),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_list),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
