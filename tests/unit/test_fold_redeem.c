/* SPDX-License-Identifier: MIT */
/* Tests rewards that are made at the shop (rules 5 to 7 of core/fold/redeem.c).
 * In whatever order the facts become known, the same must come of them. */
#include <string.h>

#include "arena_state.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

enum {
	FACTS_OF_CASE = 8,
	REORDERED_MAX = 6, /* facts of which every order is tried */
};

static struct arena scratch;

static const char file
    [] = "{ \"name\": \"p\", \"events\": [\"c\"], \"charities\": [\"trees\"], "
         "\"wallets\": { "
         "\"points\": { \"expires\": { \"after\": \"30 days\" } }, "
         "\"kind\": { \"negative\": \"forgive\", "
         "\"expires\": { \"inactive\": \"1 year\" } } }, "
         "\"rules\": ["
         "{ \"id\": \"c\", \"on\": \"c\", \"give\": { \"points\": 80 } }, "
         "{ \"id\": \"k\", \"on\": \"c\", \"give\": { \"points\": 80 }, "
         "\"to\": \"kind\" }], "
         "\"rewards\": ["
         "{ \"id\": \"back\", \"kind\": \"amount\", \"amount\": \"5.00\", "
         "\"cost\": 50 }, "
         "{ \"id\": \"open\", \"kind\": \"amount\", \"amount\": \"5.00\", "
         "\"cost\": 50, \"on_cancel\": \"reopen\", \"on_refund\": \"keep\" }, "
         "{ \"id\": \"again\", \"kind\": \"amount\", \"amount\": \"5.00\", "
         "\"cost\": 50, \"on_cancel\": \"reopen\" }, "
         "{ \"id\": \"kept\", \"kind\": \"amount\", \"amount\": \"5.00\", "
         "\"cost\": 50, \"on_cancel\": \"keep\" }, "
         "{ \"id\": \"kind\", \"kind\": \"amount\", \"amount\": \"5.00\", "
         "\"cost\": 50, \"wallet\": \"kind\" }, "
         "{ \"id\": \"gift\", \"kind\": \"charity\", \"amount\": \"5.00\", "
         "\"cost\": 50 }] }";

/* An event on day `on` that earns 80 in each wallet. */
#define EARNED(on)                                                    \
	{                                                             \
		.kind = FACT_EVENT, .at = on, .id = #on, .type = "c", \
		.count = 1                                            \
	}
#define REDEEMED(on, name, of_reward)                      \
	{                                                  \
		.kind = FACT_REDEEM, .at = on, .id = name, \
		.reward = of_reward, .issue = true         \
	}
#define SPENT(on, n)                                          \
	{                                                     \
		.kind = FACT_REDEEM, .at = on, .id = "spent", \
		.wallet = "points", .units = n                \
	}
#define USED(on, order, redemption)                                       \
	{                                                                 \
		.kind = FACT_USE, .at = on, .id = order, .of = redemption \
	}
#define UNUSED(on, order, redemption, why)                                   \
	{                                                                    \
		.kind = FACT_UNUSE, .at = on, .id = order, .of = redemption, \
		.how = UNUSE_##why                                           \
	}
#define GONE(on)                                                         \
	{                                                                \
		.kind = FACT_RELEASE, .at = on, .id = "gone", .of = "a", \
		.type = RELEASE_GONE                                     \
	}
#define RELEASED(on)                                                       \
	{                                                                  \
		.kind = FACT_RELEASE, .at = on, .id = "by hand", .of = "a" \
	}
#define GIVEN(on)                                                         \
	{                                                                 \
		.kind = FACT_CAPTURE, .at = on, .id = "given", .of = "a", \
		.type = CAPTURE_GIVEN                                     \
	}

/* Facts with their days, and what they come to on day 20: the first wallet, the
 * first redemption, and the last refusal. */
static const struct {
	const char *name;
	struct fact facts[FACTS_OF_CASE];
	int64_t available, reserved, debt;
	enum account where;
	const char *used_by;
	int64_t used_on;
	bool returning;
	const char *refused;
} cases[] = {
	{ "reserved until an order uses it",
	    { EARNED(1), REDEEMED(2, "a", "back") }, .available = 30,
	    .reserved = 50, .where = ACCOUNT_RESERVED },
	{ "used", { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a") },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 3 },
	{ "used in the instant in which it was redeemed",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(2, "7", "a") },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 2 },
	{ "used and cancelled in one instant",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(2, "7", "a"),
	        UNUSED(2, "7", "a", CANCELLED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .returning = true },
	{ "used by a clock that is behind",
	    { EARNED(1), REDEEMED(4, "a", "back"), USED(2, "7", "a") },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 2 },
	{ "used and cancelled by a clock that is behind",
	    { EARNED(1), REDEEMED(4, "a", "back"), USED(2, "7", "a"),
	        UNUSED(3, "7", "a", CANCELLED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .returning = true },
	{ "cancelled: it returns",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", CANCELLED), GONE(5) },
	    .available = 80 },
	{ "refunded: it returns",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", REFUNDED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .returning = true },
	{ "cancelled: it can be used again",
	    { EARNED(1), REDEEMED(2, "a", "open"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", CANCELLED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED },
	{ "refunded: it stays, though it would be open if cancelled",
	    { EARNED(1), REDEEMED(2, "a", "open"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", REFUNDED) },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 3 },
	{ "used again after it was opened again",
	    { EARNED(1), REDEEMED(2, "a", "open"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", CANCELLED), USED(5, "8", "a") },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "8",
	    .used_on = 5 },
	{ "cancelled: it stays used",
	    { EARNED(1), REDEEMED(2, "a", "kept"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", CANCELLED), GONE(5) },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 3, .refused = "used_already" },
	{ "gone at the shop after it was used",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"), GONE(4) },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 3, .refused = "used_already" },
	{ "gone at the shop before the order that used it is cancelled",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"), GONE(4),
	        UNUSED(5, "7", "a", CANCELLED) },
	    .available = 80, .refused = "used_already" },
	{ "removed in the instant in which that order is cancelled",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"), GONE(4),
	        UNUSED(4, "7", "a", CANCELLED) },
	    .available = 80, .refused = "used_already" },
	{ "gone, cancelled, and open again",
	    { EARNED(1), REDEEMED(2, "a", "open"), USED(3, "7", "a"), GONE(4),
	        UNUSED(5, "7", "a", CANCELLED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .refused = "used_already" },
	{ "gone before it was opened again",
	    { EARNED(1), REDEEMED(2, "a", "again"), USED(3, "7", "a"), GONE(4),
	        UNUSED(5, "7", "a", CANCELLED), USED(6, "8", "a"),
	        UNUSED(7, "8", "a", REFUNDED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .returning = true, .refused = "used_already" },
	{ "released by hand after it was used",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        RELEASED(4), UNUSED(5, "7", "a", CANCELLED) },
	    .available = 80 },
	{ "given by the shop for good",
	    { EARNED(1), REDEEMED(2, "a", "back"), GIVEN(3) }, .available = 30,
	    .where = ACCOUNT_REDEEMED },
	{ "given after it was released by hand, with the points gone",
	    { EARNED(1), REDEEMED(2, "a", "back"), RELEASED(3), SPENT(4, 60),
	        GIVEN(5) },
	    .debt = 30, .where = ACCOUNT_REDEEMED },
	{ "released by hand after it was given",
	    { EARNED(1), REDEEMED(2, "a", "back"), GIVEN(3), RELEASED(4) },
	    .available = 80 },
	{ "used after it was released",
	    { EARNED(1), REDEEMED(2, "a", "back"), GONE(3), USED(4, "7", "a") },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 4 },
	{ "used after it was released, with the points gone",
	    { EARNED(1), REDEEMED(2, "a", "back"), GONE(3), SPENT(4, 60),
	        USED(5, "7", "a") },
	    .debt = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 5 },
	{ "and cancelled: what is owed is not any more",
	    { EARNED(1), REDEEMED(2, "a", "back"), GONE(3), SPENT(4, 60),
	        USED(5, "7", "a"), UNUSED(6, "7", "a", CANCELLED) },
	    .available = 20 },
	{ "and repaid before",
	    { EARNED(1), REDEEMED(2, "a", "back"), GONE(3), SPENT(4, 60),
	        USED(5, "7", "a"), EARNED(6), UNUSED(7, "7", "a", CANCELLED) },
	    .available = 100 },
	{ "used twice",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        USED(4, "8", "a") },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 3, .refused = "used_already" },
	{ "used twice, and the second one cancelled",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        USED(4, "8", "a"), UNUSED(5, "8", "a", CANCELLED) },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 3, .refused = "used_already" },
	{ "used twice, and the first one cancelled",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        USED(4, "8", "a"), UNUSED(5, "7", "a", CANCELLED) },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "8",
	    .used_on = 4, .refused = "used_already" },
	{ "used twice: the second one never counted, the first is refunded",
	    { EARNED(1), REDEEMED(2, "a", "kept"), USED(3, "7", "a"),
	        USED(4, "8", "a"), UNUSED(5, "8", "a", CANCELLED),
	        UNUSED(6, "7", "a", REFUNDED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .returning = true, .refused = "used_already" },
	{ "used twice, and both cancelled",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        USED(4, "8", "a"), UNUSED(5, "7", "a", CANCELLED),
	        UNUSED(6, "8", "a", CANCELLED) },
	    .available = 30, .reserved = 50, .where = ACCOUNT_RESERVED,
	    .returning = true, .refused = "used_already" },
	{ "used while it is returning",
	    { EARNED(1), REDEEMED(2, "a", "back"), USED(3, "7", "a"),
	        UNUSED(4, "7", "a", CANCELLED), USED(5, "8", "a"), GONE(6) },
	    .available = 30, .where = ACCOUNT_REDEEMED, .used_by = "8",
	    .used_on = 5, .refused = "used_already" },
	{ "two rewards of one order",
	    { EARNED(1), EARNED(2), REDEEMED(3, "a", "back"),
	        REDEEMED(4, "b", "back"), USED(5, "7", "a"),
	        USED(5, "7", "b") },
	    .available = 60, .where = ACCOUNT_REDEEMED, .used_by = "7",
	    .used_on = 5 },
	{ "no such redemption", { EARNED(1), USED(2, "7", "a") },
	    .available = 80, .refused = "no_such_redemption" },
	{ "not made at the shop",
	    { EARNED(1), SPENT(2, 50), USED(3, "7", "spent") }, .available = 30,
	    .refused = "no_such_redemption" },
	{ "without a reward, nothing can be made",
	    { EARNED(1), { .kind = FACT_REDEEM,
	                     .at = 2,
	                     .id = "a",
	                     .wallet = "points",
	                     .units = 50,
	                     .issue = true } },
	    .available = 30, .refused = "no_such_reward" },
	{ "of a gift to a charity nothing is made",
	    { EARNED(1), { .kind = FACT_REDEEM,
	                     .at = 2,
	                     .id = "a",
	                     .reward = "gift",
	                     .charity = "trees",
	                     .issue = true } },
	    .available = 30 },
	{ "refused", { REDEEMED(2, "a", "back") }, .reserved = 50, .debt = 50,
	    .where = ACCOUNT_RESERVED, .refused = "insufficient" },
};

static void
read_program(struct program *p)
{
	const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct err e = { 0 };

	must(program_parse(&arena, STR(file), &setting, p, &e), &e);
}

/* Folds the facts, whose `at` are days, as of a day. */
static void
fold_days(struct arena *a, const struct program *p, const struct fact *given,
    size_t n, int day, struct fold *f)
{
	const struct era era = { p, 1, 0 };
	struct fact *facts = arena_array(a, n, sizeof(*facts));
	const struct timeline t = { .facts = facts,
		.nfacts = n,
		.eras = &era,
		.neras = 1,
		.store_id = 1,
		.now = day * INSTANT_DAY };

	for (size_t i = 0; i < n; i++) {
		size_t at = i;
		struct fact x = given[i];

		x.at *= INSTANT_DAY;
		x.store_id = 1;
		x.program = p;
		x.version_id = 1;
		for (; at > 0 && fact_compare(&x, &facts[at - 1]) < 0; at--)
			facts[at] = facts[at - 1];
		facts[at] = x;
	}
	fold(a, &t, f);
}

static void
assert_text(const char *got, const char *wanted)
{
	assert_string_equal(
	    got != NULL ? got : "-", wanted != NULL ? wanted : "-");
}

static void
check(size_t i, const struct program *p, const struct fact *facts, size_t n)
{
	const struct balance *b;
	const struct redeemed *d;
	struct fold f;

	arena_reset(&scratch);
	fold_days(&scratch, p, facts, n, 20, &f);
	b = &f.purses[0].balance;
	assert_int_equal(b->available, cases[i].available);
	assert_int_equal(b->reserved, cases[i].reserved);
	assert_int_equal(b->debt, cases[i].debt);
	assert_text(f.nrefusals > 0 ? f.refusals[f.nrefusals - 1].reason : NULL,
	    cases[i].refused);
	if (f.nredemptions == 0) {
		assert_int_equal(cases[i].where, 0);
		return;
	}
	d = &f.redemptions[0];
	assert_string_equal(d->fact->id, "a");
	assert_int_equal(d->units, 50);
	assert_int_equal(d->where, cases[i].where);
	assert_text(d->used_by, cases[i].used_by);
	assert_int_equal(d->used_at, cases[i].used_on * INSTANT_DAY);
	assert_int_equal(d->returning, cases[i].returning);
	assert_text(d->refused, f.nrefusals > 0 && f.refusals[0].fact == d->fact
	                            ? f.refusals[0].reason
	                            : NULL);
}

/* Checks a case with its first k facts in every order (Heap's algorithm). */
static void
check_orders(
    size_t i, const struct program *p, struct fact *facts, size_t n, size_t k)
{
	if (k <= 1) {
		check(i, p, facts, n);
		return;
	}
	for (size_t j = 0; j < k; j++) {
		struct fact *with = &facts[k % 2 == 0 ? j : 0];
		struct fact x;

		check_orders(i, p, facts, n, k - 1);
		x = *with;
		*with = facts[k - 1];
		facts[k - 1] = x;
	}
}

static void
test_cases(void **state)
{
	struct program p;

	(void)state;
	read_program(&p);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct fact facts[FACTS_OF_CASE];
		size_t n = 0;

		print_message("%s\n", cases[i].name);
		while (n < FACTS_OF_CASE && cases[i].facts[n].kind != 0) {
			facts[n] = cases[i].facts[n];
			n++;
		}
		check_orders(
		    i, &p, facts, n, n < REORDERED_MAX ? n : REORDERED_MAX);
	}
}

/* Checks that units go back to the lots that they came from at last, with the
 * dates of these lots, and that their movements come to the balance. */
static void
test_lots(void **state)
{
	static const struct fact facts[] = { EARNED(1), EARNED(2),
		REDEEMED(4, "a", "back"), GONE(5), SPENT(6, 60),
		USED(7, "7", "a"), UNUSED(8, "7", "a", CANCELLED) };
	struct program p;
	int64_t sum = 0, expired = 0;
	struct fold f;

	(void)state;
	read_program(&p);
	fold_days(&arena, &p, facts, NITEMS(facts), 20, &f);
	for (size_t i = 0; i < f.nlots; i++) {
		const struct lot *l = f.lots[i];

		if (strcmp(l->wallet, "points") != 0)
			continue;
		assert_int_equal(l->source, SOURCE_EVENT);
		assert_int_equal(
		    l->remaining, strcmp(l->source_id, "1") == 0 ? 20 : 80);
		/* at the end of the day, 30 days after it was earned */
		assert_int_equal(
		    l->expires_at, l->earned_at + 31 * INSTANT_DAY);
		sum += l->remaining;
	}
	assert_int_equal(sum, 100);
	assert_int_equal(f.purses[0].balance.available, 100);
	fold_days(&arena, &p, facts, NITEMS(facts), 32, &f);
	for (size_t i = 0; i < f.nmovements; i++)
		if (f.movements[i].credit == ACCOUNT_EXPIRED &&
		    strcmp(f.movements[i].wallet, "points") == 0)
			expired += f.movements[i].units;
	assert_int_equal(expired, 20);
}

/* Checks that units which were owed and repaid, and come back each time that the
 * redemption is released, are in one lot: the ledger knows a lot by its source. */
static void
test_repaid_twice(void **state)
{
	static const struct fact facts[] = { REDEEMED(1, "a", "back"),
		EARNED(2), RELEASED(3), SPENT(4, 80), USED(5, "7", "a"),
		EARNED(6), UNUSED(7, "7", "a", CANCELLED), GONE(8) };
	struct program p;
	size_t n = 0;
	struct fold f;

	(void)state;
	read_program(&p);
	fold_days(&arena, &p, facts, NITEMS(facts), 20, &f);
	assert_int_equal(f.purses[0].balance.available, 80);
	for (size_t i = 0; i < f.nlots; i++)
		if (f.lots[i]->source == SOURCE_REDEMPTION) {
			assert_int_equal(f.lots[i]->remaining, 50);
			n++;
		}
	assert_int_equal(n, 1);
}

/* Checks that in a wallet which forgives what is missing nothing is owed, and
 * that what was forgiven does not come back. */
static void
test_forgiven(void **state)
{
	static const struct fact facts[] = { EARNED(1),
		REDEEMED(2, "a", "kind"), GONE(3), REDEEMED(4, "b", "kind"),
		USED(5, "8", "b"), USED(6, "7", "a"),
		UNUSED(7, "7", "a", CANCELLED) };
	struct program p;
	struct fold f;

	(void)state;
	read_program(&p);
	fold_days(&arena, &p, facts, 6, 20, &f);
	assert_int_equal(f.purses[1].balance.available, 0);
	assert_int_equal(f.purses[1].balance.debt, 0);
	assert_int_equal(f.nredemptions, 2);
	assert_string_equal(f.redemptions[0].used_by, "7");
	assert_string_equal(f.redemptions[1].used_by, "8");
	fold_days(&arena, &p, facts, NITEMS(facts), 20, &f);
	assert_int_equal(f.purses[1].balance.available, 30);
}

/* Checks that a use that takes units again keeps a wallet active, as a redemption
 * does. */
static void
test_active(void **state)
{
	static const struct fact facts[] = { EARNED(1),
		REDEEMED(2, "a", "kind"), GONE(3), USED(200, "7", "a") };
	struct program p;
	struct fold f;

	(void)state;
	read_program(&p);
	fold_days(&arena, &p, facts, NITEMS(facts), 400, &f);
	assert_int_equal(f.purses[1].balance.available, 30);
	fold_days(&arena, &p, facts, NITEMS(facts), 600, &f);
	assert_int_equal(f.purses[1].balance.available, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_lots),
		cmocka_unit_test(test_repaid_twice),
		cmocka_unit_test(test_forgiven),
		cmocka_unit_test(test_active),
	};
	int failed;

	arena_init(&scratch);
	failed = cmocka_run_group_tests(tests, arena_setup, arena_teardown);
	arena_fini(&scratch);
	return failed;
}
