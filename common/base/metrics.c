/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cc.h"
#include "base/metrics.h"

struct metrics metrics;

static const struct {
	const int64_t *value;
	const char *type;
	const char *name;
	const char *help;
} table[] = {
#define COUNTER                         "counter"
#define GAUGE                           "gauge"
#define METRIC(field, type, name, help) { &metrics.field, type, name, help },
#include "base/metrics.def"
#undef METRIC
};

static bool
is_wanted(const char *const prefixes[], const char *name)
{
	for (; *prefixes != NULL; prefixes++)
		if (strncmp(*prefixes, name, strlen(*prefixes)) == 0)
			return true;
	return false;
}

void
metrics_render(const char *const prefixes[], struct buf *b)
{
	for (size_t i = 0; i < NITEMS(table); i++) {
		int base = (int)strcspn(table[i].name, "{");

		if (!is_wanted(prefixes, table[i].name))
			continue;
		/* One family, one head: later rows of it have no help. */
		if (table[i].help[0] != '\0')
			buf_printf(b, "# HELP %.*s %s\n# TYPE %.*s %s\n", base,
			    table[i].name, table[i].help, base, table[i].name,
			    table[i].type);
		buf_printf(
		    b, "%s %lld\n", table[i].name, (long long)*table[i].value);
	}
}
