/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/redis_state.h"

#define RUN_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define RUN_B  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HIST_1 "1111111111111111111111111111111111111111"
#define HIST_2 "2222222222222222222222222222222222222222"
#define NOBODY "0000000000000000000000000000000000000000"

/* Checks an answer of Redis 7.0.15 to INFO: lines that loyald reads, and lines
 * that it ignores. */
static void
test_parse(void **state)
{
	static const char info[] =
	    "# Server\r\nredis_version:7.0.15\r\nrun_id:" RUN_A "\r\n"
	    "tcp_port:6379\r\n\r\n# Memory\r\nused_memory:1000\r\n"
	    "maxmemory_policy:allkeys-lru\r\n# Persistence\r\nloading:0\r\n"
	    "aof_enabled:1\r\n# Stats\r\nevicted_keys:17\r\n"
	    "# Replication\r\nrole:slave\r\nmaster_host:127.0.0.1\r\n"
	    "connected_slaves:2\r\nmin_slaves_good_slaves:1\r\n"
	    "master_replid:" HIST_2 "\r\nmaster_replid2:" HIST_1 "\r\n"
	    "master_repl_offset:1234\r\nsecond_repl_offset:1000\r\n";
	struct redis_facts f;

	(void)state;
	redis_facts_parse(STR(info), &f);
	assert_string_equal(f.run, RUN_A);
	assert_string_equal(f.replid, HIST_2);
	assert_string_equal(f.replid2, HIST_1);
	assert_int_equal(f.offset, 1234);
	assert_int_equal(f.second_offset, 1000);
	assert_string_equal(f.policy, "allkeys-lru");
	assert_int_equal(f.evicted, 17);
	assert_int_equal(f.replicas, 2);
	assert_true(f.is_replica && f.has_aof && f.wants_replicas);
	assert_true(redis_facts_evict(&f));
	assert_false(f.is_loading);
	redis_facts_parse(STR("loading:1\r\naof_enabled:0\r\n"), &f);
	assert_true(f.is_loading && !f.has_aof);
}

/* Checks that missing, cut or overlong lines cause no fault. */
static void
test_parse_odd(void **state)
{
	static const char *const odd[] = {
		"",
		"\r\n",
		":",
		"run_id",
		"run_id:",
		"master_repl_offset:abc\r\nconnected_slaves:1x\r\n",
		"role:master\r\naof_enabled:0\r\nrun_id_more:x",
		"\n\n::\r\r\n:\n",
	};
	char many[400];
	struct redis_facts f;

	(void)state;
	for (size_t i = 0; i < NITEMS(odd); i++) {
		redis_facts_parse(str_of(odd[i]), &f);
		assert_string_equal(f.run, "");
		assert_int_equal(f.offset, 0);
		assert_int_equal(f.replicas, 0);
		assert_false(f.is_replica || f.has_aof || f.wants_replicas);
		assert_false(redis_facts_evict(&f));
	}
	(void)snprintf(many, sizeof(many), "run_id:%0300d", 7);
	redis_facts_parse(str_of(many), &f);
	assert_int_equal(strlen(f.run), REDIS_ID_MAX - 1);
	redis_facts_parse(STR("maxmemory_policy:noeviction"), &f);
	assert_false(redis_facts_evict(&f));
}

/* Cases: the state that was known, the facts that the server reports, the
 * server's mark, and the expected verdict. */
static const struct judged {
	const char *rule;
	struct redis_known known;
	struct redis_facts facts;
	int64_t mark;
	enum redis_verdict verdict;
} judged[] = {
	{ .rule = "whoever comes first is taken as he is",
	    .facts = { .run = RUN_A, .replid = HIST_1, .policy = "noeviction" },
	    .mark = REDIS_MARK_NONE,
	    .verdict = REDIS_FIT },
	{ .rule = "who says nothing of himself is believed",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .mark = REDIS_MARK_UNSEEN,
	    .verdict = REDIS_FIT },
	{ .rule = "a replica is never given anything",
	    .facts = { .run = RUN_A, .is_replica = true },
	    .verdict = REDIS_REPLICA },
	{ .rule = "not even one that has all",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_A, .replid = HIST_1, .is_replica = true },
	    .mark = 7,
	    .verdict = REDIS_REPLICA },
	{ .rule = "allkeys evicts",
	    .facts = { .run = RUN_A, .policy = "allkeys-lru" },
	    .verdict = REDIS_EVICTS },
	{ .rule = "volatile evicts",
	    .facts = { .run = RUN_A, .policy = "volatile-ttl" },
	    .verdict = REDIS_EVICTS },
	{ .rule = "a policy that nobody knows evicts",
	    .facts = { .run = RUN_A, .policy = "noevictions" },
	    .verdict = REDIS_EVICTS },
	{ .rule = "the same process, further on",
	    .known = { .run = RUN_A, .replid = HIST_1, .offset = 5, .mark = 7 },
	    .facts = { .run = RUN_A, .replid = HIST_1, .offset = 9 },
	    .mark = 7,
	    .verdict = REDIS_FIT },
	{ .rule = "a mark that was sent and not yet acknowledged is later",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_A, .replid = HIST_1 },
	    .mark = 8,
	    .verdict = REDIS_FIT },
	{ .rule = "the same process, emptied",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_A, .replid = HIST_1 },
	    .mark = REDIS_MARK_NONE,
	    .verdict = REDIS_OTHER },
	{ .rule = "the same process, whose replicas have been gone for long",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .offset = 900,
	        .mark = 7,
	        .is_replicated = true },
	    .facts = { .run = RUN_A, .replid = HIST_2 },
	    .mark = 7,
	    .verdict = REDIS_FIT },
	{ .rule = "the same process, a replica and emptied meanwhile",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_A, .replid = HIST_2 },
	    .mark = 6,
	    .verdict = REDIS_BEHIND },
	{ .rule = "the same history cut short",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .offset = 900,
	        .mark = 7 },
	    .facts = { .run = RUN_B, .replid = HIST_1, .offset = 899 },
	    .mark = 7,
	    .verdict = REDIS_BEHIND },
	{ .rule = "the same history to the byte",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .offset = 900,
	        .mark = 7 },
	    .facts = { .run = RUN_B, .replid = HIST_1, .offset = 900 },
	    .mark = 7,
	    .verdict = REDIS_FIT },
	{ .rule = "started anew, alone, with all it had",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_B, .replid = HIST_2 },
	    .mark = 7,
	    .verdict = REDIS_FIT },
	{ .rule = "started anew before a mark was acknowledged",
	    .known = { .run = RUN_A, .replid = HIST_1, .wrote_at = 6 },
	    .facts = { .run = RUN_B, .replid = HIST_2 },
	    .mark = REDIS_MARK_NONE,
	    .verdict = REDIS_FIT },
	{ .rule = "started anew without its end",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_B, .replid = HIST_2 },
	    .mark = 6,
	    .verdict = REDIS_BEHIND },
	{ .rule = "started anew and empty",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_B, .replid = HIST_2 },
	    .mark = REDIS_MARK_NONE,
	    .verdict = REDIS_OTHER },
	{ .rule = "started anew, and nobody may ask for marks",
	    .known = { .run = RUN_A, .replid = HIST_1 },
	    .facts = { .run = RUN_B, .replid = HIST_2 },
	    .mark = REDIS_MARK_UNSEEN,
	    .verdict = REDIS_OTHER },
	{ .rule = "started anew, and its replicas do not follow",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .mark = 7,
	        .is_replicated = true },
	    .facts = { .run = RUN_B, .replid = HIST_2 },
	    .mark = 7,
	    .verdict = REDIS_SUSPECT },
	{ .rule = "started anew, wants replicas and has none",
	    .known = { .run = RUN_A, .replid = HIST_1, .mark = 7 },
	    .facts = { .run = RUN_B, .replid = HIST_2, .wants_replicas = true },
	    .mark = 7,
	    .verdict = REDIS_SUSPECT },
	{ .rule = "started anew, and a replica follows",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .mark = 7,
	        .is_replicated = true },
	    .facts = { .run = RUN_B, .replid = HIST_2, .replicas = 1 },
	    .mark = 7,
	    .verdict = REDIS_FIT },
	{ .rule = "a replica that was made the master and has all",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .offset = 900,
	        .mark = 7,
	        .is_replicated = true },
	    .facts = { .run = RUN_B,
	        .replid = HIST_2,
	        .replid2 = HIST_1,
	        .offset = 950,
	        .second_offset = 901 },
	    .mark = 7,
	    .verdict = REDIS_FIT },
	{ .rule = "one that misses the last byte that was seen",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .offset = 900,
	        .mark = 7 },
	    .facts = { .run = RUN_B,
	        .replid = HIST_2,
	        .replid2 = HIST_1,
	        .offset = 2000,
	        .second_offset = 900 },
	    .mark = 7,
	    .verdict = REDIS_BEHIND },
	{ .rule = "one that misses a mark",
	    .known = { .run = RUN_A,
	        .replid = HIST_1,
	        .offset = 900,
	        .mark = 7 },
	    .facts = { .run = RUN_B,
	        .replid = HIST_2,
	        .replid2 = HIST_1,
	        .second_offset = 901 },
	    .mark = 6,
	    .verdict = REDIS_BEHIND },
	{ .rule = "its history alone will do where marks may not be asked for",
	    .known = { .run = RUN_A, .replid = HIST_1, .offset = 900 },
	    .facts = { .run = RUN_B,
	        .replid = HIST_2,
	        .replid2 = HIST_1,
	        .second_offset = 901 },
	    .mark = REDIS_MARK_UNSEEN,
	    .verdict = REDIS_FIT },
	{ .rule = "a master from before the failover, which was idle",
	    .known = { .run = RUN_B,
	        .replid = HIST_2,
	        .offset = 900,
	        .mark = 8 },
	    .facts = { .run = RUN_A,
	        .replid = HIST_1,
	        .replid2 = NOBODY,
	        .second_offset = -1 },
	    .mark = 7,
	    .verdict = REDIS_BEHIND },
};

static void
test_judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(judged); i++) {
		const struct judged *c = &judged[i];

		print_message("%s\n", c->rule);
		assert_int_equal(
		    redis_judge(&c->known, &c->facts, c->mark), c->verdict);
	}
}

/* Checks the time range in which deliveries may have been lost. The range
 * begins with the mark that Redis still has or, without a mark, with the first
 * delivery. The range ends with the last mark that loyald wrote. */
static void
test_gap(void **state)
{
	static const struct {
		int64_t since, wrote_at, found, from, to;
	} cases[] = {
		{ 10, 50, 40, 40, 50 },
		{ 10, 50, REDIS_MARK_NONE, 10, 50 },
		{ 10, 50, REDIS_MARK_UNSEEN, 10, 50 },
		{ 10, 0, REDIS_MARK_NONE, 10, 10 },
		{ 10, 30, 40, 40, 40 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct redis_known k = { .since = cases[i].since,
			.wrote_at = cases[i].wrote_at };
		int64_t from, to;

		redis_gap(&k, cases[i].found, &from, &to);
		assert_int_equal(from, cases[i].from);
		assert_int_equal(to, cases[i].to);
	}
}

static void
test_lacks(void **state)
{
	static const struct {
		struct redis_facts facts;
		const char *fsync;
		unsigned lacks;
	} cases[] = {
		{ { .run = RUN_A, .has_aof = true }, "always", 0 },
		{ { .run = RUN_A, .has_aof = true }, "everysec",
		    REDIS_LACKS_FSYNC },
		{ { .run = RUN_A, .has_aof = true }, "no", REDIS_LACKS_FSYNC },
		{ { .run = RUN_A, .has_aof = true }, "", REDIS_HIDES_FSYNC },
		{ { .run = RUN_A }, "always", REDIS_LACKS_AOF },
		{ { .run = RUN_A, .has_aof = true, .replicas = 1 }, "always",
		    REDIS_LACKS_REPLICAS },
		{ { .run = RUN_A, .replicas = 2 }, "",
		    REDIS_LACKS_AOF | REDIS_LACKS_REPLICAS },
		{ { .run = RUN_A,
		      .has_aof = true,
		      .replicas = 1,
		      .wants_replicas = true },
		    "always", 0 },
		{ { .run = RUN_A, .has_aof = true, .wants_replicas = true },
		    "always", 0 },
		{ { .run = "" }, "", REDIS_HIDES_FSYNC },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		assert_int_equal(
		    redis_lacks(&cases[i].facts, cases[i].fsync, 0),
		    cases[i].lacks);
}

/* While Redis loads its data from disk, redis_lacks() goes by what was known
 * before. */
static void
test_lacks_loading(void **state)
{
	struct redis_facts f = { .run = RUN_A, .is_loading = true };

	(void)state;
	assert_int_equal(redis_lacks(&f, "always", 0), 0);
	assert_int_equal(
	    redis_lacks(&f, "always", REDIS_LACKS_AOF), REDIS_LACKS_AOF);
}

static void
test_known_kept(void **state)
{
	struct redis_known k = { .run = RUN_A,
		.replid = HIST_1,
		.offset = INT64_MAX,
		.is_replicated = true,
		.mark = INT64_MAX - 1,
		.since = INT64_MAX - 2,
		.wrote_at = INT64_MAX - 3 },
	                   got = { .run = "" };
	static const char *const bad[] = {
		"",
		"x",
		RUN_A,
		RUN_A " " HIST_1,
		RUN_A " " HIST_1 " 1 1 1 1",
		RUN_A " " HIST_1 " 1 1 1 1 1 1",
		RUN_A " " HIST_1 " 1 1 1 1 x",
		RUN_A "a " HIST_1 " 1 1 1 1 1",
		" " RUN_A " " HIST_1 " 1 1 1 1 1",
	};
	char text[REDIS_KNOWN_MAX];

	(void)state;
	redis_known_render(&k, text);
	assert_int_equal(redis_known_parse(str_of(text), &got), 0);
	assert_memory_equal(&got, &k, sizeof(k));
	for (size_t i = 0; i < NITEMS(bad); i++) {
		got.mark = 42;
		assert_int_equal(redis_known_parse(str_of(bad[i]), &got), -1);
		assert_int_equal(got.mark, 42);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_odd),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_lacks),
		cmocka_unit_test(test_lacks_loading),
		cmocka_unit_test(test_known_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
