/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/message.h"
#include "core/benefit_life.h"
#include "core/fact.h"
#include "core/order.h"
#include "core/profile.h"
#include "wire/sign.h"
#include "wire/value.h"

/*
 * shop: how loyald understands the deliveries of a platform and calls its API,
 * as one struct shop for each platform of base/platform.def.  All functions are
 * pure: they turn bytes into values, without side effects.  The strings and
 * arrays of a struct event are constants, or lie in the arena that shop_parse()
 * was given.
 */

/* ---- receive: headers ------------------------------------------------ */

struct header {
	struct str name;
	struct str value;
};

/* All that the process `receive` reads from the headers of a delivery.  The
 * texts are slices of the headers' values. */
struct delivery {
	struct str topic;  /* empty: no header has a topic */
	struct str id;     /* shown to people; cut to DELIVERY_ID_MAX */
	struct str source; /* the shop's domain, as the headers say */
	bool has_hmac;     /* a header has a signature */
	bool hmac_ok;      /* `hmac` has the signature, decoded from base64 */
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
	TOPIC_CONSENT,      /* yes or no to marketing by e-mail */
	TOPIC_PRODUCT,
	TOPIC_PRODUCT_GONE,
	TOPIC_PRODUCT_BACK, /* a product as it is now, after it was restored */
	TOPIC_EVENT,        /* an event that came by POST /events */
};

/* A topic whose deliveries loyald reads. */
struct topic {
	const char *name;
	enum topic_kind kind;
};

/* ---- work: bodies ---------------------------------------------------- */

enum event_kind {
	EVENT_ORDER = 1, /* an order or a part of its data, in `order` */
	/* A customer's data as they are now, in `customer`. */
	EVENT_CUSTOMER,
	EVENT_CUSTOMER_GONE, /* the customer `customer.id` was deleted */
	EVENT_MERGE,         /* the customer `customer.id` is now `kept_id` */
	EVENT_PRODUCT,       /* a product as it is now, in `product` */
	EVENT_FACTS,         /* only the facts in `facts` */
	EVENT_NOTHING,       /* changes nothing; `note` says why */
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
	/* The time of the platform's last change; for a deleted product, the
	 * time at which the delivery was received. */
	int64_t modified_at;
	bool gone;
	const char *vendor, *type;
	struct words categories, tags;
	bool on_sale;
	bool gift_card;
};

/* A fact, and the customer's number or e-mail address by which the person of
 * the fact is known.  The ledger fills in the fact's program, version_id,
 * store_id and brand. */
struct told_fact {
	struct fact fact;
	const char *customer; /* id at the platform, in digits; NULL: unknown */
	uint8_t email_hash[32]; /* zeros: the address is unknown */
	/* The code that the member showed, plain (wire/code.h); NULL: none.  The
	 * member is found by the worker. */
	const char *code;
	int64_t member_id; /* 0: not found, or named in another way */
};

enum {
	FACTS_PER_EVENT_MAX = 8
};

struct event {
	enum event_kind kind;
	struct order order;
	/* The bytes of `order` in the record from which the event was read;
	 * empty if the event was read from a body. */
	struct str packed;
	struct customer customer;
	struct product product;
	bool has_customer; /* an order came with its customer, in `customer` */
	/* Facts that come with an event of any kind.  The ledger keeps only one
	 * fact of each id: "customer:ID" for an enrolment, "newsletter:ID" for
	 * a consent, and for POST /events the idempotency key. */
	struct told_fact *facts;
	size_t nfacts;    /* at most FACTS_PER_EVENT_MAX */
	const char *key;  /* the idempotency key of POST /events; else NULL */
	int64_t kept_id;  /* EVENT_MERGE: the customer who remains */
	int64_t shop_id;  /* the platform's number of the shop; 0: unknown */
	const char *note; /* EVENT_NOTHING: the reason, for the log */
	const char *code; /* of an order: as in struct told_fact */
};

/* ---- push: balances out ---------------------------------------------- */

enum {
	PUSH_BATCH_MAX = 100, /* balances of one call, on any platform */
	PUSH_TAGGED_MAX = 5,  /* customers of one call whose tags change */
	/* Bytes of a request's body: more than the largest batch needs, whose
	 * program names all it has in all languages. */
	PUSH_BODY_MAX = 8 * 1024 * 1024,
	SHOP_NONCE_MAX = 32 + 1, /* bytes */
	/* Bytes of a request's path: enough for any token in a query. */
	PUSH_PATH_MAX = 2048,
	PUSH_WHY_MAX = 96, /* bytes of the reason for a refusal */
	/* The longest wait before the next call, even if an answer asks for
	 * more. */
	PUSH_WAIT_MAX_MS = 60 * 60 * 1000,
};

/* The tag of a tier, or of a membership, is this and its id.  No other tags are
 * touched. */
#define TIER_TAG       "loyalty-tier:"
#define MEMBERSHIP_TAG "loyalty-member:"

/* The API of a store, for a single call.  The caller gives the time and random
 * digits that no other call has, since some calls are signed. */
struct shop_access {
	const char *url;  /* the store's API address */
	struct str token; /* the store's API token */
	int64_t now;
	char nonce[SHOP_NONCE_MAX];
	/* A call that pushes also defines what it pushes, as the shop has not
	 * been told yet (struct shop, defines). */
	bool define;
};

struct push_item {
	int64_t customer_id;
	int64_t available, pending, debt; /* in whole points */
	int64_t version; /* grows with every change of the balance */
	/* The rest of what is known of the member, by this program; both NULL:
	 * nothing, since the store has no program. */
	const struct profile *profile;
	const struct program *program;
	/* The customer's tags (struct shop, has_tags), those of them that the call
	 * is to set, and tags of ours that it is to remove. */
	struct words tags, tags_on, tags_off;
};

static inline bool
push_item_has_tags(const struct push_item *x)
{
	return x->tags_on.n > 0 || x->tags_off.n > 0;
}

/* A call to a shop's API.  The caller creates the buffer `body` with room for
 * PUSH_BODY_MAX bytes, and frees it.  A function that writes a request empties
 * the buffer first. */
struct push_request {
	struct buf body;          /* an empty body makes the call a GET */
	bool once;                /* struct http_call has the same two */
	char method[8];           /* another method than GET and POST, or "" */
	char path[PUSH_PATH_MAX]; /* appended to the store's API address */
	char headers[4][1024];    /* "Name: value"; "" ends the list */
};

enum push_outcome {
	PUSH_DONE = 1,
	PUSH_RETRY,  /* the same call may work later */
	PUSH_REJECT, /* the shop will never take this balance */
};

struct push_answer {
	/* PUSH_DONE: the shop carried the call out, and `items` has the outcome
	 * of each balance.  PUSH_RETRY: the call failed, and so did every
	 * balance, for the reason in `why`.  Never PUSH_REJECT. */
	enum push_outcome all;
	int64_t wait_ms; /* time to wait before the next call to this store */
	bool throttled;
	/* The outcome of each balance, by the balance's index in the call. */
	enum push_outcome items[PUSH_BATCH_MAX];
	/* Why the balance was not taken; "" if it was. */
	char why[PUSH_BATCH_MAX][PUSH_WHY_MAX];
	/* The shop has changed the tags of this item as it was asked to. */
	bool tagged[PUSH_BATCH_MAX];
	/* The shop has answered to the definitions; why it will not have them,
	 * or why it left tags as they were; "": neither. */
	bool defined;
	char not_defined[PUSH_WHY_MAX], not_tagged[PUSH_WHY_MAX];
};

/* The answer of a platform that was asked for an API token. */
struct token_answer {
	struct str token; /* empty: there is none, for the reason in `why` */
	struct str app;   /* the app from now on, with its next refresh token */
	int64_t lasts_ms; /* how long the token is good */
	int64_t wait_ms;  /* without a token: the wait before the next call */
	const char *why;
};
/* How long after its answer a token is renewed: when a quarter of its time is
 * left. */
static inline int64_t
token_renew_ms(const struct token_answer *a)
{
	return a->lasts_ms / 4 * 3;
}

/* How a storefront proves for which customer it asks for a balance. */
enum storefront {
	STOREFRONT_PROXY = 1, /* by Shopify's app proxy, wire/proxy.h */
	STOREFRONT_TOKEN,     /* by a token, wire/token.h */
};

/* A text that an operator may enter by mistake: how the text begins, and the
 * sentence that refuses it. */
struct mixup {
	const char *prefix, *sentence;
};

enum {
	AWARD_MAX = 4
};

enum reward_ask {
	/* Asks for the customer's e-mail address; only for platforms that bind a
	 * coupon to an address.  Nobody keeps the address. */
	REWARD_ADDRESS = 1,
	/* Asks for the platform's ids of the goods (struct reward_goods). */
	REWARD_GOODS,
	REWARD_FIND, /* looks whether the reward is there, and as it should be */
	REWARD_MAKE,   /* makes the reward */
	REWARD_REMOVE, /* removes the reward with the id `made_as` */
};

struct reward_make;
struct reward_reply;
struct reward_answer;
struct benefit_make;
struct benefit_answer;
struct pull_place;
struct pull_order;
struct pull_answer;
struct pull_hook;
struct shop_check;
struct header_name;
struct body;

struct shop {
	enum platform platform;
	const struct topic *topics;
	size_t ntopics;
	const struct body *bodies; /* descriptions of the bodies */
	size_t nbodies;
	const struct header_name *header_names; /* the headers that are read */
	size_t nheader_names;

	/* Statuses in which an order earns, unless a program names others;
	 * ended by NULL.  If there is an award_word, programs can only name
	 * that word, which stands for all these statuses. */
	const char *award[AWARD_MAX + 1];
	const char *award_word;

	enum storefront storefront;

	size_t batch_max; /* the most balances in one call */
	bool has_tags;    /* customers have tags, which tell tiers and so on */
	bool defines;     /* the shop is told once of the values it gets */
	/* Whether bodies are read strictly (wire/json.h): the program that
	 * sends them is the merchant's own, and its mistakes can be
	 * corrected. */
	bool strict;

	/* Whether the body is a test delivery without a signature (a ping),
	 * which is answered with 200. */
	bool (*is_ping)(struct str body);
	/* Whether the delivery may come from the shop with this domain. */
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

	/* Refuses (REJECT, "platform: ...") a signed body that reports an error
	 * of the platform itself instead of an order, customer or product.
	 * NULL: the platform sends no such bodies. */
	int (*refuse)(struct value body, struct err *);

	/* An operator may enter an app in place of an API token, by which
	 * loyald gets tokens, since these end soon.  `app_call` writes the call that
	 * gets a token, and `app_read` reads the answer; the texts are the arena's.
	 * `app_is_same` tells whether two texts are of one app, whatever its refresh
	 * tokens are.  All four members are NULL if the platform has no such
	 * apps. */
	bool (*is_app)(struct str entered);
	bool (*app_is_same)(struct str, struct str);
	int (*app_call)(struct str app, struct push_request *, struct err *);
	void (*app_read)(struct arena *, int status, struct str retry_after,
	    struct str body, struct str app, struct token_answer *);

	/* Writes the call that sets from 1 to batch_max balances.  REJECT if
	 * the store's API token cannot be put into a header. */
	int (*render)(const struct push_item *, size_t n,
	    const struct shop_access *, struct push_request *, struct err *);
	/*
	 * Reads the answer to the call of render(), balance by balance.
	 * `retry_after` is the text of the header Retry-After, or empty.  An
	 * answer that makes no sense is PUSH_RETRY for all balances.
	 */
	void (*judge)(int status, struct str retry_after, struct str body,
	    const struct push_item *, size_t n, struct push_answer *);

	/* The calls by which the shop makes rewards (reward.h).  A coupon may be
	 * bound to an e-mail address, and a free product may need its price:
	 * both are asked for first.  The functions are NULL if the platform makes
	 * no rewards. */
	bool reward_binds_address, reward_needs_price;
	int (*reward_call)(enum reward_ask, const struct reward_make *,
	    const struct shop_access *, struct push_request *, struct err *);
	void (*reward_read)(enum reward_ask, const struct reward_reply *,
	    const struct reward_make *, struct arena *, struct reward_answer *);
	/* The calls by which the shop has benefits (benefit.h).  NULL: they are
	 * not made by calls. */
	int (*benefit_call)(enum benefit_act, const struct benefit_make *,
	    const struct shop_access *, struct push_request *, struct err *);
	void (*benefit_read)(enum benefit_act, const struct reward_reply *,
	    const struct benefit_make *, struct arena *,
	    struct benefit_answer *);

	/* The calls that ask for what no webhook told (pull.h).  An order comes as
	 * the body of the topic `pull_topic`.  NULL: nothing can be asked
	 * for. */
	const char *pull_topic;
	int (*changed_call)(const struct pull_place *,
	    const struct shop_access *, struct push_request *, struct err *);
	void (*changed_read)(const struct reward_reply *,
	    const struct pull_place *, struct arena *, struct pull_answer *);
	int (*order_call)(const struct pull_order *, const struct shop_access *,
	    struct push_request *, struct err *);
	void (*order_read)(const struct reward_reply *, struct pull_order *,
	    struct pull_answer *);
	/* The calls that list the shop's webhooks, and make one, or switch one on
	 * again that the shop has switched off. */
	int (*hooks_call)(
	    const struct shop_access *, struct push_request *, struct err *);
	void (*hooks_read)(const struct shop *, const struct reward_reply *,
	    struct arena *, struct pull_answer *);
	int (*hook_put_call)(const struct pull_hook *,
	    const struct shop_access *, struct push_request *, struct err *);
	void (*hook_put_read)(
	    const struct reward_reply *, struct arena *, struct pull_answer *);

	/* `ask` writes the call that asks for the platform's number of the
	 * shop.  `number` returns the number that the answer gives, or 0, with
	 * the reason in `all` and the first item of the push_answer.  `number`
	 * also gives 0 if the API belongs to a shop of another domain.  Both
	 * members are NULL if each shop has secrets of its own. */
	int (*ask)(
	    const struct shop_access *, struct push_request *, struct err *);
	int64_t (*number)(int status, struct str retry_after, struct str body,
	    struct str domain, struct push_answer *);

	/* `check_call` writes each of the nchecks calls that find out whether a
	 * store's API address and token are right.  `check_read` reads the
	 * answers (check.h).  No call changes anything. */
	size_t nchecks;
	int (*check_call)(size_t nth, const struct shop_access *,
	    struct push_request *, struct err *);
	void (*check_read)(struct shop_check *);
};

/* Declares shop_shopify, shop_woocommerce and the others.  shop_events, for
 * POST /events (events.h), has no API, and therefore neither render nor
 * judge. */
#define PLATFORM(number, NAME, name, ...) extern const struct shop shop_##name;
#include "base/platform.def"
#undef PLATFORM

/* Finds the struct shop of a platform; NULL if there is no platform of that
 * number. */
const struct shop *shop_find(enum platform);
/* Whether all shops of one app share a secret.  If so, a signature does not
 * show which shop sent a body: only the platform's number of the shop (see
 * `ask`) does. */
bool shop_shares_secrets(const struct shop *);
/* Finds a topic by its name; NULL if loyald has no use for the topic. */
const struct topic *topic_find(const struct shop *, struct str name);

/* Reads the platform's headers of a delivery, and skips all other headers.  A
 * platform's header that came twice is refused (REJECT), since one of the two
 * may be forged. */
int delivery_read(const struct shop *, const struct header *, size_t n,
    struct delivery *, struct err *) MUST_CHECK;

/*
 * Reads the body of a message, according to its platform and topic.  `currency`
 * is the store's, for amounts that come without a currency.  A body that cannot
 * be read is REJECT, with a sentence that begins with a class of dead letters:
 * "unparsable: ...", "platform: ..." (the body reports an error of the platform
 * itself), or "misdirected: ..." (the body does not fit the topic, see
 * shape.h).
 */
int shop_parse(struct arena *, const struct message *,
    const struct master_key *, const char *currency, struct event *,
    struct err *) MUST_CHECK;
