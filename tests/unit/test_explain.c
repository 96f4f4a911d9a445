/* SPDX-License-Identifier: MIT */
/* Checks that explanations of programs leave nothing out, and say the same in
 * all languages. */
#include <jansson.h>

#include "program_file.h"
#include "wire/explain/explain.h"
#include "wire/explain/say.h"

enum {
	NUMBER_TEXT_MAX = 64
};

/* ---- the tables --------------------------------------------------------- */

/* Writes the names that a text has in braces, in alphabetical order. */
static void
slots_of(const char *piece, char out[256])
{
	char slots[8][32];
	size_t n = 0;

	for (const char *s = strchr(piece, '{'); s != NULL;
	     s = strchr(s, '{')) {
		size_t len = strcspn(++s, "}");

		assert_true(n < 8 && len > 0 && len < 32);
		assert_int_equal(s[len], '}');
		memcpy(slots[n], s, len);
		slots[n++][len] = '\0';
	}
	qsort(slots, n, sizeof(slots[0]),
	    (int (*)(const void *, const void *))strcmp);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(strcat(out, slots[i]), " ");
}

static void
test_languages_say_the_same(void **state)
{
	const struct language *en = language_find("en");
	char want[256], have[256];

	(void)state;
	for (int l = 0; l < LANGUAGES; l++) {
		const struct language *other = language_find(
		    explain_languages[l]);

		assert_non_null(other);
		for (enum piece i = 0; i < PIECES; i++) {
			const char *a = language_piece(en, i),
			           *b = language_piece(other, i);

			assert_true(b[0] != '\0');
			slots_of(a, want);
			slots_of(b, have);
			assert_string_equal(have, want);
			/* if the text is a whole sentence in English, each
			 * translation is a whole sentence, too */
			if (i > SAY_EVER)
				assert_int_equal(a[strlen(a) - 1] == '.',
				    b[strlen(b) - 1] == '.');
		}
		for (enum forms i = 0; i < FORMS_KINDS; i++) {
			assert_non_null(language_forms(other, i)[PLURAL_ONE]);
			assert_non_null(language_forms(other, i)[PLURAL_OTHER]);
		}
	}
	assert_null(explain_languages[LANGUAGES]);
	assert_null(language_find("fr"));
}

/* Checks the plural rules of CLDR (i: the integer part, v: the number of
 * decimals). Czech: one i=1 v=0, few i=2..4 v=0, many v!=0. English and
 * German: one i=1 v=0. */
static void
test_plurals(void **state)
{
	static const struct {
		int64_t n;
		bool fraction;
		enum plural cs, de;
	} rows[] = {
		{ 0, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 1, false, PLURAL_ONE, PLURAL_ONE },
		{ 2, false, PLURAL_FEW, PLURAL_OTHER },
		{ 4, false, PLURAL_FEW, PLURAL_OTHER },
		{ 5, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 11, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 12, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 21, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 22, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 101, false, PLURAL_OTHER, PLURAL_OTHER },
		{ 1, true, PLURAL_MANY, PLURAL_OTHER },
		{ 3, true, PLURAL_MANY, PLURAL_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		int64_t n = rows[i].n;
		bool f = rows[i].fraction;

		assert_int_equal(language_find("cs")->plural(n, f), rows[i].cs);
		assert_int_equal(language_find("de")->plural(n, f), rows[i].de);
		assert_int_equal(language_find("en")->plural(n, f), rows[i].de);
	}
}

/* ---- numbers ------------------------------------------------------------ */

static void
test_numbers(void **state)
{
	static const struct {
		const char *language, *currency;
		int exponent;
		int64_t milli;
		const char *text;
	} rows[] = {
		{ "en", "USD", 2, 123456789000, "$1,234,567.89" },
		{ "en", "EUR", 2, 5000, "\u20ac0.05" },
		{ "en", "CHF", 2, 100000, "CHF\u00a01.00" },
		{ "en", "CZK", 2, 100000, "Kč\u00a01.00" },
		{ "en", "USD", 2, 62400, "$0.624" },
		{ "en", "USD", 2, 1, "$0.00001" },
		{ "en", "USD", 2, -100000, "-$1.00" },
		{ "en", "JPY", 0, 1000000, "JPY\u00a01,000" },
		{ "en", "KWD", 3, 1500000, "KWD\u00a01.500" },
		{ "de", "EUR", 2, 100000000, "1.000,00\u00a0\u20ac" },
		{ "cs", "CZK", 2, 100000000, "1\u00a0000,00\u00a0Kč" },
		{ "cs", "CZK", 2, 99900000, "999,00\u00a0Kč" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		struct program p = { .exponent = rows[i].exponent };
		struct teller t;

		strcpy(p.currency, rows[i].currency);
		teller_init(&t, &arena, language_find(rows[i].language), &p);
		assert_string_equal(
		    tell_milli(&t, rows[i].milli), rows[i].text);
		teller_fini(&t);
	}
}

/* ---- the templates ------------------------------------------------------ */

/* An explanation of a program. The test searches it for the program's numbers
 * and dates. */
struct looking {
	const char *path, *language;
	const char *all;  /* the whole text */
	const char *line; /* the only line to look in; NULL: all lines */
	size_t line_len;
};

/* Writes a number in the format of the language, without using the code
 * under test. The number has as many decimals as the text, but at least
 * `least`. */
static void
localised(const char *language, const char *digits, int least, char *out)
{
	bool en = strcmp(language, "en") == 0;
	const char *group = en                            ? ","
	                    : strcmp(language, "de") == 0 ? "."
	                                                  : "\u00a0";
	size_t whole = strcspn(digits, ".");
	const char *part = digits[whole] == '.' ? digits + whole + 1 : "";
	int places = (int)strlen(part);

	*out = '\0';
	for (size_t i = 0; i < whole; i++) {
		if (i > 0 && (whole - i) % 3 == 0)
			strcat(out, group);
		strncat(out, &digits[i], 1);
	}
	while (places > least && part[places - 1] == '0')
		places--;
	if (places == 0 && least == 0)
		return;
	strcat(out, en ? "." : ",");
	strncat(out, part, (size_t)places);
	for (; places < least; places++)
		strcat(out, "0");
}

static bool
is_part_of_number(const char *c, const char *other)
{
	return (*c >= '0' && *c <= '9') ||
	       ((*c == '.' || *c == ',') && *other >= '0' && *other <= '9');
}

/* Whether the text has the number by itself, not as a part of a longer
 * number. */
static bool
has_number(const char *text, size_t len, const char *number)
{
	size_t n = strlen(number);

	for (size_t i = 0; i + n <= len; i++) {
		if (memcmp(text + i, number, n) != 0)
			continue;
		if (i > 1 && is_part_of_number(&text[i - 1], &text[i - 2]))
			continue;
		if (i + n < len &&
		    is_part_of_number(&text[i + n], &text[i + n + 1]))
			continue;
		return true;
	}
	return false;
}

static void
expect_number(
    const struct looking *at, const char *key, const char *digits, int least)
{
	char number[NUMBER_TEXT_MAX];
	const char *text = at->line != NULL ? at->line : at->all;
	size_t len = at->line != NULL ? at->line_len : strlen(at->all);

	localised(at->language, digits, least, number);
	if (!has_number(text, len, number))
		fail_msg("%s in %s: \"%s\" %s is not in: %.*s", at->path,
		    at->language, key, number, (int)len, text);
}

/* Whether a text under this key is an amount of money. */
static bool
is_money(const char *key)
{
	static const char *const keys[] = { "per", "amount", "most", "least",
		"each", "above", "from", "below", "cost", "minimum", "price",
		"worth", NULL };

	for (size_t i = 0; keys[i] != NULL; i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static void
look_for_text(const struct looking *at, const char *key, const char *text)
{
	char digits[NUMBER_TEXT_MAX];
	size_t n = strspn(text, "0123456789.");

	if (n == 0 || n >= sizeof(digits))
		return;
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (text[n] == '-') { /* a date: look for its year */
		if (strlen(text) == strlen("2025-01-01") &&
		    strstr(at->all, digits) == NULL)
			fail_msg(
			    "%s: %s is not in: %s", at->path, text, at->all);
		return;
	}
	if (text[n] != '\0' && text[n] != ' ') /* not a number */
		return;
	expect_number(at, key, digits,
	    text[n] == '\0' && is_money(key) && strcmp(key, "declared") != 0
	        ? 2
	        : 0);
}

static void look_for(
    const struct looking *, const char *key, const json_t *, bool in_when);

static void
look_into(const struct looking *at, json_t *object, bool in_when)
{
	/* Keys that explanations leave out, or explain without a number. */
	static const char *const skip[] = { "id", "names", "tests", "unit_cost",
		"modelled_on", "name", "$schema", "attribute", "sku", "product",
		"declared_by", "date", NULL };
	const char *key;
	json_t *v;

	json_object_foreach(object, key, v)
	{
		size_t i = 0;

		while (skip[i] != NULL && strcmp(skip[i], key) != 0)
			i++;
		if (skip[i] == NULL)
			look_for(
			    at, key, v, in_when || strcmp(key, "when") == 0);
	}
}

static void
look_for(
    const struct looking *at, const char *key, const json_t *v, bool in_when)
{
	char digits[NUMBER_TEXT_MAX];

	if (json_is_object(v)) {
		look_into(at, (json_t *)(uintptr_t)v, in_when);
	} else if (json_is_array(v)) {
		for (size_t i = 0; i < json_array_size(v); i++)
			look_for(at, key, json_array_get(v, i), in_when);
	} else if (json_is_integer(v)) {
		/* An explanation leaves out a period of 0 days. */
		if (json_integer_value(v) == 0)
			return;
		(void)snprintf(digits, sizeof(digits), "%lld",
		    (long long)json_integer_value(v));
		expect_number(at, key, digits, 0);
	} else if (json_is_string(v) &&
	           !(in_when && strcmp(key, "above") == 0)) {
		look_for_text(at, key, json_string_value(v));
	}
}

/* Finds the line about an item of the program. The line begins with the name
 * of the item. */
static void
find_line(
    struct looking *at, const json_t *thing, const char *id, enum plural form)
{
	json_t *names = json_object_get(thing, "names");
	json_t *name = json_object_get(names, at->language);
	const char *called = id, *end;
	char *begin;

	if (name == NULL)
		name = json_object_get(names, "en");
	if (name != NULL)
		called = json_string_value(json_object_get(name, "other"));
	if (form == PLURAL_FEW && json_object_get(name, "few") != NULL)
		called = json_string_value(json_object_get(name, "few"));
	begin = arena_printf(&arena, "\n- %s", called);
	/* The explanation has the lines in the order of the file. */
	at->line = strstr(
	    at->line != NULL ? at->line + at->line_len : at->all, begin);
	if (at->line == NULL)
		fail_msg("%s in %s: nothing of %s in: %s", at->path,
		    at->language, called, at->all);
	end = strchr(at->line + 1, '\n');
	assert_non_null(end);
	at->line_len = (size_t)(end - at->line);
}

static void
look_for_things(const struct looking *in, json_t *file)
{
	static const char *const lists[] = { "rules", "multipliers",
		"memberships", "rewards", "benefits", NULL };
	json_t *tiers = json_object_get(file, "tiers");
	json_t *wallets = json_object_get(file, "wallets"), *wallet;
	struct looking at = *in;
	const char *id;

	json_object_foreach(wallets, id, wallet)
	{
		find_line(&at, wallet, id, PLURAL_FEW);
		look_for(&at, id, wallet, false);
	}
	for (size_t i = 0; lists[i] != NULL; i++) {
		json_t *list = json_object_get(file, lists[i]);

		for (size_t j = 0; j < json_array_size(list); j++) {
			json_t *thing = json_array_get(list, j);

			find_line(&at, thing,
			    json_string_value(json_object_get(thing, "id")),
			    PLURAL_OTHER);
			look_for(&at, lists[i], thing, false);
		}
		if (strcmp(lists[i], "multipliers") != 0)
			continue;
		list = json_object_get(tiers, "levels");
		for (size_t j = 0; j < json_array_size(list); j++) {
			json_t *level = json_array_get(list, j);

			find_line(&at, level,
			    json_string_value(json_object_get(level, "id")),
			    PLURAL_OTHER);
			look_for(&at, "levels", level, false);
		}
	}
	/* The other numbers and texts of the file may stand in any line of
	 * the explanation. */
	at.line = NULL;
	look_into(&at, file, false);
}

static void
check_template(const char *path, const char *language)
{
	struct str text = file_read(path);
	struct looking at = { .path = path, .language = language };
	struct program p = parsed_in_dollars(text);
	struct buf b;
	struct err e;
	json_t *file;

	buf_init(&b, EXPLAIN_MAX);
	assert_int_equal(program_explain(&p, language, &b, &e), 0);
	assert_false(buf_is_full(&b));
	assert_null(strpbrk(b.data, "{}"));
	assert_null(strstr(b.data, "(null)"));
	assert_null(strstr(b.data, "  "));
	file = json_loadb(text.data, text.len, 0, NULL);
	assert_non_null(file);
	at.all = b.data;
	look_for_things(&at, file);
	json_decref(file);
	buf_fini(&b);
	arena_reset(&arena);
}

static void
check_languages(const char *path)
{
	for (int l = 0; l < LANGUAGES; l++)
		check_template(path, explain_languages[l]);
}

static void
test_templates(void **state)
{
	(void)state;
	assert_true(templates_check(check_languages) >= 12);
}

/* ---- every construct ---------------------------------------------------- */

#define LINES "tests/unit/explain.txt"

/* Checks that the explanation of a program has this line. */
static void
check_line(const char *json, const char *line, size_t n)
{
	char *text = arena_printf(&arena, "{\"name\":\"x\",%s}", json);
	char *language = arena_memdup(&arena, line, strcspn(line, ":"));
	char *want;
	struct program p = parsed_in_dollars(str_of(text));
	struct buf b;
	struct err e;

	line += strlen(language) + strlen(": ");
	want = arena_printf(&arena, "\n- %.*s\n",
	    (int)(n - strlen(language) - strlen(": ")), line);
	buf_init(&b, EXPLAIN_MAX);
	assert_int_equal(program_explain(&p, language, &b, &e), 0);
	if (strstr(b.data, want) == NULL)
		fail_msg("%s: no%sin: %s", json, want, b.data);
	buf_fini(&b);
}

static void
test_lines(void **state)
{
	struct str text = file_read(LINES);
	const char *line = text.data, *end = text.data + text.len;
	char *json = NULL;
	size_t lines = 0;

	(void)state;
	while (line < end) {
		size_t n = strcspn(line, "\n");

		if (line[0] == '"') {
			json = arena_memdup(&arena, line, n);
		} else if (n > 0 && line[0] != '#') {
			assert_non_null(json);
			check_line(json, line, n);
			lines++;
		}
		line += n + 1;
	}
	assert_true(lines > 300);
	arena_reset(&arena);
}

static void
test_no_such_language(void **state)
{
	struct program p = parsed_in_dollars(
	    file_read("deploy/programs/points.json"));
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, EXPLAIN_MAX);
	assert_int_equal(program_explain(&p, "fr", &b, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_string_equal(e.msg, "there is no language \"fr\": en, de or cs");
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_languages_say_the_same),
		cmocka_unit_test(test_plurals),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_no_such_language),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
