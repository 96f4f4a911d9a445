/* SPDX-License-Identifier: MIT */
#ifndef MEMBER_LOOK_H
#define MEMBER_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonw.h"
#include "ledger/wallets.h"
#include "member_named.h"
#include "operation.h"
#include "wire/explain/explain.h"

/*
 * member_look: what `loyald member explain` knows of a member, and how it says
 * a number.  Texts are the operation's arena's.
 */

struct explain_given {
	struct member_named who;
	int64_t entry_id, at; /* 0: now */
	const char *fact, *language;
	bool json;
};

struct explaining {
	struct operation op;
	int64_t now;
	struct world world; /* from the first look on */
	struct fold fold;
	struct wallet_row *wallets;
	size_t nwallets;
	struct jsonw w;
	struct buf b;
};

/* Loads the member's wallets, and folds their timeline into x->fold. */
int member_look(struct explaining *, struct member_key, struct err *);

/* The sentence of a number; the word alone where there is no program. */
const char *look_sentence(struct explaining *, const struct explain_given *,
    const struct why *, int64_t store_id, int32_t version_id);
const char *look_units(struct explaining *, const char *wallet, int64_t units);

#endif /* MEMBER_LOOK_H */
