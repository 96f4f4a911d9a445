/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdatomic.h>

#include "io/redis/conn.h"
#include "io/stream/stream.h"

/* internal: shared by the files of this folder: acknowledging and adding
 * (stream.c), reading messages (next.c) out of entries (parcel.c), the
 * connections (connect.c), the state of the server (look.c), the rights of its
 * user (rights.c). */

enum {
	CONSUMER_MAX = 128,
	CURSOR_MAX = STREAM_ID_MAX + 1, /* "(" and an id */
	STREAM_KEYS_MAX = 2 * STREAMS_MAX,
};

/* An entry that is pending for this consumer. */
struct pending {
	char id[STREAM_ID_MAX];
	unsigned stream;
	uint32_t parts; /* a bit for each message that is wanted */
	int64_t deliveries;
	bool again; /* the process has read the entry before */
};

/* The entries with parked messages, the one with the lowest turn first.  The child
 * process of io/hold.h reads this memory while the parent writes it: at worst, the
 * child reads an id that no entry has, or misses an entry that it reads the next
 * time. */
struct parking {
	atomic_size_t n;
	struct parked {
		int64_t turn;
		struct pending entry;
		size_t n; /* parked messages, and their slots */
		uint16_t slots[PARCEL_MAX];
	} list[STREAM_PARKED_MAX];
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
	bool groups_gone;         /* make the groups at the next connect */
	/* The server's state as look.c last found it. */
	int64_t looked_at;      /* by clock_mono(); 0: not on this connection */
	int64_t beyond_at;      /* when stream_beyond_tell() last looked */
	bool hides_beyond;      /* the user may not look beyond nstreams */
	bool hides_config;      /* CONFIG GET is forbidden */
	bool hides_entries;     /* XRANGE is forbidden */
	bool has_warned_hidden; /* warned that XRANGE is forbidden */
	bool evicts;            /* the log says that the server may evict */
	unsigned lacks;         /* enum redis_lack, as last logged */
	bool has_warned_foreign; /* warned of another installation's message */

	/* For each stream: which of this consumer's pending messages to read
	 * again. */
	struct own {
		bool open;             /* there may be more after `from` */
		bool fresh;            /* not read since the process began */
		char from[CURSOR_MAX]; /* an id; "(" excludes that id */
	} own[STREAM_KEYS_MAX];

	/* The sweep: takes over messages of silent consumers in all streams,
	 * from time to time. */
	int64_t claim_idle_ms;
	int64_t swept_at; /* last sweep, by clock_mono() */
	bool sweeping;
	unsigned sweep_stream;
	char sweep_cursor[CURSOR_MAX];
	int64_t reclaimed;

	/* New messages. */
	bool alone;       /* a cluster: one stream in each command */
	uint64_t full;    /* bit per stream: may have more messages */
	unsigned turn;    /* the stream that is asked first */
	int64_t asked_at; /* when the old streams were last asked */

	struct parking *parking; /* entries with parked messages */
};

/* ---- entries (parcel.c) ---------------------------------------------------- */

/* Adds the messages of the entry [id, [field, value, ...]] of stream k, unless
 * they are of another installation; false if the entry was deleted and only its
 * id is left.  The batch must have room for PARCEL_MAX messages. */
bool parcel_take(struct stream *, struct stream_batch *, unsigned k,
    const struct reply *entry, int64_t deliveries);
/* Takes the entries of several messages that were given out too often out of
 * the batch, and adds their messages to the stream again, each by itself. */
int parcels_split(
    struct stream *, struct stream_batch *, struct err *) MUST_CHECK;

/* Counts the messages at the beginning that are of one entry. */
size_t parcel_size(const struct message *, size_t n);

/* ---- pending entries (next.c, stream.c) ----------------------------------- */

/* Claims these entries, and adds their messages, as far as they are wanted.
 * Entries that were deleted are acknowledged. */
int pending_read(struct stream *, struct stream_batch *, const struct pending *,
    size_t n, struct err *) MUST_CHECK;
/* Does what stream_heartbeat() does, and counts one delivery less of each, since
 * this process tries no message of these entries yet. */
int pending_untried(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* ---- connections (connect.c) ------------------------------------------- */

/* Opens both connections, unless they are open.  RETRY or FATAL. */
int stream_connect(struct stream *, struct err *) MUST_CHECK;
/* Closes both connections.  The next call connects again, and first reads the
 * consumer's own pending messages. */
void stream_drop(struct stream *);

/* Queue a command on s->calls, and take its reply.  Return -1 if the reply is
 * an error.  If the error says that a group is gone, set groups_gone. */
void stream_send(struct stream *, struct command *);
int stream_recv(
    struct stream *, const char *asked, struct reply **, struct err *);
/* Takes a reply, and ignores it unless it is an error. */
int stream_done(struct stream *, const char *asked, struct err *) MUST_CHECK;
/* Fills the err from an error reply.  If the reply says that a group is gone,
 * sets groups_gone. */
int stream_refused(
    struct stream *, const char *asked, struct str reply, struct err *);

/* ---- the server (look.c, rights.c) ------------------------------------- */

/* Asks for the server's state, at most every STREAM_LOOK_MS.  Fails with RETRY
 * if the server is a replica.  If the server may evict keys, fails with CONFIG
 * if must_keep is set, else only logs it: reading entries does no harm. */
int stream_look(struct stream *, bool must_keep, struct err *) MUST_CHECK;
/* Logs once a minute if deliveries wait in streams beyond nstreams, which no
 * process with this number of streams reads.  Only for workers: other users may
 * have no right to look. */
int stream_beyond_tell(struct stream *, struct err *) MUST_CHECK;
/* Checks that the user has the rights for these uses of the key (bits of enum
 * stream_use).  Fails with CONFIG if not. */
int stream_may(
    struct stream *, const char *key, unsigned uses, struct err *) MUST_CHECK;
