/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/near.h"
#include "base/str.h"

enum {
	LIST_MAX_BYTES = 128, /* of what an option may be, in a sentence */
	OPTION_MAX = 64,      /* bytes of a setting's option */
};

static const struct setting {
	const char *env;
	const char *help;
	size_t offset;
	const char *text; /* default of a TEXT */
	int64_t number;   /* default of a NUMBER */
	int64_t least, most;
	bool is_number;
} settings[] = {
#define TEXT(field, name, preset, sentence)               \
	{ .env = (name),                                  \
		.help = (sentence),                       \
		.offset = offsetof(struct config, field), \
		.text = (preset) },
#define NUMBER(field, name, preset, lo, hi, sentence)     \
	{ .env = (name),                                  \
		.help = (sentence),                       \
		.offset = offsetof(struct config, field), \
		.number = (preset),                       \
		.least = (lo),                            \
		.most = (hi),                             \
		.is_number = true },
#include "base/config.def"
#undef TEXT
#undef NUMBER
};

static int
setting_put(
    struct config *c, const struct setting *s, const char *value, struct err *e)
{
	char *place = (char *)c + s->offset;
	int64_t n;

	if (s->offset == offsetof(struct config, log_level) &&
	    log_level_parse(value) == 0)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be debug, info, warn or error",
		    s->env, value);
	if (s->offset == offsetof(struct config, log_format) &&
	    log_format_parse(value) == 0)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be logfmt or json", s->env, value);
	if (!s->is_number) {
		memcpy(place, &value, sizeof(value));
		return 0;
	}
	if (str_int64(str_of(value), &n) == -1 || n < s->least || n > s->most)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be a number from %lld to %lld",
		    s->env, value, (long long)s->least, (long long)s->most);
	memcpy(place, &n, sizeof(n));
	return 0;
}

static int
config_from_env(struct config *c, struct err *e)
{
	for (size_t i = 0; i < NITEMS(settings); i++) {
		const struct setting *s = &settings[i];
		const char *value = getenv(s->env);
		char *place = (char *)c + s->offset;

		if (value != NULL && value[0] != '\0') {
			if (setting_put(c, s, value, e) == -1)
				return -1;
		} else if (s->is_number) {
			memcpy(place, &s->number, sizeof(s->number));
		} else {
			memcpy(place, &s->text, sizeof(s->text));
		}
	}
	return 0;
}

/* An option as it was given: "--name value" or "--name=value". */
struct given {
	struct str name;
	const char *value; /* NULL: none */
	bool joined;       /* by an equals sign */
};

static bool
is_option(const char *word)
{
	return strncmp(word, "--", 2) == 0;
}

/* A next word that is itself an option is no value; who needs such a one
 * joins it. */
static struct given
given_read(const char *word, const char *next)
{
	size_t n = strcspn(word, "=");
	struct given g = { .name = { word, n }, .joined = word[n] == '=' };

	if (g.joined)
		g.value = word + n + 1;
	else if (next != NULL && !is_option(next))
		g.value = next;
	return g;
}

/* LOYALD_REDIS_URL is --redis-url. */
static void
option_name(const struct setting *s, char option[OPTION_MAX])
{
	(void)snprintf(option, OPTION_MAX, "--%s", s->env + strlen("LOYALD_"));
	for (char *c = option; *c != '\0'; c++) {
		if (*c == '_')
			*c = '-';
		else if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
}

static const struct setting *
setting_find(struct str option)
{
	char name[OPTION_MAX];

	for (size_t i = 0; i < NITEMS(settings); i++) {
		option_name(&settings[i], name);
		if (str_eq(str_of(name), option))
			return &settings[i];
	}
	return NULL;
}

static const struct option_spec *
spec_find(const struct option_spec *specs, struct str name)
{
	for (; specs != NULL && specs->name != NULL; specs++)
		if (str_eq(str_of(specs->name), name))
			return specs;
	return NULL;
}

static int
spec_put_number(const struct option_spec *o, const char *value, struct err *e)
{
	int64_t n;

	if (str_int64(str_of(value), &n) == 0 && n >= 1 &&
	    (o->most == 0 || n <= o->most)) {
		*o->number = n;
		return 0;
	}
	if (o->most == 0)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be a number from 1 on", o->name,
		    value);
	return err_set(e, FAULT_FATAL,
	    "%s is \"%s\": it must be a number from 1 to %" PRId64, o->name,
	    value, o->most);
}

static int
spec_put_text(const struct option_spec *o, const char *value, struct err *e)
{
	char list[LIST_MAX_BYTES] = "";
	size_t n = 0;

	*o->text = value;
	if (o->one_of == NULL)
		return 0;
	for (const char *const *w = o->one_of; *w != NULL; w++) {
		if (strcmp(*w, value) == 0)
			return 0;
		if (n < sizeof(list))
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%s", w == o->one_of ? "" : ", ", *w);
	}
	return err_set(e, FAULT_FATAL, "%s is \"%s\": it must be one of %s",
	    o->name, value, list);
}

/* Takes the option's value; whether it is a flag, which has none, was seen
 * to. */
static int
spec_put(const struct option_spec *o, const char *value, struct err *e)
{
	if (o->flag != NULL)
		*o->flag = true;
	else if (o->number != NULL)
		return spec_put_number(o, value, e);
	else if (o->text != NULL)
		return spec_put_text(o, value, e);
	else if (instant_parse(str_of(value), o->instant) == -1)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be a time like "
		    "2026-11-22T06:24:45Z",
		    o->name, value);
	return 0;
}

/* Which were given, a bit for each, by their places in their tables. */
struct seen {
	uint64_t settings, specs;
};

enum {
	SEEN_MAX = 64
};
static_assert(NITEMS(settings) <= SEEN_MAX, "a bit for each setting");

static int
seen_add(uint64_t *seen, size_t i, const struct given *g, struct err *e)
{
	assert(i < SEEN_MAX);
	if ((*seen >> i & 1) != 0)
		return err_set(e, FAULT_FATAL, "%.*s is given twice",
		    (int)g->name.len, g->name.data);
	*seen |= UINT64_C(1) << i;
	return 0;
}

static int
unknown_option(const struct option_spec *specs, bool with_settings,
    const struct given *g, struct err *e)
{
	char option[OPTION_MAX], meant[NEAR_TEXT_MAX];
	struct near n;

	near_init(&n, g->name);
	for (; specs != NULL && specs->name != NULL; specs++)
		near_offer(&n, specs->name);
	for (size_t i = 0; with_settings && i < NITEMS(settings); i++) {
		option_name(&settings[i], option);
		near_offer(&n, option);
	}
	near_text(&n, meant);
	return err_set(e, FAULT_FATAL, "there is no option %.*s%s",
	    (int)g->name.len, g->name.data, meant);
}

/* One option; 1 if its value was the next word. */
static int
option_read(struct config *c, const struct option_spec *specs,
    const struct given *g, struct seen *seen, struct err *e)
{
	const struct option_spec *o = spec_find(specs, g->name);
	const struct setting *s = c != NULL ? setting_find(g->name) : NULL;
	bool flag = o != NULL && o->flag != NULL;
	int len = (int)g->name.len, rc;

	if (o == NULL && s == NULL)
		return unknown_option(specs, c != NULL, g, e);
	if (flag && g->joined)
		return err_set(
		    e, FAULT_FATAL, "%.*s takes no value", len, g->name.data);
	if (!flag && g->value == NULL)
		return err_set(
		    e, FAULT_FATAL, "%.*s wants a value", len, g->name.data);

	rc = o != NULL
	         ? seen_add(&seen->specs, (size_t)(o - specs), g, e)
	         : seen_add(&seen->settings, (size_t)(s - settings), g, e);
	if (rc == 0)
		rc = o != NULL ? spec_put(o, g->value, e)
		               : setting_put(c, s, g->value, e);
	if (rc == -1)
		return -1;
	return !flag && !g->joined;
}

/* All that are missing, in one sentence. */
static int
required_check(const struct option_spec *specs, const struct seen *seen,
    const char *command, struct err *e)
{
	size_t missing = 0;

	for (const struct option_spec *o = specs; o != NULL && o->name != NULL;
	     o++) {
		if (!o->required || (seen->specs >> (o - specs) & 1) != 0)
			continue;
		if (missing++ == 0)
			(void)err_set(e, FAULT_FATAL, "%s wants %s %s", command,
			    o->name, o->value);
		else
			err_add(e, ", %s %s", o->name, o->value);
	}
	return missing == 0 ? 0 : -1;
}

static bool
is_given(
    const struct option_spec *specs, const struct seen *seen, const char *name)
{
	const struct option_spec *o = spec_find(specs, str_of(name));

	assert(o != NULL);
	return (seen->specs >> (o - specs) & 1) != 0;
}

/* None may be there without the one it goes with. */
static int
with_check(const struct option_spec *specs, const struct seen *seen,
    const char *command, struct err *e)
{
	for (const struct option_spec *o = specs; o != NULL && o->name != NULL;
	     o++)
		if (o->with != NULL && is_given(specs, seen, o->name) &&
		    !is_given(specs, seen, o->with))
			return err_set(e, FAULT_FATAL,
			    "%s: %s goes with %s only", command, o->name,
			    o->with);
	return 0;
}

/* The same seven. */
static int /* NOLINTNEXTLINE(readability-function-size) */
words_read(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], char *words[], int *nwords, struct err *e)
{
	int most = words == NULL ? 0 : *nwords, n = 0;
	struct seen seen = { 0 };

	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		struct given g = given_read(argv[i], next);
		int rc;

		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			if (n == most)
				return err_set(e, FAULT_REJECT,
				    "%s: \"%s\" is one word too many", argv[0],
				    argv[i]);
			words[n++] = argv[i];
			continue;
		}
		rc = option_read(c, specs, &g, &seen, e);
		if (rc == -1)
			return err_wrap(e, "%s", argv[0]);
		i += rc;
	}
	if (required_check(specs, &seen, argv[0], e) == -1 ||
	    with_check(specs, &seen, argv[0], e) == -1)
		return -1;
	if (nwords != NULL)
		*nwords = n;
	return 0;
}

/* Seven parameters, of which argc and argv are one. */
int /* NOLINTNEXTLINE(readability-function-size) */
config_read(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], char *words[], int *nwords, struct err *e)
{
	if (c != NULL && config_from_env(c, e) == -1)
		return -1;
	if (words_read(c, specs, argc, argv, words, nwords, e) == 0)
		return 0;
	e->fault = FAULT_REJECT; /* whoever typed it is there to mend it */
	return -1;
}

bool
config_asks_help(const struct option_spec *specs, int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		struct given g = given_read(argv[i], next);
		const struct option_spec *o = spec_find(specs, g.name);

		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return true;
		if (!g.joined && g.value != NULL &&
		    (o != NULL ? o->flag == NULL
		               : setting_find(g.name) != NULL))
			i++;
	}
	return false;
}

int
config_status(const struct err *e)
{
	return e->fault == FAULT_REJECT ? EXIT_USAGE : EXIT_CONFIG;
}

int
config_need(const struct config *c, const char *env, struct err *e)
{
	for (size_t i = 0; i < NITEMS(settings); i++) {
		const char *value;

		if (strcmp(settings[i].env, env) != 0)
			continue;
		assert(!settings[i].is_number);
		memcpy(&value, (const char *)c + settings[i].offset,
		    sizeof(value));
		if (value != NULL)
			return 0;
		return err_set(
		    e, FAULT_FATAL, "%s is not set. %s", env, settings[i].help);
	}
	die("config: %s is in no table", env);
}

/* "redis_url" of "LOYALD_REDIS_URL". */
static void
put_field(struct buf *b, const char *env)
{
	for (env += strlen("LOYALD_"); *env != '\0'; env++) {
		char c = *env >= 'A' && *env <= 'Z' ? (char)(*env - 'A' + 'a')
		                                    : *env;

		buf_add(b, &c, 1);
	}
}

static bool
is_url(const struct setting *s)
{
	size_t n = strlen(s->env);

	return n > 4 && strcmp(s->env + n - 4, "_URL") == 0;
}

static void
describe(const struct config *c, const struct setting *s, struct buf *b)
{
	const char *place = (const char *)c + s->offset, *text = NULL;
	int64_t n = 0;

	if (s->is_number)
		memcpy(&n, place, sizeof(n));
	else
		memcpy(&text, place, sizeof(text));
	if (s->is_number ? n == s->number
	                 : text == NULL ||
	                       (s->text != NULL && strcmp(text, s->text) == 0))
		return;
	buf_puts(b, " ");
	put_field(b, s->env);
	if (s->is_number)
		buf_printf(b, "=%lld", (long long)n);
	else
		buf_printf(b, "=%s", text);
}

void
config_describe(const struct config *c, struct buf *b)
{
	for (size_t i = 0; i < NITEMS(settings); i++)
		if (!is_url(&settings[i]))
			describe(c, &settings[i], b);
}

void
config_print(FILE *to, bool json)
{
	if (json)
		fputs("[", to);
	for (size_t i = 0; i < NITEMS(settings); i++) {
		const struct setting *s = &settings[i];
		char option[OPTION_MAX];

		option_name(s, option);
		if (json) {
			fprintf(to, "%s{\"env\":\"%s\",\"option\":\"%s",
			    i > 0 ? "," : "", s->env, option);
			if (s->is_number)
				fprintf(to, "\",\"default\":%lld",
				    (long long)s->number);
			else if (s->text != NULL)
				fprintf(to, "\",\"default\":\"%s\"", s->text);
			else
				fputs("\",\"default\":null", to);
			fprintf(to, ",\"help\":\"%s\"}", s->help);
			continue;
		}
		fprintf(to, "%s (%s", s->env, option);
		if (s->is_number)
			fprintf(to, ", default %lld)\n", (long long)s->number);
		else
			fprintf(to, "%s%s)\n", s->text ? ", default " : "",
			    s->text ? s->text : "");
		fprintf(to, "    %s\n", s->help);
	}
	if (json)
		fputs("]\n", to);
}
