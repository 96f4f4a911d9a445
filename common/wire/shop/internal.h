/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/jsonw.h"
#include "wire/json.h"
#include "wire/label.h"
#include "wire/shop/shop.h"

/*
 * internal: what the files of this folder share.  Readers of bodies are sticky,
 * like those of wire/json.h: after the first complaint they read nothing.
 */

/* ---- headers --------------------------------------------------------- */

enum header_field {
	HEADER_TOPIC = 1,
	HEADER_ID,
	HEADER_SOURCE,
	HEADER_HMAC,
};

/* A header that the process "receive" reads; the name is compared without
 * regard to case. */
struct header_name {
	const char *name;
	enum header_field field;
};

/* Functions of struct shop that several platforms share.  no_ping is for
 * platforms without pings.  from_anywhere is for platforms where the address
 * alone says which store a delivery is for.  secret_as_entered is for platforms
 * that sign with the secret exactly as the operator entered it. */
bool no_ping(struct str body);
bool from_anywhere(const struct delivery *, struct str domain);
struct str secret_as_entered(struct arena *, struct str entered);

/* ---- statuses -------------------------------------------------------- */

/* The place of a status in an order's life: a later status has a higher
 * rank. */
struct status_rank {
	const char *status;
	int rank;
};

/* Returns the rank of a status; of_others if the status is not in the
 * table. */
int status_rank(
    const struct status_rank *, size_t n, const char *status, int of_others);

/* ---- bodies ---------------------------------------------------------- */

struct reading;

enum {
	BODY_KINDS_MAX = 2,
	BODY_KEYS_MAX = 8,
};

/* How to recognize and read the bodies of one or two kinds of topics.  The
 * rules, with their numbers, are those in shape.c. */
struct body {
	enum topic_kind kinds[BODY_KINDS_MAX];
	const char *what; /* "an order" */
	/* Rule 1: the only keys allowed; empty list: any keys are allowed. */
	const char *only[BODY_KEYS_MAX];
	/* Rule 2: at least one of these keys is needed; empty list: none is
	 * needed. */
	const char *own[BODY_KEYS_MAX];
	/* Rule 3: keys that the body must not have. */
	const char *never[BODY_KEYS_MAX];
	/* Rule 4: the beginning of the global id; NULL: there is none. */
	const char *gid;
	void (*read)(struct reading *, struct value, struct event *);
};

/* Finds the body of a kind of topic; NULL if the platform has no such
 * topic. */
const struct body *body_find(const struct shop *, enum topic_kind);

/* Sorts refunds by id, as core/order.h wants them, and complains of an id that
 * occurs twice. */
void refunds_sort(struct reader *, struct order_refund *, size_t n);

/* The things that the readers of a body need. */
struct reading {
	enum topic_kind kind;
	struct arena *arena;
	const struct message *message;
	const struct master_key *key;
	const char *currency; /* currency of the store */
	struct reader r;
};

/* Returns the first of the numbers that is not 0; 0 if all are 0. */
int64_t first_known(int64_t, int64_t, int64_t, int64_t);

/* Complains of an order whose sums are beyond MONEY_MAX. */
void order_bound(struct reader *, const struct order *);

/* Reads a label (wire/label.h): a text, or the digits of a number.  NULL for
 * any other value, and for an empty text. */
const char *read_label(
    struct reader *, struct arena *, struct value, const char *key);
const char *label_of_value(struct arena *, struct value);
/* Reads a label that programs may use in conditions.  If there
 * is a value, but it is no label, sets the bit in *bits. */
const char *read_asked(struct reading *, struct value, const char *key,
    enum unreadable, int *bits);

/* Reads an amount that only some rules need.  If the amount cannot be read, or
 * is NEEDED and missing, returns 0 and sets the bit in *bits. */
int64_t read_known(struct reader *, struct value, const char *key, enum need,
    enum unreadable, int *bits);
/* Reads the id of a line's product.  If the id cannot be read, notes that in a
 * bit of the line. */
void read_product_id(struct reader *, struct value, struct order_line *);
/* For an order whose total cannot be read: sets the total to the sum of the
 * order's parts.  Complains if a part cannot be read, either. */
void order_reckon_total(struct reader *, const char *key, struct order *);

/* Whether any of the keys has a value that is not empty.  NULL ends the
 * keys. */
bool tells_any(struct value, const char *const keys[]);

/* Reads the codes of a list of discounts or coupons into the order. */
void read_codes(
    struct reading *, struct value, const char *key, struct order *);
/* Notes that the whole total was paid by one means of payment, which has this
 * name.  Does nothing if the name is NULL. */
void order_paid_by(struct arena *, const char *name, struct order *);

/* Adds a fact about a customer to the event, which has room for
 * FACTS_PER_EVENT_MAX facts.  The fact's id is PREFIX:CUSTOMER. */
void event_add_fact(struct reading *, struct event *, const char *type,
    const char *prefix, int64_t customer_id, int64_t at);

/* Adds a fact with properties of a customer (core/fact.h, trait_event()).  The
 * fact's id is made of the time and the values, so that news that is sent twice
 * is one fact. */
void event_add_trait(struct reading *, struct event *, const char *type,
    int64_t customer_id, int64_t at, const struct words *values);

/* Readers of bodies, for struct body. */
void read_order_gone(struct reading *, struct value, struct event *);
void read_customer_gone(struct reading *, struct value, struct event *);
void read_product_gone(struct reading *, struct value, struct event *);
void shopify_read_order(struct reading *, struct value, struct event *);
void shopify_read_refund_alone(struct reading *, struct value, struct event *);
void shopify_read_payment(struct reading *, struct value, struct event *);
void shopify_read_account(struct reading *, struct value, struct event *);
void shopify_read_merge(struct reading *, struct value, struct event *);
void shopify_read_tags(struct reading *, struct value, struct event *);
void shopify_read_company(struct reading *, struct value, struct event *);
void shopify_read_consent(struct reading *, struct value, struct event *);
void shopify_read_product(struct reading *, struct value, struct event *);
void woocommerce_read_order(struct reading *, struct value, struct event *);
void woocommerce_read_account(struct reading *, struct value, struct event *);
void woocommerce_read_product(struct reading *, struct value, struct event *);

/* The member `refuse` for WooCommerce: refuses a body that is an error message
 * of the shop, or the body of a legacy API version. */
int woocommerce_refuse(struct value body, struct err *) MUST_CHECK;

/* Reads a customer, who may be a part of an order or the whole body. */
void shopify_read_customer(struct reader *, struct value,
    const struct master_key *, struct customer *);

/* Reads one refund, which may be a part of an order or the whole body. */
void shopify_read_refund(
    struct arena *, struct reader *, struct value, struct order_refund *);
/* Reads the amount set.shop_money.amount.  If that amount is missing or no
 * number, reads the plain amount under the key. */
int64_t shopify_read_money(
    struct reader *, struct value, const char *set, const char *key, enum need);

/* Where an amount is: under `key`, or in an object under `set`.  If `list` is
 * not NULL, each object of that list has such an amount. */
struct amount_place {
	const char *list, *set, *key;
};

bool shopify_amount_is_readable(struct value, const struct amount_place *);
/* Reads an amount.  An amount that cannot be read sets the bits in *unreadable;
 * if that pointer is NULL, the reader complains. */
int64_t shopify_read_amount(struct reader *, struct value,
    const struct amount_place *, int bits, int *unreadable);
/* Adds up the amount over all objects of place->list. */
int64_t shopify_read_sum(struct reader *, struct value,
    const struct amount_place *, int bits, int *unreadable);

/* ---- push ------------------------------------------------------------ */

/* Write a call except its body, with the token in a header, or signed by it. */
int shopify_request_begin(
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
int woocommerce_request_begin(const struct shop_access *, const char *method,
    const char *path, struct push_request *, struct err *) MUST_CHECK;
/* Whether an address is one without TLS, so that calls are signed. */
bool woocommerce_is_plain(const char *url);
enum {
	SHOPIFY_BATCH_MAX = 25, /* balances in one call of metafieldsSet */
	/* Balances in one call of customers/batch, if no plugin of the shop
	 * lowers WooCommerce's limit. */
	WOOCOMMERCE_BATCH_MAX = PUSH_BATCH_MAX,
};
int shopify_render(const struct push_item *, size_t n,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
int woocommerce_render(const struct push_item *, size_t n,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void shopify_judge(int status, struct str retry_after, struct str body,
    const struct push_item *, size_t n, struct push_answer *);
void woocommerce_judge(int status, struct str retry_after, struct str body,
    const struct push_item *, size_t n, struct push_answer *);
bool shopify_is_app(struct str entered);
bool shopify_app_is_same(struct str, struct str);
int shopify_token_form(struct str entered, struct err *) MUST_CHECK;
int shopify_app_call(
    struct str app, struct push_request *, struct err *) MUST_CHECK;
void shopify_app_read(struct arena *, int status, struct str retry_after,
    struct str body, struct str app, struct token_answer *);
int shopify_ask(
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
int64_t shopify_number(int status, struct str retry_after, struct str body,
    struct str domain, struct push_answer *);
/* Reads the answer to a call.  If the shop carried the call out, returns the
 * answer's JSON, which is the arena's.  Else returns no value, and writes the
 * reason into `a`.  The caller sets *wait_ms to the time for which the header
 * Retry-After asks; it becomes the time to wait before the next call. */
struct value shopify_answer_open(struct arena *, int status, struct str body,
    size_t n, int64_t *wait_ms, struct push_answer *);
/* A document of a reward's call, the field of the answer, and the node in that
 * field that names what was made. */
struct shopify_document {
	const char *text, *field, *node;
};
/* Returns the document of a call, or NULL if Shopify cannot do that. */
const struct shopify_document *shopify_document(
    enum reward_ask, const struct reward_make *);
/* Whether the reward is a discount with a code. */
bool shopify_is_discount(const struct reward_make *);
/* Whether the next goods that are asked for are variants, and no collections. */
bool shopify_wants_variants(const struct reward_make *);
int shopify_reward_call(enum reward_ask, const struct reward_make *,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void shopify_reward_read(enum reward_ask, const struct reward_reply *,
    const struct reward_make *, struct arena *, struct reward_answer *);
/* Write the parts that discounts with and without a code have in common. */
void shopify_put_gets(struct jsonw *, const struct reward_make *);
void shopify_put_minimum(struct jsonw *, const struct reward_make *);
/* Compares what the shop says with minor units, and with hundredths of a
 * percent. */
bool shopify_is_money(struct value, int64_t minor, int exponent);
bool shopify_is_percent(struct value, int64_t percent);
int shopify_benefit_call(enum benefit_act, const struct benefit_make *,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void shopify_benefit_read(enum benefit_act, const struct reward_reply *,
    const struct benefit_make *, struct arena *, struct benefit_answer *);
int shopify_changed_call(const struct pull_place *, const struct shop_access *,
    struct push_request *, struct err *) MUST_CHECK;
void shopify_changed_read(const struct reward_reply *,
    const struct pull_place *, struct arena *, struct pull_answer *);
int shopify_order_call(const struct pull_order *, const struct shop_access *,
    struct push_request *, struct err *) MUST_CHECK;
void shopify_order_read(
    const struct reward_reply *, struct pull_order *, struct pull_answer *);
/* Write parts of an order as a webhook has them: the order up to its lines and
 * refunds, its lines behind those before, a refund's lines, and a refund behind
 * those before. */
const char *shopify_pull_head(struct arena *, struct value order);
const char *shopify_pull_lines(
    struct arena *, const char *before, struct value order);
const char *shopify_pull_refund_lines(
    struct arena *, const char *before, struct value lines);
const char *shopify_pull_refund(
    struct arena *, const char *before, struct value refund, const char *lines);
int woocommerce_reward_call(enum reward_ask, const struct reward_make *,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
/* Loads an answer's JSON.  No value if it is none. */
struct value woocommerce_root_load(struct arena *, struct str body);
int woocommerce_changed_call(const struct pull_place *,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void woocommerce_changed_read(const struct reward_reply *,
    const struct pull_place *, struct arena *, struct pull_answer *);
int woocommerce_hooks_call(
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void woocommerce_hooks_read(const struct shop *, const struct reward_reply *,
    struct arena *, struct pull_answer *);
int woocommerce_hook_put_call(const struct pull_hook *,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void woocommerce_hook_put_read(
    const struct reward_reply *, struct arena *, struct pull_answer *);
int shopify_hooks_call(
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void shopify_hooks_read(const struct shop *, const struct reward_reply *,
    struct arena *, struct pull_answer *);
int shopify_hook_put_call(const struct pull_hook *, const struct shop_access *,
    struct push_request *, struct err *) MUST_CHECK;
void shopify_hook_put_read(
    const struct reward_reply *, struct arena *, struct pull_answer *);
int woocommerce_order_call(const struct pull_order *,
    const struct shop_access *, struct push_request *, struct err *) MUST_CHECK;
void woocommerce_order_read(
    const struct reward_reply *, struct pull_order *, struct pull_answer *);
void woocommerce_reward_read(enum reward_ask, const struct reward_reply *,
    const struct reward_make *, struct arena *, struct reward_answer *);
#define WOOCOMMERCE_BATCH "/wp-json/wc/v3/customers/batch"

/* Checks of address and token: the numbers of calls, and functions for struct
 * shop. */
enum {
	SHOPIFY_CHECKS = 1,
	WOOCOMMERCE_CHECKS = 3,
};
int shopify_check_call(size_t nth, const struct shop_access *,
    struct push_request *, struct err *) MUST_CHECK;
int woocommerce_check_call(size_t nth, const struct shop_access *,
    struct push_request *, struct err *) MUST_CHECK;
void shopify_check_read(struct shop_check *);
void woocommerce_check_read(struct shop_check *);

/* Refuses a token that cannot be put into a header: it must be visible
 * ASCII. */
int token_check(struct str token, struct err *) MUST_CHECK;

/* Reads the header Retry-After, in seconds, maybe with a fraction, and returns
 * milliseconds.  0 for an empty text.  For a date, which cannot be compared
 * without a clock: PUSH_WAIT_LONG_MS. */
int64_t retry_after_ms(struct str);

enum {
	PUSH_WAIT_MS = 1000, /* the shortest wait after a failed call */
	/* The wait after a failure that somebody must repair. */
	PUSH_WAIT_LONG_MS = 60 * 1000,
};

/* Gives all n balances the same outcome.  Raises the answer's wait to wait_ms
 * if the wait is shorter. */
void answer_all(struct push_answer *, size_t n, enum push_outcome,
    int64_t wait_ms, const char *why);
void answer_item(
    struct push_answer *, size_t i, enum push_outcome, const char *why);
/* Judges an answer by its status alone.  False for 200: the body then
 * decides. */
bool answer_by_status(
    struct push_answer *, size_t n, int status, int64_t retry_after_ms);

enum {
	WORD_MAX = 64 /* bytes, with the zero */
};
/* Copies the code of a platform's error, so that it can be shown: letters,
 * digits, _ and -.  Anything else becomes "an error without a name". */
void word_copy(struct value, char out[WORD_MAX]);
void word_of(struct str, char out[WORD_MAX]);
/* Copies a text that is kept: an id, an address.  NULL for any other value, for an
 * empty text, and for one with a zero byte in it. */
const char *text_told(struct arena *, struct value);
/* Puts question marks in place of what is no character, like one that was cut
 * off. */
void why_mend(char why[PUSH_WHY_MAX]);

/* ---- POST /events ------------------------------------------------------ */

/*
 * Readers of events are strict: the program that sends an event is the
 * merchant's own, and its author reads the answer.
 */

/* Complains of the object that is being read, not of one of its keys. */
void reader_refuse_here(struct reader *, const char *sentence);
/* Complains if the object has a key that is not in the list; NULL ends the
 * list.  `what` names the object in the complaint; NULL stands for the object
 * that is being read. */
void keys_check(
    struct reader *, struct value, const char *what, const char *const keys[]);

/* Reads a text of 1 to FACT_TEXT_MAX bytes without control characters; NULL if
 * the key is absent. */
const char *read_given(
    struct reading *, struct value, const char *key, enum need);
/* Reads a text as read_given() does, or the digits of a whole number. */
const char *read_given_id(
    struct reading *, struct value, const char *key, enum need);
/* Reads a word of 1 to EVENT_TYPE_MAX characters a-z, 0-9, _ and -; NULL if the
 * key is absent. */
const char *read_type(
    struct reading *, struct value, const char *key, enum need);
bool is_type(struct str);
/* Reads an amount that is not below zero. */
int64_t read_given_money(
    struct reader *, struct value, const char *key, enum need);
/* Reads an instant that is at most a day after the process "receive" took the
 * message. */
int64_t read_moment(struct reading *, struct value, const char *key, enum need);

/* Reads the order of a body into *order, whose modified_at, customer and
 * channel are already set. */
void event_read_order(struct reading *, struct value body, struct order *);
