/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "core/quote_rewards.h"

/* The id of the basket as an order in the timeline.  No platform has such
 * ids. */
static const char quote_id[] = "*quote";

static bool
line_is_fee(const struct program *p, const struct order_line *l)
{
	for (size_t i = 0; i < p->nmemberships; i++) {
		const struct filter *fee = &p->memberships[i].fee;

		if (fee->n > 0 && filter_has(fee, l))
			return true;
	}
	return false;
}

/* ---- benefits ------------------------------------------------------------ */

/* Whether a test asks for something of the basket that is not known yet. */
static bool
test_is_of_basket(const struct test *t, const struct occasion *o)
{
	switch (t->kind) {
	case TEST_CHANNEL:
		return o->channel == NULL;
	case TEST_BRAND:
		return o->brand == NULL;
	case TEST_SHIPPING:
		return o->shipping_method == NULL;
	case TEST_AMOUNT:
	case TEST_PIECES:
	case TEST_CODES:
	case TEST_FIELD:
	case TEST_NUMBER:
	case TEST_NTH:
		return true;
	case TEST_TIER:
	case TEST_MEMBERSHIP:
	case TEST_WEEKDAY:
	case TEST_DATES:
	case TEST_SINCE:
	case TEST_CHOSEN_DAY:
	case TEST_ATTRIBUTE:
	case TEST_CUSTOMER:
	case TEST_CONSENT:
	case TEST_AGE:
		return false;
	}
	return false;
}

size_t
benefits_held(const struct program *p, const struct member_view *view,
    const struct occasion *o, const struct benefit *out[BENEFITS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < p->nbenefits; i++) {
		const struct condition *when = &p->benefits[i].when;
		struct test known[TESTS_MAX];
		struct condition c = { .tests = known };
		const char *why_not;

		for (size_t j = 0; j < when->n && c.n < TESTS_MAX; j++)
			if (!test_is_of_basket(&when->tests[j], o))
				known[c.n++] = when->tests[j];
		if (condition_holds(&c, p, view, o, &why_not))
			out[n++] = &p->benefits[i];
	}
	return n;
}

static bool
benefit_applies(const struct quote_desk *d, const struct benefit *b)
{
	const char *why_not;

	if (b->minimum > 0 && d->exchange == NULL)
		return false;
	return d->worth >= b->minimum && quote_holds(d, &b->when, &why_not);
}

/* Rule 2. Gives a benefit to the lines on which its discount is the largest so
 * far. */
static void
take_benefit(struct quote_desk *d, const struct benefit *b)
{
	for (size_t i = 0; i < d->basket->nlines; i++) {
		const struct order_line *l = &d->basket->lines[i];
		struct quote_line *to = &d->q->lines[i];
		int64_t off;

		if (!d->takes[i] || !filter_has(&b->lines, l))
			continue;
		off = ratio_round((wide)l->net * b->percent, PERCENT_ALL);
		if (off > to->discount) {
			to->discount = off;
			to->benefit = b->id;
		}
	}
}

static void
take_benefits(struct quote_desk *d)
{
	for (size_t i = 0; i < d->program->nbenefits; i++) {
		const struct benefit *b = &d->program->benefits[i];

		if (b->kind == BENEFIT_DISCOUNT && benefit_applies(d, b))
			take_benefit(d, b);
		else if (b->kind == BENEFIT_SHIPPING &&
		         d->q->free_shipping == NULL && benefit_applies(d, b))
			d->q->free_shipping = b->id;
	}
}

/* ---- what it earns ------------------------------------------------------- */

/* The first platform whose orders earn by the program. */
static enum platform
earning_platform(const struct program *p)
{
	for (int i = 1; i <= PLATFORMS; i++)
		if (p->award[i].n > 0)
			return (enum platform)i;
	return PLATFORM_EVENTS;
}

/* The basket as an order that is placed and paid now. */
static const struct order *
placed(struct quote_desk *d)
{
	const struct program *p = d->program;
	struct order *o = arena_alloc(d->arena, sizeof(*o));
	int64_t now = d->ask->timeline->now;

	*o = *d->basket;
	if (o->platform == 0)
		o->platform = earning_platform(p);
	if (p->award[o->platform].n > 0)
		memcpy(o->status, p->award[o->platform].list[0],
		    sizeof(o->status));
	if (o->currency[0] == '\0')
		memcpy(o->currency, p->currency, sizeof(o->currency));
	if (o->id == 0)
		o->id = 1;
	o->created_at = o->paid_at = o->modified_at = now;
	o->nrefunds = 0;
	o->cancelled_at = o->deleted_at = 0;
	if (d->q->free_shipping != NULL)
		o->shipping = o->shipping_tax = 0;
	o->total = d->q->pay;
	o->lines = arena_array(d->arena, o->nlines, sizeof(*o->lines));
	for (size_t i = 0; i < o->nlines; i++) {
		o->lines[i] = d->basket->lines[i];
		o->lines[i].net = d->q->lines[i].net;
		o->lines[i].tax = d->q->lines[i].tax;
	}
	return o;
}

/* Copies the timeline, and inserts the basket as an order. */
static void
append_basket(struct quote_desk *d, struct timeline *t)
{
	const struct timeline *from = d->ask->timeline;
	struct fact *facts = arena_array(
	    d->arena, from->nfacts + 1, sizeof(*facts));
	struct fact basket = {
		.kind = FACT_ORDER,
		.at = from->now,
		.store_id = d->ask->store_id,
		.id = quote_id,
		.brand = d->ask->brand,
		.since = d->ask->since,
		.program = d->program,
		.version_id = d->version_id,
		.order = placed(d),
		.channel = d->basket->channel,
	};
	size_t n = 0;

	while (n < from->nfacts && fact_compare(&from->facts[n], &basket) < 0) {
		facts[n] = from->facts[n];
		n++;
	}
	facts[n] = basket;
	for (; n < from->nfacts; n++)
		facts[n + 1] = from->facts[n];
	*t = *from;
	t->facts = facts;
	t->nfacts = from->nfacts + 1;
}

static int64_t
earned_into(
    const struct quote_desk *d, const struct fold *f, const char *wallet)
{
	int64_t units = 0;

	for (size_t i = 0; i < f->nmovements; i++) {
		const struct movement *m = &f->movements[i];

		if (m->source != SOURCE_ORDER ||
		    m->store_id != d->ask->store_id || m->party != NULL ||
		    strcmp(m->source_id, quote_id) != 0 ||
		    strcmp(m->wallet, wallet) != 0)
			continue;
		if (m->debit == ACCOUNT_ISSUED)
			units += m->units;
		if (m->credit == ACCOUNT_REVERSED)
			units -= m->units;
	}
	return units;
}

/* Rule 7. Lists what the basket earns, wallet by wallet. */
static void
earns(struct quote_desk *d)
{
	struct timeline t;
	struct fold f;

	append_basket(d, &t);
	fold(d->arena, &t, &f);
	d->q->earns = arena_array(
	    d->arena, d->program->nwallets, sizeof(*d->q->earns));
	for (size_t i = 0; i < d->program->nwallets; i++) {
		const struct wallet *w = &d->program->wallets[i];

		if (w->charity)
			continue;
		d->q->earns[d->q->nearns++] = (struct quote_earn){
			.wallet = w->id,
			.unit = w->unit,
			.units = earned_into(d, &f, w->id),
		};
	}
}

/* ---- the whole ----------------------------------------------------------- */

static void
look_at_lines(struct quote_desk *d)
{
	const struct order *o = d->basket;
	int64_t pieces = 0;

	d->takes = arena_array(d->arena, o->nlines, sizeof(*d->takes));
	d->gained = arena_array(d->arena, o->nlines, sizeof(*d->gained));
	d->q->lines = arena_array(d->arena, o->nlines, sizeof(*d->q->lines));
	d->q->nlines = o->nlines;
	for (size_t i = 0; i < o->nlines; i++) {
		d->takes[i] = !o->lines[i].gift_card &&
		              !line_is_fee(d->program, &o->lines[i]);
		if (!d->takes[i])
			continue;
		d->counts += o->lines[i].net;
		/* Pieces of a line that is given away do not count. */
		if (o->lines[i].net > 0)
			pieces += o->lines[i].quantity;
	}
	d->exchange = program_exchange(d->program,
	    o->currency[0] != '\0' ? o->currency : d->program->currency,
	    d->ask->timeline->now);
	d->worth = d->exchange == NULL
	               ? 0
	               : ratio_floor(ratio_mul(d->counts, d->exchange->n),
	                     d->exchange->d);
	d->occasion = (struct occasion){
		.at = d->ask->timeline->now,
		.channel = o->channel,
		.brand = d->ask->brand,
		.shipping_method = o->shipping_method,
		.amount = d->worth,
		.pieces = pieces,
		.codes = o->codes,
		.nth = d->ask->fold->view->orders + 1,
	};
}

/* Rules 3. and 6. Works out what is left of each line, its tax, the shipping
 * and the sums. */
static void
sum_up(struct quote_desk *d)
{
	const struct order *o = d->basket;
	struct quote *q = d->q;

	q->shipping = q->free_shipping != NULL ? 0
	                                       : o->shipping + o->shipping_tax;
	q->pay = q->shipping + o->fees + o->fees_tax;
	for (size_t i = 0; i < q->nlines; i++) {
		const struct order_line *from = &o->lines[i];
		struct quote_line *l = &q->lines[i];

		l->net = from->net - l->discount;
		l->tax = l->discount == 0
		             ? from->tax
		             : ratio_round((wide)from->tax * l->net, from->net);
		q->discount += l->discount;
		q->pay += l->net + l->tax;
	}
}

/* The version of the program in effect now, with its time; before the first
 * version, the first. */
static const struct era *
era_now(const struct timeline *t)
{
	size_t i = t->neras;

	while (--i > 0 && t->eras[i].from > t->now)
		;
	return &t->eras[i];
}

void
quote(struct arena *a, const struct quote_ask *ask, struct quote *q)
{
	const struct era *era = era_now(ask->timeline);
	struct quote_desk d = {
		.arena = a,
		.ask = ask,
		.program = ask->program != NULL ? ask->program : era->program,
		.version_id = ask->program != NULL ? ask->version_id
		                                   : era->version_id,
		.basket = ask->basket,
		.share = PERCENT_ALL,
		.q = q,
	};

	assert(ask->fold->view != NULL);
	*q = (struct quote){ 0 };
	look_at_lines(&d);
	take_benefits(&d);
	quote_rewards(&d);
	sum_up(&d);
	earns(&d);
}
