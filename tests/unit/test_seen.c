/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/seen.h"

/* The signature of delivery number i: as random as one. */
static void
mac_of(unsigned i, uint8_t mac[HMAC_SIZE])
{
	sha256((struct str){ (const char *)&i, sizeof(i) }, mac);
}

static void
test_another_store_is_refused(void **state)
{
	struct seen *s = seen_new();
	uint8_t mac[HMAC_SIZE];

	(void)state;
	mac_of(1, mac);
	assert_false(seen_elsewhere(s, mac, 7));
	assert_false(seen_elsewhere(s, mac, 7)); /* a retry */
	assert_true(seen_elsewhere(s, mac, 8));
	assert_true(seen_elsewhere(s, mac, 8)); /* and stays so */
	assert_false(seen_elsewhere(s, mac, 7));
	mac_of(2, mac);
	assert_false(seen_elsewhere(s, mac, 8));
	seen_free(s);
}

/* Bounded, and forgets the oldest first: of the last half, next to none
 * (sets fill unevenly); of what is long past, everything. */
static void
test_remembers_the_last(void **state)
{
	struct seen *s = seen_new();
	uint8_t mac[HMAC_SIZE];
	unsigned forgotten = 0, n = 4 * SEEN_MAX;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		mac_of(i, mac);
		assert_false(seen_elsewhere(s, mac, 7));
	}
	/* The newest first: what was forgotten is noted anew by asking, and
	 * takes the place of the oldest. */
	for (unsigned i = n - 1; i >= n - SEEN_MAX / 2; i--) {
		mac_of(i, mac);
		forgotten += !seen_elsewhere(s, mac, 8);
	}
	assert_true(forgotten < SEEN_MAX / 2 / 20);
	for (unsigned i = 0; i < 100; i++) {
		mac_of(i, mac);
		assert_false(seen_elsewhere(s, mac, 9));
	}
	seen_free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_store_is_refused),
		cmocka_unit_test(test_remembers_the_last),
	};

	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
