/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "io/key_file.h"
#include "io/secret_file.h"

enum {
	DIGITS = 2 * MASTER_KEY_SIZE,
	FILE_SIZE = DIGITS + 1, /* bytes, with the line feed */
};

/* Makes a random key.  A request for up to 256 bytes is never answered in part,
 * so a single getrandom() is enough. */
static int
key_text(char text[FILE_SIZE + 1], struct err *e)
{
	uint8_t key[MASTER_KEY_SIZE];

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return err_set(e, FAULT_FATAL,
		    "the system gives no random bytes: %s", strerror(errno));
	hex_encode(key, sizeof(key), text);
	text[DIGITS] = '\n';
	explicit_bzero(key, sizeof(key));
	return 0;
}

/* Writes and syncs the file.  If a key were lost in a crash, the secrets sealed
 * with it could not be opened any more. */
static int
key_save(int fd, const char *path, const char *text, struct err *e)
{
	ssize_t n = write(fd, text, FILE_SIZE);

	if (n != FILE_SIZE)
		return err_set(e, FAULT_FATAL,
		    "%s: cannot write the key: %s. Nothing was made; free some "
		    "space, or name a file on another disk",
		    path, strerror(n == -1 ? errno : ENOSPC));
	if (fchmod(fd, 0600) == -1 || fsync(fd) == -1)
		return err_set(e, FAULT_FATAL, "%s: cannot keep the key: %s",
		    path, strerror(errno));
	return 0;
}

/* Reasons why the file cannot be made, by errno of open(). */
static const struct {
	int why;
	const char *hint;
} hints[] = {
	{ ENOENT, "its folder is not there. Make that first, with mode 0700" },
	{ ENOTDIR, "a part of its path is a file and no folder" },
	{ EACCES, "its folder may not be written" },
	{ EROFS, "its folder is mounted read-only" },
	{ ENOSPC, "the disk is full" },
	{ ELOOP, "it is a link: name the file itself" },
};

static int
cannot_make(const char *path, int why, struct err *e)
{
	const char *hint = strerror(why);
	struct stat st;

	if (why == EISDIR ||
	    (why == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return err_set(e, FAULT_FATAL,
		    "%s is a folder: name a file in it, such as %s/key", path,
		    path);
	if (why == EEXIST)
		return err_set(e, FAULT_FATAL,
		    "%s is there already and is left as it is: what was "
		    "encrypted with its key opens with no other. Choose "
		    "another name",
		    path);
	for (size_t i = 0; i < NITEMS(hints); i++)
		if (hints[i].why == why)
			hint = hints[i].hint;
	return err_set(e, FAULT_FATAL, "cannot make %s as user %u: %s", path,
	    (unsigned)geteuid(), hint);
}

int
key_create(const char *path, struct err *e)
{
	char text[FILE_SIZE + 1];
	int fd, rc;

	if (key_text(text, e) == -1)
		return -1;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		rc = cannot_make(path, errno, e);
	else
		rc = key_save(fd, path, text, e);
	explicit_bzero(text, sizeof(text));
	if (fd != -1)
		(void)close(fd); /* key_save() has synced the file */
	if (fd != -1 && rc == -1)
		(void)unlink(path); /* O_EXCL: this call has made the file */
	return rc;
}

/* Opens the file, and checks by secret_file_check() that nobody else may read
 * it. */
static int
key_open(const char *path, struct err *e)
{
	int fd = file_open(path, e);
	struct stat st;

	if (fd == -1 && errno == ENOENT)
		return err_set(e, FAULT_FATAL,
		    "there is no master key %s: is it the right name, is its "
		    "folder mounted? The first time, make one with: loyald "
		    "key new %s",
		    path, path);
	if (fd == -1) {
		e->fault = FAULT_FATAL;
		return -1;
	}
	if (fstat(fd, &st) == -1)
		(void)err_set(e, FAULT_FATAL, "cannot look at %s: %s", path,
		    strerror(errno));
	else if (!S_ISREG(st.st_mode))
		(void)err_set(e, FAULT_FATAL,
		    S_ISDIR(st.st_mode)
		        ? "%s is a folder and no regular file: name the "
		          "master key in it"
		        : "%s is no regular file, and so no master key",
		    path);
	else if (secret_file_check(fd, path, e) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* Says how a mistyped key is wrong, without repeating any of its text. */
static const char *
what_is_off(const char *text, size_t n)
{
	size_t digits = 0;

	while (digits < n && strchr("0123456789abcdefABCDEF", text[digits]) &&
	       text[digits] != '\0')
		digits++;
	if (n == 0)
		return "it is empty";
	if (digits == DIGITS && n == DIGITS)
		return "the line feed is missing";
	if (digits == DIGITS && text[DIGITS] == '\r')
		return "its line ends as Windows does it";
	if (digits > DIGITS || (digits == DIGITS && n > FILE_SIZE))
		return "it holds more";
	if (digits < DIGITS && digits + 1 == n && text[digits] == '\n')
		return "it holds fewer";
	return "it holds something else";
}

int
key_load(const char *path, struct master_key *out, struct err *e)
{
	char text[FILE_SIZE + 1]; /* a byte more, to notice a longer file */
	struct master_key key = { 0 };
	int fd = key_open(path, e);
	ssize_t n;
	int rc = 0;

	if (fd == -1)
		return -1;
	n = read(fd, text, sizeof(text));
	if (n == -1)
		rc = err_set(e, FAULT_FATAL, "cannot read %s: %s", path,
		    strerror(errno));
	else if (n != FILE_SIZE || text[DIGITS] != '\n' ||
	         hex_decode((struct str){ text, DIGITS }, key.bytes,
	             MASTER_KEY_SIZE) == -1)
		rc = err_set(e, FAULT_FATAL,
		    "%s is no master key: it must hold %d hexadecimal digits "
		    "and a line feed, and %s. Copy it again from where it is "
		    "kept; loyald key new FILE makes one that opens nothing "
		    "that is there",
		    path, DIGITS, what_is_off(text, (size_t)n));
	else
		*out = key;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&key, sizeof(key));
	(void)close(fd);
	return rc;
}
