/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/redis_state.h"
#include "io/clock.h"
#include "io/stream/internal.h"

/*
 * look: the state and the settings of the server that a worker reads from, the
 * number of entries that wait there, and the age of the oldest entry.
 * base/redis_state.h judges the server's answers.
 */

enum {
	BEYOND_MS = 60 * 1000
};

static const struct {
	enum redis_lack lack;
	int64_t *figure;
	const char *setting, *what;
} lacks[] = {
	{ REDIS_LACKS_AOF, &metrics.unsafe_appendonly, "appendonly",
	    "keeps deliveries in memory only: CONFIG SET appendonly yes and "
	    "appendfsync always" },
	{ REDIS_LACKS_FSYNC, &metrics.unsafe_appendfsync, "appendfsync",
	    "may lose about a second of deliveries when it is killed: CONFIG "
	    "SET appendfsync always" },
	{ REDIS_LACKS_REPLICAS, &metrics.unsafe_min_replicas,
	    "min-replicas-to-write",
	    "has a replica and does not wait for it: what that does not have "
	    "yet is lost in a failover. CONFIG SET min-replicas-to-write 1, "
	    "on both" },
	{ REDIS_HIDES_FSYNC, &metrics.unsafe_hidden, "CONFIG GET",
	    "does not show its settings: make sure of appendonly yes and "
	    "appendfsync always" },
};

/* Logs which settings have become wrong or right since the last look. */
static void
lacks_tell(struct stream *s, unsigned now)
{
	char where[REDIS_WHERE_MAX];

	redis_where(&s->url, where);
	for (size_t i = 0; i < NITEMS(lacks); i++) {
		bool is = (now & lacks[i].lack) != 0;
		bool was = (s->lacks & lacks[i].lack) != 0;

		*lacks[i].figure = is;
		if (is && !was)
			log_warn("Redis at %s %s", where, lacks[i].what);
		else if (was && !is)
			log_info("Redis at %s: %s is as it should be", where,
			    lacks[i].setting);
	}
	s->lacks = now;
}

/* Takes the reply to INFO or CONFIG GET; NULL if the server forbids the
 * command. */
static int
look_recv(
    struct stream *s, const char *asked, struct reply **out, struct err *e)
{
	struct reply *r = NULL;
	struct str text;
	bool is_forbidden;

	*out = NULL;
	if (redis_conn_recv(s->calls, 0, &r, e) == -1)
		return -1;
	if (!reply_error(r, &text)) {
		*out = r;
		return 0;
	}
	/* Managed servers do not know CONFIG, or forbid it. */
	is_forbidden = redis_is_code(text, "NOPERM") ||
	               redis_is_code(text, "ERR unknown command");
	if (!is_forbidden)
		(void)stream_refused(s, asked, text, e);
	reply_free(r);
	return is_forbidden ? 0 : -1;
}

static int
info_get(struct stream *s, struct redis_facts *out, struct err *e)
{
	struct command cmd;
	struct reply *r;

	command_init(&cmd, "INFO", NULL);
	stream_send(s, &cmd);
	if (look_recv(s, "INFO", &r, e) == -1)
		return -1;
	redis_facts_parse(reply_str(r), out);
	reply_free(r);
	return 0;
}

/* Asks for a setting; "" if the server forbids CONFIG. */
static int
config_get(
    struct stream *s, const char *name, char *out, size_t size, struct err *e)
{
	struct command cmd;
	struct reply *r;
	struct str value;

	out[0] = '\0';
	/* Ask only once for each connection, since Redis logs commands that it
	 * has forbidden. */
	if (s->hides_config)
		return 0;
	command_init(&cmd, "CONFIG", "GET", name, NULL);
	stream_send(s, &cmd);
	if (look_recv(s, "CONFIG GET", &r, e) == -1)
		return -1;
	s->hides_config = r == NULL;
	value = reply_str(reply_at(r, 1));
	(void)snprintf(out, size, "%.*s", (int)value.len, value.data);
	reply_free(r);
	return 0;
}

static int
evicts_tell(struct stream *s, const struct redis_facts *f, bool must_keep,
    struct err *e)
{
	bool evicts = redis_facts_evict(f);
	char where[REDIS_WHERE_MAX];

	redis_where(&s->url, where);
	metrics.work_redis_evicts = evicts;
	if (evicts && must_keep)
		return err_set(e, FAULT_CONFIG,
		    "Redis at %s may throw deliveries away when its memory is "
		    "full (maxmemory-policy %s): CONFIG SET maxmemory-policy "
		    "noeviction, and in its configuration file",
		    where, f->policy);
	if (evicts && !s->evicts)
		log_error("Redis at %s may throw deliveries away when its "
		          "memory is full (maxmemory-policy %s, %" PRId64
		          " keys so far): CONFIG SET maxmemory-policy "
		          "noeviction, and in its configuration file. It is "
		          "emptied meanwhile",
		    where, f->policy, f->evicted);
	else if (!evicts && s->evicts)
		log_info("Redis at %s throws nothing away any more", where);
	s->evicts = evicts;
	return 0;
}

int
stream_look(struct stream *s, bool must_keep, struct err *e)
{
	struct redis_facts facts;
	char fsync[16], where[REDIS_WHERE_MAX];
	int64_t now = clock_mono();

	if (s->looked_at != 0 &&
	    now - s->looked_at < STREAM_LOOK_MS * INT64_C(1000))
		return 0;
	if (s->looked_at == 0)
		s->hides_config = s->hides_entries = false;
	if (info_get(s, &facts, e) == -1 ||
	    config_get(s, "appendfsync", fsync, sizeof(fsync), e) == -1 ||
	    (facts.policy[0] == '\0' &&
	        config_get(s, "maxmemory-policy", facts.policy,
	            sizeof(facts.policy), e) == -1))
		return -1;
	metrics.work_redis_replica = facts.is_replica;
	redis_where(&s->url, where);
	if (facts.is_replica)
		return err_set(e, FAULT_RETRY,
		    "Redis at %s is a replica and takes no writes (READONLY): "
		    "let LOYALD_REDIS_URL lead to the master",
		    where);
	if (evicts_tell(s, &facts, must_keep, e) == -1)
		return -1;
	lacks_tell(s, redis_lacks(&facts, fsync, s->lacks));
	s->looked_at = now;
	return 0;
}

/* Sums up the lengths of n streams.  Acknowledged entries are deleted, so the
 * length is the number of entries that are left. */
static int
lengths(struct stream *s, char (*key)[STREAM_NAME_MAX], unsigned n,
    int64_t *out, struct err *e)
{
	int64_t sum = 0;

	if (stream_connect(s, e) == -1)
		return -1;
	for (unsigned k = 0; k < n; k++) {
		struct command cmd;

		command_init(&cmd, "XLEN", key[k], NULL);
		stream_send(s, &cmd);
	}
	for (unsigned k = 0; k < n; k++) {
		struct reply *r = NULL;

		if (stream_recv(s, "XLEN", &r, e) == -1) {
			stream_drop(s);
			return -1;
		}
		sum += reply_int(r);
		reply_free(r);
	}
	*out = sum;
	return 0;
}

int
stream_backlog(struct stream *s, int64_t *out, struct err *e)
{
	return lengths(s, s->key, s->nkeys, out, e);
}

int
stream_beyond(struct stream *s, int64_t *out, struct err *e)
{
	char key[STREAMS_MAX][STREAM_NAME_MAX];
	unsigned n = 0;

	for (unsigned i = s->nstreams; i < STREAMS_MAX; i++)
		stream_name(s->installation, i, key[n++]);
	return lengths(s, key, n, out, e);
}

int
stream_beyond_tell(struct stream *s, struct err *e)
{
	int64_t now = clock_mono(), n;

	if (s->installation == 0 || s->hides_beyond ||
	    (s->beyond_at != 0 &&
	        now - s->beyond_at < BEYOND_MS * INT64_C(1000)))
		return 0;
	if (stream_beyond(s, &n, e) == -1) {
		/* The user may have no right to streams that this process does
		 * not read: do not look again. */
		s->hides_beyond = e->fault != FAULT_RETRY;
		e->fault = FAULT_RETRY;
		return -1;
	}
	s->beyond_at = now;
	if (n > 0)
		log_error("%" PRId64 " deliveries wait in streams that work "
		          "does not read: its LOYALD_STREAMS is %u, and that "
		          "of a receive is, or was, larger. Start every work "
		          "again with the larger number",
		    n, s->nstreams);
	return 0;
}

/* Reads the time from the id of the only entry, such as "1790000000000-0"; 0 if
 * there is no entry. */
static int64_t
entry_ms(const struct reply *entries)
{
	struct str id = reply_str(reply_at(reply_at(entries, 0), 0));
	const char *dash = id.len > 0 ? memchr(id.data, '-', id.len) : NULL;
	int64_t ms;

	if (dash == NULL ||
	    str_int64((struct str){ id.data, (size_t)(dash - id.data) }, &ms) ==
	        -1)
		return 0;
	return ms;
}

static void
hidden_tell(struct stream *s)
{
	char where[REDIS_WHERE_MAX];

	s->hides_entries = true;
	if (s->has_warned_hidden)
		return;
	redis_where(&s->url, where);
	log_warn("Redis at %s does not let work look at the oldest entry of a "
	         "stream (NOPERM): loyald_work_stream_oldest_seconds is left "
	         "out. Allow its user XRANGE on loyald:*",
	    where);
	s->has_warned_hidden = true;
}

int
stream_oldest(struct stream *s, int64_t *out, struct err *e)
{
	int64_t oldest = 0;

	*out = -1;
	if (stream_connect(s, e) == -1)
		return -1;
	/* Ask only once for each connection if XRANGE is forbidden, as in
	 * config_get(). */
	if (s->hides_entries)
		return 0;
	for (unsigned k = 0; k < s->nkeys; k++) {
		struct command cmd;

		command_init(
		    &cmd, "XRANGE", s->key[k], "-", "+", "COUNT", "1", NULL);
		stream_send(s, &cmd);
	}
	for (unsigned k = 0; k < s->nkeys; k++) {
		struct reply *r;
		int64_t ms;

		if (look_recv(s, "XRANGE", &r, e) == -1) {
			stream_drop(s);
			return -1;
		}
		if (r == NULL) {
			hidden_tell(s);
			continue;
		}
		ms = entry_ms(r);
		if (ms > 0 && (oldest == 0 || ms < oldest))
			oldest = ms;
		reply_free(r);
	}
	if (!s->hides_entries)
		*out = oldest;
	return 0;
}
