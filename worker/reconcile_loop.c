/* SPDX-License-Identifier: MIT */
#include <event2/event.h>

#include "base/log.h"
#include "io/timer.h"
#include "reconcile_loop.h"

void
reconcile_fail(struct reconcile *r, const struct err *e)
{
	if (trouble_ends(&r->trouble, e) || r->once) {
		r->done = true;
		r->status = loop_end(e, EXIT_FATAL);
		(void)event_base_loopbreak(r->base);
		return;
	}
	trouble_is(&r->trouble, e, NULL);
	timer_in(r->timer, backoff_next(&r->backoff));
}
