/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

enum {
	FIELD_NUMBER_MAX = 1000000000,
	NTH_MAX = 1000000,
	AGE_MAX = 150,
};

/* A condition that is being read: the tests that were read so far. */
struct condition_reading {
	struct draft *d;
	struct test list[TESTS_MAX];
	size_t n;
	bool negated;
};

/* The unit of a range. */
enum measure {
	MEASURE_NUMBER,
	MEASURE_MONEY,
	MEASURE_PIECES,
	MEASURE_YEARS,
};

/* A key of a condition, and how its value becomes tests. */
struct condition_key {
	const char *key;
	void (*read)(struct condition_reading *, const struct node *,
	    const struct condition_key *);
	enum test_kind kind;
	enum ref ref;         /* if the value lists ids: the kind of things */
	enum measure measure; /* if the value is a range: its unit */
};

/* Adds a test.  If the condition has too many tests already, refuses the key
 * and returns NULL. */
static struct test *
test_add(
    struct condition_reading *r, const struct node *at, enum test_kind kind)
{
	struct test *t = &r->list[r->n];

	if (r->n == TESTS_MAX) {
		node_refuse(at,
		    "is one test too many: at most %d in one condition",
		    TESTS_MAX);
		return NULL;
	}
	r->n++;
	*t = (struct test){ .kind = kind,
		.negated = r->negated,
		.low = INT64_MIN,
		.high = INT64_MAX };
	return t;
}

/* ---- kinds of tests ------------------------------------------------------ */

static void
test_refs(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	struct test *t = test_add(r, n, k->kind);

	if (t != NULL)
		refs_read(r->d, n->up, n->key, k->ref, &t->any);
}

static void
test_words(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	struct test *t = test_add(r, n, k->kind);

	if (t != NULL)
		words_of(r->d, n, &t->any);
}

static void
test_weekday(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun", NULL };
	struct words w;
	struct test *t = test_add(r, n, k->kind);

	if (t == NULL || words_of(r->d, n, &w) == -1)
		return;
	t->low = 0;
	for (size_t i = 0; i < w.n; i++) {
		struct node item = node_item(n, i);
		int day = 0;

		while (days[day] != NULL && strcmp(days[day], w.list[i]) != 0)
			day++;
		if (days[day] == NULL)
			node_refuse(&item,
			    "must be one of these words: mon, tue, wed, thu, "
			    "fri, sat, sun");
		else
			t->low |= INT64_C(1) << day;
	}
}

/* Reads "from" and "until", which together are one test: a span of days. */
static void
test_dates(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	struct node from, until;
	bool has_from = node_get(n->up, "from", &from);
	struct test *t;
	int rc = 0;

	if (strcmp(n->key, "until") == 0 && has_from)
		return;
	t = test_add(r, n, k->kind);
	if (t == NULL)
		return;
	if (has_from)
		rc = date_of(r->d, &from, false, &t->low);
	if (!node_get(n->up, "until", &until))
		return;
	rc |= date_of(r->d, &until, true, &t->high);
	if (rc == 0 && t->low >= t->high)
		node_refuse(&until, "is before \"from\"");
}

static void
test_since(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	static const char *const since[] = { "event", "less_than", NULL };
	struct test *t = test_add(r, n, k->kind);
	struct node event, period;

	if (t == NULL || node_check_object(n, since) == -1)
		return;
	if (node_need(n, "event", "since what", &event) == 0)
		event_of(r->d, &event, &t->name);
	if (node_need(n, "less_than", "how long", &period) == 0)
		period_read(n, "less_than", &t->period);
}

static void
test_chosen_day(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	bool yes = true;

	if (test_add(r, n, k->kind) == NULL)
		return;
	node_bool(n->up, n->key, &yes);
	if (!yes)
		node_refuse(
		    n, "must be true; the opposite belongs into \"not\"");
}

/* ---- ranges -------------------------------------------------------------- */

static int
end_of(const struct condition_reading *r, const struct node *n, enum measure m,
    int64_t *out)
{
	static const int64_t number[2] = { -FIELD_NUMBER_MAX,
		FIELD_NUMBER_MAX };
	static const int64_t money[2] = { 0, MONEY_MAX };
	static const int64_t pieces[2] = { 0, FIELD_NUMBER_MAX };
	static const int64_t years[2] = { 0, AGE_MAX };

	switch (m) {
	case MEASURE_NUMBER:
		return node_int(n, number, out);
	case MEASURE_MONEY:
		return node_money(n, r->d->p.exponent, money, out);
	case MEASURE_PIECES:
		return node_int(n, pieces, out);
	case MEASURE_YEARS:
		return node_int(n, years, out);
	}
	return 0;
}

/* Reads "from", "above" and "below".  The values are integers (money is in
 * minor units), so "above" n is the same as "from" n + 1. */
static void
range_of(const struct condition_reading *r, const struct node *n,
    enum measure m, struct test *t)
{
	struct node from, above, below;
	bool has_from = node_get(n, "from", &from);
	bool has_above = node_get(n, "above", &above);
	bool has_below = node_get(n, "below", &below);
	int rc = 0;

	if (!has_from && !has_above && !has_below) {
		if (!node_is_wrong(n))
			node_refuse(
			    n, "says no range: \"from\", \"above\", \"below\"");
		return;
	}
	if (has_from && has_above)
		rc = node_refuse(
		    &above, "cannot be said here: \"from\" says it already");
	if (has_from)
		rc |= end_of(r, &from, m, &t->low);
	if (has_above && !has_from) {
		rc |= end_of(r, &above, m, &t->low);
		t->low += rc == 0;
	}
	if (has_below)
		rc |= end_of(r, &below, m, &t->high);
	/* Amounts, numbers of pieces and ages are never below 0. */
	if (rc == 0 &&
	    (t->low >= t->high || (m != MEASURE_NUMBER && t->high <= 0)))
		node_refuse(n, "is a range that has nothing in it");
}

static const char *const range_keys[] = { "from", "above", "below", NULL };

static void
test_range(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	struct test *t = test_add(r, n, k->kind);

	if (t != NULL && node_check_object(n, range_keys) == 0)
		range_of(r, n, k->measure, t);
}

/* Reads the discount codes: a list of patterns, or one of the words "any" and
 * "none". */
static void
test_codes(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	static const char *const words[] = { "any", "none", NULL };
	static const char *const all[] = { "*" };
	struct test *t = test_add(r, n, k->kind);
	int word = 0;

	if (t == NULL)
		return;
	if (node_is_list(n)) {
		words_of(r->d, n, &t->any);
		return;
	}
	node_word(n->up, n->key, words, &word);
	t->any = (struct words){ all, 1 };
	t->negated ^= word == 1;
}

/* Reads a list of texts, or a single text. */
static void
words_or_one(struct draft *d, const struct node *n, struct words *out)
{
	const char **one;

	if (node_is_list(n)) {
		words_of(d, n, out);
		return;
	}
	one = arena_array(d->arena, 1, sizeof(*one));
	if (text_of(d, n, one) == 0)
		*out = (struct words){ one, 1 };
}

static void
test_age(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	static const char *const age[] = { "attribute", "from", "above",
		"below", NULL };
	struct test *t = test_add(r, n, k->kind);
	struct node attribute;

	if (t == NULL || node_check_object(n, age) == -1)
		return;
	if (node_need(n, "attribute", "where the birthday is", &attribute) == 0)
		words_or_one(r->d, &attribute, &t->any);
	range_of(r, n, k->measure, t);
}

static void
test_nth(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	static const int64_t bounds[2] = { 1, NTH_MAX };
	struct test *t = test_add(r, n, k->kind);

	if (t != NULL)
		node_int(n, bounds, &t->low);
}

/* ---- attributes and fields ----------------------------------------------- */

static void
test_named(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	struct test *t = test_add(r, n, k->kind);

	if (t == NULL)
		return;
	t->name = arena_strdup(r->d->arena, n->key);
	if (k->kind != TEST_FIELD || !node_is_object(n)) {
		words_of(r->d, n, &t->any);
		return;
	}
	t->kind = TEST_NUMBER;
	if (node_check_object(n, range_keys) == 0)
		range_of(r, n, MEASURE_NUMBER, t);
}

static void
tests_named(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	struct node it = { 0 };

	if (node_check_object(n, NULL) == -1)
		return;
	while (node_each(n, &it)) {
		if (it.key[0] == '\0')
			node_refuse(&it, "has no name");
		else
			test_named(r, &it, k);
	}
	if (it.value == NULL)
		node_refuse(n, "says nothing");
}

static void
tests_customer(struct condition_reading *r, const struct node *n,
    const struct condition_key *k)
{
	static const char *const traits[] = { "tag", "role", "company", NULL };

	if (node_check_object(n, traits) == 0 && !node_is_wrong(n))
		tests_named(r, n, k);
}

/* ---- whole conditions ---------------------------------------------------- */

static void tests_of(struct condition_reading *, const struct node *);

static void
tests_not(struct condition_reading *r, const struct node *n,
    const struct condition_key *)
{
	if (r->negated) {
		node_refuse(n, "cannot be said inside \"not\"");
		return;
	}
	r->negated = true;
	tests_of(r, n);
	r->negated = false;
}

static const struct condition_key keys[] = {
	{ "tier", test_refs, .kind = TEST_TIER, .ref = REF_LEVEL },
	{ "membership", test_refs, .kind = TEST_MEMBERSHIP,
	    .ref = REF_MEMBERSHIP },
	{ "channel", test_words, .kind = TEST_CHANNEL },
	{ "brand", test_words, .kind = TEST_BRAND },
	{ "shipping_method", test_words, .kind = TEST_SHIPPING },
	{ "weekday", test_weekday, .kind = TEST_WEEKDAY },
	{ "from", test_dates, .kind = TEST_DATES },
	{ "until", test_dates, .kind = TEST_DATES },
	{ "since", test_since, .kind = TEST_SINCE },
	{ "chosen_day", test_chosen_day, .kind = TEST_CHOSEN_DAY },
	{ "attribute", tests_named, .kind = TEST_ATTRIBUTE },
	{ "customer", tests_customer, .kind = TEST_CUSTOMER },
	{ "field", tests_named, .kind = TEST_FIELD },
	{ "amount", test_range, .kind = TEST_AMOUNT, .measure = MEASURE_MONEY },
	{ "pieces", test_range, .kind = TEST_PIECES,
	    .measure = MEASURE_PIECES },
	{ "codes", test_codes, .kind = TEST_CODES },
	{ "nth", test_nth, .kind = TEST_NTH },
	{ "consent", test_refs, .kind = TEST_CONSENT, .ref = REF_CONSENT },
	{ "age", test_age, .kind = TEST_AGE, .measure = MEASURE_YEARS },
	{ .key = "not", .read = tests_not },
	{ .key = "otherwise" }, /* no test; tests_of() reads it */
};

static const struct condition_key *
key_find(const char *key)
{
	for (size_t i = 0; i < NITEMS(keys); i++)
		if (strcmp(keys[i].key, key) == 0)
			return &keys[i];
	return NULL;
}

/* Refuses a key if one of the tests that it added (from index `first` on) can
 * never hold. */
static void
tests_can_hold(
    const struct condition_reading *r, size_t first, const struct node *n)
{
	if (r->d->kept || node_is_wrong(n))
		return;
	for (size_t i = first; i < r->n; i++)
		if (test_never_holds(r->list, i, &r->list[i])) {
			node_refuse(
			    n, "leaves nothing: \"not\" excludes all of it");
			return;
		}
}

static void
tests_of(struct condition_reading *r, const struct node *n)
{
	const char *names[NITEMS(keys) + 1] = { NULL }, *otherwise = NULL;
	size_t first = r->n, before;
	struct node text;

	for (size_t i = 0; i < NITEMS(keys); i++)
		names[i] = keys[i].key;
	if (node_check_object(n, names) == -1)
		return;
	/* Tests are kept in the order of the file: the first test that fails
	 * gives the reason. */
	for (struct node it = { 0 }; node_each(n, &it);) {
		const struct condition_key *k = key_find(it.key);

		if (k == NULL || k->read == NULL)
			continue;
		before = r->n;
		k->read(r, &it, k);
		tests_can_hold(r, before, &it);
	}
	if (r->n == first && !node_is_wrong(n))
		node_refuse(n, "says nothing");
	if (!node_get(n, "otherwise", &text) ||
	    id_of(r->d, &text, &otherwise) == -1)
		return;
	/* Tests inside "not" may have an "otherwise" of their own. */
	for (size_t i = first; i < r->n; i++)
		if (r->list[i].otherwise == NULL)
			r->list[i].otherwise = otherwise;
}

int
when_read(struct draft *d, const struct node *up, struct condition *out)
{
	struct condition_reading r = { .d = d };
	struct node n;

	if (!node_get(up, "when", &n))
		return 0;
	tests_of(&r, &n);
	if (node_is_wrong(&n))
		return -1;
	*out = (struct condition){ (void *)arena_memdup(d->arena, r.list,
		                       r.n * sizeof(r.list[0])),
		r.n };
	return 0;
}

void
when_refuse(
    const struct node *up, const char *const list[], const char *because)
{
	struct node when, not ;

	if (!node_get(up, "when", &when))
		return;
	for (size_t i = 0; list[i] != NULL; i++) {
		node_refuse_key(&when, list[i], because);
		if (node_get(&when, "not", &not ))
			node_refuse_key(&not, list[i], because);
	}
}
