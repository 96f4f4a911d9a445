/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SCENARIO_STAGE_H
#define WIRE_SCENARIO_STAGE_H

#include "wire/scenario/internal.h"

/* scenario_stage: a test at work; what the files that run one share. */

/* Something that happened, and to whom. */
struct staged {
	struct fact fact;
	size_t member;
	const char *referral; /* the one it is a side of; NULL: of none */
	size_t friend;        /* of that */
};

/* A payment to a charity from one member's gifts. */
struct staged_payment {
	struct payout payout;
	size_t member;
};

/* The units that a member has of a limit of all members together. */
struct staged_use {
	const char *rule;
	size_t member;
	int64_t units;
};

struct stage {
	const struct scenario *scenario;
	const struct program *program; /* in effect */
	const char *file;
	struct buf *out;
	struct arena arena;   /* of all steps */
	struct arena scratch; /* of one */
	struct staged *facts; /* by fact_compare() */
	size_t nfacts;
	size_t is[MEMBERS_MAX]; /* who a member is, after merges */
	struct era *eras;
	size_t neras;
	struct staged_payment *payments;
	size_t npayments;
	struct staged_use *uses;
	size_t nuses, uses_room;

	/* Of the step at work. */
	const struct step *step;
	size_t nth;    /* in the file, from 1 */
	size_t member; /* whom it is about */
	struct timeline timeline;
	struct fold fold;
	struct quote quote;
	const char *refused; /* why what it tells was; NULL: it was not */
	size_t differences;
};

/* Find the other side of a referral, and judge which referrals count
 * (referral.c). */
bool staged_referred(struct stage *, const struct staged *, struct staged *);
void stage_judge(struct stage *);

/* Folds what the member of the step has at its time (stage.c). */
void stage_fold(struct stage *, size_t member);
void stage_program(struct stage *, const struct program *);
/* Makes one member of two. */
void stage_merge(struct stage *, size_t from, size_t into);
/* A charity is paid what everybody gave it; false: that is nothing. */
bool stage_pay(struct stage *, const char *charity);

/* Of check.c: what the step at work expects, and does not find. */
void stage_check(struct stage *);
/* The units owed to a charity from gifts of the member folded last. */
int64_t stage_owed(const struct stage *, const char *charity);

#endif /* WIRE_SCENARIO_STAGE_H */
