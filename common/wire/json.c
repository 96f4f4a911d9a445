/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/money.h"
#include "core/order.h"
#include "wire/json.h"

/* What jansson found, without its text: that quotes the body. */
static const char *
load_sentence(enum json_error_code code)
{
	switch (code) {
	case json_error_invalid_utf8:
		return "is not UTF-8";
	case json_error_premature_end_of_input:
		return "ends too early";
	case json_error_end_of_input_expected:
		return "goes on after its end";
	case json_error_duplicate_key:
		return "names a key twice";
	case json_error_numeric_overflow:
		return "has a number beyond 64 bits";
	case json_error_null_byte_in_key:
		return "has a zero byte in a key";
	case json_error_stack_overflow:
		return "is nested too deep";
	case json_error_unknown:
	case json_error_out_of_memory:
	case json_error_cannot_open_file:
	case json_error_invalid_argument:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_null_character:
	case json_error_null_value:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
		break;
	}
	return "is not JSON";
}

json_t *
body_load(struct str body, struct err *e)
{
	json_error_t error;
	json_t *root = json_loadb(body.data, body.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (root == NULL && json_error_code(&error) == json_error_out_of_memory)
		die("out of memory for a body of %zu bytes", body.len);
	if (root == NULL) {
		(void)err_set(e, FAULT_REJECT,
		    "unparsable: the body %s (line %d, column %d)",
		    load_sentence(json_error_code(&error)), error.line,
		    error.column);
		return NULL;
	}
	if (!json_is_object(root)) {
		(void)err_set(
		    e, FAULT_REJECT, "unparsable: the body is not an object");
		json_decref(root);
		return NULL;
	}
	return root;
}

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
complain(struct reader *r, const char *key, const char *sentence)
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
		complain(r, key, "is missing");
	return NULL;
}

static struct str
text_of(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

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
		complain(r, key, "is not an id");
		return 0;
	}
	return id;
}

int64_t
read_id_or_zero(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v != NULL && whole(v) == 0)
		return 0;
	return read_id(r, o, key, OPTIONAL);
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
		complain(r, key, "is not the gid of a customer");
		return 0;
	}
	return id;
}

/* -1 if the value is no amount, which a fraction is only if `fractions`. */
static int
amount_of(const json_t *v, int exponent, bool fractions, int64_t *amount)
{
	/* The largest double has 309 digits before the dot. */
	char text[400];
	struct str s = text_of(v);
	int n = 0;

	if (json_is_integer(v))
		n = snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(v));
	else if (json_is_real(v) && fractions)
		n = snprintf(
		    text, sizeof(text), "%.*f", exponent, json_real_value(v));
	else if (!json_is_string(v))
		return -1;
	if (n > 0)
		s = (struct str){ text, (size_t)n };
	return money_parse(s, exponent, amount);
}

static int64_t
read_amount(struct reader *r, const json_t *v, const char *key, bool fractions)
{
	int64_t amount;

	if (v == NULL)
		return 0;
	if (amount_of(v, r->exponent, fractions, &amount) == -1) {
		complain(r, key, "is not an amount");
		return 0;
	}
	return amount;
}

int64_t
read_money(struct reader *r, const json_t *o, const char *key, enum need need)
{
	return read_amount(r, get(r, o, key, need), key, false);
}

int64_t
read_money_number(struct reader *r, const json_t *o, const char *key)
{
	return read_amount(r, get(r, o, key, NEEDED), key, true);
}

int64_t
reader_bound(struct reader *r, const char *key, __int128 amount)
{
	if (amount >= -MONEY_MAX && amount <= MONEY_MAX)
		return (int64_t)amount;
	complain(r, key, "comes to more than any amount may");
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
		complain(r, key, "is not a time");
		return 0;
	}
	return at;
}

int64_t
read_quantity(
    struct reader *r, const json_t *o, const char *key, bool fractions)
{
	const json_t *v = get(r, o, key, NEEDED);
	int64_t n = -1;

	if (v == NULL)
		return 0;
	if (fractions && json_is_real(v) && json_real_value(v) >= 0 &&
	    json_real_value(v) <= ORDER_QUANTITY_MAX)
		n = (int64_t)json_real_value(v);
	else
		n = whole(v);
	if (n < 0 || n > ORDER_QUANTITY_MAX) {
		complain(r, key, "is not a quantity");
		return 0;
	}
	return n;
}

bool
read_bool(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v != NULL && !json_is_boolean(v))
		complain(r, key, "is neither true nor false");
	return json_is_true(v);
}

struct str
read_text(struct reader *r, const json_t *o, const char *key, enum need need)
{
	const json_t *v = get(r, o, key, need);

	if (v == NULL)
		return STR("");
	if (!json_is_string(v)) {
		complain(r, key, "is not a text");
		return STR("");
	}
	return text_of(v);
}

void
read_word(
    struct reader *r, const json_t *o, const char *key, char *out, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	struct str s = read_text(r, o, key, NEEDED);
	bool ok = s.len > 0 && s.len < size;

	for (size_t i = 0; ok && i < s.len; i++)
		ok = memchr(letters, s.data[i], sizeof(letters) - 1) != NULL;
	if (!ok) {
		complain(r, key, "is not a status");
		s = STR("");
	}
	memcpy(out, s.data, s.len);
	out[s.len] = '\0';
}

void
read_currency(
    struct reader *r, const json_t *o, const char *key, char out[CURRENCY_SIZE])
{
	struct str s = read_text(r, o, key, NEEDED);
	int exponent = -1;

	memset(out, 0, CURRENCY_SIZE);
	if (s.len == CURRENCY_SIZE - 1) {
		memcpy(out, s.data, s.len);
		exponent = currency_exponent(out);
	}
	if (exponent == -1) {
		complain(r, key, "is not a currency of ISO 4217");
		return;
	}
	r->exponent = exponent;
}

const json_t *
read_list(struct reader *r, const json_t *o, const char *key, size_t max,
    enum need need)
{
	const json_t *v = get(r, o, key, need);

	if (v == NULL)
		return NULL;
	if (!json_is_array(v)) {
		complain(r, key, "is not a list");
		return NULL;
	}
	if (json_array_size(v) > max) {
		complain(r, key, "has too many entries");
		return NULL;
	}
	for (size_t i = 0; i < json_array_size(v); i++) {
		if (json_is_object(json_array_get(v, i)))
			continue;
		complain(r, key, "has an entry that is not an object");
		return NULL;
	}
	return v;
}

const json_t *
read_object(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = get(r, o, key, OPTIONAL);

	if (v == NULL || json_is_object(v))
		return v;
	complain(r, key, "is not an object");
	return NULL;
}
