/* SPDX-License-Identifier: MIT */
#include "base/cc.h"
#include "wire/shop/shop.h"

/*
 * A made-up platform.  Only `make BUILD=platform` adds it to the real
 * platforms, to test that no list of platforms leaves one out.
 */

static const struct topic topics[] = {
	{ "order/saved", TOPIC_ORDER },
};

static const struct mixup no_tokens[] = {
	{ "old_", "this is a key of the platform's first version" },
	{ NULL },
};

const struct shop shop_made_up = {
	.platform = PLATFORM_MADE_UP,
	.topics = topics,
	.ntopics = NITEMS(topics),
	.award = { "delivered" },
	.batch_max = 7,
	.no_tokens = no_tokens,
};
