/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "io/clock.h"
#include "later.h"

void
later_init(struct later *l)
{
	*l = (struct later){ .n = 0 };
	arena_init(&l->arena);
}

void
later_fini(struct later *l)
{
	arena_fini(&l->arena);
}

size_t
later_room(const struct later *l)
{
	return LATER_MAX - l->n;
}

bool
later_is_due(const struct later *l)
{
	return l->n > 0 && clock_mono() >= l->at;
}

static void
wait_longer(struct later *l)
{
	l->at = clock_mono() + backoff_next(&l->backoff) * 1000;
}

static struct str
copy(struct arena *a, struct str s)
{
	return (struct str){ arena_memdup(a, s.data, s.len), s.len };
}

bool
later_has(const struct later *l, size_t first, const struct message *m)
{
	for (size_t i = first; i < l->n; i++)
		if (message_is_with(&l->list[i], m))
			return true;
	return false;
}

void
later_add(struct later *l, const struct message *m)
{
	struct message *to;

	for (size_t i = 0; i < l->n; i++)
		if (message_is_with(&l->list[i], m) &&
		    l->list[i].part == m->part)
			return;
	assert(l->n < LATER_MAX);
	if (l->n == 0)
		wait_longer(l);
	to = &l->list[l->n++];
	*to = *m;
	to->topic = copy(&l->arena, m->topic);
	to->delivery_id = copy(&l->arena, m->delivery_id);
	to->body = copy(&l->arena, m->body);
}

void
later_done(struct later *l)
{
	assert(l->n > 0);
	memmove(l->list, l->list + 1, --l->n * sizeof(l->list[0]));
	backoff_reset(&l->backoff);
	l->at = 0;
	if (l->n == 0)
		arena_reset(&l->arena);
}

void
later_again(struct later *l)
{
	const struct message first = l->list[0];

	assert(l->n > 0);
	memmove(l->list, l->list + 1, (l->n - 1) * sizeof(l->list[0]));
	l->list[l->n - 1] = first;
	wait_longer(l);
}
