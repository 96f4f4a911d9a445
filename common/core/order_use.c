/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/order_use.h"
#include "core/ratio.h"
#include "core/status.h"

/* A refund as a whole is told by the status; any other order that is undone was
 * cancelled, whatever became of its money. */
static enum undone_how
undone_how(const struct order *o)
{
	if (order_is_deleted(o) || o->cancelled_at != 0)
		return UNDONE_CANCELLED;
	if (!order_is_undone(o))
		return UNDONE_NOT;
	return strcmp(o->status, "refunded") == 0 ? UNDONE_REFUNDED
	                                          : UNDONE_CANCELLED;
}

bool
order_use(const struct order *o, struct order_use *out)
{
	if (o->modified_at == 0 || status_is_draft(o->status))
		return false;
	*out = (struct order_use){ .at = o->created_at, .how = undone_how(o) };
	if (out->how != UNDONE_NOT)
		out->undone_at = int64_max(order_undone_at(o), out->at);
	return true;
}
