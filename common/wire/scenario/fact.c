/* SPDX-License-Identifier: MIT */
/* What is told in tests beside orders. */
#include <string.h>

#include "core/ratio.h"
#include "wire/scenario/internal.h"

/* An id of a step above, of a fact of that kind; NULL: there is none. */
static const struct step *
fact_find(const struct draft_test *t, enum fact_kind kind, const char *id)
{
	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].kind == STEP_FACT &&
		    t->steps[i].fact.kind == kind &&
		    strcmp(t->steps[i].fact.id, id) == 0)
			return &t->steps[i];
	return NULL;
}

static void
begin(struct draft_test *t, struct step *s, enum fact_kind kind)
{
	s->kind = STEP_FACT;
	s->fact.kind = kind;
	s->fact.at = s->at;
	s->fact.count = 1;
	/* Unless the file says another. */
	s->fact.id = arena_printf(t->arena, "step-%zu", t->nsteps + 1);
}

static int
parse_id(
    struct draft_test *t, const struct node *up, struct step *s, struct err *e)
{
	const struct step *before;
	struct node n;

	if (!node_get(up, "id", &n))
		return 0;
	if (scenario_text(t->arena, &n, &s->fact.id, e) == -1)
		return -1;
	before = fact_find(t, s->fact.kind, s->fact.id);
	if (before != NULL)
		return node_refuse(&n, e,
		    "is the id of line %zu; to tell the same again, say "
		    "\"repeat\" there",
		    before->line);
	return 0;
}

/* ---- events ---------------------------------------------------------------- */

static int
parse_fields(
    struct draft_test *t, const struct node *up, struct fact *f, struct err *e)
{
	struct node n, it = { 0 };
	struct field *list;

	if (!node_get(up, "fields", &n))
		return 0;
	if (!node_is_object(&n))
		return node_refuse(&n, e, "must be an object, {...}");
	list = arena_array(t->arena, FIELDS_MAX, sizeof(*list));
	f->fields = list;
	while (node_each(&n, &it)) {
		struct field *one = &list[f->nfields];

		if (f->nfields == FIELDS_MAX)
			return node_refuse(
			    &n, e, "has more than %d fields", FIELDS_MAX);
		one->name = arena_strdup(t->arena, it.key);
		if (scenario_text(t->arena, &it, &one->value, e) == -1)
			return -1;
		f->nfields++;
	}
	return 0;
}

/* Reads a referral's keys: whom it brought, and with whose order it counts. */
static int
parse_friend(
    struct draft_test *t, const struct node *up, struct step *s, struct err *e)
{
	bool is_referral = strcmp(s->fact.type, "referral") == 0;
	struct node n;

	if (node_get(up, "order", &n)) {
		struct node friend;

		if (!node_get(up, "friend", &friend))
			return node_refuse(&n, e, "wants \"friend\" beside it");
		if (scenario_text(t->arena, &n, &s->fact.tied_to, e) == -1)
			return -1;
	}
	if (!node_get(up, "friend", &n))
		return 0;
	if (!is_referral)
		return node_refuse(&n, e, "is of a \"referral\" alone");
	if (scenario_member(t, &n, true, &s->friend, e) == -1)
		return -1;
	if (s->friend == s->member)
		return node_refuse(&n, e, "is whom the step is about");
	return 0;
}

int
step_event(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	static const char *const keys[] = { "type", "id", "amount", "count",
		"channel", "brand", "fields", "friend", "order", NULL };
	static const int64_t bounds[2] = { 0, ORDER_QUANTITY_MAX };
	struct node type;

	begin(t, s, FACT_EVENT);
	if (node_check_object(n, keys, e) == -1 ||
	    node_need(n, "type", "what it is", &type, e) == -1 ||
	    scenario_text(t->arena, &type, &s->fact.type, e) == -1 ||
	    parse_id(t, n, s, e) == -1 ||
	    scenario_money_in(t, n, "amount", &s->fact.amount, e) == -1 ||
	    node_number(n, "count", bounds, &s->fact.count, e) == -1 ||
	    scenario_text_in(t->arena, n, "channel", &s->fact.channel, e) ==
	        -1 ||
	    scenario_text_in(t->arena, n, "brand", &s->fact.brand, e) == -1)
		return -1;
	return parse_fields(t, n, &s->fact, e) == -1 ? -1
	                                             : parse_friend(t, n, s, e);
}

/* ---- what a shop says of its customer -------------------------------------- */

int
step_customer(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	static const char *const keys[] = { "tags", "tags_added",
		"tags_removed", "role", "company", "company_left", NULL };
	const struct trait_event *trait;
	struct words values = { 0 };
	struct field *fields;
	struct node told = { 0 }, more;

	begin(t, s, FACT_EVENT);
	if (node_check_object(n, keys, e) == -1)
		return -1;
	if (!node_each(n, &told))
		return node_refuse(n, e, "says nothing");
	s->fact.type = arena_printf(t->arena, "customer.%s", told.key);
	trait = trait_event(s->fact.type);
	if (scenario_words_in(t->arena, n, told.key, &values, e) == -1)
		return -1;
	if (values.n > TAGS_MAX)
		return node_refuse(
		    &told, e, "has more than %d words", TAGS_MAX);
	fields = arena_array(t->arena, values.n + 1, sizeof(*fields));
	for (size_t i = 0; i < values.n; i++)
		fields[i] = (struct field){ trait->name, values.list[i] };
	s->fact.fields = fields;
	s->fact.nfields = values.n;
	more = told;
	if (node_each(n, &more))
		return node_refuse(&more, e,
		    "stands beside \"%s\"; a step is one "
		    "thing",
		    told.key);
	return 0;
}

/* ---- redemptions -------------------------------------------------------------- */

int
step_redeem(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	static const char *const keys[] = { "id", "reward", "units", "charity",
		"reserve", "amount", NULL };
	struct fact *f = &s->fact;
	const struct reward *r;
	struct node id, reward, units, amount;
	size_t i;

	begin(t, s, FACT_REDEEM);
	f->amount_told = node_get(n, "amount", &amount);
	if (node_check_object(n, keys, e) == -1 ||
	    node_need(n, "id", "its name", &id, e) == -1 ||
	    parse_id(t, n, s, e) == -1 ||
	    node_need(n, "reward", "which one", &reward, e) == -1 ||
	    scenario_text(t->arena, &reward, &f->reward, e) == -1 ||
	    scenario_text_in(t->arena, n, "charity", &f->charity, e) == -1 ||
	    node_bool(n, "reserve", &f->reserve, e) == -1 ||
	    scenario_money_in(t, n, "amount", &f->amount, e) == -1)
		return -1;
	i = program_reward(t->program, f->reward);
	if (i == NONE)
		return node_refuse(&reward, e, "is no reward of this program");
	if (f->charity != NULL &&
	    !words_have(&t->program->charities, f->charity))
		return node_refuse(n, e, "names no charity of this program");
	r = &t->program->rewards[i];
	f->wallet = t->program->wallets[r->wallet].id;
	f->units = r->cost;
	if (!node_get(n, "units", &units))
		return 0;
	if (scenario_units(t, &units, r->wallet, &f->units, e) == -1)
		return -1;
	if (f->units <= 0)
		return node_refuse(&units, e, "must be above zero");
	return 0;
}

static int
step_of(struct draft_test *t, const struct node *n, enum fact_kind kind,
    struct step *s, struct err *e)
{
	const struct step *of;

	begin(t, s, kind);
	if (scenario_text(t->arena, n, &s->fact.of, e) == -1)
		return -1;
	of = fact_find(t, FACT_REDEEM, s->fact.of);
	if (of == NULL)
		return node_refuse(n, e, "is no \"redeem\" of a step above");
	if (!t->has_member)
		s->member = of->member;
	return 0;
}

int
step_capture(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	return step_of(t, n, FACT_CAPTURE, s, e);
}

int
step_undo(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	begin(t, s, FACT_EVENT);
	s->fact.type = EVENT_UNDO;
	if (scenario_text(t->arena, n, &s->fact.of, e) == -1)
		return -1;
	if (fact_find(t, FACT_EVENT, s->fact.of) == NULL)
		return node_refuse(n, e, "is no \"event\" of a step above");
	return 0;
}

int
step_release(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	return step_of(t, n, FACT_RELEASE, s, e);
}

/* ---- adjustments ---------------------------------------------------------------- */

int
step_adjust(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	static const char *const keys[] = { "id", "wallet", "units", "reason",
		NULL };
	struct node wallet, units, reason;
	size_t i = 0;

	begin(t, s, FACT_ADJUST);
	if (node_check_object(n, keys, e) == -1 || parse_id(t, n, s, e) == -1 ||
	    node_need(n, "units", "how many", &units, e) == -1 ||
	    node_need(n, "reason", "why", &reason, e) == -1 ||
	    scenario_text(t->arena, &reason, &s->fact.reason, e) == -1)
		return -1;
	if (node_get(n, "wallet", &wallet) &&
	    scenario_wallet(t, &wallet, &i, e) == -1)
		return -1;
	s->fact.wallet = t->program->wallets[i].id;
	return scenario_units(t, &units, i, &s->fact.units, e);
}
