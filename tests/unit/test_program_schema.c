/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "wire/program_json.h"

/* The schema of the program file says what its parser does. */

#define SCHEMA "deploy/programs/program.schema.json"
#define RULE(more) \
	"{\"name\":\"x\",\"rules\":[{\"id\":\"a\",\"on\":\"order\"," more "}]}"
#define ONE_RULE \
	"\"rules\":[{\"id\":\"order\",\"on\":\"order\",\"give\":{\"points\":1}}]"
#define SHORTEST "{\"name\":\"points\"," ONE_RULE "}"

enum {
	EUR = 2
};

static json_t *
schema_at(json_t *schema, const char *const path[])
{
	for (; *path != NULL; path++) {
		schema = json_object_get(schema, *path);
		assert_non_null(schema);
	}
	return schema;
}

/* The keys, as the parser lists them, are those of the schema. */
static void
check_keys(json_t *schema, const char *const path[], const char *text)
{
	static const char here[] = "what can be said here: ";
	char list[256] = "";
	const char *said;
	json_t *keys = schema_at(schema, path), *v;
	struct program p;
	const char *key;
	struct err e;

	json_object_foreach(keys, key, v)
	{
		if (list[0] != '\0')
			strcat(list, ", ");
		strcat(list, key);
		assert_non_null(json_object_get(v, "description"));
	}
	assert_int_equal(program_parse(str_of(text), EUR, &p, &e), -1);
	said = strstr(e.msg, here);
	assert_non_null(said);
	assert_string_equal(said + strlen(here), list);
}

static json_t *
schema_load(void)
{
	json_t *schema = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(schema);
	return schema;
}

#define ITEMS     "properties", "rules", "items", "properties"
#define PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_schema_keys(void **state)
{
	json_t *schema = schema_load();

	(void)state;
	check_keys(schema, PATH("properties"), "{\"?\":1}");
	check_keys(schema, PATH(ITEMS), RULE("\"?\":1"));
	check_keys(schema, PATH(ITEMS, "give", "properties"),
	    RULE("\"give\":{\"?\":1}"));
	check_keys(schema, PATH(ITEMS, "base", "properties"),
	    RULE("\"give\":{\"points\":1},\"base\":{\"?\":1}"));
	check_keys(schema, PATH("properties", "award", "properties"),
	    "{\"name\":\"x\"," ONE_RULE ",\"award\":{\"?\":1}}");
	json_decref(schema);
}

/* An object of the defaults of all properties that have one. */
static json_t *
defaults_of(json_t *properties)
{
	json_t *o = json_object(), *v;
	const char *key;

	json_object_foreach(properties, key, v)
	{
		json_t *preset = json_object_get(v, "default");
		json_t *inner = json_object_get(v, "properties");

		if (preset != NULL)
			assert_int_equal(json_object_set(o, key, preset), 0);
		else if (inner != NULL)
			assert_int_equal(
			    json_object_set_new(o, key, defaults_of(inner)), 0);
	}
	return o;
}

static void
test_schema_defaults(void **state)
{
	json_t *schema = schema_load();
	json_t *file = defaults_of(json_object_get(schema, "properties"));
	json_t *rule = defaults_of(schema_at(schema, PATH(ITEMS)));
	struct program p, want;
	struct err e;
	char *text;

	(void)state;
	json_object_set_new(
	    json_object_get(rule, "give"), "points", json_integer(1));
	json_object_set_new(rule, "id", json_string("order"));
	json_object_set_new(rule, "on", json_string("order"));
	json_object_set_new(file, "name", json_string("points"));
	json_object_set_new(file, "rules", json_pack("[O]", rule));
	/* All seven defaults of a rule, two lists and a number are there. */
	assert_int_equal(json_object_size(json_object_get(rule, "base")), 5);
	assert_int_equal(json_object_size(json_object_get(file, "award")), 2);
	assert_non_null(json_object_get(file, "pending_days"));
	assert_non_null(json_object_get(rule, "rounding"));
	text = json_dumps(file, 0);
	assert_int_equal(program_parse(str_of(text), EUR, &p, &e), 0);
	assert_int_equal(program_parse(STR(SHORTEST), EUR, &want, &e), 0);
	assert_memory_equal(&p, &want, sizeof(p));
	free(text);
	json_decref(rule);
	json_decref(file);
	json_decref(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema_keys),
		cmocka_unit_test(test_schema_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
