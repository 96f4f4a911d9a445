/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/faults.h"

/* Finds the place for the next fault.  When all places are taken, the last
 * place is used again. */
static struct err *
faults_next(struct faults *f)
{
	if (f->n < FAULTS_MAX)
		f->n++;
	return &f->of[f->n - 1];
}

void
faults_add(struct faults *f, enum fault fault, const char *fmt, ...)
{
	struct err *e = faults_next(f);
	va_list ap;

	e->fault = fault;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
}

void
faults_add_err(struct faults *f, const struct err *e)
{
	*faults_next(f) = *e;
}

bool
faults_has(const struct faults *f, enum fault fault)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->of[i].fault == fault)
			return true;
	return false;
}

bool
faults_name(const struct faults *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->of[i].fault != FAULT_NONE &&
		    strstr(f->of[i].msg, name) != NULL)
			return true;
	return false;
}

bool
faults_stop(const struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->of[i].fault != FAULT_NONE)
			return true;
	return false;
}

const struct err *
faults_first(const struct faults *f)
{
	size_t i = 0;

	while (i < f->n && f->of[i].fault == FAULT_NONE)
		i++;
	assert(i < f->n);
	return &f->of[i];
}
