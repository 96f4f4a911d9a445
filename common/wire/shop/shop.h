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
 * shop: what differs between platforms, and nothing else.  All of it is
 * pure: bytes in, values out.
 */

/* ---- receive: headers ------------------------------------------------ */

struct header {
	struct str name;
	struct str value;
};

/* What receive must know of a delivery, from its headers alone; the slices
 * are of the headers' values. */
struct delivery {
	struct str topic;  /* empty: none was given */
	struct str id;     /* for people; cut to DELIVERY_ID_MAX */
	struct str source; /* the shop's domain as the headers have it */
	bool has_hmac;     /* a signature header was there... */
	bool hmac_ok;      /* ...and is base64 of 32 bytes */
	uint8_t hmac[HMAC_SIZE];
};

/* ---- topics ---------------------------------------------------------- */

/* What the body of a topic is. */
enum topic_kind {
	TOPIC_ORDER = 1, /* the order as it is */
	TOPIC_ORDER_GONE,
	TOPIC_ORDER_BACK, /* the order as it is, and that it is there again */
	TOPIC_ORDER_HINT, /* that it changed, but not how */
	TOPIC_REFUND,
	TOPIC_PAYMENT, /* of an order */
	TOPIC_CUSTOMER,
	TOPIC_CUSTOMER_GONE,
	TOPIC_CUSTOMER_MERGE,
	TOPIC_TAGS_ADDED, /* to a customer: only these */
	TOPIC_TAGS_REMOVED,
	TOPIC_COMPANY, /* whose customer somebody is */
	TOPIC_COMPANY_LEFT,
	TOPIC_CONSENT, /* to marketing by e-mail, given or not */
	TOPIC_PRODUCT, /* as it is */
	TOPIC_PRODUCT_GONE,
	TOPIC_PRODUCT_BACK, /* the product as it is, there again */
	TOPIC_EVENT,        /* of POST /events */
};

/* A topic that loyald has a use for. */
struct topic {
	const char *name;
	enum topic_kind kind;
};

/* ---- work: bodies ---------------------------------------------------- */

enum event_kind {
	EVENT_ORDER = 1,     /* part of an order's state, in `order` */
	EVENT_CUSTOMER,      /* a customer is known, in `customer` */
	EVENT_CUSTOMER_GONE, /* `customer.id` was deleted */
	EVENT_MERGE,         /* `customer.id` is now `kept_id` */
	EVENT_PRODUCT,       /* a product as it is, in `product` */
	EVENT_FACTS,         /* nothing but `facts` */
	EVENT_NOTHING,       /* nothing for us, `note` says why */
};

struct customer {
	int64_t id;
	int64_t modified_at;    /* 0: not told */
	uint8_t email_hash[32]; /* zeros: none */
	bool email_verified;    /* the platform says so */
};

/* A product, or that there is none any more.  What the platform does not
 * say is NULL or empty. */
struct product {
	int64_t id;
	int64_t modified_at; /* the platform's; of one that is gone: when
				receive took the news */
	bool gone;
	const char *vendor, *type;
	struct words categories, tags;
	bool on_sale;
	bool gift_card;
};

/* A fact of somebody who is known by one of these; fact.program, version_id,
 * store_id and brand are the ledger's to fill in. */
struct told_fact {
	struct fact fact;
	const char *customer;   /* the platform's id, digits; NULL: not told */
	uint8_t email_hash[32]; /* zeros: not told */
};

enum {
	FACTS_PER_EVENT_MAX = 8
};

struct event {
	enum event_kind kind;
	struct order order;
	struct customer customer;
	struct product product;
	/* Orders carry their customer too, where the platform does. */
	bool has_customer;
	/* Beside what `kind` says, each to be known once, by its id: an
	 * enrolment "customer:ID", a consent "newsletter:ID", or what POST
	 * /events told. */
	struct told_fact *facts;
	size_t nfacts;   /* at most FACTS_PER_EVENT_MAX */
	const char *key; /* POST /events: the idempotency key; else NULL */
	int64_t kept_id;
	int64_t shop_id; /* the platform's number of the shop; 0: not told */
	const char *note;
};

/* ---- push: balances out ---------------------------------------------- */

enum {
	PUSH_BATCH_MAX = 100,      /* the largest of the platforms' limits */
	PUSH_BODY_MAX = 64 * 1024, /* no batch comes to half of it */
	PUSH_WHY_MAX = 96,
	PUSH_WAIT_MAX_MS = 60 * 60 * 1000, /* whatever an answer asks for */
};

struct push_item {
	int64_t customer_id;
	int64_t available, pending, debt;
	int64_t version; /* grows with every change of the balance */
};

/* The body is the caller's, made with PUSH_BODY_MAX; it is emptied first. */
struct push_request {
	struct buf body;       /* left empty: a GET */
	char path[256];        /* appended to the store's API address */
	char headers[4][1024]; /* "Name: value"; the first empty one ends */
};

enum push_outcome {
	PUSH_DONE = 1,
	PUSH_RETRY,  /* later may work */
	PUSH_REJECT, /* this balance will never be taken */
};

struct push_answer {
	/* DONE: the call was understood, look at `items`.  RETRY: it was not,
	 * and every item says RETRY and why.  Never REJECT. */
	enum push_outcome all;
	int64_t wait_ms; /* before the next call to this store */
	bool throttled;
	enum push_outcome items[PUSH_BATCH_MAX]; /* by index of the request */
	char why[PUSH_BATCH_MAX][PUSH_WHY_MAX];  /* of those not done */
};

/* How a storefront proves whose balance it asks for. */
enum storefront {
	STOREFRONT_PROXY = 1, /* by Shopify's app proxy, wire/proxy.h */
	STOREFRONT_TOKEN,     /* by a token, wire/token.h */
};

/* How something begins that an operator may mistake for something else, and
 * what to do then. */
struct mixup {
	const char *prefix, *sentence;
};

enum {
	AWARD_MAX = 4 /* with the NULL that ends the list */
};

struct shop_check;
struct header_name;
struct body;
struct json_t;

struct shop {
	enum platform platform;
	const struct topic *topics; /* all of them */
	size_t ntopics;
	const struct body *bodies; /* what the topics bring */
	size_t nbodies;
	const struct header_name *header_names; /* of what receive must know */
	size_t nheader_names;

	/* The statuses in which an order earns, unless a program names others.
	 * With an award_word programs name none but that, which stands for
	 * all of them. */
	const char *award[AWARD_MAX];
	const char *award_word;

	enum storefront storefront;

	size_t batch_max; /* push_items in one call */
	/* Bodies are read strictly: their sender can mend them. */
	bool strict;

	/* Whether the body is an unsigned ping to be answered 200. */
	bool (*is_ping)(struct str body);
	/* Whether the delivery's source may be the store of this domain. */
	bool (*is_from)(const struct delivery *, struct str domain);
	/* The bytes the platform uses as HMAC key for a secret as entered;
	 * at most as many as were given. */
	struct str (*secret)(struct arena *, struct str entered);

	/* What stores of the platform have for no API token, and what no store
	 * has for a webhook secret, by how they begin; a prefix that is NULL
	 * ends a list, and NULL is an empty one. */
	const struct mixup *no_tokens, *no_secrets;
	/* Refuses an API token that has not the platform's form: REJECT.
	 * NULL: it has none. */
	int (*token_form)(struct str token, struct err *);

	/* Refuses a body that is an error of the platform's own, under a good
	 * signature: REJECT, "platform: ...".  NULL: it sends none. */
	int (*refuse)(const struct json_t *body, struct err *);

	/* The call that sets these balances, 1 to batch_max of them.  `token`
	 * is the store's; REJECT if it cannot be put into a header. */
	int (*render)(const struct push_item *, size_t n, struct str token,
	    struct push_request *, struct err *);
	/*
	 * What the answer means, item by item.  `retry_after` is the header's
	 * text, or empty.  FATAL never; an answer that makes no sense is
	 * RETRY for all.
	 */
	void (*judge)(int status, struct str retry_after, struct str body,
	    const struct push_item *, size_t n, struct push_answer *);

	/* The call that asks for the shop's own number, and what the answer
	 * says: the number, or 0 and, in the answer's `all` and first item, why
	 * not; also if it is of another shop than the store's domain.  NULL
	 * where each shop has secrets of its own. */
	int (*ask)(struct str token, struct push_request *, struct err *);
	int64_t (*number)(int status, struct str retry_after, struct str body,
	    struct str domain, struct push_answer *);

	/* The calls, from the first, that find out whether a store's API
	 * address and token are right (check.h), and what their answers
	 * say.  None changes anything. */
	size_t nchecks;
	int (*check_call)(
	    size_t nth, struct str token, struct push_request *, struct err *);
	void (*check_read)(struct shop_check *);
};

/* shop_shopify, shop_woocommerce ...; of shop_events, which is what is sent to
 * POST /events (events.h), nothing is pushed: it has no render and no
 * judge. */
#define PLATFORM(number, NAME, name, ...) extern const struct shop shop_##name;
#include "base/platform.def"
#undef PLATFORM

/* NULL for what is no platform. */
const struct shop *shop_find(enum platform);
/* Whether the shops of one app share a secret, so that only the shop's own
 * number, which ask() asks for, tells whose a body is. */
bool shop_shares_secrets(const struct shop *);
/* NULL: loyald has no use for the topic. */
const struct topic *topic_find(const struct shop *, struct str name);

/* Reads the headers of a delivery; unknown ones are skipped, repeated ones of
 * ours are refused (REJECT): one of them may be forged. */
int delivery_read(const struct shop *, const struct header *, size_t n,
    struct delivery *, struct err *) MUST_CHECK;

/*
 * Reads the body of a message as its platform does, whose topic is the
 * message's.  REJECT if it cannot be read; the sentence begins with a class for
 * the dead letters, then ": ": "unparsable: ...", "platform: ..." (the platform
 * sent an error of its own under a good signature) or "misdirected: ..." (it is
 * no body of the topic's, wire/shop/shape.h).  `currency` is the store's, for
 * amounts that do not say theirs.
 */
int shop_parse(struct arena *, const struct message *,
    const struct master_key *, const char *currency, struct event *,
    struct err *) MUST_CHECK;

#endif /* WIRE_SHOP_SHOP_H */
