/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"
#include "wire/shop/pull.h"

/*
 * reconcile: how far each shop was compared with the ledger, and what no webhook
 * had told.
 *
 * A store has a watermark: the ledger has all orders of its shop that changed
 * before it.  The watermark moves only when what was found before it is in the
 * ledger, so a process that ends in the middle has missed nothing.  Processes take
 * turns with a store by leases.
 *
 * A gap is an order, or a change of one, that the shop has and the ledger has not.
 * A gap is written down before the order is put into the streams, and the gap's
 * points when the ledger has the order.
 */

/* Bytes of the delivery id of an order that was asked for, by which its dead
 * letter is found. */
enum {
	RECONCILE_ID_MAX = 64,
};

/* The numbers are kept in the ledger. */
enum gap_what {
	GAP_ORDER = 1, /* the ledger did not have the order */
	GAP_CHANGE,    /* the ledger did not have its last change */
};

struct reconcile_claim {
	int64_t tenant_id, store_id;
	int64_t watermark;
	int32_t tries; /* failures since the last page */
	/* The end of the lease by the database's clock, which also identifies
	 * the process that has the lease. */
	int64_t leased_until;
	int64_t now; /* by the database's clock */
};

/* Makes the rows of these stores, from the time when each was added on. */
int reconcile_want(struct pg *, struct arena *, const int64_t *tenant_ids,
    const int64_t *store_ids, size_t n, struct err *) MUST_CHECK;
/* Claims a store that is due.  The claim's store_id is 0 if none is. */
int reconcile_claim(struct pg *, struct arena *, int64_t lease_ms,
    struct reconcile_claim *, struct err *) MUST_CHECK;
/* Holds the store for another call, with the watermark of the claim.  *lost is
 * true if another process has the store. */
int reconcile_hold(struct pg *, struct arena *, int64_t lease_ms,
    struct reconcile_claim *, bool *lost, struct err *) MUST_CHECK;
/* Frees the store, with the watermark of the claim, until wait_ms from now.  `why`
 * is why the round failed; NULL: it has not. */
int reconcile_free(struct pg *, struct arena *, const struct reconcile_claim *,
    int64_t wait_ms, const char *why, struct err *) MUST_CHECK;

/* An order of which the ledger does not have the last change. */
struct gap {
	int64_t order_id;
	enum gap_what what;
	int64_t changed_at; /* at the shop */
	int64_t found_at;
	int64_t points_before; /* of the order */
	int64_t points;        /* the missed ones */
	bool is_closed;        /* the ledger has the order: points are known */
};

/* The delivery id of an order as it was at an instant. */
void reconcile_id(
    int64_t order_id, int64_t modified_at, char out[RECONCILE_ID_MAX]);
/* A list of a shop's orders, and the gaps among them; the arrays are the
 * caller's. */
struct reconcile_list {
	const struct pull_changed *orders;
	size_t n;
	struct gap *gaps; /* has room for n */
	size_t ngaps;
};
/* Finds the gaps: the orders that the ledger does not have as they are now, and of
 * which there is no dead letter.  Of an order that changed in the second of which
 * the ledger knows, status and number of refunds are compared. */
int reconcile_compare(struct pg *, struct arena *,
    const struct reconcile_claim *, struct reconcile_list *,
    struct err *) MUST_CHECK;
/* Counts the orders of the list that the ledger has not changed since an instant;
 * 0: that it does not have as they were.  None is counted of which there is a dead
 * letter. */
int reconcile_waiting(struct pg *, const struct reconcile_claim *,
    int64_t since, const struct reconcile_list *, int64_t *waiting,
    struct err *) MUST_CHECK;
/* Writes a gap down; one that is written down already stays as it is. */
int gap_add(struct pg *, struct arena *, const struct reconcile_claim *,
    const struct gap *, struct err *) MUST_CHECK;
/* Writes down the points of gaps whose orders the ledger has by now, and removes
 * gaps that turned out to be none. */
int gaps_close(struct pg *, struct arena *, const struct reconcile_claim *,
    struct err *) MUST_CHECK;

/* ---- webhooks ------------------------------------------------------------ */

/* Remembers these webhooks, by which the shop delivers here, and finds those that
 * it had once and has no more: their topics and URLs, in the arena. */
int hooks_compare(struct pg *, const struct reconcile_claim *,
    struct pull_answer *, struct arena *, struct err *) MUST_CHECK;

/* ---- the operator's tools ------------------------------------------------ */

struct reconcile_state {
	bool is_known; /* false: no process has asked the shop yet */
	int64_t watermark, due_at; /* due_at: of the next round */
	int64_t done_at; /* the end of the last round; 0: none ended */
	int32_t tries;
	const char *last_error; /* NULL: none */
	int64_t gaps;
};
int reconcile_state(struct pg *, struct arena *, int64_t store_id,
    struct reconcile_state *, struct err *) MUST_CHECK;
/* The gaps of a store, the newest first. */
struct gap_list {
	int64_t store_id, max;
	struct gap *gaps; /* the arena's */
	size_t n;
};
int gaps_list(
    struct pg *, struct arena *, struct gap_list *, struct err *) MUST_CHECK;
/* "order" or "change" */
const char *gap_word(enum gap_what);
