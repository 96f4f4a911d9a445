/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * platform: the kinds of shops that orders and deliveries come from, and the
 * merchant's own programs.  platform.def is the table.
 */

enum platform {
#define PLATFORM(number, NAME, ...) PLATFORM_##NAME = (number),
#include "base/platform.def"
#undef PLATFORM
};

/* The number of platforms, which are numbered from 1. */
enum {
	PLATFORMS = 0
#define PLATFORM(...) +1
#include "base/platform.def"
#undef PLATFORM
};

/* The names of platforms by number: "" for 0, and NULL behind the last. */
extern const char *const platform_names[PLATFORMS + 2];

/* Lists the names of platforms that stores can be of, ended by NULL. */
void platform_shop_names(const char *names[PLATFORMS + 1]);

bool platform_is_known(int number);
/* Returns the name of a platform, or "unknown". */
const char *platform_name(enum platform);
/* Finds the platform with this name; 0 if there is none. */
enum platform platform_parse(struct str);

/* Return columns of platform.def; false for an unknown platform. */
bool platform_is_shop(enum platform);
bool platform_has_own_refunds(enum platform);
bool platform_restores(enum platform);
