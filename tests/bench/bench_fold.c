/* SPDX-License-Identifier: MIT */
/*
 * bench_fold: measures the CPU microseconds of fold() for an order: with a
 * plain program, and with a program of 200 rules that have conditions,
 * filters, multipliers and limits; with orders of 1 and of 100 lines; alone,
 * and after a year of other orders.  With tiers, for histories of 10 to 20,000
 * orders, a week apart, and all of them in one week.
 *
 * usage: bench_fold [ROUNDS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/log.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

enum {
	MANY_RULES = 200,
	MANY_LINES = 100,
	HISTORY = 50, /* orders in the year before */
	FILE_ROOM = 256 * 1024,
	ROUNDS = 500,
};

#define BEGIN (INT64_C(1735689600) * INSTANT_SECOND) /* 2025-01-01 */
#define WEEK  (7 * INSTANT_DAY)

/* Orders of as many lines each, at equal distances. */
struct shape {
	size_t norders, nlines;
	int64_t every; /* microseconds */
};

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Makes the program of a large shop: 200 rules by category, channel and
 * weekday, with limits. */
static const struct program *
many_rules(struct arena *a)
{
	struct program *p = arena_alloc(a, sizeof(*p));
	const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct buf file;
	struct err e;

	buf_init(&file, FILE_ROOM);
	buf_printf(&file,
	    "{\"name\":\"many\",\"multipliers\":[{\"id\":\"gold\",\"times\":"
	    "\"2\",\"when\":{\"tier\":[\"gold\"]}},{\"id\":\"monday\","
	    "\"times\":\"1.5\",\"when\":{\"weekday\":[\"mon\"]},\"lines\":{"
	    "\"category\":[\"c1\",\"c2\"]}}],\"tiers\":{\"levels\":[{\"id\":"
	    "\"gold\",\"from\":\"300.00\"}]},\"rules\":[");
	for (int i = 0; i < MANY_RULES; i++)
		buf_printf(&file,
		    "%s{\"id\":\"r%d\",\"on\":\"order\",\"give\":{\"points\":"
		    "%d,\"per\":\"1\"},\"base\":{\"lines\":{\"category\":["
		    "\"c%d\",\"x%d\"]},\"not_lines\":{\"on_sale\":true}},"
		    "\"when\":{\"channel\":[\"online\"],\"amount\":{\"from\":"
		    "\"%d.00\"}},\"limit\":{\"most\":5000,\"per\":\"month\"}}",
		    i > 0 ? "," : "", i, i % 5 + 1, i % 20, i, i % 40);
	buf_printf(&file, "]}");
	if (program_parse(
	        a, (struct str){ file.data, file.len }, &setting, p, &e) == -1)
		die("%s", e.msg);
	buf_fini(&file);
	return p;
}

static const struct program *
plain(struct arena *a)
{
	struct program *p = arena_alloc(a, sizeof(*p));
	const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct err e;

	if (program_parse(a,
	        STR("{\"name\":\"plain\",\"rules\":[{\"id\":\"order\",\"on\":"
	            "\"order\",\"give\":{\"points\":1}}]}"),
	        &setting, p, &e) == -1)
		die("%s", e.msg);
	return p;
}

/* Makes a program of tiers and vouchers over wallets that expire. */
static const struct program *
tiers(struct arena *a)
{
	struct program *p = arena_alloc(a, sizeof(*p));
	const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct err e;

	if (program_parse(a,
	        STR("{\"name\":\"tiers\",\"wallets\":{\"points\":{\"expires\":{"
	            "\"after\":\"18 months\"}},\"vouchers\":{\"unit\":"
	            "\"vouchers\"}},\"tiers\":{\"window\":\"12 months\","
	            "\"term\":\"12 months\",\"levels\":[{\"id\":\"gold\","
	            "\"from\":\"300.00\"}]},\"rules\":[{\"id\":\"order\",\"on\":"
	            "\"order\",\"give\":{\"points\":1}},{\"id\":\"voucher\","
	            "\"on\":\"balance\",\"take\":{\"wallet\":\"points\","
	            "\"each\":200},\"give\":{\"points\":1},\"to\":"
	            "\"vouchers\"}]}"),
	        &setting, p, &e) == -1)
		die("%s", e.msg);
	return p;
}

static void
order_of(struct arena *a, const struct program *p, struct fact *f, int64_t n,
    const struct shape *s)
{
	size_t nlines = s->nlines;
	struct order *o = arena_alloc(a, sizeof(*o));

	o->id = n;
	o->platform = PLATFORM_EVENTS;
	o->created_at = o->paid_at = o->modified_at = BEGIN + n * s->every;
	(void)snprintf(o->status, sizeof(o->status), "paid");
	(void)snprintf(o->currency, sizeof(o->currency), "EUR");
	o->channel = "online";
	o->nlines = nlines;
	o->lines = arena_array(a, nlines, sizeof(*o->lines));
	for (size_t i = 0; i < nlines; i++) {
		const char **words = arena_array(a, 2, sizeof(*words));

		words[0] = arena_printf(a, "c%zu", i % 20);
		words[1] = "everything";
		o->lines[i] = (struct order_line){
			.id = (int64_t)i + 1,
			.quantity = 1,
			.current = 1,
			.before = 1999,
			.net = 1999,
			.categories = { words, 2 },
		};
		o->total += 1999;
	}
	*f = (struct fact){
		.kind = FACT_ORDER,
		.at = o->created_at,
		.store_id = 1,
		.id = arena_printf(a, "%" PRId64, n),
		.program = p,
		.version_id = 1,
		.order = o,
	};
}

static void
measure(const char *name, const struct program *p, struct shape s, int rounds)
{
	const struct era era = { p, 1, 0 };
	struct arena facts, work;
	struct timeline t = { .eras = &era, .neras = 1, .store_id = 1 };
	struct fact *list;
	struct fold out;
	int64_t began, best = INT64_MAX;

	arena_init(&facts);
	arena_init(&work);
	list = arena_array(&facts, s.norders, sizeof(*list));
	for (size_t i = 0; i < s.norders; i++)
		order_of(&facts, p, &list[i], (int64_t)i + 1, &s);
	t.facts = list;
	t.nfacts = s.norders;
	t.now = list[s.norders - 1].at;
	for (int i = 0; i < rounds; i++) {
		began = cpu_ns();
		arena_reset(&work);
		fold(&work, &t, &out);
		if (cpu_ns() - began < best)
			best = cpu_ns() - began;
	}
	printf("%-8s %5zu rules %5zu lines %5zu orders %9.1f us a fold "
	       "%8.1f us an order\n",
	    name, p->nrules, s.nlines, s.norders, (double)best / 1e3,
	    (double)best / 1e3 / (double)s.norders);
	arena_fini(&work);
	arena_fini(&facts);
}

int
main(int argc, char *argv[])
{
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	struct arena a;
	static const size_t histories[] = { 10, 100, 1000, 10000, 20000 };
	const struct program *few, *many, *levels;

	arena_init(&a);
	few = plain(&a);
	many = many_rules(&a);
	levels = tiers(&a);
	measure("plain", few, (struct shape){ 1, 1, WEEK }, rounds);
	measure("plain", few, (struct shape){ 1, MANY_LINES, WEEK }, rounds);
	measure("plain", few, (struct shape){ HISTORY, 1, WEEK }, rounds);
	measure("many", many, (struct shape){ 1, 1, WEEK }, rounds);
	measure("many", many, (struct shape){ 1, MANY_LINES, WEEK }, rounds);
	measure("many", many, (struct shape){ HISTORY, MANY_LINES, WEEK },
	    rounds / 10 + 1);
	for (size_t i = 0; i < NITEMS(histories); i++)
		measure("tiers", levels,
		    (struct shape){ histories[i], 2, WEEK },
		    rounds / (int)histories[i] + 3);
	printf("all within one week:\n");
	measure("tiers", levels, (struct shape){ 20000, 2, WEEK / 20000 }, 3);
	arena_fini(&a);
	return 0;
}
