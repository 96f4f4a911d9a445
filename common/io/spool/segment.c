/* SPDX-License-Identifier: MIT */
#include <sys/random.h>
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/little.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/crc32c.h"
#include "io/spool/internal.h"

enum {
	ALIGN = 8,
	SECTOR = 4096, /* bytes skipped where the disk cannot read */
};

#define GONE UINT32_MAX

static const char magic[4] = { 'L', 'S', 'P', '1' };

size_t
record_size(size_t payload)
{
	return (SPOOL_HEADER + payload + ALIGN - 1) / ALIGN * ALIGN;
}

size_t
record_size_at(const char *p)
{
	return record_size(little_get(p + 8, 4));
}

static uint32_t
head_sum(const char *p)
{
	return crc32c(crc32c(0, p + 8, 4), p + 16, 8);
}

void
record_head(char head[SPOOL_HEADER], struct str payload)
{
	static const char zeros[ALIGN];
	size_t pad = record_size(payload.len) - SPOOL_HEADER - payload.len;

	memset(head, 0, SPOOL_HEADER);
	memcpy(head, magic, sizeof(magic));
	little_put(head + 4,
	    crc32c(crc32c(0, payload.data, payload.len), zeros, pad), 4);
	little_put(head + 8, payload.len, 4);
}

static void
record_number(char *p, uint64_t number)
{
	little_put(p + 16, number, 8);
	little_put(p + 12, head_sum(p), 4);
}

/* Parses the header of a record like spool_record_parse(), but without checking
 * the checksum of the payload. */
static int
head_parse(struct str s, uint64_t *number, size_t *payload)
{
	size_t n = s.len < sizeof(magic) ? s.len : sizeof(magic);

	if (memcmp(s.data, magic, n) != 0)
		return -1;
	if (s.len < SPOOL_HEADER)
		return 0;
	if (little_get(s.data + 12, 4) != head_sum(s.data))
		return -1;
	*payload = little_get(s.data + 8, 4);
	*number = little_get(s.data + 16, 8);
	return *payload > MESSAGE_MAX ? -1 : 1;
}

int
spool_record_parse(
    struct str s, struct str *payload, uint64_t *number, size_t *size)
{
	size_t len, whole;
	uint64_t found;
	int r = head_parse(s, &found, &len);

	if (r != 1)
		return r;
	whole = record_size(len);
	if (s.len < whole)
		return 0;
	if (little_get(s.data + 4, 4) !=
	    crc32c(0, s.data + SPOOL_HEADER, whole - SPOOL_HEADER))
		return -1;
	*payload = (struct str){ s.data + SPOOL_HEADER, len };
	*number = found;
	*size = whole;
	return 1;
}

/* ---- the file --------------------------------------------------------- */

static struct segment *
segment_new(
    int dir, const struct spool_disk *disk, uint32_t number, uint64_t base)
{
	struct segment *g = mem_new(sizeof(*g), "a segment of the spool");

	g->dir = dir;
	g->disk = disk;
	g->number = number;
	g->base = base;
	g->fd = -1;
	(void)snprintf(g->name, sizeof(g->name), "%08u-%016llx.spool", number,
	    (unsigned long long)base);
	return g;
}

void
segment_free(struct segment *g)
{
	if (g == NULL)
		return;
	if (g->fd != -1)
		close(g->fd);
	free(g->at);
	free(g);
}

struct segment *
segment_create(
    int dir, uint32_t number, const struct spool_disk *disk, struct err *e)
{
	struct segment *g;
	uint64_t base;

	if (getrandom(&base, sizeof(base), 0) != sizeof(base))
		die("the system has no random bytes: %s", strerror(errno));
	g = segment_new(dir, disk, number, base);
	g->is_read = true;
	g->fd = openat(
	    dir, g->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (g->fd == -1) {
		(void)err_set(e, FAULT_RETRY, "make %s in the spool: %s",
		    g->name, strerror(errno));
		segment_free(g);
		return NULL;
	}
	if (disk->sync_dir(dir) == -1) {
		(void)err_set(e, FAULT_RETRY, "sync the spool's folder: %s",
		    strerror(errno));
		(void)unlinkat(dir, g->name, 0);
		segment_free(g);
		return NULL;
	}
	return g;
}

bool
segment_name_number(const char *name, uint32_t *number)
{
	uint32_t n = 0;

	for (int i = 0; i < SEGMENT_NUMBER_DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(name[i] - '0');
	}
	*number = n;
	return true;
}

struct segment *
segment_found(int dir, const char *name, const struct spool_disk *disk)
{
	struct segment *g;
	struct stat st;
	uint32_t number;
	uint64_t base;

	if (!segment_name_number(name, &number) ||
	    name[SEGMENT_NUMBER_DIGITS] != '-')
		return NULL;
	/* strtoull() reads other spellings of a number, too.  Only a name that
	 * is equal to the name made from the number is a segment. */
	base = strtoull(name + SEGMENT_NUMBER_DIGITS + 1, NULL, 16);
	g = segment_new(dir, disk, number, base);
	if (strcmp(g->name, name) != 0 ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode)) {
		segment_free(g);
		return NULL;
	}
	g->size = st.st_size;
	g->end = st.st_size;
	return g;
}

void
segment_remove(const struct segment *g)
{
	char kept[SEGMENT_NAME_MAX + sizeof(".corrupt")];

	(void)snprintf(kept, sizeof(kept), "%s.corrupt", g->name);
	/* If the file cannot be removed, its records are given to Redis again
	 * after the next start, which does no harm. */
	if (g->must_stay)
		(void)renameat(g->dir, g->name, g->dir, kept);
	else
		(void)unlinkat(g->dir, g->name, 0);
}

/* ---- which records wait ----------------------------------------------- */

static void
index_add(struct segment *g, size_t k, size_t offset)
{
	if (k >= g->cap) {
		g->cap = g->cap == 0 ? 256 : g->cap * 2;
		while (g->cap <= k)
			g->cap *= 2;
		g->at = reallocarray(g->at, g->cap, sizeof(*g->at));
		if (g->at == NULL)
			die("out of memory for the spool's index");
	}
	while (g->n < k)
		g->at[g->n++] = GONE;
	assert(g->n == k && offset / ALIGN < GONE);
	g->at[g->n++] = (uint32_t)(offset / ALIGN);
	g->left++;
}

size_t
segment_next(const struct segment *g, size_t k)
{
	while (k < g->n && g->at[k] == GONE)
		k++;
	return k;
}

void
segment_taken(struct segment *g, size_t k)
{
	if (k >= g->n || g->at[k] == GONE)
		return;
	g->at[k] = GONE;
	g->left--;
}

/* ---- damage ----------------------------------------------------------- */

static int
write_all(const struct spool_disk *disk, int fd, const char *p, size_t n,
    int64_t offset)
{
	while (n > 0) {
		ssize_t done = disk->write(fd, p, n, offset);

		if (done == -1 && errno == EINTR)
			continue;
		if (done <= 0) {
			errno = done == 0 ? ENOSPC : errno;
			return -1;
		}
		p += done;
		n -= (size_t)done;
		offset += done;
	}
	return 0;
}

/* Keeps a copy of damaged bytes for an operator to look at.  If an earlier
 * process has made the copy, its bytes are the same. */
static void
damage_keep(struct segment *g, struct str bytes, size_t offset)
{
	char name[SEGMENT_NAME_MAX];
	int fd, bad;

	g->corrupt++;
	(void)snprintf(
	    name, sizeof(name), "%08u.%08zx.corrupt", g->number, offset);
	fd = openat(
	    g->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1) {
		g->must_stay |= errno != EEXIST;
		return;
	}
	bad = write_all(g->disk, fd, bytes.data, bytes.len, 0);
	if (bad == 0)
		bad = g->disk->sync(fd);
	close(fd);
	if (bad == -1) {
		g->must_stay = true;
		(void)unlinkat(g->dir, name, 0);
	}
}

/* ---- reading ---------------------------------------------------------- */

/* Reads at most n bytes.  A sector that the disk cannot read is returned as
 * zeros, which match no checksum.  Returns 0 at the end of the file. */
static ssize_t
read_some(
    const struct spool_disk *disk, int fd, char *p, size_t n, off_t offset)
{
	ssize_t r;

	do
		r = disk->read(fd, p, n, offset);
	while (r == -1 && errno == EINTR);
	if (r != -1 || errno != EIO)
		return r;

	n = n < SECTOR ? n : SECTOR;
	r = disk->read(fd, p, n, offset);
	if (r == -1 && errno == EIO) {
		memset(p, 0, n);
		r = (ssize_t)n;
	}
	return r;
}

/* Reads n bytes, or fewer at the end of the file.  Returns the number of bytes,
 * or -1. */
static int64_t
read_all(
    const struct spool_disk *disk, int fd, char *p, size_t n, int64_t offset)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = read_some(
		    disk, fd, p + done, n - done, offset + (off_t)done);

		if (r == -1)
			return -1;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (int64_t)done;
}

/*
 * Looks for a record of the segment at the start of the bytes.  *k is the
 * position that the record must have, if `gap` is 0.  If `gap` bytes before the
 * record were damaged, the position may be higher, at most by the number of
 * records that fit into the gap.  Returns what spool_record_parse() returns,
 * and sets *k to the position found.
 */
static int
record_at(
    const struct segment *g, struct str s, size_t gap, size_t *k, size_t *size)
{
	struct str payload;
	uint64_t number;
	size_t len;
	int r = head_parse(s, &number, &len);

	if (r != 1)
		return r;
	number -= g->base;
	if (number - *k > gap / SPOOL_HEADER)
		return -1;
	r = spool_record_parse(s, &payload, &(uint64_t){ 0 }, size);
	if (r == 1)
		*k = number;
	return r;
}

/* Finds the offset of the first whole record after the damage at `from`; s.len
 * if there is none. */
static size_t
record_search(
    const struct segment *g, struct str s, size_t from, size_t *k, size_t *size)
{
	size_t at = from + ALIGN;

	for (; at + SPOOL_HEADER <= s.len; at += ALIGN) {
		struct str rest = { s.data + at, s.len - at };

		if (memcmp(rest.data, magic, sizeof(magic)) == 0 &&
		    record_at(g, rest, at - from, k, size) == 1)
			return at;
	}
	return s.len;
}

static bool
is_zeros(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] != 0)
			return false;
	return true;
}

/* Warns if the segment ends in the first bytes of a record, because a process
 * died while writing it.  Zeros at the end are unused room, and no reason to
 * warn. */
static void
torn_report(const struct segment *g, struct str tail)
{
	while (tail.len > 0 && tail.data[tail.len - 1] == '\0')
		tail.len--;
	if (tail.len > 0)
		log_warn("segment %s of the spool ends in %zu bytes of a torn "
		         "record: it was never finished and never answered 200",
		    g->name, tail.len);
}

/* Skips the bytes at `pos` that are no record, and keeps a copy.  Returns the
 * offset of the next record, or the end.  *k and *size are the position and the
 * size of that record. */
static size_t
damage_pass(
    struct segment *g, struct str s, size_t pos, size_t *k, size_t *size)
{
	struct str rest = { s.data + pos, s.len - pos };
	bool torn = record_at(g, rest, 0, k, size) == 0 || is_zeros(rest);
	size_t next = record_search(g, s, pos, k, size);

	/* A torn tail was never written completely, so none of its messages was
	 * confirmed. */
	if (next == s.len && torn) {
		torn_report(g, rest);
		return next;
	}
	rest.len = next - pos;
	damage_keep(g, rest, pos);
	return next;
}

static void
index_build(struct segment *g, struct str s)
{
	size_t pos = 0, k = 0;

	while (pos < s.len) {
		struct str rest = { s.data + pos, s.len - pos };
		size_t size;

		if (record_at(g, rest, 0, &k, &size) != 1)
			pos = damage_pass(g, s, pos, &k, &size);
		if (pos == s.len)
			return;
		index_add(g, k++, pos);
		pos += size;
	}
}

int
segment_read(struct segment *g, struct err *e)
{
	struct str bytes;
	char *p;
	int64_t n;

	if (g->fd == -1)
		g->fd = openat(g->dir, g->name, O_RDONLY | O_CLOEXEC);
	if (g->fd == -1)
		return err_set(e, FAULT_RETRY, "open %s of the spool: %s",
		    g->name, strerror(errno));
	p = malloc((size_t)g->size + 1);
	if (p == NULL)
		return err_set(e, FAULT_RETRY,
		    "no memory to read %s of the spool, %lld bytes", g->name,
		    (long long)g->size);
	n = read_all(g->disk, g->fd, p, (size_t)g->size, 0);
	if (n == -1) {
		(void)err_set(e, FAULT_RETRY, "read %s of the spool: %s",
		    g->name, strerror(errno));
		free(p);
		return -1;
	}
	bytes = (struct str){ p, (size_t)n };
	index_build(g, bytes);
	g->is_read = true;
	free(p);
	return 0;
}

int
segment_get(
    struct segment *g, size_t k, char **buf, struct str *payload, struct err *e)
{
	int64_t offset = (int64_t)g->at[k] * ALIGN, n;
	char head[SPOOL_HEADER];
	struct str bytes = { head, sizeof(head) };
	size_t len = 0, size;
	uint64_t number;

	n = read_all(g->disk, g->fd, head, sizeof(head), offset);
	if (n == -1)
		goto unreadable;
	bytes.len = (size_t)n;
	if (head_parse(bytes, &number, &len) == 1) {
		*buf = realloc(*buf, record_size(len));
		if (*buf == NULL)
			die("out of memory for a record of the spool");
		n = read_all(g->disk, g->fd, *buf, record_size(len), offset);
		if (n == -1)
			goto unreadable;
		bytes = (struct str){ *buf, (size_t)n };
		if (spool_record_parse(bytes, payload, &number, &size) == 1 &&
		    number == g->base + k)
			return 1;
	}
	damage_keep(g, bytes, (size_t)offset);
	segment_taken(g, k);
	return 0;

unreadable:
	return err_set(e, FAULT_RETRY, "read %s of the spool: %s", g->name,
	    strerror(errno));
}

/* ---- writing ---------------------------------------------------------- */

int
segment_write(
    struct segment *g, char *records, size_t len, size_t n, struct err *e)
{
	size_t first = g->n, pos = 0;
	struct stat st;

	for (size_t k = first; k < first + n; k++) {
		record_number(records + pos, g->base + k);
		pos += record_size_at(records + pos);
	}
	assert(pos == len);

	if (write_all(g->disk, g->fd, records, len, g->end) == -1)
		return err_set(e, FAULT_RETRY, "write %zu bytes to %s: %s", len,
		    g->name, strerror(errno));
	if (g->disk->sync(g->fd) == -1)
		return err_set(
		    e, FAULT_RETRY, "sync %s: %s", g->name, strerror(errno));
	/* If somebody has removed the file from its folder, its records are
	 * lost when this process ends: refuse them. */
	if (fstat(g->fd, &st) == -1 || st.st_nlink == 0)
		return err_set(e, FAULT_RETRY,
		    "%s was removed from the spool's folder", g->name);

	for (size_t k = first; k < first + n; k++) {
		index_add(g, k, (size_t)g->end);
		g->end += (int64_t)record_size_at(records);
		records += record_size_at(records);
	}
	g->size = g->end;
	return 0;
}
