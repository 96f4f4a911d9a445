/* SPDX-License-Identifier: MIT */
/*
 * Reads amounts of Shopify's bodies.  Each amount is there twice: in a set, an
 * object that has the amount in two currencies, and beside the set as a plain
 * text.
 */
#include "wire/shop/internal.h"

int64_t
shopify_read_money(struct reader *r, const json_t *o, const char *set,
    const char *key, enum need need)
{
	const json_t *money = json_object_get(
	    json_object_get(o, set), "shop_money");
	int64_t amount;
	size_t at;

	if (!json_is_object(money) ||
	    (!is_number(json_object_get(money, "amount")) &&
	        is_number(json_object_get(o, key))))
		return read_money(r, o, key, need);
	at = reader_enter(r, set, -1);
	(void)reader_enter(r, "shop_money", -1);
	amount = read_money(r, money, "amount", NEEDED);
	reader_leave(r, at);
	return amount;
}

bool
shopify_amount_is_readable(const json_t *o, const struct amount_place *p)
{
	const json_t *money = json_object_get(
	    json_object_get(o, p->set), "shop_money");

	return is_number(json_object_get(money, "amount")) ||
	       is_number(json_object_get(o, p->key));
}

int64_t
shopify_read_amount(struct reader *r, const json_t *o,
    const struct amount_place *p, int bits, int *unreadable)
{
	if (unreadable == NULL || shopify_amount_is_readable(o, p))
		return shopify_read_money(r, o, p->set, p->key, NEEDED);
	*unreadable |= bits;
	return 0;
}

int64_t
shopify_read_sum(struct reader *r, const json_t *o,
    const struct amount_place *p, int bits, int *unreadable)
{
	const json_t *entries = unreadable == NULL
	                            ? read_list(
	                                  r, o, p->list, PARTS_MAX, OPTIONAL)
	                            : read_entries(r, o, p->list, PARTS_MAX);
	__int128 total = 0;

	if (unreadable != NULL && entries == NULL && is_told(o, p->list))
		*unreadable |= bits;
	for (size_t i = 0; i < json_array_size(entries); i++) {
		size_t at = reader_enter(r, p->list, (int)i);

		total += shopify_read_amount(
		    r, json_array_get(entries, i), p, bits, unreadable);
		reader_leave(r, at);
	}
	return reader_bound(r, p->list, total);
}
