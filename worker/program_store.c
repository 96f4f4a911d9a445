/* SPDX-License-Identifier: MIT */
/* loyald program publish, list, show: the programs of stores. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/desk.h"
#include "ledger/program_edit.h"
#include "ledger/stores.h"
#include "loop.h"
#include "program_file.h"

enum {
	REPORT_MAX = 64 * 1024 * 1024 /* bytes of JSON */
};

struct given {
	int64_t store_id, version;
	const char *file, *from;
	bool json;
};

static int
end(struct desk *d, int status, const struct err *e)
{
	desk_close(d);
	return status == EXIT_STOPPED ? status : loop_end(e, status);
}

static const struct store *
store_of(struct desk *d, int64_t store_id, struct err *e)
{
	const struct store *s;
	struct store *stores;
	size_t n;

	if (stores_load(d->pg, &d->arena, NULL, &stores, &n, e) == -1)
		return NULL;
	s = stores_find(stores, n, store_id);
	if (s == NULL)
		(void)err_set(e, FAULT_REJECT,
		    "there is no store %" PRId64 ": see loyald store list",
		    store_id);
	return s;
}

/* ---- publish ----------------------------------------------------------------- */

static int
from_given(const struct given *g, int64_t *from, struct err *e)
{
	*from = 0;
	if (g->from == NULL || instant_parse(str_of(g->from), from) == 0)
		return 0;
	return err_set(e, FAULT_REJECT,
	    "\"%s\" is no time; one is 2026-03-01T00:00:00Z", g->from);
}

static void
print_published(
    const struct given *g, const struct program_file *f, int32_t version)
{
	struct jsonw w;
	struct buf b;

	if (!g->json) {
		printf("store %" PRId64 " has version %" PRId32
		       " of its program, \"%s\"; %zu tests passed\n",
		    g->store_id, version, f->program.name, f->tests.n);
		return;
	}
	buf_init(&b, REPORT_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "store_id", g->store_id);
	jsonw_int(&w, "version", version);
	jsonw_text(&w, "name", f->program.name);
	jsonw_int(&w, "tests", (int64_t)f->tests.n);
	jsonw_object_end(&w);
	jsonw_print(&w, stdout);
	buf_fini(&b);
}

static int
program_publish_verb(int argc, char *argv[])
{
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--store", "ID", .number = &g.store_id, .required = true },
		{ "--file", "FILE", .text = &g.file, .required = true },
		{ "--from", "TIME", .text = &g.from },
		{ "--json", "", .flag = &g.json },
		{ 0 },
	};
	struct program_file f = { 0 };
	const struct store *s;
	int32_t version = 0;
	int64_t from;
	struct config c;
	struct desk d;
	struct err e;
	int status;

	status = tool_read(&c, options, argc, argv, NULL, NULL);
	if (status != EXIT_STOPPED)
		return status;
	status = desk_open(&d, &c, false, &e);
	if (status != EXIT_STOPPED)
		return end(&d, status, &e);
	s = store_of(&d, g.store_id, &e);
	if (s == NULL || from_given(&g, &from, &e) == -1 ||
	    program_file_passes(
	        &d.arena, g.file, s->currency, s->timezone, &f, &e) == -1 ||
	    program_publish(
	        d.pg, &d.arena, g.store_id, f.text, from, &version, &e) == -1)
		return end(&d, desk_status(&e), &e);
	print_published(&g, &f, version);
	return end(&d, EXIT_STOPPED, NULL);
}

/* ---- list -------------------------------------------------------------------- */

static const char *
when(struct arena *a, int64_t at)
{
	char *text = arena_alloc(a, INSTANT_TEXT_MAX);

	if (at == 0)
		return NULL;
	instant_format(at, text);
	return text;
}

static void
list_json(const struct program_row *list, size_t n)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, REPORT_MAX);
	jsonw_init(&w, &b);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(&w, NULL);
		jsonw_int(&w, "version", list[i].version_id);
		jsonw_instant(&w, "effective_from", list[i].effective_from);
		jsonw_instant(&w, "created_at", list[i].created_at);
		jsonw_text(&w, "sha256", list[i].sha256);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_print(&w, stdout);
	buf_fini(&b);
}

static void
list_text(struct arena *a, const struct program_row *list, size_t n)
{
	static const char *const names[] = { "VERSION", "IN EFFECT FROM",
		"PUBLISHED", "SHA-256", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < n; i++) {
		const struct program_row *r = &list[i];
		const char *from = when(a, r->effective_from);
		const char *const cells[] = { arena_printf(
			                          a, "%" PRId32, r->version_id),
			from == NULL ? "ever" : from, when(a, r->created_at),
			arena_printf(a, "%.12s", r->sha256) };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

static int
program_list_verb(int argc, char *argv[])
{
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--store", "ID", .number = &g.store_id, .required = true },
		{ "--json", "", .flag = &g.json },
		{ 0 },
	};
	struct program_row *list;
	struct config c;
	struct desk d;
	struct err e;
	size_t n;
	int status;

	status = tool_read(&c, options, argc, argv, NULL, NULL);
	if (status != EXIT_STOPPED)
		return status;
	status = desk_open(&d, &c, false, &e);
	if (status != EXIT_STOPPED)
		return end(&d, status, &e);
	if (store_of(&d, g.store_id, &e) == NULL ||
	    programs_list(d.pg, &d.arena, g.store_id, &list, &n, &e) == -1)
		return end(&d, desk_status(&e), &e);
	if (g.json)
		list_json(list, n);
	else
		list_text(&d.arena, list, n);
	return end(&d, EXIT_STOPPED, NULL);
}

/* ---- show -------------------------------------------------------------------- */

/* The newest, or the version that was asked for. */
static int
show(struct desk *d, const struct given *g, struct err *e)
{
	struct program_row *list;
	size_t n;

	if (store_of(d, g->store_id, e) == NULL ||
	    programs_list(d->pg, &d->arena, g->store_id, &list, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str file = list[i].file;

		if (g->version != 0 && list[i].version_id != g->version)
			continue;
		(void)fwrite(file.data, 1, file.len, stdout);
		if (file.len > 0 && file.data[file.len - 1] != '\n')
			putchar('\n');
		return 0;
	}
	return err_set(e, FAULT_REJECT,
	    "store %" PRId64 " has no version %" PRId64
	    " of a program: see loyald program list",
	    g->store_id, g->version);
}

static int
program_show_verb(int argc, char *argv[])
{
	struct given g = { 0 };
	const struct option_spec options[] = {
		{ "--store", "ID", .number = &g.store_id, .required = true },
		{ "--version", "NUMBER", .number = &g.version },
		{ 0 },
	};
	struct config c;
	struct desk d;
	struct err e;
	int status;

	status = tool_read(&c, options, argc, argv, NULL, NULL);
	if (status != EXIT_STOPPED)
		return status;
	status = desk_open(&d, &c, false, &e);
	if (status != EXIT_STOPPED)
		return end(&d, status, &e);
	if (show(&d, &g, &e) == -1)
		return end(&d, desk_status(&e), &e);
	return end(&d, EXIT_STOPPED, NULL);
}

int
cmd_program_store(int argc, char *argv[])
{
	if (strcmp(argv[0], "program publish") == 0)
		return program_publish_verb(argc, argv);
	if (strcmp(argv[0], "program list") == 0)
		return program_list_verb(argc, argv);
	return program_show_verb(argc, argv);
}
