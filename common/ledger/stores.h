/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_STORES_H
#define LEDGER_STORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/message.h"
#include "base/str.h"
#include "core/program.h"
#include "io/pg/pg.h"
#include "wire/sign.h"

/*
 * stores: the merchants' stores and their secrets.
 *
 * Secrets and tokens are sealed in the database with the master key; what
 * is loaded here holds them in the open, in an arena, and goes nowhere
 * else.
 */

enum {
	STORES_MAX = 100000,
	DOMAIN_MAX = 255,
	WEBHOOK_TOKEN_LEN = 43, /* base64url of 32 random bytes */
	SECRETS_PER_STORE = 2,  /* current, previous */
};

#define STORES_CHANNEL "loyald_stores" /* notified when a store changes */

struct store {
	int64_t tenant_id;
	int64_t store_id;
	enum platform platform;
	const char *domain;
	const char *currency;
	const char *timezone;
	const char *webhook_token;
	const char *api_url; /* NULL: balances are not pushed */
	int64_t shop_id;     /* the platform's number, as the operator has it,
				else the API; 0: not known yet */
	int64_t api_shop_id; /* as the API has it; 0: not asked yet */
	const char *brand;   /* as conditions know it; NULL: none */
	int64_t earn_from;   /* orders placed before earn nothing; 0: all do */
	bool shares;         /* its members, with other stores of the tenant */
	bool disabled;
	struct str secrets[SECRETS_PER_STORE]; /* current first; empty: none */
	struct str api_token;
	bool has_previous, has_token; /* known without the key, too */
};

/* All of them, by store_id; secrets only if the key is not NULL.  FATAL if
 * one does not open: the key is not the one they were sealed with. */
int stores_load(struct pg *, struct arena *, const struct master_key *,
    struct store **, size_t *n, struct err *) MUST_CHECK;

/* The number of this installation, which its messages carry: of this
 * database and its copies, never 0. */
int installation_load(struct pg *, int64_t *, struct err *) MUST_CHECK;

/* NULL if there is none of that number; binary search. */
const struct store *stores_find(
    const struct store *, size_t n, int64_t store_id);
/* The same for one that was asked for: with a sentence if there is none. */
const struct store *stores_need(
    const struct store *, size_t n, int64_t store_id, struct err *) MUST_CHECK;

/*
 * Adds a store with its tenant (tenant_id 0: a new one), its first program
 * version (in effect since always) and its row for push; fills in the ids.
 * `webhook_token` must be set; texts and secrets are as wire/store_text.h
 * has checked them.  REJECT if the tenant, the currency, the time zone or
 * the program is none, or another store of the platform that is not disabled
 * has the domain; changing the domain and enabling refuse that, too.
 */
int store_add(struct pg *, struct arena *, const struct master_key *,
    struct store *, struct str program_file, struct err *) MUST_CHECK;

/* What `store set` may change; NULL or an empty str leaves a thing as it
 * is. */
struct store_changes {
	const char *domain, *timezone, *api_url, *brand;
	struct str api_token;
	int64_t shop_id;
	int64_t earn_from; /* 0: leaves it; INSTANT_NEVER: there is none */
	struct str program_file; /* a new version, in effect from now */
};
/* REJECT if there is no such store.  A program file that is the newest
 * version already is not published again. */
int store_change(struct pg *, struct arena *, const struct master_key *,
    int64_t store_id, const struct store_changes *, struct err *) MUST_CHECK;
/* The current secret becomes the previous one; without a new one (data
 * NULL) the previous one is forgotten.  *changed is false if it is so
 * already, and then nothing is another. */
struct store_secret {
	int64_t store_id;
	struct str secret;
};
int store_rotate(struct pg *, struct arena *, const struct master_key *,
    const struct store_secret *, bool *changed, struct err *) MUST_CHECK;
int store_disable(struct pg *, struct arena *, int64_t store_id, bool disabled,
    bool *changed, struct err *) MUST_CHECK;

/* How far behind pushing to a store is. */
struct push_status {
	int64_t store_id;
	int64_t waiting;        /* balances the platform has yet to take */
	int64_t rejected;       /* balances it never will */
	const char *last_error; /* of the last call; NULL: it went through */
	const char *rejection;  /* one of the reasons; NULL: none */
	int64_t pushed_at;      /* it took one last; 0: not yet */
};
/* Of all stores, by store_id. */
int push_status_load(struct pg *, struct arena *, struct push_status **,
    size_t *n, struct err *) MUST_CHECK;

/* When a store was last heard of; 0: not yet. */
struct store_heard {
	int64_t store_id;
	int64_t delivered_at; /* to the hour */
	int64_t pushed_at;
};
/* Of up to max stores that are not disabled. */
int stores_heard(struct pg *, struct arena *, size_t max, struct store_heard **,
    size_t *n, struct err *) MUST_CHECK;

#endif /* LEDGER_STORES_H */
