/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/columns.h"
#include "ledger/owner.h"
#include "ledger/stmts.h"

void
owner_set(struct owner *o, const struct store *store, enum owner_kind kind)
{
	*o = (struct owner){
		.tenant_id = store->tenant_id,
		.store_id = store->store_id,
		.shares = store->shares,
		.kind = kind,
	};
}

bool
owner_has_email(const uint8_t hash[32])
{
	static const uint8_t none[32];

	return memcmp(hash, none, sizeof(none)) != 0;
}

struct str
owner_email(struct arena *a, const uint8_t hash[32])
{
	char *text;

	if (!owner_has_email(hash))
		return (struct str){ 0 };
	text = arena_alloc(a, OWNER_VALUE_MAX);
	hex_encode(hash, 32, text);
	return str_of(text);
}

void
owner_of_order(
    struct owner *out, const struct store *store, const struct order *o)
{
	owner_set(out, store, OWNER_NOBODY);
	if (o->modified_at == 0)
		return;
	if (o->customer_id != 0) {
		out->kind = OWNER_CUSTOMER;
		(void)snprintf(
		    out->value, sizeof(out->value), "%" PRId64, o->customer_id);
	} else if (owner_has_email(o->email_hash)) {
		out->kind = OWNER_GUEST;
		hex_encode(o->email_hash, sizeof(o->email_hash), out->value);
	}
}

void
owner_value(char out[OWNER_VALUE_MAX], struct str s)
{
	size_t n = s.len < OWNER_VALUE_MAX ? s.len : OWNER_VALUE_MAX - 1;

	if (n > 0)
		memcpy(out, s.data, n);
	out[n] = '\0';
}

/* Columns in the result of owner_find.sql. */
enum {
	OWNER_I,
	OWNER_MEMBER,
	OWNER_VERIFIED_EMAIL,
	OWNER_VERIFIED_MEMBER,
};

static void
owner_cells(struct columns *c, const struct owner *o)
{
	columns_bigint(c, o->tenant_id);
	columns_bigint(c, o->store_id);
	columns_int(c, (int32_t)o->kind);
	columns_text(c, o->value);
}

static int
find(const struct world *w, struct owner **owners, size_t n, struct err *e)
{
	struct columns c;
	struct pg_rows rows;

	columns_init(&c, w->arena);
	for (size_t i = 0; i < n; i++) {
		owner_cells(&c, owners[i]);
		columns_end_row(&c);
	}
	if (columns_ask(w->pg, SQL_OWNER_FIND, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, OWNER_I) - 1;
		struct owner *o = owners[i];

		assert(i < n);
		o->member_id = pg_get_bigint(&rows, row, OWNER_MEMBER);
		o->verified_member_id = pg_get_bigint(
		    &rows, row, OWNER_VERIFIED_MEMBER);
		owner_value(o->verified_email,
		    pg_get_str(&rows, row, OWNER_VERIFIED_EMAIL));
	}
	pg_done(&rows);
	return 0;
}

int
owners_load(
    const struct world *w, struct owner **owners, size_t n, struct err *e)
{
	static const struct customer nothing;
	struct owner **fresh = arena_array(w->arena, n + 1, sizeof(*fresh));
	struct columns c;

	if (n == 0)
		return 0;
	if (find(w, owners, n, e) == -1)
		return -1;
	columns_init(&c, w->arena);
	for (size_t i = 0; i < n; i++) {
		const struct customer *told = owners[i]->told != NULL
		                                  ? owners[i]->told
		                                  : &nothing;

		if (owners[i]->member_id != 0)
			continue;
		fresh[c.n] = owners[i];
		owner_cells(&c, owners[i]);
		columns_str(&c, owner_email(w->arena, told->email_hash));
		columns_bool(&c, told->email_verified);
		columns_instant(&c, told->modified_at);
		columns_bool(&c, owners[i]->shares);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_tell(w->pg, SQL_OWNER_MAKE, &c, e) == -1)
		return -1;
	return find(w, fresh, c.n, e);
}
