/* SPDX-License-Identifier: MIT */
/* Compares the ledger after a step with what the test expects. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "wire/explain/explain.h"
#include "wire/scenario/internal.h"

enum {
	SHOWN_MAX = 30, /* movements that are shown below a difference */
	VALUE_MAX = 256,
};

/* ---- what the ledger has ------------------------------------------------- */

/* Returns the id of the fact whose entries the step changes; for an undo, the
 * id of the event that is undone. */
static const char *
told_of(const struct fact *f)
{
	return f->kind == FACT_EVENT && f->of != NULL ? f->of : f->id;
}

/* Whether a movement belongs to the order, event, redemption or adjustment
 * of the step. */
static bool
is_of_step(const struct stage *g, const struct movement *m)
{
	const struct step *s = g->step;

	switch (s->kind) {
	case STEP_ORDER:
	case STEP_REFUND:
	case STEP_CANCEL:
		return m->source == SOURCE_ORDER &&
		       strcmp(m->source_id, s->id) == 0;
	case STEP_FACT:
		return (m->source == SOURCE_EVENT ||
		           m->source == SOURCE_REDEMPTION ||
		           m->source == SOURCE_ADJUSTMENT) &&
		       strcmp(m->source_id, told_of(&s->fact)) == 0;
	case STEP_WAIT:
	case STEP_QUOTE:
	case STEP_MERGE:
	case STEP_PAYOUT:
	case STEP_PROGRAM:
		break;
	}
	return false;
}

/* Returns how many units a movement earned; below zero if the movement took
 * earned units back. */
static int64_t
earned_by(const struct movement *m)
{
	if (m->debit == ACCOUNT_ISSUED)
		return m->units;
	return m->credit == ACCOUNT_REVERSED ? -m->units : 0;
}

static int64_t
entry_units(const struct stage *g, const char *rule)
{
	int64_t sum = 0;

	for (size_t i = 0; i < g->fold.nmovements; i++) {
		const struct movement *m = &g->fold.movements[i];

		if (is_of_step(g, m) && strcmp(m->rule, rule) == 0)
			sum += earned_by(m);
	}
	return sum;
}

int64_t
stage_owed(const struct stage *g, const char *charity)
{
	int64_t sum = movements_given(
	    g->fold.movements, g->fold.nmovements, charity);

	for (size_t i = 0; i < g->npayments; i++)
		if (g->payments[i].member == g->member &&
		    strcmp(g->payments[i].payout.charity, charity) == 0)
			sum -= g->payments[i].payout.units;
	return sum;
}

static struct balance
balance_of(const struct stage *g, const char *wallet)
{
	for (size_t i = 0; i < g->fold.npurses; i++)
		if (strcmp(g->fold.purses[i].wallet, wallet) == 0)
			return g->fold.purses[i].balance;
	return (struct balance){ 0 };
}

/* Returns the units that the member can spend.  If the wallet may go below
 * zero, a debt is returned as a negative number. */
static int64_t
shown_of(const struct stage *g, const char *wallet)
{
	size_t i = program_wallet(g->program, wallet);
	int64_t v = fold_available(&g->fold, wallet);

	if (i != NONE && g->program->wallets[i].negative == NEGATIVE_ALLOW)
		v -= balance_of(g, wallet).debt;
	return v;
}

static int64_t
earns_of(const struct stage *g, const char *wallet)
{
	for (size_t i = 0; i < g->quote.nearns; i++)
		if (strcmp(g->quote.earns[i].wallet, wallet) == 0)
			return g->quote.earns[i].units;
	return 0;
}

/* Writes the local day, "2025-03-10". */
static const char *
day_text(struct stage *g, int64_t at)
{
	struct civil c = calendar_civil(g->program->zone, at);

	return arena_printf(
	    &g->scratch, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static const char *
tier_until_text(struct stage *g)
{
	const struct tier_change *c;

	if (g->fold.ntiers == 0)
		return NULL;
	c = &g->fold.tiers[g->fold.ntiers - 1];
	if (c->level == NULL)
		return NULL;
	/* The tier ends at the first instant after its last day. */
	return c->until == INSTANT_NEVER ? "ever" : day_text(g, c->until - 1);
}

static const char *
membership_text(struct stage *g, const char *id)
{
	for (size_t i = 0; i < g->fold.nmemberships; i++) {
		const struct membership_state *m = &g->fold.memberships[i];

		if (strcmp(m->membership, id) != 0 || !m->active)
			continue;
		if (m->until == INSTANT_NEVER)
			return "ever";
		return arena_printf(&g->scratch, "%s..%s", day_text(g, m->from),
		    day_text(g, m->until));
	}
	return "none";
}

static const char *
tier_text(const struct stage *g)
{
	return g->fold.ntiers == 0 ? NULL
	                           : g->fold.tiers[g->fold.ntiers - 1].level;
}

/* Returns the reason why a rule gave this step nothing.  If several rules gave
 * nothing, the expected reason is preferred. */
static const char *
reason_text_of(const struct stage *g, const char *expected)
{
	const char *found = NULL;

	for (size_t i = 0; i < g->fold.nmovements; i++) {
		const struct movement *m = &g->fold.movements[i];

		if (!is_of_step(g, m) || m->why == NULL ||
		    m->why->reason == NULL || entry_units(g, m->rule) != 0)
			continue;
		if (expected != NULL && strcmp(m->why->reason, expected) == 0)
			return m->why->reason;
		found = m->why->reason;
	}
	return found;
}

/* ---- saying what differs ------------------------------------------------- */

static void PRINTF(2, 3) differ(struct stage *g, const char *fmt, ...)
{
	char text[2 * VALUE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(g->out, "%s: test \"%s\", step %zu (%s, line %zu): %s\n",
	    g->file, g->scenario->name, g->nth, g->step->at_text, g->step->line,
	    text);
	g->differences++;
}

static const char *const kinds[] = {
	[EXPECT_AVAILABLE] = "",
	[EXPECT_PENDING] = "pending ",
	[EXPECT_RESERVED] = "reserved ",
	[EXPECT_DEBT] = "debt of ",
	[EXPECT_EARNED] = "earned ",
	[EXPECT_CHARITY] = "what is owed to ",
	[EXPECT_ENTRY] = "the entry of ",
	[EXPECT_EARNS] = "what it would earn of ",
	[EXPECT_PAY] = "what is to be paid",
	[EXPECT_SHIPPING] = "shipping",
	[EXPECT_TIER] = "the tier",
	[EXPECT_TIER_UNTIL] = "the tier's last day",
	[EXPECT_MEMBERSHIP] = "membership ",
	[EXPECT_REASON] = "the reason",
	[EXPECT_REFUSED] = "the refusal",
	[EXPECT_BENEFITS] = "the benefits",
	[EXPECT_DISCOUNTS] = "the discounts",
};

static void
differ_value(struct stage *g, const struct expectation *x, int64_t is)
{
	char is_text[MONEY_TEXT_MAX], expected[MONEY_TEXT_MAX];
	int least = x->places < g->program->exponent ? x->places
	                                             : g->program->exponent;

	if (is == x->value)
		return;
	decimal_format(is, x->places, least, is_text);
	decimal_format(x->value, x->places, least, expected);
	differ(g, "%s%s is %s, expected %s", kinds[x->kind],
	    x->key == NULL ? "" : x->key, is_text, expected);
}

static void
differ_text(struct stage *g, const struct expectation *x, const char *is)
{
	const char *a = is == NULL ? "none" : is;
	const char *b = x->text == NULL ? "none" : x->text;

	if (strcmp(a, b) != 0)
		differ(g, "%s%s is %s, expected %s", kinds[x->kind],
		    x->key == NULL ? "" : x->key, a, b);
}

/* Appends a comma and a word to a list; cuts a list that is too long. */
static void
join(char to[VALUE_MAX], const char *word)
{
	size_t at = strlen(to);

	(void)snprintf(
	    to + at, VALUE_MAX - at, "%s%s", at > 0 ? ", " : "", word);
}

static void
differ_benefits(struct stage *g, const struct expectation *x)
{
	const struct benefit *held[BENEFITS_MAX];
	const struct occasion now = { .at = g->step->told_at };
	size_t n = benefits_held(g->program, g->fold.view, &now, held);
	char is[VALUE_MAX] = "", expected[VALUE_MAX] = "";
	bool same = n == x->words.n;

	for (size_t i = 0; i < n; i++) {
		same = same && words_have(&x->words, held[i]->id);
		join(is, held[i]->id);
	}
	for (size_t i = 0; i < x->words.n; i++)
		join(expected, x->words.list[i]);
	if (!same)
		differ(g, "%s are %s, expected %s", kinds[x->kind],
		    n == 0 ? "none" : is, x->words.n == 0 ? "none" : expected);
}

static void
differ_discounts(struct stage *g, const struct expectation *x)
{
	char is[VALUE_MAX] = "", expected[VALUE_MAX] = "";
	bool same = g->quote.nlines == x->nvalues;

	for (size_t i = 0; i < g->quote.nlines; i++) {
		char text[MONEY_TEXT_MAX];

		same = same && g->quote.lines[i].discount == x->values[i];
		money_format(g->quote.lines[i].discount, x->places, text);
		join(is, text);
	}
	for (size_t i = 0; i < x->nvalues; i++) {
		char text[MONEY_TEXT_MAX];

		money_format(x->values[i], x->places, text);
		join(expected, text);
	}
	if (!same)
		differ(
		    g, "%s are %s, expected %s", kinds[x->kind], is, expected);
}

static void
differ_shipping(struct stage *g, const struct expectation *x)
{
	if (g->quote.free_shipping != NULL || x->text != NULL) {
		differ_text(
		    g, x, g->quote.free_shipping != NULL ? "free" : "paid");
		return;
	}
	differ_value(g, x, g->quote.shipping);
}

static void
check(struct stage *g, const struct expectation *x)
{
	switch (x->kind) {
	case EXPECT_AVAILABLE:
		differ_value(g, x, shown_of(g, x->key));
		break;
	case EXPECT_PENDING:
		differ_value(g, x, balance_of(g, x->key).pending);
		break;
	case EXPECT_RESERVED:
		differ_value(g, x, balance_of(g, x->key).reserved);
		break;
	case EXPECT_DEBT:
		differ_value(g, x, balance_of(g, x->key).debt);
		break;
	case EXPECT_EARNED:
		differ_value(g, x, balance_of(g, x->key).lifetime_earned);
		break;
	case EXPECT_CHARITY:
		differ_value(g, x, stage_owed(g, x->key));
		break;
	case EXPECT_ENTRY:
		differ_value(g, x, entry_units(g, x->key));
		break;
	case EXPECT_EARNS:
		differ_value(g, x, earns_of(g, x->key));
		break;
	case EXPECT_PAY:
		differ_value(g, x, g->quote.pay);
		break;
	case EXPECT_SHIPPING:
		differ_shipping(g, x);
		break;
	case EXPECT_TIER:
		differ_text(g, x, tier_text(g));
		break;
	case EXPECT_TIER_UNTIL:
		differ_text(g, x, tier_until_text(g));
		break;
	case EXPECT_MEMBERSHIP:
		differ_text(g, x, membership_text(g, x->key));
		break;
	case EXPECT_REASON:
		differ_text(g, x, reason_text_of(g, x->text));
		break;
	case EXPECT_REFUSED:
		differ_text(g, x, g->refused);
		break;
	case EXPECT_BENEFITS:
		differ_benefits(g, x);
		break;
	case EXPECT_DISCOUNTS:
		differ_discounts(g, x);
		break;
	}
}

static bool
step_expects(const struct step *s, enum expect_kind kind, const char *key)
{
	for (size_t i = 0; i < s->nexpects; i++)
		if (s->expects[i].kind == kind &&
		    (key == NULL || strcmp(s->expects[i].key, key) == 0))
			return true;
	return false;
}

static int
places_of(const struct stage *g, const struct movement *m)
{
	size_t wallet = program_wallet(g->program, m->wallet);

	return scenario_places(g->program,
	    wallet == NONE ? UNIT_MONEY : g->program->wallets[wallet].unit);
}

/* If a test names some entries of a step, all other entries of the step are
 * expected to be 0. */
static void
check_unnamed_entries(struct stage *g)
{
	if (!g->step->all_entries)
		return;
	for (size_t i = 0; i < g->fold.nmovements; i++) {
		const struct movement *m = &g->fold.movements[i];
		const struct expectation none = {
			.kind = EXPECT_ENTRY,
			.key = m->rule,
			.places = places_of(g, m),
		};

		if (is_of_step(g, m) && m->debit == ACCOUNT_ISSUED &&
		    !step_expects(g->step, EXPECT_ENTRY, m->rule))
			differ_value(g, &none, entry_units(g, m->rule));
	}
}

/* ---- a whole step -------------------------------------------------------- */

static void
show_movement(struct stage *g, const struct movement *m)
{
	char units[MONEY_TEXT_MAX];
	int places = places_of(g, m);

	decimal_format(
	    m->units, places, places > 0 ? g->program->exponent : 0, units);
	buf_printf(g->out, "    %s %s %s, %s: %s %s, %s to %s",
	    day_text(g, m->at), source_name(m->source), m->source_id, m->rule,
	    units, m->wallet, account_name(m->debit), account_name(m->credit));
	if (m->why != NULL) {
		struct err e;

		buf_puts(g->out, ". ");
		/* The call cannot fail: English is one of the languages. */
		(void)!why_text(m->why, g->program, "en", g->out, &e);
	}
	buf_puts(g->out, "\n");
}

/* Shows the newest movements. */
static void
show_movements(struct stage *g)
{
	size_t n = g->fold.nmovements;

	for (size_t i = n > SHOWN_MAX ? n - SHOWN_MAX : 0; i < n; i++)
		show_movement(g, &g->fold.movements[i]);
}

void
stage_check(struct stage *g)
{
	const struct step *s = g->step;
	size_t before = g->differences;

	for (size_t i = 0; i < s->nexpects; i++)
		check(g, &s->expects[i]);
	check_unnamed_entries(g);
	if (g->refused != NULL && !step_expects(s, EXPECT_REFUSED, NULL))
		differ(g, "it is refused: %s", g->refused);
	if (g->differences > before)
		show_movements(g);
}
