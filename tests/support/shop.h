/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "core/account.h"
#include "database.h"
#include "ledger/batch/batch.h"
#include "ledger/members.h"
#include "ledger/program_edit.h"
#include "ledger/timeline/timeline.h"
#include "test.h"

/*
 * shop: a merchant's store in a test of the ledger: the deliveries that the
 * store sends, and what its customers have afterwards.
 *
 * Every test has a new store of a new merchant, in a database that only the
 * test program uses.  An error in any of these functions fails the test.
 *
 * Times are written as in a delivery, "2026-03-01T12:00:00Z"; a day alone means
 * the beginning of the day.  In programs and bodies ' stands for ".  Texts that
 * are returned live as long as the test.
 */

extern struct pg *pg;       /* connected as the owner of the tables */
extern struct pg *schedule; /* connected with the role of schedule */
extern struct arena arena;  /* the memory of one test */
extern struct world world;  /* the world of work; tests set `now` */
extern struct store shop;   /* the store that sends the deliveries */

/* Make and drop the database; for a group of tests. */
int shop_begin(void **state);
int shop_end(void **state);
/* Fails the test if the ledger does not verify; for use after every test. */
int shop_verify(void **state);
/* Damages the ledger, runs verify, and repairs the ledger.  Fails the test if
 * the given check of verify did not find the damage. */
void shop_verify_finds(
    const char *check, const char *damage, const char *repair);

/* Begins a test on 2026-03-01 at noon, with a new `shop` that has this
 * program. */
void shop_new(const char *program);
/* Adds a store beside `shop`, with made-up values for a domain, token or secret
 * that is NULL or empty.  A tenant_id makes the store another one of that
 * merchant. */
struct store shop_add(struct store, const char *program);
/* Makes JSON of a text that has ' for ". */
struct str shop_json(const char *);
/* Publishes a version of the store's program that is in effect from that time
 * on. */
struct program_added shop_publish(const char *program, const char *from);
/* Reads the stores and programs into the tests' struct world again. */
void shop_load(void);
/* Makes a copy of the world that has another connection. */
struct world shop_world(struct pg *);

int64_t at(const char *time);

/* ---- deliveries ---- */

enum {
	NOBODY = -1, /* an order without a customer */
	NO_SHOP = -1 /* an order without a shop's number */
};

/* A Shopify order of one line.  Members that are left out have a default. */
struct shop_order {
	int64_t id;
	const char *price;
	const char *created; /* by default 2026-01-01 */
	const char *updated; /* by default when the order was created */
	const char *status;  /* by default "paid" */
	int64_t customer;    /* by default 5; NOBODY if `email` is set */
	const char *email;
	int64_t product; /* by default 1 */
	int64_t shop_id; /* the number of the shop, by default 1 */
};

const char *shop_order(struct shop_order);
#define ORDER(...) shop_order((struct shop_order){ __VA_ARGS__ })

#define MERGE_5_INTO_6                                                        \
	"{'admin_graphql_api_customer_kept_id':'gid://shopify/Customer/6',"   \
	"'admin_graphql_api_customer_deleted_id':'gid://shopify/Customer/5'," \
	"'status':'completed'}"

struct message shop_message(
    const struct store *, const char *topic, const char *body);
/* `who` is the customer as JSON; `more` is "" or more members, beginning with a
 * comma. */
struct message shop_event(const char *id, const char *type, const char *time,
    const char *who, const char *more);
/* Has a message travel as a record, if receive would read its body and finds no
 * facts in it. */
void shop_receive(struct message *);
/* Posts messages; every other one travels as a record. */
struct batch_result shop_post(const struct message *, size_t n);

/* Posts one delivery of `shop`. */
struct batch_result shop_sends(const char *topic, const char *body);
#define PAID(...)    shop_sends("orders/paid", ORDER(__VA_ARGS__))
#define UPDATED(...) shop_sends("orders/updated", ORDER(__VA_ARGS__))
/* Posts one event of customer 5. */
struct batch_result shop_tells(
    const char *id, const char *type, const char *time, const char *more);

/* ---- the outcome of deliveries ---- */

/* Let the process schedule fold the members that are due, and count these
 * members. */
struct timeline_result due(void);
int64_t due_count(void);

struct member_summary member(const char *customer);
int64_t points(const char *customer); /* available points */
int64_t order_points(int64_t order_id);
/* Count the entries of the merchant's members, and the entries among them that
 * are corrections. */
int64_t entries(void);
int64_t corrections(void);
/* Sums the units that entries of the merchant's members moved to an account. */
int64_t moved_to(enum account);
