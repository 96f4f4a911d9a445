/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/*
 * account: the accounts and sources that ledger entries name.  An entry moves
 * units of a wallet from one account (debit) to another (credit), so that every
 * entry, and every sum of entries, is balanced.
 *
 * The rows of the ledger hold the numbers of the enums below, so the numbers
 * never change.
 */

/* The wallet "points", which every tenant has from the beginning.  A
 * transaction that changes a member locks the row of the member's balance in
 * this wallet. */
enum {
	WALLET_POINTS = 1
};

/* The accounts of a member (1 to 4), then those of the program (from 10). */
enum account {
	ACCOUNT_PENDING = 1,
	ACCOUNT_AVAILABLE = 2,
	ACCOUNT_RESERVED = 3,
	ACCOUNT_DEBT = 4, /* holds what the member owes as a negative sum */
	ACCOUNT_ISSUED = 10,
	ACCOUNT_REVERSED = 11,
	ACCOUNT_REDEEMED = 12,
	ACCOUNT_EXPIRED = 13,
	ACCOUNT_ADJUSTED = 14,
	ACCOUNT_FORFEITED = 15,
	/* Money owed to the charity that the entry names. */
	ACCOUNT_CHARITY = 16,
};

/* The name of an account as people and programs read it: "available". */
const char *account_name(enum account);

/* The kind of thing for which an entry was posted. */
enum source_kind {
	SOURCE_ORDER = 1,
	SOURCE_LOT = 2, /* a lot of a plain program became available */
	SOURCE_EVENT = 3,
	SOURCE_TIME = 4, /* the calendar, a tier or a membership; the entry's
			    source_id says which, and when */
	SOURCE_REDEMPTION = 5,
	SOURCE_ADJUSTMENT = 6,
};

/* The name of a source as people and programs read it: "order". */
const char *source_name(enum source_kind);

/* The balance of a member in one wallet, in units of the wallet. */
struct balance {
	int64_t available;
	int64_t pending;
	int64_t reserved;
	int64_t debt;            /* >= 0: what the member owes */
	int64_t lifetime_earned; /* issued less reversed: what rules gave and
				    did not take back; never below zero */
};

/* Changes the balance for units that arrived in the account (sign 1) or left
 * the account (sign -1). */
void balance_move(struct balance *, enum account, int64_t sign, int64_t units);
