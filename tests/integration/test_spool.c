/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cc.h"
#include "io/crc32c.h"
#include "io/spool.h"

enum {
	MAX_BYTES = 512 * 1024 * 1024,
	KILLS = 15,
	STEPS = 4000,
};

/* ---- a folder of its own for each test -------------------------------- */

static char dir[64];

static int
dir_make(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/loyald-spool-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
dir_remove(void **state)
{
	char path[512];
	DIR *d = opendir(dir);
	struct dirent *ent;

	(void)state;
	while (d != NULL && (ent = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, ent->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	return rmdir(dir);
}

/* How many files end so; the path of the last in `path`. */
static int
files(const char *end, char path[512])
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	int n = 0;

	assert_non_null(d);
	while ((ent = readdir(d)) != NULL) {
		size_t len = strlen(ent->d_name);

		if (len < strlen(end) ||
		    strcmp(ent->d_name + len - strlen(end), end) != 0)
			continue;
		n++;
		(void)snprintf(path, 512, "%s/%s", dir, ent->d_name);
	}
	closedir(d);
	return n;
}

static struct spool *
open_on(const struct spool_disk *disk)
{
	struct err e = { 0 };
	struct spool *s = spool_open(dir, MAX_BYTES, disk, &e);

	if (s == NULL)
		fail_msg("open: %s", e.msg);
	return s;
}

static void
add(struct spool *s, const char *text)
{
	struct err e = { 0 };

	if (spool_add(s, str_of(text), &e) == -1)
		fail_msg("add: %s", e.msg);
}

static void
sync_ok(struct spool *s)
{
	struct err e = { 0 };

	if (spool_sync(s, &e) == -1)
		fail_msg("sync: %s", e.msg);
}

/* Everything there is, in order, as "a b c". */
static const char *
drain(struct spool *s, bool take)
{
	static char all[64 * 1024];
	struct err e = { 0 };
	struct str p;
	uint64_t number;
	size_t n = 0;
	int r;

	spool_rewind(s);
	all[0] = '\0';
	while ((r = spool_next(s, &p, &number, &e)) == 1) {
		if (p.len > 32)
			p.len = 32;
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%.*s",
		    n > 0 ? " " : "", (int)p.len, p.data);
		assert_true(n < sizeof(all));
		if (take)
			spool_taken(s, number);
	}
	if (r == -1)
		fail_msg("next: %s", e.msg);
	return all;
}

/* ---- plain life ------------------------------------------------------- */

static void
test_round_trip(void **state)
{
	struct spool *s = open_on(&spool_disk_real);
	char path[512];

	(void)state;
	assert_string_equal(drain(s, false), "");
	add(s, "a");
	add(s, "");
	add(s, "ccccccccc");
	assert_string_equal(drain(s, false), ""); /* not durable yet */
	assert_int_equal(spool_records(s), 0);
	sync_ok(s);
	assert_int_equal(spool_records(s), 3);
	assert_int_equal(spool_bytes(s), 32 + 24 + 40);
	assert_string_equal(drain(s, false), "a  ccccccccc");
	add(s, "d");
	sync_ok(s);
	assert_string_equal(drain(s, true), "a  ccccccccc d");
	assert_int_equal(spool_records(s), 0);
	assert_int_equal(spool_bytes(s), 0);
	assert_int_equal(files(".spool", path), 0);
	add(s, "e");
	sync_ok(s);
	assert_string_equal(drain(s, true), "e");
	spool_close(s);
}

static void
test_restart_gives_all_that_waited(void **state)
{
	struct spool *s = open_on(&spool_disk_real);

	(void)state;
	add(s, "a");
	add(s, "b");
	sync_ok(s);
	add(s, "never synced");
	spool_close(s);

	s = open_on(&spool_disk_real);
	assert_int_equal(spool_records(s), 2);
	add(s, "c");
	sync_ok(s);
	assert_string_equal(drain(s, false), "a b c");
	spool_close(s);

	s = open_on(&spool_disk_real);
	assert_string_equal(drain(s, true), "a b c");
	spool_close(s);
	s = open_on(&spool_disk_real);
	assert_string_equal(drain(s, true), "");
	spool_close(s);
}

static void
test_taken_in_any_order(void **state)
{
	struct spool *s = open_on(&spool_disk_real);
	uint64_t number[4];
	struct err e = { 0 };
	struct str p;

	(void)state;
	add(s, "a");
	add(s, "b");
	add(s, "c");
	add(s, "d");
	sync_ok(s);
	for (size_t i = 0; i < NITEMS(number); i++)
		assert_int_equal(spool_next(s, &p, &number[i], &e), 1);
	assert_int_equal(spool_next(s, &p, &number[0], &e), 0);
	spool_taken(s, number[2]);
	spool_taken(s, number[0]);
	spool_taken(s, number[0]);
	spool_taken(s, 12345);
	assert_int_equal(spool_records(s), 2);
	assert_string_equal(drain(s, false), "b d");
	spool_taken(s, number[1]);
	spool_taken(s, number[3]);
	assert_int_equal(spool_bytes(s), 0);
	spool_taken(s, number[3]);
	spool_close(s);
}

static void
test_one_process_owns_it(void **state)
{
	struct spool *s = open_on(&spool_disk_real);
	struct err e = { 0 };

	(void)state;
	assert_null(spool_open(dir, MAX_BYTES, &spool_disk_real, &e));
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "another process"));
	spool_close(s);
	spool_close(open_on(&spool_disk_real));
}

static void
test_makes_its_folder(void **state)
{
	char deep[128], path[160];
	struct err e = { 0 };
	struct stat st;
	struct spool *s;

	(void)state;
	(void)snprintf(deep, sizeof(deep), "%s/x/y/", dir);
	s = spool_open(deep, MAX_BYTES, &spool_disk_real, &e);
	assert_non_null(s);
	spool_close(s);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)snprintf(path, sizeof(path), "%slock", deep);
	assert_null(spool_open(path, MAX_BYTES, &spool_disk_real, &e));
	assert_int_equal(e.fault, FAULT_FATAL);
	(void)unlink(path);
	(void)rmdir(deep);
	(void)snprintf(path, sizeof(path), "%s/x", dir);
	(void)rmdir(path);
}

static void
test_full(void **state)
{
	struct err e = { 0 };
	struct spool *s = spool_open(dir, 100, &spool_disk_real, &e);

	(void)state;
	add(s, "a");
	sync_ok(s);
	add(s, "b");
	add(s, "c");
	assert_int_equal(spool_add(s, STR("d"), &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	sync_ok(s);
	assert_int_equal(spool_add(s, STR("d"), &e), -1);
	assert_string_equal(drain(s, true), "a b c");
	add(s, "d");
	sync_ok(s);
	assert_string_equal(drain(s, true), "d");
	spool_close(s);
}

static void
test_segments_roll(void **state)
{
	size_t big = SPOOL_SEGMENT / 2 + 1000;
	char *p = calloc(1, big), path[512];
	struct spool *s = open_on(&spool_disk_real);
	struct err e = { 0 };

	(void)state;
	assert_non_null(p);
	for (int i = 0; i < 3; i++) {
		p[0] = (char)('a' + i);
		assert_int_equal(spool_add(s, (struct str){ p, big }, &e), 0);
	}
	sync_ok(s);
	assert_int_equal(files(".spool", path), 3);
	spool_close(s);
	s = open_on(&spool_disk_real);
	assert_int_equal(spool_records(s), 3);
	assert_string_equal(drain(s, true), "a b c");
	assert_int_equal(files(".spool", path), 0);
	spool_close(s);
	free(p);
}

/* ---- damage ----------------------------------------------------------- */

struct image {
	char path[512];
	char *bytes;
	size_t len;
};

static struct image
image_take(void)
{
	struct image im;
	struct stat st;
	int fd;

	assert_int_equal(files(".spool", im.path), 1);
	fd = open(im.path, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	im.len = (size_t)st.st_size;
	im.bytes = malloc(im.len);
	assert_non_null(im.bytes);
	assert_int_equal(read(fd, im.bytes, im.len), im.len);
	close(fd);
	return im;
}

static void
image_write(const struct image *im, size_t len)
{
	int fd = open(im->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, im->bytes, len), len);
	close(fd);
}

static const size_t ends[] = { 32, 72, 104 }; /* of "a", "bb...", "c" */

static struct image
three_records(void)
{
	struct spool *s = open_on(&spool_disk_real);

	add(s, "a");
	add(s, "bbbbbbbbbbbbbb");
	add(s, "c");
	sync_ok(s);
	spool_close(s);
	return image_take();
}

/* Cut anywhere: what is whole is given, and nothing is called damaged. */
static void
test_torn_at_every_byte(void **state)
{
	static const char *const want[] = { "", "a", "a bbbbbbbbbbbbbb",
		"a bbbbbbbbbbbbbb c" };
	struct image im = three_records();
	char path[512];

	(void)state;
	assert_int_equal(im.len, ends[2]);
	for (size_t cut = 0; cut <= im.len; cut++) {
		size_t whole = 0;
		struct spool *s;

		while (whole < NITEMS(ends) && ends[whole] <= cut)
			whole++;
		image_write(&im, cut);
		s = open_on(&spool_disk_real);
		assert_int_equal(spool_corrupt(s), 0);
		assert_int_equal(spool_records(s), whole);
		assert_string_equal(drain(s, false), want[whole]);
		add(s, "new");
		sync_ok(s);
		assert_non_null(strstr(drain(s, true), "new"));
		spool_close(s);
		assert_int_equal(files(".spool", path), 0);
	}
	assert_int_equal(files(".corrupt", path), 0);
	free(im.bytes);
}

/* Pages that were never written: zeros behind the last record. */
static void
test_zeros_behind(void **state)
{
	struct image im = three_records();
	struct spool *s;

	(void)state;
	im.bytes = realloc(im.bytes, im.len + 8000);
	memset(im.bytes + im.len, 0, 8000);
	image_write(&im, im.len + 8000);
	s = open_on(&spool_disk_real);
	assert_int_equal(spool_corrupt(s), 0);
	assert_string_equal(drain(s, true), "a bbbbbbbbbbbbbb c");
	spool_close(s);
	free(im.bytes);
}

/* A flipped bit anywhere: that record is lost and reported, no other. */
static void
test_damage_at_every_byte(void **state)
{
	static const char *const want[] = { "bbbbbbbbbbbbbb c", "a c",
		"a bbbbbbbbbbbbbb" };
	struct image im = three_records();

	(void)state;
	for (size_t at = 0; at < im.len; at++) {
		size_t hit = 0;
		struct spool *s;
		char path[512];
		struct stat st;

		while (ends[hit] <= at)
			hit++;
		im.bytes[at] = (char)(im.bytes[at] ^ 1 << at % 8);
		image_write(&im, im.len);
		im.bytes[at] = (char)(im.bytes[at] ^ 1 << at % 8);
		s = open_on(&spool_disk_real);
		if (spool_corrupt(s) != 1)
			fail_msg("byte %zu: %d damaged places", at,
			    (int)spool_corrupt(s));
		assert_string_equal(drain(s, true), want[hit]);
		spool_close(s);
		assert_int_equal(files(".corrupt", path), 1);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(
		    st.st_size, ends[hit] - (hit > 0 ? ends[hit - 1] : 0));
		assert_int_equal(unlink(path), 0);
		assert_int_equal(files(".spool", path), 0);
	}
	free(im.bytes);
}

/* Damaged while it is read, after it was found whole. */
static void
test_damage_between_start_and_drain(void **state)
{
	struct image im = three_records();
	struct spool *s = open_on(&spool_disk_real);
	char path[512];

	(void)state;
	assert_int_equal(spool_records(s), 3);
	im.bytes[30]++;
	im.bytes[100]++;
	image_write(&im, im.len);
	assert_string_equal(drain(s, true), "bbbbbbbbbbbbbb");
	assert_int_equal(spool_corrupt(s), 2);
	assert_int_equal(spool_bytes(s), 0);
	assert_int_equal(files(".corrupt", path), 2);
	spool_close(s);
	free(im.bytes);
}

/* A body made to look like a record does not become one by damage. */
static void
test_forged_record_in_a_body(void **state)
{
	char forged[32] = "LSP1", body[40];
	struct spool *s = open_on(&spool_disk_real);
	struct err e = { 0 };
	struct str p;
	uint64_t number = 2;
	uint32_t sum;
	size_t size;
	struct image im;

	(void)state;
	memcpy(forged + 24, "EVIL", 4);
	sum = crc32c(0, forged + 24, 8);
	memcpy(forged + 4, &sum, 4);
	forged[8] = 4;
	memcpy(forged + 16, &number, 8);
	sum = crc32c(crc32c(0, forged + 8, 4), forged + 16, 8);
	memcpy(forged + 12, &sum, 4);
	assert_int_equal(
	    spool_record_parse((struct str){ forged, 32 }, &p, &number, &size),
	    1);
	memset(body, 'x', sizeof(body));
	memcpy(body + 8, forged, sizeof(forged));
	assert_int_equal(
	    spool_add(s, (struct str){ body, sizeof(body) }, &e), 0);
	add(s, "after");
	sync_ok(s);
	spool_close(s);

	im = image_take();
	im.bytes[9]++; /* the outer record's length */
	image_write(&im, im.len);
	s = open_on(&spool_disk_real);
	assert_string_equal(drain(s, true), "after");
	assert_int_equal(spool_corrupt(s), 1);
	spool_close(s);
	free(im.bytes);
}

static void
test_foreign_files_are_left_alone(void **state)
{
	struct image im = three_records();
	struct spool *s;
	char path[512];

	(void)state;
	(void)snprintf(im.path, sizeof(im.path), "%s/stores.cache", dir);
	image_write(&im, im.len);
	(void)snprintf(im.path, sizeof(im.path),
	    "%s/00000007-000000000000000g.spool", dir);
	image_write(&im, im.len);
	s = open_on(&spool_disk_real);
	assert_string_equal(drain(s, true), "a bbbbbbbbbbbbbb c");
	add(s, "d");
	sync_ok(s);
	spool_close(s);
	assert_int_equal(files("g.spool", path), 1);
	assert_int_equal(files("stores.cache", path), 1);
	free(im.bytes);
}

/* ---- a disk that fails ------------------------------------------------ */

/* After `countdown` calls of a kind, the next n fail. */
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
	size_t write_most; /* a short write; 0: none */
	off_t bad_sector;  /* EIO for reads that touch it; -1: none */
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
		/* Half of it gets there. */
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

	/* What failed to sync once must not be trusted with a second try;
	 * names are not used twice, descriptors are. */
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
	s = open_on(&bad_disk);
	add(s, "a");
	sync_ok(s);
	add(s, "b");
	add(s, "c");
	plan.sync.n = 1;
	sync_ok(s);
	assert_int_equal(spool_faults(s), 1);
	add(s, "d");
	sync_ok(s);
	assert_string_equal(drain(s, false), "a b c d");
	spool_close(s);
	s = open_on(&bad_disk);
	assert_string_equal(drain(s, true), "a b c d");
	spool_close(s);
}

static void
test_failed_write_moves_to_a_new_segment(void **state)
{
	struct spool *s;

	(void)state;
	plan_reset();
	s = open_on(&bad_disk);
	add(s, "a");
	sync_ok(s);
	add(s, "b");
	plan.write.n = 1;
	sync_ok(s);
	assert_string_equal(drain(s, false), "a b");
	spool_close(s);
	s = open_on(&bad_disk);
	assert_string_equal(drain(s, true), "a b");
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
	s = open_on(&bad_disk);
	add(s, "a");
	sync_ok(s);
	plan.write_errno = ENOSPC;
	for (int i = 0; i < 10; i++) {
		plan.write.n = 2;
		add(s, "refused");
		assert_int_equal(spool_sync(s, &e), -1);
		assert_int_equal(e.fault, FAULT_RETRY);
		assert_non_null(strstr(e.msg, strerror(ENOSPC)));
	}
	/* Nothing piles up. */
	assert_int_equal(files(".spool", path), 1);
	assert_int_equal(spool_records(s), 1);
	add(s, "b");
	sync_ok(s);
	assert_string_equal(drain(s, true), "a b");
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
	s = open_on(&bad_disk);
	plan.sync_dir.n = 1;
	add(s, "refused");
	assert_int_equal(spool_sync(s, &e), -1);
	assert_int_equal(files(".spool", path), 0);
	add(s, "a");
	sync_ok(s);
	assert_string_equal(drain(s, true), "a");
	spool_close(s);
}

static void
test_short_writes(void **state)
{
	struct spool *s;

	(void)state;
	plan_reset();
	plan.write_most = 7;
	s = open_on(&bad_disk);
	add(s, "aaaaaaaaaaaaaaaaaaaaaaaaa");
	add(s, "b");
	sync_ok(s);
	plan.write_errno = EINTR;
	plan.write = (struct fault_plan){ .countdown = 2, .n = 3 };
	plan.read.n = 2;
	add(s, "c");
	sync_ok(s);
	assert_string_equal(drain(s, true), "aaaaaaaaaaaaaaaaaaaaaaaaa b c");
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
	s = open_on(&bad_disk);
	for (int i = 0; i < 4; i++) {
		memset(big, 'a' + i, 20);
		big[20] = ' ';
		assert_int_equal(
		    spool_add(s, (struct str){ big, sizeof(big) }, &e), 0);
	}
	sync_ok(s);
	spool_close(s);
	plan.bad_sector = 8192; /* in the second alone */
	s = open_on(&bad_disk);
	assert_int_equal(spool_corrupt(s), 1);
	assert_int_equal(spool_records(s), 3);
	spool_close(s);
}

/* ---- all of it, at random --------------------------------------------- */

enum {
	RECORDS_MAX = 8000
};

/* What must hold of record i. */
enum fate {
	FATE_NONE = 0,
	FATE_UNKNOWN, /* refused, or the process died: may be there */
	FATE_SAFE,    /* confirmed: must be there until taken */
	FATE_TAKEN,   /* must not stop anything; may be given again */
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
	s = open_on(&bad_disk);
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
		s = open_on(&bad_disk);
		assert_int_equal(spool_corrupt(s), 0);
		check_all_safe_are_given(s);
	}
	plan_reset();
	check_all_safe_are_given(s);
	spool_close(s);
}

/* ---- kill -9 ---------------------------------------------------------- */

/* Appends, and after each sync says in shared memory how far it is. */
static void
writer(volatile int *confirmed)
{
	struct err e;
	struct spool *s = spool_open(dir, MAX_BYTES, &spool_disk_real, &e);
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
		s = open_on(&spool_disk_real);
		assert_int_equal(spool_corrupt(s), 0);
		check_all_safe_are_given(s);
		spool_close(s);
	}
	print_message(
	    "%d records confirmed over %d kills\n", *confirmed, KILLS);
	assert_true(*confirmed > 0);
	munmap((void *)(uintptr_t)confirmed, 4096);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_make, dir_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_restart_gives_all_that_waited),
		TEST(test_taken_in_any_order),
		TEST(test_one_process_owns_it),
		TEST(test_makes_its_folder),
		TEST(test_full),
		TEST(test_segments_roll),
		TEST(test_torn_at_every_byte),
		TEST(test_zeros_behind),
		TEST(test_damage_at_every_byte),
		TEST(test_damage_between_start_and_drain),
		TEST(test_forged_record_in_a_body),
		TEST(test_foreign_files_are_left_alone),
		TEST(test_failed_sync_moves_to_a_new_segment),
		TEST(test_failed_write_moves_to_a_new_segment),
		TEST(test_no_space),
		TEST(test_no_new_segment),
		TEST(test_short_writes),
		TEST(test_unreadable_sector),
		TEST(test_random_life),
		TEST(test_kill),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
