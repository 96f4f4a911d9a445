/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"

enum {
	LINE_MAX_BYTES = 4096, /* PIPE_BUF: a pipe keeps such a write whole */
	MSG_MAX = 2048,
	CONTEXT_MAX = 256,
	ESCAPE_MAX = 8, /* most bytes of an escaped character */
	END_MAX = 3,    /* bytes that end a line */
};

/* The names of formats in LOYALD_LOG_FORMAT; LOG_SENTENCE has no name. */
static const char *const formats[] = {
	[LOG_LOGFMT] = "logfmt",
	[LOG_JSON] = "json",
};

static struct {
	const char *role;
	enum log_level level;
	enum log_format format;
	char context[CONTEXT_MAX];
} logger = { .role = "loyald", .level = LOG_INFO, .format = LOG_LOGFMT };

enum log_format
log_format_parse(const char *name)
{
	for (enum log_format f = LOG_LOGFMT; f <= LOG_JSON; f++)
		if (strcmp(formats[f], name) == 0)
			return f;
	return (enum log_format)0;
}

void
log_init(const char *role, enum log_level level)
{
	const char *name = getenv("LOYALD_LOG_FORMAT");
	bool json = name != NULL && log_format_parse(name) == LOG_JSON;

	logger.role = role;
	logger.level = level;
	logger.format = json ? LOG_JSON : LOG_LOGFMT;
}

void
log_as(enum log_format format)
{
	logger.format = format;
}

enum log_level
log_level_parse(const char *name)
{
	static const char *const names[] = {
		[LOG_DEBUG] = "debug",
		[LOG_INFO] = "info",
		[LOG_WARN] = "warn",
		[LOG_ERROR] = "error",
	};

	for (enum log_level l = LOG_DEBUG; l <= LOG_ERROR; l++)
		if (strcmp(names[l], name) == 0)
			return l;
	return (enum log_level)0;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

void
log_context(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(logger.context, sizeof(logger.context), fmt, ap);
	va_end(ap);
	for (char *p = logger.context; *p != '\0'; p++)
		if (is_control(*p))
			*p = '?';
}

/* ---- a line being put together ---------------------------------------- */

struct log_line {
	size_t n;
	char bytes[LINE_MAX_BYTES];
};

/* Adds all bytes or none, and leaves room for the line's end. */
static bool
put(struct log_line *l, const char *bytes, size_t n)
{
	if (n > sizeof(l->bytes) - END_MAX - l->n)
		return false;
	memcpy(l->bytes + l->n, bytes, n);
	l->n += n;
	return true;
}

static void
put_text(struct log_line *l, const char *text)
{
	(void)put(l, text, strlen(text));
}

/* Adds the line's end, for which put() has left room. */
static void
put_end(struct log_line *l, const char *end)
{
	size_t n = strlen(end);

	assert(n <= END_MAX);
	memcpy(l->bytes + l->n, end, n);
	l->n += n;
}

/* Returns the code point of a C1 control or of a Unicode separator, which some
 * programs take for the end of a line or for a command to a terminal.  0 for
 * any other character. */
static unsigned
odd_character(const char *c, size_t len)
{
	const unsigned char *u = (const unsigned char *)c;

	if (len == 2 && u[0] == 0xc2 && u[1] < 0xa0)
		return u[1];
	if (len == 3 && u[0] == 0xe2 && u[1] == 0x80 &&
	    (u[2] == 0xa8 || u[2] == 0xa9))
		return 0x2000U + (u[2] & 0x3fU);
	return 0;
}

/* Escapes the first character of s.  Returns the number of bytes written to
 * out, and sets *len to the number of bytes that the character has in s.
 * Quotes need an escape in all formats but LOG_SENTENCE.  Bytes that are not
 * UTF-8 become U+FFFD. */
static size_t
escape(struct str s, enum log_format as, char out[ESCAPE_MAX], size_t *len)
{
	static const char replacement[] = { '\xef', '\xbf', '\xbd' };
	unsigned odd;

	*len = utf8_len(s);
	if (*len == 0) {
		*len = 1;
		memcpy(out, replacement, sizeof(replacement));
		return sizeof(replacement);
	}
	if (s.data[0] == '\n')
		return (size_t)snprintf(out, ESCAPE_MAX, "\\n");
	if (as != LOG_SENTENCE && (s.data[0] == '"' || s.data[0] == '\\'))
		return (size_t)snprintf(out, ESCAPE_MAX, "\\%c", s.data[0]);
	if (is_control(s.data[0]))
		return (size_t)snprintf(out, ESCAPE_MAX,
		    as == LOG_JSON ? "\\u%04x" : "\\x%02x",
		    (unsigned)s.data[0]);
	odd = odd_character(s.data, *len);
	if (odd != 0)
		return (size_t)snprintf(out, ESCAPE_MAX, "\\u%04x", odd);
	memcpy(out, s.data, *len);
	return *len;
}

/* Adds as many characters of s as there is room for, and no part of a
 * character. */
static void
put_escaped(struct log_line *l, struct str s, enum log_format as)
{
	while (s.len > 0) {
		char out[ESCAPE_MAX];
		size_t len, n = escape(s, as, out, &len);

		if (!put(l, out, n))
			return;
		s.data += len;
		s.len -= len;
	}
}

static void
json_pair(struct log_line *l, struct str key, struct str value)
{
	put_text(l, l->n == 0 ? "{\"" : ",\"");
	put_escaped(l, key, LOG_JSON);
	put_text(l, "\":\"");
	put_escaped(l, value, LOG_JSON);
	put_text(l, "\"");
}

/* Adds the pairs of the context, "key=value key=value". */
static void
json_context(struct log_line *l)
{
	const char *p = logger.context;

	while (*p != '\0') {
		size_t n = strcspn(p, " "), k = strcspn(p, "= ");
		struct str value = { p + k, n - k };

		if (value.len > 0) {
			value.data++;
			value.len--;
		}
		json_pair(l, (struct str){ p, k }, value);
		p += n + strspn(p + n, " ");
	}
}

static void
line_json(
    struct log_line *l, const char *ts, const char *level, const char *msg)
{
	json_pair(l, STR("ts"), str_of(ts));
	json_pair(l, STR("level"), str_of(level));
	json_pair(l, STR("role"), str_of(logger.role));
	json_context(l);
	put_text(l, ",\"msg\":\"");
	put_escaped(l, str_of(msg), LOG_JSON);
	put_end(l, "\"}\n");
}

static void
line_logfmt(
    struct log_line *l, const char *ts, const char *level, const char *msg)
{
	const char *const head[] = { "ts=", ts, " level=", level,
		" role=", logger.role, logger.context[0] ? " " : "",
		logger.context, " msg=\"" };

	for (size_t i = 0; i < NITEMS(head); i++)
		put_text(l, head[i]);
	put_escaped(l, str_of(msg), LOG_LOGFMT);
	put_end(l, "\"\n");
}

static void
line_sentence(struct log_line *l, const char *level, const char *msg)
{
	put_text(
	    l, strcmp(level, "warn") == 0 ? "loyald: warning: " : "loyald: ");
	put_escaped(l, str_of(msg), LOG_SENTENCE);
	put_end(l, "\n");
}

static void
now_text(char out[32])
{
	struct timespec ts;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, 32 - n, ".%03ldZ", ts.tv_nsec / 1000000);
}

static void log_line(const char *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
log_line(const char *level, const char *fmt, va_list ap)
{
	char msg[MSG_MAX], ts[32];
	struct log_line l;

	l.n = 0;
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	now_text(ts);
	switch (logger.format) {
	case LOG_LOGFMT:
		line_logfmt(&l, ts, level, msg);
		break;
	case LOG_JSON:
		line_json(&l, ts, level, msg);
		break;
	case LOG_SENTENCE:
		line_sentence(&l, level, msg);
		break;
	}
	/* Writes the line at once, so that lines of several processes do not
	 * mix. */
	if (write(STDERR_FILENO, l.bytes, l.n) == -1)
		return; /* there is no other place to report this failure */
}

#define LOG_AT(lvl, name)                  \
	do {                               \
		va_list ap;                \
		if (logger.level > (lvl))  \
			return;            \
		va_start(ap, fmt);         \
		log_line((name), fmt, ap); \
		va_end(ap);                \
	} while (0)

void
log_debug(const char *fmt, ...)
{
	LOG_AT(LOG_DEBUG, "debug");
}

void
log_info(const char *fmt, ...)
{
	LOG_AT(LOG_INFO, "info");
}

void
log_warn(const char *fmt, ...)
{
	LOG_AT(LOG_WARN, "warn");
}

void
log_error(const char *fmt, ...)
{
	LOG_AT(LOG_ERROR, "error");
}

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line("fatal", fmt, ap);
	va_end(ap);
	_exit(EXIT_FATAL);
}
