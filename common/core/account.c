/* SPDX-License-Identifier: MIT */
#include "core/account.h"

const char *
account_name(enum account a)
{
	switch (a) {
	case ACCOUNT_PENDING:
		return "pending";
	case ACCOUNT_AVAILABLE:
		return "available";
	case ACCOUNT_RESERVED:
		return "reserved";
	case ACCOUNT_DEBT:
		return "debt";
	case ACCOUNT_ISSUED:
		return "issued";
	case ACCOUNT_REVERSED:
		return "reversed";
	case ACCOUNT_REDEEMED:
		return "redeemed";
	case ACCOUNT_EXPIRED:
		return "expired";
	case ACCOUNT_ADJUSTED:
		return "adjusted";
	case ACCOUNT_FORFEITED:
		return "forfeited";
	case ACCOUNT_CHARITY:
		return "charity";
	}
	return "unknown";
}

const char *
source_name(enum source_kind source)
{
	switch (source) {
	case SOURCE_ORDER:
		return "order";
	case SOURCE_LOT:
		return "lot";
	case SOURCE_EVENT:
		return "event";
	case SOURCE_TIME:
		return "time";
	case SOURCE_REDEMPTION:
		return "redemption";
	case SOURCE_ADJUSTMENT:
		return "adjustment";
	}
	return "unknown";
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
