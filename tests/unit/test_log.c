/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

enum {
	TEXT_MAX = 8192
};

static void
say(const char *what)
{
	log_info("%s", what);
}

/* What `speak` writes to standard error, and how it ended, if it died. */
static void
captured(void (*speak)(const char *), const char *what, char text[TEXT_MAX],
    int *status)
{
	FILE *f = tmpfile();
	pid_t pid;
	size_t n;

	assert_non_null(f);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		if (dup2(fileno(f), STDERR_FILENO) == -1)
			_exit(1);
		speak(what);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, status, 0), pid);
	rewind(f);
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	(void)fclose(f);
}

static void
assert_one_line(const char *text)
{
	const char *end = strchr(text, '\n');

	assert_non_null(end);
	assert_string_equal(end, "\n");
	for (; text < end; text++)
		assert_true((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* No input can forge a line, or a pair in it. */
static void
test_escapes(void **state)
{
	static const struct {
		const char *rule, *said, *line;
	} cases[] = {
		{ "plain", "all is well", " msg=\"all is well\"\n" },
		{ "empty", "", " msg=\"\"\n" },
		{ "a quote", "a\" level=error",
		    " msg=\"a\\\" level=error\"\n" },
		{ "a backslash", "a\\", " msg=\"a\\\\\"\n" },
		{ "a line feed", "a\nts=1", " msg=\"a\\nts=1\"\n" },
		{ "a carriage return", "a\rb", " msg=\"a\\x0db\"\n" },
		{ "an escape sequence", "\x1b[2J", " msg=\"\\x1b[2J\"\n" },
		{ "delete", "\x7f", " msg=\"\\x7f\"\n" },
		{ "UTF-8 stays", "Zo\xc3\xab", " msg=\"Zo\xc3\xab\"\n" },
	};

	(void)state;
	log_init("test", LOG_INFO);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[TEXT_MAX];
		const char *msg;
		int status;

		captured(say, cases[i].said, text, &status);
		assert_one_line(text);
		msg = strstr(text, " msg=");
		assert_non_null(msg);
		assert_string_equal(msg, cases[i].line);
		assert_non_null(strstr(text, " level=info role=test "));
	}
}

/* However long, it is one line, and closed. */
static void
test_long(void **state)
{
	static const char *const fillers[] = { "x", "\"", "\n", "\x01" };

	(void)state;
	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
		char what[6000], text[TEXT_MAX];
		int status;

		memset(what, fillers[i][0], sizeof(what));
		what[sizeof(what) - 1] = '\0';
		captured(say, what, text, &status);
		assert_one_line(text);
		assert_true(strlen(text) > 1000);
		assert_int_equal(text[strlen(text) - 2], '"');
		/* No escape was cut in two. */
		assert_true(text[strlen(text) - 3] != '\\' ||
		            text[strlen(text) - 4] == '\\' ||
		            fillers[i][0] != '"');
	}
}

static void
say_in_context(const char *what)
{
	log_context("store=%d message=%s", 3, what);
	log_warn("one");
	log_context_clear();
	log_warn("two");
}

static void
test_context(void **state)
{
	char text[TEXT_MAX], *second;
	int status;

	(void)state;
	captured(say_in_context, "5-0\nlevel=error", text, &status);
	second = strchr(text, '\n');
	assert_non_null(second);
	*second++ = '\0';
	assert_non_null(
	    strstr(text, "level=warn role=test store=3 message=5-0?level=error "
	                 "msg=\"one\""));
	assert_one_line(second);
	assert_null(strstr(second, "store=3"));
	assert_non_null(strstr(second, "role=test msg=\"two\""));
}

static void
say_all(const char *what)
{
	log_init("test", log_level_parse(what));
	log_debug("d");
	log_info("i");
	log_warn("w");
	log_error("e");
}

static void
test_levels(void **state)
{
	static const struct {
		const char *level;
		size_t lines;
	} cases[] = { { "debug", 4 }, { "info", 3 }, { "warn", 2 },
		{ "error", 1 } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char text[TEXT_MAX];
		size_t n = 0;
		int status;

		captured(say_all, cases[i].level, text, &status);
		for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
			n++;
		assert_int_equal(n, cases[i].lines);
	}
	assert_int_equal(log_level_parse("Info"), 0);
	assert_int_equal(log_level_parse(""), 0);
}

static void
say_and_die(const char *what)
{
	die("no %s", what);
}

static void
test_die(void **state)
{
	char text[TEXT_MAX];
	int status;

	(void)state;
	captured(say_and_die, "memory", text, &status);
	assert_one_line(text);
	assert_non_null(
	    strstr(text, "level=fatal role=test msg=\"no memory\""));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FATAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
