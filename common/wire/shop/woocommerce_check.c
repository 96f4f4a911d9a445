/* SPDX-License-Identifier: MIT */
/*
 * Checks a WooCommerce store's API address and key by three calls:
 *
 *  1. The first asks WordPress for the shop's name, which anybody may ask.  The
 *     call does not carry the key, so that a server that is no WordPress does
 *     not get the key.
 *  2. The second reads the shop's settings, for its currency.
 *  3. The third is the call by which the process `push` sets balances, with
 *     an empty list of customers.  The call changes nothing, and needs the same
 *     rights.
 *
 * The shop's errors are sentences in the shop's language, which loyald cannot
 * understand.  What is wrong with a key is found from which of the calls 2. and
 * 3. the shop refuses.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/shop/check.h"
#include "wire/shop/internal.h"

enum {
	CALL_INDEX,
	CALL_SETTINGS,
	CALL_BATCH,
};

static const struct {
	const char *path, *body;
} calls[WOOCOMMERCE_CHECKS] = {
	[CALL_INDEX] = { "/wp-json/?_fields="
	                 "name,home,timezone_string,gmt_offset",
	    "" },
	[CALL_SETTINGS] = { "/wp-json/wc/v3/system_status?_fields=settings",
	    "" },
	[CALL_BATCH] = { WOOCOMMERCE_BATCH, "{\"update\":[]}" },
};

int
woocommerce_check_call(size_t nth, const struct shop_access *a,
    struct push_request *q, struct err *e)
{
	if (woocommerce_request_begin(a, calls[nth].body[0] ? "POST" : "GET",
	        calls[nth].path, q, e) == -1)
		return -1;
	if (nth == CALL_INDEX) {
		(void)snprintf(q->path, sizeof(q->path), "%s", calls[nth].path);
		q->headers[0][0] = '\0';
	}
	buf_puts(&q->body, calls[nth].body);
	return 0;
}

/* ---- who the shop is ----------------------------------------------------- */

/* Returns the host of an address like https://host/path. */
static const char *
host_of(struct arena *a, const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;

	if (host == NULL)
		return NULL;
	host += strlen("://");
	return arena_memdup(a, host, strcspn(host, "/"));
}

/* Returns the shop's time zone: the name of a city, or a fixed number of hours
 * from UTC. */
static const char *
timezone_of(struct shop_check *c, struct value index)
{
	const char *zone = shop_check_text(c, index, "timezone_string");
	const char *hours = label_of_value(
	    c->arena, value_get(index, "gmt_offset"));

	if (zone != NULL || hours == NULL)
		return zone;
	return arena_printf(
	    c->arena, "UTC%s%s", hours[0] == '-' ? "" : "+", hours);
}

static void
compare(struct shop_check *c, struct value index, struct value settings)
{
	struct check_told t = {
		.name = shop_check_text(c, index, "name"),
		.domain = host_of(c->arena, shop_check_text(c, index, "home")),
		.currency = shop_check_text(
		    c, value_get(settings, "settings"), "currency"),
		.timezone = timezone_of(c, index),
	};

	if (!value_exists(index) && !value_exists(settings))
		return;
	shop_check_compare(c, &t);
	if (t.domain != NULL &&
	    !str_eq_nocase(str_of(t.domain), str_of(c->store.domain)))
		shop_check_find(c, FINDING_WARNING,
		    "the shop calls itself %s and the store's domain is %s: "
		    "if that is not meant, loyald store set --store %" PRId64
		    " --domain %s",
		    t.domain, c->store.domain, c->store.store_id, t.domain);
}

/* ---- what the key may do ------------------------------------------------- */

/* Copies the text of "code" from an answer's body; "" if there is none. */
static void
code_of(struct shop_check *c, size_t call, char out[WORD_MAX])
{
	struct err ignored; /* an HTML page has no code */
	struct value code = value_get(
	    body_load(c->arena, c->answers[call].body, &ignored), "code");

	out[0] = '\0';
	if (value_is(code, VALUE_TEXT))
		word_copy(code, out);
}

static bool
is_unauthenticated(struct shop_check *c, size_t call)
{
	char code[WORD_MAX];

	code_of(c, call, code);
	return c->answers[call].status == 401 &&
	       strcmp(code, "woocommerce_rest_authentication_error") == 0;
}

static void
say_unknown_key(struct shop_check *c)
{
	if (woocommerce_is_plain(c->store.api_url))
		shop_check_find(c, FINDING_WRONG,
		    "the shop does not take the signature (401), which goes by "
		    "the key, its secret, the time and the address: are key "
		    "and secret those of one key, are the clocks right here "
		    "and there (to 15 minutes), and is %s the Site Address "
		    "(WordPress, Settings, General)? loyald store set --store "
		    "%" PRId64 " --api-token-file FILE or --api-url URL",
		    c->store.api_url, c->store.store_id);
	else
		shop_check_find(c, FINDING_WRONG,
		    "the shop does not know the consumer key (401): make one "
		    "with WooCommerce, Settings, Advanced, REST API, and "
		    "loyald store set --store %" PRId64 " --api-token-file "
		    "FILE; or its web server does not hand on the header "
		    "Authorization, or does not tell WordPress of https "
		    "(X-Forwarded-Proto)",
		    c->store.store_id);
}

/* Whether the shop knows the key, even if the key's user may not read
 * settings. */
static bool
is_known(const struct shop_check *c)
{
	int status = c->answers[CALL_SETTINGS].status;

	return status == 200 || status == 403;
}

/* Adds a finding about a key that the shop refuses: which right is missing, or
 * that the key is wrong. */
static void
say_refused(struct shop_check *c)
{
	int status = c->answers[CALL_BATCH].status;

	if (status == 403)
		shop_check_find(c, FINDING_WRONG,
		    "the key's user may not change customers (403): give the "
		    "key to an administrator or a shop manager (WooCommerce, "
		    "Settings, Advanced, REST API)");
	else if (!is_unauthenticated(c, CALL_BATCH) ||
	         (woocommerce_is_plain(c->store.api_url) && !is_known(c)))
		say_unknown_key(c);
	else if (!is_known(c))
		shop_check_find(c, FINDING_WRONG,
		    "the consumer secret is not that of the consumer key "
		    "(401): the token is consumer_key:consumer_secret, both "
		    "of one key; loyald store set --store %" PRId64
		    " --api-token-file FILE",
		    c->store.store_id);
	else
		shop_check_find(c, FINDING_WRONG,
		    "the key may read and not write (401): set its "
		    "permissions to Read/Write (WooCommerce, Settings, "
		    "Advanced, REST API), so that balances can be written");
}

/* Adds the finding that WooCommerce's API does not answer at the address. */
static void
say_no_api(struct shop_check *c, struct value index, int status)
{
	if (value_exists(index))
		shop_check_find(c, FINDING_WRONG,
		    "there is a WordPress at %s, and no WooCommerce that "
		    "answers at wc/v3 (%d): is the plugin active?",
		    c->store.api_url, status);
	else
		shop_check_find(c, FINDING_WRONG,
		    "%s answers %d, and not as WordPress's API does: is it "
		    "the shop's address, with its folder if it is in one? "
		    "Settings, Permalinks in WordPress must be anything but "
		    "Plain, and no page of maintenance or for a password may "
		    "stand before /wp-json/",
		    c->store.api_url, status);
}

/* Whether an answer is JSON.  An answer may begin with [ because PHP writes an
 * empty object as []. */
static bool
is_json(struct str body)
{
	return body.len > 0 && (body.data[0] == '[' || body.data[0] == '{');
}

/* Adds a finding about whether the key may write balances.  A refusal by the
 * shop has a code, unlike a refusal by a firewall or proxy in front of the
 * shop. */
static void
read_batch(struct shop_check *c, struct value index)
{
	const struct check_answer *a = &c->answers[CALL_BATCH];
	char code[WORD_MAX];

	code_of(c, CALL_BATCH, code);
	if (a->status == 200 && is_json(a->body))
		shop_check_find(
		    c, FINDING_OK, "the key may write balances to customers");
	else if ((a->status == 401 || a->status == 403) && code[0] != '\0')
		say_refused(c);
	else if (a->status == 200 || a->status == 404)
		say_no_api(c, index, a->status);
	else
		shop_check_answered(c, a);
}

void
woocommerce_check_read(struct shop_check *c)
{
	const struct check_answer *a = c->answers;
	struct err ignored; /* a body that cannot be read is not compared */
	struct value index = { 0 }, settings = { 0 };

	if (a[CALL_INDEX].status == 200)
		index = body_load(c->arena, a[CALL_INDEX].body, &ignored);
	if (a[CALL_SETTINGS].status == 200)
		settings = body_load(c->arena, a[CALL_SETTINGS].body, &ignored);

	compare(c, index, settings);
	for (size_t i = 0; i < CALL_BATCH; i++)
		if (a[i].redirect.len > 0)
			shop_check_answered(c, &a[i]);
	if (a[CALL_BATCH].status != 0)
		read_batch(c, index);
	if (a[CALL_BATCH].status == 200 && value_exists(index) &&
	    !value_exists(settings))
		shop_check_find(c, FINDING_WARNING,
		    "the key may not read the shop's settings (%d), so that "
		    "its currency is not compared with the store's",
		    a[CALL_SETTINGS].status);
}
