/* SPDX-License-Identifier: MIT */
/* loyald member adjust, redeem, capture, release, merge, claim: these commands
 * save facts about a member.  The entries are posted later by loyald schedule.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/money.h"
#include "base/tool.h"
#include "io/clock.h"
#include "ledger/member_edit.h"
#include "ledger/members.h"
#include "ledger/wallets.h"
#include "member.h"
#include "member_named.h"
#include "operation.h"
#include "wire/sign.h"

struct change_options {
	struct member_named who, into; /* `into` is only for merge and claim */
	const char *wallet, *units, *reward, *charity, *key, *of;
	const char *reason, *by;
	int64_t at; /* an instant; 0: now */
	bool reserve, issue, cart, json, claims;
};

/* Options that several of the commands have. */
#define OPTION_KEY(g)                                                     \
	{                                                                 \
		"--key", "KEY",                                           \
		    "a name of yours for it: told again under one name, " \
		    "it counts once",                                     \
		    .text = &(g)->key, .preset = "one of its own"         \
	}
#define OPTION_AT(g)                                                        \
	{                                                                   \
		"--at", "INSTANT", "when it happened", .instant = &(g)->at, \
		                                       .preset = "now"      \
	}

/* The state of a command that saves facts or merges members. */
struct change {
	struct operation op;
	struct world world;
	struct member_home home;
	struct wallet_list wallets;
	struct fold after;
	bool told;
};

static const char *
by_whom(const struct change_options *g)
{
	const char *user = getenv("USER");

	return g->by != NULL ? g->by : user != NULL ? user : "operator";
}

/* Refuses a time in the future: only what has already happened can be saved.  A
 * day is allowed for clocks that are wrong. */
static int
at_check(const struct tool_call *call, const struct change_options *g)
{
	if (g->at <= clock_now() + INSTANT_DAY)
		return EXIT_STOPPED;
	return tool_usage(call,
	    "--at is to come: %s writes down what has happened", call->argv[0]);
}

static int
begin(struct change *c, const struct change_options *g, struct err *e)
{
	return operation_world(
	    &c->op, 0, g->at != 0 ? g->at : clock_now(), &c->world, e);
}

static int
home_find(struct change *c, const struct member_named *who,
    struct member_home *home, struct err *e)
{
	struct member_key m;

	if (member_named_find(&c->op, who, &m, e) == -1)
		return -1;
	return member_home(c->op.pg, &c->op.arena, m.member_id, home, e);
}

/* ---- facts --------------------------------------------------------------- */

/* Fills in a fact.  Without --key the fact gets a new id, so that a command
 * that is given twice counts twice. */
static void
fact_init(struct change *c, const struct change_options *g, enum fact_kind kind,
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
		.issue = g->issue,
		.cart = g->cart,
		.of = g->of,
	};
	if (f->id == NULL)
		f->id = arena_printf(&c->op.arena,
		    "operator:%" PRId64 ":%" PRId64, c->home.key.member_id,
		    clock_now());
}

/* Checks --units, as far as that is possible before the wallet is known. */
static int
units_check(const struct tool_call *call, const struct change_options *g,
    enum fact_kind kind)
{
	const char *t = g->units;
	bool zero = t != NULL && strspn(t, "+-0.") == strlen(t);
	int64_t n;

	if (t == NULL)
		return EXIT_STOPPED;
	if (money_parse(str_of(t), 0, &n) == -1)
		return tool_usage(
		    call, "--units is \"%s\": it must be a number", t);
	if (kind == FACT_REDEEM && (zero || *t == '-'))
		return tool_usage(
		    call, "--units is %s: it must be above zero", t);
	if (zero)
		return tool_usage(call,
		    "--units is %s: that changes nothing; a number above zero "
		    "gives, one below takes",
		    t);
	return EXIT_STOPPED;
}

static int
fact_units(struct change *c, const struct change_options *g, struct fact *f,
    struct err *e)
{
	const struct wallet_row *w;

	if (g->units == NULL)
		return 0;
	w = wallet_find(&c->wallets, g->wallet ? g->wallet : "points");
	if (w == NULL)
		return err_set(
		    e, FAULT_REJECT, "there is no wallet %s", g->wallet);
	return units_parse(w, str_of(g->units), &f->units, e);
}

static void
print_after(
    struct change *c, const struct change_options *g, const struct fact *f)
{
	struct arena *a = &c->op.arena;
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_int(&w, "member_id", c->home.key.member_id);
	jsonw_text(&w, "key", f->id);
	jsonw_bool(&w, "told", c->told);
	jsonw_object(&w, "available");
	if (!g->json)
		printf(c->told
		           ? "written down as %s; loyald schedule posts it\n"
		           : "known as %s already: nothing is changed\n",
		    f->id);
	for (size_t i = 0; i < c->after.npurses; i++) {
		const struct purse *p = &c->after.purses[i];
		const struct wallet_row *r = wallet_find(
		    &c->wallets, p->wallet);
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
	jsonw_end(&w, g->json ? stdout : NULL);
}

/* Refuses a reward that nobody could make: the shop's API is not known. */
static int
issue_check(struct change *c, struct err *e)
{
	const struct store *s = operation_store(&c->op, c->home.store_id, e);

	if (s == NULL)
		return -1;
	if (s->api_url == NULL)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " has no API address, so nobody can make "
		    "the reward: loyald store set --api-url URL "
		    "--api-token-file FILE",
		    s->store_id);
	return 0;
}

static int
fact_write(struct change *c, const struct change_options *g,
    enum fact_kind kind, struct fact *f, struct err *e)
{
	if (begin(c, g, e) == -1 || home_find(c, &g->who, &c->home, e) == -1 ||
	    wallets_of_member(
	        c->op.pg, &c->op.arena, c->home.key, 0, &c->wallets, e) == -1)
		return -1;
	fact_init(c, g, kind, f);
	if (g->issue && issue_check(c, e) == -1)
		return -1;
	if (kind == FACT_ADJUST) {
		f->wallet = g->wallet ? g->wallet : "points";
		f->reason = arena_printf(
		    &c->op.arena, "%s (%s)", g->reason, by_whom(g));
	}
	if (fact_units(c, g, f, e) == -1)
		return -1;
	return member_write(&c->world, &c->home, f, &c->after, &c->told, e);
}

static int
change_run(const struct change_options *g, const struct option_spec *options,
    enum fact_kind kind, struct tool_call *call)
{
	static struct change c;
	struct config config;
	struct fact f;
	struct err e;
	int status = tool_read_line(call, options, &config);

	if (status == EXIT_STOPPED)
		status = member_named_check(call, &g->who);
	if (status == EXIT_STOPPED)
		status = at_check(call, g);
	if (status == EXIT_STOPPED)
		status = units_check(call, g, kind);
	if (status == EXIT_STOPPED)
		status = operation_open(
		    &c.op, call, &config, member_named_takes_key(&g->who));
	if (status != EXIT_STOPPED)
		return status;
	if (fact_write(&c, g, kind, &f, &e) == -1)
		return operation_end(&c.op, &e);
	print_after(&c, g, &f);
	return operation_end(&c.op, NULL);
}

int
member_adjust(struct tool_call *call)
{
	struct change_options g = { 0 };
	const struct option_spec options[] = {
		OPTIONS_MEMBER(&g.who),
		{ "--units", "NUMBER",
		    "how many; below zero to take them: --units -20",
		    .text = &g.units, .required = true },
		{ "--reason", "TEXT", "why; stays on record", .text = &g.reason,
		    .required = true },
		{ "--wallet", "WALLET", "the wallet", .text = &g.wallet,
		    .preset = "points" },
		OPTION_BY(&g.by),
		OPTION_KEY(&g),
		OPTION_AT(&g),
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return change_run(&g, options, FACT_ADJUST, call);
}

int
member_redeem(struct tool_call *call)
{
	struct change_options g = { 0 };
	const struct option_spec options[] = {
		OPTIONS_MEMBER(&g.who),
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
		{ "--issue", NULL,
		    "have the reward made at the shop, for an order that uses it",
		    .flag = &g.issue },
		{ "--cart", NULL,
		    "the reward waits in a cart, and ends after its hold_minutes",
		    .with = "--issue", .flag = &g.cart },
		OPTION_KEY(&g),
		OPTION_AT(&g),
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return change_run(&g, options, FACT_REDEEM, call);
}

/* Runs `member capture` and `member release`, which end a reservation of
 * units. */
int
member_redeemed(struct tool_call *call)
{
	enum fact_kind kind = strcmp(call->argv[0], "member release") == 0
	                          ? FACT_RELEASE
	                          : FACT_CAPTURE;
	struct change_options g = { 0 };
	const struct option_spec options[] = {
		OPTIONS_MEMBER(&g.who),
		{ "--of", "KEY",
		    "key of the redemption: its --key, or what redeem printed",
		    .text = &g.of, .required = true },
		OPTION_KEY(&g),
		OPTION_AT(&g),
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return change_run(&g, options, kind, call);
}

/* ---- merging ------------------------------------------------------------- */

static void
print_merged(const struct change *c, const struct change_options *g,
    const struct member_home *into, const struct member_merged *m)
{
	int64_t from = c->home.key.member_id, to = into->key.member_id;
	struct jsonw w;

	if (!g->json && g->claims) {
		printf("%" PRId64 " orders and %" PRId64
		       " facts that were held for the address are member "
		       "%" PRId64 "'s now; loyald schedule posts it\n",
		    m->orders, m->facts, to);
		return;
	}
	if (!g->json && m->names + m->orders + m->facts == 0) {
		printf("member %" PRId64 " has no name, order or fact that "
		       "could move, for instance since it was merged before: "
		       "nothing is changed\n",
		    from);
		return;
	}
	if (!g->json) {
		printf("member %" PRId64 " is member %" PRId64 " now: %" PRId64
		       " names, %" PRId64 " orders and %" PRId64
		       " facts; loyald schedule posts it\n",
		    from, to, m->names, m->orders, m->facts);
		return;
	}
	jsonw_begin(&w);
	jsonw_int(&w, "from", from);
	jsonw_int(&w, "into", to);
	jsonw_int(&w, "names", m->names);
	jsonw_int(&w, "orders", m->orders);
	jsonw_int(&w, "facts", m->facts);
	jsonw_end(&w, stdout);
}

/* Checks that the command line names each of the two members in exactly one
 * way. */
static int
two_check(const struct tool_call *call, const struct change_options *g)
{
	if (member_named_ways(&g->who) == 1 && member_named_ways(&g->into) == 1)
		return EXIT_STOPPED;
	return tool_usage(call,
	    "%s wants each of the two in one way: --from ID and --into ID, or "
	    "--store ID with --from-customer, --from-email or --from-order and "
	    "with --into-customer, --into-email or --into-order; loyald member "
	    "show says who has which number",
	    call->argv[0]);
}

static int
guest_find(struct change *c, const struct change_options *g, struct err *e)
{
	uint8_t hash[32];
	int64_t guest;

	email_hash(&c->op.key, str_of(g->who.email), hash);
	if (operation_store(&c->op, g->who.store_id, e) == NULL ||
	    member_find_guest(
	        c->op.pg, &c->op.arena, g->who.store_id, hash, &guest, e) == -1)
		return -1;
	if (guest == 0)
		return err_set(e, FAULT_REJECT,
		    "nothing was ever held for %s in store %" PRId64,
		    g->who.email, g->who.store_id);
	return member_home(c->op.pg, &c->op.arena, guest, &c->home, e);
}

/* Checks that the member who gets the points is named in exactly one way. */
static int
claim_check(const struct tool_call *call, const struct change_options *g)
{
	if (member_named_ways(&g->into) == 1)
		return EXIT_STOPPED;
	return tool_usage(call,
	    "%s wants one who gets what is held for the address: "
	    "--customer ID, --order ID or --member ID",
	    call->argv[0]);
}

/* Runs `member merge` and `member claim`.  `member claim` gives a customer the
 * points that are held for an e-mail address. */
static int
merge_run(struct change_options *g, const struct option_spec *options,
    struct tool_call *call)
{
	static struct change c;
	struct member_home into;
	struct member_merger merger = { .from = &c.home, .into = &into };
	struct member_merged merged;
	struct config config;
	struct err e;
	int status = tool_read_line(call, options, &config);

	if (status == EXIT_STOPPED)
		status = g->claims ? claim_check(call, g) : two_check(call, g);
	if (status == EXIT_STOPPED)
		status = at_check(call, g);
	if (status == EXIT_STOPPED)
		status = operation_open(&c.op, call, &config,
		    member_named_takes_key(&g->who) ||
		        member_named_takes_key(&g->into));
	if (status != EXIT_STOPPED)
		return status;
	/* --store names the store of both members. */
	g->into.store_id = g->who.store_id;
	merger.reason = g->reason;
	merger.by = by_whom(g);
	if (begin(&c, g, &e) == -1 ||
	    (g->claims ? guest_find(&c, g, &e)
	               : home_find(&c, &g->who, &c.home, &e)) == -1 ||
	    home_find(&c, &g->into, &into, &e) == -1 ||
	    (g->claims ? member_claim : member_merge)(
	        &c.world, &merger, &merged, &e) == -1)
		return operation_end(&c.op, &e);
	print_merged(&c, g, &into, &merged);
	return operation_end(&c.op, NULL);
}

int
member_merge_into(struct tool_call *call)
{
	struct change_options g = { 0 };
	const struct option_spec options[] = {
		{ "--from", "ID", "number of the member who becomes the other",
		    .number = &g.who.member_id },
		{ "--into", "ID", "number of the member who stays",
		    .number = &g.into.member_id },
		OPTION_MEMBER_STORE(&g.who),
		OPTION_CUSTOMER("--from-", &g.who),
		OPTION_EMAIL("--from-", &g.who),
		OPTION_MEMBER_ORDER("--from-", &g.who),
		OPTION_CUSTOMER("--into-", &g.into),
		OPTION_EMAIL("--into-", &g.into),
		OPTION_MEMBER_ORDER("--into-", &g.into),
		{ "--reason", "TEXT", "why; stays on record", .text = &g.reason,
		    .required = true },
		OPTION_BY(&g.by),
		OPTION_AT(&g),
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return merge_run(&g, options, call);
}

int
member_claim_for(struct tool_call *call)
{
	struct change_options g = { .reason = "not said", .claims = true };
	const struct option_spec options[] = {
		OPTION_STORE(&g.who.store_id),
		{ "--email", "ADDRESS", "the address that it is held for",
		    .text = &g.who.email, .required = true },
		OPTION_CUSTOMER("--", &g.into),
		OPTION_MEMBER_ORDER("--", &g.into),
		{ "--member", "ID", "or number of the member who gets it",
		    .number = &g.into.member_id },
		{ "--reason", "TEXT", "why; stays on record", .text = &g.reason,
		    .preset = "not said" },
		OPTION_BY(&g.by),
		OPTION_AT(&g),
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return merge_run(&g, options, call);
}
