/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "wire/shop/shop.h"

static const struct {
	const char *app, *type, *body; /* the call; body NULL: it is no app */
} calls[] = {
	{ "id:secret", "Content-Type: application/x-www-form-urlencoded",
	    "grant_type=client_credentials&client_id=id&client_secret=secret" },
	{ "id:secret:refresh", "Content-Type: application/json",
	    "{\"client_id\":\"id\",\"client_secret\":\"secret\","
	    "\"grant_type\":\"refresh_token\",\"refresh_token\":\"refresh\"}" },
	{ .app = "id" },
	{ .app = "id:" },
	{ .app = ":secret" },
	{ .app = "id:secret:" },
	{ .app = "id:secret:refresh:more" },
	{ .app = "id:se\"cret" },
	{ .app = "id:se&cret" },
	{ .app = "id:se%cret" },
};

static void
test_calls(void **state)
{
	struct push_request q;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	for (size_t i = 0; i < NITEMS(calls); i++) {
		int ret = shop_shopify.app_call(str_of(calls[i].app), &q, &e);

		print_message("%s\n", calls[i].app);
		assert_int_equal(ret, calls[i].body != NULL ? 0 : -1);
		if (ret == -1)
			continue;
		assert_string_equal(q.path, "/admin/oauth/access_token");
		assert_string_equal(q.headers[0], calls[i].type);
		assert_string_equal(q.headers[1], "");
		assert_true(str_eq((struct str){ q.body.data, q.body.len },
		    str_of(calls[i].body)));
	}
	buf_fini(&q.body);
}

#define DAILY    "id:secret"
#define EXPIRING "id:secret:before"
#define NO_TOKEN "the shop's answer is no token with an end"

static const struct {
	const char *app;
	int status;
	const char *body;
	const char *token, *next, *why;
	int64_t lasts_s;
} answers[] = {
	{ DAILY, 200, "{\"access_token\":\"shpat_1\",\"expires_in\":86399}",
	    "shpat_1", DAILY, "", 86399 },
	{ EXPIRING, 200,
	    "{\"access_token\":\"shpat_1\",\"expires_in\":3600,"
	    "\"refresh_token\":\"after\"}",
	    "shpat_1", "id:secret:after", "", 3600 },
	{ EXPIRING, 200, "{\"access_token\":\"shpat_1\",\"expires_in\":3600}",
	    .why = "the shop's answer has no refresh token" },
	{ EXPIRING, 200,
	    "{\"access_token\":\"shpat_1\",\"expires_in\":3600,"
	    "\"refresh_token\":\"a:b\"}",
	    .why = "the shop's answer has no refresh token" },
	{ DAILY, 200, "{\"access_token\":\"shpat_1\"}", .why = NO_TOKEN },
	{ DAILY, 200, "{\"access_token\":\"shpat_1\",\"expires_in\":-1}",
	    .why = NO_TOKEN },
	{ DAILY, 200, "{\"access_token\":\"shpat_1\",\"expires_in\":1e15}",
	    .why = NO_TOKEN },
	{ DAILY, 200, "{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":9}",
	    .why = NO_TOKEN },
	{ DAILY, 200, "<html>", .why = NO_TOKEN },
	{ DAILY, 400, "{\"error\":\"invalid_client\"}",
	    .why = "the shop gives no token: invalid_client" },
	{ DAILY, 400, "{\"error\":\"<b>\"}",
	    .why = "the shop gives no token: an error without a name" },
	{ DAILY, 404, "",
	    .why = "there is no such API at the store's address "
	           "(404)" },
	{ DAILY, 503, "", .why = "the shop answered 503" },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(answers); i++) {
		struct token_answer t;

		print_message("%s\n", answers[i].body);
		shop_shopify.app_read(&arena, answers[i].status, STR(""),
		    str_of(answers[i].body), str_of(answers[i].app), &t);
		assert_string_equal(t.why, answers[i].why);
		assert_int_equal(t.token.len > 0, answers[i].token != NULL);
		assert_int_equal(t.lasts_ms, answers[i].lasts_s * 1000);
		assert_in_range(t.wait_ms, 1, PUSH_WAIT_MAX_MS);
		if (answers[i].token == NULL)
			continue;
		assert_true(str_eq(t.token, str_of(answers[i].token)));
		assert_true(str_eq(t.app, str_of(answers[i].next)));
	}
}

/* Checks that a shop which has too many calls is asked later. */
static void
test_throttled(void **state)
{
	struct token_answer t;

	(void)state;
	shop_shopify.app_read(&arena, 429, STR("120"), STR(""), STR(DAILY), &t);
	assert_int_equal(t.wait_ms, 120000);
	assert_int_equal(t.token.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test_setup_teardown(
		    test_answers, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    test_throttled, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
