/* SPDX-License-Identifier: MIT */
/* Dead letters: kept once, sealed, and given back as they were received. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../support/database.h"
#include "base/instant.h"
#include "ledger/dead.h"

static struct pg *work, *pg; /* who buries, and who looks */
static struct arena arena;
static const struct master_key key = { .bytes = { 1, 2, 3 } };
static const struct master_key other_key = { .bytes = { 3, 2, 1 } };

static void
must(int ret, const struct err *e)
{
	if (ret == -1)
		fail_msg("%s", e->msg);
}

static int
setup(void **state)
{
	(void)state;
	database_run("TRUNCATE dead_letter RESTART IDENTITY");
	arena_reset(&arena);
	return 0;
}

static struct message
sample(const char *stream_id)
{
	struct message m = {
		.platform = PLATFORM_WOOCOMMERCE,
		.store_id = 3,
		.received_at = INT64_C(1700000000) * INSTANT_SECOND,
		.topic = STR("order.updated"),
		.delivery_id = STR("d-1"),
		.body = { "{\0\xff\"", 4 }, /* no text at all */
		.stream = 2,
	};

	(void)snprintf(m.stream_id, sizeof(m.stream_id), "%s", stream_id);
	return m;
}

static void
bury(const struct message *m, const char *why_class, const char *reason)
{
	struct err e;

	must(dead_bury(work, &arena, &key, 1, m, why_class, reason, &e), &e);
}

static size_t
list(const struct dead_query *q, struct dead_letter **out)
{
	struct err e;
	size_t n;

	must(dead_list(pg, &arena, q, out, &n, &e), &e);
	return n;
}

static void
test_comes_back_as_it_was(void **state)
{
	struct message was = sample("17-0"), m;
	struct dead_letter *open, d;
	struct err e;

	(void)state;
	bury(&was, "unparsable", "no JSON");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_string_equal(open[0].why_class, "unparsable");
	assert_string_equal(open[0].reason, "no JSON");
	assert_string_equal(open[0].stream_id, "2/17-0");
	assert_int_equal(open[0].body.len, 0);

	must(dead_get(pg, &arena, &key, open[0].dead_id, &d, &e), &e);
	dead_message(&d, &m);
	assert_int_equal(m.platform, was.platform);
	assert_int_equal(m.address, ADDRESS_REPLAYED);
	assert_int_equal(m.store_id, was.store_id);
	assert_int_equal(m.received_at, was.received_at);
	assert_true(str_eq(m.topic, was.topic));
	assert_true(str_eq(m.delivery_id, was.delivery_id));
	assert_true(str_eq(m.body, was.body));
}

static void
test_kept_once(void **state)
{
	struct message m = sample("17-0"), n = sample("17-0");
	struct dead_letter *open;

	(void)state;
	bury(&m, "unparsable", "first");
	bury(&m, "unparsable", "again");
	n.stream = 3; /* the same id in another stream is another message */
	bury(&n, "unparsable", "other");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 2);
	assert_string_equal(open[1].reason, "first");
}

static void
test_sealed(void **state)
{
	struct message m = sample("17-0");
	struct dead_letter d;
	struct err e;

	(void)state;
	m.body = STR("open sesame");
	bury(&m, "unparsable", "x");
	assert_int_equal(
	    database_number("SELECT count(*) FROM dead_letter WHERE"
	                    " position('sesame'::bytea IN body) > 0"),
	    0);
	assert_int_equal(dead_get(pg, &arena, &other_key, 1, &d, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	/* without a key what is known of it is still shown */
	must(dead_get(pg, &arena, NULL, 1, &d, &e), &e);
	assert_int_equal(d.body.len, 0);
	assert_int_equal(dead_get(pg, &arena, &key, 99, &d, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
}

/* What a sender made up must not keep its own letter from being buried. */
static void
test_headers_that_are_no_text(void **state)
{
	struct message m = sample("17-0");
	struct dead_letter *open;

	(void)state;
	m.topic = (struct str){ "or\0der\xc3", 7 };
	m.delivery_id = STR("\xff\xfe");
	m.received_at = 0;
	m.platform = (enum platform)0;
	bury(&m, "unparsable", "cut off in a character \xe2\x82");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_string_equal(open[0].topic, "or?der?");
	assert_string_equal(open[0].delivery_id, "??");
	assert_string_equal(open[0].reason, "cut off in a character ??");
	assert_int_equal(open[0].received_at, 0);
}

static void
test_which(void **state)
{
	struct message m = sample("1-0");
	struct dead_letter *l;
	struct err e;

	(void)state;
	bury(&m, "unparsable", "one");
	m = sample("2-0");
	m.store_id = 4;
	bury(&m, "poison", "two");
	m = sample("3-0");
	bury(&m, "poison", "three");

	assert_int_equal(list(&(struct dead_query){ .max = 2 }, &l), 2);
	assert_string_equal(l[0].reason, "three"); /* newest first */
	assert_int_equal(
	    list(&(struct dead_query){ .max = 9, .before = l[1].dead_id }, &l),
	    1);
	assert_string_equal(l[0].reason, "one");
	assert_int_equal(
	    list(&(struct dead_query){ .max = 9, .store_id = 4 }, &l), 1);
	assert_string_equal(l[0].reason, "two");
	assert_int_equal(list(&(struct dead_query){ .max = 9,
	                          .store_id = 3,
	                          .why_class = "poison" },
	                     &l),
	    1);
	assert_string_equal(l[0].reason, "three");

	must(dead_mark_replayed(pg, &arena, &l[0], &e), &e);
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &l), 2);
	must(dead_mark_discarded(pg, &arena, &l[0], &e), &e);
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &l), 1);
	assert_int_equal(
	    list(&(struct dead_query){ .max = 9, .all = true }, &l), 3);
	assert_true(l[0].replayed_at > 0 && l[0].discarded_at == 0);
	assert_true(l[1].replayed_at == 0 && l[1].discarded_at > 0);
	assert_true(l[2].replayed_at == 0 && l[2].discarded_at == 0);
}

static int
setup_group(void **state)
{
	(void)state;
	(void)database_new();
	work = database_pg("loyald_work");
	pg = database_pg("loyald_operator");
	arena_init(&arena);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	pg_free(work);
	pg_free(pg);
	arena_fini(&arena);
	database_drop();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_comes_back_as_it_was),
		TEST(test_kept_once),
		TEST(test_sealed),
		TEST(test_headers_that_are_no_text),
		TEST(test_which),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
