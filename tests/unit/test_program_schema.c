/* SPDX-License-Identifier: MIT */
#include "program_file.h"

#include <jansson.h>

/* Tests that program.schema.json and the parser have the same keys in the same
 * order, the same words and the same defaults. Also tests that every key is
 * described. */

#define SCHEMA    "deploy/programs/program.schema.json"
#define PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define DEF(name) PATH("$defs", name, "properties")

enum {
	EUR = 2,
	LIST_TEXT_MAX = 512,
};

static json_t *
schema_load(void)
{
	json_t *schema = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(schema);
	return schema;
}

static json_t *
schema_at(json_t *schema, const char *const path[])
{
	for (; *path != NULL; path++) {
		schema = json_object_get(schema, *path);
		if (schema == NULL)
			fail_msg("the schema has no %s", *path);
	}
	return schema;
}

static void
list_add(char list[LIST_TEXT_MAX], const char *word)
{
	size_t at = strlen(list);

	(void)snprintf(
	    list + at, LIST_TEXT_MAX - at, "%s%s", at > 0 ? ", " : "", word);
}

/* Checks the list of keys or words in the parser's error message. */
static void
assert_said(const char *text, const char *before, const char *list)
{
	const char *faults = faults_of(text);
	const char *said = strstr(faults, before);

	if (said == NULL) {
		fail_msg("%s\nis refused with: %s", text, faults);
		return;
	}
	said += strlen(before);
	assert_string_equal(
	    arena_printf(&arena, "%.*s", (int)strcspn(said, "\n"), said), list);
}

static const char *const here = "what can be said here: ";
static const char *const one_of = "one of these words: ";

/* ---- keys ---------------------------------------------------------------- */

static void
check_keys(json_t *schema, const char *const path[], const char *text)
{
	char list[LIST_TEXT_MAX] = "";
	json_t *keys = schema_at(schema, path), *v;
	const char *key;

	json_object_foreach(keys, key, v)
	{
		list_add(list, key);
		if (json_object_get(v, "description") == NULL)
			fail_msg("%s is not described", key);
	}
	assert_said(text, here, list);
}

#define TAKE(more) RULE("'on':'year','give':{'points':1},'take':{" more "}")

static void
test_keys_of_file(void **state)
{
	json_t *s = schema_load();

	(void)state;
	check_keys(s, PATH("properties"), "{'?':1}");
	check_keys(s, PATH("properties", "award", "properties"),
	    WITH("'award':{'?':1}"));
	check_keys(s, PATH("properties", "birthday", "properties"),
	    WITH("'birthday':{'?':1}"));
	check_keys(s,
	    PATH(
	        "properties", "consents", "additionalProperties", "properties"),
	    WITH("'consents':{'c':{'?':1}}"));
	check_keys(s, DEF("wallet"), WITH("'wallets':{'w':{'?':1}}"));
	check_keys(s, DEF("tiers"), FILE("'tiers':{'?':1}"));
	check_keys(s,
	    PATH("$defs", "tiers", "properties", "levels", "items",
	        "properties"),
	    FILE("'tiers':{'levels':[{'id':'a','?':1}]}"));
	check_keys(
	    s, DEF("membership"), FILE("'memberships':[{'id':'a','?':1}]"));
	check_keys(s, DEF("reward"), WITH("'rewards':[{'id':'a','?':1}]"));
	check_keys(s, DEF("benefit"), FILE("'benefits':[{'id':'a','?':1}]"));
	check_keys(
	    s, DEF("multiplier"), WITH("'multipliers':[{'id':'a','?':1}]"));
	json_decref(s);
}

static void
test_keys_of_rules(void **state)
{
	json_t *s = schema_load();

	(void)state;
	check_keys(s, DEF("rule"), RULE("'?':1"));
	check_keys(s, DEF("give"), RULE("'on':'order','give':{'?':1}"));
	check_keys(s, DEF("base"), ORDER("'base':{'?':1}"));
	check_keys(s, DEF("lines"), ORDER("'base':{'lines':{'?':1}}"));
	check_keys(s, DEF("limit"), ORDER("'limit':{'?':1}"));
	check_keys(s, DEF("expires"), ORDER("'expires':{'?':1}"));
	check_keys(s, PATH("$defs", "rule", "properties", "take", "properties"),
	    TAKE("'?':1"));
	check_keys(s, DEF("when"), ORDER("'when':{'?':1}"));
	check_keys(s,
	    PATH("$defs", "when", "properties", "since", "properties"),
	    ORDER("'when':{'since':{'?':1}}"));
	check_keys(s,
	    PATH("$defs", "when", "properties", "amount", "properties"),
	    ORDER("'when':{'amount':{'?':1}}"));
	check_keys(s, PATH("$defs", "when", "properties", "age", "properties"),
	    ORDER("'when':{'age':{'?':1}}"));
	json_decref(s);
}

/* ---- words --------------------------------------------------------------- */

/* Checks that a list of words in the schema is the list that the parser
 * accepts; `path` leads to the list in the schema. */
static void
check_words(json_t *schema, const char *const path[], const char *text)
{
	char list[LIST_TEXT_MAX] = "";
	json_t *words = schema_at(schema, path), *v;
	size_t i;

	json_array_foreach(words, i, v)
	{
		list_add(list, json_string_value(v));
	}
	assert_said(text, one_of, list);
}

#define ENUM(of, key) PATH("$defs", of, "properties", key, "enum")

static void
test_words(void **state)
{
	json_t *s = schema_load();

	(void)state;
	check_words(
	    s, ENUM("wallet", "unit"), WITH("'wallets':{'w':{'unit':'?'}}"));
	check_words(s, ENUM("wallet", "negative"),
	    WITH("'wallets':{'w':{'negative':'?'}}"));
	check_words(
	    s, ENUM("expires", "end_of"), ORDER("'expires':{'end_of':'?'}"));
	check_words(
	    s, ENUM("base", "discounts"), ORDER("'base':{'discounts':'?'}"));
	check_words(s, ENUM("rule", "over"), ORDER("'over':'?'"));
	check_words(s, ENUM("rule", "rounding"), ORDER("'rounding':'?'"));
	check_words(s, ENUM("rule", "on_refund"), ORDER("'on_refund':'?'"));
	check_words(
	    s, ENUM("rule", "pending_from"), ORDER("'pending_from':'?'"));
	check_words(
	    s, ENUM("limit", "per"), ORDER("'limit':{'most':1,'per':'?'}"));
	check_words(s, ENUM("limit", "of"),
	    ORDER("'limit':{'most':1,'per':'day','of':'?'}"));
	check_words(s, ENUM("multiplier", "stack"),
	    WITH("'multipliers':[{'id':'a','times':'2','stack':'?'}]"));
	check_words(s,
	    PATH("$defs", "when", "properties", "weekday", "items", "enum"),
	    ORDER("'when':{'weekday':['?']}"));
	check_words(s,
	    PATH("properties", "birthday", "properties", "feb29", "enum"),
	    WITH("'birthday':{'feb29':'?'}"));
	json_decref(s);
}

#define TIERS(more) FILE("'tiers':{'levels':[{'id':'a','from':'1'}]," more "}")

static void
test_words_of_members(void **state)
{
	json_t *s = schema_load();

	(void)state;
	check_words(s, ENUM("tiers", "metric"), TIERS("'metric':'?'"));
	check_words(s, ENUM("tiers", "downgrade"), TIERS("'downgrade':'?'"));
	check_words(s, ENUM("tiers", "crossing"), TIERS("'crossing':'?'"));
	check_words(s, ENUM("tiers", "on_refund"), TIERS("'on_refund':'?'"));
	check_words(s, ENUM("membership", "on_refund"),
	    FILE("'memberships':[{'id':'a','term':'ever','on_refund':'?'}]"));
	check_words(s, ENUM("reward", "kind"),
	    WITH("'rewards':[{'id':'a','kind':'?'}]"));
	check_words(s, ENUM("reward", "on_cancel"),
	    WITH("'rewards':[{'id':'a','on_cancel':'?'}]"));
	check_words(s, ENUM("reward", "on_refund"),
	    WITH("'rewards':[{'id':'a','on_refund':'?'}]"));
	check_words(
	    s, ENUM("reward", "way"), WITH("'rewards':[{'id':'a','way':'?'}]"));
	check_words(s, ENUM("benefit", "kind"),
	    FILE("'benefits':[{'id':'a','kind':'?'}]"));
	check_words(s, ENUM("benefit", "per"),
	    FILE("'benefits':[{'id':'a','kind':'service','count':1,"
	         "'per':'?'}]"));
	json_decref(s);
}

/* ---- defaults ------------------------------------------------------------ */

/* Makes an object of all properties that have a default. */
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

static json_t *
defaults_def(json_t *schema, const char *name, const char *more)
{
	json_t *o = defaults_of(schema_at(schema, DEF(name)));
	json_t *extra = json_loads(quoted(more).data, 0, NULL);

	assert_non_null(extra);
	assert_int_equal(json_object_update(o, extra), 0);
	json_decref(extra);
	return o;
}

/* Makes a file that writes out every default. */
static json_t *
file_of_defaults(json_t *schema)
{
	json_t *file = defaults_of(json_object_get(schema, "properties"));
	json_t *rule = defaults_def(
	    schema, "rule", "{'id':'order','on':'order','give':{'points':1}}");
	json_t *tiers = defaults_def(
	    schema, "tiers", "{'levels':[{'id':'l','from':'1'}]}");

	/* "pending_counts" is not allowed with the default metric. */
	json_object_del(tiers, "pending_counts");
	json_object_del(rule, "take");
	json_object_set_new(rule, "base", defaults_def(schema, "base", "{}"));
	json_object_set_new(file, "name", json_string("points"));
	json_object_set_new(file, "rules", json_pack("[o]", rule));
	json_object_set_new(file, "tiers", tiers);
	json_object_set_new(file, "wallets",
	    json_pack("{s:o}", "points", defaults_def(schema, "wallet", "{}")));
	json_object_set_new(file, "memberships",
	    json_pack("[o]", defaults_def(schema, "membership",
	                         "{'id':'m','term':'ever'}")));
	json_object_set_new(file, "rewards",
	    json_pack("[o]", defaults_def(schema, "reward",
	                         "{'id':'r','kind':'shipping','cost':1}")));
	json_object_set_new(file, "multipliers",
	    json_pack("[o]",
	        defaults_def(schema, "multiplier", "{'id':'x','times':'2'}")));
	return file;
}

#define SHORTEST                                                           \
	"{'name':'points','rules':[{'id':'order','on':'order',"            \
	"'give':{'points':1}}],'tiers':{'levels':[{'id':'l','from':'1'}]}" \
	",'memberships':[{'id':'m','term':'ever'}],"                       \
	"'rewards':[{'id':'r','kind':'shipping','cost':1}],"               \
	"'multipliers':[{'id':'x','times':'2'}]}"

/* Compares two programs without their ids, which are equal texts at
 * different addresses. */
static void
assert_same(const struct program *a, const struct program *b)
{
	struct rule rules[2] = { a->rules[0], b->rules[0] };
	struct wallet wallets[2] = { a->wallets[0], b->wallets[0] };
	struct tiers tiers[2] = { a->tiers, b->tiers };
	struct membership ms[2] = { a->memberships[0], b->memberships[0] };
	struct reward rewards[2] = { a->rewards[0], b->rewards[0] };
	struct multiplier xs[2] = { a->multipliers[0], b->multipliers[0] };

	for (size_t i = 0; i < 2; i++) {
		rules[i].id = wallets[i].id = ms[i].id = rewards[i].id = NULL;
		xs[i].id = tiers[i].levels[0].id = NULL;
	}
	assert_memory_equal(&rules[0], &rules[1], sizeof(rules[0]));
	assert_memory_equal(&wallets[0], &wallets[1], sizeof(wallets[0]));
	assert_memory_equal(&tiers[0], &tiers[1], sizeof(tiers[0]));
	assert_memory_equal(&ms[0], &ms[1], sizeof(ms[0]));
	assert_memory_equal(&rewards[0], &rewards[1], sizeof(rewards[0]));
	assert_memory_equal(&xs[0], &xs[1], sizeof(xs[0]));
	assert_memory_equal(a->bases, b->bases, sizeof(a->bases[0]));
	assert_int_equal(a->nbases, b->nbases);
	assert_memory_equal(a->award, b->award, sizeof(a->award));
	assert_int_equal(a->pending_days, b->pending_days);
	assert_int_equal(a->birthday_lead_days, b->birthday_lead_days);
	assert_int_equal(a->birthday_lock_days, b->birthday_lock_days);
	assert_int_equal(a->feb29, b->feb29);
}

static void
test_defaults(void **state)
{
	json_t *schema = schema_load();
	json_t *file = file_of_defaults(schema);
	char *text = json_dumps(file, 0);
	struct program p, want = parsed(SHORTEST);
	struct err e;

	(void)state;
	/* The file writes out the defaults, so its rule has 8 keys. */
	assert_int_equal(
	    json_object_size(json_array_get(json_object_get(file, "rules"), 0)),
	    8);
	assert_int_equal(json_object_size(json_object_get(file, "tiers")), 9);
	assert_int_equal(
	    json_object_size(json_object_get(file, "birthday")), 3);
	if (parse_in(EUR, str_of(text), &p, &e) == -1)
		fail_msg("%s\n%s", text, e.msg);
	assert_same(&p, &want);
	free(text);
	json_decref(file);
	json_decref(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_of_file),
		cmocka_unit_test(test_keys_of_rules),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_of_members),
		cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
