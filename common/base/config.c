/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/str.h"

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

/* Whether --redis-url means LOYALD_REDIS_URL. */
static bool
is_option_of(const struct setting *s, struct str option)
{
	const char *env = s->env + strlen("LOYALD_");

	if (option.len != 2 + strlen(env))
		return false;
	for (size_t i = 2; i < option.len; i++, env++) {
		char c = option.data[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (c == '-')
			c = '_';
		else if (c < '0' || c > '9')
			return false;
		if (c != *env)
			return false;
	}
	return true;
}

static const struct setting *
setting_find(struct str option)
{
	for (size_t i = 0; i < NITEMS(settings); i++)
		if (is_option_of(&settings[i], option))
			return &settings[i];
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

/* Takes the option's value; whether it is a flag, which has none, was seen
 * to. */
static int
spec_put(const struct option_spec *o, const char *value, struct err *e)
{
	if (o->flag != NULL)
		*o->flag = true;
	else if (o->text != NULL)
		*o->text = value;
	else if (str_int64(str_of(value), o->number) == -1)
		return err_set(e, FAULT_FATAL, "%s wants a number, not \"%s\"",
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

/* One option; 1 if its value was the next word. */
static int
option_read(struct config *c, const struct option_spec *specs,
    const struct given *g, struct seen *seen, struct err *e)
{
	const struct option_spec *o = spec_find(specs, g->name);
	const struct setting *s = setting_find(g->name);
	bool flag = o != NULL && o->flag != NULL;
	int len = (int)g->name.len, rc;

	if (o == NULL && s == NULL)
		return err_set(e, FAULT_FATAL, "there is no option %.*s", len,
		    g->name.data);
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

static int
required_check(const struct option_spec *specs, const struct seen *seen,
    const char *command, struct err *e)
{
	for (const struct option_spec *o = specs; o != NULL && o->name != NULL;
	     o++)
		if (o->required && (seen->specs >> (o - specs) & 1) == 0)
			return err_set(e, FAULT_FATAL, "%s wants %s %s",
			    command, o->name, o->help);
	return 0;
}

/* The same seven. */
static int /* NOLINTNEXTLINE(readability-function-size) */
words_read(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], const char *words[], int *nwords, struct err *e)
{
	int most = words == NULL ? 0 : *nwords, n = 0;
	struct seen seen = { 0 };

	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		struct given g = given_read(argv[i], next);
		int rc;

		if (!is_option(argv[i])) {
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
	if (required_check(specs, &seen, argv[0], e) == -1)
		return -1;
	if (nwords != NULL)
		*nwords = n;
	return 0;
}

/* Seven parameters, of which argc and argv are one. */
int /* NOLINTNEXTLINE(readability-function-size) */
config_read(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], const char *words[], int *nwords, struct err *e)
{
	if (config_from_env(c, e) == -1)
		return -1;
	if (words_read(c, specs, argc, argv, words, nwords, e) == 0)
		return 0;
	e->fault = FAULT_REJECT; /* whoever typed it is there to mend it */
	return -1;
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

static void
print_option(FILE *to, const char *env)
{
	fputs("--", to);
	for (env += strlen("LOYALD_"); *env != '\0'; env++)
		fputc(*env == '_'                  ? '-'
		      : *env >= 'A' && *env <= 'Z' ? *env - 'A' + 'a'
		                                   : *env,
		    to);
}

void
config_print(FILE *to, bool json)
{
	if (json)
		fputs("[", to);
	for (size_t i = 0; i < NITEMS(settings); i++) {
		const struct setting *s = &settings[i];

		if (json) {
			fprintf(to, "%s{\"env\":\"%s\",\"option\":\"",
			    i > 0 ? "," : "", s->env);
			print_option(to, s->env);
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
		fprintf(to, "%s (", s->env);
		print_option(to, s->env);
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
