/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "wire/program/internal.h"

/*
 * The statuses in which an order earns.
 */

static void
status_add(struct program *p, enum platform platform, const char *status)
{
	struct statuses *award = &p->award[platform];

	assert(award->n < STATUSES_MAX);
	memcpy(award->list[award->n++], status, strlen(status) + 1);
}

static void
award_add(struct program *p, enum platform platform, const char *word)
{
	status_add(p, platform, word);
	if (platform != PLATFORM_SHOPIFY)
		return;
	/* What was paid stays paid when a part or all of it comes back. */
	status_add(p, platform, "partially_refunded");
	status_add(p, platform, "refunded");
}

static void
award_word(const struct node *n, enum platform platform, struct program *p)
{
	/* core/decide.c, 2. and 3. */
	static const char *const never[] = { "cancelled", "failed", "refunded",
		"trash", "voided", "checkout-draft", "draft", "auto-draft",
		"new", NULL };
	const struct statuses *award = &p->award[platform];
	char word[ORDER_STATUS_MAX];

	/* A status is any text that the platform sends: plugins make their
	 * own. */
	if (node_text(n, NULL, word, sizeof(word)) == -1)
		return;
	if (word_is_one_of(word, never)) {
		(void)node_refuse(n, "is a status in which no order earns");
		return;
	}
	if (strncmp(word, "wc-", 3) == 0) {
		(void)node_refuse(
		    n, "must be said without wc-: \"%s\"", word + 3);
		return;
	}
	if (platform == PLATFORM_SHOPIFY && strcmp(word, "paid") != 0) {
		(void)node_refuse(n, "must be \"paid\"");
		return;
	}
	for (size_t i = 0; i < award->n; i++)
		if (strcmp(award->list[i], word) == 0) {
			(void)node_refuse(n, "is said twice");
			return;
		}
	award_add(p, platform, word);
}

static void
award_list(const struct node *n, enum platform platform, struct program *p)
{
	if (node_check_list(n, 0, STATUSES_MAX) == -1)
		return;
	for (size_t i = 0; i < node_count(n); i++) {
		struct node item = node_item(n, i);

		award_word(&item, platform, p);
	}
}

static void
award_of(const struct node *up, struct program *p)
{
	static const char *const keys[] = { "shopify", "woocommerce", NULL };
	struct node n, list;
	bool any = node_get(up, "award", &n) &&
	           node_check_object(&n, keys) == 0;

	if (any && node_get(&n, "shopify", &list))
		award_list(&list, PLATFORM_SHOPIFY, p);
	else
		award_add(p, PLATFORM_SHOPIFY, "paid");
	if (any && node_get(&n, "woocommerce", &list)) {
		award_list(&list, PLATFORM_WOOCOMMERCE, p);
		return;
	}
	award_add(p, PLATFORM_WOOCOMMERCE, "processing");
	award_add(p, PLATFORM_WOOCOMMERCE, "completed");
}

void
read_award(struct draft *d, const struct node *file)
{
	/* What is sent as an event says of itself that it was paid. */
	status_add(&d->p, PLATFORM_EVENTS, "paid");
	status_add(&d->p, PLATFORM_EVENTS, "partially_refunded");
	status_add(&d->p, PLATFORM_EVENTS, "refunded");
	award_of(file, &d->p);
}
