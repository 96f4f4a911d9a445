/* SPDX-License-Identifier: MIT */
/* tick: triggers of the calendar.  Months, quarters, years and dates begin at
 * local midnight.  At that moment the program in effect says which rules
 * run. */
#include "base/instant.h"
#include "core/fold/internal.h"

static const struct tick {
	enum trigger on;
	enum window window;
	const char *kind;
} kinds[] = {
	{ ON_MONTH, WINDOW_MONTH, "month:" },
	{ ON_QUARTER, WINDOW_QUARTER, "quarter:" },
	{ ON_YEAR, WINDOW_YEAR, "year:" },
};

enum {
	NKINDS = sizeof(kinds) / sizeof(kinds[0])
};

bool
ticks_have(const struct run *r, enum trigger on)
{
	const struct program *p = run_program(r);

	steps_take(r->steps, p->nrules);
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].on == on)
			return true;
	return false;
}

/* The next midnight at which this date of the year begins. */
static int64_t
next_date(const struct run *r, int month, int day)
{
	int year = calendar_civil(run_zone(r), r->now).year;
	int64_t at = calendar_midnight(run_zone(r), year, month, day);

	return at > r->now
	           ? at
	           : calendar_midnight(run_zone(r), year + 1, month, day);
}

/* When the next version of the program, whose rules may be for other dates,
 * comes into effect. */
static int64_t
next_era(const struct run *r)
{
	const struct timeline *t = r->timeline;

	if (t->eras[r->era].from > r->now)
		return t->eras[r->era].from;
	return r->era + 1 < t->neras ? t->eras[r->era + 1].from : INSTANT_NEVER;
}

int64_t
ticks_due_at(struct run *r)
{
	const struct program *p = run_program(r);
	int64_t at = next_era(r), x;

	for (size_t i = 0; i < NKINDS; i++) {
		if (!ticks_have(r, kinds[i].on))
			continue;
		x = run_window(r, run_zone(r), kinds[i].window, r->now).until;
		if (x < at)
			at = x;
	}
	steps_take(r->steps, p->nrules);
	for (size_t i = 0; i < p->nrules; i++) {
		if (p->rules[i].on != ON_DATE)
			continue;
		steps_take(r->steps, STEPS_DATE);
		x = next_date(r, p->rules[i].month, p->rules[i].day);
		if (x < at)
			at = x;
	}
	return at;
}

static void
tick(struct run *r, enum trigger on, const char *kind)
{
	const char *id = run_text(
	    r, (const char *const[]){ kind, run_date(r, r->now), NULL });

	takes_run(r, on, earn_tick(r, on, id, NULL));
}

void
ticks_due(struct run *r)
{
	const struct zone *z = run_zone(r);

	/* If several things are due at one instant, ticks_due() is called
	 * several times for it. */
	if (r->ticked_at == r->now ||
	    r->now != run_window(r, z, WINDOW_DAY, r->now).from)
		return;
	r->ticked_at = r->now;
	for (size_t i = 0; i < NKINDS; i++)
		if (ticks_have(r, kinds[i].on) &&
		    run_window(r, z, kinds[i].window, r->now).from == r->now)
			tick(r, kinds[i].on, kinds[i].kind);
	if (ticks_have(r, ON_DATE))
		tick(r, ON_DATE, "date:");
}
