/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/config/internal.h"
#include "base/config/unknown.h"

enum {
	FOUND_MAX = sizeof(PREFIX) + NEAR_WORD_MAX
};

/* Names that are no settings, but that docker-compose.yml reads from .env.  The
 * same .env may be loyald's file of settings. */
static const char *const others[] = { "LOYALD_DOMAIN", "LOYALD_TAG",
	"LOYALD_IMAGE" };

static bool
ends_with(struct str s, struct str end)
{
	return s.len >= end.len &&
	       memcmp(s.data + s.len - end.len, end.data, end.len) == 0;
}

static bool
contains(struct str s, struct str part)
{
	return memmem(s.data, s.len, part.data, part.len) != NULL;
}

/* Whether the value is an address like "tcp://10.0.0.1:8080", as in variables
 * set by Docker's links and by Kubernetes. */
static bool
is_link(const char *value)
{
	return strncmp(value, "tcp://", 6) == 0 ||
	       strncmp(value, "udp://", 6) == 0 ||
	       strncmp(value, "sctp://", 7) == 0;
}

/* Whether Kubernetes sets the name for a service named loyald or loyald-...:
 * LOYALD_SERVICE_HOST, LOYALD_SERVICE_PORT, LOYALD_SERVICE_PORT_HTTP,
 * LOYALD_PORT, LOYALD_PORT_8080_TCP, LOYALD_PORT_8080_TCP_ADDR. */
static bool
is_of_kubernetes(struct str name, const char *value)
{
	return ends_with(name, STR("_SERVICE_HOST")) ||
	       contains(name, STR("_SERVICE_PORT")) ||
	       contains(name, STR("_TCP_")) || contains(name, STR("_UDP_")) ||
	       contains(name, STR("_SCTP_")) || is_link(value);
}

/* Finds the setting whose name differs from `name` only in how it begins, as
 * LOYAL_REDIS_URL and loyald_redis_url do; NULL: none. */
static const char *
prefix_is_off(struct str name)
{
	const char *end = memchr(name.data, '_', name.len);
	struct str word = { name.data,
		end == NULL ? 0 : (size_t)(end - name.data) };
	struct str rest = { name.data + word.len, name.len - word.len };
	struct near n;

	near_init(&n, word);
	near_offer(&n, "LOYALD");
	if (word.len == 0 || n.word[0] == '\0')
		return NULL;
	for (const struct setting *s = settings; s->env != NULL; s++)
		if (str_eq_nocase(rest, str_of(s->env + strlen(PREFIX) - 1)))
			return s->env;
	return NULL;
}

/* Finds the setting with the nearest name; NULL: no name is near. */
static const char *
nearest(struct str rest, char found[FOUND_MAX])
{
	struct near n;

	near_init(&n, rest);
	for (const struct setting *s = settings; s->env != NULL; s++)
		near_offer(&n, s->env + strlen(PREFIX));
	(void)snprintf(found, FOUND_MAX, PREFIX "%s", n.word);
	return n.word[0] == '\0' ? NULL : found;
}

static bool
is_setting(struct str name)
{
	for (const struct setting *s = settings; s->env != NULL; s++)
		if (str_eq(name, str_of(s->env)))
			return true;
	for (size_t i = 0; i < NITEMS(others); i++)
		if (str_eq(name, str_of(others[i])))
			return true;
	return false;
}

bool
config_is_unknown(
    const char *name, const char *value, char why[UNKNOWN_TEXT_MAX])
{
	struct str s = { name,
		value != NULL ? strlen(name) : strcspn(name, "=") };
	const size_t prefix = strlen(PREFIX);
	char found[FOUND_MAX];
	bool ours = s.len > prefix && memcmp(name, PREFIX, prefix) == 0;
	const char *meant;

	if (value == NULL)
		value = name[s.len] == '=' ? name + s.len + 1 : "";
	if (is_setting(s) || (ours && is_of_kubernetes(s, value)))
		return false;
	meant = ours ? nearest(
	                   (struct str){ name + prefix, s.len - prefix }, found)
	             : prefix_is_off(s);
	if (!ours && meant == NULL)
		return false;
	if (s.len > UNKNOWN_NAME_MAX)
		s.len = UNKNOWN_NAME_MAX;
	if (meant != NULL)
		(void)snprintf(why, UNKNOWN_TEXT_MAX,
		    "%.*s is no setting: did you mean %s?", (int)s.len, s.data,
		    meant);
	else
		(void)snprintf(why, UNKNOWN_TEXT_MAX,
		    "%.*s is no setting: loyald help config tells those there "
		    "are",
		    (int)s.len, s.data);
	return true;
}
