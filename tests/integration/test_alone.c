/* SPDX-License-Identifier: MIT */
/*
 * Tests a member whose timeline takes more steps than a batch may take.  The
 * member is set aside, and folded alone later.  A member that takes too many
 * steps even alone is not tried again for a day.  The bounds are small in
 * this test.  After every test the ledger is verified.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/shop.h"
#include "base/instant.h"
#include "io/clock.h"

#define LONG  "5" /* a customer with a long timeline */
#define OTHER "6" /* a customer with a short timeline */

/* A program that gives 50 points more for the second order, so that members
 * have timelines. */
#define SECOND                                                       \
	"{'name':'second','rules':["                                 \
	"{'id':'order','on':'order','give':{'points':1,'per':'1'}}," \
	"{'id':'again','on':'order','when':{'nth':2},"               \
	" 'give':{'points':50,'per':'event'}}],"                     \
	"'rewards':[{'id':'small','cost':10,'kind':'amount',"        \
	" 'amount':'1.00'}]}"

enum {
	STEPS = 20000,    /* most steps of a fold; a few orders need fewer */
	MANY = 20,        /* orders that take more than STEPS */
	BOUND_MS = 20000, /* a test fails after waiting so long */
};

/* An order of 10.00. */
static struct message
order(int64_t id, int customer)
{
	return shop_message(&shop, "orders/paid",
	    ORDER(.id = id, .price = "10.00", .created = "2026-02-10",
	        .customer = customer));
}

/* An order of a minute of its own. */
static struct message
order_at(int64_t id)
{
	char created[32];

	(void)snprintf(created, sizeof(created), "2026-01-%02dT%02d:%02d:00Z",
	    1 + (int)id / 60 / 24, (int)id / 60 % 24, (int)id % 60);
	return shop_message(&shop, "orders/paid",
	    ORDER(.id = id, .price = "10.00", .created = created,
	        .customer = 5));
}

static int64_t
state_of(const char *customer, const char *what)
{
	return database_number(
	    "SELECT %s FROM member_state WHERE member_id = %lld", what,
	    (long long)member(customer).member_id);
}

static void
make_due(int64_t steps)
{
	database_run(
	    "UPDATE member_state SET due_at = '2026-03-01T00:00:00Z', steps = "
	    "%lld WHERE tenant_id = %lld",
	    (long long)steps, (long long)shop.tenant_id);
}

static struct timeline_result
alone(void)
{
	const struct world w = shop_world(schedule);
	struct timeline_result r;
	struct err e;

	must(timeline_alone(&w, &r, &e), &e);
	return r;
}

/* Sends twenty orders of LONG and one of OTHER in one batch.  LONG must be set
 * aside: its orders are kept, and no points are posted. */
static void
set_aside(void)
{
	struct message m[MANY + 1];
	struct batch_result r;

	for (int i = 0; i < MANY; i++)
		m[i] = order(i + 1, 5);
	m[MANY] = order(1000, 6);
	r = shop_post(m, NITEMS(m));
	assert_int_equal(r.aside, 1);
	assert_int_equal(r.dead, 0);
	assert_int_equal(points(OTHER), 10);
	assert_int_equal(points(LONG), 0);
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM order_state WHERE member_id = %lld",
	        (long long)member(LONG).member_id),
	    MANY);
	assert_int_equal(state_of(LONG, "woken::int"), 1);
}

/* ---- tests --------------------------------------------------------------- */

static void
test_set_aside(void **state)
{
	struct timeline_result r;
	struct message more;

	(void)state;
	set_aside();
	/* A member that was set aside is not read and not reported again. */
	more = order(MANY + 1, 5);
	assert_int_equal(shop_post(&more, 1).aside, 0);
	assert_int_equal(points(LONG), 0);
	/* `schedule` does not fold the member together with others. */
	assert_int_equal(due_count(), 1);
	assert_int_equal(due().members, 0);
	r = alone();
	assert_int_equal(r.members, 1);
	assert_int_equal(r.nstuck, 0);
	assert_int_equal(points(LONG), 10 * (MANY + 1) + 50);
	assert_int_equal(state_of(LONG, "woken::int"), 0);
	assert_int_equal(due_count(), 0);
	assert_int_equal(alone().members, 0);
	/* A further order is posted when the member is next folded alone. */
	more = order(MANY + 2, 5);
	(void)shop_post(&more, 1);
	assert_int_equal(points(LONG), 10 * (MANY + 1) + 50);
	assert_int_equal(alone().members, 1);
	assert_int_equal(points(LONG), 10 * (MANY + 2) + 50);
}

/* Checks that the process `schedule`, too, sets aside a member with too many
 * steps, even if the process `work` has folded the member before. */
static void
test_found_by_schedule(void **state)
{
	struct message m;
	struct timeline_result r;

	(void)state;
	world.steps_most = 0;
	for (int i = 0; i < MANY; i++) {
		m = order(i + 1, 5);
		assert_int_equal(shop_post(&m, 1).aside, 0);
	}
	assert_int_equal(points(LONG), 10 * MANY + 50);
	assert_true(state_of(LONG, "steps") > STEPS);
	world.steps_most = STEPS;
	/* An older loyald did not count steps, and saved 0 steps for the
	 * member. */
	make_due(0);
	r = due();
	assert_int_equal(r.members, 0);
	assert_int_equal(r.naside, 1);
	assert_int_equal(r.aside[0].member_id, member(LONG).member_id);
	assert_non_null(strstr(r.aside[0].reason, "20 orders and events"));
	assert_int_equal(due().naside, 0);
	assert_int_equal(alone().members, 1);
	assert_int_equal(points(LONG), 10 * MANY + 50);
	assert_int_equal(due_count(), 0);
}

static void
test_one_at_a_time(void **state)
{
	struct err e;

	(void)state;
	set_aside();
	must(pg_script(pg,
	         "SELECT pg_advisory_lock(hashtextextended('alone', 0))", &e),
	    &e);
	assert_int_equal(alone().members, 0);
	must(pg_script(pg, "SELECT pg_advisory_unlock_all()", &e), &e);
	assert_int_equal(alone().members, 1);
	/* The lock on the member is free again. */
	assert_int_equal(
	    database_number("SELECT count(*) FROM pg_locks WHERE locktype = "
	                    "'advisory' AND database = (SELECT oid FROM "
	                    "pg_database WHERE datname = current_database())"),
	    0);
}

/* Checks that a member whose timeline takes too many steps even alone is not
 * tried again for a day, whatever is sent meanwhile. */
static void
test_hopeless(void **state)
{
	struct timeline_result r;
	struct message more;

	(void)state;
	set_aside();
	world.alone_most = STEPS + 1;
	r = alone();
	assert_int_equal(r.nstuck, 1);
	assert_int_equal(r.stuck[0].member_id, member(LONG).member_id);
	assert_non_null(strstr(r.stuck[0].reason, "20 orders and events"));
	assert_int_equal(points(LONG), 0);
	assert_int_equal(due_count(), 0);
	more = order(MANY + 1, 5);
	assert_int_equal(shop_post(&more, 1).dead, 0);
	assert_int_equal(due_count(), 0);
	assert_int_equal(alone().members, 0);
	world.now += INSTANT_DAY;
	assert_int_equal(due_count(), 1);
	assert_int_equal(alone().nstuck, 1);
	/* A later loyald with higher bounds folds the member. */
	world.alone_most = 0;
	world.now += INSTANT_DAY;
	assert_int_equal(alone().nstuck, 0);
	assert_int_equal(points(LONG), 10 * (MANY + 1) + 50);
}

/* Checks that redemptions of a member that is set aside are posted later. */
static void
test_redemption(void **state)
{
	struct message m[2];

	(void)state;
	set_aside();
	for (int i = 0; i < 2; i++)
		m[i] = shop_event(i == 0 ? "r1" : "r2", "redemption",
		    "2026-02-20", "{'id':5}", ",'reward':'small','units':10");
	assert_int_equal(shop_post(m, 2).refused, 0);
	assert_int_equal(alone().nrefused, 0);
	assert_int_equal(points(LONG), 10 * MANY + 50 - 20);
}

/* Checks that five members with many steps are folded in one transaction, but
 * not ten. */
static void
test_too_many(void **state)
{
	struct message m[10];
	struct batch_result r;
	struct err e;

	(void)state;
	world.steps_most = 0;
	for (int i = 0; i < 10; i++)
		m[i] = order(i + 1, 10 + i);
	(void)shop_post(m, 10);
	make_due(90000000);
	for (int i = 0; i < 10; i++)
		m[i] = order(100 + i, 10 + i);
	assert_int_equal(batch_post(&world, m, 10, &r, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_string_equal(e.msg, "the timelines of 10 members are too long "
	                           "for one transaction");
	(void)shop_post(m, 5);
	(void)shop_post(m + 5, 5);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
		    points(arena_printf(&arena, "%d", 10 + i)), 70);
	/* `schedule` folds the members one by one. */
	make_due(90000000);
	assert_int_equal(due().members, 10);
	assert_int_equal(due_count(), 0);
}

/* Waits until a connection waits for a lock. */
static void
await_waiting(void)
{
	int64_t until = clock_mono() + BOUND_MS * INT64_C(1000);

	while (database_number("SELECT count(*) FROM pg_stat_activity WHERE "
	                       "datname = current_database() AND "
	                       "wait_event_type = 'Lock'") == 0) {
		if (clock_mono() > until)
			fail_msg("nobody waits for a lock");
		clock_sleep_ms(10);
	}
}

/* Has another process fold the member alone.  Returns when that process has
 * read the timeline and waits, to post, for a lock that this process holds. */
static pid_t
alone_until_posting(int64_t member_id)
{
	struct err e;
	pid_t pid;

	must(pg_begin(pg, &e), &e);
	must(pg_script(pg,
	         arena_printf(&arena,
	             "SELECT FROM balance WHERE member_id = %lld FOR UPDATE",
	             (long long)member_id),
	         &e),
	    &e);
	pid = fork();
	if (pid == 0) {
		world.pg = database_pg("loyald_schedule");
		_exit(timeline_alone(
		          &world, &(struct timeline_result){ 0 }, &e) == -1);
	}
	await_waiting();
	return pid;
}

/* Commits the transaction of this process, so that the other process gets the
 * lock, posts and ends. */
static void
alone_go_on(pid_t pid)
{
	struct err e;
	int status;

	must(pg_commit(pg, &e), &e);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Has another process fold the member alone, for whom a fact comes before that
 * process posts. */
static void
alone_and_woken(int64_t member_id)
{
	pid_t pid = alone_until_posting(member_id);
	struct err e;

	must(pg_script(pg,
	         arena_printf(&arena,
	             "UPDATE member_state SET woken = true WHERE member_id = "
	             "%lld",
	             (long long)member_id),
	         &e),
	    &e);
	alone_go_on(pid);
}

/* Checks that a fact which comes while another process folds the member alone
 * is not lost: the member stays due. */
static void
test_meanwhile(void **state)
{
	(void)state;
	set_aside();
	alone_and_woken(member(LONG).member_id);
	assert_int_equal(points(LONG), 10 * MANY + 50);
	assert_int_equal(state_of(LONG, "woken::int"), 1);
	assert_int_equal(due_count(), 1);
	assert_int_equal(alone().members, 1);
	assert_int_equal(state_of(LONG, "woken::int"), 0);
	assert_int_equal(due_count(), 0);
}

/* Checks that a member who took too many steps before, and for whom a fact comes
 * while the fold alone of a later loyald is posted, is not left for another day. */
static void
test_hopeless_meanwhile(void **state)
{
	(void)state;
	set_aside();
	database_run("UPDATE member_state SET steps = %lld, folded_at = "
	             "'2000-01-01T00:00:00Z' WHERE member_id = %lld",
	    (long long)(2 * TIMELINE_ALONE_STEPS_MAX),
	    (long long)member(LONG).member_id);
	alone_and_woken(member(LONG).member_id);
	assert_int_equal(due_count(), 1);
	assert_int_equal(alone().members, 1);
}

/* Checks that nobody posts a fold alone and orders of large accounts at once. */
static void
test_hindered(void **state)
{
	struct pg *other = database_pg("loyald_work");
	struct message more;
	bool hindered;
	struct err e;
	pid_t pid;

	(void)state;
	set_aside();
	must(timeline_alone_hinder(other, &hindered, &e), &e);
	assert_true(hindered);
	pid = alone_until_posting(member(LONG).member_id);
	must(pg_commit(pg, &e), &e);
	/* The other process waits for the lock that hinders, too. */
	await_waiting();
	assert_int_equal(points(LONG), 0);
	assert_true(timeline_alone_let(other));
	must(pg_begin(pg, &e), &e);
	alone_go_on(pid);
	assert_int_equal(points(LONG), 10 * MANY + 50);

	more = order(MANY + 1, 5);
	(void)shop_post(&more, 1);
	pid = alone_until_posting(member(LONG).member_id);
	must(timeline_alone_hinder(other, &hindered, &e), &e);
	assert_false(hindered);
	alone_go_on(pid);
	must(timeline_alone_hinder(other, &hindered, &e), &e);
	assert_true(hindered);
	pg_free(other);
}

/* Checks that an order which has moved to another member meanwhile earns for
 * that member. */
static void
test_moved_meanwhile(void **state)
{
	int64_t from, to;
	struct err e;
	pid_t pid;

	(void)state;
	set_aside();
	from = member(LONG).member_id;
	to = member(OTHER).member_id;
	pid = alone_until_posting(from);
	must(pg_script(pg,
	         arena_printf(&arena,
	             "UPDATE order_state SET member_id = %lld WHERE member_id "
	             "= %lld AND order_id = 7;"
	             "UPDATE member_state SET woken = true, due_at = "
	             "'2026-03-01T00:00:00Z' WHERE member_id IN (%lld, %lld)",
	             (long long)to, (long long)from, (long long)to,
	             (long long)from),
	         &e),
	    &e);
	alone_go_on(pid);
	assert_int_equal(order_points(7), 0);
	while (due().members + alone().members > 0)
		;
	assert_int_equal(points(LONG), 10 * (MANY - 1) + 50);
	assert_int_equal(points(OTHER), 20 + 50);
	assert_int_equal(order_points(7), 60);
}

/* Checks that a member with many orders is set aside when many more come together,
 * stays so while facts come in the middle of a fold alone, and afterwards is
 * folded from a seam again. */
static void
test_burst(void **state)
{
	struct message m[2 * TIMELINE_BURST];
	int64_t n = 0;

	(void)state;
	world.steps_most = 0;
	do {
		for (size_t i = 0; i < NITEMS(m); i++)
			m[i] = order_at(++n);
		assert_int_equal(shop_post(m, NITEMS(m)).aside, 0);
		assert_true(n <= 2 * TIMELINE_BURST_AFTER);
	} while (state_of(LONG, "woken::int") == 0);
	assert_true(n > TIMELINE_BURST_AFTER);
	assert_int_equal(points(LONG), 10 * (n - (int64_t)NITEMS(m)) + 50);
	assert_int_equal(due().members, 0);
	alone_and_woken(member(LONG).member_id);
	assert_int_equal(points(LONG), 10 * n + 50);
	assert_int_equal(due().members, 0);
	assert_int_equal(alone().members, 1);
	assert_int_equal(state_of(LONG, "woken::int"), 0);
	m[0] = order_at(++n);
	(void)shop_post(m, TIMELINE_BURST - 1);
	assert_int_equal(points(LONG), 10 * n + 50);
	assert_int_equal(state_of(LONG, "(seam IS NOT NULL)::int"), 1);
}

/* ---- before and after ---------------------------------------------------- */

static int
setup(void **state)
{
	(void)state;
	arena_reset(&arena);
	shop_new(SECOND);
	world.steps_most = STEPS;
	world.alone_most = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)shop_verify(state);
	/* Leaves no member due, so that the next test has only its own
	 * members. */
	database_run("UPDATE member_state SET due_at = NULL, folded_at = NULL");
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_set_aside),
		TEST(test_found_by_schedule),
		TEST(test_one_at_a_time),
		TEST(test_hopeless),
		TEST(test_redemption),
		TEST(test_too_many),
		TEST(test_meanwhile),
		TEST(test_hopeless_meanwhile),
		TEST(test_hindered),
		TEST(test_moved_meanwhile),
		TEST(test_burst),
	};

	return cmocka_run_group_tests(tests, shop_begin, shop_end);
}
