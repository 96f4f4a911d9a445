/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/child.h"

enum {
	CHILD_FD = 3, /* the child keeps only this file and files 0 to 2 */
};

NORETURN static void
child_become(child_run *run, void *arg, int fd, pid_t parent)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGPIPE };

	for (size_t i = 0; i < NITEMS(signals); i++)
		(void)signal(signals[i], SIG_IGN);
	/* The parent may have died before prctl(). */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(EXIT_WORLD);
	/* The child keeps no socket, no event loop and no lock of the spool. */
	if (dup2(fd, CHILD_FD) == -1)
		_exit(EXIT_WORLD);
	(void)close_range(CHILD_FD + 1, ~0U, 0);
	_exit(run(arg, CHILD_FD));
}

int
child_start(struct child *c, child_run *run, void *arg, struct err *e)
{
	pid_t parent = getpid(), pid;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == -1)
		return err_set(
		    e, FAULT_RETRY, "make sockets: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child_become(run, arg, fds[1], parent);
	close(fds[1]);
	if (pid == -1) {
		close(fds[0]);
		return err_set(
		    e, FAULT_RETRY, "start a process: %s", strerror(errno));
	}
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*c = (struct child){ .pid = pid, .fd = fds[0] };
	return 0;
}

int
child_stop(struct child *c)
{
	int status = 0;

	if (c->pid == 0)
		return -1;
	close(c->fd);
	(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		;
	c->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- messages ---------------------------------------------------------- */

/* Room for the one file that a message may carry, in the kernel's format. */
union wrap {
	struct cmsghdr head; /* here only to align `bytes` */
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int
more_file(struct str more)
{
	int file = memfd_create("more", MFD_CLOEXEC);
	size_t done = 0;

	while (file != -1 && done < more.len) {
		ssize_t n = write(file, more.data + done, more.len - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			close(file);
			return -1;
		}
	}
	return file;
}

/* Removes the const from a pointer, since the pointer in a struct iovec has
 * none.  sendmsg() does not change the bytes. */
static void *
unconst(const void *bytes)
{
	union {
		const void *in;
		void *out;
	} u = { .in = bytes };

	return u.out;
}

bool
child_send(int fd, const void *head, size_t n, struct str more)
{
	bool is_inline = more.len <= CHILD_INLINE_MAX;
	struct iovec parts[] = { { unconst(head), n },
		{ unconst(more.data), more.len } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = is_inline ? 2 : 1 };
	union wrap wrap = { 0 };
	int file = -1;
	ssize_t sent;

	if (!is_inline) {
		file = more_file(more);
		if (file == -1)
			return false;
		m.msg_control = wrap.bytes;
		m.msg_controllen = sizeof(wrap.bytes);
		wrap.head.cmsg_level = SOL_SOCKET;
		wrap.head.cmsg_type = SCM_RIGHTS;
		wrap.head.cmsg_len = CMSG_LEN(sizeof(file));
		memcpy(CMSG_DATA(&wrap.head), &file, sizeof(file));
	}
	do
		sent = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	if (file != -1)
		close(file);
	return sent != -1;
}

/* Reads a file without a name, and closes the file. */
static int
more_read(int file, struct arena *a, struct str *more)
{
	off_t size = lseek(file, 0, SEEK_END);
	char *bytes = size <= 0 ? NULL : arena_alloc(a, (size_t)size);
	off_t done = 0;

	while (done < size) {
		ssize_t n = pread(
		    file, bytes + done, (size_t)(size - done), done);

		if (n == 0 || (n == -1 && errno != EINTR))
			break;
		done += n == -1 ? 0 : n;
	}
	close(file);
	if (size <= 0 || done < size)
		return -1;
	*more = (struct str){ bytes, (size_t)size };
	return 0;
}

int
child_next(int fd, void *head, size_t n, struct arena *a, struct str *more)
{
	char *bytes = arena_alloc(a, CHILD_INLINE_MAX);
	struct iovec parts[] = { { head, n }, { bytes, CHILD_INLINE_MAX } };
	union wrap wrap = { 0 };
	struct msghdr m = { .msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = wrap.bytes,
		.msg_controllen = sizeof(wrap.bytes) };
	const struct cmsghdr *c;
	ssize_t got;
	int file;

	do
		got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (got == -1 && errno == EINTR);
	if (got == -1 && errno == EAGAIN)
		return 0;
	if (got < (ssize_t)n || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return -1;
	*more = (struct str){ bytes, (size_t)got - n };
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS) {
		memcpy(&file, CMSG_DATA(c), sizeof(file));
		if (more_read(file, a, more) == -1)
			return -1;
	}
	return 1;
}
