/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "core/fact.h"
#include "core/match.h"
#include "wire/program/internal.h"

const int64_t money_bounds[2] = { 1, MONEY_MAX };
const int64_t days_bounds[2] = { 0, PENDING_DAYS_MAX };

int
refuse_key(
    const struct node *up, const char *key, const char *because, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return node_refuse(&n, e, "cannot be said here: %s", because);
}

/* ---- ids ------------------------------------------------------------------ */

static const char *
ref_noun(enum ref ref)
{
	switch (ref) {
	case REF_WALLET:
		return "wallet";
	case REF_RULE:
		return "rule";
	case REF_LEVEL:
		return "tier";
	case REF_MEMBERSHIP:
		return "membership";
	case REF_CHARITY:
		return "charity";
	case REF_CONSENT:
		return "consent";
	}
	return "";
}

static size_t
words_find(const struct words *w, const char *id)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->list[i], id) == 0)
			return i;
	return NONE;
}

static size_t
consent_find(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nconsents; i++)
		if (strcmp(p->consents[i].id, id) == 0)
			return i;
	return NONE;
}

/* The index of what has the id, or NONE. */
static size_t
ref_find(const struct draft *d, enum ref ref, const char *id)
{
	size_t i = NONE;

	switch (ref) {
	case REF_WALLET:
		/* Nobody gives to it or takes from it by name. */
		i = program_wallet(&d->p, id);
		return i == d->charity ? NONE : i;
	case REF_RULE:
		return program_rule(&d->p, id);
	case REF_LEVEL:
		return program_level(&d->p, id);
	case REF_MEMBERSHIP:
		return program_membership(&d->p, id);
	case REF_CHARITY:
		return words_find(&d->p.charities, id);
	case REF_CONSENT:
		return consent_find(&d->p, id);
	}
	return i;
}

static int
ref_of(struct draft *d, const struct node *n, enum ref ref, size_t *out,
    struct err *e)
{
	const char *id;
	size_t i;

	if (node_text_new(n, d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX, &id, e) ==
	    -1)
		return -1;
	i = ref_find(d, ref, id);
	if (i == NONE)
		return node_refuse(
		    n, e, "is no %s of this file: \"%s\"", ref_noun(ref), id);
	*out = i;
	return 0;
}

int
read_ref(struct draft *d, const struct node *up, const char *key, enum ref ref,
    size_t *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return ref_of(d, &n, ref, out, e);
}

int
read_refs(struct draft *d, const struct node *up, const char *key, enum ref ref,
    struct words *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (words_of(d, &n, out, e) == -1)
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct node item = node_item(&n, i);
		size_t found;

		if (ref_of(d, &item, ref, &found, e) == -1)
			return -1;
	}
	return 0;
}

/* The id of a list's item. */
static int
item_id(
    struct draft *d, const struct node *item, const char **out, struct err *e)
{
	struct node id;

	if (!node_is_object(item))
		return node_refuse(item, e, "must be an object, {...}");
	if (node_need(item, "id", "its name for ever", &id, e) == -1)
		return -1;
	return node_text_new(
	    &id, d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX, out, e);
}

/* One more id, which none of those before may be. */
static int
ids_add(struct words *w, const char **list, const char *id,
    const struct node *at, struct err *e)
{
	if (words_have(w, id))
		return node_refuse(at, e, "has the id of another: \"%s\"", id);
	list[w->n++] = id;
	return 0;
}

static int
key_ids(struct draft *d, const struct node *n, const char **list,
    struct words *out, struct err *e)
{
	for (struct node it = { 0 }; node_each(n, &it);) {
		size_t len = strlen(it.key);

		if (len == 0 || len >= RULE_ID_MAX ||
		    strspn(it.key, PROGRAM_ID_CHARS) != len)
			return node_refuse(&it, e,
			    "is no id: 1 to %d of the letters a-z, digits, - "
			    "and _",
			    RULE_ID_MAX - 1);
		list[out->n++] = arena_strdup(d->arena, it.key);
	}
	return 0;
}

int
read_ids(struct draft *d, const struct node *n, size_t most, struct words *out,
    struct err *e)
{
	const char **list = arena_array(d->arena, most, sizeof(*list));

	*out = (struct words){ .list = list };
	if (node_is_object(n)) {
		size_t members = 0;

		for (struct node it = { 0 }; node_each(n, &it);)
			members++;
		if (members == 0 || members > most)
			return node_refuse(n, e,
			    "must have 1 to %zu keys, not %zu", most, members);
		return key_ids(d, n, list, out, e);
	}
	if (node_check_list(n, 1, most, e) == -1)
		return -1;
	for (size_t i = 0; i < node_count(n); i++) {
		struct node item = node_item(n, i);
		const char *id;

		if (item_id(d, &item, &id, e) == -1 ||
		    ids_add(out, list, id, &item, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- texts ---------------------------------------------------------------- */

int
text_of(struct draft *d, const struct node *n, const char **out, struct err *e)
{
	return node_text_new(n, d->arena, NULL, FACT_TEXT_MAX + 1, out, e);
}

int
draft_text(struct draft *d, const struct node *up, const char *key,
    const char **out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return text_of(d, &n, out, e);
}

int
words_of(
    struct draft *d, const struct node *n, struct words *out, struct err *e)
{
	struct words w = { 0 };
	const char **list;

	if (node_check_list(n, 1, WORDS_MAX, e) == -1)
		return -1;
	list = arena_array(d->arena, node_count(n), sizeof(*list));
	w.list = list;
	for (size_t i = 0; i < node_count(n); i++) {
		struct node item = node_item(n, i);
		const char *word;

		if (text_of(d, &item, &word, e) == -1)
			return -1;
		if (words_have(&w, word))
			return node_refuse(&item, e, "is said twice");
		list[w.n++] = word;
	}
	*out = w;
	return 0;
}

int
read_words(struct draft *d, const struct node *up, const char *key,
    struct words *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return words_of(d, &n, out, e);
}

/* ---- names ---------------------------------------------------------------- */

static int
forms_of(struct draft *d, const struct node *n, struct name *out, struct err *e)
{
	static const char *const keys[] = { "one", "few", "many", "other",
		NULL };
	struct str s;
	struct node other;

	if (node_str(n, &s) == 0)
		return text_of(d, n, &out->other, e);
	if (node_check_object(n, keys, e) == -1)
		return -1;
	if (node_need(n, "other", "the form that always does", &other, e) == -1)
		return -1;
	if (draft_text(d, n, "one", &out->one, e) == -1 ||
	    draft_text(d, n, "few", &out->few, e) == -1 ||
	    draft_text(d, n, "many", &out->many, e) == -1)
		return -1;
	return draft_text(d, n, "other", &out->other, e);
}

static bool
is_language(const char *s)
{
	return strlen(s) == 2 && strspn(s, "abcdefghijklmnopqrstuvwxyz") == 2;
}

int
read_names(
    struct draft *d, const struct node *up, struct names *out, struct err *e)
{
	struct name list[NAMES_MAX] = { 0 }, *copy;
	size_t count = 0;
	struct node n;

	if (!node_get(up, "names", &n))
		return 0;
	if (!node_is_object(&n))
		return node_refuse(&n, e, "must be an object, {...}");
	for (struct node it = { 0 }; node_each(&n, &it);) {
		if (!is_language(it.key))
			return node_refuse(
			    &it, e, "is no language: two letters, like \"en\"");
		if (count == NAMES_MAX)
			return node_refuse(&it, e,
			    "is too much: at most %d languages", NAMES_MAX);
		list[count].language = arena_strdup(d->arena, it.key);
		if (forms_of(d, &it, &list[count++], e) == -1)
			return -1;
	}
	if (count == 0)
		return node_refuse(&n, e, "says nothing");
	copy = arena_array(d->arena, count, sizeof(*copy));
	memcpy(copy, list, count * sizeof(*copy));
	*out = (struct names){ copy, count };
	return 0;
}

/* ---- numbers as text ------------------------------------------------------- */

/* How many decimals there are, zeros at the end not counted. */
static int
decimals(struct str s)
{
	const char *dot = memchr(s.data, '.', s.len);

	if (dot == NULL)
		return 0;
	while (s.data[s.len - 1] == '0')
		s.len--;
	return (int)(s.data + s.len - dot - 1);
}

int
money_of(const struct draft *d, const struct node *n, const int64_t bounds[2],
    int64_t *out, struct err *e)
{
	char least[MONEY_TEXT_MAX], most[MONEY_TEXT_MAX];
	struct str s;
	int64_t v;

	if (node_str(n, &s) == -1)
		return node_refuse(n, e,
		    "must be money: a text in quotes, like \"1\" or \"0.50\"");
	if (s.len >= MONEY_TEXT_MAX ||
	    money_parse(s, d->p.exponent, &v) == -1 || v < bounds[0] ||
	    v > bounds[1]) {
		money_format(bounds[0], d->p.exponent, least);
		money_format(bounds[1], d->p.exponent, most);
		return node_refuse(n, e,
		    "must be an amount of money from \"%s\" to \"%s\"", least,
		    most);
	}
	if (decimals(s) > d->p.exponent)
		return node_refuse(n, e,
		    "has more decimals than the currency, which has %d",
		    d->p.exponent);
	*out = v;
	return 0;
}

int
read_minor(const struct draft *d, const struct node *up, const char *key,
    int64_t *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return money_of(d, &n, money_bounds, out, e);
}

int
units_of(const struct draft *d, const struct node *n, size_t wallet,
    int64_t least, int64_t *out, struct err *e)
{
	const struct wallet *w = &d->p.wallets[wallet];
	const int64_t whole[2] = { least, RATE_MAX };
	const int64_t money[2] = { least, MONEY_MAX };
	struct str s;

	if (w->unit == UNIT_MONEY) {
		if (money_of(d, n, money, out, e) == -1)
			return -1;
		*out *= MILLI;
		return 0;
	}
	if (node_str(n, &s) == 0)
		return node_refuse(n, e,
		    "must be a whole number: the wallet \"%s\" is not money",
		    w->id);
	return node_int(n, whole, out, e);
}

int
read_units(const struct draft *d, const struct node *up, const char *key,
    size_t wallet, int64_t *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return units_of(d, &n, wallet, 1, out, e);
}

int
decimal_of(
    const struct node *n, int places, int64_t most, int64_t *out, struct err *e)
{
	char text[MONEY_TEXT_MAX];
	int64_t unit = 1, v = 0;
	struct str s = { 0 };

	for (int i = 0; i < places; i++)
		unit *= 10;
	(void)snprintf(text, sizeof(text), "%lld", (long long)(most / unit));
	if (node_str(n, &s) == -1 || s.len >= MONEY_TEXT_MAX ||
	    money_parse(s, places, &v) == -1 || v <= 0 || v > most ||
	    decimals(s) > places)
		return node_refuse(n, e,
		    "must be a number as text, like \"1.5\", above 0, at most "
		    "%s, with at most %d decimals",
		    text, places);
	*out = v;
	return 0;
}

/* ---- times ------------------------------------------------------------------ */

bool
period_is(const struct node *n, struct period *out)
{
	static const struct {
		const char *one, *many;
		enum unit unit;
		int64_t most;
	} units[] = {
		{ " day", " days", UNIT_DAY, 36500 },
		{ " month", " months", UNIT_MONTH, 1200 },
		{ " year", " years", UNIT_YEAR, 100 },
	};
	struct str s, rest;
	int64_t v = 0;
	size_t i = 0;

	if (node_str(n, &s) == -1)
		return false;
	if (str_eq(s, STR("ever"))) {
		*out = (struct period){ 1, UNIT_EVER };
		return true;
	}
	for (; i < s.len && i < 6 && s.data[i] >= '0' && s.data[i] <= '9'; i++)
		v = v * 10 + (s.data[i] - '0');
	rest = (struct str){ s.data + i, s.len - i };
	for (i = 0; i < NITEMS(units); i++)
		if (str_eq(
		        rest, str_of(v == 1 ? units[i].one : units[i].many)) &&
		    v >= 1 && v <= units[i].most && s.data[0] != '0') {
			*out = (struct period){ v, units[i].unit };
			return true;
		}
	return false;
}

int
read_period(
    const struct node *up, const char *key, struct period *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n) || period_is(&n, out))
		return 0;
	return node_refuse(&n, e,
	    "must be a period: \"30 days\", \"18 months\", \"1 year\" (at "
	    "most 100 years) or \"ever\"");
}

int
date_of(const struct draft *d, const struct node *n, bool end, int64_t *out,
    struct err *e)
{
	int year = 0, month = 0, day = 0;
	struct str s;

	if (node_str(n, &s) == -1 ||
	    !date_parse(
	        arena_memdup(d->arena, s.data, s.len), &year, &month, &day) ||
	    year < 1971)
		return node_refuse(
		    n, e, "must be a date from 1971 on, like \"2026-12-31\"");
	*out = calendar_midnight(d->p.zone, year, month, day + (end ? 1 : 0));
	return 0;
}
