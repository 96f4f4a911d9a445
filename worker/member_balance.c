/* SPDX-License-Identifier: MIT */
/* loyald member balance: shows a member's wallets and tier, now or at another
 * time. */
#include <stdio.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "ledger/members.h"
#include "ledger/wallets.h"
#include "member.h"
#include "member_named.h"
#include "operation.h"

struct balance_report {
	struct member_key key;
	struct wallet_list wallets, charities;
	struct member_status status;
	bool has_status;
	int64_t at; /* an instant; 0: now */
};

static int
load(struct operation *op, const struct member_named *who,
    struct balance_report *r, struct err *e)
{
	if (member_named_find(op, who, &r->key, e) == -1 ||
	    wallets_of_member(
	        op->pg, &op->arena, r->key, r->at, &r->wallets, e) == -1)
		return -1;
	if (r->at != 0)
		return 0;
	if (charities_of_member(op->pg, &op->arena, r->key, &r->charities, e) ==
	    -1)
		return -1;
	return member_status(
	    op->pg, &op->arena, r->key, &r->status, &r->has_status, e);
}

static void
json_wallets(struct jsonw *w, struct arena *a, const struct balance_report *r)
{
	jsonw_object(w, "wallets");
	for (size_t i = 0; i < r->wallets.n; i++) {
		const struct wallet_row *x = &r->wallets.list[i];
		const struct balance *b = &x->balance;

		jsonw_object(w, x->id);
		jsonw_text(w, "available", units_text(a, x, b->available));
		jsonw_text(w, "pending", units_text(a, x, b->pending));
		jsonw_text(w, "reserved", units_text(a, x, b->reserved));
		jsonw_text(w, "debt", units_text(a, x, b->debt));
		jsonw_text(
		    w, "lifetime_earned", units_text(a, x, b->lifetime_earned));
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void
json_charities(struct jsonw *w, struct arena *a, const struct balance_report *r)
{
	jsonw_object(w, "charities");
	for (size_t i = 0; i < r->charities.n; i++) {
		const struct wallet_row *x = &r->charities.list[i];

		jsonw_text(w, x->id, units_text(a, x, x->balance.available));
	}
	jsonw_object_end(w);
}

static void
print_json(struct arena *a, const struct balance_report *r)
{
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_int(&w, "member_id", r->key.member_id);
	jsonw_instant(&w, "at", r->at);
	json_wallets(&w, a, r);
	if (r->at == 0) {
		const struct member_status *s = &r->status;

		json_charities(&w, a, r);
		jsonw_text(&w, "tier", s->tier);
		jsonw_instant(&w, "tier_since", s->tier_since);
		jsonw_instant(&w, "tier_until", s->tier_until);
		jsonw_text(&w, "memberships", s->memberships);
		jsonw_text(&w, "chosen_day", s->chosen_day);
		jsonw_instant(&w, "due_at", s->due_at);
	}
	jsonw_end(&w, stdout);
}

static void
print_text(struct arena *a, const struct balance_report *r)
{
	static const char *const names[] = { "WALLET", "AVAILABLE", "PENDING",
		"RESERVED", "DEBT", "EARNED", NULL };
	struct table t;

	if (r->at != 0)
		printf("by all that had happened at %s, as it is known now:\n",
		    cell_instant(a, r->at));
	table_init(&t, a, names);
	for (size_t i = 0; i < r->wallets.n; i++) {
		const struct wallet_row *x = &r->wallets.list[i];
		const char *const cells[] = { x->id,
			units_text(a, x, x->balance.available),
			units_text(a, x, x->balance.pending),
			units_text(a, x, x->balance.reserved),
			units_text(a, x, x->balance.debt),
			units_text(a, x, x->balance.lifetime_earned) };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
	for (size_t i = 0; i < r->charities.n; i++) {
		const struct wallet_row *x = &r->charities.list[i];

		printf("%s is owed %s\n", x->id,
		    units_text(a, x, x->balance.available));
	}
	if (r->status.tier != NULL)
		printf("\ntier %s\n", r->status.tier);
	if (r->status.memberships != NULL)
		printf("memberships %s\n", r->status.memberships);
}

int
member_balance(struct tool_call *call)
{
	struct balance_report r = { 0 };
	struct member_named who = { 0 };
	bool json = false;
	const struct option_spec options[] = {
		OPTIONS_MEMBER(&who),
		{ "--at", "INSTANT",
		    "the wallets by all that had happened then",
		    .instant = &r.at, .preset = "now" },
		OPTION_JSON(&json),
		{ 0 },
	};
	struct config config;
	struct operation op;
	struct err e;
	int status = tool_read_line(call, options, &config);

	if (status == EXIT_STOPPED)
		status = member_named_check(call, &who);
	if (status == EXIT_STOPPED)
		status = operation_open(
		    &op, call, &config, member_named_takes_key(&who));
	if (status != EXIT_STOPPED)
		return status;
	if (load(&op, &who, &r, &e) == -1)
		return operation_end(&op, &e);
	if (json)
		print_json(&op.arena, &r);
	else
		print_text(&op.arena, &r);
	return operation_end(&op, NULL);
}
