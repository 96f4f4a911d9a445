/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EVENT_PARTS_H
#define WIRE_EVENT_PARTS_H

#include "wire/event_json.h"
#include "wire/shop/internal.h"

/*
 * event_parts: what the readers of POST /events share among themselves;
 * nobody else includes this.  All are sticky as those of wire/json.h, and
 * stricter: a person wrote the program that sends this, and reads the
 * answer.
 */

/* complain() about the object being read itself. */
void complain_here(struct reader *, const char *sentence);
/* That the object has no keys but these (NULL ends the list); `what` is how
 * a complaint calls it, NULL for the one being read. */
void keys_check(struct reader *, const json_t *, const char *what,
    const char *const keys[]);

/* 1 to FACT_TEXT_MAX bytes without control characters; NULL if absent. */
const char *read_given(
    struct reading *, const json_t *, const char *key, enum need);
/* The same, or a whole number, which is its digits. */
const char *read_given_id(
    struct reading *, const json_t *, const char *key, enum need);
/* 1 to EVENT_TYPE_MAX of a-z 0-9 _ -; NULL if absent. */
const char *read_type(
    struct reading *, const json_t *, const char *key, enum need);
bool is_type(struct str);
/* Zero or more. */
int64_t read_given_money(
    struct reader *, const json_t *, const char *key, enum need);
/* At most a day after the message was received. */
int64_t read_moment(
    struct reading *, const json_t *, const char *key, enum need);

/* The body of an order; its modified_at, customer and channel are there. */
void event_read_order(struct reading *, const json_t *body, struct order *);

#endif /* WIRE_EVENT_PARTS_H */
