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
 * json: reading of what a platform sent, with complaints that name the place
 * and never what stands there: "order 13: line_items[2].total is not an
 * amount".  Nothing is read as a double.
 *
 * Strict only where something is at stake: what is NEEDED, every amount, id
 * and list of such is read strictly, and a complaint is the end of the body.
 * An OPTIONAL field that cannot be read is as if nobody had told it; a
 * reader that is `strict`, whose sender is there to mend it, complains of
 * that too.
 *
 * The readers are sticky: the first complaint stays, everything read after
 * it is zero, and whoever reads asks reader_end() once.
 */

enum {
	READER_WHO_MAX = 48, /* "order 9223372036854775807" */
	READER_AT_MAX = 96,  /* "refunds[3].refund_line_items[1]." */
	PARTS_MAX = 2000,    /* entries of a list that is only summed up */
	NESTED_MAX = 100,    /* lists and objects in one another */
	CURRENCY_SIZE = 4,   /* three letters and a zero */
	EXPONENT_UNKNOWN = 2 /* decimals of a currency that is none */
};

/* Before the text of a number that is no int64_t: no text that is read here
 * begins so. */
#define NUMBER_MARK "\x01"
/* U+FFFD, where a text had what is no character. */
#define UNREADABLE  "\xef\xbf\xbd"

/*
 * The bytes as an object; REJECT with "unparsable: ..." for what is no JSON
 * by its form or no object.  A number that is no int64_t is a text behind a
 * NUMBER_MARK, with its exponent behind a small e; what no reader takes (a key told twice, what is deeper than
 * NESTED_MAX) is a double.  A zero in a string is let through, since buyers
 * may type anything: strings are counted, not terminated.  The caller ends
 * it with json_decref().
 */
json_t *body_load(struct str, struct err *) MUST_CHECK;
/* Loads a body as body_load() does, and refuses a key told twice, too deep a
 * nesting, and what is no UTF-8. */
json_t *body_load_strict(struct str, struct err *) MUST_CHECK;

/* The bytes of a text, which live as long as the body; empty, and NULL, for what
 * is no text. */
static inline struct str
json_text(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

struct reader {
	char who[READER_WHO_MAX]; /* whose body it is, once that is known */
	char at[READER_AT_MAX];   /* the path to the object being read */
	int exponent;             /* of the currency amounts are in */
	int finer;                /* amounts are read in so many decimals
				     more, */
	int finest;               /* and one had so many, up to FINER_MAX */
	bool strict;
	bool failed;
	struct err *e;
};

void reader_init(struct reader *, struct err *);
void reader_who(struct reader *, const char *what, int64_t id);
/* 0, or -1 with err filled by the first complaint. */
int reader_end(const struct reader *) MUST_CHECK;

/*
 * Whether the whole is to be read once more, with r->finer = *finer: all
 * amounts of an order are in one unit, the finest that one needs and in which
 * none is beyond MONEY_MAX.  Begin with *finer = 0, *most = FINER_MAX.
 */
bool reader_again(const struct reader *, int *finer, int *most) MUST_CHECK;

/* "unparsable: WHO: AT KEY SENTENCE", unless there was a complaint before. */
void reader_refuse(struct reader *, const char *key, const char *sentence);

/*
 * Into key[index] of the object being read, and back out: what follows is
 * said to be there.  enter() returns what leave() wants; index -1 is for
 * an object that is no list's entry.
 */
size_t reader_enter(struct reader *, const char *key, int index);
void reader_leave(struct reader *, size_t);

enum need {
	OPTIONAL = 1, /* absent, null or (see above) unreadable: zero, empty */
	NEEDED,
};

/* More than zero; a number or its digits in a string (0 is no id: it is
 * what OPTIONAL gives). */
int64_t read_id(struct reader *, const json_t *, const char *key, enum need);
/* Reads an id that may be 0, "" or false: these stand for "nobody". */
int64_t read_id_or_zero(struct reader *, const json_t *, const char *key);
/* "gid://shopify/Customer/123": the number of a gid of that kind. */
int64_t read_gid(
    struct reader *, const json_t *, const char *key, const char *prefix);

/* Reads such an id that no amount hangs on: one that cannot be read is -1. */
int64_t read_id_asked(struct reader *, const json_t *, const char *key);

/* Whether a value is a decimal number or such a text, however large. */
bool is_number(const json_t *);
/* Minor units, or what is finer: a decimal number, as such or in a string.
 * OPTIONAL: "" is absent. */
int64_t read_money(struct reader *, const json_t *, const char *key, enum need);
/* Rounds a value by itself; 0 for what is no number, MONEY_MAX for a number
 * beyond that. */
int64_t whole_number(const json_t *);
/* The sum is checked against MONEY_MAX, as every amount is. */
int64_t reader_bound(struct reader *, const char *key, __int128 amount);

/* An instant, base/instant.h; 0 for none. */
int64_t read_instant(
    struct reader *, const json_t *, const char *key, enum need);
/* 0 to ORDER_QUANTITY_MAX. */
int64_t read_quantity(struct reader *, const json_t *, const char *key);
/* Reads a number that no amount hangs on: a fraction is dropped, and what
 * cannot be read is -1. */
int64_t read_pieces(struct reader *, const json_t *, const char *key);
/* true, or, unless the reader is strict, what shops write for it: 1, "1",
 * "yes", "true", "on". */
bool read_bool(struct reader *, const json_t *, const char *key);
/* Reads a flag that amounts hang on: if the flag is there, it is true or
 * false, and anything else cannot be read. */
bool read_bool_at_stake(struct reader *, const json_t *, const char *key);
/* The bytes live as long as the body; empty for none. */
struct str read_text(
    struct reader *, const json_t *, const char *key, enum need);
/* Whether anything is told: not null, false, 0 or "". */
bool is_told(const json_t *, const char *key);
/* A status, which is only compared: less than `size` bytes of text without
 * control characters; else "". */
void read_status_word(struct reader *, const json_t *, const char *key,
    enum need, char *out, size_t size);
/* Three letters, in upper case; or "", which is no store's currency.  Sets
 * the reader's exponent, that of a currency nobody knows to 2. */
void read_currency(
    struct reader *, const json_t *, const char *key, char out[CURRENCY_SIZE]);
/*
 * A list of at most max objects; NULL if it is absent, empty text or false.
 * An object that stands where a list should is one, of its values, and is
 * made one in the body; an entry that is null is taken out there.
 */
const json_t *read_list(
    struct reader *, const json_t *, const char *key, size_t max, enum need);
/* Reads a list of entries of any kind; NULL if it cannot be read. */
const json_t *read_entries(
    struct reader *, const json_t *, const char *key, size_t max);
/* NULL if it is absent, null, or no object; or, unless the reader is strict,
 * an empty one. */
const json_t *read_object(struct reader *, const json_t *, const char *key);

#endif /* WIRE_JSON_H */
