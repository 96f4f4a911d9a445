/* SPDX-License-Identifier: MIT */
/*
 * The values that shops are told of a member: one table, which both platforms' calls are
 * made of.  deploy/README.md has the table for people.
 */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "wire/explain/explain.h"
#include "wire/shop/internal.h"
#include "wire/shop/profile.h"

enum {
	TOLD_MAX = 256 * 1024, /* bytes of the JSON of one member */
	DAY_TEXT_MAX = 48,
};

/* A member as the functions below write them. */
struct told {
	const struct push_item *item;
	const struct profile *profile;
	struct member_texts texts; /* in the first language */
	struct arena *arena;
	const char *languages[EXPLAIN_LANGUAGES_MAX];
	size_t nlanguages;
};

/* ---- values -------------------------------------------------------------- */

static void
put_text(struct jsonw *j, const char *key, const char *text)
{
	jsonw_text(j, key, text == NULL || *text == '\0' ? NULL : text);
}

/* Writes a day in the program's time zone, as "2026-12-31". */
static void
put_day(struct jsonw *j, const char *key, const struct told *t, int64_t at)
{
	const struct civil c = calendar_civil(t->item->program->zone, at);
	char text[DAY_TEXT_MAX];

	(void)snprintf(
	    text, sizeof(text), "%04d-%02d-%02d", c.year, c.month, c.day);
	jsonw_text(j, key, text);
}

/* Writes the last day before an instant; null if there is none. */
static void
put_last_day(
    struct jsonw *j, const char *key, const struct told *t, int64_t until)
{
	if (until == 0 || until == INSTANT_NEVER)
		jsonw_text(j, key, NULL);
	else
		put_day(j, key, t, until - 1);
}

/* Writes a number; null where there is nothing that it could tell of. */
static void
put_units(struct jsonw *j, const char *key, int64_t units)
{
	if (units > 0)
		jsonw_int(j, key, units);
	else
		jsonw_text(j, key, NULL);
}

/* ---- members of the table -------------------------------------------------- */

static void
available(struct jsonw *j, const char *key, const struct told *t)
{
	jsonw_int(j, key, t->item->available);
}

static void
pending(struct jsonw *j, const char *key, const struct told *t)
{
	jsonw_int(j, key, t->item->pending);
}

static void
debt(struct jsonw *j, const char *key, const struct told *t)
{
	jsonw_int(j, key, t->item->debt);
}

static void
version(struct jsonw *j, const char *key, const struct told *t)
{
	jsonw_int(j, key, t->item->version);
}

static void
pending_units(struct jsonw *j, const char *key, const struct told *t)
{
	put_units(j, key, t->profile->pending.units);
}

static void
pending_on(struct jsonw *j, const char *key, const struct told *t)
{
	if (t->profile->pending.units > 0)
		put_day(j, key, t, t->profile->pending.at);
	else
		jsonw_text(j, key, NULL);
}

static void
expiring_units(struct jsonw *j, const char *key, const struct told *t)
{
	put_units(j, key, t->profile->expiring.units);
}

static void
expiring_on(struct jsonw *j, const char *key, const struct told *t)
{
	put_last_day(j, key, t, t->profile->expiring.at);
}

static void
tier(struct jsonw *j, const char *key, const struct told *t)
{
	const struct level *l = t->profile->tier;

	put_text(j, key, l != NULL ? l->id : NULL);
}

static void
tier_until(struct jsonw *j, const char *key, const struct told *t)
{
	put_last_day(j, key, t, t->profile->tier_until);
}

static void
next_tier(struct jsonw *j, const char *key, const struct told *t)
{
	const struct level *l = t->profile->next;

	put_text(j, key, l != NULL ? l->id : NULL);
}

static void
next_tier_missing(struct jsonw *j, const char *key, const struct told *t)
{
	const struct program *p = t->profile->next != NULL ? t->item->program
	                                                   : NULL;
	bool milli = p != NULL && p->tiers.metric == METRIC_EARNED &&
	             p->wallets[p->tiers.wallet].unit == UNIT_MONEY;

	put_units(j, key,
	    milli ? (t->profile->missing + MILLI - 1) / MILLI
	          : t->profile->missing);
}

static void
memberships(struct jsonw *j, const char *key, const struct told *t)
{
	jsonw_array(j, key);
	for (size_t i = 0; i < t->profile->nmemberships; i++) {
		jsonw_object(j, NULL);
		jsonw_text(j, "id", t->profile->memberships[i].of->id);
		put_last_day(j, "until", t, t->profile->memberships[i].until);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
benefits(struct jsonw *j, const char *key, const struct told *t)
{
	jsonw_array(j, key);
	for (size_t i = 0; i < t->profile->nbenefits; i++)
		jsonw_text(j, NULL, t->profile->benefits[i]->id);
	jsonw_array_end(j);
}

static const struct {
	const char *key;
	size_t at; /* in struct member_texts */
} text_keys[] = {
	{ "balance", offsetof(struct member_texts, balance) },
	{ "pending", offsetof(struct member_texts, pending) },
	{ "expiring", offsetof(struct member_texts, expiring) },
	{ "tier", offsetof(struct member_texts, tier) },
	{ "next_tier", offsetof(struct member_texts, next_tier) },
};

static void
put_texts(struct jsonw *j, const char *key, const struct member_texts *x)
{
	jsonw_object(j, key);
	for (size_t i = 0; i < NITEMS(text_keys); i++)
		put_text(j, text_keys[i].key,
		    *(const char *const *)((const char *)x + text_keys[i].at));
	jsonw_object_end(j);
}

/* In the first language. */
static void
text(struct jsonw *j, const char *key, const struct told *t)
{
	put_texts(j, key, &t->texts);
}

/* In every language of the program, by the language. */
static void
texts(struct jsonw *j, const char *key, const struct told *t)
{
	struct member_texts x;

	jsonw_object(j, key);
	for (size_t i = 0; i < t->nlanguages; i++) {
		member_tell(t->arena, t->profile, t->item->available,
		    t->item->program, t->languages[i], &x);
		put_texts(j, t->languages[i], &x);
	}
	jsonw_object_end(j);
}

/* ---- the table ----------------------------------------------------------- */

const struct profile_field profile_fields[] = {
	{ "available", "points", "points that can be spent", available },
	{ "pending", "pending", "points that cannot be spent yet", pending },
	{ "debt", "debt", "points that are owed", debt },
	{ "version", "version", "grows with every change", version },
	{ "pending_units", "pending_units",
	    "how many of the pending ones can be spent next", pending_units },
	{ "pending_on", "pending_on", "from which day on", pending_on },
	{ "expiring_units", "expiring_units",
	    "how many of the available ones expire next", expiring_units },
	{ "expiring_on", "expiring_on", "the last day on which they are there",
	    expiring_on },
	{ "tier", "tier", "id of the tier", tier },
	{ "tier_until", "tier_until", "the last day of it", tier_until },
	{ "next_tier", "next_tier", "id of the next tier", next_tier },
	{ "next_tier_missing", "next_tier_missing",
	    "what is missing to it, in what the tiers count: orders, events, "
	    "points, or money in the smallest coin",
	    next_tier_missing },
	{ "memberships", "memberships",
	    "list of `id` and `until`, the last day that is paid for",
	    memberships },
	{ "benefits", "benefits", "list of the ids of those that hold",
	    benefits },
	{ "text", "text",
	    "what a page prints, in the program's first language: `balance` "
	    "(\"350 points\"), `pending`, `expiring`, `tier`, `next_tier` "
	    "(\"30 points more to Gold\")",
	    text },
	{ "texts", "texts",
	    "the same by language (`en`, `de`, `cs`), in each in which the "
	    "program names something",
	    texts },
	{ 0 },
};

static void
told_init(struct told *t, struct arena *a, const struct push_item *item)
{
	*t = (struct told){
		.item = item, .profile = item->profile, .arena = a
	};
	if (item->profile == NULL)
		return;
	t->nlanguages = program_languages(item->program, t->languages);
	member_tell(a, item->profile, item->available, item->program,
	    t->languages[0], &t->texts);
}

/* How many fields are told of an item: without a program the balance alone. */
static size_t
fields_of(const struct push_item *item)
{
	return item->profile != NULL ? NITEMS(profile_fields) - 1
	                             : PROFILE_BALANCE;
}

void
profile_object(struct arena *a, const struct push_item *item, struct buf *to)
{
	struct jsonw value, text_of;
	struct told t;
	struct buf b;

	told_init(&t, a, item);
	buf_init(&b, TOLD_MAX);
	jsonw_init(&value, &b);
	jsonw_object(&value, NULL);
	for (size_t i = 0; i < fields_of(item); i++)
		profile_fields[i].put(&value, profile_fields[i].key, &t);
	jsonw_object_end(&value);
	jsonw_init(&text_of, to);
	jsonw_str(&text_of, NULL, (struct str){ b.data, b.len });
	buf_fini(&b);
}

/* Writes a value as a text, since WooCommerce keeps texts: a number in digits,
 * null as "", a list or an object as its JSON. */
static void
put_as_text(struct buf *to, struct str json)
{
	struct jsonw j;

	if (json.len > 0 && json.data[0] == '"') {
		buf_add(to, json.data, json.len);
		return;
	}
	if (strcmp(json.data, "null") == 0)
		json.len = 0;
	jsonw_init(&j, to);
	jsonw_str(&j, NULL, json);
}

void
profile_meta(struct arena *a, const struct push_item *item, struct buf *to)
{
	struct told t;
	struct buf b;

	told_init(&t, a, item);
	buf_init(&b, TOLD_MAX);
	for (size_t i = 0; i < fields_of(item); i++) {
		struct jsonw j;

		buf_reset(&b);
		jsonw_init(&j, &b);
		profile_fields[i].put(&j, NULL, &t);
		buf_printf(to,
		    "%s{\"key\":\"loyalty_%s\",\"value\":", i > 0 ? "," : "",
		    profile_fields[i].meta);
		put_as_text(to, (struct str){ b.data, b.len });
		buf_puts(to, "}");
	}
	buf_fini(&b);
}
