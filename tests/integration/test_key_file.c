/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/key_file.h"

static char dir[] = "/tmp/loyald-key-XXXXXX";
static char path[64];

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

static int
remove_key(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static void
write_key(const char *text, size_t n, mode_t mode)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

#define DIGITS \
	"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

static void
test_create(void **state)
{
	struct master_key a, b;
	struct stat st;
	struct err e;
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(key_create(path, &e), 0);
	(void)umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(key_load(path, &a, &e), 0);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(key_create(path, &e), 0);
	assert_int_equal(key_load(path, &b, &e), 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

/* What is there stays as it is, also behind a link. */
static void
test_never_overwrites(void **state)
{
	struct master_key a, b;
	struct err e;
	char link[80];

	(void)state;
	assert_int_equal(key_create(path, &e), 0);
	assert_int_equal(key_load(path, &a, &e), 0);
	assert_int_equal(key_create(path, &e), -1);
	assert_int_equal(e.fault, FAULT_FATAL);
	assert_non_null(strstr(e.msg, "is there already"));
	assert_int_equal(key_load(path, &b, &e), 0);
	assert_memory_equal(&a, &b, sizeof(a));

	(void)snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink("elsewhere", link), 0);
	assert_int_equal(key_create(link, &e), -1);
	assert_int_equal(unlink(link), 0);
}

static void
test_create_nowhere(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(key_create("/nonexistent/key", &e), -1);
	assert_int_equal(e.fault, FAULT_FATAL);
	assert_non_null(strstr(e.msg, "/nonexistent/key"));
}

/* A key that did not get onto the disk leaves no file that looks like one. */
static void
test_create_full_disk(void **state)
{
	struct rlimit before, small;
	struct err e;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 10, .rlim_max = before.rlim_max };
	assert_ptr_not_equal(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(key_create(path, &e), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(e.msg, "cannot write the key"));
	assert_int_equal(access(path, F_OK), -1);
}

/* What is not ours is not removed. */
static void
test_create_device(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(key_create(path, &e), -1);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

static void
test_load(void **state)
{
	struct master_key key;
	struct err e;

	(void)state;
	write_key(DIGITS "\n", 65, 0400);
	assert_int_equal(key_load(path, &key, &e), 0);
	for (uint8_t i = 0; i < MASTER_KEY_SIZE; i++)
		assert_int_equal(key.bytes[i], i);
}

static void
test_load_modes(void **state)
{
	static const mode_t modes[] = { 0640, 0620, 0610, 0604, 0602, 0601,
		0644, 0666, 0777 };

	(void)state;
	for (size_t i = 0; i < NITEMS(modes); i++) {
		struct master_key key = { { 47 } };
		struct err e;

		write_key(DIGITS "\n", 65, modes[i]);
		assert_int_equal(key_load(path, &key, &e), -1);
		assert_int_equal(e.fault, FAULT_FATAL);
		assert_non_null(strstr(e.msg, "chmod 600"));
		assert_int_equal(key.bytes[0], 47);
		(void)unlink(path);
	}
}

static void
test_load_refuses(void **state)
{
	static const struct {
		const char *rule, *text;
	} cases[] = {
		{ "empty", "" },
		{ "no line feed", DIGITS },
		{ "two line feeds", DIGITS "\n\n" },
		{ "a carriage return", DIGITS "\r\n" },
		{ "a digit short", "0\n" DIGITS },
		{ "another letter", "g" DIGITS },
		{ "two keys", DIGITS DIGITS "\n" },
		{ "a blank before", " " DIGITS "\n" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct master_key key = { { 47 } };
		struct err e;

		write_key(cases[i].text, strlen(cases[i].text), 0600);
		if (key_load(path, &key, &e) != -1)
			fail_msg("%s was taken", cases[i].rule);
		assert_int_equal(e.fault, FAULT_FATAL);
		assert_non_null(strstr(e.msg, "is no master key"));
		/* What was in it is not told. */
		assert_null(strstr(e.msg, "0001020304"));
		assert_int_equal(key.bytes[0], 47);
		(void)unlink(path);
	}
}

static void
test_load_nothing(void **state)
{
	struct master_key key;
	struct err e;

	(void)state;
	assert_int_equal(key_load(path, &key, &e), -1);
	assert_non_null(strstr(e.msg, "loyald key new"));
	assert_int_equal(key_load(dir, &key, &e), -1);
	assert_non_null(strstr(e.msg, "no regular file"));
	/* A pipe nobody writes to does not stop the start. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(key_load(path, &key, &e), -1);
	assert_non_null(strstr(e.msg, "no regular file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_create, remove_key),
		cmocka_unit_test_teardown(test_never_overwrites, remove_key),
		cmocka_unit_test(test_create_nowhere),
		cmocka_unit_test(test_create_full_disk),
		cmocka_unit_test(test_create_device),
		cmocka_unit_test_teardown(test_load, remove_key),
		cmocka_unit_test_teardown(test_load_modes, remove_key),
		cmocka_unit_test_teardown(test_load_refuses, remove_key),
		cmocka_unit_test_teardown(test_load_nothing, remove_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
