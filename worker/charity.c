/* SPDX-License-Identifier: MIT */
/* loyald charity: shows how much the stores owe to charities, and records
 * payments to charities. */
#include <stdio.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "ledger/charities.h"
#include "operation.h"

static void
print_json(struct arena *a, const struct charity_row *list, size_t n)
{
	struct jsonw w;

	jsonw_begin_list(&w);
	for (size_t i = 0; i < n; i++) {
		const struct charity_row *c = &list[i];

		jsonw_object(&w, NULL);
		jsonw_text(&w, "charity", c->charity);
		jsonw_text(&w, "owed", units_text(a, &c->wallet, c->owed));
		jsonw_text(&w, "paid", units_text(a, &c->wallet, c->paid));
		jsonw_int(&w, "to_be_posted", c->open);
		jsonw_object_end(&w);
	}
	jsonw_end(&w, stdout);
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
charity_list(struct tool_call *call)
{
	struct charity_row *list;
	int64_t store_id = 0;
	bool json = false;
	const struct option_spec options[] = {
		OPTION_STORE(&store_id),
		OPTION_JSON(&json),
		{ 0 },
	};
	struct operation op;
	struct err e;
	size_t n;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (operation_store(&op, store_id, &e) == NULL ||
	    charities_list(op.pg, &op.arena, store_id, &list, &n, &e) == -1)
		return operation_end(&op, &e);
	if (json)
		print_json(&op.arena, list, n);
	else
		print_table(&op.arena, list, n);
	return operation_end(&op, NULL);
}

static int
charity_payout(struct tool_call *call)
{
	const char *charity = NULL, *by = getenv("USER");
	int64_t store_id = 0, when = clock_now();
	const struct option_spec options[] = {
		OPTION_STORE(&store_id),
		{ "--charity", "CHARITY",
		    "the charity, as its program calls it", .text = &charity,
		    .required = true },
		OPTION_BY(&by),
		{ "--at", "INSTANT",
		    "when it was paid; what it is owed since then stays owed",
		    .instant = &when, .preset = "now" },
		{ 0 },
	};
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (operation_store(&op, store_id, &e) == NULL ||
	    charity_pay(op.pg, &op.arena,
	        &(struct charity_payment){ .store_id = store_id,
	            .charity = charity,
	            .at = when,
	            .by = by != NULL ? by : "operator" },
	        &e) == -1)
		return operation_end(&op, &e);
	printf("charity %s was paid all it was owed; loyald schedule posts "
	       "it\n",
	    charity);
	return operation_end(&op, NULL);
}

int
cmd_charity(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "list", charity_list,
		    "list what charities are owed and were paid",
		    .needs = NEEDS_DATABASE },
		{ "payout", charity_payout,
		    "write down that a charity was paid all it is owed",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}
