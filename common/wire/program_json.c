/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/money.h"
#include "wire/node.h"
#include "wire/program_json.h"

static const char word_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

struct draft {
	struct program p;
	struct arena *arena;
	struct rule *rules;
	struct base *bases;
	int exponent;
};

static int
parse_base(const struct node *up, struct base *b, struct err *e)
{
	static const char *const keys[] = { "discounts", "tax", "shipping",
		"fees", "gift_cards", NULL };
	static const char *const discounts[] = { "after", "before", NULL };
	int before = 0;
	struct node n;

	if (!node_get(up, "base", &n))
		return 0;
	if (node_check_object(&n, keys, e) == -1 ||
	    node_word(&n, "discounts", discounts, &before, e) == -1 ||
	    node_bool(&n, "tax", &b->tax, e) == -1 ||
	    node_bool(&n, "shipping", &b->shipping, e) == -1 ||
	    node_bool(&n, "fees", &b->fees, e) == -1 ||
	    node_bool(&n, "gift_cards", &b->gift_cards, e) == -1)
		return -1;
	b->before_discounts = before == 1;
	return 0;
}

/* How many decimals there are, zeros at the end not counted. */
static int
decimals(struct str s)
{
	const char *dot = memchr(s.data, '.', s.len);

	if (dot == NULL)
		return 0;
	while (s.data[s.len - 1] == '0')
		s.len--;
	return (int)(s.data + s.len - dot - 1);
}

static int
parse_per(const struct node *up, int exponent, int64_t *per, struct err *e)
{
	char text[MONEY_TEXT_MAX];
	struct str s = STR("1");
	const struct node *at = up;
	struct node n;

	if (node_get(up, "per", &n)) {
		at = &n;
		if (node_str(&n, &s) == -1)
			return node_refuse(&n, e,
			    "must be a text in quotes, like \"1\" or \"0.50\"");
	}
	if (s.len >= sizeof(text) || money_parse(s, exponent, per) == -1 ||
	    *per <= 0 || *per > RATE_MAX) {
		money_format(RATE_MAX, exponent, text);
		return node_refuse(at, e,
		    "must be an amount of money above 0, at most \"%s\"", text);
	}
	if (decimals(s) > exponent)
		return node_refuse(at, e,
		    "has more decimals than the currency, which has %d",
		    exponent);
	return 0;
}

static int
parse_give(const struct node *up, int exponent, struct rule *r, struct err *e)
{
	static const char *const keys[] = { "points", "per", NULL };
	static const int64_t bounds[2] = { 1, RATE_MAX };
	struct node n, points;

	if (!node_get(up, "give", &n))
		return node_refuse(up, e, "lacks \"give\", what it gives");
	if (node_check_object(&n, keys, e) == -1)
		return -1;
	if (!node_get(&n, "points", &points))
		return node_refuse(
		    &n, e, "lacks \"points\", how many it gives");
	if (node_number(&n, "points", bounds, &r->units, e) == -1)
		return -1;
	return parse_per(&n, exponent, &r->per, e);
}

static int
parse_rule(const struct node *n, struct draft *d, struct rule *r, struct err *e)
{
	static const char *const keys[] = { "id", "on", "give", "base",
		"rounding", NULL };
	static const char *const triggers[] = { "order", NULL };
	static const char *const roundings[] = { "floor", "nearest", "ceil",
		NULL };
	int trigger = 0, rounding = 0;
	char id[RULE_ID_MAX];
	struct node child;

	if (node_check_object(n, keys, e) == -1)
		return -1;
	if (!node_get(n, "id", &child))
		return node_refuse(
		    n, e, "lacks \"id\", its name in the ledger");
	if (node_text(&child, word_chars, id, sizeof(id), e) == -1)
		return -1;
	*r = (struct rule){ .id = arena_strdup(d->arena, id),
		.on = ON_ORDER,
		.by = PER_MONEY,
		.over = WINDOW_ORDER,
		.take_wallet = NONE,
		.reversal = REVERSE_RESIDUAL,
		.pending_days = -1,
		.pending_from = FROM_PAID };
	if (!node_get(n, "on", &child))
		return node_refuse(n, e, "lacks \"on\", what it rewards");
	if (node_word(n, "on", triggers, &trigger, e) == -1 ||
	    node_word(n, "rounding", roundings, &rounding, e) == -1 ||
	    parse_give(n, d->exponent, r, e) == -1)
		return -1;
	r->rounding = (enum rounding)(ROUND_FLOOR + rounding);
	r->base = d->p.nbases++;
	return parse_base(n, &d->bases[r->base], e);
}

static int
parse_rules(const struct node *up, struct draft *d, struct err *e)
{
	struct program *p = &d->p;
	struct node n;

	if (!node_get(up, "rules", &n))
		return node_refuse(up, e, "the program lacks \"rules\"");
	if (node_check_list(&n, 1, RULES_MAX, e) == -1)
		return -1;
	d->rules = arena_array(d->arena, node_count(&n), sizeof(*d->rules));
	d->bases = arena_array(d->arena, node_count(&n), sizeof(*d->bases));
	p->rules = d->rules;
	p->bases = d->bases;
	for (size_t i = 0; i < node_count(&n); i++) {
		struct node item = node_item(&n, i);
		struct rule *r = &d->rules[i];

		if (parse_rule(&item, d, r, e) == -1)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (strcmp(p->rules[j].id, r->id) == 0)
				return node_refuse(
				    &item, e, "has the id of rules[%zu]", j);
		p->nrules++;
	}
	return 0;
}

static void
status_add(struct program *p, enum platform platform, const char *status)
{
	size_t i = (size_t)platform - 1;

	assert(p->naward[i] < STATUSES_MAX);
	memcpy(p->award[i][p->naward[i]++], status, strlen(status) + 1);
}

static void
award_add(struct program *p, enum platform platform, const char *word)
{
	status_add(p, platform, word);
	if (platform != PLATFORM_SHOPIFY)
		return;
	/* What was paid stays paid when a part or all of it comes back. */
	status_add(p, platform, "partially_refunded");
	status_add(p, platform, "refunded");
}

static int
parse_award_word(const struct node *n, enum platform platform,
    struct program *p, struct err *e)
{
	/* core/decide.c, 2. and 3. */
	static const char *const never[] = { "cancelled", "failed", "refunded",
		"trash", "voided", "checkout-draft", "draft", "auto-draft",
		"new", NULL };
	char word[ORDER_STATUS_MAX];
	size_t at = (size_t)platform - 1;

	if (node_text(n, word_chars, word, sizeof(word), e) == -1)
		return -1;
	if (word_is_one_of(word, never))
		return node_refuse(n, e, "is a status in which no order earns");
	if (strncmp(word, "wc-", 3) == 0)
		return node_refuse(
		    n, e, "must be said without wc-: \"%s\"", word + 3);
	if (platform == PLATFORM_SHOPIFY && strcmp(word, "paid") != 0)
		return node_refuse(n, e, "must be \"paid\"");
	for (size_t i = 0; i < p->naward[at]; i++)
		if (strcmp(p->award[at][i], word) == 0)
			return node_refuse(n, e, "is said twice");
	award_add(p, platform, word);
	return 0;
}

static int
parse_award_list(const struct node *n, enum platform platform,
    struct program *p, struct err *e)
{
	if (node_check_list(n, 0, STATUSES_MAX, e) == -1)
		return -1;
	for (size_t i = 0; i < node_count(n); i++) {
		struct node item = node_item(n, i);

		if (parse_award_word(&item, platform, p, e) == -1)
			return -1;
	}
	return 0;
}

static int
parse_award(const struct node *up, struct program *p, struct err *e)
{
	static const char *const keys[] = { "shopify", "woocommerce", NULL };
	struct node n, list;
	bool any = node_get(up, "award", &n);

	if (any && node_check_object(&n, keys, e) == -1)
		return -1;
	if (!any || !node_get(&n, "shopify", &list))
		award_add(p, PLATFORM_SHOPIFY, "paid");
	else if (parse_award_list(&list, PLATFORM_SHOPIFY, p, e) == -1)
		return -1;
	if (any && node_get(&n, "woocommerce", &list))
		return parse_award_list(&list, PLATFORM_WOOCOMMERCE, p, e);
	award_add(p, PLATFORM_WOOCOMMERCE, "processing");
	award_add(p, PLATFORM_WOOCOMMERCE, "completed");
	return 0;
}

static int
parse_file(const struct node *n, struct draft *d, struct err *e)
{
	static const char *const keys[] = { "$schema", "name", "rules", "award",
		"pending_days", NULL };
	static const int64_t bounds[2] = { 0, PENDING_DAYS_MAX };
	struct program *p = &d->p;
	char text[64];
	struct node name;

	if (node_check_object(n, keys, e) == -1)
		return -1;
	if (!node_get(n, "name", &name))
		return node_refuse(n, e, "the program lacks \"name\"");
	if (node_text(&name, NULL, text, sizeof(text), e) == -1 ||
	    parse_rules(n, d, e) == -1 || parse_award(n, p, e) == -1)
		return -1;
	p->name = arena_strdup(d->arena, text);
	status_add(p, PLATFORM_EVENTS, "paid");
	status_add(p, PLATFORM_EVENTS, "partially_refunded");
	status_add(p, PLATFORM_EVENTS, "refunded");
	return node_number(n, "pending_days", bounds, &p->pending_days, e);
}

int
program_parse(struct arena *a, struct str s, const struct program_setting *set,
    struct program *out, struct err *e)
{
	static const struct wallet points = { .id = "points",
		.unit = UNIT_POINTS,
		.negative = NEGATIVE_DEBT };
	struct draft d = { .arena = a, .exponent = set->exponent };
	struct node file;
	int rc;

	assert(set->exponent >= 0);
	(void)strncpy(d.p.currency, set->currency, sizeof(d.p.currency) - 1);
	d.p.exponent = set->exponent;
	d.p.zone = set->zone != NULL ? set->zone : &zone_utc;
	d.p.feb29 = FEB29_PREVIOUS;
	d.p.wallets = &points;
	d.p.nwallets = 1;
	if (s.len > PROGRAM_FILE_MAX)
		return err_set(e, FAULT_REJECT,
		    "a program file of %zu bytes; at most %d are read", s.len,
		    PROGRAM_FILE_MAX);
	if (node_parse(s, &file, e) == -1)
		return -1;
	rc = parse_file(&file, &d, e);
	node_free(&file);
	d.p.plain = program_is_plain(&d.p);
	if (rc == 0)
		*out = d.p;
	return rc;
}
