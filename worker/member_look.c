/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "member_look.h"

enum {
	SENTENCE_MAX = 8 * 1024
};

const char *
look_sentence(struct explaining *x, const struct explain_given *g,
    const struct why *why, int64_t store_id, int32_t version_id)
{
	const struct program_version *v = programs_find(x->world.programs,
	    x->world.nprograms, store_id, version_id, x->world.now);
	const char *text = why->reason;
	struct buf b;
	struct err e;

	if (v == NULL)
		return text;
	buf_init(&b, SENTENCE_MAX);
	if (why_text(why, v->program, g->language, &b, &e) == 0)
		text = arena_memdup(&x->op.arena, b.data, b.len);
	buf_fini(&b);
	return text;
}

const char *
look_units(struct explaining *x, const char *wallet, int64_t units)
{
	const struct wallet_row *w = wallet_find(&x->wallets, wallet);

	return w != NULL ? units_text(&x->op.arena, w, units)
	                 : arena_printf(&x->op.arena, "%" PRId64, units);
}

int
member_look(struct explaining *x, struct member_key key, struct err *e)
{
	struct timeline_view seen;

	if (x->world.pg == NULL &&
	    operation_world(&x->op, key.tenant_id, x->now, &x->world, e) == -1)
		return -1;
	if (wallets_of_member(x->op.pg, &x->op.arena, key, 0, &x->wallets, e) ==
	    -1)
		return -1;
	if (timeline_look(&x->world, key, NULL, &seen, e) == -1)
		return -1;
	x->fold = seen.fold;
	return 0;
}
