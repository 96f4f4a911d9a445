/* SPDX-License-Identifier: MIT */
/*
 * loyald member explain: explains the numbers of an entry, an order or an
 * event, or why there are none.
 *
 * Most entries are saved together with their explanation.  For entries of
 * programs without timelines, and for orders and events that gave nothing, the
 * explanation is worked out again by a fold of the member's timeline, which
 * gives the same numbers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "io/clock.h"
#include "ledger/members.h"
#include "member.h"
#include "member_explain.h"
#include "operation.h"
#include "wire/why_json.h"

/* ---- an entry ------------------------------------------------------------ */

/* Finds the explanation of an entry in the fold.  Prefers the movement with the
 * same accounts; else takes another movement by the same rule for the same
 * order or event. */
static const struct why *
why_again(const struct explaining *x, const struct entry_view *v)
{
	const struct why *best = NULL;

	for (size_t i = 0; i < x->fold.nmovements; i++) {
		const struct movement *m = &x->fold.movements[i];

		if (m->why == NULL || m->store_id != v->store_id ||
		    strcmp(m->rule, v->rule) != 0)
			continue;
		if (v->source != SOURCE_LOT &&
		    (m->source != v->source ||
		        strcmp(m->source_id, v->source_id) != 0))
			continue;
		if (best == NULL ||
		    (m->debit == v->debit && m->credit == v->credit))
			best = m->why;
	}
	return best;
}

#define ANY ((enum account)0)

/* Returns the sentence for an entry that only moves units which the member
 * already had: no calculation explains such a number.  Returns NULL if a rule
 * gave or took back the units, or if an operator changed them and said why. */
static const char *
moved(const struct entry_view *v)
{
	static const struct {
		enum account debit, credit;
		const char *words;
	} moves[] = {
		{ ACCOUNT_PENDING, ACCOUNT_AVAILABLE,
		    "their pending days are over" },
		{ ACCOUNT_PENDING, ACCOUNT_DEBT,
		    "their pending days are over, and they pay what was owed" },
		{ ANY, ACCOUNT_EXPIRED, "they were not used in time" },
		{ ANY, ACCOUNT_RESERVED, "they were reserved" },
		{ ACCOUNT_RESERVED, ACCOUNT_REDEEMED,
		    "they were reserved, and are used" },
		{ ANY, ACCOUNT_REDEEMED, "they were redeemed" },
		{ ANY, ACCOUNT_ADJUSTED,
		    "they had been forgiven, and do not come back" },
		{ ANY, ACCOUNT_CHARITY, "they were given away" },
		{ ANY, ACCOUNT_AVAILABLE, "they came back" },
		{ ANY, ACCOUNT_DEBT, "they came back, and pay what was owed" },
	};

	if (v->source == SOURCE_REDEMPTION && v->debit == ACCOUNT_ISSUED)
		return "the shop gives them away for it";
	if (v->source == SOURCE_REDEMPTION && v->credit == ACCOUNT_REVERSED)
		return "they were not given away after all";
	if (v->debit == ACCOUNT_ISSUED || v->credit == ACCOUNT_REVERSED ||
	    v->source == SOURCE_ADJUSTMENT)
		return NULL;
	for (size_t i = 0; i < NITEMS(moves); i++)
		if ((moves[i].debit == ANY || moves[i].debit == v->debit) &&
		    (moves[i].credit == ANY || moves[i].credit == v->credit))
			return moves[i].words;
	return NULL;
}

static bool
is_share_of(int64_t units, const struct why *by)
{
	return units == llabs(by->passed) || units == llabs(by->bonus) ||
	       units == llabs(by->passed - by->bonus);
}

/* Returns the sum of all entries of the same movement, up to and including this
 * entry. */
static int64_t
stands_with(const struct entry_view *v)
{
	return v->corrects ? v->stood - v->units : v->stood + v->units;
}

/* Makes the sentence about an entry's number from the explanation `by`.  If the
 * order became worth more later, `by` explains the units of all entries of the
 * movement.  The sentence then adds how many of these units were posted
 * earlier. */
static const char *
entry_why(struct explaining *x, const struct explain_given *g,
    const struct entry_view *v, const struct why *by)
{
	struct arena *a = &x->op.arena;
	const char *why = "";

	if (by != NULL)
		why = look_sentence(x, g, by, v->store_id, v->version_id);
	if (v->corrects)
		return arena_printf(a,
		    "It takes back what an earlier entry posted, since more "
		    "is known now: %s stands instead of %s.%s%s",
		    look_units(x, v->wallet, stands_with(v)),
		    look_units(x, v->wallet, v->stood), by ? " " : "", why);
	if (by != NULL && v->stood != 0 && !is_share_of(v->units, by))
		return arena_printf(a, "%s %s stood already.", why,
		    look_units(x, v->wallet, v->stood));
	if (by != NULL)
		return why;
	if (moved(v) == NULL)
		return NULL;
	return arena_printf(a, "%s: %s %s: %s.", v->rule,
	    look_units(x, v->wallet, v->units), v->wallet, moved(v));
}

static void
entry_tell(struct explaining *x, const struct explain_given *g,
    const struct entry_view *v, const struct why *by)
{
	const char *why = entry_why(x, g, v, by);
	char at[INSTANT_TEXT_MAX];

	instant_format(v->event_at, at);
	if (!g->json) {
		printf("entry %" PRId64 ": %s %s%s%s from %s to %s\n"
		       "of %s %s of store %" PRId64
		       ", rule %s, program version %d, %s\n",
		    g->entry_id, look_units(x, v->wallet, v->units), v->wallet,
		    *v->party != '\0' ? " for " : "", v->party,
		    account_name(v->debit), account_name(v->credit),
		    source_name(v->source), v->source_id, v->store_id, v->rule,
		    v->version_id, at);
		if (why != NULL)
			printf("%s\n", why);
		return;
	}
	jsonw_int(&x->w, "entry_id", g->entry_id);
	jsonw_int(&x->w, "member_id", v->key.member_id);
	jsonw_int(&x->w, "store_id", v->store_id);
	jsonw_text(&x->w, "source", source_name(v->source));
	jsonw_text(&x->w, "source_id", v->source_id);
	jsonw_text(&x->w, "rule", v->rule);
	jsonw_int(&x->w, "version_id", v->version_id);
	jsonw_text(&x->w, "wallet", v->wallet);
	jsonw_text(&x->w, "units", look_units(x, v->wallet, v->units));
	jsonw_text(&x->w, "debit", account_name(v->debit));
	jsonw_text(&x->w, "credit", account_name(v->credit));
	jsonw_bool(&x->w, "corrects", v->corrects);
	jsonw_text(&x->w, "stood", look_units(x, v->wallet, v->stood));
	jsonw_text(&x->w, "stands", look_units(x, v->wallet, stands_with(v)));
	jsonw_instant(&x->w, "event_at", v->event_at);
	jsonw_text(&x->w, "why", why);
	if (by != NULL)
		why_write(&x->w, "arithmetic", by);
}

static int
explain_entry(
    struct explaining *x, const struct explain_given *g, struct err *e)
{
	const struct why *why = NULL;
	struct member_key who = { .member_id = 0 };
	struct entry_view v;
	struct why kept;

	if ((member_named_ways(&g->who) > 0 &&
	        member_named_find(&x->op, &g->who, &who, e) == -1) ||
	    entry_find(x->op.pg, &x->op.arena, g->entry_id, who.member_id, &v,
	        e) == -1 ||
	    member_look(x, v.key, e) == -1)
		return -1;
	if (v.why.data != NULL) {
		if (why_parse(&x->op.arena, v.why, &kept, e) == -1)
			return err_wrap(e, "entry %" PRId64, g->entry_id);
		why = &kept;
	} else if (moved(&v) == NULL) {
		why = why_again(x, &v);
	}
	entry_tell(x, g, &v, why);
	return 0;
}

static int
explain(struct explaining *x, const struct explain_given *g, struct err *e)
{
	x->now = g->at != 0 ? g->at : clock_now();
	if (g->entry_id == 0 &&
	    operation_store(&x->op, g->who.store_id, e) == NULL)
		return -1;
	if (g->who.order != NULL)
		return explain_order(x, g, e);
	return g->fact != NULL ? explain_facts(x, g, e)
	                       : explain_entry(x, g, e);
}

/* Checks that exactly one of an entry, an order and a key is given.  The member
 * may be named only together with an entry, which is then found faster. */
static int
given_check(const struct tool_call *call, const struct explain_given *g)
{
	const struct member_named *who = &g->who;
	bool entry = g->entry_id != 0, key = g->fact != NULL;

	if (entry + (who->order != NULL) + key != 1)
		return tool_usage(call,
		    "%s wants one of --entry ID, --store ID with --order ID, "
		    "and --store ID with --key KEY",
		    call->argv[0]);
	if (entry && member_named_ways(who) > 1)
		return tool_usage(call,
		    "%s wants the entry's member named in one way: --member "
		    "ID, --customer ID or --email ADDRESS",
		    call->argv[0]);
	if (!entry && member_named_ways(who) > (key ? 0 : 1))
		return tool_usage(call,
		    "an order or a key of a store is one member's: %s wants "
		    "no --member, --customer or --email with it",
		    call->argv[0]);
	return EXIT_STOPPED;
}

int
member_explain(struct tool_call *call)
{
	static struct explaining x;
	struct explain_given g = { .language = "en" };
	const struct option_spec options[] = {
		{ "--entry", "ID",
		    "the entry to explain, by number: loyald member history; "
		    "found faster if its member is named, too",
		    .number = &g.entry_id },
		{ "--key", "KEY",
		    "the event, redemption or adjustment to explain, by its "
		    "idempotency key",
		    .text = &g.fact, .with = "--store" },
		{ "--order", "ID",
		    "the order to explain, by its number at the shop; of POST "
		    "/events, by the till's name for it",
		    .text = &g.who.order, .with = "--store" },
		OPTION_MEMBER(&g.who),
		OPTION_MEMBER_STORE(&g.who),
		OPTION_CUSTOMER("--", &g.who),
		OPTION_EMAIL("--", &g.who),
		{ "--at", "INSTANT", "by what had happened then",
		    .instant = &g.at, .preset = "now" },
		{ "--language", "CODE", "language of the sentence",
		    .text = &g.language, .one_of = explain_languages,
		    .preset = "en" },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct config config;
	struct err e;
	bool failed;
	int status = tool_read_line(call, options, &config);

	if (status == EXIT_STOPPED)
		status = given_check(call, &g);
	if (status == EXIT_STOPPED)
		status = operation_open(
		    &x.op, call, &config, member_named_takes_key(&g.who));
	if (status != EXIT_STOPPED)
		return status;
	jsonw_begin(&x.w);
	failed = explain(&x, &g, &e) == -1;
	jsonw_end(&x.w, !failed && g.json ? stdout : NULL);
	return operation_end(&x.op, failed ? &e : NULL);
}
