/* SPDX-License-Identifier: MIT */
/*
 * bench_history: measures in CPU microseconds, of the process `work` and of its
 * PostgreSQL, what one order more costs a member who has many.
 *
 * usage: TEST_PG=conninfo bench_history PROGRAM WINDOW SIZE...
 * SIZE is how many orders the member has before; one more is measured at each
 * SIZE.  WINDOW is `weekly`, for orders a week apart (closer, if the first
 * would be older than 50 years), or `close`, for orders that all lie within 300
 * days.  The environment's MOST bounds the steps of a fold.
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

enum {
	TEXT_ROOM = 64 * 1024,
	BATCH = 500,
	SINGLE = 10,   /* orders that are measured at a size below 100, */
	SINGLES = 300, /* and above: more than from one seam to the next */
};

static const struct master_key key = { .bytes = { 7 } };

static int64_t
cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int backend;

static int64_t
pg_us(void)
{
	char path[64];
	unsigned long long ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", backend);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%llu", &ns) != 1)
		die("%s cannot be read", path);
	fclose(f);
	return (int64_t)(ns / 1000);
}

static char *
program_read(const char *path)
{
	static char text[TEXT_ROOM];
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die("%s cannot be read", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static int64_t newest, every;

static void
message_of(struct arena *a, const struct store *s, int64_t n, int64_t at,
    struct message *m)
{
	char when[INSTANT_TEXT_MAX];
	char *body;

	instant_format(at, when);
	body = arena_printf(a,
	    "{\"id\":%" PRId64 ",\"created_at\":\"%s\",\"updated_at\":\"%s\","
	    "\"processed_at\":\"%s\",\"currency\":\"USD\",\"financial_status\":"
	    "\"paid\",\"total_price\":\"43.10\",\"subtotal_price\":\"43.10\","
	    "\"taxes_included\":true,\"total_tax\":\"0.00\",\"customer\":{\"id\":"
	    "1},\"line_items\":[{\"id\":%" PRId64 ",\"quantity\":1,"
	    "\"current_quantity\":1,\"price\":\"43.10\",\"total_discount\":"
	    "\"0.00\",\"product_id\":7,\"sku\":\"a\",\"title\":\"b\"}],"
	    "\"refunds\":[]}",
	    n, when, when, when, n);
	*m = (struct message){
		.platform = PLATFORM_SHOPIFY,
		.store_id = s->store_id,
		.topic = STR("orders/paid"),
		.body = str_of(body),
		.deliveries = 1,
	};
}

static int64_t next_id = 1;

static void
post(struct world *c, const struct store *s, size_t n)
{
	static struct message m[BATCH];
	struct batch_result r;
	struct err e;

	arena_reset(c->arena);
	for (size_t i = 0; i < n; i++) {
		message_of(c->arena, s, next_id++, newest, &m[i]);
		newest += every;
	}
	c->now = clock_now();
	if (batch_post(c, m, n, &r, &e) == -1)
		die("%s", e.msg);
	if (r.dead > 0)
		die("%zu dead", (size_t)r.dead);
}

int
main(int argc, char *argv[])
{
	struct arena arena, kept;
	struct world c = { .arena = &arena, .key = &key };
	struct store s = {
		.platform = PLATFORM_SHOPIFY,
		.domain = "bench.example",
		.currency = "USD",
		.timezone = "UTC",
		.webhook_token = "bench",
		.secrets = { STR("bench") },
	};
	struct store *stores;
	struct err e;
	int64_t most;

	if (argc < 4)
		return EXIT_USAGE;
	if (getenv("MOST"))
		c.steps_most = atoll(getenv("MOST"));
	most = atoll(argv[argc - 1]) + (argc - 3) * SINGLES;
	every = strcmp(argv[2], "close") == 0 ? 300 * INSTANT_DAY / most
	                                      : 7 * INSTANT_DAY;
	if (every * most > INSTANT_DAY * 365 * 50)
		every = INSTANT_DAY * 365 * 50 / most;
	newest = clock_now() - 30 * INSTANT_DAY - most * every;
	arena_init(&arena);
	arena_init(&kept);
	c.pg = pg_new(getenv("TEST_PG"), NULL, "bench", sql_stmts, SQL__MAX);
	pg_by_key(c.pg);
	if (store_add(c.pg, &kept, &key, &s, str_of(program_read(argv[1])),
	        &e) == -1 ||
	    stores_load(c.pg, &kept, &key, &stores, &c.nstores, &e) == -1)
		die("%s", e.msg);
	c.stores = stores;
	if (programs_load(&c, &kept, &e) == -1)
		die("%s", e.msg);
	{
		char cmd[256];
		FILE *f;
		snprintf(cmd, sizeof cmd,
		    "psql \"$TEST_PG\" -Atc \"select pid from pg_stat_activity where backend_type='client backend' and pid<>pg_backend_pid() order by backend_start desc limit 1\"");
		f = popen(cmd, "r");
		if (fscanf(f, "%d", &backend) != 1)
			die("no pid");
		pclose(f);
	}
	for (int i = 3; i < argc; i++) {
		int64_t size = atoll(argv[i]), t0 = clock_mono();
		int singles = size < 100 ? SINGLE : SINGLES;
		int64_t n0 = next_id, a, b, w0 = cpu_us(), p0 = pg_us();

		while (next_id - 1 < size)
			post(&c, &s,
			    (size_t)(size - next_id + 1 < BATCH
			                 ? size - next_id + 1
			                 : BATCH));
		printf("%s %s: to %" PRId64
		       ": %.0f orders/s, us each: work %.0f pg %.0f\n",
		    argv[1], argv[2], size,
		    (double)(next_id - n0) * 1e6 / (double)(clock_mono() - t0),
		    (double)(cpu_us() - w0) / (double)(next_id - n0),
		    (double)(pg_us() - p0) / (double)(next_id - n0));
		a = cpu_us();
		b = pg_us();
		for (int k = 0; k < singles; k++)
			post(&c, &s, 1);
		printf("   one more: work %.0f us, PostgreSQL %.0f us\n",
		    (double)(cpu_us() - a) / singles,
		    (double)(pg_us() - b) / singles);
		fflush(stdout);
	}
	pg_free(c.pg);
	return EXIT_STOPPED;
}
