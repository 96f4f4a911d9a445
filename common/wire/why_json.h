/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "base/jsonw.h"
#include "core/fold/fold.h"
#include "wire/record/record.h"

/*
 * why_json: writes a struct why as a text and reads it back.  A struct why
 * (core/fold/fold.h) explains how the number of points of a ledger entry came
 * about.  The text is kept with the entry: a record (wire/record/record.h), in
 * bytes and base64url, or, by versions before, in JSON.
 */

enum {
	WHY_JSON_MAX = 2048 /* bytes; no struct why needs more */
};

/* The table of a struct why. */
extern const struct record_field why_fields[];

/* Return the text of a struct why, in the arena; empty for NULL: as it is kept
 * with an entry, and as JSON. */
struct str why_pack(struct arena *, const struct why *);
struct str why_kept(struct arena *, const struct why *);

/* Writes a struct why as the member `key` of the JSON object that is being
 * written. */
void why_write(struct jsonw *, const char *key, const struct why *);

/* Reads either text of a struct why, whose texts lie in the arena.  FATAL for a
 * text that neither why_pack() nor why_kept() wrote. */
int why_parse(
    struct arena *, struct str, struct why *, struct err *) MUST_CHECK;
