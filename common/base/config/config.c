/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config/internal.h"
#include "base/config/unknown.h"
#include "base/hostport.h"
#include "base/log.h"
#include "base/str.h"

#define ENV_FILE "LOYALD_ENV_FILE"

enum {
	CONSUMER_MAX = 127 /* bytes of a worker's name */
};

const struct setting settings[] = {
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
#include "base/config/config.def"
#undef TEXT
#undef NUMBER
	{ .env = NULL },
};
static_assert(NITEMS(settings) <= CONFIG_BITS_MAX, "a bit for each setting");

static bool
is_level(const char *value)
{
	return log_level_parse(value) != 0;
}

static bool
is_format(const char *value)
{
	return log_format_parse(value) != 0;
}

static bool
is_address(const char *value)
{
	char host[HOST_SIZE], port[PORT_SIZE];
	struct err e;

	return hostport_split(value, host, port, &e) == 0;
}

/* The host of a web address, which may have a port. */
static bool
is_host(const char *host, size_t len)
{
	const char *port = memrchr(host, ':', len);
	const char *end = memrchr(host, ']', len);
	char text[HOST_SIZE + PORT_SIZE];

	if (port == NULL || (end != NULL && port < end))
		return len > 0;
	(void)snprintf(text, sizeof(text), "%.*s", (int)len, host);
	return is_address(text);
}

/* A beginning for the paths of stores: nobody's name and password. */
static bool
is_web_address(const char *value)
{
	const char *host = strstr(value, "://");

	return host != NULL && strpbrk(host, "@?# ") == NULL &&
	       is_host(host + 3, strcspn(host + 3, "/")) &&
	       (strncmp(value, "https://", 8) == 0 ||
	           strncmp(value, "http://", 7) == 0);
}

/* A name that Redis and the log can hold as it is. */
static bool
is_consumer(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return strlen(value) <= CONSUMER_MAX;
}

#define ADDRESS_FORM "host:port or [host]:port, with a port up to 65535"

/* Settings whose text must have a form. */
static const struct {
	size_t offset;
	bool (*is)(const char *);
	const char *form;
} forms[] = {
	{ offsetof(struct config, log_level), is_level,
	    "debug, info, warn or error" },
	{ offsetof(struct config, log_format), is_format, "logfmt or json" },
	{ offsetof(struct config, listen), is_address, ADDRESS_FORM },
	{ offsetof(struct config, serve_listen), is_address, ADDRESS_FORM },
	{ offsetof(struct config, metrics_listen), is_address, ADDRESS_FORM },
	{ offsetof(struct config, public_url), is_web_address,
	    "https://host or https://host:port" },
	{ offsetof(struct config, consumer), is_consumer,
	    "a name of at most 127 bytes, without control characters" },
};

static int
text_check(const struct config_judge *judge, const struct setting *s,
    const char *value, struct err *e)
{
	const struct config_form *f = judge == NULL ? NULL : judge->forms;

	if (value[0] == '\0')
		return 0; /* not set */
	for (size_t i = 0; i < NITEMS(forms); i++)
		if (forms[i].offset == s->offset && !forms[i].is(value))
			return err_set(e, FAULT_FATAL,
			    "%s is \"%s\": it must be %s", s->env, value,
			    forms[i].form);
	for (; f != NULL && f->env != NULL; f++)
		if (!f->if_needed && strcmp(f->env, s->env) == 0)
			return f->check(value, e);
	return 0;
}

int
setting_put(struct config *c, const struct config_judge *judge,
    const struct setting *s, const char *value, struct err *e)
{
	char *place = (char *)c + s->offset;
	int64_t n;

	if (!s->is_number) {
		if (text_check(judge, s, value, e) == -1)
			return -1;
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

static void
setting_preset(struct config *c, const struct setting *s)
{
	char *place = (char *)c + s->offset;

	if (s->is_number)
		memcpy(place, &s->number, sizeof(s->number));
	else
		memcpy(place, &s->text, sizeof(s->text));
}

/* Takes the environment's value, else the file's; empty is not set. */
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

/* Warns of unknown names of loyald's own.  Names of others in the file
 * (PGPASSFILE, https_proxy) go into the environment, unless it has them. */
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

void
setting_option(const struct setting *s, char option[OPTION_MAX])
{
	(void)snprintf(option, OPTION_MAX, "--%s", s->env + strlen(PREFIX));
	for (char *c = option; *c != '\0'; c++) {
		if (*c == '_')
			*c = '-';
		else if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
}

const struct setting *
setting_find(struct str option)
{
	char name[OPTION_MAX];

	for (const struct setting *s = settings; s->env != NULL; s++) {
		setting_option(s, name);
		if (str_eq(str_of(name), option))
			return s;
	}
	return NULL;
}

static const struct setting *
setting_of(const char *env)
{
	for (const struct setting *s = settings; s->env != NULL; s++)
		if (strcmp(s->env, env) == 0)
			return s;
	die("config: %s is in no table", env);
}

/* ---- what is needed ------------------------------------------------------- */

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

/* Checks that a needed setting is there and of use, unless a fault about it is
 * known already. */
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

/* Reads all settings; false if their file cannot be read. */
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
		e.fault = FAULT_REJECT; /* a sentence for whoever typed it */
		faults_add_err(&r->faults, &e);
	} else if (c != NULL && l.makes_sense) {
		needs_check(&l);
	}
	return faults_stop(&r->faults) ? -1 : 0;
}

/* Adds "redis_url" for "LOYALD_REDIS_URL". */
static void
put_field(struct buf *b, const char *env)
{
	for (env += strlen(PREFIX); *env != '\0'; env++) {
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
	for (const struct setting *s = settings; s->env != NULL; s++)
		if (!is_url(s))
			describe(c, s, b);
}

void
config_print(FILE *to, bool json)
{
	if (json)
		fputs("[", to);
	for (const struct setting *s = settings; s->env != NULL; s++) {
		char option[OPTION_MAX];

		setting_option(s, option);
		if (json) {
			fprintf(to, "%s{\"env\":\"%s\",\"option\":\"%s",
			    s == settings ? "" : ",", s->env, option);
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
