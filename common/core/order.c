/* SPDX-License-Identifier: MIT */
#include "core/order.h"
#include "base/instant.h"
#include "core/order_finer.h"
#include "core/ratio.h"
#include "core/status.h"

/* How long a delivery may be under way.  WooCommerce gives up after 60 seconds;
 * the rest is for delays between the shop and receive, loyald's server for
 * webhooks. */
#define UNDER_WAY (120 * INSTANT_SECOND)

/* Allows a minor unit for each amount that the shop may have rounded. */
int64_t
order_slack(const struct order *o)
{
	return ((int64_t)o->nlines + 2) * power_of_ten(o->finer);
}

int64_t
order_worth(const struct order *o)
{
	int64_t parts = o->shipping + o->shipping_tax + o->fees + o->fees_tax +
	                o->credit;
	const int64_t slack = order_slack(o);

	for (size_t i = 0; i < o->nlines; i++)
		parts += o->lines[i].net + o->lines[i].tax;
	return int64_max(parts - o->total > slack ? parts : o->total, 0);
}

bool
order_is_undone(const struct order *o)
{
	return status_is_undone(o->status);
}

bool
order_is_deleted(const struct order *o)
{
	int64_t there;

	if (!platform_restores(o->platform))
		return o->deleted_at != 0;
	/* An order stored by an early version of loyald has no told_at; such an
	 * order is still judged by the shop's clock, as that version did. */
	there = o->told_at != 0 ? o->told_at - UNDER_WAY : o->modified_at;
	return o->deleted_at > int64_max(there, o->restored_at);
}

int64_t
order_undone_at(const struct order *o)
{
	/* An order that was cancelled and then deleted was undone by the
	 * cancellation. */
	if (o->cancelled_at != 0)
		return o->cancelled_at;
	return order_is_deleted(o) ? o->deleted_at : o->modified_at;
}

bool
order_is_before(const struct order *o, int64_t since)
{
	bool paid_first = o->paid_at != 0 && o->paid_at < o->created_at;

	return (paid_first ? o->paid_at : o->created_at) < since;
}
