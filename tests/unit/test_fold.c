/* SPDX-License-Identifier: MIT */
/* Tests what program files (tests/programs) cannot test, and so calls fold():
 *
 *  1. A redemption uses the lot that was earned first, if several lots expire at
 *     the same time or never.
 *  2. Days of grace of a program without terms end under a version with terms.
 */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

#include "../model/history.h"

static const char file[] =
    "{ \"name\": \"p\", \"events\": [\"c\"], \"rules\": ["
    "{ \"id\": \"c\", \"on\": \"c\", \"give\": { \"points\": 80 } }], "
    "\"rewards\": [{ \"id\": \"points\", \"kind\": \"amount\", \"amount\": "
    "\"0.01\", \"cost\": 1, \"variable\": true }] }";

#define TIERS(term)                                                                    \
	"{ \"name\": \"p\", \"events\": [\"c\"], \"tiers\": { \"metric\": "            \
	"\"events\", \"event\": \"c\", \"window\": \"anniversary\", \"term\": \"" term \
	"\", \"grace_days\": 40, \"levels\": [{ \"id\": \"a\", \"from\": 1 }] } }"

static const struct program_setting setting = { .currency = "EUR",
	.exponent = 2 };

/* Folds facts of a store, the first of day 1 and each a day after the one before,
 * as of day `last`. */
static void
fold_days(struct arena *a, const struct history *history,
    const struct fact *facts, size_t n, int last, struct fold *f)
{
	struct inbox inbox;

	inbox_init(&inbox, a, history);
	for (size_t i = 0; i < n; i++) {
		struct told t = { .fact = facts[i] };

		t.fact.at = (int64_t)(i + 1) * INSTANT_DAY;
		t.fact.store_id = STORE;
		inbox_take(&inbox, &t);
	}
	inbox_fold(&inbox, a, last * INSTANT_DAY, f);
}

/* Checks 1. */
static void
test_earliest_first(void **state)
{
	const struct fact facts[] = {
		{ .kind = FACT_EVENT, .id = "1", .type = "c", .count = 1 },
		{ .kind = FACT_EVENT, .id = "2", .type = "c", .count = 1 },
		{ .kind = FACT_REDEEM,
		    .id = "3",
		    .units = 60,
		    .wallet = "points",
		    .reward = "points" },
	};
	struct arena a;
	struct program p;
	struct err e = { 0 };
	struct history history = { .neras = 1 };
	struct fold f;

	(void)state;
	arena_init(&a);
	must(program_parse(&a, STR(file), &setting, &p, &e), &e);
	history.eras[0] = (struct era){
		.program = &p, .version_id = 1, .from = 1
	};
	fold_days(&a, &history, facts, NITEMS(facts), 9, &f);
	assert_int_equal(f.nlots, 2);
	for (size_t i = 0; i < f.nlots; i++)
		assert_int_equal(f.lots[i]->remaining,
		    strcmp(f.lots[i]->source_id, "1") == 0 ? 20 : 80);
	arena_fini(&a);
}

/* Checks 2. */
static void
test_grace_ends(void **state)
{
	static const char *const files[] = { TIERS("while"),
		TIERS("rest_of_year") };
	struct program programs[NITEMS(files)];
	const struct fact facts[] = {
		{ .kind = FACT_EVENT, .id = "1", .type = "enrolment" },
		{ .kind = FACT_EVENT, .id = "2", .type = "c", .count = 1 },
	};
	struct arena a;
	struct err e = { 0 };
	struct history history = { .neras = NITEMS(files) };
	struct fold f;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < NITEMS(files); i++) {
		must(program_parse(
		         &a, str_of(files[i]), &setting, &programs[i], &e),
		    &e);
		history.eras[i] = (struct era){ .program = &programs[i],
			.version_id = (int32_t)i + 1,
			.from = i == 0 ? 1 : 380 * INSTANT_DAY };
	}
	fold_days(&a, &history, facts, NITEMS(facts), 600, &f);
	assert_true(f.ntiers >= 2);
	assert_null(f.tiers[f.ntiers - 1].level);
	assert_true(f.tiers[f.ntiers - 1].at < 420 * INSTANT_DAY);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_earliest_first),
		cmocka_unit_test(test_grace_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
