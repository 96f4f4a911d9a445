/* SPDX-License-Identifier: MIT */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/cc.h"

/*
 * log: one line to standard error per thing worth saying, in logfmt or, by
 * LOYALD_LOG_FORMAT, as a JSON object of the same fields, all of them texts.
 *
 *   ts=2026-11-22T07:55:01.123Z level=info role=work store=3 msg="..."
 *
 * Never a body, never a secret.  Whoever supervises the process owns files
 * and rotation.  Quotes, backslashes, control characters and whatever else
 * somebody may take for the end of a line are escaped, so that no input can
 * forge one; what is no UTF-8 becomes U+FFFD.
 */

enum log_level {
	LOG_DEBUG = 1,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR,
};

enum log_format {
	LOG_LOGFMT = 1,
	LOG_JSON,
	LOG_SENTENCE, /* "loyald: ..." or "loyald: warning: ...", for who types
			 a command */
};

/* The role is the command's name; it must live as long as the process.  Lines
 * from before the settings are read have the format that the environment
 * names, else logfmt. */
void log_init(const char *role, enum log_level);
/* Another format from now on. */
void log_as(enum log_format);

/* "logfmt" or "json"; 0 for anything else. */
enum log_format log_format_parse(const char *);

/* "debug", "info", "warn" or "error"; 0 for anything else. */
enum log_level log_level_parse(const char *);

/*
 * key=value pairs for every line from here on, in place of those before.  They
 * are not quoted: only numbers and words of our own belong here.  Control
 * characters become question marks.
 */
void log_context(const char *fmt, ...) PRINTF(1, 2);

void log_debug(const char *fmt, ...) PRINTF(1, 2);
void log_info(const char *fmt, ...) PRINTF(1, 2);
void log_warn(const char *fmt, ...) PRINTF(1, 2);
void log_error(const char *fmt, ...) PRINTF(1, 2);

/* Out of memory or an impossible state: says so and ends the process with
 * EXIT_FATAL.  What it was working on is still where it came from. */
NORETURN void die(const char *fmt, ...) PRINTF(1, 2);

/* Exit statuses: what the supervisor should do next. */
enum {
	EXIT_STOPPED = 0, /* asked to stop, or done */
	EXIT_NO = 1,      /* a question was answered with no */
	EXIT_USAGE = 2,
	EXIT_WORLD = 69,  /* something we need is away: start me again */
	EXIT_FATAL = 70,  /* we are wrong: do not start me again */
	EXIT_CONFIG = 78, /* the configuration is wrong: mend it first */
};

#endif /* BASE_LOG_H */
