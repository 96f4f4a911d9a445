/* SPDX-License-Identifier: MIT */
/* Tests what shops are told of a member beside the balance, and holds the table
 * of deploy/README.md to it. */
#include "program_file.h"

#include "base/instant.h"
#include "core/profile.h"
#include "wire/shop/profile.h"

#define PAGE "deploy/README.md"

static const char program_text[] = FILE(
    "'wallets':{'points':{'names':{"
    "'de':{'one':'Punkt','other':'Punkte'},"
    "'en':{'one':'point','other':'points'}}}},"
    "'rules':[{'id':'a','on':'order','give':{'points':1}}],"
    "'tiers':{'metric':'earned','wallet':'points','levels':["
    "{'id':'silver','from':100,'names':{'de':'Silber','en':'Silver'}},"
    "{'id':'staff','when':{'attribute':{'k':['v']}}},"
    "{'id':'gold','from':200,'names':{'de':'Gold'}},"
    "{'id':'top','above':300}]},"
    "'memberships':[{'id':'plus','fee':{'sku':['P']},'term':'12 months'},"
    "{'id':'pro','fee':{'sku':['Q']},'term':'12 months'}],"
    "'benefits':[{'id':'free','kind':'shipping'},"
    "{'id':'gift','kind':'flag'}]");

static int64_t
at(const char *text)
{
	int64_t t;

	assert_int_equal(instant_parse(str_of(text), &t), 0);
	return t;
}

static struct profile
made(const struct profile_known *k, const struct program *p)
{
	struct profile x;

	profile_make(k, p, &x);
	return x;
}

/* Rules 1 and 2 of profile.h. */
static void
test_units(void **state)
{
	struct program p = parsed(program_text);
	const struct profile_lot lots[] = {
		{ false, 1, at("2026-12-03T23:30:00Z"), INSTANT_NEVER },
		{ false, 2, at("2026-12-03T00:00:00Z"), INSTANT_NEVER },
		{ false, 4, at("2026-12-04T00:00:00Z"), INSTANT_NEVER },
		{ false, 8, INSTANT_NEVER, at("2026-12-01T00:00:00Z") },
		{ true, 16, at("2026-11-01T00:00:00Z"),
		    at("2027-01-01T00:00:00Z") },
		{ true, 32, at("2026-11-01T00:00:00Z"),
		    at("2027-01-01T23:59:59Z") },
		{ true, 64, at("2026-11-01T00:00:00Z"), INSTANT_NEVER },
	};
	struct profile_known k = { .lots = lots, .nlots = NITEMS(lots) };
	struct profile x = made(&k, &p);

	(void)state;
	assert_int_equal(x.pending.units, 3);
	assert_int_equal(x.pending.at, at("2026-12-03T00:00:00Z"));
	assert_int_equal(x.expiring.units, 48);
	assert_int_equal(x.expiring.at, at("2027-01-01T00:00:00Z"));
	k.lots = &lots[3]; /* held, and the one without an end */
	k.nlots = 1;
	x = made(&k, &p);
	assert_int_equal(x.pending.units, 0);
	assert_int_equal(x.expiring.units, 0);
}

/* Rules 3 and 4. */
static void
test_tiers(void **state)
{
	static const struct {
		const char *tier;
		int64_t metric;
		const char *next;
		int64_t missing;
	} rows[] = {
		{ NULL, 0, "silver", 100 }, { NULL, 99, "silver", 1 },
		{ NULL, 100, "gold", 100 }, /* not reached any more */
		{ "silver", 170, "gold", 30 }, { "staff", 0, "gold", 200 },
		{ "gold", 250, "top", 51 }, /* above, not from */
		{ "gold", 300, "top", 1 }, { "top", 301, NULL, 0 },
		{ "bronze", 10, "silver", 90 }, /* of another version */
	};
	struct program p = parsed(program_text);

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		const struct profile_known k = { .tier = rows[i].tier,
			.tier_until = INSTANT_NEVER,
			.has_metric = true,
			.metric = rows[i].metric };
		struct profile x = made(&k, &p);

		assert_ptr_equal(x.tier,
		    rows[i].tier == NULL ||
		            program_level(&p, rows[i].tier) == NONE
		        ? NULL
		        : &p.tiers.levels[program_level(&p, rows[i].tier)]);
		if (rows[i].next == NULL)
			assert_null(x.next);
		else
			assert_string_equal(x.next->id, rows[i].next);
		assert_int_equal(x.missing, rows[i].missing);
	}
	assert_null(made(&(struct profile_known){ .tier = "silver" }, &p).next);
}

/* ---- what the shops get -------------------------------------------------- */

static const struct profile_lot some_lots[] = {
	{ false, 20, INT64_C(1764806400000000), INSTANT_NEVER },
	{ true, 100, 0, INT64_C(1767225600000000) }, /* 2026-01-01 */
};
static const struct profile_membership some_memberships[] = {
	{ "pro", INT64_C(1767225600000000), true },
	{ "plus", INT64_C(1767225600000000), false },
	{ "old", INT64_C(1767225600000000), true },
};
static const char *const some_benefits[] = { "gift", "gone", "free" };

static const struct profile_known some = {
	.lots = some_lots,
	.nlots = NITEMS(some_lots),
	.tier = "silver",
	.tier_until = INT64_C(1767225600000000),
	.has_metric = true,
	.metric = 170,
	.memberships = some_memberships,
	.nmemberships = NITEMS(some_memberships),
	.benefits = { some_benefits, NITEMS(some_benefits) },
};

static const char *
object_of(const struct push_item *item)
{
	struct buf b;
	const char *text;

	buf_init(&b, 100000);
	profile_object(&arena, item, &b);
	text = arena_memdup(&arena, b.data, b.len);
	buf_fini(&b);
	return text;
}

static const char *
meta_of(const struct push_item *item)
{
	struct buf b;
	const char *text;

	buf_init(&b, 100000);
	profile_meta(&arena, item, &b);
	text = arena_memdup(&arena, b.data, b.len);
	buf_fini(&b);
	return text;
}

static void
test_object(void **state)
{
	struct program p = parsed(program_text);
	struct profile x = made(&some, &p);
	struct push_item item = { .available = 350,
		.pending = 20,
		.version = 7,
		.profile = &x,
		.program = &p };

	(void)state;
	assert_string_equal(object_of(&item),
	    quoted("'{\\'available\\':350,\\'pending\\':20,\\'debt\\':0,"
	           "\\'version\\':7,\\'pending_units\\':20,"
	           "\\'pending_on\\':\\'2025-12-04\\',"
	           "\\'expiring_units\\':100,"
	           "\\'expiring_on\\':\\'2025-12-31\\',"
	           "\\'tier\\':\\'silver\\',"
	           "\\'tier_until\\':\\'2025-12-31\\',"
	           "\\'next_tier\\':\\'gold\\',\\'next_tier_missing\\':30,"
	           "\\'memberships\\':[{\\'id\\':\\'pro\\',"
	           "\\'until\\':\\'2025-12-31\\'}],"
	           "\\'benefits\\':[\\'free\\',\\'gift\\'],"
	           "\\'text\\':{\\'balance\\':\\'350\u00a0Punkte\\',"
	           "\\'pending\\':\\'20\u00a0Punkte ab 4. Dezember 2025\\',"
	           "\\'expiring\\':"
	           "\\'100\u00a0Punkte bis 31. Dezember 2025\\',"
	           "\\'tier\\':\\'Silber\\',"
	           "\\'next_tier\\':\\'noch 30\u00a0Punkte bis Gold\\'},"
	           "\\'texts\\':{\\'de\\':{"
	           "\\'balance\\':\\'350\u00a0Punkte\\',"
	           "\\'pending\\':\\'20\u00a0Punkte ab 4. Dezember 2025\\',"
	           "\\'expiring\\':"
	           "\\'100\u00a0Punkte bis 31. Dezember 2025\\',"
	           "\\'tier\\':\\'Silber\\',"
	           "\\'next_tier\\':\\'noch 30\u00a0Punkte bis Gold\\'},"
	           "\\'en\\':{\\'balance\\':\\'350 points\\',"
	           "\\'pending\\':\\'20 points from 4 December 2025\\',"
	           "\\'expiring\\':\\'100 points until 31 December 2025\\',"
	           "\\'tier\\':\\'Silver\\',"
	           "\\'next_tier\\':\\'30 points more to gold\\'}}}'")
	        .data);
	item.profile = NULL;
	assert_string_equal(object_of(&item),
	    quoted("'{\\'available\\':350,\\'pending\\':20,\\'debt\\':0,"
	           "\\'version\\':7}'")
	        .data);
}

/* Values of WooCommerce are texts, and no key begins with an underscore. */
static void
test_meta(void **state)
{
	struct program p = parsed(
	    FILE("'rules':[{'id':'a','on':'order','give':{'points':1}}]"));
	struct profile x = made(&(struct profile_known){ 0 }, &p);
	const struct push_item item = {
		.available = 1, .version = 2, .profile = &x, .program = &p
	};
#define META(key, value) "{'key':'loyalty_" key "','value':" value "}"

	(void)state;
	assert_string_equal(meta_of(&item),
	    quoted(
	        META("points", "'1'") "," META("pending", "'0'") "," META(
	            "debt", "'0'") "," META("version",
	            "'2'") "," META("pending_units",
	            "''") "," META("pending_on",
	            "''") "," META("expiring_units",
	            "''") "," META("expiring_on", "''") "," META("tier",
	            "''") "," META("tier_until", "''") "," META("next_tier",
	            "''") "," META("next_tier_missing",
	            "''") "," META("memberships", "'[]'") "," META("benefits",
	            "'[]'") "," META("text",
	            "'{\\'balance\\':\\'1 point\\',"
	            "\\'pending\\':null,\\'expiring\\':null,"
	            "\\'tier\\':null,\\'next_tier\\':null}'") "," META("texts",
	            "'{\\'en\\':{\\'balance\\':\\'1 point\\',"
	            "\\'pending\\':null,\\'expiring\\':null,"
	            "\\'tier\\':null,\\'next_tier\\':null}}'"))
	        .data);
}

/* Checks that the page has a row for each value, and no other. */
static void
test_page(void **state)
{
	const char *page = file_read(PAGE).data;
	size_t rows = 0, n = 0;

	(void)state;
	for (const struct profile_field *f = profile_fields; f->key != NULL;
	     f++, n++) {
		const char *row = arena_printf(&arena,
		    "\n| `%s` | `loyalty_%s` | %s |\n", f->key, f->meta,
		    f->what);

		if (strstr(page, row) == NULL)
			fail_msg("%s has no row:%s", PAGE, row);
	}
	while ((page = strstr(page, "` | `loyalty_")) != NULL) {
		page++;
		rows++;
	}
	assert_int_equal(rows, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_tiers),
		cmocka_unit_test(test_object),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
