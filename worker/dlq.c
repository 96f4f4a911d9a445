/* SPDX-License-Identifier: MIT */
/* loyald dlq: dead letters, which are messages that could not become events. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/stream/stream.h"
#include "ledger/dead.h"
#include "loop.h"
#include "operation.h"
#include "wire/event_record.h"
#include "wire/travel.h"

enum {
	LIST_DEFAULT = 1000,
	LIST_MAX = 100000,
	PAGE = 200, /* letters read from the database at a time */
};

struct dlq_options {
	int64_t id, store_id, max;
	const char *why_class;
	bool all, json, body;
};

/* ---- list and show ------------------------------------------------------- */

static const char *
state_of(const struct dead_letter *l)
{
	return l->replayed_at != 0    ? "replayed"
	       : l->discarded_at != 0 ? "discarded"
	                              : "open";
}

static const char *
platform_of(const struct dead_letter *l)
{
	/* A message that could not be decoded names no platform. */
	return l->platform == 0 ? NULL : platform_name(l->platform);
}

static void
json_letter(struct jsonw *w, const struct dead_letter *l)
{
	jsonw_int(w, "id", l->dead_id);
	jsonw_int(w, "store_id", l->store_id);
	jsonw_text(w, "platform", platform_of(l));
	jsonw_text(w, "topic", l->topic);
	jsonw_text(w, "delivery_id", l->delivery_id);
	jsonw_text(w, "stream_id", l->stream_id);
	jsonw_text(w, "class", l->why_class);
	jsonw_text(w, "reason", l->reason);
	jsonw_text(w, "state", state_of(l));
	jsonw_instant(w, "received_at", l->received_at);
	jsonw_int(w, "count", l->times);
	jsonw_instant(w, "died_at", l->died_at);
	jsonw_instant(w, "last_died_at", l->last_died_at);
	jsonw_instant(w, "replayed_at", l->replayed_at);
	jsonw_instant(w, "discarded_at", l->discarded_at);
}

static void
list_json(const struct dead_letter *list, size_t n)
{
	struct jsonw w;

	jsonw_begin_list(&w);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(&w, NULL);
		json_letter(&w, &list[i]);
		jsonw_object_end(&w);
	}
	jsonw_end(&w, stdout);
}

static void
list_text(struct arena *a, const struct dead_letter *list, size_t n)
{
	static const char *const names[] = { "ID", "STORE", "TOPIC", "CLASS",
		"COUNT", "FIRST", "LAST", "STATE", "REASON", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < n; i++) {
		const struct dead_letter *l = &list[i];
		const char *const cells[] = { cell_int(a, l->dead_id),
			cell_int(a, l->store_id), l->topic, l->why_class,
			cell_int(a, l->times), cell_instant(a, l->died_at),
			cell_instant(a, l->last_died_at), state_of(l),
			l->reason };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

static int
dlq_list(struct tool_call *call)
{
	struct dlq_options g = { .max = LIST_DEFAULT };
	const struct option_spec options[] = {
		{ "--store", "ID",
		    "number of the store whose letters are meant",
		    .number = &g.store_id },
		{ "--class", "CLASS", "why they died", .text = &g.why_class,
		    .one_of = dead_classes },
		{ "--max", "COUNT", "most letters that are shown",
		    .number = &g.max, .most = LIST_MAX, .preset = "1000" },
		{ "--all", NULL, "also those that were replayed or discarded",
		    .flag = &g.all },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct dead_letter *list;
	struct config c;
	struct operation op;
	struct err e;
	size_t n;
	int status = tool_read_line(call, options, &c);

	if (status != EXIT_STOPPED)
		return status;
	status = operation_open(&op, call, &c, false);
	if (status != EXIT_STOPPED)
		return status;
	if ((g.store_id != 0 && operation_store(&op, g.store_id, &e) == NULL) ||
	    dead_list(op.pg, &op.arena,
	        &(struct dead_query){ .store_id = g.store_id,
	            .why_class = g.why_class,
	            .all = g.all,
	            .max = (size_t)g.max },
	        &list, &n, &e) == -1)
		return operation_end(&op, &e);
	if (g.json)
		list_json(list, n);
	else
		list_text(&op.arena, list, n);
	return operation_end(&op, NULL);
}

/* Replaces the body of a letter that has a record by the record as JSON. */
static int
record_show(struct arena *a, struct dead_letter *l, struct err *e)
{
	struct message m;
	struct event ev;

	if (!l->is_record)
		return 0;
	if (dead_message(l, &m, e) == -1 || event_get(a, &m, &ev, e) == -1)
		return -1;
	l->body = event_json(a, &ev);
	return 0;
}

static void
show_json(const struct dead_letter *l, bool body)
{
	struct jsonw w;

	jsonw_begin(&w);
	json_letter(&w, l);
	jsonw_bool(&w, "body_is_record", l->is_record);
	jsonw_int(&w, "body_bytes", (int64_t)l->body.len);
	if (body)
		jsonw_str(&w, "body", l->body);
	jsonw_end(&w, stdout);
}

static void
show_text(struct arena *a, const struct dead_letter *l, bool body)
{
	/* Prints only the body, byte for byte, so that the output can be saved
	 * as a file. */
	if (body) {
		(void)fwrite(l->body.data, 1, l->body.len, stdout);
		return;
	}
	printf("dead letter  %" PRId64 ", %s\n"
	       "store        %" PRId64 " (%s)\n"
	       "topic        %s\n"
	       "delivery     %s\n"
	       "stream       %s\n"
	       "received     %s\n"
	       "died         %s\n"
	       "count        %" PRId64 ", last %s\n"
	       "class        %s\n"
	       "reason       %s\n"
	       "body         %zu bytes%s: see --body\n",
	    l->dead_id, state_of(l), l->store_id,
	    platform_of(l) ? platform_of(l) : "of no platform", l->topic,
	    l->delivery_id, l->stream_id,
	    l->received_at ? cell_instant(a, l->received_at) : "-",
	    cell_instant(a, l->died_at), l->times,
	    cell_instant(a, l->last_died_at), l->why_class, l->reason,
	    l->body.len, l->is_record ? " of what receive read in it" : "");
}

static int
dlq_show(struct tool_call *call)
{
	struct dlq_options g = { 0 };
	const struct option_spec options[] = {
		{ "--id", "ID", "number of the letter: loyald dlq list",
		    .number = &g.id, .required = true },
		{ "--body", NULL,
		    "print the body alone, as it came, or what was read in it",
		    .flag = &g.body },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct dead_letter l;
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, true);

	if (status != EXIT_STOPPED)
		return status;
	if (dead_get(op.pg, &op.arena, &op.key, g.id, &l, &e) == -1 ||
	    record_show(&op.arena, &l, &e) == -1)
		return operation_end(&op, &e);
	if (g.json)
		show_json(&l, g.body);
	else
		show_text(&op.arena, &l, g.body);
	return operation_end(&op, NULL);
}

/* ---- replay and discard -------------------------------------------------- */

/* The letters that one call replays or discards, one after the other. */
struct round {
	struct operation *op;
	struct stream *stream; /* NULL: the letters are discarded */
	struct arena arena;    /* memory for one letter */
	int64_t done, refused;
};

/* Says that a letter was replayed or discarded by an earlier command. */
static void
say_before(const struct dead_letter *l)
{
	char at[INSTANT_TEXT_MAX];

	if (l->replayed_at == 0 && l->discarded_at == 0)
		return;
	instant_format(
	    l->replayed_at != 0 ? l->replayed_at : l->discarded_at, at);
	printf("dead letter %" PRId64 " was %s already, at %s\n", l->dead_id,
	    state_of(l), at);
}

/*
 * Replays a letter: adds the letter to the stream, and only then marks it as
 * replayed.  If the process dies between these two steps, the letter is
 * replayed a second time later.  A second replay does no harm, because a
 * message that comes twice changes nothing.
 */
static int
letter_replay(struct round *r, int64_t id, struct err *e)
{
	struct dead_letter l;
	struct message m;

	if (dead_get(r->op->pg, &r->arena, &r->op->key, id, &l, e) == -1 ||
	    dead_message(&l, &m, e) == -1)
		return -1;
	travel_seal(&r->arena, &r->op->key, &m);
	if (stream_add(r->stream, &m, e) == -1)
		return -1;
	say_before(&l);
	if (dead_mark(r->op->pg, &r->arena, &l, true, e) == -1)
		return -1;
	r->done++;
	return 0;
}

static int
letter_discard(struct round *r, int64_t id, struct err *e)
{
	struct dead_letter l;

	/* No key is needed: a letter that cannot be opened can still be
	 * discarded. */
	if (dead_get(r->op->pg, &r->arena, NULL, id, &l, e) == -1)
		return -1;
	say_before(&l);
	if (l.replayed_at != 0 || l.discarded_at != 0)
		return 0;
	if (dead_mark(r->op->pg, &r->arena, &l, false, e) == -1)
		return -1;
	r->done++;
	return 0;
}

/* Replays or discards one letter of several.  If a letter is refused, the
 * others are still replayed or discarded. */
static int
round_one(struct round *r, int64_t id, struct err *e)
{
	arena_reset(&r->arena);
	if ((r->stream != NULL ? letter_replay(r, id, e)
	                       : letter_discard(r, id, e)) == 0)
		return 0;
	if (e->fault != FAULT_REJECT)
		return -1;
	r->refused++;
	log_warn("%s", e->msg);
	return 0;
}

/* Replays or discards all open letters that the command line chooses, the
 * newest first. */
static int
round_many(struct round *r, const struct dlq_options *g, struct err *e)
{
	struct dead_query q = {
		.store_id = g->store_id, .why_class = g->why_class, .max = PAGE
	};
	struct dead_letter *list;
	size_t n;

	do {
		arena_reset(&r->op->arena);
		if (dead_list(r->op->pg, &r->op->arena, &q, &list, &n, e) == -1)
			return -1;
		for (size_t i = 0; i < n; i++) {
			q.before = list[i].dead_id;
			if (round_one(r, list[i].dead_id, e) == -1)
				return -1;
		}
	} while (n == PAGE);
	return 0;
}

static int
round_run(struct round *r, const struct dlq_options *g, struct err *e)
{
	if (g->id != 0)
		return r->stream != NULL ? letter_replay(r, g->id, e)
		                         : letter_discard(r, g->id, e);
	return round_many(r, g, e);
}

/* Whether the command line chooses letters in exactly one way. */
static bool
is_clear(const struct dlq_options *g)
{
	bool some = g->store_id != 0 || g->why_class != NULL;

	return (g->id != 0) + some + g->all == 1;
}

static struct stream *
stream_open(const struct config *c, struct operation *op, struct err *e)
{
	struct redis_url url;
	struct stream *s;
	int64_t ours;

	if (redis_url_parse(c->redis_url, &url, e) == -1 ||
	    installation_load(op->pg, &ours, e) == -1)
		return NULL;
	s = stream_new(
	    &url, (unsigned)c->streams, "operator", c->claim_idle_ms);
	stream_installation(s, ours);
	return s;
}

static void
print_done(const struct round *r, const char *done, const char *none)
{
	printf("%" PRId64 " %s", r->done, done);
	if (r->refused > 0)
		printf(", %" PRId64 " refused: see above", r->refused);
	else if (r->done == 0)
		printf("%s", none);
	printf("\n");
}

static int
round_all(struct round *r, const struct config *c, const struct dlq_options *g,
    bool replay)
{
	struct err e;
	bool failed;
	int status;

	if (replay && (r->stream = stream_open(c, r->op, &e)) == NULL) {
		operation_close(r->op);
		return loop_end(&e, EXIT_CONFIG);
	}
	arena_init(&r->arena);
	failed = (g->store_id != 0 &&
	             operation_store(r->op, g->store_id, &e) == NULL) ||
	         round_run(r, g, &e) == -1;
	stream_free(r->stream);
	arena_fini(&r->arena);
	if (!failed || r->done > 0)
		print_done(r, replay ? "replayed" : "discarded",
		    failed       ? ""
		    : g->id != 0 ? ": nothing is changed"
		                 : ": no open dead letter is one of those");
	status = operation_end(r->op, failed ? &e : NULL);
	return !failed && r->refused > 0 ? EXIT_NO : status;
}

/* Runs `dlq replay` and `dlq discard`. */
static int
dlq_round(struct tool_call *call)
{
	bool replay = strcmp(call->argv[0], "dlq replay") == 0;
	struct dlq_options g = { 0 };
	const struct option_spec options[] = {
		{ "--id", "ID", "number of the letter: loyald dlq list",
		    .number = &g.id },
		{ "--store", "ID",
		    "number of the store whose letters are meant",
		    .number = &g.store_id },
		{ "--class", "CLASS", "why they died", .text = &g.why_class,
		    .one_of = dead_classes },
		{ "--all", NULL, "all that are open", .flag = &g.all },
		{ 0 },
	};
	struct config c;
	struct operation op;
	struct round r = { .op = &op };
	int status = tool_read_line(call, options, &c);

	if (status != EXIT_STOPPED)
		return status;
	if (!is_clear(&g))
		return tool_usage(call,
		    "%s wants --id ID, or --store ID and --class "
		    "CLASS or one of them, or --all",
		    call->argv[0]);
	status = operation_open(&op, call, &c, replay);
	if (status != EXIT_STOPPED)
		return status;
	return round_all(&r, &c, &g, replay);
}

int
cmd_dlq(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "list", dlq_list, "list dead letters, newest first",
		    .needs = NEEDS_DATABASE },
		{ "show", dlq_show,
		    "show one dead letter, or its body as it came",
		    .needs = NEEDS_KEY },
		{ "replay", dlq_round, "put dead letters back into the stream",
		    .needs = NEEDS_ALL },
		{ "discard", dlq_round, "close dead letters, which are kept",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}
