/* SPDX-License-Identifier: MIT */
/* Checks that equal dead letters are kept only once and counted, that bodies
 * are encrypted, and that a body is given back as it was received. */
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "../support/database.h"
#include "../support/test.h"
#include "base/instant.h"
#include "ledger/dead.h"
#include "ledger/key_trial.h"

static struct pg *work, *pg; /* `work` buries letters, `pg` reads them */
static struct pg *schedule;  /* the connection that deletes letters */
static const char *conninfo;
static struct arena arena;
static const struct master_key key = { .bytes = { 1, 2, 3 } };
static const struct master_key other_key = { .bytes = { 3, 2, 1 } };

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
		.body = { "{\0\xff\"", 4 }, /* bytes that are no text */
		.stream = 2,
	};

	(void)snprintf(m.stream_id, sizeof(m.stream_id), "%s", stream_id);
	return m;
}

/* Buries all messages of a batch. */
static void
bury_all(const struct message *m, size_t n, const char *why_class,
    const char *reason)
{
	const struct world w = { .pg = work, .arena = &arena, .key = &key };
	struct burial *list = arena_array(&arena, n, sizeof(*list));
	struct err e;

	for (size_t i = 0; i < n; i++)
		list[i] = (struct burial){ 1, &m[i], why_class, reason };
	must(dead_bury(&w, list, n, &e), &e);
}

static void
bury(const struct message *m, const char *why_class, const char *reason)
{
	bury_all(m, 1, why_class, reason);
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
	struct key_trial t;
	struct dead_letter *open, d;
	struct err e;

	(void)state;
	bury(&was, "unparsable", "no JSON");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_string_equal(open[0].why_class, "unparsable");
	assert_string_equal(open[0].reason, "no JSON");
	assert_string_equal(open[0].stream_id, "2:17-0");
	assert_int_equal(open[0].body.len, 0);

	/* The newest open letter is decrypted to find out whether a key is
	 * right. */
	must(key_trial_run(pg, &arena, &key, &t, &e), &e);
	assert_int_equal(t.letters, 1);
	assert_true(key_trial_fits(&t));
	must(key_trial_run(pg, &arena, &other_key, &t, &e), &e);
	assert_int_equal(t.letters, 1);
	assert_false(key_trial_fits(&t));

	must(dead_get(pg, &arena, &key, open[0].dead_id, &d, &e), &e);
	must(dead_message(&d, &m, &e), &e);
	assert_int_equal(m.platform, was.platform);
	assert_int_equal(m.address, ADDRESS_REPLAYED);
	assert_int_equal(m.store_id, was.store_id);
	assert_int_equal(m.received_at, was.received_at);
	assert_true(str_eq(m.topic, was.topic));
	assert_true(str_eq(m.delivery_id, was.delivery_id));
	assert_true(str_eq(m.body, was.body));
}

/* Checks that a letter of a message which receive has read has the record, and
 * that two messages of one signed body share a letter although each has a
 * record of its own. */
static void
test_record(void **state)
{
	struct message was = sample("17-0"), m;
	struct dead_letter *open, d;
	struct err e;

	(void)state;
	was.is_record = true;
	memcpy(was.mark, "0123456789abcdef", MARK_SIZE);
	was.body = STR("\1the record");
	bury(&was, "foreign", "another shop's");
	m = was;
	m.body = STR("\1received later");
	(void)snprintf(m.stream_id, sizeof(m.stream_id), "18-0");
	bury(&m, "foreign", "another shop's");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_int_equal(open[0].times, 2);
	assert_int_equal(
	    database_number("SELECT count(*) FROM dead_letter WHERE"
	                    " position('record'::bytea IN body) > 0"),
	    0);

	must(dead_get(pg, &arena, &key, open[0].dead_id, &d, &e), &e);
	assert_true(d.is_record);
	must(dead_message(&d, &m, &e), &e);
	assert_int_equal(m.platform, was.platform);
	assert_int_equal(m.address, ADDRESS_REPLAYED);
	assert_int_equal(m.store_id, was.store_id);
	assert_int_equal(m.received_at, was.received_at);
	assert_true(str_eq(m.topic, was.topic));
	assert_true(m.is_record && !m.is_sealed);
	assert_true(str_eq(m.body, was.body));
	assert_int_equal(dead_get(pg, &arena, &other_key, 1, &d, &e), -1);

	/* The replayed message is counted in the same letter. */
	(void)snprintf(m.stream_id, sizeof(m.stream_id), "19-0");
	bury(&m, "foreign", "another shop's");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_int_equal(open[0].times, 3);
	/* A record with another mark, and the body of that text, are others. */
	m.mark[0]++;
	(void)snprintf(m.stream_id, sizeof(m.stream_id), "20-0");
	bury(&m, "foreign", "another shop's");
	m = sample("21-0");
	m.body = was.body;
	bury(&m, "foreign", "another shop's");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 3);
	must(dead_get(pg, &arena, &key, open[0].dead_id, &d, &e), &e);
	assert_false(d.is_record);
}

/* Checks that a message in an unknown encoding is buried as a whole. */
static void
test_a_message_of_a_newer_version(void **state)
{
	struct message was = sample("17-0"), whole = { .stream_id = "18-0" }, m;
	struct dead_letter *open, d;
	struct err e;
	struct buf b;

	(void)state;
	was.address = ADDRESS_SINGLE;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&was, &b);
	whole.body = (struct str){ b.data, b.len };
	bury(&whole, "unparsable", "not a message of loyald's");
	(void)list(&(struct dead_query){ .max = 9 }, &open);
	must(dead_get(pg, &arena, &key, open[0].dead_id, &d, &e), &e);
	must(dead_message(&d, &m, &e), &e);
	assert_int_equal(m.platform, was.platform);
	assert_int_equal(m.address, was.address);
	assert_int_equal(m.store_id, was.store_id);
	assert_int_equal(m.received_at, was.received_at);
	assert_true(str_eq(m.topic, was.topic));
	assert_true(str_eq(m.body, was.body));

	d.body.len--;
	assert_int_equal(dead_message(&d, &m, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_non_null(strstr(e.msg, "could be read again"));
	buf_fini(&b);
}

/* Checks that there are n letters, and returns them, the newest first. */
static struct dead_letter *
letters(size_t n)
{
	struct dead_letter *all;

	assert_int_equal(
	    list(&(struct dead_query){ .max = 99, .all = true }, &all), n);
	return all;
}

static void
test_counted(void **state)
{
	struct message m[] = { sample("17-0"), sample("18-0"), sample("17-0") };
	struct dead_letter *l;

	(void)state;
	m[1].received_at -= INSTANT_SECOND;
	m[1].delivery_id = STR("d-0");
	m[2].stream = 3; /* the same id in another stream is another message */
	m[2].received_at += INSTANT_SECOND;
	m[2].delivery_id = STR("d-2");
	bury(&m[0], "unparsable", "first");
	l = letters(1);
	assert_int_equal(l[0].times, 1);
	assert_int_equal(l[0].last_died_at, l[0].died_at);
	bury_all(&m[1], 2, "unparsable", "again");
	l = letters(1);
	assert_int_equal(l[0].times, 3);
	assert_true(l[0].last_died_at > l[0].died_at);
	assert_string_equal(l[0].reason, "again");
	/* The letter has the time when its newest message was received. */
	assert_int_equal(l[0].received_at, m[2].received_at);
	assert_string_equal(l[0].delivery_id, "d-2");
}

static void
test_one_message_is_counted_once(void **state)
{
	struct message m[] = { sample("17-0"), sample("18-0"), sample("19-0"),
		sample("19-0") };

	(void)state;
	/* Buries the same batch again: whole, message by message, and with a
	 * new message that is in the batch twice. */
	bury_all(m, 2, "unparsable", "x");
	bury_all(m, 2, "unparsable", "x");
	assert_int_equal(letters(1)[0].times, 2);
	bury(&m[0], "unparsable", "x");
	bury(&m[1], "unparsable", "x");
	assert_int_equal(letters(1)[0].times, 2);
	bury_all(m, 4, "unparsable", "x");
	bury_all(m, 4, "unparsable", "x");
	assert_int_equal(letters(1)[0].times, 3);
	/* A message that is buried in another class is not counted again
	 * either. */
	bury(&m[0], "refused", "x");
	assert_int_equal(letters(1)[0].times, 3);
}

/* Checks that messages of one entry of a stream are counted each. */
static void
test_of_one_entry(void **state)
{
	struct message m[] = { sample("17-0"), sample("17-0"), sample("17-0"),
		sample("17-0") };
	struct dead_letter *l;

	(void)state;
	for (unsigned i = 0; i < NITEMS(m); i++)
		m[i].part = i;
	m[1].body = STR("another");
	bury_all(m, 4, "unparsable", "x");
	bury_all(m, 4, "unparsable", "x");
	l = letters(2);
	assert_int_equal(l[0].times + l[1].times, 4);
	assert_int_equal(l[0].times * l[1].times, 3);
}

static void
test_what_is_one(void **state)
{
	struct message m[] = { sample("1-0"), sample("2-0"), sample("3-0"),
		sample("4-0"), sample("5-0"), sample("6-0") };

	(void)state;
	m[1].topic = STR("order.deleted");
	m[2].store_id = 4;
	m[3].body.len--;
	m[4].body = STR("");
	bury_all(m, 5, "unparsable", "x");
	bury(&m[5], "refused", "x");
	for (int i = 0; i < 6; i++)
		assert_int_equal(letters(6)[i].times, 1);
}

static void
test_many(void **state)
{
	enum {
		BATCH = 500,
		BATCHES = 5
	};
	static struct message m[BATCH];

	(void)state;
	for (int i = 0; i < BATCHES; i++) {
		for (int j = 0; j < BATCH; j++) {
			char id[STREAM_ID_MAX];

			(void)snprintf(id, sizeof(id), "%d-%d", i + 1, j);
			m[j] = sample(id);
		}
		bury_all(m, BATCH, "unparsable", "x");
		bury_all(m, BATCH, "unparsable", "x");
	}
	assert_int_equal(letters(1)[0].times, BATCH * BATCHES);
	assert_int_equal(
	    database_number("SELECT cardinality(places) FROM dead_letter"),
	    DEAD_PLACES_MAX);
}

/* Checks letters that an older loyald writes at the same time as this one.  The
 * older loyald names streams in another way. */
static void
test_of_before(void **state)
{
	struct message m[] = { sample("17-0"), sample("18-0"), sample("19-0") };
	struct dead_letter *l, d;
	struct err e;
	const char *old =
	    "INSERT INTO dead_letter (tenant_id, store_id, platform, "
	    "stream_id, topic, delivery_id, received_at, class, reason, body) "
	    "SELECT 1, 3, 2, '2/' || n || '-0', topic, delivery_id, "
	    "received_at, class, 'old', body FROM dead_letter, "
	    "generate_series(17, 18) AS n WHERE dead_id = 1 "
	    "ON CONFLICT (tenant_id, store_id, stream_id) DO NOTHING";

	(void)state;
	bury(&m[2], "unparsable", "x");
	database_run("%s", old);
	database_run("%s", old);
	l = letters(3);
	assert_string_equal(l[0].reason, "old");
	assert_int_equal(l[0].times, 1);
	assert_int_equal(l[0].last_died_at, l[0].died_at);
	must(dead_mark(pg, &arena, &l[0], false, &e), &e);
	bury_all(m, 2, "unparsable", "x");
	l = letters(3);
	assert_true(l[0].discarded_at > 0);
	assert_int_equal(l[2].times, 3);
	must(dead_get(pg, &arena, &key, l[2].dead_id, &d, &e), &e);
	assert_true(str_eq(d.body, m[0].body));
}

static void
test_open_again(void **state)
{
	struct message m[] = { sample("17-0"), sample("18-0"), sample("19-0"),
		sample("20-0") };
	struct dead_letter was, *open;
	struct err e;

	(void)state;
	bury(&m[0], "unparsable", "x");
	was = letters(1)[0];
	must(dead_mark(pg, &arena, &was, true, &e), &e);
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 0);
	bury(&m[0], "unparsable", "x"); /* as when the batch is tried again */
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 0);
	bury(&m[1], "unparsable", "x"); /* the replayed message died, too */
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_int_equal(open[0].dead_id, was.dead_id);
	assert_int_equal(open[0].times, 2);
	assert_int_equal(open[0].replayed_at, 0);

	must(dead_mark(pg, &arena, &open[0], false, &e), &e);
	bury(&m[2], "unparsable", "x");
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_int_equal(open[0].times, 3);

	/* The message dies again before its letter is marked as replayed. */
	was = open[0];
	bury(&m[3], "unparsable", "x");
	must(dead_mark(pg, &arena, &was, true, &e), &e);
	must(dead_mark(pg, &arena, &was, false, &e), &e);
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &open), 1);
	assert_int_equal(open[0].times, 4);
}

/* Checks that two workers may bury the same message at the same time. */
static void
test_two_at_once(void **state)
{
	static const char waiting
	    [] = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = "
	         "'PgSleep'";
	struct message m = sample("17-0");
	struct burial b = { 1, &m, "unparsable", "x" };
	const struct world w = { .pg = work, .arena = &arena, .key = &key };
	PGconn *other = PQconnectdb(conninfo);
	uint8_t hash[32];
	char hex[65];
	PGresult *r;
	struct err e;

	(void)state;
	assert_int_equal(PQstatus(other), CONNECTION_OK);
	body_hash(&key, m.body, hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	assert_int_equal(
	    PQsendQuery(other,
	        arena_printf(&arena,
	            "BEGIN; INSERT INTO dead_letter (tenant_id, store_id, "
	            "platform, stream_id, topic, delivery_id, class, reason, "
	            "body, body_hash, places) VALUES (1, 3, 2, '2/17-0', "
	            "'order.updated', '', 'unparsable', 'other', '', "
	            "'\\x%s', '{2:17-0}'); "
	            "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE "
	            "NOT granted) LOOP PERFORM pg_sleep(0.01); END LOOP; END "
	            "$$; COMMIT",
	            hex)),
	    1);
	while (database_number("%s", waiting) == 0)
		;
	assert_int_equal(dead_bury(&w, &b, 1, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	while ((r = PQgetResult(other)) != NULL) {
		assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
		PQclear(r);
	}
	PQfinish(other);
	bury(&m, "unparsable", "x");
	assert_int_equal(letters(1)[0].times, 1);
}

static void
test_end_of_life(void **state)
{
	struct message m[] = { sample("1-0"), sample("2-0"), sample("3-0"),
		sample("4-0") };
	struct dead_letter *l;
	struct err e;
	int64_t open;
	size_t n;

	(void)state;
	m[1].topic = STR("order.deleted");
	m[2].topic = STR("product.deleted");
	m[3].topic = STR("customer.deleted");
	bury_all(m, 4, "misdirected", "x");
	/* m[0] has a letter already, so no other letter is made. */
	bury_all(m, 1, "unparsable", "x");
	m[0] = sample("5-0");
	bury_all(m, 1, "unparsable", "x");
	database_run("UPDATE dead_letter SET died_at = now() - interval '91 "
	             "days' WHERE topic <> 'customer.deleted'");
	database_run("UPDATE dead_letter SET again_at = now() - interval '89 "
	             "days' WHERE topic = 'order.deleted'");
	database_run("UPDATE dead_letter SET discarded_at = now() "
	             "WHERE topic = 'product.deleted'");
	must(dead_open(schedule, &arena, &open, &e), &e);
	assert_int_equal(open, 4);
	must(dead_expire(schedule, &arena, &n, &e), &e);
	assert_int_equal(n, 2);
	must(dead_expire(schedule, &arena, &n, &e), &e);
	assert_int_equal(n, 0);
	l = letters(3);
	assert_string_equal(l[0].why_class, "unparsable");
	assert_string_equal(l[1].topic, "order.deleted");
	assert_string_equal(l[2].topic, "customer.deleted");
	must(dead_open(schedule, &arena, &open, &e), &e);
	assert_int_equal(open, 3);
}

static void
test_tally(void **state)
{
	struct dead_tally t = { 0 }, more = { 0 };

	(void)state;
	dead_tally_add(&t, 1, "unparsable", 1);
	dead_tally_add(&t, 7, "foreign", 2);
	dead_tally_add(&t, 1, "unparsable", 2);
	assert_string_equal(dead_tally_text(&arena, &t),
	    "3 unparsable of store 1, 2 foreign of store 7");
	for (int i = 1; i <= 2 * DEAD_TALLY_MAX; i++)
		dead_tally_add(&more, i, "unparsable", 1);
	dead_tally_join(&t, &more);
	assert_int_equal(t.all, 5 + 2 * DEAD_TALLY_MAX);
	assert_string_equal(dead_tally_text(&arena, &t),
	    "4 unparsable of store 1, 2 foreign of store 7, 1 unparsable of "
	    "store 2, 1 unparsable of store 3, 1 unparsable of store 4, 1 "
	    "unparsable of store 5, 1 unparsable of store 6, 1 unparsable of "
	    "store 7, 9 others");
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
	/* Without the key everything of a letter is shown except its body. */
	must(dead_get(pg, &arena, NULL, 1, &d, &e), &e);
	assert_int_equal(d.body.len, 0);
	assert_int_equal(dead_get(pg, &arena, &key, 99, &d, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
}

/* Checks that a letter is buried whatever texts its sender has chosen. */
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

	must(dead_mark(pg, &arena, &l[0], true, &e), &e);
	assert_int_equal(list(&(struct dead_query){ .max = 9 }, &l), 2);
	must(dead_mark(pg, &arena, &l[0], false, &e), &e);
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
	conninfo = database_new();
	work = database_pg("loyald_work");
	pg = database_pg("loyald_operator");
	schedule = database_pg("loyald_schedule");
	arena_init(&arena);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	pg_free(work);
	pg_free(pg);
	pg_free(schedule);
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
		TEST(test_record),
		TEST(test_a_message_of_a_newer_version),
		TEST(test_counted),
		TEST(test_one_message_is_counted_once),
		TEST(test_of_one_entry),
		TEST(test_what_is_one),
		TEST(test_many),
		TEST(test_of_before),
		TEST(test_open_again),
		TEST(test_two_at_once),
		TEST(test_end_of_life),
		TEST(test_tally),
		TEST(test_sealed),
		TEST(test_headers_that_are_no_text),
		TEST(test_which),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
