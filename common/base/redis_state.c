/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/redis_state.h"

/* ---- what INFO says ---------------------------------------------------- */

static void
text_get(struct str value, char *out, size_t size)
{
	(void)snprintf(out, size, "%.*s", (int)value.len, value.data);
}

static const struct {
	const char *name;
	size_t at, size; /* where the member of struct redis_facts is */
} texts[] = {
	{ "run_id", offsetof(struct redis_facts, run), REDIS_ID_MAX },
	{ "master_replid", offsetof(struct redis_facts, replid), REDIS_ID_MAX },
	{ "master_replid2", offsetof(struct redis_facts, replid2),
	    REDIS_ID_MAX },
	{ "maxmemory_policy", offsetof(struct redis_facts, policy),
	    REDIS_POLICY_MAX },
};

static const struct {
	const char *name;
	size_t at;
} numbers[] = {
	{ "master_repl_offset", offsetof(struct redis_facts, offset) },
	{ "second_repl_offset", offsetof(struct redis_facts, second_offset) },
	{ "evicted_keys", offsetof(struct redis_facts, evicted) },
	{ "connected_slaves", offsetof(struct redis_facts, replicas) },
};

static void
line_parse(struct str name, struct str value, struct redis_facts *f)
{
	int64_t n;

	for (size_t i = 0; i < NITEMS(texts); i++)
		if (str_eq(name, str_of(texts[i].name)))
			text_get(value, (char *)f + texts[i].at, texts[i].size);
	for (size_t i = 0; i < NITEMS(numbers); i++)
		if (str_eq(name, str_of(numbers[i].name)) &&
		    str_int64(value, &n) == 0)
			memcpy((char *)f + numbers[i].at, &n, sizeof(n));
	if (str_eq(name, STR("role")))
		f->is_replica = str_eq(value, STR("slave"));
	if (str_eq(name, STR("loading")))
		f->is_loading = str_eq(value, STR("1"));
	if (str_eq(name, STR("aof_enabled")))
		f->has_aof = str_eq(value, STR("1"));
	/* Redis shows this field only where min-replicas-to-write is set. */
	if (str_eq(name, STR("min_slaves_good_slaves")))
		f->wants_replicas = true;
}

void
redis_facts_parse(struct str info, struct redis_facts *out)
{
	const char *p = info.data, *end = info.data + info.len;

	*out = (struct redis_facts){ .run = "" };
	while (p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		const char *next = stop == NULL ? end : stop + 1;
		const char *colon;

		if (stop == NULL)
			stop = end;
		if (stop > p && stop[-1] == '\r')
			stop--;
		colon = memchr(p, ':', (size_t)(stop - p));
		if (colon != NULL)
			line_parse((struct str){ p, (size_t)(colon - p) },
			    (struct str){
			        colon + 1, (size_t)(stop - colon - 1) },
			    out);
		p = next;
	}
}

bool
redis_facts_evict(const struct redis_facts *f)
{
	return f->policy[0] != '\0' && strcmp(f->policy, "noeviction") != 0;
}

/* ---- what is remembered ------------------------------------------------ */

void
redis_known_render(const struct redis_known *k, char out[REDIS_KNOWN_MAX])
{
	(void)snprintf(out, REDIS_KNOWN_MAX,
	    "%s %s %" PRId64 " %d %" PRId64 " %" PRId64 " %" PRId64, k->run,
	    k->replid, k->offset, k->is_replicated, k->mark, k->since,
	    k->wrote_at);
}

/* Takes the next word off the line. */
static struct str
word_take(struct str *s)
{
	const char *space = memchr(s->data, ' ', s->len);
	struct str word = { s->data,
		space == NULL ? s->len : (size_t)(space - s->data) };
	size_t gone = word.len + (space != NULL);

	*s = (struct str){ s->data + gone, s->len - gone };
	return word;
}

int
redis_known_parse(struct str line, struct redis_known *out)
{
	struct redis_known k = { .run = "" };
	struct str run = word_take(&line), replid = word_take(&line);
	int64_t replicated = 0;
	int64_t *fields[] = { &k.offset, &replicated, &k.mark, &k.since,
		&k.wrote_at };

	if (run.len != REDIS_ID_MAX - 1 || replid.len != REDIS_ID_MAX - 1)
		return -1;
	for (size_t i = 0; i < NITEMS(fields); i++)
		if (str_int64(word_take(&line), fields[i]) == -1)
			return -1;
	if (line.len != 0)
		return -1;
	text_get(run, k.run, sizeof(k.run));
	text_get(replid, k.replid, sizeof(k.replid));
	k.is_replicated = replicated != 0;
	*out = k;
	return 0;
}

/* ---- what it means ----------------------------------------------------- */

/* Whether this server has the data of the known server, by the replication ids
 * that Redis gives to data.  *is_younger is set if the newest of these data are
 * missing. */
static bool
is_history(
    const struct redis_known *k, const struct redis_facts *f, bool *is_younger)
{
	*is_younger = false;
	if (strcmp(f->replid, k->replid) == 0) {
		*is_younger = f->offset < k->offset;
		return true;
	}
	/* A replica that became the master keeps, in replid2, the id of the
	 * data that it copied.  second_offset is the first byte of its own
	 * data. */
	if (strcmp(f->replid2, k->replid) == 0) {
		*is_younger = f->second_offset - 1 < k->offset;
		return true;
	}
	return false;
}

enum redis_verdict
redis_judge(const struct redis_known *k, const struct redis_facts *f,
    int64_t mark_found)
{
	bool is_younger, has_history;

	if (f->is_replica)
		return REDIS_REPLICA;
	if (redis_facts_evict(f))
		return REDIS_EVICTS;
	/* No server was given a delivery yet, or this server does not tell the
	 * id of its process. */
	if (k->run[0] == '\0' || f->run[0] == '\0')
		return REDIS_FIT;
	if (k->mark != 0 && mark_found == REDIS_MARK_NONE)
		return REDIS_OTHER;
	has_history = is_history(k, f, &is_younger);
	if (is_younger || (mark_found > 0 && mark_found < k->mark))
		return REDIS_BEHIND;
	/* The same process is the known server, even if its replication id has
	 * changed: a Redis that had no replicas for an hour takes a new id. */
	if (has_history || strcmp(f->run, k->run) == 0)
		return REDIS_FIT;
	/* The server restarted, which gives the same data a new id.  Now only
	 * the mark, a key that the receiver wrote, shows that the data are the
	 * same.  (Until the first mark is acknowledged, the receiver keeps all
	 * deliveries itself.) */
	if (mark_found == REDIS_MARK_UNSEEN)
		return REDIS_OTHER;
	if (f->replicas == 0 && (k->is_replicated || f->wants_replicas))
		return REDIS_SUSPECT;
	return REDIS_FIT;
}

void
redis_gap(
    const struct redis_known *k, int64_t mark_found, int64_t *from, int64_t *to)
{
	*from = mark_found > 0 ? mark_found : k->since;
	*to = k->wrote_at > *from ? k->wrote_at : *from;
}

unsigned
redis_lacks(const struct redis_facts *f, const char *fsync, unsigned before)
{
	unsigned lacks = 0;

	/* A server says that it has no append-only file while it is still
	 * reading that file. */
	if (f->is_loading)
		return before;
	if (f->run[0] == '\0')
		return fsync[0] == '\0' ? REDIS_HIDES_FSYNC : 0;
	if (!f->has_aof)
		lacks |= REDIS_LACKS_AOF;
	else if (fsync[0] == '\0')
		lacks |= REDIS_HIDES_FSYNC;
	else if (strcmp(fsync, "always") != 0)
		lacks |= REDIS_LACKS_FSYNC;
	if (f->replicas > 0 && !f->wants_replicas)
		lacks |= REDIS_LACKS_REPLICAS;
	return lacks;
}
