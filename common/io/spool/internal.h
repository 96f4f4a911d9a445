/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/spool/spool.h"

/*
 * internal: a segment, which is a file of the spool, and its records that were
 * not taken yet.  segment.c has the functions, and spool.c uses them.
 */

enum {
	SEGMENT_NAME_MAX = 40,
	SEGMENT_NUMBER_DIGITS = 8,
};

struct segment {
	struct segment *next;
	const struct spool_disk *disk;
	int dir; /* the spool's folder, opened by the spool */
	uint32_t number;
	uint64_t base; /* the sequence number of the first record */
	char name[SEGMENT_NAME_MAX];
	int fd;       /* -1: not opened yet */
	int64_t size; /* bytes of the file on disk */
	int64_t end;  /* bytes from the start that are durable records */
	bool is_read; /* the members below are known */
	/* For each record of the segment: its offset in units of eight bytes,
	 * or GONE if the record was taken or is damaged. */
	uint32_t *at;
	size_t n, cap;
	size_t left;     /* number of records that are not GONE */
	bool must_stay;  /* damaged bytes could not be copied */
	int64_t corrupt; /* damaged places found */
};

/* Makes an empty segment with a random base, and syncs its folder entry. */
struct segment *segment_create(int dir, uint32_t number,
    const struct spool_disk *, struct err *) MUST_CHECK;
/* Makes the struct for a file that exists; NULL if the file is no segment. */
struct segment *segment_found(
    int dir, const char *name, const struct spool_disk *);
/* Finds the number at the start of a file's name, if the file is a segment or a
 * copy of damaged bytes.  Returns false for other names. */
bool segment_name_number(const char *name, uint32_t *);
void segment_free(struct segment *);
/* Removes the segment's file.  If must_stay of the segment is set, renames the
 * file to NAME.corrupt instead. */
void segment_remove(const struct segment *);

/* Finds the records of a segment that an earlier process wrote.  Fails with
 * RETRY if the file cannot be read. */
int segment_read(struct segment *, struct err *) MUST_CHECK;

/* Numbers n records, appends them to the segment and syncs the segment.  After
 * a failure (RETRY) nothing more may be written to the segment. */
int segment_write(
    struct segment *, char *records, size_t, size_t n, struct err *) MUST_CHECK;

/* Finds the first record from number k on that is not GONE; n if there is
 * none. */
size_t segment_next(const struct segment *, size_t k);
/* Reads record k, which must not be GONE, into *buf, which grows as needed.
 * Returns 1 and the payload.  Returns 0 if the record is damaged, and marks it
 * as GONE.  Returns -1 (RETRY) if the file cannot be read. */
int segment_get(struct segment *, size_t k, char **buf, struct str *payload,
    struct err *) MUST_CHECK;
/* Marks record k as GONE. */
void segment_taken(struct segment *, size_t k);

/* Makes the header of a record, without the sequence number. */
void record_head(char head[SPOOL_HEADER], struct str payload);
/* Returns the size of a record with its header and padding, in bytes. */
size_t record_size(size_t payload);
/* Returns the size of a record from the header that record_head() made. */
size_t record_size_at(const char *);
