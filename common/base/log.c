/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum {
	LINE_MAX_BYTES = 2048,
	CONTEXT_MAX = 256
};

static struct {
	const char *role;
	enum log_level level;
	char context[CONTEXT_MAX];
} logger = { .role = "loyald", .level = LOG_INFO };

void
log_init(const char *role, enum log_level level)
{
	logger.role = role;
	logger.level = level;
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

void
log_context_clear(void)
{
	logger.context[0] = '\0';
}

/* Copies src into a quoted value; a line feed cannot start a second line. */
static size_t
quote(char *dst, size_t room, const char *src)
{
	size_t n = 0;

	for (; *src != '\0' && n + 5 < room; src++) {
		unsigned char c = (unsigned char)*src;

		if (c == '"' || c == '\\') {
			dst[n++] = '\\';
			dst[n++] = (char)c;
		} else if (c == '\n') {
			dst[n++] = '\\';
			dst[n++] = 'n';
		} else if (is_control(*src)) {
			n += (size_t)snprintf(dst + n, room - n, "\\x%02x", c);
		} else {
			dst[n++] = (char)c;
		}
	}
	dst[n] = '\0';
	return n;
}

static void log_line(const char *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
log_line(const char *level, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES], msg[LINE_MAX_BYTES / 2];
	struct timespec ts;
	struct tm tm;
	size_t n;

	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);

	n = strftime(line, sizeof(line), "ts=%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(line + n, sizeof(line) - n,
	    ".%03ldZ level=%s role=%s %s%smsg=\"", ts.tv_nsec / 1000000, level,
	    logger.role, logger.context, logger.context[0] ? " " : "");
	n += quote(line + n, sizeof(line) - n - 2, msg);
	line[n++] = '"';
	line[n++] = '\n';

	/* One write, so that lines of several processes do not mix. */
	if (write(STDERR_FILENO, line, n) == -1)
		return; /* nowhere left to say so */
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
