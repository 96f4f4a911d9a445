/* SPDX-License-Identifier: MIT */
/* Folds the whole timelines of some members who have a seam, and compares the
 * seams. */
#include <inttypes.h>

#include "base/instant.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

/* Folds a member's whole timeline until the seam that is kept.  *same is false
 * if the fold gives another seam. */
static int
verify_one(const struct world *w, struct timeline_member *kept, bool *same,
    struct err *e)
{
	struct world then = *w;
	struct timeline_batch b;
	struct timeline_member *m;
	struct timeline t;
	struct fold f;

	then.now = kept->seam.at;
	then.steps_most = timeline_alone_most(w);
	timeline_batch_init(&b, &then, &kept->key, 1);
	m = &b.members[0];
	if (timeline_seam_rest(&b, kept, e) == -1 ||
	    timeline_load(&b, false, e) == -1 || timeline_fold(&b, m, e) == -1)
		return -1;
	*same = true;
	if (!m->folded)
		return 0;
	t = m->timeline;
	t.seam_keeps = 0;
	t.seam_lots = (size_t)kept->seam_of.lots;
	t.seam_next_at = kept->seam.at;
	fold(then.arena, &t, &f);
	*same = str_eq(f.seam.bytes, kept->seam.bytes) &&
	        str_eq(f.seam.rest, kept->seam.rest);
	return 0;
}

int
timeline_seams_verify(
    const struct world *w, struct timeline_lie *lies, size_t *n, struct err *e)
{
	struct world own = *w;
	const struct timeline_batch b = { .world = &own };
	struct arena a;
	struct pg_params p;
	struct pg_rows rows;
	int ret = 0;

	*n = 0;
	pg_params(&p, w->arena);
	pg_bigint(&p, SEAMS_MAX);
	if (pg_ask(w->pg, SQL_VERIFY_SEAMS, &p, &rows, e) == -1)
		return -1;
	arena_init(&a);
	own.arena = &a;
	own.now = INSTANT_NEVER;
	for (int row = 0; row < rows.n && ret == 0; row++) {
		struct timeline_member m = {
			.key = { pg_get_bigint(&rows, row, 0),
			    pg_get_bigint(&rows, row, 1) },
			.seam_kept = rows_str(w->arena, &rows, row, 2),
			.since_kept = rows_str(w->arena, &rows, row, 3),
		};
		bool same = true;

		arena_reset(&a);
		timeline_seam_read(&b, &m);
		if (m.seam.at != 0)
			ret = verify_one(&own, &m, &same, e);
		/* The check `kept` of verify.c finds orders that cannot be
		 * read. */
		if (ret == -1 && e->fault == FAULT_REJECT)
			ret = 0;
		if (!same)
			lies[(*n)++] = (struct timeline_lie){ m.key,
				arena_printf(w->arena, "member %" PRId64,
				    m.key.member_id) };
	}
	arena_fini(&a);
	pg_done(&rows);
	return ret;
}
