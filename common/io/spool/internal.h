/* SPDX-License-Identifier: MIT */
#ifndef IO_SPOOL_INTERNAL_H
#define IO_SPOOL_INTERNAL_H

#include "io/spool/spool.h"

/*
 * spool_segment: one file of the spool, and which of its records still
 * wait.  Only spool.c uses it.
 */

enum {
	SEGMENT_NAME_MAX = 40,
	SEGMENT_NUMBER_DIGITS = 8,
};

struct segment {
	struct segment *next;
	const struct spool_disk *disk;
	int dir; /* the spool's, borrowed */
	uint32_t number;
	uint64_t base; /* of the sequence numbers */
	char name[SEGMENT_NAME_MAX];
	int fd;       /* -1: not opened yet */
	int64_t size; /* bytes it takes on disk */
	int64_t end;  /* bytes of it that are durable records */
	bool is_read; /* what follows is known */
	/* By position in the segment: the record's offset in units of eight
	 * bytes, or GONE: taken, or damaged. */
	uint32_t *at;
	size_t n, cap;
	size_t left;     /* not GONE */
	bool must_stay;  /* damaged, and its bytes could not be copied */
	int64_t corrupt; /* damaged places found */
};

/* A new, empty file of a random base, its folder entry synced. */
struct segment *segment_create(int dir, uint32_t number,
    const struct spool_disk *, struct err *) MUST_CHECK;
/* A file that is there; NULL if its name is none of a segment. */
struct segment *segment_found(
    int dir, const char *name, const struct spool_disk *);
/* The number a file's name begins with, also of what was kept as damaged;
 * false for other names. */
bool segment_name_number(const char *name, uint32_t *);
void segment_free(struct segment *);
/* Removes the file; with must_stay renames it to NAME.corrupt. */
void segment_remove(const struct segment *);

/* Finds the records of a segment from before the start.  RETRY. */
int segment_read(struct segment *, struct err *) MUST_CHECK;

/* Numbers the records, writes and syncs them.  After a failure (RETRY) the
 * segment must not be written to again. */
int segment_write(
    struct segment *, char *records, size_t, size_t n, struct err *) MUST_CHECK;

/* The first position from k on that is not GONE; n if there is none. */
size_t segment_next(const struct segment *, size_t k);
/* Record k, which is not GONE: 1 and its payload, in *buf (grown as
 * needed); 0 if it is damaged, and is GONE now; -1 RETRY. */
int segment_get(struct segment *, size_t k, char **buf, struct str *payload,
    struct err *) MUST_CHECK;
void segment_taken(struct segment *, size_t k);

/* The header of a record without number, and how much padding follows. */
void record_head(char head[SPOOL_HEADER], struct str payload);
size_t record_size(size_t payload);
/* The size of the record at the start of bytes that record_head() made. */
size_t record_size_at(const char *);

#endif /* IO_SPOOL_INTERNAL_H */
