/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/message.h"
#include "io/redis/parcels.h"
#include "io/timer.h"

struct parcels {
	struct redis_pool *pool; /* NULL: freed */
	struct event *send;      /* calls send_some() after this turn */
	unsigned at_once;        /* with so many under way, messages wait */
	unsigned under_way;
	struct parcel_part *first, **end; /* the messages that wait */
	unsigned nwaiting;
	struct buf bytes; /* of the parcel that is being packed */
};

/* Takes the messages of the next parcel off the list, and packs their bytes.
 * A parcel's messages are of one installation, which names the stream. */
static struct parcel_part *
parcel_take(struct parcels *p, struct str *bytes)
{
	struct parcel_part *first = p->first, *last = first;
	int64_t installation = message_installation(first->encoded);
	unsigned n = 1;

	buf_reset(&p->bytes);
	buf_add(&p->bytes, first->encoded.data, first->encoded.len);
	*bytes = first->encoded;
	for (; last->next != NULL && n < PARCEL_MAX; n++) {
		struct str s = last->next->encoded;

		if (message_installation(s) != installation)
			break;
		buf_add(&p->bytes, s.data, s.len);
		if (buf_is_full(&p->bytes))
			break;
		last = last->next;
		*bytes = (struct str){ p->bytes.data, p->bytes.len };
	}
	p->first = last->next;
	if (p->first == NULL)
		p->end = &p->first;
	p->nwaiting -= n;
	last->next = NULL;
	return first;
}

static void
parcel_tell(struct parcel_part *first, bool ok)
{
	struct parcel_part *next;

	for (; first != NULL; first = next) {
		next = first->next;
		first->added(first->arg, ok);
	}
}

static void send_some(struct parcels *);

static void
on_parcel(void *arg, bool ok)
{
	struct parcel_part *first = arg;
	struct parcels *p = first->of;

	p->under_way--;
	parcel_tell(first, ok);
	send_some(p);
}

/* Sends parcels until enough are under way.  If the pool does not take a
 * parcel, the messages of the parcel fail at once. */
static void
send_some(struct parcels *p)
{
	while (p->nwaiting > 0 &&
	       (p->under_way < p->at_once || p->nwaiting >= PARCEL_MAX)) {
		struct str bytes;
		struct parcel_part *first = parcel_take(p, &bytes);

		if (p->pool != NULL &&
		    redis_pool_add(p->pool, bytes, on_parcel, first))
			p->under_way++;
		else
			parcel_tell(first, false);
	}
}

static void
on_send(evutil_socket_t, short, void *arg)
{
	send_some(arg);
}

struct parcels *
parcels_new(struct event_base *base, struct redis_pool *pool, unsigned nstreams)
{
	struct parcels *p = mem_new(sizeof(*p), "parcels");

	p->pool = pool;
	p->at_once = nstreams;
	p->end = &p->first;
	p->send = timer_new(base, on_send, p);
	buf_init(&p->bytes, PARCEL_BYTES_MAX);
	return p;
}

void
parcels_free(struct parcels *p)
{
	if (p == NULL)
		return;
	p->pool = NULL;
	p->under_way = 0;
	send_some(p);
	event_free(p->send);
	buf_fini(&p->bytes);
	free(p);
}

bool
parcels_add(struct parcels *p, struct parcel_part *part, struct str encoded,
    redis_added *added, void *arg)
{
	if (p->nwaiting == PARCELS_WAITING_MAX || !redis_pool_is_ready(p->pool))
		return false;
	if (!evtimer_pending(p->send, NULL))
		timer_in(p->send, 0);
	*part = (struct parcel_part){ p, NULL, encoded, added, arg };
	*p->end = part;
	p->end = &part->next;
	p->nwaiting++;
	return true;
}
