/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "io/clock.h"
#include "port.h"
#include "redis_server.h"

enum {
	ARGS_MAX = 64,
	START_TRIES = 500,
	START_WAIT_MS = 10,
};

static void
serve(const struct redis_server *s)
{
	char port[16];
	const char *argv[ARGS_MAX] = { "redis-server", "--bind", "127.0.0.1",
		"--port", port, "--unixsocket", s->path, "--dir", s->dir,
		"--save", "", "--appendonly", "yes", "--appendfsync", "always",
		"--logfile", "log" };
	char *list[ARGS_MAX];
	size_t n = 17;

	(void)snprintf(port, sizeof(port), "%d", s->port);
	for (size_t i = 0; s->args != NULL && s->args[i] != NULL; i++)
		if (n + 1 < ARGS_MAX)
			argv[n++] = s->args[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memcpy(list, argv, sizeof(list)); /* execvp() takes no const */
	execvp(list[0], list);
	_exit(127);
}

static bool
answers(const struct redis_server *s)
{
	redisContext *c = redisConnectUnix(s->path);
	redisReply *r = NULL;
	bool ok = false;

	if (c != NULL && c->err == 0)
		r = redisCommand(c, "PING");
	if (r != NULL)
		ok = r->type != REDIS_REPLY_ERROR ||
		     strncmp(r->str, "LOADING", 7) != 0;
	if (r != NULL)
		freeReplyObject(r);
	if (c != NULL)
		redisFree(c);
	return ok;
}

void
redis_server_start(struct redis_server *s)
{
	(void)unlink(s->path);
	s->pid = fork();
	if (s->pid == -1)
		die("fork: %s", strerror(errno));
	if (s->pid == 0)
		serve(s);
	for (int i = 0; i < START_TRIES; i++) {
		if (answers(s))
			return;
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			break;
		clock_sleep_ms(START_WAIT_MS);
	}
	die("redis-server does not start, see %s/log", s->dir);
}

void
redis_server_init(struct redis_server *s, const char *const *args)
{
	*s = (struct redis_server){ .args = args };
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/loyald-redis-XXXXXX");
	if (mkdtemp(s->dir) == NULL)
		die("%s: %s", s->dir, strerror(errno));
	(void)snprintf(s->path, sizeof(s->path), "%s/sock", s->dir);
	(void)snprintf(s->url, sizeof(s->url), "unix://%s", s->path);
	s->port = port_free();
	(void)snprintf(
	    s->tcp_url, sizeof(s->tcp_url), "redis://127.0.0.1:%d", s->port);
	redis_server_start(s);
}

void
redis_server_kill(struct redis_server *s)
{
	if (s->pid == 0)
		return;
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

void
redis_server_pause(struct redis_server *s)
{
	(void)kill(s->pid, SIGSTOP);
}

void
redis_server_resume(struct redis_server *s)
{
	(void)kill(s->pid, SIGCONT);
}

static int
entry_remove(
    const char *path, const struct stat *st, int type, struct FTW *level)
{
	(void)st;
	(void)type;
	(void)level;
	return remove(path);
}

void
redis_server_fini(struct redis_server *s)
{
	redis_server_kill(s);
	(void)nftw(s->dir, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static const redisReply *
first_leaf(const redisReply *r)
{
	while (r->type == REDIS_REPLY_ARRAY && r->elements > 0)
		r = r->element[0];
	return r;
}

static void
reply_text(const redisReply *r, char *out, size_t size)
{
	r = first_leaf(r);
	if (r->type == REDIS_REPLY_INTEGER)
		(void)snprintf(out, size, "%lld", r->integer);
	else if (r->str != NULL)
		(void)snprintf(out, size, "%s", r->str);
	else
		out[0] = '\0';
}

static const char *
ask(const struct redis_server *s, const char *fmt, va_list ap)
{
	static char text[4096];
	redisContext *c = redisConnectUnix(s->path);
	redisReply *r;

	if (c == NULL || c->err != 0)
		die("redis-server at %s does not take connections", s->path);
	r = redisvCommand(c, fmt, ap);
	if (r == NULL)
		die("redis-server at %s: %s", s->path, c->errstr);
	reply_text(r, text, sizeof(text));
	freeReplyObject(r);
	redisFree(c);
	return text;
}

const char *
redis_server_ask(const struct redis_server *s, const char *fmt, ...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = ask(s, fmt, ap);
	va_end(ap);
	return text;
}

long long
redis_server_count(const struct redis_server *s, const char *fmt, ...)
{
	va_list ap;
	long long n;

	va_start(ap, fmt);
	n = strtoll(ask(s, fmt, ap), NULL, 10);
	va_end(ap);
	return n;
}

long long
redis_server_bytes(const struct redis_server *s, const char *stream)
{
	return redis_server_count(s, "EVAL %s 1 %s",
	    "local n = 0 for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', "
	    "'+')) do n = n + #e[2][2] end return n",
	    stream);
}
