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
 * or token, settings with passwords.  The check finds out who may read the file
 * beside its owner.
 *
 * Only the owner may read the file, with two exceptions, for the ways in which
 * orchestrators give secrets to a process that is neither root nor the file's
 * owner:
 *
 *  - The group may read a file that root owns or that is in memory (tmpfs,
 *    ramfs).  Kubernetes mounts a secret as root:fsGroup, 0440; systemd's
 *    credentials are on ramfs with an access list, which shows as 0440; on a
 *    plain disk root chose the group, as for the key of a certificate.
 *  - Everybody may read a file on a tmpfs that is mounted read-only.  A pod
 *    without fsGroup gets its secrets 0644, a Swarm service 0444, both on a
 *    mount of their own that no process outside can see.  /dev/shm and /tmp,
 *    which are tmpfs and open to everybody, are mounted writable.
 *
 * Nobody but the owner may write the file.  Links are followed: a secret of
 * Kubernetes is a link into ..data/.
 */

/* A file's rights and place, which decide whether it is private. */
struct secret_place {
	mode_t mode;
	uid_t owner;
	bool in_memory; /* tmpfs or ramfs */
	bool read_only; /* the file system is mounted read-only */
};
bool secret_is_private(const struct secret_place *);

/* Checks that others may not read the file: FATAL, with what to do, if they
 * may.  Pipes and terminals, which are no regular files, pass. */
int secret_file_check(int fd, const char *path, struct err *) MUST_CHECK;

/* Reads the whole file, at most max bytes, and warns if others may read it.
 * REJECT if the file cannot be read or is longer. */
int secret_file_read(struct arena *, const char *path, size_t max, struct str *,
    struct err *) MUST_CHECK;

#endif /* IO_SECRET_FILE_H */
