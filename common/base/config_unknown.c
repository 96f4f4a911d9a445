/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/config_unknown.h"
#include "base/str.h"

/* Of docker-compose.yml, whose .env may be given as a file of settings. */
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

/* "tcp://10.0.0.1:8080", as Docker's links had it. */
static bool
is_link(const char *value)
{
	return strncmp(value, "tcp://", 6) == 0 ||
	       strncmp(value, "udp://", 6) == 0 ||
	       strncmp(value, "sctp://", 7) == 0;
}

/* LOYALD_SERVICE_HOST, LOYALD_SERVICE_PORT, LOYALD_SERVICE_PORT_HTTP,
 * LOYALD_PORT, LOYALD_PORT_8080_TCP, LOYALD_PORT_8080_TCP_ADDR, and the same
 * with more of the service's name. */
static bool
is_of_kubernetes(struct str name, const char *value)
{
	return ends_with(name, STR("_SERVICE_HOST")) ||
	       contains(name, STR("_SERVICE_PORT")) ||
	       contains(name, STR("_TCP_")) || contains(name, STR("_UDP_")) ||
	       contains(name, STR("_SCTP_")) || is_link(value);
}

bool
config_is_unknown(
    const char *name, const char *value, char why[UNKNOWN_TEXT_MAX])
{
	struct str s = { name,
		value != NULL ? strlen(name) : strcspn(name, "=") };
	const size_t prefix = strlen(PREFIX);
	struct near n;

	if (value == NULL)
		value = name[s.len] == '=' ? name + s.len + 1 : "";
	if (s.len <= prefix || memcmp(name, PREFIX, prefix) != 0 ||
	    is_of_kubernetes(s, value))
		return false;
	for (size_t i = 0; i < NITEMS(others); i++)
		if (str_eq(s, str_of(others[i])))
			return false;
	near_init(&n, (struct str){ name + prefix, s.len - prefix });
	for (size_t i = 0; config_env(i) != NULL; i++) {
		if (str_eq(s, str_of(config_env(i))))
			return false;
		near_offer(&n, config_env(i) + prefix);
	}
	if (s.len > UNKNOWN_NAME_MAX)
		s.len = UNKNOWN_NAME_MAX;
	(void)snprintf(why, UNKNOWN_TEXT_MAX,
	    n.word[0] != '\0' ? "%.*s is no setting: did you mean " PREFIX "%s?"
	                      : "%.*s is no setting%s: loyald help config "
	                        "tells those there are",
	    (int)s.len, s.data, n.word);
	return true;
}
