/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

#include "base/message.h"

/*
 * spool: an append-only log on local disk for deliveries that Redis cannot take
 * now.  The log is a row of segments, which are files of up to SPOOL_SEGMENT
 * bytes (more only for a single record that is larger).  A segment is a row of
 * records:
 *
 *	offset	size
 *	0	4	"LSP1"
 *	4	4	CRC-32C of everything behind the header
 *	8	4	length of the payload
 *	12	4	CRC-32C of the length and the sequence number
 *	16	8	sequence number
 *	24		payload, padded with zeros to a multiple of 8
 *
 * Numbers are little endian.  The header has a checksum of its own, so that a
 * record with a damaged length is not taken for one that was never finished.
 *
 * A segment is called NNNNNNNN-BBBBBBBBBBBBBBBB.spool: eight digits of its
 * number, and sixteen hexadecimal digits of a random base.  The records of a
 * segment are numbered from the base on.  After damage the next record is found
 * by the "LSP1" at its start.  The random base makes sure that a body which
 * somebody sent to look like a record does not have a fitting sequence number.
 *
 * A torn tail, left by a process or a machine that died while writing, is
 * ignored.  A segment that was there at the start is only read, and never
 * appended to.  Damaged bytes are skipped, kept as NNNNNNNN.OFFSET.corrupt, and
 * counted.  After a failed write or sync a segment is never written to or
 * synced again: the kernel may have dropped the data, and a second sync would
 * succeed nevertheless.  The records that were not confirmed are written to a
 * new segment.
 *
 * A single process owns the folder (flock).  The functions block: a group of
 * records costs one write and one fdatasync.  A new segment's folder entry is
 * synced, too.
 */

enum {
	SPOOL_SEGMENT = 64 * 1024 * 1024,
	SPOOL_GROUP_MAX = 2 * BODY_MAX_LIMIT, /* most bytes between two syncs */
	SPOOL_HEADER = 24,
	/* Bytes of old segments that are read at the start.  Other segments are
	 * read only when their records are moved, so that a full spool does not
	 * delay the start. */
	SPOOL_READ_AT_OPEN = 256 * 1024 * 1024,
};

/* The disk calls that can lose data.  Tests replace them by calls that fail. */
struct spool_disk {
	ssize_t (*write)(int fd, const void *, size_t, off_t);
	ssize_t (*read)(int fd, void *, size_t, off_t);
	int (*sync)(int fd);     /* fdatasync */
	int (*sync_dir)(int fd); /* fsync of the folder */
};
extern const struct spool_disk spool_disk_real;

struct spool;

/* Locks the folder and finds its records.  Fails with RETRY if another process,
 * which may be ending, has the lock; with CONFIG if there is no such folder;
 * with FATAL if the folder cannot be used, or its segments cannot be read. */
struct spool *spool_open(const char *dir, int64_t max_bytes,
    const struct spool_disk *, struct err *) MUST_CHECK;
void spool_close(struct spool *);

/* Makes the folder (0700), but not its parents.  To be called only if the
 * folder was there before, since a mistyped name would make a folder that
 * nobody looks at. */
int spool_make(const char *dir, struct err *) MUST_CHECK;
/* Checks that `dir` is a folder that loyald may write in, without making or
 * locking anything.  If not, fails with CONFIG and says what to do. */
int spool_check(const char *dir, struct err *) MUST_CHECK;

/* Adds a record to the group, which spool_sync() makes durable.  Fails with
 * RETRY if the spool or the group is full. */
int spool_add(struct spool *, struct str payload, struct err *) MUST_CHECK;

/* Makes the group durable, and empties it.  Returns 0 if every payload that was
 * added since the last sync is safe.  After -1 (RETRY) no payload of the group
 * may be confirmed, although some may be in the spool. */
int spool_sync(struct spool *, struct err *) MUST_CHECK;

/* Whether somebody removed the spool's folder.  If so, the spool must be opened
 * again. */
bool spool_is_gone(const struct spool *);
/* Fails with CONFIG if the name `dir` no longer leads to the spool's folder:
 * after a restart the records would not be found. */
int spool_in_place(
    const struct spool *, const char *dir, struct err *) MUST_CHECK;

/* Count the durable records that wait for spool_taken(), and the bytes of all
 * segments and of the group.  A segment that was not read yet counts as one
 * record. */
int64_t spool_records(const struct spool *);
int64_t spool_bytes(const struct spool *);
/* Count the damaged places found, and the failed writes and syncs, since the
 * spool was opened. */
int64_t spool_corrupt(const struct spool *);
int64_t spool_faults(const struct spool *);

/* Returns the number of the oldest durable record that waits for spool_taken().
 * Returns 0 if there is none, or if its segment was not read yet. */
uint64_t spool_oldest(const struct spool *);
/* Reads the record with this number, without changing what spool_next() gives
 * next.  Returns 1, and the payload is valid until the next call.  Returns 0 if
 * the record is damaged, and sets it aside. */
int spool_peek(struct spool *, uint64_t number, struct str *payload,
    struct err *) MUST_CHECK;

/*
 * Drain the spool, the oldest record first.  spool_next() returns 1 and the
 * next durable record, whose payload is valid until the next call; 0 if there
 * is none.  spool_taken() says that a record is safe elsewhere; records may be
 * taken in any order.  A segment whose records are all taken is removed.
 * spool_rewind() starts again at the first record that is not taken.  A record
 * may be given twice, for instance after a restart, but is never lost.
 */
int spool_next(struct spool *, struct str *payload, uint64_t *number,
    struct err *) MUST_CHECK;
void spool_taken(struct spool *, uint64_t number);
void spool_rewind(struct spool *);

/* Parses the record at the start of the bytes.  Returns 1, and the record's
 * payload, sequence number and total size; 0 if more bytes could complete the
 * record; -1 if the bytes are no record, or a damaged one. */
int spool_record_parse(
    struct str bytes, struct str *payload, uint64_t *number, size_t *size);
