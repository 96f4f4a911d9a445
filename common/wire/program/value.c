/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "core/calendar.h"
#include "core/fact.h"
#include "wire/program/internal.h"

/* An amount above 0. */
static const int64_t money_bounds[2] = { 1, MONEY_MAX };
const int64_t days_bounds[2] = { 0, PENDING_DAYS_MAX };

/* ---- ids ----------------------------------------------------------------- */

static const char *
ref_noun(enum ref ref)
{
	static const char *const nouns[] = {
		[REF_WALLET] = "wallet",
		[REF_RULE] = "rule",
		[REF_LEVEL] = "tier",
		[REF_MEMBERSHIP] = "membership",
		[REF_CHARITY] = "charity",
		[REF_CONSENT] = "consent",
	};

	return nouns[ref];
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

/* Returns the index of the thing (wallet, rule, ...) with this id, or NONE. */
static size_t
ref_find(const struct draft *d, enum ref ref, const char *id)
{
	size_t i = NONE;

	switch (ref) {
	case REF_WALLET:
		/* No rule can name the wallet of the charities: rules give to
		 * it by the key "donate". */
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
ref_of(struct draft *d, const struct node *n, enum ref ref, size_t *out)
{
	const char *id;
	size_t i;

	if (id_of(d, n, &id) == -1)
		return -1;
	i = ref_find(d, ref, id);
	if (i == NONE && d->has_ids)
		node_refuse(
		    n, "is no %s of this file: \"%s\"", ref_noun(ref), id);
	if (i == NONE)
		return -1;
	*out = i;
	return 0;
}

int
ref_read(struct draft *d, const struct node *up, const char *key, enum ref ref,
    size_t *out)
{
	struct node n;

	return node_get(up, key, &n) ? ref_of(d, &n, ref, out) : 0;
}

int
refs_read(struct draft *d, const struct node *up, const char *key, enum ref ref,
    struct words *out)
{
	struct words w;
	struct node n;
	int rc = 0;

	if (!node_get(up, key, &n))
		return 0;
	if (words_of(d, &n, &w) == -1)
		return -1;
	for (size_t i = 0; i < w.n; i++) {
		struct node item = node_item(&n, i);
		size_t found;

		rc |= ref_of(d, &item, ref, &found);
	}
	if (rc == 0)
		*out = w;
	return rc;
}

/* ---- texts --------------------------------------------------------------- */

int
id_of(struct draft *d, const struct node *n, const char **out)
{
	return node_text_new(n, d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX, out);
}

int
text_of(struct draft *d, const struct node *n, const char **out)
{
	return node_text_new(n, d->arena, NULL, FACT_TEXT_MAX + 1, out);
}

int
words_of(struct draft *d, const struct node *n, struct words *out)
{
	struct words w, before;
	int rc = 0;

	if (node_words(n, d->arena, 1, WORDS_MAX, &w) == -1)
		return -1;
	before = w;
	for (size_t i = 0; i < w.n; i++) {
		struct node item = node_item(n, i);

		before.n = i;
		if (words_have(&before, w.list[i]))
			rc = node_refuse(&item, "is said twice");
	}
	if (rc == 0)
		*out = w;
	return rc;
}

int
words_read(
    struct draft *d, const struct node *up, const char *key, struct words *out)
{
	struct node n;

	return node_get(up, key, &n) ? words_of(d, &n, out) : 0;
}

/* ---- names --------------------------------------------------------------- */

static int
forms_of(struct draft *d, const struct node *n, struct name *out)
{
	static const char *const keys[] = { "one", "few", "many", "other",
		NULL };
	struct str s;
	struct node other;

	if (node_str(n, &s))
		return text_of(d, n, &out->other);
	if (node_check_object(n, keys) == -1)
		return -1;
	node_text_in(n, "one", d->arena, &out->one);
	node_text_in(n, "few", d->arena, &out->few);
	node_text_in(n, "many", d->arena, &out->many);
	if (node_need(n, "other", "the form that always does", &other) == -1)
		return -1;
	return text_of(d, &other, &out->other);
}

static bool
is_language(const char *s)
{
	return strlen(s) == 2 && strspn(s, "abcdefghijklmnopqrstuvwxyz") == 2;
}

int
names_read(struct draft *d, const struct node *up, struct names *out)
{
	struct name list[NAMES_MAX] = { 0 };
	struct node n, it = { 0 };
	size_t count = 0;

	if (!node_get(up, "names", &n))
		return 0;
	if (node_check_object(&n, NULL) == -1)
		return -1;
	for (; node_each(&n, &it) && count < NAMES_MAX; count++) {
		if (!is_language(it.key))
			node_refuse(
			    &it, "is no language: two letters, like \"en\"");
		list[count].language = arena_strdup(d->arena, it.key);
		forms_of(d, &it, &list[count]);
	}
	if (it.value == NULL)
		return node_refuse(&n, "says nothing");
	if (it.nth == NAMES_MAX)
		return node_refuse(
		    &it, "is too much: at most %d languages", NAMES_MAX);
	*out = (struct names){ (void *)arena_memdup(
		                   d->arena, list, count * sizeof(*list)),
		count };
	return 0;
}

/* ---- numbers as text ----------------------------------------------------- */

int
minor_read(
    const struct draft *d, const struct node *up, const char *key, int64_t *out)
{
	struct node n;

	return node_get(up, key, &n)
	           ? node_money(&n, d->p.exponent, money_bounds, out)
	           : 0;
}

int
units_of(const struct draft *d, const struct node *n, size_t wallet,
    int64_t least, int64_t *out)
{
	const struct wallet *w = &d->p.wallets[wallet];
	const int64_t whole[2] = { least, RATE_MAX };
	const int64_t money[2] = { least, MONEY_MAX };
	struct str s;

	if (w->unit == 0)
		return -1;
	if (w->unit == UNIT_MONEY) {
		if (node_money(n, d->p.exponent, money, out) == -1)
			return -1;
		*out *= MILLI;
		return 0;
	}
	if (node_str(n, &s))
		return node_refuse(n,
		    "must be a whole number: the wallet \"%s\" is not money",
		    w->id);
	return node_int(n, whole, out);
}

int
units_read(const struct draft *d, const struct node *up, const char *key,
    size_t wallet, int64_t *out)
{
	struct node n;

	return node_get(up, key, &n) ? units_of(d, &n, wallet, 1, out) : 0;
}

/* ---- times --------------------------------------------------------------- */

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

	if (!node_str(n, &s))
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
period_read(const struct node *up, const char *key, struct period *out)
{
	struct node n;

	if (!node_get(up, key, &n) || period_is(&n, out))
		return 0;
	return node_refuse(&n,
	    "must be a period: \"30 days\", \"18 months\", \"1 year\" (at "
	    "most 100 years) or \"ever\"");
}

int
date_of(const struct draft *d, const struct node *n, bool end, int64_t *out)
{
	static const char
	    form[] = "must be a date from 1971 on, like \"2026-12-31\"";
	int year = 0, month = 0, day = 0;
	struct str s = { 0 };

	if (!node_str(n, &s) || !calendar_parse(s.data, &year, &month, &day))
		return node_refuse(n, "%s", date_fault(s, form));
	if (year < 1971)
		return node_refuse(n, "%s", form);
	*out = calendar_midnight(d->p.zone, year, month, day + (end ? 1 : 0));
	return 0;
}
