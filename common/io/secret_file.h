/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * secret_file: checks who may read a file that holds a secret: the master key,
 * a store's secret or token, settings with passwords.
 *
 * Only the owner may read the file, with two exceptions, since orchestrators
 * give secrets also to processes that are neither root nor the file's owner:
 *
 *  - The group may read a file that root owns or that is in memory (tmpfs,
 *    ramfs).  Kubernetes mounts a secret as root:fsGroup, 0440.  systemd's
 *    credentials are on ramfs with an access list, which shows as 0440.  On a
 *    plain disk, root chose the group that may read the file, as root does for
 *    the key of a certificate.
 *  - Everybody may read a file on a tmpfs that is mounted read-only.  The
 *    secrets of a pod without fsGroup have mode 0644, those of a Swarm service
 *    0444.  In both cases the mount is private: no process outside sees it.
 *    /dev/shm and /tmp, which are open to everybody, are mounted writable, so
 *    the exception does not cover them.
 *
 * Nobody but the owner may write the file.  Links are followed, since a secret
 * of Kubernetes is a link into ..data/.
 */

/* A file's rights and place, which decide whether it is private. */
struct secret_place {
	mode_t mode;
	uid_t owner;
	bool in_memory; /* tmpfs or ramfs */
	bool read_only; /* the file system is mounted read-only */
};
bool secret_is_private(const struct secret_place *);

/* Checks that no other user may read the file, except where secret_is_private()
 * allows it.  If not, fails with FATAL and says what to do.  Pipes and
 * terminals, which are no regular files, pass. */
int secret_file_check(int fd, const char *path, struct err *) MUST_CHECK;

/* Reads the whole file, at most max bytes, and warns if other users may read
 * it.  Fails with REJECT if the file cannot be read or is longer. */
int secret_file_read(struct arena *, const char *path, size_t max, struct str *,
    struct err *) MUST_CHECK;
