/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/config/internal.h"
#include "base/config/unknown.h"
#include "base/hostport.h"
#include "base/log.h"

/* setting: the table of all settings, the values that each may have, and how
 * settings are printed. */

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

/* Whether a text is the host of a web address, with or without a port. */
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

/* Whether the value can be the beginning of the web addresses of stores: a
 * scheme and a host, without a user's name and password. */
static bool
is_web_address(const char *value)
{
	const char *host = strstr(value, "://");

	return host != NULL && strpbrk(host, "@?# ") == NULL &&
	       is_host(host + 3, strcspn(host + 3, "/")) &&
	       (strncmp(value, "https://", 8) == 0 ||
	           strncmp(value, "http://", 7) == 0);
}

/* Whether the value can be a worker's name: short, and without control
 * characters. */
static bool
is_consumer(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return strlen(value) <= CONSUMER_MAX;
}

#define ADDRESS_FORM "host:port or [host]:port, with a port up to 65535"

/* Settings whose text must have a certain form. */
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
		return 0; /* an empty value is no value */
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

void
setting_option(const struct setting *s, char option[OPTION_MAX])
{
	(void)snprintf(option, OPTION_MAX, "--%s", s->env + strlen(PREFIX));
	for (char *c = option; *c != '\0'; c++) {
		*c = str_lower(*c);
		if (*c == '_')
			*c = '-';
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

/* Adds "redis_url" for "LOYALD_REDIS_URL". */
static void
put_field(struct buf *b, const char *env)
{
	for (env += strlen(PREFIX); *env != '\0'; env++) {
		char c = str_lower(*env);

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
