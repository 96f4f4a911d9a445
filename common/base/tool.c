/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/tool.h"
#include "base/utf8.h"

enum {
	NAME_MAX_BYTES = 64 /* of a noun and its verb */
};

/* ---- verbs --------------------------------------------------------------- */

static int
verbs_usage(const struct tool_verb *verbs, const char *noun)
{
	fprintf(stderr, "usage:\n");
	for (const struct tool_verb *v = verbs; v->name != NULL; v++)
		fprintf(
		    stderr, "  loyald %s %-14s %s\n", noun, v->name, v->what);
	return EXIT_USAGE;
}

int
tool_run(const struct tool_verb *verbs, int argc, char *argv[])
{
	char name[NAME_MAX_BYTES];

	if (argc < 2)
		return verbs_usage(verbs, argv[0]);
	for (const struct tool_verb *v = verbs; v->name != NULL; v++) {
		char *verb = argv[1];
		int status;

		if (strcmp(verb, v->name) != 0)
			continue;
		(void)snprintf(name, sizeof(name), "%s %s", argv[0], v->name);
		argv[1] = name;
		status = v->run(argc - 1, argv + 1);
		argv[1] = verb;
		return status;
	}
	fprintf(stderr, "loyald: there is no %s %s\n", argv[0], argv[1]);
	return verbs_usage(verbs, argv[0]);
}

static void
options_usage(const struct option_spec *o, const char *name, const char *rest)
{
	fprintf(stderr, "usage: loyald %s%s", name, rest);
	for (; o != NULL && o->name != NULL; o++) {
		fprintf(stderr, o->required ? " %s" : " [%s", o->name);
		if (o->flag == NULL)
			fprintf(stderr, " %s", o->help);
		if (!o->required)
			fputs("]", stderr);
	}
	fprintf(stderr, "\nand any setting as an option: loyald help config\n");
}

int
tool_read(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], const char *words[], int *nwords)
{
	struct err e;

	if (config_read(c, specs, argc, argv, words, nwords, &e) == 0)
		return 0;
	fprintf(stderr, "loyald: %s\n", e.msg);
	if (e.fault == FAULT_REJECT)
		options_usage(specs, argv[0], words != NULL ? " FILE" : "");
	return config_status(&e);
}

int
tool_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("loyald: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\n", stderr);
	va_end(ap);
	return EXIT_USAGE;
}

int
tool_at(const char *text, int64_t *at, struct err *e)
{
	if (text == NULL || instant_parse(str_of(text), at) == 0)
		return 0;
	return err_set(e, FAULT_REJECT,
	    "--at is \"%s\": it must be a time like 2026-11-22T06:24:45Z",
	    text);
}

/* ---- tables -------------------------------------------------------------- */

struct table_row {
	struct table_row *next;
	const char *cells[];
};

void
table_init(struct table *t, struct arena *a, const char *const names[])
{
	*t = (struct table){ .arena = a, .last = &t->first };
	while (names[t->ncolumns] != NULL)
		t->ncolumns++;
	assert(t->ncolumns <= TABLE_COLUMNS_MAX);
	table_add(t, names);
}

/* Characters, as far as a terminal that is not asked can be guessed. */
static size_t
text_width(const char *text)
{
	struct str s = str_of(text);
	size_t width = 0;

	for (; s.len > 0; width++) {
		size_t len = utf8_len(s);

		s.data += len > 0 ? len : 1;
		s.len -= len > 0 ? len : 1;
	}
	return width;
}

const char *
cell_int(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

const char *
cell_instant(struct arena *a, int64_t at)
{
	char text[INSTANT_TEXT_MAX];

	if (at == 0)
		return NULL;
	instant_format(at, text);
	return arena_strdup(a, text);
}

/* What a platform sent must not move the cursor. */
static char *
cell_text(struct arena *a, const char *text)
{
	char *cell = utf8_clean(a, str_of(text ? text : "-"));
	size_t width = 0;

	for (char *c = cell; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
		if (((unsigned char)*c & 0xc0) == 0x80)
			continue;
		if (++width > TABLE_CELL_MAX) {
			*c = '\0';
			break;
		}
	}
	return cell;
}

void
table_add(struct table *t, const char *const cells[])
{
	struct table_row *row = arena_alloc(
	    t->arena, sizeof(*row) + t->ncolumns * sizeof(row->cells[0]));

	for (size_t i = 0; i < t->ncolumns; i++) {
		size_t width;

		row->cells[i] = cell_text(t->arena, cells[i]);
		width = text_width(row->cells[i]);
		if (width > t->width[i])
			t->width[i] = width;
	}
	*t->last = row;
	t->last = &row->next;
}

void
table_print(const struct table *t, FILE *to)
{
	for (const struct table_row *r = t->first; r != NULL; r = r->next) {
		for (size_t i = 0; i + 1 < t->ncolumns; i++)
			fprintf(to, "%s%*s", r->cells[i],
			    (int)(t->width[i] - text_width(r->cells[i]) + 2),
			    "");
		fprintf(to, "%s\n", r->cells[t->ncolumns - 1]);
	}
}
