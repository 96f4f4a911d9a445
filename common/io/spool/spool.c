/* SPDX-License-Identifier: MIT */
#include <sys/file.h>
#include <sys/stat.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/spool/internal.h"

enum {
	/* If the memory of the group grew beyond GROUP_KEEP bytes, it is
	 * freed. */
	GROUP_KEEP = 4 * 1024 * 1024,
	/* Try once with the open segment, and once with a new segment. */
	WRITE_TRIES = 2,
};

struct spool {
	const struct spool_disk *disk;
	int dir, lock;
	int64_t max_bytes;
	struct segment *oldest;
	struct segment *open; /* the newest, if it may be written to; or NULL */
	uint32_t next_number;
	struct buf group;       /* records without numbers, not durable yet */
	struct segment *cursor; /* segment where spool_next() goes on */
	size_t cursor_k;        /* position in the cursor's segment */
	char *record;           /* memory of the record from spool_next() */
	char *peeked;           /* memory of the record from spool_peek() */
	int64_t corrupt, faults;
};

static ssize_t
disk_write(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

static ssize_t
disk_read(int fd, void *p, size_t n, off_t at)
{
	return pread(fd, p, n, at);
}

const struct spool_disk spool_disk_real = {
	.write = disk_write,
	.read = disk_read,
	.sync = fdatasync,
	.sync_dir = fsync,
};

/* ---- the folder ------------------------------------------------------- */

/* Fills the err for a bad folder.  CONFIG if there is no such folder: its name
 * was mistyped, or nobody has made the folder yet.  For any other error, the
 * fault is `otherwise`. */
static int
folder_wrong(const char *dir, int error, enum fault otherwise, struct err *e)
{
	if (error == ENOENT)
		return err_set(e, FAULT_CONFIG,
		    "LOYALD_SPOOL_DIR is %s, and there is no such folder: "
		    "make it with install -d -m 700 -o %u %s, or correct the "
		    "setting",
		    dir, geteuid(), dir);
	return err_set(e, otherwise,
	    "LOYALD_SPOOL_DIR is %s, which user %u cannot use: %s. It must be "
	    "a folder of that user, on a disk that is not read-only",
	    dir, geteuid(), strerror(error));
}

int
spool_check(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == -1) {
		(void)folder_wrong(dir, errno, FAULT_CONFIG, e);
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* Syncs the folder and its parent.  If the parent were not synced, a crash
 * could lose the folder with all its acknowledged messages. */
int
spool_make(const char *dir, struct err *e)
{
	int fd, bad = -1;

	if (mkdir(dir, 0700) == -1)
		return folder_wrong(dir, errno, FAULT_FATAL, e);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1) {
		int parent = openat(
		    fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		bad = parent == -1 ? -1 : fsync(parent);
		if (parent != -1)
			close(parent);
		close(fd);
	}
	return bad == 0 ? 0 : folder_wrong(dir, errno, FAULT_FATAL, e);
}

static int
folder_lock(struct spool *s, const char *dir, struct err *e)
{
	s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir == -1)
		return folder_wrong(dir, errno, FAULT_FATAL, e);
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock == -1)
		return folder_wrong(dir, errno, FAULT_FATAL, e);
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(e, FAULT_RETRY,
		    "another process has the spool in %s. Give each receive a "
		    "folder of its own",
		    dir);
	return err_set(
	    e, FAULT_FATAL, "lock %s/lock: %s", dir, strerror(errno));
}

static void
segment_insert(struct spool *s, struct segment *g)
{
	struct segment **p = &s->oldest;

	while (*p != NULL && (*p)->number < g->number)
		p = &(*p)->next;
	g->next = *p;
	*p = g;
}

static int
folder_list(struct spool *s, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *ent;

	if (d == NULL)
		return err_set(e, FAULT_FATAL, "read the folder %s: %s", dir,
		    strerror(errno));
	while ((ent = readdir(d)) != NULL) {
		struct segment *g = segment_found(s->dir, ent->d_name, s->disk);
		uint32_t number;

		if (g != NULL)
			segment_insert(s, g);
		/* Copies of damaged bytes have numbers, too, which new segments
		 * must not use again. */
		if (segment_name_number(ent->d_name, &number) &&
		    number >= s->next_number)
			s->next_number = number + 1;
	}
	closedir(d);
	return 0;
}

/* ---- segments --------------------------------------------------------- */

/* Removes a segment whose records are all taken.  If the cursor is there, moves
 * it to the next segment. */
static void
segment_drop(struct spool *s, struct segment *g)
{
	struct segment **p = &s->oldest;

	while (*p != g)
		p = &(*p)->next;
	*p = g->next;
	if (s->cursor == g) {
		s->cursor = g->next;
		s->cursor_k = 0;
	}
	if (s->open == g)
		s->open = NULL;
	segment_remove(g);
	segment_free(g);
}

/* Finds the records of a segment that an earlier process wrote.  Removes and
 * frees a segment without records. */
static int
segment_learn(struct spool *s, struct segment *g, struct err *e)
{
	int64_t before = g->corrupt;

	if (segment_read(g, e) == -1)
		return -1;
	s->corrupt += g->corrupt - before;
	if (g->left == 0)
		segment_drop(s, g);
	return 0;
}

static int
segments_learn(struct spool *s, struct err *e)
{
	struct segment *next;
	int64_t bytes = 0;

	for (struct segment *g = s->oldest; g != NULL; g = next) {
		next = g->next;
		bytes += g->size;
		if (bytes > SPOOL_READ_AT_OPEN && g != s->oldest)
			return 0;
		if (segment_learn(s, g, e) == -1)
			return -1;
	}
	return 0;
}

struct spool *
spool_open(const char *dir, int64_t max_bytes, const struct spool_disk *disk,
    struct err *e)
{
	struct spool *s = mem_new(sizeof(*s), "the spool");

	*s = (struct spool){ .disk = disk,
		.dir = -1,
		.lock = -1,
		.max_bytes = max_bytes,
		.next_number = 1 };
	buf_init(&s->group, SPOOL_GROUP_MAX);
	if (folder_lock(s, dir, e) == -1 || folder_list(s, dir, e) == -1)
		goto fail;
	if (segments_learn(s, e) == -1) {
		e->fault = FAULT_FATAL;
		goto fail;
	}
	spool_rewind(s);
	return s;
fail:
	spool_close(s);
	return NULL;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	while (s->oldest != NULL) {
		struct segment *g = s->oldest;

		s->oldest = g->next;
		segment_free(g);
	}
	if (s->lock != -1)
		close(s->lock);
	if (s->dir != -1)
		close(s->dir);
	buf_fini(&s->group);
	free(s->record);
	free(s->peeked);
	free(s);
}

/* ---- writing ---------------------------------------------------------- */

int
spool_add(struct spool *s, struct str payload, struct err *e)
{
	static const char zeros[SPOOL_HEADER];
	char head[SPOOL_HEADER];
	size_t size = record_size(payload.len);
	int64_t bytes = spool_bytes(s) + (int64_t)size;

	assert(payload.len <= MESSAGE_MAX);
	if (bytes > s->max_bytes)
		return err_set(e, FAULT_RETRY,
		    "the spool is full: %lld of %lld bytes are used",
		    (long long)spool_bytes(s), (long long)s->max_bytes);
	if (size > s->group.max - s->group.len)
		return err_set(e, FAULT_RETRY,
		    "%zu bytes wait for one sync of the spool already",
		    s->group.len);
	record_head(head, payload);
	buf_add(&s->group, head, sizeof(head));
	buf_add(&s->group, payload.data, payload.len);
	buf_add(&s->group, zeros, size - SPOOL_HEADER - payload.len);
	assert(!buf_is_full(&s->group));
	return 0;
}

/* Ends writing to the open segment, which is full or had a failed write. */
static void
segment_seal(struct spool *s)
{
	struct segment *g = s->open;
	struct stat st;

	s->open = NULL;
	if (g->left == 0) {
		segment_drop(s, g);
		return;
	}
	/* If the bytes that a failed write left cannot be cut off, they count
	 * as used space. */
	if (ftruncate(g->fd, g->end) == -1 && fstat(g->fd, &st) == 0)
		g->size = st.st_size;
}

static int
segment_open(struct spool *s, struct err *e)
{
	struct segment *g = segment_create(s->dir, s->next_number, s->disk, e);

	/* Do not use the number again after a failure, since the segment's
	 * folder entry may be on the disk. */
	s->next_number++;
	if (g == NULL)
		return -1;
	segment_insert(s, g);
	s->open = g;
	return 0;
}

/* Finds how many records of the group, from `pos` on, fit into the open
 * segment.  Returns their size in bytes. */
static size_t
group_fit(const struct spool *s, size_t pos, size_t *n)
{
	int64_t room = SPOOL_SEGMENT - s->open->end;
	size_t len = 0;

	for (*n = 0; pos + len < s->group.len; (*n)++) {
		size_t size = record_size_at(s->group.data + pos + len);

		if ((int64_t)(len + size) > room &&
		    (s->open->end > 0 || *n > 0))
			break;
		len += size;
	}
	return len;
}

/* Writes records of the group, from `pos` on, as many as fit into a segment.
 * Returns how many bytes are durable now, or -1. */
static int64_t
group_write(struct spool *s, size_t pos, struct err *e)
{
	for (int try = 1;; try++) {
		size_t n, len;

		if (s->open == NULL && segment_open(s, e) == -1)
			return -1;
		len = group_fit(s, pos, &n);
		if (n == 0) {
			segment_seal(s);
			try--;
			continue;
		}
		if (segment_write(s->open, s->group.data + pos, len, n, e) == 0)
			return (int64_t)len;
		s->faults++;
		segment_seal(s);
		if (try == WRITE_TRIES)
			return -1;
	}
}

int
spool_sync(struct spool *s, struct err *e)
{
	size_t pos = 0;
	int result = 0;

	while (pos < s->group.len && result == 0) {
		int64_t n = group_write(s, pos, e);

		if (n == -1)
			result = -1;
		else
			pos += (size_t)n;
	}
	if (s->group.cap > GROUP_KEEP) {
		buf_fini(&s->group);
		buf_init(&s->group, SPOOL_GROUP_MAX);
	}
	buf_reset(&s->group);
	if (s->cursor == NULL)
		spool_rewind(s);
	return result;
}

bool
spool_is_gone(const struct spool *s)
{
	struct stat st;

	return fstat(s->dir, &st) == -1 || st.st_nlink == 0;
}

int
spool_in_place(const struct spool *s, const char *dir, struct err *e)
{
	struct stat ours, named;

	if (fstat(s->dir, &ours) == 0 && stat(dir, &named) == 0 &&
	    ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
		return 0;
	return err_set(e, FAULT_CONFIG,
	    "the spool's folder %s was renamed or removed, or another is "
	    "mounted over it, while deliveries are in it: put it back, or let "
	    "Redis take them before receive is started again",
	    dir);
}

/* ---- how much there is ------------------------------------------------ */

int64_t
spool_records(const struct spool *s)
{
	int64_t n = 0;

	for (const struct segment *g = s->oldest; g != NULL; g = g->next)
		n += g->is_read ? (int64_t)g->left : 1;
	return n;
}

int64_t
spool_bytes(const struct spool *s)
{
	int64_t n = (int64_t)s->group.len;

	for (const struct segment *g = s->oldest; g != NULL; g = g->next)
		n += g->size;
	return n;
}

int64_t
spool_corrupt(const struct spool *s)
{
	return s->corrupt;
}

int64_t
spool_faults(const struct spool *s)
{
	return s->faults;
}

/* ---- draining --------------------------------------------------------- */

/* Makes the number by which callers know a record, from the number of its
 * segment and its position there. */
static uint64_t
number_of(const struct segment *g, size_t k)
{
	return (uint64_t)g->number << 32 | k;
}

/* Reads record k of the segment.  Returns 0 if the record is damaged; then the
 * segment may have been freed. */
static int
record_read(struct spool *s, struct segment *g, size_t k, char **buf,
    struct str *payload, struct err *e)
{
	int64_t before = g->corrupt;
	int r = segment_get(g, k, buf, payload, e);

	s->corrupt += g->corrupt - before;
	if (r == 0 && g->left == 0)
		segment_drop(s, g);
	return r;
}

uint64_t
spool_oldest(const struct spool *s)
{
	for (const struct segment *g = s->oldest; g != NULL; g = g->next) {
		size_t k = segment_next(g, 0);

		if (!g->is_read)
			return 0;
		if (k < g->n)
			return number_of(g, k);
	}
	return 0;
}

int
spool_peek(struct spool *s, uint64_t number, struct str *payload, struct err *e)
{
	struct segment *g = s->oldest;

	while (g != NULL && g->number != number >> 32)
		g = g->next;
	assert(g != NULL);
	return record_read(
	    s, g, (size_t)(number & UINT32_MAX), &s->peeked, payload, e);
}

int
spool_next(
    struct spool *s, struct str *payload, uint64_t *number, struct err *e)
{
	while (s->cursor != NULL) {
		struct segment *g = s->cursor;
		size_t k;
		int r;

		if (!g->is_read) {
			if (segment_learn(s, g, e) == -1)
				return -1;
			continue; /* the segment may be freed now */
		}
		k = segment_next(g, s->cursor_k);
		if (k == g->n) {
			if (g->next == NULL)
				return 0;
			s->cursor = g->next;
			s->cursor_k = 0;
			continue;
		}
		*number = number_of(g, k);
		r = record_read(s, g, k, &s->record, payload, e);
		if (r != -1 && s->cursor == g)
			s->cursor_k = k + 1;
		if (r != 0)
			return r;
	}
	return 0;
}

void
spool_taken(struct spool *s, uint64_t number)
{
	struct segment *g = s->oldest;

	while (g != NULL && g->number != number >> 32)
		g = g->next;
	if (g == NULL || !g->is_read)
		return;
	segment_taken(g, (size_t)(number & UINT32_MAX));
	if (g->left == 0)
		segment_drop(s, g);
}

void
spool_rewind(struct spool *s)
{
	s->cursor = s->oldest;
	s->cursor_k = 0;
}
