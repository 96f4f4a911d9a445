/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool_dir.h"
#include "test.h"

char spool_dir[64];

int
spool_dir_make(void **state)
{
	(void)state;
	(void)snprintf(
	    spool_dir, sizeof(spool_dir), "/tmp/loyald-spool-XXXXXX");
	return mkdtemp(spool_dir) == NULL ? -1 : 0;
}

int
spool_dir_remove(void **state)
{
	char path[512];
	DIR *d = opendir(spool_dir);
	struct dirent *ent;

	(void)state;
	while (d != NULL && (ent = readdir(d)) != NULL) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", spool_dir, ent->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	return rmdir(spool_dir);
}

int
spool_files(const char *end, char path[512])
{
	DIR *d = opendir(spool_dir);
	struct dirent *ent;
	int n = 0;

	assert_non_null(d);
	while ((ent = readdir(d)) != NULL) {
		size_t len = strlen(ent->d_name);

		if (len < strlen(end) ||
		    strcmp(ent->d_name + len - strlen(end), end) != 0)
			continue;
		n++;
		(void)snprintf(path, 512, "%s/%s", spool_dir, ent->d_name);
	}
	closedir(d);
	return n;
}

struct spool *
spool_open_on(const struct spool_disk *disk)
{
	struct err e = { 0 };
	struct spool *s = spool_open(spool_dir, SPOOL_TEST_MAX, disk, &e);

	if (s == NULL)
		fail_msg("open: %s", e.msg);
	return s;
}

void
spool_add_text(struct spool *s, const char *text)
{
	struct err e = { 0 };

	if (spool_add(s, str_of(text), &e) == -1)
		fail_msg("add: %s", e.msg);
}

void
spool_sync_ok(struct spool *s)
{
	struct err e = { 0 };

	if (spool_sync(s, &e) == -1)
		fail_msg("sync: %s", e.msg);
}

const char *
spool_all(struct spool *s, bool take)
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
