/* SPDX-License-Identifier: MIT */
#include "base/cc.h"
#include "wire/shop/shop.h"

/*
 * A platform that does not exist, for BUILD=platform.
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
