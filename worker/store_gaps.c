/* SPDX-License-Identifier: MIT */
/* loyald store gaps: prints the orders of a store that no webhook had told of. */
#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/reconcile.h"
#include "operation.h"

enum {
	LIST_MAX = 10000,
	LIST_PRESET = 50,
};

static void
print_json(const struct reconcile_state *s, const struct gap_list *l)
{
	struct jsonw w;

	jsonw_begin(&w);
	/* null: no process has asked the shop yet */
	jsonw_instant(&w, "reconciled_until", s->watermark);
	jsonw_instant(&w, "last_round_at", s->done_at);
	jsonw_instant(&w, "next_round_at", s->due_at);
	jsonw_text(&w, "last_error", s->last_error);
	jsonw_int(&w, "gaps", s->gaps);
	jsonw_array(&w, "list");
	for (size_t i = 0; i < l->n; i++) {
		jsonw_object(&w, NULL);
		jsonw_int(&w, "order_id", l->gaps[i].order_id);
		jsonw_text(&w, "what", gap_word(l->gaps[i].what));
		jsonw_instant(&w, "changed_at", l->gaps[i].changed_at);
		jsonw_instant(&w, "found_at", l->gaps[i].found_at);
		/* null: the ledger does not have the order yet */
		if (l->gaps[i].is_closed)
			jsonw_int(&w, "points", l->gaps[i].points);
		else
			jsonw_text(&w, "points", NULL);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_end(&w, stdout);
}

static void
print_table(struct arena *a, const struct gap_list *l)
{
	static const char *const names[] = { "ORDER", "MISSED", "CHANGED",
		"FOUND", "POINTS", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < l->n; i++) {
		const char *const cells[] = { cell_int(a, l->gaps[i].order_id),
			gap_word(l->gaps[i].what),
			cell_instant(a, l->gaps[i].changed_at),
			cell_instant(a, l->gaps[i].found_at),
			l->gaps[i].is_closed ? cell_int(a, l->gaps[i].points)
			                     : "not in the ledger yet" };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

static void
print_state(struct arena *a, const struct reconcile_state *s)
{
	if (!s->is_known) {
		printf("No loyald reconcile has asked the shop yet: is one "
		       "running, and has the store an API address and a "
		       "token?\n");
		return;
	}
	printf("The ledger has all orders that changed before %s, as far as "
	       "the shop says.\n%" PRId64 " %s missed by webhooks.\n",
	    cell_instant(a, s->watermark), s->gaps,
	    s->gaps == 1 ? "was" : "were");
	if (s->last_error != NULL)
		printf("The last round failed: %s; again at %s.\n",
		    s->last_error, cell_instant(a, s->due_at));
}

int
cmd_store_gaps(struct tool_call *call)
{
	struct gap_list l = { .max = LIST_PRESET };
	bool json = false;
	const struct option_spec options[] = {
		OPTION_STORE(&l.store_id),
		{ "--last", "NUMBER", "how many, the newest first",
		    .number = &l.max, .preset = "50" },
		OPTION_JSON(&json),
		{ 0 },
	};
	struct reconcile_state s;
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (l.max < 1 || l.max > LIST_MAX)
		l.max = LIST_MAX;
	if (operation_store(&op, l.store_id, &e) == NULL ||
	    reconcile_state(op.pg, &op.arena, l.store_id, &s, &e) == -1 ||
	    gaps_list(op.pg, &op.arena, &l, &e) == -1)
		return operation_end(&op, &e);
	if (json) {
		print_json(&s, &l);
	} else {
		print_state(&op.arena, &s);
		if (l.n > 0)
			print_table(&op.arena, &l);
	}
	return operation_end(&op, NULL);
}
