/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/config/internal.h"
#include "base/instant.h"
#include "base/near.h"

/* line: reads the command line: words, options that are settings, and the
 * command's own options. */

/* An option as it was given: "--name value" or "--name=value". */
struct given_option {
	struct str name;
	const char *value; /* NULL: none */
	bool joined;       /* written as "--name=value" */
};

static bool
is_option(const char *word)
{
	return strncmp(word, "--", 2) == 0;
}

/* Splits an option into name and value.  The next word is the value, unless
 * that word looks like an option, too.  A value that looks like an option has
 * to be joined to the name by an equals sign. */
static struct given_option
given_read(const char *word, const char *next)
{
	size_t n = strcspn(word, "=");
	struct given_option g = { .name = { word, n },
		.joined = word[n] == '=' };

	if (g.joined)
		g.value = word + n + 1;
	else if (next != NULL && !is_option(next))
		g.value = next;
	return g;
}

static bool
is_help(struct str option)
{
	return str_eq(option, STR("--help")) || str_eq(option, STR("-h"));
}

static const struct option_spec *
spec_find(const struct option_spec *specs, struct str name)
{
	for (; specs != NULL && specs->name != NULL; specs++)
		if (str_eq(str_of(specs->name), name))
			return specs;
	return NULL;
}

static int
spec_put_number(const struct option_spec *o, const char *value, struct err *e)
{
	int64_t n, least = o->or_none ? 0 : 1;
	int64_t most = o->most > 0 ? o->most : INT64_MAX;

	if (str_int64(str_of(value), &n) == 0 && n >= least && n <= most) {
		*o->number = n;
		return 0;
	}
	if (o->most == 0)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be a number from %" PRId64 " on",
		    o->name, value, least);
	return err_set(e, FAULT_FATAL,
	    "%s is \"%s\": it must be a number from %" PRId64 " to %" PRId64,
	    o->name, value, least, o->most);
}

void
option_words(const struct option_spec *o, char out[OPTION_WORDS_MAX])
{
	size_t n = 0;

	out[0] = '\0';
	for (const char *const *w = o->one_of; *w != NULL; w++) {
		n += (size_t)snprintf(out + n, OPTION_WORDS_MAX - n, "%s%s",
		    w == o->one_of ? "" : ", ", *w);
		assert(n < OPTION_WORDS_MAX);
	}
}

static int
spec_put_text(const struct option_spec *o, const char *value, struct err *e)
{
	char words[OPTION_WORDS_MAX];

	if (*value == '\0')
		return err_set(e, FAULT_FATAL, "%s is empty", o->name);
	*o->text = value;
	if (o->one_of == NULL)
		return 0;
	for (const char *const *w = o->one_of; *w != NULL; w++)
		if (strcmp(*w, value) == 0)
			return 0;
	option_words(o, words);
	return err_set(e, FAULT_FATAL, "%s is \"%s\": it must be one of %s",
	    o->name, value, words);
}

/* Stores the option's value.  Only a flag can come without a value:
 * option_read() has refused all other options without a value. */
static int
spec_put(const struct option_spec *o, const char *value, struct err *e)
{
	if (o->flag != NULL)
		*o->flag = true;
	else if (o->number != NULL)
		return spec_put_number(o, value, e);
	else if (o->text != NULL)
		return spec_put_text(o, value, e);
	else if (instant_parse(str_of(value), o->instant) == -1)
		return err_set(e, FAULT_FATAL,
		    "%s is \"%s\": it must be a time like "
		    "2026-11-22T06:24:45Z",
		    o->name, value);
	return 0;
}

/* ---- the line ------------------------------------------------------------ */

static int
seen_add(uint64_t *seen, size_t i, const struct given_option *g, struct err *e)
{
	assert(i < CONFIG_BITS_MAX);
	if ((*seen >> i & 1) != 0)
		return err_set(e, FAULT_FATAL, "%.*s is given twice",
		    (int)g->name.len, g->name.data);
	*seen |= UINT64_C(1) << i;
	return 0;
}

static int
unknown_option(const struct option_spec *specs, bool with_settings,
    const struct given_option *g, struct err *e)
{
	char option[OPTION_MAX], meant[NEAR_TEXT_MAX];
	struct near n;

	near_init(&n, g->name);
	for (; specs != NULL && specs->name != NULL; specs++)
		near_offer(&n, specs->name);
	for (const struct setting *s = settings;
	     with_settings && s->env != NULL; s++) {
		setting_option(s, option);
		near_offer(&n, option);
	}
	near_text(&n, meant);
	return err_set(e, FAULT_FATAL, "there is no option %.*s%s",
	    (int)g->name.len, g->name.data, meant);
}

/* Reports a wrong value.  The rest of the line can still be read. */
static void
value_wrong(struct command_line *l, bool is_setting, const struct err *e)
{
	struct config_reading *r = l->reading;

	faults_add(&r->faults, FAULT_REJECT, "%s: %s", r->argv[0], e->msg);
	l->makes_sense = l->makes_sense && is_setting;
}

/* Reads an option.  Returns 1 if its value was the next word, else 0; -1 if the
 * meaning of the rest of the line is unknown. */
static int
option_read(struct command_line *l, const struct given_option *g, struct err *e)
{
	const struct option_spec *specs = l->reading->options;
	const struct option_spec *o = spec_find(specs, g->name);
	const struct setting *s = l->config != NULL && o == NULL
	                              ? setting_find(g->name)
	                              : NULL;
	bool flag = (o != NULL && o->flag != NULL) || is_help(g->name);
	int len = (int)g->name.len, rc;

	if (flag && g->joined)
		return err_set(
		    e, FAULT_FATAL, "%.*s takes no value", len, g->name.data);
	if (o == NULL && s == NULL)
		return unknown_option(specs, l->config != NULL, g, e);
	if (!flag && g->value == NULL)
		return err_set(
		    e, FAULT_FATAL, "%.*s wants a value", len, g->name.data);

	rc = o != NULL
	         ? seen_add(&l->seen.specs, (size_t)(o - specs), g, e)
	         : seen_add(&l->seen.settings, (size_t)(s - settings), g, e);
	if (rc == -1)
		return -1;
	rc = o != NULL
	         ? spec_put(o, g->value, e)
	         : setting_put(l->config, l->reading->judge, s, g->value, e);
	if (rc == -1)
		value_wrong(l, s != NULL, e);
	return !flag && !g->joined;
}

/* Names all missing options in one sentence. */
static int
required_check(const struct option_spec *specs, const struct seen *seen,
    const char *command, struct err *e)
{
	size_t missing = 0;

	for (const struct option_spec *o = specs; o != NULL && o->name != NULL;
	     o++) {
		if (!o->required || (seen->specs >> (o - specs) & 1) != 0)
			continue;
		if (missing++ == 0)
			(void)err_set(e, FAULT_FATAL, "%s wants %s %s", command,
			    o->name, o->value);
		else
			err_add(e, ", %s %s", o->name, o->value);
	}
	return missing == 0 ? 0 : -1;
}

static bool
is_given(
    const struct option_spec *specs, const struct seen *seen, const char *name)
{
	const struct option_spec *o = spec_find(specs, str_of(name));

	assert(o != NULL);
	return (seen->specs >> (o - specs) & 1) != 0;
}

/* Refuses an option that is given without the option it goes with. */
static int
with_check(const struct option_spec *specs, const struct seen *seen,
    const char *command, struct err *e)
{
	for (const struct option_spec *o = specs; o != NULL && o->name != NULL;
	     o++)
		if (o->with != NULL && is_given(specs, seen, o->name) &&
		    !is_given(specs, seen, o->with))
			return err_set(e, FAULT_FATAL,
			    "%s: %s goes with %s only", command, o->name,
			    o->with);
	return 0;
}

int
line_read(struct command_line *l, struct err *e)
{
	struct config_reading *r = l->reading;
	int most = r->words == NULL ? 0 : r->nwords;

	r->nwords = 0;
	for (int i = 1; i < r->argc; i++) {
		char *word = r->argv[i];
		const char *next = i + 1 < r->argc ? r->argv[i + 1] : NULL;
		struct given_option g = given_read(word, next);
		int rc;

		if (word[0] == '\0')
			return err_set(e, FAULT_REJECT,
			    "%s: a word is empty: is a variable not set?",
			    r->argv[0]);
		if (word[0] != '-' || word[1] == '\0') {
			if (r->nwords == most)
				return err_set(e, FAULT_REJECT,
				    "%s: \"%s\" is one word too many",
				    r->argv[0], word);
			r->words[r->nwords++] = word;
			continue;
		}
		rc = option_read(l, &g, e);
		if (rc == -1)
			return err_wrap(e, "%s", r->argv[0]);
		i += rc;
	}
	if (required_check(r->options, &l->seen, r->argv[0], e) == -1)
		return -1;
	return with_check(r->options, &l->seen, r->argv[0], e);
}

const char *
line_file(const struct config_reading *r)
{
	for (int i = 1; i < r->argc; i++) {
		const char *next = i + 1 < r->argc ? r->argv[i + 1] : NULL;
		struct given_option g = given_read(r->argv[i], next);

		if (str_eq(g.name, STR("--env-file")))
			return g.value;
	}
	return NULL;
}

bool
config_asks_help(const struct option_spec *specs, int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		struct given_option g = given_read(argv[i], next);
		const struct option_spec *o = spec_find(specs, g.name);

		if (!g.joined && is_help(g.name))
			return true;
		if (!g.joined && g.value != NULL &&
		    (o != NULL ? o->flag == NULL
		               : setting_find(g.name) != NULL))
			i++;
	}
	return false;
}
