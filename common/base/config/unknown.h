/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/near.h"

/*
 * unknown: finds names in the environment or in a file that look like settings
 * but are not.  Somebody who mistyped the name of a setting believes that the
 * setting is set.
 *
 * Kubernetes, too, makes variables that begin with LOYALD_, for a service named
 * loyald or loyald-... (LOYALD_SERVICE_HOST, LOYALD_PORT=tcp://...), and
 * docker-compose.yml reads some variables of its own from .env.  Nobody is
 * warned of the variables of Kubernetes and of docker-compose.yml.
 */

#define PREFIX "LOYALD_"

enum {
	UNKNOWN_NAME_MAX = 64, /* bytes of a name that a sentence shows */
	UNKNOWN_TEXT_MAX = UNKNOWN_NAME_MAX + NEAR_WORD_MAX + 64,
};

/* Whether the name looks like a setting but is none; then `why` is a sentence
 * that names the setting that was probably meant.  With value NULL, name is
 * "NAME=value", as in the environment. */
bool config_is_unknown(
    const char *name, const char *value, char why[UNKNOWN_TEXT_MAX]);
