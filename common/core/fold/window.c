/* SPDX-License-Identifier: MIT */
/* window: where the windows of rules and limits begin, and the table of each
 * rule's sums. */
#include <string.h>

#include "core/fold/internal.h"

/* Finds the slot of a rule's window in a hash table: its own slot, or else a
 * free slot.  The table is never full. */
static struct rule_sums *
sums_slot(struct rule_sums *table, size_t room, const struct rule_sums *key)
{
	uint64_t h = hash_number(HASH_BEGIN, (uint64_t)key->from);
	size_t i = (size_t)hash_text(
	    hash_number(h, (uintptr_t)key->owner), key->rule);

	for (;; i++) {
		struct rule_sums *s = &table[i & (room - 1)];

		if (s->rule == NULL ||
		    (s->from == key->from && s->owner == key->owner &&
		        strcmp(s->rule, key->rule) == 0))
			return s;
	}
}

struct rule_sums *
window_sums(struct run *r, const char *rule, int64_t from, const void *owner)
{
	enum {
		FIRST = 16 /* a power of two */
	};
	const struct rule_sums key = {
		.rule = rule, .from = from, .owner = owner
	};
	struct rule_sums *slot;

	steps_take(r->steps, STEPS_LINK);
	if (r->nsums * 2 >= r->sums_room) {
		size_t room = r->sums_room == 0 ? FIRST : r->sums_room * 2;
		struct rule_sums *all = arena_array(
		    r->arena, room, sizeof(*all));

		for (size_t i = 0; i < r->sums_room; i++)
			if (r->sums[i].rule != NULL)
				*sums_slot(all, room, &r->sums[i]) = r->sums[i];
		r->sums = all;
		r->sums_room = room;
	}
	slot = sums_slot(r->sums, r->sums_room, &key);
	if (slot->rule == NULL) {
		*slot = key;
		r->nsums++;
	}
	return slot;
}

struct span
window_anniversary(struct run *r, int64_t since, int64_t at)
{
	const struct period year = { 1, UNIT_YEAR };
	const struct zone *z = run_zone(r);
	int64_t n = calendar_civil(z, at).year - calendar_civil(z, since).year;
	struct span w = { since, since };

	steps_take(r->steps, STEPS_DATE);
	/* Of the anniversaries only that of the year of `at` may be later than
	 * `at`. */
	if (n > 1)
		w.until = run_term(r, since, year, n - 1);
	for (n = n > 1 ? n : 1; w.until <= at; n++) {
		w.from = w.until;
		w.until = run_term(r, since, year, n);
	}
	return w;
}

int64_t
window_tier_year(struct run *r, int64_t at)
{
	struct known_window *k = &r->tier_year;

	if (r->tier_since == 0 || at < r->tier_since)
		return 0;
	if (k->zone != run_zone(r) || at < k->span.from || at >= k->span.until)
		*k = (struct known_window){ run_zone(r),
			window_anniversary(r, r->tier_since, at) };
	return k->span.from;
}

int64_t
window_from(struct run *r, enum window w, const struct occurrence *o)
{
	switch (w) {
	case WINDOW_LINE:
	case WINDOW_ORDER:
		return 0;
	case WINDOW_TIER_YEAR:
		return o->tier_year_from;
	case WINDOW_DAY:
	case WINDOW_MONTH:
	case WINDOW_QUARTER:
	case WINDOW_YEAR:
		return run_window(r, o->program->zone, w, o->at).from;
	case WINDOW_LIFETIME:
		break;
	}
	return INT64_MIN;
}

bool
rule_is_its_day(const struct rule *rule, const struct zone *z, int64_t at)
{
	struct civil c;

	if (rule->on != ON_DATE)
		return true;
	c = calendar_civil(z, at);
	return c.month == rule->month && c.day == rule->day;
}
