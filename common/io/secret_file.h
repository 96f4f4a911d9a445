/* SPDX-License-Identifier: MIT */
#ifndef IO_SECRET_FILE_H
#define IO_SECRET_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cc.h"
#include "base/err.h"
#include "base/str.h"

/*
 * secret_file: a file that holds a secret: the master key, a store's secret
 * or token, settings with passwords.  The check is who else may read it.
 *
 * Only its owner may, but for what platforms hand to a process that is
 * neither root nor the file's owner:
 *
 *  - Its group may read what root owns, or what is in memory (tmpfs, ramfs).
 *    Kubernetes mounts a secret as root:fsGroup, 0440; systemd's credentials
 *    are on ramfs with an access list, which shows as 0440; on a plain disk
 *    root chose the group, as for a certificate's key.
 *  - Everybody may read what is on a tmpfs that is mounted read-only.  A pod
 *    without fsGroup gets its secrets 0644, a Swarm service 0444, and both
 *    on a mount of their own that no process outside can see.  /dev/shm and
 *    /tmp are tmpfs too, and everybody's: they can be written.
 *
 * Nobody but the owner may write it.  Links are followed: a secret of
 * Kubernetes is one, to ..data/.
 */

/* A file's rights and place, which decide whether it is private. */
struct secret_place {
	mode_t mode;
	uid_t owner;
	bool in_memory; /* tmpfs or ramfs */
	bool read_only; /* its mount */
};
bool secret_is_private(const struct secret_place *);

/* FATAL if others may read the file, with what to do.  A file that is not a
 * regular one passes: a pipe from a shell, a terminal. */
int secret_file_check(int fd, const char *path, struct err *) MUST_CHECK;

/* Reads the whole file, at most max bytes, and warns if others may read it.
 * REJECT if it cannot be read or is longer. */
int secret_file_read(struct arena *, const char *path, size_t max, struct str *,
    struct err *) MUST_CHECK;

#endif /* IO_SECRET_FILE_H */
