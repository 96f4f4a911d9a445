/* SPDX-License-Identifier: MIT */
#pragma once

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/cc.h"
#include "wire/node.h"
#include "wire/program/program.h"

/*
 * program_file: functions shared by the tests of the program language. In the
 * texts of these tests ' stands for ", and ` for the end of a line.
 */

static inline struct str
quoted(const char *text)
{
	char *s = arena_strdup(&arena, text);

	for (char *p = s; *p != '\0'; p++) {
		if (*p == '\'')
			*p = '"';
		if (*p == '`')
			*p = '\n';
	}
	return str_of(s);
}

static inline int
parse_in(int exponent, struct str text, struct program *p, struct err *e)
{
	struct program_setting set = { .currency = "EUR",
		.exponent = exponent };

	return program_parse(&arena, text, &set, p, e);
}

/* Reads a file that must have no fault. */
static inline struct program
parsed(const char *text)
{
	struct program p = { .pending_days = 4711 };
	struct err e;

	if (parse_in(2, quoted(text), &p, &e) == -1)
		fail_msg("%s\nis refused: %s", text, e.msg);
	return p;
}

struct refused {
	const char *text, *sentence;
};

/* Returns the messages of all faults without the warnings, each on a line. */
static inline const char *
sentences_of(const struct faults *f)
{
	const char *all = "";

	for (size_t i = 0; i < f->n; i++)
		if (f->of[i].fault != FAULT_NONE)
			all = arena_printf(&arena, "%s%s%s", all,
			    all[0] != '\0' ? "\n" : "", f->of[i].msg);
	return all;
}

/* Returns the messages of all faults of a file. */
static inline const char *
faults_of(const char *text)
{
	static const struct program_setting set = { .currency = "EUR",
		.exponent = 2 };
	struct node_file file;
	struct program p;
	struct node n;

	if (node_parse(quoted(text), &file, &n) == 0) {
		if (program_of(&arena, &n, &set, &p) == -1)
			assert_true(node_is_wrong(&n));
		node_free(&n);
	}
	return sentences_of(&file.faults);
}

/* Checks that each text is refused with exactly the expected message, and
 * that no program is returned. */
static inline void
assert_refused(const struct refused *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct program p = { .pending_days = 4711 };
		struct err e = { .msg = "was taken" };
		int rc = parse_in(2, quoted(list[i].text), &p, &e);
		const char *said = faults_of(list[i].text);

		if (rc != -1 || strcmp(said, list[i].sentence) != 0)
			fail_msg("%s\nis refused with: %s\nnot with: %s",
			    list[i].text, said, list[i].sentence);
		assert_int_equal(strncmp(e.msg, said, strlen(e.msg)), 0);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_int_equal(p.pending_days, 4711);
	}
}

enum {
	FILE_TEXT_MAX = 131072
};

static inline struct str
file_read(const char *path)
{
	char *text = arena_alloc(&arena, FILE_TEXT_MAX);
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, FILE_TEXT_MAX, f);
	assert_true(n < FILE_TEXT_MAX);
	text[n] = '\0';
	(void)fclose(f);
	return (struct str){ text, n };
}

/* Checks each template of deploy/programs; returns how many there are. */
static inline size_t
templates_check(void (*check)(const char *path))
{
	glob_t found;
	size_t n = 0;

	assert_int_equal(glob("deploy/programs/*.json", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (strstr(found.gl_pathv[i], "schema") != NULL)
			continue;
		check(found.gl_pathv[i]);
		n++;
	}
	globfree(&found);
	return n;
}

static const struct program_setting in_dollars = { .currency = "USD",
	.exponent = 2 };

static inline struct program
parsed_in_dollars(struct str text)
{
	struct program p;
	struct err e;

	if (program_parse(&arena, text, &in_dollars, &p, &e) == -1)
		fail_msg("%s\nis refused: %s", text.data, e.msg);
	return p;
}

static inline struct program
parsed_file(const char *path, int exponent)
{
	struct program p;
	struct err e;

	if (parse_in(exponent, file_read(path), &p, &e) == -1)
		fail_msg("%s: %s", path, e.msg);
	return p;
}

static inline void
assert_awards(
    const struct program *p, enum platform platform, const char *const words[])
{
	size_t n = 0;

	for (; words[n] != NULL; n++)
		assert_string_equal(p->award[platform].list[n], words[n]);
	assert_int_equal(p->award[platform].n, n);
}

static const char *const paid[] = { "paid", "partially_refunded", "refunded",
	NULL };

/* ---- files but for a part ------------------------------------------------ */

#define FILE(more) "{'name':'x'," more "}"
#define WITH(more) \
	FILE("'rules':[{'id':'a','on':'order','give':{'points':1}}]," more)
#define RULE(more)  FILE("'rules':[{'id':'a'," more "}]")
#define ORDER(more) RULE("'on':'order','give':{'points':1}," more)
#define EVENT(more) RULE("'on':'e','give':{'points':1}," more)
