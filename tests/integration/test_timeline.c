/* SPDX-License-Identifier: MIT */
/*
 * Tests members' timelines in a real PostgreSQL, with the time set by the test:
 * late and repeated deliveries, refunds, expiry, merges, simultaneous
 * redemptions, new programs.  After every test the ledger is verified.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/shop.h"
#include "base/log.h"
#include "ledger/charities.h"
#include "ledger/dead.h"
#include "ledger/member_edit.h"
#include "ledger/vest.h"
#include "ledger/wallets.h"

#define EACH_ORDER "{'id':'order','on':'order','give':{'points':1,'per':'1'}}"

#define PLAIN "{'name':'points','rules':[" EACH_ORDER "]}"

#define PENDING "{'name':'points','pending_days':14,'rules':[" EACH_ORDER "]}"

/* A program in which members of the level gold earn double points.  Gold begins
 * above 100.00 in the year.  Points expire after two months.  A review gives 5
 * points, all reviews of a year at most 10. */
#define TIERS                                                                    \
	"{'name':'tiers',"                                                       \
	"'wallets':{'points':{'unit':'points','expires':{'after':'2 months'}},"  \
	" 'stamps':{'unit':'points'}},"                                          \
	"'rules':[" EACH_ORDER ","                                               \
	" {'id':'review','on':'review','give':{'points':5},"                     \
	"  'limit':{'most':10,'per':'year'}},"                                   \
	" {'id':'shoes','on':'order','to':'stamps',"                             \
	"  'base':{'lines':{'type':['shoes']}},"                                 \
	"  'give':{'points':1,'per':'item'}}],"                                  \
	"'multipliers':[{'id':'gold','times':'2','when':{'tier':['gold']}}],"    \
	"'tiers':{'levels':[{'id':'gold','above':'100.00'}]},"                   \
	"'rewards':[{'id':'ten','cost':10000,'kind':'amount','amount':'10.00'}," \
	" {'id':'small','cost':10,'kind':'amount','amount':'0.10'}]}"

/* A program that gives 1 % of each order to a charity. */
#define GIVING                                       \
	"{'name':'giving','charities':['wildlife']," \
	"'rules':[{'id':'gift','on':'order',"        \
	"'give':{'percent':'1'},'donate':'wildlife'}]}"

/* A program that gives 50 extra points for a member's first order. */
#define FIRST                                            \
	"{'name':'first','rules':[" EACH_ORDER ","       \
	"{'id':'welcome','on':'order','when':{'nth':1}," \
	"'give':{'points':50,'per':'event'}}]}"

/* A program that gives at most 50 points a year. */
#define LIMITED                                       \
	"{'name':'limited','rules':[{'id':'order',"   \
	"'on':'order','give':{'points':1,'per':'1'}," \
	"'limit':{'most':50,'per':'year'}}]}"

/* A program with one limit for all members together: at most 100 points for
 * reviews. */
#define SHARED                                                    \
	"{'name':'shared','rules':[{'id':'review','on':'review'," \
	"'give':{'points':60},"                                   \
	"'limit':{'most':100,'per':'lifetime','of':'program'}}]}"

/* A program that gives points to both sides of a referral. */
#define REFERS                                                   \
	"{'name':'refers','rules':[" EACH_ORDER ","              \
	"{'id':'brings','on':'referral','give':{'points':500}}," \
	"{'id':'brought','on':'referred','give':{'points':7}}]}"

enum {
	RACERS = 50,
	CROWD = 8,    /* processes at once */
	ROUNDS = 25,  /* deliveries or gifts of one process */
	CUSTOMERS = 4 /* the receivers of deliveries and gifts */
};

static struct pg *desk; /* connected with the role of an operator */

/* Lets the process schedule do everything that is due at a time.  Counts the
 * entries that are posted for the shop's customers. */
static int64_t
pass(const char *until)
{
	int64_t before = entries();

	world.now = at(until);
	while (due().members > 0)
		;
	return entries() - before;
}

/* Counts the shop's customers that have a timeline. */
static int64_t
timelines(void)
{
	return database_number(
	    "SELECT count(*) FROM member_state WHERE tenant_id = %lld",
	    (long long)shop.tenant_id);
}

/* Counts the rows of the lots of the shop's customers. */
static int64_t
lots(void)
{
	return database_number(
	    "SELECT count(*) FROM lot WHERE tenant_id = %lld",
	    (long long)shop.tenant_id);
}

/* Gives the units that the shop's only customer has in the second wallet. */
static int64_t
stamps(void)
{
	return database_number("SELECT available FROM balance WHERE "
	                       "tenant_id = %lld AND wallet = 2",
	    (long long)shop.tenant_id);
}

static void
forge_pending(int64_t member_id, int64_t points)
{
	database_run("UPDATE balance SET pending = pending + %lld WHERE "
	             "member_id = %lld AND wallet = %d",
	    (long long)points, (long long)member_id, WALLET_POINTS);
}

/* ---- tests --------------------------------------------------------------- */

/* Checks that the third order earns double points, because the second makes the
 * customer gold, in whatever order the three arrive. */
static void
test_any_order(void **state)
{
	static const int perms[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < NITEMS(perms); i++) {
		shop_new(TIERS);

		const char *orders[] = {
			ORDER(.id = 1, .price = "60.00",
			    .created = "2026-01-10"),
			ORDER(.id = 2, .price = "60.00",
			    .created = "2026-01-20"),
			ORDER(.id = 3, .price = "50.00",
			    .created = "2026-02-10"),
		};

		for (size_t j = 0; j < 3; j++) {
			shop_sends("orders/paid", orders[perms[i][j]]);
			shop_sends("orders/paid", orders[perms[i][0]]);
		}
		assert_int_equal(points("5"), 60 + 60 + 100);
		assert_int_equal(member("5").balance.lifetime_earned, 220);
	}
}

/* Checks that the points for the first order move to an order which was placed
 * earlier but arrives later.  The entry that moves the points is marked as a
 * correction. */
static void
test_corrected(void **state)
{
	int64_t n;

	(void)state;
	shop_new(FIRST);
	PAID(.id = 2, .price = "20.00", .created = "2026-02-10");
	assert_int_equal(points("5"), 70);
	PAID(.id = 1, .price = "10.00", .created = "2026-01-10");
	assert_int_equal(points("5"), 80);
	assert_int_equal(corrections(), 1);
	assert_int_equal(order_points(2), 20);
	n = entries();
	PAID(.id = 1, .price = "10.00", .created = "2026-01-10");
	assert_int_equal(pass("2026-06-01"), 0);
	assert_int_equal(entries(), n);
	/* A third order, placed between the two, moves no points. */
	PAID(.id = 3, .price = "5.00", .created = "2026-01-20");
	assert_int_equal(points("5"), 85);
	assert_int_equal(corrections(), 1);
	/* The first order turns out to be of another customer. */
	UPDATED(.id = 1, .price = "10.00", .customer = 6,
	    .created = "2026-01-10", .updated = "2026-02-20");
	assert_int_equal(points("5"), 5 + 50 + 20);
	assert_int_equal(points("6"), 60);
}

/* Checks that a referral which is tied to an order counts for the friend as
 * soon as the order is posted, whether the referral came in an earlier batch or
 * in the same one. */
static void
test_tied_order(void **state)
{
	(void)state;
	shop_new(REFERS);
	PAID(.id = 1, .price = "10.00");
	shop_tells(
	    "r1", "referral", "2026-02-01", ",'friend':{'id':'6'},'order':'7'");
	assert_int_equal(points("5"), 10);
	PAID(.id = 7, .customer = 6, .price = "20.00", .created = "2026-02-10");
	assert_int_equal(points("6"), 20 + 7);
	{
		struct message both[] = {
			shop_event("r2", "referral", "2026-02-02", "{'id':5}",
			    ",'friend':{'id':'8'},'order':'9'"),
			shop_message(&shop, "orders/paid",
			    ORDER(.id = 9, .customer = 8, .price = "30.00",
			        .created = "2026-02-11")),
		};

		shop_post(both, 2);
	}
	assert_int_equal(points("8"), 30 + 7);
	pass("2026-03-02");
	assert_int_equal(points("5"), 10 + 500 + 500);
}

/* Checks that of two orders which together exceed the limit, the order placed
 * later gets fewer points, although it arrives first. */
static void
test_limited(void **state)
{
	(void)state;
	shop_new(LIMITED);
	PAID(.id = 2, .price = "40.00", .created = "2026-02-10");
	PAID(.id = 1, .price = "30.00", .created = "2026-01-10");
	assert_int_equal(points("5"), 50);
	assert_int_equal(order_points(2), 20);
	assert_int_equal(corrections(), 1);
}

/* Checks that a redemption is refused if the program has no rewards. */
static void
test_plain_redemption(void **state)
{
	struct batch_result r;

	(void)state;
	shop_new(PLAIN);
	PAID(.id = 1, .price = "20.00", .created = "2026-02-10");
	r = shop_tells("a", "redemption", "2026-02-11", ",'reward':'small'");
	assert_int_equal(r.refused, 1);
	/* An event that no rule of the program uses starts no timeline. */
	{
		struct message m = shop_event(
		    "b", "review", "2026-02-11", "{'id':6}", "");

		shop_post(&m, 1);
	}
	assert_int_equal(timelines(), 1);
	assert_int_equal(points("5"), 20);
}

static void
test_refund(void **state)
{
	int64_t n;

	(void)state;
	PAID(.id = 1, .price = "60.00", .created = "2026-01-10");
	PAID(.id = 2, .price = "60.00", .created = "2026-01-20");
	PAID(.id = 3, .price = "50.00", .created = "2026-02-10");
	assert_int_equal(points("5"), 220);
	n = entries();
	PAID(.id = 3, .price = "50.00", .created = "2026-02-10");
	assert_int_equal(entries(), n);
	UPDATED(.id = 3, .price = "50.00", .created = "2026-02-10",
	    .updated = "2026-02-20", .status = "refunded");
	assert_int_equal(points("5"), 120);
	assert_int_equal(order_points(3), 0);
	/* Refunds of everything leave nothing. */
	UPDATED(.id = 1, .price = "60.00", .created = "2026-01-10",
	    .updated = "2026-02-21", .status = "refunded");
	UPDATED(.id = 2, .price = "60.00", .created = "2026-01-20",
	    .updated = "2026-02-21", .status = "refunded");
	assert_int_equal(points("5"), 0);
	assert_int_equal(member("5").balance.debt, 0);
	assert_int_equal(member("5").balance.lifetime_earned, 0);
}

static void
test_time(void **state)
{
	(void)state;
	PAID(.id = 1, .price = "40.00", .created = "2026-02-10T10:00:00Z");
	assert_int_equal(points("5"), 40);
	assert_int_equal(pass("2026-04-10T12:00:00Z"), 0);
	assert_int_equal(points("5"), 40);
	/* Points expire at the end of the day. */
	assert_int_equal(pass("2026-04-11"), 1);
	assert_int_equal(points("5"), 0);
	/* Points expire only once. */
	assert_int_equal(pass("2026-04-11"), 0);
	assert_int_equal(pass("2026-07-01"), 0);
	assert_int_equal(moved_to(ACCOUNT_EXPIRED), 40);
}

/* Checks that a member whom another process has locked is passed over. */
static void
test_held(void **state)
{
	struct err e;

	(void)state;
	PAID(.id = 1, .price = "40.00", .created = "2026-02-10T10:00:00Z");
	pass("2026-03-02");
	world.now = at("2026-04-12");
	must(pg_begin(pg, &e), &e);
	must(pg_script(pg, "SELECT FROM balance FOR UPDATE", &e), &e);
	assert_int_equal(due().members, 0);
	assert_true(due_count() > 0);
	pg_rollback(pg);
	assert_int_equal(points("5"), 40);
	pass("2026-04-12");
	assert_int_equal(points("5"), 0);
}

static bool
is_gold(const char *customer)
{
	return database_number(
	           "SELECT count(*) FROM member_state WHERE tier = 'gold' AND "
	           "member_id = %lld",
	           (long long)member(customer).member_id) == 1;
}

/* Checks that points which expired because the clock was ahead come back when
 * the clock is right. */
static void
test_clock_ahead(void **state)
{
	(void)state;
	PAID(.id = 1, .price = "120.00", .created = "2026-02-10T10:00:00Z");
	pass("2026-03-02");
	assert_int_equal(points("5"), 120);
	assert_true(is_gold("5"));
	pass("2029-01-01");
	assert_int_equal(points("5"), 0);
	assert_false(is_gold("5"));
	assert_true(pass("2026-03-03") > 0);
	assert_int_equal(points("5"), 120);
	assert_true(is_gold("5"));
	/* Afterwards points expire as if the clock had never been wrong. */
	assert_int_equal(pass("2026-04-10T23:59:59Z"), 0);
	assert_int_equal(pass("2026-04-11"), 1);
	assert_int_equal(points("5"), 0);
	/* A clock that is only a minute ahead is not noticed. */
	world.now = at("2026-04-10T23:59:00Z");
	assert_int_equal(due().ahead, 0);
	world.now--;
	assert_true(due().ahead > 0);
}

/* Checks a lot that became available too early because the clock was ahead.
 * The lot's member has no timeline. */
static void
test_vested_ahead(void **state)
{
	struct world w;
	struct err e;
	size_t n = 0;

	(void)state;
	shop_new(PENDING);
	world.now = at("2026-02-11");
	PAID(.id = 1, .price = "40.00", .created = "2026-02-10");
	PAID(.id = 2, .price = "7.00", .customer = 6, .created = "2026-02-01");
	w = shop_world(schedule);
	w.now = at("2026-02-15");
	must(vest_batch(&w, &n, &e), &e);
	pass("2026-02-15");
	assert_int_equal(points("6"), 7);
	assert_int_equal(points("5"), 0);
	w.now = at("2027-01-01");
	must(vest_batch(&w, &n, &e), &e);
	assert_int_equal(points("5"), 40);
	/* The clock is right again. */
	assert_true(pass("2026-02-23T23:58:59Z") > 0);
	assert_int_equal(points("5"), 0);
	assert_int_equal(member("5").balance.pending, 40);
	assert_int_equal(points("6"), 7);
	assert_true(pass("2026-02-24") > 0);
	assert_int_equal(points("5"), 40);
	assert_int_equal(member("5").balance.pending, 0);
}

/* Checks that a member whose ledger is wrong is folded again only after a day,
 * and that other members are folded meanwhile. */
static void
test_stuck(void **state)
{
	struct timeline_result r;
	int64_t five;

	(void)state;
	pass("2026-04-12");
	PAID(.id = 1, .price = "40.00", .created = "2026-04-12");
	PAID(.id = 2, .price = "40.00", .customer = 6, .created = "2026-04-12");
	five = member("5").member_id;
	forge_pending(five, 1);
	pass("2026-06-12");
	world.now = at("2026-06-20");
	r = due();
	assert_int_equal(r.members, 2);
	assert_int_equal(r.nstuck, 1);
	assert_int_equal(r.stuck[0].member_id, five);
	assert_int_equal(points("6"), 0);
	assert_int_equal(points("5"), 40);
	assert_int_equal(due().members, 0);
	forge_pending(five, -1);
	assert_int_equal(pass("2026-06-21"), 1);
	assert_int_equal(points("5"), 0);
}

static void
test_events(void **state)
{
	struct batch_result r;
	struct dead_query query = { .store_id = shop.store_id, .max = 10 };
	struct dead_letter *dead;
	struct err e;
	size_t n;

	(void)state;
	r = shop_tells("r1", "review", "2026-02-01", "");
	assert_int_equal(r.entries, 1);
	assert_int_equal(points("5"), 5);
	/* The same event again changes nothing. */
	r = shop_tells("r1", "review", "2026-02-01", "");
	assert_int_equal(r.unchanged, 1);
	assert_int_equal(r.entries, 0);
	/* A different event with the idempotency key of an earlier event is
	 * refused; the next event of the batch is not. */
	{
		struct message both[] = {
			shop_event(
			    "r1", "review", "2026-02-02", "{'id':5}", ""),
			shop_event(
			    "r2", "review", "2026-02-02", "{'id':5}", ""),
		};

		r = shop_post(both, 2);
	}
	assert_int_equal(r.dead, 1);
	assert_int_equal(points("5"), 10);
	must(dead_list(pg, &arena, &query, &dead, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_string_equal(dead[0].why_class, "refused");
	/* The limit of the year is reached. */
	shop_tells("r3", "review", "2026-02-03", "");
	assert_int_equal(points("5"), 10);
	assert_int_equal(
	    database_number(
	        "SELECT count(*) FROM entry WHERE tenant_id = %lld AND why "
	        "IS NULL",
	        (long long)shop.tenant_id),
	    0);
}

/* An event may name a brand, which replaces the store's brand. */
static void
test_event_of_brand(void **state)
{
	(void)state;
	shop_new("{'name':'brands','rules':[{'id':'review',"
	         "'on':'review','give':{'points':5},'when':{"
	         "'brand':['golf']}}]}");
	shop_tells("r1", "review", "2026-02-01", "");
	assert_int_equal(points("5"), 0);
	shop_tells("r2", "review", "2026-02-01", ",'brand':'golf'");
	assert_int_equal(points("5"), 5);
}

static void
test_redemption(void **state)
{
	struct batch_result r;

	(void)state;
	PAID(.id = 1, .price = "25.00", .created = "2026-02-10");
	r = shop_tells("a", "redemption", "2026-02-11", ",'reward':'small'");
	assert_int_equal(r.refused, 0);
	assert_int_equal(points("5"), 15);
	r = shop_tells("b", "redemption", "2026-02-12",
	    ",'reward':'small','reserve':true");
	assert_int_equal(points("5"), 5);
	assert_int_equal(member("5").balance.reserved, 10);
	/* Too few points are left.  The redemption is recorded as refused, and
	 * changes nothing when it is delivered again. */
	r = shop_tells("c", "redemption", "2026-02-13", ",'reward':'small'");
	assert_int_equal(r.refused, 1);
	assert_int_equal(points("5"), 5);
	r = shop_tells("c", "redemption", "2026-02-13", ",'reward':'small'");
	assert_int_equal(r.refused, 0);
	/* A redemption with an earlier time cannot take points that an accepted
	 * redemption has taken. */
	r = shop_tells(
	    "d", "redemption", "2026-02-10T12:00:00Z", ",'reward':'small'");
	assert_int_equal(r.refused, 1);
	assert_int_equal(points("5"), 5);
	shop_tells("b-back", "redemption_released", "2026-02-14", ",'of':'b'");
	assert_int_equal(points("5"), 15);
	assert_int_equal(member("5").balance.reserved, 0);
	/* A refused redemption stays refused even if the points are enough
	 * later. */
	r = shop_tells("c", "redemption", "2026-02-13", ",'reward':'small'");
	assert_int_equal(points("5"), 15);
}

/* Checks that of many simultaneous redemptions of the same points exactly one
 * is accepted. */
static void
test_race(void **state)
{
	pid_t racers[RACERS];
	int accepted = 0;

	(void)state;
	PAID(.id = 1, .price = "5050.00", .created = "2026-02-10");
	PAID(.id = 2, .price = "2475.00", .created = "2026-02-10T01:00:00Z");
	assert_int_equal(points("5"), 5050 + 2 * 2475);
	for (int i = 0; i < RACERS; i++) {
		struct message m = shop_event(
		    arena_printf(&arena, "race-%d", i), "redemption",
		    "2026-02-11", "{'id':5}", ",'reward':'ten'");

		racers[i] = fork();
		if (racers[i] == 0) {
			struct batch_result r;
			struct err e;

			world.pg = database_pg("loyald_work");
			/* On a busy machine the wait for a lock may time
			 * out. */
			while (batch_post(&world, &m, 1, &r, &e) == -1)
				if (e.fault != FAULT_RETRY)
					die("%s", e.msg);
			_exit(r.refused == 1 ? 1 : 0);
		}
	}
	for (int i = 0; i < RACERS; i++) {
		int status;

		assert_int_equal(waitpid(racers[i], &status, 0), racers[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		accepted += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(accepted, 1);
	assert_int_equal(points("5"), 0);
	assert_int_equal(member("5").balance.debt, 0);
}

/* Runs one of the simultaneous processes: a worker, a schedule or an operator.
 * Returns the number of RETRY errors. */
static int
crowd_one(int nth)
{
	const char *role = nth < 5   ? "loyald_work"
	                   : nth < 7 ? "loyald_schedule"
	                             : "loyald_operator";
	struct pg *own = database_pg(role);
	int retries = 0;

	world.pg = own;
	for (int i = 0; i < ROUNDS; i++) {
		int64_t who = 5 + (nth * 7 + i * 3) % CUSTOMERS;
		struct message m = shop_message(&shop, "orders/paid",
		    ORDER(.id = 100 * nth + i, .price = "30.00",
		        .customer = who, .created = "2026-02-10"));
		struct fact gift = { .kind = FACT_ADJUST,
			.at = world.now,
			.id = arena_printf(&arena, "gift-%d-%d", nth, i),
			.wallet = "points",
			.units = 1,
			.reason = "gift (me)" };
		struct member_home home;
		struct timeline_result done;
		struct batch_result r;
		struct fold after;
		struct err e;
		bool told;
		int ret;

		if (i % 4 == 3)
			m = shop_event(
			    arena_printf(&arena, "crowd-%d-%d", nth, i),
			    "redemption", "2026-02-11",
			    arena_printf(&arena, "{'id':%d}", (int)who),
			    ",'reward':'small'");
		if (nth < 5)
			ret = batch_post(&world, &m, 1, &r, &e);
		else if (nth < 7)
			ret = timeline_due(&world, &done, &e);
		else
			ret = member_home(own, &arena,
			          member(who == 5 ? "5" : "6").member_id, &home,
			          &e) == -1
			          ? -1
			          : member_write(&world, &home, &gift, &after,
			                &told, &e);
		if (ret == -1)
			fprintf(stderr, "crowd %d: %s\n", nth, e.msg);
		if (ret == -1 && e.fault != FAULT_RETRY)
			return RACERS;
		retries += ret == -1;
	}
	return retries;
}

/* Checks that workers, schedules and an operator can change the same four
 * members at the same time without a deadlock or a wrong ledger. */
static void
test_crowd(void **state)
{
	pid_t pids[CROWD];

	(void)state;
	for (int64_t who = 5; who < 5 + CUSTOMERS; who++)
		PAID(.id = who, .price = "10.00", .customer = who,
		    .created = "2026-02-01");
	for (int i = 0; i < CROWD; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			/* A connection must not be shared with the parent. */
			pg = database_pg(NULL);
			_exit(crowd_one(i));
		}
	}
	for (int i = 0; i < CROWD; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	pass("2026-03-01T12:00:00Z");
	assert_int_equal(
	    database_number("SELECT count(*) FROM member_fact WHERE store_id "
	                    "= %lld AND kind = %d",
	        (long long)shop.store_id, FACT_ADJUST),
	    ROUNDS);
}

static void
test_merge(void **state)
{
	(void)state;
	PAID(.id = 1, .price = "60.00", .created = "2026-01-10");
	shop_tells("r1", "review", "2026-02-01", "");
	PAID(.id = 2, .price = "60.00", .customer = 6, .created = "2026-01-20");
	PAID(.id = 3, .price = "50.00", .customer = 6, .created = "2026-02-10");
	assert_int_equal(points("5"), 65);
	assert_int_equal(points("6"), 110);
	shop_sends("customers/merge", MERGE_5_INTO_6);
	/* Together the two customers, who are one now, have spent enough for
	 * gold. */
	assert_int_equal(points("6"), 60 + 60 + 100 + 10);
	assert_int_equal(member("5").member_id, member("6").member_id);
	shop_sends("customers/merge", MERGE_5_INTO_6);
	assert_int_equal(points("6"), 230);
}

static void
test_guest(void **state)
{
	struct message m = shop_event(
	    "g1", "review", "2026-02-01", "{'email':'Gast@Example.TEST'}", "");

	(void)state;
	shop_post(&m, 1);
	PAID(.id = 1, .price = "10.00", .email = "gast@example.test",
	    .created = "2026-02-01");
	shop_sends("customers/create",
	    "{'id':8,'email':'gast@example.test','verified_email':"
	    "true,'updated_at':'2026-02-02T00:00:00Z'}");
	assert_int_equal(points("8"), 15);
	assert_int_equal(member("8").balance.pending, 0);
}

/* Gives the reason that a fold of the present facts states for the units that a
 * rule gave for an order. */
static const char *
reason_by(const char *customer, const char *order, const char *rule)
{
	struct member_key who = { shop.tenant_id, member(customer).member_id };
	const struct world w = shop_world(desk);
	struct timeline_view seen;
	struct err e;

	must(timeline_look(&w, who, NULL, &seen, &e), &e);
	for (size_t i = 0; i < seen.fold.nmovements; i++) {
		const struct movement *m = &seen.fold.movements[i];

		if (strcmp(m->source_id, order) == 0 &&
		    strcmp(m->rule, rule) == 0 && m->why != NULL)
			return m->why->reason;
	}
	return "nothing said";
}

static void
test_products(void **state)
{
	static const char
	    shoes[] = "{'id':77,'title':'x','vendor':'v','product_type':"
	              "'shoes','tags':'a','updated_at':'2026-01-01T00:00:00Z',"
	              "'variants':[]}";

	(void)state;
	shop_sends("products/create", shoes);
	shop_sends("products/create", shoes);
	assert_int_equal(
	    database_number("SELECT count(*) FROM product WHERE store_id = "
	                    "%lld",
	        (long long)shop.store_id),
	    1);
	/* The product's type changes to socks on 2026-02-20; for orders from
	 * before, the product is still shoes. */
	shop_sends("products/update",
	    "{'id':77,'title':'x','vendor':'v','product_type':"
	    "'socks','tags':'a','updated_at':"
	    "'2026-02-20T00:00:00Z','variants':[]}");
	PAID(.id = 1, .price = "10.00", .product = 77, .created = "2026-02-10");
	PAID(.id = 2, .price = "10.00", .product = 77, .created = "2026-02-21");
	assert_int_equal(stamps(), 1);
	/* The product of this order is unknown until its delivery arrives. */
	PAID(.id = 3, .price = "10.00", .product = 78, .created = "2026-02-22");
	assert_string_equal(reason_by("5", "3", "shoes"), "product_unknown");
	assert_string_equal(reason_by("5", "2", "shoes"), "zero_base");
	shop_sends("products/create",
	    "{'id':78,'title':'x','vendor':'v','product_type':"
	    "'shoes','tags':'a','updated_at':"
	    "'2026-02-23T00:00:00Z','variants':[]}");
	assert_int_equal(pass("2026-03-01T12:00:00Z"), 1);
	assert_int_equal(stamps(), 2);
	assert_string_equal(reason_by("5", "3", "shoes"), "earned");
}

/* Lets an operator record a fact.  Returns -1 and the message if the fact is
 * refused. */
static int
write_down(struct fact *f, const char *customer, bool *told, struct err *e)
{
	const struct world w = shop_world(desk);
	struct member_home home;
	struct fold after;

	f->at = world.now;
	must(
	    member_home(desk, &arena, member(customer).member_id, &home, e), e);
	return member_write(&w, &home, f, &after, told, e);
}

/* Checks operators whose clocks differ.  Points that one redemption has taken
 * cannot be taken by a redemption with an earlier time. */
static void
test_earlier_redemption(void **state)
{
	(void)state;
	PAID(.id = 1, .price = "25.00", .created = "2026-02-10");
	for (int i = 5; i > 0; i--) {
		struct fact f = { .kind = FACT_REDEEM,
			.id = arena_printf(&arena, "r%d", i),
			.wallet = "points",
			.units = 10 };
		bool told;
		struct err e;

		world.now = at(
		    arena_printf(&arena, "2026-02-11T00:00:0%dZ", i));
		assert_int_equal(
		    write_down(&f, "5", &told, &e), i > 3 ? 0 : -1);
	}
	world.now = at("2026-02-12");
	pass("2026-02-12");
	assert_int_equal(points("5"), 5);
	assert_int_equal(member("5").balance.debt, 0);
}

static void
test_operator(void **state)
{
	struct fact gift = { .kind = FACT_ADJUST,
		.id = "gift",
		.wallet = "points",
		.units = 30,
		.reason = "sorry (me)" };
	struct fact less = { .kind = FACT_ADJUST,
		.id = "less",
		.wallet = "points",
		.units = -5,
		.reason = "mistake (me)" };
	struct fact none = { .kind = FACT_ADJUST,
		.id = "none",
		.wallet = "roses",
		.units = 1,
		.reason = "x" };
	struct fact much = {
		.kind = FACT_REDEEM, .id = "much", .reward = "ten"
	};
	struct fact small = {
		.kind = FACT_REDEEM, .id = "small", .reward = "small"
	};
	struct wallet_list w;
	struct err e;
	bool told;

	(void)state;
	shop_new(PLAIN);
	PAID(.id = 1, .price = "4.00", .created = "2026-02-10");
	must(write_down(&gift, "5", &told, &e), &e);
	assert_true(told);
	assert_int_equal(points("5"), 4);
	assert_int_equal(pass("2026-03-01T12:00:00Z"), 1);
	assert_int_equal(points("5"), 34);
	must(write_down(&gift, "5", &told, &e), &e);
	assert_false(told);
	must(write_down(&less, "5", &told, &e), &e);
	assert_int_equal(pass("2026-03-01T12:00:00Z"), 1);
	assert_int_equal(points("5"), 29);
	assert_int_equal(write_down(&none, "5", &told, &e), -1);
	assert_string_equal(e.msg,
	    "refused (no_such_wallet): the store's program has no such wallet: "
	    "loyald program show names them. Nothing is changed");
	/* The program has no rewards, so the redemption is refused; the next
	 * version has rewards. */
	assert_int_equal(write_down(&small, "5", &told, &e), -1);
	(void)shop_publish(TIERS, "2026-03-01T13:00:00Z");
	world.now = at("2026-03-01T14:00:00Z");
	assert_int_equal(write_down(&much, "5", &told, &e), -1);
	assert_non_null(strstr(e.msg, "refused (insufficient): there is too"));
	must(write_down(&small, "5", &told, &e), &e);
	pass("2026-03-01T14:00:00Z");
	assert_int_equal(points("5"), 19);
	/* Reads the wallets as they were between the two redemptions. */
	must(wallets_of_member(desk, &arena,
	         (struct member_key){ shop.tenant_id, member("5").member_id },
	         at("2026-03-01T13:00:00Z"), &w, &e),
	    &e);
	assert_int_equal(w.list[0].balance.available, 29);
	assert_string_equal(w.list[0].id, "points");
}

static void
test_merge_by_operator(void **state)
{
	struct member_home from, into;
	const struct member_merger itself = { &from, &from, "same", "me" };
	const struct member_merger other = { &from, &into, "same", "me" };
	struct member_merged merged;
	struct world w;
	struct err e;

	(void)state;
	shop_new(PLAIN);
	w = shop_world(desk);
	PAID(.id = 1, .price = "4.00", .created = "2026-02-10");
	PAID(.id = 2, .price = "5.00", .customer = 6, .created = "2026-02-10");
	must(member_home(desk, &arena, member("5").member_id, &from, &e), &e);
	must(member_home(desk, &arena, member("6").member_id, &into, &e), &e);
	assert_int_equal(member_merge(&w, &itself, &merged, &e), -1);
	must(member_merge(&w, &other, &merged, &e), &e);
	assert_int_equal(merged.orders, 1);
	pass("2026-03-01T12:00:00Z");
	assert_int_equal(points("6"), 9);
	assert_int_equal(member("5").member_id, member("6").member_id);
	/* A refund for the member that was merged away reaches the member that
	 * is left. */
	UPDATED(.id = 1, .price = "4.00", .created = "2026-02-10",
	    .updated = "2026-02-16", .status = "refunded");
	assert_int_equal(points("5"), 5);
}

/* Checks that a customer of two stores of one merchant is one member,
 * recognised by the verified e-mail address. */
static void
test_two_stores(void **state)
{
	static const char
	    five[] = "{'id':5,'email':'x@y.example','verified_email':true,"
	             "'updated_at':'2026-02-02T00:00:00Z'}";
	static const char
	    seven[] = "{'id':7,'email':'x@y.example','verified_email':true,"
	              "'updated_at':'2026-02-02T00:00:00Z'}";
	const struct store first = shop;
	struct store second;
	int64_t one;

	(void)state;
	second = shop_add(
	    (struct store){ .tenant_id = first.tenant_id }, TIERS);
	/* The first store reports the customer before the second store does. */
	shop_sends("customers/create", five);
	PAID(.id = 1, .price = "60.00", .created = "2026-01-10");
	one = member("5").member_id;
	shop = second;
	shop_sends("customers/create", seven);
	assert_int_equal(member("7").member_id, one);
	PAID(.id = 1, .price = "60.00", .customer = 7, .created = "2026-01-20");
	PAID(.id = 2, .price = "50.00", .customer = 7, .created = "2026-02-10");
	assert_int_equal(points("7"), 60 + 60 + 100);

	/* Two members turn out to be one customer, because they have one
	 * verified address. */
	PAID(.id = 3, .price = "10.00", .customer = 8, .created = "2026-02-10");
	shop = first;
	PAID(.id = 4, .price = "20.00", .customer = 9, .created = "2026-02-10");
	shop_sends("customers/update",
	    "{'id':9,'email':'p@q.example','verified_email':true,"
	    "'updated_at':'2026-02-12T00:00:00Z'}");
	assert_int_equal(points("9"), 20);
	shop = second;
	shop_sends("customers/update",
	    "{'id':8,'email':'p@q.example','verified_email':true,"
	    "'updated_at':'2026-02-12T00:00:00Z'}");
	assert_int_equal(points("8"), 30);
	shop = first;
	assert_int_equal(points("9"), 30);
}

static void
test_budget(void **state)
{
	struct message three[] = {
		shop_event("a", "review", "2026-02-01", "{'id':5}", ""),
		shop_event("b", "review", "2026-02-02", "{'id':6}", ""),
		shop_event("c", "review", "2026-02-01", "{'id':7}", ""),
	};

	(void)state;
	shop_new(SHARED);
	for (size_t i = 0; i < NITEMS(three); i++) {
		three[i].store_id = shop.store_id;
		shop_post(&three[i], 1);
	}
	assert_int_equal(points("5"), 60);
	assert_int_equal(points("6"), 40);
	assert_int_equal(points("7"), 0);
	/* A member who is folded again keeps the points. */
	shop_tells("d", "review", "2026-02-01", "");
	assert_int_equal(points("5"), 60);
	assert_int_equal(
	    database_number("SELECT given FROM budget WHERE store_id = %lld",
	        (long long)shop.store_id),
	    100);
}

static struct charity_row
wildlife(void)
{
	struct charity_row *list;
	struct err e;
	size_t n;

	must(charities_list(desk, &arena, shop.store_id, &list, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].charity, "wildlife");
	return list[0];
}

static int
pay_wildlife(struct err *e)
{
	const struct charity_payment paid = {
		.store_id = shop.store_id,
		.charity = "wildlife",
		.at = world.now,
		.by = "me",
	};

	return charity_pay(desk, &arena, &paid, e);
}

static void
test_charity(void **state)
{
	struct charity_row w;
	struct err e;
	size_t n;

	(void)state;
	shop_new(GIVING);
	PAID(.id = 1, .price = "100.00", .created = "2026-02-10");
	PAID(.id = 2, .price = "10.50", .customer = 6, .created = "2026-02-10");
	w = wildlife();
	assert_string_equal(units_text(&arena, &w.wallet, w.owed), "1.105");
	must(pay_wildlife(&e), &e);
	/* A second payment is refused until the first is posted. */
	assert_int_equal(pay_wildlife(&e), -1);
	must(payouts_post(schedule, &arena, &n, &e), &e);
	assert_int_equal(n, 1);
	must(payouts_post(schedule, &arena, &n, &e), &e);
	assert_int_equal(n, 0);
	w = wildlife();
	assert_int_equal(w.owed, 0);
	assert_string_equal(units_text(&arena, &w.wallet, w.paid), "1.105");
	assert_int_equal(pay_wildlife(&e), -1);
	/* A refund does not take back money that was paid to the charity. */
	assert_int_equal(pass("2026-03-02"), 0);
	UPDATED(.id = 1, .price = "100.00", .created = "2026-02-10",
	    .updated = "2026-02-16", .status = "refunded");
	assert_int_equal(wildlife().owed, 0);
	PAID(.id = 3, .price = "300.00", .customer = 6,
	    .created = "2026-02-20");
	must(pay_wildlife(&e), &e);
	must(payouts_post(schedule, &arena, &n, &e), &e);
	w = wildlife();
	assert_int_equal(w.owed, 0);
	assert_string_equal(units_text(&arena, &w.wallet, w.paid), "4.105");
}

/* Checks that a member gets a timeline when the next version of the program has
 * rules for which one order alone is not enough. */
static void
test_switch(void **state)
{
	struct program_added added;

	(void)state;
	shop_new(PLAIN);
	world.now = at("2026-02-12");
	PAID(.id = 1, .price = "120.00", .created = "2026-02-10");
	PAID(.id = 9, .price = "7.00", .customer = 9, .created = "2026-02-10");
	assert_int_equal(timelines(), 0);
	assert_int_equal(lots(), 0);
	added = shop_publish(TIERS, "2026-02-15");
	assert_int_equal(added.version, 2);
	assert_true(added.fresh);
	/* Points from before the new version stay: folding posts no entry, and
	 * gives the lots rows. */
	assert_int_equal(pass("2026-02-15"), 0);
	assert_int_equal(lots(), 2);
	world.now = at("2026-03-01");
	PAID(.id = 2, .price = "110.00", .created = "2026-02-15T12:00:00Z");
	PAID(.id = 3, .price = "10.00", .created = "2026-02-16T12:00:00Z");
	/* Orders from before the version count for the tier, and keep the
	 * points that they have earned. */
	assert_int_equal(points("5"), 120 + 220 + 20);
	UPDATED(.id = 1, .price = "120.00", .created = "2026-02-10",
	    .updated = "2026-02-16", .status = "refunded");
	assert_int_equal(points("5"), 220 + 20);
}

/* Checks that the command verify finds every kind of damage. */
static void
test_verify_finds(void **state)
{
	static const struct {
		const char *check, *damage, *repair;
	} cases[] = {
		{ "facts", "UPDATE member_fact SET member_id = -member_id",
		    "UPDATE member_fact SET member_id = -member_id" },
		{ "facts", "UPDATE tier_change SET number = number + 1000",
		    "UPDATE tier_change SET number = number - 1000" },
		{ "wallets", "UPDATE wallet SET wallet = -wallet",
		    "UPDATE wallet SET wallet = -wallet" },
		{ "versions",
		    "UPDATE program_version SET version_id = -version_id",
		    "UPDATE program_version SET version_id = -version_id" },
		{ "lot_sums", "UPDATE lot SET remaining = remaining + 1",
		    "UPDATE lot SET remaining = remaining - 1" },
		{ "balances", "UPDATE balance SET pending = pending + 1",
		    "UPDATE balance SET pending = pending - 1" },
		{ "orders", "UPDATE order_state SET points = points + 1",
		    "UPDATE order_state SET points = points - 1" },
	};
	(void)state;
	PAID(.id = 1, .price = "125.00", .created = "2026-02-10");
	shop_tells("r1", "review", "2026-02-11", "");
	for (size_t i = 0; i < NITEMS(cases); i++)
		shop_verify_finds(
		    cases[i].check, cases[i].damage, cases[i].repair);
}

/* ---- before and after ---------------------------------------------------- */

static int
setup(void **state)
{
	(void)state;
	arena_reset(&arena);
	shop_new(TIERS);
	return 0;
}

static int
setup_group(void **state)
{
	(void)shop_begin(state);
	desk = database_pg("loyald_operator");
	return 0;
}

static int
teardown_group(void **state)
{
	pg_free(desk);
	return shop_end(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, shop_verify)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_any_order),
		TEST(test_corrected),
		TEST(test_tied_order),
		TEST(test_limited),
		TEST(test_plain_redemption),
		TEST(test_refund),
		TEST(test_time),
		TEST(test_held),
		TEST(test_clock_ahead),
		TEST(test_vested_ahead),
		TEST(test_stuck),
		TEST(test_events),
		TEST(test_event_of_brand),
		TEST(test_redemption),
		TEST(test_race),
		TEST(test_crowd),
		TEST(test_merge),
		TEST(test_guest),
		TEST(test_products),
		TEST(test_operator),
		TEST(test_earlier_redemption),
		TEST(test_merge_by_operator),
		TEST(test_two_stores),
		TEST(test_budget),
		TEST(test_charity),
		TEST(test_switch),
		TEST(test_verify_finds),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
