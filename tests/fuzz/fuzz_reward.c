/* SPDX-License-Identifier: MIT */
/*
 * fuzz_reward: checks that any answer of a shop to a call about a reward or a
 * benefit has an outcome that wire/shop/reward.h and wire/shop/benefit.h allow,
 * that nothing counts as right which differs, and that ids which the shop tells
 * can be sent back to it.
 * Input: a byte (Shopify, WooCommerce, benefits of Shopify), a byte (the question
 * or act), a byte (the kind), a byte (the goods), a byte (what is known), a byte
 * (the status), Retry-After up to a line feed, the body.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "core/reward_way.h"
#include "wire/shop/benefit.h"
#include "wire/tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

enum {
	AT_PLATFORM,
	AT_ASK,
	AT_KIND,
	AT_GOODS,
	AT_KNOWN,
	AT_STATUS,
	HEAD, /* bytes in front of Retry-After */
};

/* Bits of what is known. */
enum {
	KNOWS_ID = 1,
	KNOWS_SEGMENT = 1 << 1,
	HAS_END = 1 << 2,
	HAS_MINIMUM = 1 << 3,
	COMBINES = 1 << 4,
	IS_UNWANTED = 1 << 5,
	IS_OTHER = 1 << 6,
};

static const int statuses[] = { 200, 201, 301, 400, 401, 402, 403, 404, 413,
	423, 429, 430, 500, 502, 503, 999 };

static const char *const one[] = { "7" };
static const char *const sku[] = { "MUG-1" };
/* The second cannot be named whole in the reason for a refusal. */
static const char *const skus[] = { "MUG-1",
	"\xc3\xa4-\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
	"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82"
	"\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2"
	"\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" };
static const char *const slugs[] = { "toys", "books" };

#define WORDS(list)                \
	{                          \
		list, NITEMS(list) \
	}
static const struct line_test tests[] = {
	{ .key = LINE_PRODUCT, .any = WORDS(one) },
	{ .key = LINE_SKU, .any = WORDS(sku) },
	{ .key = LINE_SKU, .any = WORDS(skus) },
	{ .key = LINE_CATEGORY, .any = WORDS(slugs) },
	{ .key = LINE_CATEGORY, .negated = true, .any = WORDS(slugs) },
	{ .key = LINE_PRODUCT, .negated = true, .any = WORDS(one) },
};

static const struct shop_access access = { .url = "https://shop.test",
	.token = STR("ck_a:cs_b") };

/* ---- what a program says ------------------------------------------------- */

/* Describes a reward of which the platform can make a coupon, a card or credit;
 * false: it cannot. */
static bool
make_init(const uint8_t *head, const struct shop *s, enum reward_kind kind,
    struct arena *a, struct reward_make *m)
{
	size_t nth = head[AT_GOODS] % (NITEMS(tests) + 1);
	bool none = nth == NITEMS(tests);
	uint8_t known = head[AT_KNOWN];
	const struct reward r = { .id = "r",
		.kind = kind,
		.percent = 2000,
		.minimum = (known & HAS_MINIMUM) != 0 ? 2000 : 0,
		.product = nth % 2 == 0 ? "7" : "MUG-1",
		.lines = { none || kind == REWARD_PRODUCT ? NULL : &tests[nth],
		    none || kind == REWARD_PRODUCT ? 0 : 1 } };

	if (reward_cannot(&r, s->platform) != NULL)
		return false;
	*m = (struct reward_make){ .kind = kind,
		.customer_id = 12,
		.redemption = "r-1",
		.title = "Five off",
		.code = kind == REWARD_STORE_CREDIT ? NULL
		                                    : "7KQM-2BXN-PW4D-ZH8T",
		.email = s->reward_binds_address ? "a@b.test" : NULL,
		.currency = "EUR",
		.exponent = 2,
		.amount = 500,
		.percent = r.percent,
		.minimum = r.minimum,
		.combines = (known & COMBINES) != 0,
		.goods = reward_goods_of(a, &r),
		.starts_at = INT64_C(1764579600000000),
		.ends_at = (known & HAS_END) != 0 ? INT64_C(1767225600000000)
		                                  : 0,
		.made_as = (known & KNOWS_ID) == 0 ? NULL
		           : s == &shop_shopify
		               ? "gid://shopify/DiscountCodeNode/9"
		               : "33" };
	return true;
}

/* ---- what holds for all answers ------------------------------------------ */

static void
check_text(const char *text)
{
	struct str s = str_of(text);

	for (size_t n; s.len > 0; s.data += n, s.len -= n) {
		n = utf8_len(s);
		CHECK(n > 0);
	}
}

/* Checks an id or an address: NULL, or a text that is not empty. */
static void
check_told(const char *text)
{
	CHECK(text == NULL || text[0] != '\0');
	check_text(text);
}

static bool
is_json(struct arena *a, struct str body)
{
	struct value root;
	struct err e;

	return tape_read(a, body, false, &root, &e) == 0;
}

static void
check_outcome(
    enum push_outcome outcome, int64_t wait_ms, const char why[PUSH_WHY_MAX])
{
	CHECK(outcome >= PUSH_DONE && outcome <= PUSH_REJECT);
	CHECK(wait_ms >= 0 && wait_ms <= PUSH_WAIT_MAX_MS);
	CHECK(strnlen(why, PUSH_WHY_MAX) < PUSH_WHY_MAX);
	check_text(why);
}

/* Empties a request that is used again. */
static struct push_request *
request(void)
{
	static struct push_request q;

	if (q.body.max == 0)
		buf_init(&q.body, PUSH_BODY_MAX);
	buf_reset(&q.body);
	return &q;
}

/* Checks that a call was written, in JSON, if it has a body. */
static void
check_call(int written, const struct push_request *q)
{
	struct arena a;

	CHECK(written == 0);
	arena_init(&a);
	CHECK(q->body.len == 0 ||
	      is_json(&a, (struct str){ q->body.data, q->body.len }));
	arena_fini(&a);
}

/* ---- rewards ------------------------------------------------------------- */

static size_t
goods_missing(const struct reward_make *m, const struct shop *s)
{
	const struct reward_goods *g = &m->goods;

	CHECK(g->sku_ids.n >= g->skus.n || g->sku_ids.n == 0 ||
	      s == &shop_woocommerce);
	return (g->skus.n > g->sku_ids.n ? g->skus.n - g->sku_ids.n : 0) +
	       g->categories.n - g->category_ids.n + g->not_categories.n -
	       g->not_category_ids.n +
	       (s->reward_needs_price && m->kind == REWARD_PRODUCT &&
	           g->price == 0);
}

static void
check_ids(const struct words *ids, const struct shop *s)
{
	for (size_t i = 0; i < ids->n; i++) {
		const char *id = ids->list[i];

		CHECK(id != NULL);
		check_told(id);
		CHECK(s != &shop_woocommerce ||
		      strspn(id, "0123456789") == strlen(id));
	}
}

/* Takes the goods, which are more than before, and sends the ids to the shop. */
static void
check_goods(
    const struct shop *s, struct reward_make *m, const struct reward_answer *r)
{
	size_t before = goods_missing(m, s);
	struct err e;

	m->goods = r->goods;
	check_ids(&m->goods.sku_ids, s);
	check_ids(&m->goods.category_ids, s);
	check_ids(&m->goods.not_category_ids, s);
	CHECK(m->goods.price >= 0);
	CHECK(goods_missing(m, s) < before);
	CHECK(reward_goods_unknown(m, s) == (goods_missing(m, s) > 0));
	if (!reward_goods_unknown(m, s))
		check_call(
		    s->reward_call(REWARD_MAKE, m, &access, request(), &e),
		    request());
}

/* Checks the members that hold if the call was carried out. */
static void
check_done(const struct shop *s, enum reward_ask ask, struct reward_make m,
    const struct reward_answer *r)
{
	bool is_wrong = ask == REWARD_FIND && r->there && !r->right;
	struct err e;

	CHECK((r->why[0] == '\0') == !is_wrong);
	CHECK(!r->there || ask == REWARD_FIND || ask == REWARD_MAKE);
	CHECK(r->there || ask != REWARD_MAKE);
	CHECK(r->there || (!r->right && !r->used));
	CHECK(!r->right || ask == REWARD_FIND);
	CHECK(!r->used || ask == REWARD_FIND);
	CHECK(r->email == NULL || ask == REWARD_ADDRESS);
	check_told(r->email);
	check_told(r->made_as);
	CHECK(r->made_as == NULL || ask == REWARD_FIND || ask == REWARD_MAKE);
	CHECK(r->made_as != NULL || !r->there || ask != REWARD_FIND);
	if (r->made_as == NULL || m.kind == REWARD_STORE_CREDIT)
		return;
	CHECK(s != &shop_woocommerce ||
	      strspn(r->made_as, "0123456789") == strlen(r->made_as));
	m.made_as = r->made_as;
	check_call(s->reward_call(REWARD_REMOVE, &m, &access, request(), &e),
	    request());
}

static void
read_reward(const struct shop *s, enum reward_ask ask,
    const struct reward_reply *reply, const struct reward_make *m,
    struct arena *a, struct reward_answer *r)
{
	memset(r, 0x55, sizeof(*r));
	s->reward_read(ask, reply, m, a, r);
	check_outcome(r->outcome, r->wait_ms, r->why);
	CHECK(r->outcome == PUSH_DONE || r->why[0] != '\0');
	CHECK(r->outcome == PUSH_RETRY || is_json(a, reply->body));
	if (r->outcome == PUSH_DONE)
		check_done(s, ask, *m, r);
	else if (r->outcome == PUSH_REJECT)
		CHECK(!r->there && !r->right);
}

/* Checks that an answer which was right is not when more was asked for.  Of store
 * credit the shop lists several. */
static void
check_differs(const struct shop *s, const struct reward_reply *reply,
    const struct reward_make *m, struct arena *a)
{
	struct reward_make more = *m;
	struct reward_answer r;

	if (m->kind == REWARD_STORE_CREDIT)
		return;
	if (m->kind != REWARD_GIFT_CARD) {
		more.ends_at += m->ends_at != 0 ? INSTANT_SECOND : m->starts_at;
		read_reward(s, REWARD_FIND, reply, &more, a, &r);
		CHECK(!r.right);
		more = *m;
		more.minimum++;
		read_reward(s, REWARD_FIND, reply, &more, a, &r);
		CHECK(!r.right);
		more = *m;
	}
	if (s == &shop_shopify)
		more.customer_id++;
	else
		more.email = "c@b.test";
	read_reward(s, REWARD_FIND, reply, &more, a, &r);
	CHECK(!r.right);
	if (m->kind == REWARD_SHIPPING || m->kind == REWARD_PRODUCT)
		return;
	more = *m;
	more.amount++;
	more.percent++;
	read_reward(s, REWARD_FIND, reply, &more, a, &r);
	CHECK(!r.right);
}

static void
check_reward(const struct shop *s, const uint8_t *head,
    const struct reward_reply *reply, struct arena *a)
{
	enum reward_ask ask = head[AT_ASK] % REWARD_REMOVE + 1;
	enum reward_kind kind = head[AT_KIND] % REWARD_STORE_CREDIT + 1;
	struct reward_answer r;
	struct reward_make m;
	struct err e;

	if (!make_init(head, s, kind, a, &m))
		return;
	/* The same answer again and again: each one tells of the goods that come
	 * next. */
	do {
		if ((ask == REWARD_GOODS && !reward_goods_unknown(&m, s)) ||
		    s->reward_call(ask, &m, &access, request(), &e) == -1)
			return;
		read_reward(s, ask, reply, &m, a, &r);
		if (ask == REWARD_GOODS && r.outcome == PUSH_DONE)
			check_goods(s, &m, &r);
	} while (ask == REWARD_GOODS && r.outcome == PUSH_DONE);
	if (ask == REWARD_FIND && r.outcome == PUSH_DONE && r.right)
		check_differs(s, reply, &m, a);
}

/* ---- benefits ------------------------------------------------------------ */

/* Describes a benefit; one that is not wanted any more has names only. */
static bool
benefit_init(const uint8_t *head, struct arena *a, struct benefit_make *m)
{
	static const char *const title = "Members (loyalty vip)";
	uint8_t known = head[AT_KNOWN];

	*m = (struct benefit_make){ .known_title = title,
		.segment_name = "loyalty benefit vip",
		.segment_as = (known & KNOWS_SEGMENT) != 0
		                  ? "gid://shopify/Segment/5"
		                  : NULL,
		.is_other = (known & IS_OTHER) != 0 };
	if ((known & IS_UNWANTED) == 0) {
		if (!make_init(head, &shop_shopify,
		        head[AT_KIND] % 2 == 0 ? REWARD_DISCOUNT_PERCENT
		                               : REWARD_SHIPPING,
		        a, &m->as))
			return false;
		m->as.title = title;
		m->segment_query = "customer_tags CONTAINS "
		                   "'loyalty-tier:vip'";
	}
	m->as.made_as = (known & KNOWS_ID) != 0
	                    ? "gid://shopify/DiscountAutomaticNode/9"
	                    : NULL;
	return true;
}

/* Whether push makes the call: it knows what it changes or removes, and makes
 * nothing that is not wanted. */
static bool
can_ask(enum benefit_act act, const struct benefit_make *m)
{
	bool is_wanted = m->segment_query != NULL;

	switch (act) {
	case BENEFIT_NOTHING:
		return false;
	case BENEFIT_SEGMENT_LOOK:
	case BENEFIT_LOOK:
		return true;
	case BENEFIT_SEGMENT_MAKE:
		return is_wanted;
	case BENEFIT_SEGMENT_CHANGE:
		return is_wanted && m->segment_as != NULL;
	case BENEFIT_SEGMENT_REMOVE:
		return m->segment_as != NULL;
	case BENEFIT_MAKE:
		return is_wanted && m->segment_as != NULL;
	case BENEFIT_CHANGE:
		return is_wanted && m->as.made_as != NULL;
	case BENEFIT_REMOVE:
		return m->as.made_as != NULL;
	}
	return false;
}

static void
check_look(
    enum benefit_act act, struct benefit_make m, const struct benefit_answer *r)
{
	bool is_segment = act == BENEFIT_SEGMENT_LOOK;
	struct err e;

	CHECK(r->seen >= SEEN_ABSENT && r->seen <= SEEN_RIGHT);
	CHECK((r->id != NULL) == (r->seen != SEEN_ABSENT));
	CHECK(!is_segment || r->seen != SEEN_OTHER);
	CHECK(m.segment_query != NULL || !is_segment || r->seen != SEEN_RIGHT);
	CHECK(is_segment || !m.is_other || r->seen == SEEN_ABSENT ||
	      r->seen == SEEN_OTHER);
	if (r->id == NULL)
		return;
	*(is_segment ? &m.segment_as : &m.as.made_as) = r->id;
	act = is_segment ? BENEFIT_SEGMENT_REMOVE : BENEFIT_REMOVE;
	check_call(shop_shopify.benefit_call(act, &m, &access, request(), &e),
	    request());
}

static void
read_benefit(enum benefit_act act, const struct reward_reply *reply,
    const struct benefit_make *m, struct arena *a, struct benefit_answer *r)
{
	memset(r, 0x55, sizeof(*r));
	shop_shopify.benefit_read(act, reply, m, a, r);
	check_outcome(r->outcome, r->wait_ms, r->why);
	CHECK((r->why[0] == '\0') == (r->outcome == PUSH_DONE));
	CHECK(r->outcome == PUSH_RETRY ||
	      (reply->status == 200 && is_json(a, reply->body)));
	check_told(r->id);
	if (r->outcome != PUSH_DONE)
		CHECK(r->id == NULL);
	else if (!benefit_writes(act))
		check_look(act, *m, r);
	else
		CHECK((r->id != NULL) ==
		      (act != BENEFIT_REMOVE && act != BENEFIT_SEGMENT_REMOVE));
}

/* Checks that a benefit which was right is not when its program was changed. */
static void
check_changed(enum benefit_act act, const struct reward_reply *reply,
    const struct benefit_make *m, struct arena *a)
{
	struct benefit_make other = *m;
	struct benefit_answer r;

	if (act == BENEFIT_LOOK) {
		other.as.title = "Members (loyalty gold)";
		read_benefit(act, reply, &other, a, &r);
		CHECK(r.seen != SEEN_RIGHT);
		other = *m;
		other.as.minimum++;
		read_benefit(act, reply, &other, a, &r);
		CHECK(r.seen != SEEN_RIGHT);
		other = *m;
	}
	if (act == BENEFIT_LOOK && m->as.kind == REWARD_SHIPPING)
		return;
	other.segment_query = "customer_tags CONTAINS 'loyalty-tier:gold'";
	other.as.percent++;
	read_benefit(act, reply, &other, a, &r);
	CHECK(r.seen != SEEN_RIGHT);
}

static void
check_benefit(
    const uint8_t *head, const struct reward_reply *reply, struct arena *a)
{
	enum benefit_act act = head[AT_ASK] % BENEFIT_ACTS + 1;
	struct benefit_answer r;
	struct benefit_make m;
	struct err e;

	if (!benefit_init(head, a, &m) || !can_ask(act, &m))
		return;
	check_call(shop_shopify.benefit_call(act, &m, &access, request(), &e),
	    request());
	read_benefit(act, reply, &m, a, &r);
	if (r.outcome != PUSH_DONE || benefit_writes(act) ||
	    r.seen != SEEN_RIGHT || m.segment_query == NULL)
		return;
	check_changed(act, reply, &m, a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data + HEAD, size - HEAD };
	struct reward_reply reply;
	const char *end;
	struct arena a;

	if (size < HEAD)
		return 0;
	end = in.len > 0 ? memchr(in.data, '\n', in.len) : NULL;
	reply.status = statuses[data[AT_STATUS] % NITEMS(statuses)];
	reply.retry_after = (struct str){ in.data,
		end == NULL ? in.len : (size_t)(end - in.data) };
	in.data += reply.retry_after.len + (end != NULL);
	in.len -= reply.retry_after.len + (end != NULL);
	reply.body = in;
	arena_init(&a);
	if (data[AT_PLATFORM] % 3 == 2)
		check_benefit(data, &reply, &a);
	else
		check_reward(data[AT_PLATFORM] % 3 == 0 ? &shop_shopify
		                                        : &shop_woocommerce,
		    data, &reply, &a);
	arena_fini(&a);
	return 0;
}
