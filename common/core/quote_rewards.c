/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/quote_rewards.h"

bool
quote_holds(
    const struct quote_desk *d, const struct condition *c, const char **why_not)
{
	return condition_holds(
	    c, d->program, d->ask->fold->view, &d->occasion, why_not);
}

/* The amount of a line that a reward can take off: all of it if the reward
 * replaces the benefits' discounts, else what these discounts left. */
static int64_t
line_left(const struct quote_desk *d, const struct reward *r, size_t i)
{
	const struct order_line *l = &d->basket->lines[i];

	return r->combines ? l->net - d->q->lines[i].discount : l->net;
}

static bool
reward_means(const struct reward *r, const struct order_line *l)
{
	const struct line_test number = { .key = LINE_PRODUCT,
		.any = { &r->product, 1 } };
	const struct filter product = { &number, 1 };

	if (!filter_has(&r->lines, l))
		return false;
	if (r->kind != REWARD_PRODUCT || r->product == NULL || r->lines.n > 0)
		return true;
	if (l->sku != NULL && strcmp(l->sku, r->product) == 0)
		return true;
	return filter_has(&product, l);
}

/* The amount of the lines that a reward can still take off. */
static int64_t
lines_left(const struct quote_desk *d, const struct reward *r)
{
	int64_t all = 0;

	for (size_t i = 0; i < d->basket->nlines; i++)
		if (d->takes[i] && reward_means(r, &d->basket->lines[i]))
			all += line_left(d, r, i);
	return all;
}

static void
percent_off(struct quote_desk *d, const struct reward *r)
{
	for (size_t i = 0; i < d->basket->nlines; i++)
		if (d->takes[i] && reward_means(r, &d->basket->lines[i]))
			d->gained[i] = ratio_round(
			    (wide)line_left(d, r, i) * r->percent, PERCENT_ALL);
}

/* Each line's share is the difference of two rounded sums, so that the
 * shares add up to the amount. */
static void
amount_off(struct quote_desk *d, const struct reward *r, int64_t amount)
{
	int64_t all = lines_left(d, r), before = 0, given = 0;

	if (amount > all)
		amount = all;
	for (size_t i = 0; i < d->basket->nlines; i++) {
		if (!d->takes[i] || !reward_means(r, &d->basket->lines[i]))
			continue;
		before += line_left(d, r, i);
		d->gained[i] = ratio_floor((wide)amount * before, all) - given;
		given += d->gained[i];
	}
}

static void
product_off(struct quote_desk *d, const struct reward *r)
{
	size_t dearest = NONE;
	int64_t most = 0;

	for (size_t i = 0; i < d->basket->nlines; i++) {
		const struct order_line *l = &d->basket->lines[i];
		int64_t piece;

		if (!d->takes[i] || !reward_means(r, l))
			continue;
		piece = ratio_round(line_left(d, r, i), l->quantity);
		if (piece > most) {
			most = piece;
			dearest = i;
		}
	}
	if (dearest != NONE)
		d->gained[dearest] = most;
}

/* The amount that units of a reward give, in the basket's currency. */
static int64_t
amount_of(const struct quote_desk *d, const struct reward *r, int64_t units)
{
	wide amount = r->variable ? ratio_mul(units, r->amount) : r->amount;
	wide per = r->variable ? r->cost : 1;

	return ratio_floor(
	    ratio_mul(amount, d->exchange->d), ratio_mul(per, d->exchange->n));
}

/* Works out what a reward takes off each line, into `gained`. */
static void
reward_gains(struct quote_desk *d, const struct reward *r, int64_t units)
{
	memset(d->gained, 0, d->basket->nlines * sizeof(*d->gained));
	switch (r->kind) {
	case REWARD_DISCOUNT_AMOUNT:
		amount_off(d, r, amount_of(d, r, units));
		break;
	case REWARD_DISCOUNT_PERCENT:
		percent_off(d, r);
		break;
	case REWARD_PRODUCT:
		product_off(d, r);
		break;
	case REWARD_SHIPPING:
	case REWARD_GIFT_CARD:
	case REWARD_STORE_CREDIT:
	case REWARD_CHARITY:
	case REWARD_EXPERIENCE:
		break;
	}
}

/* Rule 4. Takes a reward's amount off the lines.  Returns NULL, or why the
 * reward cannot be used. */
static const char *
reward_take(struct quote_desk *d, const struct reward *r, int64_t *discount)
{
	int64_t gain = 0, benefits = 0;

	for (size_t i = 0; i < d->basket->nlines; i++) {
		gain += d->gained[i];
		if (!r->combines && d->gained[i] > 0)
			benefits += d->q->lines[i].discount;
	}
	if (gain == 0)
		return "no_lines";
	if (!r->combines && gain <= benefits)
		return "benefits_are_better";
	for (size_t i = 0; i < d->basket->nlines; i++) {
		struct quote_line *l = &d->q->lines[i];

		if (d->gained[i] == 0)
			continue;
		if (!r->combines) {
			l->discount = 0;
			l->benefit = NULL;
		}
		l->discount += d->gained[i];
		l->reward = r->id;
	}
	*discount = gain;
	return NULL;
}

/* The amount that one more reward may take off, within its own most_percent and
 * that of the rewards used so far. */
static int64_t
room_left(const struct quote_desk *d, const struct reward *r)
{
	return reward_room(r, d->counts, d->share) - d->paid;
}

static bool
is_bounded(const struct quote_desk *d, const struct reward *r)
{
	return r->most_percent != 0 || d->share != PERCENT_ALL;
}

/* Cuts the units of a variable reward to whole steps of `cost` units, no more
 * than the lines and bounds allow.  Returns NULL, or why the reward cannot be
 * used. */
static const char *
reward_fit(
    const struct quote_desk *d, const struct reward *r, struct quote_reward *q)
{
	int64_t all = lines_left(d, r), room = room_left(d, r);
	int64_t steps = reward_steps(r, all < room ? all : room, d->exchange);

	if (all == 0)
		return "no_lines";
	if (steps < q->units / r->cost)
		q->units = steps * r->cost;
	return q->units <= 0 || q->units < r->least ? "too_much" : NULL;
}

static int64_t
wallet_left(const struct quote_desk *d, const char *wallet)
{
	int64_t left = fold_available(d->ask->fold, wallet);

	for (size_t i = 0; i < d->q->nrewards; i++) {
		const struct quote_reward *q = &d->q->rewards[i];
		size_t k = program_reward(d->program, q->reward);

		if (q->refused == NULL &&
		    strcmp(
		        d->program->wallets[d->program->rewards[k].wallet].id,
		        wallet) == 0)
			left -= q->units;
	}
	return left;
}

/* Returns NULL, or why a reward cannot be used, whatever amount it would take
 * off. */
static const char *
reward_refused(
    const struct quote_desk *d, const struct reward *r, int64_t units)
{
	const char *why_not = NULL;

	/* core/fold/redeem.c refuses such units, too. */
	if (r->variable &&
	    (units < 1 || units % r->cost != 0 || units < r->least ||
	        (r->most > 0 && units > r->most)))
		return "wrong_units";
	if (!quote_holds(d, &r->when, &why_not))
		return why_not;
	if (wallet_left(d, d->program->wallets[r->wallet].id) < units)
		return "insufficient";
	if (d->exchange == NULL &&
	    (r->minimum > 0 || r->kind == REWARD_DISCOUNT_AMOUNT))
		return "other_currency";
	if (d->worth < r->minimum)
		return "too_small";
	if (d->alone || (!r->combines && d->nused > 0))
		return "does_not_combine";
	return NULL;
}

/* Takes the reward's amount off the lines.  Returns NULL, or why the reward
 * cannot be used. */
static const char *
reward_off(struct quote_desk *d, const struct reward *r, struct quote_reward *q)
{
	const char *refused = NULL;
	int64_t gain = 0;

	if (r->variable)
		refused = reward_fit(d, r, q);
	if (refused != NULL)
		return refused;
	reward_gains(d, r, q->units);
	for (size_t i = 0; i < d->basket->nlines; i++)
		gain += d->gained[i];
	if (is_bounded(d, r) && gain > room_left(d, r))
		return "too_much";
	refused = reward_take(d, r, &q->discount);
	if (refused != NULL)
		return refused;
	d->paid += q->discount;
	if (r->most_percent != 0 && r->most_percent < d->share)
		d->share = r->most_percent;
	return NULL;
}

static const char *
reward_use(struct quote_desk *d, const struct reward *r, struct quote_reward *q)
{
	const char *refused = reward_refused(d, r, q->units);

	if (refused != NULL)
		return refused;
	switch (r->kind) {
	case REWARD_SHIPPING:
		if (d->q->free_shipping != NULL)
			return "shipping_is_free";
		d->q->free_shipping = r->id;
		q->discount = d->basket->shipping + d->basket->shipping_tax;
		break;
	case REWARD_DISCOUNT_AMOUNT:
	case REWARD_DISCOUNT_PERCENT:
	case REWARD_PRODUCT:
		refused = reward_off(d, r, q);
		break;
	case REWARD_GIFT_CARD:
	case REWARD_STORE_CREDIT:
	case REWARD_CHARITY:
	case REWARD_EXPERIENCE:
		refused = "not_for_baskets";
		break;
	}
	if (refused == NULL) {
		d->alone = !r->combines;
		d->nused++;
	}
	return refused;
}

void
quote_rewards(struct quote_desk *d)
{
	const struct quote_ask *ask = d->ask;

	d->q->rewards = arena_array(
	    d->arena, ask->nwishes, sizeof(*d->q->rewards));
	for (size_t i = 0; i < ask->nwishes; i++) {
		struct quote_reward *q = &d->q->rewards[i];
		size_t k = program_reward(d->program, ask->wishes[i].reward);

		q->reward = ask->wishes[i].reward;
		if (k == NONE) {
			q->refused = "no_such_reward";
		} else {
			const struct reward *r = &d->program->rewards[k];

			q->units = r->variable && ask->wishes[i].units != 0
			               ? ask->wishes[i].units
			               : r->cost;
			q->refused = reward_use(d, r, q);
		}
		d->q->nrewards++;
	}
}
