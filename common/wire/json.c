/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/money.h"
#include "core/order.h"
#include "wire/json.h"
#include "wire/json_number.h"
#include "wire/tape.h"

void
reader_init(struct reader *r, struct err *e)
{
	*r = (struct reader){ .e = e };
}

void
reader_who(struct reader *r, const char *what, int64_t id)
{
	r->what = what;
	r->id = id;
}

int
reader_end(const struct reader *r)
{
	return r->failed ? -1 : 0;
}

/* Writes "order 13: refunds[3].lines[1].total"; the key may be empty. */
static void
write_place(const struct reader *r, const char *key, struct buf *b)
{
	if (r->what != NULL)
		buf_printf(b, "%s %lld: ", r->what, (long long)r->id);
	for (size_t i = 0; i < r->depth; i++) {
		buf_puts(b, r->at[i].key);
		if (r->at[i].index >= 0)
			buf_printf(b, "[%d]", r->at[i].index);
		if (i + 1 < r->depth || key[0] != '\0')
			buf_puts(b, ".");
	}
	buf_puts(b, key);
}

void
reader_refuse(struct reader *r, const char *key, const char *sentence)
{
	struct buf place;

	if (r->failed)
		return;
	r->failed = true;
	buf_init(&place, sizeof(r->e->msg));
	write_place(r, key, &place);
	(void)err_set(
	    r->e, FAULT_REJECT, "unparsable: %s %s", place.data, sentence);
	buf_fini(&place);
}

size_t
reader_enter(struct reader *r, const char *key, int index)
{
	assert(r->depth < READER_DEPTH_MAX);
	r->at[r->depth].key = key;
	r->at[r->depth].index = index;
	return r->depth++;
}

void
reader_leave(struct reader *r, size_t depth)
{
	r->depth = depth;
}

/* Loads bytes, whose root must be an object. */
static struct value
load(struct arena *a, struct str body, bool strict, struct err *e)
{
	struct value root = { 0 };

	if (tape_read(a, body, strict, &root, e) == -1 ||
	    value_is(root, VALUE_OBJECT))
		return root;
	(void)err_set(e, FAULT_REJECT, "unparsable: the body is not an object");
	return (struct value){ 0 };
}

struct value
body_load(struct arena *a, struct str body, struct err *e)
{
	return load(a, body, false, e);
}

struct value
body_load_strict(struct arena *a, struct str body, struct err *e)
{
	return load(a, body, true, e);
}

/* Finds the value under a key; no value if it is absent or null.  Complains if
 * such a value is NEEDED. */
static struct value
get(struct reader *r, struct value o, const char *key, enum need need)
{
	struct value v;

	if (r->failed)
		return (struct value){ 0 };
	v = value_get(o, key);
	if (value_is_set(v))
		return v;
	if (need == NEEDED)
		reader_refuse(r, key, "is missing");
	return (struct value){ 0 };
}

/* Complains of a value that has the wrong type, if the value is NEEDED or the
 * reader is strict. */
static void
unreadable(
    struct reader *r, const char *key, enum need need, const char *sentence)
{
	if (need == NEEDED || r->strict)
		reader_refuse(r, key, sentence);
}

/* Whether a value is false or "": shops write both for an absent value. */
static bool
is_nothing(struct value v)
{
	return value_is(v, VALUE_FALSE) ||
	       (value_is(v, VALUE_TEXT) && value_text(v).len == 0);
}

/* ---- ids ----------------------------------------------------------------- */

int64_t
read_id(struct reader *r, struct value o, const char *key, enum need need)
{
	struct value v = get(r, o, key, need);
	int64_t id;

	if (!value_exists(v))
		return 0;
	id = number_id(v);
	if (id <= 0) {
		reader_refuse(r, key, "is not an id");
		return 0;
	}
	return id;
}

int64_t
read_id_or_zero(struct reader *r, struct value o, const char *key)
{
	struct value v = get(r, o, key, OPTIONAL);

	if (value_exists(v) && (number_id(v) == 0 || is_nothing(v)))
		return 0;
	return read_id(r, o, key, OPTIONAL);
}

int64_t
read_id_asked(struct reader *r, struct value o, const char *key)
{
	struct value v = get(r, o, key, OPTIONAL);

	if (!value_exists(v) || is_nothing(v))
		return 0;
	return number_id(v) < 0 ? -1 : number_id(v);
}

int64_t
read_gid(struct reader *r, struct value o, const char *key, const char *prefix)
{
	struct value v = get(r, o, key, NEEDED);
	struct str s = value_text(v), p = str_of(prefix);
	int64_t id;

	if (!value_exists(v))
		return 0;
	if (s.len <= p.len || memcmp(s.data, p.data, p.len) != 0 ||
	    s.data[p.len] < '0' || s.data[p.len] > '9' ||
	    str_int64((struct str){ s.data + p.len, s.len - p.len }, &id) ==
	        -1 ||
	    id <= 0) {
		reader_refuse(r, key, "is not the gid of a customer");
		return 0;
	}
	return id;
}

/* ---- amounts ------------------------------------------------------------- */

bool
reader_again(const struct reader *r, int *finer, int *most)
{
	int was = *finer;

	if (r->failed)
		*most = was - 1;
	else if (was > 0)
		return false;
	else if (*most > r->finest)
		*most = r->finest;
	*finer = *most;
	return *finer >= 0 && *finer != was;
}

int64_t
read_money(struct reader *r, struct value o, const char *key, enum need need)
{
	struct value v = get(r, o, key, need);
	int64_t amount;
	int finer;

	if (!value_exists(v) ||
	    (need == OPTIONAL && !r->strict && is_nothing(v)))
		return 0;
	if (number_amount(v, r->exponent + r->finer, &amount) == -1) {
		reader_refuse(r, key, "is not an amount");
		return 0;
	}
	finer = number_finer(v, r->exponent);
	if (finer > r->finest)
		r->finest = finer;
	return amount;
}

int64_t
reader_bound(struct reader *r, const char *key, __int128 amount)
{
	if (amount >= -MONEY_MAX && amount <= MONEY_MAX)
		return (int64_t)amount;
	reader_refuse(r, key, "comes to more than any amount may");
	return 0;
}

int64_t
read_instant(struct reader *r, struct value o, const char *key, enum need need)
{
	struct value v = get(r, o, key, need);
	int64_t at;

	if (!value_exists(v))
		return 0;
	if (instant_parse(value_text(v), &at) == -1) {
		unreadable(r, key, need, "is not a time");
		return 0;
	}
	return at;
}

/* ---- numbers of things --------------------------------------------------- */

int64_t
read_quantity(struct reader *r, struct value o, const char *key)
{
	struct value v = get(r, o, key, NEEDED);
	int64_t n;

	if (!value_exists(v))
		return 0;
	n = number_quantity(v, false);
	if (n == -1) {
		reader_refuse(r, key, "is not a quantity");
		return 0;
	}
	return n;
}

int64_t
read_pieces(struct reader *r, struct value o, const char *key)
{
	struct value v = get(r, o, key, OPTIONAL);

	return !value_exists(v) ? -1 : number_quantity(v, true);
}

static bool
is_boolean(struct value v)
{
	return value_is(v, VALUE_TRUE) || value_is(v, VALUE_FALSE);
}

/* Returns 1 for what shops write for true, 0 for false, -1 for anything
 * else. */
static int
truth_of(struct value v)
{
	static const char *const yes[] = { "1", "true", "yes", "on" };
	static const char *const no[] = { "", "0", "false", "no", "off" };

	if (is_boolean(v))
		return value_is(v, VALUE_TRUE);
	if (value_is(v, VALUE_INT) && (value_int(v) | 1) == 1)
		return (int)value_int(v);
	if (!value_is(v, VALUE_TEXT))
		return -1;
	for (size_t i = 0; i < NITEMS(yes); i++)
		if (str_eq_nocase(value_text(v), str_of(yes[i])))
			return 1;
	for (size_t i = 0; i < NITEMS(no); i++)
		if (str_eq_nocase(value_text(v), str_of(no[i])))
			return 0;
	return -1;
}

static bool
read_truth(struct reader *r, struct value o, const char *key, enum need need)
{
	struct value v = get(r, o, key, OPTIONAL);
	int truth = r->strict && !is_boolean(v) ? -1 : truth_of(v);

	if (value_exists(v) && truth == -1)
		unreadable(r, key, need, "is neither true nor false");
	return truth == 1;
}

bool
read_bool(struct reader *r, struct value o, const char *key)
{
	return read_truth(r, o, key, OPTIONAL);
}

bool
read_bool_at_stake(struct reader *r, struct value o, const char *key)
{
	return read_truth(r, o, key, NEEDED);
}

/* ---- texts --------------------------------------------------------------- */

struct str
read_text(struct reader *r, struct value o, const char *key, enum need need)
{
	struct value v = get(r, o, key, need);

	if (!value_exists(v))
		return STR("");
	if (!value_is(v, VALUE_TEXT)) {
		unreadable(r, key, need, "is not a text");
		return STR("");
	}
	return value_text(v);
}

bool
is_told(struct value o, const char *key)
{
	struct value v = value_get(o, key);

	return value_is_set(v) && truth_of(v) != 0;
}

void
read_status_word(struct reader *r, struct value o, const char *key,
    enum need need, char *out, size_t size)
{
	struct str s = read_text(r, o, key, need);
	bool ok = s.len < size;

	for (size_t i = 0; ok && i < s.len; i++)
		ok = (unsigned char)s.data[i] >= ' ' && s.data[i] != 0x7f;
	if (!ok)
		s.len = 0;
	memcpy(out, s.data, s.len);
	out[s.len] = '\0';
}

void
read_currency(
    struct reader *r, struct value o, const char *key, char out[CURRENCY_SIZE])
{
	struct str s = read_text(r, o, key, OPTIONAL);
	bool ok = s.len == CURRENCY_SIZE - 1;
	int exponent;

	memset(out, 0, CURRENCY_SIZE);
	for (size_t i = 0; ok && i < s.len; i++) {
		out[i] = s.data[i];
		if (!r->strict && out[i] >= 'a' && out[i] <= 'z')
			out[i] = (char)(out[i] - 'a' + 'A');
		ok = out[i] >= 'A' && out[i] <= 'Z';
	}
	if (!ok)
		memset(out, 0, CURRENCY_SIZE);
	exponent = currency_exponent(out);
	if (exponent == -1)
		unreadable(
		    r, key, OPTIONAL, "is not a currency that loyald knows");
	r->exponent = exponent == -1 ? EXPONENT_UNKNOWN : exponent;
}

/* ---- lists and objects --------------------------------------------------- */

bool
list_next(struct list list, struct value *v)
{
	bool more = value_next(list.of, v);

	while (more && value_is(*v, VALUE_NULL))
		more = value_next(list.of, v);
	return more;
}

struct list
read_entries(struct reader *r, struct value o, const char *key, size_t max)
{
	struct list list = { .of = get(r, o, key, OPTIONAL) };
	struct value v = { 0 };

	if (!value_exists(list.of))
		return list;
	if (!value_is(list.of, VALUE_LIST) &&
	    (r->strict || !value_is(list.of, VALUE_OBJECT))) {
		unreadable(r, key, OPTIONAL, "is not a list");
		return (struct list){ 0 };
	}
	while (list_next(list, &v))
		list.n++;
	if (list.n > max) {
		unreadable(r, key, OPTIONAL, "has too many entries");
		return (struct list){ 0 };
	}
	return list;
}

struct list
read_list(struct reader *r, struct value o, const char *key, size_t max,
    enum need need)
{
	struct value v = get(r, o, key, need), entry = { 0 };
	struct list list;

	if (!value_exists(v) ||
	    (need == OPTIONAL && !r->strict && is_nothing(v)))
		return (struct list){ 0 };
	list = read_entries(r, o, key, max);
	if (!value_exists(list.of)) {
		reader_refuse(r, key,
		    value_is(v, VALUE_LIST) || value_is(v, VALUE_OBJECT)
		        ? "has too many entries"
		        : "is not a list");
		return list;
	}
	while (r->strict ? value_next(v, &entry) : list_next(list, &entry)) {
		if (value_is(entry, VALUE_OBJECT))
			continue;
		reader_refuse(r, key, "has an entry that is not an object");
		return (struct list){ 0 };
	}
	return list;
}

struct value
read_object(struct reader *r, struct value o, const char *key)
{
	struct value v = get(r, o, key, OPTIONAL);
	bool object = value_is(v, VALUE_OBJECT);

	if (value_exists(v) && r->strict && !object)
		reader_refuse(r, key, "is not an object");
	if (object && (r->strict || value_size(v) > 0))
		return v;
	return (struct value){ 0 };
}
