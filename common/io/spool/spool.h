/* SPDX-License-Identifier: MIT */
#ifndef IO_SPOOL_SPOOL_H
#define IO_SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/message.h"
#include "base/str.h"

/*
 * spool: an append-only log on local disk for deliveries that Redis cannot
 * take now.  Segments of up to SPOOL_SEGMENT bytes (more only for a single
 * record that is larger), each a row of records:
 *
 *	offset	size
 *	0	4	"LSP1"
 *	4	4	CRC-32C of everything behind the header
 *	8	4	length of the payload
 *	12	4	CRC-32C of the length and the sequence number
 *	16	8	sequence number
 *	24		payload, padded with zeros to a multiple of 8
 *
 * Numbers are little endian.  The header has a sum of its own, so that a
 * damaged length cannot be taken for a record that was never finished.
 *
 * A segment is called NNNNNNNN-BBBBBBBBBBBBBBBB.spool, eight digits of its
 * number and sixteen hexadecimal ones of a random base; its records are
 * numbered from the base on.  After damage the next record is searched by
 * its magic, and the number tells it from bytes that somebody sent as a
 * body to look like one.
 *
 * A torn tail (the process or the machine died while writing) is ignored; a
 * segment from before a start is only read and never appended to.  What is
 * damaged is skipped, its bytes are kept as NNNNNNNN.OFFSET.corrupt, and it
 * is counted.  After a failed write or sync a segment is sealed and never
 * synced again (its pages may be marked clean and be lost): what was not
 * confirmed is written to a new one.
 *
 * One process owns the folder (flock).  Blocking: a group of records costs
 * one write and one fdatasync.  A new segment's folder entry is synced too.
 */

enum {
	SPOOL_SEGMENT = 64 * 1024 * 1024,
	SPOOL_GROUP_MAX = 2 * BODY_MAX_LIMIT, /* bytes between two syncs */
	SPOOL_HEADER = 24,
	/* Bytes of old segments that are read at the start; the rest when
	 * draining gets there, so that a full spool delays no start. */
	SPOOL_READ_AT_OPEN = 256 * 1024 * 1024,
};

/* The calls that can lose data, so that a test can make them fail. */
struct spool_disk {
	ssize_t (*write)(int fd, const void *, size_t, off_t);
	ssize_t (*read)(int fd, void *, size_t, off_t);
	int (*sync)(int fd);     /* fdatasync */
	int (*sync_dir)(int fd); /* fsync of the folder */
};
extern const struct spool_disk spool_disk_real;

struct spool;

/* Takes the lock of the folder and finds what is there.  RETRY if another
 * process has it, which may be ending; CONFIG if there is no such folder; FATAL
 * if it cannot be used, or what is in it cannot be read. */
struct spool *spool_open(const char *dir, int64_t max_bytes,
    const struct spool_disk *, struct err *) MUST_CHECK;
void spool_close(struct spool *);

/* Makes a folder (0700) that was there before, and never its parents: a
 * mistyped name would become a folder that nobody looks at. */
int spool_make(const char *dir, struct err *) MUST_CHECK;
/* Checks that it is a folder that may be written in: CONFIG, with what to do,
 * if not.  Neither makes nor locks anything. */
int spool_check(const char *dir, struct err *) MUST_CHECK;

/* Appends to the group; nothing is durable yet.  RETRY if full. */
int spool_add(struct spool *, struct str payload, struct err *) MUST_CHECK;

/* Makes the group durable: 0 and every spool_add() since the last sync is
 * safe; -1 and none of them may be confirmed, and they are forgotten
 * (RETRY; some may turn up nevertheless). */
int spool_sync(struct spool *, struct err *) MUST_CHECK;

/* Whether somebody removed its folder: it must be opened again. */
bool spool_is_gone(const struct spool *);
/* CONFIG if the name does not lead to the spool's folder any more: records that
 * are written now would not be found after a restart. */
int spool_in_place(
    const struct spool *, const char *dir, struct err *) MUST_CHECK;

/* How much waits: durable records that are not taken, and all bytes of the
 * segments.  A segment that was not read yet counts as one record. */
int64_t spool_records(const struct spool *);
int64_t spool_bytes(const struct spool *);
/* Damaged places found, and failed writes and syncs, since the start. */
int64_t spool_corrupt(const struct spool *);
int64_t spool_faults(const struct spool *);

/* The number of the oldest durable record that is not taken; 0 if there is
 * none, or its segment was not read yet. */
uint64_t spool_oldest(const struct spool *);
/* Reads the record of that number; draining goes on as before.  1, and its
 * bytes live until the next call; 0 if it is damaged, and set aside now. */
int spool_peek(struct spool *, uint64_t number, struct str *payload,
    struct err *) MUST_CHECK;

/*
 * Draining, oldest first.  spool_next() gives the next durable record (1),
 * or none (0); its bytes live until the next call.  spool_taken() says that
 * the record with this number is safe elsewhere; a segment of which all
 * are is removed.  spool_rewind() starts again at the first not taken.
 * Numbers may be taken in any order.  A record may be given twice (after a
 * restart, for one), never lost.
 */
int spool_next(struct spool *, struct str *payload, uint64_t *number,
    struct err *) MUST_CHECK;
void spool_taken(struct spool *, uint64_t number);
void spool_rewind(struct spool *);

/* Pure: the first whole record in the bytes.  1 and its payload, sequence
 * number and total size; 0 if more bytes could complete it; -1 if it is
 * damaged. */
int spool_record_parse(
    struct str bytes, struct str *payload, uint64_t *number, size_t *size);

#endif /* IO_SPOOL_SPOOL_H */
