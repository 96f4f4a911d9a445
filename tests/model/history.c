/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/cc.h"
#include "base/instant.h"

#include "history.h"
#include "slow_day.h"

enum {
	ORDERS = 8,
	LINES = 3,
	REFUNDS = 6,       /* the last refund refunds everything left */
	FIRST_DAY = 19723, /* 2024-01-01 */
};

/* The present state of an order. */
struct life {
	struct order now;
	struct order_line lines[LINES];
	struct order_refund refunds[REFUNDS];
	struct order_refund_line refund_lines[REFUNDS][LINES];
	int64_t returned[LINES]; /* the pieces returned by refunds */
	int64_t back;            /* refunded money not for lines, with tax */
	bool by_money;           /* the refunds of the order name no lines */
	int64_t unseen;          /* paid money that is not in now.total */
	bool over, edited;       /* over: cancelled or deleted */
	char id[16];
};

struct maker {
	struct dice *dice;
	const struct spec *spec;
	struct arena *arena, *scratch;
	struct history *history;
	struct life orders[ORDERS];
	size_t norders;
	int64_t at;
	int ids;
	int64_t ahead; /* how far our clock is ahead of the shop's */
	bool may_hold; /* points of an unverified guest may be held */
	const char *redeemed[TOLD_MAX]; /* ids of the redemptions */
	size_t nredeemed;
	const char *deed; /* id of the newest event of tell_deed() */
};

static void
tell(struct maker *m, const struct fact *f)
{
	struct told *t = &m->history->list[m->history->n];

	assert(m->history->n < TOLD_MAX);
	*t = (struct told){ .at = m->at, .fact = *f };
	t->fact.store_id = STORE;
	m->history->n++;
}

static bool
is_full(const struct maker *m, size_t room)
{
	return m->history->n + room > TOLD_MAX;
}

/* ---- orders ---- */

static void *
copy(struct maker *m, const void *what, size_t size)
{
	return arena_memdup(m->arena, what, size);
}

static struct order_refund *
copy_refunds(struct maker *m, const struct order_refund *list, size_t n)
{
	struct order_refund *refunds = copy(m, list, n * sizeof(*list));

	for (size_t i = 0; i < n; i++)
		refunds[i].lines = copy(m, list[i].lines,
		    list[i].nlines * sizeof(list[i].lines[0]));
	return refunds;
}

static void
tell_order(struct maker *m, struct life *l, const struct order *part)
{
	static const char *const brands[] = { "golf", "main" };
	struct order *o = copy(m, part, sizeof(*part));

	o->lines = copy(m, part->lines, part->nlines * sizeof(part->lines[0]));
	o->refunds = copy_refunds(m, part->refunds, part->nrefunds);
	tell(m, &(struct fact){ .kind = FACT_ORDER,
	            .id = arena_strdup(m->arena, l->id),
	            .brand = brands[part->id % 2],
	            .held = part->id == 1005 && m->may_hold,
	            .order = o });
}

/* Adds a delivery with a snapshot of a whole order; a snapshot by Shopify has
 * no refunds, which come in deliveries of their own.  Now and then the order
 * changes to another customer, or to none. */
static void
tell_snapshot(struct maker *m, struct life *l)
{
	struct order o;

	if (dice_one_in(m->dice, 10))
		l->now.customer_id = dice_between(m->dice, 7, 9);
	if (dice_one_in(m->dice, 10))
		l->now.customer_id = 0;
	o = l->now;
	o.modified_at = m->at;
	o.lines = l->lines;
	o.refunds = l->refunds;
	if (o.platform == PLATFORM_SHOPIFY)
		o.nrefunds = 0;
	else
		o.told_at = m->at + m->ahead;
	tell_order(m, l, &o);
}

static void
make_line(struct maker *m, struct order_line *l, int64_t id)
{
	struct dice *d = m->dice;
	const struct product *p = &products[dice_between(
	    d, 0, m->spec->membership ? PRODUCT_FEE : PRODUCT_FEE - 1)];
	const char **words = arena_array(m->arena, 8, sizeof(*words));

	*l = (struct order_line){ .id = id,
		.quantity = dice_between(d, 1, 4),
		.product_id = p->id,
		.sku = p->sku,
		.vendor = p->vendor,
		.type = p->type,
		.gift_card = p->gift_card,
		.on_sale = p->on_sale };
	l->current = l->quantity;
	l->before = l->quantity * dice_between(d, 1, 9999);
	if (dice_one_in(d, 5))
		l->before = l->quantity * 1000;
	l->net = l->before;
	if (dice_one_in(d, 3))
		l->net -= dice_between(d, 0, l->before);
	/* A line that was given as a present has a discount of its whole price,
	 * or no price.  Refunds cannot undo a present. */
	if (!m->spec->shape.undone && dice_one_in(d, 8))
		l->net = 0;
	if (l->net == 0 && dice_one_in(d, 2))
		l->before = 0;
	l->tax = dice_one_in(d, 3) ? l->net / 5 : 0;
	l->categories.list = words;
	for (size_t i = 0; i < 3; i++)
		if (p->categories >> i & 1)
			words[l->categories.n++] = world_categories[i];
	l->tags.list = words + 4;
	for (size_t i = 0; i < 2; i++)
		if (p->tags >> i & 1)
			words[4 + l->tags.n++] = world_tags[i];
}

static void
make_tenders(struct maker *m, struct order *o)
{
	struct tender *t = arena_array(m->arena, 2, sizeof(*t));

	if (dice_one_in(m->dice, 4))
		return;
	t[0] = (struct tender){ "card", o->total };
	if (dice_one_in(m->dice, 2))
		t[0].amount = dice_between(m->dice, 0, o->total);
	t[1] = (struct tender){ "cash", o->total - t[0].amount };
	o->tenders = t;
	o->ntenders = 2;
}

static void
pay(struct maker *m, struct life *l)
{
	struct order *o = &l->now;
	const char *status = o->platform == PLATFORM_SHOPIFY ? "paid"
	                                                     : "processing";

	o->paid_at = m->at;
	o->was_paid = true;
	strcpy(o->status, status);
	o->rank = 2;
	if (dice_one_in(m->dice, 3))
		o->fulfilled_at = m->at;
}

/* Makes the total less than the order is worth.  The reason is a discount or a
 * payment from a wallet, which the shop reports as a negative fee, or a gift
 * card, which the shop does not report. */
static void
make_credit(struct maker *m, struct life *l)
{
	struct order *o = &l->now;
	int64_t off = dice_between(m->dice, 1, 300);

	if (!dice_one_in(m->dice, 4) || o->total < off)
		return;
	o->total -= off;
	l->unseen = off;
	if (o->fees != 0 || dice_one_in(m->dice, 2))
		return;
	o->fees = -off;
	if (dice_one_in(m->dice, 2))
		o->credit = off;
	else
		l->unseen = 0;
}

static void
place_order(struct maker *m)
{
	static const char *const codes[] = { "SPRING", "summer", "other",
		"Vip-7" };
	struct dice *d = m->dice;
	struct life *l = &m->orders[m->norders];
	struct order *o = &l->now;

	if (m->norders == ORDERS || is_full(m, 2))
		return;
	m->norders++;
	*l = (struct life){ .by_money = dice_one_in(d, 2) };
	*o = (struct order){ .id = 1000 + (int64_t)m->norders,
		.platform = (enum platform)dice_between(d, 1, 2),
		.rank = 1,
		.currency = "EUR",
		.status = "pending",
		.test = dice_one_in(d, 40),
		.created_at = m->at,
		.customer_id = 7,
		.shipping = dice_one_in(d, 3) ? dice_between(d, 1, 999) : 0,
		.fees = dice_one_in(d, 6) ? dice_between(d, 1, 300) : 0,
		.nlines = (size_t)dice_between(d, 1, LINES),
		.channel = world_channels[dice_between(d, 0, 1)],
		.shipping_method = world_shipping[dice_between(d, 0, 1)] };
	if (dice_one_in(d, 2))
		o->codes = (struct words){
			&codes[dice_between(d, 0, NITEMS(codes) - 2)],
			(size_t)dice_between(d, 1, 2)
		};
	strcpy(l->id, "1001");
	l->id[3] = (char)('0' + m->norders);
	if (dice_one_in(d, 8))
		strcpy(o->currency, "USD");
	o->shipping_tax = o->shipping / 5;
	o->total = o->shipping + o->shipping_tax + o->fees;
	for (size_t i = 0; i < o->nlines; i++) {
		make_line(m, &l->lines[i], (int64_t)i + 1);
		o->total += l->lines[i].net + l->lines[i].tax;
	}
	make_credit(m, l);
	make_tenders(m, o);
	if (dice_one_in(d, 3))
		tell_snapshot(m, l);
	m->at += dice_between(d, 1, INSTANT_DAY);
	if (!dice_one_in(d, 12))
		pay(m, l);
	tell_snapshot(m, l);
}

/* Gives the worth of the pieces a to b of a line, rounded so that all pieces
 * together are worth exactly the line's amount. */
static int64_t
between(int64_t amount, int64_t a, int64_t b, int64_t quantity)
{
	return amount * b / quantity - amount * a / quantity;
}

static int64_t
edited(const struct life *l, size_t i)
{
	return l->lines[i].quantity - l->lines[i].current -
	       (l->now.platform == PLATFORM_SHOPIFY ? l->returned[i] : 0);
}

static void
refund_lines(struct maker *m, struct life *l, struct order_refund *f, bool all)
{
	for (size_t i = 0; i < l->now.nlines; i++) {
		struct order_line *x = &l->lines[i];
		int64_t left = x->quantity - edited(l, i) - l->returned[i];
		int64_t a = l->returned[i], n = left;

		if (!all && (left == 0 || !dice_one_in(m->dice, 2)))
			continue;
		if (!all)
			n = dice_between(m->dice, 1, left);
		if (n == 0)
			continue;
		l->returned[i] += n;
		if (l->now.platform == PLATFORM_SHOPIFY)
			x->current -= n;
		f->lines[f->nlines++] = (struct order_refund_line){
			.line_id = x->id,
			.quantity = n,
			.net = between(x->net, a, a + n, x->quantity),
			.tax = between(x->tax, a, a + n, x->quantity),
		};
	}
}

/* Now and then refunds more or less money than the refund's lines are worth. */
static void
beyond_lines(struct maker *m, struct life *l, struct order_refund *f)
{
	int64_t lines = 0;

	for (size_t i = 0; i < f->nlines; i++)
		lines += f->lines[i].net + f->lines[i].tax;
	if (f->nlines == 0 || !dice_one_in(m->dice, 3))
		return;
	f->share = dice_one_in(m->dice, 2) ? dice_between(m->dice, 1, 2000)
	                                   : -dice_between(m->dice, 0, lines);
	if (f->share > 0)
		l->back += f->share;
}

/* Adds a delivery with a new snapshot that has the refund.  Shopify first sends
 * the refund alone, now and then without a new snapshot. */
static void
tell_refund(struct maker *m, struct life *l)
{
	struct order part = { .id = l->now.id,
		.platform = l->now.platform,
		.refunds = &l->refunds[l->now.nrefunds - 1],
		.nrefunds = 1 };

	if (l->now.platform == PLATFORM_SHOPIFY) {
		strcpy(l->now.status, "partially_refunded");
		tell_order(m, l, &part);
		/* Without a newer snapshot, pieces that an earlier edit removed
		 * look like the pieces that the refund returned. */
		if (!l->edited && dice_one_in(m->dice, 3))
			return;
		m->at++;
	}
	tell_snapshot(m, l);
}

static void
refund(struct maker *m, struct life *l, bool all)
{
	struct order *o = &l->now;
	struct order_refund *f = &l->refunds[o->nrefunds];
	int64_t left = o->total + l->unseen - l->back;

	if (o->paid_at == 0 || o->nrefunds + !all >= REFUNDS || is_full(m, 2))
		return;
	*f = (struct order_refund){ .id = o->id * 100 + (int64_t)o->nrefunds +
		                          1,
		.lines = l->refund_lines[o->nrefunds],
		.at = m->at };
	if (left < 0)
		left = 0;
	if (l->by_money) {
		f->share = all || left == 0 ? left
		                            : dice_between(m->dice, 1, left);
		l->back += f->share;
	} else {
		refund_lines(m, l, f, all);
		beyond_lines(m, l, f);
	}
	if (f->share == 0 && f->nlines == 0)
		return;
	o->nrefunds++;
	if (!m->spec->shape.slow && !m->spec->shape.undone &&
	    dice_one_in(m->dice, 4))
		l->by_money = !l->by_money;
	tell_refund(m, l);
}

/* Removes a piece of a WooCommerce line; the next snapshot has the line without
 * the piece. */
static void
drop_piece(struct life *l, struct order_line *x)
{
	int64_t net = x->net / x->quantity, tax = x->tax / x->quantity;

	l->now.total -= net + tax;
	l->unseen += net + tax;
	x->before -= x->before / x->quantity;
	x->net -= net;
	x->tax -= tax;
	x->current = --x->quantity;
}

/* Removes a piece without a refund, but only if each piece of the line is worth
 * a whole number of minor units. */
static void
edit(struct maker *m, struct life *l)
{
	struct order_line *
	    x = &l->lines[dice_between(m->dice, 0, (int64_t)l->now.nlines - 1)];

	if (x->net % x->quantity != 0 || x->tax % x->quantity != 0 ||
	    x->before % x->quantity != 0 || x->current < 2 ||
	    l->now.total < x->net + x->tax)
		return;
	if (l->now.platform == PLATFORM_SHOPIFY)
		x->current--;
	else if (l->returned[x - l->lines] > 0)
		return;
	else
		drop_piece(l, x);
	l->edited = true;
	tell_snapshot(m, l);
}

static void
cancel(struct maker *m, struct life *l)
{
	strcpy(l->now.status, "cancelled");
	l->now.rank = 9;
	l->now.cancelled_at = m->at;
	l->over = true;
	tell_snapshot(m, l);
}

/* Deletes an order.  The time is of our clock; all other times are of the
 * shop's clock.  No snapshot follows, unless the order is restored. */
static void delete (struct maker *m, struct life *l)
{
	const struct order gone = { .id = l->now.id,
		.platform = l->now.platform,
		.deleted_at = m->at + m->ahead };

	l->over = true;
	tell_order(m, l, &gone);
}

static void
restore(struct maker *m, struct life *l)
{
	m->at += dice_between(m->dice, 1, INSTANT_DAY);
	l->over = false;
	l->now.restored_at = m->at + m->ahead;
	tell_snapshot(m, l);
	l->now.restored_at = 0;
}

static void
change_order(struct maker *m)
{
	struct life *l;

	if (m->norders == 0 || is_full(m, 2))
		return;
	l = &m->orders[dice_between(m->dice, 0, (int64_t)m->norders - 1)];
	if (l->over)
		return;
	if (l->now.paid_at == 0) {
		pay(m, l);
		tell_snapshot(m, l);
		return;
	}
	switch (dice_between(m->dice, 0, 7)) {
	case 0:
		if (dice_one_in(m->dice, 2)) {
			cancel(m, l);
			break;
		}
		delete (m, l);
		if (l->now.platform == PLATFORM_WOOCOMMERCE &&
		    dice_one_in(m->dice, 2))
			restore(m, l);
		break;
	case 1:
		edit(m, l);
		break;
	case 2:
		l->now.fulfilled_at = m->at;
		tell_snapshot(m, l);
		break;
	case 3:
		refund(m, l, true);
		break;
	default:
		refund(m, l, false);
		break;
	}
}

/* ---- everything else ---- */

static const char *
new_id(struct maker *m, char kind)
{
	return arena_printf(m->arena, "%c%d", kind, ++m->ids);
}

static void
add_field(struct maker *m, struct fact *f, const char *name, const char *value)
{
	struct field *list = arena_array(
	    m->arena, f->nfields + 1, sizeof(*list));

	if (f->nfields > 0)
		memcpy(list, f->fields, f->nfields * sizeof(*list));
	list[f->nfields++] = (struct field){ name, value };
	f->fields = list;
}

static void
tell_event(
    struct maker *m, const char *type, const char *name, const char *value)
{
	struct fact f = { .kind = FACT_EVENT,
		.at = m->at,
		.id = new_id(m, 'e'),
		.type = type,
		.count = 1 };

	if (name != NULL)
		add_field(m, &f, name, value);
	tell(m, &f);
}

/* Adds an event of a type that rules give units for. */
static void
tell_deed(struct maker *m)
{
	struct dice *d = m->dice;
	struct fact f = { .kind = FACT_EVENT,
		.at = m->at,
		.id = new_id(m, 'e'),
		.type = world_events[dice_between(d, 0, 3)],
		.channel = world_channels[dice_between(d, 0, 1)],
		.brand = world_brands[dice_between(d, 0, 1)],
		.amount = dice_between(d, 0, 20000),
		.count = dice_between(d, 1, 5) };

	if (dice_one_in(d, 2))
		add_field(m, &f, "stars", dice_one_in(d, 2) ? "5" : "4");
	if (dice_one_in(d, 2))
		add_field(m, &f, "score",
		    arena_printf(m->arena, "%d", (int)dice_between(d, 0, 12)));
	m->deed = f.id;
	tell(m, &f);
}

/* Adds an event that undoes the newest event of tell_deed(). */
static void
tell_undo(struct maker *m)
{
	if (m->deed != NULL)
		tell(m, &(struct fact){ .kind = FACT_EVENT,
		            .at = m->at,
		            .id = new_id(m, 'u'),
		            .type = "event.undo",
		            .of = m->deed,
		            .count = 1 });
}

/* Adds an event with tags of the customer: all tags, new tags or removed
 * tags. */
static void
tell_tags(struct maker *m)
{
	static const char *const types[] = { "customer.tags",
		"customer.tags_added", "customer.tags_removed" };
	static const char *const marks[] = { "VIP", "b2b", "other" };
	struct fact f = { .kind = FACT_EVENT,
		.at = m->at,
		.id = new_id(m, 'c'),
		.type = types[dice_between(m->dice, 0, 2)],
		.count = 1 };

	for (size_t i = 0; i < NITEMS(marks); i++)
		if (dice_one_in(m->dice, 2))
			add_field(m, &f, "tag", marks[i]);
	tell(m, &f);
}

static void
tell_about_member(struct maker *m)
{
	static const char *const birthdays[] = { "1985-12-31", "2008-07-15",
		"1988-02-29" };
	struct dice *d = m->dice;
	char *day;

	switch (dice_between(d, 0, 6)) {
	case 6:
		tell_undo(m);
		break;
	case 5:
		tell_tags(m);
		break;
	case 0:
		tell_event(
		    m, "profile", "state", world_states[dice_between(d, 0, 2)]);
		break;
	case 1:
		tell_event(m, "profile", world_births[dice_between(d, 0, 1)],
		    birthdays[dice_between(d, 0, m->spec->shape.slow ? 1 : 2)]);
		break;
	case 2:
		tell_event(m, "consent", "consent", "health");
		break;
	case 3:
		tell_event(m, "card_opened", NULL, NULL);
		break;
	default:
		day = arena_alloc(m->arena, 16);
		day_text(
		    day_of(&zone_model, m->at) + dice_between(d, 0, 40), day);
		tell_event(m, "chosen_day", "day", day);
		break;
	}
}

static void
tell_membership(struct maker *m)
{
	static const char *const types[] = { "membership_payment",
		"membership_started", "membership_cancelled" };

	tell_event(
	    m, types[dice_between(m->dice, 0, 2)], "membership", "prime");
}

/* Gives the units of a wallet that can be redeemed, by the deliveries in the
 * history so far. */
static int64_t
available(struct maker *m, const char *wallet)
{
	struct inbox in;
	struct fold f;
	int64_t units;

	m->history->end = m->at; /* for the report, if the fold fails */
	inbox_init(&in, m->scratch, m->history);
	for (size_t i = 0; i < m->history->n; i++)
		inbox_take(&in, &m->history->list[i]);
	inbox_fold(&in, m->scratch, m->at, &f);
	units = fold_available(&f, wallet);
	arena_reset(m->scratch);
	return units;
}

static void
redeem(struct maker *m)
{
	struct dice *d = m->dice;
	const char *wallet = m->spec
	                         ->wallets[dice_between(
	                             d, 0, (int64_t)m->spec->nwallets - 1)]
	                         .id;
	int64_t most = available(m, wallet);
	struct fact f = { .kind = FACT_REDEEM,
		.at = m->at,
		.id = new_id(m, 'r'),
		.wallet = wallet,
		.reward = wallet,
		.reserve = dice_one_in(d, 2) };

	if (most <= 0)
		return;
	f.units = dice_one_in(d, 3) ? most : dice_between(d, 1, most);
	if (!f.reserve && dice_one_in(d, 4))
		f.charity = "wildlife";
	m->redeemed[m->nredeemed++] = f.id;
	tell(m, &f);
}

static void
finish_redemption(struct maker *m)
{
	size_t i;

	if (m->nredeemed == 0)
		return;
	i = (size_t)dice_between(m->dice, 0, (int64_t)m->nredeemed - 1);
	tell(m, &(struct fact){ .kind = dice_one_in(m->dice, 2) ? FACT_CAPTURE
	                                                        : FACT_RELEASE,
	            .at = m->at,
	            .id = new_id(m, 'c'),
	            .of = m->redeemed[i] });
}

static void
adjust(struct maker *m)
{
	tell(m, &(struct fact){ .kind = FACT_ADJUST,
	            .at = m->at,
	            .id = new_id(m, 'a'),
	            .wallet = m->spec->wallets[0].id,
	            .units = dice_between(m->dice, -30, 60),
	            .reason = "a mistake" });
}

/* Whether any rule takes units and gives other units for them.  Refunds cannot
 * undo the exchange once the member has redeemed the units given. */
static bool
takes(const struct spec *s)
{
	for (size_t i = 0; i < s->nrules; i++)
		if (s->rules[i].take_each > 0)
			return true;
	return false;
}

static void
happen(struct maker *m)
{
	struct dice *d = m->dice;
	bool slow = m->spec->shape.slow, undone = m->spec->shape.undone;
	int64_t what = dice_between(d, 0, 15);

	if (what < 5)
		place_order(m);
	else if (what < 9)
		change_order(m);
	else if (what < 11 && !undone)
		tell_deed(m);
	else if (what == 11)
		tell_about_member(m);
	else if (what == 12 && m->spec->membership && !undone)
		tell_membership(m);
	else if (what == 13 && !slow && !(undone && takes(m->spec)))
		redeem(m);
	else if (what == 14 && !slow)
		finish_redemption(m);
	else if (what == 15 && !slow && !undone)
		adjust(m);
}

/* Cancels, deletes or refunds every order, each as a whole. */
static void
undo_all(struct maker *m)
{
	for (size_t i = 0; i < m->norders; i++) {
		struct life *l = &m->orders[i];
		size_t n = l->now.nrefunds;

		m->at += dice_between(m->dice, 1, 20 * INSTANT_DAY);
		if (l->over)
			continue;
		if (l->now.paid_at == 0 || dice_one_in(m->dice, 3))
			cancel(m, l);
		else if (dice_one_in(m->dice, 3))
			delete (m, l);
		else
			refund(m, l, true);
		/* An order without money cannot be refunded, and is cancelled
		 * instead. */
		if (!l->over && l->now.nrefunds == n)
			cancel(m, l);
	}
}

void
history_make(struct dice *d, const struct spec *s, struct arena *a,
    struct arena *scratch, struct history *h)
{
	struct maker m = { .dice = d,
		.spec = s,
		.arena = a,
		.scratch = scratch,
		.history = h,
		.may_hold = !s->shape.slow && !s->shape.undone };
	int64_t deeds = dice_between(d, 2, 16);
	int64_t span = dice_between(d, 20, 3 * 365 * 2 / 17) * INSTANT_DAY;
	size_t room = s->shape.undone ? 2 * ORDERS + 4 : 4;

	m.at = day_begins(&zone_model, FIRST_DAY + dice_between(d, 0, 300));
	m.at += dice_between(d, 1, INSTANT_DAY - 1);
	m.ahead = dice_between(d, -60, 60) * 60 * INSTANT_SECOND;
	tell_event(&m, "enrolment", NULL, NULL);
	for (int64_t i = 0; i < deeds && !is_full(&m, room); i++) {
		m.at += dice_one_in(d, 3) ? dice_between(d, 1, INSTANT_DAY)
		                          : dice_between(d, 1, span);
		happen(&m);
	}
	if (s->shape.undone)
		undo_all(&m);
	h->end = m.at + dice_between(d, 1, 200 * INSTANT_DAY);
}
