/* SPDX-License-Identifier: MIT */
/*
 * member: the facts about a member that change with events and time.
 *
 *  1. A member's attributes are those of the newest profile.  A date by which
 *     birthdays are kept cannot be changed again before the program's
 *     birthday_lock_days have passed.
 *  2. Each attribute with a birthday is rewarded once per calendar year,
 *     birthday_lead_days before the birthday.  If the date becomes known later
 *     than that, but before the birthday is over, the reward is given at once.
 *  3. A consent holds from when it was given until it is withdrawn or runs out.
 *  4. A member can choose one day, in the future, per year in the tier (per
 *     calendar year, if the member is in no tier).  The member can change the
 *     day until it begins.
 *  5. Tags, roles and companies are what the shops say of their customers.
 *     Each shop has its own tags, roles and companies, which hold from the time
 *     of the event that reports them.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

static struct attribute *
attribute_of(
    const struct run *r, struct attribute *list, size_t n, const char *name)
{
	steps_take(r->steps, n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* ---- 2. birthdays ------------------------------------------------------- */

/* The midnight that is `ahead` days before the birthday in a year. */
static int64_t
birthday_in(
    const struct program *p, int year, int month, int day, int64_t ahead)
{
	if (month == 2 && day == 29 && days_in_month(year, 2) == 28) {
		day = p->feb29 == FEB29_NEXT ? 1 : 28;
		month = p->feb29 == FEB29_NEXT ? 3 : 2;
	}
	return calendar_midnight(p->zone, year, month, day - (int)ahead);
}

static void
birthday_plan(struct run *r, struct birthday *b)
{
	const struct program *p = run_program(r);
	const struct attribute *a = attribute_of(
	    r, r->view.attributes, r->view.nattributes, b->attribute);
	int year, month, day;

	b->next_at = 0;
	if (a == NULL || !calendar_parse(a->value, &year, &month, &day))
		return;
	year = calendar_civil(p->zone, r->now).year;
	if (year <= b->year)
		year = b->year + 1;
	for (;; year++) {
		int64_t at = birthday_in(p, year, month, day, 0);

		if (calendar_day_end(p->zone, at) <= r->now)
			continue;
		at = birthday_in(p, year, month, day, p->birthday_lead_days);
		b->next_at = at > r->now ? at : r->now;
		b->next_year = year;
		return;
	}
}

/* Rewards a birthday.  The id of the reward contains the attribute's name.  For
 * the attribute "birthday" the name is left out, as in the ids of early
 * versions. */
static void
birthday_due(struct run *r, struct birthday *b)
{
	const char *year = run_number(r, b->next_year);
	const char *id = strcmp(b->attribute, BIRTHDAY) == 0
	                     ? run_text(r, (const char *const[]){ "birthday:",
	                                       year, NULL })
	                     : run_text(r, (const char *const[]){ "birthday:",
	                                       b->attribute, ":", year, NULL });

	b->year = b->next_year;
	(void)earn_tick(r, ON_BIRTHDAY, id, b->attribute);
	birthday_plan(r, b);
}

/* Finds the birthday that an attribute gives.  If there is none yet, adds one if
 * any version of the program takes that attribute for a birthday, or returns
 * NULL. */
static struct birthday *
birthday_of(struct run *r, const char *attribute)
{
	const struct timeline *t = r->timeline;
	bool is_kept = false;

	for (size_t i = 0; i < r->nbirthdays; i++)
		if (strcmp(r->birthdays[i].attribute, attribute) == 0)
			return &r->birthdays[i];
	for (size_t i = 0; i < t->neras; i++)
		is_kept |= program_has_birthday(t->eras[i].program, attribute);
	if (!is_kept)
		return NULL;
	r->birthdays = arena_grow(r->arena, r->birthdays, r->nbirthdays,
	    &r->birthdays_room, sizeof(*r->birthdays));
	r->birthdays[r->nbirthdays] = (struct birthday){
		.attribute = attribute
	};
	return &r->birthdays[r->nbirthdays++];
}

/* ---- 1. attributes ------------------------------------------------------- */

static bool
is_locked(const struct run *r, const struct program *p, const struct field *f)
{
	const struct attribute *a = attribute_of(
	    r, r->view.attributes, r->view.nattributes, f->name);

	return a != NULL && program_has_birthday(p, f->name) &&
	       strcmp(a->value, f->value) != 0 &&
	       r->now < a->at + p->birthday_lock_days * INSTANT_DAY;
}

static void
attribute_set(struct run *r, const char *name, const char *value)
{
	struct attribute *a = attribute_of(
	    r, r->view.attributes, r->view.nattributes, name);

	if (a == NULL) {
		r->view.attributes = arena_grow(r->arena, r->view.attributes,
		    r->view.nattributes, &r->attributes_room, sizeof(*a));
		a = &r->view.attributes[r->view.nattributes++];
		a->name = name;
	}
	a->value = value;
	a->at = r->now;
}

static const char *
profile(struct run *r, struct occurrence *o)
{
	const char *reason = NULL;

	for (size_t i = 0; i < o->fact->nfields; i++) {
		const struct field *f = &o->fact->fields[i];
		struct birthday *b;

		if (is_locked(r, o->program, f)) {
			reason = "birthday_locked";
			continue;
		}
		attribute_set(r, f->name, f->value);
		b = birthday_of(r, f->name);
		if (b != NULL)
			birthday_plan(r, b);
	}
	return reason;
}

/* ---- 3. consents --------------------------------------------------------- */

static const char *
consent(struct run *r, struct occurrence *o)
{
	const char *id = fact_field(o->fact, "consent");
	const char *withdrawn = fact_field(o->fact, "withdrawn");
	struct attribute *a;

	if (id == NULL)
		return "no_consent_named";
	a = attribute_of(r, r->view.consents, r->view.nconsents, id);
	if (withdrawn != NULL && strcmp(withdrawn, "true") == 0) {
		if (a != NULL)
			*a = r->view.consents[--r->view.nconsents];
		return NULL;
	}
	if (a == NULL) {
		r->view.consents = arena_grow(r->arena, r->view.consents,
		    r->view.nconsents, &r->consents_room, sizeof(*a));
		a = &r->view.consents[r->view.nconsents++];
		a->name = id;
	}
	a->at = r->now;
	return NULL;
}

/* ---- 4. the chosen day --------------------------------------------------- */

static const char *
choose_day(struct run *r, struct occurrence *o)
{
	const struct zone *z = o->program->zone;
	const char *text = fact_field(o->fact, "day");
	int64_t from, of = o->tier_year_from;
	int year, month, day;

	if (text == NULL || !calendar_parse(text, &year, &month, &day))
		return "no_date";
	from = calendar_midnight(z, year, month, day);
	if (of == 0)
		of = calendar_window(z, WINDOW_YEAR, r->now).from;
	if (from <= r->now || (r->chosen_from != 0 && r->chosen_year == of &&
	                          r->chosen_from <= r->now))
		return "day_began";
	r->chosen_from = from;
	r->chosen_year = of;
	r->view.chosen_day = text;
	return NULL;
}

/* ---- 5. what shops say of their customers -------------------------------- */

static bool
is_same_nocase(const char *a, const char *b)
{
	return pattern_matches_nocase(a, b) && pattern_matches_nocase(b, a);
}

static void
traits_drop(
    struct run *r, int64_t store_id, const char *name, const char *value)
{
	struct member_view *v = &r->view;
	size_t n = 0;

	steps_take(r->steps, v->ntraits * (value != NULL ? STEPS_TEXT : 1));
	for (size_t i = 0; i < v->ntraits; i++) {
		const struct trait *t = &v->traits[i];

		if (t->store_id != store_id || strcmp(t->name, name) != 0 ||
		    (value != NULL && !is_same_nocase(value, t->value)))
			v->traits[n++] = *t;
	}
	v->ntraits = n;
}

static void
trait_add(struct run *r, int64_t store_id, const char *name, const char *value)
{
	traits_drop(r, store_id, name, value);
	r->view.traits = arena_grow(r->arena, r->view.traits, r->view.ntraits,
	    &r->traits_room, sizeof(*r->view.traits));
	r->view.traits[r->view.ntraits++] = (struct trait){ store_id, name,
		value };
}

/* Stores what a shop says of its customer; false if the event says nothing of a
 * customer. */
static bool
customer(struct run *r, const struct fact *f)
{
	const struct trait_event *trait = trait_event(f->type);

	if (trait == NULL)
		return false;
	if (trait->all)
		traits_drop(r, f->store_id, trait->name, NULL);
	for (size_t i = 0; i < f->nfields; i++) {
		const char *value = f->fields[i].value;

		if (trait->gone)
			traits_drop(r, f->store_id, trait->name, value);
		else
			trait_add(r, f->store_id, trait->name, value);
	}
	return true;
}

/* ---- events -------------------------------------------------------------- */

static void
remember(struct run *r, const char *type)
{
	struct last_event *e;

	steps_take(r->steps, r->view.nevents);
	for (size_t i = 0; i < r->view.nevents; i++)
		if (strcmp(r->view.events[i].type, type) == 0) {
			r->view.events[i].at = r->now;
			return;
		}
	r->view.events = arena_grow(r->arena, r->view.events, r->view.nevents,
	    &r->events_room, sizeof(*e));
	e = &r->view.events[r->view.nevents++];
	e->type = type;
	e->at = r->now;
}

static const char *
enrolment(struct run *r, struct occurrence *)
{
	if (r->has_enrolled)
		return "already_enrolled";
	r->has_enrolled = true;
	r->enrolled_at = r->now;
	return NULL;
}

const char *
member_event(struct run *r, struct occurrence *o)
{
	static const struct {
		const char *type;
		const char *(*tell)(struct run *, struct occurrence *);
	} known[] = {
		{ "enrolment", enrolment },
		{ "profile", profile },
		{ "consent", consent },
		{ "chosen_day", choose_day },
		{ "membership_started", membership_started },
		{ "membership_payment", membership_paid },
		{ "membership_cancelled", membership_cancelled },
	};
	const char *type = o->fact->type;

	if (customer(r, o->fact))
		return NULL;
	if (strcmp(type, EVENT_UNDO) == 0)
		return "no_such_event";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const char *reason;

		if (strcmp(type, known[i].type) != 0)
			continue;
		reason = known[i].tell(r, o);
		if (reason != NULL)
			return reason;
	}
	remember(r, type);
	return NULL;
}

/* ---- what is due --------------------------------------------------------- */

int64_t
member_due_at(struct run *r)
{
	int64_t at = memberships_due_at(r);

	for (size_t i = 0; i < r->nbirthdays; i++) {
		int64_t next_at = r->birthdays[i].next_at;

		if (next_at != 0 && next_at < at)
			at = next_at;
	}
	return at;
}

void
member_due(struct run *r)
{
	memberships_due(r);
	for (size_t i = 0; i < r->nbirthdays; i++) {
		struct birthday *b = &r->birthdays[i];

		if (b->next_at != 0 && b->next_at <= r->now)
			birthday_due(r, b);
	}
}
