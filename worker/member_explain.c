/* SPDX-License-Identifier: MIT */
/*
 * loyald member explain: why an entry, an order or what came by an
 * idempotency key has the numbers it has, or none.
 *
 * What an entry says of itself is shown; what says nothing (a plain
 * program's entries, and what came to nothing) is worked out again from the
 * member's timeline, which gives the same.
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
#include "ledger/desk.h"
#include "ledger/member_edit.h"
#include "ledger/members.h"
#include "ledger/wallets.h"
#include "member.h"
#include "wire/event_json.h"
#include "wire/explain.h"
#include "wire/node.h"
#include "wire/why_json.h"

enum {
	ANSWER_MAX = 4 * 1024 * 1024, /* bytes of JSON */
	SENTENCE_MAX = 8 * 1024,
};

struct given {
	int64_t entry_id, member_id, store_id;
	const char *order, *fact, *language, *at;
	bool json;
};

struct explaining {
	struct desk desk;
	int64_t now;
	struct timeline_world world; /* from the first look on */
	struct fold fold;
	struct wallet_row *wallets;
	size_t nwallets;
	struct jsonw w;
	struct buf b;
};

/* The sentence of a number; the word alone where there is no program. */
static const char *
sentence(struct explaining *x, const struct given *g, const struct why *why,
    int64_t store_id, int32_t version_id)
{
	const struct program_version *v = programs_find(x->world.programs,
	    x->world.nprograms, store_id, version_id, x->world.now);
	const char *text = why->reason;
	struct buf b;
	struct err e;

	if (v == NULL)
		return text;
	buf_init(&b, SENTENCE_MAX);
	if (why_text(why, &v->program, g->language, &b, &e) == 0)
		text = arena_memdup(&x->desk.arena, b.data, b.len);
	buf_fini(&b);
	return text;
}

static const char *
units_of(struct explaining *x, const char *wallet, int64_t units)
{
	const struct wallet_row *w = wallet_find(
	    x->wallets, x->nwallets, wallet);

	return w != NULL ? units_text(&x->desk.arena, w, units)
	                 : arena_printf(&x->desk.arena, "%" PRId64, units);
}

static int
look(struct explaining *x, struct member_key key, struct err *e)
{
	bool found;

	if (x->world.pg == NULL &&
	    desk_world_of(&x->desk, key.tenant_id, x->now, &x->world, e) == -1)
		return -1;
	if (wallets_of_member(x->desk.pg, &x->desk.arena, key.tenant_id,
	        key.member_id, 0, &x->wallets, &x->nwallets, e) == -1)
		return -1;
	return timeline_look(&x->world, key, NULL, NULL, &x->fold, &found, e);
}

/* ---- an entry ----------------------------------------------------------------- */

/* The number it is part of: the same movement's, else that of the same rule
 * on the same thing. */
static const struct why *
why_again(const struct explaining *x, const struct entry_full *v)
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

/* What became of units that were there: the number is theirs, nothing is
 * worked out.  NULL: a rule gave something or took it back, or an operator
 * did, who said why. */
static const char *
moved(const struct entry_full *v)
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

/* Of a movement that stands. */
static int64_t
stands_with(const struct entry_full *v)
{
	return v->corrects ? v->stood - v->units : v->stood + v->units;
}

/* What is told is mostly the entry's own number, else that of all that
 * stands: of an order that was told again as worth more. */
static const char *
entry_why(struct explaining *x, const struct given *g,
    const struct entry_full *v, const struct why *by)
{
	struct arena *a = &x->desk.arena;
	const char *why = "";

	if (by != NULL)
		why = sentence(x, g, by, v->store_id, v->version_id);
	if (v->corrects)
		return arena_printf(a,
		    "It takes back what an earlier entry posted, since more "
		    "is known now: %s stands instead of %s.%s%s",
		    units_of(x, v->wallet, stands_with(v)),
		    units_of(x, v->wallet, v->stood), by ? " " : "", why);
	if (by != NULL && v->stood != 0 && !is_share_of(v->units, by))
		return arena_printf(a, "%s %s stood already.", why,
		    units_of(x, v->wallet, v->stood));
	if (by != NULL)
		return why;
	if (moved(v) == NULL)
		return NULL;
	return arena_printf(a, "%s: %s %s: %s.", v->rule,
	    units_of(x, v->wallet, v->units), v->wallet, moved(v));
}

static void
entry_tell(struct explaining *x, const struct given *g,
    const struct entry_full *v, const struct why *by)
{
	const char *why = entry_why(x, g, v, by);
	char at[INSTANT_TEXT_MAX];

	instant_format(v->event_at, at);
	if (!g->json) {
		printf("entry %" PRId64 ": %s %s%s%s from %s to %s\n"
		       "of %s %s of store %" PRId64
		       ", rule %s, program version %d, %s\n",
		    g->entry_id, units_of(x, v->wallet, v->units), v->wallet,
		    *v->party != '\0' ? " for " : "", v->party,
		    account_name(v->debit), account_name(v->credit),
		    source_text(v->source), v->source_id, v->store_id, v->rule,
		    v->version_id, at);
		if (why != NULL)
			printf("%s\n", why);
		return;
	}
	jsonw_object(&x->w, NULL);
	jsonw_int(&x->w, "entry_id", g->entry_id);
	jsonw_int(&x->w, "member_id", v->key.member_id);
	jsonw_int(&x->w, "store_id", v->store_id);
	jsonw_text(&x->w, "source", source_text(v->source));
	jsonw_text(&x->w, "source_id", v->source_id);
	jsonw_text(&x->w, "rule", v->rule);
	jsonw_int(&x->w, "version_id", v->version_id);
	jsonw_text(&x->w, "wallet", v->wallet);
	jsonw_text(&x->w, "units", units_of(x, v->wallet, v->units));
	jsonw_text(&x->w, "debit", account_name(v->debit));
	jsonw_text(&x->w, "credit", account_name(v->credit));
	jsonw_bool(&x->w, "corrects", v->corrects);
	jsonw_text(&x->w, "stood", units_of(x, v->wallet, v->stood));
	jsonw_text(&x->w, "stands", units_of(x, v->wallet, stands_with(v)));
	jsonw_instant(&x->w, "event_at", v->event_at);
	jsonw_text(&x->w, "why", why);
	if (by != NULL)
		why_write(&x->w, "arithmetic", by);
	jsonw_object_end(&x->w);
}

static int
explain_entry(struct explaining *x, const struct given *g, struct err *e)
{
	const struct why *why = NULL;
	struct entry_full v;
	struct why kept;

	if (entry_find(x->desk.pg, &x->desk.arena, g->entry_id, g->member_id,
	        &v, e) == -1 ||
	    look(x, v.key, e) == -1)
		return -1;
	if (v.why.data != NULL) {
		if (why_parse(&x->desk.arena, v.why, &kept, e) == -1)
			return err_wrap(e, "entry %" PRId64, g->entry_id);
		why = &kept;
	} else if (moved(&v) == NULL) {
		why = why_again(x, &v);
	}
	entry_tell(x, g, &v, why);
	return 0;
}

/* ---- what all of one thing came to ---------------------------------------------- */

static void
movement_tell(
    struct explaining *x, const struct given *g, const struct movement *m)
{
	const char *why = m->why != NULL ? sentence(x, g, m->why, m->store_id,
	                                       m->version_id)
	                                 : NULL;
	const char *units = units_of(x, m->wallet, m->units);

	if (!g->json) {
		if (m->units != 0)
			printf("%s: %s %s from %s to %s\n", m->rule, units,
			    m->wallet, account_name(m->debit),
			    account_name(m->credit));
		else
			printf("%s: nothing\n", m->rule);
		if (why != NULL)
			printf("    %s\n", why);
		return;
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

/* All of one source, with what came to nothing. */
static void
movements_tell(struct explaining *x, const struct given *g,
    enum source_kind source, const char *id)
{
	if (g->json)
		jsonw_array(&x->w, "movements");
	for (size_t i = 0; i < x->fold.nmovements; i++) {
		const struct movement *m = &x->fold.movements[i];

		if (m->source == source && m->store_id == g->store_id &&
		    strcmp(m->source_id, id) == 0 &&
		    (m->units != 0 || m->why != NULL))
			movement_tell(x, g, m);
	}
	if (g->json)
		jsonw_array_end(&x->w);
}

/* ---- an order ------------------------------------------------------------------ */

static int
explain_order(struct explaining *x, const struct given *g, struct err *e)
{
	struct order_full o;

	if (order_find(
	        x->desk.pg, &x->desk.arena, g->store_id, g->order, &o, e) == -1)
		return -1;
	if (o.key.member_id != 0 && look(x, o.key, e) == -1)
		return -1;
	if (g->json) {
		jsonw_object(&x->w, NULL);
		jsonw_text(&x->w, "order", g->order);
		jsonw_int(&x->w, "store_id", g->store_id);
		jsonw_int(&x->w, "member_id", o.key.member_id);
		jsonw_int(&x->w, "points", o.points);
		jsonw_text(&x->w, "reason", o.reason);
	} else {
		printf("order %s of store %" PRId64 ": %" PRId64
		       " points; %s\n",
		    g->order, g->store_id, o.points, o.reason);
	}
	movements_tell(x, g, SOURCE_ORDER, g->order);
	if (g->json)
		jsonw_object_end(&x->w);
	return 0;
}

/* ---- what came by a key ---------------------------------------------------------- */

#define NO_SOURCE ((enum source_kind)0)

struct fact_word {
	const char *word;
	enum source_kind source; /* of its entries; NO_SOURCE: another's */
};

static struct fact_word
fact_word(enum fact_kind kind)
{
	switch (kind) {
	case FACT_ORDER:
		return (struct fact_word){ "order", SOURCE_ORDER };
	case FACT_EVENT:
		return (struct fact_word){ "event", SOURCE_EVENT };
	case FACT_REDEEM:
		return (struct fact_word){ "redemption", SOURCE_REDEMPTION };
	case FACT_CAPTURE:
		return (struct fact_word){ "capture", NO_SOURCE };
	case FACT_RELEASE:
		return (struct fact_word){ "release", NO_SOURCE };
	case FACT_ADJUST:
		return (struct fact_word){ "adjustment", SOURCE_ADJUSTMENT };
	}
	return (struct fact_word){ "unknown", NO_SOURCE };
}

/* As it was when it came; an event without effect, as it is. */
static const char *
refusal_of(const struct explaining *x, const struct given *g,
    const struct fact_full *f)
{
	for (size_t i = 0; i < x->fold.nrefusals; i++) {
		const struct refusal *r = &x->fold.refusals[i];

		if (r->fact->kind == f->kind &&
		    r->fact->store_id == g->store_id &&
		    strcmp(r->fact->id, g->fact) == 0)
			return r->reason;
	}
	return f->refused;
}

static void
fact_tell(
    struct explaining *x, const struct given *g, const struct fact_full *f)
{
	struct fact_word word = fact_word(f->kind);
	const char *refused = refusal_of(x, g, f);
	/* Taken in, and then less was there than it took. */
	bool owed = f->kind == FACT_REDEEM && f->refused == NULL &&
	            refused != NULL;
	char at[INSTANT_TEXT_MAX];

	if (owed)
		refused = NULL;
	instant_format(f->at, at);
	if (g->json) {
		jsonw_object(&x->w, NULL);
		jsonw_text(&x->w, "kind", word.word);
		jsonw_int(&x->w, "member_id", f->key.member_id);
		jsonw_instant(&x->w, "at", f->at);
		jsonw_text(&x->w, "refused", refused);
	} else {
		printf("%s %s of store %" PRId64 ", %s%s%s\n", word.word,
		    g->fact, g->store_id, at,
		    refused != NULL ? "; it counts for nothing: " : "",
		    refused != NULL ? refused : "");
		if (owed)
			printf("  not all of it was there then, as is known "
			       "now: the rest is owed\n");
	}
	movements_tell(x, g, word.source, g->fact);
	if (g->json)
		jsonw_object_end(&x->w);
}

static int
explain_facts(struct explaining *x, const struct given *g, struct err *e)
{
	struct fact_full *facts;
	size_t n;

	if (facts_find(x->desk.pg, &x->desk.arena, g->store_id, g->fact, &facts,
	        &n, e) == -1)
		return -1;
	if (g->json) {
		jsonw_object(&x->w, NULL);
		jsonw_text(&x->w, "key", g->fact);
		jsonw_int(&x->w, "store_id", g->store_id);
		jsonw_array(&x->w, "facts");
	}
	for (size_t i = 0; i < n; i++) {
		if (look(x, facts[i].key, e) == -1)
			return -1;
		fact_tell(x, g, &facts[i]);
	}
	if (g->json) {
		jsonw_array_end(&x->w);
		jsonw_object_end(&x->w);
	}
	return 0;
}

static int
explain(struct explaining *x, const struct given *g, struct err *e)
{
	x->now = clock_now();
	if (tool_at(g->at, &x->now, e) == -1)
		return -1;
	if (g->order != NULL) {
		struct given of = *g;
		int64_t id;

		/* One of POST /events is called as its till calls it. */
		if (str_int64(str_of(g->order), &id) == -1)
			id = event_order_id(str_of(g->order));
		of.order = arena_printf(&x->desk.arena, "%" PRId64, id);
		return explain_order(x, &of, e);
	}
	return g->fact != NULL ? explain_facts(x, g, e)
	                       : explain_entry(x, g, e);
}

int
member_explain(int argc, char *argv[])
{
	static struct explaining x;
	struct given g = { .language = "en" };
	const struct option_spec options[] = {
		{ "--entry", "ID", .number = &g.entry_id },
		{ "--member", "ID", .number = &g.member_id },
		{ "--order", "ID", .text = &g.order },
		{ "--key", "KEY", .text = &g.fact },
		{ "--store", "ID", .number = &g.store_id },
		{ "--at", "INSTANT", .text = &g.at },
		{ "--language", "CODE", .text = &g.language },
		{ "--json", "", .flag = &g.json },
		{ 0 },
	};
	struct config config;
	struct err e;
	bool failed;
	int status = tool_read(&config, options, argc, argv, NULL, NULL);

	if (status != 0)
		return status;
	if ((g.entry_id != 0) + (g.order != NULL) + (g.fact != NULL) != 1 ||
	    (g.entry_id == 0 && g.store_id == 0))
		return tool_usage("%s wants --entry, or --store and one of "
		                  "--order and --key",
		    argv[0]);
	if (!word_is_one_of(g.language, explain_languages))
		return tool_usage("--language is %s: it must be one of en, de, "
		                  "cs",
		    g.language);
	status = desk_open(&x.desk, &config, false);
	if (status != EXIT_STOPPED)
		return status;
	buf_init(&x.b, ANSWER_MAX);
	jsonw_init(&x.w, &x.b);
	failed = explain(&x, &g, &e) == -1;
	if (!failed && g.json)
		jsonw_print(&x.w, stdout);
	buf_fini(&x.b);
	return desk_end(&x.desk, failed ? &e : NULL);
}
