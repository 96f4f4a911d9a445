/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/spool_dir.h"
#include "../support/test.h"
#include "base/cc.h"
#include "io/crc32c.h"

/* ---- plain life ------------------------------------------------------- */

static void
test_round_trip(void **state)
{
	struct spool *s = spool_open_on(&spool_disk_real);
	char path[512];

	(void)state;
	assert_string_equal(spool_all(s, false), "");
	spool_add_text(s, "a");
	spool_add_text(s, "");
	spool_add_text(s, "ccccccccc");
	assert_string_equal(spool_all(s, false), ""); /* not durable yet */
	assert_int_equal(spool_records(s), 0);
	spool_sync_ok(s);
	assert_int_equal(spool_records(s), 3);
	assert_int_equal(spool_bytes(s), 32 + 24 + 40);
	assert_string_equal(spool_all(s, false), "a  ccccccccc");
	spool_add_text(s, "d");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, true), "a  ccccccccc d");
	assert_int_equal(spool_records(s), 0);
	assert_int_equal(spool_bytes(s), 0);
	assert_int_equal(spool_files(".spool", path), 0);
	spool_add_text(s, "e");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, true), "e");
	spool_close(s);
}

static void
test_restart_gives_all_that_waited(void **state)
{
	struct spool *s = spool_open_on(&spool_disk_real);

	(void)state;
	spool_add_text(s, "a");
	spool_add_text(s, "b");
	spool_sync_ok(s);
	spool_add_text(s, "never synced");
	spool_close(s);

	s = spool_open_on(&spool_disk_real);
	assert_int_equal(spool_records(s), 2);
	spool_add_text(s, "c");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, false), "a b c");
	spool_close(s);

	s = spool_open_on(&spool_disk_real);
	assert_string_equal(spool_all(s, true), "a b c");
	spool_close(s);
	s = spool_open_on(&spool_disk_real);
	assert_string_equal(spool_all(s, true), "");
	spool_close(s);
}

/* Checks that the oldest record is the first that was not taken yet, and that
 * peeking at the record changes nothing. */
static void
test_oldest(void **state)
{
	struct spool *s = spool_open_on(&spool_disk_real);
	struct str payload;
	uint64_t number, first;
	struct err e;

	(void)state;
	assert_int_equal(spool_oldest(s), 0);
	spool_add_text(s, "a");
	assert_int_equal(spool_oldest(s), 0); /* not durable yet */
	spool_add_text(s, "b");
	spool_sync_ok(s);
	first = spool_oldest(s);
	assert_int_equal(spool_next(s, &payload, &number, &e), 1);
	assert_int_equal(number, first);
	assert_int_equal(spool_next(s, &payload, &number, &e), 1);
	spool_taken(s, number);
	assert_int_equal(spool_oldest(s), first);
	assert_int_equal(spool_peek(s, first, &payload, &e), 1);
	assert_true(str_eq(payload, STR("a")));
	assert_int_equal(spool_next(s, &payload, &number, &e), 0);
	spool_rewind(s);
	assert_string_equal(spool_all(s, true), "a");
	assert_int_equal(spool_oldest(s), 0);
	spool_add_text(s, "c");
	spool_sync_ok(s);
	assert_int_equal(spool_peek(s, spool_oldest(s), &payload, &e), 1);
	assert_true(str_eq(payload, STR("c")));
	spool_close(s);
}

static void
test_taken_in_any_order(void **state)
{
	struct spool *s = spool_open_on(&spool_disk_real);
	uint64_t number[4];
	struct err e = { 0 };
	struct str p;

	(void)state;
	spool_add_text(s, "a");
	spool_add_text(s, "b");
	spool_add_text(s, "c");
	spool_add_text(s, "d");
	spool_sync_ok(s);
	for (size_t i = 0; i < NITEMS(number); i++)
		assert_int_equal(spool_next(s, &p, &number[i], &e), 1);
	assert_int_equal(spool_next(s, &p, &number[0], &e), 0);
	spool_taken(s, number[2]);
	spool_taken(s, number[0]);
	spool_taken(s, number[0]);
	spool_taken(s, 12345);
	assert_int_equal(spool_records(s), 2);
	assert_string_equal(spool_all(s, false), "b d");
	spool_taken(s, number[1]);
	spool_taken(s, number[3]);
	assert_int_equal(spool_bytes(s), 0);
	spool_taken(s, number[3]);
	spool_close(s);
}

static void
test_one_process_owns_it(void **state)
{
	struct spool *s = spool_open_on(&spool_disk_real);
	struct err e = { 0 };

	(void)state;
	assert_null(
	    spool_open(spool_dir, SPOOL_TEST_MAX, &spool_disk_real, &e));
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "another process"));
	spool_close(s);
	spool_close(spool_open_on(&spool_disk_real));
}

/* Checks that no folder is made for a mistyped path, and that no parent folders
 * are made for a folder that was removed. */
static void
test_makes_no_folder(void **state)
{
	char deep[128], path[160];
	struct err e = { 0 };
	struct stat st;
	struct spool *s;

	(void)state;
	(void)snprintf(deep, sizeof(deep), "%s/x/", spool_dir);
	assert_null(spool_open(deep, SPOOL_TEST_MAX, &spool_disk_real, &e));
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_non_null(strstr(e.msg, "install -d -m 700"));
	assert_non_null(strstr(e.msg, deep));
	assert_int_equal(stat(deep, &st), -1);
	assert_int_equal(spool_check(deep, &e), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);
	(void)snprintf(path, sizeof(path), "%sy", deep);
	assert_int_equal(spool_make(path, &e), -1);
	assert_int_equal(stat(deep, &st), -1);

	assert_int_equal(spool_make(deep, &e), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(spool_check(deep, &e), 0);
	s = spool_open(deep, SPOOL_TEST_MAX, &spool_disk_real, &e);
	assert_non_null(s);
	assert_int_equal(spool_check(deep, &e), 0);
	spool_close(s);
	(void)snprintf(path, sizeof(path), "%slock", deep);
	assert_null(spool_open(path, SPOOL_TEST_MAX, &spool_disk_real, &e));
	assert_int_equal(e.fault, FAULT_FATAL);
	assert_int_equal(spool_check(path, &e), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);
	(void)unlink(path);
	assert_int_equal(rmdir(deep), 0);
}

static void
test_full(void **state)
{
	struct err e = { 0 };
	struct spool *s = spool_open(spool_dir, 100, &spool_disk_real, &e);

	(void)state;
	spool_add_text(s, "a");
	spool_sync_ok(s);
	spool_add_text(s, "b");
	spool_add_text(s, "c");
	assert_int_equal(spool_add(s, STR("d"), &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	spool_sync_ok(s);
	assert_int_equal(spool_add(s, STR("d"), &e), -1);
	assert_string_equal(spool_all(s, true), "a b c");
	spool_add_text(s, "d");
	spool_sync_ok(s);
	assert_string_equal(spool_all(s, true), "d");
	spool_close(s);
}

static void
test_segments_roll(void **state)
{
	size_t big = SPOOL_SEGMENT / 2 + 1000;
	char *p = calloc(1, big), path[512];
	struct spool *s = spool_open_on(&spool_disk_real);
	struct err e = { 0 };

	(void)state;
	assert_non_null(p);
	for (int i = 0; i < 3; i++) {
		p[0] = (char)('a' + i);
		assert_int_equal(spool_add(s, (struct str){ p, big }, &e), 0);
	}
	spool_sync_ok(s);
	assert_int_equal(spool_files(".spool", path), 3);
	spool_close(s);
	s = spool_open_on(&spool_disk_real);
	assert_int_equal(spool_records(s), 3);
	assert_string_equal(spool_all(s, true), "a b c");
	assert_int_equal(spool_files(".spool", path), 0);
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

	assert_int_equal(spool_files(".spool", im.path), 1);
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

static const size_t ends[] = { 32, 72, 104 }; /* ends of "a", "bb...", "c" */

static struct image
three_records(void)
{
	struct spool *s = spool_open_on(&spool_disk_real);

	spool_add_text(s, "a");
	spool_add_text(s, "bbbbbbbbbbbbbb");
	spool_add_text(s, "c");
	spool_sync_ok(s);
	spool_close(s);
	return image_take();
}

/* Checks a file that is cut off at any byte: all complete records are given,
 * and none is reported as damaged. */
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
		s = spool_open_on(&spool_disk_real);
		assert_int_equal(spool_corrupt(s), 0);
		assert_int_equal(spool_records(s), whole);
		assert_string_equal(spool_all(s, false), want[whole]);
		spool_add_text(s, "new");
		spool_sync_ok(s);
		assert_non_null(strstr(spool_all(s, true), "new"));
		spool_close(s);
		assert_int_equal(spool_files(".spool", path), 0);
	}
	assert_int_equal(spool_files(".corrupt", path), 0);
	free(im.bytes);
}

/* Checks that zeros behind the last record, as from pages that were never
 * written, are ignored. */
static void
test_zeros_behind(void **state)
{
	struct image im = three_records();
	struct spool *s;

	(void)state;
	im.bytes = realloc(im.bytes, im.len + 8000);
	memset(im.bytes + im.len, 0, 8000);
	image_write(&im, im.len + 8000);
	s = spool_open_on(&spool_disk_real);
	assert_int_equal(spool_corrupt(s), 0);
	assert_string_equal(spool_all(s, true), "a bbbbbbbbbbbbbb c");
	spool_close(s);
	free(im.bytes);
}

/* Checks that a flipped bit at any place loses one record, which is reported,
 * and no other record. */
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
		s = spool_open_on(&spool_disk_real);
		if (spool_corrupt(s) != 1)
			fail_msg("byte %zu: %d damaged places", at,
			    (int)spool_corrupt(s));
		assert_string_equal(spool_all(s, true), want[hit]);
		spool_close(s);
		assert_int_equal(spool_files(".corrupt", path), 1);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(
		    st.st_size, ends[hit] - (hit > 0 ? ends[hit - 1] : 0));
		assert_int_equal(unlink(path), 0);
		assert_int_equal(spool_files(".spool", path), 0);
	}
	free(im.bytes);
}

/* Checks a file that is damaged after the spool was opened. */
static void
test_damage_between_start_and_drain(void **state)
{
	struct image im = three_records();
	struct spool *s = spool_open_on(&spool_disk_real);
	char path[512];

	(void)state;
	assert_int_equal(spool_records(s), 3);
	im.bytes[30]++;
	im.bytes[100]++;
	image_write(&im, im.len);
	assert_string_equal(spool_all(s, true), "bbbbbbbbbbbbbb");
	assert_int_equal(spool_corrupt(s), 2);
	assert_int_equal(spool_bytes(s), 0);
	assert_int_equal(spool_files(".corrupt", path), 2);
	spool_close(s);
	free(im.bytes);
}

/* Checks the checksum against an example of RFC 3720, in one piece and in
 * two. */
static void
test_checksum(void **state)
{
	static const char zeros[32];

	(void)state;
	assert_int_equal(crc32c(0, zeros, 32), 0x8a9136aa);
	assert_int_equal(crc32c(crc32c(0, zeros, 5), zeros, 27), 0x8a9136aa);
}

/* Checks that a body which looks like a record is not read as a record if the
 * record around it is damaged. */
static void
test_forged_record_in_a_body(void **state)
{
	char forged[32] = "LSP1", body[40];
	struct spool *s = spool_open_on(&spool_disk_real);
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
	spool_add_text(s, "after");
	spool_sync_ok(s);
	spool_close(s);

	im = image_take();
	im.bytes[9]++; /* the outer record's length */
	image_write(&im, im.len);
	s = spool_open_on(&spool_disk_real);
	assert_string_equal(spool_all(s, true), "after");
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
	(void)snprintf(im.path, sizeof(im.path), "%s/stores.cache", spool_dir);
	image_write(&im, im.len);
	(void)snprintf(im.path, sizeof(im.path),
	    "%s/00000007-000000000000000g.spool", spool_dir);
	image_write(&im, im.len);
	s = spool_open_on(&spool_disk_real);
	assert_string_equal(spool_all(s, true), "a bbbbbbbbbbbbbb c");
	spool_add_text(s, "d");
	spool_sync_ok(s);
	spool_close(s);
	assert_int_equal(spool_files("g.spool", path), 1);
	assert_int_equal(spool_files("stores.cache", path), 1);
	free(im.bytes);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, spool_dir_make, spool_dir_remove)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_restart_gives_all_that_waited),
		TEST(test_oldest),
		TEST(test_taken_in_any_order),
		TEST(test_one_process_owns_it),
		TEST(test_makes_no_folder),
		TEST(test_full),
		TEST(test_segments_roll),
		TEST(test_torn_at_every_byte),
		TEST(test_zeros_behind),
		TEST(test_damage_at_every_byte),
		TEST(test_damage_between_start_and_drain),
		TEST(test_checksum),
		TEST(test_forged_record_in_a_body),
		TEST(test_foreign_files_are_left_alone),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
