/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

int
err_set(struct err *e, enum fault fault, const char *fmt, ...)
{
	struct err made = { .fault = fault };
	va_list ap;

	/* Aside, since e->msg may be one of the arguments. */
	va_start(ap, fmt);
	(void)vsnprintf(made.msg, sizeof(made.msg), fmt, ap);
	va_end(ap);

	*e = made;
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	struct err made = { .fault = e->fault };
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(made.msg, sizeof(made.msg), fmt, ap);
	va_end(ap);

	/* What does not fit is the innermost end. */
	n = strlen(made.msg);
	(void)snprintf(made.msg + n, sizeof(made.msg) - n, ": %.*s",
	    (int)(sizeof(made.msg) - n), e->msg);

	*e = made;
	return -1;
}

void
err_add(struct err *e, const char *fmt, ...)
{
	size_t n = strlen(e->msg);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(e->msg + n, sizeof(e->msg) - n, fmt, ap);
	va_end(ap);
}
