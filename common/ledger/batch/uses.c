/* SPDX-License-Identifier: MIT */
/* Keeps which rewards the orders of a batch have used, by the codes that are
 * loyald's own. */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "core/order_use.h"
#include "ledger/batch/internal.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/code.h"

static bool
has_code(const struct words *codes)
{
	char plain[CODE_PLAIN_SIZE];

	for (size_t i = 0; i < codes->n; i++)
		if (code_read(str_of(codes->list[i]), plain))
			return true;
	return false;
}

static void
add_use(struct columns *c, const struct order_news *s, const char *code,
    const struct order_use *use)
{
	char plain[CODE_PLAIN_SIZE];

	if (!code_read(str_of(code), plain))
		return;
	columns_bigint(c, s->store->tenant_id);
	columns_bigint(c, s->store->store_id);
	columns_bigint(c, s->order.id);
	columns_text(c, arena_strdup(c->arena, plain));
	columns_bigint(c, s->member_id);
	columns_instant(c, use->at);
	columns_instant(c, use->undone_at);
	columns_int(c, (int32_t)use->how);
	columns_end_row(c);
}

/* Adds the codes of an order, and those that were taken out of it. */
static void
add_order(struct columns *c, const struct order_news *s)
{
	struct order_use use;

	if (!order_use(&s->order, &use))
		return;
	for (size_t i = 0; i < s->order.codes.n; i++)
		add_use(c, s, s->order.codes.list[i], &use);
	if (use.how == UNDONE_NOT) {
		use.how = UNDONE_CANCELLED;
		use.undone_at = int64_max(s->order.modified_at, use.at);
	}
	for (size_t i = 0; i < s->codes_before.n; i++)
		if (!words_have(&s->order.codes, s->codes_before.list[i]))
			add_use(c, s, s->codes_before.list[i], &use);
}

int
uses_save(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->norders; i++)
		if (!b->orders[i].unchanged)
			add_order(&c, &b->orders[i]);
	return columns_tell(w->pg, SQL_REWARD_USE_PUT, &c, e);
}

/* ---- after the commit ---------------------------------------------------- */

/* Lists the orders with codes of loyald's, whether they changed or not: the
 * process may have ended before it could wake the members. */
static struct columns
orders_with_codes(const struct world *w, const struct batch *b)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		if (!has_code(&s->order.codes) && !has_code(&s->codes_before))
			continue;
		columns_bigint(&c, s->store->tenant_id);
		columns_bigint(&c, s->store->store_id);
		columns_bigint(&c, s->order.id);
		columns_end_row(&c);
	}
	return c;
}

static void
warn(const struct pg_rows *rows, int row, struct arena *a)
{
	const char *redemption = rows_text(a, rows, row, 1);
	int64_t store_id = pg_get_bigint(rows, row, 0);
	int64_t order_id = pg_get_bigint(rows, row, 2);

	if (pg_get_bool(rows, row, 3))
		log_warn("store %" PRId64
		         ": the code of the reward %s was used "
		         "once more, by order %" PRId64 ": its points were "
		         "taken once; loyald reward show says which orders "
		         "have it",
		    store_id, redemption, order_id);
	if (pg_get_bool(rows, row, 4))
		log_warn("store %" PRId64
		         ": the code of the reward %s was used "
		         "by somebody else, in order %" PRId64 ": the member "
		         "whose reward it is has paid for it",
		    store_id, redemption, order_id);
	metrics.work_odd_uses++;
}

int
uses_wake(const struct world *w, const struct batch *b, struct err *e)
{
	const struct columns orders = orders_with_codes(w, b);
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	if (orders.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_REWARD_ODD, &orders, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		warn(&rows, row, w->arena);
	pg_done(&rows);
	columns_bind(&orders, &p);
	pg_instant(&p, w->now);
	return pg_tell(w->pg, SQL_REWARD_USE_WAKE, &p, e);
}
