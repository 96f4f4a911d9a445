/* SPDX-License-Identifier: MIT */
/* Reads the baskets of tests: the goods, payment and shipping of an order or a
 * quote. */
#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "wire/scenario/internal.h"

/* ---- lines --------------------------------------------------------------- */

static void
parse_product(const struct node *up, int64_t *out)
{
	struct node n;
	struct str s;

	if (node_get(up, "product", &n) &&
	    (!node_str(&n, &s) || str_int64(s, out) == -1 || *out <= 0))
		node_refuse(&n, "must be a product's number, as text");
}

static void
parse_line_about(
    struct draft_test *t, const struct node *n, struct order_line *l)
{
	parse_product(n, &l->product_id);
	node_text_in(n, "sku", t->arena, &l->sku);
	node_text_in(n, "vendor", t->arena, &l->vendor);
	node_text_in(n, "type", t->arena, &l->type);
	scenario_words_in(n, "category", t->arena, &l->categories);
	scenario_words_in(n, "tag", t->arena, &l->tags);
	node_bool(n, "on_sale", &l->on_sale);
	node_bool(n, "part", &l->part);
	node_bool(n, "bundle", &l->bundle);
	node_bool(n, "gift_card", &l->gift_card);
}

static void
parse_line(struct draft_test *t, const struct node *n, struct order_line *l)
{
	static const char *const keys[] = { "amount", "before", "tax",
		"quantity", "product", "sku", "vendor", "type", "category",
		"tag", "on_sale", "gift_card", "part", "bundle", NULL };
	static const int64_t bounds[2] = { 1, ORDER_QUANTITY_MAX };
	struct node amount;

	l->quantity = 1;
	if (node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "amount", "what the line came to", &amount) == 0)
		scenario_money_in(t, n, "amount", &l->net);
	l->before = l->net;
	scenario_money_in(t, n, "before", &l->before);
	scenario_money_in(t, n, "tax", &l->tax);
	node_number(n, "quantity", bounds, &l->quantity);
	l->current = l->quantity;
	parse_line_about(t, n, l);
}

/* Makes the single line of an order that has only "amount". */
static void
parse_amount(struct draft_test *t, const struct node *up, struct order *o)
{
	struct order_line *l = arena_alloc(t->arena, sizeof(*l));
	struct node amount;

	o->lines = l;
	o->nlines = 1;
	*l = (struct order_line){ .id = 1, .quantity = 1, .current = 1 };
	if (node_need(up, "amount", "or \"lines\"", &amount) == 0)
		scenario_money_in(t, up, "amount", &l->net);
	l->before = l->net;
}

static void
parse_lines(struct draft_test *t, const struct node *up, struct order *o)
{
	struct node n, amount;

	if (!node_get(up, "lines", &n)) {
		parse_amount(t, up, o);
		return;
	}
	if (node_get(up, "amount", &amount))
		node_refuse(&amount, "stands beside \"lines\", which say it");
	if (node_check_list(&n, 1, LINES_MAX) == -1)
		return;
	o->nlines = node_count(&n);
	o->lines = arena_array(t->arena, o->nlines, sizeof(*o->lines));
	for (size_t i = 0; i < o->nlines; i++) {
		struct node item = node_item(&n, i);

		o->lines[i].id = (int64_t)i + 1;
		parse_line(t, &item, &o->lines[i]);
	}
}

/* ---- baskets ------------------------------------------------------------- */

static void
parse_tenders(struct draft_test *t, const struct node *up, struct order *o)
{
	struct node n, it = { 0 };
	int64_t sum = 0;

	if (!node_get(up, "tender", &n) || node_check_object(&n, NULL) == -1)
		return;
	o->tenders = arena_array(t->arena, TENDERS_MAX, sizeof(*o->tenders));
	while (node_each(&n, &it)) {
		struct tender *one = &o->tenders[o->ntenders];

		if (o->ntenders == TENDERS_MAX) {
			node_refuse(&n, "has more than %d ways", TENDERS_MAX);
			return;
		}
		one->name = arena_strdup(t->arena, it.key);
		scenario_money_in(t, &n, it.key, &one->amount);
		sum += one->amount;
		o->ntenders++;
	}
	if (sum != o->total && !node_is_wrong(up))
		node_refuse(&n, "does not add up to what the order came to");
}

static void
parse_currency(struct draft_test *t, const struct node *up, struct order *o)
{
	const char *code = t->program->currency;
	struct node n;

	node_text_in(up, "currency", t->arena, &code);
	if (strlen(code) >= sizeof(o->currency) ||
	    currency_exponent(code) == -1) {
		(void)node_get(up, "currency", &n);
		node_refuse(&n, "is no currency; one is \"EUR\"");
		code = t->program->currency;
	}
	(void)snprintf(o->currency, sizeof(o->currency), "%s", code);
	t->exponent = currency_exponent(code);
}

void
basket_of(
    struct draft_test *t, const struct node *n, struct step *s, struct order *o)
{
	struct node fees;

	parse_currency(t, n, o);
	parse_lines(t, n, o);
	scenario_money_in(t, n, "shipping", &o->shipping);
	/* Fees belong to no line; a fee below zero is taken off the total. */
	if (node_get(n, "fees", &fees))
		scenario_decimal(&fees, t->exponent, &o->fees);
	node_text_in(n, "shipping_method", t->arena, &o->shipping_method);
	scenario_words_in(n, "codes", t->arena, &o->codes);
	node_text_in(n, "channel", t->arena, &o->channel);
	node_text_in(n, "brand", t->arena, &s->brand);
	o->platform = PLATFORM_EVENTS;
	(void)snprintf(o->status, sizeof(o->status), "%s",
	    t->program->award[PLATFORM_EVENTS].list[0]);
	o->modified_at = o->created_at = o->paid_at = s->at;
	o->was_paid = true;
	o->total = o->shipping + o->fees;
	o->credit = o->fees < 0 ? -o->fees : 0;
	for (size_t i = 0; i < o->nlines; i++)
		o->total += o->lines[i].net + o->lines[i].tax;
	if (o->total < 0)
		o->total = 0;
	parse_tenders(t, n, o);
}

/* ---- quotes -------------------------------------------------------------- */

static void
parse_wish(struct draft_test *t, const struct node *n, struct quote_wish *w)
{
	static const char *const keys[] = { "reward", "units", NULL };
	struct node reward = *n, units;
	const struct reward *r;
	size_t i;

	if (node_is_object(n) &&
	    (node_check_object(n, keys) == -1 ||
	        node_need(n, "reward", "its id", &reward) == -1))
		return;
	if (scenario_text(t->arena, &reward, &w->reward) == -1)
		return;
	i = program_reward(t->program, w->reward);
	if (i == NONE) {
		scenario_refuse(t, &reward, "is no reward of this program");
		return;
	}
	r = &t->program->rewards[i];
	w->units = r->cost;
	if (node_is_object(n) && node_get(n, "units", &units))
		scenario_units(t, &units, r->wallet, &w->units);
}

void
step_quote(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "amount", "lines", "tender",
		"shipping", "shipping_method", "codes", "fees", "channel",
		"brand", "currency", "rewards", NULL };
	struct order *o = arena_alloc(t->arena, sizeof(*o));
	struct quote_wish *wishes;
	struct node list;

	s->kind = STEP_QUOTE;
	s->order = o;
	if (node_check_object(n, keys) == -1)
		return;
	basket_of(t, n, s, o);
	if (!node_get(n, "rewards", &list) ||
	    node_check_list(&list, 0, REWARDS_MAX) == -1)
		return;
	wishes = arena_array(t->arena, node_count(&list), sizeof(*wishes));
	for (size_t i = 0; i < node_count(&list); i++) {
		struct node item = node_item(&list, i);

		parse_wish(t, &item, &wishes[i]);
	}
	s->wishes = wishes;
	s->nwishes = node_count(&list);
}
