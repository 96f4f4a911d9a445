/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/util.h>
#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/clock.h"
#include "io/redis/flights.h"
#include "io/redis/internal.h"
#include "io/redis/lookup.h"
#include "io/timer.h"

enum link_state {
	LINK_DOWN = 1, /* no connection; the timer tries again */
	LINK_RESOLVING,
	LINK_CONNECTING,
	LINK_GREETING,
	LINK_UP,
};

struct redis_link {
	const struct redis_link_common *common;
	enum link_state state;
	struct event *timer;
	int64_t timer_at; /* when the timer goes off; 0: it is not set */
	struct bufferevent *bev;
	redisReader *reader;
	struct redis_lookup *lookup;
	unsigned attempts;  /* picks one of a name's addresses in turn */
	unsigned greetings; /* replies of the handshake still to come */
	int64_t backoff_ms;
	bool proven;            /* the server has answered an XADD here */
	bool doubted;           /* no entries until the server answers */
	const char *retiring;   /* why the link gets no more entries and closes
				 after the last answer; NULL: no reason */
	unsigned asks;          /* questions and PINGs in flight */
	char run[REDIS_ID_MAX]; /* run_id of the process that answered INFO */

	struct flights flights;
};

static void
timer_set(struct redis_link *l, int64_t ms)
{
	timer_in(l->timer, ms);
	l->timer_at = clock_mono() + ms * 1000;
}

static void
timer_stop(struct redis_link *l)
{
	(void)event_del(l->timer);
	l->timer_at = 0;
}

/* Sets the timer for the deadline of the oldest entry.  If the timer goes off
 * earlier, leaves it: link_check() then sets it again. */
static void
timer_aim(struct redis_link *l)
{
	int64_t until, now;

	if (l->flights.count == 0)
		return;
	until = flights_first(&l->flights)->until;
	if (l->timer_at != 0 && l->timer_at <= until)
		return;
	now = clock_mono();
	timer_set(l, until > now ? (until - now + 999) / 1000 : 0);
}

/* Draws a time between half of `ms` and `ms`, so that links do not all connect
 * again at once. */
static int64_t
jittered(int64_t ms)
{
	uint32_t r;

	evutil_secure_rng_get_bytes(&r, sizeof(r));
	return ms / 2 + r % (ms / 2 + 1);
}

/* Adds a flight with its deadline, which is later for a large entry: sending
 * and syncing take longer. */
static void
flight_push(struct redis_link *l, struct flight one, size_t len)
{
	int64_t ms = l->common->deadline_ms +
	             (int64_t)(len / LINK_BYTES_PER_MS);

	one.until = clock_mono() + ms * 1000;
	l->asks += one.added == NULL;
	flights_push(&l->flights, one);
	timer_aim(l);
}

static void
link_reset(struct redis_link *l)
{
	if (l->bev != NULL)
		bufferevent_free(l->bev);
	if (l->reader != NULL)
		redisReaderFree(l->reader);
	redis_lookup_drop(&l->lookup);
	l->bev = NULL;
	l->reader = NULL;
	l->state = LINK_DOWN;
	l->proven = l->doubted = false;
	l->retiring = NULL;
	l->asks = 0;
}

static void
link_close(struct redis_link *l, const struct err *e, bool late)
{
	link_reset(l);
	timer_set(l, jittered(l->backoff_ms));
	l->backoff_ms *= 2;
	if (l->backoff_ms > LINK_BACKOFF_MAX_MS)
		l->backoff_ms = LINK_BACKOFF_MAX_MS;
	l->common->trouble(l->common->arg, e, late);
	flights_fail(&l->flights);
}

/* Closes a link and reports why.  The fault is CONFIG if only an operator can
 * mend it. */
static void
link_fail(struct redis_link *l, enum fault fault, const char *why)
{
	char where[REDIS_WHERE_MAX];
	struct err e;

	redis_where(&l->common->url, where);
	err_set(&e, fault, "Redis at %s: %s", where, why);
	link_close(l, &e, false);
}

static void
link_lost(struct redis_link *l, const char *why)
{
	link_fail(l, FAULT_RETRY, why);
}

/* Reports a failed connect.  EACCES is CONFIG: loyald's user may not use the
 * Unix socket. */
static void
link_broken(struct redis_link *l, int error)
{
	link_fail(l, error == EACCES ? FAULT_CONFIG : FAULT_RETRY,
	    evutil_socket_error_to_string(error));
}

static void
link_late(struct redis_link *l)
{
	char where[REDIS_WHERE_MAX];
	struct err e;

	redis_where(&l->common->url, where);
	err_set(&e, FAULT_RETRY, "Redis at %s did not answer within %lld ms",
	    where, (long long)l->common->deadline_ms);
	link_close(l, &e, true);
}

/* Frees a command that hiredis formatted, when libevent has sent it. */
static void
command_freed(const void *, size_t, void *arg)
{
	redisFreeSdsCommand(arg);
}

static void
link_send(struct redis_link *l, int n, const char *args[], const size_t *lens)
{
	sds cmd;
	int len = redisFormatSdsCommandArgv(&cmd, n, args, lens);

	if (len == -1 || evbuffer_add_reference(bufferevent_get_output(l->bev),
	                     cmd, (size_t)len, command_freed, cmd) == -1)
		die("out of memory for a command to Redis");
}

static void
link_send_words(struct redis_link *l, int n, const char *words[])
{
	size_t lens[4];

	assert((size_t)n <= NITEMS(lens));
	for (int i = 0; i < n; i++)
		lens[i] = strlen(words[i]);
	link_send(l, n, words, lens);
}

static void
link_greet(struct redis_link *l)
{
	const struct redis_url *u = &l->common->url;
	bool user = u->user[0] != '\0';
	const char *auth[] = { "AUTH", user ? u->user : u->password,
		u->password };
	const char *info[] = { "INFO" };
	char db[16];
	const char *select[] = { "SELECT", db };

	l->state = LINK_GREETING;
	l->greetings = 1;
	timer_set(l, LINK_CONNECT_MS);
	if (u->password[0] != '\0') {
		link_send_words(l, user ? 3 : 2, auth);
		l->greetings++;
	}
	if (u->db != 0) {
		(void)snprintf(db, sizeof(db), "%d", u->db);
		link_send_words(l, 2, select);
		l->greetings++;
	}
	link_send_words(l, 1, info);
}

/* Whether a reply to the handshake is a refusal.  NOPERM in reply to the last
 * command, INFO, is none: the server has answered, and the user merely has no
 * right to INFO. */
static bool
is_refused(const redisReply *r, bool last)
{
	return r->type == REDIS_REPLY_ERROR &&
	       !(last &&
	           redis_is_code((struct str){ r->str, r->len }, "NOPERM"));
}

static void
link_greeted(struct redis_link *l, const redisReply *r)
{
	struct redis_facts facts;

	if (is_refused(r, l->greetings == 1)) {
		struct err e;

		(void)redis_refused(&l->common->url, "the greeting",
		    (struct str){ r->str, r->len }, &e);
		link_close(l, &e, false);
		return;
	}
	if (--l->greetings > 0)
		return;
	redis_facts_parse(r->type == REDIS_REPLY_STRING
	                      ? (struct str){ r->str, r->len }
	                      : STR(""),
	    &facts);
	memcpy(l->run, facts.run, sizeof(l->run));
	l->state = LINK_UP;
	timer_stop(l);
	l->common->greeted(l->common->arg, l, &facts);
}

/* Whether the server became a replica.  If so, the link is to be closed, since
 * the name may lead to another server now. */
static bool
is_demoted(const redisReply *r)
{
	struct str text = { r->str, r->len };

	return redis_is_code(text, "READONLY") ||
	       redis_is_code(text, "MASTERDOWN");
}

/* Takes the server's answer to an entry.  If the address leads to another
 * server by now, even a success is treated as a failure: the old server may be
 * about to drop its data. */
static void
entry_answered(
    struct redis_link *l, const struct flight *f, const redisReply *r)
{
	bool is_fit = l->common->is_fit(l->common->arg, l->run);
	bool ok = r->type == REDIS_REPLY_STRING && (is_fit || f->is_last);

	if (r->type == REDIS_REPLY_ERROR) {
		struct err e;

		(void)redis_refused(&l->common->url, "XADD",
		    (struct str){ r->str, r->len }, &e);
		l->common->trouble(l->common->arg, &e, false);
		if (is_demoted(r))
			l->retiring = "it is a replica now";
	}
	if (l->retiring == NULL) {
		l->proven = true;
		l->backoff_ms = LINK_BACKOFF_MIN_MS;
	}
	if (ok && is_fit)
		l->common->wrote(l->common->arg);
	f->added(f->arg, ok);
}

static void
ask_answered(const struct flight *f, const redisReply *r)
{
	enum redis_told_kind kind = r->type == REDIS_REPLY_ERROR ? TOLD_ERROR
	                            : r->type == REDIS_REPLY_NIL ? TOLD_NIL
	                                                         : TOLD_TEXT;
	bool has_text = r->str != NULL;

	f->told(f->arg, kind,
	    (struct str){ has_text ? r->str : "", has_text ? r->len : 0 });
}

static void
link_answered(struct redis_link *l, const redisReply *r)
{
	struct flight f;

	if (l->flights.count == 0) {
		link_lost(l, "an answer to no question");
		return;
	}
	f = flights_pop(&l->flights);
	timer_aim(l);
	l->doubted = false;
	l->asks -= f.added == NULL;
	if (f.added != NULL)
		entry_answered(l, &f, r);
	else if (f.told != NULL)
		ask_answered(&f, r);
	if (l->state == LINK_UP && l->retiring != NULL && l->flights.count == 0)
		link_lost(l, l->retiring);
}

/* Takes the replies that are complete.  Any reply may end the connection. */
static void
link_replies(struct redis_link *l)
{
	while (l->reader != NULL) {
		void *reply = NULL;

		if (redisReaderGetReply(l->reader, &reply) != REDIS_OK) {
			link_lost(l, "what answers is not Redis");
			return;
		}
		if (reply == NULL)
			break;
		if (l->state == LINK_GREETING)
			link_greeted(l, reply);
		else
			link_answered(l, reply);
		freeReplyObject(reply);
	}
	if (l->reader != NULL &&
	    l->reader->len - l->reader->pos > LINK_REPLY_MAX)
		link_lost(l, "an answer without end");
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct redis_link *l = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t n;

	while ((n = evbuffer_get_contiguous_space(in)) > 0) {
		const char *data = (const char *)evbuffer_pullup(in, (long)n);

		if (redisReaderFeed(l->reader, data, n) != REDIS_OK)
			die("out of memory for an answer of Redis");
		(void)evbuffer_drain(in, n);
	}
	link_replies(l);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct redis_link *l = arg;
	int on = 1, fd = bufferevent_getfd(bev);

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		/* TCP_NODELAY fails on Unix sockets, which do not need it. */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
		link_greet(l);
		return;
	}
	if ((what & BEV_EVENT_EOF) != 0)
		link_lost(l, "it closed the connection");
	else
		link_broken(l, EVUTIL_SOCKET_ERROR());
}

static void
link_connect(struct redis_link *l, const struct sockaddr *sa, socklen_t len)
{
	l->state = LINK_CONNECTING;
	timer_set(l, LINK_CONNECT_MS);
	/* No deferred callbacks, which run after the timers: if this process
	 * was held up, a timer would close a connection whose answer has
	 * come. */
	l->bev = bufferevent_socket_new(
	    l->common->base, -1, BEV_OPT_CLOSE_ON_FREE);
	l->reader = redisReaderCreate();
	if (l->bev == NULL || l->reader == NULL)
		die("out of memory for a connection to Redis");
	bufferevent_setcb(l->bev, on_read, NULL, on_event, l);
	if (bufferevent_enable(l->bev, EV_READ | EV_WRITE) == -1)
		die("libevent does not take a connection to Redis");
	/* If the connect fails at once (no such socket), there may be no event,
	 * only -1.  If there was an event, its callback has freed the bev. */
	if (bufferevent_socket_connect(l->bev, sa, (int)len) == -1 &&
	    l->bev != NULL)
		link_broken(l, errno);
}

static void
link_found(
    void *arg, const struct sockaddr *sa, socklen_t len, const char *why_not)
{
	struct redis_link *l = arg;

	if (sa == NULL)
		link_lost(l, why_not);
	else
		link_connect(l, sa, len);
}

/* Begins to connect.  The name is looked up every time, since after a failover
 * it leads to another machine. */
static void
link_open(struct redis_link *l)
{
	const struct redis_url *u = &l->common->url;
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (u->port == 0) {
		memcpy(un.sun_path, u->host, strlen(u->host));
		link_connect(l, (const struct sockaddr *)&un, sizeof(un));
		return;
	}
	l->state = LINK_RESOLVING;
	timer_set(l, LINK_CONNECT_MS);
	redis_lookup_start(
	    &l->lookup, l->common->names, u, l->attempts++, link_found, l);
}

static void
link_check(struct redis_link *l)
{
	if (l->flights.count > 0 &&
	    flights_first(&l->flights)->until <= clock_mono())
		link_late(l);
	else
		timer_aim(l);
}

static void
on_timer(evutil_socket_t, short, void *arg)
{
	struct redis_link *l = arg;

	l->timer_at = 0;
	switch (l->state) {
	case LINK_DOWN:
		link_open(l);
		return;
	case LINK_RESOLVING:
		link_lost(l, "its name is not found in time");
		return;
	case LINK_CONNECTING:
		link_lost(l, "it does not take the connection");
		return;
	case LINK_GREETING:
		link_lost(l, "it does not answer the greeting");
		return;
	case LINK_UP:
		link_check(l);
		return;
	}
}

struct redis_link *
redis_link_new(const struct redis_link_common *common)
{
	struct redis_link *l = mem_new(sizeof(*l), "a connection to Redis");

	l->common = common;
	l->state = LINK_DOWN;
	l->backoff_ms = LINK_BACKOFF_MIN_MS;
	l->timer = timer_new(common->base, on_timer, l);
	timer_set(l, 0);
	return l;
}

void
redis_link_free(struct redis_link *l)
{
	if (l == NULL)
		return;
	link_reset(l);
	event_free(l->timer);
	flights_fail(&l->flights);
	free(l);
}

bool
redis_link_is_open(const struct redis_link *l)
{
	return l->state == LINK_UP && l->retiring == NULL &&
	       l->asks < FLIGHTS_ASKS_MAX;
}

const char *
redis_link_run(const struct redis_link *l)
{
	return l->run;
}

bool
redis_link_is_up(const struct redis_link *l)
{
	return redis_link_is_open(l) && !l->doubted &&
	       l->common->is_fit(l->common->arg, l->run);
}

bool
redis_link_has_room(const struct redis_link *l)
{
	unsigned most = l->proven || l->common->is_last ? FLIGHTS_MAX : 1;

	return redis_link_is_up(l) && redis_link_load(l) < most &&
	       evbuffer_get_length(bufferevent_get_output(l->bev)) <=
	           LINK_QUEUED_MAX;
}

unsigned
redis_link_load(const struct redis_link *l)
{
	return l->flights.count - l->asks;
}

void
redis_link_add(struct redis_link *l, const char *key, struct str encoded,
    redis_added *added, void *arg)
{
	const char *args[] = { "XADD", key, "*", STREAM_FIELD, encoded.data };
	size_t lens[] = { 4, strlen(key), 1, sizeof(STREAM_FIELD) - 1,
		encoded.len };

	assert(redis_link_has_room(l) && added != NULL);
	link_send(l, (int)NITEMS(args), args, lens);
	flight_push(l,
	    (struct flight){
	        .added = added, .arg = arg, .is_last = l->common->is_last },
	    encoded.len);
}

/* Sends a PING if the connection is idle.  With entries in flight no PING is
 * needed: their answers or deadlines show whether the server answers. */
void
redis_link_doubt(struct redis_link *l)
{
	const char *ping[] = { "PING" };

	if (l->state != LINK_UP || l->doubted)
		return;
	l->doubted = true;
	if (l->flights.count > 0)
		return;
	link_send_words(l, 1, ping);
	flight_push(l, (struct flight){ .added = NULL }, 0);
}

void
redis_link_ask(struct redis_link *l, int n, const char *words[],
    redis_told *told, void *arg)
{
	assert(redis_link_is_open(l) && told != NULL);
	link_send_words(l, n, words);
	flight_push(l, (struct flight){ .told = told, .arg = arg }, 0);
}

void
redis_link_retire(struct redis_link *l, const char *why)
{
	if (l->state != LINK_UP || l->retiring != NULL)
		return;
	l->retiring = why;
	if (l->flights.count == 0)
		link_lost(l, why);
}
