/* SPDX-License-Identifier: MIT */
/* heap: lots of which the first is wanted.  The list of a heap is a tree: the
 * items at 2 i + 1 and 2 i + 2 do not go before the item at i. */
#include "core/fold/internal.h"

/* Whether a goes before b.  Equal lots go in the order in which they came. */
static bool
goes_before(const struct heap_item *a, const struct heap_item *b)
{
	if (a->first != b->first)
		return a->first < b->first;
	if (a->second != b->second)
		return a->second < b->second;
	return a->lot->index < b->lot->index;
}

void
heap_put(struct run *r, struct heap *h, struct heap_item item)
{
	size_t i = h->n++;

	h->list = arena_grow(r->arena, h->list, i, &h->room, sizeof(*h->list));
	for (; i > 0 && goes_before(&item, &h->list[(i - 1) / 2]);
	     i = (i - 1) / 2)
		h->list[i] = h->list[(i - 1) / 2];
	h->list[i] = item;
	steps_take(r->steps, STEPS_LINK);
}

struct lot_state *
heap_take(struct run *r, struct heap *h)
{
	struct lot_state *first = h->list[0].lot;
	struct heap_item last = h->list[--h->n];
	size_t i = 0;

	for (size_t next = 1; next < h->n; next = 2 * i + 1) {
		next += next + 1 < h->n &&
		        goes_before(&h->list[next + 1], &h->list[next]);
		if (!goes_before(&h->list[next], &last))
			break;
		h->list[i] = h->list[next];
		i = next;
	}
	h->list[i] = last;
	steps_take(r->steps, STEPS_SEARCH);
	return first;
}
