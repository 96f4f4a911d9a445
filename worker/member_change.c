/* SPDX-License-Identifier: MIT */
/*
 * loyald member adjust, redeem, capture, release, merge, claim: what an
 * operator writes down about a member.  The entries are schedule's.
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
#include "wire/sign.h"

enum {
	ANSWER_MAX = 64 * 1024 /* bytes of JSON */
};

/* What is given on the command line. */
struct given {
	int64_t member_id, from, into, store_id;
	const char *email, *customer;
	const char *wallet, *units, *reward, *charity, *key, *of;
	const char *reason, *by;
	int64_t at; /* 0: now */
	bool reserve, json;
};

/* What all of them work with. */
struct change {
	struct desk desk;
	struct timeline_world world;
	struct member_home home;
	struct wallet_row *wallets;
	size_t nwallets;
	struct fold after;
	bool told;
};

static const char *
by_whom(const struct given *g)
{
	const char *user = getenv("USER");

	return g->by != NULL ? g->by : user != NULL ? user : "operator";
}

static int
begin(struct change *c, const struct given *g, struct err *e)
{
	int64_t now = clock_now();

	if (g->at > now + INSTANT_DAY)
		return err_set(e, FAULT_REJECT,
		    "--at is to come: what has not happened cannot be written "
		    "down");
	if (desk_world(&c->desk, g->at != 0 ? g->at : now, &c->world, e) == -1)
		return -1;
	if (g->member_id == 0)
		return 0;
	if (member_home(
	        c->desk.pg, &c->desk.arena, g->member_id, &c->home, e) == -1)
		return -1;
	return wallets_of_member(c->desk.pg, &c->desk.arena,
	    c->home.key.tenant_id, g->member_id, 0, &c->wallets, &c->nwallets,
	    e);
}

/* ---- facts ------------------------------------------------------------------ */

/* One without a key is another each time it is told. */
static void
fact_init(struct change *c, const struct given *g, enum fact_kind kind,
    struct fact *f)
{
	*f = (struct fact){
		.kind = kind,
		.at = c->world.now,
		.id = g->key,
		.wallet = g->wallet,
		.reward = g->reward,
		.charity = g->charity,
		.reserve = g->reserve,
		.of = g->of,
	};
	if (f->id == NULL)
		f->id = arena_printf(&c->desk.arena,
		    "operator:%" PRId64 ":%" PRId64, g->member_id, clock_now());
}

static int
fact_units(
    struct change *c, const struct given *g, struct fact *f, struct err *e)
{
	const struct wallet_row *w;

	if (g->units == NULL)
		return 0;
	w = wallet_find(
	    c->wallets, c->nwallets, g->wallet ? g->wallet : "points");
	if (w == NULL)
		return err_set(
		    e, FAULT_REJECT, "there is no wallet %s", g->wallet);
	if (units_parse(w, str_of(g->units), &f->units, e) == -1)
		return -1;
	if (f->kind == FACT_REDEEM && f->units <= 0)
		return err_set(e, FAULT_REJECT,
		    "--units is %s: it must be above zero", g->units);
	return 0;
}

static void
print_after(struct change *c, const struct given *g, const struct fact *f)
{
	struct arena *a = &c->desk.arena;
	struct jsonw w;
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "member_id", g->member_id);
	jsonw_text(&w, "key", f->id);
	jsonw_bool(&w, "told", c->told);
	jsonw_object(&w, "available");
	if (!g->json)
		printf("%s %s%s\n", c->told ? "written down as" : "known as",
		    f->id, c->told ? "; loyald schedule posts it" : "");
	for (size_t i = 0; i < c->after.npurses; i++) {
		const struct purse *p = &c->after.purses[i];
		const struct wallet_row *r = wallet_find(
		    c->wallets, c->nwallets, p->wallet);
		const char *text;

		if (r == NULL)
			continue;
		text = units_text(a, r, p->balance.available);
		jsonw_text(&w, p->wallet, text);
		if (!g->json)
			printf("%-16s %s available\n", p->wallet, text);
		if (!g->json && p->balance.debt > 0)
			printf("%-16s %s owed\n", "",
			    units_text(a, r, p->balance.debt));
	}
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	if (g->json)
		jsonw_print(&w, stdout);
	buf_fini(&b);
}

static int
tell(const struct given *g, const struct option_spec *options,
    enum fact_kind kind, struct tool_call *call)
{
	static struct change c;
	struct config config;
	struct fact f;
	struct err e;
	int status = tool_read(call, options, &config, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	if (g->reason != NULL && *g->reason == '\0')
		return tool_usage(call, "%s wants a --reason", call->argv[0]);
	status = desk_open(&c.desk, &config, false);
	if (status != EXIT_STOPPED)
		return status;
	if (begin(&c, g, &e) == -1)
		return desk_end(&c.desk, &e);
	fact_init(&c, g, kind, &f);
	if (kind == FACT_ADJUST) {
		f.wallet = g->wallet ? g->wallet : "points";
		f.reason = arena_printf(
		    &c.desk.arena, "%s (%s)", g->reason, by_whom(g));
	}
	if (fact_units(&c, g, &f, &e) == -1 ||
	    member_tell(&c.world, &c.home, &f, &c.after, &c.told, &e) == -1)
		return desk_end(&c.desk, &e);
	print_after(&c, g, &f);
	return desk_end(&c.desk, NULL);
}

int
member_adjust(struct tool_call *call)
{
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--member", "ID", "number of the member",
		    .number = &g.member_id, .required = true },
		{ "--units", "NUMBER",
		    "how many; below zero to take them: --units -20",
		    .text = &g.units, .required = true },
		{ "--reason", "TEXT", "why; stays on record", .text = &g.reason,
		    .required = true },
		{ "--wallet", "WALLET", "the wallet", .text = &g.wallet,
		    .preset = "points" },
		OPTION_BY(&g.by),
		{ "--key", "KEY",
		    "a name of yours for it: told again under one name, it counts once",
		    .text = &g.key, .preset = "one of its own" },
		{ "--at", "INSTANT", "when it happened", .instant = &g.at,
		    .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return tell(&g, options, FACT_ADJUST, call);
}

int
member_redeem(struct tool_call *call)
{
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--member", "ID", "number of the member",
		    .number = &g.member_id, .required = true },
		{ "--reward", "REWARD", "the reward, as the program calls it",
		    .text = &g.reward, .required = true },
		{ "--units", "NUMBER", "how many, of a reward that is variable",
		    .text = &g.units },
		{ "--wallet", "WALLET", "the wallet", .text = &g.wallet,
		    .preset = "points" },
		{ "--charity", "CHARITY", "the charity that gets them",
		    .text = &g.charity },
		{ "--reserve", NULL,
		    "only reserve them: member capture uses them, member release gives them back",
		    .flag = &g.reserve },
		{ "--key", "KEY",
		    "a name of yours for it: told again under one name, it counts once",
		    .text = &g.key, .preset = "one of its own" },
		{ "--at", "INSTANT", "when it happened", .instant = &g.at,
		    .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return tell(&g, options, FACT_REDEEM, call);
}

/* Both: of a redemption, by its key. */
int
member_redeemed(struct tool_call *call)
{
	enum fact_kind kind = strcmp(call->argv[0], "member release") == 0
	                          ? FACT_RELEASE
	                          : FACT_CAPTURE;
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--member", "ID", "number of the member",
		    .number = &g.member_id, .required = true },
		{ "--of", "KEY",
		    "key of the redemption: its --key, or what redeem printed",
		    .text = &g.of, .required = true },
		{ "--key", "KEY",
		    "a name of yours for it: told again under one name, it counts once",
		    .text = &g.key, .preset = "one of its own" },
		{ "--at", "INSTANT", "when it happened", .instant = &g.at,
		    .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return tell(&g, options, kind, call);
}

/* ---- merging ------------------------------------------------------------------ */

static void
print_merged(const struct given *g, const struct member_merged *m)
{
	struct jsonw w;
	struct buf b;

	if (!g->json && g->email != NULL) {
		printf("%" PRId64 " orders and %" PRId64
		       " facts that were held for the address are member "
		       "%" PRId64 "'s now; loyald schedule posts it\n",
		    m->orders, m->facts, g->into);
		return;
	}
	if (!g->json) {
		printf("member %" PRId64 " is member %" PRId64 " now: %" PRId64
		       " names, %" PRId64 " orders and %" PRId64
		       " facts; loyald schedule posts it\n",
		    g->from, g->into, m->names, m->orders, m->facts);
		return;
	}
	buf_init(&b, ANSWER_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "from", g->from);
	jsonw_int(&w, "into", g->into);
	jsonw_int(&w, "names", m->names);
	jsonw_int(&w, "orders", m->orders);
	jsonw_int(&w, "facts", m->facts);
	jsonw_object_end(&w);
	jsonw_print(&w, stdout);
	buf_fini(&b);
}

int
member_merge_into(struct tool_call *call)
{
	static struct change c;
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--from", "ID", "number of the member who becomes the other",
		    .number = &g.from, .required = true },
		{ "--into", "ID", "number of the member who stays",
		    .number = &g.into, .required = true },
		{ "--reason", "TEXT", "why; stays on record", .text = &g.reason,
		    .required = true },
		OPTION_BY(&g.by),
		{ "--at", "INSTANT", "when it happened", .instant = &g.at,
		    .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct member_merged merged;
	struct member_home into;
	struct err e;
	int status = desk_begin(&c.desk, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (begin(&c, &g, &e) == -1 ||
	    member_home(c.desk.pg, &c.desk.arena, g.from, &c.home, &e) == -1 ||
	    member_home(c.desk.pg, &c.desk.arena, g.into, &into, &e) == -1 ||
	    member_merge(&c.world, &c.home, &into, g.reason, by_whom(&g),
	        &merged, &e) == -1)
		return desk_end(&c.desk, &e);
	print_merged(&g, &merged);
	return desk_end(&c.desk, NULL);
}

/* ---- what is held for a guest ---------------------------------------------------- */

static int
find_both(struct change *c, struct given *g, struct err *e)
{
	uint8_t hash[32];

	email_hash(&c->desk.key, str_of(g->email), hash);
	if (desk_store(&c->desk, g->store_id, e) == NULL ||
	    member_find_guest(c->desk.pg, &c->desk.arena, g->store_id, hash,
	        g->customer, &g->from, &g->into, e) == -1)
		return -1;
	if (g->from == 0)
		return err_set(e, FAULT_REJECT,
		    "nothing was ever held for %s in store %" PRId64, g->email,
		    g->store_id);
	if (g->into == 0)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " knows no customer %s: the shop tells of "
		    "new accounts by its customer webhooks",
		    g->store_id, g->customer);
	return 0;
}

int
member_claim_for(struct tool_call *call)
{
	static struct change c;
	struct given g = { .reason = "not said" };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ "--email", "ADDRESS", "the address that it is held for",
		    .text = &g.email, .required = true },
		{ "--customer", "ID", "number of the customer at the platform",
		    .text = &g.customer, .required = true },
		{ "--reason", "TEXT", "why; stays on record",
		    .text = &g.reason },
		OPTION_BY(&g.by),
		{ "--at", "INSTANT", "when it happened", .instant = &g.at,
		    .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct member_merged merged;
	struct member_home customer;
	struct err e;
	/* Addresses are kept as a hash under the master key. */
	int status = desk_begin(&c.desk, call, options, true);

	if (status != EXIT_STOPPED)
		return status;
	if (begin(&c, &g, &e) == -1 || find_both(&c, &g, &e) == -1 ||
	    member_home(c.desk.pg, &c.desk.arena, g.from, &c.home, &e) == -1 ||
	    member_home(c.desk.pg, &c.desk.arena, g.into, &customer, &e) ==
	        -1 ||
	    member_claim(&c.world, &c.home, &customer, g.reason, by_whom(&g),
	        &merged, &e) == -1)
		return desk_end(&c.desk, &e);
	print_merged(&g, &merged);
	return desk_end(&c.desk, NULL);
}
