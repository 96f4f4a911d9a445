/* SPDX-License-Identifier: MIT */
#include "wire/shop/internal.h"

const struct shop *
shop_find(enum platform p)
{
	static const struct shop *const shops[PLATFORMS + 1] = {
#define PLATFORM(number, NAME, name, ...) [number] = &shop_##name,
#include "base/platform.def"
#undef PLATFORM
	};

	return platform_is_known((int)p) ? shops[p] : NULL;
}

const struct topic *
topic_find(const struct shop *shop, struct str name)
{
	for (size_t i = 0; i < shop->ntopics; i++)
		if (str_eq(str_of(shop->topics[i].name), name))
			return &shop->topics[i];
	return NULL;
}

/* ---- headers --------------------------------------------------------- */

static const struct header_name *
header_find(const struct header_name *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(str_of(names[i].name), name))
			return &names[i];
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
		/* It travels in the message's envelope, which has an end. */
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
headers_read(const struct header_name *names, size_t nnames,
    const struct header *headers, size_t n, struct delivery *out, struct err *e)
{
	struct delivery d = { .topic = STR("") };
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++) {
		const struct header_name *h = header_find(
		    names, nnames, headers[i].name);

		if (h == NULL)
			continue;
		/* A second one, under either of two names for one thing. */
		if (seen & 1U << h->field)
			return err_set(e, FAULT_REJECT,
			    "the header %s came twice", h->name);
		seen |= 1U << h->field;
		header_take(&d, h->field, header_trim(headers[i].value));
	}
	*out = d;
	return 0;
}
