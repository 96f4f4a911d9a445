/* SPDX-License-Identifier: MIT */
#ifndef BASE_PLATFORM_H
#define BASE_PLATFORM_H

#include <stdbool.h>

#include "base/str.h"

/*
 * platform: what orders and deliveries come from: a kind of shop, or the
 * merchant's own programs.  platform.def is the table.
 */

enum platform {
#define PLATFORM(number, NAME, ...) PLATFORM_##NAME = (number),
#include "base/platform.def"
#undef PLATFORM
};

/* How many there are; they are numbered from 1. */
enum {
	PLATFORMS = 0
#define PLATFORM(...) +1
#include "base/platform.def"
#undef PLATFORM
};

/* The names by number: "" for 0, and NULL behind the last. */
extern const char *const platform_names[PLATFORMS + 2];

/* The names of those that stores can be of, ended by NULL. */
void platform_shop_names(const char *names[PLATFORMS + 1]);

bool platform_is_known(int number);
/* The name, or "unknown". */
const char *platform_name(enum platform);
/* 0 for what is no platform's name. */
enum platform platform_parse(struct str);

/* The columns of platform.def; false for what is no platform. */
bool platform_is_shop(enum platform);
bool platform_has_own_refunds(enum platform);
bool platform_restores(enum platform);

#endif /* BASE_PLATFORM_H */
