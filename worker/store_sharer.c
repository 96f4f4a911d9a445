/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "store_sharer.h"
#include "wire/shop/shop.h"

/* Whether the store has a secret that gives this key.  Keys are compared
 * instead of texts, since two texts of a WooCommerce secret may give one
 * key. */
static bool
is_secret_of(struct arena *a, const struct store *s, struct str key)
{
	const struct shop *shop = shop_find(s->platform);

	for (size_t i = 0; i < SECRETS_PER_STORE; i++)
		if (s->secrets[i].len > 0 &&
		    str_eq(shop->secret(a, s->secrets[i]), key))
			return true;
	return false;
}

int
sharer_find(struct operation *op, enum platform platform, int64_t store_id,
    struct str secret, struct sharer *out, struct err *e)
{
	struct str key = shop_find(platform)->secret(&op->arena, secret);
	struct store *stores;
	size_t n;

	*out = (struct sharer){ 0 };
	if (stores_load(op->pg, &op->arena, &op->key, &stores, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (stores[i].store_id == store_id ||
		    !is_secret_of(&op->arena, &stores[i], key))
			continue;
		if (out->n++ > 0)
			continue;
		out->store_id = stores[i].store_id;
		out->platform = stores[i].platform;
	}
	return 0;
}

void
sharer_warn(
    int64_t store_id, enum platform platform, const struct sharer *other)
{
	char more[32] = "";

	if (other->n == 0)
		return;
	if (other->n > 1)
		(void)snprintf(
		    more, sizeof(more), " and %zu more", other->n - 1);
	if (other->platform == platform &&
	    shop_shares_secrets(shop_find(platform)))
		log_warn("store %" PRId64 " has the same secret as store "
		         "%" PRId64 "%s: that is right for shops of one app, "
		         "and then only the shop's number tells whose a body "
		         "is: loyald store set --shop-id, unless the API is "
		         "there to ask",
		    store_id, other->store_id, more);
	else
		log_warn("store %" PRId64 " has the same secret as store "
		         "%" PRId64 "%s: whoever can sign for one can sign "
		         "for the other; give one of them another with loyald "
		         "store rotate-secret",
		    store_id, other->store_id, more);
}
