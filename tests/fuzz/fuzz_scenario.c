/* SPDX-License-Identifier: MIT */
/*
 * fuzz_scenario: checks that any tests in a program file are refused with a
 * line, a column and a sentence, or can be run.  A run must not report more
 * differences than there are expectations and refused steps.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/scenario_file.h"
#include "base/instant.h"
#include "wire/program/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

enum {
	OUT_MAX = 1024 * 1024,
	YEARS_MAX = 30, /* years of one test; a longer test runs slowly */
};

static void
check_refusal(const struct err *e)
{
	size_t line = 0, column = 0;

	CHECK(e->fault == FAULT_REJECT || e->fault == FAULT_NONE);
	CHECK(sscanf(e->msg, "line %zu, column %zu: ", &line, &column) == 2);
	CHECK(line >= 1 && column >= 1);
}

static void
check_orders(const struct step *s)
{
	const struct order *o = s->order;

	if (o == NULL)
		return;
	CHECK(o->nlines >= 1 && o->nlines <= LINES_MAX);
	CHECK(o->ntenders <= TENDERS_MAX);
	CHECK(o->created_at > 0 && o->created_at <= s->at);
	for (size_t i = 0; i < o->nrefunds; i++) {
		CHECK(o->refunds[i].share >= 0);
		CHECK(o->refunds[i].at <= s->at);
		for (size_t j = 0; j < o->refunds[i].nlines; j++)
			CHECK(o->refunds[i].lines[j].quantity >= 0);
	}
}

static size_t
expected(const struct step *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nexpects; i++) {
		CHECK(s->expects[i].kind >= EXPECT_AVAILABLE &&
		      s->expects[i].kind <= EXPECT_DISCOUNTS);
		n++;
	}
	/* A step that is refused gives one more difference.  If the test
	 * expects all entries, each unexpected entry gives one, too. */
	return s->all_entries ? SIZE_MAX : n + 1;
}

static void
check_scenario(const struct scenario *s)
{
	const struct step *last = &s->steps[s->nsteps - 1];
	size_t most = 0, n;
	struct buf out;

	CHECK(s->nsteps >= 1 && s->nsteps <= STEPS_MAX);
	for (size_t i = 0; i < s->nsteps; i++) {
		const struct step *x = &s->steps[i];
		size_t of = expected(x);

		CHECK(i == 0 || x->at >= s->steps[i - 1].at);
		CHECK(x->told_at >= x->at && x->member < s->nmembers);
		CHECK(x->repeat >= 1 && x->repeat <= REPEAT_MAX);
		check_orders(x);
		most = of > SIZE_MAX - most ? SIZE_MAX : most + of;
	}
	if (last->at - s->steps[0].at > YEARS_MAX * 365 * INSTANT_DAY)
		return;
	buf_init(&out, OUT_MAX);
	n = scenario_run(s, "file", &out);
	CHECK(n <= most);
	CHECK((n == 0) == (out.len == 0));
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_setting set = { .currency = "EUR", .exponent = 2 };
	struct str text = { (const char *)data, size };
	static const struct zones zones = { &zone_utc, 1 };
	struct scenario_file f;
	struct arena a;

	arena_init(&a);
	if (scenario_file_read(&a, text, &set, &zones, &f) == -1)
		for (size_t i = 0; i < f.faults.n; i++)
			check_refusal(&f.faults.of[i]);
	else
		for (size_t i = 0; i < f.tests.n; i++)
			check_scenario(&f.tests.list[i]);
	arena_fini(&a);
	return 0;
}
