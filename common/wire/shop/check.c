/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/label.h"
#include "wire/shop/check.h"

enum {
	FINDING_MAX = 1024 /* bytes */
};

void
shop_check_find(
    struct shop_check *c, enum finding_kind kind, const char *fmt, ...)
{
	char text[FINDING_MAX];
	va_list ap;

	assert(c->n < CHECK_FINDINGS_MAX);
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->findings[c->n++] = (struct finding){ kind,
		arena_strdup(c->arena, text) };
}

bool
shop_check_is_ok(const struct shop_check *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->findings[i].kind == FINDING_WRONG)
			return false;
	return true;
}

const char *
finding_kind_name(enum finding_kind kind)
{
	static const char *const names[] = { [FINDING_OK] = "ok",
		[FINDING_WARNING] = "warning",
		[FINDING_WRONG] = "wrong" };

	return names[kind];
}

/* ---- what the shop says of itself ---------------------------------------- */

const char *
shop_check_text(const struct shop_check *c, struct value o, const char *key)
{
	return label_of(c->arena, value_text(value_get(o, key)));
}

/* Whether a time zone is UTC.  Some shops write UTC as an offset. */
static bool
is_utc(const char *zone)
{
	static const char *const names[] = { "UTC", "Etc/UTC", "UTC+0", "GMT" };

	for (size_t i = 0; i < NITEMS(names); i++)
		if (strcmp(names[i], zone) == 0)
			return true;
	return false;
}

static bool
is_same_zone(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (is_utc(a) && is_utc(b));
}

void
shop_check_compare(struct shop_check *c, const struct check_told *t)
{
	const struct check_store *s = &c->store;

	shop_check_find(c, FINDING_OK,
	    "the shop is \"%s\"%s%s, its currency %s, its time zone %s",
	    t->name ? t->name : "without a name", t->domain ? " at " : "",
	    t->domain ? t->domain : "", t->currency ? t->currency : "not told",
	    t->timezone ? t->timezone : "not told");
	if (t->currency != NULL && strcmp(t->currency, s->currency) != 0)
		shop_check_find(c, FINDING_WARNING,
		    "the shop's currency is %s and the store's is %s: orders "
		    "in %s earn nothing, unless the program has a rate for "
		    "them; if %s is a mistake, loyald store disable --store "
		    "%" PRId64 " and add the store again",
		    t->currency, s->currency, t->currency, s->currency,
		    s->store_id);
	if (t->timezone != NULL && !is_same_zone(t->timezone, s->timezone))
		shop_check_find(c, FINDING_WARNING,
		    "the shop's time zone is %s and the store's is %s, whose "
		    "midnight begins days, months and birthdays: loyald store "
		    "set --store %" PRId64 " --timezone ZONE, if that is a "
		    "mistake",
		    t->timezone, s->timezone, s->store_id);
}

/* ---- anything but the API ------------------------------------------------ */

/* Finds the shop's address in the URL of a redirect: the part before the path
 * of the API. */
static const char *
address_of(struct arena *a, struct str url)
{
	static const char *const paths[] = { "/wp-json/", "/admin/" };
	char *text = arena_strdup(a, "");
	const char *label = label_of(a, url);
	char *end;

	if (label == NULL || strstr(label, "://") == NULL)
		return text;
	text = arena_strdup(a, label);
	for (size_t i = 0; i < NITEMS(paths); i++) {
		end = strstr(text, paths[i]);
		if (end != NULL) {
			*end = '\0';
			return text;
		}
	}
	end = strchr(strstr(text, "://") + strlen("://"), '/');
	if (end != NULL)
		*end = '\0';
	return text;
}

/* Meanings of HTTP statuses, which are the same for any web server. */
static const struct {
	int status;
	const char *meaning;
} meanings[] = {
	{ 402, "the shop is frozen: its owner has to pay the platform first" },
	{ 403, "something before the shop (a firewall, a security plugin, a "
	       "page that wants a password) keeps this machine out: let it "
	       "through" },
	{ 404, "there is no such API at this address: is it the shop's?" },
	{ 406, "a firewall before the shop refuses the request: let this "
	       "machine through" },
	{ 423, "the shop is locked by the platform" },
	{ 429, "the shop, or a firewall before it, has had enough requests for "
	       "now: ask again later" },
	{ 430, "the shop finds this machine suspicious: ask again later" },
	{ 503, "the shop is being maintained, or overloaded: ask again later" },
};

void
shop_check_answered(struct shop_check *c, const struct check_answer *a)
{
	const char *meaning = "ask again later, or the shop's owner";

	if (a->status >= 300 && a->status < 400) {
		shop_check_find(c, FINDING_WRONG,
		    "%s sends on to %s (%d), which is not followed, since the "
		    "token would go along: if that is the shop, loyald store "
		    "set --store %" PRId64 " --api-url with that address",
		    c->store.api_url, address_of(c->arena, a->redirect),
		    a->status, c->store.store_id);
		return;
	}
	if (a->status == 200) {
		shop_check_find(c, FINDING_WRONG,
		    "%s answers with something else than the API's JSON: is "
		    "it the shop's address, and does no page of a firewall, "
		    "of maintenance or for a password stand before it?",
		    c->store.api_url);
		return;
	}
	for (size_t i = 0; i < NITEMS(meanings); i++)
		if (meanings[i].status == a->status)
			meaning = meanings[i].meaning;
	shop_check_find(c, FINDING_WRONG, "%s answers %d: %s", c->store.api_url,
	    a->status, meaning);
}
