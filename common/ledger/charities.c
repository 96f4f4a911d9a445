/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "ledger/charities.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

int
charities_list(struct pg *pg, struct arena *a, int64_t store_id,
    struct charity_row **out, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct charity_row *list;

	pg_bigint(&p, store_id);
	if (pg_ask(pg, SQL_CHARITY_LIST, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n + 1, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct charity_row){
			.charity = rows_text(a, &rows, i, 0),
			.wallet = {
				.unit = (enum wallet_unit)pg_get_bigint(
				    &rows, i, 1),
				.exponent = (int)pg_get_bigint(&rows, i, 2),
			},
			.owed = pg_get_bigint(&rows, i, 3),
			.paid = pg_get_bigint(&rows, i, 4),
			.open = pg_get_bigint(&rows, i, 5),
		};
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

/* Always fails with REJECT, and says why the charity cannot be paid now. */
static int
why_not(struct pg *pg, struct arena *a, int64_t store_id, const char *charity,
    struct err *e)
{
	struct charity_row *list;
	size_t n;

	if (charities_list(pg, a, store_id, &list, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].charity, charity) != 0)
			continue;
		if (list[i].open > 0)
			return err_set(e, FAULT_REJECT,
			    "the last payout to charity %s is still to be "
			    "posted by loyald schedule: nothing is changed",
			    charity);
		return err_set(e, FAULT_REJECT,
		    "charity %s was owed nothing by then: nothing is changed",
		    charity);
	}
	return err_set(e, FAULT_REJECT,
	    "store %" PRId64 " has given nothing to a charity %s: loyald "
	    "charity list says to whom it has",
	    store_id, charity);
}

int
charity_pay(struct pg *pg, struct arena *a, const struct charity_payment *paid,
    struct err *e)
{
	struct pg_params p = { .arena = a };
	size_t done;

	pg_bigint(&p, paid->store_id);
	pg_text(&p, paid->charity);
	pg_instant(&p, paid->at);
	pg_text(&p, paid->by);
	if (pg_ask_count(pg, SQL_PAYOUT_ADD, &p, &done, e) == -1)
		return -1;
	return done > 0 ? 0 : why_not(pg, a, paid->store_id, paid->charity, e);
}

int
payouts_post(struct pg *pg, struct arena *a, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, PAYOUTS_MAX);
	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg, pg_ask_count(pg, SQL_PAYOUT_POST, &p, n, e) == 0, e);
}
