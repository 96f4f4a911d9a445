/* SPDX-License-Identifier: MIT */
/*
 * fuzz_event: checks that any signed body of POST /events is refused with a
 * class of dead letters, or gives an order or facts within bounds, which the
 * ledger can keep and read back.  Input: the topic ("event"), a line feed, the
 * body.
 */
#include <stddef.h>
#include <stdint.h>

#include "parsed.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct fact f;
	struct arena a;
	struct err e = { .fault = FAULT_NONE };

	check_parse(&shop_events, in);
	/* Reads the same bytes as if they were the text of a fact in the
	 * ledger. */
	arena_init(&a);
	if (fact_parse(&a, in, &f, &e) == 0)
		CHECK(f.id != NULL && f.at > 0 && f.nfields <= FIELDS_MAX);
	else
		CHECK(e.fault == FAULT_REJECT);
	arena_fini(&a);
	return 0;
}
