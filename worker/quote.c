/* SPDX-License-Identifier: MIT */
/*
 * loyald quote: tells what a basket would cost a member, and what the basket
 * would earn, worked out by the same fold that awards points.  No order is
 * placed, and nothing is posted.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/money.h"
#include "base/tool.h"
#include "cmd.h"
#include "core/quote.h"
#include "io/clock.h"
#include "io/file.h"
#include "ledger/products.h"
#include "ledger/wallets.h"
#include "member_named.h"
#include "operation.h"
#include "wire/scenario/scenario.h"

enum {
	BASKET_MAX = 1024 * 1024, /* bytes of a basket's file */
};

struct quote_options {
	struct member_named who;
	int64_t at; /* an instant; 0: now */
	const char *basket;
	bool json;
};

struct quoting {
	struct operation op;
	struct world world;
	const struct store *store;
	const struct program *program;
	struct timeline_view seen;
	struct step basket;
	const struct benefit *held[BENEFITS_MAX];
	size_t nheld;
	struct quote quote;
};

/* ---- member and basket --------------------------------------------------- */

/* Makes an empty timeline, for a customer who is not known yet. */
static void
stranger(struct quoting *x, const struct program_version *v)
{
	struct era *era = arena_alloc(&x->op.arena, sizeof(*era));

	*era = (struct era){ v->program, v->version_id, 0 };
	x->seen.timeline = (struct timeline){
		.eras = era,
		.neras = 1,
		.store_id = x->store->store_id,
		.now = x->world.now,
	};
	fold(&x->op.arena, &x->seen.timeline, &x->seen.fold);
}

static int
load(struct quoting *x, const struct quote_options *g, struct quote_ask *ask,
    struct err *e)
{
	const struct world *w = &x->world;
	const struct program_version *v;
	struct member_key m;

	x->store = stores_need(w->stores, w->nstores, g->who.store_id, e);
	if (x->store == NULL)
		return -1;
	v = programs_find(
	    w->programs, w->nprograms, g->who.store_id, 0, w->now);
	if (v == NULL)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " has no program at that time",
		    g->who.store_id);
	x->program = v->program;
	if (member_named_ways(&g->who) > 0) {
		if (member_named_find(&x->op, &g->who, &m, e) == -1 ||
		    timeline_look(w,
		        (struct member_key){ x->store->tenant_id, m.member_id },
		        NULL, &x->seen, e) == -1)
			return -1;
		if (!x->seen.found)
			return err_set(e, FAULT_REJECT,
			    "no member %" PRId64 " is known to the tenant of "
			    "store %" PRId64,
			    m.member_id, g->who.store_id);
	}
	if (!x->seen.found)
		stranger(x, v);
	*ask = (struct quote_ask){
		.timeline = &x->seen.timeline,
		.fold = &x->seen.fold,
		.store_id = g->who.store_id,
		.brand = x->store->brand,
		.since = x->store->earn_from,
		.program = x->program,
		.version_id = v->version_id,
	};
	return 0;
}

static int
read_basket(struct quoting *x, const struct quote_options *g,
    struct quote_ask *ask, struct err *e)
{
	struct arena *a = &x->op.arena;
	struct product_ask products = { .tenant_id = x->store->tenant_id,
		.store_id = g->who.store_id };
	struct occasion now = { .at = x->world.now };
	struct order *o;
	struct str file;

	if (file_read(a, g->basket, BASKET_MAX, &file, e) == -1)
		return -1;
	if (basket_parse(a, file, x->program, x->world.now, &x->basket, e) ==
	    -1)
		return err_wrap(e, "%s", g->basket);
	o = arena_alloc(a, sizeof(*o));
	*o = *x->basket.order;
	products.order = o;
	if (products_fill(x->op.pg, a, &products, 1, e) == -1)
		return -1;
	ask->basket = o;
	if (x->basket.brand != NULL)
		ask->brand = x->basket.brand;
	ask->wishes = x->basket.wishes;
	ask->nwishes = x->basket.nwishes;
	now.brand = ask->brand;
	now.channel = o->channel;
	now.shipping_method = o->shipping_method;
	x->nheld = benefits_held(x->program, x->seen.fold.view, &now, x->held);
	return 0;
}

static int
work_out(struct quoting *x, const struct quote_options *g, struct err *e)
{
	int64_t at = g->at != 0 ? g->at : clock_now();
	struct quote_ask ask = { 0 };

	if (operation_world(&x->op, 0, at, &x->world, e) == -1 ||
	    load(x, g, &ask, e) == -1 || read_basket(x, g, &ask, e) == -1)
		return -1;
	quote(&x->op.arena, &ask, &x->quote);
	return 0;
}

/* ---- output -------------------------------------------------------------- */

static const char *
money(struct quoting *x, int64_t minor)
{
	char text[MONEY_TEXT_MAX];

	money_format(minor, currency_exponent(x->basket.order->currency), text);
	return arena_strdup(&x->op.arena, text);
}

static const char *
units(struct quoting *x, const struct wallet *w, int64_t n)
{
	const struct wallet_row row = {
		.id = w->id, .unit = w->unit, .exponent = x->program->exponent
	};

	return units_text(&x->op.arena, &row, n);
}

static const struct wallet *
wallet_of(const struct quoting *x, const char *id)
{
	return &x->program->wallets[program_wallet(x->program, id)];
}

/* The price of a reward, in units of its wallet. */
static const char *
reward_cost(struct quoting *x, const struct quote_reward *r)
{
	size_t i = program_reward(x->program, r->reward);

	return units(
	    x, &x->program->wallets[x->program->rewards[i].wallet], r->units);
}

static void
json_lines(struct jsonw *w, struct quoting *x)
{
	jsonw_array(w, "lines");
	for (size_t i = 0; i < x->quote.nlines; i++) {
		const struct quote_line *l = &x->quote.lines[i];

		jsonw_object(w, NULL);
		jsonw_text(w, "amount", money(x, l->net + l->discount));
		jsonw_text(w, "discount", money(x, l->discount));
		jsonw_text(w, "net", money(x, l->net));
		jsonw_text(w, "tax", money(x, l->tax));
		jsonw_text(w, "benefit", l->benefit);
		jsonw_text(w, "reward", l->reward);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
json_rewards(struct jsonw *w, struct quoting *x)
{
	jsonw_array(w, "rewards");
	for (size_t i = 0; i < x->quote.nrewards; i++) {
		const struct quote_reward *r = &x->quote.rewards[i];

		jsonw_object(w, NULL);
		jsonw_text(w, "reward", r->reward);
		jsonw_text(w, "units", reward_cost(x, r));
		jsonw_text(w, "discount", money(x, r->discount));
		jsonw_text(w, "refused", r->refused);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
print_json(struct quoting *x)
{
	const struct quote *q = &x->quote;
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_text(&w, "currency", x->basket.order->currency);
	json_lines(&w, x);
	json_rewards(&w, x);
	jsonw_text(&w, "discount", money(x, q->discount));
	jsonw_text(&w, "shipping", money(x, q->shipping));
	jsonw_text(&w, "free_shipping", q->free_shipping);
	jsonw_text(&w, "pay", money(x, q->pay));
	jsonw_object(&w, "earns");
	for (size_t i = 0; i < q->nearns; i++)
		jsonw_text(&w, q->earns[i].wallet,
		    units(x, wallet_of(x, q->earns[i].wallet),
		        q->earns[i].units));
	jsonw_object_end(&w);
	jsonw_array(&w, "benefits");
	for (size_t i = 0; i < x->nheld; i++)
		jsonw_text(&w, NULL, x->held[i]->id);
	jsonw_array_end(&w);
	jsonw_end(&w, stdout);
}

static void
print_lines(struct quoting *x)
{
	static const char *const names[] = { "LINE", "AMOUNT", "DISCOUNT", "BY",
		"NET", "TAX", NULL };
	struct arena *a = &x->op.arena;
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < x->quote.nlines; i++) {
		const struct quote_line *l = &x->quote.lines[i];
		const char *by = l->benefit;

		if (l->reward != NULL)
			by = by == NULL
			         ? l->reward
			         : arena_printf(a, "%s, %s", by, l->reward);
		table_add(&t,
		    (const char *const[]){ arena_printf(a, "%zu", i + 1),
		        money(x, l->net + l->discount), money(x, l->discount),
		        by, money(x, l->net), money(x, l->tax) });
	}
	table_print(&t, stdout);
}

static void
print_text(struct quoting *x)
{
	const struct quote *q = &x->quote;

	print_lines(x);
	for (size_t i = 0; i < q->nrewards; i++) {
		const struct quote_reward *r = &q->rewards[i];

		if (r->refused != NULL)
			printf("reward %s is not used: %s\n", r->reward,
			    r->refused);
		else
			printf("reward %s for %s: %s off\n", r->reward,
			    reward_cost(x, r), money(x, r->discount));
	}
	if (q->free_shipping != NULL)
		printf("shipping free (%s)\n", q->free_shipping);
	else
		printf("shipping %s\n", money(x, q->shipping));
	printf("to pay %s %s\n", money(x, q->pay), x->basket.order->currency);
	for (size_t i = 0; i < q->nearns; i++)
		printf("earns %s %s\n",
		    units(
		        x, wallet_of(x, q->earns[i].wallet), q->earns[i].units),
		    q->earns[i].wallet);
	if (x->nheld > 0)
		printf("benefits:");
	for (size_t i = 0; i < x->nheld; i++)
		printf(" %s", x->held[i]->id);
	if (x->nheld > 0)
		printf("\n");
}

int
cmd_quote(struct tool_call *call)
{
	static struct quoting x;
	struct quote_options g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.who.store_id),
		{ "--basket", "FILE",
		    "file with the basket: what stands behind \"quote\" in the "
		    "tests of a program",
		    .text = &g.basket, .required = true },
		{ "--member", "ID", "the member who would buy, by number",
		    .number = &g.who.member_id,
		    .preset = "somebody who is none yet" },
		OPTION_CUSTOMER("--", &g.who),
		OPTION_EMAIL("--", &g.who),
		OPTION_MEMBER_ORDER("--", &g.who),
		{ "--at", "INSTANT", "when it would be bought",
		    .instant = &g.at, .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct config config;
	struct err e;
	int status = tool_read_line(call, options, &config);

	if (status == EXIT_STOPPED && member_named_ways(&g.who) > 1)
		status = tool_usage(call,
		    "%s wants the member named in one way: --member ID, "
		    "--customer ID, --email ADDRESS or --order ID",
		    call->argv[0]);
	if (status == EXIT_STOPPED)
		status = operation_open(
		    &x.op, call, &config, member_named_takes_key(&g.who));
	if (status != EXIT_STOPPED)
		return status;
	if (work_out(&x, &g, &e) == -1)
		return operation_end(&x.op, &e);
	if (g.json)
		print_json(&x);
	else
		print_text(&x);
	return operation_end(&x.op, NULL);
}
