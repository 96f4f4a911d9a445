/* SPDX-License-Identifier: MIT */
/*
 * Reads the statuses in which an order earns: those of the order's platform
 * (struct shop), unless the program names others.
 */
#include <assert.h>
#include <string.h>

#include "wire/program/internal.h"
#include "wire/shop/shop.h"

static void
award_add(struct statuses *award, const char *status)
{
	assert(award->n < STATUSES_MAX);
	memcpy(award->list[award->n++], status, strlen(status) + 1);
}

static void
award_add_all(struct statuses *award, const struct shop *shop)
{
	for (size_t i = 0; shop->award[i] != NULL; i++)
		award_add(award, shop->award[i]);
}

/* Reads a status in which orders earn.  On some platforms any text is a status,
 * since plugins make statuses of their own.  On others only one word is allowed
 * (shop->award_word), which stands for all of the platform's statuses that
 * earn. */
static void
award_word(
    const struct node *n, const struct shop *shop, struct statuses *award)
{
	char word[ORDER_STATUS_MAX];

	if (node_text(n, NULL, word, sizeof(word)) == -1)
		return;
	if (status_is_draft(word) || status_is_undone(word))
		node_refuse(n, "is a status in which no order earns");
	else if (strncmp(word, "wc-", 3) == 0)
		node_refuse(n, "must be said without wc-: \"%s\"", word + 3);
	else if (shop->award_word != NULL &&
	         strcmp(word, shop->award_word) != 0)
		node_refuse(n, "must be \"%s\"", shop->award_word);
	else if (statuses_have(award, word))
		node_refuse(n, "is said twice");
	else if (shop->award_word != NULL)
		award_add_all(award, shop);
	else
		award_add(award, word);
}

static void
award_list(
    const struct node *n, const struct shop *shop, struct statuses *award)
{
	if (node_check_list(n, 0, STATUSES_MAX) == -1)
		return;
	for (size_t i = 0; i < node_count(n); i++) {
		struct node item = node_item(n, i);

		award_word(&item, shop, award);
	}
}

void
award_read(struct draft *d, const struct node *file)
{
	const char *keys[PLATFORMS + 1];
	struct node n, list;
	bool any = node_get(file, "award", &n);

	platform_shop_names(keys);
	any = any && node_check_object(&n, keys) == 0;
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct shop *shop = shop_find((enum platform)i);
		struct statuses *award = &d->p.award[i];

		if (any && node_get(&n, platform_names[i], &list))
			award_list(&list, shop, award);
		else
			award_add_all(award, shop);
	}
}
