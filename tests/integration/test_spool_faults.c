/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/spool_dir.h"
#include "../support/test.h"

enum {
	KILLS = 15,
	STEPS = 4000,
};

/* ---- a disk that fails ------------------------------------------------ */

/* After `countdown` calls of a kind, the next n calls fail. */
struct fault_plan {
	int countdown, n;
};

static bool
strikes(struct fault_plan *f)
{
	if (f->countdown > 0) {
		f->countdown--;
		return false;
	}
	if (f->n == 0)
		return false;
	f->n--;
	return true;
}

static struct {
	struct fault_plan write, sync, sync_dir, read;
	int write_errno;
	size_t write_most; /* bytes that one write writes at most; 0: all */
	off_t bad_sector;  /* reads of this byte fail with EIO; -1: none */
} plan;

static void
plan_reset(void)
{
	memset(&plan, 0, sizeof(plan));
	plan.write_errno = EIO;
	plan.bad_sector = -1;
}

static char bad_name[256];

static ssize_t
bad_write(int fd, const void *p, size_t n, off_t at)
{
	if (strikes(&plan.write)) {
		/* A write that fails still writes half of the bytes. */
		if (n > 1 && pwrite(fd, p, n / 2, at) == -1)
			return -1;
		errno = plan.write_errno;
		return -1;
	}
	if (plan.write_most > 0 && n > plan.write_most)
		n = plan.write_most;
	return pwrite(fd, p, n, at);
}

static ssize_t
bad_read(int fd, void *p, size_t n, off_t at)
{
	off_t end = at + (off_t)n;

	if (strikes(&plan.read)) {
		errno = EINTR;
		return -1;
	}
	if (plan.bad_sector >= 0 && at < plan.bad_sector + 4096 &&
	    end > plan.bad_sector) {
		if (at < plan.bad_sector)
			return pread(fd, p, (size_t)(plan.bad_sector - at), at);
		errno = EIO;
		return -1;
	}
	return pread(fd, p, n, at);
}

static int
bad_sync(int fd)
{
	char link[64], name[256] = "";

	/* A file whose sync failed must not be synced again.  The file is
	 * recognised by its name, since descriptors are used again and names
	 * are not. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, name, sizeof(name) - 1) > 0);
	assert_string_not_equal(name, bad_name);
	if (strikes(&plan.sync)) {
		memcpy(bad_name, name, sizeof(name));
		errno = EIO;
		return -1;
	}
	return fdatasync(fd);
}

static int
bad_sync_dir(int fd)
{
	if (strikes(&plan.sync_dir)) {
		errno = EIO;
		return -1;
	}
	return fsync(fd);
}

static const struct spool_disk bad_disk = { bad_write, bad_read, bad_sync,
	bad_sync_dir };

static void
test_failed_sync_moves_to_a_new_segment(void **state)
{
	struct spool *s;

	(void)state;
	plan_reset();
	s = spool_open_on(&bad_disk);
	spool_add_text(s, "a");
	spool_sync_ok(s);
	spool_add_text(s, "b");
	spool_add_text(s, "c");
	plan.sync.n = 1;
	spool_sync_ok(s);
	assert_int_equal(spool_faults(s), 1);
	spool_add_text(s, "d");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, false), "a b c d");
	spool_close(s);
	s = spool_open_on(&bad_disk);
	assert_string_equal(spool_all(s, true), "a b c d");
	spool_close(s);
}

static void
test_failed_write_moves_to_a_new_segment(void **state)
{
	struct spool *s;

	(void)state;
	plan_reset();
	s = spool_open_on(&bad_disk);
	spool_add_text(s, "a");
	spool_sync_ok(s);
	spool_add_text(s, "b");
	plan.write.n = 1;
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, false), "a b");
	spool_close(s);
	s = spool_open_on(&bad_disk);
	assert_string_equal(spool_all(s, true), "a b");
	spool_close(s);
}

/* Checks that a process goes on when somebody deletes the spool's files. */
static void
test_removed_under_us(void **state)
{
	struct spool *s;
	char path[512];

	(void)state;
	plan_reset();
	s = spool_open_on(&bad_disk);
	spool_add_text(s, "a");
	spool_sync_ok(s);
	assert_int_equal(spool_files(".spool", path), 1);
	assert_int_equal(unlink(path), 0);
	spool_add_text(s, "b");
	spool_sync_ok(s);
	/* The open file can still be read, though it has no name. */
	assert_string_equal(spool_all(s, false), "a b");
	spool_close(s);
	s = spool_open_on(&bad_disk);
	assert_string_equal(spool_all(s, true), "b");
	spool_close(s);
}

static void
test_no_space(void **state)
{
	struct err e = { 0 };
	struct spool *s;
	char path[512];

	(void)state;
	plan_reset();
	s = spool_open_on(&bad_disk);
	spool_add_text(s, "a");
	spool_sync_ok(s);
	plan.write_errno = ENOSPC;
	for (int i = 0; i < 10; i++) {
		plan.write.n = 2;
		spool_add_text(s, "refused");
		assert_int_equal(spool_sync(s, &e), -1);
		assert_int_equal(e.fault, FAULT_RETRY);
		assert_non_null(strstr(e.msg, strerror(ENOSPC)));
	}
	/* No further spool files were made. */
	assert_int_equal(spool_files(".spool", path), 1);
	assert_int_equal(spool_records(s), 1);
	spool_add_text(s, "b");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, true), "a b");
	spool_close(s);
}

static void
test_no_new_segment(void **state)
{
	struct err e = { 0 };
	struct spool *s;
	char path[512];

	(void)state;
	plan_reset();
	s = spool_open_on(&bad_disk);
	plan.sync_dir.n = 1;
	spool_add_text(s, "refused");
	assert_int_equal(spool_sync(s, &e), -1);
	assert_int_equal(spool_files(".spool", path), 0);
	spool_add_text(s, "a");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, true), "a");
	spool_close(s);
}

static void
test_short_writes(void **state)
{
	struct spool *s;

	(void)state;
	plan_reset();
	plan.write_most = 7;
	s = spool_open_on(&bad_disk);
	spool_add_text(s, "aaaaaaaaaaaaaaaaaaaaaaaaa");
	spool_add_text(s, "b");
	spool_sync_ok(s);
	plan.write_errno = EINTR;
	plan.write = (struct fault_plan){ .countdown = 2, .n = 3 };
	plan.read.n = 2;
	spool_add_text(s, "c");
	spool_sync_ok(s);
	assert_string_equal(
	    spool_all(s, true), "aaaaaaaaaaaaaaaaaaaaaaaaa b c");
	assert_int_equal(spool_faults(s), 0);
	spool_close(s);
}

static void
test_unreadable_sector(void **state)
{
	static char big[6000];
	struct spool *s;
	struct err e = { 0 };

	(void)state;
	plan_reset();
	s = spool_open_on(&bad_disk);
	for (int i = 0; i < 4; i++) {
		memset(big, 'a' + i, 20);
		big[20] = ' ';
		assert_int_equal(
		    spool_add(s, (struct str){ big, sizeof(big) }, &e), 0);
	}
	spool_sync_ok(s);
	spool_close(s);
	plan.bad_sector = 8192; /* a byte that only the second file has */
	s = spool_open_on(&bad_disk);
	assert_int_equal(spool_corrupt(s), 1);
	assert_int_equal(spool_records(s), 3);
	spool_close(s);
}

/* ---- all of it, at random --------------------------------------------- */

enum {
	RECORDS_MAX = 8000
};

/* The fate of a record, and what must be true of the record. */
enum fate {
	FATE_NONE = 0,
	FATE_UNKNOWN, /* may be there: refused, or the process died */
	FATE_SAFE,    /* confirmed: must be there until taken */
	/* The record was taken: the spool may give the record again, and must
	 * give all others even if this record is damaged. */
	FATE_TAKEN,
};

static enum fate fates[RECORDS_MAX];

static void
check_all_safe_are_given(struct spool *s)
{
	static bool seen[RECORDS_MAX];
	struct err e = { 0 };
	uint64_t number;
	struct str p;
	int r;

	memset(seen, 0, sizeof(seen));
	spool_rewind(s);
	while ((r = spool_next(s, &p, &number, &e)) == 1) {
		int64_t i;

		assert_true(p.len >= 5);
		assert_int_equal(str_int64((struct str){ p.data, 5 }, &i), 0);
		assert_true(fates[i] != FATE_NONE);
		seen[i] = true;
	}
	if (r == -1)
		fail_msg("next: %s", e.msg);
	for (int i = 0; i < RECORDS_MAX; i++)
		if (fates[i] == FATE_SAFE && !seen[i])
			fail_msg("record %d was confirmed and is gone", i);
}

static void
plan_random(void)
{
	plan_reset();
	plan.write = (struct fault_plan){ rand() % 30, rand() % 3 };
	plan.sync = (struct fault_plan){ rand() % 30, rand() % 3 };
	plan.sync_dir = (struct fault_plan){ rand() % 10, rand() % 2 };
	plan.write_most = rand() % 4 == 0 ? (size_t)(1 + rand() % 100) : 0;
}

static void
take_some(struct spool *s)
{
	struct err e = { 0 };
	uint64_t number;
	struct str p;
	int64_t i;

	spool_rewind(s);
	for (int n = rand() % 20; n > 0; n--) {
		if (spool_next(s, &p, &number, &e) != 1)
			return;
		if (rand() % 3 == 0)
			continue;
		assert_int_equal(str_int64((struct str){ p.data, 5 }, &i), 0);
		fates[i] = FATE_TAKEN;
		spool_taken(s, number);
	}
}

static int
add_group(struct spool *s, int next)
{
	int n = rand() % 5, first = next;
	struct err e = { 0 };
	char text[600];

	memset(text, '.', sizeof(text));
	for (; n > 0 && next < RECORDS_MAX; n--, next++) {
		char digits[16];

		(void)snprintf(digits, sizeof(digits), "%05d", next);
		memcpy(text, digits, 5);
		fates[next] = FATE_UNKNOWN;
		assert_int_equal(
		    spool_add(s,
		        (struct str){ text, 5 + (size_t)(rand() % 500) }, &e),
		    0);
	}
	if (rand() % 10 == 0)
		return next; /* the process dies before the sync */
	if (spool_sync(s, &e) == 0)
		for (int i = first; i < next; i++)
			fates[i] = FATE_SAFE;
	return next;
}

static void
test_random_life(void **state)
{
	unsigned seed = (unsigned)getpid();
	struct spool *s;
	int next = 0;

	(void)state;
	if (getenv("SEED") != NULL)
		seed = (unsigned)atoi(getenv("SEED"));
	print_message("SEED=%u\n", seed);
	srand(seed);
	memset(fates, 0, sizeof(fates));
	plan_reset();
	s = spool_open_on(&bad_disk);
	for (int step = 0; step < STEPS && next < RECORDS_MAX; step++) {
		if (rand() % 20 == 0)
			plan_random();
		next = add_group(s, next);
		if (rand() % 6 == 0)
			take_some(s);
		if (rand() % 50 != 0)
			continue;
		spool_close(s);
		plan_reset();
		s = spool_open_on(&bad_disk);
		assert_int_equal(spool_corrupt(s), 0);
		check_all_safe_are_given(s);
	}
	plan_reset();
	check_all_safe_are_given(s);
	spool_close(s);
}

/* ---- kill -9 ---------------------------------------------------------- */

/* Appends records.  After each sync, writes the number of synced records to
 * shared memory. */
static void
writer(volatile int *confirmed)
{
	struct err e;
	struct spool *s = spool_open(
	    spool_dir, SPOOL_TEST_MAX, &spool_disk_real, &e);
	char text[3000];

	memset(text, '.', sizeof(text));
	for (int i = *confirmed; s != NULL && i < RECORDS_MAX;) {
		for (int n = 1 + i % 4; n > 0 && i < RECORDS_MAX; n--, i++) {
			char digits[16];

			(void)snprintf(digits, sizeof(digits), "%05d", i);
			memcpy(text, digits, 5);
			if (spool_add(s, (struct str){ text, sizeof(text) },
			        &e) == -1)
				_exit(1);
		}
		if (spool_sync(s, &e) == -1)
			_exit(1);
		*confirmed = i;
	}
	_exit(s == NULL);
}

static void
test_kill(void **state)
{
	volatile int *confirmed = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct spool *s;

	(void)state;
	assert_true(confirmed != MAP_FAILED);
	memset(fates, 0, sizeof(fates));
	for (int i = 0; i < RECORDS_MAX; i++)
		fates[i] = FATE_UNKNOWN;
	for (int n = 0; n < KILLS; n++) {
		pid_t pid = fork();

		if (pid == 0)
			writer(confirmed);
		usleep(5000 + (useconds_t)n * 2000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		for (int i = 0; i < *confirmed; i++)
			fates[i] = FATE_SAFE;
		s = spool_open_on(&spool_disk_real);
		assert_int_equal(spool_corrupt(s), 0);
		check_all_safe_are_given(s);
		spool_close(s);
	}
	print_message(
	    "%d records confirmed over %d kills\n", *confirmed, KILLS);
	assert_true(*confirmed > 0);
	munmap((void *)(uintptr_t)confirmed, 4096);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, spool_dir_make, spool_dir_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_failed_sync_moves_to_a_new_segment),
		TEST(test_failed_write_moves_to_a_new_segment),
		TEST(test_removed_under_us),
		TEST(test_no_space),
		TEST(test_no_new_segment),
		TEST(test_short_writes),
		TEST(test_unreadable_sector),
		TEST(test_random_life),
		TEST(test_kill),
	};

	return cmocka_run_group_tests_name("spool_faults", tests, NULL, NULL);
}
