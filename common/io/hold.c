/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/clock.h"
#include "io/hold.h"

enum {
	CONSUMER_MAX = 128,
	TURNS = 4, /* heartbeats in claim_idle_ms */
};

/* Memory that parent and child share.  Only the parent writes, and version is
 * odd while the parent writes. */
struct held {
	atomic_uint version;
	atomic_llong since; /* clock_mono() of the parent's last call */
	int64_t installation;
	size_t n;
	struct {
		unsigned stream;
		char id[STREAM_ID_MAX];
	} list[HOLD_MAX];
};

struct hold {
	struct redis_url url;
	unsigned nstreams;
	char consumer[CONSUMER_MAX];
	int64_t claim_idle_ms, hold_ms;
	const struct stream *parked;
	pid_t pid; /* 0: not running */
	struct held *held;
};

struct hold *
hold_new(const struct redis_url *url, unsigned nstreams, const char *consumer,
    int64_t claim_idle_ms, int64_t hold_ms, const struct stream *parked)
{
	struct hold *h = mem_new(sizeof(*h), "messages that are held");

	h->url = *url;
	h->nstreams = nstreams;
	(void)snprintf(h->consumer, sizeof(h->consumer), "%s", consumer);
	h->claim_idle_ms = claim_idle_ms;
	h->hold_ms = hold_ms;
	h->parked = parked;
	h->held = mmap(NULL, sizeof(*h->held), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (h->held == MAP_FAILED)
		die("out of memory to hold messages");
	return h;
}

/* ---- the child ---------------------------------------------------------- */

/* Copies the held messages; false while the parent is writing. */
static bool
held_copy(const struct held *from, struct held *to)
{
	unsigned before = atomic_load_explicit(
	    &from->version, memory_order_acquire);

	if (before % 2 == 1)
		return false;
	atomic_store(&to->since, atomic_load(&from->since));
	to->installation = from->installation;
	to->n = from->n < HOLD_MAX ? from->n : HOLD_MAX;
	memcpy(to->list, from->list, sizeof(to->list));
	atomic_thread_fence(memory_order_acquire);
	return before ==
	       atomic_load_explicit(&from->version, memory_order_relaxed);
}

static int
held_tell(
    const struct held *held, struct stream *s, struct message *m, struct err *e)
{
	for (size_t i = 0; i < held->n; i++) {
		m[i].stream = held->list[i].stream;
		memcpy(
		    m[i].stream_id, held->list[i].id, sizeof(m[i].stream_id));
	}
	return stream_heartbeat(s, m, held->n, e);
}

NORETURN static void
child_hold(struct hold *h)
{
	static struct message messages[HOLD_MAX];
	static struct held held;
	struct stream *s = NULL;
	bool is_away = false, is_late = false;
	struct err e;

	for (;;) {
		clock_sleep_ms(h->claim_idle_ms / TURNS);
		if (!held_copy(h->held, &held) ||
		    (held.n == 0 && stream_parked(h->parked) == 0)) {
			is_late = false;
			continue;
		}
		if (clock_mono() - atomic_load(&held.since) >
		    h->hold_ms * 1000) {
			if (!is_late)
				log_error("%zu messages are another worker's "
				          "from now on: this one has not moved "
				          "for %" PRId64 " ms",
				    held.n, h->hold_ms);
			is_late = true;
			continue;
		}
		if (s == NULL) {
			s = stream_new(&h->url, h->nstreams, h->consumer,
			    h->claim_idle_ms);
			stream_installation(s, held.installation);
		}
		if (held_tell(&held, s, messages, &e) == 0 &&
		    stream_heartbeat_parked(s, h->parked, &e) == 0) {
			is_away = false;
			continue;
		}
		if (!is_away)
			log_warn("%s", e.msg);
		is_away = true;
	}
}

NORETURN static void
child_run(struct hold *h, pid_t parent)
{
	static const int signals[] = { SIGTERM, SIGINT };

	for (size_t i = 0; i < NITEMS(signals); i++)
		(void)signal(signals[i], SIG_IGN); /* sent to stop the parent */
	/* The parent may have died before prctl(). */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_WORLD);
	/* The child keeps none of the parent's connections and sockets. */
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	log_context("part=hold");
	child_hold(h);
}

/* ---- the parent --------------------------------------------------------- */

static void
reap(struct hold *h, int flags)
{
	pid_t pid;

	do
		pid = waitpid(h->pid, NULL, flags);
	while (pid == -1 && errno == EINTR);
	if (pid != 0)
		h->pid = 0;
}

void
hold_free(struct hold *h)
{
	if (h == NULL)
		return;
	if (h->pid != 0) {
		(void)kill(h->pid, SIGKILL);
		reap(h, 0);
	}
	(void)munmap(h->held, sizeof(*h->held));
	explicit_bzero(&h->url, sizeof(h->url));
	free(h);
}

static int
child_start(struct hold *h, struct err *e)
{
	pid_t parent = getpid(), pid;

	if (h->pid != 0)
		reap(h, WNOHANG);
	if (h->pid != 0)
		return 0;
	pid = fork();
	if (pid == 0)
		child_run(h, parent);
	if (pid == -1)
		return err_set(e, FAULT_RETRY,
		    "start a process that holds messages: %s", strerror(errno));
	h->pid = pid;
	return 0;
}

void
hold_moved(struct hold *h)
{
	atomic_store(&h->held->since, clock_mono());
}

int
hold_set(struct hold *h, int64_t installation, const struct message *m,
    size_t n, struct err *e)
{
	struct held *held = h->held;
	unsigned version = atomic_load_explicit(
	    &held->version, memory_order_relaxed);

	assert(n <= HOLD_MAX);
	atomic_store_explicit(
	    &held->version, version + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	atomic_store(&held->since, clock_mono());
	held->installation = installation;
	held->n = n;
	for (size_t i = 0; i < n; i++) {
		held->list[i].stream = m[i].stream;
		memcpy(
		    held->list[i].id, m[i].stream_id, sizeof(held->list[i].id));
	}
	atomic_store_explicit(
	    &held->version, version + 2, memory_order_release);
	return n > 0 || stream_parked(h->parked) > 0 ? child_start(h, e) : 0;
}
