/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/near.h"

static const char *const words[] = { "--platform", "--program",
	"--webhook-secret-file", "--api-token-file", "--api-url", "--store",
	"--json", "--redis-url", NULL };

static const char *
meant(const char *typed)
{
	static char text[NEAR_TEXT_MAX];
	struct near n;

	near_init(&n, str_of(typed));
	for (size_t i = 0; words[i] != NULL; i++)
		near_offer(&n, words[i]);
	near_text(&n, text);
	return text;
}

static void
test_near(void **state)
{
	static const struct {
		const char *rule, *typed, *meant;
	} cases[] = {
		{ "two letters changed places", "--platfrom", "--platform" },
		{ "one is missing", "--stor", "--store" },
		{ "one is too many", "--jsson", "--json" },
		{ "one is another", "--progrem", "--program" },
		{ "one dash", "-store", "--store" },
		{ "no dash", "store", "--store" },
		{ "underscores", "--api_url", "--api-url" },
		{ "capitals", "--STORE", "--store" },
		{ "the beginning", "--webhook-secret",
		    "--webhook-secret-file" },
		{ "the end", "--secret-file", "--webhook-secret-file" },
		{ "a word of it, the nearest", "--url", "--api-url" },
		{ "more than it", "--store-id", "--store" },
		{ "far from all", "--quantity", NULL },
		{ "letters inside of a word are no part", "--gram", NULL },
		{ "nothing", "", NULL },
		{ "dashes", "--", NULL },
		{ "too long",
		    "--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaa",
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[NEAR_TEXT_MAX] = "";

		if (cases[i].meant != NULL)
			(void)snprintf(text, sizeof(text),
			    " (did you mean %s?)", cases[i].meant);
		if (strcmp(meant(cases[i].typed), text) != 0)
			fail_msg(
			    "%s: \"%s\"", cases[i].rule, meant(cases[i].typed));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
