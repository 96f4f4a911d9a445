/* SPDX-License-Identifier: MIT */
/* loyald program publish, list, show: the commands for the versions of a
 * store's program. */
#include <inttypes.h>
#include <stdio.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/program_edit.h"
#include "ledger/stores.h"
#include "operation.h"
#include "program_file.h"

struct version_options {
	int64_t store_id, version, from; /* `from` is an instant; 0: now */
	const char *file;
	bool json;
};

/* ---- publish ------------------------------------------------------------- */

static void
print_published(const struct version_options *g, const struct program_file *f,
    const struct program_added *added)
{
	char since[INSTANT_TEXT_MAX] = "ever";
	struct jsonw w;

	if (added->effective_from != 0)
		instant_format(added->effective_from, since);
	if (!g->json && !added->fresh) {
		printf("store %" PRId64 " has that program already, as version "
		       "%" PRId32 ", in effect from %s: nothing is changed\n",
		    g->store_id, added->version, since);
		return;
	}
	if (!g->json) {
		printf("store %" PRId64 " has version %" PRId32
		       " of its program, \"%s\"; %zu tests passed\n",
		    g->store_id, added->version, f->program.name, f->tests.n);
		return;
	}
	jsonw_begin(&w);
	jsonw_int(&w, "store_id", g->store_id);
	jsonw_int(&w, "version", added->version);
	jsonw_bool(&w, "published", added->fresh);
	jsonw_text(&w, "name", f->program.name);
	jsonw_int(&w, "tests", (int64_t)f->tests.n);
	jsonw_end(&w, stdout);
}

int
cmd_program_publish(struct tool_call *call)
{
	struct version_options g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ "--file", "FILE", "the program", .text = &g.file,
		    .required = true },
		{ "--from", "INSTANT", "from when it is in effect",
		    .instant = &g.from, .preset = "now" },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct program_file f = { 0 };
	const struct store *s;
	struct program_added added;
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	s = operation_store(&op, g.store_id, &e);
	if (s == NULL ||
	    program_file_passes(&op.arena, g.file,
	        &(struct program_place){
	            s->platform, s->currency, s->timezone },
	        &f, &e) == -1 ||
	    program_publish(op.pg, &op.arena,
	        &(struct program_new){ .store_id = g.store_id,
	            .file = f.text,
	            .effective_from = g.from },
	        &added, &e) == -1)
		return operation_end(&op, &e);
	print_published(&g, &f, &added);
	return operation_end(&op, NULL);
}

/* ---- list ---------------------------------------------------------------- */

static void
list_json(const struct program_row *list, size_t n)
{
	struct jsonw w;

	jsonw_begin_list(&w);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(&w, NULL);
		jsonw_int(&w, "version", list[i].version_id);
		jsonw_instant(&w, "effective_from", list[i].effective_from);
		jsonw_instant(&w, "created_at", list[i].created_at);
		jsonw_text(&w, "sha256", list[i].sha256);
		jsonw_object_end(&w);
	}
	jsonw_end(&w, stdout);
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
		const char *from = cell_instant(a, r->effective_from);
		const char *const cells[] = { arena_printf(
			                          a, "%" PRId32, r->version_id),
			from == NULL ? "ever" : from,
			cell_instant(a, r->created_at),
			arena_printf(a, "%.12s", r->sha256) };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

int
cmd_program_list(struct tool_call *call)
{
	struct version_options g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct program_row *list;
	struct operation op;
	struct err e;
	size_t n;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (operation_store(&op, g.store_id, &e) == NULL ||
	    programs_list(op.pg, &op.arena, g.store_id, &list, &n, &e) == -1)
		return operation_end(&op, &e);
	if (g.json)
		list_json(list, n);
	else
		list_text(&op.arena, list, n);
	return operation_end(&op, NULL);
}

/* ---- show ---------------------------------------------------------------- */

/* Prints the newest version, or the version that --version names. */
static int
show(struct operation *op, const struct version_options *g, struct err *e)
{
	struct program_row *list;
	size_t n;

	if (operation_store(op, g->store_id, e) == NULL ||
	    programs_list(op->pg, &op->arena, g->store_id, &list, &n, e) == -1)
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

int
cmd_program_show(struct tool_call *call)
{
	struct version_options g = { 0 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.store_id),
		{ "--version", "NUMBER", "number of the version",
		    .number = &g.version, .preset = "the newest" },
		{ 0 },
	};
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (show(&op, &g, &e) == -1)
		return operation_end(&op, &e);
	return operation_end(&op, NULL);
}
