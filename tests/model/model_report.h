/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/program.h"

#include "history.h"
#include "model.h"
#include "slow.h"
#include "spec.h"

/*
 * model_report: the memory of a case, and the report of a case that fails.
 */

struct model {
	struct spec spec, second; /* `second`: the later version */
	struct buf file, second_file;
	struct program programs[2];
	struct history history;
	struct arena life;    /* memory of the program and the history */
	struct arena work;    /* memory of one run of all properties */
	struct arena scratch; /* memory of one fold */
	struct slow slow;
	uint64_t shuffle; /* seed of the random orders of arrival */
	bool catches;     /* reports signals as failures */
};

/* Renders the property that fails, the programs, the history, and `why`. */
void report_case(
    const struct model *, enum property, const struct buf *why, struct buf *);
