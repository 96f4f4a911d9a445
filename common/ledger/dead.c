/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/utf8.h"
#include "ledger/dead.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

bool
dead_is_class(const char *word)
{
	static const char *const classes[] = { "unparsable", "platform",
		"foreign", "misdirected", "poison", "refused" };

	for (size_t i = 0; i < NITEMS(classes); i++)
		if (strcmp(classes[i], word) == 0)
			return true;
	return false;
}

/* Under what name a body is sealed: its place in the stream, which does not
 * change. */
static const char *
seal_name(
    struct arena *a, int64_t tenant_id, int64_t store_id, const char *stream_id)
{
	return arena_printf(a, "dead letter %lld %lld %s", (long long)tenant_id,
	    (long long)store_id, stream_id);
}

int
dead_bury(struct pg *pg, struct arena *a, const struct master_key *key,
    int64_t tenant_id, const struct message *m, const char *why_class,
    const char *reason, struct err *e)
{
	/* Two streams may have an entry of the same id. */
	const char *place = arena_printf(a, "%u/%s", m->stream, m->stream_id);
	const char *what = seal_name(a, tenant_id, m->store_id, place);
	struct pg_params p;

	pg_params(&p, a);
	pg_bigint(&p, tenant_id);
	pg_bigint(&p, m->store_id);
	pg_bigint(&p, m->platform);
	pg_text(&p, place);
	pg_text(&p, utf8_clean(a, m->topic));
	pg_text(&p, utf8_clean(a, m->delivery_id));
	pg_instant(&p, m->received_at);
	pg_text(&p, why_class);
	pg_text(&p, utf8_clean(a, str_of(reason)));
	pg_bytes(&p, seal(a, key, what, m->body));
	return pg_tell(pg, SQL_DEAD_BURY, &p, e);
}

static void
dead_read(
    struct arena *a, const struct pg_rows *rows, int i, struct dead_letter *d)
{
	*d = (struct dead_letter){
		.tenant_id = pg_get_bigint(rows, i, 0),
		.dead_id = pg_get_bigint(rows, i, 1),
		.store_id = pg_get_bigint(rows, i, 2),
		.platform = (enum platform)pg_get_bigint(rows, i, 3),
		.stream_id = rows_text(a, rows, i, 4),
		.topic = rows_text(a, rows, i, 5),
		.delivery_id = rows_text(a, rows, i, 6),
		.why_class = rows_text(a, rows, i, 7),
		.reason = rows_text(a, rows, i, 8),
		.received_at = pg_get_instant(rows, i, 9),
		.died_at = pg_get_instant(rows, i, 10),
		.replayed_at = pg_get_instant(rows, i, 11),
		.discarded_at = pg_get_instant(rows, i, 12),
	};
}

int
dead_list(struct pg *pg, struct arena *a, const struct dead_query *q,
    struct dead_letter **out, size_t *n, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	struct dead_letter *list;

	pg_params(&p, a);
	pg_bigint(&p, q->store_id);
	pg_bool(&p, q->all);
	pg_bigint(&p, (int64_t)q->max);
	pg_bigint(&p, q->before);
	pg_text(&p, q->why_class);
	if (pg_ask(pg, SQL_DEAD_LIST, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		dead_read(a, &rows, i, &list[i]);
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

int
dead_get(struct pg *pg, struct arena *a, const struct master_key *key,
    int64_t dead_id, struct dead_letter *out, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	struct dead_letter d;
	struct str sealed;

	pg_params(&p, a);
	pg_bigint(&p, dead_id);
	if (pg_ask(pg, SQL_DEAD_GET, &p, &rows, e) == -1)
		return -1;
	if (rows.n == 0) {
		pg_done(&rows);
		return err_set(e, FAULT_REJECT,
		    "there is no dead letter %lld: see loyald dlq list --all",
		    (long long)dead_id);
	}
	dead_read(a, &rows, 0, &d);
	sealed = pg_get_bytes(a, &rows, 0, 13);
	pg_done(&rows);
	if (key != NULL &&
	    unseal(a, key, seal_name(a, d.tenant_id, d.store_id, d.stream_id),
	        sealed, &d.body, e) == -1)
		return err_wrap(e,
		    "the body of dead letter %lld does not open: is "
		    "LOYALD_KEY_FILE the key it was sealed with?",
		    (long long)dead_id);
	*out = d;
	return 0;
}

void
dead_message(const struct dead_letter *d, struct message *m)
{
	*m = (struct message){
		.platform = d->platform,
		.address = ADDRESS_REPLAYED,
		.store_id = d->store_id,
		.received_at = d->received_at,
		.topic = str_of(d->topic),
		.delivery_id = str_of(d->delivery_id),
		.body = d->body,
	};
}

static int
dead_mark(struct pg *pg, struct arena *a, int stmt, const struct dead_letter *d,
    struct err *e)
{
	struct pg_params p;

	pg_params(&p, a);
	pg_bigint(&p, d->tenant_id);
	pg_bigint(&p, d->dead_id);
	return pg_tell(pg, stmt, &p, e);
}

int
dead_mark_replayed(
    struct pg *pg, struct arena *a, const struct dead_letter *d, struct err *e)
{
	return dead_mark(pg, a, SQL_DEAD_MARK_REPLAYED, d, e);
}

int
dead_mark_discarded(
    struct pg *pg, struct arena *a, const struct dead_letter *d, struct err *e)
{
	return dead_mark(pg, a, SQL_DEAD_MARK_DISCARDED, d, e);
}
