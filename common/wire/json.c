/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cc.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/money.h"
#include "core/order.h"
#include "wire/json.h"

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

/* The value, or NULL for nothing there, which is a complaint if NEEDED. */
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

/* Complains of a value of another kind, unless nobody needs it. */
static void
unreadable(
    struct reader *r, const char *key, enum need need, const char *sentence)
{
	if (need == NEEDED || r->strict)
		reader_refuse(r, key, sentence);
}

static struct str
text_of(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

static bool
is_number_text(struct str s)
{
	return s.len > 0 && s.data[0] == NUMBER_MARK[0];
}

static bool
is_text(const json_t *v)
{
	return json_is_string(v) && !is_number_text(text_of(v));
}

/* Whether a value is one by which shops say "nothing". */
static bool
is_nothing(const json_t *v)
{
	return json_is_false(v) || (is_text(v) && json_string_length(v) == 0);
}

/* ---- ids ----------------------------------------------------------------- */

/* A whole number or its digits; -1 for anything else. */
static int64_t
whole(const json_t *v)
{
	int64_t n;

	if (json_is_integer(v))
		n = json_integer_value(v);
	else if (!json_is_string(v) || str_int64(text_of(v), &n) == -1)
		return -1;
	return n;
}

int64_t
read_id(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, need);
	int64_t id;

	if (v == NULL)
		return 0;
	id = whole(v);
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

	if (v != NULL && (whole(v) == 0 || is_nothing(v)))
		return 0;
	return read_id(r, o, key, OPTIONAL);
}

int64_t
read_id_asked(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v == NULL || is_nothing(v))
		return 0;
	return whole(v) < 0 ? -1 : whole(v);
}

int64_t
read_gid(struct reader *r, const json_t *o, const char *key, const char *prefix)
{
	const json_t *v = get(r, o, key, NEEDED);
	struct str s = text_of(v), p = str_of(prefix);
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

/* ---- amounts --------------------------------------------------------------- */

enum {
	EXPONENT_MOST = 40,
	PLAIN_MAX = 128, /* bytes of a number written without an exponent */
};

/* "4.5e-2" without the exponent, as long as that is readable: "0.045". */
static struct str
plain_number(struct str s, char out[PLAIN_MAX])
{
	const char *e = memchr(s.data, 'e', s.len), *dot;
	size_t len = e == NULL ? 0 : (size_t)(e - s.data), n = 0;
	int64_t shift, at;

	if (e == NULL || len + EXPONENT_MOST + 4 > PLAIN_MAX ||
	    str_int64((struct str){ e + 1, s.len - len - 1 }, &shift) == -1 ||
	    shift > EXPONENT_MOST || shift < -EXPONENT_MOST)
		return s;
	dot = memchr(s.data, '.', len);
	if (s.data[0] == '-')
		out[n++] = '-';
	/* The place of the dot, in digits from the first. */
	at = (dot == NULL ? (int64_t)len : dot - s.data) - (int64_t)n + shift;
	if (at <= 0) {
		out[n++] = '0';
		out[n++] = '.';
	}
	for (; at < 0; at++)
		out[n++] = '0';
	for (const char *p = s.data + (s.data[0] == '-'); p < e; p++) {
		if (p == dot)
			continue;
		out[n++] = *p;
		if (--at == 0)
			out[n++] = '.';
	}
	for (; at > 0; at--)
		out[n++] = '0';
	n -= out[n - 1] == '.';
	return (struct str){ out, n };
}

/* The decimal number a value is or says; not NULL, but maybe none. */
static struct str
number_text(const json_t *v, char out[PLAIN_MAX])
{
	struct str s = text_of(v);

	if (json_is_integer(v)) {
		(void)snprintf(out, PLAIN_MAX, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(v));
		return str_of(out);
	}
	if (s.data == NULL)
		return STR("");
	if (!is_number_text(s))
		return s;
	return plain_number((struct str){ s.data + 1, s.len - 1 }, out);
}

static int
amount_of(const json_t *v, int exponent, int64_t *amount)
{
	char plain[PLAIN_MAX];

	return money_parse(number_text(v, plain), exponent, amount);
}

/* The decimals beyond the exponent that a value needs, up to FINER_MAX: what is
 * nothing but the noise of a double needs none. */
static int
finer_of(const json_t *v, int exponent)
{
	int finer = FINER_MAX;
	int64_t n = 0;

	while (finer > 0 && amount_of(v, exponent + finer, &n) == -1)
		finer--;
	for (; finer > 0 && n % 10 == 0; n /= 10)
		finer--;
	return finer;
}

bool
is_number(const json_t *v)
{
	char plain[PLAIN_MAX];
	struct str s = number_text(v, plain);
	size_t digits = 0, dots = 0;

	if (json_is_string(v) && is_number_text(text_of(v)))
		return true;
	for (size_t i = s.len > 0 && s.data[0] == '-'; i < s.len; i++) {
		bool dot = s.data[i] == '.';

		if (!dot && (s.data[i] < '0' || s.data[i] > '9'))
			return false;
		digits += !dot;
		dots += dot;
	}
	return digits > 0 && dots <= 1;
}

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
	if (amount_of(v, r->exponent + r->finer, &amount) == -1) {
		reader_refuse(r, key, "is not an amount");
		return 0;
	}
	finer = finer_of(v, r->exponent);
	if (finer > r->finest)
		r->finest = finer;
	return amount;
}

int64_t
whole_number(const json_t *v)
{
	int64_t n;

	if (amount_of(v, 0, &n) == 0)
		return n;
	return json_is_string(v) && is_number_text(text_of(v)) ? MONEY_MAX : 0;
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
	if (!json_is_string(v) || instant_parse(text_of(v), &at) == -1) {
		unreadable(r, key, need, "is not a time");
		return 0;
	}
	return at;
}

/* ---- numbers of things ------------------------------------------------------- */

/* -1 for what is no quantity; a fraction is dropped if `fractions`. */
static int64_t
quantity_of(const json_t *v, bool fractions)
{
	char plain[PLAIN_MAX];
	struct str s = number_text(v, plain);
	const char *dot = memchr(s.data, '.', s.len);
	int64_t n, rounded;

	/* A quantity is a number on both sides of the dot. */
	if (money_parse(s, 0, &rounded) == -1 || s.data[0] == '-')
		return -1;
	for (const char *p = dot; dot != NULL && p < s.data + s.len; p++)
		if (!fractions && *p != '.' && *p != '0')
			return -1;
	if (dot != NULL)
		s.len = (size_t)(dot - s.data);
	if (str_int64(s, &n) == -1 || n > ORDER_QUANTITY_MAX)
		return -1;
	return n;
}

int64_t
read_quantity(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, NEEDED);
	int64_t n;

	if (v == NULL)
		return 0;
	n = quantity_of(v, false);
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

	return v == NULL ? -1 : quantity_of(v, true);
}

/* A truth as shops write it: 1, 0, or -1 for neither. */
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
		if (str_eq_nocase(text_of(v), str_of(yes[i])))
			return 1;
	for (size_t i = 0; is_text(v) && i < NITEMS(no); i++)
		if (str_eq_nocase(text_of(v), str_of(no[i])))
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
	return text_of(v);
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

/* ---- lists and objects ------------------------------------------------------- */

/* The list that an object or a list with nulls in it stands for, put where
 * it stood. */
static const json_t *
as_list(const json_t *o, const char *key, const json_t *v)
{
	/* jansson asks for ones it may change. */
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
