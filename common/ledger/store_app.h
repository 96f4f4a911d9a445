/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/stores.h"
#include "wire/shop/shop.h"

/*
 * store_app: the apps by which loyald gets stores' API tokens itself, since those
 * tokens end soon (struct shop, is_app).
 *
 * Only one process at a time gets a token for a store, by a lease in the database.  The
 * token, and the app with its next refresh token, are kept in one transaction before
 * any call is made with the token.  A process that ends between the answer and that
 * transaction leaves the app as it was: the next one asks again, and platforms take
 * a refresh token until the token that came for it is used.
 */

struct app_claim {
	const struct master_key *key; /* set by the caller */
	int64_t tenant_id, store_id;
	enum platform platform;
	const char
	    *api_url; /* of the store when it was claimed, in the arena */
	/* The end of the lease by the database's clock, which also identifies
	 * the process that has the lease. */
	int64_t leased_until;
	int32_t tries;  /* failures since the last token */
	struct str app; /* plain text, in the arena */
};

/* Claims a store that needs another token for lease_ms.  The claim's store_id
 * becomes 0 if there is none.  CONFIG if the app was sealed with another key. */
int app_claim(struct pg *, struct arena *, int64_t lease_ms, struct app_claim *,
    struct err *) MUST_CHECK;

/* Ends a claim with a token, in a transaction of its own: the store has the token,
 * what waits for the shop is sent at once, and the next token is due in
 * token_renew_ms().  *lost is true, and nothing is kept, if the app or the
 * store's API address was changed, or another process has claimed it. */
int app_renewed(struct pg *, struct arena *, const struct app_claim *,
    const struct token_answer *, bool *lost, struct err *) MUST_CHECK;
/* Ends a claim without a token: the next try is due in again_ms. */
int app_failed(struct pg *, struct arena *, const struct app_claim *,
    const char *why, int64_t again_ms, struct err *) MUST_CHECK;

/* The token of a call: that of the store's row as it was then (struct store). */
struct token_used {
	int64_t tenant_id, store_id, row_version;
};
/* Does what is to follow when a shop has refused a token, and the call's outcome has
 * been saved.  If the store has another token by now, or was changed otherwise,
 * *replaced is true: calls that wait are due at once, since the next one is made with
 * that token.  If the store is unchanged and has an app, the next claim gets another
 * token, at most once in APP_AGAIN_MS. */
enum {
	APP_AGAIN_MS = 10 * 60 * 1000
};
int app_refused(struct pg *, struct arena *, const struct token_used *,
    bool *replaced, struct err *) MUST_CHECK;

/* The app of a store. */
struct app_known {
	struct str text; /* plain; empty: the store has none */
	const char
	    *last_error; /* why there was no token the last time, or NULL */
};
int app_get(struct pg *, struct arena *, const struct master_key *,
    const struct store *, struct app_known *, struct err *) MUST_CHECK;
