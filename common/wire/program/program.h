/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "core/program.h"

/*
 * program: reads a program file (deploy/programs/README.md).
 *
 * A file with something unknown, repeated, missing, out of bounds or
 * contradictory is refused (REJECT) with the line, the column and a sentence
 * for each fault.
 *
 * Shopify's "paid" stands for the three statuses of an order that was paid:
 * paid, partially_refunded and refunded.  A refunded order still counts as
 * paid, since its refunds take points back separately.
 */
enum {
	PROGRAM_FILE_MAX = 1024 * 1024, /* bytes */
};

/* The characters that an id may have. */
#define PROGRAM_ID_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-_"

/* Properties that are not in the file: its store's currency and time zone, and
 * whether it was published. */
struct program_setting {
	const char *currency;    /* "EUR" */
	int exponent;            /* decimals of the currency (base/money.h) */
	const struct zone *zone; /* NULL: UTC */
	/* True: the file was published once, or may have been.  Members may
	 * have points from such a file, so checks that were added to loyald
	 * later do not refuse it. */
	bool kept;
};

/* Reads a file; the err has the first fault.  The program and all that it
 * points to are in the arena, except the zone, which must live as long as the
 * program. */
int program_parse(struct arena *, struct str, const struct program_setting *,
    struct program *, struct err *) MUST_CHECK;

struct node;

/* Reads a program from a JSON file, or from a part of a file.  -1 if there are
 * faults, which are in the node's file.  The program is then incomplete, and
 * may be used only to read the file's tests. */
int program_of(struct arena *, const struct node *,
    const struct program_setting *, struct program *) MUST_CHECK;
