/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/instant.h"
#include "base/log.h"
#include "io/zone.h"

#define ZONE_DIR "/usr/share/zoneinfo/"

enum {
	NAME_MAX_LEN = 64,
	CHANGES_MAX = 1024, /* until 2100, no zone has more than about 300 */
	/* No zone has two changes within six days. */
	STEP_S = 4 * 24 * 60 * 60,
};

/* 2101-01-01T00:00:00Z */
#define END_S INT64_C(4133980800)

/* Whether the name is that of a file of the zone database.  For any other name
 * the C library silently takes UTC. */
static bool
name_is_known(const char *name)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "abcdefghijklmnopqrstuvwxyz"
	                            "0123456789_+-/";
	char path[sizeof(ZONE_DIR) + NAME_MAX_LEN], magic[4] = "";
	size_t len = strlen(name), n;
	FILE *f;

	if (len == 0 || len > NAME_MAX_LEN || strspn(name, chars) != len ||
	    name[0] == '/')
		return false;
	(void)snprintf(path, sizeof(path), ZONE_DIR "%s", name);
	f = fopen(path, "rbe");
	if (f == NULL)
		return false;
	n = fread(magic, 1, sizeof(magic), f);
	(void)fclose(f);
	return n == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

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
changes_find(struct arena *a, struct zone *z)
{
	struct zone_change found[CHANGES_MAX], *list;
	size_t n = 0;

	found[n++] = (struct zone_change){ INT64_MIN, offset_at(0) };
	for (int64_t s = 0; s < END_S && n < CHANGES_MAX; s += STEP_S) {
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

	if (strcmp(name, "UTC") == 0) {
		*out = zone_utc;
		return 0;
	}
	if (!name_is_known(name))
		return err_set(e, FAULT_REJECT,
		    "\"%.64s\" is no time zone of this machine's " ZONE_DIR
		    "; one is Europe/Berlin",
		    name);
	tz_set(arena_printf(a, ":" ZONE_DIR "%s", name));
	out->name = arena_strdup(a, name);
	changes_find(a, out);
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
