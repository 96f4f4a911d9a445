/* SPDX-License-Identifier: MIT */
#ifndef WIRE_WHY_JSON_H
#define WIRE_WHY_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "core/fold/fold.h"

/*
 * why_json: a struct why (core/fold/fold.h), which explains how the number of a
 * ledger entry came about, as the JSON that is kept with the entry: a record
 * (wire/record.h).
 */

enum {
	WHY_JSON_MAX = 2048 /* bytes; no explanation needs more */
};

/* Returns the text of a why, in the arena; empty for NULL. */
struct str why_kept(struct arena *, const struct why *);

/* Writes a why as the member `key` of the object that is being written. */
void why_write(struct jsonw *, const char *key, const struct why *);

/* Reads the text of a why; the texts in the why are the arena's.  FATAL for a
 * text that why_kept() did not write. */
int why_parse(
    struct arena *, struct str, struct why *, struct err *) MUST_CHECK;

#endif /* WIRE_WHY_JSON_H */
