/* SPDX-License-Identifier: MIT */
/*
 * The named cases of what a ledger for loyalty must get right, as folds:
 *
 *  L-1  lots are used soonest expiry first, and come back to themselves
 *  R-1  any number of refunds takes exactly what is too much
 *  R-2  a refund goes by the rules the order was placed under
 *  T-1  a tier's term, its grace and what it falls to
 *  M-1  the base is in the store's currency
 *
 * I-1 is test_fold_orders.c's; the others are boundaries that nothing else
 * looks at.
 */
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

#include "../model/history.h"

enum {
	STEPS_MAX = 16,
};

enum deed {
	PLACE = 1, /* an order of one line */
	REFUND,    /* of an order, by its line */
	BACK,      /* of an order, as mere money */
	CANCEL,
	EVENT,
	REDEEM,
	RELEASE,
	LOOK, /* nothing happens, time passes */
};

/* What happens, and what there is after it. */
struct step {
	const char *at; /* a date (noon, UTC), or an instant */
	enum deed deed;
	const char *id;
	const char *type;     /* of an event */
	const char *currency; /* of an order; NULL: EUR */
	int64_t amount;       /* minor units, or units */
	struct field field;   /* of an event */
	int64_t points, debt, expired;
	const char *tier; /* "" is none, NULL is not asked */
};

struct script {
	const char *name;
	const char *programs[HISTORY_ERAS_MAX];
	const char *second_from;
	struct step steps[STEPS_MAX];
};

static int64_t
noon(const char *date)
{
	char text[32];
	int64_t at = 0;

	strcpy(text, date);
	if (strchr(date, 'T') == NULL)
		strcat(text, "T12:00:00Z");
	assert_int_equal(instant_parse(str_of(text), &at), 0);
	return at;
}

static const struct program *
parsed(struct arena *a, const char *file)
{
	static const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct program *p = arena_alloc(a, sizeof(*p));
	struct err e = { 0 };

	if (program_parse(a, str_of(file), &setting, p, &e) == -1)
		fail_msg("%s", e.msg);
	return p;
}

struct stage {
	struct arena *arena;
	struct history history;
	struct inbox inbox;
	struct order orders[STEPS_MAX]; /* by order of appearance */
	size_t norders;
};

static struct order *
find_order(struct stage *s, const char *id)
{
	for (size_t i = 0; i < s->norders; i++)
		if (s->orders[i].id == atoi(id))
			return &s->orders[i];
	return NULL;
}

static void
add_refund(struct stage *s, struct order *o, const struct step *x)
{
	struct order_refund *list = arena_array(
	    s->arena, o->nrefunds + 1, sizeof(*list));
	struct order_refund *f = &list[o->nrefunds];

	if (o->nrefunds > 0)
		memcpy(list, o->refunds, o->nrefunds * sizeof(*list));
	*f = (struct order_refund){ .id = (int64_t)o->nrefunds + 1,
		.at = noon(x->at) };
	if (x->deed == BACK) {
		f->share = x->amount;
	} else {
		f->lines = arena_alloc(s->arena, sizeof(*f->lines));
		f->nlines = 1;
		f->lines[0] = (struct order_refund_line){ .line_id = 1,
			.net = x->amount };
	}
	o->refunds = list;
	o->nrefunds++;
}

static void
place(struct stage *s, const struct step *x)
{
	struct order *o = &s->orders[s->norders++];

	*o = (struct order){ .id = atoi(x->id),
		.platform = PLATFORM_WOOCOMMERCE,
		.status = "completed",
		.currency = "EUR",
		.created_at = noon(x->at),
		.paid_at = noon(x->at),
		.was_paid = true,
		.total = x->amount };
	if (x->currency != NULL)
		strcpy(o->currency, x->currency);
	o->lines = arena_alloc(s->arena, sizeof(*o->lines));
	o->nlines = 1;
	o->lines[0] = (struct order_line){ .id = 1,
		.quantity = 1,
		.current = 1,
		.before = x->amount,
		.net = x->amount };
}

static void
tell_order(struct stage *s, const struct step *x)
{
	struct order *o = find_order(s, x->id), *copy;
	struct told t = { .fact = { .kind = FACT_ORDER, .id = x->id } };

	if (o == NULL) {
		place(s, x);
		o = find_order(s, x->id);
	} else if (x->deed == CANCEL) {
		strcpy(o->status, "cancelled");
		o->cancelled_at = noon(x->at);
	} else {
		add_refund(s, o, x);
	}
	o->modified_at = noon(x->at);
	copy = arena_alloc(s->arena, sizeof(*copy));
	*copy = *o;
	t.fact.order = copy;
	t.fact.store_id = STORE;
	inbox_take(&s->inbox, &t);
}

static void
happen(struct stage *s, const struct step *x)
{
	struct told t = { .fact = { .at = noon(x->at),
		              .store_id = STORE,
		              .id = x->id,
		              .units = x->amount,
		              .count = 1,
		              .type = x->type } };

	switch (x->deed) {
	case PLACE:
	case REFUND:
	case BACK:
	case CANCEL:
		tell_order(s, x);
		return;
	case EVENT:
		t.fact.kind = FACT_EVENT;
		t.fact.fields = &x->field;
		t.fact.nfields = x->field.name != NULL;
		break;
	case REDEEM:
		t.fact.kind = FACT_REDEEM;
		t.fact.wallet = t.fact.reward = "points";
		break;
	case RELEASE:
		t.fact.kind = FACT_RELEASE;
		t.fact.of = x->type;
		break;
	case LOOK:
		return;
	}
	inbox_take(&s->inbox, &t);
}

static int64_t
expired(const struct fold *f)
{
	int64_t sum = 0;

	for (size_t i = 0; i < f->nmovements; i++)
		if (f->movements[i].credit == ACCOUNT_EXPIRED)
			sum += f->movements[i].units;
	return sum;
}

static void
compare(const struct script *s, const struct step *x, const struct fold *f)
{
	const struct balance *b = &f->purses[0].balance;
	const char *tier = f->ntiers == 0 ? NULL
	                                  : f->tiers[f->ntiers - 1].level;

	if (b->available != x->points || b->debt != x->debt)
		fail_msg("%s, %s: %lld and %lld owed, not %lld and %lld",
		    s->name, x->at, (long long)b->available, (long long)b->debt,
		    (long long)x->points, (long long)x->debt);
	if (x->expired != 0 && expired(f) != x->expired)
		fail_msg("%s, %s: %lld expired, not %lld", s->name, x->at,
		    (long long)expired(f), (long long)x->expired);
	if (x->tier != NULL && strcmp(tier == NULL ? "" : tier, x->tier) != 0)
		fail_msg("%s, %s: the tier is %s", s->name, x->at,
		    tier == NULL ? "none" : tier);
}

static void
play(const struct script *script)
{
	struct arena a;
	struct stage s = { .arena = &a };

	arena_init(&a);
	s.history.neras = script->programs[1] == NULL ? 1 : 2;
	for (size_t i = 0; i < s.history.neras; i++)
		s.history.eras[i] = (struct era){
			.program = parsed(&a, script->programs[i]),
			.version_id = (int32_t)i + 1,
			.from = i == 0 ? 1 : noon(script->second_from),
		};
	inbox_init(&s.inbox, &a, &s.history);
	for (size_t i = 0; i < STEPS_MAX; i++) {
		const struct step *x = &script->steps[i];
		struct fold f;

		if (x->at == NULL)
			break;
		happen(&s, x);
		inbox_fold(&s.inbox, &a, noon(x->at), &f);
		compare(script, x, &f);
	}
	arena_fini(&a);
}

#define POINTS "\"give\": { \"points\": 1, \"per\": \"1\" }"

static const char one_per_euro[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", " POINTS
    " }] }";
static const char two_per_euro[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"give\": { \"points\": 2, \"per\": \"1\" } }] }";
static const char other_rule[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"review\", \"on\": \"review\","
    " \"give\": { \"points\": 5 } }] }";
/* Lots that expire at the end of a month each has to itself, and never. */
static const char lots[] =
    "{ \"name\": \"p\", \"rules\": ["
    "{ \"id\": \"a\", \"on\": \"a\", \"give\": { \"points\": 100 }, "
    "\"expires\": { \"on\": \"2025-06-30\" } },"
    "{ \"id\": \"b\", \"on\": \"b\", \"give\": { \"points\": 50 }, "
    "\"expires\": { \"on\": \"2025-03-31\" } },"
    "{ \"id\": \"c\", \"on\": \"c\", \"give\": { \"points\": 80 } }],"
    "\"rewards\": [{ \"id\": \"points\", \"kind\": \"amount\", \"amount\": "
    "\"0.01\", \"cost\": 1, \"variable\": true }] }";
static const char yearly_tiers[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", " POINTS
    " }], \"tiers\": { \"window\": \"year\", "
    "\"term\": \"rest_of_year_plus_next\", \"grace_days\": 30, \"levels\": ["
    "{ \"id\": \"silver\", \"above\": \"250.00\" },"
    "{ \"id\": \"gold\", \"above\": \"500.00\" }] } }";

static const char monthly
    [] = "{ \"name\": \"p\", \"rules\": [{ \"id\": \"m\", \"on\": \"month\", "
         "\"give\": { \"points\": 8 } }] }";
/* The earliest of both. */
static const char two_ends
    [] = "{ \"name\": \"p\", \"rules\": ["
         "{ \"id\": \"a\", \"on\": \"a\", \"give\": { \"points\": 100 }, "
         "\"expires\": { \"after\": \"1 month\", \"on\": \"2025-06-30\" } },"
         "{ \"id\": \"b\", \"on\": \"b\", \"give\": { \"points\": 50 }, "
         "\"expires\": { \"after\": \"1 year\", \"on\": \"2025-03-31\" } }] }";

/* In March, of what was earned before this year. */
static const char yearly_take
    [] = "{ \"name\": \"p\", \"wallets\": { \"points\": {}, "
         "\"gifts\": { \"unit\": \"vouchers\" } }, \"rules\": ["
         "{ \"id\": \"a\", \"on\": \"a\", \"give\": { \"points\": 100 } },"
         "{ \"id\": \"b\", \"on\": \"b\", \"give\": { \"points\": 100 }, "
         "\"expires\": { \"on\": \"2025-06-30\" } },"
         "{ \"id\": \"t\", \"on\": \"date\", \"date\": \"03-01\", "
         "\"give\": { \"points\": 1 }, \"to\": \"gifts\", "
         "\"take\": { \"wallet\": \"points\", \"each\": 100, "
         "\"closed\": true } }] }";

static const char ten_a_tier_year[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"limit\": { \"most\": 10, \"per\": \"tier_year\" }, " POINTS " }], "
    "\"tiers\": { \"window\": \"lifetime\", \"term\": \"forever\", "
    "\"levels\": [{ \"id\": \"gold\", \"from\": \"1.00\" }] } }";
static const char one_per_hundred[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"over\": \"lifetime\", "
    "\"give\": { \"points\": 1, \"per\": \"100\" } }] }";
static const char two_per_hundred[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"over\": \"lifetime\", "
    "\"give\": { \"points\": 2, \"per\": \"100\" } }] }";
static const char ten_a_line[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"over\": \"line\", \"limit\": { \"most\": 10, \"per\": \"line\" }, " POINTS
    " }] }";
static const char a_day_of_grace[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", " POINTS
    " }], \"tiers\": { \"term\": \"rest_of_year\", \"grace_days\": 1, "
    "\"downgrade\": \"one_down\", \"window\": \"3 months\", \"levels\": ["
    "{ \"id\": \"silver\", \"above\": \"250.00\" },"
    "{ \"id\": \"gold\", \"above\": \"500.00\" }] } }";

static const char locked_birthday[] =
    "{ \"name\": \"p\", \"birthday\": { \"lock_days\": 30 }, \"rules\": [{ "
    "\"id\": \"b\", \"on\": \"birthday\", \"give\": { \"points\": 5 } }] }";
static const char two_birthdays[] =
    "{ \"name\": \"p\", \"birthday\": { \"lock_days\": 30 }, \"rules\": [{ "
    "\"id\": \"b\", \"on\": \"birthday\", \"give\": { \"points\": 5 } }, { "
    "\"id\": \"c\", \"on\": \"birthday\", \"attribute\": \"child\", "
    "\"give\": { \"points\": 7 } }] }";
static const char monthly_members[] =
    "{ \"name\": \"p\", \"rules\": ["
    "{ \"id\": \"j\", \"on\": \"membership\", \"give\": { \"points\": 3 } },"
    "{ \"id\": \"p\", \"on\": \"membership_payment\", \"when\": { "
    "\"membership\": [\"prime\"] }, \"give\": { \"points\": 2 } },"
    "{ \"id\": \"m\", \"on\": \"month\", \"when\": { \"membership\": "
    "[\"prime\"] }, \"give\": { \"points\": 1 } }], \"memberships\": [{ "
    "\"id\": \"prime\", \"fee\": { \"sku\": [\"PRIME\"] }, \"price\": "
    "\"5.00\", \"term\": \"1 month\", \"grace_days\": 41 }] }";

static const char fifty_ever[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"limit\": { \"most\": 50, \"per\": \"lifetime\" }, " POINTS " }] }";
static const char ten_ever[] =
    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"order\", \"on\": \"order\", "
    "\"limit\": { \"most\": 10, \"per\": \"lifetime\" }, " POINTS " }] }";

static const char from_fifty
    [] = "{ \"name\": \"p\", \"rules\": [{ \"id\": \"big\", \"on\": \"order\", "
         "\"when\": { \"amount\": { \"from\": \"50.00\" } }, "
         "\"give\": { \"points\": 5, \"per\": \"event\" } }] }";

static const struct script scripts[] = {
	{ .name = "R-3 what is for orders from 50.00 goes with the refund",
	    .programs = { from_fifty },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 6000, .points = 5 },
	        { "2025-01-02", REFUND, "1", .amount = 1000, .points = 5 },
	        { "2025-01-03", REFUND, "1", .amount = 1, .points = 0 },
	    } },
	{ .name = "V-2 a later version's lower limit takes nothing back",
	    .programs = { fifty_ever, ten_ever },
	    .second_from = "2025-02-01",
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 4000, .points = 40 },
	        { "2025-02-02", PLACE, "2", .amount = 2000, .points = 40 },
	        { "2025-02-03", BACK, "1", .amount = 3500, .points = 10 },
	        { "2025-02-04", BACK, "1", .amount = 500, .points = 10 },
	    } },
	{ .name = "B-1 a date is locked for so many days, to the instant",
	    .programs = { locked_birthday },
	    .steps = {
	        { "2025-01-01", EVENT, "1", "profile",
	            .field = { "birthday", "1990-06-01" } },
	        { "2025-01-31T11:59:59Z", EVENT, "2", "profile",
	            .field = { "birthday", "1990-02-15" } },
	        { "2025-02-16", LOOK, .points = 0 },
	        { "2025-06-01", LOOK, .points = 5 },
	    } },
	{ .name = "B-2 a date can be changed after the lock",
	    .programs = { locked_birthday },
	    .steps = {
	        { "2025-01-01", EVENT, "1", "profile",
	            .field = { "birthday", "1990-06-01" } },
	        { "2025-01-31T12:00:00Z", EVENT, "2", "profile",
	            .field = { "birthday", "1990-02-15" } },
	        { "2025-02-14", LOOK, .points = 0 },
	        { "2025-02-15T00:00:00Z", LOOK, .points = 5 },
	        { "2025-06-02", LOOK, .points = 5 },
	    } },
	{ .name = "B-3 each attribute has its own day and lock",
	    .programs = { two_birthdays },
	    .steps = {
	        { "2025-01-01", EVENT, "1", "profile",
	            .field = { "birthday", "1990-03-01" } },
	        { "2025-01-20", EVENT, "2", "profile",
	            .field = { "child", "2018-06-01" } },
	        { "2025-02-19T11:59:59Z", EVENT, "3", "profile",
	            .field = { "child", "2018-02-25" } },
	        { "2025-03-01T00:00:00Z", LOOK, .points = 5 },
	        { "2025-06-01T00:00:00Z", LOOK, .points = 12 },
	        { "2026-03-01", LOOK, .points = 17 },
	    } },
	{ .name = "P-1 a member at once, and in the days of grace",
	    .programs = { monthly_members },
	    .steps = {
	        { "2025-01-20", EVENT, "1", "membership_payment",
	            .field = { "membership", "prime" }, .points = 5 },
	        { "2025-02-01T00:00:00Z", LOOK, .points = 6 },
	        { "2025-03-01T00:00:00Z", LOOK, .points = 7 },
	        { "2025-04-01T00:00:00Z", LOOK, .points = 8 },
	        { "2025-05-01T00:00:00Z", LOOK, .points = 8 },
	    } },
	{ .name = "T-5 a refund of what did not make the tier leaves it",
	    .programs = { yearly_tiers },
	    .steps = {
	        { "2025-11-20", PLACE, "1", .amount = 50001, .points = 500,
	            .tier = "gold" },
	        { "2026-05-05", PLACE, "2", .amount = 10000, .points = 600 },
	        { "2026-06-05", BACK, "2", .amount = 10000, .points = 500,
	            .tier = "gold" },
	        { "2027-01-30", LOOK, .points = 500, .tier = "gold" },
	        { "2027-01-31", LOOK, .points = 500, .tier = "" },
	    } },
	{ .name = "T-2 a year in the tier begins with its day",
	    .programs = { ten_a_tier_year },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 1000, .points = 10 },
	        { "2025-02-01", PLACE, "2", .amount = 2000, .points = 20 },
	        { "2025-12-31T23:59:59Z", PLACE, "3", .amount = 2000,
	            .points = 20 },
	        { "2026-01-01T00:00:00Z", PLACE, "4", .amount = 2000,
	            .points = 30 },
	    } },
	{ .name = "T-3 the first instant of a year is not the last of another",
	    .programs = { yearly_tiers },
	    .steps = {
	        { "2025-11-20", PLACE, "1", .amount = 50001, .points = 500,
	            .tier = "gold" },
	        { "2026-05-05", PLACE, "2", .amount = 30000, .points = 800 },
	        { "2027-01-01T00:00:00Z", PLACE, "3", .amount = 30000,
	            .points = 1100, .tier = "gold" },
	        { "2027-01-31", LOOK, .points = 1100, .tier = "silver" },
	    } },
	{ .name = "T-4 one day of grace, and one down at a time",
	    .programs = { a_day_of_grace },
	    .steps = {
	        { "2025-02-01", PLACE, "1", .amount = 50001, .points = 500,
	            .tier = "gold" },
	        { "2026-01-01T00:00:00Z", LOOK, .points = 500,
	            .tier = "gold" },
	        { "2026-01-01T23:59:59Z", LOOK, .points = 500,
	            .tier = "gold" },
	        { "2026-01-02T00:00:00Z", LOOK, .points = 500,
	            .tier = "silver" },
	        { "2027-01-01", LOOK, .points = 500, .tier = "silver" },
	        { "2027-01-02", LOOK, .points = 500, .tier = "" },
	    } },
	{ .name = "R-2 what was carried at one rate is nothing at another",
	    .programs = { one_per_hundred, two_per_hundred },
	    .second_from = "2025-02-01",
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 13000, .points = 1 },
	        { "2025-02-02", PLACE, "2", .amount = 3000, .points = 1 },
	        { "2025-02-03", PLACE, "3", .amount = 2000, .points = 2 },
	    } },
	{ .name = "a limit of each line cuts what is more",
	    .programs = { ten_a_line },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 900, .points = 9 },
	        { "2025-01-02", PLACE, "2", .amount = 1000, .points = 19 },
	        { "2025-01-03", PLACE, "3", .amount = 1100, .points = 29 },
	    } },
	{ .name = "C-2 what is too new is not used, even if it expires first",
	    .programs = { yearly_take },
	    .steps = {
	        { "2024-06-01", EVENT, "1", "a", .points = 100 },
	        { "2025-01-01T00:00:00Z", EVENT, "2", "b", .points = 200 },
	        { "2025-03-01T00:00:00Z", LOOK, .points = 100 },
	        { "2025-07-01T00:00:00Z", LOOK, .points = 0 },
	    } },
	{ .name = "C-1 the first instant of a year is not before it",
	    .programs = { yearly_take },
	    .steps = {
	        { "2024-12-31T23:59:59.999999Z", EVENT, "1", "a",
	            .points = 100 },
	        { "2025-01-01T00:00:00Z", EVENT, "2", "a", .points = 200 },
	        { "2025-03-01T00:00:00Z", LOOK, .points = 100 },
	        { "2026-02-28", LOOK, .points = 100 },
	        { "2026-03-01", LOOK, .points = 0 },
	    } },
	{ .name = "L-2 the earliest of several ends",
	    .programs = { two_ends },
	    .steps = {
	        { "2025-01-31", EVENT, "1", "a", .points = 100 },
	        { "2025-02-01", EVENT, "2", "b", .points = 150 },
	        { "2025-02-28T23:59:59.999999Z", LOOK, .points = 150 },
	        { "2025-03-01T00:00:00Z", LOOK, .points = 50 },
	        { "2025-03-31T23:59:59.999999Z", LOOK, .points = 50 },
	        { "2025-04-01T00:00:00Z", LOOK, .points = 0 },
	    } },
	{ .name = "V-1 a version is in effect from its first instant",
	    .programs = { one_per_euro, monthly },
	    .second_from = "2025-03-01T00:00:00Z",
	    .steps = {
	        { "2025-02-01", PLACE, "1", .amount = 100, .points = 1 },
	        { "2025-03-01T00:00:00Z", LOOK, .points = 9 },
	        { "2025-03-31", LOOK, .points = 9 },
	        { "2025-04-01T00:00:00Z", LOOK, .points = 17 },
	    } },
	{ .name = "L-1 soonest first, and back to their lots",
	    .programs = { lots },
	    .steps = {
	        { "2025-01-01", EVENT, "1", "a", .points = 100 },
	        { "2025-01-02", EVENT, "2", "b", .points = 150 },
	        { "2025-01-03", EVENT, "3", "c", .points = 230 },
	        { "2025-03-01", REDEEM, "4", .amount = 120, .points = 110 },
	        { "2025-04-04", LOOK, .points = 110 },
	        { "2025-04-05", RELEASE, "5", "4", .points = 180,
	            .expired = 50 },
	        { "2025-07-01", LOOK, .points = 80, .expired = 150 },
	    } },
	{ .name = "L-1 what is used last is what lasts",
	    .programs = { lots },
	    .steps = {
	        { "2025-01-01", EVENT, "1", "a", .points = 100 },
	        { "2025-01-02", EVENT, "2", "b", .points = 150 },
	        { "2025-01-03", EVENT, "3", "c", .points = 230 },
	        { "2025-03-01", REDEEM, "4", .amount = 120, .points = 110 },
	        { "2025-07-01", LOOK, .points = 80, .expired = 30 },
	    } },
	{ .name = "R-1 three thirds of 99.99",
	    .programs = { one_per_euro },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 9999, .points = 99 },
	        { "2025-01-02", REFUND, "1", .amount = 3333, .points = 66 },
	        { "2025-01-03", REFUND, "1", .amount = 3333, .points = 33 },
	        { "2025-01-04", REFUND, "1", .amount = 3333, .points = 0 },
	    } },
	{ .name = "R-1 two halves of 21.00: 11, then 10",
	    .programs = { one_per_euro },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 2100, .points = 21 },
	        { "2025-01-02", BACK, "1", .amount = 1050, .points = 10 },
	        { "2025-01-03", BACK, "1", .amount = 1050, .points = 0 },
	    } },
	{ .name = "R-1 two refunds of one moment are both",
	    .programs = { one_per_euro },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 2100, .points = 21 },
	        { "2025-01-02", BACK, "1", .amount = 1050, .points = 10 },
	        { "2025-01-02", BACK, "1", .amount = 550, .points = 5 },
	    } },
	{ .name = "R-2 the rule became better",
	    .programs = { one_per_euro, two_per_euro },
	    .second_from = "2025-02-01",
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 5000, .points = 50 },
	        { "2025-02-02", PLACE, "2", .amount = 1000, .points = 70 },
	        { "2025-02-03", REFUND, "1", .amount = 5000, .points = 20 },
	        { "2025-02-04", REFUND, "2", .amount = 500, .points = 10 },
	    } },
	{ .name = "R-2 the rule is gone",
	    .programs = { one_per_euro, other_rule },
	    .second_from = "2025-02-01",
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 5000, .points = 50 },
	        { "2025-02-02", PLACE, "2", .amount = 1000, .points = 50 },
	        { "2025-02-03", REFUND, "1", .amount = 5000, .points = 0 },
	    } },
	{ .name = "T-1 the rest of the year and the next, and 30 days",
	    .programs = { yearly_tiers },
	    .steps = {
	        { "2025-11-19", PLACE, "1", .amount = 50000, .points = 500,
	            .tier = "silver" },
	        { "2025-11-20", PLACE, "2", .amount = 1, .points = 500,
	            .tier = "gold" },
	        { "2026-05-05", PLACE, "3", .amount = 30000, .points = 800,
	            .tier = "gold" },
	        { "2026-12-31", LOOK, .points = 800, .tier = "gold" },
	        { "2027-01-30", LOOK, .points = 800, .tier = "gold" },
	        { "2027-01-31", LOOK, .points = 800, .tier = "silver" },
	    } },
	{ .name = "M-1 in the store's currency, whatever was shown",
	    .programs = { one_per_euro },
	    .steps = {
	        { "2025-01-01", PLACE, "1", .amount = 10000, .points = 100 },
	        { "2025-01-02", PLACE, "2", .amount = 170000,
	            .currency = "ZAR", .points = 100 },
	    } },
};

static void
test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(scripts); i++)
		play(&scripts[i]);
}

/* L-1: of two that expire together, or never, the one earned first. */
static void
test_earliest_first(void **state)
{
	static const struct step steps[] = {
		{ "2025-01-03", EVENT, "1", .type = "c" },
		{ "2025-01-04", EVENT, "2", .type = "c" },
		{ "2025-01-05", REDEEM, "3", .amount = 60 },
	};
	struct arena a;
	struct stage s = { .arena = &a, .history.neras = 1 };
	struct fold f;

	(void)state;
	arena_init(&a);
	s.history.eras[0] = (struct era){ parsed(&a, lots), 1, 1 };
	inbox_init(&s.inbox, &a, &s.history);
	for (size_t i = 0; i < NITEMS(steps); i++)
		happen(&s, &steps[i]);
	inbox_fold(&s.inbox, &a, noon("2025-01-06"), &f);
	assert_int_equal(f.nlots, 2);
	for (size_t i = 0; i < f.nlots; i++)
		assert_int_equal(f.lots[i]->remaining,
		    strcmp(f.lots[i]->source_id, "1") == 0 ? 20 : 80);
	arena_fini(&a);
}

/* What nobody may redeem is named as refused. */
static void
test_refusals(void **state)
{
	static const char file[] =
	    "{ \"name\": \"p\", \"rules\": [{ \"id\": \"a\", \"on\": \"a\", "
	    "\"give\": { \"points\": 201 } }], \"rewards\": [{ \"id\": "
	    "\"points\", \"kind\": \"amount\", \"amount\": \"1\", "
	    "\"cost\": 100, \"variable\": true }] }";
	static const struct {
		int64_t units;
		const char *reason;
	} rows[] = {
		{ 200, NULL },
		{ 100, NULL },
		{ 150, "wrong_units" },
		{ 201, "wrong_units" },
		{ 300, "insufficient" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < NITEMS(rows); i++) {
		const struct step steps[] = {
			{ "2025-01-03", EVENT, "1", .type = "a" },
			{ "2025-01-05", REDEEM, "2", .amount = rows[i].units },
		};
		struct stage s = { .arena = &a, .history.neras = 1 };
		struct fold f;

		s.history.eras[0] = (struct era){ parsed(&a, file), 1, 1 };
		inbox_init(&s.inbox, &a, &s.history);
		happen(&s, &steps[0]);
		happen(&s, &steps[1]);
		inbox_fold(&s.inbox, &a, noon("2025-01-06"), &f);
		assert_int_equal(f.nrefusals, rows[i].reason != NULL);
		if (rows[i].reason != NULL)
			assert_string_equal(
			    f.refusals[0].reason, rows[i].reason);
	}
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_earliest_first),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
