/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "core/fact.h"
#include "wire/record/record.h"

/*
 * fact_json: a fact (an event, a redemption, ...) as compact JSON, as the
 * ledger keeps it.  The keys are kind, at, id, type, channel, amount, count,
 * fields, wallet, reward, units, reserve, charity, of, reason and issue; the
 * ledger has columns for everything else.  A field that is zero or NULL is left
 * out.  Facts of the kind FACT_ORDER are written by order_json.h, and uses of
 * rewards by nobody.
 */
enum {
	/* bytes; more than any fact within its bounds needs */
	FACT_JSON_MAX = 256 * 1024
};
/* The table of a struct fact, for records that a fact is a part of, and whether
 * the fields of one that was read by the table fit together. */
extern const struct record_field fact_fields[];
bool fact_is_whole(const struct fact *);

struct str fact_render(struct arena *, const struct fact *);
/* Reads the text of a fact; REJECT for a text that fact_render() did not
 * write. */
int fact_parse(
    struct arena *, struct str, struct fact *, struct err *) MUST_CHECK;
