/* SPDX-License-Identifier: MIT */
/* The numbers in the names of the tests are those in wire/fair.h. */
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "wire/event_record.h"
#include "wire/fair.h"

enum {
	MOST = 64,    /* messages that are read together */
	TURNS = 3000, /* of the random test */
	QUEUE = TURNS * MOST,
};

static struct fair fair;
static uint16_t slots[3 * FAIR_SHARE > MOST ? 3 * FAIR_SHARE : MOST];

static int
setup(void **state)
{
	memset(&fair, 0, sizeof(fair));
	return arena_setup(state);
}

static struct message
told(const struct event *ev)
{
	struct message m = {
		.platform = ev->order.platform,
		.store_id = 1,
		.is_record = true,
		.deliveries = 1,
	};
	struct buf b;

	buf_init(&b, EVENT_RECORD_MAX);
	assert_int_equal(event_put(&b, ev), 0);
	m.body = (struct str){ arena_memdup(&arena, b.data, b.len), b.len };
	buf_fini(&b);
	return m;
}

static struct message
order_of(int64_t customer_id)
{
	return told(&(struct event){ .kind = EVENT_ORDER,
	    .order = { .id = 1,
	        .platform = PLATFORM_SHOPIFY,
	        .customer_id = customer_id } });
}

static size_t
pick(struct message *m, size_t n)
{
	memset(slots, 0, sizeof(slots));
	return fair_pick(&fair, &arena, m, n, slots);
}

/* 1.  Checks that messages of somebody with more than FAIR_SHARE are parked, and
 * nobody else's. */
static void
test_1_share(void **state)
{
	struct message m[3 * FAIR_SHARE];

	(void)state;
	for (size_t i = 0; i < NITEMS(m); i++)
		m[i] = order_of(i % 3 == 0 ? 6 - (int64_t)i % 2 : 7);
	assert_int_equal(pick(m, NITEMS(m)), 2 * FAIR_SHARE);
	for (size_t i = 0; i < NITEMS(m); i++)
		assert_int_equal(slots[i] != 0, i % 3 != 0);
	fair_reset(&fair);
	for (size_t i = 0; i < FAIR_SHARE; i++)
		m[i] = order_of(7);
	m[FAIR_SHARE] = order_of(8);
	assert_int_equal(pick(m, FAIR_SHARE + 1), 0);
	m[FAIR_SHARE] = order_of(7);
	assert_int_equal(pick(m, FAIR_SHARE + 1), FAIR_SHARE + 1);
}

/* 2.  Checks that somebody's single message waits while others of theirs are
 * parked, and no longer. */
static void
test_2_behind(void **state)
{
	struct message m[FAIR_SHARE + 2];
	uint16_t back[NITEMS(m)];

	(void)state;
	for (size_t i = 0; i < NITEMS(m); i++)
		m[i] = order_of(7);
	assert_int_equal(pick(m, FAIR_SHARE), 0);
	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	memcpy(back, slots, sizeof(back));
	assert_int_equal(pick(m, 1), 1);
	fair_back(&fair, back, NITEMS(m), 0);
	assert_int_equal(pick(m, 1), 1);
	fair_back(&fair, back, 2, 0);
	assert_int_equal(pick(m, 1), 0);
	/* More than are parked may come back, after a new connection. */
	fair_back(&fair, back, 2, 0);
	assert_int_equal(pick(m, FAIR_SHARE), 0);

	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	fair_reset(&fair);
	assert_int_equal(pick(m, 1), 0);
}

/* 3.  Checks that somebody who came much later does not wait for all of the first
 * one's messages. */
static void
test_3_turns(void **state)
{
	struct message m[2 * FAIR_SHARE + 2];

	(void)state;
	for (size_t i = 0; i < NITEMS(m); i++) {
		m[i] = order_of(i % 2 == 0 ? 7 : 8);
		m[i].received_at = (int64_t)i + (i % 2 == 0 ? 0 : 1000);
	}
	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	for (size_t i = 2; i < NITEMS(m); i += 2) {
		assert_int_equal(m[i].turn, m[i + 1].turn);
		assert_true(m[i].turn > m[i - 2].turn);
	}
	/* Person 7 has a next message, and an older one that is read late. */
	m[0].received_at = 500;
	m[2].received_at = -1;
	assert_int_equal(pick(m, 3), 3);
	assert_true(m[0].turn > m[NITEMS(m) - 1].turn);
	assert_true(m[2].turn < m[4].turn);
}

/* 3.  Checks that somebody who comes now stands beside those whose turn it is, so
 * that persons who come again and again do not keep the first ones waiting. */
static void
test_3_newcomers(void **state)
{
	struct message m[FAIR_SHARE + 1];
	uint16_t slot;

	(void)state;
	for (size_t i = 0; i < NITEMS(m); i++) {
		m[i] = order_of(7);
		m[i].received_at = 100 * (int64_t)i;
	}
	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	slot = slots[0];
	fair_back(&fair, &slot, 1, m[10].turn);
	for (size_t i = 0; i < NITEMS(m); i++) {
		m[i] = order_of(8);
		m[i].received_at = 5000 + (int64_t)i;
	}
	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	assert_int_equal(m[0].turn, 1000);
	assert_int_equal(m[1].turn, 1001);
}

/* 4.  Checks whom messages are of, by whether they wait behind others. */
static void
test_4_persons(void **state)
{
	static const uint8_t hash[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct told_fact fact = {
		.fact = { .kind = FACT_EVENT,
		    .at = 1,
		    .id = "a",
		    .type = "visit" },
		.customer = "7",
	};
	struct event ev = { .kind = EVENT_FACTS,
		.order = { .platform = PLATFORM_EVENTS },
		.facts = &fact,
		.nfacts = 1 };
	struct message m[FAIR_SHARE + 1], one;

	(void)state;
	for (size_t i = 0; i < NITEMS(m); i++)
		m[i] = order_of(7);
	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	one = told(&ev);
	assert_int_equal(pick(&one, 1), 1);
	one = told(&(struct event){ .kind = EVENT_CUSTOMER,
	    .order = { .platform = PLATFORM_SHOPIFY },
	    .customer = { .id = 7 } });
	assert_int_equal(pick(&one, 1), 1);
	one.store_id = 2;
	assert_int_equal(pick(&one, 1), 0);
	one = m[0];
	one.is_sealed = true;
	assert_int_equal(pick(&one, 1), 0);
	one = m[0];
	one.is_record = false;
	assert_int_equal(pick(&one, 1), 0);
	one = m[0];
	one.deliveries = 4;
	assert_int_equal(pick(&one, 1), 0);
	one = order_of(8);
	assert_int_equal(pick(&one, 1), 0);

	for (size_t i = 0; i < NITEMS(m); i++)
		m[i] = order_of(0);
	assert_int_equal(pick(m, NITEMS(m)), 0);
	/* Guests: by the address, of orders and facts. */
	fact.customer = NULL;
	memcpy(fact.email_hash, hash, sizeof(hash));
	for (size_t i = 0; i < NITEMS(m); i++)
		m[i] = told(&ev);
	assert_int_equal(pick(m, NITEMS(m)), NITEMS(m));
	ev = (struct event){ .kind = EVENT_ORDER,
		.order = { .id = 1, .platform = PLATFORM_SHOPIFY } };
	memcpy(ev.order.email_hash, hash, sizeof(hash));
	one = told(&ev);
	assert_int_equal(pick(&one, 1), 1);
}

/* Checks, with random persons, that everybody's messages come in their order,
 * and all of them, whatever is parked and taken back. */
static void
test_order(void **state)
{
	static struct message queue[QUEUE];
	static int64_t seen[8], sent[8];
	struct message who[8], m[MOST];
	size_t first = 0, end = 0, waited = 0;

	(void)state;
	srandom(11);
	for (size_t i = 0; i < NITEMS(who); i++)
		who[i] = order_of((int64_t)i + 1);
	for (int turn = 0; turn < TURNS || first < end; turn++) {
		size_t n = turn < TURNS ? (size_t)random() % MOST : 0, back;

		for (size_t i = 0; i < n; i++) {
			/* The first ones have most. */
			size_t k = (size_t)random() % NITEMS(who);

			k = k > 2 ? (size_t)random() % NITEMS(who) : 0;
			m[i] = who[k];
			m[i].received_at = ++sent[k];
			m[i].part = (unsigned)k;
		}
		(void)pick(m, n);
		for (size_t i = 0; i < n; i++) {
			size_t to = end;

			if (slots[i] == 0) {
				assert_int_equal(
				    ++seen[m[i].part], m[i].received_at);
				continue;
			}
			m[i].stream = slots[i];
			for (; to > first && queue[to - 1].turn > m[i].turn;
			     to--)
				queue[to] = queue[to - 1];
			queue[to] = m[i];
			end++;
		}
		back = (size_t)random() % 33;
		back = back < end - first ? back : end - first;
		for (; back > 0; back--, first++) {
			uint16_t slot = (uint16_t)queue[first].stream;

			fair_back(&fair, &slot, 1, queue[first].turn);
			assert_int_equal(++seen[queue[first].part],
			    queue[first].received_at);
		}
		waited += end - first;
	}
	assert_true(waited > TURNS);
	assert_memory_equal(seen, sent, sizeof(sent));
	assert_int_equal(fair.all, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_1_share, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    test_2_behind, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    test_3_turns, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    test_3_newcomers, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    test_4_persons, setup, arena_teardown),
		cmocka_unit_test_setup_teardown(
		    test_order, setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
