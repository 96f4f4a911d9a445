/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "wire/value.h"

/*
 * tape: reads the text of a body once, from its first byte to its last, into a
 * flat array of nodes that point into the text.  The reading converts nothing:
 * a number stays the text of its digits until a reader asks for the number.
 * A library's reader would refuse a whole body for half a character in a note,
 * and make floats of amounts.  The rules:
 *
 *  1. A body that is no JSON by its form (RFC 8259) is refused.
 *  2. A number may have any size.  A number that fits into an int64_t is a
 *     VALUE_INT, any other number a VALUE_NUMBER.
 *  3. A doubtful value becomes a VALUE_DOUBT, which every reader refuses: the
 *     value of a repeated key, and a value nested deeper than NESTED_MAX.
 *  4. Bytes that are no UTF-8 and half surrogates become U+FFFD; a key with a
 *     zero byte in it is left out.
 *
 * A strict reading refuses the bodies that rules 3 and 4 would mend, and control
 * characters in texts, since the sender can correct them.
 *
 * A tape takes memory from an arena alone: 16 bytes for each value and each key,
 * and 512 for each object of many keys; less than 32 bytes for each byte of the
 * body in the worst case.  The tape points into the text, which must live as long
 * as the tape does.
 */

enum {
	NESTED_MAX = 128, /* depth of lists and objects */
};

/* Reads a text, whose root may be any value.  REJECT with "unparsable: the body
 * ..." and the line and column where the reading stopped. */
int tape_read(struct arena *, struct str text, bool strict, struct value *root,
    struct err *) MUST_CHECK;
