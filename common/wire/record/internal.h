/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/record/record.h"

/* internal: how the two forms of a record look at the fields of a struct. */

/* Whether a field has a value.  A field that is zero, false, NULL or empty is
 * left out of a record. */
bool record_has(const struct record_field *, const char *base);

/* Reads the value at a place: of a RECORD_NUMBER, and of a RECORD_INT or
 * RECORD_WORD. */
int64_t record_number(const char *place);
int record_int(const char *place);
/* Reads the list of texts of a RECORD_WORDS or RECORD_TEXTS. */
struct words record_texts(const struct record_field *, const char *base);
/* Finds the first item of a RECORD_LIST, and how many there are. */
const char *record_items(
    const struct record_field *, const char *base, size_t *n);

/* Sets the list of texts of a RECORD_WORDS or RECORD_TEXTS. */
void record_texts_set(
    const struct record_field *, char *base, const struct words *);
/* Sets the items of a RECORD_LIST. */
void record_items_set(
    const struct record_field *, char *base, const char *items, size_t n);
