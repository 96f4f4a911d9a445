/* SPDX-License-Identifier: MIT */
/* loyald charity: what charities are owed, and that they were paid. */
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "ledger/charities.h"
#include "ledger/desk.h"

enum {
	REPORT_MAX = 1024 * 1024 /* bytes of JSON */
};

static void
print_json(struct arena *a, const struct charity_row *list, size_t n)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, REPORT_MAX);
	jsonw_init(&w, &b);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		const struct charity_row *c = &list[i];

		jsonw_object(&w, NULL);
		jsonw_text(&w, "charity", c->charity);
		jsonw_text(&w, "owed", units_text(a, &c->wallet, c->owed));
		jsonw_text(&w, "paid", units_text(a, &c->wallet, c->paid));
		jsonw_int(&w, "to_be_posted", c->open);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_print(&w, stdout);
	buf_fini(&b);
}

static void
print_table(struct arena *a, const struct charity_row *list, size_t n)
{
	static const char *const names[] = { "CHARITY", "OWED", "PAID",
		"TO BE POSTED", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < n; i++) {
		const struct charity_row *c = &list[i];
		const char *const cells[] = { c->charity,
			units_text(a, &c->wallet, c->owed),
			units_text(a, &c->wallet, c->paid),
			cell_int(a, c->open) };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

static int
charity_list(int argc, char *argv[])
{
	struct charity_row *list;
	int64_t store_id = 0;
	bool json = false;
	const struct option_spec options[] = {
		{ "--store", "ID", .number = &store_id, .required = true },
		{ "--json", "", .flag = &json },
		{ 0 },
	};
	struct desk d;
	struct err e;
	size_t n;
	int status = desk_begin(&d, options, argc, argv, false);

	if (status != EXIT_STOPPED)
		return status;
	if (charities_list(d.pg, &d.arena, store_id, &list, &n, &e) == -1)
		return desk_end(&d, &e);
	if (json)
		print_json(&d.arena, list, n);
	else
		print_table(&d.arena, list, n);
	return desk_end(&d, NULL);
}

static int
charity_payout(int argc, char *argv[])
{
	const char *charity = NULL, *by = getenv("USER"), *at = NULL;
	int64_t store_id = 0, when = clock_now();
	const struct option_spec options[] = {
		{ "--store", "ID", .number = &store_id, .required = true },
		{ "--charity", "CHARITY", .text = &charity, .required = true },
		{ "--by", "NAME", .text = &by },
		{ "--at", "INSTANT", .text = &at },
		{ 0 },
	};
	struct config c;
	struct desk d;
	struct err e;
	int status = tool_read(&c, options, argc, argv, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	if (at != NULL && instant_parse(str_of(at), &when) == -1)
		return tool_usage("--at is a time like 2026-11-22T06:24:45Z");
	status = desk_open(&d, &c, false);
	if (status != EXIT_STOPPED)
		return status;
	if (charity_pay(d.pg, &d.arena, store_id, charity, when,
	        by != NULL ? by : "operator", &e) == -1)
		return desk_end(&d, &e);
	printf("charity %s was paid all it was owed; loyald schedule posts "
	       "it\n",
	    charity);
	return desk_end(&d, NULL);
}

int
cmd_charity(int argc, char *argv[])
{
	static const struct tool_verb verbs[] = {
		{ "list", charity_list, "what charities are owed and paid" },
		{ "payout", charity_payout, "one was paid all it is owed" },
		{ 0 },
	};

	log_init("charity", LOG_INFO);
	return tool_run(verbs, argc, argv);
}
