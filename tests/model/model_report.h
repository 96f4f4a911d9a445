/* SPDX-License-Identifier: MIT */
#ifndef MODEL_MODEL_REPORT_H
#define MODEL_MODEL_REPORT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/program.h"

#include "history.h"
#include "model.h"
#include "slow.h"
#include "spec.h"

/*
 * model_report: a case, and, if it fails, what a person can read of it.
 */

struct model {
	struct spec spec, second; /* in effect from the second era */
	struct buf file, second_file;
	struct program programs[2];
	struct history history;
	struct arena life;    /* the program and its history */
	struct arena work;    /* of one look at it */
	struct arena scratch; /* of one fold */
	struct slow slow;
	uint64_t shuffle;
	bool catches; /* signals */
};

/* The property that fails, the programs, what happened, and `why`. */
void report_case(
    const struct model *, enum property, const struct buf *why, struct buf *);

#endif /* MODEL_MODEL_REPORT_H */
