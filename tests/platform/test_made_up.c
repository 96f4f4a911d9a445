/* SPDX-License-Identifier: MIT */
/*
 * Checks that every list of platforms has the made-up platform, which
 * BUILD=platform adds behind the others.  No list may have a platform with a
 * higher number.
 */
#include "../unit/program_file.h"

#include "base/message.h"
#include "core/decide.h"
#include "wire/address.h"
#include "wire/explain/explain.h"
#include "wire/order_json.h"
#include "wire/shop/shop.h"
#include "wire/store_text.h"

static void
test_name(void **state)
{
	const char *names[PLATFORMS + 1];
	size_t n = 0;

	(void)state;
	assert_int_equal(PLATFORM_MADE_UP, PLATFORMS);
	assert_int_equal(platform_parse(STR("made_up")), PLATFORM_MADE_UP);
	platform_shop_names(names);
	while (names[n] != NULL)
		n++;
	assert_string_equal(names[n - 1], "made_up");
	assert_ptr_equal(shop_find(PLATFORM_MADE_UP), &shop_made_up);
	assert_null(shop_find((enum platform)(PLATFORMS + 1)));
}

static void
test_message(void **state)
{
	struct message m = { .platform = PLATFORM_MADE_UP,
		.address = ADDRESS_ORDERS,
		.topic = STR("order/saved") };
	struct message back;
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&m, &b);
	assert_int_equal(
	    message_decode((struct str){ b.data, b.len }, &back, &e), 0);
	assert_int_equal(back.platform, PLATFORM_MADE_UP);
	assert_int_equal(address_judge(&back, &e), 0);
	b.data[2] = PLATFORMS + 1;
	assert_int_equal(
	    message_decode((struct str){ b.data, b.len }, &back, &e), -1);
	buf_fini(&b);
}

static void
test_order_json(void **state)
{
	struct order o = { .id = 7, .platform = PLATFORM_MADE_UP }, back;
	struct err e;

	(void)state;
	assert_int_equal(
	    order_parse(&arena, order_render(&arena, &o), &back, &e), 0);
	assert_int_equal(back.platform, PLATFORM_MADE_UP);
}

static int64_t
points(const struct program *p, const char *status)
{
	struct order_line line = {
		.id = 1, .quantity = 1, .current = 1, .before = 500, .net = 500
	};
	struct order o = { .id = 7,
		.platform = PLATFORM_MADE_UP,
		.modified_at = 1,
		.total = 500,
		.currency = "EUR",
		.lines = &line,
		.nlines = 1 };
	struct award awards[RULES_MAX];
	struct decision d = { .awards = awards };

	(void)snprintf(o.status, sizeof(o.status), "%s", status);
	decide(p, &(struct decide_ask){ .currency = "EUR" }, &o, &d);
	return d.points;
}

static void
test_statuses(void **state)
{
	static const char *const text[] = {
		"{'name':'x','rules':[{'id':'r','on':'order',"
		"'give':{'points':1,'per':'1'}}]}",
		"{'name':'x','rules':[{'id':'r','on':'order',"
		"'give':{'points':1,'per':'1'}}],"
		"'award':{'made_up':['collected']}}",
	};
	struct program as_usual = parsed(text[0]), other = parsed(text[1]);
	struct buf b;
	struct err e;

	(void)state;
	assert_int_equal(points(&as_usual, "delivered"), 5);
	assert_int_equal(points(&as_usual, "collected"), 0);
	assert_int_equal(points(&other, "delivered"), 0);
	assert_int_equal(points(&other, "collected"), 5);
	buf_init(&b, 64 * 1024);
	assert_int_equal(program_explain(&other, "en", &b, &e), 0);
	assert_non_null(strstr(b.data, "(made_up): collected"));
	buf_fini(&b);
}

static void
test_token(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(api_token_check(PLATFORM_MADE_UP, STR("key"), &e), 0);
	assert_int_equal(
	    api_token_check(PLATFORM_MADE_UP, STR("old_key"), &e), -1);
	assert_int_equal(secret_check(STR("a secret"), &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_order_json),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_token),
	};
	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
