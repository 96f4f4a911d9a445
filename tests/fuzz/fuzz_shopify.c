/* SPDX-License-Identifier: MIT */
/*
 * fuzz_shopify: checks that any signed body of Shopify is refused with a class
 * of dead letters, or gives an event within the bounds of core/order.h.  Input:
 * the topic, a line feed, the body.
 */
#include <stddef.h>
#include <stdint.h>

#include "parsed.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_parse(&shop_shopify, (struct str){ (const char *)data, size });
	return 0;
}
