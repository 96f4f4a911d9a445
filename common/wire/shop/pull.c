/* SPDX-License-Identifier: MIT */
/*
 * The parts of pulling that are alike for all platforms.
 */
#include <stdio.h>

#include "wire/shop/internal.h"
#include "wire/shop/pull.h"

void
pull_fail(struct pull_answer *r, const char *why)
{
	r->outcome = PUSH_RETRY;
	r->wait_ms = int64_max(r->wait_ms, PUSH_WAIT_MS);
	(void)snprintf(r->why, sizeof(r->why), "%s", why);
}

void
pull_advance(
    struct pull_answer *a, const struct pull_place *of, struct str cursor)
{
	int64_t last = a->orders[a->n - 1].modified_at;

	/* Orders that change while they are listed move to the end of the list.
	 * A place by its time is not lost by that, as a number of orders is. */
	a->next = (struct pull_place){ .since = last };
	if (last > of->since)
		return;
	a->next.since = of->since;
	(void)snprintf(a->next.cursor, sizeof(a->next.cursor), "%.*s",
	    (int)cursor.len, cursor.data);
}
