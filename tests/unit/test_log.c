/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "../support/test.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"

enum {
	TEXT_MAX = 8192
};

static void
say(const char *what)
{
	log_info("%s", what);
}

/* Runs `speak` in a child process. Stores the text that the child wrote to
 * standard error, and the exit status of the child. */
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

/* Checks that no input can add a line to the log, or a name=value pair to a
 * line. */
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
		{ "what is none", "Zo\xeb", " msg=\"Zo\xef\xbf\xbd\"\n" },
		{ "what was cut off", "Zo\xc3", " msg=\"Zo\xef\xbf\xbd\"\n" },
		{ "next line",
		    "a\xc2\x85"
		    "b",
		    " msg=\"a\\u0085b\"\n" },
		{ "line separator", "\xe2\x80\xa8", " msg=\"\\u2028\"\n" },
		{ "its neighbour", "\xe2\x80\xa7", " msg=\"\xe2\x80\xa7\"\n" },
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

/* Checks that a message which is too long is cut, and is still one whole
 * line. */
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
		/* The cut is never inside an escape sequence. */
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
	log_context("member=%d", 4);
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
	assert_non_null(strstr(second, "role=test member=4 msg=\"two\""));
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

/* ---- as JSON ---------------------------------------------------------- */

/* Returns the value of a pair; the line must be a single object. */
static const char *
json_pair_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

static json_t *
json_line(const char *text)
{
	json_error_t why;
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	if (o == NULL)
		fail_msg("%s: %s", why.text, text);
	assert_true(json_is_object(o));
	return o;
}

static void
say_json_in_context(const char *what)
{
	log_as(LOG_JSON);
	log_context("store=%d part=%s", 3, what);
	log_error("one \"two\"\n");
}

/* Checks that JSON has the same fields as logfmt, all as texts. */
static void
test_json(void **state)
{
	static const char *const wanted[][2] = {
		{ "level", "error" },
		{ "role", "test" },
		{ "store", "3" },
		{ "part", "a\"b" },
		{ "msg", "one \"two\"\n" },
	};
	char text[TEXT_MAX];
	json_t *o;
	int status;

	(void)state;
	log_init("test", LOG_INFO);
	captured(say_json_in_context, "a\"b", text, &status);
	assert_one_line(text);
	o = json_line(text);
	assert_int_equal(strlen(json_pair_of(o, "ts")), 24);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_string_equal(
		    json_pair_of(o, wanted[i][0]), wanted[i][1]);
	assert_int_equal(json_object_size(o), 6);
	json_decref(o);
}

static void
json_and_die(const char *what)
{
	log_as(LOG_JSON);
	say_and_die(what);
}

/* Checks that LOYALD_LOG_FORMAT sets the format even before the settings are
 * read, if its value is a known format. */
static void
test_json_early(void **state)
{
	char text[TEXT_MAX];
	json_t *o;
	int status;

	(void)state;
	setenv("LOYALD_LOG_FORMAT", "json", 1);
	log_init("test", LOG_INFO);
	captured(say, "early", text, &status);
	o = json_line(text);
	assert_string_equal(json_pair_of(o, "msg"), "early");
	json_decref(o);
	setenv("LOYALD_LOG_FORMAT", "jsn", 1);
	log_init("test", LOG_INFO);
	captured(say, "early", text, &status);
	assert_non_null(strstr(text, " msg=\"early\"\n"));
	unsetenv("LOYALD_LOG_FORMAT");
	log_init("test", LOG_INFO);

	captured(json_and_die, "memory", text, &status);
	o = json_line(text);
	assert_string_equal(json_pair_of(o, "level"), "fatal");
	assert_string_equal(json_pair_of(o, "msg"), "no memory");
	json_decref(o);
	assert_int_equal(WEXITSTATUS(status), EXIT_FATAL);
}

static void
say_sentence(const char *what)
{
	log_as(LOG_SENTENCE);
	say(what);
}

static void
warn_sentence(const char *what)
{
	log_as(LOG_SENTENCE);
	log_warn("%s", what);
}

static void
test_sentence(void **state)
{
	char text[TEXT_MAX];
	int status;

	(void)state;
	captured(say_sentence, "there is no \"x\"\nlevel=x", text, &status);
	assert_string_equal(text, "loyald: there is no \"x\"\\nlevel=x\n");
	captured(warn_sentence, "that is odd", text, &status);
	assert_string_equal(text, "loyald: warning: that is odd\n");
}

/* ---- whatever is said ------------------------------------------------- */

enum {
	LINES = 3000,
	SAID_MAX = 2600,
	SEED = 20261130,
};

/* Makes a random text in which special characters of the log formats are
 * frequent. */
static void
said_make(unsigned *seed, char said[SAID_MAX])
{
	static const char special[] = "\"\\\n\r\t\x1b\x7f\xc2\xe2\x80\xa8\x85"
	                              "\xf0\x9f\x98\x80={}, ";
	size_t n = (size_t)rand_r(seed) %
	           (rand_r(seed) % 8 == 0 ? SAID_MAX : 40);

	for (size_t i = 0; i < n; i++)
		said[i] = rand_r(seed) % 2 ? special[(size_t)rand_r(seed) %
		                                     (sizeof(special) - 1)]
		                           : (char)(1 + rand_r(seed) % 255);
	said[n] = '\0';
}

static void
say_anything(const char *format)
{
	unsigned seed = SEED;

	log_as(log_format_parse(format));
	for (int i = 0; i < LINES; i++) {
		char said[SAID_MAX];

		said_make(&seed, said);
		say(said);
	}
}

/* Returns a file with the lines that a child process logged for random
 * messages. */
static FILE *
lines_of(const char *format)
{
	FILE *f = tmpfile();
	int status;
	pid_t pid;

	assert_non_null(f);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		if (dup2(fileno(f), STDERR_FILENO) == -1)
			_exit(1);
		say_anything(format);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rewind(f);
	return f;
}

/* Whether `msg` is the logged text or its beginning, with U+FFFD in place of
 * each byte that is not part of a character. */
static bool
is_said(const char *said, const char *msg)
{
	while (*msg != '\0') {
		size_t n = utf8_len(str_of(said));

		if (n == 0 && strncmp(msg, "\xef\xbf\xbd", 3) == 0) {
			said++;
			msg += 3;
		} else if (n > 0 && strncmp(msg, said, n) == 0) {
			said += n;
			msg += n;
		} else {
			return false;
		}
	}
	return true;
}

/* Checks that each message is one line of JSON with the text that was logged.
 */
static void
test_json_of_anything(void **state)
{
	FILE *f = lines_of("json");
	unsigned seed = SEED;
	char text[TEXT_MAX];
	int n = 0;

	(void)state;
	while (fgets(text, sizeof(text), f) != NULL) {
		char said[SAID_MAX];
		json_t *o = json_line(text);
		const char *msg = json_pair_of(o, "msg");

		said_make(&seed, said);
		assert_one_line(text);
		assert_true(strlen(text) <= 4096);
		if (!is_said(said, msg))
			fail_msg("line %d: %s", n, text);
		assert_true(strlen(msg) >= strlen(said) || strlen(msg) > 600);
		json_decref(o);
		n++;
	}
	assert_int_equal(n, LINES);
	(void)fclose(f);
}

/* Checks that each message is one line of text, which ends with the closing
 * quote of the last value. */
static void
test_logfmt_of_anything(void **state)
{
	FILE *f = lines_of("logfmt");
	char text[TEXT_MAX];
	int n = 0;

	(void)state;
	for (; fgets(text, sizeof(text), f) != NULL; n++) {
		const char *p = strstr(text, " msg=\"");
		size_t len;

		assert_one_line(text);
		assert_non_null(p);
		for (p += strlen(" msg=\""); *p != '"'; p += len) {
			len = *p == '\\' ? 2 : utf8_len(str_of(p));
			assert_true(len > 0);
		}
		assert_string_equal(p, "\"\n");
	}
	assert_int_equal(n, LINES);
	(void)fclose(f);
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
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_early),
		cmocka_unit_test(test_sentence),
		cmocka_unit_test(test_json_of_anything),
		cmocka_unit_test(test_logfmt_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
