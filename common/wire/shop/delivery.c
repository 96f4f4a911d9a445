/* SPDX-License-Identifier: MIT */
/*
 * The headers of a delivery, which the process "receive" reads before the body,
 * and functions of struct shop that several platforms share.
 */
#include "wire/shop/internal.h"

static const struct header_name *
header_find(const struct shop *shop, struct str name)
{
	for (size_t i = 0; i < shop->nheader_names; i++)
		if (str_eq_nocase(str_of(shop->header_names[i].name), name))
			return &shop->header_names[i];
	return NULL;
}

static void
header_take(struct delivery *d, enum header_field field, struct str value)
{
	switch (field) {
	case HEADER_TOPIC:
		d->topic = value;
		return;
	case HEADER_ID:
		/* A message has no room for a longer id. */
		if (value.len > DELIVERY_ID_MAX)
			value.len = DELIVERY_ID_MAX;
		d->id = value;
		return;
	case HEADER_SOURCE:
		d->source = value;
		return;
	case HEADER_HMAC:
		d->has_hmac = true;
		d->hmac_ok = base64_decode(value, d->hmac, sizeof(d->hmac)) ==
		             0;
		return;
	}
}

int
delivery_read(const struct shop *shop, const struct header *headers, size_t n,
    struct delivery *out, struct err *e)
{
	struct delivery d = { .topic = STR("") };
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++) {
		const struct header_name *h = header_find(
		    shop, headers[i].name);

		if (h == NULL)
			continue;
		/* Several header names may mean the same field: together they
		 * count as one header. */
		if (seen & 1U << h->field)
			return err_set(e, FAULT_REJECT,
			    "the header %s came twice", h->name);
		seen |= 1U << h->field;
		header_take(&d, h->field, str_trim(headers[i].value));
	}
	*out = d;
	return 0;
}

bool no_ping(struct str)
{
	return false;
}

bool
from_anywhere(const struct delivery *, struct str)
{
	return true;
}

struct str
secret_as_entered(struct arena *a, struct str entered)
{
	return (struct str){ arena_memdup(a, entered.data, entered.len),
		entered.len };
}
