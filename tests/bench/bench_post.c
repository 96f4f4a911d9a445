/* SPDX-License-Identifier: MIT */
/*
 * bench_post: measures in CPU microseconds what an order of 8 KB costs: to parse
 * it, as `receive` does, and to post it in a batch, as `work` does with the
 * record of what was read.  For posting, also measures the orders per second.
 *
 * usage: TEST_PG=conninfo bench_post FILE [N [BATCH [PROGRAM [CUSTOMERS]]]]
 * FILE is a Shopify order; the id of the order and the id of its customer are
 * replaced, and each customer orders once a week.  PROGRAM is a program file, or
 * - for a plain one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "base/log.h"
#include "io/clock.h"
#include "ledger/batch/batch.h"
#include "ledger/stmts.h"
#include "wire/shop/shop.h"
#include "wire/travel.h"

enum {
	BODY_ROOM = 64 * 1024,
	CUSTOMERS = 100000
};

#define WEEK  (7 * INSTANT_DAY)
#define BEGIN (INT64_C(1735725600) * INSTANT_SECOND) /* 2025-01-01T10:00Z */

static const char plain[] = "{\"name\":\"points\",\"rules\":[{\"id\":\"order\","
                            "\"on\":\"order\",\"give\":{\"points\":1,"
                            "\"per\":\"1\"}}]}";

static const struct master_key key = { .bytes = { 7 } };

static int64_t
cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A Shopify order, in which the ids of the order and of the customer are
 * replaced for every delivery. */
struct template
{
	char body[BODY_ROOM];
	size_t len;
	char *order, *customer;
};

static char *
place_of(struct template *t, const char *before)
{
	char *p = strstr(t->body, before);

	if (p == NULL)
		die("the order has no %s", before);
	return p + strlen(before);
}

static void
template_read(struct template *t, const char *path)
{
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die("%s cannot be read", path);
	t->len = fread(t->body, 1, sizeof(t->body) - 1, f);
	(void)fclose(f);
	t->order = place_of(t, "\"id\": ");
	t->customer = place_of(t, "\"customer\": {\n  \"id\": ");
}

/* Overwrites the digits at a place with the last digits of n. */
static void
renumber(char *at, int64_t n)
{
	size_t digits = strspn(at, "0123456789");

	for (size_t i = digits; i > 0; i--, n /= 10)
		at[i - 1] = (char)('0' + n % 10);
	if (at[0] == '0')
		at[0] = '1';
}

/* Reads a program file to its end, for the life of the process. */
static const char *
program_read(const char *path)
{
	static char text[BODY_ROOM];
	FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "r");

	if (strcmp(path, "-") == 0)
		return plain;
	if (f == NULL)
		die("%s cannot be read", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	(void)fclose(f);
	return text;
}

static void
load(struct world *c, struct arena *kept, struct store *s, const char *program)
{
	struct store *stores;
	struct err e;

	*s = (struct store){
		.platform = PLATFORM_SHOPIFY,
		.domain = "bench.example",
		.currency = "USD",
		.timezone = "UTC",
		.webhook_token = "bench",
		.secrets = { STR("bench") },
	};
	if (store_add(c->pg, kept, &key, s, str_of(program), &e) == -1 ||
	    stores_load(c->pg, kept, &key, &stores, &c->nstores, &e) == -1)
		die("%s", e.msg);
	c->stores = stores;
	if (programs_load(c, kept, &e) == -1)
		die("%s", e.msg);
}

static void
bench_parse(struct template *t, struct arena *a, size_t n)
{
	struct message m = {
		.platform = PLATFORM_SHOPIFY,
		.topic = STR("orders/paid"),
		.body = { t->body, t->len },
	};
	struct event *ev;
	int64_t started = cpu_us();
	struct err e;

	for (size_t i = 0; i < n; i++) {
		arena_reset(a);
		ev = arena_alloc(a, sizeof(*ev));
		if (shop_parse(a, &m, &key, "EUR", ev, &e) == -1)
			die("%s", e.msg);
	}
	printf("parse   %6.1f us of CPU per order of %zu bytes\n",
	    (double)(cpu_us() - started) / (double)n, t->len);
}

/* How many orders of how many customers are posted. */
struct amount {
	size_t n, batch, customers;
};

/* Makes the message of the i-th order of all as it comes to `work`. */
static void
travel(struct template *t, const struct amount *of, const struct store *s,
    size_t i, struct arena *a, struct message *m)
{
	static const uint8_t signature[HMAC_SIZE];
	struct event *ev = arena_alloc(a, sizeof(*ev));
	struct err e;

	renumber(t->order, (int64_t)i + 1);
	renumber(t->customer, (int64_t)(i * 7919 % of->customers));
	*m = (struct message){
		.platform = PLATFORM_SHOPIFY,
		.store_id = s->store_id,
		.topic = STR("orders/paid"),
		.body = { t->body, t->len },
		.deliveries = 1,
	};
	if (shop_parse(a, m, &key, "USD", ev, &e) == -1)
		die("%s", e.msg);
	ev->order.created_at = BEGIN + (int64_t)(i / of->customers) * WEEK;
	travel_pack(a, &key, ev, signature, m);
}

static void
bench_post(struct template *t, struct world *c, const struct store *s,
    const struct amount *of)
{
	const size_t n = of->n, batch = of->batch;
	struct message *m = calloc(batch, sizeof(*m));
	struct arena way;
	int64_t cpu = 0, wall = 0;
	struct batch_result r;
	struct err e;

	if (m == NULL)
		die("out of memory");
	arena_init(&way);
	for (size_t done = 0; done < n; done += batch) {
		int64_t started, started_cpu;

		arena_reset(c->arena);
		arena_reset(&way);
		for (size_t i = 0; i < batch; i++)
			travel(t, of, s, done + i, &way, &m[i]);
		started = clock_mono();
		started_cpu = cpu_us();
		c->now = clock_now();
		for (size_t i = 0; i < batch; i++)
			travel_open(c->arena, &key, &m[i]);
		if (batch_post(c, m, batch, &r, &e) == -1)
			die("%s", e.msg);
		cpu += cpu_us() - started_cpu;
		wall += clock_mono() - started;
	}
	printf("post    %6.1f us of CPU here per order, %.0f orders/s, in "
	       "batches of %zu\n",
	    (double)cpu / (double)n, (double)n * 1e6 / (double)wall, batch);
	arena_fini(&way);
	free(m);
}

int
main(int argc, char *argv[])
{
	static struct template t;
	struct amount of = {
		.n = argc > 2 ? strtoul(argv[2], NULL, 10) : 20000,
		.batch = argc > 3 ? strtoul(argv[3], NULL, 10) : 200,
		.customers = argc > 5 ? strtoul(argv[5], NULL, 10) : CUSTOMERS,
	};
	struct arena arena, kept;
	struct world c = { .arena = &arena, .key = &key };
	struct store s;

	if (argc < 2 || getenv("TEST_PG") == NULL || of.batch == 0 ||
	    of.batch > BATCH_MAX || of.customers == 0) {
		fprintf(stderr,
		    "usage: TEST_PG=conninfo %s FILE [N [BATCH [PROGRAM "
		    "[CUSTOMERS]]]]\n",
		    argv[0]);
		return EXIT_USAGE;
	}
	template_read(&t, argv[1]);
	arena_init(&arena);
	arena_init(&kept);
	bench_parse(&t, &arena, of.n);
	c.pg = pg_new(getenv("TEST_PG"), NULL, "bench", sql_stmts, SQL__MAX);
	pg_by_key(c.pg);
	load(&c, &kept, &s, program_read(argc > 4 ? argv[4] : "-"));
	of.n -= of.n % of.batch;
	bench_post(&t, &c, &s, &of);
	pg_free(c.pg);
	arena_fini(&kept);
	arena_fini(&arena);
	return EXIT_STOPPED;
}
