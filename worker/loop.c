/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/util.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/http_server.h"
#include "loop.h"

enum {
	BACKOFF_FIRST_MS = 100,
	BACKOFF_LAST_MS = 5000,
	SLEEP_SLICE_MS = 100, /* how soon a wait without a loop sees a signal */
	FIGURES_MAX = 64 * 1024,
};

/* ---- stopping --------------------------------------------------------------- */

static volatile sig_atomic_t stopping;

static void
on_signal(int number)
{
	(void)number;
	stopping = 1;
}

void
loop_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	/* Without SA_RESTART: a wait that is under way ends. */
	(void)sigemptyset(&stop.sa_mask);
	(void)sigaction(SIGTERM, &stop, NULL);
	(void)sigaction(SIGINT, &stop, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

bool
loop_is_stopping(void)
{
	return stopping != 0;
}

static void
on_loop_signal(evutil_socket_t number, short what, void *arg)
{
	struct event_base *base = arg;

	(void)number;
	(void)what;
	stopping = 1;
	event_base_loopbreak(base);
}

void
loop_signals_on(struct event_base *base)
{
	static const int numbers[] = { SIGTERM, SIGINT };

	loop_signals();
	for (size_t i = 0; i < NITEMS(numbers); i++) {
		struct event *ev = evsignal_new(
		    base, numbers[i], on_loop_signal, base);

		/* They live as long as the process. */
		if (ev == NULL || event_add(ev, NULL) == -1)
			die("signals cannot be watched");
	}
}

int
loop_end(const struct err *e, int otherwise)
{
	log_error("%s", e->msg);
	return e->fault == FAULT_RETRY ? EXIT_WORLD : otherwise;
}

/* ---- how a process is ---------------------------------------------------------- */

static void
answer_figures(struct http_request *r, const char *const prefixes[])
{
	struct buf b;

	buf_init(&b, FIGURES_MAX);
	metrics_render(prefixes, &b);
	if (buf_is_full(&b))
		die("the figures do not fit %d bytes", FIGURES_MAX);
	http_answer(
	    r, 200, "text/plain; version=0.0.4", (struct str){ b.data, b.len });
	buf_fini(&b);
}

bool
loop_health_answer(struct http_request *r, const char *const prefixes[],
    loop_ready *ready, void *arg)
{
	struct str path = http_path(r);
	const char *why = NULL;

	if (str_eq(path, STR("/healthz"))) {
		http_answer(r, 200, "text/plain", STR("ok\n"));
	} else if (str_eq(path, STR("/readyz"))) {
		if (ready(arg, &why)) {
			http_answer(r, 200, "text/plain", STR("ready\n"));
		} else {
			http_answer_header(r, "Retry-After", "1");
			http_answer(r, 503, "text/plain", str_of(why));
		}
	} else if (str_eq(path, STR("/metrics"))) {
		answer_figures(r, prefixes);
	} else {
		return false;
	}
	return true;
}

struct loop_health {
	struct event_base *base;
	bool own_base;
	struct http_server *server; /* NULL: nobody asked for one */
	const char *const *prefixes;
	loop_ready *ready;
	void *arg;
};

static void
on_request(struct http_request *r, void *arg)
{
	struct loop_health *h = arg;

	if (!loop_health_answer(r, h->prefixes, h->ready, h->arg))
		http_answer(r, 404, "text/plain", STR("not found\n"));
}

static struct loop_health *
health_new(struct event_base *base, const struct config *c,
    const char *const prefixes[], loop_ready *ready, void *arg)
{
	struct loop_health *h = calloc(1, sizeof(*h));
	struct err e;

	if (h == NULL)
		die("out of memory");
	*h = (struct loop_health){
		.base = base,
		.prefixes = prefixes,
		.ready = ready,
		.arg = arg,
	};
	if (c->metrics_listen == NULL)
		return h;
	if (h->base == NULL) {
		h->base = event_base_new();
		h->own_base = true;
		if (h->base == NULL)
			die("no event loop");
	}
	/* Figures are not worth a process: it goes on without. */
	h->server = http_server_new(
	    h->base, c->metrics_listen, 0, on_request, h, &e);
	if (h->server == NULL)
		log_warn("no /healthz, /readyz and /metrics: %s; give each "
		         "process a LOYALD_METRICS_LISTEN of its own",
		    e.msg);
	else
		log_info("/healthz, /readyz and /metrics on %s",
		    http_server_address(h->server));
	return h;
}

struct loop_health *
loop_health_new(const struct config *c, const char *const prefixes[],
    loop_ready *ready, void *arg)
{
	return health_new(NULL, c, prefixes, ready, arg);
}

struct loop_health *
loop_health_on(struct event_base *base, const struct config *c,
    const char *const prefixes[], loop_ready *ready, void *arg)
{
	return health_new(base, c, prefixes, ready, arg);
}

void
loop_health_free(struct loop_health *h)
{
	if (h == NULL)
		return;
	http_server_free(h->server);
	if (h->own_base)
		event_base_free(h->base);
	free(h);
}

void
loop_health_poll(struct loop_health *h, int64_t wait_ms)
{
	int64_t until = clock_mono() + wait_ms * 1000, left;

	if (h->server != NULL)
		(void)event_base_loop(h->base, EVLOOP_NONBLOCK);
	while (!loop_is_stopping() && (left = until - clock_mono()) > 0) {
		int64_t slice = left < SLEEP_SLICE_MS * 1000
		                    ? left
		                    : SLEEP_SLICE_MS * 1000;
		struct timeval tv = { .tv_usec = slice };

		if (h->server == NULL) {
			clock_sleep_ms((slice + 999) / 1000);
			continue;
		}
		(void)event_base_loopexit(h->base, &tv);
		(void)event_base_dispatch(h->base);
	}
}

/* ---- waiting --------------------------------------------------------------------- */

int64_t
backoff_next(struct backoff *b)
{
	uint32_t half;

	b->ms = b->ms == 0 ? BACKOFF_FIRST_MS : b->ms * 2;
	if (b->ms > BACKOFF_LAST_MS)
		b->ms = BACKOFF_LAST_MS;
	/* Half of it by chance, so that many do not come back at once. */
	evutil_secure_rng_get_bytes(&half, sizeof(half));
	return b->ms / 2 + (int64_t)(half % (uint32_t)(b->ms / 2 + 1));
}

void
backoff_reset(struct backoff *b)
{
	b->ms = 0;
}
