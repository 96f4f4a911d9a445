/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"

/*
 * settings: the checks of settings that base/config/config.h cannot make: the
 * URLs of the services, the key file, a file of settings.  No service is
 * contacted.
 */

extern const struct config_judge settings_judge;
