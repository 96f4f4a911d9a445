/* SPDX-License-Identifier: MIT */
/* loyald member: shows the points of a member, and explains them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/members.h"
#include "member.h"
#include "member_named.h"
#include "operation.h"
#include "wire/explain/explain.h"

enum {
	HISTORY_DEFAULT = 100, /* entries, and as many orders */
	HISTORY_MAX = 100000,
};

struct member_options {
	struct member_named who;
	int64_t max;
	bool json;
};

struct history {
	struct member_summary member;
	struct entry_view *entries;
	size_t nentries;
	struct order_view *orders;
	size_t norders;
};

static int
load(struct operation *op, const struct member_options *g, struct history *h,
    struct err *e)
{
	struct member_key key;

	if (member_named_find(op, &g->who, &key, e) == -1 ||
	    member_find_number(
	        op->pg, &op->arena, key.member_id, &h->member, e) == -1)
		return -1;
	return h->member.member_id != 0
	           ? 0
	           : err_set(e, FAULT_REJECT, NO_MEMBER, key.member_id);
}

static int
history_load(struct operation *op, const struct member_options *g,
    struct history *h, struct err *e)
{
	struct member_page page = { .max = (size_t)g->max };

	page.tenant_id = h->member.tenant_id;
	page.member_id = h->member.member_id;
	if (member_entries(
	        op->pg, &op->arena, &page, &h->entries, &h->nentries, e) == -1)
		return -1;
	return member_orders(
	    op->pg, &op->arena, &page, &h->orders, &h->norders, e);
}

/* ---- output as JSON ------------------------------------------------------ */

static void
json_member(struct jsonw *w, const struct member_summary *m)
{
	jsonw_int(w, "member_id", m->member_id);
	jsonw_int(w, "tenant_id", m->tenant_id);
	jsonw_int(w, "available", m->balance.available);
	jsonw_int(w, "pending", m->balance.pending);
	jsonw_int(w, "reserved", m->balance.reserved);
	jsonw_int(w, "debt", m->balance.debt);
	jsonw_int(w, "lifetime_earned", m->balance.lifetime_earned);
	jsonw_int(w, "held", m->held);
	jsonw_int(w, "version", m->version);
	jsonw_instant(w, "created_at", m->created_at);
}

static void
json_entries(struct jsonw *w, const struct history *h)
{
	jsonw_array(w, "entries");
	for (size_t i = 0; i < h->nentries; i++) {
		const struct entry_view *v = &h->entries[i];

		jsonw_object(w, NULL);
		jsonw_int(w, "entry_id", v->entry_id);
		jsonw_int(w, "store_id", v->store_id);
		jsonw_text(w, "debit", account_name(v->debit));
		jsonw_text(w, "credit", account_name(v->credit));
		jsonw_int(w, "points", v->units);
		jsonw_text(w, "wallet", v->wallet);
		jsonw_text(w, "units", v->text);
		jsonw_text(w, "charity", *v->party != '\0' ? v->party : NULL);
		jsonw_bool(w, "corrects", v->corrects);
		jsonw_text(w, "rule", v->rule);
		jsonw_text(w, "source", source_name(v->source));
		jsonw_text(w, "source_id", v->source_id);
		jsonw_int(w, "revision", v->revision);
		jsonw_int(w, "version_id", v->version_id);
		jsonw_instant(w, "event_at", v->event_at);
		jsonw_instant(w, "posted_at", v->posted_at);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* Writes a member's number, or null for 0. */
static void
json_whose(struct jsonw *w, const char *key, int64_t member_id)
{
	if (member_id != 0)
		jsonw_int(w, key, member_id);
	else
		jsonw_text(w, key, NULL);
}

/* Whether the order no longer belongs to this member. */
static bool
is_gone(const struct history *h, const struct order_view *o)
{
	return o->member_id != h->member.member_id;
}

static void
json_orders(struct jsonw *w, const struct history *h)
{
	jsonw_array(w, "orders");
	for (size_t i = 0; i < h->norders; i++) {
		const struct order_view *o = &h->orders[i];

		jsonw_object(w, NULL);
		jsonw_int(w, "store_id", o->store_id);
		jsonw_int(w, "order_id", o->order_id);
		jsonw_int(w, "points", o->points);
		earned_write(w, o);
		jsonw_text(w, "reason", o->reason);
		jsonw_instant(w, "modified_at", o->modified_at);
		json_whose(w, "member_id", o->member_id);
		json_whose(w, "moved_from", o->from_member);
		jsonw_instant(w, "moved_at", o->moved_at);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
print_json(const struct history *h, bool all)
{
	struct jsonw w;

	jsonw_begin(&w);
	json_member(&w, &h->member);
	if (all) {
		json_entries(&w, h);
		json_orders(&w, h);
	}
	jsonw_end(&w, stdout);
}

/* ---- output as text ------------------------------------------------------ */

static void
print_member(const struct member_summary *m)
{
	char since[INSTANT_TEXT_MAX];

	instant_format(m->created_at, since);
	printf("member           %" PRId64 ", since %s\n"
	       "available        %" PRId64 "\n"
	       "pending          %" PRId64 "\n"
	       "reserved         %" PRId64 "\n"
	       "debt             %" PRId64 "\n"
	       "lifetime earned  %" PRId64 "\n",
	    m->member_id, since, m->balance.available, m->balance.pending,
	    m->balance.reserved, m->balance.debt, m->balance.lifetime_earned);
	if (m->held > 0)
		printf("held             %" PRId64 " for the address; loyald "
		       "member claim gives them to a customer\n",
		    m->held);
}

static void
print_entries(struct arena *a, const struct history *h)
{
	static const char *const names[] = { "ENTRY", "POSTED", "UNITS",
		"WALLET", "FROM", "TO", "STORE", "SOURCE", "RULE", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < h->nentries; i++) {
		const struct entry_view *v = &h->entries[i];
		const char *const cells[] = { cell_int(a, v->entry_id),
			cell_instant(a, v->posted_at), v->text, v->wallet,
			account_name(v->debit), account_name(v->credit),
			cell_int(a, v->store_id),
			arena_printf(a, "%s %s, revision %d",
			    source_name(v->source), v->source_id, v->revision),
			arena_printf(a, "%s, version %d%s", v->rule,
			    v->version_id, v->corrects ? ", corrects" : "") };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

/* Says from which member an order came to this member, or to which member it
 * went; NULL if the order has always been this member's. */
static const char *
move_text(struct arena *a, const struct history *h, const struct order_view *o)
{
	const char *since = cell_instant(a, o->moved_at);

	if (is_gone(h, o) && o->member_id == 0)
		return arena_printf(a, "to nobody, %s", since);
	if (is_gone(h, o))
		return arena_printf(
		    a, "to member %" PRId64 ", %s", o->member_id, since);
	if (o->from_member != 0)
		return arena_printf(
		    a, "from member %" PRId64 ", %s", o->from_member, since);
	return NULL;
}

static const char *
order_why(struct arena *a, const struct history *h, const struct order_view *o)
{
	const char *sentence = reason_sentence(o->reason, "en");

	if (is_gone(h, o))
		return o->member_id == 0 ? "The order is nobody's now."
		                         : "The order is another member's now.";
	return sentence == NULL ? o->reason
	                        : arena_printf(a, "%c%s.", toupper(sentence[0]),
	                              sentence + 1);
}

static void
print_orders(struct arena *a, const struct history *h)
{
	static const char *const names[] = { "CHANGED", "STORE", "ORDER",
		"EARNED", "MOVED", "WHY", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < h->norders; i++) {
		const struct order_view *o = &h->orders[i];
		const char *const cells[] = { cell_instant(a, o->modified_at),
			cell_int(a, o->store_id), cell_int(a, o->order_id),
			earned_text(a, o), move_text(a, h, o),
			order_why(a, h, o) };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

/* ---- show and history ---------------------------------------------------- */

static void
print(struct arena *a, const struct member_options *g, const struct history *h,
    bool all)
{
	if (g->json) {
		print_json(h, all);
		return;
	}
	print_member(&h->member);
	if (!all)
		return;
	printf("\n");
	print_orders(a, h);
	printf("\n");
	print_entries(a, h);
}

/* Runs `member show` and `member history`.  Only `member history` shows entries
 * and orders. */
static int
member_report(struct tool_call *call)
{
	bool all = strcmp(call->argv[0], "member history") == 0;
	struct member_options g = { .max = HISTORY_DEFAULT };
	const struct option_spec options[] = {
		OPTIONS_MEMBER(&g.who),
		OPTION_JSON(&g.json),
		{ all ? "--max" : NULL, "COUNT",
		    "most orders, and most entries, that are shown",
		    .number = &g.max, .most = HISTORY_MAX, .preset = "100" },
		{ 0 },
	};
	struct history h = { 0 };
	struct config c;
	struct operation op;
	struct err e;
	int status;

	status = tool_read_line(call, options, &c);
	if (status == EXIT_STOPPED)
		status = member_named_check(call, &g.who);
	if (status == EXIT_STOPPED)
		status = operation_open(
		    &op, call, &c, member_named_takes_key(&g.who));
	if (status != EXIT_STOPPED)
		return status;
	if (load(&op, &g, &h, &e) == -1 ||
	    (all && history_load(&op, &g, &h, &e) == -1))
		return operation_end(&op, &e);
	print(&op.arena, &g, &h, all);
	return operation_end(&op, NULL);
}

int
cmd_member(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "show", member_report, "show what a member has",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "history", member_report,
		    "list a member's orders and entries, newest first",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "balance", member_balance,
		    "show all wallets of a member, now or at a time",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "code", member_code,
		    "print the code that a member shows at a till",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "explain", member_explain,
		    "tell why an entry, an order or an event has its number",
		    .needs = NEEDS_DATABASE },
		{ "adjust", member_adjust,
		    "give units to a member, or take them, for a reason",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "redeem", member_redeem, "take units for a reward",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "capture", member_redeemed, "use up what was reserved",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "release", member_redeemed, "undo a redemption",
		    .words = MEMBER_WORDS, .needs = NEEDS_DATABASE },
		{ "merge", member_merge_into, "make one member of two",
		    .needs = NEEDS_DATABASE },
		{ "claim", member_claim_for,
		    "give a customer what is held for an address",
		    .needs = NEEDS_KEY },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}
