/* SPDX-License-Identifier: MIT */
/* Reads the steps of tests that are no orders: events, news from a shop about a
 * customer, redemptions, adjustments. */
#include <string.h>

#include "wire/scenario/internal.h"

/* Finds an earlier step that has a fact of this kind and id; NULL: there is
 * none. */
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
	/* The default id of the step's fact; the file may give another id. */
	s->fact.id = arena_printf(t->arena, "step-%zu", t->nsteps + 1);
}

static void
parse_id(struct draft_test *t, const struct node *up, struct step *s)
{
	const struct step *before;
	struct node n;

	if (!node_get(up, "id", &n) ||
	    scenario_text(t->arena, &n, &s->fact.id) == -1)
		return;
	before = fact_find(t, s->fact.kind, s->fact.id);
	if (before != NULL)
		node_refuse(&n,
		    "is the id of line %zu; to tell the same again, say "
		    "\"repeat\" there",
		    before->line);
}

/* ---- events -------------------------------------------------------------- */

static void
parse_fields(struct draft_test *t, const struct node *up, struct fact *f)
{
	struct node n, it = { 0 };
	struct field *list;

	if (!node_get(up, "fields", &n) || node_check_object(&n, NULL) == -1)
		return;
	list = arena_array(t->arena, FIELDS_MAX, sizeof(*list));
	f->fields = list;
	while (node_each(&n, &it)) {
		struct field *one = &list[f->nfields];

		if (f->nfields == FIELDS_MAX) {
			node_refuse(&n, "has more than %d fields", FIELDS_MAX);
			return;
		}
		one->name = arena_strdup(t->arena, it.key);
		scenario_text(t->arena, &it, &one->value);
		f->nfields++;
	}
}

/* Reads the keys of a referral: "friend", the member who was brought, and
 * "order", the order of the friend that makes the referral count. */
static void
parse_friend(struct draft_test *t, const struct node *up, struct step *s)
{
	bool has_friend, has_order;
	struct node friend, order;

	has_friend = node_get(up, "friend", &friend);
	has_order = node_get(up, "order", &order);
	if (has_order && !has_friend)
		node_refuse(&order, "wants \"friend\" beside it");
	if (has_order)
		scenario_text(t->arena, &order, &s->fact.tied_to);
	if (!has_friend)
		return;
	if (s->fact.type != NULL && strcmp(s->fact.type, "referral") != 0)
		node_refuse(&friend, "is of a \"referral\" alone");
	else if (scenario_member(t, &friend, true, &s->friend) == 0 &&
	         s->friend == s->member)
		node_refuse(&friend, "is whom the step is about");
}

void
step_event(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "type", "id", "amount", "count",
		"channel", "brand", "fields", "friend", "order", NULL };
	static const int64_t bounds[2] = { 0, ORDER_QUANTITY_MAX };
	struct fact *f = &s->fact;
	struct node type;

	begin(t, s, FACT_EVENT);
	if (node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "type", "what it is", &type) == 0)
		scenario_text(t->arena, &type, &f->type);
	parse_id(t, n, s);
	scenario_money_in(t, n, "amount", &f->amount);
	node_number(n, "count", bounds, &f->count);
	node_text_in(n, "channel", t->arena, &f->channel);
	node_text_in(n, "brand", t->arena, &f->brand);
	parse_fields(t, n, f);
	parse_friend(t, n, s);
}

/* ---- what a shop says of its customer ------------------------------------ */

void
step_customer(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "tags", "tags_added",
		"tags_removed", "role", "company", "company_left", NULL };
	const struct trait_event *trait;
	struct words values = { 0 };
	struct field *fields;
	struct node told = { 0 }, more;

	begin(t, s, FACT_EVENT);
	if (node_check_object(n, keys) == -1 || node_is_wrong(n))
		return;
	if (!node_each(n, &told)) {
		node_refuse(n, "says nothing");
		return;
	}
	s->fact.type = arena_printf(t->arena, "customer.%s", told.key);
	trait = trait_event(s->fact.type);
	if (scenario_words_in(n, told.key, t->arena, &values) == -1)
		return;
	if (values.n > TAGS_MAX)
		node_refuse(&told, "has more than %d words", TAGS_MAX);
	fields = arena_array(t->arena, values.n + 1, sizeof(*fields));
	for (size_t i = 0; i < values.n; i++)
		fields[i] = (struct field){ trait->name, values.list[i] };
	s->fact.fields = fields;
	s->fact.nfields = values.n;
	more = told;
	if (node_each(n, &more))
		node_refuse(&more, "stands beside \"%s\"; a step is one thing",
		    told.key);
}

/* ---- redemptions --------------------------------------------------------- */

/* Reads the reward that is asked for, and its units. */
static void
redeem_reward(struct draft_test *t, const struct node *n, struct fact *f)
{
	const struct reward *r;
	struct node reward, units;
	size_t i;

	if (node_need(n, "reward", "which one", &reward) == -1 ||
	    scenario_text(t->arena, &reward, &f->reward) == -1)
		return;
	i = program_reward(t->program, f->reward);
	if (i == NONE) {
		scenario_refuse(t, &reward, "is no reward of this program");
		return;
	}
	r = &t->program->rewards[i];
	f->wallet = t->program->wallets[r->wallet].id;
	f->units = r->cost;
	if (node_get(n, "units", &units) &&
	    scenario_units(t, &units, r->wallet, &f->units) == 0 &&
	    f->units <= 0)
		node_refuse(&units, "must be above zero");
}

void
step_redeem(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "id", "reward", "units", "charity",
		"reserve", "issue", "amount", NULL };
	struct fact *f = &s->fact;
	struct node id, amount;

	begin(t, s, FACT_REDEEM);
	f->amount_told = node_get(n, "amount", &amount);
	if (node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "id", "its name", &id) == 0)
		parse_id(t, n, s);
	redeem_reward(t, n, f);
	node_bool(n, "reserve", &f->reserve);
	node_bool(n, "issue", &f->issue);
	scenario_money_in(t, n, "amount", &f->amount);
	if (node_text_in(n, "charity", t->arena, &f->charity) == 0 &&
	    f->charity != NULL &&
	    !words_have(&t->program->charities, f->charity))
		scenario_refuse(t, n, "names no charity of this program");
}

/* Reads the redemption that a capture or release is about. */
static void
step_of(struct draft_test *t, const struct node *n, enum fact_kind kind,
    struct step *s)
{
	const struct step *of;

	begin(t, s, kind);
	if (scenario_text(t->arena, n, &s->fact.of) == -1)
		return;
	of = fact_find(t, FACT_REDEEM, s->fact.of);
	if (of == NULL)
		scenario_refuse(t, n, "is no \"redeem\" of a step above");
	else if (!t->has_member)
		s->member = of->member;
	/* The shop of a test releases what is gone there. */
	if (of != NULL && of->fact.issue && kind == FACT_RELEASE)
		s->fact.type = RELEASE_GONE;
}

void
step_capture(struct draft_test *t, const struct node *n, struct step *s)
{
	step_of(t, n, FACT_CAPTURE, s);
}

void
step_release(struct draft_test *t, const struct node *n, struct step *s)
{
	step_of(t, n, FACT_RELEASE, s);
}

void
step_undo(struct draft_test *t, const struct node *n, struct step *s)
{
	begin(t, s, FACT_EVENT);
	s->fact.type = EVENT_UNDO;
	if (scenario_text(t->arena, n, &s->fact.of) == 0 &&
	    fact_find(t, FACT_EVENT, s->fact.of) == NULL)
		scenario_refuse(t, n, "is no \"event\" of a step above");
}

/* ---- adjustments --------------------------------------------------------- */

void
step_adjust(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "id", "wallet", "units", "reason",
		NULL };
	struct node wallet, units, reason;
	size_t i = 0;

	begin(t, s, FACT_ADJUST);
	if (node_check_object(n, keys) == -1)
		return;
	parse_id(t, n, s);
	if (node_need(n, "reason", "why", &reason) == 0)
		scenario_text(t->arena, &reason, &s->fact.reason);
	if (node_need(n, "units", "how many", &units) == -1 ||
	    (node_get(n, "wallet", &wallet) &&
	        scenario_wallet(t, &wallet, &i) == -1))
		return;
	s->fact.wallet = t->program->wallets[i].id;
	scenario_units(t, &units, i, &s->fact.units);
}
