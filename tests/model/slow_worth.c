/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/cc.h"

#include "slow_day.h"
#include "slow_worth.h"

static big
gcd(big a, big b)
{
	if (a < 0)
		a = -a;
	while (b != 0) {
		big rest = a % b;

		a = b;
		b = rest;
	}
	return a == 0 ? 1 : a;
}

static struct part
shortened(struct part p)
{
	big by = gcd(p.n, p.d);

	return (struct part){ p.n / by, p.d / by };
}

struct part
part_add(struct part a, struct part b)
{
	return shortened((struct part){ a.n * b.d + b.n * a.d, a.d * b.d });
}

struct part
part_times(struct part p, big n, big d)
{
	return shortened((struct part){ p.n * n, p.d * d });
}

int
part_sign(struct part p)
{
	return (p.n > 0) - (p.n < 0);
}

big
part_round(struct part p, enum rounding how)
{
	if (p.n <= 0)
		return 0;
	if (how == ROUND_CEIL)
		return p.n / p.d + (p.n % p.d != 0);
	if (how == ROUND_NEAREST)
		return p.n / p.d + (p.n % p.d * 2 >= p.d);
	return p.n / p.d;
}

struct part
rate_of_order(const struct spec *s, const struct order *o)
{
	int64_t day = day_of(&zone_model, o->created_at);
	struct part rate = { 0, 1 };

	if (strcmp(o->currency, "EUR") == 0)
		return (struct part){ 1, 1 };
	for (size_t i = 0; i < s->nrates; i++)
		if (day >= s->rates[i].day)
			rate = (struct part){ s->rates[i].hundredths, 100 };
	return rate;
}

static const struct product *
product_of(const struct order_line *l)
{
	for (size_t i = 0; i < PRODUCTS; i++)
		if (products[i].id == l->product_id)
			return &products[i];
	abort();
}

/* Whether a product has, under a key, one of the words of the set `words`. */
static bool
has_word(const struct product *p, enum line_key key, unsigned words)
{
	switch (key) {
	case LINE_CATEGORY:
		return (p->categories & words) != 0;
	case LINE_TAG:
		return (p->tags & words) != 0;
	case LINE_VENDOR:
		return (words & (p->vendor[0] == 'V' ? 1 : 2)) != 0;
	case LINE_TYPE:
		return (words & (p->type[0] == 'T' ? 1 : 2)) != 0;
	case LINE_SKU: /* "A-*", "B-1", "*-1" */
		return ((words & 1) != 0 && p->sku[0] == 'A') ||
		       ((words & 2) != 0 && strcmp(p->sku, "B-1") == 0) ||
		       ((words & 4) != 0 && strstr(p->sku, "-1") != NULL);
	case LINE_PRODUCT:
		return ((words & 1) != 0 && p->id == 101) ||
		       ((words & 2) != 0 && p->id == 103);
	case LINE_ON_SALE:
	case LINE_GIFT_CARD:
	case LINE_FREE:
	case LINE_PART:
	case LINE_BUNDLE:
		break;
	}
	return false;
}

/* Whether a line has, for every key of a filter, one of the filter's words.  If
 * not `every`, a word of a single key is enough. */
static bool
filter_hit(const struct spec_filter *f, const struct order_line *l, bool every)
{
	const struct product *p = product_of(l);
	bool any = false, all = true;

	for (size_t key = 0; key < SPEC_KEYS; key++) {
		bool hit;

		if (f->words[key] == 0)
			continue;
		hit = has_word(p, (enum line_key)(key + 1), f->words[key]);
		any |= hit;
		all &= hit;
	}
	if (f->on_sale) {
		any |= p->on_sale;
		all &= p->on_sale;
	}
	if (f->gift_card) {
		any |= p->gift_card;
		all &= p->gift_card;
	}
	if (f->free) {
		any |= l->net == 0;
		all &= l->net == 0;
	}
	return every ? all : any;
}

bool
filter_means(const struct spec_filter *f, const struct order_line *l)
{
	return filter_hit(f, l, true);
}

bool
line_counts(const struct look *k, size_t line)
{
	const struct order_line *l = &k->order->lines[line];
	const struct product *p = product_of(l);

	if (k->left_out != NULL && k->left_out[line])
		return false;
	if (k->spec->membership && p == &products[PRODUCT_FEE])
		return false;
	if (p->gift_card && !k->base->gift_cards)
		return false;
	return filter_hit(&k->base->lines, l, true) &&
	       !filter_hit(&k->base->not_lines, l, false);
}

struct back {
	int64_t pieces;
	big net, tax;
};

static struct back
came_back(const struct look *k, const struct order_line *l)
{
	struct back b = { 0 };

	for (size_t i = 0; i < k->order->nrefunds; i++) {
		const struct order_refund *f = &k->order->refunds[i];

		for (size_t j = 0; j < f->nlines; j++) {
			if (f->lines[j].line_id != l->id || f->at > k->until)
				continue;
			b.pieces += f->lines[j].quantity;
			b.net += f->lines[j].net;
			b.tax += f->lines[j].tax;
		}
	}
	return b;
}

/* Counts the pieces that were edited away: pieces that are missing from the
 * order although no refund, early or late, returned them. */
static int64_t
edited_away(const struct look *k, const struct order_line *l)
{
	struct look forever = *k;

	forever.until = INT64_MAX;
	return l->quantity - l->current - came_back(&forever, l).pieces;
}

static big
still_there(const struct look *k, const struct order_line *l, big amount)
{
	int64_t edited = edited_away(k, l);

	if (edited <= 0)
		return amount;
	return amount - amount * edited / l->quantity;
}

/* The money of a whole order, tax included, in minor units. */
struct purse {
	big worth;  /* of the order, after edits */
	big edited; /* price of the pieces that were edited away */
	big came;   /* price of the pieces that came back */
	big pieces; /* price of all pieces that are gone */
	big money;  /* all that was refunded */
};

/* Gives by how much a part of the order was worth more when it was paid than
 * now.  The part is one line, or, if line_id is 0, everything but the lines. */
static big
lacking(const struct order *o, const struct order_part *part, big worth)
{
	big there = part->line_id == 0 ? worth : 0;

	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];

		if (part->line_id == 0)
			there -= l->net + l->tax;
		else if (l->id == part->line_id)
			there += l->net + l->tax;
	}
	return part->worth > there ? part->worth - there : 0;
}

static struct purse
purse_of_order(const struct look *k)
{
	const struct order *o = k->order;
	big sum = o->shipping + o->shipping_tax + o->fees + o->fees_tax;
	struct purse purse = { 0 };
	big rounded = 2 + (big)o->nlines;

	sum += o->credit;
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];
		struct back b = came_back(k, l);
		big gross = l->net + l->tax;

		sum += gross;
		purse.edited += gross - still_there(k, l, gross);
		purse.came += b.net + b.tax;
	}
	purse.worth = o->total;
	if (sum > o->total + rounded)
		purse.worth = sum;
	purse.pieces = purse.came + purse.edited;
	purse.money = purse.came;
	for (size_t i = 0; i < o->nparts; i++)
		purse.pieces += lacking(o, &o->parts[i], purse.worth);
	for (size_t i = 0; i < o->nrefunds; i++)
		if (o->refunds[i].at <= k->until)
			purse.money += o->refunds[i].share;
	if (k->base->fees)
		purse.worth -= o->credit;
	purse.worth -= purse.edited;
	return purse;
}

/* Gives the money that was refunded beyond the worth of the pieces that are
 * gone. */
static big
beyond(const struct purse *purse)
{
	return purse->money > purse->pieces ? purse->money - purse->pieces : 0;
}

/* Sums over the lines and other amounts of an order that a base counts. */
struct tally {
	big before, back;   /* the amounts before refunds; their refunds */
	big kept;           /* the sum of the amounts left after refunds */
	struct part lifted; /* `kept`, with each amount times its factor */
};

static void
tally_keep(
    const struct look *k, struct tally *t, big amount, big back, int64_t factor)
{
	big kept = amount - back;

	t->before += amount;
	t->back += back;
	if (kept <= 0)
		return;
	t->kept += kept;
	t->lifted = part_add(t->lifted,
	    part_times((struct part){ kept, 1 },
	        k->factor == NULL ? FACTOR_ONE : factor, FACTOR_ONE));
}

static void
tally_line(const struct look *k, size_t line, bool whole, struct tally *t)
{
	const struct order_line *l = &k->order->lines[line];
	struct back b = came_back(k, l);
	big amount = k->base->before ? l->before : l->net;
	big back = b.net;

	if (!line_counts(k, line))
		return;
	if (k->base->before && l->net > 0)
		back = (big)l->before * b.net / l->net;
	else if (k->base->before)
		back = (big)l->before * b.pieces / l->quantity;
	if (k->base->tax) {
		amount += l->tax;
		back += b.tax;
	}
	tally_keep(k, t, still_there(k, l, amount), whole ? 0 : back,
	    k->factor == NULL ? 0 : k->factor[line]);
}

/* Gives the money of a tally after refunds.  Money that was refunded beyond the
 * worth of the pieces reduces each part of the order by the same share.  No
 * part keeps more than the shop keeps of the whole order. */
static struct part
less_beyond(const struct look *k, const struct tally *t)
{
	const struct purse purse = purse_of_order(k);
	struct part p = { t->before - t->back, 1 }, most;
	big more = beyond(&purse), kept = purse.worth - purse.came - more;

	if (more == 0)
		return p;
	if (kept <= 0)
		return (struct part){ 0, 1 };
	p = part_add(p, (struct part){ -t->before * more, purse.worth });
	most = (struct part){ kept, 1 };
	if (t->before > purse.worth)
		most = part_times(most, t->before, purse.worth);
	if (!k->base->before && p.n * most.d > most.n * p.d)
		return most;
	return p;
}

/* Gives the share of `p` that was paid by the tenders that the base counts. */
static struct part
tendered(const struct look *k, struct part p)
{
	const struct order *o = k->order;
	big hit = 0, all = 0;
	size_t meant = 0;

	if (k->base->tender == 0)
		return p;
	for (size_t i = 0; i < o->ntenders; i++) {
		unsigned bit = strcmp(o->tenders[i].name, "card") == 0 ? 1 : 2;
		bool named = (k->base->tender & bit) != 0;

		all += o->tenders[i].amount;
		meant += named;
		if (named != k->base->not_tender)
			hit += o->tenders[i].amount;
	}
	/* If no tender has an amount, the share of each tender is unknown,
	 * unless the base names all tenders of the order, or none. */
	if (all == 0 && meant > 0 && meant < o->ntenders)
		return (struct part){ 0, 1 };
	if (all == 0)
		return part_times(p, (meant > 0) != k->base->not_tender, 1);
	return part_times(p, hit, all);
}

static struct part
tallied(const struct look *k, const struct tally *t, bool whole)
{
	struct part p = { t->before, 1 }, rate;

	if (!whole)
		p = less_beyond(k, t);
	if (part_sign(p) <= 0)
		return (struct part){ 0, 1 };
	if (k->factor != NULL)
		p = part_times(p, t->lifted.n, t->lifted.d * t->kept);
	p = tendered(k, p);
	rate = rate_of_order(k->spec, k->order);
	return part_times(p, rate.n, rate.d);
}

struct part
look_line(const struct look *k, size_t line, bool whole)
{
	struct tally t = { .lifted = { 0, 1 } };

	tally_line(k, line, whole, &t);
	return tallied(k, &t, whole);
}

struct part
look_money(const struct look *k, bool whole)
{
	const struct order *o = k->order;
	struct tally t = { .lifted = { 0, 1 } };
	big rest = 0;

	for (size_t i = 0; i < o->nlines; i++)
		tally_line(k, i, whole, &t);
	if (k->base->shipping)
		rest += o->shipping + (k->base->tax ? o->shipping_tax : 0);
	if (k->base->fees)
		rest += o->fees + (k->base->tax ? o->fees_tax : 0);
	tally_keep(k, &t, rest, 0, k->rest_factor);
	return tallied(k, &t, whole);
}

static struct part
boosted(const struct look *k, size_t line, struct part p)
{
	if (k->factor == NULL)
		return p;
	return part_times(p, k->factor[line], FACTOR_ONE);
}

struct part
look_pieces(const struct look *k, size_t line, bool whole)
{
	const struct order_line *l = &k->order->lines[line];
	int64_t edited = edited_away(k, l);
	int64_t pieces = l->quantity - (edited > 0 ? edited : 0);

	if (!line_counts(k, line))
		return (struct part){ 0, 1 };
	/* A line without a price counts as a piece only if the base asks for
	 * free lines. */
	if ((k->base->before ? l->before : l->net) == 0 && !k->base->lines.free)
		return (struct part){ 0, 1 };
	if (!whole)
		pieces -= came_back(k, l).pieces;
	return boosted(k, line, (struct part){ pieces, 1 });
}
