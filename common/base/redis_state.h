/* SPDX-License-Identifier: MIT */
#ifndef BASE_REDIS_STATE_H
#define BASE_REDIS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * redis_state: what a Redis server says of itself, and what that means for
 * deliveries: may they be given to it, and is everything in it that was
 * acknowledged before?
 *
 * Only the reading and the judgement: who asks, and what is done about the
 * answer, is io/redis/watch.h for receive and io/stream/stream.h for work.
 *
 * A mark is a key of the receiver's own, whose value is the instant at which
 * the mark was sent, always later than the one before.  Redis keeps the order
 * of what it was told, on its disk and on its replicas, so a server that has
 * a mark has everything that it (or the server whose copy it is) had
 * acknowledged before that mark was sent.
 */

enum {
	REDIS_ID_MAX = 41, /* forty hexadecimal digits */
	REDIS_POLICY_MAX = 24,
	REDIS_KNOWN_MAX = 256, /* of its text */
};

/* The answer of INFO.  A text that INFO does not give is "", a number 0. */
struct redis_facts {
	char run[REDIS_ID_MAX];    /* of the process: another after a restart */
	char replid[REDIS_ID_MAX]; /* of the history of its data */
	char replid2[REDIS_ID_MAX]; /* of the history that it continued */
	int64_t offset;             /* so many bytes of its history */
	int64_t second_offset;      /* where it began to continue replid2 */
	char policy[REDIS_POLICY_MAX];
	int64_t evicted; /* keys it has thrown away */
	int64_t replicas;
	bool is_replica;
	bool is_loading; /* its data, from its disk */
	bool has_aof;
	bool wants_replicas; /* min-replicas-to-write is set */
};

/* The answer to INFO, all sections or some of them. */
void redis_facts_parse(struct str info, struct redis_facts *);

/* Whether it may throw keys away when its memory is full. */
bool redis_facts_evict(const struct redis_facts *);

/* The server that deliveries were given to last, as it is remembered. */
struct redis_known {
	char run[REDIS_ID_MAX], replid[REDIS_ID_MAX];
	int64_t offset;
	bool is_replicated; /* it had replicas, or was told to want some */
	int64_t mark;       /* the last it acknowledged; 0: none */
	int64_t since;      /* when it was given the first delivery */
	int64_t wrote_at;   /* when it acknowledged the last delivery */
};

/* As one line, to be kept over a restart.  -1 if the text is no such line. */
void redis_known_render(const struct redis_known *, char[REDIS_KNOWN_MAX]);
int redis_known_parse(struct str, struct redis_known *) MUST_CHECK;

/* The mark that was found in a server, if not an instant. */
enum {
	REDIS_MARK_NONE = 0,    /* the key is not there */
	REDIS_MARK_UNSEEN = -1, /* the server does not let us look */
};

enum redis_verdict {
	/* The server may be given deliveries: */
	REDIS_FIT = 1, /* the one known, or one that has all that it had */
	/* The server may not, whatever becomes of it: */
	REDIS_REPLICA,
	REDIS_EVICTS,
	/* The server has to wait, as it may be a master that another has
	 * replaced, and that loses everything when it hears of that: */
	REDIS_SUSPECT, /* started anew, and its replicas do not follow it */
	REDIS_BEHIND,  /* misses the end of what was acknowledged */
	REDIS_OTHER,   /* has nothing of what was acknowledged */
};

enum redis_verdict redis_judge(
    const struct redis_known *, const struct redis_facts *, int64_t mark_found);

/* From when to when what was acknowledged may be missing, of a server that
 * is BEHIND or OTHER. */
void redis_gap(
    const struct redis_known *, int64_t mark_found, int64_t *from, int64_t *to);

/*
 * The settings that README.md's promise needs and a server lacks.  `fsync` is
 * the server's appendfsync, "" if the server does not show it; `before`, what
 * the server lacked when it was asked last.
 */
enum redis_lack {
	REDIS_LACKS_AOF = 1,      /* appendonly yes */
	REDIS_LACKS_FSYNC = 2,    /* appendfsync always */
	REDIS_LACKS_REPLICAS = 4, /* min-replicas-to-write, with replicas */
	REDIS_HIDES_FSYNC = 8,
};
unsigned redis_lacks(
    const struct redis_facts *, const char *fsync, unsigned before);

#endif /* BASE_REDIS_STATE_H */
