/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "core/calendar.h"
#include "wire/program/program.h"
#include "wire/scenario/internal.h"

enum {
	DATE_LEN = 10, /* "2025-03-01" */
};

/* ---- when ---------------------------------------------------------------- */

/* Returns the first instant of a local day at which the clock shows this time.
 * If the clock skips the time, returns the first instant after it. */
static int64_t
local_instant(const struct zone *z, const char *date, int64_t since_midnight)
{
	int year = 0, month = 0, day = 0;

	if (!calendar_parse(date, &year, &month, &day))
		return 0;
	return calendar_at(z, year, month, day, since_midnight);
}

static bool
has_zone(struct str s)
{
	if (s.data[s.len - 1] == 'Z')
		return true;
	for (size_t i = DATE_LEN; i < s.len; i++)
		if (s.data[i] == '+' || s.data[i] == '-')
			return true;
	return false;
}

static int
parse_instant(
    struct draft_test *t, const struct node *n, const char **said, int64_t *out)
{
	char date[DATE_LEN + 1] = "";
	struct str text;
	int64_t at = 0, utc = 0;

	if (scenario_text(t->arena, n, said) == -1)
		return -1;
	text = str_of(*said);
	if (text.len >= DATE_LEN)
		memcpy(date, text.data, DATE_LEN);
	if (text.len == DATE_LEN)
		at = local_instant(t->program->zone, date, 0);
	else if (instant_parse(text, &utc) == 0)
		at = has_zone(text) ? utc
		                    : local_instant(t->program->zone, date,
		                          utc % INSTANT_DAY);
	if (at <= 0)
		return node_refuse(n, "%s",
		    date_fault(text,
		        "must be a date or a time, like \"2025-03-01\" or "
		        "\"2025-03-01T10:30:00\""));
	*out = at;
	return 0;
}

static void
parse_at(struct draft_test *t, const struct node *up, struct step *s)
{
	struct node n;

	if (node_need(up, "at", "when it happens", &n) == -1 ||
	    parse_instant(t, &n, &s->at_text, &s->at) == -1)
		return;
	if (t->nsteps > 0 && s->at < t->steps[t->nsteps - 1].at)
		node_refuse(&n, "is before the step above it");
	s->told_at = s->at;
}

/* Reads "arrives", the time when the step becomes known.  The kind of the step
 * must have been read before. */
static void
parse_arrives(struct draft_test *t, const struct node *up, struct step *s)
{
	struct node n;

	if (!node_get(up, "arrives", &n))
		return;
	if (s->order == NULL && s->fact.kind != FACT_EVENT)
		node_refuse(&n,
		    "is of orders and events; what else happens is decided "
		    "when it is asked for");
	else if (s->kind == STEP_QUOTE)
		node_refuse(&n, "is of what happens, and a quote does not");
	else if (parse_instant(t, &n, &s->at_text, &s->told_at) == 0 &&
	         s->told_at < s->at)
		node_refuse(&n, "is before it happens");
}

/* ---- a step -------------------------------------------------------------- */

static const struct {
	const char *key;
	step_reader *read;
} whats[] = {
	{ "order", step_order },
	{ "refund", step_refund },
	{ "cancel", step_cancel },
	{ "event", step_event },
	{ "redeem", step_redeem },
	{ "capture", step_capture },
	{ "release", step_release },
	{ "adjust", step_adjust },
	{ "customer", step_customer },
	{ "undo", step_undo },
	{ "quote", step_quote },
	{ "merge", step_merge },
	{ "payout", step_payout },
	{ "program", step_program },
};

static void
parse_what(struct draft_test *t, const struct node *up, struct step *s)
{
	const char *first = NULL;

	s->kind = STEP_WAIT;
	for (size_t i = 0; i < NITEMS(whats); i++) {
		struct node n;

		if (!node_get(up, whats[i].key, &n))
			continue;
		if (first != NULL) {
			node_refuse(&n,
			    "stands beside \"%s\"; a step is one thing", first);
			continue;
		}
		first = whats[i].key;
		whats[i].read(t, &n, s);
	}
}

static void
parse_step(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "at", "arrives", "member", "repeat",
		"order", "refund", "cancel", "event", "redeem", "capture",
		"release", "adjust", "customer", "undo", "quote", "merge",
		"payout", "program", "expect", NULL };
	static const int64_t bounds[2] = { 1, REPEAT_MAX };
	struct node expect, member;

	t->exponent = t->program->exponent;
	s->repeat = 1;
	s->friend = NONE;
	s->line = node_line(n);
	if (node_check_object(n, keys) == -1)
		return;
	parse_at(t, n, s);
	node_number(n, "repeat", bounds, &s->repeat);
	t->has_member = node_get(n, "member", &member);
	if (t->has_member)
		scenario_member(t, &member, true, &s->member);
	parse_what(t, n, s);
	/* The expectations of a step that was refused cannot be judged. */
	if (node_is_wrong(n))
		return;
	parse_arrives(t, n, s);
	if (node_get(n, "expect", &expect))
		step_expect(t, &expect, s);
	else if (s->kind == STEP_WAIT)
		node_refuse(
		    n, "says neither what happens nor what is expected");
}

/* ---- the tests ----------------------------------------------------------- */

/* A file whose tests are being read. */
struct draft_file {
	struct arena *arena;
	const struct node *root;
	const struct program *program;
	const struct zones *zones;
	bool has_program; /* the program has no fault */
};

/* Reads "earn_from", the day from which the store of the test gives points. */
static void
parse_start(const struct draft_file *f, const struct node *up,
    const struct program *p, int64_t *out)
{
	const char *date = NULL;
	struct node n;

	if (!node_get(up, "earn_from", &n) ||
	    scenario_text(f->arena, &n, &date) == -1)
		return;
	if (strlen(date) == DATE_LEN)
		*out = local_instant(p->zone, date, 0);
	if (*out <= 0)
		node_refuse(&n, "%s",
		    date_fault(
		        str_of(date), "must be a date, like \"2025-03-01\""));
}

/* Reads the program again, for a store with the test's currency and zone. */
static int
parse_store(const struct draft_file *f, const struct node *up,
    const struct program **out)
{
	const char *currency = f->program->currency, *name = NULL;
	struct program_setting set = { .zone = f->program->zone };
	struct node n = *up;
	struct program *p;

	if (node_text_in(up, "currency", f->arena, &currency) == -1 ||
	    node_text_in(up, "zone", f->arena, &name) == -1)
		return -1;
	set.currency = currency;
	set.exponent = currency_exponent(currency);
	if (set.exponent == -1) {
		(void)node_get(up, "currency", &n);
		return node_refuse(&n, "is no currency; one is \"EUR\"");
	}
	for (size_t i = 0; name != NULL && i < f->zones->n; i++)
		if (strcmp(f->zones->list[i].name, name) == 0)
			set.zone = &f->zones->list[i];
	if (name != NULL && strcmp(set.zone->name, name) != 0) {
		(void)node_get(up, "zone", &n);
		return node_refuse(
		    &n, "is no time zone; one is \"Europe/Berlin\"");
	}
	if (!f->has_program ||
	    (name == NULL && strcmp(currency, f->program->currency) == 0))
		return 0;
	p = arena_alloc(f->arena, sizeof(*p));
	if (program_of(f->arena, f->root, &set, p) == -1)
		return -1;
	*out = p;
	return 0;
}

/* Reads the steps of a test; true if one of them expects something. */
static bool
parse_steps(struct draft_test *t, const struct node *steps)
{
	size_t n = node_count(steps);
	bool expects = false;

	t->steps = arena_array(t->arena, n, sizeof(*t->steps));
	t->placed = arena_array(t->arena, n, sizeof(*t->placed));
	while (t->nsteps < n) {
		struct node item = node_item(steps, t->nsteps);
		struct step *s = &t->steps[t->nsteps];

		parse_step(t, &item, s);
		expects |= s->nexpects > 0 || s->all_entries;
		t->has_all &= !node_is_wrong(&item);
		t->nsteps++;
	}
	return expects;
}

static void
parse_test(
    const struct draft_file *f, const struct node *n, struct scenario *out)
{
	static const char *const keys[] = { "name", "currency", "zone",
		"earn_from", "steps", NULL };
	struct draft_test t = {
		.arena = f->arena,
		.members = { "a" },
		.nmembers = 1,
		.has_all = f->has_program,
	};
	struct node name, steps;

	out->program = f->program;
	if (node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "name", "what it shows", &name) == 0)
		node_text_new(
		    &name, f->arena, NULL, SCENARIO_NAME_MAX, &out->name);
	if (parse_store(f, n, &out->program) == -1)
		return;
	parse_start(f, n, out->program, &out->since);
	if (node_need(n, "steps", "what happens", &steps) == -1 ||
	    node_check_list(&steps, 1, STEPS_MAX) == -1)
		return;
	t.program = t.first = out->program;
	if (!parse_steps(&t, &steps) && !node_is_wrong(n))
		node_refuse(n, "expects nothing: no step of it has \"expect\"");
	out->line = node_line(n);
	out->steps = t.steps;
	out->nsteps = t.nsteps;
	out->nmembers = t.nmembers;
}

static bool
is_name(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

int
scenarios_of(struct arena *a, const struct node *file, const struct program *p,
    const struct zones *zones, struct scenarios *out)
{
	const struct draft_file f = { .arena = a,
		.root = file,
		.program = p,
		.zones = zones,
		.has_program = !node_is_wrong(file) };
	size_t before = file->file->nrefused;
	struct scenario *list;
	struct node tests;

	*out = (struct scenarios){ .n = 0 };
	if (!node_get(file, "tests", &tests))
		return 0;
	if (node_check_list(&tests, 0, SCENARIOS_MAX) == -1)
		return -1;
	list = arena_array(a, node_count(&tests), sizeof(*list));
	*out = (struct scenarios){ list, node_count(&tests) };
	for (size_t i = 0; i < out->n; i++) {
		struct node item = node_item(&tests, i);

		parse_test(&f, &item, &list[i]);
		for (size_t j = 0; j < i; j++)
			if (is_name(list[j].name, list[i].name))
				node_refuse(
				    &item, "has the name of tests[%zu]", j);
	}
	return file->file->nrefused == before ? 0 : -1;
}

void
scenarios_zones(struct arena *a, const struct node *file, struct words *out)
{
	const char **list;
	struct node tests, zone;

	*out = (struct words){ .n = 0 };
	if (!node_get(file, "tests", &tests))
		return;
	list = arena_array(a, node_count(&tests), sizeof(*list));
	out->list = list;
	for (size_t i = 0; i < node_count(&tests); i++) {
		struct node test = node_item(&tests, i);
		struct str s;

		/* A value that is no text is refused later, when the test is
		 * read. */
		if (node_get(&test, "zone", &zone) && node_str(&zone, &s))
			list[out->n++] = arena_strdup(a, s.data);
	}
}

int
basket_parse(struct arena *a, struct str text, const struct program *p,
    int64_t now, struct step *out, struct err *e)
{
	struct draft_test t = { .arena = a,
		.program = p,
		.exponent = p->exponent,
		.has_all = true };
	struct step s = { .at = now, .told_at = now, .repeat = 1 };
	struct node_file file;
	struct node n;
	int rc = node_parse(text, &file, &n);

	if (rc == 0) {
		step_quote(&t, &n, &s);
		rc = node_is_wrong(&n) ? -1 : 0;
		node_free(&n);
	}
	if (rc == -1)
		*e = *faults_first(&file.faults);
	else
		*out = s;
	return rc;
}
