/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/util.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/redis/internal.h"
#include "io/redis/watch.h"
#include "io/timer.h"

enum {
	KEY_ID = 16, /* hexadecimal digits */
	KEY_MAX = 32,
	FILE_MAX = KEY_ID + 1 + REDIS_KNOWN_MAX,
};

#define KEY_PREFIX "loyald:mark:"

struct redis_watch {
	struct redis_watch_hooks hooks;
	struct redis_mark_hooks keeper;
	const struct redis_url *url;
	char key[KEY_MAX];   /* the key of the mark */
	char path[PATH_MAX]; /* path of the file; "": no file */
	bool is_dirty;       /* the file must be written again */
	bool has_warned;     /* warned that the file cannot be written */

	struct redis_known known;
	struct redis_facts facts;   /* facts of the server at the address */
	enum redis_verdict verdict; /* 0: the server was not judged yet */
	int64_t held_until;         /* no deliveries until then; 0: no wait */
	/* The server for which keeper.again() was called last. */
	char again_run[REDIS_ID_MAX], again_replid[REDIS_ID_MAX];
	enum redis_verdict again_verdict;
	uint64_t server; /* redis_watch_server() */

	struct event *ask_timer, *mark_timer;
	int64_t evicted;  /* number of evicted keys at the last look */
	bool has_evicted; /* an eviction was logged; more may follow */
	bool is_asking;
	bool is_barred;    /* the user may not read or write marks */
	bool has_news;     /* a delivery was acknowledged since the last mark */
	int64_t mark_sent; /* the mark that is not answered yet; 0: none */
};

/* A command sent by the watch, with the server and the mark at that time. */
struct watch_question {
	struct redis_watch *w;
	char run[REDIS_ID_MAX];
	int64_t mark;
};

static struct watch_question *
question_new(struct redis_watch *w, const char *run, int64_t mark)
{
	struct watch_question *q = mem_new(sizeof(*q), "a question to Redis");

	*q = (struct watch_question){ .w = w, .mark = mark };
	(void)snprintf(q->run, sizeof(q->run), "%s", run);
	return q;
}

static bool
is_current(const struct watch_question *q)
{
	return strcmp(q->run, q->w->facts.run) == 0;
}

/* ---- the file ---------------------------------------------------------- */

/* Writes the file without a sync.  After a crash of the machine the file may be
 * older: then a server is accepted if it has the older mark. */
static int
file_write(const char *path, const char *text)
{
	char part[PATH_MAX + 8];
	size_t n = strlen(text);
	bool ok;
	int fd;

	(void)snprintf(part, sizeof(part), "%s.part", path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	ok = write(fd, text, n) == (ssize_t)n;
	ok = close(fd) == 0 && ok;
	return ok && rename(part, path) == 0 ? 0 : -1;
}

static void
known_save(struct redis_watch *w)
{
	char line[REDIS_KNOWN_MAX], text[FILE_MAX + 2];

	if (w->path[0] == '\0' || !w->is_dirty || w->known.run[0] == '\0')
		return;
	redis_known_render(&w->known, line);
	(void)snprintf(text, sizeof(text), "%s %s\n",
	    w->key + sizeof(KEY_PREFIX) - 1, line);
	w->is_dirty = false;
	if (file_write(w->path, text) == 0) {
		w->has_warned = false;
		return;
	}
	if (!w->has_warned)
		log_warn("what is known of Redis is not kept over a restart: "
		         "write %s: %s",
		    w->path, strerror(errno));
	w->has_warned = true;
}

static void
known_load(struct redis_watch *w)
{
	struct redis_known known;
	struct arena a;
	struct str s;
	uint8_t id[KEY_ID / 2];
	struct err e;

	arena_init(&a);
	if (file_read(&a, w->path, FILE_MAX + 2, &s, &e) == 0 &&
	    s.len > KEY_ID + 2 && s.data[KEY_ID] == ' ' &&
	    s.data[s.len - 1] == '\n' &&
	    hex_decode((struct str){ s.data, KEY_ID }, id, sizeof(id)) == 0 &&
	    redis_known_parse(
	        (struct str){ s.data + KEY_ID + 1, s.len - KEY_ID - 2 },
	        &known) == 0) {
		w->known = known;
		(void)snprintf(
		    w->key, sizeof(w->key), KEY_PREFIX "%.*s", KEY_ID, s.data);
	}
	arena_fini(&a);
}

void
redis_watch_remember(struct redis_watch *w, const char *path)
{
	(void)snprintf(w->path, sizeof(w->path), "%s", path);
	if (w->known.run[0] == '\0')
		known_load(w);
	w->is_dirty = true;
}

/* ---- sentences for the log and /readyz --------------------------------- */

static bool
is_held(enum redis_verdict v)
{
	return v == REDIS_SUSPECT || v == REDIS_BEHIND || v == REDIS_OTHER;
}

/* Counts a gap, which is a period whose deliveries may be missing.  Writes its
 * times for the log. */
static void
gap_count(const struct redis_watch *w, int64_t mark_found,
    char a[INSTANT_TEXT_MAX], char b[INSTANT_TEXT_MAX])
{
	int64_t from, to;

	redis_gap(&w->known, mark_found, &from, &to);
	instant_format(from, a);
	instant_format(to, b);
	metrics.redis_gaps++;
	metrics.redis_gap_seconds += (to - from + INSTANT_SECOND - 1) /
	                             INSTANT_SECOND;
}

static void
gap_tell(const struct redis_watch *w, enum redis_verdict v, int64_t mark_found)
{
	char where[REDIS_WHERE_MAX], a[INSTANT_TEXT_MAX], b[INSTANT_TEXT_MAX];

	gap_count(w, mark_found, a, b);
	redis_where(w->url, where);
	log_error("Redis at %s %s: what was answered 200 from %s to %s and not "
	          "worked on yet may be missing; deliveries go to the spool "
	          "for %d s, as it may be a master that has been replaced. "
	          "deploy/RUNBOOK.md says how to have them again",
	    where,
	    v == REDIS_OTHER ? "is not the one written to last, or is empty"
	                     : "is younger than the one written to last",
	    a, b, WATCH_HOLD_MS / 1000);
}

/* Logs that the server has evicted keys, which may have been streams.  Logs no
 * further eviction until the server's eviction policy was right again. */
static void
evicted_tell(struct redis_watch *w)
{
	char where[REDIS_WHERE_MAX], a[INSTANT_TEXT_MAX], b[INSTANT_TEXT_MAX];
	int64_t n = w->facts.evicted - w->evicted;

	w->evicted = w->facts.evicted;
	w->server += n > 0;
	if (n > 0 && !w->has_evicted) {
		gap_count(w, REDIS_MARK_NONE, a, b);
		redis_where(w->url, where);
		log_error("Redis at %s has thrown away %" PRId64
		          " keys, since its memory was full: what was "
		          "answered 200 from %s to %s and not worked on yet "
		          "may be missing. deploy/RUNBOOK.md says how to have "
		          "it again",
		    where, n, a, b);
	}
	w->has_evicted = redis_facts_evict(&w->facts) &&
	                 (w->has_evicted || n > 0);
}

/* Writes why the server gets no deliveries, for the log and for /readyz; "" if
 * it gets them. */
static void
verdict_text(
    const struct redis_watch *w, enum redis_verdict v, char *out, size_t size)
{
	const struct redis_facts *f = &w->facts;
	char where[REDIS_WHERE_MAX];

	redis_where(w->url, where);
	out[0] = '\0';
	switch (v) {
	case REDIS_FIT:
		return;
	case REDIS_REPLICA:
		(void)snprintf(out, size,
		    "Redis at %s is a replica of another server: let "
		    "LOYALD_REDIS_URL lead to the master",
		    where);
		return;
	case REDIS_EVICTS:
		(void)snprintf(out, size,
		    "Redis at %s may throw deliveries away when its memory is "
		    "full (maxmemory-policy %s, %" PRId64
		    " keys so far): CONFIG SET maxmemory-policy noeviction",
		    where, f->policy, f->evicted);
		return;
	case REDIS_SUSPECT:
		(void)snprintf(out, size,
		    "Redis at %s was started anew and has no replica any "
		    "more: it may be a master that has been replaced, and is "
		    "given nothing for %d s",
		    where, WATCH_HOLD_MS / 1000);
		return;
	case REDIS_BEHIND:
	case REDIS_OTHER:
		(void)snprintf(out, size,
		    "Redis at %s may miss deliveries and is given nothing for "
		    "%d s",
		    where, WATCH_HOLD_MS / 1000);
		return;
	}
}

static void
verdict_tell(struct redis_watch *w, enum redis_verdict v, int64_t mark_found)
{
	char text[320], where[REDIS_WHERE_MAX];

	metrics.redis_evicts = v == REDIS_EVICTS;
	metrics.redis_replica = v == REDIS_REPLICA;
	metrics.redis_held = is_held(v);
	if (v == w->verdict)
		return;
	verdict_text(w, v, text, sizeof(text));
	redis_where(w->url, where);
	if (v == REDIS_BEHIND || v == REDIS_OTHER)
		gap_tell(w, v, mark_found);
	else if (v == REDIS_EVICTS)
		log_error("%s; deliveries go to the spool", text);
	else if (v != REDIS_FIT)
		log_warn("%s; deliveries go to the spool", text);
	else if (w->verdict != 0)
		log_info("Redis at %s may be given deliveries again", where);
	if (v != REDIS_FIT)
		w->hooks.trouble(w->hooks.arg, text);
}

/* ---- acting on the verdict --------------------------------------------- */

static void
mark_soon(struct redis_watch *w, int64_t ms)
{
	w->has_news = true;
	if (!evtimer_pending(w->mark_timer, NULL) && w->mark_sent == 0)
		timer_in(w->mark_timer, ms);
}

/* Accepts a server after WATCH_HOLD_MS, even if deliveries are missing
 * there. */
static void
known_take(struct redis_watch *w)
{
	bool is_whole = w->verdict == REDIS_SUSPECT;
	struct redis_known k = {
		.mark = is_whole ? w->known.mark : 0,
		.since = is_whole ? w->known.since : clock_now(),
		.wrote_at = is_whole ? w->known.wrote_at : 0,
	};

	w->known = k;
}

static void
known_follow(struct redis_watch *w)
{
	const struct redis_facts *f = &w->facts;
	struct redis_known *k = &w->known;
	bool is_new = strcmp(k->run, f->run) != 0 ||
	              strcmp(k->replid, f->replid) != 0;

	if (f->run[0] == '\0')
		return;
	memcpy(k->run, f->run, sizeof(k->run));
	memcpy(k->replid, f->replid, sizeof(k->replid));
	k->offset = f->offset;
	k->is_replicated |= f->replicas > 0 || f->wants_replicas;
	if (k->since == 0)
		k->since = clock_now();
	w->is_dirty = true;
	/* A new server needs a mark soon.  Without a mark, the server could not
	 * be recognised when it has restarted. */
	if (is_new)
		mark_soon(w, 0);
}

/* Calls keeper.again() once for each server that is not the known one, and may
 * lack the deliveries after the last mark. */
static void
again_ask(struct redis_watch *w, enum redis_verdict v)
{
	const struct redis_facts *f = &w->facts;
	bool is_it = strcmp(f->run, w->known.run) == 0 &&
	             strcmp(f->replid, w->known.replid) == 0;

	w->server += v != REDIS_FIT || !is_it;
	if ((v != REDIS_FIT && !is_held(v)) || (v == REDIS_FIT && is_it) ||
	    (v == w->again_verdict && strcmp(f->run, w->again_run) == 0 &&
	        strcmp(f->replid, w->again_replid) == 0))
		return;
	w->again_verdict = v;
	memcpy(w->again_run, f->run, sizeof(w->again_run));
	memcpy(w->again_replid, f->replid, sizeof(w->again_replid));
	if (w->keeper.again != NULL)
		w->keeper.again(w->keeper.arg);
}

static void
judge(struct redis_watch *w, const struct redis_known *known, int64_t found)
{
	enum redis_verdict v = redis_judge(known, &w->facts, found);

	again_ask(w, v);
	if (is_held(v) && w->held_until == 0)
		w->held_until = clock_mono() + WATCH_HOLD_MS * INT64_C(1000);
	verdict_tell(w, v, found);
	w->verdict = v;
	if (is_held(v) && clock_mono() >= w->held_until) {
		known_take(w);
		verdict_tell(w, REDIS_FIT, found);
		w->verdict = REDIS_FIT;
	}
	if (w->verdict != REDIS_FIT)
		return;
	w->held_until = 0;
	known_follow(w);
	/* Data that go missing from now on are another loss, even if the same
	 * process loses them. */
	w->again_run[0] = '\0';
}

static void
mark_tell(struct redis_watch *w, bool is_acknowledged)
{
	if (w->keeper.mark != NULL)
		w->keeper.mark(w->keeper.arg, is_acknowledged);
}

/* ---- asking ------------------------------------------------------------ */

static void
bar(struct redis_watch *w)
{
	char where[REDIS_WHERE_MAX];

	redis_where(w->url, where);
	if (!w->is_barred)
		log_warn("Redis at %s does not let its user GET and SET the "
		         "key %s, by which it is known again: after a restart "
		         "it counts as another server",
		    where, w->key);
	w->is_barred = true;
	/* The user may not write marks: from now on deliveries do not wait for
	 * a mark. */
	mark_tell(w, false);
	mark_tell(w, true);
}

static void
on_mark_found(void *arg, enum redis_told_kind kind, struct str text)
{
	struct watch_question *q = arg;
	struct redis_watch *w = q->w;
	struct redis_known known = w->known;
	int64_t found = REDIS_MARK_NONE;
	bool is_answer = kind == TOLD_NIL ||
	                 (kind == TOLD_TEXT && str_int64(text, &found) == 0);

	w->is_asking = false;
	if (kind == TOLD_ERROR && redis_is_code(text, "NOPERM")) {
		bar(w);
		found = REDIS_MARK_UNSEEN;
		is_answer = true;
	} else if (kind == TOLD_ERROR) {
		struct err e;

		(void)redis_refused(w->url, "GET", text, &e);
		w->hooks.trouble(w->hooks.arg, e.msg);
	}
	/* A mark that was acknowledged after the question was sent cannot be in
	 * the answer: do not count it as missing. */
	if (known.mark > q->mark)
		known.mark = q->mark;
	if (is_answer && kind != TOLD_ERROR)
		w->is_barred = false;
	if (is_answer && is_current(q))
		judge(w, &known, found);
	free(q);
}

static void
on_info(void *arg, enum redis_told_kind kind, struct str text)
{
	struct watch_question *q = arg;
	struct redis_facts facts;

	redis_facts_parse(kind == TOLD_TEXT ? text : STR(""), &facts);
	if (is_current(q) && strcmp(facts.run, q->run) == 0) {
		q->w->facts = facts;
		evicted_tell(q->w);
		/* The watch asks no more, since Redis logs forbidden
		 * commands. */
		if (q->w->is_barred)
			judge(q->w, &q->w->known, REDIS_MARK_UNSEEN);
	}
	free(q);
}

static void
mark_ask(struct redis_watch *w, struct redis_link *l)
{
	const char *get[] = { "GET", w->key };

	w->is_asking = true;
	redis_link_ask(l, 2, get, on_mark_found,
	    question_new(w, w->facts.run, w->known.mark));
}

static void
on_ask(evutil_socket_t, short, void *arg)
{
	const char *info[] = { "INFO" };
	struct redis_watch *w = arg;
	struct redis_link *l;

	known_save(w);
	timer_in(w->ask_timer, WATCH_ASK_MS);
	if (w->facts.run[0] == '\0' || w->is_asking)
		return;
	l = w->hooks.pick(w->hooks.arg, w->facts.run);
	if (l == NULL)
		return;
	redis_link_ask(l, 1, info, on_info, question_new(w, w->facts.run, 0));
	if (!w->is_barred)
		mark_ask(w, l);
}

void
redis_watch_greeted(
    struct redis_watch *w, struct redis_link *l, const struct redis_facts *f)
{
	bool is_same = strcmp(f->run, w->facts.run) == 0;
	bool is_plain = f->is_replica || redis_facts_evict(f) ||
	                f->run[0] == '\0';

	/* All connections of a pool report their server; one report is
	 * enough. */
	if (is_same && w->verdict == REDIS_FIT && !is_plain)
		return;
	w->facts = *f;
	if (!is_same) {
		w->held_until = 0;
		w->evicted = f->evicted;
		w->has_evicted = false;
		w->verdict = (enum redis_verdict)0;
		w->hooks.moved(w->hooks.arg, f->run);
	}
	/* Where INFO alone decides, do not ask for the mark. */
	if (is_plain)
		judge(w, &w->known, REDIS_MARK_UNSEEN);
	else
		mark_ask(w, l);
}

/* ---- marks ------------------------------------------------------------- */

static void
on_marked(void *arg, enum redis_told_kind kind, struct str text)
{
	struct watch_question *q = arg;
	struct redis_watch *w = q->w;

	w->mark_sent = 0;
	if (kind == TOLD_TEXT && strcmp(q->run, w->known.run) == 0) {
		w->known.mark = q->mark;
		w->is_dirty = true;
		mark_tell(w, true);
	} else {
		w->has_news = true;
	}
	if (kind == TOLD_NIL && is_current(q))
		judge(w, &w->known, REDIS_MARK_NONE);
	if (kind == TOLD_ERROR && redis_is_code(text, "NOPERM"))
		bar(w);
	if (w->has_news && !w->is_barred)
		mark_soon(w, WATCH_MARK_MS);
	free(q);
}

static void
on_mark(evutil_socket_t, short, void *arg)
{
	struct redis_watch *w = arg;
	struct redis_link *l = NULL;
	char value[24];
	/* XX sets the key only if it exists: a mark that the server has lost is
	 * not written again, so that the loss is noticed. */
	const char *set[] = { "SET", w->key, value, "XX" };
	int nset = w->known.mark != 0 ? 4 : 3;
	int64_t mark = clock_now();

	if (w->is_barred || w->mark_sent != 0)
		return;
	if (w->verdict == REDIS_FIT && w->facts.run[0] != '\0')
		l = w->hooks.pick(w->hooks.arg, w->facts.run);
	if (l == NULL) {
		timer_in(w->mark_timer, WATCH_MARK_MS);
		return;
	}
	/* A new mark is greater even if the clock was set back. */
	if (mark <= w->known.mark)
		mark = w->known.mark + 1;
	(void)snprintf(value, sizeof(value), "%" PRId64, mark);
	w->mark_sent = mark;
	w->has_news = false;
	mark_tell(w, false);
	redis_link_ask(
	    l, nset, set, on_marked, question_new(w, w->facts.run, mark));
}

void
redis_watch_wrote(struct redis_watch *w)
{
	/* No mark for a server that gets no deliveries yet, since it may lose
	 * the few that it was given. */
	if (w->verdict != REDIS_FIT)
		return;
	w->known.wrote_at = clock_now();
	w->is_dirty = true;
	mark_soon(w, WATCH_MARK_MS);
}

void
redis_watch_mark(struct redis_watch *w)
{
	w->has_news = true;
	if (w->mark_sent == 0)
		timer_in(w->mark_timer, 0);
}

/* ---- for its owner ----------------------------------------------------- */

struct redis_watch *
redis_watch_new(struct event_base *base, const struct redis_url *url,
    const struct redis_watch_hooks *hooks)
{
	struct redis_watch *w = mem_new(sizeof(*w), "the watch over Redis");
	uint8_t id[KEY_ID / 2];

	w->hooks = *hooks;
	w->url = url;
	w->server = 1;
	evutil_secure_rng_get_bytes(id, sizeof(id));
	memcpy(w->key, KEY_PREFIX, sizeof(KEY_PREFIX) - 1);
	hex_encode(id, sizeof(id), w->key + sizeof(KEY_PREFIX) - 1);
	w->ask_timer = timer_new(base, on_ask, w);
	w->mark_timer = timer_new(base, on_mark, w);
	timer_in(w->ask_timer, WATCH_ASK_MS);
	return w;
}

void
redis_watch_on(struct redis_watch *w, const struct redis_mark_hooks *keeper)
{
	w->keeper = *keeper;
}

void
redis_watch_free(struct redis_watch *w)
{
	if (w == NULL)
		return;
	known_save(w);
	event_free(w->ask_timer);
	event_free(w->mark_timer);
	free(w);
}

uint64_t
redis_watch_server(const struct redis_watch *w)
{
	return w->server;
}

bool
redis_watch_is_fit(const struct redis_watch *w, const char *run)
{
	return w->verdict == REDIS_FIT && strcmp(run, w->facts.run) == 0;
}

bool
redis_watch_is_held(const struct redis_watch *w, const char *run)
{
	return is_held(w->verdict) && strcmp(run, w->facts.run) == 0;
}

bool
redis_watch_is_marking(const struct redis_watch *w)
{
	return !w->is_barred && w->facts.run[0] != '\0';
}
