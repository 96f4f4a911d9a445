/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fold: makes a program and a member's history from the input, and checks
 * the properties that every fold must have (tests/model/model.h).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum {
	REPORT_MAX = 1024 * 1024
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dice d;
	struct buf report;

	dice_init(&d, size);
	d.bytes = data;
	d.left = size;
	buf_init(&report, REPORT_MAX);
	if (!model_case(&d, false, &report)) {
		fprintf(stderr, "%s\n", report.data);
		abort();
	}
	buf_fini(&report);
	return 0;
}
