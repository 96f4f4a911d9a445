/* SPDX-License-Identifier: MIT */
/* Checks what orders say of rewards, and what follows for a reward from its form
 * and its redemption. */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/order_use.h"
#include "core/reward_terms.h"

enum {
	PLACED = 1000,
	CHANGED = 2000,
};

static void
test_use(void **state)
{
	static const struct {
		const char *name, *status;
		int64_t modified_at, cancelled_at, deleted_at;
		bool uses;
		int64_t undone_at;
		enum undone_how how;
	} cases[] = {
		{ "1. paid", "paid", CHANGED, 0, 0, true, 0, UNDONE_NOT },
		{ "1. not paid yet", "pending", CHANGED, 0, 0, true, 0,
		    UNDONE_NOT },
		{ "a checkout that is not finished", "checkout-draft", CHANGED,
		    0, 0, .uses = false },
		{ "only a refund is known", "", 0, 0, 0, .uses = false },
		{ "2. refunded in part", "partially_refunded", CHANGED, 0, 0,
		    true, 0, UNDONE_NOT },
		{ "refunded", "refunded", CHANGED, 0, 0, true, CHANGED,
		    UNDONE_REFUNDED },
		{ "cancelled, and its money back", "refunded", CHANGED, 1500, 0,
		    true, 1500, UNDONE_CANCELLED },
		{ "failed", "failed", CHANGED, 0, 0, true, CHANGED,
		    UNDONE_CANCELLED },
		{ "deleted", "paid", CHANGED, 0, 3000, true, 3000,
		    UNDONE_CANCELLED },
		{ "undone before it was placed", "cancelled", CHANGED, 500, 0,
		    true, PLACED, UNDONE_CANCELLED },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct order o = { .platform = PLATFORM_SHOPIFY,
			.created_at = PLACED,
			.modified_at = cases[i].modified_at,
			.cancelled_at = cases[i].cancelled_at,
			.deleted_at = cases[i].deleted_at };
		struct order_use use;

		print_message("%s\n", cases[i].name);
		strcpy(o.status, cases[i].status);
		assert_int_equal(order_use(&o, &use), cases[i].uses);
		if (!cases[i].uses)
			continue;
		assert_int_equal(use.at, PLACED);
		assert_int_equal(use.undone_at, cases[i].undone_at);
		assert_int_equal(use.how, cases[i].how);
	}
}

static void
test_ends(void **state)
{
	struct program p = { .zone = &zone_utc };
	struct reward r = { .hold_minutes = 60 };
	struct fact f = { .program = &p };

	(void)state;
	assert_int_equal(instant_parse(STR("2026-03-01T10:00:00Z"), &f.at), 0);
	assert_int_equal(reward_ends_at(&r, &f), 0);
	f.cart = true;
	assert_int_equal(
	    reward_ends_at(&r, &f), f.at + 60 * 60 * INSTANT_SECOND);
	r.valid = (struct period){ 2, UNIT_DAY };
	assert_int_equal(
	    reward_ends_at(&r, &f), f.at + 60 * 60 * INSTANT_SECOND);
	f.cart = false;
	assert_int_equal(reward_ends_at(&r, &f),
	    f.at + 2 * INSTANT_DAY - 10 * 60 * 60 * INSTANT_SECOND);
	r.valid = (struct period){ 1, UNIT_EVER };
	assert_int_equal(reward_ends_at(&r, &f), 0);
}

static void
test_amount(void **state)
{
	const struct reward fixed = { .cost = 200, .amount = 500 };
	const struct reward variable = {
		.cost = 10, .amount = 5, .variable = true
	};

	(void)state;
	assert_int_equal(reward_amount(&fixed, 200), 500);
	assert_int_equal(reward_amount(&variable, 120), 60);
}

static void
test_forms(void **state)
{
	(void)state;
	assert_true(reward_form_has_calls(FORM_COUPON));
	assert_false(reward_form_is_spent(FORM_COUPON));
	assert_true(reward_form_is_spent(FORM_CREDIT));
	assert_true(reward_form_is_spent(FORM_CARD));
	assert_true(reward_form_is_made(FORM_VIRTUAL));
	assert_false(reward_form_has_calls(FORM_VIRTUAL));
	assert_false(reward_form_has_calls(FORM_TASK));
	assert_false(reward_form_is_made(FORM_OWN));
	assert_false(reward_form_is_made(FORM_NOTHING));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_use),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_amount),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
