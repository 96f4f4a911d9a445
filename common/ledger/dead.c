/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/columns.h"
#include "ledger/dead.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

const char *const dead_classes[] = { "unparsable", "platform", "foreign",
	"misdirected", "poison", "refused", NULL };

/* Finds a class of dead letters by name.  Returns the text in dead_classes,
 * which outlives `word`; NULL: there is no such class. */
static const char *
class_find(const char *word)
{
	for (const char *const *c = dead_classes; *c != NULL; c++)
		if (strcmp(*c, word) == 0)
			return *c;
	return NULL;
}

bool
dead_is_class(const char *word)
{
	return class_find(word) != NULL;
}

/* ---- counts by store and class ------------------------------------------- */

void
dead_tally_add(
    struct dead_tally *t, int64_t store_id, const char *why_class, int64_t n)
{
	const char *word = class_find(why_class);

	assert(word != NULL);
	t->all += n;
	for (size_t i = 0; i < t->nof; i++)
		if (t->of[i].store_id == store_id &&
		    t->of[i].why_class == word) {
			t->of[i].n += n;
			return;
		}
	if (t->nof < NITEMS(t->of))
		t->of[t->nof++] = (struct dead_count){ store_id, word, n };
}

void
dead_tally_join(struct dead_tally *t, const struct dead_tally *more)
{
	int64_t named = 0;

	for (size_t i = 0; i < more->nof; i++) {
		const struct dead_count *c = &more->of[i];

		dead_tally_add(t, c->store_id, c->why_class, c->n);
		named += c->n;
	}
	t->all += more->all - named;
}

const char *
dead_tally_text(struct arena *a, const struct dead_tally *t)
{
	const char *text = "";
	int64_t others = t->all;

	for (size_t i = 0; i < t->nof; i++) {
		const struct dead_count *c = &t->of[i];

		text = arena_printf(a, "%s%s%" PRId64 " %s of store %" PRId64,
		    text, i > 0 ? ", " : "", c->n, c->why_class, c->store_id);
		others -= c->n;
	}
	if (others > 0)
		text = arena_printf(a, "%s, %" PRId64 " others", text, others);
	return text;
}

/* ---- burying ------------------------------------------------------------- */

/* Makes the name under which the letter's body is sealed.  The name contains
 * the place in the stream at which the letter's first message was, because that
 * place never changes, and tells whether the letter has a body or a record. */
static const char *
seal_name(struct arena *a, bool is_record, const struct dead_letter *d)
{
	return arena_printf(a, "dead %s %" PRId64 " %" PRId64 " %s",
	    is_record ? "record" : "letter", d->tenant_id, d->store_id,
	    d->stream_id);
}

/* Returns what a letter keeps of a message: the body, or, of a record, all. */
static struct str
kept_of(struct arena *a, const struct message *m)
{
	struct str kept;
	struct buf b;

	if (!m->is_record)
		return m->body;
	buf_init(&b, MESSAGE_MAX);
	message_encode(m, &b);
	assert(!buf_is_full(&b));
	kept = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	buf_fini(&b);
	return kept;
}

/* A message to be buried, with the values that identify its dead letter (topic,
 * hash of the body) and with its place in the streams. */
struct grave {
	const struct burial *burial;
	const char *topic;
	uint8_t hash[HMAC_SIZE];
	struct str place;
	bool is_told;
};

static struct str
grave_hash(const struct grave *g)
{
	return (struct str){ (const char *)g->hash, sizeof(g->hash) };
}

static int
compare_letters(const struct grave *x, const struct grave *y)
{
	const struct burial *b = x->burial, *c = y->burial;
	int cmp;

	if (b->tenant_id != c->tenant_id)
		return b->tenant_id < c->tenant_id ? -1 : 1;
	if (b->message->store_id != c->message->store_id)
		return b->message->store_id < c->message->store_id ? -1 : 1;
	if ((cmp = strcmp(b->why_class, c->why_class)) != 0 ||
	    (cmp = strcmp(x->topic, y->topic)) != 0)
		return cmp;
	return memcmp(x->hash, y->hash, sizeof(x->hash));
}

/* Sorts messages in the order in which all processes lock dead letters, so that
 * no two processes wait for each other. */
static int
compare_graves(const void *a, const void *b)
{
	const struct grave *x = a, *y = b;
	int cmp = compare_letters(x, y);

	return cmp != 0 ? cmp : strcmp(x->place.data, y->place.data);
}

/* Returns what is equal for messages whose signed bodies are equal. */
static struct str
signed_body(const struct message *m)
{
	return m->is_record ? (struct str){ (const char *)m->mark, MARK_SIZE }
	                    : m->body;
}

/* Names the place of a message in the streams.  Two streams may have an entry of
 * the same id, so the place also has the number of the stream; and the number of
 * the message in its entry, unless the message is the first.  An older version
 * of loyald wrote places in another form, such as 2/17-0. */
static struct str
place_of(struct arena *a, const struct message *m)
{
	const char *place = arena_printf(a, "%u:%s", m->stream, m->stream_id);

	if (m->part > 0)
		place = arena_printf(a, "%s.%u", place, m->part);
	return str_of(place);
}

static struct grave *
graves_of(struct arena *a, const struct master_key *key,
    const struct burial *list, size_t n)
{
	struct grave *graves = arena_array(a, n, sizeof(*graves));

	for (size_t i = 0; i < n; i++) {
		const struct message *m = list[i].message;

		graves[i].burial = &list[i];
		graves[i].topic = arena_utf8(a, m->topic);
		body_hash(key, signed_body(m), graves[i].hash);
		graves[i].place = place_of(a, m);
	}
	qsort(graves, n, sizeof(*graves), compare_graves);
	return graves;
}

/* Marks the messages that their letters have counted already. */
static int
graves_told(const struct world *w, struct grave *g, size_t n, struct err *e)
{
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	for (size_t i = 0; i < n; i++) {
		columns_bigint(&c, g[i].burial->tenant_id);
		columns_bigint(&c, g[i].burial->message->store_id);
		columns_text(&c, g[i].burial->why_class);
		columns_text(&c, g[i].topic);
		columns_bytes(&c, grave_hash(&g[i]));
		columns_str(&c, g[i].place);
		columns_end_row(&c);
	}
	if (columns_ask(w->pg, SQL_DEAD_TOLD, &c, &rows, e) == -1)
		return -1;
	for (int i = 0; i < rows.n; i++)
		g[pg_get_bigint(&rows, i, 0) - 1].is_told = true;
	pg_done(&rows);
	return 0;
}

/* Writes one letter for the messages at these places; `g` is the newest of the
 * messages. */
static int
letter_put(const struct world *w, const struct grave *g,
    const struct str *places, size_t n, struct err *e)
{
	const struct burial *b = g->burial;
	const struct message *m = b->message;
	const struct dead_letter letter = { .tenant_id = b->tenant_id,
		.store_id = m->store_id,
		.stream_id = places[0].data };
	const char *what = seal_name(w->arena, m->is_record, &letter);
	struct pg_params p = { .arena = w->arena };
	size_t touched;

	pg_bigint(&p, b->tenant_id);
	pg_bigint(&p, m->store_id);
	pg_bigint(&p, m->platform);
	pg_strs(&p, places, n);
	pg_text(&p, g->topic);
	pg_text(&p, arena_utf8(w->arena, m->delivery_id));
	pg_instant(&p, m->received_at);
	pg_text(&p, b->why_class);
	pg_text(&p, arena_utf8(w->arena, str_of(b->reason)));
	pg_str(&p, seal(w->arena, w->key, what, kept_of(w->arena, m)));
	pg_str(&p, grave_hash(g));
	pg_bigint(&p, DEAD_PLACES_MAX);
	if (pg_ask_count(w->pg, SQL_DEAD_BURY, &p, &touched, e) == -1)
		return -1;
	if (touched == 0)
		return err_set(e, FAULT_RETRY,
		    "another worker buries the message at %s", places[0].data);
	return 0;
}

/* Writes n messages into the dead letter that they share. */
static int
letter_bury(
    const struct world *w, const struct grave *g, size_t n, struct err *e)
{
	struct str *places = arena_array(w->arena, n, sizeof(*places));
	const struct grave *newest = g;
	size_t nplaces = 0;

	for (size_t i = 0; i < n; i++) {
		if (g[i].burial->message->received_at >
		    newest->burial->message->received_at)
			newest = &g[i];
		if (!g[i].is_told &&
		    (i == 0 || !str_eq(g[i].place, g[i - 1].place)))
			places[nplaces++] = g[i].place;
	}
	return nplaces == 0 ? 0 : letter_put(w, newest, places, nplaces, e);
}

int
dead_bury(
    const struct world *w, const struct burial *list, size_t n, struct err *e)
{
	struct grave *graves;

	if (n == 0)
		return 0;
	graves = graves_of(w->arena, w->key, list, n);
	if (graves_told(w, graves, n, e) == -1)
		return -1;
	for (size_t i = 0, end; i < n; i = end) {
		end = i + 1;
		while (
		    end < n && compare_letters(&graves[i], &graves[end]) == 0)
			end++;
		if (letter_bury(w, &graves[i], end - i, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- for operators ------------------------------------------------------- */

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
		.last_died_at = pg_get_instant(
		    rows, i, pg_is_null(rows, i, 11) ? 10 : 11),
		.times = pg_get_bigint(rows, i, 12),
		.replayed_at = pg_get_instant(rows, i, 13),
		.discarded_at = pg_get_instant(rows, i, 14),
	};
}

int
dead_list(struct pg *pg, struct arena *a, const struct dead_query *q,
    struct dead_letter **out, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct dead_letter *list;

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

static int
letter_open(struct arena *a, const struct master_key *key, struct str sealed,
    struct dead_letter *d, struct err *e)
{
	d->is_record = unseal(a, key, seal_name(a, true, d), sealed, &d->body,
	                   e) == 0;
	return d->is_record ? 0
	                    : unseal(a, key, seal_name(a, false, d), sealed,
	                          &d->body, e);
}

int
dead_get(struct pg *pg, struct arena *a, const struct master_key *key,
    int64_t dead_id, struct dead_letter *out, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct dead_letter d;
	struct str sealed;

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
	sealed = rows_str(a, &rows, 0, 15);
	pg_done(&rows);
	if (key != NULL && letter_open(a, key, sealed, &d, e) == -1)
		return err_wrap(e,
		    "the body of dead letter %lld does not open: is "
		    "LOYALD_KEY_FILE the key it was sealed with?",
		    (long long)dead_id);
	*out = d;
	return 0;
}

int
dead_message(const struct dead_letter *d, struct message *m, struct err *e)
{
	if (d->platform == (enum platform)0 || d->is_record) {
		if (message_decode(d->body, m, e) == 0) {
			if (d->is_record)
				m->address = ADDRESS_REPLAYED;
			return 0;
		}
		return err_set(e, FAULT_REJECT,
		    "dead letter %" PRId64 " is no message that could be read "
		    "again: look at it with dlq show, then discard it",
		    d->dead_id);
	}
	*m = (struct message){
		.platform = d->platform,
		.address = ADDRESS_REPLAYED,
		.store_id = d->store_id,
		.received_at = d->received_at,
		.topic = str_of(d->topic),
		.delivery_id = str_of(d->delivery_id),
		.body = d->body,
	};
	return 0;
}

int
dead_mark(struct pg *pg, struct arena *a, const struct dead_letter *d,
    bool is_replayed, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, d->tenant_id);
	pg_bigint(&p, d->dead_id);
	pg_bigint(&p, d->times);
	return pg_tell(pg,
	    is_replayed ? SQL_DEAD_MARK_REPLAYED : SQL_DEAD_MARK_DISCARDED, &p,
	    e);
}

/* ---- for schedule -------------------------------------------------------- */

int
dead_open(struct pg *pg, struct arena *a, int64_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, DEAD_OPEN_MAX);
	return pg_ask_bigint(pg, SQL_DEAD_OPEN, &p, n, e);
}

int
dead_expire(struct pg *pg, struct arena *a, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, DEAD_MISDIRECTED_DAYS);
	pg_bigint(&p, DEAD_EXPIRE_MAX);
	return pg_ask_count(pg, SQL_DEAD_EXPIRE, &p, n, e);
}
