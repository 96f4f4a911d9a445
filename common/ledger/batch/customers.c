/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ledger/batch/internal.h"
#include "ledger/stmts.h"

bool
customer_is_verified(const struct customer_news *c)
{
	return c->customer.email_verified && c->gone_at == 0;
}

bool
customer_is_newly_verified(const struct customer_news *c)
{
	char hash[OWNER_VALUE_MAX];

	if (!c->customer.email_verified ||
	    !owner_has_email(c->customer.email_hash))
		return false;
	hex_encode(c->customer.email_hash, 32, hash);
	return strcmp(hash, c->owner.verified_email) != 0;
}

/* Whether the database has all that is told of the customer: the name was made
 * with it now, or it is a verified address that was verified before. */
static bool
is_as_known(const struct customer_news *c)
{
	if (c->gone_at != 0)
		return false;
	return c->owner.made || (c->customer.email_verified &&
	                            owner_has_email(c->customer.email_hash) &&
	                            !customer_is_newly_verified(c));
}

void
customer_cells(
    struct columns *to, const struct customer_news *c, enum owner_kind kind)
{
	columns_bigint(to, c->store->tenant_id);
	columns_bigint(to, c->store->store_id);
	columns_int(to, (int32_t)kind);
	columns_str(to, owner_email(to->arena, c->customer.email_hash));
}

int
customers_save(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns known = { .arena = w->arena }, gone = known;

	for (size_t i = 0; i < b->ncustomers; i++) {
		const struct customer_news *c = &b->customers[i];

		if (is_as_known(c))
			continue;
		columns_bigint(&known, c->store->tenant_id);
		columns_bigint(&known, c->store->store_id);
		columns_int(&known, OWNER_CUSTOMER);
		columns_text(&known, c->owner.value);
		columns_str(
		    &known, owner_email(w->arena, c->customer.email_hash));
		columns_bool(&known, c->customer.email_verified);
		columns_instant(&known, c->customer.modified_at);
		columns_instant(&known, c->gone_at);
		columns_end_row(&known);
		if (c->gone_at == 0)
			continue;
		columns_bigint(&gone, c->store->tenant_id);
		columns_bigint(&gone, c->store->store_id);
		columns_bigint(&gone, c->customer.id);
		columns_end_row(&gone);
	}
	if (columns_tell(w->pg, SQL_CUSTOMER_PUT, &known, e) == -1)
		return -1;
	if (columns_tell(w->pg, SQL_MEMBER_CODE_GONE, &gone, e) == -1)
		return -1;
	return columns_tell(w->pg, SQL_OUTBOX_DROP, &gone, e);
}
