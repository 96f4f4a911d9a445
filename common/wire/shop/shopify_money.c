/* SPDX-License-Identifier: MIT */
/*
 * Reads amounts of Shopify's bodies.  Each amount is there twice: in a set, an
 * object that has the amount in two currencies, and beside the set as a plain
 * text.
 */
#include "wire/shop/internal.h"

int64_t
shopify_read_money(struct reader *r, struct value o, const char *set,
    const char *key, enum need need)
{
	struct value money = value_get(value_get(o, set), "shop_money");
	int64_t amount;
	size_t at;

	if (!value_is(money, VALUE_OBJECT) ||
	    (!is_number(value_get(money, "amount")) &&
	        is_number(value_get(o, key))))
		return read_money(r, o, key, need);
	at = reader_enter(r, set, -1);
	(void)reader_enter(r, "shop_money", -1);
	amount = read_money(r, money, "amount", NEEDED);
	reader_leave(r, at);
	return amount;
}

bool
shopify_amount_is_readable(struct value o, const struct amount_place *p)
{
	struct value money = value_get(value_get(o, p->set), "shop_money");

	return is_number(value_get(money, "amount")) ||
	       is_number(value_get(o, p->key));
}

int64_t
shopify_read_amount(struct reader *r, struct value o,
    const struct amount_place *p, int bits, int *unreadable)
{
	if (unreadable == NULL || shopify_amount_is_readable(o, p))
		return shopify_read_money(r, o, p->set, p->key, NEEDED);
	*unreadable |= bits;
	return 0;
}

int64_t
shopify_read_sum(struct reader *r, struct value o, const struct amount_place *p,
    int bits, int *unreadable)
{
	struct list entries = unreadable == NULL
	                          ? read_list(
	                                r, o, p->list, PARTS_MAX, OPTIONAL)
	                          : read_entries(r, o, p->list, PARTS_MAX);
	struct value entry = { 0 };
	__int128 total = 0;

	if (unreadable != NULL && !value_exists(entries.of) &&
	    is_told(o, p->list))
		*unreadable |= bits;
	for (size_t i = 0; list_next(entries, &entry); i++) {
		size_t at = reader_enter(r, p->list, (int)i);

		total += shopify_read_amount(r, entry, p, bits, unreadable);
		reader_leave(r, at);
	}
	return reader_bound(r, p->list, total);
}
