/* SPDX-License-Identifier: MIT */
#ifndef IO_SETTINGS_H
#define IO_SETTINGS_H

#include "base/config/config.h"

/*
 * settings: the checks of settings that base/config/config.h cannot make: the
 * URLs of the services, the key file, a file of settings.  No service is
 * contacted.
 */

extern const struct config_judge settings_judge;

#endif /* IO_SETTINGS_H */
