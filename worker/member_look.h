/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/jsonw.h"
#include "ledger/wallets.h"
#include "member_named.h"
#include "operation.h"
#include "wire/explain/explain.h"

/* member_look: the data of a member that `loyald member explain` uses, and the
 * sentences that explain numbers.  All texts live in the operation's arena. */

struct explain_given {
	struct member_named who;
	int64_t entry_id, at; /* `at` is an instant; 0: now */
	const char *fact, *language;
	bool json;
};

struct explaining {
	struct operation op;
	int64_t now;
	struct world world; /* filled by the first member_look() */
	struct fold fold;
	struct wallet_list wallets;
	struct jsonw w;
};

/* Loads the member's wallets and timeline, and folds the timeline into x->fold.
 */
int member_look(struct explaining *, struct member_key, struct err *);

/* Makes the sentence that explains a number.  If there is no program for the
 * store and version, the result is only the word for the reason. */
const char *look_sentence(struct explaining *, const struct explain_given *,
    const struct why *, int64_t store_id, int32_t version_id);
const char *look_units(struct explaining *, const char *wallet, int64_t units);
