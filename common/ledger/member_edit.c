/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "ledger/locks.h"
#include "ledger/member_codes.h"
#include "ledger/member_edit.h"
#include "ledger/members.h"
#include "ledger/referrals.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/fact_json.h"

int
member_home(struct pg *pg, struct arena *a, int64_t member_id,
    struct member_home *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*out = (struct member_home){ .key.member_id = member_id };
	pg_bigint(&p, member_id);
	if (pg_ask(pg, SQL_MEMBER_HOME, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0) {
		out->key.tenant_id = pg_get_bigint(&rows, 0, 0);
		out->store_id = pg_get_bigint(&rows, 0, 1);
		out->created_at = pg_get_instant(&rows, 0, 2);
	}
	pg_done(&rows);
	if (out->key.tenant_id == 0)
		return err_set(e, FAULT_REJECT, NO_MEMBER, member_id);
	return 0;
}

/* Locks the member's timeline, and makes it due at the time `at`. */
static int
wake(const struct world *w, struct member_key key, int64_t at, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	pg_instant(&p, at);
	return pg_tell(w->pg, SQL_STATE_WAKE, &p, e);
}

static int
fact_insert(const struct world *w, struct member_key key, const struct fact *f,
    bool *told, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	size_t n;

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, f->store_id);
	pg_bigint(&p, f->kind);
	pg_text(&p, f->id);
	pg_bigint(&p, key.member_id);
	pg_instant(&p, f->at);
	pg_str(&p, fact_render(w->arena, f));
	pg_bigint(&p, f->version_id);
	if (pg_ask_count(w->pg, SQL_FACT_TELL, &p, &n, e) == -1)
		return -1;
	*told = n > 0;
	return 0;
}

/* Finds out whether the same fact was saved before under its key.  REJECT if a
 * different fact has the key. */
static int
is_known(const struct world *w, struct member_key key, const struct fact *f,
    bool *known, struct err *e)
{
	const int32_t kind = (int32_t)f->kind;
	const struct str id = str_of(f->id);
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;
	bool same = true;

	pg_bigints(&p, &key.tenant_id, 1);
	pg_bigints(&p, &f->store_id, 1);
	pg_ints(&p, &kind, 1);
	pg_strs(&p, &id, 1);
	if (pg_ask(w->pg, SQL_FACT_LOAD, &p, &rows, e) == -1)
		return -1;
	*known = rows.n > 0;
	if (*known) {
		struct fact was = { .at = 0 };
		struct str facts = rows_str(w->arena, &rows, 0, 1);

		/* A fact that is saved again with another time counts as the
		 * same fact. */
		same = fact_parse(w->arena, facts, &was, e) == 0;
		was.at = f->at;
		same = same && str_eq(fact_render(w->arena, &was),
		                   fact_render(w->arena, f));
	}
	pg_done(&rows);
	return same ? 0
	            : err_set(e, FAULT_REJECT,
	                  "key %s was used for something else before", f->id);
}

/* Sentences for the reasons of refusals (core/fold/redeem.c).  The conditions
 * of a reward have reasons of their own, which all share one sentence. */
static const struct {
	const char *word, *sentence;
} refusals[] = {
	{ "insufficient", "there is too little in the wallet: loyald member "
	                  "balance says how much" },
	{ "wrong_units", "the reward is not given for so many units: loyald "
	                 "program show says for how many" },
	{ "too_much", "those units come from too many lots: redeem them in "
	              "parts" },
	{ "no_such_reward", "the store's program has no such reward: loyald "
	                    "program show names them" },
	{ "no_such_wallet", "the store's program has no such wallet: loyald "
	                    "program show names them" },
	{ "no_such_charity", "the store's program has no such charity: loyald "
	                     "program show names them" },
	{ "no_charity_named", "the reward is for a charity: name it with "
	                      "--charity" },
	{ "no_such_redemption", "the member has no redemption with that key: "
	                        "it is the one that redeem was given, or "
	                        "printed" },
	{ "ended_already", "that redemption was captured or released before" },
	{ "used_already", "an order has used the reward already" },
	{ "paid_out", "the charity was paid that already" },
};

static int
refuse(const char *word, struct err *e)
{
	for (size_t i = 0; i < NITEMS(refusals); i++)
		if (strcmp(refusals[i].word, word) == 0)
			return err_set(e, FAULT_REJECT,
			    "refused (%s): %s. Nothing is changed", word,
			    refusals[i].sentence);
	return err_set(e, FAULT_REJECT,
	    "refused (%s): the program does not allow it. Nothing is changed",
	    word);
}

static int
tell_locked(const struct world *w, struct member_key key, struct fact *f,
    struct fold *after, bool *told, struct err *e)
{
	const struct program_version *v = programs_find(
	    w->programs, w->nprograms, f->store_id, 0, f->at);
	struct timeline_view seen;
	bool known;

	if (v == NULL)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " had no program then", f->store_id);
	if (is_known(w, key, f, &known, e) == -1 ||
	    timeline_look(w, key, known ? NULL : f, &seen, e) == -1)
		return -1;
	*after = seen.fold;
	*told = false;
	if (known)
		return 0;
	if (seen.refused != NULL)
		return refuse(seen.refused, e);
	f->version_id = v->version_id;
	return fact_insert(w, key, f, told, e);
}

int
member_write(const struct world *w, const struct member_home *home,
    struct fact *f, struct fold *after, bool *told, struct err *e)
{
	if (home->store_id == 0)
		return err_set(e, FAULT_REJECT,
		    "no store knows member %" PRId64 " any more",
		    home->key.member_id);
	f->store_id = home->store_id;
	if (pg_begin(w->pg, e) == -1)
		return -1;
	return pg_end(w->pg,
	    wake(w, home->key, f->at, e) == 0 &&
	        tell_locked(w, home->key, f, after, told, e) == 0,
	    e);
}

/* ---- merging ------------------------------------------------------------- */

int
member_move(const struct world *w, struct member_key from, struct member_key to,
    struct member_merged *out, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	if (codes_move(w, from.tenant_id, from.member_id, to.member_id, e) ==
	    -1)
		return -1;
	pg_bigint(&p, from.tenant_id);
	pg_bigint(&p, from.member_id);
	pg_bigint(&p, to.member_id);
	if (pg_ask(w->pg, SQL_MEMBER_MERGE, &p, &rows, e) == -1)
		return -1;
	*out = (struct member_merged){
		.names = pg_get_bigint(&rows, 0, 0),
		.orders = pg_get_bigint(&rows, 0, 1),
		.facts = pg_get_bigint(&rows, 0, 2),
	};
	pg_done(&rows);
	return 0;
}

static int
merge_locked(const struct world *w, const struct member_merger *m,
    const struct fact *audit, struct member_merged *out, struct err *e)
{
	const struct member_home *from = m->from, *into = m->into;
	bool first = from->key.member_id < into->key.member_id;
	const struct member_home *a = first ? from : into;
	const struct member_home *b = first ? into : from;
	bool told;

	if (locks_take_tenant(w, from->key.tenant_id, e) == -1 ||
	    wake(w, a->key, w->now, e) == -1 ||
	    wake(w, b->key, w->now, e) == -1 ||
	    member_move(w, from->key, into->key, out, e) == -1)
		return -1;
	return fact_insert(w, into->key, audit, &told, e);
}

/* Makes a fact that keeps why, and by which operator, two members were merged.
 * The fact belongs to the member who remains. */
static struct fact
audit_of(const struct world *w, const char *verb, const struct member_merger *m)
{
	enum {
		FIELDS = 3
	};
	struct arena *a = w->arena;
	struct field *fields = arena_array(a, FIELDS, sizeof(*fields));
	int64_t from = m->from->key.member_id;

	fields[0] = (struct field){ "by", m->by };
	fields[1] = (struct field){ "from", arena_printf(a, "%" PRId64, from) };
	fields[2] = (struct field){ "reason", m->reason };
	return (struct fact){
		.kind = FACT_EVENT,
		.id = arena_printf(
		    a, "%s:%" PRId64 ":%" PRId64, verb, from, w->now),
		.at = w->now,
		.store_id = m->into->store_id != 0 ? m->into->store_id
		                                   : m->from->store_id,
		.count = 1,
		.fields = fields,
		.nfields = FIELDS,
	};
}

static int
check_merge(const struct member_merger *m, struct err *e)
{
	const struct member_home *from = m->from, *into = m->into;

	if (from->key.tenant_id != into->key.tenant_id)
		return err_set(e, FAULT_REJECT,
		    "members %" PRId64 " and %" PRId64
		    " are of different merchants",
		    from->key.member_id, into->key.member_id);
	if (from->key.member_id == into->key.member_id)
		return err_set(e, FAULT_REJECT,
		    "both are member %" PRId64 ": there is nothing to merge",
		    from->key.member_id);
	if (from->store_id == 0 && into->store_id == 0)
		return err_set(
		    e, FAULT_REJECT, "no store knows either of them any more");
	return 0;
}

/* Commits the transaction.  Then makes due the timelines of the member who
 * remains, and of all members whose referrals concern that member. */
static int
merge_end(const struct world *w, const struct member_home *into, int ret,
    struct err *e)
{
	if (pg_end(w->pg, ret == 0, e) == -1)
		return -1;
	return referral_wake_member(w, into->key, e);
}

int
member_merge(const struct world *w, const struct member_merger *m,
    struct member_merged *out, struct err *e)
{
	struct fact audit = audit_of(w, "merge", m);
	int ret;

	audit.type = "merged";
	if (check_merge(m, e) == -1 || pg_begin(w->pg, e) == -1)
		return -1;
	ret = merge_locked(w, m, &audit, out, e);
	if (ret == 0 && out->names + out->orders + out->facts == 0) {
		pg_rollback(w->pg);
		return 0;
	}
	return merge_end(w, m->into, ret, e);
}

int
member_claim(const struct world *w, const struct member_merger *m,
    struct member_merged *out, struct err *e)
{
	struct fact audit = audit_of(w, "claim", m);
	int ret;

	audit.type = "claimed";
	if (check_merge(m, e) == -1 || pg_begin(w->pg, e) == -1)
		return -1;
	ret = merge_locked(w, m, &audit, out, e);
	if (ret == 0 && out->orders + out->facts == 0)
		ret = err_set(
		    e, FAULT_REJECT, "nothing is held for that address");
	return merge_end(w, m->into, ret, e);
}
