/* SPDX-License-Identifier: MIT */
/* Tests that a redemption uses the lot that was earned first, if several lots
 * expire at the same time or never. Tests in program files (tests/programs)
 * cannot check single lots, so this test calls fold(). */
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

static void
test_earliest_first(void **state)
{
	static const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	static const int64_t day = 24 * 3600 * INSTANT_SECOND;
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
	struct inbox inbox;
	struct fold f;

	(void)state;
	arena_init(&a);
	must(program_parse(&a, STR(file), &setting, &p, &e), &e);
	history.eras[0] = (struct era){
		.program = &p, .version_id = 1, .from = 1
	};
	inbox_init(&inbox, &a, &history);
	for (size_t i = 0; i < NITEMS(facts); i++) {
		struct told t = { .fact = facts[i] };

		t.fact.at = (int64_t)(i + 1) * day;
		t.fact.store_id = STORE;
		inbox_take(&inbox, &t);
	}
	inbox_fold(&inbox, &a, 9 * day, &f);
	assert_int_equal(f.nlots, 2);
	for (size_t i = 0; i < f.nlots; i++)
		assert_int_equal(f.lots[i]->remaining,
		    strcmp(f.lots[i]->source_id, "1") == 0 ? 20 : 80);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_earliest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
