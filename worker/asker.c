/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <event2/event.h>

#include "asker.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/clock.h"
#include "io/timer.h"

enum {
	RESTART_MS = 1000,
	/* The id of a message about the child's state.  No question has this
	 * id. */
	ID_STATE = 0,
};

struct open_question {
	uint64_t id;
	int kind;
	struct str text;
	asker_done *done;
	void *arg;
	/* The time after which nobody waits for the answer; monotonic. */
	int64_t until;
	struct open_question *next;
};

/* The head of every message, in both directions. */
struct head {
	uint64_t id;
	/* The kind of a question, the status of an answer or, if the id is
	 * ID_STATE, an enum asker_word. */
	int what;
};

enum state {
	STATE_STARTING = 1, /* the first child has not reported its state yet */
	STATE_READY,
	STATE_AWAY,
};

struct asker {
	struct event_base *base;
	child_run *run;
	void *arg;
	struct child child; /* pid 0: a new child is started soon */
	struct event *read, *timer;
	struct arena arena; /* memory for one message */
	enum state state;
	bool is_refused; /* with STATE_AWAY: an operator must mend something */
	int status;
	struct open_question *first, **end; /* in the order of `until` */
	uint64_t nth;                       /* id of the newest question */
	/* The id of the question that the child works on; 0: none. */
	uint64_t asking;
	/* When the question `asking` was sent to the child, and when the child
	 * last sent anything; monotonic. */
	int64_t asked_at, heard_at;
};

/* ---- questions ----------------------------------------------------------- */

static void
first_done(struct asker *a, int status, struct str text)
{
	struct open_question *q = a->first;

	a->first = q->next;
	if (a->first == NULL)
		a->end = &a->first;
	q->done(q->arg, status, text);
	free(q);
}

/* Answers all open questions with status 0.  New questions also get status 0
 * until the child reports that it is ready. */
static void
away(struct asker *a)
{
	a->state = STATE_AWAY;
	while (a->first != NULL)
		first_done(a, 0, STR(""));
}

/* Sends the next question to the child if the child is not busy, and sets the
 * timer. */
static void
go_on(struct asker *a)
{
	const struct open_question *q = a->first;
	int64_t now = clock_mono(), due;

	if (q != NULL && a->asking == 0 && a->child.pid != 0) {
		struct head h = { .id = q->id, .what = q->kind };

		a->asking = q->id;
		a->asked_at = now;
		/* If the question cannot be sent, on_timer() will answer it. */
		(void)child_send(a->child.fd, &h, sizeof(h), q->text);
	}
	due = a->heard_at +
	      (a->child.pid == 0 ? RESTART_MS : ASKER_STUCK_MS) * INT64_C(1000);
	if (a->asking != 0 && a->state != STATE_AWAY &&
	    a->asked_at + ASKER_ANSWER_MS * INT64_C(1000) < due)
		due = a->asked_at + ASKER_ANSWER_MS * INT64_C(1000);
	if (q != NULL && q->until < due)
		due = q->until;
	timer_in(a->timer, due > now ? (due - now + 999) / 1000 : 0);
}

void
asker_ask(
    struct asker *a, int kind, struct str text, asker_done *done, void *arg)
{
	struct open_question *q;

	if (a->state == STATE_AWAY) {
		done(arg, 0, STR(""));
		return;
	}
	q = mem_new(sizeof(*q), "a question");
	*q = (struct open_question){
		.id = ++a->nth,
		.kind = kind,
		.text = text,
		.done = done,
		.arg = arg,
		.until = clock_mono() + ASKER_ANSWER_MS * INT64_C(1000),
	};
	*a->end = q;
	a->end = &q->next;
	if (a->asking == 0)
		go_on(a);
}

bool
asker_is_ready(const struct asker *a)
{
	return a->state == STATE_READY;
}

bool
asker_is_refused(const struct asker *a)
{
	return a->state == STATE_AWAY && a->is_refused;
}

int
asker_status(const struct asker *a)
{
	return a->status;
}

/* ---- the child ----------------------------------------------------------- */

static void
child_end(struct asker *a)
{
	int status;

	event_free(a->read);
	a->read = NULL;
	a->asking = 0;
	a->heard_at = clock_mono();
	status = child_stop(&a->child);
	if (status == EXIT_FATAL || status == EXIT_CONFIG) {
		a->status = status;
		(void)event_base_loopbreak(a->base);
	} else {
		log_warn("the process that asks the database is stuck or "
		         "ended, with status %d; it is started again",
		    status);
	}
	away(a);
}

static void
message_take(struct asker *a, const struct head *h, struct str text)
{
	a->heard_at = clock_mono();
	if (h->id == ID_STATE && h->what != ASKER_READY) {
		a->is_refused = h->what == ASKER_REFUSED;
		away(a);
	} else if (h->what != 0)
		a->state = STATE_READY;
	/* If the answer is not to the first question, the answer came too late:
	 * its question was answered with status 0 when the time was over. */
	if (a->first != NULL && a->first->id == h->id)
		first_done(a, h->what, text);
	if (h->id == a->asking)
		a->asking = 0;
}

static void
on_readable(evutil_socket_t fd, short, void *arg)
{
	struct asker *a = arg;
	struct str text;
	struct head h;
	int r;

	arena_reset(&a->arena);
	r = child_next(fd, &h, sizeof(h), &a->arena, &text);
	if (r == 1)
		message_take(a, &h, text);
	else if (r == -1)
		child_end(a);
	go_on(a);
}

static void
child_begin(struct asker *a)
{
	struct err e;

	a->heard_at = clock_mono();
	if (child_start(&a->child, a->run, a->arg, &e) == -1) {
		log_warn("%s", e.msg);
		return;
	}
	a->read = event_new(
	    a->base, a->child.fd, EV_READ | EV_PERSIST, on_readable, a);
	if (a->read == NULL || event_add(a->read, NULL) == -1)
		die("libevent refuses an event");
}

static void
on_timer(evutil_socket_t, short, void *arg)
{
	struct asker *a = arg;
	int64_t now = clock_mono();

	while (a->first != NULL && a->first->until <= now)
		first_done(a, 0, STR(""));
	if (a->asking != 0 &&
	    now - a->asked_at >= ASKER_ANSWER_MS * INT64_C(1000))
		away(a);
	if (a->child.pid != 0 &&
	    now - a->heard_at >= ASKER_STUCK_MS * INT64_C(1000))
		child_end(a);
	else if (a->child.pid == 0 &&
	         now - a->heard_at >= RESTART_MS * INT64_C(1000))
		child_begin(a);
	go_on(a);
}

struct asker *
asker_new(struct event_base *base, child_run *run, void *arg)
{
	struct asker *a = mem_new(sizeof(*a), "questions");

	*a = (struct asker){ .base = base,
		.run = run,
		.arg = arg,
		.state = STATE_STARTING,
		.end = &a->first };
	arena_init(&a->arena);
	a->timer = timer_new(base, on_timer, a);
	child_begin(a);
	go_on(a);
	return a;
}

void
asker_free(struct asker *a)
{
	if (a == NULL)
		return;
	if (a->read != NULL)
		event_free(a->read);
	event_free(a->timer);
	(void)child_stop(&a->child);
	while (a->first != NULL) {
		struct open_question *q = a->first;

		a->first = q->next;
		free(q);
	}
	arena_fini(&a->arena);
	free(a);
}

/* ---- the child's side ---------------------------------------------------- */

bool
asker_report(int fd, enum asker_word word)
{
	struct head h = { .id = ID_STATE, .what = (int)word };

	return child_send(fd, &h, sizeof(h), STR(""));
}

int
asker_next(int fd, struct arena *a, struct asker_question *out)
{
	struct head h;
	int r = child_next(fd, &h, sizeof(h), a, &out->text);

	out->id = h.id;
	out->kind = h.what;
	return r;
}

bool
asker_answer(
    int fd, const struct asker_question *q, int status, struct str text)
{
	struct head h = { .id = q->id, .what = status };

	return child_send(fd, &h, sizeof(h), text);
}
