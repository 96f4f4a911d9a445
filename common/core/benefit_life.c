/* SPDX-License-Identifier: MIT */
#include "core/benefit_life.h"

static enum benefit_act
next_wanted(const struct benefit_life *l)
{
	static const enum benefit_act segment[] = {
		[SEEN_NOT] = BENEFIT_SEGMENT_LOOK,
		[SEEN_ABSENT] = BENEFIT_SEGMENT_MAKE,
		[SEEN_OTHER] = BENEFIT_SEGMENT_CHANGE,
		[SEEN_CHANGED] = BENEFIT_SEGMENT_CHANGE,
		[SEEN_RIGHT] = BENEFIT_NOTHING,
	};
	static const enum benefit_act discount[] = {
		[SEEN_NOT] = BENEFIT_LOOK,
		[SEEN_ABSENT] = BENEFIT_MAKE,
		[SEEN_OTHER] = BENEFIT_REMOVE,
		[SEEN_CHANGED] = BENEFIT_CHANGE,
		[SEEN_RIGHT] = BENEFIT_NOTHING,
	};

	if (l->segment != SEEN_RIGHT)
		return segment[l->segment];
	return discount[l->discount];
}

/* The discount goes first, since it has the segment. */
static enum benefit_act
next_unwanted(const struct benefit_life *l)
{
	if (l->discount == SEEN_NOT)
		return BENEFIT_LOOK;
	if (l->discount != SEEN_ABSENT)
		return BENEFIT_REMOVE;
	if (l->segment == SEEN_NOT)
		return BENEFIT_SEGMENT_LOOK;
	return l->segment == SEEN_ABSENT ? BENEFIT_NOTHING
	                                 : BENEFIT_SEGMENT_REMOVE;
}

enum benefit_act
benefit_next(const struct benefit_life *l)
{
	return l->wanted ? next_wanted(l) : next_unwanted(l);
}

bool
benefit_writes(enum benefit_act act)
{
	return act != BENEFIT_NOTHING && act != BENEFIT_LOOK &&
	       act != BENEFIT_SEGMENT_LOOK;
}

void
benefit_done(struct benefit_life *l, enum benefit_act act)
{
	if (act == BENEFIT_SEGMENT_MAKE || act == BENEFIT_SEGMENT_CHANGE)
		l->segment = SEEN_RIGHT;
	else if (act == BENEFIT_SEGMENT_REMOVE)
		l->segment = SEEN_ABSENT;
	else if (act == BENEFIT_MAKE || act == BENEFIT_CHANGE)
		l->discount = SEEN_RIGHT;
	else if (act == BENEFIT_REMOVE)
		l->discount = SEEN_ABSENT;
}
