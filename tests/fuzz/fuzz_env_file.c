/* SPDX-License-Identifier: MIT */
/*
 * fuzz_env_file: checks that any text, read as a file of settings, gives names
 * that are well formed and different, and values that are pieces of the text.
 * Names and values that are written once more, in quotes, must be read as the
 * same, unless the value has quotes itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/env_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void
check_line(const struct env_file *f, const struct env_line *l, struct str text)
{
	size_t n = strlen(l->name);

	CHECK(n > 0 && strspn(l->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                               "abcdefghijklmnopqrstuvwxyz"
	                               "0123456789_") == n);
	CHECK(l->name[0] < '0' || l->name[0] > '9');
	CHECK(l->line > 0 && strchr(l->value, '\n') == NULL);
	CHECK(memmem(text.data, text.len, l->value, strlen(l->value)) != NULL);
	CHECK(env_file_find(f, l->name) == l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct faults faults = { 0 }, none = { 0 };
	struct env_file f, again;
	struct arena a;
	struct buf b;

	if (size > ENV_FILE_MAX)
		return 0;
	arena_init(&a);
	buf_init(&b, 4 * ENV_FILE_MAX);
	env_file_parse(&a, "file", text, &f, &faults);
	CHECK(f.n <= ENV_LINES_MAX);
	for (size_t i = 0; i < f.n; i++) {
		check_line(&f, &f.lines[i], text);
		/* A value that has a single quote is written in double
		 * quotes. */
		buf_printf(&b,
		    strchr(f.lines[i].value, '\'') == NULL ? "%s='%s'\n"
		                                           : "%s=\"%s\"\n",
		    f.lines[i].name, f.lines[i].value);
	}
	env_file_parse(
	    &a, "again", (struct str){ b.data, b.len }, &again, &none);
	for (size_t i = 0; i < f.n; i++) {
		const struct env_line *l = env_file_find(
		    &again, f.lines[i].name);

		if (strpbrk(f.lines[i].value, "'\"") != NULL)
			continue;
		CHECK(l != NULL && strcmp(l->value, f.lines[i].value) == 0);
	}
	buf_fini(&b);
	arena_fini(&a);
	return 0;
}
