/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum {
	WORD_MAX = 64, /* a word with more bytes may be cut in two */
};

/* Writes a formatted sentence into the message, from byte `at` on.  If the
 * sentence does not fit, "..." replaces the words at its end. */
PRINTF(3, 0)
static void
put(struct err *e, size_t at, const char *fmt, va_list ap)
{
	static const char cut[] = " ...";
	size_t room = sizeof(e->msg) - at, end = sizeof(e->msg) - sizeof(cut);
	int len = vsnprintf(e->msg + at, room, fmt, ap);

	if (len < 0 || (size_t)len < room)
		return;
	for (size_t i = end; i > at && i > end - WORD_MAX; i--)
		if (e->msg[i] == ' ') {
			end = i;
			break;
		}
	memcpy(e->msg + end, cut, sizeof(cut));
}

int
err_set(struct err *e, enum fault fault, const char *fmt, ...)
{
	struct err made = { .fault = fault };
	va_list ap;

	/* Prints into a copy, since e->msg may be one of the arguments. */
	va_start(ap, fmt);
	put(&made, 0, fmt, ap);
	va_end(ap);

	*e = made;
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	struct err made = { .fault = e->fault };
	va_list ap;

	va_start(ap, fmt);
	put(&made, 0, fmt, ap);
	va_end(ap);
	/* e->msg comes last: if not everything fits, the innermost message is
	 * cut. */
	err_add(&made, ": %s", e->msg);
	*e = made;
	return -1;
}

void
err_add(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(e, strlen(e->msg), fmt, ap);
	va_end(ap);
}
