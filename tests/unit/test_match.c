/* SPDX-License-Identifier: MIT */
/* Tests each kind of condition: where it holds, and where it fails and with
 * which reason; and the same for the negated condition. */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/match.h"

#define WORDS(...)                                                  \
	{                                                           \
		.list = (const char *const[]){ __VA_ARGS__ },       \
		.n = NITEMS(((const char *const[]){ __VA_ARGS__ })) \
	}

static int64_t
instant(const char *text)
{
	int64_t at = 0;

	if (instant_parse(str_of(text), &at) == -1)
		fail_msg("%s is no instant", text);
	return at;
}

/* A zone two hours east of UTC, in which the day of the occasion is not the
 * same as in UTC. */
static const struct zone east = {
	.name = "East",
	.changes = &(const struct zone_change){ INT64_MIN, 2 * 3600 },
	.nchanges = 1,
};

static const struct consent consents[] = {
	{ "short", { 1, UNIT_DAY } },
	{ "health", { 5, UNIT_YEAR } },
	{ "mail", { 0, UNIT_EVER } },
	{ "ended", { 5, UNIT_YEAR } },
};

static const struct program program = {
	.zone = &east,
	.consents = consents,
	.nconsents = NITEMS(consents),
};

static struct attribute attributes[] = {
	{ "state", "CA", 1 },
	{ "state", "TX", 5 }, /* moved to Texas */
	{ "pet", "cat", 1 },
	{ "pet", "dog", 1 }, /* as early as the cat: the last counts */
	{ "birthday", "2000-08-16", 1 },
	{ "born", "yesterday", 1 },
};

static const struct field fields[] = {
	{ "kind", "wheelchair" },
	{ "score", "49" },
	{ "weight", "50.0" },
	{ "heavy", "50.01" },
	{ "cold", "-0.5" },
	{ "colder", "-3" },
	{ "nines", "99.9" },
	{ "huge", "99999999999999999999" },
	{ "word", "4x" },
	{ "half", "4." },
	{ "none", "" },
};

/* The same instant in local time: Friday, 15 August 2025, 00:30. */
#define NOW "2025-08-14T22:30:00Z"

static struct member_view
view(void)
{
	static const char *memberships[] = { "prime", "kids" };
	static struct attribute given[] = {
		{ "health", NULL, 0 },
		{ "mail", NULL, 0 },
		{ "short", NULL, 0 },
		{ "ended", NULL, 0 },
	};
	static struct last_event events[] = {
		{ "card_opened", 0 },
		{ "enrolment", 0 },
		{ "tomorrow", 0 },
		{ "now", 0 },
		{ "card_opened", 0 },
	};

	/* 22:00 UTC is local midnight. The times that are a microsecond earlier
	 * belong to the local day before. */
	given[0].at = instant("2020-08-15T22:00:00Z");
	given[1].at = instant("1980-01-01T00:00:00Z");
	given[2].at = instant("2025-08-13T22:30:00Z");
	given[3].at = instant("2020-08-15T21:59:59.999999Z");
	events[0].at = instant("2025-07-16T22:00:00Z");
	events[1].at = instant("2025-07-16T21:59:59.999999Z");
	events[2].at = instant("2025-08-15T00:00:00Z");
	events[3].at = instant(NOW);
	events[4].at = instant("2024-07-15T00:00:00Z"); /* not the newest */
	return (struct member_view){
		.tier = "gold",
		.memberships = memberships,
		.nmemberships = NITEMS(memberships),
		.chosen_day = "2025-08-15",
		.attributes = attributes,
		.nattributes = NITEMS(attributes),
		.consents = given,
		.nconsents = NITEMS(given),
		.events = events,
		.nevents = NITEMS(events),
	};
}

static const char *const codes[] = { "spring-5", "ŠKOLA", "zima*" };

static struct occasion
occasion(void)
{
	return (struct occasion){
		.at = instant(NOW),
		.channel = "pos",
		.brand = "golf",
		.shipping_method = "standard",
		.amount = 4900,
		.pieces = 3,
		.codes = { codes, NITEMS(codes) },
		.fields = fields,
		.nfields = NITEMS(fields),
		.nth = 3,
	};
}

static const struct {
	const char *what;
	struct test test;
	bool holds;
	const char *word, *negated; /* reasons if it or its negation fails */
} cases[] = {
	{ "tier", { .kind = TEST_TIER, .any = WORDS("silver", "gold") }, true,
	    "not_tier", "excluded_tier" },
	{ "another tier", { .kind = TEST_TIER, .any = WORDS("silver") }, false,
	    "not_tier", "excluded_tier" },
	{ "membership", { .kind = TEST_MEMBERSHIP, .any = WORDS("kids") }, true,
	    "not_member", "excluded_member" },
	{ "the first one", { .kind = TEST_MEMBERSHIP, .any = WORDS("prime") },
	    true, "not_member", "excluded_member" },
	{ "other membership", { .kind = TEST_MEMBERSHIP, .any = WORDS("rei") },
	    false, "not_member", "excluded_member" },
	{ "channel", { .kind = TEST_CHANNEL, .any = WORDS("online", "pos") },
	    true, "other_channel", "excluded_channel" },
	{ "other channel", { .kind = TEST_CHANNEL, .any = WORDS("online") },
	    false, "other_channel", "excluded_channel" },
	{ "brand", { .kind = TEST_BRAND, .any = WORDS("golf") }, true,
	    "other_brand", "excluded_brand" },
	{ "other brand", { .kind = TEST_BRAND, .any = WORDS("Golf") }, false,
	    "other_brand", "excluded_brand" },
	{ "shipping", { .kind = TEST_SHIPPING, .any = WORDS("standard") }, true,
	    "other_shipping", "excluded_shipping" },
	{ "other shipping", { .kind = TEST_SHIPPING, .any = WORDS("express") },
	    false, "other_shipping", "excluded_shipping" },
	{ "Friday, locally", { .kind = TEST_WEEKDAY, .low = 1 << 4 }, true,
	    "other_day", "excluded_day" },
	{ "any other day", { .kind = TEST_WEEKDAY, .low = 0x7f & ~(1 << 4) },
	    false, "other_day", "excluded_day" },
	{ "in the thirty days",
	    { .kind = TEST_SINCE,
	        .name = "card_opened",
	        .period = { 30, UNIT_DAY } },
	    true, "too_late", "too_early" },
	{ "on the day after them",
	    { .kind = TEST_SINCE,
	        .name = "enrolment",
	        .period = { 30, UNIT_DAY } },
	    false, "too_late", "too_early" },
	{ "since ever",
	    { .kind = TEST_SINCE,
	        .name = "enrolment",
	        .period = { 0, UNIT_EVER } },
	    true, "too_late", "too_early" },
	{ "of what never was",
	    { .kind = TEST_SINCE, .name = "card", .period = { 0, UNIT_EVER } },
	    false, "too_late", "too_early" },
	{ "of what is to come",
	    { .kind = TEST_SINCE,
	        .name = "tomorrow",
	        .period = { 0, UNIT_EVER } },
	    false, "too_late", "too_early" },
	{ "of this moment",
	    { .kind = TEST_SINCE, .name = "now", .period = { 1, UNIT_DAY } },
	    true, "too_late", "too_early" },
	{ "chosen day", { .kind = TEST_CHOSEN_DAY }, true, "not_chosen_day",
	    "chosen_day" },
	{ "attribute, the newer one",
	    { .kind = TEST_ATTRIBUTE,
	        .name = "state",
	        .any = WORDS("NY", "TX") },
	    true, "attribute", "excluded_attribute" },
	{ "attribute, the older one",
	    { .kind = TEST_ATTRIBUTE, .name = "state", .any = WORDS("CA") },
	    false, "attribute", "excluded_attribute" },
	{ "attribute, told last",
	    { .kind = TEST_ATTRIBUTE, .name = "pet", .any = WORDS("dog") },
	    true, "attribute", "excluded_attribute" },
	{ "attribute nobody told",
	    { .kind = TEST_ATTRIBUTE, .name = "card", .any = WORDS("yes") },
	    false, "attribute", "excluded_attribute" },
	{ "field",
	    { .kind = TEST_FIELD, .name = "kind", .any = WORDS("wheelchair") },
	    true, "field", "excluded_field" },
	{ "other field",
	    { .kind = TEST_FIELD, .name = "kind", .any = WORDS("walker") },
	    false, "field", "excluded_field" },
	{ "field nobody told",
	    { .kind = TEST_FIELD, .name = "colour", .any = WORDS("red") },
	    false, "field", "excluded_field" },
	{ "number, its upper bound",
	    { .kind = TEST_NUMBER, .name = "score", .low = 0, .high = 49 },
	    false, "number", "excluded_number" },
	{ "number, below it",
	    { .kind = TEST_NUMBER, .name = "score", .low = 0, .high = 50 },
	    true, "number", "excluded_number" },
	{ "number, its lower bound",
	    { .kind = TEST_NUMBER, .name = "score", .low = 49, .high = 50 },
	    true, "number", "excluded_number" },
	{ "number, below the lower",
	    { .kind = TEST_NUMBER, .name = "score", .low = 50, .high = 99 },
	    false, "number", "excluded_number" },
	{ "number, whole in decimals",
	    { .kind = TEST_NUMBER, .name = "weight", .low = 50, .high = 51 },
	    true, "number", "excluded_number" },
	{ "number, a little more",
	    { .kind = TEST_NUMBER, .name = "heavy", .low = 50, .high = 51 },
	    true, "number", "excluded_number" },
	{ "number, a little below zero",
	    { .kind = TEST_NUMBER, .name = "cold", .low = 0, .high = 51 },
	    false, "number", "excluded_number" },
	{ "number, a little below zero",
	    { .kind = TEST_NUMBER, .name = "cold", .low = -1, .high = 0 }, true,
	    "number", "excluded_number" },
	{ "number, below zero",
	    { .kind = TEST_NUMBER, .name = "colder", .low = -3, .high = -2 },
	    true, "number", "excluded_number" },
	{ "number, nines",
	    { .kind = TEST_NUMBER, .name = "nines", .low = 99, .high = 100 },
	    true, "number", "excluded_number" },
	{ "number, none",
	    { .kind = TEST_NUMBER,
	        .name = "word",
	        .low = INT64_MIN,
	        .high = INT64_MAX },
	    false, "number", "excluded_number" },
	{ "number, half of one",
	    { .kind = TEST_NUMBER,
	        .name = "half",
	        .low = INT64_MIN,
	        .high = INT64_MAX },
	    false, "number", "excluded_number" },
	{ "number, empty",
	    { .kind = TEST_NUMBER,
	        .name = "none",
	        .low = INT64_MIN,
	        .high = INT64_MAX },
	    false, "number", "excluded_number" },
	{ "number nobody told",
	    { .kind = TEST_NUMBER,
	        .name = "no",
	        .low = INT64_MIN,
	        .high = INT64_MAX },
	    false, "number", "excluded_number" },
	{ "number, beyond all",
	    { .kind = TEST_NUMBER,
	        .name = "huge",
	        .low = INT64_MAX - 1,
	        .high = INT64_MAX },
	    false, "number", "excluded_number" },
	{ "amount, its lower bound",
	    { .kind = TEST_AMOUNT, .low = 4900, .high = INT64_MAX }, true,
	    "amount", "excluded_amount" },
	{ "amount, above it",
	    { .kind = TEST_AMOUNT, .low = 4901, .high = 9999 }, false, "amount",
	    "excluded_amount" },
	{ "amount, its upper bound",
	    { .kind = TEST_AMOUNT, .low = 0, .high = 4900 }, false, "amount",
	    "excluded_amount" },
	{ "pieces, their lower bound",
	    { .kind = TEST_PIECES, .low = 3, .high = INT64_MAX }, true,
	    "pieces", "excluded_pieces" },
	{ "pieces, their upper bound",
	    { .kind = TEST_PIECES, .low = INT64_MIN, .high = 3 }, false,
	    "pieces", "excluded_pieces" },
	{ "a code in capitals",
	    { .kind = TEST_CODES, .any = WORDS("AUTUMN", "SPRING-5") }, true,
	    "no_code", "excluded_code" },
	{ "a code by its beginning",
	    { .kind = TEST_CODES, .any = WORDS("Spring-*") }, true, "no_code",
	    "excluded_code" },
	{ "not a part of it", { .kind = TEST_CODES, .any = WORDS("spring") },
	    false, "no_code", "excluded_code" },
	{ "a code of other letters",
	    { .kind = TEST_CODES, .any = WORDS("škola") }, true, "no_code",
	    "excluded_code" },
	{ "other letters are others",
	    { .kind = TEST_CODES, .any = WORDS("SKOLA", "ščola") }, false,
	    "no_code", "excluded_code" },
	{ "nth", { .kind = TEST_NTH, .low = 3 }, true, "not_nth",
	    "excluded_nth" },
	{ "not the first", { .kind = TEST_NTH, .low = 1 }, false, "not_nth",
	    "excluded_nth" },
	{ "consent, the last moment",
	    { .kind = TEST_CONSENT, .any = WORDS("health") }, true,
	    "no_consent", "consent" },
	{ "consent without end", { .kind = TEST_CONSENT, .any = WORDS("mail") },
	    true, "no_consent", "consent" },
	{ "consent that ran out",
	    { .kind = TEST_CONSENT, .any = WORDS("short") }, false,
	    "no_consent", "consent" },
	{ "consent that ran out, years later",
	    { .kind = TEST_CONSENT, .any = WORDS("ended") }, false,
	    "no_consent", "consent" },
	{ "one of the two",
	    { .kind = TEST_CONSENT, .any = WORDS("short", "mail") }, true,
	    "no_consent", "consent" },
	{ "consent nobody gave", { .kind = TEST_CONSENT, .any = WORDS("sms") },
	    false, "no_consent", "consent" },
	{ "24, tomorrow 25",
	    { .kind = TEST_AGE,
	        .any = WORDS("birthday"),
	        .low = 24,
	        .high = 25 },
	    true, "age", "excluded_age" },
	{ "not yet 25",
	    { .kind = TEST_AGE,
	        .any = WORDS("birthday"),
	        .low = 25,
	        .high = 200 },
	    false, "age", "excluded_age" },
	{ "one of the two is 24",
	    { .kind = TEST_AGE,
	        .any = WORDS("child", "born", "birthday"),
	        .low = 24,
	        .high = 25 },
	    true, "age", "excluded_age" },
	{ "not below 24",
	    { .kind = TEST_AGE,
	        .any = WORDS("birthday"),
	        .low = INT64_MIN,
	        .high = 24 },
	    false, "age", "excluded_age" },
	{ "of no date",
	    { .kind = TEST_AGE,
	        .any = WORDS("born"),
	        .low = INT64_MIN,
	        .high = INT64_MAX },
	    false, "age", "excluded_age" },
	{ "of nobody knows when",
	    { .kind = TEST_AGE,
	        .any = WORDS("child"),
	        .low = INT64_MIN,
	        .high = INT64_MAX },
	    false, "age", "excluded_age" },
};

static const char *
ask(const struct test *t, size_t n, const struct member_view *v,
    const struct occasion *o)
{
	const struct condition c = { .tests = t, .n = n };
	const char *why = NULL;

	if (condition_holds(&c, &program, v, o, &why)) {
		assert_null(why);
		return "holds";
	}
	assert_non_null(why);
	return why;
}

static void
test_kinds(void **state)
{
	struct member_view v = view();
	struct occasion o = occasion();

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct test t = cases[i].test;
		const char *want = cases[i].holds ? "holds" : cases[i].word;
		const char *got = ask(&t, 1, &v, &o);

		if (strcmp(got, want) != 0)
			fail_msg("%s: %s, not %s", cases[i].what, got, want);
		t.negated = true;
		want = cases[i].holds ? cases[i].negated : "holds";
		got = ask(&t, 1, &v, &o);
		if (strcmp(got, want) != 0)
			fail_msg(
			    "not %s: %s, not %s", cases[i].what, got, want);
		t.otherwise = "excluded_state";
		got = ask(&t, 1, &v, &o);
		if (cases[i].holds && strcmp(got, "excluded_state") != 0)
			fail_msg("%s: %s instead of its own word",
			    cases[i].what, got);
	}
}

static void
test_dates(void **state)
{
	struct test t = { .kind = TEST_DATES };
	struct member_view v = view();
	struct occasion o = occasion();

	(void)state;
	t.low = o.at;
	t.high = o.at + 1;
	assert_string_equal(ask(&t, 1, &v, &o), "holds");
	t.high = o.at;
	t.low = o.at - 1;
	assert_string_equal(ask(&t, 1, &v, &o), "other_dates");
	t.negated = true;
	assert_string_equal(ask(&t, 1, &v, &o), "holds");
	t.high = o.at + 1;
	assert_string_equal(ask(&t, 1, &v, &o), "excluded_dates");
	t.low = o.at + 1;
	t.high = INT64_MAX;
	assert_string_equal(ask(&t, 1, &v, &o), "holds");
}

static void
test_chosen_day(void **state)
{
	static const struct {
		const char *day, *at, *says;
	} days[] = {
		{ "2025-08-15", "2025-08-14T22:00:00Z", "holds" },
		{ "2025-08-15", "2025-08-15T21:59:59.999999Z", "holds" },
		{ "2025-08-15", "2025-08-14T21:59:59.999999Z",
		    "not_chosen_day" },
		{ "2025-08-15", "2025-08-15T22:00:00Z", "not_chosen_day" },
		{ "2024-08-15", "2025-08-15T12:00:00Z", "not_chosen_day" },
		{ "2025-09-15", "2025-08-15T12:00:00Z", "not_chosen_day" },
		{ "some day", "2025-08-15T12:00:00Z", "not_chosen_day" },
		{ NULL, "2025-08-15T12:00:00Z", "not_chosen_day" },
	};
	const struct test t = { .kind = TEST_CHOSEN_DAY };
	struct member_view v = view();
	struct occasion o = occasion();

	(void)state;
	for (size_t i = 0; i < NITEMS(days); i++) {
		v.chosen_day = days[i].day;
		o.at = instant(days[i].at);
		assert_string_equal(ask(&t, 1, &v, &o), days[i].says);
	}
}

/* If nothing is known about the member and the order, every test fails and
 * its negation holds. Tests for an amount, pieces or a weekday always have
 * an answer, and are skipped. */
static void
test_nothing_known(void **state)
{
	const struct member_view v = { 0 };
	const struct occasion o = { .at = instant(NOW) };

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct test t = cases[i].test;

		if (t.kind == TEST_WEEKDAY || t.kind == TEST_AMOUNT ||
		    t.kind == TEST_PIECES)
			continue;
		t.low = t.kind == TEST_NTH ? 0 : t.low;
		assert_string_equal(ask(&t, 1, &v, &o), cases[i].word);
		t.negated = true;
		assert_string_equal(ask(&t, 1, &v, &o), "holds");
	}
}

/* Checks hour by hour that a condition changes only at the time that
 * condition_due_at() announced, and that this time is in the future. */
static void
due_by_the_hour(struct test t)
{
	static const char *const days[] = { NULL, "2025-10-26", "2025-08-16" };
	const int64_t hour = INSTANT_DAY / 24;
	const struct condition c = { &t, 1 };
	struct member_view v = view();
	struct occasion o = occasion();
	bool negated = t.negated;

	for (size_t i = 0; i < NITEMS(days); i++) {
		v.chosen_day = days[i];
		o.at = instant("2025-08-15T22:00:00Z");
		for (int n = 0; n < 24 * 800; n++) {
			int64_t due = condition_due_at(&c, &program, &v, o.at);
			bool before, after;

			assert_true(due > o.at);
			t.negated = negated;
			before = strcmp(ask(&t, 1, &v, &o), "holds") == 0;
			o.at += hour;
			after = strcmp(ask(&t, 1, &v, &o), "holds") == 0;
			assert_true(before == after || due <= o.at);
			t.negated = !negated;
			assert_int_equal(
			    condition_due_at(&c, &program, &v, o.at - hour),
			    due);
			t.negated = negated;
		}
	}
}

static void
test_due(void **state)
{
	const struct test more[] = {
		{ .kind = TEST_AGE,
		    .any = WORDS("born", "birthday"),
		    .low = 26,
		    .high = 27 },
		{ .kind = TEST_AGE,
		    .any = WORDS("birthday"),
		    .low = 0,
		    .high = INT64_MAX },
		{ .kind = TEST_WEEKDAY, .low = 0x7f },
		{ .kind = TEST_WEEKDAY, .low = 1 << 6 | 1 },
		{ .kind = TEST_SINCE,
		    .name = "now",
		    .period = { 13, UNIT_MONTH } },
	};
	struct test dates = { .kind = TEST_DATES };
	const struct condition always = { 0 };
	const struct member_view v = view();

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		due_by_the_hour(cases[i].test);
	for (size_t i = 0; i < NITEMS(more); i++)
		due_by_the_hour(more[i]);
	dates.low = instant("2025-08-31T22:00:00Z");
	dates.high = instant("2026-01-31T22:00:00Z");
	due_by_the_hour(dates);
	assert_int_equal(condition_due_at(&always, &program, &v, instant(NOW)),
	    INSTANT_NEVER);
	/* The condition is due at the instant of the next change, not at the
	 * beginning of the next day. */
	assert_int_equal(condition_due_at(&(struct condition){ &more[3], 1 },
	                     &program, &v, instant("2025-08-16T22:00:00Z")),
	    instant("2025-08-18T22:00:00Z"));
}

static void
test_together(void **state)
{
	struct test t[] = {
		{ .kind = TEST_TIER, .any = WORDS("gold") },
		{ .kind = TEST_CHANNEL, .any = WORDS("pos") },
		{ .kind = TEST_BRAND, .any = WORDS("tennis"), .negated = true },
	};
	struct member_view v = view();
	struct occasion o = occasion();

	(void)state;
	assert_string_equal(ask(t, 0, &v, &o), "holds");
	assert_string_equal(ask(t, 3, &v, &o), "holds");
	/* the first test that fails gives the reason */
	o.brand = "tennis";
	assert_string_equal(ask(t, 3, &v, &o), "excluded_brand");
	o.channel = "online";
	assert_string_equal(ask(t, 3, &v, &o), "other_channel");
	v.tier = NULL;
	assert_string_equal(ask(t, 3, &v, &o), "not_tier");
	t[0].otherwise = "silver_only";
	assert_string_equal(ask(t, 3, &v, &o), "silver_only");
	assert_string_equal(ask(t + 1, 2, &v, &o), "other_channel");
}

/* A test for a value that cannot be read neither holds nor fails. A rule
 * with such a test gives nothing and reports this; other rules are not
 * affected. */
static void
test_unreadable(void **state)
{
	static const struct {
		enum test_kind kind;
		int bit;
		const char *word;
	} asks[] = {
		{ TEST_SHIPPING, UNREADABLE_SHIPPING, "unknown_shipping" },
		{ TEST_CHANNEL, UNREADABLE_CHANNEL, "unknown_channel" },
		{ TEST_CODES, UNREADABLE_CODES, "unknown_codes" },
		{ TEST_PIECES, UNREADABLE_PIECES, "unknown_pieces" },
	};
	static const struct test weekday = { .kind = TEST_WEEKDAY, .low = 127 };
	struct member_view v = view();

	(void)state;
	for (size_t i = 0; i < NITEMS(asks); i++) {
		struct occasion o = occasion();
		struct test t = { .kind = asks[i].kind, .otherwise = "own" };

		o.unreadable = asks[i].bit;
		assert_string_equal(ask(&t, 1, &v, &o), asks[i].word);
		t.negated = true;
		assert_string_equal(ask(&t, 1, &v, &o), asks[i].word);
		assert_string_equal(ask(&weekday, 1, &v, &o), "holds");
		o.unreadable = ~asks[i].bit;
		assert_string_not_equal(ask(&t, 1, &v, &o), asks[i].word);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_chosen_day),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
