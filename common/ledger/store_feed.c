/* SPDX-License-Identifier: MIT */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cc.h"
#include "base/log.h"
#include "io/clock.h"
#include "ledger/stmts.h"
#include "ledger/store_cache.h"
#include "ledger/store_feed.h"

enum {
	POLL_MS = 2000, /* if no notification came; and 1 ms for each store */
	RETRY_MS = 1000,
	PIPE_FD = 3, /* the only file the child keeps, beside 0 to 2 */
};

struct feed {
	struct pg *pg;
	const char *dir;
	const struct master_key *key;
	struct arena arena;
	size_t n;           /* stores loaded last */
	uint8_t digest[32]; /* of what the file holds */
	bool has_saved;
};

/* Looks at the stores, and writes the file if they are not as they were.
 * Sets *is_new then. */
static int
feed_turn(struct feed *f, bool *is_new, struct err *e)
{
	struct store_list list;
	uint8_t digest[32];

	/* Before looking: a change while we look is seen the next time. */
	if (!pg_is_connected(f->pg) &&
	    (pg_connect(f->pg, e) == -1 ||
	        pg_listen(f->pg, STORES_CHANNEL, e) == -1))
		return -1;
	(void)pg_was_notified(f->pg);
	if (installation_load(f->pg, &f->arena, &list.installation, e) == -1 ||
	    stores_load(f->pg, &f->arena, f->key, &list.stores, &list.n, e) ==
	        -1)
		return err_wrap(e, "load the stores");
	f->n = list.n;
	sha256(store_cache_render(&f->arena, &list), digest);
	*is_new = !f->has_saved ||
	          memcmp(digest, f->digest, sizeof(digest)) != 0;
	if (!*is_new)
		return 0;
	if (store_cache_save(f->dir, f->key, &f->arena, &list, e) == -1)
		return err_wrap(e, "keep the stores");
	memcpy(f->digest, digest, sizeof(digest));
	f->has_saved = true;
	return 0;
}

/* Until a store changed, or it is time to look anyway. */
static void
feed_wait(struct feed *f)
{
	struct pollfd p = { .fd = pg_socket(f->pg), .events = POLLIN };
	int64_t end = clock_mono() + (POLL_MS + (int64_t)f->n) * 1000, left;

	/* Asked before waiting: what came while the stores were loaded is
	 * with the connection already, not at the socket. */
	while (!pg_was_notified(f->pg) && pg_is_connected(f->pg) &&
	       (left = end - clock_mono()) > 0)
		(void)poll(&p, 1, (int)(left / 1000 + 1));
}

NORETURN static void
feed_run(struct feed *f)
{
	struct err e = { 0 };
	bool is_away = false;

	for (;;) {
		bool is_new = false;
		int r;

		arena_reset(&f->arena);
		r = feed_turn(f, &is_new, &e);
		if (r == -1 && e.fault != FAULT_RETRY)
			break;
		if (r == -1) {
			if (!is_away)
				log_warn("%s; going on with the stores known "
				         "so far",
				    e.msg);
			is_away = true;
			clock_sleep_ms(RETRY_MS);
			continue;
		}
		if (is_away)
			log_info("the stores can be loaded again");
		is_away = false;
		if (is_new && write(PIPE_FD, "", 1) != 1)
			_exit(EXIT_STOPPED); /* nobody reads any more */
		feed_wait(f);
	}
	log_error("%s", e.msg);
	_exit(EXIT_FATAL);
}

NORETURN static void
child_run(struct feed *f, const char *database_url, int fd, pid_t parent)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGPIPE };

	for (size_t i = 0; i < NITEMS(signals); i++)
		(void)signal(signals[i], SIG_DFL);
	/* The parent may have died before this. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_WORLD);
	/* Not the sockets, not the loop, and not the spool's lock. */
	if (dup2(fd, PIPE_FD) == -1)
		_exit(EXIT_WORLD);
	(void)close_range(PIPE_FD + 1, ~0U, 0);
	f->pg = pg_new(database_url, "loyald_receive", "loyald receive",
	    sql_stmts, SQL__MAX);
	arena_init(&f->arena);
	log_context("part=stores");
	feed_run(f);
}

int
store_feed_start(struct store_feed *out, const char *database_url,
    const char *dir, const struct master_key *key, struct err *e)
{
	struct feed f = { .dir = dir, .key = key };
	pid_t parent = getpid(), pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_set(
		    e, FAULT_RETRY, "make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child_run(&f, database_url, fds[1], parent);
	close(fds[1]);
	if (pid == -1) {
		close(fds[0]);
		return err_set(
		    e, FAULT_RETRY, "start a process: %s", strerror(errno));
	}
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*out = (struct store_feed){ .pid = pid, .fd = fds[0] };
	return 0;
}

int
store_feed_stop(struct store_feed *f)
{
	int status = 0;

	if (f->pid == 0)
		return -1;
	close(f->fd);
	(void)kill(f->pid, SIGKILL);
	while (waitpid(f->pid, &status, 0) == -1 && errno == EINTR)
		;
	f->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
