/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "core/calendar.h"
#include "wire/code.h"
#include "wire/shop/events.h"
#include "wire/shop/internal.h"

/* ---- receive: headers ------------------------------------------------ */

static const struct header_name header_names[] = {
	{ "X-Loyald-Hmac-Sha256", HEADER_HMAC },
};

static const struct topic topics[] = {
	{ EVENT_TOPIC, TOPIC_EVENT },
};

/* ---- the keys that each type may have ---------------------------------- */

enum body_kind {
	BODY_EVENT = 1, /* an event of any type that is not in the table */
	BODY_REFERRAL,
	BODY_ORDER,
	BODY_REDEMPTION,
	BODY_OF,      /* about an earlier event, whose key is under "of" */
	BODY_REFUSED, /* a type that nobody may send */
};

#define ENVELOPE "idempotency_key", "type", "at", "customer"
#define AMOUNTS  "amount", "count", "channel", "brand", "fields"

static const char *const keys_of[][16] = {
	[BODY_EVENT] = { ENVELOPE, AMOUNTS },
	[BODY_REFERRAL] = { ENVELOPE, AMOUNTS, "friend", "order" },
	[BODY_ORDER] = { ENVELOPE, "channel", "order" },
	[BODY_REDEMPTION] = { ENVELOPE, "reward", "units", "wallet", "reserve",
	    "issue", "cart", "charity", "amount" },
	[BODY_OF] = { ENVELOPE, "of" },
	[BODY_REFUSED] = { NULL },
};

#define BY_TIME "comes by itself in its time and is not sent"

/* Types whose bodies have keys of their own, or which are refused.  Any other
 * type has a BODY_EVENT. */
static const struct type {
	const char *name;
	enum body_kind body;
	enum fact_kind fact;
	const char *why;   /* BODY_REFUSED: how the complaint ends */
	const char *needs; /* BODY_EVENT: a field that must be there */
	const char *as;    /* type of the fact; NULL: the same as `name` */
} types[] = {
	{ "order", .body = BODY_ORDER },
	{ "referral", .body = BODY_REFERRAL },
	{ "redemption", .body = BODY_REDEMPTION, .fact = FACT_REDEEM },
	{ "redemption_captured", BODY_OF, FACT_CAPTURE, NULL, NULL, NULL },
	{ "undo", BODY_OF, FACT_EVENT, NULL, NULL, EVENT_UNDO },
	{ "redemption_released", BODY_OF, FACT_RELEASE, NULL, NULL, NULL },
	{ "adjustment", .body = BODY_REFUSED,
	    .why = "is an operator's alone: loyald member adjust" },
	/* Names of triggers that no event fires. */
	{ "balance", .body = BODY_REFUSED, .why = BY_TIME },
	{ "birthday", .body = BODY_REFUSED, .why = BY_TIME },
	{ "date", .body = BODY_REFUSED, .why = BY_TIME },
	{ "membership", .body = BODY_REFUSED, .why = BY_TIME },
	{ "membership_month", .body = BODY_REFUSED, .why = BY_TIME },
	{ "membership_period", .body = BODY_REFUSED, .why = BY_TIME },
	{ "month", .body = BODY_REFUSED, .why = BY_TIME },
	{ "quarter", .body = BODY_REFUSED, .why = BY_TIME },
	{ "tier", .body = BODY_REFUSED, .why = BY_TIME },
	{ "tier_year", .body = BODY_REFUSED, .why = BY_TIME },
	{ "year", .body = BODY_REFUSED, .why = BY_TIME },
	/* Events with a field that core/fold reads. */
	{ "chosen_day", .body = BODY_EVENT, .needs = "day" },
	{ "consent", .body = BODY_EVENT, .needs = "consent" },
	{ "membership_cancelled", .body = BODY_EVENT, .needs = "membership" },
	{ "membership_payment", .body = BODY_EVENT, .needs = "membership" },
	{ "membership_started", .body = BODY_EVENT, .needs = "membership" },
};

static const struct type *
type_find(const char *name)
{
	static const struct type any = { .body = BODY_EVENT };

	for (size_t i = 0; i < NITEMS(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return &any;
}

/* ---- who the event is about ------------------------------------------ */

struct person {
	int64_t id;
	uint8_t email_hash[32];
	char code[MEMBER_CODE_PLAIN_SIZE];
};

static void
read_email(struct reading *in, struct value o, struct person *p)
{
	static const uint8_t none[sizeof(p->email_hash)];
	struct reader *r = &in->r;
	struct str s = read_text(r, o, "email", NEEDED);
	const char *at = memchr(s.data, '@', s.len);
	bool ok = at != NULL && at > s.data && at < s.data + s.len - 1 &&
	          s.len <= FACT_TEXT_MAX;

	for (size_t i = 0; ok && i < s.len; i++)
		ok = (unsigned char)s.data[i] > ' ' && s.data[i] != 0x7f;
	if (ok)
		email_hash(in->key, s, p->email_hash);
	if (!ok || memcmp(p->email_hash, none, sizeof(none)) == 0)
		reader_refuse(r, "email", "is no e-mail address");
}

static void
read_member_code(struct reading *in, struct value o, struct person *p)
{
	struct str s = read_text(&in->r, o, "code", NEEDED);

	if (!in->r.failed && !member_code_read(s, p->code))
		reader_refuse(&in->r, "code",
		    "is no member's code: a symbol is wrong or missing");
}

/* Reads a person, by the shop's number, an e-mail address or a member's code.
 * Two together are refused, since they could belong to different people. */
static bool
read_person(struct reading *in, struct value body, const char *key,
    enum need need, struct person *p)
{
	static const char *const keys[] = { "id", "email", "code", NULL };
	struct reader *r = &in->r;
	struct value o = read_object(r, body, key);
	size_t entered;

	*p = (struct person){ 0 };
	if (!value_exists(o) && need == NEEDED)
		reader_refuse(r, key, "is missing");
	if (!value_exists(o))
		return false;
	keys_check(r, o, key, keys);
	if (value_size(o) != 1) {
		reader_refuse(r, key, "needs either id, email or code");
		return false;
	}
	entered = reader_enter(r, key, -1);
	if (value_exists(value_get(o, "id")))
		p->id = read_id(r, o, "id", NEEDED);
	else if (value_exists(value_get(o, "code")))
		read_member_code(in, o, p);
	else
		read_email(in, o, p);
	reader_leave(r, entered);
	return true;
}

static bool
is_same_person(const struct person *a, const struct person *b)
{
	return a->id == b->id &&
	       memcmp(a->email_hash, b->email_hash, sizeof(a->email_hash)) ==
	           0 &&
	       strcmp(a->code, b->code) == 0;
}

static void
person_of(struct arena *a, const struct person *p, struct told_fact *t)
{
	if (p->id != 0)
		t->customer = arena_printf(a, "%lld", (long long)p->id);
	memcpy(t->email_hash, p->email_hash, sizeof(t->email_hash));
	if (p->code[0] != '\0')
		t->code = arena_strdup(a, p->code);
}

/* ---- facts --------------------------------------------------------------- */

/* Returns the text of a field's value, which is a text, a whole number, or true
 * or false.  NULL for any other value. */
static const char *
field_value(struct reading *in, struct value v)
{
	struct str s = value_text(v);

	if (value_is(v, VALUE_TRUE))
		return "true";
	if (value_is(v, VALUE_FALSE))
		return "false";
	if (value_is(v, VALUE_INT))
		s = value_digits(v);
	if (s.len == 0 || s.len > FACT_TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return NULL;
	return arena_memdup(in->arena, s.data, s.len);
}

static void
read_fields(struct reading *in, struct value body, struct fact *f)
{
	struct reader *r = &in->r;
	struct value o = read_object(r, body, "fields"), v = { 0 };
	struct field *list;

	if (!value_exists(o))
		return;
	if (value_size(o) > FIELDS_MAX) {
		reader_refuse(r, "fields", "are too many");
		return;
	}
	list = arena_array(in->arena, FIELDS_MAX, sizeof(*list));
	f->fields = list;
	while (value_next(o, &v)) {
		struct field *field = &list[f->nfields++];
		struct str name = value_key(v);

		if (!is_type(name)) {
			reader_refuse(r, "fields",
			    "have a name that is not 1 to 31 of a-z 0-9 _ -");
			return;
		}
		field->name = arena_memdup(in->arena, name.data, name.len);
		field->value = field_value(in, v);
		if (field->value != NULL)
			continue;
		reader_refuse(r,
		    arena_printf(in->arena, "fields.%s", field->name),
		    "is neither a text of 1 to 255 bytes, nor a whole "
		    "number, nor true or false");
		return;
	}
}

/* Complains if a field that the type needs is missing, or if the value of a
 * field for a date is no date. */
static void
check_fields(struct reading *in, const struct type *t, const struct fact *f)
{
	static const char *const dates[][2] = { { "chosen_day", "day" },
		{ "profile", "birthday" } };
	int y, m, d;

	if (t->needs != NULL && fact_field(f, t->needs) == NULL)
		reader_refuse(&in->r,
		    arena_printf(in->arena, "fields.%s", t->needs),
		    "is missing");
	for (size_t i = 0; i < NITEMS(dates); i++) {
		const char *value = fact_field(f, dates[i][1]);

		if (strcmp(f->type, dates[i][0]) == 0 && value != NULL &&
		    !calendar_parse(value, &y, &m, &d))
			reader_refuse(&in->r,
			    arena_printf(in->arena, "fields.%s", dates[i][1]),
			    "is no date like 2025-08-15");
	}
}

static int64_t
read_count(struct reading *in, struct value body)
{
	int64_t n = 1;

	if (value_exists(value_get(body, "count")))
		n = read_quantity(&in->r, body, "count");
	if (n == 0)
		reader_refuse(&in->r, "count", "is none");
	return n;
}

static void
read_event(struct reading *in, struct value body, struct fact *f)
{
	struct reader *r = &in->r;

	f->amount = read_given_money(r, body, "amount", OPTIONAL);
	f->finer = r->finer;
	f->count = read_count(in, body);
	f->channel = read_type(in, body, "channel", OPTIONAL);
	f->brand = read_given(in, body, "brand", OPTIONAL);
	read_fields(in, body, f);
}

/* Reads units of a wallet: a whole number, or an amount of money.  The unit of
 * a money wallet is a thousandth of the minor unit. */
static int64_t
read_units(struct reading *in, struct value body)
{
	struct reader *r = &in->r;
	struct value v = value_get(body, "units");
	int64_t units = value_int(v);

	if (!value_is_set(v))
		return 0;
	if (value_is(v, VALUE_TEXT) &&
	    money_parse(value_text(v), r->exponent + 3, &units) == -1)
		units = 0;
	if (units <= 0 || units > MONEY_MAX)
		reader_refuse(
		    r, "units", "are neither a whole number nor money");
	return units;
}

static void
read_redemption(struct reading *in, struct value body, struct fact *f)
{
	struct value amount = value_get(body, "amount");

	f->reward = read_type(in, body, "reward", NEEDED);
	f->wallet = read_type(in, body, "wallet", OPTIONAL);
	f->charity = read_type(in, body, "charity", OPTIONAL);
	f->reserve = read_bool(&in->r, body, "reserve");
	f->issue = read_bool(&in->r, body, "issue");
	f->cart = read_bool(&in->r, body, "cart");
	f->units = read_units(in, body);
	f->amount = read_given_money(&in->r, body, "amount", OPTIONAL);
	f->finer = in->r.finer;
	f->amount_told = value_is_set(amount);
}

/* Reads the friend of a referral, and makes the friend's fact.  The id of that
 * fact is derived from the event's key. */
static void
read_friend(struct reading *in, struct value body, const struct person *who,
    struct event *ev)
{
	struct reader *r = &in->r;
	struct fact *f = &ev->facts[0].fact;
	struct told_fact *t = &ev->facts[1];
	struct person friend;

	if (strlen(ev->key) + strlen(REFERRED_AFTER) > FACT_TEXT_MAX)
		reader_refuse(r, "idempotency_key",
		    "of a referral has more than 246 bytes");
	if (!read_person(in, body, "friend", NEEDED, &friend))
		return;
	f->tied_to = read_given_id(in, body, "order", OPTIONAL);
	if (is_same_person(&friend, who))
		reader_refuse(r, "friend", "is the customer");
	t->fact = *f;
	t->fact.type = "referred";
	t->fact.id = arena_printf(in->arena, "%s" REFERRED_AFTER, ev->key);
	person_of(in->arena, &friend, t);
	ev->nfacts = 2;
}

static void
read_facts(struct reading *in, struct value body, const struct type *t,
    struct event *ev)
{
	struct fact *f;
	struct person who;

	ev->kind = EVENT_FACTS;
	ev->facts = arena_array(
	    in->arena, FACTS_PER_EVENT_MAX, sizeof(*ev->facts));
	ev->nfacts = 1;
	f = &ev->facts[0].fact;
	f->kind = t->fact != 0 ? t->fact : FACT_EVENT;
	f->id = ev->key;
	f->at = read_moment(in, body, "at", NEEDED);
	(void)read_person(in, body, "customer", NEEDED, &who);
	person_of(in->arena, &who, &ev->facts[0]);
	if (f->kind == FACT_EVENT) {
		f->type = t->as != NULL ? t->as
		                        : read_type(in, body, "type", NEEDED);
		read_event(in, body, f);
	}
	if (f->kind == FACT_REDEEM)
		read_redemption(in, body, f);
	if (t->body == BODY_OF)
		f->of = read_given(in, body, "of", NEEDED);
	if (t->body == BODY_REFERRAL)
		read_friend(in, body, &who, ev);
	if (f->kind == FACT_EVENT && !in->r.failed)
		check_fields(in, t, f);
}

static void
read_order(struct reading *in, struct value body, struct event *ev)
{
	struct order *o = &ev->order;
	struct person who;

	ev->kind = EVENT_ORDER;
	o->modified_at = read_moment(in, body, "at", NEEDED);
	o->channel = read_type(in, body, "channel", OPTIONAL);
	if (read_person(in, body, "customer", OPTIONAL, &who)) {
		o->customer_id = who.id;
		memcpy(o->email_hash, who.email_hash, sizeof(o->email_hash));
		if (who.code[0] != '\0')
			ev->code = arena_strdup(in->arena, who.code);
	}
	event_read_order(in, body, o);
}

/* Reads the idempotency key, which is printable ASCII, since it is shown to
 * people and sent in URLs. */
static const char *
read_key(struct reading *in, struct value body)
{
	const char *key = read_given(in, body, "idempotency_key", NEEDED);

	for (const char *p = key; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p >= 0x7f) {
			reader_refuse(&in->r, "idempotency_key",
			    "has a character that is not printable ASCII");
			return NULL;
		}
	return key;
}

static void
read_body(struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	int exponent = currency_exponent(in->currency);
	const struct type *t;
	const char *name;

	r->exponent = exponent < 0 ? 0 : exponent;
	name = read_type(in, body, "type", NEEDED);
	ev->key = read_key(in, body);
	if (r->failed)
		return;
	t = type_find(name);
	if (t->body == BODY_REFUSED) {
		reader_refuse(r, "type", t->why);
		return;
	}
	keys_check(r, body, "the body", keys_of[t->body]);
	if (t->body == BODY_ORDER)
		read_order(in, body, ev);
	else
		read_facts(in, body, t, ev);
}

static const struct body bodies[] = {
	{ { TOPIC_EVENT }, "an event of POST /events", .read = read_body },
};

bool
event_is_redemption(const struct event *ev)
{
	for (size_t i = 0; i < ev->nfacts; i++) {
		enum fact_kind kind = ev->facts[i].fact.kind;

		if (kind == FACT_REDEEM || kind == FACT_CAPTURE ||
		    kind == FACT_RELEASE)
			return true;
	}
	return false;
}

const struct shop shop_events = {
	.platform = PLATFORM_EVENTS,
	.topics = topics,
	.ntopics = NITEMS(topics),
	.bodies = bodies,
	.nbodies = NITEMS(bodies),
	.header_names = header_names,
	.nheader_names = NITEMS(header_names),
	/* The sender writes an order's status; in these statuses an order
	 * earns. */
	.award = { "paid", "partially_refunded", "refunded" },
	.award_word = "paid",
	.strict = true,
	.is_ping = no_ping,
	.is_from = from_anywhere,
	.secret = secret_as_entered,
};
