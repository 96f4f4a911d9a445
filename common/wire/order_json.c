/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/money.h"
#include "wire/order_json.h"

/* One table per struct, read by the writer and by the reader. */

enum kind {
	KIND_NUMBER = 1, /* int64_t */
	KIND_RANK,       /* int */
	KIND_TRUTH,      /* bool */
	KIND_TEXT,       /* char[size] */
	KIND_HASH,       /* uint8_t[HASH_SIZE] */
	KIND_PLATFORM,   /* enum platform */
	KIND_LIST,       /* a pointer, and its count beside it */
};

struct list;

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
	int64_t least, most;     /* KIND_NUMBER */
	size_t size;             /* KIND_TEXT */
	const struct list *list; /* KIND_LIST */
};

struct list {
	size_t count_offset; /* in the struct that has the list */
	size_t item_size;
	size_t most;
	const struct field *fields; /* of an item; without key: the last */
};

#define FIELD(type, name, ...)                                            \
	{                                                                 \
		.key = #name, .offset = offsetof(type, name), __VA_ARGS__ \
	}
#define NUMBER(type, name, lo, hi) \
	FIELD(type, name, .kind = KIND_NUMBER, .least = (lo), .most = (hi))
#define MONEY(type, name) NUMBER(type, name, -MONEY_MAX, MONEY_MAX)
#define COUNT(type, name) NUMBER(type, name, 0, ORDER_QUANTITY_MAX)
#define ID(type, name)    NUMBER(type, name, 0, INT64_MAX)
#define AT(type, name)    NUMBER(type, name, 0, INT64_MAX)
#define TRUTH(type, name) FIELD(type, name, .kind = KIND_TRUTH)
#define TEXT(type, name) \
	FIELD(type, name, .kind = KIND_TEXT, .size = sizeof(((type *)0)->name))
#define LIST(type, name, of) FIELD(type, name, .kind = KIND_LIST, .list = &(of))

enum {
	HASH_SIZE = sizeof(((struct order *)0)->email_hash),
};

static const struct field line_fields[] = {
	ID(struct order_line, id),
	COUNT(struct order_line, quantity),
	COUNT(struct order_line, current),
	MONEY(struct order_line, before),
	MONEY(struct order_line, net),
	MONEY(struct order_line, tax),
	TRUTH(struct order_line, gift_card),
	{ .key = NULL },
};

static const struct list line_list = {
	.count_offset = offsetof(struct order, nlines),
	.item_size = sizeof(struct order_line),
	.most = LINES_MAX,
	.fields = line_fields,
};

static const struct field refund_line_fields[] = {
	ID(struct order_refund_line, line_id),
	COUNT(struct order_refund_line, quantity),
	MONEY(struct order_refund_line, net),
	MONEY(struct order_refund_line, tax),
	{ .key = NULL },
};

static const struct list refund_line_list = {
	.count_offset = offsetof(struct order_refund, nlines),
	.item_size = sizeof(struct order_refund_line),
	.most = REFUND_LINES_MAX,
	.fields = refund_line_fields,
};

static const struct field refund_fields[] = {
	ID(struct order_refund, id),
	MONEY(struct order_refund, share),
	LIST(struct order_refund, lines, refund_line_list),
	{ .key = NULL },
};

static const struct list refund_list = {
	.count_offset = offsetof(struct order, nrefunds),
	.item_size = sizeof(struct order_refund),
	.most = REFUNDS_MAX,
	.fields = refund_fields,
};

static const struct field order_fields[] = {
	NUMBER(struct order, id, 1, INT64_MAX),
	FIELD(struct order, platform, .kind = KIND_PLATFORM),
	AT(struct order, modified_at),
	FIELD(struct order, rank, .kind = KIND_RANK),
	TEXT(struct order, status),
	TEXT(struct order, currency),
	TRUTH(struct order, test),
	AT(struct order, created_at),
	AT(struct order, paid_at),
	ID(struct order, customer_id),
	FIELD(struct order, email_hash, .kind = KIND_HASH),
	MONEY(struct order, total),
	MONEY(struct order, shipping),
	MONEY(struct order, shipping_tax),
	MONEY(struct order, fees),
	MONEY(struct order, fees_tax),
	LIST(struct order, lines, line_list),
	LIST(struct order, refunds, refund_list),
	AT(struct order, deleted_at),
	{ .key = NULL },
};

static int64_t
number_at(const char *place)
{
	int64_t n;

	memcpy(&n, place, sizeof(n));
	return n;
}

/* ---- writing: what is zero is told by not being there ----------------- */

static void put_fields(struct jsonw *, const struct field *, const char *);

static void
put_list(struct jsonw *w, const struct field *f, const char *base)
{
	const char *item;
	size_t n;

	memcpy(&item, base + f->offset, sizeof(item));
	memcpy(&n, base + f->list->count_offset, sizeof(n));
	assert(n <= f->list->most);
	if (n == 0)
		return;
	jsonw_array(w, f->key);
	for (; n > 0; n--, item += f->list->item_size) {
		jsonw_object(w, NULL);
		put_fields(w, f->list->fields, item);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
put_number(struct jsonw *w, const char *key, int64_t n)
{
	if (n != 0)
		jsonw_int(w, key, n);
}

static void
put_hash(struct jsonw *w, const char *key, const char *place)
{
	static const uint8_t none[HASH_SIZE];
	char hex[2 * HASH_SIZE + 1];

	if (memcmp(place, none, HASH_SIZE) == 0)
		return;
	hex_encode((const uint8_t *)place, HASH_SIZE, hex);
	jsonw_text(w, key, hex);
}

static void
put_field(struct jsonw *w, const struct field *f, const char *base)
{
	const char *place = base + f->offset;
	enum platform platform;
	int rank;

	switch (f->kind) {
	case KIND_NUMBER:
		put_number(w, f->key, number_at(place));
		return;
	case KIND_RANK:
		memcpy(&rank, place, sizeof(rank));
		put_number(w, f->key, rank);
		return;
	case KIND_TRUTH:
		if (*(const bool *)place)
			jsonw_bool(w, f->key, true);
		return;
	case KIND_TEXT:
		if (place[0] != '\0')
			jsonw_text(w, f->key, place);
		return;
	case KIND_HASH:
		put_hash(w, f->key, place);
		return;
	case KIND_PLATFORM:
		memcpy(&platform, place, sizeof(platform));
		jsonw_text(w, f->key, platform_name(platform));
		return;
	case KIND_LIST:
		put_list(w, f, base);
		return;
	}
	die("order_json: a field of no kind");
}

static void
put_fields(struct jsonw *w, const struct field *f, const char *base)
{
	for (; f->key != NULL; f++)
		put_field(w, f, base);
}

struct str
order_render(struct arena *a, const struct order *o)
{
	struct jsonw w;
	struct buf b;
	struct str s;

	buf_init(&b, ORDER_JSON_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	put_fields(&w, order_fields, (const char *)o);
	jsonw_object_end(&w);
	assert(jsonw_is_done(&w));
	s = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

/* ---- reading ---------------------------------------------------------- */

struct reader {
	struct arena *arena;
	char wrong[64]; /* the key that could not be read, innermost */
};

static int get_object(struct reader *, json_t *, const struct field *, char *);

static int
get_list(struct reader *r, json_t *v, const struct field *f, char *base)
{
	size_t n = json_array_size(v);
	char *items;

	if (!json_is_array(v) || n > f->list->most)
		return -1;
	if (n == 0)
		return 0;
	items = arena_array(r->arena, n, f->list->item_size);
	for (size_t i = 0; i < n; i++)
		if (get_object(r, json_array_get(v, i), f->list->fields,
		        items + i * f->list->item_size) == -1)
			return -1;
	memcpy(base + f->offset, &items, sizeof(items));
	memcpy(base + f->list->count_offset, &n, sizeof(n));
	return 0;
}

static int
get_number(const json_t *v, int64_t least, int64_t most, int64_t *n)
{
	*n = json_integer_value(v);
	return json_is_integer(v) && *n >= least && *n <= most ? 0 : -1;
}

static int
get_text(const json_t *v, char *place, size_t size)
{
	size_t n = json_string_length(v);

	if (!json_is_string(v) || n >= size)
		return -1;
	memcpy(place, json_string_value(v), n);
	return 0;
}

static struct str
str_of_json(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

static int
get_platform(const json_t *v, char *place)
{
	enum platform p = platform_parse(str_of_json(v));

	memcpy(place, &p, sizeof(p));
	return p != 0 ? 0 : -1;
}

static int
get_field(struct reader *r, json_t *v, const struct field *f, char *base)
{
	char *place = base + f->offset;
	int64_t n;
	int rank;

	switch (f->kind) {
	case KIND_NUMBER:
		if (get_number(v, f->least, f->most, &n) == -1)
			return -1;
		memcpy(place, &n, sizeof(n));
		return 0;
	case KIND_RANK:
		if (get_number(v, INT_MIN, INT_MAX, &n) == -1)
			return -1;
		rank = (int)n;
		memcpy(place, &rank, sizeof(rank));
		return 0;
	case KIND_TRUTH:
		*(bool *)place = json_is_true(v);
		return json_is_boolean(v) ? 0 : -1;
	case KIND_TEXT:
		return get_text(v, place, f->size);
	case KIND_HASH:
		return hex_decode(str_of_json(v), (uint8_t *)place, HASH_SIZE);
	case KIND_PLATFORM:
		return get_platform(v, place);
	case KIND_LIST:
		return get_list(r, v, f, base);
	}
	return -1;
}

static int
get_object(struct reader *r, json_t *o, const struct field *fields, char *base)
{
	const struct field *f;
	const char *key;
	json_t *v;

	if (!json_is_object(o))
		return -1;
	json_object_foreach(o, key, v)
	{
		for (f = fields; f->key != NULL; f++)
			if (strcmp(f->key, key) == 0)
				break;
		if (f->key != NULL && get_field(r, v, f, base) == 0)
			continue;
		if (r->wrong[0] == '\0')
			(void)snprintf(r->wrong, sizeof(r->wrong), "%s", key);
		return -1;
	}
	return 0;
}

/* What no single field can tell. */
static int
order_check(const struct order *o)
{
	size_t lines = 0;

	if (o->id == 0 || o->platform == 0)
		return -1;
	for (size_t i = 0; i < o->nrefunds; i++) {
		lines += o->refunds[i].nlines;
		if (i > 0 && o->refunds[i].id <= o->refunds[i - 1].id)
			return -1;
	}
	return lines <= REFUND_LINES_MAX ? 0 : -1;
}

int
order_parse(struct arena *a, struct str s, struct order *out, struct err *e)
{
	struct reader r = { .arena = a };
	struct order o = { .id = 0 };
	json_t *root = NULL;
	int rc = -1;

	if (s.len <= ORDER_JSON_MAX)
		root = json_loadb(s.data, s.len, JSON_REJECT_DUPLICATES, NULL);
	if (root != NULL && get_object(&r, root, order_fields, (char *)&o) == 0)
		rc = order_check(&o);
	json_decref(root);
	if (rc == -1)
		return err_set(e, FAULT_REJECT,
		    "orders.facts are not what this version of loyald "
		    "writes%s%s",
		    r.wrong[0] != '\0' ? ": " : "", r.wrong);
	*out = o;
	return 0;
}
