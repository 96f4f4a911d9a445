/* SPDX-License-Identifier: MIT */
/* Tests what a basket costs a member. "Rule 1" and so on are the rules in
 * core/quote.h. */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/cc.h"
#include "base/instant.h"
#include "core/quote.h"
#include "wire/program/program.h"

enum {
	FACTS = 8,
	STORE = 7,
};

static struct program program;
static struct fact facts[FACTS];
static size_t nfacts;
static struct order_line lines[5];
static struct order basket;
static struct quote_wish wishes[3];
static struct quote q;

static const struct era *
era(void)
{
	static struct era e;

	e = (struct era){ &program, 3, 0 };
	return &e;
}

static int64_t
at(const char *text)
{
	int64_t t;

	assert_int_equal(instant_parse(str_of(text), &t), 0);
	return t;
}

static const char *const common =
    "\"name\":\"x\",\"wallets\":{\"points\":{},\"cash\":{\"unit\":\"money\"},"
    "\"stars\":{}},"
    "\"memberships\":[{\"id\":\"club\",\"fee\":{\"sku\":[\"CLUB\"]},"
    "\"term\":\"1 year\"}],"
    "\"rules\":[{\"id\":\"order\",\"on\":\"order\",\"give\":{\"points\":1}},"
    "{\"id\":\"back\",\"on\":\"order\",\"give\":{\"percent\":\"2\"},"
    "\"to\":\"cash\"},"
    "{\"id\":\"card\",\"on\":\"order\",\"give\":{\"points\":1},"
    "\"base\":{\"tender\":[\"card\"],\"shipping\":true},\"to\":\"stars\"},"
    "{\"id\":\"start\",\"on\":\"enrolment\",\"give\":{\"points\":1000}}]";

/* Begins a test with an empty basket, a member, and a program that consists of
 * `more` and `common`. */
static void
begin(const char *more)
{
	const struct program_setting usd = { .currency = "USD", .exponent = 2 };
	char *text = arena_printf(
	    &arena, "{%s%s%s}", common, more[0] != '\0' ? "," : "", more);
	struct err e = { .msg = "" };

	if (program_parse(&arena, str_of(text), &usd, &program, &e) == -1)
		fail_msg("%s", e.msg);
	nfacts = 0;
	memset(lines, 0, sizeof(lines));
	memset(wishes, 0, sizeof(wishes));
	basket = (struct order){ .lines = lines, .channel = "online" };
	facts[nfacts++] = (struct fact){ .kind = FACT_EVENT,
		.at = at("2025-01-01T00:00:00Z"),
		.store_id = STORE,
		.id = "in",
		.program = &program,
		.version_id = 3,
		.type = "enrolment",
		.count = 1 };
}

static struct order_line *
line(int64_t net)
{
	struct order_line *l = &lines[basket.nlines++];

	*l = (struct order_line){ .id = (int64_t)basket.nlines,
		.quantity = 1,
		.current = 1,
		.before = net,
		.net = net };
	return l;
}

static void
join_club(void)
{
	static const struct field club = { "membership", "club" };

	facts[nfacts++] = (struct fact){ .kind = FACT_EVENT,
		.at = at("2025-02-01T00:00:00Z"),
		.store_id = STORE,
		.id = "paid",
		.program = &program,
		.version_id = 3,
		.type = "membership_payment",
		.count = 1,
		.fields = &club,
		.nfields = 1 };
}

static void
ask(size_t nwishes)
{
	const struct timeline t = {
		.facts = facts,
		.nfacts = nfacts,
		.eras = era(),
		.neras = 1,
		.store_id = STORE,
		.now = at("2025-06-03T10:00:00Z"),
	};
	struct fold f;
	const struct quote_ask a = {
		.timeline = &t,
		.fold = &f,
		.basket = &basket,
		.brand = "golf",
		.store_id = STORE,
		.wishes = wishes,
		.nwishes = nwishes,
	};

	fold(&arena, &t, &f);
	quote(&arena, &a, &q);
	assert_int_equal(q.nlines, basket.nlines);
	assert_int_equal(q.nrewards, nwishes);
}

static void
expect_off(const int64_t *want, size_t n)
{
	int64_t sum = 0;

	assert_int_equal(q.nlines, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(q.lines[i].discount, want[i]);
		assert_int_equal(
		    q.lines[i].net, lines[i].net - q.lines[i].discount);
		sum += want[i];
	}
	assert_int_equal(q.discount, sum);
}

#define EXPECT_OFF(...)                              \
	expect_off((const int64_t[]){ __VA_ARGS__ }, \
	    sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static int64_t
earns(const char *wallet)
{
	for (size_t i = 0; i < q.nearns; i++)
		if (strcmp(q.earns[i].wallet, wallet) == 0)
			return q.earns[i].units;
	fail_msg("no wallet %s", wallet);
	return -1;
}

static void
expect_refused(const char *want, size_t nwishes)
{
	ask(nwishes);
	assert_non_null(q.rewards[nwishes - 1].refused);
	assert_string_equal(q.rewards[nwishes - 1].refused, want);
	assert_int_equal(q.rewards[nwishes - 1].discount, 0);
}

/* ---- benefits ------------------------------------------------------------ */

#define TEN_AND_FORTY                                                   \
	"\"benefits\":["                                                \
	"{\"id\":\"ten\",\"kind\":\"discount\",\"percent\":\"10\","     \
	"\"when\":{\"membership\":[\"club\"],\"channel\":[\"pos\"]}},"  \
	"{\"id\":\"forty\",\"kind\":\"discount\",\"percent\":\"40\","   \
	"\"lines\":{\"category\":[\"hardcover\"]},"                     \
	"\"when\":{\"membership\":[\"club\"],\"channel\":[\"pos\"]}},"  \
	"{\"id\":\"ten-too\",\"kind\":\"discount\",\"percent\":\"10\"," \
	"\"when\":{\"membership\":[\"club\"],\"channel\":[\"pos\"]}}]"

static const char *const hardcover[] = { "hardcover" };

static void
test_best_of_each_line(void **state)
{
	(void)state;
	begin(TEN_AND_FORTY);
	join_club();
	basket.channel = "pos";
	line(3000)->categories = (struct words){ hardcover, 1 };
	line(2000);
	ask(0);
	/* Rule 2 of quote.h: the line takes only the larger discount, 40
	 * percent. Both discounts together would be 46 percent. */
	EXPECT_OFF(1200, 200);
	assert_string_equal(q.lines[0].benefit, "forty");
	/* If two discounts are equal, the line takes the first. */
	assert_string_equal(q.lines[1].benefit, "ten");
	assert_int_equal(q.pay, 3600);
	/* Rule 7 of quote.h: the basket earns points for the amount after the
	 * discounts. */
	assert_int_equal(earns("points"), 36);
	assert_int_equal(earns("cash"), 72000);

	basket.channel = "online";
	ask(0);
	EXPECT_OFF(0, 0);
	assert_null(q.lines[0].benefit);
	assert_int_equal(q.pay, 5000);
	assert_int_equal(earns("points"), 50);
}

static void
tell_tag(int64_t store_id, const char *type, const char *id)
{
	static const struct field vip = { "tag", "vip" };

	facts[nfacts++] = (struct fact){ .kind = FACT_EVENT,
		.at = at("2025-02-01T00:00:00Z"),
		.store_id = store_id,
		.id = id,
		.program = &program,
		.version_id = 3,
		.type = type,
		.count = 1,
		.fields = &vip,
		.nfields = strcmp(type, CUSTOMER_TAGS) != 0 };
}

/* Checks that a shop cannot remove a tag that another shop has set. */
static void
test_tags_of_two_stores(void **state)
{
	(void)state;
	begin("\"benefits\":[{\"id\":\"ten\",\"kind\":\"discount\","
	      "\"percent\":\"10\",\"when\":{\"customer\":{\"tag\":"
	      "[\"VIP\"]}}}]");
	line(1000);
	tell_tag(STORE, CUSTOMER_TAGS_ADDED, "1");
	ask(0);
	EXPECT_OFF(100);
	tell_tag(STORE + 1, CUSTOMER_TAGS_REMOVED, "2");
	tell_tag(STORE + 1, CUSTOMER_TAGS, "3");
	ask(0);
	EXPECT_OFF(100);
	tell_tag(STORE, CUSTOMER_TAGS, "4");
	ask(0);
	EXPECT_OFF(0);
}

static void
test_no_member_no_benefit(void **state)
{
	(void)state;
	begin(TEN_AND_FORTY);
	basket.channel = "pos";
	line(3000);
	ask(0);
	EXPECT_OFF(0);
}

static void
test_what_takes_no_discount(void **state)
{
	(void)state;
	begin(TEN_AND_FORTY);
	join_club();
	basket.channel = "pos";
	line(2500)->sku = "CLUB";
	line(5000)->gift_card = true;
	line(1000);
	ask(0);
	EXPECT_OFF(0, 0, 100);
	assert_int_equal(q.pay, 8400);
	assert_int_equal(earns("points"), 9);
}

static void
test_rounding_and_tax(void **state)
{
	(void)state;
	begin("\"benefits\":[{\"id\":\"off\",\"kind\":\"discount\","
	      "\"percent\":\"12.5\"}]");
	line(100)->tax = 19; /* 12.5 off */
	line(99)->tax = 19;  /* 12.375 off */
	basket.fees = 50;
	basket.fees_tax = 10;
	basket.shipping = 500;
	basket.shipping_tax = 95;
	ask(0);
	/* Rule 3 of quote.h: halves are rounded up. */
	EXPECT_OFF(13, 12);
	assert_int_equal(q.lines[0].tax, 17); /* 19 x 87 / 100 = 16.53 */
	assert_int_equal(q.lines[1].tax, 17); /* 19 x 87 / 99 = 16.69 */
	assert_int_equal(q.shipping, 595);
	assert_int_equal(q.pay, 87 + 17 + 87 + 17 + 60 + 595);
}

static void
test_free_shipping(void **state)
{
	(void)state;
	begin("\"benefits\":[{\"id\":\"ship\",\"kind\":\"shipping\","
	      "\"minimum\":\"49.00\",\"when\":{\"brand\":[\"golf\"]}}]");
	basket.shipping = 599;
	line(4899);
	ask(0);
	assert_null(q.free_shipping);
	assert_int_equal(q.pay, 5498);
	assert_int_equal(earns("points"), 48);
	lines[0].net = lines[0].before = 4900;
	ask(0);
	assert_string_equal(q.free_shipping, "ship");
	assert_int_equal(q.shipping, 0);
	assert_int_equal(q.pay, 4900);
	/* Rule 1 of quote.h: gift cards and fees of a membership do not count
	 * for the minimum. */
	lines[0].net = lines[0].before = 4800;
	line(100);
	ask(0);
	assert_non_null(q.free_shipping);
	lines[1].net = 99;
	line(5000)->gift_card = true;
	line(2500)->sku = "CLUB";
	ask(0);
	assert_null(q.free_shipping);
}

/* ---- rewards ------------------------------------------------------------- */

#define REWARD(id, kind, more) \
	"{\"id\":\"" id "\",\"cost\":100,\"kind\":\"" kind "\"" more "}"
#define PERCENT(id, n, more) \
	REWARD(id, "percent", ",\"percent\":\"" n "\"" more)
#define AMOUNT(id, n, more) REWARD(id, "amount", ",\"amount\":\"" n "\"" more)
#define PRODUCT(id, what) \
	REWARD(id, "product", ",\"product\":\"" what "\"" COMBINES)
#define COMBINES ",\"combines\":true"
#define BOOKS    ",\"lines\":{\"category\":[\"hardcover\"]}"
#define TEN      ",\"minimum\":\"10.00\"" COMBINES
#define MANY     ",\"variable\":true,\"least\":200,\"most\":900"
#define CLUB     ",\"when\":{\"membership\":[\"club\"],\"otherwise\":\"no_club\"}"
#define CARD     ",\"amount\":\"5.00\""

/* clang-format off */
#define REWARDS                                                          \
	"\"benefits\":[{\"id\":\"ten\",\"kind\":\"discount\","           \
	"\"percent\":\"10\",\"when\":{\"membership\":[\"club\"]}}],"     \
	"\"rewards\":["                                                  \
	PERCENT("toy", "30", BOOKS) ","                                  \
	AMOUNT("five", "5.00", TEN) ","                                  \
	AMOUNT("each", "1.00", MANY) ","                                 \
	REWARD("ship", "shipping", "") ","                               \
	PRODUCT("mug", "MUG") ","                                        \
	PRODUCT("seven", "7") ","                                        \
	REWARD("card", "gift_card", CARD) ","                            \
	PERCENT("half", "50", COMBINES) ","                              \
	PERCENT("gold", "50", CLUB) "]"
/* clang-format on */

static void
test_percent_of_its_lines(void **state)
{
	(void)state;
	begin(REWARDS);
	line(2000)->categories = (struct words){ hardcover, 1 };
	line(1000);
	wishes[0].reward = "toy";
	ask(1);
	EXPECT_OFF(600, 0);
	assert_null(q.rewards[0].refused);
	assert_int_equal(q.rewards[0].units, 100);
	assert_int_equal(q.rewards[0].discount, 600);
	assert_string_equal(q.lines[0].reward, "toy");
	assert_null(q.lines[1].reward);

	lines[0].categories.n = 0;
	expect_refused("no_lines", 1);
}

static void
test_alone(void **state)
{
	(void)state;
	begin(REWARDS);
	join_club();
	line(2000)->categories = (struct words){ hardcover, 1 };
	line(1000);
	wishes[0].reward = "toy";
	ask(1);
	/* Rule 4 of quote.h: on the lines that the reward is for, it replaces
	 * the discount of ten percent. */
	EXPECT_OFF(600, 100);
	assert_null(q.lines[0].benefit);
	assert_string_equal(q.lines[1].benefit, "ten");
	/* A reward that cannot be combined is refused if another reward is also
	 * asked for, in either order. */
	wishes[1].reward = "five";
	expect_refused("does_not_combine", 2);
	wishes[0].reward = "five";
	wishes[1].reward = "toy";
	expect_refused("does_not_combine", 2);
	/* A reward that cannot be combined is refused if it gives no more
	 * than the benefits that it would replace. */
	wishes[0] = (struct quote_wish){ "each", 300 };
	expect_refused("benefits_are_better", 1);
	EXPECT_OFF(200, 100);
	wishes[0].units = 400;
	ask(1);
	EXPECT_OFF(266, 134);
}

static void
test_combined(void **state)
{
	(void)state;
	begin(REWARDS);
	join_club();
	line(2000);
	line(1000);
	wishes[0].reward = "five";
	wishes[1].reward = "half";
	ask(2);
	assert_null(q.rewards[0].refused);
	assert_null(q.rewards[1].refused);
	/* The benefit of ten percent leaves 18.00 and 9.00. The reward of
	 * 5.00 is spread as 3.33 and 1.67, which leaves 14.67 and 7.33. The
	 * reward of half the price, rounded up, takes 7.34 and 3.67. */
	assert_int_equal(q.rewards[0].discount, 500);
	EXPECT_OFF(200 + 333 + 734, 100 + 167 + 367);
	assert_string_equal(q.lines[0].benefit, "ten");
	assert_string_equal(q.lines[0].reward, "half");
	assert_int_equal(q.pay, 3000 - 1267 - 634);
}

static void
test_amounts(void **state)
{
	(void)state;
	begin(REWARDS);
	line(101);
	line(102);
	line(103);
	wishes[0] = (struct quote_wish){ "each", 200 };
	ask(1);
	/* Rule 5 of quote.h: the whole amount is spread over the lines, to the
	 * last cent. */
	EXPECT_OFF(66, 66, 68);
	assert_int_equal(q.rewards[0].units, 200);
	/* A variable reward takes at most the price of the lines, in whole
	 * steps of 1.00: 3.06 has room for three steps. */
	wishes[0].units = 900;
	ask(1);
	EXPECT_OFF(99, 100, 101);
	assert_int_equal(q.rewards[0].units, 300);
	assert_int_equal(q.rewards[0].discount, 300);
	assert_int_equal(q.pay, 6);
	assert_int_equal(earns("points"), 0);
	/* A variable reward is refused if there is room for fewer units than
	 * its "least". */
	lines[2].net = 0;
	lines[1].net = 98;
	expect_refused("too_much", 1);
	lines[1].net = 99;
	ask(1);
	assert_int_equal(q.rewards[0].units, 200);
	/* A reward that cannot be combined is refused after any other
	 * reward. */
	wishes[0].reward = "five";
	wishes[1] = (struct quote_wish){ "each", 900 };
	lines[0].net = 1000;
	expect_refused("does_not_combine", 2);
}

/* clang-format off */
#define MOST(n) ",\"most_percent\":\"" n "\"" COMBINES
#define BOUNDED                                                          \
	"\"rewards\":["                                                  \
	REWARD("some", "amount", ",\"amount\":\"1.00\"" MANY MOST("50"))  \
	"," AMOUNT("fits", "5.00", MOST("50")) ","                       \
	AMOUNT("most", "5.00", MOST("90")) ","                           \
	AMOUNT("five", "5.00", COMBINES) "]"
/* clang-format on */

/* Checks rule 4: rewards take off at most the smallest `most_percent` of the
 * basket. A variable reward takes only the units for which there is room. */
static void
test_most_percent(void **state)
{
	(void)state;
	begin(BOUNDED);
	line(1100);
	wishes[0] = (struct quote_wish){ "some", 700 };
	ask(1);
	EXPECT_OFF(500);
	assert_int_equal(q.rewards[0].units, 500);
	assert_int_equal(q.rewards[0].discount, 500);
	/* The basket has too little room left for another reward. */
	wishes[1].reward = "five";
	expect_refused("too_much", 2);
	/* A variable reward is refused if another reward has left less room
	 * than one of its steps. */
	wishes[0] = (struct quote_wish){ "five", 0 };
	wishes[1] = (struct quote_wish){ "some", 700 };
	expect_refused("too_much", 2);
	lines[0].net = 1400;
	ask(2);
	EXPECT_OFF(700);
	assert_int_equal(q.rewards[1].units, 200);
	/* All rewards together must stay within the bound. */
	wishes[2] = (struct quote_wish){ "some", 200 };
	expect_refused("too_much", 3);
	lines[0].net = 1800;
	ask(3);
	EXPECT_OFF(900);
	/* If there is enough room, the reward takes the units that were asked
	 * for. */
	wishes[0] = (struct quote_wish){ "some", 200 };
	ask(1);
	EXPECT_OFF(200);
	/* A reward may take exactly its `most_percent` of the basket. After a
	 * reward with a smaller `most_percent`, the smaller percentage is the
	 * bound. */
	lines[0].net = 1000;
	wishes[0] = (struct quote_wish){ "fits", 0 };
	ask(1);
	EXPECT_OFF(500);
	wishes[0] = (struct quote_wish){ "some", 200 };
	wishes[1] = (struct quote_wish){ "most", 0 };
	expect_refused("too_much", 2);
}

static void
test_product(void **state)
{
	(void)state;
	begin(REWARDS);
	line(1998)->sku = "MUG";
	lines[0].quantity = 2;
	line(1200)->sku = "MUG";
	line(5000)->sku = "JUG";
	wishes[0].reward = "mug";
	ask(1);
	EXPECT_OFF(0, 1200, 0);
	lines[1].sku = NULL;
	ask(1);
	EXPECT_OFF(999, 0, 0);
	lines[0].sku = NULL;
	expect_refused("no_lines", 1);
	/* A reward may also name the product by the platform's number. */
	wishes[0].reward = "seven";
	lines[2].product_id = 7;
	ask(1);
	EXPECT_OFF(0, 0, 5000);
}

static void
test_reward_shipping(void **state)
{
	(void)state;
	begin(REWARDS);
	line(1000);
	basket.shipping = 500;
	basket.shipping_tax = 95;
	wishes[0].reward = "ship";
	ask(1);
	assert_string_equal(q.free_shipping, "ship");
	assert_int_equal(q.rewards[0].discount, 595);
	assert_int_equal(q.pay, 1000);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *reward;
		int64_t units;
		const char *why;
	} rows[] = {
		{ "nothing", 0, "no_such_reward" },
		{ "card", 0, "not_for_baskets" },
		{ "gold", 0, "no_club" },
		{ "five", 0, "too_small" },
		{ "each", 0, "wrong_units" },
		{ "each", 100, "wrong_units" },
		{ "each", 250, "wrong_units" },
		{ "each", 1000, "wrong_units" },
	};

	(void)state;
	begin(REWARDS);
	line(999);
	for (size_t i = 0; i < NITEMS(rows); i++) {
		wishes[0] = (struct quote_wish){ rows[i].reward,
			rows[i].units };
		expect_refused(rows[i].why, 1);
		EXPECT_OFF(0);
	}
}

/* Checks baskets that have just enough for a reward, and lines that do not
 * count. */
static void
test_bounds(void **state)
{
	(void)state;
	begin(REWARDS);
	line(1000);
	line(0)->quantity = 0;
	wishes[0].reward = "five";
	ask(1);
	assert_null(q.rewards[0].refused);
	/* The reward is for the first of two equal lines, and never for a line
	 * without pieces. */
	begin(REWARDS);
	line(1000)->sku = "MUG";
	line(1000)->sku = "MUG";
	line(5000)->sku = "MUG";
	lines[2].quantity = 0;
	wishes[0].reward = "mug";
	ask(1);
	EXPECT_OFF(1000, 0, 0);
}

static void
test_insufficient(void **state)
{
	(void)state;
	begin(REWARDS);
	line(100000);
	facts[nfacts++] = (struct fact){ .kind = FACT_ADJUST,
		.at = at("2025-03-01T00:00:00Z"),
		.store_id = STORE,
		.id = "less",
		.program = &program,
		.version_id = 3,
		.wallet = "points",
		.units = -801,
		.reason = "test" };
	wishes[0].reward = "five";
	wishes[1].reward = "half";
	/* The member has 199 points left, which are enough for one reward but
	 * not for two. */
	expect_refused("insufficient", 2);
	assert_null(q.rewards[0].refused);
	facts[1].units = -800;
	ask(2);
	assert_null(q.rewards[1].refused);
	facts[1].units = -901;
	expect_refused("insufficient", 1);
}

/* ---- earnings ------------------------------------------------------------ */

static void
test_earns(void **state)
{
	struct tender tenders[] = { { "card", 6000 }, { "cash", 4000 } };

	(void)state;
	begin("\"benefits\":[{\"id\":\"off\",\"kind\":\"discount\","
	      "\"percent\":\"50\"}]");
	line(10000);
	basket.tenders = tenders;
	basket.ntenders = 2;
	ask(0);
	assert_int_equal(earns("points"), 50);
	assert_int_equal(earns("cash"), 100000);
	assert_int_equal(earns("stars"), 30);
	assert_int_equal(q.nearns, 3);
	/* Facts with a time after the basket's do not count. */
	facts[nfacts++] = (struct fact){ .kind = FACT_EVENT,
		.at = at("2025-07-01T00:00:00Z"),
		.store_id = STORE,
		.id = "later",
		.program = &program,
		.version_id = 3,
		.type = "enrolment",
		.count = 1 };
	ask(0);
	assert_int_equal(earns("points"), 50);
}

static void
test_first_order(void **state)
{
	(void)state;
	begin("\"benefits\":[{\"id\":\"hello\",\"kind\":\"discount\","
	      "\"percent\":\"50\",\"when\":{\"nth\":1}},"
	      "{\"id\":\"ship\",\"kind\":\"shipping\"}]");
	line(600);
	line(400);
	basket.tenders = (struct tender[]){ { "card", 1500 } };
	basket.ntenders = 1;
	basket.shipping = 500;
	ask(0);
	EXPECT_OFF(300, 200);
	/* Shipping was free, so no stars are earned for it. */
	assert_int_equal(earns("stars"), 5);
}

/* ---- who has what -------------------------------------------------------- */

static void
test_held(void **state)
{
	const struct benefit *held[BENEFITS_MAX];
	static const char *const clubs[] = { "club" };
	struct member_view nobody = { .tier = NULL }, member = nobody;
	const struct occasion now = { .at = 1 };
	const struct occasion online = { .at = 1, .channel = "online" };

	(void)state;
	begin("\"benefits\":["
	      "{\"id\":\"all\",\"kind\":\"flag\"},"
	      "{\"id\":\"club\",\"kind\":\"flag\","
	      "\"when\":{\"membership\":[\"club\"]}},"
	      "{\"id\":\"pos\",\"kind\":\"flag\","
	      "\"when\":{\"channel\":[\"pos\"],\"brand\":[\"x\"],"
	      "\"amount\":{\"from\":\"5.00\"},\"shipping_method\":[\"y\"]}}]");
	member.memberships = (const char **)(uintptr_t)clubs;
	member.nmemberships = 1;
	assert_int_equal(benefits_held(&program, &nobody, &now, held), 2);
	assert_string_equal(held[0]->id, "all");
	/* A condition about a basket is skipped if the occasion has no data for
	 * it. */
	assert_string_equal(held[1]->id, "pos");
	assert_int_equal(benefits_held(&program, &member, &now, held), 3);
	assert_string_equal(held[1]->id, "club");
	/* If the occasion has a channel, the channel must match. */
	assert_int_equal(benefits_held(&program, &member, &online, held), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_best_of_each_line),
		cmocka_unit_test(test_tags_of_two_stores),
		cmocka_unit_test(test_no_member_no_benefit),
		cmocka_unit_test(test_what_takes_no_discount),
		cmocka_unit_test(test_rounding_and_tax),
		cmocka_unit_test(test_free_shipping),
		cmocka_unit_test(test_percent_of_its_lines),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_combined),
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_most_percent),
		cmocka_unit_test(test_product),
		cmocka_unit_test(test_reward_shipping),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_insufficient),
		cmocka_unit_test(test_earns),
		cmocka_unit_test(test_first_order),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
