/* SPDX-License-Identifier: MIT */
/*
 * Checks that a delivery tells work the same, whether it travels as the record
 * of what was read or with its body, that nobody but the holder of the master
 * key can read a name or an address on the way, and that a message which does
 * not open is kept whole.
 */
#include <dirent.h>

#include "base/money.h"
#include "bodies.h"
#include "wire/event_record.h"
#include "wire/shop/events.h"
#include "wire/travel.h"

static const uint8_t signature[HMAC_SIZE] = "a signature of thirty-two bytes";
static const struct master_key other_key = { .bytes = "another key" };

static struct str
encoded(const struct message *m)
{
	struct str s;
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	message_encode(m, &b);
	s = (struct str){ arena_memdup(&arena, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

static struct message
decoded(struct str s)
{
	struct message m;
	struct err e;

	must(message_decode(s, &m, &e), &e);
	return m;
}

/* ---- all recorded bodies ------------------------------------------------- */

/* Keys whose values say who somebody is. */
static const char *const personal[] = { "email", "contact_email", "first_name",
	"last_name", "phone", "address1", "address2", "address_1", "address_2",
	"zip", "postcode", "city", "browser_ip", "customer_ip_address",
	"display_name", "username" };

static bool
is_personal(const char *key)
{
	for (size_t i = 0; i < NITEMS(personal); i++)
		if (strcmp(personal[i], key) == 0)
			return true;
	return false;
}

/* Fails if a message has the value of a personal key anywhere in the body.
 * Returns how many such values there are. */
static size_t
assert_hides(struct str message, const char *key, json_t *v)
{
	const char *text = json_string_value(v), *k;
	size_t n = 0, i;
	json_t *item;

	if (text != NULL && is_personal(key) && strlen(text) > 3) {
		if (memmem(message.data, message.len, text, strlen(text)) !=
		    NULL)
			fail_msg("%s \"%s\" is in the message", key, text);
		return 1;
	}
	json_object_foreach(v, k, item) n += assert_hides(message, k, item);
	json_array_foreach(v, i, item) n += assert_hides(message, key, item);
	return n;
}

struct seen {
	size_t events, sealed, values;
};

/* Sends a body on its way if it can be read as this topic's, and reads it at
 * the other end. */
static void
travels(
    const struct shop *s, const char *topic, struct str body, struct seen *seen)
{
	struct message m = message_of(s->platform, topic, body), there;
	struct event ev, back;
	struct str bytes;
	json_t *json;
	struct err e;

	if (shop_parse(&arena, &m, &test_key, "EUR", &ev, &e) == -1)
		return;
	travel_pack(&arena, &test_key, &ev, signature, &m);
	assert_true(m.is_record);
	assert_int_equal(m.is_sealed, ev.nfacts > 0);
	assert_memory_equal(m.mark, signature, MARK_SIZE);
	bytes = encoded(&m);

	json = json_loadb(body.data, body.len, 0, NULL);
	assert_non_null(json);
	seen->values += assert_hides(bytes, "", json);
	json_decref(json);

	there = decoded(bytes);
	travel_open(&arena, &test_key, &there);
	assert_false(there.is_sealed);
	must(event_get(&arena, &there, &back, &e), &e);
	assert_string_equal(
	    event_json(&arena, &ev).data, event_json(&arena, &back).data);
	seen->events++;
	seen->sealed += m.is_sealed;
}

static void
folder_travels(const struct shop *s, const char *folder, struct seen *seen)
{
	char path[WORD_TEXT_MAX], name[128];
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "tests/data/%s", folder);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct str body;

		if (entry->d_type != DT_REG)
			continue;
		(void)snprintf(name, sizeof(name), "%.100s", entry->d_name);
		body = fixture_read(&arena, folder, name);
		for (size_t i = 0; i < s->ntopics; i++)
			travels(s, s->topics[i].name, body, seen);
		arena_reset(&arena);
	}
	(void)closedir(dir);
}

static void
test_recorded(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	folder_travels(&shop_shopify, "shopify", &seen);
	folder_travels(&shop_shopify, "shapes", &seen);
	folder_travels(&shop_woocommerce, "woocommerce", &seen);
	folder_travels(&shop_woocommerce, "shapes", &seen);
	print_message("%zu events, %zu of them sealed, without %zu values\n",
	    seen.events, seen.sealed, seen.values);
	assert_true(seen.events > 100 && seen.sealed > 10);
	assert_true(seen.values > 1000);
}

/* ---- what is sealed ------------------------------------------------------- */

static const char event_body
    [] = "{\"idempotency_key\":\"k1\",\"type\":\"review\","
         "\"at\":\"2025-03-04T10:00:00Z\",\"customer\":{\"id\":\"123\"},"
         "\"fields\":{\"text\":\"Anna from Hamburg\"}}";

static void
test_event(void **state)
{
	struct message m = message_of(
	    PLATFORM_EVENTS, EVENT_TOPIC, str_of(event_body));
	struct event ev;
	struct str bytes;
	struct err e;

	(void)state;
	must(shop_parse(&arena, &m, &test_key, "EUR", &ev, &e), &e);
	travel_pack(&arena, &test_key, &ev, signature, &m);
	bytes = encoded(&m);
	assert_null(memmem(bytes.data, bytes.len, "Anna", 4));
	m = decoded(bytes);
	travel_open(&arena, &test_key, &m);
	must(event_get(&arena, &m, &ev, &e), &e);
	assert_string_equal(ev.key, "k1");
	assert_string_equal(
	    ev.facts[0].fact.fields[0].value, "Anna from Hamburg");
}

static void
test_body(void **state)
{
	const struct str body = STR("{\"email\":\"anna@example.com\"");
	struct message m = message_of(PLATFORM_SHOPIFY, "orders/paid", body);
	struct str bytes;

	(void)state;
	travel_pack(&arena, &test_key, NULL, signature, &m);
	assert_false(m.is_record);
	bytes = encoded(&m);
	assert_null(memmem(bytes.data, bytes.len, "anna", 4));
	m = decoded(bytes);
	travel_open(&arena, &test_key, &m);
	assert_true(str_eq(m.body, body));
	assert_false(m.is_sealed);
	/* Opening again changes nothing. */
	travel_open(&arena, &other_key, &m);
	assert_true(str_eq(m.body, body));
}

/* Checks that an event beyond the bounds of a record travels with its body. */
static void
test_beyond(void **state)
{
	const struct str body = STR("{}");
	struct message m = message_of(PLATFORM_SHOPIFY, "orders/paid", body);
	const struct event ev = {
		.kind = EVENT_ORDER,
		.order = { .id = 1,
		    .platform = PLATFORM_SHOPIFY,
		    .total = MONEY_MAX + 1 },
	};

	(void)state;
	travel_pack(&arena, &test_key, &ev, signature, &m);
	assert_false(m.is_record);
	travel_open(&arena, &test_key, &m);
	assert_true(str_eq(m.body, body));
}

/* Checks that a message which was sealed with another key, for another store,
 * or was changed, is kept as a whole. */
static void
test_closed(void **state)
{
	const struct str body = STR("the body");

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct message was = message_of(
		    PLATFORM_SHOPIFY, "orders/paid", body);
		struct message m, again;

		travel_pack(&arena, &test_key, NULL, signature, &was);
		if (i == 0)
			was.store_id++;
		if (i == 1)
			was.body.len--;
		m = was;
		m.stream = 7;
		travel_open(&arena, i == 2 ? &other_key : &test_key, &m);
		assert_int_equal(m.platform, 0);
		assert_true(m.is_sealed);
		assert_int_equal(m.stream, 7);
		assert_true(str_eq(m.body, encoded(&was)));
		again = decoded(m.body);
		assert_int_equal(again.store_id, was.store_id);
		assert_true(again.is_sealed);
		assert_true(str_eq(again.body, was.body));
		travel_open(&arena, &test_key, &m);
		assert_int_equal(m.platform, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_closed),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
