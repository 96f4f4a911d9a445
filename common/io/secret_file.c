/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "io/file.h"
#include "io/secret_file.h"

bool
secret_is_private(const struct secret_place *p)
{
	mode_t others = p->mode & (S_IRWXG | S_IRWXO);

	if (others == 0)
		return true;
	if (others == S_IRGRP)
		return p->owner == 0 || p->in_memory;
	return (others & (mode_t) ~(S_IRGRP | S_IROTH)) == 0 && p->in_memory &&
	       p->read_only;
}

int
secret_file_check(int fd, const char *path, struct err *e)
{
	struct secret_place p;
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) == -1 || fstatfs(fd, &fs) == -1)
		return err_set(e, FAULT_FATAL, "cannot look at %s: %s", path,
		    strerror(errno));
	p = (struct secret_place){
		.mode = st.st_mode,
		.owner = st.st_uid,
		.in_memory = fs.f_type == TMPFS_MAGIC ||
		             fs.f_type == RAMFS_MAGIC,
		.read_only = (fs.f_flags & ST_RDONLY) != 0,
	};
	if (!S_ISREG(st.st_mode) || secret_is_private(&p))
		return 0;
	return err_set(e, FAULT_FATAL,
	    "%s may be used by others than its owner (mode %04o, user %u's): "
	    "chmod 600 it, and change what is in it if others had it",
	    path, st.st_mode & 07777U, (unsigned)st.st_uid);
}

int
secret_file_read(struct arena *a, const char *path, size_t max, struct str *out,
    struct err *e)
{
	int fd = file_open(path, e);
	struct err loose;

	if (fd == -1)
		return -1;
	if (secret_file_check(fd, path, &loose) == -1)
		log_warn("%s", loose.msg);
	return file_take(a, fd, path, max, out, e);
}
