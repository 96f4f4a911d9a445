/* SPDX-License-Identifier: MIT */
#ifndef IO_SPOOL_H
#define IO_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * spool: an append-only log on local disk for deliveries that Redis cannot
 * take now.  Segments of up to SPOOL_SEGMENT bytes, named by number, each a
 * row of records:
 *
 *	offset	size
 *	0	4	"LSP1"
 *	4	4	CRC-32C of everything behind these eight bytes
 *	8	4	length of the payload
 *	12	4	zero
 *	16	8	sequence number
 *	24		payload, padded with zeros to a multiple of 8
 *
 * Numbers are little endian.  A torn tail (the process or the machine died
 * while writing) is cut off; a corrupt record is skipped by searching the
 * next magic, its bytes are kept beside the segments as NNN.corrupt and
 * reported.  After a failed write or sync a segment is sealed and never
 * synced again (its pages may be marked clean and be lost): what was not
 * confirmed is appended to a new one.
 *
 * One process owns the folder (flock).  Blocking: a group of records costs
 * one fdatasync.  A new segment's folder entry is synced too.
 */

enum {
	SPOOL_SEGMENT = 64 * 1024 * 1024
};

struct spool;

/* Makes the folder if needed (0700), takes the lock, reads what is there.
 * FATAL if the folder cannot be used or another process has it. */
struct spool *spool_open(
    const char *dir, int64_t max_bytes, struct err *) MUST_CHECK;
void spool_close(struct spool *);

/* Appends to the group; nothing is durable yet.  RETRY if full or the disk
 * refuses. */
int spool_add(struct spool *, struct str payload, struct err *) MUST_CHECK;

/* Makes the group durable: 0 and every spool_add() since the last sync is
 * safe; -1 and none of them may be confirmed (RETRY). */
int spool_sync(struct spool *, struct err *) MUST_CHECK;

/* How much waits: records appended and not yet dropped. */
int64_t spool_records(const struct spool *);
int64_t spool_bytes(const struct spool *);
int64_t spool_corrupt(const struct spool *); /* found so far */

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

/* Pure: the first whole record in the bytes.  1 and its payload, number and
 * total size; 0 if more bytes could complete it; -1 if it is corrupt. */
int spool_record_parse(
    struct str bytes, struct str *payload, uint64_t *number, size_t *size);

#endif /* IO_SPOOL_H */
