/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "core/match.h"
#include "wire/program/program.h"
#include "wire/scenario/internal.h"

enum {
	DATE_LEN = 10, /* "2025-03-01" */
};

/* ---- when ------------------------------------------------------------------ */

/* The first instant of the local day at which the clock on the wall shows so
 * much or more. */
static int64_t
local_instant(const struct zone *z, const char *date, int64_t since_midnight)
{
	int year = 0, month = 0, day = 0;

	if (!date_parse(date, &year, &month, &day))
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
parse_instant(struct draft_test *t, const struct node *n, const char **said,
    int64_t *out, struct err *e)
{
	char date[DATE_LEN + 1] = "";
	struct str text;
	int64_t at = 0, utc = 0;

	if (scenario_text(t->arena, n, said, e) == -1)
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
		return node_refuse(n, e,
		    "must be a date or a time, like \"2025-03-01\" or "
		    "\"2025-03-01T10:30:00\"");
	*out = at;
	return 0;
}

static int
parse_at(
    struct draft_test *t, const struct node *up, struct step *s, struct err *e)
{
	struct node n;

	if (node_need(up, "at", "when it happens", &n, e) == -1 ||
	    parse_instant(t, &n, &s->at_text, &s->at, e) == -1)
		return -1;
	if (t->nsteps > 0 && s->at < t->steps[t->nsteps - 1].at)
		return node_refuse(&n, e, "is before the step above it");
	s->told_at = s->at;
	return 0;
}

/* Once it is known what the step is. */
static int
parse_arrives(
    struct draft_test *t, const struct node *up, struct step *s, struct err *e)
{
	struct node n;

	if (!node_get(up, "arrives", &n))
		return 0;
	if (s->order == NULL && s->fact.kind != FACT_EVENT)
		return node_refuse(&n, e,
		    "is of orders and events; what else happens is decided "
		    "when it is asked for");
	if (s->kind == STEP_QUOTE)
		return node_refuse(&n, e,
		    "is of what happens, and a quote "
		    "does not");
	if (parse_instant(t, &n, &s->at_text, &s->told_at, e) == -1)
		return -1;
	return s->told_at < s->at ? node_refuse(&n, e, "is before it happens")
	                          : 0;
}

/* ---- a step ------------------------------------------------------------------ */

typedef int step_reader(
    struct draft_test *, const struct node *, struct step *, struct err *);

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

static int
parse_what(
    struct draft_test *t, const struct node *up, struct step *s, struct err *e)
{
	const char *first = NULL;

	s->kind = STEP_WAIT;
	for (size_t i = 0; i < NITEMS(whats); i++) {
		struct node n;

		if (!node_get(up, whats[i].key, &n))
			continue;
		if (first != NULL)
			return node_refuse(&n, e,
			    "stands beside \"%s\"; a step is one thing", first);
		first = whats[i].key;
		if (whats[i].read(t, &n, s, e) == -1)
			return -1;
	}
	return 0;
}

static int
parse_step(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
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
	if (node_check_object(n, keys, e) == -1 || parse_at(t, n, s, e) == -1 ||
	    node_number(n, "repeat", bounds, &s->repeat, e) == -1)
		return -1;
	t->has_member = node_get(n, "member", &member);
	if (t->has_member &&
	    scenario_member(t, &member, true, &s->member, e) == -1)
		return -1;
	if (parse_what(t, n, s, e) == -1 || parse_arrives(t, n, s, e) == -1)
		return -1;
	if (node_get(n, "expect", &expect))
		return step_expect(t, &expect, s, e);
	if (s->kind == STEP_WAIT)
		return node_refuse(
		    n, e, "says neither what happens nor what is expected");
	return 0;
}

/* ---- the tests ----------------------------------------------------------------- */

/* The state that the readers of a file's tests share. */
struct draft_file {
	struct arena *arena;
	const struct node *root;
	const struct program *program;
	const struct zones *zones;
};

/* The store's start. */
static int
parse_start(const struct draft_file *f, const struct node *up,
    const struct program *p, int64_t *out, struct err *e)
{
	const char *date = NULL;
	struct node n;

	*out = 0;
	if (!node_get(up, "earn_from", &n))
		return 0;
	if (scenario_text(f->arena, &n, &date, e) == -1)
		return -1;
	if (strlen(date) == DATE_LEN)
		*out = local_instant(p->zone, date, 0);
	return *out > 0
	           ? 0
	           : node_refuse(&n, e, "must be a date, like \"2025-03-01\"");
}

/* The file as a store of this test would have it. */
static int
parse_store(const struct draft_file *f, const struct node *up,
    const struct program **out, struct err *e)
{
	const char *currency = f->program->currency, *name = NULL;
	struct program_setting set = { .zone = f->program->zone };
	struct node n = *up;
	struct program *p;

	if (scenario_text_in(f->arena, up, "currency", &currency, e) == -1 ||
	    scenario_text_in(f->arena, up, "zone", &name, e) == -1)
		return -1;
	set.currency = currency;
	set.exponent = currency_exponent(currency);
	if (set.exponent == -1) {
		(void)node_get(up, "currency", &n);
		return node_refuse(&n, e, "is no currency; one is \"EUR\"");
	}
	for (size_t i = 0; name != NULL && i < f->zones->n; i++)
		if (strcmp(f->zones->list[i].name, name) == 0)
			set.zone = &f->zones->list[i];
	if (name != NULL && strcmp(set.zone->name, name) != 0) {
		(void)node_get(up, "zone", &n);
		return node_refuse(
		    &n, e, "is no time zone; one is \"Europe/Berlin\"");
	}
	*out = f->program;
	if (name == NULL && strcmp(currency, f->program->currency) == 0)
		return 0;
	p = arena_alloc(f->arena, sizeof(*p));
	*out = p;
	return program_of(f->arena, f->root, &set, p, e);
}

static int
parse_test(const struct draft_file *f, const struct node *n,
    struct scenario *out, struct err *e)
{
	static const char *const keys[] = { "name", "currency", "zone",
		"earn_from", "steps", NULL };
	struct arena *a = f->arena;
	struct draft_test t = {
		.arena = a,
		.members = { "a" },
		.nmembers = 1,
	};
	struct node name, steps;
	bool expects = false;

	if (node_check_object(n, keys, e) == -1 ||
	    parse_store(f, n, &out->program, e) == -1 ||
	    node_need(n, "name", "what it shows", &name, e) == -1 ||
	    node_text_new(&name, a, NULL, SCENARIO_NAME_MAX, &out->name, e) ==
	        -1 ||
	    parse_start(f, n, out->program, &out->since, e) == -1 ||
	    node_need(n, "steps", "what happens", &steps, e) == -1 ||
	    node_check_list(&steps, 1, STEPS_MAX, e) == -1)
		return -1;
	t.program = t.first = out->program;
	t.steps = arena_array(a, node_count(&steps), sizeof(*t.steps));
	t.placed = arena_array(a, node_count(&steps), sizeof(*t.placed));
	for (size_t i = 0; i < node_count(&steps); i++) {
		struct node item = node_item(&steps, i);

		if (parse_step(&t, &item, &t.steps[i], e) == -1)
			return -1;
		expects |= t.steps[i].nexpects > 0 || t.steps[i].all_entries;
		t.nsteps++;
	}
	if (!expects)
		return node_refuse(
		    n, e, "expects nothing: no step of it has \"expect\"");
	out->line = node_line(n);
	out->steps = t.steps;
	out->nsteps = t.nsteps;
	out->nmembers = t.nmembers;
	return 0;
}

static int
parse_tests(const struct draft_file *f, const struct node *n,
    struct scenarios *out, struct err *e)
{
	struct scenario *list;

	if (node_check_list(n, 0, SCENARIOS_MAX, e) == -1)
		return -1;
	list = arena_array(f->arena, node_count(n), sizeof(*list));
	for (size_t i = 0; i < node_count(n); i++) {
		struct node item = node_item(n, i);

		if (parse_test(f, &item, &list[i], e) == -1)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (strcmp(list[j].name, list[i].name) == 0)
				return node_refuse(
				    &item, e, "has the name of tests[%zu]", j);
	}
	out->list = list;
	out->n = node_count(n);
	return 0;
}

void
scenarios_zones(struct arena *a, struct str file, struct words *out)
{
	const char **list;
	struct node n, tests, zone;
	struct err e;

	*out = (struct words){ .n = 0 };
	if (node_parse(file, &n, &e) == -1)
		return;
	if (node_get(&n, "tests", &tests) && node_is_list(&tests)) {
		list = arena_array(a, node_count(&tests), sizeof(*list));
		out->list = list;
		for (size_t i = 0; i < node_count(&tests); i++) {
			struct node test = node_item(&tests, i);
			struct str s;

			/* A zone that is no text is refused later. */
			if (node_get(&test, "zone", &zone) &&
			    node_str(&zone, &s) == 0)
				list[out->n++] = arena_strdup(a, s.data);
		}
	}
	node_free(&n);
}

int
scenarios_parse(struct arena *a, struct str file, const struct program *p,
    const struct zones *zones, struct scenarios *out, struct err *e)
{
	struct scenarios s = { .n = 0 };
	struct node n, tests;
	const struct draft_file f = {
		.arena = a, .root = &n, .program = p, .zones = zones
	};
	int rc = 0;

	if (node_parse(file, &n, e) == -1)
		return -1;
	if (node_get(&n, "tests", &tests))
		rc = parse_tests(&f, &tests, &s, e);
	node_free(&n);
	if (rc == 0)
		*out = s;
	return rc;
}

int
basket_parse(struct arena *a, struct str file, const struct program *p,
    int64_t now, struct step *out, struct err *e)
{
	struct draft_test t = {
		.arena = a, .program = p, .exponent = p->exponent
	};
	struct step s = { .at = now, .told_at = now, .repeat = 1 };
	struct node n;
	int rc;

	if (node_parse(file, &n, e) == -1)
		return -1;
	rc = step_quote(&t, &n, &s, e);
	node_free(&n);
	if (rc == 0)
		*out = s;
	return rc;
}
