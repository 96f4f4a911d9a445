/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/cc.h"

/*
 * log: writes lines to standard error, in logfmt or as JSON objects
 * (LOYALD_LOG_FORMAT).  Both have the same fields, and in JSON all fields are
 * texts.
 *
 *   ts=2026-11-22T07:55:01.123Z level=info role=work store=3 msg="..."
 *
 * No line contains the body of a delivery or a secret.  Log files and their
 * rotation are the task of the supervisor.  Quotes, backslashes, control
 * characters and every other character that a program may take for the end of a
 * line are escaped, so that no input can forge a line.  Bytes that are not
 * UTF-8 become U+FFFD.
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
	LOG_SENTENCE, /* "loyald: ..." or "loyald: warning: ...", for a person
			 who types a command */
};

/* Begins the log.  The role is the command's name, a text that lives as long as
 * the process.  Until the settings are read, lines have the format that the
 * environment names, else logfmt. */
void log_init(const char *role, enum log_level);
/* Changes the format of the lines from now on. */
void log_as(enum log_format);

/* Reads "logfmt" or "json"; 0 for anything else. */
enum log_format log_format_parse(const char *);

/* Reads "debug", "info", "warn" or "error"; 0 for anything else. */
enum log_level log_level_parse(const char *);

/*
 * Sets the key=value pairs that every line has from now on, in place of the
 * pairs before.  The pairs are not quoted, so they may only have numbers and
 * words of loyald's own.  Control characters become question marks.
 */
void log_context(const char *fmt, ...) PRINTF(1, 2);

void log_debug(const char *fmt, ...) PRINTF(1, 2);
void log_info(const char *fmt, ...) PRINTF(1, 2);
void log_warn(const char *fmt, ...) PRINTF(1, 2);
void log_error(const char *fmt, ...) PRINTF(1, 2);

/* Ends the process with EXIT_FATAL and a line in the log: for want of memory,
 * or because of an impossible state.  The message that the process was working
 * on is still in its stream. */
NORETURN void die(const char *fmt, ...) PRINTF(1, 2);

/* Exit statuses: what the supervisor should do next. */
enum {
	EXIT_STOPPED = 0, /* loyald was asked to stop, or is done */
	EXIT_NO = 1,      /* the answer to the command's question is no */
	EXIT_USAGE = 2,
	EXIT_WORLD = 69,  /* a service is unavailable: start loyald again */
	EXIT_FATAL = 70,  /* a bug in loyald: do not start it again */
	EXIT_CONFIG = 78, /* the configuration is wrong: mend it first */
};
