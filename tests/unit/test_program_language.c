/* SPDX-License-Identifier: MIT */
#include "program_file.h"

/* Tests one file that has every key of the language. */

enum {
	EUR = 2
};

/* Checks the settings of the whole program. */
static void
test_language(void **state)
{
	static const char *const woo[] = { "completed", "my-own", NULL };
	struct program p = parsed_file(
	    "tests/fuzz/corpus/program/language", EUR);

	(void)state;
	assert_string_equal(p.modelled_on, "nothing there is");
	assert_int_equal(p.nrules, 21);
	assert_int_equal(p.nmultipliers, 4);
	assert_int_equal(p.nwallets, 6);
	assert_int_equal(p.tiers.nlevels, 4);
	assert_int_equal(p.nmemberships, 2);
	assert_int_equal(p.nrewards, 8);
	assert_int_equal(p.nbenefits, 5);
	assert_int_equal(p.charities.n, 2);
	assert_string_equal(p.charities.list[1], "rights");
	assert_int_equal(p.nconsents, 1);
	assert_string_equal(p.consents[0].id, "health");
	assert_int_equal(p.consents[0].valid.n, 5);
	assert_int_equal(p.birthday_lead_days, 7);
	assert_int_equal(p.birthday_lock_days, 365);
	assert_int_equal(p.feb29, FEB29_NEXT);
	assert_awards(&p, PLATFORM_SHOPIFY, paid);
	assert_awards(&p, PLATFORM_WOOCOMMERCE, woo);
	assert_int_equal(p.pending_days, 14);
	assert_false(p.plain);
}

/* Checks the wallets, tiers, memberships, rewards and benefits. */
static void
test_language_nouns(void **state)
{
	struct program p = parsed_file(
	    "tests/fuzz/corpus/program/language", EUR);
	const struct wallet *w = &p.wallets[0];
	const struct rule *r = &p.rules[0];
	const struct reward *reward = &p.rewards[0];
	const struct membership *m = &p.memberships[0];

	(void)state;
	assert_int_equal(w->expires.after.n, 18);
	assert_int_equal(w->expires.end_of, WINDOW_YEAR);
	assert_int_equal(w->expires.plus.unit, UNIT_YEAR);
	assert_int_equal(w->expires.inactive.n, 12);
	assert_int_equal(w->expires.on, INT64_C(1893456000000000));
	assert_int_equal(w->negative, NEGATIVE_FORGIVE);
	assert_string_equal(w->names.list[0].one, "point");

	assert_int_equal(r->when.n, 13);
	assert_int_equal(r->over, WINDOW_TIER_YEAR);
	assert_int_equal(r->rounding, ROUND_NEAREST);
	assert_int_equal(r->reversal, REVERSE_PROPORTIONAL);
	assert_int_equal(r->pending_from, FROM_FULFILLED);
	assert_string_equal(r->replaces.list[0], "item");
	assert_int_equal(p.bases[r->base].lines.n, 10);
	assert_string_equal(r->names.list[0].language, "en");
	assert_string_equal(r->names.list[0].other, "Shopping");
	assert_null(r->names.list[0].one);
	assert_string_equal(r->names.list[1].few, "body");

	assert_int_equal(p.tiers.grace_days, 30);
	assert_int_equal(p.tiers.downgrade, DOWNGRADE_ONE);
	assert_int_equal(p.tiers.crossing, CROSSING_SPLIT);
	assert_true(p.tiers.refund_at_term_end);
	assert_int_equal(m->price, 2500);
	assert_int_equal(m->trial_days, 30);
	assert_int_equal(m->grace_days, 5);
	assert_int_equal(m->refund, MEMBERSHIP_STAYS);
	assert_int_equal(m->fee.n, 1);

	assert_int_equal(reward->wallet, 4);
	assert_int_equal(reward->amount, 500);
	assert_int_equal(reward->minimum, 2000);
	assert_int_equal(reward->unit_cost, 200);
	assert_int_equal(reward->valid.n, 30);
	assert_int_equal(reward->hold_minutes, 90);
	assert_int_equal(reward->on_cancel, UNUSED_REOPEN);
	assert_int_equal(reward->on_refund, UNUSED_KEEP);
	assert_int_equal(reward->way, WAY_VIRTUAL);
	assert_int_equal(p.rewards[1].way, WAY_OWN);
	assert_true(reward->combines);
	assert_int_equal(reward->lines.n, 2);
	assert_int_equal(reward->when.n, 1);
	assert_true(p.rewards[1].variable);
	assert_int_equal(p.rewards[1].least, 500 * MILLI);
	assert_int_equal(p.rewards[1].most, 10000 * MILLI);
	assert_int_equal(p.rewards[2].percent, 2000);
	assert_int_equal(p.benefits[0].minimum, 100);
	assert_string_equal(p.multipliers[0].rules.list[1], "review");
	assert_int_equal(p.multipliers[0].lines.n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_language_nouns),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
