/* SPDX-License-Identifier: MIT */
/* Checks that the arithmetic in the explanation of an entry results in exactly
 * the number of the entry. */
#include "../support/scenario_file.h"
#include "core/worth.h"
#include "program_file.h"
#include "wire/explain/explain.h"
#include "wire/explain/say.h"

enum {
	FACTS = STEPS_MAX,
	STORE = SCENARIO_STORE,
};

static const char *
told(const struct why *why, const struct program *p, const char *language)
{
	struct err e;
	struct buf b;
	char *s;

	buf_init(&b, EXPLAIN_MAX);
	assert_int_equal(why_text(why, p, language, &b, &e), 0);
	assert_false(buf_is_full(&b));
	assert_null(strpbrk(b.data, "{}\n"));
	s = arena_memdup(&arena, b.data, b.len);
	buf_fini(&b);
	return s;
}

/* ---- sentences ---------------------------------------------------------- */

static const char program_text
    [] = "{'name':'x','wallets':{'points':{},'cash':{'unit':'money'},"
         "'gifts':{'unit':'vouchers'}},"
         "'charities':['sea'],"
         "'rules':["
         "{'id':'order','on':'order','give':{'points':1}},"
         "{'id':'up','on':'order','give':{'points':1,'per':'3'},"
         "'rounding':'ceil','names':{'en':{'other':'Shopping'}}},"
         "{'id':'line','on':'order','give':{'points':1},"
         "'over':'line'},"
         "{'id':'back','on':'order','give':{'percent':'2'},"
         "'to':'cash'},"
         "{'id':'gift','on':'order','give':{'points':1,'per':'30'},"
         "'over':'month','to':'gifts','limit':{'most':1,"
         "'per':'month'}},"
         "{'id':'fill','on':'prescription','give':{'points':3,"
         "'per':'count'},'when':{'not':{'attribute':{'state':['NY']},"
         "'otherwise':'excluded_state'}}},"
         "{'id':'item','on':'order','give':{'points':2,"
         "'per':'item'},'on_refund':'proportional'},"
         "{'id':'swap','on':'balance','take':{'wallet':'points',"
         "'each':300},'give':{'amount':'10.00'},'to':'cash'},"
         "{'id':'review','on':'review','give':{'points':5}},"
         "{'id':'sea','on':'order','give':{'percent':'1'},"
         "'donate':'sea'}"
         "]}";

#define FIGURES(by, b, l, u, p) \
	.rule = (by), .base = (b), .base_left = (l), .units = (u), .per = (p)
#define PLAIN                  .reason = "earned", .factor = FACTOR_ONE, .over = WINDOW_ORDER
#define EARNED(by, b, l, u, p) PLAIN, FIGURES(by, b, l, u, p)

static const struct {
	struct why why;
	const char *language, *text;
} rows[] = {
	{ { EARNED("order", 12075, 12075, 1, 100), .boosted = 12075000,
	      .given_after = 120, .uncapped = 120, .passed = 120 },
	    "en",
	    "order: 120 points: $120.75 counts; 1 point per $1.00; "
	    "that is 120.75 points; rounded down: 120 points." },
	{ { EARNED("order", 12075, 12075, 1, 100), .boosted = 12075000,
	      .given_after = 120, .uncapped = 120, .passed = 120 },
	    "cs",
	    "order: 120\u00a0bodů: počítá se: 120,75\u00a0$; 1\u00a0bod za "
	    "1,00\u00a0$; to je 120,75\u00a0bodu; zaokrouhleno dolů: "
	    "120\u00a0bodů." },
	{ { EARNED("order", 12075, 12075, 1, 100), .boosted = 12075000,
	      .given_after = 120, .uncapped = 120, .passed = 120 },
	    "de",
	    "order: 120\u00a0Punkte: es zählt: 120,75\u00a0$; 1\u00a0Punkt je "
	    "1,00\u00a0$; das sind 120,75\u00a0Punkte; abgerundet: "
	    "120\u00a0Punkte." },
	/* a whole number of points is not rounded */
	{ { FIGURES("order", 8000, 8000, 1, 100), .reason = "earned",
	      .over = WINDOW_ORDER, .factor = 3 * FACTOR_ONE,
	      .multipliers = { "chosen-day" }, .nmultipliers = 1,
	      .boosted = 24000000, .given_after = 240, .uncapped = 240,
	      .passed = 240, .bonus = 160 },
	    "en",
	    "order: 240 points: $80.00 counts; 1 point per $1.00; "
	    "\u00d73 (chosen-day): $240.00; that is 240 points; "
	    "160 points of it as a bonus." },
	/* multipliers that apply to some lines only */
	{ { EARNED("order", 8000, 8000, 1, 100), .multipliers = { "shoes" },
	      .nmultipliers = 1, .boosted = 10000000, .given_after = 100,
	      .uncapped = 100, .passed = 100, .bonus = 20 },
	    "en",
	    "order: 100 points: $80.00 counts; 1 point per $1.00; "
	    "with shoes: $100.00; that is 100 points; 20 points of it as a "
	    "bonus." },
	/* a third of a point is rounded up */
	{ { EARNED("up", 10000, 10000, 1, 300), .boosted = 10000000,
	      .given_after = 34, .uncapped = 34, .passed = 34 },
	    "en",
	    "Shopping: 34 points: $100.00 counts; 1 point per $3.00; "
	    "that is 33.333333... points; rounded up: 34 points." },
	/* an order after a refund */
	{ { .reason = "settled",
	      .rule = "order",
	      .base = 9999,
	      .base_left = 6666,
	      .units = 1,
	      .per = 100,
	      .factor = FACTOR_ONE,
	      .over = WINDOW_ORDER,
	      .boosted = 6666000,
	      .given_before = 99,
	      .given_after = 66,
	      .uncapped = -33,
	      .passed = -33 },
	    "en",
	    "order: -33 points: after returns $66.66 of $99.99 is left; "
	    "1 point per $1.00; that is 66.66 points; rounded down: "
	    "66 points; less 99 points given before: -33 points." },
	{ { FIGURES("line", 300, 300, 1, 100), .reason = "earned",
	      .factor = FACTOR_ONE, .over = WINDOW_LINE, .boosted = 300000,
	      .given_after = 2, .uncapped = 2, .passed = 2 },
	    "en",
	    "line: 2 points: $3.00 counts; 1 point per $1.00; "
	    "each line rounded by itself: 2 points." },
	/* an order in another currency */
	{ { EARNED("order", 920, 920, 1, 100), .currency = "EUR",
	      .rate = "0.0920", .foreign = 10000, .boosted = 920000,
	      .given_after = 9, .uncapped = 9, .passed = 9 },
	    "en",
	    "order: 9 points: \u20ac100.00, 1 EUR at $0.092; $9.20 counts; "
	    "1 point per $1.00; that is 9.2 points; rounded down: 9 points." },
	{ { EARNED("order", 920, 460, 1, 100), .currency = "JPY",
	      .rate = "0.50", .foreign = 1840, .boosted = 460000,
	      .given_before = 9, .given_after = 4, .uncapped = -5,
	      .passed = -5 },
	    "de",
	    "order: -5\u00a0Punkte: 1.840\u00a0JPY, 1 JPY zu 0,50\u00a0$; nach "
	    "Rückgaben bleibt 4,60\u00a0$ von 9,20\u00a0$; 1\u00a0Punkt je 1,00\u00a0$; das sind "
	    "4,6\u00a0Punkte; abgerundet: 4\u00a0Punkte; abzüglich 9\u00a0Punkte von vorher: "
	    "-5\u00a0Punkte." },
	{ { EARNED("back", 1040, 1040, 2000, 100), .boosted = 1040000,
	      .given_after = 20800, .uncapped = 20800, .passed = 20800 },
	    "en", "back: $0.208: $10.40 counts; 2%; that is $0.208." },
	{ { FIGURES("gift", 7500, 7500, 1, 3000), .reason = "earned",
	      .factor = FACTOR_ONE, .over = WINDOW_MONTH,
	      .window_from = INT64_C(1735689600000000), .sum_before = 2000000,
	      .sum_after = 9500000, .boosted = 9500000, .given_before = 0,
	      .given_after = 3, .uncapped = 3, .limit = 1, .passed = 1 },
	    "en",
	    "gift: 1 voucher \u201cgifts\u201d: $75.00 counts; $95.00 per "
	    "calendar month since 1 January 2025, $20.00 of it before this; "
	    "1 voucher \u201cgifts\u201d per $30.00; that is 3.166666... "
	    "vouchers \u201cgifts\u201d; rounded down: 3 vouchers "
	    "\u201cgifts\u201d; the limit of 1 voucher \u201cgifts\u201d "
	    "leaves 1 voucher \u201cgifts\u201d." },
	/* a window without beginning has no date */
	{ { FIGURES("gift", 7500, 7500, 1, 3000), .reason = "earned",
	      .factor = FACTOR_ONE, .over = WINDOW_LIFETIME,
	      .window_from = INT64_MIN, .sum_after = 7500000,
	      .boosted = 7500000, .given_after = 2, .uncapped = 2,
	      .passed = 2 },
	    "de",
	    "gift: 2\u00a0Gutscheine \u201egifts\u201c: es zählt: "
	    "75,00\u00a0$; insgesamt 75,00\u00a0$, davon vorher 0,00\u00a0$; "
	    "1\u00a0Gutschein \u201egifts\u201c je 30,00\u00a0$; das sind "
	    "2,5\u00a0Gutscheine \u201egifts\u201c; abgerundet: "
	    "2\u00a0Gutscheine \u201egifts\u201c." },
	/* another member's refund frees a part of a shared limit */
	{ { FIGURES("order", 6000, 6000, 1, 100), .reason = "limit_moved",
	      .factor = FACTOR_ONE, .over = WINDOW_ORDER, .boosted = 6000000,
	      .given_before = 60, .given_after = 60, .passed = 20 },
	    "en",
	    "order: 20 points: $60.00 counts; 1 point per $1.00; "
	    "that is 60 points; what the limit lets through has changed by "
	    "20 points; limit_moved (something before it has changed)." },
	/* there is too little money for the first voucher; it is carried
	 * over */
	{ { FIGURES("gift", 1800, 1800, 1, 3000), .factor = FACTOR_ONE,
	      .reason = "carried", .over = WINDOW_MONTH,
	      .window_from = INT64_C(1735689600000000), .sum_after = 1800000,
	      .boosted = 1800000 },
	    "en",
	    "gift: 0 vouchers \u201cgifts\u201d: $18.00 counts; $18.00 per "
	    "calendar month since 1 January 2025, $0.00 of it before this; "
	    "1 voucher \u201cgifts\u201d per $30.00; that is 0.6 vouchers "
	    "\u201cgifts\u201d; rounded down: 0 vouchers \u201cgifts\u201d; "
	    "carried (it counts with what follows)." },
	/* the rule gives nothing, and the reason is explained */
	{ { .reason = "excluded_state", .rule = "fill" }, "en",
	    "fill: 0 points: excluded_state (Not: if your profile has state: "
	    "NY)." },
	{ { .reason = "status", .rule = "order" }, "en",
	    "order: 0 points: status (the order is not in a state in which it "
	    "counts)." },
	{ { .reason = "status", .rule = "order" }, "cs",
	    "order: 0\u00a0bodů: status (objednávka není ve stavu, ve kterém "
	    "se počítá)." },
	{ { EARNED("fill", 12, 12, 3, 1), .boosted = 12000, .given_after = 36,
	      .uncapped = 36, .passed = 36 },
	    "en",
	    "fill: 36 points: 12 units counts; 3 points per unit; "
	    "that is 36 points." },
	/* a refund of a share of the money takes the same share of the units */
	{ { FIGURES("item", 3000, 2000, 2, 1), .factor = FACTOR_ONE,
	      .over = WINDOW_ORDER, .reason = "settled", .whole = 6,
	      .boosted = 2000, .given_before = 6, .given_after = 4,
	      .uncapped = -2, .passed = -2 },
	    "en",
	    "item: -2 points: after returns $20.00 of $30.00 is left; "
	    "2 points per item; the same share of 6 points: 4 points; "
	    "less 6 points given before: -2 points." },
	/* points are exchanged for money, 300 at a time */
	{ { .reason = "taken",
	      .rule = "swap",
	      .base = 600,
	      .base_left = 600,
	      .units = 1000000,
	      .per = 300,
	      .factor = FACTOR_ONE,
	      .over = WINDOW_ORDER,
	      .given_after = 2000000,
	      .uncapped = 2000000,
	      .passed = 2000000 },
	    "en",
	    "swap: $20.00: 600 points taken (points); $10.00 per "
	    "300 points." },
	{ { EARNED("review", 1, 1, 5, 1), .boosted = 1000, .given_after = 5,
	      .uncapped = 5, .passed = 5 },
	    "en", "review: 5 points: 5 points." },
	{ { EARNED("sea", 1000, 1000, 1000, 100), .boosted = 1000000,
	      .given_after = 10000, .uncapped = 10000, .passed = 10000 },
	    "en", "sea: $0.10: $10.00 counts; 1%; that is $0.10." },
	/* an entry that no rule of the program gave */
	{ { .reason = "goodwill, by anna",
	      .rule = "adjustment",
	      .given_after = 5 },
	    "en", "adjustment: goodwill, by anna" },
};

static void
test_sentences(void **state)
{
	struct program p = parsed_in_dollars(quoted(program_text));

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++)
		assert_string_equal(
		    told(&rows[i].why, &p, rows[i].language), rows[i].text);
	arena_reset(&arena);
}

static void
test_no_such_language(void **state)
{
	const struct why why = { .reason = "earned" };
	struct program p = parsed_in_dollars(quoted(program_text));
	struct err e;
	struct buf b;

	(void)state;
	buf_init(&b, EXPLAIN_MAX);
	assert_int_equal(why_text(&why, &p, "xx", &b, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	buf_fini(&b);
	arena_reset(&arena);
}

/* ---- every movement of the templates' tests ----------------------------- */

struct member {
	const struct program *program;
	struct fact facts[FACTS];
	size_t n;
};

/* Adds the fact of a step, which replaces an earlier fact about the same
 * order or event. */
static void
tell_step(struct member *m, const struct step *s)
{
	struct fact f = s->fact;
	size_t i = 0;

	if (s->kind != STEP_FACT && (s->kind == STEP_QUOTE || s->order == NULL))
		return;
	if (s->kind != STEP_FACT)
		f = (struct fact){ .kind = FACT_ORDER,
			.at = s->order->created_at,
			.id = s->id,
			.brand = s->brand,
			.channel = s->order->channel,
			.order = s->order };
	f.program = m->program;
	f.version_id = 1;
	f.store_id = STORE;
	while (i < m->n && (m->facts[i].kind != f.kind ||
	                       strcmp(m->facts[i].id, f.id) != 0))
		i++;
	m->facts[i] = f;
	m->n += i == m->n;
}

static int
by_fact(const void *a, const void *b)
{
	return fact_compare(a, b);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Returns the units of a movement before the step. */
static int64_t
stood(const struct fold *before, const struct movement *m)
{
	for (size_t i = 0; i < before->nmovements; i++) {
		const struct movement *b = &before->movements[i];

		if (b->source == m->source && b->debit == m->debit &&
		    b->credit == m->credit &&
		    same_text(b->source_id, m->source_id) &&
		    same_text(b->rule, m->rule) &&
		    same_text(b->wallet, m->wallet) &&
		    same_text(b->party, m->party))
			return b->units;
	}
	return 0;
}

/* Returns how many units the movements with this explanation have given since
 * the previous step, less the units taken back. */
static int64_t
moved_by(const struct fold *f, const struct fold *before, const struct why *why)
{
	int64_t sum = 0;

	for (size_t i = 0; i < f->nmovements; i++) {
		const struct movement *m = &f->movements[i];

		if (m->why != why)
			continue;
		if (m->debit == ACCOUNT_ISSUED)
			sum += m->units - stood(before, m);
		if (m->credit == ACCOUNT_REVERSED)
			sum -= m->units - stood(before, m);
	}
	return sum;
}

/* Checks that the text contains the explained number, in every language. */
static void
check_text(const struct why *why, const struct program *p)
{
	const struct rule *rule = &p->rules[program_rule(p, why->rule)];

	for (size_t i = 0; explain_languages[i] != NULL; i++) {
		const char *text = told(why, p, explain_languages[i]);
		struct teller t;
		const char *number;

		teller_init(&t, &arena, language_find(explain_languages[i]), p);
		number = tell_units(&t, &p->wallets[rule->wallet], why->passed);
		assert_non_null(strstr(text, number));
		teller_fini(&t);
	}
}

/* Checks that the figures of the explanation result in the explained number. */
static void
check_arithmetic(const struct why *why, const struct program *p)
{
	const struct rule *rule = &p->rules[program_rule(p, why->rule)];
	const struct fraction counted = { why->boosted, MILLI };

	if (why->whole != 0)
		assert_int_equal(
		    why->given_after, why->whole * why->base_left / why->base);
	else if (why->over != WINDOW_LINE)
		assert_int_equal(
		    why->given_after, fraction_times(counted, why->units,
		                          why->per, rule->rounding));
	assert_int_equal(why->uncapped, why->given_after - why->given_before);
	/* Without limits a rule gives everything that it computes. */
	if (rule->nlimits == 0)
		assert_int_equal(why->passed, why->uncapped);
	/* A limit never causes units to be taken back. */
	if (why->passed < 0)
		assert_string_not_equal(why->reason, "limit_reached");
}

/* Checks that each explanation states by how many units the step has changed
 * the movement. */
static size_t
check_movements(
    const struct program *p, const struct fold *f, const struct fold *before)
{
	const struct fold nothing = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < f->nmovements; i++) {
		const struct movement *m = &f->movements[i];
		const struct why *why = m->why;
		int64_t moved;

		if (why == NULL || program_rule(p, why->rule) == NONE)
			continue;
		assert_non_null(why->reason);
		check_text(why, p);
		moved = moved_by(f, before, why);
		if (why->per > 0 && strcmp(why->reason, "taken") != 0)
			check_arithmetic(why, p);
		/* If an order was delivered again, its explanation may state
		 * all units, not only the change. */
		if (m->units != stood(before, m) && moved != 0 &&
		    moved != why->passed &&
		    moved_by(f, &nothing, why) != why->passed)
			fail_msg("%s: told %lld, moved %lld",
			    told(why, p, "en"), (long long)why->passed,
			    (long long)moved);
		n++;
	}
	return n;
}

static size_t
check_scenario(const struct program *p, const struct scenario *s)
{
	static struct member m;
	const struct era era = { p, 1, 0 };
	struct timeline t = {
		.facts = m.facts, .eras = &era, .neras = 1, .store_id = STORE
	};
	struct fold f = { 0 };
	size_t n = 0;

	m = (struct member){ .program = p };
	for (size_t i = 0; i < s->nsteps; i++) {
		struct fold before = f;

		tell_step(&m, &s->steps[i]);
		qsort(m.facts, m.n, sizeof(m.facts[0]), by_fact);
		t.nfacts = m.n;
		t.now = s->steps[i].at;
		fold(&arena, &t, &f);
		n += check_movements(p, &f, &before);
	}
	return n;
}

/* Checks all movements of all tests of a file; returns how many. */
static size_t
check_file(struct str text)
{
	static const struct zones no_zones = { .n = 0 };
	struct scenario_file f;
	size_t checked = 0;

	if (scenario_file_read(&arena, text, &in_dollars, &no_zones, &f) == -1)
		fail_msg("%s", faults_first(&f.faults)->msg);
	for (size_t i = 0; i < f.tests.n; i++)
		checked += check_scenario(&f.program, &f.tests.list[i]);
	arena_reset(&arena);
	return checked;
}

/* A program with windows, multipliers and limits, and a test with refunds. */
static const char windows_text
    [] = "{'name':'y','rules':["
         "{'id':'month','on':'order','give':{'points':1,"
         "'per':'30'},'over':'month','limit':{'most':3,"
         "'per':'month'}},"
         "{'id':'year','on':'order','give':{'points':1},"
         "'limit':{'most':50,'per':'year'}},"
         "{'id':'line','on':'order','give':{'points':1},"
         "'over':'line'}],"
         "'multipliers':[{'id':'x','times':'1.5'}],"
         "'tests':[{'name':'all','steps':["
         "{'at':'2025-03-01','order':{'id':'1','amount':'75.50'}},"
         "{'at':'2025-03-02','order':{'id':'2','amount':'60.00'}},"
         "{'at':'2025-03-03','refund':{'order':'2','amount':'20.00'}},"
         "{'at':'2025-03-04','refund':{'order':'1'}},"
         "{'at':'2025-03-05','refund':{'order':'2'},"
         "'expect':{'tier':null}}]}]}";

static void
test_windows(void **state)
{
	(void)state;
	assert_true(check_file(quoted(windows_text)) > 10);
}

static size_t checked;

static void
check_template(const char *path)
{
	checked += check_file(file_read(path));
}

static void
test_templates(void **state)
{
	(void)state;
	(void)templates_check(check_template);
	assert_true(checked > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_no_such_language),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_templates),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
