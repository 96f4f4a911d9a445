/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

enum {
	FIELD_NUMBER_MAX = 1000000000,
	NTH_MAX = 1000000,
	AGE_MAX = 150,
};

/* The tests of one condition, as they are read. */
struct condition_reading {
	struct draft *d;
	struct test list[TESTS_MAX];
	size_t n;
	bool negated;
};

/* In the order of `keys` below. */
enum key {
	KEY_TIER,
	KEY_MEMBERSHIP,
	KEY_CHANNEL,
	KEY_BRAND,
	KEY_SHIPPING_METHOD,
	KEY_WEEKDAY,
	KEY_FROM,
	KEY_UNTIL,
	KEY_SINCE,
	KEY_CHOSEN_DAY,
	KEY_ATTRIBUTE,
	KEY_CUSTOMER,
	KEY_FIELD,
	KEY_AMOUNT,
	KEY_PIECES,
	KEY_CODES,
	KEY_NTH,
	KEY_CONSENT,
	KEY_AGE,
	KEY_NOT,
	KEY_OTHERWISE,
};

static const char *const keys[] = { "tier", "membership", "channel", "brand",
	"shipping_method", "weekday", "from", "until", "since", "chosen_day",
	"attribute", "customer", "field", "amount", "pieces", "codes", "nth",
	"consent", "age", "not", "otherwise", NULL };

static int
test_add(struct condition_reading *r, const struct node *at,
    enum test_kind kind, struct test **out, struct err *e)
{
	if (r->n == TESTS_MAX)
		return node_refuse(at, e,
		    "is one test too many: at most %d in one condition",
		    TESTS_MAX);
	*out = &r->list[r->n++];
	**out = (struct test){ .kind = kind,
		.negated = r->negated,
		.low = INT64_MIN,
		.high = INT64_MAX };
	return 0;
}

/* ---- kinds of tests --------------------------------------------------------- */

static int
test_refs(struct condition_reading *r, const struct node *n,
    enum test_kind kind, enum ref ref, struct err *e)
{
	struct test *t;

	if (test_add(r, n, kind, &t, e) == -1)
		return -1;
	return read_refs(r->d, n->up, n->key, ref, &t->any, e);
}

static int
test_words(struct condition_reading *r, const struct node *n,
    enum test_kind kind, struct err *e)
{
	struct test *t;

	if (test_add(r, n, kind, &t, e) == -1)
		return -1;
	return words_of(r->d, n, &t->any, e);
}

static int
test_weekday(struct condition_reading *r, const struct node *n, struct err *e)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun", NULL };
	struct words w;
	struct test *t;

	if (test_add(r, n, TEST_WEEKDAY, &t, e) == -1 ||
	    words_of(r->d, n, &w, e) == -1)
		return -1;
	t->low = 0;
	for (size_t i = 0; i < w.n; i++) {
		struct node item = node_item(n, i);
		int day = 0;

		while (days[day] != NULL && strcmp(days[day], w.list[i]) != 0)
			day++;
		if (days[day] == NULL)
			return node_refuse(&item, e,
			    "must be one of these words: mon, tue, wed, thu, "
			    "fri, sat, sun");
		t->low |= INT64_C(1) << day;
	}
	return 0;
}

/* `from` and `until` are one span of days. */
static int
test_dates(struct condition_reading *r, const struct node *n, struct err *e)
{
	struct node from, until;
	bool has_from = node_get(n->up, "from", &from);
	struct test *t;

	if (strcmp(n->key, "until") == 0 && has_from)
		return 0;
	if (test_add(r, n, TEST_DATES, &t, e) == -1)
		return -1;
	if (has_from && date_of(r->d, &from, false, &t->low, e) == -1)
		return -1;
	if (!node_get(n->up, "until", &until))
		return 0;
	if (date_of(r->d, &until, true, &t->high, e) == -1)
		return -1;
	if (t->low >= t->high)
		return node_refuse(&until, e, "is before \"from\"");
	return 0;
}

static int
test_since(struct condition_reading *r, const struct node *n, struct err *e)
{
	static const char *const since[] = { "event", "less_than", NULL };
	struct node event, period;
	struct test *t;

	if (test_add(r, n, TEST_SINCE, &t, e) == -1 ||
	    node_check_object(n, since, e) == -1 ||
	    node_need(n, "event", "since what", &event, e) == -1 ||
	    node_need(n, "less_than", "how long", &period, e) == -1 ||
	    node_text_new(&event, r->d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX,
	        &t->name, e) == -1)
		return -1;
	if (trigger_is_ours(t->name))
		return node_refuse(&event, e, "is no type of an event");
	return read_period(n, "less_than", &t->period, e);
}

static int
test_chosen_day(
    struct condition_reading *r, const struct node *n, struct err *e)
{
	bool yes = true;
	struct test *t;

	if (test_add(r, n, TEST_CHOSEN_DAY, &t, e) == -1 ||
	    node_bool(n->up, n->key, &yes, e) == -1)
		return -1;
	if (!yes)
		return node_refuse(
		    n, e, "must be true; the opposite belongs into \"not\"");
	return 0;
}

/* ---- ranges ------------------------------------------------------------------ */

/* What the ends of a range are made of. */
enum measure {
	MEASURE_NUMBER,
	MEASURE_MONEY,
	MEASURE_PIECES,
	MEASURE_YEARS,
};

static int
end_of(const struct condition_reading *r, const struct node *n, enum measure m,
    int64_t *out, struct err *e)
{
	static const int64_t number[2] = { -FIELD_NUMBER_MAX,
		FIELD_NUMBER_MAX };
	static const int64_t money[2] = { 0, MONEY_MAX };
	static const int64_t pieces[2] = { 0, FIELD_NUMBER_MAX };
	static const int64_t years[2] = { 0, AGE_MAX };

	switch (m) {
	case MEASURE_NUMBER:
		return node_int(n, number, out, e);
	case MEASURE_MONEY:
		return money_of(r->d, n, money, out, e);
	case MEASURE_PIECES:
		return node_int(n, pieces, out, e);
	case MEASURE_YEARS:
		return node_int(n, years, out, e);
	}
	return 0;
}

/* from, above and below, all of them whole numbers underneath: above is from
 * the next one. */
static int
range_of(const struct condition_reading *r, const struct node *n,
    enum measure m, struct test *t, struct err *e)
{
	struct node from, above, below;
	bool has_from = node_get(n, "from", &from);
	bool has_above = node_get(n, "above", &above);
	bool has_below = node_get(n, "below", &below);

	if (!has_from && !has_above && !has_below)
		return node_refuse(
		    n, e, "says no range: \"from\", \"above\", \"below\"");
	if (has_from && has_above)
		return node_refuse(
		    &above, e, "cannot be said here: \"from\" says it already");
	if (has_from && end_of(r, &from, m, &t->low, e) == -1)
		return -1;
	if (has_above) {
		if (end_of(r, &above, m, &t->low, e) == -1)
			return -1;
		t->low++;
	}
	if (has_below && end_of(r, &below, m, &t->high, e) == -1)
		return -1;
	/* Amounts, pieces and ages begin at 0. */
	if (t->low >= t->high || (m != MEASURE_NUMBER && t->high <= 0))
		return node_refuse(n, e, "is a range that has nothing in it");
	return 0;
}

static const char *const range_keys[] = { "from", "above", "below", NULL };

static int
test_range(struct condition_reading *r, const struct node *n,
    enum test_kind kind, enum measure m, struct err *e)
{
	struct test *t;

	if (test_add(r, n, kind, &t, e) == -1 ||
	    node_check_object(n, range_keys, e) == -1)
		return -1;
	return range_of(r, n, m, t, e);
}

/* A list of patterns; or of all codes, or of none. */
static int
test_codes(struct condition_reading *r, const struct node *n, struct err *e)
{
	static const char *const words[] = { "any", "none", NULL };
	static const char *const all[] = { "*" };
	struct test *t;
	int word = 0;

	if (test_add(r, n, TEST_CODES, &t, e) == -1)
		return -1;
	if (node_is_list(n))
		return words_of(r->d, n, &t->any, e);
	if (node_word(n->up, n->key, words, &word, e) == -1)
		return -1;
	t->any = (struct words){ all, 1 };
	t->negated ^= word == 1;
	return 0;
}

/* A list of texts, or one that stands by itself. */
static int
words_or_one(
    struct draft *d, const struct node *n, struct words *out, struct err *e)
{
	const char **one;

	if (node_is_list(n))
		return words_of(d, n, out, e);
	one = arena_array(d->arena, 1, sizeof(*one));
	*out = (struct words){ one, 1 };
	return text_of(d, n, one, e);
}

static int
test_age(struct condition_reading *r, const struct node *n, struct err *e)
{
	static const char *const age[] = { "attribute", "from", "above",
		"below", NULL };
	struct node attribute;
	struct test *t;

	if (test_add(r, n, TEST_AGE, &t, e) == -1 ||
	    node_check_object(n, age, e) == -1 ||
	    node_need(n, "attribute", "where the birthday is", &attribute, e) ==
	        -1 ||
	    words_or_one(r->d, &attribute, &t->any, e) == -1)
		return -1;
	return range_of(r, n, MEASURE_YEARS, t, e);
}

static int
test_nth(struct condition_reading *r, const struct node *n, struct err *e)
{
	static const int64_t bounds[2] = { 1, NTH_MAX };
	struct test *t;

	if (test_add(r, n, TEST_NTH, &t, e) == -1)
		return -1;
	return node_int(n, bounds, &t->low, e);
}

/* ---- attributes and fields ------------------------------------------------------ */

static int
test_named(struct condition_reading *r, const struct node *n,
    enum test_kind kind, struct err *e)
{
	struct test *t;

	if (test_add(r, n, kind, &t, e) == -1)
		return -1;
	t->name = arena_strdup(r->d->arena, n->key);
	if (kind != TEST_FIELD || !node_is_object(n))
		return words_of(r->d, n, &t->any, e);
	t->kind = TEST_NUMBER;
	if (node_check_object(n, range_keys, e) == -1)
		return -1;
	return range_of(r, n, MEASURE_NUMBER, t, e);
}

static int
tests_named(struct condition_reading *r, const struct node *n,
    enum test_kind kind, struct err *e)
{
	size_t before = r->n;

	if (!node_is_object(n))
		return node_refuse(n, e, "must be an object, {...}");
	for (struct node it = { 0 }; node_each(n, &it);) {
		if (it.key[0] == '\0')
			return node_refuse(&it, e, "has no name");
		if (test_named(r, &it, kind, e) == -1)
			return -1;
	}
	if (r->n == before)
		return node_refuse(n, e, "says nothing");
	return 0;
}

static const char *const traits[] = { "tag", "role", "company", NULL };

/* ---- the whole -------------------------------------------------------------------- */

static int tests_of(
    struct condition_reading *, const struct node *, struct err *);

static int
tests_not(struct condition_reading *r, const struct node *n, struct err *e)
{
	int rc;

	if (r->negated)
		return node_refuse(n, e, "cannot be said inside \"not\"");
	r->negated = true;
	rc = tests_of(r, n, e);
	r->negated = false;
	return rc;
}

static int
tests_of_key(struct condition_reading *r, enum key key, const struct node *n,
    struct err *e)
{
	switch (key) {
	case KEY_TIER:
		return test_refs(r, n, TEST_TIER, REF_LEVEL, e);
	case KEY_MEMBERSHIP:
		return test_refs(r, n, TEST_MEMBERSHIP, REF_MEMBERSHIP, e);
	case KEY_CHANNEL:
		return test_words(r, n, TEST_CHANNEL, e);
	case KEY_BRAND:
		return test_words(r, n, TEST_BRAND, e);
	case KEY_SHIPPING_METHOD:
		return test_words(r, n, TEST_SHIPPING, e);
	case KEY_WEEKDAY:
		return test_weekday(r, n, e);
	case KEY_FROM:
	case KEY_UNTIL:
		return test_dates(r, n, e);
	case KEY_SINCE:
		return test_since(r, n, e);
	case KEY_CHOSEN_DAY:
		return test_chosen_day(r, n, e);
	case KEY_ATTRIBUTE:
		return tests_named(r, n, TEST_ATTRIBUTE, e);
	case KEY_CUSTOMER:
		if (node_check_object(n, traits, e) == -1)
			return -1;
		return tests_named(r, n, TEST_CUSTOMER, e);
	case KEY_FIELD:
		return tests_named(r, n, TEST_FIELD, e);
	case KEY_AMOUNT:
		return test_range(r, n, TEST_AMOUNT, MEASURE_MONEY, e);
	case KEY_PIECES:
		return test_range(r, n, TEST_PIECES, MEASURE_PIECES, e);
	case KEY_CODES:
		return test_codes(r, n, e);
	case KEY_NTH:
		return test_nth(r, n, e);
	case KEY_CONSENT:
		return test_refs(r, n, TEST_CONSENT, REF_CONSENT, e);
	case KEY_AGE:
		return test_age(r, n, e);
	case KEY_NOT:
		return tests_not(r, n, e);
	case KEY_OTHERWISE:
		return 0;
	}
	return 0;
}

/* Refuses the tests from `first` on, which a key said, if they can never
 * hold. */
static int
tests_can_hold(const struct condition_reading *r, size_t first,
    const struct node *n, struct err *e)
{
	for (size_t i = first; i < r->n && !r->d->kept; i++)
		if (test_never_holds(r->list, i, &r->list[i]))
			return node_refuse(
			    n, e, "leaves nothing: \"not\" excludes all of it");
	return 0;
}

static int
tests_of(struct condition_reading *r, const struct node *n, struct err *e)
{
	const char *otherwise = NULL;
	size_t first = r->n, before;
	struct node text;

	if (node_check_object(n, keys, e) == -1)
		return -1;
	for (struct node it = { 0 }; node_each(n, &it);) {
		int key = 0;

		while (strcmp(keys[key], it.key) != 0)
			key++;
		before = r->n;
		if (tests_of_key(r, (enum key)key, &it, e) == -1 ||
		    tests_can_hold(r, before, &it, e) == -1)
			return -1;
	}
	if (r->n == first)
		return node_refuse(n, e, "says nothing");
	if (!node_get(n, "otherwise", &text))
		return 0;
	if (node_text_new(&text, r->d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX,
	        &otherwise, e) == -1)
		return -1;
	/* What is inside "not" may have its own. */
	for (size_t i = first; i < r->n; i++)
		if (r->list[i].otherwise == NULL)
			r->list[i].otherwise = otherwise;
	return 0;
}

int
read_when(struct draft *d, const struct node *up, struct condition *out,
    struct err *e)
{
	struct condition_reading r = { .d = d };
	struct test *list;
	struct node n;

	if (!node_get(up, "when", &n))
		return 0;
	if (tests_of(&r, &n, e) == -1)
		return -1;
	list = arena_array(d->arena, r.n, sizeof(*list));
	memcpy(list, r.list, r.n * sizeof(*list));
	*out = (struct condition){ list, r.n };
	return 0;
}

int
when_refuse(const struct node *up, const char *const list[],
    const char *because, struct err *e)
{
	struct node when, not ;

	if (!node_get(up, "when", &when))
		return 0;
	for (size_t i = 0; list[i] != NULL; i++) {
		if (refuse_key(&when, list[i], because, e) == -1)
			return -1;
		if (node_get(&when, "not", &not ) &&
		    refuse_key(&not, list[i], because, e) == -1)
			return -1;
	}
	return 0;
}
