/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "../support/test.h"
#include "io/key_file.h"
#include "io/secret_file.h"

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

/* Checks that an existing file is never changed, not even through a link. */
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

/* Checks the error messages for a key file that cannot be written. */
static void
test_create_nowhere(void **state)
{
	const struct {
		const char *path, *says;
	} cases[] = {
		{ "/nonexistent/key", "its folder is not there" },
		{ dir, "is a folder: name a file in it, such as" },
		{ "/nonexistent/", "is a folder: name a file in it" },
		{ "/dev/null/key", "is a file and no folder" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct err e;

		assert_int_equal(key_create(cases[i].path, &e), -1);
		assert_int_equal(e.fault, FAULT_FATAL);
		assert_non_null(strstr(e.msg, cases[i].path));
		if (strstr(e.msg, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].path, e.msg);
	}
}

/* Checks that no file is left if the disk is too full for the key. */
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

/* Checks that a file of somebody else is not removed. */
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
	static const mode_t modes[] = { 0620, 0610, 0604, 0602, 0601, 0644,
		0666, 0777 };

	(void)state;
	for (size_t i = 0; i < NITEMS(modes); i++) {
		struct master_key key = { .bytes = { 47 } };
		struct err e;

		write_key(DIGITS "\n", 65, modes[i]);
		assert_int_equal(key_load(path, &key, &e), -1);
		assert_int_equal(e.fault, FAULT_FATAL);
		assert_non_null(strstr(e.msg, "chmod 600"));
		assert_int_equal(key.bytes[0], 47);
		(void)unlink(path);
	}
}

/* Checks with which file modes a secret is accepted, depending on the file's
 * owner and folder. */
static void
test_private(void **state)
{
	static const struct {
		const char *rule;
		struct secret_place place;
		bool is_private;
	} cases[] = {
		{ "the owner's", { 0600, 1000, false, false }, true },
		{ "the owner's, who may only read",
		    { 0400, 1000, false, false }, true },
		{ "a group's", { 0640, 1000, false, false }, false },
		{ "everybody's", { 0604, 1000, false, false }, false },
		{ "root's and a group's, which root chose",
		    { 0640, 0, false, false }, true },
		{ "root's, and the group may write", { 0660, 0, false, false },
		    false },
		{ "root's, and the group may run", { 0650, 0, false, false },
		    false },
		{ "root's and everybody's, on a disk", { 0644, 0, false, true },
		    false },
		{ "systemd's credential, an access list",
		    { 0440, 0, true, true }, true },
		{ "Kubernetes with fsGroup", { 0440, 0, true, true }, true },
		{ "another owner's and a group's, in memory",
		    { 0440, 1000, true, false }, true },
		{ "Kubernetes without fsGroup", { 0644, 0, true, true }, true },
		{ "Swarm", { 0444, 0, true, true }, true },
		{ "everybody's in /dev/shm", { 0644, 0, true, false }, false },
		{ "everybody may write", { 0646, 0, true, true }, false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		if (secret_is_private(&cases[i].place) != cases[i].is_private)
			fail_msg("%s: %s", cases[i].rule,
			    cases[i].is_private ? "refused" : "taken");
}

/* Checks that on a real disk a key may be readable by a group if root owns the
 * file, but not if another user owns it. */
static void
test_load_of_group(void **state)
{
	struct master_key key;
	struct statfs fs;
	struct err e;

	(void)state;
	if (geteuid() != 0 || statfs(dir, &fs) == -1 ||
	    fs.f_type == TMPFS_MAGIC)
		skip(); /* only root can give a file away */
	write_key(DIGITS "\n", 65, 0640);
	assert_int_equal(key_load(path, &key, &e), 0);
	assert_int_equal(chown(path, 10001, 0), 0);
	assert_int_equal(key_load(path, &key, &e), -1);
	assert_non_null(strstr(e.msg, "chmod 600"));
}

/* Checks that the error for a user who may not read a file names both user
 * numbers. */
static void
test_load_not_ours(void **state)
{
	struct master_key key;
	struct err e;
	uid_t we = geteuid(), other = we == 0 ? 10001 : we;
	char says[256];

	(void)state;
	assert_int_equal(chmod(dir, 0711), 0);
	write_key(DIGITS "\n", 65, we == 0 ? 0600 : 0000);
	assert_int_equal(seteuid(other), 0);
	assert_int_equal(key_load(path, &key, &e), -1);
	(void)snprintf(says, sizeof(says),
	    "cannot read %s as user %u: permission denied, it is user %u's "
	    "with mode",
	    path, (unsigned)other, (unsigned)we);
	assert_non_null(strstr(e.msg, says));
	assert_int_equal(seteuid(we), 0);

	assert_int_equal(chmod(dir, 0600), 0);
	assert_int_equal(seteuid(other), 0);
	assert_int_equal(key_load(path, &key, &e), -1);
	assert_non_null(strstr(e.msg, "a folder of its path"));
	assert_int_equal(seteuid(we), 0);
	assert_int_equal(chmod(dir, 0700), 0);
}

/* Checks that secrets and tokens may come from a pipe, and are read even if
 * others may read them, too. */
static void
test_secret(void **state)
{
	struct arena a;
	struct str text;
	struct err e;
	char name[32];
	int fds[2];

	(void)state;
	arena_init(&a);
	write_key("secret", 6, 0644);
	assert_int_equal(secret_file_read(&a, path, 6, &text, &e), 0);
	assert_true(str_eq(text, STR("secret")));
	assert_int_equal(secret_file_read(&a, path, 5, &text, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_int_equal(
	    secret_file_read(&a, "/nonexistent/x", 5, &text, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "piped", 5), 5);
	assert_int_equal(close(fds[1]), 0);
	(void)snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	assert_int_equal(secret_file_read(&a, name, 6, &text, &e), 0);
	assert_true(str_eq(text, STR("piped")));
	(void)close(fds[0]);
	arena_fini(&a);
}

static void
test_load_refuses(void **state)
{
	static const struct {
		const char *rule, *text, *why;
	} cases[] = {
		{ "empty", "", "it is empty" },
		{ "no line feed", DIGITS, "the line feed is missing" },
		{ "two line feeds", DIGITS "\n\n", "it holds more" },
		{ "a carriage return", DIGITS "\r\n", "as Windows does it" },
		{ "a digit short", "0\n" DIGITS, "something else" },
		{ "a digit", "0\n", "it holds fewer" },
		{ "another letter", "g" DIGITS, "something else" },
		{ "two keys", DIGITS DIGITS "\n", "it holds more" },
		{ "a blank before", " " DIGITS "\n", "something else" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct master_key key = { .bytes = { 47 } };
		struct err e;

		write_key(cases[i].text, strlen(cases[i].text), 0600);
		if (key_load(path, &key, &e) != -1)
			fail_msg("%s was taken", cases[i].rule);
		assert_int_equal(e.fault, FAULT_FATAL);
		assert_non_null(strstr(e.msg, "is no master key"));
		if (strstr(e.msg, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].rule, e.msg);
		/* The content of the file is not in the error. */
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
	/* A pipe without a writer does not block the start. */
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
		cmocka_unit_test(test_private),
		cmocka_unit_test_teardown(test_load_of_group, remove_key),
		cmocka_unit_test_teardown(test_load_not_ours, remove_key),
		cmocka_unit_test_teardown(test_secret, remove_key),
		cmocka_unit_test_teardown(test_load_refuses, remove_key),
		cmocka_unit_test_teardown(test_load_nothing, remove_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
