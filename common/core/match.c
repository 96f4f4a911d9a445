/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/match.h"
#include "core/reason.h"

/* The words that say why a test failed, by the kind of test.  A test may have a
 * word of its own instead.  `failed`: the test does not hold.  `excluded`: the
 * test is negated, and holds. */
static const struct {
	const char *failed, *excluded;
} words[] = {
#define CONDITION(test, word, not, ...) [TEST_##test] = { word, not },
#include "core/reason.def"
};

/* ---- texts -------------------------------------------------------------- */

/* Ranges of capital letters beyond ASCII, and how far behind a capital its small
 * letter is.  At a distance of 1, capital and small letters alternate in the
 * range. */
static const struct {
	uint32_t from, until, behind;
} capitals[] = {
	{ 0xc0, 0xd6, 32 }, /* Latin-1 */
	{ 0xd8, 0xde, 32 },
	{ 0x100, 0x137, 1 }, /* Latin Extended-A */
	{ 0x139, 0x148, 1 },
	{ 0x14a, 0x177, 1 },
	{ 0x179, 0x17e, 1 },
	{ 0x391, 0x3a9, 32 }, /* Greek */
	{ 0x400, 0x40f, 80 }, /* Cyrillic */
	{ 0x410, 0x42f, 32 },
};

static uint32_t
small_letter(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	for (size_t i = 0; i < NITEMS(capitals); i++) {
		uint32_t from = capitals[i].from;

		if (c < from || c > capitals[i].until)
			continue;
		if (capitals[i].behind > 1 || (c - from) % 2 == 0)
			return c + capitals[i].behind;
	}
	return c;
}

/* Reads the UTF-8 character at *s, a capital as its small letter, and moves *s
 * past the character.  Returns 0 at the end of the text. */
static uint32_t
character(const char **s)
{
	uint32_t c = (unsigned char)*(*s);

	if (c == 0)
		return 0;
	/* The first byte begins with as many 1 bits as the character has
	 * bytes. */
	if (c >= 0xc0)
		c &= c < 0xe0 ? 0x1f : c < 0xf0 ? 0x0f : 0x07;
	while (((unsigned char)*++*s & 0xc0) == 0x80)
		c = c << 6 | ((unsigned char)**s & 0x3f);
	return small_letter(c);
}

static bool
matches(const char *pattern, const char *text, bool nocase)
{
	/* `star`: the pattern after the last * so far.  `from`: the place in
	 * the text from which that * is tried next. */
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		const char *p = pattern, *t = text;

		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (nocase ? character(&p) == character(&t)
		                  : *p++ == *t++) {
			pattern = p;
			text = t;
		} else if (star != NULL) {
			pattern = star;
			if (nocase)
				(void)character(&from);
			else
				from++;
			text = from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool
pattern_matches(const char *pattern, const char *text)
{
	return matches(pattern, text, false);
}

bool
pattern_matches_nocase(const char *pattern, const char *text)
{
	return matches(pattern, text, true);
}

/* Reads a number such as "-12.5", rounded down: rounding does not change
 * whether it lies between two whole bounds, low <= number < high.  A number
 * that is too large is read as the largest possible. */
static bool
number_parse(const char *s, int64_t *out)
{
	bool negative = *s == '-', any = false, more = false;
	int64_t v = 0;

	for (s += negative; *s >= '0' && *s <= '9'; s++, any = true)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *s - '0', &v))
			v = INT64_MAX;
	if (!any)
		return false;
	if (*s == '.') {
		if (*++s == '\0')
			return false;
		for (; *s >= '0' && *s <= '9'; s++)
			more |= *s != '0';
	}
	if (*s != '\0')
		return false;
	*out = negative ? -v - more : v;
	return true;
}

static bool
is_one_of(const struct words *any, const char *word)
{
	return word != NULL && words_have(any, word);
}

/* ---- lines --------------------------------------------------------------- */

/* A pair of two letters, or of a letter and an end of the text. */
static uint64_t
pair_of(unsigned char a, unsigned char b)
{
	enum {
		FACTOR = 37 /* a prime, so that few pairs share a bit */
	};

	return UINT64_C(1) << (a * FACTOR + b) % 64;
}

struct letters
letters_of(const char *text)
{
	struct letters l = { 0, 0 };
	unsigned char last = 0, c;

	do {
		c = (unsigned char)*text++;
		if (c != '*' && c != 0)
			l.single |= UINT64_C(1) << c % 64;
		if (c != '*' && last != '*')
			l.pairs |= pair_of(last, c);
		last = c;
	} while (c != 0);
	return l;
}

static bool
has_pattern(const struct line_test *t, const char *text)
{
	struct letters has = { UINT64_MAX, UINT64_MAX };

	if (text == NULL)
		return false;
	if (t->letters != NULL)
		has = letters_of(text);
	for (size_t i = 0; i < t->any.n; i++)
		if ((t->letters == NULL ||
		        ((t->letters[i].single & ~has.single) |
		            (t->letters[i].pairs & ~has.pairs)) == 0) &&
		    pattern_matches(t->any.list[i], text))
			return true;
	return false;
}

static bool
has_number(const struct words *any, int64_t number)
{
	char text[] = "-9223372036854775808";
	char *p = text + sizeof(text) - 1;

	if (number <= 0) /* the line has no product */
		return false;
	for (; number > 0; number /= 10)
		*--p = (char)('0' + number % 10);
	return words_have(any, p);
}

static bool
line_passes(const struct line_test *t, const struct order_line *l)
{
	switch (t->key) {
	case LINE_CATEGORY:
		return words_common(&t->any, &l->categories);
	case LINE_TAG:
		return words_common(&t->any, &l->tags);
	case LINE_VENDOR:
		return is_one_of(&t->any, l->vendor);
	case LINE_TYPE:
		return is_one_of(&t->any, l->type);
	case LINE_SKU:
		return has_pattern(t, l->sku);
	case LINE_PRODUCT:
		return has_number(&t->any, l->product_id);
	case LINE_ON_SALE:
		return l->on_sale;
	case LINE_GIFT_CARD:
		return l->gift_card;
	case LINE_FREE:
		return l->net <= 0;
	case LINE_PART:
		return l->part;
	case LINE_BUNDLE:
		return l->bundle;
	}
	return false;
}

/* Whether a line lacks what a test asks for, so that only the line's product
 * may say it. */
static bool
is_silent(enum line_key key, const struct order_line *l)
{
	switch (key) {
	case LINE_CATEGORY:
		return l->categories.n == 0;
	case LINE_TAG:
		return l->tags.n == 0;
	case LINE_VENDOR:
		return l->vendor == NULL;
	case LINE_TYPE:
		return l->type == NULL;
	case LINE_ON_SALE:
		return !l->on_sale;
	case LINE_SKU:
	case LINE_PRODUCT:
	case LINE_GIFT_CARD:
	case LINE_FREE:
	case LINE_PART:
	case LINE_BUNDLE:
		break;
	}
	return false;
}

int
filter_unreadable(const struct filter *f, const struct order_line *l)
{
	int asked = 0;

	for (size_t i = 0; i < f->n && l->unreadable != 0; i++) {
		if (f->tests[i].key == LINE_SKU)
			asked |= UNREADABLE_SKU;
		/* If the line's vendor cannot be read, its product may have
		 * given a vendor. */
		if (f->tests[i].key == LINE_VENDOR && l->vendor == NULL)
			asked |= UNREADABLE_VENDOR;
		if (f->tests[i].key == LINE_PRODUCT ||
		    is_silent(f->tests[i].key, l))
			asked |= UNREADABLE_PRODUCT;
	}
	return l->unreadable & asked;
}

/* If a filter asks for a field of the line which cannot be read, the filter
 * does not mean the line, even if the test is negated. */
bool
filter_has(const struct filter *f, const struct order_line *l)
{
	if (filter_unreadable(f, l) != 0)
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (line_passes(&f->tests[i], l) == f->tests[i].negated)
			return false;
	return true;
}

bool
filter_means_free(const struct filter *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->tests[i].negated && (f->tests[i].key == LINE_FREE ||
		                                f->tests[i].key == LINE_PART))
			return true;
	return false;
}

bool
filter_is_unknown(const struct filter *f, const struct order_line *l)
{
	for (size_t i = 0; i < f->n && l->untold; i++)
		if (is_silent(f->tests[i].key, l))
			return true;
	return false;
}

/* ---- conditions ---------------------------------------------------------- */

/* The things that a test looks at. */
struct match_input {
	const struct program *program;
	const struct member_view *view;
	const struct occasion *occasion;
};

static bool
is_in(int64_t n, const struct test *t)
{
	return t->low <= n && n < t->high;
}

/* The newest attribute with this name, or NULL. */
const struct attribute *
attribute_newest(const struct attribute *list, size_t n, const char *name)
{
	const struct attribute *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0 &&
		    (found == NULL || list[i].at >= found->at))
			found = &list[i];
	return found;
}

static const char *
attribute_of(const struct member_view *v, const char *name)
{
	const struct attribute *a = attribute_newest(
	    v->attributes, v->nattributes, name);

	return a == NULL ? NULL : a->value;
}

static const char *
field_of(const struct occasion *o, const char *name)
{
	for (size_t i = 0; i < o->nfields; i++)
		if (strcmp(o->fields[i].name, name) == 0)
			return o->fields[i].value;
	return NULL;
}

static bool
is_member(const struct words *any, const struct member_view *v)
{
	for (size_t i = 0; i < v->nmemberships; i++)
		if (words_have(any, v->memberships[i]))
			return true;
	return false;
}

static bool
is_weekday(const struct test *t, const struct match_input *a)
{
	struct civil c = calendar_civil(a->program->zone, a->occasion->at);

	return (t->low >> c.weekday & 1) != 0;
}

/* Whether a period that began at `since` is not over yet. */
static bool
is_within(const struct match_input *a, int64_t since, struct period p)
{
	return since <= a->occasion->at &&
	       a->occasion->at < calendar_term(a->program->zone, since, p, 1);
}

int64_t
event_newest_at(const struct member_view *v, const char *type, int64_t now)
{
	int64_t at = INT64_MIN;

	for (size_t i = 0; i < v->nevents; i++) {
		const struct last_event *e = &v->events[i];

		if (strcmp(e->type, type) == 0 && e->at <= now && e->at > at)
			at = e->at;
	}
	return at;
}

static bool
is_since(const struct test *t, const struct match_input *a)
{
	int64_t at = event_newest_at(a->view, t->name, a->occasion->at);

	return at != INT64_MIN && is_within(a, at, t->period);
}

static bool
is_chosen_day(const struct match_input *a)
{
	struct civil c = calendar_civil(a->program->zone, a->occasion->at);
	int year, month, day;

	return a->view->chosen_day != NULL &&
	       calendar_parse(a->view->chosen_day, &year, &month, &day) &&
	       c.year == year && c.month == month && c.day == day;
}

/* A consent that the program does not limit lasts for ever. */
struct period
consent_period(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nconsents; i++)
		if (strcmp(p->consents[i].id, id) == 0 &&
		    p->consents[i].valid.n != 0)
			return p->consents[i].valid;
	return (struct period){ .unit = UNIT_EVER };
}

static bool
has_consent(const struct words *any, const struct match_input *a)
{
	for (size_t i = 0; i < any->n; i++) {
		const struct attribute *c = attribute_newest(
		    a->view->consents, a->view->nconsents, any->list[i]);

		if (c != NULL && is_within(a, c->at,
		                     consent_period(a->program, any->list[i])))
			return true;
	}
	return false;
}

static bool
has_pattern_nocase(const struct words *any, const struct words *used)
{
	for (size_t i = 0; i < any->n; i++)
		for (size_t j = 0; j < used->n; j++)
			if (pattern_matches_nocase(any->list[i], used->list[j]))
				return true;
	return false;
}

static bool
has_trait(const struct test *t, const struct member_view *v)
{
	for (size_t i = 0; i < v->ntraits; i++) {
		const struct words value = { &v->traits[i].value, 1 };

		if (strcmp(v->traits[i].name, t->name) == 0 &&
		    has_pattern_nocase(&t->any, &value))
			return true;
	}
	return false;
}

static bool
has_number_field(const struct test *t, const struct occasion *o)
{
	const char *value = field_of(o, t->name);
	int64_t n;

	return value != NULL && number_parse(value, &n) && is_in(n, t);
}

static bool
has_age(const struct test *t, const struct match_input *a)
{
	for (size_t i = 0; i < t->any.n; i++) {
		const char *value = attribute_of(a->view, t->any.list[i]);
		struct civil born = { 0 };

		if (value != NULL &&
		    calendar_parse(value, &born.year, &born.month, &born.day) &&
		    is_in(calendar_age(a->program->zone, born, a->occasion->at),
		        t))
			return true;
	}
	return false;
}

static bool
test_passes(const struct test *t, const struct match_input *a)
{
	const struct occasion *o = a->occasion;

	switch (t->kind) {
	case TEST_TIER:
		return is_one_of(&t->any, a->view->tier);
	case TEST_MEMBERSHIP:
		return is_member(&t->any, a->view);
	case TEST_CHANNEL:
		return is_one_of(&t->any, o->channel);
	case TEST_BRAND:
		return is_one_of(&t->any, o->brand);
	case TEST_SHIPPING:
		return is_one_of(&t->any, o->shipping_method);
	case TEST_WEEKDAY:
		return is_weekday(t, a);
	case TEST_DATES:
		return is_in(o->at, t);
	case TEST_SINCE:
		return is_since(t, a);
	case TEST_CHOSEN_DAY:
		return is_chosen_day(a);
	case TEST_ATTRIBUTE:
		return is_one_of(&t->any, attribute_of(a->view, t->name));
	case TEST_CUSTOMER:
		return has_trait(t, a->view);
	case TEST_FIELD:
		return is_one_of(&t->any, field_of(o, t->name));
	case TEST_NUMBER:
		return has_number_field(t, o);
	case TEST_AMOUNT:
		return is_in(o->amount, t);
	case TEST_PIECES:
		return is_in(o->pieces, t);
	case TEST_CODES:
		return has_pattern_nocase(&t->any, &o->codes);
	case TEST_NTH:
		return o->nth != 0 && o->nth == t->low;
	case TEST_CONSENT:
		return has_consent(&t->any, a);
	case TEST_AGE:
		return has_age(t, a);
	}
	return false;
}

/* The bit (enum unreadable) of the field that a test asks for, if that field
 * cannot be read; else 0. */
static int
test_unreadable(const struct test *t, const struct occasion *o)
{
	static const int asks[] = {
		[TEST_SHIPPING] = UNREADABLE_SHIPPING,
		[TEST_CHANNEL] = UNREADABLE_CHANNEL,
		[TEST_CODES] = UNREADABLE_CODES,
		[TEST_PIECES] = UNREADABLE_PIECES,
	};

	return (size_t)t->kind < NITEMS(asks) ? asks[t->kind] & o->unreadable
	                                      : 0;
}

bool
condition_holds(const struct condition *c, const struct program *p,
    const struct member_view *v, const struct occasion *o, const char **why_not)
{
	const struct match_input a = { p, v, o };

	for (size_t i = 0; i < c->n; i++) {
		const struct test *t = &c->tests[i];
		int unreadable = test_unreadable(t, o);

		if (unreadable == 0 && test_passes(t, &a) != t->negated)
			continue;
		*why_not = unreadable != 0
		               ? reason_text(reason_unreadable(unreadable))
		           : t->otherwise != NULL ? t->otherwise
		           : t->negated           ? words[t->kind].excluded
		                                  : words[t->kind].failed;
		return false;
	}
	return true;
}

bool
condition_asks_tier(const struct condition *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->tests[i].kind == TEST_TIER)
			return true;
	return false;
}
