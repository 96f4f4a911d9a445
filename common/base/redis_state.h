/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * redis_state: judges by what a Redis server says of itself whether the server
 * may be given deliveries, and whether it still has every delivery that was
 * acknowledged before.
 *
 * io/redis/watch.h (in `loyald receive`) and io/stream/stream.h (in `loyald
 * work`) ask the server and act on the verdict.
 *
 * A mark is a key that the receiver writes to Redis.  The value is the instant
 * at which the mark was sent, and is always later than in the mark before.
 * Redis keeps the order of commands on its disk and on its replicas.  A server
 * that has a mark therefore has everything that was acknowledged before the
 * mark was sent, by this server or by the server that it was copied from.
 */

enum {
	REDIS_ID_MAX = 41, /* bytes: forty hexadecimal digits and a zero */
	REDIS_POLICY_MAX = 24,
	/* Bytes of the line that redis_known_render() writes. */
	REDIS_KNOWN_MAX = 256,
};

/* The answer of INFO.  A member that INFO does not give is "" or 0. */
struct redis_facts {
	/* Id of the server's process, which a restart changes. */
	char run[REDIS_ID_MAX];
	/* The replication id of the server's data, and the id of the data that
	 * the server had copied before it became a master. */
	char replid[REDIS_ID_MAX], replid2[REDIS_ID_MAX];
	int64_t offset; /* length of the data's history, in bytes */
	/* Offset from which on the data are no longer those of replid2. */
	int64_t second_offset;
	char policy[REDIS_POLICY_MAX];
	int64_t evicted; /* keys thrown away because memory was short */
	int64_t replicas;
	bool is_replica;
	/* The server is still reading its data from its disk. */
	bool is_loading;
	bool has_aof;
	bool wants_replicas; /* the server's min-replicas-to-write is set */
};

/* Reads the answer to INFO, which may have all sections or only some. */
void redis_facts_parse(struct str info, struct redis_facts *);

/* Whether the server may throw keys away when its memory is full. */
bool redis_facts_evict(const struct redis_facts *);

/* The server that was last given deliveries, as the receiver remembers it. */
struct redis_known {
	char run[REDIS_ID_MAX], replid[REDIS_ID_MAX];
	int64_t offset;
	/* The server had replicas, or was set to need some. */
	bool is_replicated;
	int64_t mark;  /* the last mark that the server acknowledged; 0: none */
	int64_t since; /* when the server was given the first delivery */
	int64_t wrote_at; /* when the server acknowledged the last delivery */
};

/* Write and read the known server as a line, which is kept over a restart.  -1
 * if the text is no such line. */
void redis_known_render(const struct redis_known *, char[REDIS_KNOWN_MAX]);
int redis_known_parse(struct str, struct redis_known *) MUST_CHECK;

/* Values of `mark_found` if no mark was read. */
enum {
	REDIS_MARK_NONE = 0,    /* the server has no mark */
	REDIS_MARK_UNSEEN = -1, /* loyald's user may not read the mark */
};

enum redis_verdict {
	/* The server may be given deliveries: */
	REDIS_FIT = 1, /* the known server, or a server with all its data */
	/* The server may not be given deliveries, however long they wait: */
	REDIS_REPLICA,
	REDIS_EVICTS,
	/* The server must get no deliveries for now: perhaps another server has
	 * replaced it as master, so that it will drop its data when it learns
	 * of the other server. */
	REDIS_SUSPECT, /* restarted, and its replicas do not follow it */
	REDIS_BEHIND,  /* lacks the last of the acknowledged deliveries */
	REDIS_OTHER,   /* has none of the acknowledged deliveries */
};

enum redis_verdict redis_judge(
    const struct redis_known *, const struct redis_facts *, int64_t mark_found);

/* Finds the time range whose acknowledged deliveries may be missing in a server
 * that is BEHIND or OTHER. */
void redis_gap(
    const struct redis_known *, int64_t mark_found, int64_t *from, int64_t *to);

/*
 * Finds which settings a server lacks of those that keep deliveries from being
 * lost ("What the promise needs" in README.md).  `fsync` is the server's
 * appendfsync, "" if the server does not show its settings; `before` is what
 * the call before this one returned.
 */
enum redis_lack {
	REDIS_LACKS_AOF = 1,   /* "appendonly yes" is missing */
	REDIS_LACKS_FSYNC = 2, /* "appendfsync always" is missing */
	/* There are replicas, but min-replicas-to-write is not set. */
	REDIS_LACKS_REPLICAS = 4,
	REDIS_HIDES_FSYNC = 8,
};
unsigned redis_lacks(
    const struct redis_facts *, const char *fsync, unsigned before);
