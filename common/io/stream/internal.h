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
	/* The installation's own streams and, if there is an installation, the
	 * streams with the names from before there were installations. */
	unsigned nkeys;
	char key[STREAM_KEYS_MAX][STREAM_NAME_MAX];
	char consumer[CONSUMER_MAX];

	struct redis_conn *calls; /* commands that do not block */
	struct redis_conn *waits; /* XREADGROUP that waits for messages */
	bool groups_gone;         /* make groups at the next connect */
	/* The server as it was looked at last (look.c). */
	int64_t looked_at;      /* clock_mono(); 0: not on this connection */
	int64_t beyond_at;      /* last look at streams beyond nstreams */
	bool hides_beyond;      /* the server forbids looking beyond nstreams */
	bool hides_config;      /* the server forbids CONFIG GET */
	bool hides_entries;     /* the server forbids XRANGE */
	bool has_warned_hidden; /* warned that XRANGE is forbidden */
	bool evicts;            /* the log says that the server may evict */
	unsigned lacks;         /* enum redis_lack, as last logged */
	bool has_warned_foreign; /* warned of a foreign message */

	/* For each stream: this consumer's own pending messages. */
	struct own {
		bool open;             /* there may be more from `from` on */
		bool fresh;            /* not read since the process began */
		char from[CURSOR_MAX]; /* an id, with "(" behind it */
	} own[STREAM_KEYS_MAX];

	/* Taking over messages of silent consumers: a sweep over all streams,
	 * from time to time. */
	int64_t claim_idle_ms;
	int64_t swept_at; /* last sweep, by clock_mono() */
	bool sweeping;
	unsigned sweep_stream;
	char sweep_cursor[CURSOR_MAX];
	int64_t reclaimed;

	/* New messages. */
	bool alone;       /* Redis Cluster: a command names one stream */
	uint64_t full;    /* bit per stream: gave as many as were asked for */
	unsigned turn;    /* the stream that is asked first */
	int64_t asked_at; /* when the old streams were last asked */
};

/* ---- connections (connect.c) ---------------------------------------------- */

/* Opens both connections, unless they are open.  RETRY or FATAL. */
int stream_connect(struct stream *, struct err *) MUST_CHECK;
/* Closes both connections.  The next call connects again, and reads the
 * consumer's own pending messages first. */
void stream_drop(struct stream *);

/* Queue a command on s->calls, and take its reply.  -1 if the reply is an
 * error; a group that is gone is remembered. */
void stream_send(struct stream *, struct command *);
int stream_recv(
    struct stream *, const char *asked, struct reply **, struct err *);
/* Takes a reply of which only an error matters. */
int stream_done(struct stream *, const char *asked, struct err *) MUST_CHECK;
/* Fills the err from an error reply, and remembers a group that is gone. */
int stream_refused(
    struct stream *, const char *asked, struct str reply, struct err *);

/* ---- the server (look.c, rights.c) ----------------------------------------- */

/* Asks the server what it is, every STREAM_LOOK_MS.  RETRY if it is a replica.
 * A server that may evict keys is CONFIG with must_keep, else only logged: its
 * entries can be taken out all the same. */
int stream_look(struct stream *, bool must_keep, struct err *) MUST_CHECK;
/* Logs once a minute that deliveries wait in streams that no process with this
 * number of streams reads.  For workers: other users may have no right to
 * look. */
int stream_beyond_tell(struct stream *, struct err *) MUST_CHECK;
/* Tries whether the user may use the key so (bits of enum stream_use).  CONFIG
 * if not. */
int stream_may(
    struct stream *, const char *key, unsigned uses, struct err *) MUST_CHECK;
#endif /* IO_STREAM_INTERNAL_H */
