/* SPDX-License-Identifier: MIT */
/* Tests the words for accounts and sources. The history of a member shows these
 * words; the database stores numbers instead. */
#include "../support/test.h"
#include "base/cc.h"
#include "core/account.h"

struct word {
	int number;
	const char *name;
};

static void
test_accounts(void **state)
{
	static const struct word words[] = {
		{ 1, "pending" },
		{ 2, "available" },
		{ 3, "reserved" },
		{ 4, "debt" },
		{ 10, "issued" },
		{ 11, "reversed" },
		{ 12, "redeemed" },
		{ 13, "expired" },
		{ 14, "adjusted" },
		{ 15, "forfeited" },
		{ 16, "charity" },
		{ 99, "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(words); i++)
		assert_string_equal(
		    account_name((enum account)words[i].number), words[i].name);
}

static void
test_sources(void **state)
{
	static const struct word words[] = {
		{ 1, "order" },
		{ 2, "lot" },
		{ 3, "event" },
		{ 4, "time" },
		{ 5, "redemption" },
		{ 6, "adjustment" },
		{ 99, "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(words); i++)
		assert_string_equal(
		    source_name((enum source_kind)words[i].number),
		    words[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
