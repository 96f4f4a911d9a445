/* SPDX-License-Identifier: MIT */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cc.h"
#include "base/err.h"
#include "base/str.h"

/*
 * json: strict reading of what a platform sent, with complaints that name
 * the place and never what stands there: "order 13: line_items[2].total is
 * not an amount".  Nothing is read as a double but where a function says
 * so.
 *
 * The readers are sticky: the first complaint stays, everything read after
 * it is zero, and whoever reads asks reader_end() once.
 */

enum {
	READER_WHO_MAX = 48, /* "order 9223372036854775807" */
	READER_AT_MAX = 96,  /* "refunds[3].refund_line_items[1]." */
	PARTS_MAX = 2000,    /* entries of a list that is only summed up */
	CURRENCY_SIZE = 4,   /* three letters and a zero */
};

/*
 * The bytes as an object; REJECT with "unparsable: ..." for what is not
 * JSON, not UTF-8, no object, names a key twice (RFC 8259 leaves open which
 * one counts), has a number beyond 64 bits or is nested deeper than
 * jansson's 2048.  A zero in a string is let through, since buyers may
 * type anything: strings are counted, not terminated.  The caller ends it
 * with json_decref().
 */
json_t *body_load(struct str, struct err *) MUST_CHECK;

struct reader {
	char who[READER_WHO_MAX]; /* whose body it is, once that is known */
	char at[READER_AT_MAX];   /* the path to the object being read */
	int exponent;             /* of the currency amounts are in */
	bool failed;
	struct err *e;
};

void reader_init(struct reader *, struct err *);
void reader_who(struct reader *, const char *what, int64_t id);
/* 0, or -1 with err filled by the first complaint. */
int reader_end(const struct reader *) MUST_CHECK;

/* "unparsable: WHO: AT KEY SENTENCE", unless there was a complaint before. */
void complain(struct reader *, const char *key, const char *sentence);

/*
 * Into key[index] of the object being read, and back out: what follows is
 * said to be there.  enter() returns what leave() wants; index -1 is for
 * an object that is no list's entry.
 */
size_t reader_enter(struct reader *, const char *key, int index);
void reader_leave(struct reader *, size_t);

enum need {
	OPTIONAL = 1, /* absent or null is zero, or empty */
	NEEDED,
};

/* More than zero; a number or its digits in a string (0 is no id: it is
 * what OPTIONAL gives). */
int64_t read_id(struct reader *, const json_t *, const char *key, enum need);
/* As above, but 0 may be written too: it stands for "nobody". */
int64_t read_id_or_zero(struct reader *, const json_t *, const char *key);
/* "gid://shopify/Customer/123": the number of a gid of that kind. */
int64_t read_gid(
    struct reader *, const json_t *, const char *key, const char *prefix);

/* Minor units: a decimal number in a string, or a whole JSON number. */
int64_t read_money(struct reader *, const json_t *, const char *key, enum need);
/*
 * The one exception to "never through a double": a JSON number with a
 * fraction is printed with the currency's decimals and read back.  Right
 * to the minor unit for any amount below 2^53 of them.
 */
int64_t read_money_number(struct reader *, const json_t *, const char *key);
/* The sum is checked against MONEY_MAX, as every amount is. */
int64_t reader_bound(struct reader *, const char *key, __int128 amount);

/* An instant, base/instant.h; OPTIONAL gives 0. */
int64_t read_instant(
    struct reader *, const json_t *, const char *key, enum need);
/* 0 to ORDER_QUANTITY_MAX; a fraction is dropped if `fractions`, else
 * refused. */
int64_t read_quantity(
    struct reader *, const json_t *, const char *key, bool fractions);
bool read_bool(struct reader *, const json_t *, const char *key);
/* The bytes live as long as the body; empty if OPTIONAL. */
struct str read_text(
    struct reader *, const json_t *, const char *key, enum need);
/* A status: 1 to size - 1 of a-z 0-9 _ -, with a zero behind it. */
void read_word(
    struct reader *, const json_t *, const char *key, char *out, size_t size);
/* A known ISO 4217 code; sets the reader's exponent. */
void read_currency(
    struct reader *, const json_t *, const char *key, char out[CURRENCY_SIZE]);
/* A list of at most max objects; NULL if it is absent. */
const json_t *read_list(
    struct reader *, const json_t *, const char *key, size_t max, enum need);
/* NULL if it is absent or null. */
const json_t *read_object(struct reader *, const json_t *, const char *key);

#endif /* WIRE_JSON_H */
