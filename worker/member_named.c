/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/log.h"
#include "ledger/member_edit.h"
#include "ledger/members.h"
#include "member_named.h"
#include "wire/sign.h"

int
member_named_ways(const struct member_named *m)
{
	return (m->member_id != 0) + (m->customer_id != 0) +
	       (m->email != NULL) + (m->order != NULL);
}

int
member_named_check(const struct tool_call *call, const struct member_named *m)
{
	if (member_named_ways(m) == 1 &&
	    (m->member_id != 0) == (m->store_id == 0))
		return EXIT_STOPPED;
	return tool_usage(call,
	    "%s wants the member named in one way: --member ID, or --store ID "
	    "with --customer ID, --email ADDRESS or --order ID",
	    call->argv[0]);
}

bool
member_named_takes_key(const struct member_named *m)
{
	return m->email != NULL;
}

static int
key_of(const struct member_summary *v, struct member_key *out)
{
	*out = (struct member_key){ v->tenant_id, v->member_id };
	return 0;
}

static int
find_customer(struct operation *op, const struct member_named *m,
    struct member_key *out, struct err *e)
{
	const char *id = arena_printf(&op->arena, "%" PRId64, m->customer_id);
	struct member_summary v;

	if (member_find_customer(
	        op->pg, &op->arena, m->store_id, str_of(id), &v, e) == -1)
		return -1;
	if (v.member_id != 0)
		return key_of(&v, out);
	return err_set(e, FAULT_REJECT,
	    "store %" PRId64 " knows no customer %s: the shop tells of new "
	    "accounts by its customer webhooks, and of others by their orders",
	    m->store_id, id);
}

static int
find_email(struct operation *op, const struct member_named *m,
    struct member_key *out, struct err *e)
{
	uint8_t hash[32];
	struct member_summary v;
	struct store *stores;
	size_t n;

	email_hash(&op->key, str_of(m->email), hash);
	if (member_find_email(op->pg, &op->arena, m->store_id, hash, &v, e) ==
	    -1)
		return -1;
	if (v.member_id != 0)
		return key_of(&v, out);
	/* With a wrong master key no address would be found.  stores_load() is
	 * called because it fails if the key is wrong. */
	if (stores_load(op->pg, &op->arena, &op->key, &stores, &n, e) == -1)
		return -1;
	return err_set(e, FAULT_REJECT,
	    "store %" PRId64 " knows nobody with the e-mail address %s: it is "
	    "known once a customer or an order has it",
	    m->store_id, m->email);
}

static int
find_number(struct operation *op, const struct member_named *m,
    struct member_key *out, struct err *e)
{
	struct member_home home;

	if (member_home(op->pg, &op->arena, m->member_id, &home, e) == -1)
		return -1;
	*out = home.key;
	return 0;
}

static int
find_order(struct operation *op, const struct member_named *m,
    struct member_key *out, struct err *e)
{
	struct order_full o;

	if (order_find(op->pg, &op->arena, m->store_id, m->order, &o, e) == -1)
		return -1;
	if (o.key.member_id == 0)
		return err_set(e, FAULT_REJECT,
		    "order %s of store %" PRId64 " is nobody's: it names no "
		    "customer and no address",
		    m->order, m->store_id);
	*out = o.key;
	return 0;
}

int
member_named_find(struct operation *op, const struct member_named *m,
    struct member_key *out, struct err *e)
{
	if (m->member_id != 0)
		return find_number(op, m, out, e);
	if (operation_store(op, m->store_id, e) == NULL)
		return -1;
	if (m->customer_id != 0)
		return find_customer(op, m, out, e);
	if (m->email != NULL)
		return find_email(op, m, out, e);
	return find_order(op, m, out, e);
}
