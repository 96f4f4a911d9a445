/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "base/cc.h"
#include "core/account.h"

const char *
account_name(enum account a)
{
	static const char *const names[] = {
		[ACCOUNT_PENDING] = "pending",
		[ACCOUNT_AVAILABLE] = "available",
		[ACCOUNT_RESERVED] = "reserved",
		[ACCOUNT_DEBT] = "debt",
		[ACCOUNT_ISSUED] = "issued",
		[ACCOUNT_REVERSED] = "reversed",
		[ACCOUNT_REDEEMED] = "redeemed",
		[ACCOUNT_EXPIRED] = "expired",
		[ACCOUNT_ADJUSTED] = "adjusted",
		[ACCOUNT_FORFEITED] = "forfeited",
		[ACCOUNT_CHARITY] = "charity",
	};

	return (size_t)a < NITEMS(names) && names[a] != NULL ? names[a]
	                                                     : "unknown";
}

const char *
source_name(enum source_kind source)
{
	static const char *const names[] = {
		[SOURCE_ORDER] = "order",
		[SOURCE_LOT] = "lot",
		[SOURCE_EVENT] = "event",
		[SOURCE_TIME] = "time",
		[SOURCE_REDEMPTION] = "redemption",
		[SOURCE_ADJUSTMENT] = "adjustment",
	};

	return (size_t)source < NITEMS(names) && names[source] != NULL
	           ? names[source]
	           : "unknown";
}

void
balance_move(struct balance *b, enum account a, int64_t sign, int64_t units)
{
	switch (a) {
	case ACCOUNT_PENDING:
		b->pending += sign * units;
		break;
	case ACCOUNT_AVAILABLE:
		b->available += sign * units;
		break;
	case ACCOUNT_RESERVED:
		b->reserved += sign * units;
		break;
	case ACCOUNT_DEBT: /* units that arrive pay off debt */
		b->debt -= sign * units;
		break;
	case ACCOUNT_ISSUED:
	case ACCOUNT_REVERSED:
		b->lifetime_earned -= sign * units;
		break;
	case ACCOUNT_REDEEMED:
	case ACCOUNT_EXPIRED:
	case ACCOUNT_ADJUSTED:
	case ACCOUNT_FORFEITED:
	case ACCOUNT_CHARITY:
		break;
	}
}
