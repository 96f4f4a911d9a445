/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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
	OWNER_GUEST_ID,
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
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

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
		o->guest_id = pg_get_bigint(&rows, row, OWNER_GUEST_ID);
		owner_value(o->verified_email,
		    pg_get_str(&rows, row, OWNER_VERIFIED_EMAIL));
	}
	pg_done(&rows);
	return 0;
}

static int
compare_names(const struct owner *x, const struct owner *y)
{
	if (x->tenant_id != y->tenant_id)
		return x->tenant_id < y->tenant_id ? -1 : 1;
	if (x->store_id != y->store_id)
		return x->store_id < y->store_id ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->value, y->value);
}

/* Sorts owners by name; of those with one name, the one of whom something is
 * told comes first. */
static int
compare_owners(const void *a, const void *b)
{
	const struct owner *x = *(struct owner *const *)a;
	const struct owner *y = *(struct owner *const *)b;
	int order = compare_names(x, y);

	return order != 0 ? order : (x->told == NULL) - (y->told == NULL);
}

/* Puts each name once at the front of the list, sorted.  Returns how many there
 * are. */
static size_t
owners_distinct(struct owner **owners, size_t n)
{
	size_t k = 0;

	qsort(owners, n, sizeof(*owners), compare_owners);
	for (size_t i = 0; i < n; i++)
		if (k == 0 || compare_names(owners[k - 1], owners[i]) != 0)
			owners[k++] = owners[i];
	return k;
}

/* Finds the owner of this name in a list that owners_distinct() has sorted;
 * NULL: there is none. */
static struct owner *
owner_named(const struct owner *name, struct owner *const *owners, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = compare_names(owners[mid], name);

		if (order == 0)
			return owners[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* The columns of owner_make.sql. */
enum {
	MADE_TENANT,
	MADE_STORE,
	MADE_KIND,
	MADE_VALUE,
	MADE_MEMBER,
};

/* Sets what the database has of an owner that was made now. */
static void
read_made(
    const struct pg_rows *rows, int row, struct owner *const *fresh, size_t n)
{
	struct owner *o, name = {
		.tenant_id = pg_get_bigint(rows, row, MADE_TENANT),
		.store_id = pg_get_bigint(rows, row, MADE_STORE),
		.kind = (enum owner_kind)pg_get_bigint(rows, row, MADE_KIND),
	};

	owner_value(name.value, pg_get_str(rows, row, MADE_VALUE));
	o = owner_named(&name, fresh, n);
	assert(o != NULL);
	o->made = true;
	o->member_id = pg_get_bigint(rows, row, MADE_MEMBER);
}

/* Lists the members that were made.  An owner who may be the member of another
 * store gets a balance at once, unless the member has one. */
static int
list_made(const struct world *w, struct owner *const *fresh, size_t n,
    struct members_made *made, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < n; i++) {
		const struct owner *o = fresh[i];
		const struct member_key key = { o->tenant_id, o->member_id };

		if (!o->made)
			continue;
		if (o->shares && o->told != NULL && o->told->email_verified) {
			columns_bigint(&c, key.tenant_id);
			columns_bigint(&c, key.member_id);
			columns_end_row(&c);
			continue;
		}
		made->list = arena_grow(w->arena, made->list, made->n,
		    &made->room, sizeof(*made->list));
		made->list[made->n] = (struct member_made){
			.key = key,
			.store_id = o->store_id,
		};
		if (o->kind == OWNER_CUSTOMER && !o->gone)
			made->list[made->n].customer_id = strtoll(
			    o->value, NULL, 10);
		made->n++;
	}
	return columns_tell(w->pg, SQL_BALANCE_SHARE, &c, e);
}

/* Keeps the owners that have no member.  Returns how many there are. */
static size_t
without_member(struct owner **owners, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (owners[i]->member_id == 0)
			owners[left++] = owners[i];
	return left;
}

static void
fresh_row(struct columns *c, const struct owner *o)
{
	static const struct customer nothing;
	const struct customer *told = o->told != NULL ? o->told : &nothing;

	owner_cells(c, o);
	columns_str(c, owner_email(c->arena, told->email_hash));
	columns_bool(c, told->email_verified);
	columns_instant(c, told->modified_at);
	columns_bool(c, o->shares);
	columns_end_row(c);
}

/* Makes members of these owners.  Owners that another process has made meanwhile
 * are found again. */
static int
make(const struct world *w, struct owner **fresh, size_t n,
    struct members_made *made, struct err *e)
{
	bool taken = true;
	struct pg_rows rows;

	while (taken && n > 0) {
		struct columns c = { .arena = w->arena };
		struct pg_params p = { .arena = w->arena };

		for (size_t i = 0; i < n; i++)
			fresh_row(&c, fresh[i]);
		columns_bind(&c, &p);
		if (pg_ask_unless_taken(
		        w->pg, SQL_OWNER_MAKE, &p, &rows, &taken, e) == -1 ||
		    (taken && find(w, fresh, n, e) == -1))
			return -1;
		if (taken)
			n = without_member(fresh, n);
	}
	if (n == 0)
		return 0;
	for (int row = 0; row < rows.n; row++)
		read_made(&rows, row, fresh, n);
	pg_done(&rows);
	return list_made(w, fresh, n, made, e);
}

int
owners_load(const struct world *w, struct owner **owners, size_t n,
    struct members_made *made, struct err *e)
{
	struct owner **names = arena_array(w->arena, n + 1, sizeof(*names));
	struct owner **fresh = arena_array(w->arena, n + 1, sizeof(*fresh));
	size_t nnames;

	if (n == 0)
		return 0;
	memcpy(names, owners, n * sizeof(*names));
	nnames = owners_distinct(names, n);
	if (find(w, names, nnames, e) == -1)
		return -1;
	memcpy(fresh, names, nnames * sizeof(*names));
	if (make(w, fresh, without_member(fresh, nnames), made, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct owner *o = owner_named(owners[i], names, nnames);

		assert(o != NULL);
		owners[i]->member_id = o->member_id;
		owners[i]->made = o->made;
		owners[i]->verified_member_id = o->verified_member_id;
		owners[i]->guest_id = o->guest_id;
		memcpy(owners[i]->verified_email, o->verified_email,
		    sizeof(o->verified_email));
	}
	return 0;
}
