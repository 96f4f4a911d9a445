/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/event_json.h"
#include "wire/platform.h"

/* ---- receive: headers ------------------------------------------------ */

static const struct header_name header_names[] = {
	{ "X-Loyald-Hmac-Sha256", HEADER_HMAC },
};

static int
events_headers(
    const struct header *headers, size_t n, struct delivery *d, struct err *e)
{
	return headers_read(
	    header_names, NITEMS(header_names), headers, n, d, e);
}

static enum topic_use
events_topic(struct str topic)
{
	return str_eq(topic, STR(EVENT_TOPIC)) ? TOPIC_QUEUE : TOPIC_UNKNOWN;
}

static bool
events_is_ping(struct str body)
{
	(void)body;
	return false;
}

/* The path says whose it is. */
static bool
events_is_from(const struct delivery *d, struct str domain)
{
	(void)d;
	(void)domain;
	return true;
}

static struct str
events_secret(struct arena *a, struct str entered)
{
	return (struct str){ arena_memdup(a, entered.data, entered.len),
		entered.len };
}

/* ---- ids --------------------------------------------------------------- */

int64_t
number_of_text(struct str s)
{
	uint8_t hash[32];
	uint64_t n = 0;

	sha256(s, hash);
	for (size_t i = 0; i < sizeof(n); i++)
		n = n << 8 | hash[i];
	n >>= 2;
	return n > 0 ? (int64_t)n : 1;
}

int64_t
event_order_id(struct str id)
{
	return -number_of_text(id);
}

/* ---- bodies ------------------------------------------------------------ */

static int
events_parse(struct arena *a, const struct message *m,
    const struct master_key *key, const char *currency, struct event *out,
    struct err *e)
{
	(void)a;
	(void)m;
	(void)key;
	(void)currency;
	(void)out;
	return err_set(e, FAULT_REJECT, "unparsable: not read yet");
}

const struct shop shop_events = {
	.platform = PLATFORM_EVENTS,
	.name = "events",
	.headers = events_headers,
	.topic = events_topic,
	.is_ping = events_is_ping,
	.is_from = events_is_from,
	.secret = events_secret,
	.parse = events_parse,
};
