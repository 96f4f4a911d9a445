/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "core/fold/fold.h"
#include "ledger/columns.h"
#include "ledger/members.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/wallets.h"
#include "wire/shop/events.h"

enum {
	HASH_SIZE = 32 /* bytes of an e-mail address' hash */
};

static int
member_find(struct pg *pg, int stmt, const struct pg_params *p,
    struct member_summary *out, struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, stmt, p, &rows, e) == -1)
		return -1;
	*out = (struct member_summary){ 0 };
	if (rows.n > 0)
		*out = (struct member_summary){
			.tenant_id = pg_get_bigint(&rows, 0, 0),
			.member_id = pg_get_bigint(&rows, 0, 1),
			.created_at = pg_get_instant(&rows, 0, 2),
			.balance = rows_balance(&rows, 0, 3),
			.version = pg_get_bigint(&rows, 0, 8),
			.held = pg_get_bigint(&rows, 0, 9),
		};
	pg_done(&rows);
	return 0;
}

int
member_find_customer(struct pg *pg, struct arena *a, int64_t store_id,
    struct str customer, struct member_summary *out, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, store_id);
	pg_str(&p, customer);
	return member_find(pg, SQL_MEMBER_BY_CUSTOMER, &p, out, e);
}

int
member_find_number(struct pg *pg, struct arena *a, int64_t member_id,
    struct member_summary *out, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, member_id);
	return member_find(pg, SQL_MEMBER_BY_NUMBER, &p, out, e);
}

int
member_find_email(struct pg *pg, struct arena *a, int64_t store_id,
    const uint8_t hash[32], struct member_summary *out, struct err *e)
{
	char hex[2 * HASH_SIZE + 1];
	struct pg_params p = { .arena = a };

	hex_encode(hash, HASH_SIZE, hex);
	pg_bigint(&p, store_id);
	pg_text(&p, hex);
	return member_find(pg, SQL_MEMBER_BY_EMAIL, &p, out, e);
}

int
member_find_guest(struct pg *pg, struct arena *a, int64_t store_id,
    const uint8_t hash[32], int64_t *guest_id, struct err *e)
{
	char hex[2 * HASH_SIZE + 1];
	struct pg_params p = { .arena = a };

	hex_encode(hash, HASH_SIZE, hex);
	pg_bigint(&p, store_id);
	pg_text(&p, hex);
	return pg_ask_bigint(pg, SQL_GUEST_FIND, &p, guest_id, e);
}

int
member_status(struct pg *pg, struct arena *a, struct member_key key,
    struct member_status *out, bool *found, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*out = (struct member_status){ 0 };
	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	if (pg_ask(pg, SQL_MEMBER_STATE, &p, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found)
		*out = (struct member_status){
			.tier = rows_text(a, &rows, 0, 0),
			.tier_since = pg_get_instant(&rows, 0, 1),
			.tier_until = pg_get_instant(&rows, 0, 2),
			.memberships = rows_text(a, &rows, 0, 3),
			.chosen_day = rows_text(a, &rows, 0, 4),
			.enrolled_at = pg_get_instant(&rows, 0, 5),
			.folded_at = pg_get_instant(&rows, 0, 6),
			.due_at = pg_get_instant(&rows, 0, 7),
		};
	pg_done(&rows);
	return 0;
}

int
member_entries(struct pg *pg, struct arena *a, const struct member_page *page,
    struct entry_view **out, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct entry_view *list;

	pg_bigint(&p, page->tenant_id);
	pg_bigint(&p, page->member_id);
	pg_bigint(&p, page->before);
	pg_bigint(&p, (int64_t)page->max);
	if (pg_ask(pg, SQL_MEMBER_ENTRIES, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++) {
		const struct wallet_row wallet = {
			.unit = (enum wallet_unit)pg_get_bigint(&rows, i, 13),
			.exponent = (int)pg_get_bigint(&rows, i, 14),
		};

		list[i] = (struct entry_view){
			.entry_id = pg_get_bigint(&rows, i, 0),
			.store_id = pg_get_bigint(&rows, i, 1),
			.source = (enum source_kind)pg_get_bigint(&rows, i, 2),
			.source_id = rows_text(a, &rows, i, 3),
			.debit = (enum account)pg_get_bigint(&rows, i, 4),
			.credit = (enum account)pg_get_bigint(&rows, i, 5),
			.units = pg_get_bigint(&rows, i, 6),
			.version_id = (int32_t)pg_get_bigint(&rows, i, 7),
			.rule = rows_text(a, &rows, i, 8),
			.revision = (int32_t)pg_get_bigint(&rows, i, 9),
			.event_at = pg_get_instant(&rows, i, 10),
			.posted_at = pg_get_instant(&rows, i, 11),
			.text = units_text(
			    a, &wallet, pg_get_bigint(&rows, i, 6)),
			.wallet = rows_text(a, &rows, i, 12),
			.party = rows_text(a, &rows, i, 15),
			.corrects = pg_get_bool(&rows, i, 16),
		};
	}
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

int
orders_earned(struct pg *pg, struct arena *a, struct member_key whose,
    struct order_view *list, size_t n, struct err *e)
{
	struct columns c = { .arena = a };
	struct pg_rows rows;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		columns_bigint(&c, whose.tenant_id);
		columns_bigint(&c, whose.member_id);
		columns_bigint(&c, list[i].store_id);
		columns_bigint(&c, list[i].order_id);
		columns_end_row(&c);
	}
	if (columns_ask(pg, SQL_ORDER_EARNED, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		struct order_view *o = &list[pg_get_bigint(&rows, row, 0) - 1];
		const struct wallet_row wallet = {
			.unit = (enum wallet_unit)pg_get_bigint(&rows, row, 2),
			.exponent = (int)pg_get_bigint(&rows, row, 3),
		};

		if (o->earned == NULL)
			o->earned = arena_array(
			    a, (size_t)(rows.n - row), sizeof(*o->earned));
		o->earned[o->nearned++] = (struct earned){
			.wallet = rows_text(a, &rows, row, 1),
			.units = units_text(
			    a, &wallet, pg_get_bigint(&rows, row, 4)),
		};
	}
	pg_done(&rows);
	return 0;
}

int
member_orders(struct pg *pg, struct arena *a, const struct member_page *page,
    struct order_view **out, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct order_view *list;

	pg_bigint(&p, page->tenant_id);
	pg_bigint(&p, page->member_id);
	pg_bigint(&p, (int64_t)page->max);
	if (pg_ask(pg, SQL_MEMBER_ORDERS, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct order_view){
			.store_id = pg_get_bigint(&rows, i, 0),
			.order_id = pg_get_bigint(&rows, i, 1),
			.points = pg_get_bigint(&rows, i, 2),
			.reason = rows_text(a, &rows, i, 3),
			.modified_at = pg_get_instant(&rows, i, 4),
			.member_id = pg_get_bigint(&rows, i, 5),
			.from_member = pg_get_bigint(&rows, i, 6),
			.moved_at = pg_get_instant(&rows, i, 7),
		};
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return orders_earned(pg, a,
	    (struct member_key){ page->tenant_id, page->member_id }, list, *n,
	    e);
}

const char *
earned_text(struct arena *a, const struct order_view *o)
{
	const char *text = NULL;

	for (size_t i = 0; i < o->nearned; i++)
		text = arena_printf(a, "%s%s%s %s", text ? text : "",
		    text ? ", " : "", o->earned[i].units, o->earned[i].wallet);
	return text != NULL ? text : "nothing";
}

void
earned_write(struct jsonw *w, const struct order_view *o)
{
	jsonw_object(w, "earned");
	for (size_t i = 0; i < o->nearned; i++)
		jsonw_text(w, o->earned[i].wallet, o->earned[i].units);
	jsonw_object_end(w);
}

int
order_moves(struct pg *pg, struct arena *a, int64_t tenant_id,
    struct order_view *o, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, tenant_id);
	pg_bigint(&p, o->store_id);
	pg_bigint(&p, o->order_id);
	if (pg_ask(pg, SQL_ORDER_MOVES, &p, &rows, e) == -1)
		return -1;
	o->nmoves = (size_t)rows.n;
	o->moves = arena_array(a, o->nmoves + 1, sizeof(*o->moves));
	for (int i = 0; i < rows.n; i++)
		o->moves[i] = (struct order_move){
			.from_member = pg_get_bigint(&rows, i, 0),
			.to_member = pg_get_bigint(&rows, i, 1),
			.at = pg_get_instant(&rows, i, 2),
		};
	pg_done(&rows);
	return 0;
}

/* ---- a single order, entry or fact --------------------------------------- */

int
entry_find(struct pg *pg, struct arena *a, int64_t entry_id, int64_t member_id,
    struct entry_view *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	bool found;

	pg_bigint(&p, entry_id);
	pg_bigint(&p, member_id);
	if (pg_ask(pg, SQL_ENTRY_GET, &p, &rows, e) == -1)
		return -1;
	found = rows.n > 0;
	if (found)
		*out = (struct entry_view){
			.key = { pg_get_bigint(&rows, 0, 0),
			    pg_get_bigint(&rows, 0, 1) },
			.store_id = pg_get_bigint(&rows, 0, 2),
			.source = (enum source_kind)pg_get_bigint(&rows, 0, 3),
			.source_id = rows_text(a, &rows, 0, 4),
			.rule = rows_text(a, &rows, 0, 5),
			.wallet = rows_text(a, &rows, 0, 6),
			.party = rows_text(a, &rows, 0, 7),
			.debit = (enum account)pg_get_bigint(&rows, 0, 8),
			.credit = (enum account)pg_get_bigint(&rows, 0, 9),
			.units = pg_get_bigint(&rows, 0, 10),
			.version_id = (int32_t)pg_get_bigint(&rows, 0, 11),
			.revision = (int32_t)pg_get_bigint(&rows, 0, 12),
			.event_at = pg_get_instant(&rows, 0, 13),
			.posted_at = pg_get_instant(&rows, 0, 14),
			.corrects = pg_get_bool(&rows, 0, 15),
			.why = rows_str(a, &rows, 0, 16),
			.stood = pg_get_bigint(&rows, 0, 17),
		};
	pg_done(&rows);
	return found ? 0
	             : err_set(e, FAULT_REJECT,
	                   "there is no entry %lld: loyald member history "
	                   "lists a member's",
	                   (long long)entry_id);
}

/* Gets an order by number; out->order_id is 0 if there is none. */
static int
order_get(struct pg *pg, struct arena *a, int64_t store_id, int64_t order_id,
    struct order_full *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, store_id);
	pg_bigint(&p, order_id);
	if (pg_ask(pg, SQL_ORDER_GET, &p, &rows, e) == -1)
		return -1;
	*out = (struct order_full){ .order_id = 0 };
	if (rows.n > 0)
		*out = (struct order_full){
			.order_id = order_id,
			.key = { pg_get_bigint(&rows, 0, 0),
			    pg_get_bigint(&rows, 0, 1) },
			.version_id = (int32_t)pg_get_bigint(&rows, 0, 2),
			.points = pg_get_bigint(&rows, 0, 3),
			.reason = rows_text(a, &rows, 0, 4),
		};
	pg_done(&rows);
	return 0;
}

int
order_find(struct pg *pg, struct arena *a, int64_t store_id, const char *order,
    struct order_full *out, struct err *e)
{
	struct order_full found = { .order_id = 0 };
	struct str text = str_of(order);
	int64_t id;

	if (str_int64(text, &id) == 0 &&
	    order_get(pg, a, store_id, id, &found, e) == -1)
		return -1;
	if (found.order_id == 0 &&
	    order_get(pg, a, store_id, event_order_id(text), &found, e) == -1)
		return -1;
	if (found.order_id == 0)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " has no order %s: it is known by the "
		    "shop's own number of it (its id), once the shop has told "
		    "of it",
		    store_id, order);
	*out = found;
	return 0;
}

int
facts_find(struct pg *pg, struct arena *a, int64_t store_id, const char *key,
    struct fact_list *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, store_id);
	pg_text(&p, key);
	if (pg_ask(pg, SQL_FACT_GET, &p, &rows, e) == -1)
		return -1;
	out->n = (size_t)rows.n;
	out->list = arena_array(a, out->n + 1, sizeof(*out->list));
	for (int i = 0; i < rows.n; i++)
		out->list[i] = (struct fact_full){
			.key = { pg_get_bigint(&rows, i, 0),
			    pg_get_bigint(&rows, i, 1) },
			.kind = (enum fact_kind)pg_get_bigint(&rows, i, 2),
			.at = pg_get_instant(&rows, i, 3),
			.refused = rows_text(a, &rows, i, 4),
			.facts = rows_str(a, &rows, i, 5),
		};
	pg_done(&rows);
	return out->n > 0
	           ? 0
	           : err_set(e, FAULT_REJECT,
	                 "store %lld knows nothing of the key %s: it is that of "
	                 "an event, redemption or adjustment",
	                 (long long)store_id, key);
}
