/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

enum {
	PIPE_MS = 3000 /* longest wait for a writer to open a pipe */
};

/* Reads n bytes, fewer only at the end of the file. */
static ssize_t
read_all(int fd, char *to, size_t n)
{
	size_t len = 0;

	while (len < n) {
		ssize_t got = read(fd, to + len, n - len);

		if (got == 0)
			break;
		if (got == -1 && errno != EINTR)
			return -1;
		if (got > 0)
			len += (size_t)got;
	}
	return (ssize_t)len;
}

/* Says in *e that a file may not be read.  Names the owner of the file, if the
 * folders on its path may be entered. */
static int
may_not_read(const char *path, struct err *e)
{
	unsigned we = geteuid();
	struct stat st;

	if (stat(path, &st) == -1)
		return err_set(e, FAULT_REJECT,
		    "cannot read %s as user %u: permission denied on a folder "
		    "of its path. Let user %u enter it, or run loyald as the "
		    "file's owner",
		    path, we, we);
	return err_set(e, FAULT_REJECT,
	    "cannot read %s as user %u: permission denied, it is user %u's "
	    "with mode %04o. chown %u it, or run loyald as user %u",
	    path, we, (unsigned)st.st_uid, st.st_mode & 07777U, we,
	    (unsigned)st.st_uid);
}

static int
cannot_read(const char *path, int why, struct err *e)
{
	return err_set(e, FAULT_REJECT, "cannot read %s: %s", path,
	    why == ENOENT ? "there is no such file. Correct the name, or make "
	                    "the file"
	    : why == EISDIR ? "it is a folder. Name a file in it"
	                    : strerror(why));
}

/* Waits until somebody has opened the pipe to write, at most PIPE_MS.  Reading
 * then waits for the writer; without a writer the pipe is empty. */
static void
pipe_wait(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		(void)poll(&p, 1, PIPE_MS);
}

int
file_open(const char *path, struct err *e)
{
	/* Without O_NONBLOCK, opening a pipe without a writer waits for
	 * ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int why = errno;

	if (fd != -1) {
		pipe_wait(fd);
		(void)fcntl(fd, F_SETFL, 0);
		return fd;
	}
	if (why == EACCES || why == EPERM)
		(void)may_not_read(path, e);
	else
		(void)cannot_read(path, why, e);
	errno = why;
	return -1;
}

int
file_take(struct arena *a, int fd, const char *path, size_t max,
    struct str *out, struct err *e)
{
	char *data = arena_alloc(a, max + 1);
	ssize_t n = read_all(fd, data, max + 1);

	if (n == -1)
		(void)cannot_read(path, errno, e);
	else if ((size_t)n > max)
		err_set(
		    e, FAULT_REJECT, "%s: longer than %zu bytes", path, max);
	(void)close(fd);
	if (n == -1 || (size_t)n > max)
		return -1;
	*out = (struct str){ data, (size_t)n };
	return 0;
}

int
file_read(struct arena *a, const char *path, size_t max, struct str *out,
    struct err *e)
{
	int fd = file_open(path, e);

	return fd == -1 ? -1 : file_take(a, fd, path, max, out, e);
}
