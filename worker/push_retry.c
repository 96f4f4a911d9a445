/* SPDX-License-Identifier: MIT */
/* loyald push retry: has push send at once what waits after a failure, or was
 * refused. */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/outbox.h"
#include "operation.h"

static int
retry(struct operation *op, const struct store *s, size_t *n, struct err *e)
{
	const struct outbox_wake wake = { s->tenant_id, s->store_id, true };

	if (pg_begin(op->pg, e) == -1)
		return -1;
	return pg_end(
	    op->pg, outbox_wake(op->pg, &op->arena, &wake, n, e) == 0, e);
}

/* With store_id 0, of all stores. */
static int
retry_all(struct operation *op, int64_t store_id, struct err *e)
{
	struct store *stores;
	size_t n, rows;

	if (stores_load(op->pg, &op->arena, NULL, &stores, &n, e) == -1 ||
	    (store_id != 0 && stores_need(stores, n, store_id, e) == NULL))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (store_id != 0 && stores[i].store_id != store_id)
			continue;
		if (retry(op, &stores[i], &rows, e) == -1)
			return -1;
		printf("store %" PRId64 ": %zu that had failed, and what else "
		       "waits, is due now\n",
		    stores[i].store_id, rows);
	}
	return 0;
}

int
cmd_push_retry(struct tool_call *call)
{
	int64_t store_id = 0;
	const struct option_spec options[] = {
		{ "--store", "ID", "number of the store: loyald store list",
		    .number = &store_id, .preset = "all stores" },
		{ 0 },
	};
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (retry_all(&op, store_id, &e) == -1)
		return operation_end(&op, &e);
	return operation_end(&op, NULL);
}
