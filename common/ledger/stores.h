/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/program.h"
#include "io/pg/pg.h"
#include "wire/sign.h"

/*
 * stores: the merchants' stores and their secrets.
 *
 * Secrets and tokens are sealed in the database with the master key.  If stores
 * are loaded with the key, their secrets and tokens are plain text in an arena,
 * and must not be copied to any other place.
 */

enum {
	STORES_MAX = 100000,
	DOMAIN_MAX = 255,
	WEBHOOK_TOKEN_LEN = 43, /* base64url of 32 random bytes */
	SECRETS_PER_STORE = 2,  /* the current and the previous one */
};

#define STORES_CHANNEL "loyald_stores" /* notified when a store changes */

struct world;

/* An app by which loyald gets a store's API tokens itself (store_app.h). */
struct store_app {
	struct str text;  /* plain; empty: there is none */
	int64_t renew_ms; /* how long until the next token is due */
};

struct store {
	/* A number of the row in the database, which each change of the row
	 * changes. */
	int64_t row_version;
	int64_t tenant_id;
	int64_t store_id;
	enum platform platform;
	const char *domain;
	const char *currency;
	const char *timezone;
	const char *webhook_token;
	const char *api_url; /* NULL: balances are not pushed */
	/* The platform's number of the shop, from the operator or else from the
	 * API; 0: not known yet. */
	int64_t shop_id;
	/* The number that the API gave; 0: the API was not asked yet. */
	int64_t api_shop_id;
	/* The brand that a program's conditions may ask for; NULL: none. */
	const char *brand;
	int64_t earn_from; /* orders placed before this instant earn
				nothing; 0: all orders earn */
	/* Whether the store shares its members with the tenant's other
	 * stores. */
	bool shares;
	bool disabled;
	/* The current secret, then the previous one; empty: there is none. */
	struct str secrets[SECRETS_PER_STORE];
	struct str api_token;
	struct store_app app; /* for store_add() only; never loaded */
	/* Set even if the stores are loaded without the key. */
	bool has_previous, has_token;
};

/* Loads all stores, sorted by store_id; secrets are loaded only if the key is
 * not NULL.  CONFIG if a secret cannot be opened, because it was sealed with
 * another key. */
int stores_load(struct pg *, struct arena *, const struct master_key *,
    struct store **, size_t *n, struct err *) MUST_CHECK;
/*
 * Brings the world's list of stores up to date.  The list may be empty at
 * first.  Only stores whose rows have changed are loaded.  *changed says whether
 * there is a new list, which is then in the world's arena.  The texts and
 * secrets of both lists are in `kept`.
 */
int stores_renew(
    struct world *, struct arena *kept, bool *changed, struct err *) MUST_CHECK;

/* Loads the number of this installation, which is part of its messages.  A
 * database and its copies have the same number; it is never 0. */
int installation_load(struct pg *, int64_t *, struct err *) MUST_CHECK;

/* Finds a store by number in a list that is sorted by store_id; NULL if there
 * is no such store. */
const struct store *stores_find(
    const struct store *, size_t n, int64_t store_id);
/* Finds a store that an operator has named.  If there is no such store, returns
 * NULL, with a sentence in the err. */
const struct store *stores_need(
    const struct store *, size_t n, int64_t store_id, struct err *) MUST_CHECK;

/*
 * Adds a store, with its row for push, and with a first program version that is
 * in effect for all time.  If tenant_id is 0, also adds a tenant.  Fills in the
 * ids.  `webhook_token` must be set, and texts and secrets must have been
 * checked by wire/store_text.h.  REJECT if there is no such tenant, currency or
 * time zone, if the program file is not valid, or if another store of the
 * platform that is not disabled has the domain.  The rule about the domain also
 * holds when a store's domain is changed, and when a store is enabled.
 */
int store_add(struct pg *, struct arena *, const struct master_key *,
    struct store *, struct str program_file, struct err *) MUST_CHECK;

/* The changes of `store set`.  NULL or an empty str leaves a value as it is. */
struct store_changes {
	const char *domain, *timezone, *api_url, *brand;
	struct str api_token;
	struct store_app app; /* a token without one is to last for ever */
	int64_t shop_id;
	int64_t earn_from; /* 0: unchanged; INSTANT_NEVER: all orders earn */
	struct str program_file; /* a new version, which takes effect at once */
};
/* Changes a store.  If the program file is the same as that of the newest
 * version, no version is added.  REJECT if there is no such store. */
int store_change(struct pg *, struct arena *, const struct master_key *,
    int64_t store_id, const struct store_changes *, struct err *) MUST_CHECK;
/* A new secret of a store, for store_rotate().  The new secret becomes the
 * current secret, and the current secret becomes the previous one.  If `secret`
 * is empty (data NULL), the previous secret is deleted instead.  *changed
 * becomes false if nothing had to change. */
struct store_secret {
	int64_t store_id;
	struct str secret;
};
int store_rotate(struct pg *, struct arena *, const struct master_key *,
    const struct store_secret *, bool *changed, struct err *) MUST_CHECK;
int store_disable(struct pg *, struct arena *, int64_t store_id, bool disabled,
    bool *changed, struct err *) MUST_CHECK;

/* How many balances a store has not taken yet, and why. */
struct push_status {
	int64_t store_id;
	int64_t waiting;  /* balances that the platform has not taken
				   yet */
	int64_t rejected; /* balances that the platform has refused for good */
	/* Why the last call failed; NULL: the last call succeeded. */
	const char *last_error;
	/* Why one of these balances was refused; NULL: none was refused. */
	const char *rejection;
	int64_t
	    pushed_at; /* when the platform last accepted a balance; 0: never */
};
/* Loads the status of all stores, by store_id. */
int push_status_load(struct pg *, struct arena *, struct push_status **,
    size_t *n, struct err *) MUST_CHECK;

/* The times of the last delivery and the last push of a store; 0: none yet. */
struct store_heard {
	int64_t store_id;
	int64_t delivered_at; /* exact to the hour */
	int64_t pushed_at;
};
/* Loads the last delivery and push of stores: of up to max stores that are not
 * disabled. */
int stores_heard(struct pg *, struct arena *, size_t max, struct store_heard **,
    size_t *n, struct err *) MUST_CHECK;
