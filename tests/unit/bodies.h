/* SPDX-License-Identifier: MIT */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/instant.h"
#include "wire/label.h"
#include "wire/shop/shop.h"

/*
 * bodies: functions shared by the tests of the platforms.  They read fixtures,
 * change a body in one place, and write an event as one line of text, as in
 * tests/data/woocommerce-expected.txt, so that whole events are compared.
 * Tests run in the top directory of the sources.
 */

enum {
	FIXTURE_MAX = 256 * 1024,
	LINE_TEXT_MAX = 256 * 1024,
	WORD_TEXT_MAX = 256,
};

static const struct master_key test_key = { .bytes = "a key for tests" };

/* Reads a file, and adds a zero byte that `len` does not count.  Returns "" if
 * there is no file. */
static inline struct str
fixture_read(struct arena *a, const char *dir, const char *name)
{
	char *data = arena_alloc(a, FIXTURE_MAX);
	char path[WORD_TEXT_MAX];
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "tests/data/%s/%s", dir, name);
	f = fopen(path, "rb");
	if (f != NULL) {
		n = fread(data, 1, FIXTURE_MAX - 1, f);
		(void)fclose(f);
	} else {
		(void)fprintf(stderr, "cannot read %s\n", path);
	}
	return (struct str){ data, n };
}

static inline struct message
message_of(enum platform p, const char *topic, struct str body)
{
	return (struct message){ .platform = p,
		.store_id = 1,
		.received_at = 1795305600 * INSTANT_SECOND,
		.topic = str_of(topic),
		.body = body };
}

/* Returns the member with this name from an object, or the entry with this
 * index from a list. */
static inline json_t *
body_step(json_t *v, const char *name)
{
	return json_is_array(v)
	           ? json_array_get(v, (size_t)strtoul(name, NULL, 10))
	           : json_object_get(v, name);
}

/*
 * Returns the body with one place changed.  `path` is like
 * "line_items.0.total"; `value` is any JSON, or NULL to remove the old value.
 * An index behind the end of a list adds an entry to the list.
 */
static inline struct str
body_edit(struct arena *a, struct str body, const char *path, const char *value)
{
	json_t *root = json_loadb(body.data, body.len, JSON_ALLOW_NUL, NULL),
	       *at = root;
	json_t *v = value == NULL ? NULL
	                          : json_loads(value,
	                                JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	char *copy = arena_strdup(a, path), *name, *next, *text;
	struct str out;

	for (name = strtok_r(copy, ".", &next); *next != '\0';
	     name = strtok_r(NULL, ".", &next))
		at = body_step(at, name);
	if (v == NULL)
		(void)json_object_del(at, name);
	else if (json_is_object(at))
		(void)json_object_set_new(at, name, v);
	else if (body_step(at, name) == NULL)
		(void)json_array_append_new(at, v);
	else
		(void)json_array_set_new(
		    at, (size_t)strtoul(name, NULL, 10), v);
	text = json_dumps(root, JSON_COMPACT);
	out = (struct str){ arena_strdup(a, text), strlen(text) };
	free(text);
	json_decref(root);
	return out;
}

static inline const char *
instant_text(struct arena *a, int64_t at)
{
	char *text = arena_alloc(a, INSTANT_TEXT_MAX);

	instant_format(at, text);
	return at == 0 ? "-" : text;
}

/* Returns the address if the hash belongs to this address, "-" if there is
 * no hash, else "?". */
static inline const char *
email_text(const uint8_t hash[32], const char *email)
{
	static const uint8_t none[32];
	uint8_t expected[32];

	if (memcmp(hash, none, sizeof(none)) == 0)
		return "-";
	email_hash(&test_key, str_of(email), expected);
	return memcmp(hash, expected, sizeof(expected)) == 0 ? email : "?";
}

static inline void
lines_text(const struct order *o, struct buf *b)
{
	for (size_t i = 0; i < o->nlines; i++) {
		const struct order_line *l = &o->lines[i];

		buf_printf(b, "%s%lld:%lld", i > 0 ? ";" : "", (long long)l->id,
		    (long long)l->quantity);
		if (l->current != l->quantity)
			buf_printf(b, "/%lld", (long long)l->current);
		buf_printf(b, ":%lld:%lld:%lld%s", (long long)l->before,
		    (long long)l->net, (long long)l->tax,
		    l->gift_card ? ":gift" : "");
	}
	buf_puts(b, o->nlines == 0 ? "- " : " ");
}

static inline void
refunds_text(const struct order *o, struct buf *b)
{
	for (size_t i = 0; i < o->nrefunds; i++) {
		const struct order_refund *f = &o->refunds[i];

		buf_printf(b, "%s%lld:%lld", i > 0 ? ";" : "", (long long)f->id,
		    (long long)f->share);
		for (size_t j = 0; j < f->nlines; j++)
			buf_printf(b, "+%lld:%lld:%lld:%lld",
			    (long long)f->lines[j].line_id,
			    (long long)f->lines[j].quantity,
			    (long long)f->lines[j].net,
			    (long long)f->lines[j].tax);
	}
	buf_puts(b, o->nrefunds == 0 ? "-" : "");
}

/* Writes which amounts and products of an order could not be read. */
static inline void
unknown_text(const struct order *o, struct buf *b)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = {
		{ UNREADABLE_PRODUCT, "product" },
		{ UNREADABLE_TAX, "tax" },
		{ UNREADABLE_BEFORE, "before" },
		{ UNREADABLE_SHIPPING_COST, "shipping" },
		{ UNREADABLE_FEES, "fees" },
	};
	int of_lines = 0;

	for (size_t i = 0; i < o->nlines; i++)
		of_lines |= o->lines[i].unreadable;
	for (size_t i = 0; i < NITEMS(bits); i++) {
		if ((of_lines & bits[i].bit) != 0)
			buf_printf(b, " no line's %s", bits[i].name);
		if ((o->unreadable & bits[i].bit) != 0)
			buf_printf(b, " no %s", bits[i].name);
	}
}

static inline void
order_text(
    struct arena *a, const struct order *o, const char *email, struct buf *b)
{
	buf_printf(b, "order %lld %s %s %s %s %s %lld %s ", (long long)o->id,
	    o->status, o->currency, instant_text(a, o->modified_at),
	    instant_text(a, o->created_at), instant_text(a, o->paid_at),
	    (long long)o->customer_id, email_text(o->email_hash, email));
	buf_printf(b, "%lld %lld %lld %lld %lld ", (long long)o->total,
	    (long long)o->shipping, (long long)o->shipping_tax,
	    (long long)o->fees, (long long)o->fees_tax);
	lines_text(o, b);
	refunds_text(o, b);
	if (o->test)
		buf_puts(b, " test");
	unknown_text(o, b);
}

static inline void
customer_text(
    struct arena *a, const struct customer *c, const char *email, struct buf *b)
{
	buf_printf(b, "customer %lld %s %s%s", (long long)c->id,
	    instant_text(a, c->modified_at), email_text(c->email_hash, email),
	    c->email_verified ? " verified" : "");
}

static inline void
words_text(const char *name, const struct words *w, struct buf *b)
{
	for (size_t i = 0; i < w->n; i++)
		buf_printf(b, "%s%s", i > 0 ? "," : name, w->list[i]);
}

static inline void
product_text(struct arena *a, const struct product *p, struct buf *b)
{
	buf_printf(b, "product %lld %s%s", (long long)p->id,
	    instant_text(a, p->modified_at), p->gone ? " gone" : "");
	if (p->vendor != NULL)
		buf_printf(b, " vendor=%s", p->vendor);
	if (p->type != NULL)
		buf_printf(b, " type=%s", p->type);
	words_text(" categories=", &p->categories, b);
	words_text(" tags=", &p->tags, b);
	if (p->on_sale)
		buf_puts(b, " sale");
	if (p->gift_card)
		buf_puts(b, " gift");
}

/* Returns the event as one line. `email` and `account` are the addresses
 * expected in the order and in the customer. */
static inline const char *
event_text(struct arena *a, const struct event *ev, const char *email,
    const char *account)
{
	struct buf b;
	char *text;

	buf_init(&b, LINE_TEXT_MAX);
	switch (ev->kind) {
	case EVENT_ORDER:
		if (ev->order.deleted_at != 0)
			buf_printf(
			    &b, "order_gone %lld", (long long)ev->order.id);
		else if (ev->order.npayments > 0)
			buf_printf(&b, "payment_of %lld %lld:%s:%lld %s",
			    (long long)ev->order.id,
			    (long long)ev->order.payments[0].id,
			    ev->order.payments[0].gateway,
			    (long long)ev->order.payments[0].amount,
			    ev->order.payments[0].currency);
		else if (ev->order.modified_at == 0)
			buf_printf(
			    &b, "refund_of %lld ", (long long)ev->order.id);
		else
			order_text(a, &ev->order, email, &b);
		if (ev->order.modified_at == 0 && ev->order.deleted_at == 0 &&
		    ev->order.npayments == 0)
			refunds_text(&ev->order, &b);
		break;
	case EVENT_CUSTOMER:
		customer_text(a, &ev->customer, account, &b);
		break;
	case EVENT_CUSTOMER_GONE:
		buf_printf(
		    &b, "customer_gone %lld", (long long)ev->customer.id);
		break;
	case EVENT_MERGE:
		buf_printf(&b, "merge %lld into %lld",
		    (long long)ev->customer.id, (long long)ev->kept_id);
		break;
	case EVENT_PRODUCT:
		product_text(a, &ev->product, &b);
		break;
	case EVENT_FACTS:
		buf_puts(&b, "facts");
		break;
	case EVENT_NOTHING:
		buf_printf(&b, "nothing: %s", ev->note);
		break;
	}
	if (ev->shop_id != 0)
		buf_printf(&b, " shop %lld", (long long)ev->shop_id);
	if (ev->has_customer) {
		buf_puts(&b, " by ");
		customer_text(a, &ev->customer, account, &b);
	}
	text = arena_strdup(a, b.data);
	buf_fini(&b);
	return text;
}

static inline void
line_text(const struct order_line *l, struct buf *b)
{
	buf_printf(b, " line=%lld", (long long)l->product_id);
	if (l->sku != NULL)
		buf_printf(b, ":%s", l->sku);
	if (l->vendor != NULL)
		buf_printf(b, " of %s", l->vendor);
	if (l->type != NULL)
		buf_printf(b, " a %s", l->type);
	words_text(" in ", &l->categories, b);
	words_text(" tagged ", &l->tags, b);
	buf_puts(b, l->on_sale ? " on sale" : "");
}

static inline void
circumstances_text(struct arena *a, const struct order *o, struct buf *b)
{
	if (o->name != NULL)
		buf_printf(b, " name=%s", o->name);
	if (o->channel != NULL)
		buf_printf(b, " channel=%s", o->channel);
	if (o->shipping_method != NULL)
		buf_printf(b, " ship=%s", o->shipping_method);
	for (size_t i = 0; i < o->ntenders; i++)
		buf_printf(b, " tender=%s:%lld", o->tenders[i].name,
		    (long long)o->tenders[i].amount);
	words_text(" codes=", &o->codes, b);
	if (o->fulfilled_at != 0)
		buf_printf(
		    b, " fulfilled=%s", instant_text(a, o->fulfilled_at));
	if (o->cancelled_at != 0)
		buf_printf(
		    b, " cancelled=%s", instant_text(a, o->cancelled_at));
	for (size_t i = 0; i < o->nlines; i++)
		line_text(&o->lines[i], b);
	for (size_t i = 0; i < o->nrefunds; i++)
		buf_printf(b, " refund=%s", instant_text(a, o->refunds[i].at));
}

/* Writes facts, like " + enrolment customer:4 2026-11-22T06:23:10Z of 4". */
static inline void
facts_text(struct arena *a, const struct event *ev, struct buf *b)
{
	for (size_t i = 0; i < ev->nfacts; i++) {
		const struct told_fact *t = &ev->facts[i];

		buf_printf(b, " + %s %s %s of %s", t->fact.type, t->fact.id,
		    instant_text(a, t->fact.at),
		    t->customer != NULL ? t->customer : "-");
		for (size_t j = 0; j < t->fact.nfields; j++)
			buf_printf(b, " %s=%s", t->fact.fields[j].name,
			    t->fact.fields[j].value);
	}
}

/* Returns what event_text() leaves out: an order's circumstances and the
 * event's facts. */
static inline const char *
rest_text(struct arena *a, const struct event *ev)
{
	struct buf b;
	char *text;

	buf_init(&b, LINE_TEXT_MAX);
	if (ev->kind == EVENT_ORDER)
		circumstances_text(a, &ev->order, &b);
	facts_text(a, ev, &b);
	text = arena_strdup(a, b.len > 0 ? b.data + 1 : "");
	buf_fini(&b);
	return text;
}

/* Reads a body. Returns the event as text, or the error message if the body
 * is refused. */
static inline const char *
parse_text(struct arena *a, const struct shop *s, const char *topic,
    struct str body, const char *email)
{
	struct message m = message_of(s->platform, topic, body);
	struct event ev = { .kind = EVENT_NOTHING };
	struct err e = { 0 };

	if (shop_parse(a, &m, &test_key, "EUR", &ev, &e) == 0)
		return event_text(a, &ev, email, email);
	return e.fault == FAULT_REJECT ? arena_strdup(a, e.msg) : "not REJECT";
}

/* Reads a body. Returns rest_text() of the event, or the error message if
 * the body is refused. */
static inline const char *
parse_rest(
    struct arena *a, const struct shop *s, const char *topic, struct str body)
{
	struct message m = message_of(s->platform, topic, body);
	struct event ev = { .kind = EVENT_NOTHING };
	struct err e = { 0 };

	if (shop_parse(a, &m, &test_key, "EUR", &ev, &e) == 0)
		return rest_text(a, &ev);
	return e.fault == FAULT_REJECT ? arena_strdup(a, e.msg) : "not REJECT";
}

/* A fixture with one change (path NULL: no change), and the rest_text() that
 * is expected. */
struct more {
	const char *name, *topic;
	const char *path, *value, *text;
};

static inline void
rest_check(struct arena *a, const struct shop *s, const char *dir,
    const char *suffix, const struct more *rests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct more *c = &rests[i];
		struct str body = fixture_read(
		    a, dir, arena_printf(a, "%s.%s", c->name, suffix));
		const char *text;

		if (c->path != NULL)
			body = body_edit(a, body, c->path, c->value);
		text = parse_rest(a, s, c->topic, body);
		if (strcmp(text, c->text) != 0)
			fail_msg("%s, %s = %s:\n%s\nexpected\n%s", c->name,
			    c->path ? c->path : "-", c->value ? c->value : "-",
			    text, c->text);
	}
}

/* Returns the first word of the line that is an e-mail address. */
static inline const char *
email_in(struct arena *a, const char *line)
{
	char *words = arena_strdup(a, line), *next;

	for (char *w = strtok_r(words, " ", &next); w != NULL;
	     w = strtok_r(NULL, " ", &next))
		if (strchr(w, '@') != NULL)
			return w;
	return "";
}

/* Checks a line of expectations, "NAME TOPIC TEXT", about the body in
 * DIR/NAME.SUFFIX. Returns false for a comment or an empty line. */
static inline bool
expected_line(struct arena *a, const struct shop *s, char *line,
    const char *dir, const char *suffix)
{
	char *topic = strchr(line, ' '), *rest;
	const char *text;
	struct str body;

	if (*line == '#' || topic == NULL)
		return false;
	*topic++ = '\0';
	rest = strchr(topic, ' ');
	*rest++ = '\0';
	body = fixture_read(a, dir, arena_printf(a, "%s.%s", line, suffix));
	text = parse_text(a, s, topic, body, email_in(a, rest));
	if (strcmp(text, rest) != 0)
		fail_msg("%s:\n%s\nexpected\n%s", line, text, rest);
	return true;
}

/* Checks all lines of tests/data/FILE, and returns their number. */
static inline int
expected_check(struct arena *a, const struct shop *s, const char *file,
    const char *dir, const char *suffix)
{
	struct str expected = fixture_read(a, ".", file);
	char *text = arena_memdup(a, expected.data, expected.len), *next;
	int n = 0;

	for (char *line = strtok_r(text, "\n", &next); line != NULL;
	     line = strtok_r(NULL, "\n", &next))
		n += expected_line(a, s, line, dir, suffix);
	return n;
}

/* A change of a valid body, and the text expected of the changed body. A
 * text that begins with "..." is only a part of the expected text. */
struct change {
	const char *path, *value, *text;
};

static inline void
changes_check(struct arena *a, const struct shop *s, const char *topic,
    struct str good, const struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct change *c = &changes[i];
		struct str body = body_edit(a, good, c->path, c->value);
		const char *text = parse_text(
		    a, s, topic, body, "anna@example.test");
		bool part = strncmp(c->text, "...", 3) == 0;

		if (part ? strstr(text, c->text + 3) == NULL
		         : strcmp(text, c->text) != 0)
			fail_msg("%s = %s:\n%s\nexpected\n%s", c->path,
			    c->value ? c->value : "(none)", text, c->text);
	}
}

/* Returns an answer as text, like "D Dr 1000 throttled; WHY; ...": first the
 * outcome of the call, then of each balance (D done, r retry, x reject), then
 * the wait in milliseconds, then the reasons. */
static inline const char *
answer_text(struct arena *a, const struct push_answer *answer, size_t n)
{
	static const char letters[] = "?Drx";
	struct buf b;
	char *text;

	buf_init(&b, LINE_TEXT_MAX);
	buf_printf(&b, "%c ", letters[answer->all]);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%c", letters[answer->items[i]]);
	buf_printf(&b, " %lld%s", (long long)answer->wait_ms,
	    answer->throttled ? " throttled" : "");
	for (size_t i = 0; i < n; i++)
		if (answer->why[i][0] != '\0')
			buf_printf(&b, "; %s", answer->why[i]);
	text = arena_strdup(a, b.data);
	buf_fini(&b);
	return text;
}
