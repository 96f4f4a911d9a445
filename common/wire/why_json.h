/* SPDX-License-Identifier: MIT */
#ifndef WIRE_WHY_JSON_H
#define WIRE_WHY_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "core/fold/fold.h"

/*
 * why_json: how a number came about (core/fold/fold.h), as the ledger keeps it
 * beside the entry.
 *
 * One object; what does not apply is not in it.  Reading is strict: what is
 * unknown or of another type was not written here, and is FATAL.  Both
 * directions go by one table.
 */

enum {
	WHY_JSON_MAX = 2048 /* bytes; more than any why has */
};

/* Appended. */
void why_render(const struct why *, struct buf *);

/* The arena's; nothing of NULL. */
struct str why_kept(struct arena *, const struct why *);

/* The same as part of something larger. */
void why_write(struct jsonw *, const char *key, const struct why *);

/* The texts are the arena's. */
int why_parse(
    struct arena *, struct str, struct why *, struct err *) MUST_CHECK;

#endif /* WIRE_WHY_JSON_H */
