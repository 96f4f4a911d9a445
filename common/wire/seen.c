/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "wire/seen.h"

enum {
	WAYS = 8, /* of a set, the oldest is replaced */
	SETS = SEEN_MAX / WAYS,
};

struct entry {
	uint8_t mac[16];  /* half of it is as hard to meet by chance */
	int64_t store_id; /* 0: free */
};

struct set {
	struct entry entries[WAYS];
	unsigned oldest;
};

struct seen {
	struct set sets[SETS];
};

struct seen *
seen_new(void)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (s == NULL)
		die("out of memory for the signatures seen");
	return s;
}

void
seen_free(struct seen *s)
{
	free(s);
}

bool
seen_elsewhere(struct seen *s, const uint8_t mac[HMAC_SIZE], int64_t store_id)
{
	/* A signature's bytes are as random as any hash of them. */
	unsigned hash = (unsigned)mac[30] << 8 | mac[31];
	struct set *set = &s->sets[hash % SETS];
	struct entry *e = set->entries;

	for (int i = 0; i < WAYS; i++, e++)
		if (e->store_id != 0 && memcmp(e->mac, mac, 16) == 0)
			return e->store_id != store_id;
	e = &set->entries[set->oldest];
	set->oldest = (set->oldest + 1) % WAYS;
	memcpy(e->mac, mac, sizeof(e->mac));
	e->store_id = store_id;
	return false;
}
