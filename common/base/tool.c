/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/near.h"
#include "base/tool.h"
#include "base/utf8.h"

enum {
	NAME_MAX_BYTES = 64, /* bytes of a name like "store add" */
	LINE_WIDTH = 80,     /* characters of a terminal's line */
	LINE_INDENT = 4,
	OPTION_TEXT_MAX = 128, /* bytes of "--option VALUE" */
	NOTES_MAX = 512,       /* bytes of an option's notes */
};

/* ---- lines --------------------------------------------------------------- */

/* Words that are put on lines of at most LINE_WIDTH characters.  (Only a longer
 * word makes a longer line.) */
struct wrap {
	FILE *to;
	size_t indent; /* blanks before each line but the first */
	size_t column;
};

static void
wrap_word(struct wrap *w, const char *word, size_t len)
{
	if (w->column > w->indent && w->column + 1 + len > LINE_WIDTH) {
		fprintf(w->to, "\n%*s", (int)w->indent, "");
		w->column = w->indent;
	} else if (w->column > w->indent) {
		fputc(' ', w->to);
		w->column++;
	}
	fprintf(w->to, "%.*s", (int)len, word);
	w->column += len;
}

static void
wrap_text(struct wrap *w, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		wrap_word(w, text, len);
		text += len + (text[len] != '\0');
	}
}

/* ---- help ---------------------------------------------------------------- */

/* Writes "--store ID" and returns its length. */
static size_t
option_text(const struct option_spec *o, char text[OPTION_TEXT_MAX])
{
	return (size_t)snprintf(text, OPTION_TEXT_MAX, "%s%s%s", o->name,
	    o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
}

/* Prints the usage line, with the required options only. */
static void
usage_print(const struct tool_call *call, FILE *to)
{
	struct wrap w = { .to = to, .indent = LINE_INDENT };
	char text[OPTION_TEXT_MAX];
	bool more = false;

	wrap_text(&w, "usage: loyald");
	wrap_text(&w, call->argv[0]);
	if (call->tool->words != NULL)
		wrap_text(&w, call->tool->words);
	for (const struct option_spec *o = call->options;
	     o != NULL && o->name != NULL; o++) {
		if (o->required)
			wrap_word(&w, text, option_text(o, text));
		else
			more = true;
	}
	if (more)
		wrap_text(&w, "[OPTION ...]");
	fputc('\n', to);
}

/* Notes behind an option's meaning: "(with --store; default: now)". */
struct notes {
	char text[NOTES_MAX];
	size_t n;
};

static void note(struct notes *, const char *fmt, ...) PRINTF(2, 3);

static void
note(struct notes *notes, const char *fmt, ...)
{
	size_t room = sizeof(notes->text) - notes->n;
	va_list ap;
	int n;

	n = snprintf(notes->text + notes->n, room, notes->n == 0 ? "(" : "; ");
	assert(n > 0 && (size_t)n < room);
	notes->n += (size_t)n;
	va_start(ap, fmt);
	n = vsnprintf(notes->text + notes->n, room - (size_t)n, fmt, ap);
	va_end(ap);
	assert(n >= 0 && notes->n + (size_t)n < sizeof(notes->text));
	notes->n += (size_t)n;
}

/* Prints an option's meaning, its values, which settings it needs beyond the
 * command's, and its default. */
static void
option_print(const struct option_spec *o, unsigned needs, struct wrap *w)
{
	struct notes notes = { .n = 0 };
	char text[CONFIG_NEEDS_MAX];

	assert(o->meaning != NULL && (o->value == NULL) == (o->flag != NULL));
	wrap_text(w, o->meaning);
	if (o->one_of != NULL) {
		char words[OPTION_WORDS_MAX];

		option_words(o, words);
		note(&notes, "one of %s", words);
	}
	if (o->instant != NULL)
		note(&notes, "like 2026-11-22T06:24:45Z");
	if (o->most != 0)
		note(&notes, "at most %" PRId64, o->most);
	if (o->with != NULL)
		note(&notes, "with %s", o->with);
	config_needs_text(o->needs & ~needs, text);
	if (text[0] != '\0')
		note(&notes, "needs %s", text);
	if (o->required)
		note(&notes, "required");
	if (o->preset != NULL)
		note(&notes, "default: %s", o->preset);
	if (notes.n == 0)
		return;
	assert(notes.n + 1 < sizeof(notes.text));
	memcpy(notes.text + notes.n, ")", 2);
	wrap_text(w, notes.text);
}

static void
help_print(const struct tool_call *call)
{
	struct wrap w = { .to = stdout };
	char text[OPTION_TEXT_MAX], needs[CONFIG_NEEDS_MAX];
	const struct option_spec *o;
	size_t width = 0;

	printf("loyald %s:", call->argv[0]);
	w.column = strlen("loyald :") + strlen(call->argv[0]);
	w.indent = LINE_INDENT;
	wrap_text(&w, call->tool->what);
	printf("\n\n");
	usage_print(call, stdout);
	for (o = call->options; o != NULL && o->name != NULL; o++)
		if (option_text(o, text) > width)
			width = strlen(text);
	if (width > 0)
		printf("\n");
	w.indent = width + LINE_INDENT;
	for (o = call->options; o != NULL && o->name != NULL; o++) {
		(void)option_text(o, text);
		printf("  %-*s  ", (int)width, text);
		w.column = w.indent;
		option_print(o, call->tool->needs, &w);
		printf("\n");
	}
	config_needs_text(call->tool->needs, needs);
	if (needs[0] != '\0')
		printf("\nIt needs %s.\n", needs);
	if (call->takes_settings)
		printf("%sEvery setting is an option, too: loyald help "
		       "config\n",
		    needs[0] == '\0' ? "\n" : "");
}

/* ---- commands and verbs -------------------------------------------------- */

void
tool_list(const struct tool *tools, const char *noun, FILE *to)
{
	size_t width = 0;

	fprintf(to, "usage: loyald %s%s [OPTION ...]\n\n", noun,
	    *noun == '\0' ? "COMMAND" : " VERB");
	for (const struct tool *t = tools; t->name != NULL; t++)
		if (strlen(t->name) > width)
			width = strlen(t->name);
	for (const struct tool *t = tools; t->name != NULL; t++)
		fprintf(to, "  %-*s  %s\n", (int)width, t->name, t->what);
	fprintf(to, "\nloyald help%s%s %s tells the options of one.\n",
	    *noun == '\0' ? "" : " ", noun,
	    *noun == '\0' ? "COMMAND [VERB]" : "VERB");
}

static const struct tool *
tool_find(const struct tool *tools, const char *noun, const char *name)
{
	struct near n;
	char meant[NEAR_TEXT_MAX];

	near_init(&n, str_of(name));
	for (const struct tool *t = tools; t->name != NULL; t++) {
		if (strcmp(name, t->name) == 0)
			return t;
		near_offer(&n, t->name);
	}
	near_text(&n, meant);
	if (*noun == '\0')
		fprintf(stderr,
		    "loyald: there is no command %s%s\n"
		    "usage: loyald COMMAND [OPTION ...]\n"
		    "loyald help tells the commands\n",
		    name, meant);
	else
		fprintf(stderr,
		    "loyald: %s has no verb %s%s\n"
		    "usage: loyald %s VERB [OPTION ...]\n"
		    "loyald help %s tells the verbs\n",
		    noun, name, meant, noun, noun);
	return NULL;
}

int
tool_run(const struct tool *tools, const struct config_judge *judge, int argc,
    char *argv[])
{
	const struct tool *t;
	struct tool_call call = {
		.argc = argc,
		.argv = argv,
		.judge = judge,
	};
	int status;

	if (argc < 1) {
		tool_list(tools, "", stderr);
		return EXIT_USAGE;
	}
	t = tool_find(tools, "", argv[0]);
	if (t == NULL)
		return EXIT_USAGE;
	call.tool = t;
	status = t->run(&call);
	return status == TOOL_HELPED ? EXIT_STOPPED : status;
}

int
tool_run_verb(const struct tool *verbs, struct tool_call *call)
{
	char name[NAME_MAX_BYTES], *noun = call->argv[0], *verb;
	struct tool_call of = {
		.argc = call->argc - 1,
		.argv = call->argv + 1,
		.judge = call->judge,
	};
	int status;

	if (call->argc < 2) {
		tool_list(verbs, noun, stderr);
		return EXIT_USAGE;
	}
	verb = call->argv[1];
	if (config_asks_help(NULL, 2, call->argv)) {
		tool_list(verbs, noun, stdout);
		return TOOL_HELPED;
	}
	of.tool = tool_find(verbs, noun, verb);
	if (of.tool == NULL)
		return EXIT_USAGE;
	(void)snprintf(name, sizeof(name), "%s %s", noun, verb);
	of.argv[0] = name;
	status = of.tool->run(&of);
	of.argv[0] = verb;
	return status;
}

static void
usage_hint(const struct tool_call *call)
{
	usage_print(call, stderr);
	fprintf(stderr, "loyald %s --help tells the options\n", call->argv[0]);
}

/* Prints the faults of the command line as sentences for the person at the
 * terminal, and all other faults in the log. */
static void
faults_say(const struct tool_call *call, const struct faults *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->of[i].fault == FAULT_NONE)
			log_warn("%s", f->of[i].msg);
		else if (f->of[i].fault == FAULT_REJECT)
			fprintf(stderr, "loyald: %s\n", f->of[i].msg);
		else
			log_error("%s", f->of[i].msg);
	}
	if (faults_has(f, FAULT_REJECT))
		usage_hint(call);
}

/* Returns the exit status.  A fault of the command line comes before faults of
 * the settings, since the person at the terminal can mend it at once. */
static int
faults_status(const struct faults *f)
{
	return faults_has(f, FAULT_REJECT)   ? EXIT_USAGE
	       : faults_has(f, FAULT_CONFIG) ? EXIT_CONFIG
	                                     : EXIT_STOPPED;
}

int
tool_read_faults(struct tool_call *call, const struct option_spec *options,
    struct config *c, struct tool_words *words, struct faults *faults)
{
	struct config_reading r = {
		.judge = call->judge,
		.options = options,
		.needs = call->tool->needs,
		.argc = call->argc,
		.argv = call->argv,
		.words = words != NULL ? words->word : NULL,
		.nwords = words != NULL ? words->n : 0,
	};
	int status = EXIT_STOPPED;

	call->options = options;
	if (config_asks_help(options, call->argc, call->argv)) {
		call->takes_settings = c != NULL;
		help_print(call);
		return TOOL_HELPED;
	}
	if (config_read(c, &r) == -1)
		status = faults_status(&r.faults);
	if (words != NULL)
		words->n = r.nwords;
	*faults = r.faults;
	return status;
}

int
tool_read(struct tool_call *call, const struct option_spec *options,
    struct config *c, char *words[], int *nwords)
{
	struct tool_words all = { words, nwords != NULL ? *nwords : 0 };
	struct faults faults = { 0 };
	int status = tool_read_faults(
	    call, options, c, words != NULL ? &all : NULL, &faults);

	faults_say(call, &faults);
	if (nwords != NULL)
		*nwords = all.n;
	return status;
}

int
tool_read_line(
    struct tool_call *call, const struct option_spec *options, struct config *c)
{
	int status = tool_read_faults(call, options, c, NULL, &call->faults);

	if (status == EXIT_CONFIG)
		return EXIT_STOPPED;
	return status == EXIT_USAGE ? tool_say_faults(call) : status;
}

int
tool_say_faults(struct tool_call *call)
{
	faults_say(call, &call->faults);
	return faults_status(&call->faults);
}

int
tool_usage(const struct tool_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("loyald: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\n", stderr);
	va_end(ap);
	usage_hint(call);
	return EXIT_USAGE;
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

/* Counts the characters of a text, each taken to be one column wide. */
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

/* Copies a text as a cell; control characters, which may come from a platform
 * and would move the cursor, are replaced. */
static char *
cell_text(struct arena *a, const char *text, size_t max)
{
	char *cell = arena_utf8(a, str_of(text ? text : "-"));
	size_t width = 0;

	for (char *c = cell; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
		if (((unsigned char)*c & 0xc0) == 0x80)
			continue;
		if (++width > max) {
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
		bool whole = t->whole > 0 && i == t->whole;
		size_t width;

		row->cells[i] = cell_text(
		    t->arena, cells[i], whole ? SIZE_MAX : TABLE_CELL_MAX);
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
