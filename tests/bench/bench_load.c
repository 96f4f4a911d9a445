/* SPDX-License-Identifier: MIT */
/*
 * bench_load: sends ready-made HTTP requests over a number of connections,
 * each as soon as the one before it is answered, and counts the answers.
 *
 *	bench_load PORT CONNECTIONS SECONDS COUNT FILE [RATE]
 *
 * FILE holds requests, each behind its length (four bytes, little endian).
 * The requests are sent in turn, over and over, until SECONDS have passed or
 * COUNT were sent (0: no limit).  With a RATE, that many are due in a second,
 * one after the other, whether others are answered or not, and the time of an
 * answer counts from when its request was due.  Prints one line of JSON; times
 * in microseconds, and "began" since 1970.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/clock.h"

enum {
	CONNECTIONS_MAX = 1024,
	REQUESTS_MAX = 1000000,
	ANSWER_MAX = 4096,
	LATENCIES_MAX = 8 * 1024 * 1024,
	EVENTS_MAX = 256,
	GRACE_US = 10 * 1000 * 1000, /* the wait for the last answers */
};

struct request {
	const char *bytes;
	size_t len;
};

struct connection {
	int fd;
	const struct request *request; /* NULL: the connection is idle */
	size_t sent;
	int64_t began_at; /* monotonic, microseconds */
	size_t len;
	char answer[ANSWER_MAX];
};

struct load {
	int port, epoll;
	struct request *requests;
	size_t nrequests, next;
	struct connection *connections;
	size_t nconnections, busy;
	int64_t began, ends_at, count;
	int64_t rate; /* requests that are due in a second; 0: no schedule */
	int64_t sent, ok, other, broken;
	uint32_t *latencies;
	size_t nlatencies;
};

static void
requests_read(struct load *l, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	const char *p, *end;

	if (fd == -1 || fstat(fd, &st) == -1)
		die("%s: %s", path, strerror(errno));
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	end = p + st.st_size;
	while (p < end && l->nrequests < REQUESTS_MAX) {
		uint32_t len;

		memcpy(&len, p, sizeof(len));
		p += sizeof(len);
		if (len > (size_t)(end - p))
			die("%s is cut off", path);
		l->requests[l->nrequests++] = (struct request){ p, len };
		p += len;
	}
	close(fd);
}

static void
connection_open(struct load *l, struct connection *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = c };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1 ||
	    connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		die("port %d: %s", l->port, strerror(errno));
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		die("epoll: %s", strerror(errno));
}

static void
connection_again(struct load *l, struct connection *c)
{
	if (c->request != NULL) {
		c->request = NULL;
		l->busy--;
		l->broken++;
	}
	close(c->fd);
	connection_open(l, c);
}

static void
connection_write(struct load *l, struct connection *c)
{
	while (c->request != NULL && c->sent < c->request->len) {
		ssize_t n = write(c->fd, c->request->bytes + c->sent,
		    c->request->len - c->sent);

		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			connection_again(l, c);
			return;
		}
		c->sent += (size_t)n;
	}
}

static bool
is_over(const struct load *l, int64_t now)
{
	return now >= l->ends_at || (l->count != 0 && l->sent >= l->count);
}

/* Gives when the next request is due; without a rate that is always now. */
static int64_t
due_at(const struct load *l, int64_t now)
{
	return l->rate == 0 ? now : l->began + l->sent * 1000000 / l->rate;
}

static void
connection_begin(struct load *l, struct connection *c)
{
	int64_t now = clock_mono();

	if (is_over(l, now) || due_at(l, now) > now)
		return;
	c->request = &l->requests[l->next];
	l->next = (l->next + 1) % l->nrequests;
	c->sent = 0;
	c->len = 0;
	c->began_at = due_at(l, now);
	l->sent++;
	l->busy++;
	connection_write(l, c);
}

/* Gives the status of an answer, or 0 if the answer is not complete yet. */
static int
answer_status(const struct connection *c)
{
	static const char length[] = "content-length:";
	const char *end = memmem(c->answer, c->len, "\r\n\r\n", 4);
	const char *at;

	if (end == NULL || c->len < 12)
		return 0;
	at = strcasestr(c->answer, length);
	if (at == NULL || at > end)
		die("an answer without Content-Length");
	if ((size_t)(c->answer + c->len - (end + 4)) <
	    strtoul(at + sizeof(length) - 1, NULL, 10))
		return 0;
	return atoi(c->answer + strlen("HTTP/1.1 "));
}

static void
connection_read(struct load *l, struct connection *c)
{
	int status;

	for (;;) {
		ssize_t n = read(
		    c->fd, c->answer + c->len, sizeof(c->answer) - 1 - c->len);

		if (n == -1 && errno == EAGAIN)
			return;
		if (n <= 0) {
			connection_again(l, c);
			connection_begin(l, c);
			return;
		}
		c->len += (size_t)n;
		c->answer[c->len] = '\0';
		if (c->request == NULL)
			die("an answer to no request");
		status = answer_status(c);
		if (status == 0)
			continue;
		l->ok += status == 200;
		l->other += status != 200;
		if (l->nlatencies < LATENCIES_MAX)
			l->latencies
			    [l->nlatencies++] = (uint32_t)(clock_mono() -
			                                   c->began_at);
		c->request = NULL;
		l->busy--;
		connection_begin(l, c);
	}
}

/* Begins what is due on connections that are idle. */
static void
begin_due(struct load *l)
{
	for (size_t i = 0; i < l->nconnections; i++)
		if (l->connections[i].request == NULL)
			connection_begin(l, &l->connections[i]);
}

/* Waits for events, at most until the next request is due. */
static int
wait_events(const struct load *l, struct epoll_event *events)
{
	int64_t now = clock_mono(), us = 100000;
	struct timespec wait;

	if (l->rate != 0 && !is_over(l, now) && l->busy < l->nconnections)
		us = due_at(l, now) - now;
	us = us < 0 ? 0 : us > 100000 ? 100000 : us;
	wait = (struct timespec){ .tv_nsec = us * 1000 };
	return epoll_pwait2(l->epoll, events, EVENTS_MAX, &wait, NULL);
}

static void
run(struct load *l)
{
	struct epoll_event events[EVENTS_MAX];

	begin_due(l);
	while ((l->busy > 0 || !is_over(l, clock_mono())) &&
	       clock_mono() < l->ends_at + GRACE_US) {
		int n = wait_events(l, events);

		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (events[i].events & EPOLLOUT)
				connection_write(l, c);
			if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				connection_read(l, c);
		}
		if (l->rate != 0 || l->busy == 0)
			begin_due(l);
	}
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t
per_mille(const struct load *l, size_t part)
{
	return l->nlatencies == 0
	           ? 0
	           : l->latencies[(l->nlatencies - 1) * part / 1000];
}

static void
print(struct load *l)
{
	int64_t ended = clock_now(), took = clock_mono() - l->began;
	struct rusage self;
	int64_t cpu;

	qsort(l->latencies, l->nlatencies, sizeof(l->latencies[0]), compare);
	getrusage(RUSAGE_SELF, &self);
	cpu = (self.ru_utime.tv_sec + self.ru_stime.tv_sec) * INT64_C(1000000) +
	      self.ru_utime.tv_usec + self.ru_stime.tv_usec;
	printf("{\"sent\":%lld,\"ok\":%lld,\"other\":%lld,\"broken\":%lld,"
	       "\"began\":%lld,\"took\":%lld,\"p50\":%u,\"p99\":%u,"
	       "\"p999\":%u,\"cpu\":%lld}\n",
	    (long long)l->sent, (long long)l->ok, (long long)l->other,
	    (long long)l->broken, (long long)(ended - took), (long long)took,
	    per_mille(l, 500), per_mille(l, 990), per_mille(l, 999),
	    (long long)cpu);
}

int
main(int argc, char *argv[])
{
	struct load l = { 0 };

	log_init("bench_load", LOG_INFO);
	if (argc != 6 && argc != 7) {
		fprintf(stderr,
		    "usage: bench_load PORT CONNECTIONS SECONDS COUNT FILE "
		    "[RATE]\n");
		return EXIT_USAGE;
	}
	l.port = atoi(argv[1]);
	l.nconnections = strtoul(argv[2], NULL, 10);
	l.count = atoll(argv[4]);
	l.rate = argc == 7 ? atoll(argv[6]) : 0;
	l.requests = calloc(REQUESTS_MAX, sizeof(l.requests[0]));
	l.latencies = calloc(LATENCIES_MAX, sizeof(l.latencies[0]));
	l.connections = calloc(CONNECTIONS_MAX, sizeof(l.connections[0]));
	if (l.requests == NULL || l.latencies == NULL ||
	    l.connections == NULL || l.nconnections > CONNECTIONS_MAX)
		die("out of memory, or more than %d connections",
		    CONNECTIONS_MAX);
	requests_read(&l, argv[5]);
	if (l.nrequests == 0)
		die("%s holds no requests", argv[5]);
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < l.nconnections; i++)
		connection_open(&l, &l.connections[i]);
	l.began = clock_mono();
	l.ends_at = l.began + atoll(argv[3]) * 1000000;
	run(&l);
	print(&l);
	return l.ok > 0 ? EXIT_STOPPED : EXIT_NO;
}
