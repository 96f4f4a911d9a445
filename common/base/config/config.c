/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config/internal.h"
#include "base/config/unknown.h"
#include "base/log.h"

#define ENV_FILE "LOYALD_ENV_FILE"

static void
setting_preset(struct config *c, const struct setting *s)
{
	char *place = (char *)c + s->offset;

	if (s->is_number)
		memcpy(place, &s->number, sizeof(s->number));
	else
		memcpy(place, &s->text, sizeof(s->text));
}

/* Sets a setting from the environment, else from the file, else to its default.
 * An empty value counts as none. */
static void
setting_read(struct config *c, const struct setting *s,
    const struct env_file *file, struct config_reading *r)
{
	const char *value = getenv(s->env);
	const struct env_line *line = env_file_find(file, s->env);
	struct err e;

	setting_preset(c, s);
	if (value != NULL && value[0] != '\0') {
		if (setting_put(c, r->judge, s, value, &e) == -1)
			faults_add(&r->faults, FAULT_CONFIG, "%s", e.msg);
	} else if (line != NULL && line->value[0] != '\0') {
		if (setting_put(c, r->judge, s, line->value, &e) == -1)
			faults_add(&r->faults, FAULT_CONFIG, "%s, line %u: %s",
			    file->path, line->line, e.msg);
	}
}

/* Warns of names that look like settings but are not.  Variables of other
 * programs in the file of settings (PGPASSFILE, https_proxy) go into the
 * environment, unless the environment has them already. */
static void
others_read(const struct env_file *file, struct config_reading *r)
{
	char why[UNKNOWN_TEXT_MAX];

	for (char **pair = environ; *pair != NULL; pair++)
		if (config_is_unknown(*pair, NULL, why))
			faults_add(&r->faults, FAULT_NONE, "%s", why);
	for (size_t i = 0; i < file->n; i++) {
		const struct env_line *l = &file->lines[i];

		if (config_is_unknown(l->name, l->value, why))
			faults_add(&r->faults, FAULT_NONE, "%s, line %u: %s",
			    file->path, l->line, why);
		else if (strcmp(l->name, ENV_FILE) == 0)
			faults_add(&r->faults, FAULT_NONE,
			    "%s, line %u: " ENV_FILE " counts for nothing in a "
			    "file of settings: only one is read",
			    file->path, l->line);
		else if (strncmp(l->name, PREFIX, strlen(PREFIX)) != 0)
			(void)setenv(l->name, l->value, 0);
	}
}

static const struct setting *
setting_of(const char *env)
{
	for (const struct setting *s = settings; s->env != NULL; s++)
		if (strcmp(s->env, env) == 0)
			return s;
	die("config: %s is in no table", env);
}

/* ---- what is needed ------------------------------------------------------ */

static const struct {
	unsigned bit;
	const char *env;
} needs[] = {
	{ CONFIG_DATABASE, "LOYALD_DATABASE_URL" },
	{ CONFIG_REDIS, "LOYALD_REDIS_URL" },
	{ CONFIG_KEY, "LOYALD_KEY_FILE" },
};

void
config_needs_text(unsigned wanted, char out[CONFIG_NEEDS_MAX])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < NITEMS(needs); i++) {
		unsigned left = wanted & ~(needs[i].bit * 2 - 1);

		if ((wanted & needs[i].bit) != 0)
			n += (size_t)snprintf(out + n, CONFIG_NEEDS_MAX - n,
			    "%s%s", needs[i].env,
			    left == 0                  ? ""
			    : (left & (left - 1)) == 0 ? " and "
			                               : ", ");
	}
}

static const char *
text_of(const struct config *c, const struct setting *s)
{
	const char *value;

	assert(!s->is_number);
	memcpy(&value, (const char *)c + s->offset, sizeof(value));
	return value;
}

int
config_need(const struct config *c, unsigned bit, struct err *e)
{
	char option[OPTION_MAX];

	for (size_t i = 0; i < NITEMS(needs); i++) {
		const struct setting *s = setting_of(needs[i].env);

		const char *value = text_of(c, s);

		if (needs[i].bit != bit || (value != NULL && value[0] != '\0'))
			continue;
		setting_option(s, option);
		return err_set(e, FAULT_CONFIG,
		    "%s is not set. %s Set it in the environment, in the file "
		    "of --env-file, or by %s",
		    s->env, s->help, option);
	}
	return 0;
}

/* Checks that a needed setting is set and has a valid value, unless a fault
 * about this setting was found already. */
static void
need_check(const struct config *c, unsigned bit, const char *env,
    struct config_reading *r)
{
	const struct config_form *f = r->judge == NULL ? NULL : r->judge->forms;
	struct err e;

	if (faults_name(&r->faults, env))
		return;
	if (config_need(c, bit, &e) == -1) {
		faults_add_err(&r->faults, &e);
		return;
	}
	for (; f != NULL && f->env != NULL; f++)
		if (f->if_needed && strcmp(f->env, env) == 0 &&
		    f->check(text_of(c, setting_of(env)), &e) == -1)
			faults_add(&r->faults, FAULT_CONFIG, "%s", e.msg);
}

static void
needs_check(const struct command_line *l)
{
	struct config_reading *r = l->reading;
	const struct option_spec *o = r->options;
	unsigned wanted = r->needs;

	for (size_t i = 0; o != NULL && o[i].name != NULL; i++)
		if ((l->seen.specs >> i & 1) != 0)
			wanted |= o[i].needs;
	for (size_t i = 0; i < NITEMS(needs); i++)
		if ((wanted & needs[i].bit) != 0)
			need_check(l->config, needs[i].bit, needs[i].env, r);
}

/* ---- reading ------------------------------------------------------------ */

/* Reads all settings; false if the file of settings cannot be read. */
static bool
settings_read(struct config *c, struct config_reading *r)
{
	const char *named = line_file(r);
	const char *path = named != NULL ? named : getenv(ENV_FILE);
	struct env_file file = { .path = path };
	bool readable = true;

	if (path != NULL && path[0] != '\0' && r->judge != NULL)
		readable = r->judge->file(path, &file, &r->faults) == 0;
	for (const struct setting *s = settings; s->env != NULL; s++)
		setting_read(c, s, &file, r);
	others_read(&file, r);
	return readable;
}

int
config_read(struct config *c, struct config_reading *r)
{
	struct command_line l = {
		.config = c, .reading = r, .makes_sense = true
	};
	struct err e;

	r->faults.n = 0;
	if (c != NULL)
		l.makes_sense = settings_read(c, r);
	if (line_read(&l, &e) == -1) {
		e.fault = FAULT_REJECT; /* the command line is wrong */
		faults_add_err(&r->faults, &e);
	} else if (c != NULL && l.makes_sense) {
		needs_check(&l);
	}
	return faults_stop(&r->faults) ? -1 : 0;
}
