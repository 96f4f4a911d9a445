/* SPDX-License-Identifier: MIT */
#include "base/platform.h"

#define PLATFORM(number, ...)                                  \
	_Static_assert((number) >= 1 && (number) <= PLATFORMS, \
	    "platforms are numbered from 1, without a gap");
#include "base/platform.def"
#undef PLATFORM

const char *const platform_names[PLATFORMS + 2] = {
	[0] = "",
#define PLATFORM(number, NAME, name, ...) [number] = #name,
#include "base/platform.def"
#undef PLATFORM
};

static const struct traits {
	bool is_shop, has_own_refunds, restores;
} traits[PLATFORMS + 1] = {
#define PLATFORM(number, NAME, name, ...) [number] = { __VA_ARGS__ },
#include "base/platform.def"
#undef PLATFORM
};

bool
platform_is_known(int number)
{
	return number >= 1 && number <= PLATFORMS;
}

const char *
platform_name(enum platform p)
{
	return platform_is_known((int)p) ? platform_names[p] : "unknown";
}

enum platform
platform_parse(struct str s)
{
	for (int i = 1; i <= PLATFORMS; i++)
		if (str_eq(s, str_of(platform_names[i])))
			return (enum platform)i;
	return (enum platform)0;
}

/* Finds the traits of a platform; all are false for an unknown platform. */
static const struct traits *
traits_of(enum platform p)
{
	return &traits[platform_is_known((int)p) ? p : 0];
}

bool
platform_is_shop(enum platform p)
{
	return traits_of(p)->is_shop;
}

void
platform_shop_names(const char *names[PLATFORMS + 1])
{
	size_t n = 0;

	for (int i = 1; i <= PLATFORMS; i++)
		if (traits[i].is_shop)
			names[n++] = platform_names[i];
	names[n] = NULL;
}

bool
platform_has_own_refunds(enum platform p)
{
	return traits_of(p)->has_own_refunds;
}

bool
platform_restores(enum platform p)
{
	return traits_of(p)->restores;
}
