/* SPDX-License-Identifier: MIT */
/*
 * bench_steps: measures the CPU nanoseconds of one step of fold(), in long
 * histories of many kinds.  The more alike the results are, the better a limit
 * on steps also limits the time.
 *
 * usage: bench_steps [MILLION STEPS AT MOST]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/log.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

enum {
	FILE_ROOM = 512 * 1024,
	MILLIONS = 2000,
	VERSIONS = 1000,
};

#define BEGIN  (INT64_C(1577836800) * INSTANT_SECOND) /* 2020-01-01 */
#define HOURLY (INSTANT_DAY / 24)

/* A history of n similar orders or events. */
struct history {
	const char *name;
	const char *program; /* JSON without the outer { } */
	int rules;           /* the number of rules besides `program` */
	size_t n;
	int64_t every;    /* the time between two facts; 0: an hour */
	const char *type; /* the type of the events; NULL: orders */
	bool types;       /* no two events have the same field, or type */
	bool undo;        /* every second event undoes the event before it */
	size_t redeem;    /* 10: every tenth fact is a redemption; 0: none */
	size_t nlines, words;
	size_t nrefunds; /* refunds per order */
	/* Lines of each refund, one after the other; 0: all of the order's. */
	size_t refund_lines;
	int64_t share;        /* money of each refund beside its lines */
	int64_t refund_every; /* between refunds; 0: 40 days */
	size_t versions;      /* later versions of the program */
};

#define POINTS \
	"\"rules\":[{\"id\":\"order\",\"on\":\"order\",\"give\":{\"points\":1}"
#define LEVELS                                                               \
	"\"levels\":[{\"id\":\"a\",\"from\":\"10\"},{\"id\":\"b\",\"from\":" \
	"\"20\"},{\"id\":\"c\",\"from\":\"3000\"},{\"id\":\"d\",\"from\":"   \
	"\"9000\"}]}"

static const struct history histories[] = {
	{ .name = "plain", .program = POINTS "}]", .n = 20000 },
	{ .name = "plain, refunded",
	    .program = POINTS "}]",
	    .n = 10000,
	    .nrefunds = 1 },
	{ .name = "vests and expires",
	    .program = "\"pending_days\":14,\"wallets\":{\"points\":{"
	               "\"expires\":{\"after\":\"6 months\"}}}," POINTS "}]",
	    .n = 10000 },
	{ .name = "expires when inactive",
	    .program = "\"wallets\":{\"points\":{\"expires\":{\"inactive\":"
	               "\"6 months\"}}}," POINTS "}]",
	    .n = 5000,
	    .redeem = 2 },
	{ .name = "redeemed",
	    .program = POINTS "}]",
	    .n = 20000,
	    .redeem = 10 },
	{ .name = "tiers of a year",
	    .program = "\"tiers\":{\"window\":\"year\"," LEVELS "," POINTS "}]",
	    .n = 20000 },
	{ .name = "tiers that roll",
	    .program = "\"tiers\":{\"window\":\"12 months\",\"term\":\"12 "
	               "months\"," LEVELS "," POINTS "}]",
	    .n = 5000 },
	{ .name = "tiers while they last",
	    .program =
	        "\"tiers\":{\"window\":\"30 days\",\"term\":\"while\"," LEVELS
	        "," POINTS "}]",
	    .n = 5000 },
	{ .name = "tiers, refunded",
	    .program = "\"tiers\":{\"window\":\"lifetime\",\"term\":\"7 "
	               "days\"," LEVELS "," POINTS
	               "},{\"id\":\"t\",\"on\":\"tier\",\"give\":{\"points\":"
	               "5}}]",
	    .n = 3000,
	    .every = INSTANT_DAY,
	    .nrefunds = 1 },
	{ .name = "tiers by what was earned, split",
	    .program = "\"tiers\":{\"metric\":\"orders\",\"crossing\":"
	               "\"split\",\"levels\":[{\"id\":\"a\",\"from\":10},{"
	               "\"id\":\"b\",\"from\":300}]}," POINTS "}]",
	    .n = 10000 },
	{ .name = "sums of a lifetime",
	    .program = POINTS ",\"over\":\"lifetime\"}]",
	    .n = 20000 },
	{ .name = "sums of a lifetime, refunded",
	    .program = POINTS ",\"over\":\"lifetime\"}]",
	    .n = 3000,
	    .nrefunds = 2 },
	{ .name = "limits of days",
	    .program = POINTS ",\"limit\":[{\"most\":50,\"per\":\"day\"},{"
	                      "\"most\":50,\"per\":\"order\"}]}]",
	    .n = 10000,
	    .every = INSTANT_DAY },
	{ .name = "limit of a lifetime, refunded",
	    .program = POINTS ",\"limit\":{\"most\":500,\"per\":"
	                      "\"lifetime\"}}]",
	    .n = 3000,
	    .nrefunds = 2 },
	{ .name = "vouchers",
	    .program =
	        "\"wallets\":{\"points\":{},\"vouchers\":{\"unit\":"
	        "\"vouchers\",\"expires\":{\"after\":\"3 months\"}}}," POINTS
	        "},{\"id\":\"v\",\"on\":\"balance\",\"take\":{"
	        "\"wallet\":\"points\",\"each\":10},\"give\":{"
	        "\"points\":1},\"to\":\"vouchers\"}]",
	    .n = 5000 },
	{ .name = "vouchers, refunded",
	    .program = "\"wallets\":{\"points\":{},\"vouchers\":{\"unit\":"
	               "\"vouchers\"}}," POINTS
	               "},{\"id\":\"v\",\"on\":\"balance\",\"take\":{"
	               "\"wallet\":\"points\",\"each\":10},\"give\":{"
	               "\"points\":1},\"to\":\"vouchers\"}]",
	    .n = 2000,
	    .nrefunds = 1 },
	{ .name = "200 rules",
	    .program = POINTS "}",
	    .rules = 200,
	    .n = 300,
	    .nlines = 20,
	    .words = 2 },
	{ .name = "200 rules, one long order refunded",
	    .program = POINTS "}",
	    .rules = 200,
	    .n = 1,
	    .nlines = 2000,
	    .nrefunds = 2,
	    .words = 2 },
	/* As much as the README's limits allow. */
	{ .name = "256 rules, 2,000 lines, 1,000 refunds",
	    .program = POINTS "}",
	    .rules = RULES_MAX - 1,
	    .n = 1,
	    .nlines = LINES_MAX,
	    .nrefunds = REFUNDS_MAX,
	    .refund_lines = REFUND_LINES_MAX / REFUNDS_MAX,
	    .refund_every = HOURLY,
	    .words = 2 },
	{ .name = "the same, refunded in money",
	    .program = POINTS "}",
	    .rules = RULES_MAX - 1,
	    .n = 1,
	    .nlines = LINES_MAX,
	    .nrefunds = REFUNDS_MAX,
	    .refund_lines = REFUND_LINES_MAX / REFUNDS_MAX,
	    .refund_every = HOURLY,
	    .share = 500,
	    .words = 2 },
	{ .name = "lines of many words",
	    .program = POINTS "}",
	    .rules = 20,
	    .n = 100,
	    .nlines = 100,
	    .words = 250 },
	{ .name = "multipliers by lines, limits of lines",
	    .program = "\"multipliers\":[{\"id\":\"m\",\"times\":\"2\","
	               "\"lines\":{\"category\":[\"c1\"]}}]," POINTS
	               ",\"over\":\"line\",\"limit\":{\"most\":7,\"per\":"
	               "\"line\"}}]",
	    .n = 500,
	    .nlines = 50,
	    .nrefunds = 1,
	    .words = 2 },
	{ .name = "events",
	    .program = "\"rules\":[{\"id\":\"r\",\"on\":\"review\",\"give\":"
	               "{\"points\":1},\"limit\":{\"most\":9,\"per\":"
	               "\"day\"}}]",
	    .n = 20000,
	    .type = "review" },
	{ .name = "events of many types",
	    .program = "\"rules\":[{\"id\":\"r\",\"on\":\"review\",\"when\":"
	               "{\"since\":{\"event\":\"t9\",\"less_than\":\"9 "
	               "months\"}},\"give\":{\"points\":1}}]",
	    .n = 20000,
	    .type = "t",
	    .types = true },
	{ .name = "events undone",
	    .program = "\"rules\":[{\"id\":\"r\",\"on\":\"review\",\"give\":"
	               "{\"points\":1}}]",
	    .n = 20000,
	    .type = "review",
	    .undo = true },
	{ .name = "profiles",
	    .program = "\"rules\":[{\"id\":\"b\",\"on\":\"birthday\","
	               "\"give\":{\"points\":1}}]",
	    .n = 20000,
	    .type = "profile",
	    .types = true },
	{ .name = "tags",
	    .program = "\"multipliers\":[{\"id\":\"m\",\"times\":\"2\","
	               "\"when\":{\"customer\":{\"tag\":[\"x*\"]}}}]," POINTS
	               "}]",
	    .n = 10000,
	    .type = CUSTOMER_TAGS_ADDED,
	    .types = true },
	{ .name = "memberships",
	    .program = "\"memberships\":[{\"id\":\"m\",\"term\":\"1 month\"}]"
	               ",\"rules\":[{\"id\":\"mm\",\"on\":"
	               "\"membership_month\",\"give\":{\"points\":1}}]",
	    .n = 2000,
	    .type = "membership_payment" },
	{ .name = "every month and day",
	    .program = "\"rules\":[{\"id\":\"m\",\"on\":\"month\",\"give\":"
	               "{\"points\":1}},{\"id\":\"d\",\"on\":\"date\","
	               "\"date\":\"03-01\",\"give\":{\"points\":1}},{\"id\":"
	               "\"v\",\"on\":\"review\",\"give\":{\"points\":1}}]",
	    .n = 1000,
	    .every = 90 * INSTANT_DAY,
	    .type = "review" },
	{ .name = "a thousand versions",
	    .program = "\"tiers\":{\"window\":\"12 months\",\"term\":\"12 "
	               "months\"," LEVELS "," POINTS "}]",
	    .n = 500,
	    .versions = VERSIONS },
};

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static const struct program *
bench_program(struct arena *a, const struct history *h)
{
	struct program *p = arena_alloc(a, sizeof(*p));
	const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct buf file;
	struct err e;

	buf_init(&file, FILE_ROOM);
	buf_printf(&file, "{\"name\":\"bench\",%s", h->program);
	for (int i = 0; i < h->rules; i++)
		buf_printf(&file,
		    ",{\"id\":\"r%d\",\"on\":\"order\",\"give\":{\"points\":"
		    "%d},\"base\":{\"lines\":{\"category\":[\"c%d\",\"x%d\"]},"
		    "\"not_lines\":{\"on_sale\":true}},\"when\":{\"channel\":"
		    "[\"online\"],\"amount\":{\"from\":\"%d.00\"}},\"limit\":{"
		    "\"most\":5000,\"per\":\"month\"}}",
		    i, i % 5 + 1, i % 20, i, i % 40);
	buf_printf(&file, "%s}", h->rules > 0 ? "]" : "");
	if (program_parse(
	        a, (struct str){ file.data, file.len }, &setting, p, &e) == -1)
		die("%s: %s", h->name, e.msg);
	buf_fini(&file);
	return p;
}

static struct order_refund
refund_of(
    struct arena *a, const struct history *h, const struct order *o, size_t i)
{
	/* Refunds come after many later orders. */
	int64_t every = h->refund_every > 0 ? h->refund_every
	                                    : 40 * INSTANT_DAY;
	struct order_refund r = {
		.id = (int64_t)i + 1,
		.at = o->created_at + (int64_t)(i + 1) * every,
		.nlines = h->refund_lines > 0 ? h->refund_lines : o->nlines,
		.share = h->share,
	};

	r.lines = arena_array(a, r.nlines, sizeof(*r.lines));
	for (size_t j = 0; j < r.nlines; j++)
		r.lines[j] = (struct order_refund_line){
			.line_id = o->lines[(i * r.nlines + j) % o->nlines].id,
			.net = 100,
			.quantity = 0
		};
	return r;
}

static const struct order *
order_of(struct arena *a, const struct history *h, int64_t n, int64_t at)
{
	struct order *o = arena_alloc(a, sizeof(*o));

	o->id = n;
	o->platform = PLATFORM_EVENTS;
	o->created_at = o->paid_at = o->modified_at = at;
	(void)snprintf(o->status, sizeof(o->status), "paid");
	(void)snprintf(o->currency, sizeof(o->currency), "EUR");
	o->channel = "online";
	o->nlines = h->nlines > 0 ? h->nlines : 1;
	o->lines = arena_array(a, o->nlines, sizeof(*o->lines));
	for (size_t i = 0; i < o->nlines; i++) {
		const char **words = arena_array(
		    a, h->words + 1, sizeof(*words));

		for (size_t j = 0; j < h->words; j++)
			words[j] = arena_printf(a, "c%zu", (i + j) % 20);
		o->lines[i] = (struct order_line){
			.id = (int64_t)i + 1,
			.quantity = 1,
			.current = 1,
			.before = 1999,
			.net = 1999,
			.categories = { words, h->words },
		};
		o->total += 1999;
	}
	o->nrefunds = h->nrefunds;
	o->refunds = arena_array(a, o->nrefunds + 1, sizeof(*o->refunds));
	for (size_t i = 0; i < o->nrefunds; i++)
		o->refunds[i] = refund_of(a, h, o, i);
	return o;
}

static void
event_of(struct arena *a, const struct history *h, size_t i, struct fact *f)
{
	struct field *field = arena_alloc(a, sizeof(*field));

	f->kind = FACT_EVENT;
	f->count = 1;
	f->type = h->type;
	if (h->undo && i % 2 == 1) {
		f->type = EVENT_UNDO;
		f->of = arena_printf(a, "%zu", i - 1);
		return;
	}
	*field = (struct field){ "membership", "m" };
	if (h->types)
		*field = (struct field){ arena_printf(a, "n%zu", i),
			arena_printf(a, "v%zu", i) };
	if (h->types && h->type[0] == 't')
		f->type = arena_printf(a, "t%zu", i);
	f->fields = field;
	f->nfields = 1;
}

static const struct fact *
facts_of(struct arena *a, const struct history *h, const struct program *p)
{
	struct fact *list = arena_array(a, h->n, sizeof(*list));
	int64_t every = h->every > 0 ? h->every : HOURLY;

	for (size_t i = 0; i < h->n; i++) {
		struct fact *f = &list[i];

		f->at = BEGIN + (int64_t)i * every;
		f->store_id = 1;
		f->id = arena_printf(a, "%zu", i);
		f->program = p;
		f->version_id = 1;
		if (h->redeem > 0 && i % h->redeem == h->redeem - 1) {
			f->kind = FACT_REDEEM;
			f->wallet = "points";
			f->units = 10 * (int64_t)(h->redeem - 1);
		} else if (h->type != NULL) {
			event_of(a, h, i, f);
		} else {
			f->kind = FACT_ORDER;
			f->order = order_of(a, h, (int64_t)i, f->at);
		}
	}
	return list;
}

static void
measure(const struct history *h, int64_t steps_most)
{
	size_t neras = 1 + h->versions;
	struct arena facts, work;
	struct era *eras;
	struct timeline t = { .store_id = 1, .steps_most = steps_most };
	const struct program *p;
	struct fold out;
	int64_t began, ns;

	arena_init(&facts);
	arena_init(&work);
	p = bench_program(&facts, h);
	t.eras = eras = arena_array(&facts, neras, sizeof(*eras));
	t.neras = neras;
	t.facts = facts_of(&facts, h, p);
	t.nfacts = h->n;
	t.now = t.facts[h->n - 1].at + 100 * INSTANT_DAY;
	for (size_t i = 0; i < neras; i++)
		eras[i] = (struct era){ p, (int32_t)i + 1,
			i == 0 ? 0 : t.now - (int64_t)(neras - i) };
	began = cpu_ns();
	fold(&work, &t, &out);
	ns = cpu_ns() - began;
	printf("%-38s %6zu things %9.3f s %8.1f million steps %6.2f ns a step"
	       "%s\n",
	    h->name, h->n, (double)ns / 1e9, (double)out.steps / 1e6,
	    (double)ns / (double)out.steps, out.is_cut ? ", cut" : "");
	arena_fini(&work);
	arena_fini(&facts);
}

int
main(int argc, char *argv[])
{
	int64_t millions = argc > 1 ? atoi(argv[1]) : MILLIONS;

	for (size_t i = 0; i < NITEMS(histories); i++)
		measure(&histories[i], millions * 1000000);
	return 0;
}
