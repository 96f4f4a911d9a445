/* SPDX-License-Identifier: MIT */
#ifndef WIRE_PROGRAM_PROGRAM_H
#define WIRE_PROGRAM_PROGRAM_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "core/program.h"

/*
 * program: a program file (deploy/programs/README.md) to a program.
 *
 * What is unknown, repeated, missing, out of bounds or contradicts itself is
 * refused (REJECT) with the line, the column and a sentence.
 *
 * Shopify's "paid" becomes the three statuses of an order that was paid:
 * paid, partially_refunded and refunded; the refunds themselves take off the
 * order's points what was given back.
 */
enum {
	PROGRAM_FILE_MAX = 1024 * 1024, /* bytes */
};

/* The characters of every id. */
#define PROGRAM_ID_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-_"

/* Settings that a file does not say itself: its store's, and its age. */
struct program_setting {
	const char *currency;    /* "EUR" */
	int exponent;            /* the currency's, base/money.h */
	const struct zone *zone; /* NULL: UTC */
	/* The file was published once, or may have been.  Words that are
	 * refused only since then are read as before: members have points by
	 * them. */
	bool kept;
};

/* Reads a file; an err is the first of its faults.  The program and all it
 * points to are the arena's, but for the zone, which must live as long. */
int program_parse(struct arena *, struct str, const struct program_setting *,
    struct program *, struct err *) MUST_CHECK;

struct node;

/* Reads a program from a file, or a part of one, that was read as JSON.  On
 * -1 the faults are in the node's file, and the program is as far as it could
 * be read: good for nothing but the reading of its tests. */
int program_of(struct arena *, const struct node *,
    const struct program_setting *, struct program *) MUST_CHECK;

#endif /* WIRE_PROGRAM_PROGRAM_H */
