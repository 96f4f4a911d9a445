/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SHOP_SHOP_H
#define WIRE_SHOP_SHOP_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/message.h"
#include "core/fact.h"
#include "core/order.h"
#include "wire/sign.h"

/*
 * shop: how deliveries of a platform are understood and how its API is called,
 * as one struct shop for each platform of base/platform.def.  Everything here
 * is pure: bytes in, values out.  Strings and arrays of a struct event are the
 * arena's that shop_parse() was given, or constants.
 */

/* ---- receive: headers ------------------------------------------------ */

struct header {
	struct str name;
	struct str value;
};

/* All that receive reads from the headers of a delivery.  The texts are slices
 * of the headers' values. */
struct delivery {
	struct str topic;  /* empty: no header named one */
	struct str id;     /* shown to people; cut to DELIVERY_ID_MAX */
	struct str source; /* the shop's domain by the headers */
	bool has_hmac;     /* there was a header with a signature */
	bool hmac_ok;      /* the signature is base64 of 32 bytes, in hmac */
	uint8_t hmac[HMAC_SIZE];
};

/* ---- topics ---------------------------------------------------------- */

/* The contents of a topic's body. */
enum topic_kind {
	TOPIC_ORDER = 1, /* an order as it is now */
	TOPIC_ORDER_GONE,
	TOPIC_ORDER_BACK, /* an order as it is now, after it was restored */
	TOPIC_ORDER_HINT, /* news that an order changed, without the order */
	TOPIC_REFUND,
	TOPIC_PAYMENT, /* a transaction of an order */
	TOPIC_CUSTOMER,
	TOPIC_CUSTOMER_GONE,
	TOPIC_CUSTOMER_MERGE,
	/* The tags that a customer got; the customer may have more. */
	TOPIC_TAGS_ADDED,
	TOPIC_TAGS_REMOVED, /* the tags that a customer lost */
	TOPIC_COMPANY,      /* the company for which a customer buys */
	TOPIC_COMPANY_LEFT, /* a company for which a customer buys no more */
	TOPIC_CONSENT,      /* to marketing by e-mail, given or refused */
	TOPIC_PRODUCT,
	TOPIC_PRODUCT_GONE,
	TOPIC_PRODUCT_BACK, /* a product as it is now, after it was restored */
	TOPIC_EVENT,        /* an event of POST /events */
};

/* A topic whose deliveries loyald reads. */
struct topic {
	const char *name;
	enum topic_kind kind;
};

/* ---- work: bodies ---------------------------------------------------- */

enum event_kind {
	EVENT_ORDER = 1, /* a part of an order's state, which is in `order` */
	/* A customer as the platform has one now, in `customer`. */
	EVENT_CUSTOMER,
	EVENT_CUSTOMER_GONE, /* the customer `customer.id` was deleted */
	EVENT_MERGE,         /* the customer `customer.id` is now `kept_id` */
	EVENT_PRODUCT,       /* a product as it is now, in `product` */
	EVENT_FACTS,         /* nothing but `facts` */
	EVENT_NOTHING,       /* no change; `note` says why not */
};

struct customer {
	int64_t id;
	int64_t modified_at; /* 0: the platform gives no time */
	/* The hash of the e-mail address (wire/sign.h); zeros: no address. */
	uint8_t email_hash[32];
	/* The platform says that the e-mail address is verified. */
	bool email_verified;
};

/* A product as it is, or the news that it was deleted.  A property that the
 * platform does not give is NULL or empty. */
struct product {
	int64_t id;
	/* The time of the platform's last change; of a deleted product, the
	 * time at which receive took the delivery. */
	int64_t modified_at;
	bool gone;
	const char *vendor, *type;
	struct words categories, tags;
	bool on_sale;
	bool gift_card;
};

/* A fact, and the person whom it is about, known by a customer's number or by
 * an e-mail address.  The ledger fills in program, version_id, store_id and
 * brand of the fact. */
struct told_fact {
	struct fact fact;
	const char *customer; /* id at the platform, in digits; NULL: unknown */
	uint8_t email_hash[32]; /* zeros: the address is unknown */
};

enum {
	FACTS_PER_EVENT_MAX = 8
};

struct event {
	enum event_kind kind;
	struct order order;
	struct customer customer;
	struct product product;
	bool has_customer; /* an order came with its customer, in `customer` */
	/* Facts that come with an event of any kind.  The ledger keeps a fact
	 * once by its id: "customer:ID" of an enrolment, "newsletter:ID" of a
	 * consent, the idempotency key of an event of POST /events. */
	struct told_fact *facts;
	size_t nfacts;    /* at most FACTS_PER_EVENT_MAX */
	const char *key;  /* the idempotency key of POST /events; else NULL */
	int64_t kept_id;  /* EVENT_MERGE: the customer who remains */
	int64_t shop_id;  /* the platform's number of the shop; 0: unknown */
	const char *note; /* EVENT_NOTHING: why, as a sentence for the log */
};

/* ---- push: balances out ---------------------------------------------- */

enum {
	PUSH_BATCH_MAX = 100, /* the largest of the platforms' limits */
	/* Bytes, twice what the largest batch needs. */
	PUSH_BODY_MAX = 64 * 1024,
	PUSH_WHY_MAX = 96, /* bytes of a sentence */
	/* The longest wait, even if an answer asks for more. */
	PUSH_WAIT_MAX_MS = 60 * 60 * 1000,
};

struct push_item {
	int64_t customer_id;
	int64_t available, pending, debt; /* in whole points */
	int64_t version; /* grows with every change of the balance */
};

/* A call to a shop's API.  The caller makes the body with PUSH_BODY_MAX and
 * ends the body; a function that writes a request empties the body first. */
struct push_request {
	struct buf body;       /* an empty one makes the call a GET */
	char path[256];        /* appended to the store's API address */
	char headers[4][1024]; /* "Name: value"; an empty one ends the list */
};

enum push_outcome {
	PUSH_DONE = 1,
	PUSH_RETRY,  /* the same call may work later */
	PUSH_REJECT, /* the shop will never take this balance */
};

struct push_answer {
	/* PUSH_DONE: the shop carried the call out, and `items` have the
	 * outcomes.  PUSH_RETRY: the call failed, and every item says so and
	 * why.  Never PUSH_REJECT. */
	enum push_outcome all;
	int64_t wait_ms; /* time to wait before the next call to this store */
	bool throttled;
	/* The outcome of each balance, by the balance's index in the call. */
	enum push_outcome items[PUSH_BATCH_MAX];
	/* Why the balance was not taken; "" if it was. */
	char why[PUSH_BATCH_MAX][PUSH_WHY_MAX];
};

/* How a storefront proves whose balance it asks for. */
enum storefront {
	STOREFRONT_PROXY = 1, /* by Shopify's app proxy, wire/proxy.h */
	STOREFRONT_TOKEN,     /* by a token, wire/token.h */
};

/* The first letters of something that an operator may enter by mistake, and the
 * sentence with which it is refused. */
struct mixup {
	const char *prefix, *sentence;
};

enum {
	AWARD_MAX = 4
};

struct shop_check;
struct header_name;
struct body;
struct json_t;

struct shop {
	enum platform platform;
	const struct topic *topics;
	size_t ntopics;
	const struct body *bodies; /* a body for each kind of topics */
	size_t nbodies;
	const struct header_name *header_names; /* all that receive reads */
	size_t nheader_names;

	/* Statuses in which an order earns, unless a program names others;
	 * ended by NULL.  If there is an award_word, programs can only name
	 * that word, which stands for all these statuses. */
	const char *award[AWARD_MAX + 1];
	const char *award_word;

	enum storefront storefront;

	size_t batch_max; /* most balances in one call */
	/* Bodies are read strictly (wire/json.h), since the program that sends
	 * them is the merchant's own and can be mended. */
	bool strict;

	/* Whether the body is an unsigned ping, to be answered 200. */
	bool (*is_ping)(struct str body);
	/* Whether the delivery may come from the shop of this domain. */
	bool (*is_from)(const struct delivery *, struct str domain);
	/* Turns a secret as it was entered into the key with which the platform
	 * signs.  The key is never longer than the secret. */
	struct str (*secret)(struct arena *, struct str entered);

	/* Texts that are refused as an API token of this platform, and texts
	 * that are refused as a webhook secret of any platform.  A NULL prefix
	 * ends a list; a list may be NULL. */
	const struct mixup *no_tokens, *no_secrets;
	/* Refuses an API token that lacks the platform's form: REJECT.
	 * NULL: a token may have any form. */
	int (*token_form)(struct str token, struct err *);

	/* Refuses a body, signed as any other, in which the platform tells of
	 * an error of its own: REJECT, "platform: ...".  NULL: the platform
	 * sends no such bodies. */
	int (*refuse)(const struct json_t *body, struct err *);

	/* Writes the call that sets 1 to batch_max balances, with the store's
	 * API token.  REJECT if the token cannot be put into a header. */
	int (*render)(const struct push_item *, size_t n, struct str token,
	    struct push_request *, struct err *);
	/*
	 * Reads the answer to that call, balance by balance.  `retry_after` is
	 * the text of the header Retry-After, or empty.  An answer that makes
	 * no sense is PUSH_RETRY for all balances.
	 */
	void (*judge)(int status, struct str retry_after, struct str body,
	    const struct push_item *, size_t n, struct push_answer *);

	/* Writes the call that asks for the platform's number of the shop, and
	 * reads its answer: the number, or 0 with the reason in `all` and the
	 * first item of the answer.  The number is 0, too, if the API belongs
	 * to another shop than the domain.  Both members are NULL if each shop
	 * has secrets of its own. */
	int (*ask)(struct str token, struct push_request *, struct err *);
	int64_t (*number)(int status, struct str retry_after, struct str body,
	    struct str domain, struct push_answer *);

	/* Write the calls, nchecks of them, that find out whether a store's API
	 * address and token are right, and read their answers (check.h).  No
	 * call changes anything. */
	size_t nchecks;
	int (*check_call)(
	    size_t nth, struct str token, struct push_request *, struct err *);
	void (*check_read)(struct shop_check *);
};

/* Declares shop_shopify, shop_woocommerce and the others.  shop_events, which
 * is for POST /events (events.h), has no API, and therefore no render and no
 * judge. */
#define PLATFORM(number, NAME, name, ...) extern const struct shop shop_##name;
#include "base/platform.def"
#undef PLATFORM

/* Finds the struct of a platform; NULL if the number is no platform's. */
const struct shop *shop_find(enum platform);
/* Whether shops of one app share a secret.  Then only the platform's number of
 * the shop, which ask() asks for, shows which shop sent a body. */
bool shop_shares_secrets(const struct shop *);
/* Finds a topic by its name; NULL if loyald has no use for the topic. */
const struct topic *topic_find(const struct shop *, struct str name);

/* Reads the headers of a delivery by the platform's names.  Other headers are
 * skipped; one of these that came twice is refused (REJECT), since one of the
 * two may be forged. */
int delivery_read(const struct shop *, const struct header *, size_t n,
    struct delivery *, struct err *) MUST_CHECK;

/*
 * Reads the body of a message by its platform and its topic.  `currency` is the
 * store's, for amounts that come without one.  REJECT for a body that cannot be
 * read, with a sentence that begins with a class of dead letters: "unparsable:
 * ...", "platform: ..." (the platform tells of an error of its own), or
 * "misdirected: ..." (the body is not the topic's, shape.h).
 */
int shop_parse(struct arena *, const struct message *,
    const struct master_key *, const char *currency, struct event *,
    struct err *) MUST_CHECK;

#endif /* WIRE_SHOP_SHOP_H */
