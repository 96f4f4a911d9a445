/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/http/server.h"
#include "io/notify.h"
#include "io/pg/pg.h"
#include "io/redis/redis.h"
#include "io/timer.h"
#include "io/trouble.h"
#include "loop.h"
#include "wire/sign.h"

enum {
	SENTENCE_MAX = 1024,
	REPORT_S = 1, /* time between two reports to the service manager */
	METRICS_MAX = 256 * 1024,
	SETTINGS_MAX = 1536, /* bytes of one line of the log */
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 5000,
};

/* ---- beginning ----------------------------------------------------------- */

/* Logs the settings that differ from their defaults, without passwords. */
static void
log_start(const char *role, const struct config *c)
{
	char database[PG_WHERE_MAX] = "", redis[REDIS_WHERE_MAX] = "";
	struct redis_url url;
	/* A wrong URL is ignored: the process reports what is wrong when it
	 * connects. */
	struct err ignored;
	struct buf b;

	buf_init(&b, SETTINGS_MAX);
	if (c->database_url != NULL) {
		pg_where(c->database_url, database);
		buf_printf(&b, " database=%s", database);
	}
	if (c->redis_url != NULL &&
	    redis_url_parse(c->redis_url, &url, &ignored) == 0) {
		redis_where(&url, redis);
		buf_printf(&b, " redis=%s%s%s/%d", url.user,
		    url.user[0] == '\0' ? "" : "@", redis, url.db);
		explicit_bzero(&url, sizeof(url));
	}
	config_describe(c, &b);
	log_info("loyald %s %s starts:%s", VERSION, role,
	    b.len > 0 ? b.data : " nothing is set");
	buf_fini(&b);
}

/* Logs libevent's own messages, which libevent would print to standard error.
 */
static void
on_libevent(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

int
loop_begin(
    struct tool_call *call, const struct option_spec *specs, struct config *c)
{
	const char *role = call->tool->name;
	int status;

	log_init(role, LOG_INFO);
	status = tool_read(call, specs, c, NULL, NULL);
	if (status != EXIT_STOPPED)
		return status;
	log_init(role, log_level_parse(c->log_level));
	log_as(log_format_parse(c->log_format));
	event_set_log_callback(on_libevent);
	metrics_begin(role, clock_now() / INSTANT_SECOND);
	log_start(role, c);
	return EXIT_STOPPED;
}

/* ---- signals to stop ----------------------------------------------------- */

static const int asks[] = { SIGTERM, SIGINT };

static volatile sig_atomic_t is_stopping;

static void
on_signal(int)
{
	is_stopping = 1;
	notify_stopping();
}

/* Does what every process does first, with or without an event loop. */
static void
begin(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	notify_init();
}

void
loop_signals(void)
{
	/* Without SA_RESTART a signal interrupts a read that blocks, so the
	 * loop sees soon that the process is asked to stop. */
	struct sigaction stop = { .sa_handler = on_signal };

	begin();
	for (size_t i = 0; i < NITEMS(asks); i++)
		(void)sigaction(asks[i], &stop, NULL);
}

struct event_base *
loop_new(void)
{
	struct event_base *base = event_base_new();

	if (base == NULL)
		die("libevent has no event loop for us");
	return base;
}

void
loop_turn(struct event_base *base, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	(void)event_base_loopexit(base, &tv);
	(void)event_base_dispatch(base);
}

static void
on_signal_event(evutil_socket_t sig, short, void *base)
{
	on_signal((int)sig);
	(void)event_base_loopbreak(base);
}

void
loop_signals_on(struct event_base *base)
{
	/* Static, since the events live as long as the process. */
	static struct event *events[NITEMS(asks)];

	begin();
	for (size_t i = 0; i < NITEMS(asks); i++) {
		events[i] = evsignal_new(base, asks[i], on_signal_event, base);
		if (events[i] == NULL || event_add(events[i], NULL) == -1)
			die("libevent refuses a signal");
	}
}

bool
loop_is_stopping(void)
{
	return is_stopping;
}

int
loop_end(const struct err *e, int otherwise)
{
	log_error("%s", e->msg);
	return e->fault == FAULT_RETRY    ? EXIT_WORLD
	       : e->fault == FAULT_CONFIG ? EXIT_CONFIG
	                                  : otherwise;
}

/* ---- readiness ----------------------------------------------------------- */

/* The function that says whether the process is ready, and its argument. */
struct readiness {
	loop_ready *is_ready;
	void *arg;
};

struct loop_health {
	/* An event loop only for this server; NULL: the server uses the event
	 * loop of the process. */
	struct event_base *base;
	struct http_server *server;
	const char *const *prefixes;
	struct readiness readiness;
	struct event *waited; /* only with `base`: ends a wait */
	bool has_waited;
};

bool
loop_is_untroubled(void *arg, const char **why_not)
{
	*why_not = trouble_why(arg);
	return *why_not == NULL;
}

/* Whether the process is ready.  Puts the answer, with the reason, into
 * `sentence`. */
static bool
ready_say(loop_ready *is_ready, void *arg, char sentence[SENTENCE_MAX])
{
	const char *why = NULL;
	bool ready = is_ready(arg, &why);

	(void)snprintf(sentence, SENTENCE_MAX, "%s%s%s",
	    ready ? "ready" : "not ready", why == NULL ? "" : ": ",
	    why == NULL ? "" : why);
	return ready;
}

static void
ready_answer(struct http_request *r, loop_ready *is_ready, void *arg)
{
	char sentence[SENTENCE_MAX];
	bool ready = ready_say(is_ready, arg, sentence);
	struct buf b;

	buf_init(&b, SENTENCE_MAX + 1);
	buf_printf(&b, "%s\n", sentence);
	http_answer(
	    r, ready ? 200 : 503, "text/plain", (struct str){ b.data, b.len });
	buf_fini(&b);
}

static void
manager_report(const struct readiness *t)
{
	char sentence[SENTENCE_MAX];

	if (ready_say(t->is_ready, t->arg, sentence))
		notify_ready();
	notify_status(sentence);
}

static void
on_report(evutil_socket_t, short, void *arg)
{
	manager_report(arg);
}

void
loop_report_on(struct event_base *base, loop_ready *is_ready, void *arg)
{
	/* Static, since the timer lives as long as the process. */
	static const struct timeval every = { .tv_sec = REPORT_S };
	static struct readiness readiness;
	static struct event *timer;

	readiness = (struct readiness){ is_ready, arg };
	manager_report(&readiness);
	timer = event_new(base, -1, EV_PERSIST, on_report, &readiness);
	if (timer == NULL || evtimer_add(timer, &every) == -1)
		die("libevent refuses a timer");
}

static void
metrics_answer(struct http_request *r, const char *const prefixes[],
    loop_ready *is_ready, void *arg)
{
	const char *why = NULL;
	struct buf b;

	metrics.ready = is_ready(arg, &why);
	buf_init(&b, METRICS_MAX);
	metrics_render(prefixes, &b);
	http_answer(r, 200, "text/plain; version=0.0.4; charset=utf-8",
	    (struct str){ b.data, b.len });
	buf_fini(&b);
}

bool
loop_health_answer(struct http_request *r, const char *const prefixes[],
    loop_ready *is_ready, void *arg)
{
	struct str path = http_path(r), method = http_method(r);
	bool is_metrics = str_eq(path, STR("/metrics"));
	bool is_readyz = str_eq(path, STR("/readyz"));

	if (!is_metrics && !is_readyz && !str_eq(path, STR("/healthz")))
		return false;
	if (!str_eq(method, STR("GET")) && !str_eq(method, STR("HEAD"))) {
		http_answer_header(r, "Allow", "GET, HEAD");
		http_answer(r, 405, "text/plain", STR("ask with GET\n"));
	} else if (is_metrics) {
		metrics_answer(r, prefixes, is_ready, arg);
	} else if (is_readyz) {
		ready_answer(r, is_ready, arg);
	} else {
		http_answer(r, 200, "text/plain", STR("ok\n"));
	}
	return true;
}

static void
on_request(struct http_request *r, void *arg)
{
	struct loop_health *h = arg;

	if (!loop_health_answer(
	        r, h->prefixes, h->readiness.is_ready, h->readiness.arg))
		http_answer(r, 404, "text/plain", STR("not found\n"));
}

static struct loop_health *
health_new(struct event_base *base, const struct config *config,
    const char *const prefixes[], loop_ready *is_ready, void *arg)
{
	struct loop_health *h = mem_new(sizeof(*h), "the health server");
	struct err e = { 0 };

	h->prefixes = prefixes;
	h->readiness = (struct readiness){ is_ready, arg };
	if (config->metrics_listen == NULL)
		return h;
	h->server = http_server_new(
	    base, config->metrics_listen, on_request, h, &e);
	if (h->server == NULL)
		log_warn("no /healthz, /readyz and /metrics: %s", e.msg);
	else
		log_info("/healthz, /readyz and /metrics on %s",
		    http_server_address(h->server));
	return h;
}

struct loop_health *
loop_health_on(struct event_base *base, const struct config *config,
    const char *const prefixes[], loop_ready *is_ready, void *arg)
{
	loop_report_on(base, is_ready, arg);
	return health_new(base, config, prefixes, is_ready, arg);
}

static void
on_waited(evutil_socket_t, short, void *arg)
{
	struct loop_health *h = arg;

	h->has_waited = true;
}

struct loop_health *
loop_health_new(const struct config *config, const char *const prefixes[],
    loop_ready *is_ready, void *arg)
{
	struct event_base *base = loop_new();
	struct loop_health *h = health_new(
	    base, config, prefixes, is_ready, arg);

	h->base = base;
	h->waited = timer_new(base, on_waited, h);
	return h;
}

void
loop_health_free(struct loop_health *h)
{
	if (h == NULL)
		return;
	http_server_free(h->server);
	if (h->base != NULL) {
		event_free(h->waited);
		event_base_free(h->base);
	}
	free(h);
}

void
loop_health_poll(struct loop_health *h, int64_t wait_ms)
{
	manager_report(&h->readiness);
	if (h->server == NULL) {
		if (wait_ms > 0)
			clock_sleep_ms(wait_ms);
		return;
	}
	if (wait_ms <= 0) {
		(void)event_base_loop(h->base, EVLOOP_NONBLOCK);
		return;
	}
	h->has_waited = false;
	timer_in(h->waited, wait_ms);
	while (!h->has_waited && !is_stopping)
		if (event_base_loop(h->base, EVLOOP_ONCE) == -1)
			die("libevent's loop failed");
	(void)evtimer_del(h->waited);
}

/* ---- waiting ------------------------------------------------------------- */

int64_t
backoff_next(struct backoff *b)
{
	uint16_t r;

	b->ms = b->ms == 0 ? BACKOFF_MIN_MS : b->ms * 2;
	if (b->ms > BACKOFF_MAX_MS)
		b->ms = BACKOFF_MAX_MS;
	/* A jitter of a quarter, so that processes that failed together do not
	 * try again together. */
	random_bytes(&r, sizeof(r));
	return b->ms * 3 / 4 + b->ms / 2 * r / UINT16_MAX;
}

void
backoff_reset(struct backoff *b)
{
	b->ms = 0;
}
