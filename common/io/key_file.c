/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "io/key_file.h"

enum {
	DIGITS = 2 * MASTER_KEY_SIZE,
	FILE_SIZE = DIGITS + 1, /* and a line feed */
};

/* Fewer than 256 bytes come whole or not at all. */
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

/* A key that is in the file but not on the disk is worse than none. */
static int
key_save(int fd, const char *path, const char *text, struct err *e)
{
	ssize_t n = write(fd, text, FILE_SIZE);

	if (n != FILE_SIZE)
		return err_set(e, FAULT_FATAL, "%s: cannot write the key: %s",
		    path, n == -1 ? strerror(errno) : "no space left");
	if (fchmod(fd, 0600) == -1 || fsync(fd) == -1)
		return err_set(e, FAULT_FATAL, "%s: cannot keep the key: %s",
		    path, strerror(errno));
	return 0;
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
	if (fd == -1 && errno == EEXIST)
		rc = err_set(e, FAULT_FATAL,
		    "%s is there already and is left as it is: what was "
		    "encrypted with its key opens with no other. Choose "
		    "another name",
		    path);
	else if (fd == -1)
		rc = err_set(e, FAULT_FATAL, "cannot make %s: %s", path,
		    strerror(errno));
	else
		rc = key_save(fd, path, text, e);
	explicit_bzero(text, sizeof(text));
	if (fd != -1)
		(void)close(fd); /* it is synced */
	if (fd != -1 && rc == -1)
		(void)unlink(path); /* ours: O_EXCL made it */
	return rc;
}

/* Opens the file if it is one that only its owner can use. */
static int
key_open(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return err_set(e, FAULT_FATAL,
		    "cannot open the master key %s: %s. Make one with: "
		    "loyald key new FILE",
		    path, strerror(errno));
	if (fstat(fd, &st) == -1)
		(void)err_set(e, FAULT_FATAL, "cannot look at %s: %s", path,
		    strerror(errno));
	else if (!S_ISREG(st.st_mode))
		(void)err_set(e, FAULT_FATAL, "%s is no regular file", path);
	else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		(void)err_set(e, FAULT_FATAL,
		    "%s may be used by others than its owner (mode %04o): "
		    "chmod 600 it, and make a new key if others had it",
		    path, st.st_mode & 07777);
	else
		return fd;
	(void)close(fd);
	return -1;
}

int
key_load(const char *path, struct master_key *out, struct err *e)
{
	char text[FILE_SIZE + 1]; /* one more, to see that there is no more */
	struct master_key key;
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
		    "and a line feed. Make one with: loyald key new FILE",
		    path, DIGITS);
	else
		*out = key;
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&key, sizeof(key));
	(void)close(fd);
	return rc;
}
