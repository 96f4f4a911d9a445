/* SPDX-License-Identifier: MIT */
#ifndef MEMBER_EXPLAIN_H
#define MEMBER_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonw.h"
#include "ledger/wallets.h"
#include "member_named.h"
#include "operation.h"
#include "wire/explain/explain.h"

/* The state and readers that the halves of `loyald member explain` share. */

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
int explain_look(struct explaining *, struct member_key, struct err *);

/* The sentence of a number; the word alone where there is no program. */
const char *explain_sentence(struct explaining *, const struct explain_given *,
    const struct why *, int64_t store_id, int32_t version_id);
const char *explain_units(
    struct explaining *, const char *wallet, int64_t units);

/* member_explain_source.c: an order, and what came by a key. */
int explain_order(
    struct explaining *, const struct explain_given *, struct err *);
int explain_facts(
    struct explaining *, const struct explain_given *, struct err *);

#endif /* MEMBER_EXPLAIN_H */
