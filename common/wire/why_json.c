/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include <jansson.h>

#include "base/cc.h"
#include "base/jsonw.h"
#include "wire/why_json.h"

enum kind {
	KIND_NUMBER = 1, /* int64_t */
	KIND_TEXT,       /* const char * */
	KIND_WINDOW,     /* enum window, by its word */
	KIND_LIST,       /* texts; their number beside them */
};

static const struct part {
	const char *key;
	enum kind kind;
	size_t offset;
} parts[] = {
#define PART(name, kind)                                \
	{                                               \
#name, kind, offsetof(struct why, name) \
	}
	PART(reason, KIND_TEXT),
	PART(rule, KIND_TEXT),
	PART(base, KIND_NUMBER),
	PART(base_left, KIND_NUMBER),
	PART(currency, KIND_TEXT),
	PART(rate, KIND_TEXT),
	PART(foreign, KIND_NUMBER),
	PART(units, KIND_NUMBER),
	PART(per, KIND_NUMBER),
	PART(factor, KIND_NUMBER),
	PART(multipliers, KIND_LIST),
	PART(tier, KIND_TEXT),
	PART(over, KIND_WINDOW),
	PART(window_from, KIND_NUMBER),
	PART(sum_before, KIND_NUMBER),
	PART(sum_after, KIND_NUMBER),
	PART(boosted, KIND_NUMBER),
	PART(whole, KIND_NUMBER),
	PART(given_before, KIND_NUMBER),
	PART(given_after, KIND_NUMBER),
	PART(uncapped, KIND_NUMBER),
	PART(limit, KIND_NUMBER),
	PART(passed, KIND_NUMBER),
	PART(bonus, KIND_NUMBER),
#undef PART
};

/* As a program spells them. */
static const char *const windows[] = {
	[WINDOW_LINE] = "line",
	[WINDOW_ORDER] = "order",
	[WINDOW_DAY] = "day",
	[WINDOW_MONTH] = "month",
	[WINDOW_QUARTER] = "quarter",
	[WINDOW_YEAR] = "year",
	[WINDOW_TIER_YEAR] = "tier_year",
	[WINDOW_LIFETIME] = "lifetime",
};

/* ---- writing -------------------------------------------------------------- */

static void
put_list(struct jsonw *w, const struct part *p, const struct why *why)
{
	if (why->nmultipliers == 0)
		return;
	jsonw_array(w, p->key);
	for (size_t i = 0; i < why->nmultipliers; i++)
		jsonw_text(w, NULL, why->multipliers[i]);
	jsonw_array_end(w);
}

static void
put(struct jsonw *w, const struct part *p, const struct why *why)
{
	const char *place = (const char *)why + p->offset;
	const char *text;
	int64_t n;

	switch (p->kind) {
	case KIND_NUMBER:
		memcpy(&n, place, sizeof(n));
		if (n != 0)
			jsonw_int(w, p->key, n);
		break;
	case KIND_TEXT:
		memcpy(&text, place, sizeof(text));
		if (text != NULL)
			jsonw_text(w, p->key, text);
		break;
	case KIND_WINDOW:
		if (why->over != 0)
			jsonw_text(w, p->key, windows[why->over]);
		break;
	case KIND_LIST:
		put_list(w, p, why);
		break;
	}
}

void
why_write(struct jsonw *w, const char *key, const struct why *why)
{
	assert(why->nmultipliers <= WHY_MULTIPLIERS_MAX);
	jsonw_object(w, key);
	for (size_t i = 0; i < NITEMS(parts); i++)
		put(w, &parts[i], why);
	jsonw_object_end(w);
}

void
why_render(const struct why *why, struct buf *to)
{
	struct jsonw w;

	jsonw_init(&w, to);
	why_write(&w, NULL, why);
}

struct str
why_kept(struct arena *a, const struct why *why)
{
	struct str s = { 0 };
	struct buf b;

	if (why == NULL)
		return s;
	buf_init(&b, WHY_JSON_MAX);
	why_render(why, &b);
	s = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

/* ---- reading -------------------------------------------------------------- */

static int
get_window(const char *word, enum window *out)
{
	for (size_t i = WINDOW_LINE; i < NITEMS(windows); i++) {
		if (strcmp(windows[i], word) != 0)
			continue;
		*out = (enum window)i;
		return 0;
	}
	return -1;
}

static int
get_list(struct arena *a, const json_t *v, struct why *why)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v) || n == 0 || n > WHY_MULTIPLIERS_MAX)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(v, i);

		if (!json_is_string(item))
			return -1;
		why->multipliers[i] = arena_strdup(a, json_string_value(item));
	}
	why->nmultipliers = n;
	return 0;
}

static int
get(struct arena *a, const json_t *v, const struct part *p, struct why *why)
{
	char *place = (char *)why + p->offset;
	const char *text;
	int64_t n;

	switch (p->kind) {
	case KIND_NUMBER:
		n = json_integer_value(v);
		memcpy(place, &n, sizeof(n));
		return json_is_integer(v) ? 0 : -1;
	case KIND_TEXT:
		if (!json_is_string(v))
			return -1;
		text = arena_strdup(a, json_string_value(v));
		memcpy(place, &text, sizeof(text));
		return 0;
	case KIND_WINDOW:
		return json_is_string(v)
		           ? get_window(json_string_value(v), &why->over)
		           : -1;
	case KIND_LIST:
		return get_list(a, v, why);
	}
	return -1;
}

static const struct part *
part_of(const char *key)
{
	for (size_t i = 0; i < NITEMS(parts); i++)
		if (strcmp(parts[i].key, key) == 0)
			return &parts[i];
	return NULL;
}

int
why_parse(struct arena *a, struct str s, struct why *out, struct err *e)
{
	struct why why = { .reason = NULL };
	json_t *root = json_loadb(s.data, s.len, JSON_REJECT_DUPLICATES, NULL);
	const char *key = "", *wrong = NULL;
	int rc = json_is_object(root) ? 0 : -1;
	json_t *v;

	json_object_foreach(root, key, v)
	{
		const struct part *p = part_of(key);

		if (p == NULL || get(a, v, p, &why) == -1) {
			wrong = arena_strdup(a, key);
			rc = -1;
			break;
		}
	}
	json_decref(root);
	if (rc == -1)
		return err_set(e, FAULT_FATAL,
		    "an entry's why is not what this version of loyald "
		    "writes%s%.40s",
		    wrong != NULL ? ": " : "", wrong != NULL ? wrong : "");
	*out = why;
	return 0;
}
