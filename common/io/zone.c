/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cc.h"
#include "base/instant.h"
#include "base/log.h"
#include "io/zone.h"

#define ZONE_DIR "/usr/share/zoneinfo/"

enum {
	NAME_MAX_LEN = 64,
	CHANGES_MAX = 1024, /* until 2100, no zone has more than about 300 */
	/* By a rule each offset stays for weeks. */
	STEP_S = 7 * 24 * 60 * 60,
	FILE_MAX_SIZE = 64 * 1024, /* files have about 4 KB at most */
	/* RFC 8536: the header, and where it has the number of changes. */
	HEAD_SIZE = 44,
	HEAD_CHANGES = 32,
};

/* 2101-01-01T00:00:00Z */
#define END_S INT64_C(4133980800)

/* ---- the file ------------------------------------------------------------ */

struct zone_file {
	uint8_t bytes[FILE_MAX_SIZE];
	size_t len;
};

/* Reads the file of a zone.  False if the name is not the name of a file of the
 * zone database.  For any other name the C library silently takes UTC. */
static bool
file_read(const char *name, struct zone_file *out)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "abcdefghijklmnopqrstuvwxyz"
	                            "0123456789_+-/";
	char path[sizeof(ZONE_DIR) + NAME_MAX_LEN];
	size_t len = strlen(name);
	FILE *f;

	if (len == 0 || len > NAME_MAX_LEN || strspn(name, chars) != len ||
	    name[0] == '/')
		return false;
	(void)snprintf(path, sizeof(path), ZONE_DIR "%s", name);
	f = fopen(path, "rbe");
	if (f == NULL)
		return false;
	out->len = fread(out->bytes, 1, sizeof(out->bytes), f);
	(void)fclose(f);
	return out->len >= 4 && memcmp(out->bytes, "TZif", 4) == 0;
}

static uint64_t
big_get(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* Works out the size of what follows a header: six lists, whose lengths the
 * header has.  Instants take `wide` bytes. */
static size_t
block_size(const uint8_t *head, size_t wide)
{
	const size_t sizes[] = { 1, 1, wide + 4, wide + 1, 6, 1 };
	size_t sum = 0;

	for (size_t i = 0; i < NITEMS(sizes); i++)
		sum += sizes[i] * (size_t)big_get(head + 20 + 4 * i, 4);
	return sum;
}

/* Where to look for changes of the offset. */
struct clues {
	int64_t at[CHANGES_MAX]; /* the seconds that the file lists */
	size_t n;
	/* Later changes follow the rule in the file's last line, such as
	 * "CET-1CEST,M3.5.0,M10.5.0/3". */
	bool has_rule;
};

/* False if the file does not have the form of RFC 8536. */
static bool
clues_find(const struct zone_file *f, struct clues *c)
{
	const uint8_t *head = f->bytes, *end = f->bytes + f->len;
	size_t n;

	*c = (struct clues){ 0 };
	/* The first block is for programs that know no years after 2038. */
	if (f->len < HEAD_SIZE || head[4] < '2' ||
	    HEAD_SIZE + block_size(head, 4) + HEAD_SIZE > f->len)
		return false;
	head += HEAD_SIZE + block_size(head, 4);
	if (HEAD_SIZE + block_size(head, 8) > (size_t)(end - head))
		return false;
	n = (size_t)big_get(head + HEAD_CHANGES, 4);
	for (size_t i = 0; i < n && c->n < CHANGES_MAX; i++) {
		c->at[c->n] = (int64_t)big_get(head + HEAD_SIZE + 8 * i, 8);
		c->n += c->at[c->n] > 0 && c->at[c->n] < END_S;
	}
	head += HEAD_SIZE + block_size(head, 8);
	c->has_rule = memchr(head, ',', (size_t)(end - head)) != NULL;
	return true;
}

/* ---- the changes --------------------------------------------------------- */

static int32_t
offset_at(int64_t second)
{
	time_t t = (time_t)second;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		die("no local time for second %lld", (long long)second);
	return (int32_t)tm.tm_gmtoff;
}

/* Finds the first second after `lo` that does not have the offset of `lo`.  The
 * offset changes between `lo` and `hi`. */
static int64_t
change_find(int64_t lo, int64_t hi)
{
	int32_t was = offset_at(lo);

	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		if (offset_at(mid) == was)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

static void
changes_find(struct arena *a, const struct clues *c, struct zone *z)
{
	struct zone_change found[CHANGES_MAX], *list;
	int64_t s = c->n > 0 ? c->at[c->n - 1] : 0;
	size_t n = 0;

	found[n++] = (struct zone_change){ INT64_MIN, offset_at(0) };
	for (size_t i = 0; i < c->n && n < CHANGES_MAX; i++)
		if (offset_at(c->at[i]) != found[n - 1].offset_s)
			found[n++] = (struct zone_change){
				c->at[i] * INSTANT_SECOND, offset_at(c->at[i])
			};
	for (; c->has_rule && s < END_S && n < CHANGES_MAX; s += STEP_S) {
		int64_t at;

		if (offset_at(s + STEP_S) == found[n - 1].offset_s)
			continue;
		at = change_find(s, s + STEP_S);
		found[n++] = (struct zone_change){ at * INSTANT_SECOND,
			offset_at(at) };
	}
	list = arena_array(a, n, sizeof(*list));
	memcpy(list, found, n * sizeof(*list));
	z->changes = list;
	z->nchanges = n;
}

static void
tz_set(const char *value)
{
	int rc = value != NULL ? setenv("TZ", value, 1) : unsetenv("TZ");

	if (rc == -1)
		die("TZ cannot be set");
	tzset();
}

int
zone_load(struct arena *a, const char *name, struct zone *out, struct err *e)
{
	const char *tz = getenv("TZ");
	char *was = tz != NULL ? arena_strdup(a, tz) : NULL;
	struct zone_file file;
	struct clues clues;

	if (strcmp(name, "UTC") == 0) {
		*out = zone_utc;
		return 0;
	}
	if (!file_read(name, &file) || !clues_find(&file, &clues))
		return err_set(e, FAULT_REJECT,
		    "\"%.64s\" is no time zone of this machine's " ZONE_DIR
		    "; one is Europe/Berlin",
		    name);
	tz_set(arena_printf(a, ":" ZONE_DIR "%s", name));
	out->name = arena_strdup(a, name);
	changes_find(a, &clues, out);
	tz_set(was);
	return 0;
}

/* ---- zones that are known ------------------------------------------------ */

/* Finds when the file of a zone was changed last, or put in the place of
 * another file; 0 if there is no such file, as may be for UTC. */
static int64_t
file_changed_at(const char *name)
{
	char path[sizeof(ZONE_DIR) + NAME_MAX_LEN];
	struct stat st;

	(void)snprintf(path, sizeof(path), ZONE_DIR "%s", name);
	if (stat(path, &st) == -1)
		return 0;
	return st.st_ctim.tv_sec * INT64_C(1000000000) + st.st_ctim.tv_nsec;
}

void
zone_table_init(struct zone_table *t, struct arena *a)
{
	*t = (struct zone_table){ .arena = a };
}

const struct zone *
zone_table_find(struct zone_table *t, const char *name, struct err *e)
{
	struct known_zone *new;

	for (const struct known_zone *k = t->first; k != NULL; k = k->next)
		if (strcmp(k->zone.name, name) == 0)
			return &k->zone;
	new = arena_alloc(t->arena, sizeof(*new));
	new->next = t->first;
	/* If the file changes meanwhile, the zone is loaded once more. */
	new->file_at = file_changed_at(name);
	if (zone_load(t->arena, name, &new->zone, e) == -1)
		return NULL;
	t->first = new;
	return &new->zone;
}

bool
zone_table_is_stale(const struct zone_table *t)
{
	for (const struct known_zone *k = t->first; k != NULL; k = k->next)
		if (file_changed_at(k->zone.name) != k->file_at)
			return true;
	return false;
}
