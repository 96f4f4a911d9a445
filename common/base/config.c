/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
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

/* Whether --redis-url means LOYALD_REDIS_URL. */
static bool
is_option_of(const struct setting *s, const char *option)
{
	const char *env = s->env + strlen("LOYALD_");

	if (strncmp(option, "--", 2) != 0)
		return false;
	for (option += 2; *option != '\0' && *env != '\0'; option++, env++) {
		char c = *option == '-' ? '_' : *option;

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c != *env)
			return false;
	}
	return *option == *env;
}

static const struct setting *
setting_find(const char *option)
{
	for (size_t i = 0; i < NITEMS(settings); i++)
		if (is_option_of(&settings[i], option))
			return &settings[i];
	return NULL;
}

static const struct option_spec *
spec_find(const struct option_spec *specs, const char *name)
{
	for (; specs != NULL && specs->name != NULL; specs++)
		if (strcmp(specs->name, name) == 0)
			return specs;
	return NULL;
}

static int
spec_put(const struct option_spec *o, const char *value, struct err *e)
{
	if (o->text != NULL) {
		if (*o->text != NULL)
			return err_set(
			    e, FAULT_FATAL, "%s is given twice", o->name);
		*o->text = value;
	} else if (str_int64(str_of(value), o->number) == -1) {
		return err_set(e, FAULT_FATAL, "%s wants a number, not \"%s\"",
		    o->name, value);
	}
	return 0;
}

int
config_read(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], const char *words[], int *nwords, struct err *e)
{
	int most = words == NULL ? 0 : *nwords, n = 0;

	if (config_from_env(c, e) == -1)
		return -1;
	for (int i = 1; i < argc; i++) {
		const struct option_spec *o = spec_find(specs, argv[i]);
		const struct setting *s = setting_find(argv[i]);

		if (strncmp(argv[i], "--", 2) != 0) {
			if (n == most)
				return err_set(e, FAULT_FATAL,
				    "%s: \"%s\" is one word too many", argv[0],
				    argv[i]);
			words[n++] = argv[i];
			continue;
		}
		if (o == NULL && s == NULL)
			return err_set(e, FAULT_FATAL, "%s has no option %s",
			    argv[0], argv[i]);
		if (o != NULL && o->flag != NULL) {
			*o->flag = true;
			continue;
		}
		if (i + 1 == argc)
			return err_set(
			    e, FAULT_FATAL, "%s wants a value", argv[i]);
		i++;
		if ((o != NULL ? spec_put(o, argv[i], e)
		               : setting_put(c, s, argv[i], e)) == -1)
			return -1;
	}
	for (; specs != NULL && specs->name != NULL; specs++)
		if (specs->required && specs->text != NULL &&
		    *specs->text == NULL)
			return err_set(e, FAULT_FATAL, "%s wants %s %s",
			    argv[0], specs->name, specs->help);
	if (nwords != NULL)
		*nwords = n;
	return 0;
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
	assert(!"a setting that is in the table");
	return -1;
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
