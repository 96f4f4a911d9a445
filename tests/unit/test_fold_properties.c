/* SPDX-License-Identifier: MIT */
/* Tests properties that every program and every history must have
 * (tests/model/model.h), with random programs and histories. With
 * PROPERTY_CASES=200000 the test runs that many cases, with PROPERTY_SEED=...
 * it begins with another case. A case that fails prints its seed: with this
 * PROPERTY_SEED and PROPERTY_CASES=1 the test runs that case alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/model.h"
#include "../model/seams.h"
#include "../support/test.h"

enum {
	/* With ASan, a case takes about eight times as long. */
	CASES = HAS_ASAN ? 8000 : 20000,
	REPORT_MAX = 1024 * 1024,
};

static uint64_t
number(const char *name, uint64_t by_default)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? by_default
	                                     : strtoull(text, NULL, 0);
}

static void
test_properties(void **state)
{
	uint64_t seed = number("PROPERTY_SEED", 1);
	uint64_t cases = number("PROPERTY_CASES", CASES);
	uint64_t failures = number("PROPERTY_FAILURES", 1);
	uint64_t failed = 0;
	struct buf report;

	(void)state;
	buf_init(&report, REPORT_MAX);
	for (uint64_t i = 0; i < cases && failed < failures; i++) {
		struct dice d;

		dice_init(&d, seed + i);
		buf_reset(&report);
		if (model_case(&d, true, &report))
			continue;
		failed++;
		printf("PROPERTY_SEED=%llu: %s\n",
		    (unsigned long long)(seed + i), report.data);
	}
	buf_fini(&report);
	printf(
	    "%zu folds from seams, %zu of them from a seam made so; %zu were "
	    "short, %zu wanted lots\n",
	    seams_tried.folds, seams_tried.ends, seams_tried.shorts,
	    seams_tried.wants);
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
