/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/hostport.h"
#include "io/redis/redis.h"

enum {
	PORT_DEFAULT = 6379,
	DB_MAX = 65535,
	REPLY_SHOWN_MAX = 120, /* most bytes of an error reply in a sentence */
	AS_WHOM_MAX = 128,
	/* Bytes of a message that are hashed: the head, topic and delivery id.
	 * Any two deliveries differ in these, so the body need not be
	 * hashed. */
	HASHED_MAX = MESSAGE_HEADER + TOPIC_MAX + DELIVERY_ID_MAX,
};

/* Refuses a URL without repeating any part of it.  If the URL cannot be read,
 * any part may be the password. */
static int
url_wrong(struct err *e, const char *what)
{
	return err_set(e, FAULT_CONFIG,
	    "the Redis URL %s; write redis://[user:pass@]host[:port][/db] or "
	    "unix:///path[?db=N], with %%40 for @, %%3A for : and %%2F for / "
	    "in user and pass",
	    what);
}

/* Reads all of s as a number from `least` to `most`. */
static int
number_parse(struct str s, int64_t least, int64_t most, int *out)
{
	int64_t n;

	if (s.len == 0 || s.data[0] < '0' || s.data[0] > '9' ||
	    str_int64(s, &n) == -1 || n < least || n > most)
		return -1;
	*out = (int)n;
	return 0;
}

/* Cuts s at the first of the characters in `at`: returns the text before that
 * character, and leaves the text after it in s.  Without such a character,
 * returns all of s. */
static struct str
cut(struct str *s, const char *at, bool *found)
{
	size_t n = 0;
	struct str head;

	while (n < s->len && strchr(at, s->data[n]) == NULL)
		n++;
	*found = n < s->len;
	head = (struct str){ s->data, n };
	n += *found;
	*s = (struct str){ s->data + n, s->len - n };
	return head;
}

static int
percent_decode(struct str s, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = (uint8_t)s.data[i];

		if (c == '%') {
			if (s.len - i < 3 ||
			    hex_decode((struct str){ s.data + i + 1, 2 }, &c,
			        1) == -1 ||
			    c == '\0')
				return -1;
			i += 2;
		}
		if (n + 1 == size)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return 0;
}

static int
text_copy(struct str s, const char *allowed, char *out, size_t size)
{
	if (s.len == 0 || s.len >= size)
		return -1;
	for (size_t i = 0; i < s.len; i++)
		if (strchr(allowed, s.data[i]) == NULL)
			return -1;
	memcpy(out, s.data, s.len);
	out[s.len] = '\0';
	return 0;
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Reads host[:port] or [ipv6][:port]. */
static int
address_parse(struct str s, struct redis_url *u, struct err *e)
{
	const char *allowed = LETTERS DIGITS ".-_";
	bool bracket = s.len > 0 && s.data[0] == '[', port;
	struct str host;

	if (bracket) {
		s = (struct str){ s.data + 1, s.len - 1 };
		host = cut(&s, "]", &bracket);
		if (!bracket || (s.len > 0 && s.data[0] != ':'))
			return url_wrong(e, "has a [ without its ]");
		port = s.len > 0;
		s = (struct str){ s.data + port, s.len - port };
		allowed = "abcdefABCDEF" DIGITS ":.";
	} else {
		host = cut(&s, ":", &port);
	}
	if (text_copy(host, allowed, u->host, sizeof(u->host)) == -1)
		return url_wrong(e, "names no host");
	u->port = PORT_DEFAULT;
	if (port && number_parse(s, 1, PORT_MAX, &u->port) == -1)
		return url_wrong(e, "has a port that is not 1 to 65535");
	return 0;
}

static int
userinfo_parse(struct str s, struct redis_url *u, struct err *e)
{
	bool colon;
	struct str user = cut(&s, ":", &colon);

	if (!colon || s.len == 0)
		return url_wrong(e,
		    "has a user without password (redis://:pass@host "
		    "is a password alone)");
	if (memchr(s.data, ':', s.len) != NULL)
		return url_wrong(e, "has too many colons before the @");
	if (percent_decode(user, u->user, sizeof(u->user)) == -1)
		return url_wrong(e, "has a user that is too long or badly "
		                    "percent-encoded");
	if (percent_decode(s, u->password, sizeof(u->password)) == -1)
		return url_wrong(e, "has a password that is too long or badly "
		                    "percent-encoded");
	return 0;
}

static int
tcp_parse(struct str s, struct redis_url *u, struct err *e)
{
	bool slash, at;
	struct str address = cut(&s, "/", &slash), userinfo;

	userinfo = cut(&address, "@", &at);
	if (!at)
		address = userinfo;
	else if (memchr(address.data, '@', address.len) != NULL)
		return url_wrong(e, "has more than one @");
	else if (userinfo_parse(userinfo, u, e) == -1)
		return -1;
	if (address_parse(address, u, e) == -1)
		return -1;
	if (s.len > 0 && number_parse(s, 0, DB_MAX, &u->db) == -1)
		return url_wrong(e, "has a database that is not a number");
	return 0;
}

static int
unix_parse(struct str s, struct redis_url *u, struct err *e)
{
	const struct str db = STR("db=");
	bool question;
	struct str path = cut(&s, "?", &question);

	if (path.len == 0 || path.data[0] != '/')
		return url_wrong(e, "names a socket without an absolute path");
	if (path.len >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return url_wrong(e, "names a socket whose path is too long");
	for (size_t i = 0; i < path.len; i++)
		if ((uint8_t)path.data[i] < ' ' || path.data[i] == 0x7f)
			return url_wrong(e, "has a control character");
	memcpy(u->host, path.data, path.len);
	if (!question)
		return 0;
	if (s.len < db.len || memcmp(s.data, db.data, db.len) != 0 ||
	    number_parse((struct str){ s.data + db.len, s.len - db.len }, 0,
	        DB_MAX, &u->db) == -1)
		return url_wrong(e, "asks for something other than ?db=N");
	return 0;
}

int
redis_url_parse(const char *text, struct redis_url *out, struct err *e)
{
	static const char tcp[] = "redis://", sock[] = "unix://",
	                  tls[] = "rediss://";
	struct redis_url u = { .port = 0 };
	struct str s = str_of(text);
	int rc;

	if (strncmp(text, tls, sizeof(tls) - 1) == 0)
		return url_wrong(e, "asks for TLS, which loyald leaves to a "
		                    "tunnel beside it");
	if (strncmp(text, tcp, sizeof(tcp) - 1) == 0)
		rc = tcp_parse((struct str){ s.data + sizeof(tcp) - 1,
		                   s.len - sizeof(tcp) + 1 },
		    &u, e);
	else if (strncmp(text, sock, sizeof(sock) - 1) == 0)
		rc = unix_parse((struct str){ s.data + sizeof(sock) - 1,
		                    s.len - sizeof(sock) + 1 },
		    &u, e);
	else
		rc = url_wrong(e, "begins with neither redis:// nor unix://");
	if (rc == 0)
		*out = u;
	explicit_bzero(&u, sizeof(u));
	return rc;
}

void
redis_where(const struct redis_url *u, char out[REDIS_WHERE_MAX])
{
	if (u->port == 0)
		(void)snprintf(out, REDIS_WHERE_MAX, "%.90s", u->host);
	else if (strchr(u->host, ':') != NULL)
		(void)snprintf(
		    out, REDIS_WHERE_MAX, "[%.80s]:%d", u->host, u->port);
	else
		(void)snprintf(
		    out, REDIS_WHERE_MAX, "%.80s:%d", u->host, u->port);
}

bool
redis_is_code(struct str reply, const char *code)
{
	size_t n = strlen(code);

	return reply.len >= n && memcmp(reply.data, code, n) == 0 &&
	       (reply.len == n || reply.data[n] == ' ');
}

/*
 * Error replies and their remedies.  CONFIG are the errors that only an
 * operator can mend.  All others are RETRY: BUSY, and errors that come from a
 * proxy.
 */
#define VERSION_WANTED "loyald needs Redis 6.2 or newer, and no command renamed"

static const struct redis_refusal {
	const char *code;
	enum fault fault;
	const char *remedy;
} refusals[] = {
	{ "NOAUTH", FAULT_CONFIG,
	    "it wants a password: put user and password into "
	    "LOYALD_REDIS_URL" },
	{ "READONLY", FAULT_RETRY,
	    "it is a replica and takes no writes: let LOYALD_REDIS_URL lead "
	    "to the master" },
	{ "MASTERDOWN", FAULT_RETRY,
	    "it is a replica without its master: let LOYALD_REDIS_URL lead "
	    "to the master" },
	{ "NOREPLICAS", FAULT_RETRY,
	    "min-replicas-to-write asks for a replica, and none follows it: "
	    "bring one back" },
	{ "OOM", FAULT_RETRY,
	    "its memory is full: raise maxmemory, or start more of loyald "
	    "work" },
	{ "LOADING", FAULT_RETRY, "it takes nothing before it has its data" },
	{ "ERR max number of clients", FAULT_RETRY,
	    "raise maxclients, or have fewer clients" },
	{ "MISCONF", FAULT_RETRY,
	    "it cannot write to its disk: its own log says why" },
	{ "WRONGPASS", FAULT_CONFIG,
	    "correct user and password in LOYALD_REDIS_URL" },
	{ "ERR invalid password", FAULT_CONFIG,
	    "correct it in LOYALD_REDIS_URL" },
	{ "ERR AUTH", FAULT_CONFIG,
	    "it has no password: take it out of LOYALD_REDIS_URL" },
	{ "ERR Client sent AUTH", FAULT_CONFIG,
	    "take the password out of the URL" },
	{ "NOPERM", FAULT_CONFIG,
	    "allow its user what deploy/RUNBOOK.md lists" },
	{ "DENIED", FAULT_CONFIG,
	    "set a password or bind it to a private address" },
	{ "WRONGTYPE", FAULT_CONFIG,
	    "its key is not ours: use another database" },
	{ "ERR DB index", FAULT_CONFIG,
	    "correct the database in LOYALD_REDIS_URL" },
	{ "ERR SELECT", FAULT_CONFIG, "use database 0" },
	{ "ERR unknown command", FAULT_CONFIG, VERSION_WANTED },
	{ "ERR unknown subcommand", FAULT_CONFIG, VERSION_WANTED },
	{ "MOVED", FAULT_CONFIG,
	    "a cluster's node holds only part of the keys: use a server of "
	    "its own or a proxy" },
	{ "CLUSTERDOWN", FAULT_RETRY,
	    "it is a node of a cluster that is down: use a server of its own" },
	{ "CROSSSLOT", FAULT_CONFIG, "use a server of its own" },
};

/* Writes ", user loyald, database 3,"; nothing if the URL names neither. */
static void
as_whom(const struct redis_url *u, char *out, size_t size)
{
	char db[32] = "";

	if (u->db != 0)
		(void)snprintf(db, sizeof(db), ", database %d", u->db);
	(void)snprintf(out, size, "%s%.80s%s%s",
	    u->user[0] != '\0' ? ", user " : "", u->user, db,
	    u->user[0] != '\0' || u->db != 0 ? "," : "");
}

int
redis_refused(const struct redis_url *u, const char *asked, struct str reply,
    struct err *e)
{
	/* Cut the reply before the arguments in "unknown command 'XADD', with
	 * args beginning with: ".  An argument may be a body or a password. */
	static const char args[] = ", with args";
	const char *end = memmem(reply.data, reply.len, args, sizeof(args) - 1);
	const struct redis_refusal *why = NULL;
	char where[REDIS_WHERE_MAX], as[AS_WHOM_MAX];

	if (end != NULL)
		reply.len = (size_t)(end - reply.data);
	if (reply.len > REPLY_SHOWN_MAX)
		reply.len = REPLY_SHOWN_MAX;
	for (size_t i = 0; i < NITEMS(refusals) && why == NULL; i++)
		if (redis_is_code(reply, refusals[i].code))
			why = &refusals[i];

	redis_where(u, where);
	as_whom(u, as, sizeof(as));
	if (why == NULL)
		return err_set(e, FAULT_RETRY, "Redis at %s%s refused %s: %.*s",
		    where, as, asked, (int)reply.len, reply.data);
	return err_set(e, why->fault, "Redis at %s%s refused %s (%s): %s",
	    where, as, asked, why->code, why->remedy);
}

void
stream_name(int64_t installation, unsigned index, char out[STREAM_NAME_MAX])
{
	int n;

	assert(index < STREAMS_MAX);
	n = snprintf(out, STREAM_NAME_MAX, "loyald:{p%02u}:events", index);
	if (installation != 0)
		(void)snprintf(out + n, (size_t)(STREAM_NAME_MAX - n),
		    ":%016" PRIx64, (uint64_t)installation);
}

/* Hashes by FNV-1a.  The high bits are mixed into the low bits, which alone
 * would spread messages badly. */
unsigned
stream_pick(struct str encoded, unsigned nstreams)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t n = encoded.len < HASHED_MAX ? encoded.len : HASHED_MAX;

	assert(nstreams > 0);
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)encoded.data[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	return (unsigned)(h % nstreams);
}
