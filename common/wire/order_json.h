/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "core/order.h"
#include "wire/record/record.h"

/*
 * order_json: an order as the ledger keeps it, in bytes, and as versions before
 * kept it, as JSON in the column order_state.facts.  The
 * keys are the fields of core/order.h.  Names and addresses are not kept.
 * An order that is written and read back is the same in all fields.
 *
 * A field that is zero, false or empty is left out.  The platform is a word;
 * the hash of an e-mail address is hexadecimal.
 */

enum {
	ORDER_WORDS_MAX = 8000, /* categories and tags of all lines together */
	/* Bytes; no order within its bounds needs more: 2000 lines of three
	 * texts of 255 bytes, and 8000 words, where each byte may need a second
	 * byte as its escape. */
	ORDER_JSON_MAX = 16 * 1024 * 1024,
};

/* The table of a struct order, for records that an order is a part of. */
extern const struct record_field order_fields[];
/* Whether the fields of an order that was read by the table fit together:
 * refunds are in order, and an order that is not there has no parts. */
bool order_is_whole(const struct order *);

/* Writes an order that is within the bounds of core/order.h. */
struct str order_render(struct arena *, const struct order *);

/* Reads the text of an order; REJECT for a text that order_render() cannot have
 * written, as with unknown keys, amounts out of bounds, or refunds out of
 * order. */
int order_parse(
    struct arena *, struct str, struct order *, struct err *) MUST_CHECK;

/* Writes an order in bytes (wire/record/record.h), for the ledger's column
 * order_state.record; in JSON if it has a text that is no UTF-8. */
struct str order_pack(struct arena *, const struct order *);
/* Writes the same from the bytes that the order has as a part of a record, without
 * reading them: readers of records refuse any other form of an order. */
struct str order_pack_part(struct arena *, struct str part);
/* Whether the ledger has an order in bytes, and not in JSON, which versions
 * before wrote. */
bool order_is_packed(struct str);
/* Reads an order in either form; REJECT as order_parse(). */
int order_unpack(
    struct arena *, struct str, struct order *, struct err *) MUST_CHECK;
