/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "wire/value.h"

/*
 * json: reads JSON that a platform sent.  A complaint names the place and never
 * the value: "order 13: line_items[2].total is not an amount".  No number is
 * read as a double.
 *
 * A value that is NEEDED, and every amount, id and list of objects, is read
 * strictly: if one of them cannot be read, the whole body is refused.  An
 * OPTIONAL value that cannot be read counts as absent.  A reader that is
 * `strict` refuses such a value, too: its sender can correct the body.
 *
 * Readers are sticky: after the first complaint they read zeros and empty
 * texts, and the caller asks reader_end() once, at the end.
 */

enum {
	READER_DEPTH_MAX = 8, /* objects in each other that are entered */
	PARTS_MAX = 2000,     /* entries of a list like shipping_lines */
	CURRENCY_SIZE = 4,    /* three letters and a zero */
	EXPONENT_UNKNOWN = 2  /* decimals assumed for an unknown currency */
};

/*
 * Loads bytes as an object (wire/tape.h), which is the arena's and points into
 * the bytes.  No value, and REJECT with "unparsable: ...", for bytes that are no
 * JSON or no object.  body_load_strict() reads strictly.
 */
struct value body_load(struct arena *, struct str, struct err *) MUST_CHECK;
struct value body_load_strict(
    struct arena *, struct str, struct err *) MUST_CHECK;

struct reader {
	const char *what; /* the thing that the body is about, and its id */
	int64_t id;
	/* The path to the object being read, which is written only for a
	 * complaint. */
	struct {
		const char *key;
		int index;
	} at[READER_DEPTH_MAX];
	size_t depth;
	int exponent; /* decimals of the currency of the amounts */
	int finer;    /* amounts' decimals beyond the exponent */
	/* The most decimals beyond the exponent that an amount needed so far,
	 * up to FINER_MAX. */
	int finest;
	bool strict;
	bool failed;
	struct err *e;
};

void reader_init(struct reader *, struct err *);
/* Names the thing that the body is about; a constant. */
void reader_who(struct reader *, const char *what, int64_t id);
/* Returns 0, or -1 with the err filled by the first complaint. */
int reader_end(const struct reader *) MUST_CHECK;

/*
 * Whether the body is to be read once more, with r->finer = *finer.  All
 * amounts of an order are read in one unit: as fine as the amounts need, but
 * not so fine that an amount is beyond MONEY_MAX.  A caller begins with *finer
 * = 0 and *most = FINER_MAX.
 */
bool reader_again(const struct reader *, int *finer, int *most) MUST_CHECK;

/* Refuses the body with "unparsable: WHO: AT KEY SENTENCE".  Only the first
 * complaint is kept. */
void reader_refuse(struct reader *, const char *key, const char *sentence);

/*
 * Enters key[index] of the object that is being read, and leaves key[index]
 * again, so that complaints name the place.  The key stays the caller's until
 * then.  The caller passes the result of reader_enter() to reader_leave().  Index
 * -1: the object is no entry of a list.
 */
size_t reader_enter(struct reader *, const char *key, int index);
void reader_leave(struct reader *, size_t);

enum need {
	OPTIONAL =
	    1, /* an absent or unreadable value is read as zero or empty */
	NEEDED,
};

/* Reads an id: a number above zero, or the digits of one.  0 for an OPTIONAL id
 * that is absent. */
int64_t read_id(struct reader *, struct value, const char *key, enum need);
/* Reads an id that may also be 0, "" or false, which stand for no id. */
int64_t read_id_or_zero(struct reader *, struct value, const char *key);
/* Reads the number of a global id that begins with the prefix, as 123 in
 * "gid://shopify/Customer/123". */
int64_t read_gid(
    struct reader *, struct value, const char *key, const char *prefix);

/* Reads an id as read_id_or_zero() does, but without any complaint: -1 for an
 * id that cannot be read. */
int64_t read_id_asked(struct reader *, struct value, const char *key);

/* Whether a value is a decimal number, or a text with one, of any size. */
bool is_number(struct value);
/* Reads an amount, a decimal number or a text with one, in units of
 * 10^-(exponent + finer) of the reader.  An OPTIONAL amount may be "", which is
 * read as 0. */
int64_t read_money(struct reader *, struct value, const char *key, enum need);
/* Rounds a number to a whole number; 0 for a value that is no number, MONEY_MAX
 * for a number above MONEY_MAX. */
int64_t whole_number(struct value);
/* Returns a sum of amounts; complains of a sum beyond MONEY_MAX. */
int64_t reader_bound(struct reader *, const char *key, __int128 amount);

/* Reads an instant (base/instant.h); 0 if the key is absent. */
int64_t read_instant(struct reader *, struct value, const char *key, enum need);
/* Reads a quantity, 0 to ORDER_QUANTITY_MAX. */
int64_t read_quantity(struct reader *, struct value, const char *key);
/* Reads a quantity without any complaint, and drops its fraction; -1 for a
 * quantity that cannot be read. */
int64_t read_pieces(struct reader *, struct value, const char *key);
/* Reads true or false, or, unless the reader is strict, what shops write for
 * true: 1, "1", "yes", "true", "on". */
bool read_bool(struct reader *, struct value, const char *key);
/* Reads a flag on which amounts depend, and complains of a value that is
 * neither true nor false. */
bool read_bool_at_stake(struct reader *, struct value, const char *key);
/* Reads a text, whose bytes live as long as the body; an empty text if the key
 * is absent. */
struct str read_text(struct reader *, struct value, const char *key, enum need);
/* Whether the key has a value other than null, false, 0 and "". */
bool is_told(struct value, const char *key);
/* Copies a status, which is less than `size` bytes of text without control
 * characters; "" for any other value. */
void read_status_word(struct reader *, struct value, const char *key, enum need,
    char *out, size_t size);
/* Reads a currency, three letters, into upper case; "" for anything else, so
 * that the currency differs from every store's.  Sets the reader's exponent to
 * that of the currency. */
void read_currency(
    struct reader *, struct value, const char *key, char out[CURRENCY_SIZE]);
/* A list, of which entries that are null do not count.  Unless the reader is
 * strict, an object is a list of its values. */
struct list {
	struct value of; /* no value: there is no list */
	size_t n;        /* how many entries count */
};

/* Moves *v to the next entry that counts, as value_next() does. */
bool list_next(struct list, struct value *v);
/* Reads a list of at most max objects; none if the value is absent, "" or
 * false. */
struct list read_list(
    struct reader *, struct value, const char *key, size_t max, enum need);
/* Reads a list as read_list() does, but of any values; none also for a list
 * that cannot be read. */
struct list read_entries(
    struct reader *, struct value, const char *key, size_t max);
/* Reads an object; no value if the value is absent or no object.  An empty
 * object is none, too, unless the reader is strict. */
struct value read_object(struct reader *, struct value, const char *key);
