/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/little.h"
#include "base/mem.h"
#include "wire/seen.h"

enum {
	/* Places that one body may lie in.  A table that is half full has
	 * pushed out a fifth of its bodies if a body may lie in one place, and
	 * a twenty-fifth if a body may lie in four. */
	WAYS = 4,
};

/* A place of the table.  Half of a signature is enough to tell bodies apart. */
struct place {
	uint8_t signature[HMAC_SIZE / 2];
	int64_t store_id;
	uint32_t address;
	uint32_t added_s; /* when the body was added, in seconds of the clock */
};

struct seen {
	uint64_t epoch;
	struct place (*places)[WAYS]; /* NULL: no body is known yet */
};

struct seen *
seen_new(void)
{
	return mem_new(sizeof(struct seen), "the signatures of orders");
}

void
seen_free(struct seen *s)
{
	if (s != NULL)
		free(s->places);
	free(s);
}

/* Finds the WAYS places that a body may lie in.  A signature is as good as
 * random, so its first bytes serve as the hash of the body. */
static struct place *
places_of(struct seen *s, uint64_t epoch, const struct seen_body *b)
{
	static_assert(sizeof(struct place) == 32, "SEEN_MAX says how many");
	if (s->places == NULL || s->epoch != epoch) {
		free(s->places);
		s->places = mem_new(SEEN_MAX * sizeof(struct place),
		    "the signatures of orders");
		s->epoch = epoch;
	}
	return s->places[little_get(b->signature, sizeof(uint64_t)) %
	                 (SEEN_MAX / WAYS)];
}

static bool
is_of(const struct place *p, const struct seen_body *b)
{
	return memcmp(p->signature, b->signature, sizeof(p->signature)) == 0 &&
	       p->store_id == b->store_id && p->address == b->address;
}

bool
seen_has(struct seen *s, uint64_t epoch, const struct seen_body *b, int64_t now)
{
	const struct place *p = places_of(s, epoch, b);

	for (size_t i = 0; i < WAYS; i++)
		if (is_of(&p[i], b))
			return now / 1000000 - p[i].added_s < SEEN_SECONDS;
	return false;
}

void
seen_add(struct seen *s, uint64_t epoch, const struct seen_body *b, int64_t now)
{
	struct place *p = places_of(s, epoch, b), *to = p;

	for (size_t i = 0; i < WAYS; i++) {
		if (is_of(&p[i], b)) {
			to = &p[i];
			break;
		}
		if (p[i].added_s < to->added_s)
			to = &p[i];
	}
	memcpy(to->signature, b->signature, sizeof(to->signature));
	to->store_id = b->store_id;
	to->address = b->address;
	to->added_s = (uint32_t)(now / 1000000);
}
