/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

int
err_set(struct err *e, enum fault fault, const char *fmt, ...)
{
	va_list ap;

	e->fault = fault;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);

	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	struct err inner = *e;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);

	/* What does not fit is the innermost end; the log has the rest. */
	n = strlen(e->msg);
	(void)snprintf(e->msg + n, sizeof(e->msg) - n, ": %.*s",
	    (int)(sizeof(inner.msg) - n), inner.msg);

	return -1;
}

const char *
fault_name(enum fault fault)
{
	switch (fault) {
	case FAULT_NONE:
		return "none";
	case FAULT_RETRY:
		return "retry";
	case FAULT_REJECT:
		return "reject";
	case FAULT_FATAL:
		return "fatal";
	}
	return "unknown";
}
