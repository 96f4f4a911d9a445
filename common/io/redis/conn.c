/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/redis/conn.h"

struct redis_conn {
	struct redis_url url;
	redisContext *ctx;
	int timeout_ms; /* the timeout that is set on the socket */
};

void
command_init(struct command *c, const char *name, ...)
{
	va_list ap;

	c->n = c->nnumbers = 0;
	va_start(ap, name);
	for (; name != NULL; name = va_arg(ap, const char *))
		command_text(c, name);
	va_end(ap);
}

void
command_text(struct command *c, const char *text)
{
	command_bytes(c, str_of(text));
}

void
command_bytes(struct command *c, struct str s)
{
	assert(c->n < COMMAND_ARGS_MAX);
	c->arg[c->n] = s.data;
	c->len[c->n++] = s.len;
}

void
command_number(struct command *c, int64_t n)
{
	char *text;

	assert(c->nnumbers < COMMAND_NUMBERS_MAX);
	text = c->number[c->nnumbers++];
	(void)snprintf(text, sizeof(c->number[0]), "%" PRId64, n);
	command_text(c, text);
}

static struct timeval
milliseconds(int64_t ms)
{
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

#define REMEDY ": is it up, and is LOYALD_REDIS_URL right?"

/* Fills the err.  hiredis reports a timeout by the errno of the read that timed
 * out. */
static int
conn_broken(const struct redis_conn *c, int saved_errno, struct err *e)
{
	char where[REDIS_WHERE_MAX];

	redis_where(&c->url, where);
	if (c->ctx->err == REDIS_ERR_IO &&
	    (saved_errno == EAGAIN || saved_errno == ETIMEDOUT))
		return err_set(e, FAULT_RETRY,
		    "Redis at %s did not answer within %d ms" REMEDY, where,
		    c->timeout_ms);
	if (c->ctx->err == REDIS_ERR_PROTOCOL)
		return err_set(e, FAULT_RETRY,
		    "Redis at %s: what answers is not Redis" REMEDY, where);
	/* The user of this process may not use the Unix socket. */
	if (saved_errno == EACCES)
		return err_set(e, FAULT_CONFIG,
		    "Redis at %s: %s: let the user of this process use the "
		    "socket and its folder",
		    where, strerror(EACCES));
	return err_set(e, FAULT_RETRY, "Redis at %s: %s" REMEDY, where,
	    c->ctx->errstr[0] != '\0' ? c->ctx->errstr : "connection lost");
}

static int
conn_wait(struct redis_conn *c, int ms, struct err *e)
{
	if (c->timeout_ms == ms)
		return 0;
	if (redisSetTimeout(c->ctx, milliseconds(ms)) != REDIS_OK)
		return conn_broken(c, 0, e);
	c->timeout_ms = ms;
	return 0;
}

void
redis_conn_send(struct redis_conn *c, struct command *cmd)
{
	if (redisAppendCommandArgv(c->ctx, (int)cmd->n, cmd->arg, cmd->len) !=
	    REDIS_OK)
		die("out of memory for a command of %zu arguments", cmd->n);
}

int
redis_conn_recv(
    struct redis_conn *c, int wait_ms, struct reply **out, struct err *e)
{
	void *reply = NULL;

	if (conn_wait(c, REDIS_COMMAND_MS + wait_ms, e) == -1)
		return -1;
	errno = 0;
	if (redisGetReply(c->ctx, &reply) != REDIS_OK)
		return conn_broken(c, errno, e);
	*out = reply;
	return 0;
}

/* Sends a command of the handshake; -1 with the reason if its reply is an
 * error. */
static int
conn_greet(struct redis_conn *c, struct command *cmd, struct err *e)
{
	struct reply *r = NULL;
	struct str text;
	int rc = 0;

	redis_conn_send(c, cmd);
	if (redis_conn_recv(c, 0, &r, e) == -1)
		return -1;
	if (reply_error(r, &text))
		rc = redis_refused(&c->url, cmd->arg[0], text, e);
	reply_free(r);
	return rc;
}

static int
conn_login(struct redis_conn *c, struct err *e)
{
	struct command cmd;

	if (c->url.password[0] != '\0') {
		command_init(&cmd, "AUTH", NULL);
		if (c->url.user[0] != '\0')
			command_text(&cmd, c->url.user);
		command_text(&cmd, c->url.password);
		if (conn_greet(c, &cmd, e) == -1)
			return -1;
	}
	if (c->url.db != 0) {
		command_init(&cmd, "SELECT", NULL);
		command_number(&cmd, c->url.db);
		return conn_greet(c, &cmd, e);
	}
	return 0;
}

static int
conn_open(struct redis_conn *c, struct err *e)
{
	struct timeval tv = milliseconds(REDIS_CONNECT_MS);

	c->timeout_ms = REDIS_CONNECT_MS;
	errno = 0;
	c->ctx = c->url.port == 0
	             ? redisConnectUnixWithTimeout(c->url.host, tv)
	             : redisConnectWithTimeout(c->url.host, c->url.port, tv);
	if (c->ctx == NULL)
		die("out of memory for a connection to Redis");
	if (c->ctx->err != 0)
		return conn_broken(c, errno, e);
	if (c->url.port != 0 && redisEnableKeepAlive(c->ctx) != REDIS_OK)
		return conn_broken(c, 0, e);
	/* The timeout for connecting does not apply to reads. */
	c->timeout_ms = 0;
	return conn_login(c, e);
}

struct redis_conn *
redis_conn_new(const struct redis_url *url, struct err *e)
{
	struct redis_conn *c = mem_new(sizeof(*c), "a connection to Redis");

	c->url = *url;
	if (conn_open(c, e) == 0)
		return c;
	redis_conn_free(c);
	return NULL;
}

void
redis_conn_free(struct redis_conn *c)
{
	if (c == NULL)
		return;
	if (c->ctx != NULL)
		redisFree(c->ctx);
	explicit_bzero(&c->url, sizeof(c->url));
	free(c);
}

/* Turns a struct reply into the redisReply that it is. */
static const redisReply *
inner(const struct reply *r)
{
	return (const redisReply *)(const void *)r;
}

void
reply_free(struct reply *r)
{
	freeReplyObject(r);
}

bool
reply_error(const struct reply *r, struct str *text)
{
	if (r == NULL || inner(r)->type != REDIS_REPLY_ERROR)
		return false;
	*text = (struct str){ inner(r)->str, inner(r)->len };
	return true;
}

struct str
reply_str(const struct reply *r)
{
	if (r == NULL || (inner(r)->type != REDIS_REPLY_STRING &&
	                     inner(r)->type != REDIS_REPLY_STATUS))
		return (struct str){ "", 0 };
	return (struct str){ inner(r)->str, inner(r)->len };
}

int64_t
reply_int(const struct reply *r)
{
	return r != NULL && inner(r)->type == REDIS_REPLY_INTEGER
	           ? (int64_t)inner(r)->integer
	           : 0;
}

size_t
reply_count(const struct reply *r)
{
	return r != NULL && inner(r)->type == REDIS_REPLY_ARRAY
	           ? inner(r)->elements
	           : 0;
}

const struct reply *
reply_at(const struct reply *r, size_t i)
{
	if (i >= reply_count(r))
		return NULL;
	return (const struct reply *)(const void *)inner(r)->element[i];
}
