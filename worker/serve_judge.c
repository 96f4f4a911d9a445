/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <string.h>

#include "asker.h"
#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "io/clock.h"
#include "io/trouble.h"
#include "ledger/catalog.h"
#include "ledger/keyring.h"
#include "ledger/members.h"
#include "ledger/stmts.h"
#include "loop.h"
#include "serve_judge.h"
#include "wire/proxy.h"
#include "wire/token.h"

enum {
	ANSWER_MAX = 4096,
	/* The longest time that a statement may take; less than
	 * ASKER_ANSWER_MS. */
	QUERY_MS = 1600,
	AWAY_MS = 1000, /* time between two tries to reach the database */
	POLL_MS = 2000, /* the longest time between two looks at the catalog */
	CUSTOMER_DIGITS_MAX = 18,
};

struct judge {
	const struct serve_judge *of;
	int fd; /* the child's end of the conversation with its parent */
	struct pg *pg;
	struct arena arena; /* memory for one question */
	struct catalog catalog;
	struct keyring *stores; /* NULL: the stores were never loaded */
	int64_t changes;        /* the catalog's, when the keyring was made */
	/* When the state was last reported; monotonic; 0: report it at once. */
	int64_t reported_at;
	struct trouble trouble; /* trouble with the database */
	/* The status to end with; EXIT_STOPPED: the process goes on. */
	int failed;
};

/* The answer to a question.  Status 0: the answer is not known. */
struct reply {
	int status;
	struct buf json;
};

/* ---- the database -------------------------------------------------------- */

static void
database_failed(struct judge *s, const struct err *e)
{
	if (trouble_ends(&s->trouble, e))
		s->failed = loop_end(e, EXIT_FATAL);
	else
		trouble_is(&s->trouble, e, NULL);
}

/* Connects to the database, and loads the stores. */
static bool
database_ready(struct judge *s)
{
	bool renewed;
	struct err e;

	if (catalog_renew(&s->catalog, &renewed, &e) == -1) {
		database_failed(s, &e);
		return false;
	}
	if (s->changes != s->catalog.changes) {
		keyring_free(s->stores);
		s->stores = keyring_new(
		    s->catalog.stores, s->catalog.nstores, s->of->key);
		s->changes = s->catalog.changes;
	}
	trouble_over(&s->trouble, "the database answers");
	return true;
}

/* ---- the identity of the asker ------------------------------------------- */

/* A visitor of a storefront, and the store. */
struct visitor {
	const struct keyring_store *store;
	/* The platform's number for the customer, not yet checked. */
	struct str customer;
	bool is_nobody; /* no customer is logged in */
};

static void
answer_error(struct reply *reply, int status, const char *word)
{
	reply->status = status;
	buf_printf(&reply->json, "{\"error\":\"%s\"}\n", word);
}

static bool
is_customer(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.data[i] < '0' || id.data[i] > '9')
			return false;
	return id.len > 0 && id.len <= CUSTOMER_DIGITS_MAX && id.data[0] != '0';
}

static bool
proxy_admit(
    struct judge *s, struct str query, struct visitor *v, struct reply *refusal)
{
	int64_t now = clock_now() / INSTANT_SECOND;
	struct keyring_store *store;
	struct proxy_query q;
	struct err e;
	bool is_signed = false;

	if (proxy_parse(&s->arena, query, &q, &e) == 0) {
		store = keyring_by_domain(s->stores, STOREFRONT_PROXY, q.shop);
		is_signed = store != NULL &&
		            proxy_verify(&s->arena, query,
		                keyring_keys(store, STORE_KEY_SECRET),
		                store->nkeys, &e) == 0;
	}
	if (!is_signed) {
		answer_error(refusal, 401, "signature");
		return false;
	}
	if (q.timestamp < now - PROXY_AGE_MAX ||
	    q.timestamp > now + PROXY_AGE_MAX) {
		answer_error(refusal, 401, "expired");
		return false;
	}
	*v = (struct visitor){ store, q.customer_id, q.customer_id.len == 0 };
	return true;
}

static struct str
without(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s.len < n || memcmp(s.data, prefix, n) != 0)
		return s;
	return (struct str){ s.data + n, s.len - n };
}

/* Finds the store of an issuer: "https://shop.example/", "shop.example" or
 * "3". */
static struct keyring_store *
issuer_find(const struct judge *s, struct str issuer)
{
	struct str domain = without(without(issuer, "https://"), "http://");
	struct keyring_store *store;
	int64_t id;

	if (domain.len > 0 && domain.data[domain.len - 1] == '/')
		domain.len--;
	store = keyring_by_domain(s->stores, STOREFRONT_TOKEN, domain);
	if (store != NULL)
		return store;
	if (!is_customer(issuer) || str_int64(issuer, &id) == -1)
		return NULL;
	store = keyring_by_id(s->stores, id);
	if (store == NULL || store->disabled ||
	    store->shop->storefront != STOREFRONT_TOKEN)
		return NULL;
	return store;
}

/* Refuses a token.  If the token is signed with another of the store's keys, as
 * tokens for earlier versions were, the answer says which key is needed. */
static void
answer_token(struct reply *reply, struct keyring_store *store, struct str jwt)
{
	char why[STORE_KEY_SENTENCE_MAX];
	uint8_t mac[HMAC_SIZE];
	enum store_key signer = (enum store_key)0;
	struct jsonw j;
	struct str text;
	struct err e;

	if (store != NULL && token_signature(jwt, &text, mac, &e) == 0)
		signer = keyring_signer(store, text, mac);
	if (signer == (enum store_key)0 || signer == STORE_KEY_STOREFRONT) {
		answer_error(reply, 401, "token");
		return;
	}
	store_key_refusal(signer, STORE_KEY_STOREFRONT, store->store_id, why);
	reply->status = 401;
	jsonw_init(&j, &reply->json);
	jsonw_object(&j, NULL);
	jsonw_text(&j, "error", "token");
	jsonw_text(&j, "message", why);
	jsonw_object_end(&j);
	buf_puts(&reply->json, "\n");
}

static bool
token_admit(
    struct judge *s, struct str jwt, struct visitor *v, struct reply *refusal)
{
	int64_t now = clock_now() / INSTANT_SECOND;
	struct keyring_store *store;
	struct token t;
	struct err e;

	if (token_parse(&s->arena, jwt, &t, &e) == -1) {
		answer_error(refusal, 401, "token");
		return false;
	}
	store = issuer_find(s, t.issuer);
	if (store == NULL || token_verify(jwt, &t, now,
	                         keyring_keys(store, STORE_KEY_STOREFRONT),
	                         store->nkeys, &e) == -1) {
		answer_token(refusal, store, jwt);
		return false;
	}
	*v = (struct visitor){ store, t.subject, false };
	return true;
}

/* ---- answers ------------------------------------------------------------- */

static void
answer_member(struct reply *reply, const struct member_summary *m)
{
	struct jsonw j;

	reply->status = 200;
	jsonw_init(&j, &reply->json);
	jsonw_object(&j, NULL);
	if (m->member_id != 0)
		jsonw_int(&j, "member_id", m->member_id);
	else
		jsonw_text(&j, "member_id", NULL);
	jsonw_int(&j, "available", m->balance.available);
	jsonw_int(&j, "pending", m->balance.pending);
	jsonw_int(&j, "debt", m->balance.debt);
	jsonw_int(&j, "lifetime_earned", m->balance.lifetime_earned);
	jsonw_int(&j, "version", m->version);
	jsonw_object_end(&j);
	if (!jsonw_is_done(&j))
		die("a balance that does not fit its answer");
	buf_puts(&reply->json, "\n");
}

static void
answer_balance(struct judge *s, const struct visitor *v, struct reply *reply)
{
	struct member_summary m = { 0 };
	struct err e;

	if (member_find_customer(s->pg, &s->arena, v->store->store_id,
	        v->customer, &m, &e) == -1)
		/* The status of the reply stays 0: the answer is not known. */
		database_failed(s, &e);
	else
		answer_member(reply, &m);
}

/* The functions that answer questions, by kind of question. */
static void (*const answers[])(
    struct judge *, const struct visitor *, struct reply *) = {
	[ASKED_BALANCE] = answer_balance,
};

/* ---- questions ----------------------------------------------------------- */

static void
question_judge(
    struct judge *s, const struct asker_question *q, struct reply *reply)
{
	bool is_token = (q->kind & ASKED_BY_TOKEN) != 0;
	struct visitor v;

	buf_reset(&reply->json);
	reply->status = 0;
	if (!(is_token ? token_admit : proxy_admit)(s, q->text, &v, reply))
		return;
	if (v.is_nobody) {
		reply->status = 200;
		buf_puts(&reply->json, "{\"logged_in\":false}\n");
	} else if (!is_customer(v.customer)) {
		answer_error(reply, 400, "customer");
	} else {
		answers[q->kind & ~ASKED_BY_TOKEN](s, &v, reply);
	}
}

/* Answers a question.  If that fails, tries once more: the database may have
 * moved to another server, and only a failed statement shows the move.  Returns
 * false if the parent is gone. */
static bool
question_answer(struct judge *s, const struct asker_question *q)
{
	struct reply reply;
	bool heard;

	buf_init(&reply.json, ANSWER_MAX);
	question_judge(s, q, &reply);
	if (reply.status == 0 && s->failed == EXIT_STOPPED && database_ready(s))
		question_judge(s, q, &reply);
	/* Reports the state again, since the parent may take the database to be
	 * away after a question that took too long. */
	if (reply.status == 0)
		s->reported_at = 0;
	heard = asker_answer(s->fd, q, reply.status,
	    (struct str){ reply.json.data, reply.json.len });
	buf_fini(&reply.json);
	return heard;
}

/* Reports whether the database can be reached, if that has changed or a report
 * is due.  Returns false if the parent is gone. */
static bool
state_report(struct judge *s, bool is_ready)
{
	int64_t now = clock_mono();

	if (is_ready && s->reported_at != 0 &&
	    now - s->reported_at < ASKER_REPORT_MS * INT64_C(1000))
		return true;
	s->reported_at = is_ready ? now : 0;
	return asker_report(s->fd, is_ready ? ASKER_READY
	                           : s->trouble.now.fault == FAULT_CONFIG
	                               ? ASKER_REFUSED
	                               : ASKER_AWAY);
}

/* Waits for a question and answers it.  Returns without a question when a store
 * has changed, the connection is lost, or a look at the catalog is due.
 * Returns false if the parent is gone. */
static bool
turn(struct judge *s)
{
	struct pollfd files[] = { { .fd = s->fd, .events = POLLIN },
		{ .fd = pg_socket(s->pg), .events = POLLIN } };
	struct asker_question q;
	int r = 0;

	(void)poll(files, NITEMS(files), POLL_MS);
	if (files[1].revents == 0 && files[0].revents != 0)
		r = asker_next(s->fd, &s->arena, &q);
	return r == 0 || (r == 1 && question_answer(s, &q));
}

int
serve_judge(void *arg, int fd)
{
	struct judge s = { .of = arg, .fd = fd };
	bool is_heard = true;

	s.trouble.was_well = s.of->was_well;
	log_context("part=database");
	arena_init(&s.arena);
	s.pg = pg_new(s.of->database_url, "loyald_serve", "loyald serve",
	    sql_stmts, SQL__MAX);
	pg_hasty(s.pg, QUERY_MS);
	catalog_init(&s.catalog, s.pg, s.of->key);
	s.catalog.reads = true;
	while (is_heard && s.failed == EXIT_STOPPED) {
		bool is_ready;

		arena_reset(&s.arena);
		is_ready = database_ready(&s);
		is_heard = state_report(&s, is_ready) &&
		           (!is_ready || turn(&s));
		if (!is_ready && is_heard && s.failed == EXIT_STOPPED)
			clock_sleep_ms(AWAY_MS);
	}
	return s.failed;
}
