/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/spool/spool.h"

/*
 * fuzz_spool: reads any bytes as a segment, which is one file of the spool.
 * The parser must stay inside the bytes, and a record that it accepts must be
 * whole.  Recovery must give only records of this file, with ascending numbers.
 * The spool must work afterwards.
 */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum {
	INPUT_MAX = 64 * 1024,
	BASE = 1, /* the first sequence number of the corpus' segments */
};

#define CHECK(what)                                                   \
	do {                                                          \
		if (!(what)) {                                        \
			fprintf(stderr, "%d: %s\n", __LINE__, #what); \
			abort();                                      \
		}                                                     \
	} while (0)

static void
parse(struct str bytes)
{
	struct str payload = { NULL, 0 };
	uint64_t number = 0;
	size_t size = 0;
	int r = spool_record_parse(bytes, &payload, &number, &size);

	CHECK(r == 1 || r == 0 || r == -1);
	if (r != 1)
		return;
	CHECK(size <= bytes.len && size % 8 == 0);
	CHECK(payload.data == bytes.data + SPOOL_HEADER);
	CHECK(payload.len <= size - SPOOL_HEADER);
	/* A record without its last byte counts as incomplete, and not as
	 * damaged. */
	bytes.len = size - 1;
	CHECK(spool_record_parse(bytes, &payload, &number, &size) == 0);
}

static void
folder_clear(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;

	CHECK(d != NULL);
	while ((ent = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), ent->d_name, 0);
	closedir(d);
}

static void
recover(const char *dir, struct str bytes)
{
	struct err e = { 0 };
	struct str payload;
	const char *last = bytes.data;
	uint64_t number, before = 0;
	struct spool *s = spool_open(dir, 1 << 30, &spool_disk_real, &e);
	int64_t n;
	int r;

	CHECK(s != NULL);
	for (n = 0; (r = spool_next(s, &payload, &number, &e)) == 1; n++) {
		const char *at = memmem(last,
		    (size_t)(bytes.data + bytes.len - last), payload.data,
		    payload.len);

		CHECK(at != NULL);
		last = at + payload.len;
		CHECK(number > before || n == 0);
		before = number;
	}
	CHECK(r == 0 && n == spool_records(s));
	CHECK(spool_add(s, STR("after"), &e) == 0);
	CHECK(spool_sync(s, &e) == 0);
	CHECK(spool_next(s, &payload, &number, &e) == 1);
	CHECK(str_eq(payload, STR("after")));
	spool_close(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str bytes = { (const char *)data, len };
	char dir[64], path[128];
	int fd;

	if (len > INPUT_MAX)
		return -1;
	parse(bytes);

	/* The folder is in memory, since this test needs no disk. */
	(void)snprintf(
	    dir, sizeof(dir), "/dev/shm/loyald-fuzz-spool-%d", (int)getpid());
	(void)snprintf(
	    path, sizeof(path), "%s/00000001-%016d.spool", dir, BASE);
	CHECK(mkdir(dir, 0700) == 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd != -1 && write(fd, data, len) == (ssize_t)len);
	close(fd);
	recover(dir, bytes);
	folder_clear(dir);
	(void)rmdir(dir);
	return 0;
}
