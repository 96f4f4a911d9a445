/* SPDX-License-Identifier: MIT */
/* Tests that one timeline, which has what random ones (test_fold_properties)
 * seldom have, gives the same with every seam: a grace, pending points that count
 * for the tier and count later once they are due, a limit of which the window
 * began long before the seam, numbered takings, lots of which a seam has some
 * apart, and which inactivity puts into another order. */
#include <string.h>

#include "../model/seams.h"
#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "wire/program/program.h"

#define DAY(n) (INT64_C(1577836800) * INSTANT_SECOND + (n)*INSTANT_DAY)

static const char file[] =
    "{ \"name\": \"p\", \"events\": [\"c\", \"d\", \"e\", \"f\", \"g\"], "
    "\"wallets\": { \"points\": {}, \"vouchers\": { \"unit\": \"vouchers\" "
    "}, \"extra\": { \"expires\": { \"inactive\": \"6 months\" } } }, "
    "\"tiers\": { \"metric\": \"earned\", \"pending_counts\": true, "
    "\"window\": \"30 days\", \"term\": \"while\", \"grace_days\": 20, "
    "\"levels\": [{ \"id\": \"gold\", \"from\": 150 }] }, \"rules\": [{ "
    "\"id\": \"c\", \"on\": \"c\", \"pending_days\": 20, \"give\": { "
    "\"points\": 80 }, \"limit\": { \"most\": 300, \"per\": \"year\" } }, { "
    "\"id\": \"v\", \"on\": \"balance\", \"take\": { \"wallet\": \"points\", "
    "\"each\": 70 }, \"give\": { \"points\": 1 }, \"to\": \"vouchers\" }, { \"id\": \"e\", \"on\": \"e\", \"to\": \"extra\", "
    "\"give\": { \"points\": 10 }, \"expires\": { \"after\": \"4 years\" } }, "
    "{ \"id\": \"f\", \"on\": \"f\", \"to\": \"extra\", \"give\": { "
    "\"points\": 10 }, \"expires\": { \"after\": \"2 years\" } }, { \"id\": "
    "\"g\", \"on\": \"g\", \"to\": \"extra\", \"give\": { \"points\": 10 }, "
    "\"expires\": { \"after\": \"3 years\" } }], "
    "\"rewards\": [{ \"id\": \"r\", \"kind\": \"amount\", \"amount\": "
    "\"0.01\", \"cost\": 1, \"variable\": true }, { \"id\": \"x\", "
    "\"kind\": \"amount\", \"amount\": \"0.01\", \"cost\": 1, \"wallet\": "
    "\"extra\", \"variable\": true }] }";

static void
told(struct inbox *in, const char *id, const char *type, int64_t day)
{
	inbox_take(in, &(struct told){ .fact = { .kind = FACT_EVENT,
	                                   .id = id,
	                                   .type = type,
	                                   .count = 1,
	                                   .at = DAY(day),
	                                   .store_id = STORE } });
}

static void
redeemed(struct inbox *in, const char *reward, const char *wallet, int64_t day)
{
	inbox_take(in, &(struct told){ .fact = { .kind = FACT_REDEEM,
	                                   .id = reward,
	                                   .at = DAY(day),
	                                   .store_id = STORE,
	                                   .units = 15,
	                                   .wallet = wallet,
	                                   .reward = reward } });
}

static void
test_every_seam(void **state)
{
	static const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct history history = { .neras = 1, .end = DAY(364) };
	struct arena a;
	struct program p;
	struct inbox in;
	struct buf why;
	struct err e;

	(void)state;
	arena_init(&a);
	buf_init(&why, 1024);
	must(program_parse(&a, STR(file), &setting, &p, &e), &e);
	history.eras[0] = (struct era){
		.program = &p, .version_id = 1, .from = 1
	};
	inbox_init(&in, &a, &history);
	told(&in, "1", "c", 1);
	told(&in, "2", "c", 2);
	told(&in, "3", "d", 10);
	told(&in, "4", "d", 15);
	told(&in, "e", "e", 20);
	told(&in, "f1", "f", 21);
	told(&in, "g1", "g", 22);
	told(&in, "f2", "f", 23);
	told(&in, "g2", "g", 24);
	redeemed(&in, "x", "extra", 40);
	told(&in, "f3", "f", 41);
	told(&in, "f4", "f", 42);
	told(&in, "f5", "f", 43);
	told(&in, "5", "d", 55);
	told(&in, "6", "d", 60);
	told(&in, "7", "c", 300);
	told(&in, "8", "c", 310);
	redeemed(&in, "r", "points", 330);
	told(&in, "9", "d", 340);
	for (size_t i = 1; i < in.n; i++)
		for (size_t lots = 0; lots < 3; lots++)
			if (!seam_holds(&a, &in,
			        &(struct timeline){
			            .seam_next_at = in.facts[i].at,
			            .seam_lots = lots },
			        &why))
				fail_msg("seam before %s, %zu lots: %s",
				    in.facts[i].id, lots, why.data);
	assert_int_equal(seams_tried.folds, 2 * 3 * (in.n - 1));
	assert_int_equal(seams_tried.shorts, 0);
	assert_true(seams_tried.wants > 0);
	buf_fini(&why);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_seam),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
