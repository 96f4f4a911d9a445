/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SHOP_INTERNAL_H
#define WIRE_SHOP_INTERNAL_H

#include "wire/json.h"
#include "wire/label.h"
#include "wire/shop/shop.h"

/*
 * platform: what the files of the platforms share among themselves; nobody
 * else includes this.
 */

/* ---- headers --------------------------------------------------------- */

enum header_field {
	HEADER_TOPIC = 1,
	HEADER_ID,
	HEADER_SOURCE,
	HEADER_HMAC,
};

/* Names of ours, compared without regard to case. */
struct header_name {
	const char *name;
	enum header_field field;
};

/* is_ping of platforms that send none, is_from of those whose address says
 * whose a delivery is, and secret of those that sign with it as it is. */
bool no_ping(struct str body);
bool from_anywhere(const struct delivery *, struct str domain);
struct str secret_as_entered(struct arena *, struct str entered);

/* ---- statuses -------------------------------------------------------- */

/* How late in an order's life a status is. */
struct status_rank {
	const char *status;
	int rank;
};

int status_rank(
    const struct status_rank *, size_t n, const char *status, int of_others);

/* ---- bodies ---------------------------------------------------------- */

struct reading;

enum {
	BODY_KINDS_MAX = 2,
	BODY_KEYS_MAX = 8,
};

/* The body of a topic: by which keys it is known (the numbers are those of
 * shape.c), and what reads it. */
struct body {
	enum topic_kind kinds[BODY_KINDS_MAX];
	const char *what;                 /* "an order" */
	const char *only[BODY_KEYS_MAX];  /* 1.; none: any keys */
	const char *own[BODY_KEYS_MAX];   /* 2.; none: no key is needed */
	const char *never[BODY_KEYS_MAX]; /* 3. */
	const char *gid;                  /* 4.; NULL: has no such key */
	void (*read)(struct reading *, const json_t *, struct event *);
};

/* NULL: no topic of the platform has such a body. */
const struct body *body_find(const struct shop *, enum topic_kind);

/* Ascending by id, as core/order.h wants them; a repeated id is complained
 * about. */
void refunds_sort(struct reader *, struct order_refund *, size_t n);

/* What the readers of one body carry around. */
struct reading {
	enum topic_kind kind;
	struct arena *arena;
	const struct message *message;
	const struct master_key *key;
	const char *currency; /* the store's */
	struct reader r;
};

/* The first that is not 0. */
int64_t first_known(int64_t, int64_t, int64_t, int64_t);

/* Complains of an order whose sums are more than any amount may be. */
void order_bound(struct reader *, const struct order *);

/* What is called so, or NULL if there is nothing to call it by: numbers are
 * their digits, anything else is none. */
const char *read_label(
    struct reader *, struct arena *, const json_t *, const char *key);
const char *label_of_json(struct arena *, const json_t *);
/* Reads a label that rules ask for; what is there and is no label sets the
 * bit. */
const char *read_asked(struct reading *, const json_t *, const char *key,
    enum unreadable, int *bits);

/* An amount that not every rule counts: what cannot be read (NEEDED: or is
 * not told) is 0 and sets the bit. */
int64_t read_known(struct reader *, const json_t *, const char *key, enum need,
    enum unreadable, int *bits);
/* The product of a line. */
void read_product_id(struct reader *, const json_t *, struct order_line *);
/* For a total that cannot be read: what its parts come to. */
void order_reckon_total(struct reader *, const char *key, struct order *);

/* Whether any of these keys (NULL ends them) tells anything. */
bool tells_any(const json_t *, const char *const keys[]);

/* The codes of a list of discounts or coupons, into the order. */
void read_codes(
    struct reading *, const json_t *, const char *key, struct order *);
/* One way paid the whole total; NULL: nobody told which. */
void order_paid_by(struct arena *, const char *name, struct order *);

/* That a customer of the platform's did this, in ev->facts, known for ever
 * as PREFIX:ID. */
void event_add_fact(struct reading *, struct event *, const char *type,
    const char *prefix, int64_t customer_id, int64_t at);

/* Tells a fact of what the platform says of a customer; `fields` are the
 * arena's.  Told again it is the same fact. */
void event_add_trait(struct reading *, struct event *, const char *type,
    int64_t customer_id, int64_t at, const struct words *values);

/* What reads each kind of body, for struct body. */
void read_order_gone(struct reading *, const json_t *, struct event *);
void read_customer_gone(struct reading *, const json_t *, struct event *);
void read_product_gone(struct reading *, const json_t *, struct event *);
void shopify_read_order(struct reading *, const json_t *, struct event *);
void shopify_read_refund_alone(
    struct reading *, const json_t *, struct event *);
void shopify_read_payment(struct reading *, const json_t *, struct event *);
void shopify_read_account(struct reading *, const json_t *, struct event *);
void shopify_read_merge(struct reading *, const json_t *, struct event *);
void shopify_read_tags(struct reading *, const json_t *, struct event *);
void shopify_read_company(struct reading *, const json_t *, struct event *);
void shopify_read_consent(struct reading *, const json_t *, struct event *);
void shopify_read_product(struct reading *, const json_t *, struct event *);
void woocommerce_read_order(struct reading *, const json_t *, struct event *);
void woocommerce_read_account(struct reading *, const json_t *, struct event *);
void woocommerce_read_product(struct reading *, const json_t *, struct event *);

/* Refuses a body that is an error of the shop's own. */
int woocommerce_refuse(const json_t *body, struct err *) MUST_CHECK;

/* A customer, as in an order and in a body of their own. */
void shopify_read_customer(struct reader *, const json_t *,
    const struct master_key *, struct customer *);

/* One refund, as in refunds/create and in an order's refunds. */
void shopify_read_refund(
    struct arena *, struct reader *, const json_t *, struct order_refund *);
/* The plain amount `key`, or that of its set in the shop's currency, which
 * is preferred: set.shop_money.amount, unless it is no number and the other
 * is one. */
int64_t shopify_read_money(struct reader *, const json_t *, const char *set,
    const char *key, enum need);

/* The place of an amount: in a list, maybe, in a set and beside it. */
struct amount_place {
	const char *list, *set, *key;
};

bool shopify_amount_is_readable(const json_t *, const struct amount_place *);
/* An amount that cannot be read sets the bits in *unreadable; if that is NULL,
 * the amount is at stake and a complaint is made. */
int64_t shopify_read_amount(struct reader *, const json_t *,
    const struct amount_place *, int bits, int *unreadable);
/* The sum of one amount of each entry of the place's list. */
int64_t shopify_read_sum(struct reader *, const json_t *,
    const struct amount_place *, int bits, int *unreadable);

/* ---- push ------------------------------------------------------------ */

/* Begins a call: all but its body, with the token in its headers. */
int shopify_request_begin(
    struct str token, struct push_request *, struct err *) MUST_CHECK;
int woocommerce_request_begin(struct str token, const char *path,
    struct push_request *, struct err *) MUST_CHECK;
enum {
	SHOPIFY_BATCH_MAX = 25, /* of one metafieldsSet */
	WOOCOMMERCE_BATCH_MAX =
	    PUSH_BATCH_MAX, /* of customers/batch, unless filtered */
};
int shopify_render(const struct push_item *, size_t n, struct str token,
    struct push_request *, struct err *) MUST_CHECK;
int woocommerce_render(const struct push_item *, size_t n, struct str token,
    struct push_request *, struct err *) MUST_CHECK;
void shopify_judge(int status, struct str retry_after, struct str body,
    const struct push_item *, size_t n, struct push_answer *);
void woocommerce_judge(int status, struct str retry_after, struct str body,
    const struct push_item *, size_t n, struct push_answer *);
int shopify_ask(
    struct str token, struct push_request *, struct err *) MUST_CHECK;
int64_t shopify_number(int status, struct str retry_after, struct str body,
    struct str domain, struct push_answer *);
#define WOOCOMMERCE_BATCH "/wp-json/wc/v3/customers/batch"

/* The check of address and token, for struct shop. */
enum {
	SHOPIFY_CHECKS = 1,
	WOOCOMMERCE_CHECKS = 3,
};
int shopify_check_call(size_t nth, struct str token, struct push_request *,
    struct err *) MUST_CHECK;
int woocommerce_check_call(size_t nth, struct str token, struct push_request *,
    struct err *) MUST_CHECK;
void shopify_check_read(struct shop_check *);
void woocommerce_check_read(struct shop_check *);

/* Whether a token can be put into a header as it is: visible ASCII. */
int token_check(struct str token, struct err *) MUST_CHECK;

/* Without the blanks around a header's value. */
struct str header_trim(struct str);

/* `Retry-After` in milliseconds: seconds, maybe with a fraction.  0 if
 * there is none; a date needs a clock and counts as PUSH_WAIT_LONG_MS. */
int64_t retry_after_ms(struct str);

enum {
	PUSH_WAIT_MS = 1000,           /* the least after a failed call */
	PUSH_WAIT_LONG_MS = 60 * 1000, /* when somebody must mend something */
};

/* Every item the same; the answer's wait is at least this. */
void answer_all(struct push_answer *, size_t n, enum push_outcome,
    int64_t wait_ms, const char *why);
void answer_item(
    struct push_answer *, size_t i, enum push_outcome, const char *why);
/* What the status alone says.  True if it settled the matter. */
bool answer_by_status(
    struct push_answer *, size_t n, int status, int64_t retry_after_ms);

/* A word of the platform's (an error's code) that may be shown: letters,
 * digits, _ and -; else "an error without a name". */
enum {
	WORD_MAX = 64
};
void word_copy(const json_t *, char out[WORD_MAX]);
void word_of(struct str, char out[WORD_MAX]);

/* ---- POST /events ------------------------------------------------------ */

/*
 * The readers are sticky as those of wire/json.h, and stricter: a person wrote
 * the program that sends this, and reads the answer.
 */

/* reader_refuse() about the object being read itself. */
void reader_refuse_here(struct reader *, const char *sentence);
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

#endif /* WIRE_SHOP_INTERNAL_H */
