/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/key_file.h"
#include "io/pg/pg.h"
#include "io/redis/redis.h"
#include "io/secret_file.h"
#include "io/settings.h"

static int
redis_check(const char *value, struct err *e)
{
	struct redis_url url;

	if (redis_url_parse(value, &url, e) == -1)
		return err_wrap(e, "LOYALD_REDIS_URL");
	explicit_bzero(&url, sizeof(url));
	return 0;
}

static int
key_check(const char *value, struct err *e)
{
	struct master_key key;

	if (key_load(value, &key, e) == -1)
		return err_wrap(e, "LOYALD_KEY_FILE");
	explicit_bzero(&key, sizeof(key));
	return 0;
}

/* Reads a file of settings.  The values of settings point into its memory,
 * which is therefore never freed. */
static int
file_open_and_parse(
    const char *path, int fd, struct env_file *out, struct faults *faults)
{
	static struct arena memory;
	struct str text;
	struct err e;

	arena_init(&memory);
	if (secret_file_check(fd, path, &e) == -1)
		faults_add(faults, FAULT_NONE, "%s", e.msg);
	if (file_take(&memory, fd, path, ENV_FILE_MAX, &text, &e) == -1) {
		faults_add(
		    faults, FAULT_CONFIG, "the file of settings: %s", e.msg);
		return -1;
	}
	env_file_parse(&memory, path, text, out, faults);
	return 0;
}

static int
file_read_settings(
    const char *path, struct env_file *out, struct faults *faults)
{
	struct err e;
	int fd = file_open(path, &e);

	if (fd != -1)
		return file_open_and_parse(path, fd, out, faults);
	faults_add(faults, FAULT_CONFIG, "the file of settings: %s", e.msg);
	return -1;
}

static const struct config_form forms[] = {
	{ "LOYALD_DATABASE_URL", pg_url_check, .if_needed = false },
	{ "LOYALD_REDIS_URL", redis_check, .if_needed = false },
	{ "LOYALD_KEY_FILE", key_check, .if_needed = true },
	{ 0 },
};

const struct config_judge settings_judge = { forms, file_read_settings };
