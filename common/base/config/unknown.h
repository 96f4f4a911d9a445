/* SPDX-License-Identifier: MIT */
#ifndef BASE_CONFIG_UNKNOWN_H
#define BASE_CONFIG_UNKNOWN_H

#include <stdbool.h>

#include "base/near.h"

/*
 * config_unknown: names that look like settings and are none, which whoever
 * mistyped them believes to be set.
 *
 * LOYALD_ is also what Kubernetes begins the variables of a service named
 * loyald or loyald-... with (LOYALD_SERVICE_HOST, LOYALD_PORT=tcp://...), and
 * what docker-compose.yml asks of its .env; these are left alone.
 */

#define PREFIX "LOYALD_"

enum {
	UNKNOWN_NAME_MAX = 64, /* bytes of a name, in a sentence */
	UNKNOWN_TEXT_MAX = UNKNOWN_NAME_MAX + NEAR_WORD_MAX + 64,
};

/* With a sentence that names the setting that was probably meant.  Without a
 * value, the name is followed by one, as in the environment. */
bool config_is_unknown(
    const char *name, const char *value, char why[UNKNOWN_TEXT_MAX]);

#endif /* BASE_CONFIG_UNKNOWN_H */
