/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/shop/benefit.h"
#include "wire/sign.h"

enum {
	QUERY_MAX = 5000, /* bytes of a segment's query */
	HALF = 16,        /* bytes of each half of a digest */
	HALF_TEXT = 32,   /* the same in hexadecimal digits */
};

const char *
benefit_title(struct arena *a, const struct benefit *b)
{
	const char *name = b->names.n > 0 ? b->names.list[0].other : NULL;

	return name != NULL ? arena_printf(a, "%s (loyalty %s)", name, b->id)
	                    : arena_printf(a, "loyalty %s", b->id);
}

const char *
benefit_segment_name(struct arena *a, const char *id)
{
	return arena_printf(a, "loyalty benefit %s", id);
}

static void
add_tag(struct buf *b, const char *kind, const char *id)
{
	buf_printf(b, "customer_tags CONTAINS '%s%s'", kind, id);
}

/* Finds the test of a kind; benefit_cannot() lets each come once. */
static const struct words *
asked(const struct condition *when, enum test_kind kind)
{
	static const struct words none;

	for (size_t i = 0; i < when->n; i++)
		if (when->tests[i].kind == kind)
			return &when->tests[i].any;
	return &none;
}

/* Writes each tier, or each membership, or each pair of both, since Shopify's OR
 * binds less than its AND. */
const char *
benefit_segment_query(struct arena *a, const struct benefit *b)
{
	const struct words *tiers = asked(&b->when, TEST_TIER);
	const struct words *clubs = asked(&b->when, TEST_MEMBERSHIP);
	size_t n = (tiers->n > 0 ? tiers->n : 1) *
	           (clubs->n > 0 ? clubs->n : 1);
	const char *text = NULL;
	struct buf out;

	buf_init(&out, QUERY_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(&out, " OR ");
		if (tiers->n > 0)
			add_tag(&out, TIER_TAG, tiers->list[i % tiers->n]);
		if (tiers->n > 0 && clubs->n > 0)
			buf_puts(&out, " AND ");
		if (clubs->n > 0)
			add_tag(&out, MEMBERSHIP_TAG,
			    clubs->list[tiers->n > 0 ? i / tiers->n : i]);
	}
	if (!buf_is_full(&out))
		text = arena_memdup(a, out.data, out.len);
	buf_fini(&out);
	return text;
}

/* ---- digests ------------------------------------------------------------- */

static const char *
words_text(struct arena *a, const struct words *w)
{
	const char *text = "";

	for (size_t i = 0; i < w->n; i++)
		text = arena_printf(a, "%s\n%s", text, w->list[i]);
	return text;
}

static void
half(const char *text, char out[HALF_TEXT + 1])
{
	uint8_t digest[32];

	sha256(str_of(text), digest);
	hex_encode(digest, HALF, out);
}

const char *
benefit_digest(struct arena *a, const struct benefit *b, const char *currency)
{
	const struct reward r = { .kind = REWARD_DISCOUNT_PERCENT,
		.lines = b->lines };
	const struct reward_goods g = reward_goods_of(a, &r);
	const char *query = benefit_segment_query(a, b);
	char goods[HALF_TEXT + 1], rest[HALF_TEXT + 1];

	half(arena_printf(a, "%d\t%s\t%s\t%s", (int)b->kind,
	         words_text(a, &g.products), words_text(a, &g.skus),
	         words_text(a, &g.categories)),
	    goods);
	half(arena_printf(a, "%s\t%s\t%" PRId64 "\t%" PRId64 "\t%s",
	         benefit_title(a, b), query != NULL ? query : "", b->percent,
	         b->minimum, currency),
	    rest);
	return arena_printf(a, "%s-%s", goods, rest);
}

bool
benefit_digest_is_like(const char *a, const char *b)
{
	return strncmp(a, b, HALF_TEXT) == 0;
}
