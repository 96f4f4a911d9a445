/* SPDX-License-Identifier: MIT */
/* loyald member explain, for an order or an idempotency key: all movements of
 * the order or event, the members to whom the order belonged, and why an event
 * was refused. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "ledger/members.h"
#include "member_explain.h"
#include "wire/fact_json.h"

/* ---- all movements of one order or fact ---------------------------------- */

static void
movement_tell(struct explaining *x, const struct explain_given *g,
    const struct movement *m)
{
	const char *why = m->why != NULL ? look_sentence(x, g, m->why,
	                                       m->store_id, m->version_id)
	                                 : NULL;
	const char *units = look_units(x, m->wallet, m->units);

	if (!g->json) {
		if (m->units != 0)
			printf("%s: %s %s from %s to %s\n", m->rule, units,
			    m->wallet, account_name(m->debit),
			    account_name(m->credit));
		else
			printf("%s: nothing\n", m->rule);
		if (why != NULL)
			printf("    %s\n", why);
	}
	jsonw_object(&x->w, NULL);
	jsonw_text(&x->w, "rule", m->rule);
	jsonw_text(&x->w, "wallet", m->wallet);
	jsonw_text(&x->w, "units", units);
	jsonw_text(&x->w, "debit", account_name(m->debit));
	jsonw_text(&x->w, "credit", account_name(m->credit));
	jsonw_instant(&x->w, "at", m->at);
	jsonw_text(&x->w, "reason", m->why ? m->why->reason : NULL);
	jsonw_text(&x->w, "why", why);
	jsonw_object_end(&x->w);
}

/* Explains all movements of one order or event (the source), and why other
 * rules gave nothing. */
static void
movements_tell(struct explaining *x, const struct explain_given *g,
    enum source_kind source, const char *id)
{
	jsonw_array(&x->w, "movements");
	for (size_t i = 0; i < x->fold.nmovements; i++) {
		const struct movement *m = &x->fold.movements[i];

		if (m->source == source && m->store_id == g->who.store_id &&
		    strcmp(m->source_id, id) == 0 &&
		    (m->units != 0 || m->why != NULL))
			movement_tell(x, g, m);
	}
	jsonw_array_end(&x->w);
}

/* ---- an order ------------------------------------------------------------ */

struct order_told {
	struct order_full order;
	struct order_view earned;
};

static int
order_look(struct explaining *x, const struct explain_given *g,
    struct order_told *t, struct err *e)
{
	struct arena *a = &x->op.arena;

	if (order_find(
	        x->op.pg, a, g->who.store_id, g->who.order, &t->order, e) == -1)
		return -1;
	t->earned.order_id = t->order.order_id;
	t->earned.store_id = g->who.store_id;
	if (t->order.key.member_id != 0 &&
	    member_look(x, t->order.key, e) == -1)
		return -1;
	if (orders_earned(x->op.pg, a, t->order.key, &t->earned, 1, e) == -1)
		return -1;
	return order_moves(x->op.pg, a, t->order.key.tenant_id, &t->earned, e);
}

static void
moves_tell(struct explaining *x, const struct explain_given *g,
    const struct order_told *t)
{
	char at[INSTANT_TEXT_MAX];

	jsonw_array(&x->w, "moves");
	for (size_t i = 0; i < t->earned.nmoves; i++) {
		const struct order_move *m = &t->earned.moves[i];

		jsonw_object(&x->w, NULL);
		jsonw_int(&x->w, "from_member", m->from_member);
		jsonw_int(&x->w, "to_member", m->to_member);
		jsonw_instant(&x->w, "at", m->at);
		jsonw_object_end(&x->w);
		if (g->json)
			continue;
		instant_format(m->at, at);
		printf("  it was member %" PRId64 "'s until %s, then %s\n",
		    m->from_member, at,
		    m->to_member == 0
		        ? "nobody's"
		        : arena_printf(&x->op.arena, "member %" PRId64 "'s",
		              m->to_member));
	}
	jsonw_array_end(&x->w);
}

int
explain_order(
    struct explaining *x, const struct explain_given *g, struct err *e)
{
	struct order_told t = { 0 };
	const struct order_full *o = &t.order;
	const char *id;

	if (order_look(x, g, &t, e) == -1)
		return -1;
	id = arena_printf(&x->op.arena, "%" PRId64, o->order_id);
	jsonw_text(&x->w, "order", id);
	jsonw_int(&x->w, "store_id", g->who.store_id);
	jsonw_int(&x->w, "member_id", o->key.member_id);
	jsonw_int(&x->w, "points", o->points);
	earned_write(&x->w, &t.earned);
	jsonw_text(&x->w, "reason", o->reason);
	if (!g->json)
		printf("order %s of store %" PRId64 ": %s; %s\n", id,
		    g->who.store_id, earned_text(&x->op.arena, &t.earned),
		    o->reason);
	moves_tell(x, g, &t);
	movements_tell(x, g, SOURCE_ORDER, id);
	return 0;
}

/* ---- the facts of a key -------------------------------------------------- */

#define NO_SOURCE ((enum source_kind)0)

/* Returns the kind of source that the entries of a fact have.  A fact that ends
 * a redemption has NO_SOURCE: the source of its entries is the redemption. */
static enum source_kind
fact_source(enum fact_kind kind)
{
	switch (kind) {
	case FACT_ORDER:
		return SOURCE_ORDER;
	case FACT_EVENT:
		return SOURCE_EVENT;
	case FACT_REDEEM:
		return SOURCE_REDEMPTION;
	case FACT_ADJUST:
		return SOURCE_ADJUSTMENT;
	case FACT_CAPTURE:
	case FACT_RELEASE:
	case FACT_USE:
	case FACT_UNUSE:
		break;
	}
	return NO_SOURCE;
}

static const char *
fact_name(enum fact_kind kind)
{
	if (fact_source(kind) != NO_SOURCE)
		return source_name(fact_source(kind));
	return kind == FACT_CAPTURE ? "capture" : "release";
}

/* Returns the reason for which a fact was refused when it was saved.  For an
 * event without effect, the reason is worked out from the facts that are known
 * now. */
static const char *
refusal_of(const struct explaining *x, const struct explain_given *g,
    const struct fact_full *f)
{
	for (size_t i = 0; i < x->fold.nrefusals; i++) {
		const struct refusal *r = &x->fold.refusals[i];

		if (r->fact->kind == f->kind &&
		    r->fact->store_id == g->who.store_id &&
		    strcmp(r->fact->id, g->fact) == 0)
			return r->reason;
	}
	return f->refused;
}

/* Tries a refused redemption again, without saving anything, with the facts
 * that are known now.  Sets *refused to the reason of a second refusal, or to
 * NULL. */
static int
ask_again(struct explaining *x, const struct explain_given *g,
    const struct fact_full *f, const char **refused, struct err *e)
{
	struct fact again;
	struct timeline_view seen;

	if (fact_parse(&x->op.arena, f->facts, &again, e) == -1)
		return err_wrap(e, "key %s", g->fact);
	again.store_id = g->who.store_id;
	/* The key is used up by the refused redemption, so the trial needs
	 * another key. */
	again.id = arena_printf(&x->op.arena, "%s again", g->fact);
	if (timeline_look(&x->world, f->key, &again, &seen, e) == -1)
		return -1;
	*refused = seen.refused;
	return 0;
}

/* Whether an operator may send a fact of this kind again. */
static bool
is_asked(enum fact_kind kind)
{
	return kind == FACT_REDEEM || kind == FACT_CAPTURE ||
	       kind == FACT_RELEASE;
}

/* Returns the word for the reason of a refusal, with the reason's sentence if
 * there is one. */
static const char *
refusal_text(
    struct explaining *x, const struct explain_given *g, const char *word)
{
	const char *sentence = reason_sentence(word, g->language);

	return sentence == NULL
	           ? word
	           : arena_printf(&x->op.arena, "%s (%s)", word, sentence);
}

static void
print_refused(struct explaining *x, const struct explain_given *g,
    const char *then, const char *now)
{
	if (now == NULL)
		printf("  it was refused by what was known when it came; by "
		       "what is known now it would be taken: send it again "
		       "under another key\n");
	else if (strcmp(now, then) == 0)
		printf("  by what is known now it would be refused, too\n");
	else
		printf("  by what is known now it would be refused for "
		       "another reason: %s\n",
		    refusal_text(x, g, now));
}

static int
fact_tell(struct explaining *x, const struct explain_given *g,
    const struct fact_full *f, struct err *e)
{
	const char *refused = refusal_of(x, g, f), *now = NULL;
	bool asked = f->refused != NULL && is_asked(f->kind);
	/* True if the redemption was accepted when it came, but the facts that
	 * are known now show that the member had too few units. */
	bool owed = f->kind == FACT_REDEEM && f->refused == NULL &&
	            refused != NULL;
	char at[INSTANT_TEXT_MAX];

	if (owed)
		refused = NULL;
	if (asked && ask_again(x, g, f, &now, e) == -1)
		return -1;
	instant_format(f->at, at);
	jsonw_object(&x->w, NULL);
	jsonw_text(&x->w, "kind", fact_name(f->kind));
	jsonw_int(&x->w, "member_id", f->key.member_id);
	jsonw_instant(&x->w, "at", f->at);
	jsonw_text(&x->w, "refused", refused);
	if (asked)
		jsonw_text(&x->w, "refused_now", now);
	if (!g->json) {
		printf("%s %s of store %" PRId64 ", %s%s%s\n",
		    fact_name(f->kind), g->fact, g->who.store_id, at,
		    refused != NULL ? "; it counts for nothing: " : "",
		    refused != NULL ? refusal_text(x, g, refused) : "");
		if (owed)
			printf("  not all of it was there then, as is known "
			       "now: the rest is owed\n");
		if (asked)
			print_refused(x, g, f->refused, now);
	}
	movements_tell(x, g, fact_source(f->kind), g->fact);
	jsonw_object_end(&x->w);
	return 0;
}

int
explain_facts(
    struct explaining *x, const struct explain_given *g, struct err *e)
{
	struct fact_list facts;

	if (facts_find(x->op.pg, &x->op.arena, g->who.store_id, g->fact, &facts,
	        e) == -1)
		return -1;
	jsonw_text(&x->w, "key", g->fact);
	jsonw_int(&x->w, "store_id", g->who.store_id);
	jsonw_array(&x->w, "facts");
	for (size_t i = 0; i < facts.n; i++) {
		if (member_look(x, facts.list[i].key, e) == -1 ||
		    fact_tell(x, g, &facts.list[i], e) == -1)
			return -1;
	}
	jsonw_array_end(&x->w);
	return 0;
}
