/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/money.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/wallets.h"

enum {
	MILLI_DIGITS = 3
};

int
wallets_of_member(struct pg *pg, struct arena *a, struct member_key key,
    int64_t at, struct wallet_list *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct wallet_row *list;

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	if (at != 0)
		pg_instant(&p, at);
	if (pg_ask(pg, at != 0 ? SQL_BALANCES_AT : SQL_BALANCES_NOW, &p, &rows,
	        e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n + 1, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct wallet_row){
			.id = rows_text(a, &rows, i, 0),
			.unit = (enum wallet_unit)pg_get_bigint(&rows, i, 1),
			.exponent = (int)pg_get_bigint(&rows, i, 2),
			.balance = rows_balance(&rows, i, 3),
		};
	*out = (struct wallet_list){ list, (size_t)rows.n };
	pg_done(&rows);
	return 0;
}

int
charities_of_member(struct pg *pg, struct arena *a, struct member_key key,
    struct wallet_list *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct wallet_row *list;

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	if (pg_ask(pg, SQL_CHARITIES_OF, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n + 1, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct wallet_row){
			.id = rows_text(a, &rows, i, 0),
			.unit = UNIT_MONEY,
			.exponent = (int)pg_get_bigint(&rows, i, 1),
			.balance.available = pg_get_bigint(&rows, i, 2),
		};
	*out = (struct wallet_list){ list, (size_t)rows.n };
	pg_done(&rows);
	return 0;
}

const struct wallet_row *
wallet_find(const struct wallet_list *w, const char *id)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->list[i].id, id) == 0)
			return &w->list[i];
	return NULL;
}

int
units_parse(
    const struct wallet_row *w, struct str s, int64_t *out, struct err *e)
{
	if (w->unit == UNIT_MONEY) {
		if (money_parse(s, w->exponent + MILLI_DIGITS, out) == 0)
			return 0;
	} else if (memchr(s.data, '.', s.len) == NULL &&
	           money_parse(s, 0, out) == 0) {
		return 0;
	}
	return err_set(e, FAULT_REJECT, "\"%.*s\" is no number of %s",
	    (int)s.len, s.data,
	    w->unit == UNIT_MONEY ? "money: one is 12.50" : "whole units");
}

const char *
units_text(struct arena *a, const struct wallet_row *w, int64_t units)
{
	char text[MONEY_TEXT_MAX];
	size_t len, least;

	if (w->unit != UNIT_MONEY)
		return arena_printf(a, "%" PRId64, units);
	money_format(units, w->exponent + MILLI_DIGITS, text);
	len = strlen(text);
	least = len - MILLI_DIGITS;
	while (len > least && text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	return arena_printf(a, "%.*s", (int)len, text);
}
