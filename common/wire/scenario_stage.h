/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SCENARIO_STAGE_H
#define WIRE_SCENARIO_STAGE_H

#include "wire/scenario_parts.h"

/* scenario_stage: a test at work; what the files that run one share. */

struct stage {
	const struct scenario *scenario;
	const struct program *program;
	const char *file;
	struct buf *out;
	struct arena arena;   /* of all steps */
	struct arena scratch; /* of one */
	struct fact *facts;   /* by fact_compare() */
	size_t nfacts;

	/* Of the step at work. */
	const struct step *step;
	size_t nth; /* from 1 */
	struct era era;
	struct timeline timeline;
	struct fold fold;
	struct quote quote;
	const char *refused; /* why what it tells was; NULL: it was not */
	size_t differences;
};

/* Of scenario_check.c: what the step at work expects, and does not find. */
void stage_check(struct stage *);

#endif /* WIRE_SCENARIO_STAGE_H */
