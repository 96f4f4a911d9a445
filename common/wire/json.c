/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cc.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/money.h"
#include "core/order.h"
#include "wire/json.h"
#include "wire/json_number.h"

void
reader_init(struct reader *r, struct err *e)
{
	*r = (struct reader){ .e = e };
}

void
reader_who(struct reader *r, const char *what, int64_t id)
{
	(void)snprintf(
	    r->who, sizeof(r->who), "%s %lld: ", what, (long long)id);
}

int
reader_end(const struct reader *r)
{
	return r->failed ? -1 : 0;
}

void
reader_refuse(struct reader *r, const char *key, const char *sentence)
{
	if (r->failed)
		return;
	r->failed = true;
	(void)err_set(r->e, FAULT_REJECT, "unparsable: %s%s%s %s", r->who,
	    r->at, key, sentence);
}

size_t
reader_enter(struct reader *r, const char *key, int index)
{
	size_t len = strlen(r->at);

	if (index < 0)
		(void)snprintf(r->at + len, sizeof(r->at) - len, "%s.", key);
	else
		(void)snprintf(
		    r->at + len, sizeof(r->at) - len, "%s[%d].", key, index);
	return len;
}

void
reader_leave(struct reader *r, size_t len)
{
	r->at[len] = '\0';
}

/* Finds the value under a key; NULL if the value is absent or null.  Complains
 * if such a value is NEEDED. */
static const json_t *
get(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v;

	if (r->failed)
		return NULL;
	v = json_object_get(o, key);
	if (v != NULL && !json_is_null(v))
		return v;
	if (need == NEEDED)
		reader_refuse(r, key, "is missing");
	return NULL;
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

static bool
is_text(const json_t *v)
{
	return json_is_string(v) && !number_is_marked(v);
}

/* Whether a value is false or "": shops write both for an absent value. */
static bool
is_nothing(const json_t *v)
{
	return json_is_false(v) || (is_text(v) && json_string_length(v) == 0);
}

/* ---- ids ----------------------------------------------------------------- */

int64_t
read_id(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, need);
	int64_t id;

	if (v == NULL)
		return 0;
	id = number_id(v);
	if (id <= 0) {
		reader_refuse(r, key, "is not an id");
		return 0;
	}
	return id;
}

int64_t
read_id_or_zero(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v != NULL && (number_id(v) == 0 || is_nothing(v)))
		return 0;
	return read_id(r, o, key, OPTIONAL);
}

int64_t
read_id_asked(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v == NULL || is_nothing(v))
		return 0;
	return number_id(v) < 0 ? -1 : number_id(v);
}

int64_t
read_gid(struct reader *r, const json_t *o, const char *key, const char *prefix)
{
	const json_t *v = get(r, o, key, NEEDED);
	struct str s = json_text(v), p = str_of(prefix);
	int64_t id;

	if (v == NULL)
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
read_money(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, need);
	int64_t amount;
	int finer;

	if (v == NULL || (need == OPTIONAL && !r->strict && is_nothing(v)))
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
read_instant(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, need);
	int64_t at;

	if (v == NULL)
		return 0;
	if (!json_is_string(v) || instant_parse(json_text(v), &at) == -1) {
		unreadable(r, key, need, "is not a time");
		return 0;
	}
	return at;
}

/* ---- numbers of things --------------------------------------------------- */

int64_t
read_quantity(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, NEEDED);
	int64_t n;

	if (v == NULL)
		return 0;
	n = number_quantity(v, false);
	if (n == -1) {
		reader_refuse(r, key, "is not a quantity");
		return 0;
	}
	return n;
}

int64_t
read_pieces(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	return v == NULL ? -1 : number_quantity(v, true);
}

/* Returns 1 for what shops write for true, 0 for false, -1 for anything
 * else. */
static int
truth_of(const json_t *v)
{
	static const char *const yes[] = { "1", "true", "yes", "on" };
	static const char *const no[] = { "", "0", "false", "no", "off" };

	if (json_is_boolean(v))
		return json_is_true(v);
	if (json_is_integer(v) && (json_integer_value(v) | 1) == 1)
		return (int)json_integer_value(v);
	for (size_t i = 0; is_text(v) && i < NITEMS(yes); i++)
		if (str_eq_nocase(json_text(v), str_of(yes[i])))
			return 1;
	for (size_t i = 0; is_text(v) && i < NITEMS(no); i++)
		if (str_eq_nocase(json_text(v), str_of(no[i])))
			return 0;
	return -1;
}

static bool
read_truth(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, OPTIONAL);
	int truth = r->strict && !json_is_boolean(v) ? -1 : truth_of(v);

	if (v != NULL && truth == -1)
		unreadable(r, key, need, "is neither true nor false");
	return truth == 1;
}

bool
read_bool(struct reader *r, const json_t *o, const char *key)
{
	return read_truth(r, o, key, OPTIONAL);
}

bool
read_bool_at_stake(struct reader *r, const json_t *o, const char *key)
{
	return read_truth(r, o, key, NEEDED);
}

/* ---- texts --------------------------------------------------------------- */

struct str
read_text(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, need);

	if (v == NULL)
		return STR("");
	if (!is_text(v)) {
		unreadable(r, key, need, "is not a text");
		return STR("");
	}
	return json_text(v);
}

bool
is_told(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v != NULL && !json_is_null(v) && truth_of(v) != 0;
}

void
read_status_word(struct reader *r, const json_t *o, const char *key,
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
    struct reader *r, const json_t *o, const char *key, char out[CURRENCY_SIZE])
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

/* Makes a list without nulls from the entries of a list or the values of an
 * object, puts the list in their place in the body, and returns the list. */
static const json_t *
as_list(const json_t *o, const char *key, const json_t *v)
{
	/* jansson's functions want values that they may change. */
	json_t *from = (json_t *)(uintptr_t)v, *entry, *list;
	const char *name;
	size_t i;

	list = json_array();
	if (list == NULL)
		die("out of memory for a list");
	json_object_foreach(from, name, entry)(void)
	    json_array_append(list, entry);
	json_array_foreach(from, i, entry)(void) json_array_append(list, entry);
	for (i = json_array_size(list); i-- > 0;)
		if (json_is_null(json_array_get(list, i)))
			(void)json_array_remove(list, i);
	(void)json_object_set_new((json_t *)(uintptr_t)o, key, list);
	return json_object_get(o, key);
}

static bool
has_null(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_null(json_array_get(list, i)))
			return true;
	return false;
}

const json_t *
read_entries(struct reader *r, const json_t *o, const char *key, size_t max)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (!r->strict && (json_is_object(v) || has_null(v)))
		v = as_list(o, key, v);
	if (v != NULL && !json_is_array(v)) {
		unreadable(r, key, OPTIONAL, "is not a list");
		return NULL;
	}
	if (json_array_size(v) > max) {
		unreadable(r, key, OPTIONAL, "has too many entries");
		return NULL;
	}
	return v;
}

const json_t *
read_list(struct reader *r, const json_t *o, const char *key, size_t max,
    enum need need)
{
	const json_t *v = get(r, o, key, need), *list;

	if (v == NULL || (need == OPTIONAL && !r->strict && is_nothing(v)))
		return NULL;
	list = read_entries(r, o, key, max);
	if (list == NULL) {
		reader_refuse(r, key,
		    json_is_array(v) || json_is_object(v)
		        ? "has too many entries"
		        : "is not a list");
		return NULL;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_is_object(json_array_get(list, i)))
			continue;
		reader_refuse(r, key, "has an entry that is not an object");
		return NULL;
	}
	return list;
}

const json_t *
read_object(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v == NULL || r->strict) {
		if (v == NULL || json_is_object(v))
			return v;
		reader_refuse(r, key, "is not an object");
		return NULL;
	}
	return json_object_size(v) > 0 ? v : NULL;
}
