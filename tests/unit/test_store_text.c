/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "wire/sign.h"
#include "wire/store_text.h"

/* in: the operator's text; out: the text that is kept, NULL if it is refused */
struct text_case {
	const char *rule;
	const char *in;
	const char *out;
};

static const struct text_case domains[] = {
	{ .rule = "a name", .in = "shop.example", .out = "shop.example" },
	{ .rule = "lower case", .in = "Shop.EXAMPLE", .out = "shop.example" },
	{ .rule = "a port", .in = "localhost:8080", .out = "localhost:8080" },
	{ .rule = "an address", .in = "127.0.0.1", .out = "127.0.0.1" },
	{ .rule = "a dash", .in = "a-b.example", .out = "a-b.example" },
	{ .rule = "the root's dot", .in = "a.example.", .out = "a.example" },
	{ .rule = "https's port", .in = "A.example:443", .out = "a.example" },
	{ .rule = "http's port", .in = "a.example.:80", .out = "a.example" },
	{ .rule = "only those",
	    .in = "a.example:4443",
	    .out = "a.example:4443" },
	{ .rule = "another's dot",
	    .in = "a.example.:81",
	    .out = "a.example:81" },
	{ .rule = "two dots", .in = "a..example" },
	{ .rule = "two dots last", .in = "a.example.." },
	{ .rule = "a dot alone", .in = "." },
	{ .rule = "empty", .in = "" },
	{ .rule = "a scheme", .in = "https://shop.example" },
	{ .rule = "a path", .in = "shop.example/x" },
	{ .rule = "a slash", .in = "shop.example/" },
	{ .rule = "a user", .in = "me@shop.example" },
	{ .rule = "a blank", .in = "shop example" },
	{ .rule = "a line feed", .in = "shop.example\n" },
	{ .rule = "a port that is none", .in = "shop.example:" },
	{ .rule = "a port of letters", .in = "shop.example:http" },
	{ .rule = "a long port", .in = "shop.example:123456" },
	{ .rule = "no name before the port", .in = ":80" },
	{ .rule = "a dot first", .in = ".example" },
	{ .rule = "no ASCII", .in = "\xc3\xb6rtlich.example" },
};

static const struct text_case urls[] = {
	{ .rule = "https",
	    .in = "https://a.example",
	    .out = "https://a.example" },
	{ .rule = "http", .in = "http://a.example", .out = "http://a.example" },
	{ .rule = "a slash is dropped",
	    .in = "https://a.example/",
	    .out = "https://a.example" },
	{ .rule = "a path",
	    .in = "https://a.example/wp-json/wc/v3//",
	    .out = "https://a.example/wp-json/wc/v3" },
	{ .rule = "a port and capitals",
	    .in = "HTTPS://A.example:8443/X",
	    .out = "HTTPS://A.example:8443/X" },
	{ .rule = "empty", .in = "" },
	{ .rule = "no host", .in = "https://" },
	{ .rule = "no host, a path", .in = "https:///x" },
	{ .rule = "another scheme", .in = "ftp://a.example" },
	{ .rule = "no scheme", .in = "a.example" },
	{ .rule = "a file", .in = "file:///etc/passwd" },
	{ .rule = "a user", .in = "https://u:p@a.example" },
	{ .rule = "a query", .in = "https://a.example/?x=1" },
	{ .rule = "a fragment", .in = "https://a.example/#x" },
	{ .rule = "a blank", .in = "https://a.example/a b" },
	{ .rule = "a line end", .in = "https://a.example/\r\nX: y" },
	{ .rule = "no ASCII", .in = "https://a.example/\xc3\xa4" },
};

typedef int text_parse(struct arena *, struct str, const char **, struct err *);

static void
run(text_parse *parse, const struct text_case *cases, size_t n)
{
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < n; i++) {
		const char *out = NULL;
		struct err e;
		int ret = parse(&a, str_of(cases[i].in), &out, &e);

		print_message("%s\n", cases[i].rule);
		assert_int_equal(ret, cases[i].out == NULL ? -1 : 0);
		if (ret == 0)
			assert_string_equal(out, cases[i].out);
		else
			assert_int_equal(e.fault, FAULT_REJECT);
	}
	arena_fini(&a);
}

static void
test_domains(void **state)
{
	(void)state;
	run(domain_parse, domains, NITEMS(domains));
}

static void
test_urls(void **state)
{
	(void)state;
	run(api_url_parse, urls, NITEMS(urls));
}

/* Checks that no message repeats a URL, which may contain a password. */
static void
test_refused_url_is_not_shown(void **state)
{
	const char *out;
	struct arena a;
	struct err e;

	(void)state;
	arena_init(&a);
	assert_int_equal(
	    api_url_parse(&a, STR("https://u:hunter2@a.example"), &out, &e),
	    -1);
	assert_null(strstr(e.msg, "hunter2"));
	arena_fini(&a);
}

static void
test_one_line_feed_is_dropped(void **state)
{
	(void)state;
	assert_true(str_eq(secret_trim(STR("s\n")), STR("s")));
	assert_true(str_eq(secret_trim(STR("s\n\n")), STR("s\n")));
	assert_true(str_eq(secret_trim(STR("s\r\n")), STR("s\r")));
	assert_true(str_eq(secret_trim(STR(" s ")), STR(" s ")));
	assert_true(str_eq(secret_trim(STR("\n")), STR("")));
	assert_true(str_eq(secret_trim(STR("")), STR("")));
}

static void
test_secrets(void **state)
{
	static char text[SECRET_MAX + 1];
	struct err e;

	(void)state;
	memset(text, 's', sizeof(text));
	assert_int_equal(secret_check(STR("a\0 \xff"), &e), 0);
	assert_int_equal(secret_check((struct str){ text, SECRET_MAX }, &e), 0);
	assert_int_equal(
	    secret_check((struct str){ text, SECRET_MAX + 1 }, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_null(strstr(e.msg, "ssss"));
	assert_int_equal(secret_check(STR(""), &e), -1);
	assert_int_equal(secret_check(STR("s\r"), &e), -1);
	assert_int_equal(secret_check(STR("secret: \ns"), &e), -1);
	assert_int_equal(secret_check(STR("shpat_0123"), &e), -1);
	assert_null(strstr(e.msg, "0123"));
	assert_int_equal(secret_check(STR("shpss_0123"), &e), 0);
	/* WooCommerce's default secret of a webhook begins with cs_, as its API
	 * keys do. */
	assert_int_equal(secret_check(STR("cs_0123"), &e), 0);
}

static void
test_brands(void **state)
{
	static char text[BRAND_MAX + 1];
	struct err e;

	(void)state;
	memset(text, 'b', sizeof(text));
	assert_int_equal(brand_check(STR("Bäume & Co."), &e), 0);
	assert_int_equal(brand_check((struct str){ text, BRAND_MAX }, &e), 0);
	assert_int_equal(
	    brand_check((struct str){ text, BRAND_MAX + 1 }, &e), -1);
	assert_int_equal(brand_check(STR(""), &e), -1);
	assert_int_equal(brand_check(STR("a\tb"), &e), -1);
	assert_int_equal(brand_check(STR("a\x7f"), &e), -1);
}

static const struct token_case {
	const char *rule;
	enum platform platform;
	const char *in;
	bool ok;
} tokens[] = {
	{ "a token", PLATFORM_SHOPIFY, "shpat_0", true },
	{ "with a colon", PLATFORM_SHOPIFY, "a:b", true },
	{ "the API secret key", PLATFORM_SHOPIFY, "shpss_0", false },
	{ "the other platform's", PLATFORM_SHOPIFY, "ck_1:cs_2", false },
	{ "the other's other way", PLATFORM_WOOCOMMERCE, "shpat_0:1", false },
	{ "the wrong way round", PLATFORM_WOOCOMMERCE, "cs_2:ck_1", false },
	{ "key and secret", PLATFORM_WOOCOMMERCE, "ck_1:cs_2", true },
	{ "no colon", PLATFORM_WOOCOMMERCE, "ck_1", false },
	{ "no key", PLATFORM_WOOCOMMERCE, ":cs_2", false },
	{ "no secret", PLATFORM_WOOCOMMERCE, "ck_1:", false },
	{ "empty", PLATFORM_SHOPIFY, "", false },
	{ "a blank", PLATFORM_SHOPIFY, "shpat 0", false },
	{ "a second line", PLATFORM_SHOPIFY, "shpat\r\nX: y", false },
	{ "no ASCII", PLATFORM_SHOPIFY, "shpat\xc3\xa4", false },
};

static void
test_tokens(void **state)
{
	static char text[API_TOKEN_MAX + 1];
	struct err e;

	(void)state;
	for (size_t i = 0; i < NITEMS(tokens); i++) {
		print_message("%s\n", tokens[i].rule);
		assert_int_equal(api_token_check(tokens[i].platform,
		                     str_of(tokens[i].in), &e),
		    tokens[i].ok ? 0 : -1);
		if (!tokens[i].ok && tokens[i].in[0] != '\0')
			assert_null(strstr(e.msg, tokens[i].in));
	}
	memset(text, 't', sizeof(text));
	assert_int_equal(api_token_check(PLATFORM_SHOPIFY,
	                     (struct str){ text, API_TOKEN_MAX }, &e),
	    0);
	assert_int_equal(api_token_check(PLATFORM_SHOPIFY,
	                     (struct str){ text, API_TOKEN_MAX + 1 }, &e),
	    -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_refused_url_is_not_shown),
		cmocka_unit_test(test_one_line_feed_is_dropped),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_brands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
