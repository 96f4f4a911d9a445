/* SPDX-License-Identifier: MIT */
#ifndef IO_STREAM_INTERNAL_H
#define IO_STREAM_INTERNAL_H

#include "io/redis/conn.h"
#include "io/stream/stream.h"

/* internal: what the files of the streams share: the small verbs (stream.c),
 * where messages come from (next.c), the connections (connect.c), the server as
 * it is (look.c), the rights of its user (rights.c). */

enum {
	CONSUMER_MAX = 128,
	CURSOR_MAX = STREAM_ID_MAX + 1, /* "(" and an id */
	STREAM_KEYS_MAX = 2 * STREAMS_MAX,
};

struct stream {
	struct redis_url url;
	unsigned nstreams;
	int64_t installation;
	/* The installation's own streams, then, if it has any, those with
	 * the names of before. */
	unsigned nkeys;
	char key[STREAM_KEYS_MAX][STREAM_NAME_MAX];
	char consumer[CONSUMER_MAX];

	struct redis_conn *calls; /* everything but waiting */
	struct redis_conn *waits; /* XREADGROUP of new messages */
	bool groups_gone;         /* make them at the next connect */
	/* The server as it was looked at last (look.c). */
	int64_t looked_at;       /* clock_mono(); 0: not on this connection */
	int64_t beyond_at;       /* the same, of streams that we do not read */
	bool hides_beyond;       /* they may not be looked at */
	bool hides_config;       /* it does not let us ask for settings */
	bool hides_entries;      /* nor look at an entry without taking it */
	bool has_warned_hidden;  /* of the latter */
	bool evicts;             /* as was said in the log */
	unsigned lacks;          /* enum redis_lack, as was said in the log */
	bool has_warned_foreign; /* once is enough */

	/* Own pending messages of each stream. */
	struct own {
		bool open;  /* there may be some from here on... */
		bool fresh; /* ...not read since this process began */
		char from[CURSOR_MAX];
	} own[STREAM_KEYS_MAX];

	/* Taking over: a sweep over all streams, now and then. */
	int64_t claim_idle_ms;
	int64_t swept_at; /* clock_mono() */
	bool sweeping;
	unsigned sweep_stream;
	char sweep_cursor[CURSOR_MAX];
	int64_t reclaimed;

	/* New messages. */
	bool alone;       /* a cluster: one stream per command */
	uint64_t full;    /* gave as much as was asked for: bit per stream */
	unsigned turn;    /* who is asked first */
	int64_t asked_at; /* the streams of before; clock_mono() */
};

/* ---- connections (connect.c) ---------------------------------------------- */

/* Both connections are up, or RETRY or FATAL. */
int stream_connect(struct stream *, struct err *) MUST_CHECK;
/* Closes both; the next call connects again and reads own ones first. */
void stream_drop(struct stream *);

/* Queues a command on s->calls, takes its reply: -1 if that is an error
 * (a vanished group is remembered). */
void stream_send(struct stream *, struct command *);
int stream_recv(
    struct stream *, const char *asked, struct reply **, struct err *);
/* Takes a reply in which only an error is of interest. */
int stream_done(struct stream *, const char *asked, struct err *) MUST_CHECK;
/* Fills the err of an error reply; remembers a vanished group. */
int stream_refused(
    struct stream *, const char *asked, struct str reply, struct err *);

/* ---- the server (look.c, rights.c) ----------------------------------------- */

/* Asks the server what it is, if it is time to.  RETRY if it is a replica;
 * with must_keep FATAL if it may evict; else that is said, and what is in it
 * can be taken out all the same. */
int stream_look(struct stream *, bool must_keep, struct err *) MUST_CHECK;
/* Says once a minute that deliveries wait which nobody with this number of
 * streams ever reads.  For a worker: others may have no right to look. */
int stream_beyond_tell(struct stream *, struct err *) MUST_CHECK;
/* Whether the user may do so to that key (enum stream_use).  CONFIG if not. */
int stream_may(
    struct stream *, const char *key, unsigned uses, struct err *) MUST_CHECK;
#endif /* IO_STREAM_INTERNAL_H */
