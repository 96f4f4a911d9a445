/* SPDX-License-Identifier: MIT */
/* Checks that a trouble (a failure that a process waits out) is logged at once
 * and again at intervals, and which troubles end the process. */
#include <sys/mman.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/log.h"
#include "io/clock.h"
#include "io/trouble.h"

enum {
	LINES_MAX = 4096
};

static int file = -1, before = -1;

/* Keeps the lines that are logged from here on. */
static void
listen_in(void)
{
	file = memfd_create("log", MFD_CLOEXEC);
	before = dup(STDERR_FILENO);
	assert_int_not_equal(file, -1);
	assert_int_not_equal(dup2(file, STDERR_FILENO), -1);
}

static const char *
heard(void)
{
	static char text[LINES_MAX];
	ssize_t n;

	assert_int_not_equal(dup2(before, STDERR_FILENO), -1);
	n = pread(file, text, sizeof(text) - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	close(file);
	close(before);
	return text;
}

static int
times(const char *text, const char *word)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		n++;
	return n;
}

static const struct err away = { FAULT_RETRY, "the sky is cloudy" };
static const struct err wrong = { FAULT_CONFIG, "the key is bent" };

static void
test_ends(void **state)
{
	static const struct {
		enum fault fault;
		bool was_well, ends;
	} cases[] = {
		{ FAULT_RETRY, false, false },
		{ FAULT_RETRY, true, false },
		{ FAULT_CONFIG, false, true },
		{ FAULT_CONFIG, true, false },
		{ FAULT_FATAL, false, true },
		{ FAULT_FATAL, true, true },
		{ FAULT_REJECT, true, true },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct err e = { .fault = cases[i].fault };
		const struct trouble t = { .was_well = cases[i].was_well };

		assert_int_equal(trouble_ends(&t, &e), cases[i].ends);
	}
}

/* Checks that a repeated message is logged once.  A fault that an operator must
 * mend is logged at once as an error.  The end of a trouble is logged if its
 * beginning was. */
static void
test_tells(void **state)
{
	struct trouble t = { 0 };
	const char *log;

	(void)state;
	assert_string_equal(trouble_why(&t), "starting");
	listen_in();
	for (int i = 0; i < 50; i++)
		trouble_is(&t, &away, "waiting");
	assert_string_equal(trouble_why(&t), away.msg);
	for (int i = 0; i < 50; i++)
		trouble_is(&t, &wrong, NULL);
	for (int i = 0; i < 50; i++)
		trouble_is(&t, i % 2 == 0 ? &away : &wrong, NULL);
	for (int i = 0; i < 50; i++)
		trouble_over(&t, "the sun shines");
	log = heard();
	print_message("%s", log);
	assert_int_equal(times(log, "cloudy (waiting)"), 1);
	assert_int_equal(times(log, "level=warn"), 1);
	assert_int_equal(times(log, "level=error"), 1);
	assert_int_equal(times(log, "bent"), 1);
	assert_int_equal(times(log, "the sun shines again, after"), 1);
	assert_int_equal(times(log, "\n"), 3);
	assert_null(trouble_why(&t));
	assert_true(t.was_well);
}

/* Lets time pass, by setting back the times at which messages were logged. */
static void
pass(struct trouble *t, int ms)
{
	for (size_t i = 0; i < TROUBLE_TOLD_MAX && t->told[i].at != 0; i++)
		t->told[i].at -= ms * INT64_C(1000);
}

/* Checks that the same message is logged again after half a minute, and a
 * different message after 2 seconds. */
static void
test_again(void **state)
{
	struct trouble t = { 0 };
	const char *log;

	(void)state;
	listen_in();
	trouble_is(&t, &wrong, NULL);
	pass(&t, TROUBLE_OTHER_MS);
	trouble_is(&t, &wrong, NULL);
	trouble_is(&t, &away, NULL);
	trouble_is(&t, &wrong, NULL);
	pass(&t, TROUBLE_AGAIN_MS);
	trouble_is(&t, &wrong, NULL);
	trouble_over(&t, "it");
	log = heard();
	assert_int_equal(times(log, "bent"), 2);
	assert_int_equal(times(log, "cloudy"), 1);
}

/* Checks that each of several alternating messages is logged as often as a
 * message that comes alone. */
static void
test_turns(void **state)
{
	const struct err third = { FAULT_RETRY, "the moon is new" };
	const struct err *const turns[] = { &away, &wrong, &third };
	struct trouble t = { 0 };
	const char *log;

	(void)state;
	listen_in();
	for (int ms = 0; ms < 2 * TROUBLE_AGAIN_MS; ms += TROUBLE_OTHER_MS) {
		trouble_is(&t, turns[ms / TROUBLE_OTHER_MS % 3], NULL);
		pass(&t, TROUBLE_OTHER_MS);
	}
	log = heard();
	assert_int_equal(times(log, "cloudy"), 2);
	assert_int_equal(times(log, "bent"), 2);
	assert_int_equal(times(log, "moon"), 2);
}

/* Checks that the end of a trouble is not logged if its beginning was not
 * logged. */
static void
test_untold(void **state)
{
	struct trouble t = { 0 };
	const char *log;

	(void)state;
	listen_in();
	trouble_over(&t, "it");
	trouble_is(&t, &away, NULL);
	trouble_over(&t, "it");
	trouble_is(&t, &away, NULL);
	trouble_over(&t, "it");
	log = heard();
	assert_int_equal(times(log, "\n"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_tells),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_untold),
	};

	log_init("test", LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
