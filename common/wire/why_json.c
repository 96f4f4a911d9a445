/* SPDX-License-Identifier: MIT */
#include "wire/why_json.h"

enum {
	TEXT_MAX =
	    255, /* bytes of the longest text: a reason, a rule, a rate */
};

/* The words by which program files name the windows, in the sequence of enum
 * window. */
static const char *const windows[] = { "", "line", "order", "day", "month",
	"quarter", "year", "tier_year", "lifetime", NULL };

#define TEXT(name)   RECORD_OF_TEXT(struct why, name, TEXT_MAX)
#define NUMBER(name) RECORD_OF_NUMBER(struct why, name, INT64_MIN, INT64_MAX)

const struct record_field why_fields[] = {
	TEXT(reason),
	TEXT(rule),
	NUMBER(base),
	NUMBER(base_left),
	TEXT(currency),
	TEXT(rate),
	NUMBER(foreign),
	NUMBER(units),
	NUMBER(per),
	NUMBER(factor),
	RECORD(struct why, multipliers, .kind = RECORD_TEXTS,
	    .most = WHY_MULTIPLIERS_MAX, .size = TEXT_MAX + 1,
	    .count_offset = offsetof(struct why, nmultipliers)),
	TEXT(tier),
	RECORD(struct why, over, .kind = RECORD_WORD, .words = windows),
	NUMBER(window_from),
	NUMBER(sum_before),
	NUMBER(sum_after),
	NUMBER(boosted),
	NUMBER(whole),
	NUMBER(given_before),
	NUMBER(given_after),
	NUMBER(uncapped),
	NUMBER(limit),
	NUMBER(passed),
	NUMBER(bonus),
	{ .key = NULL },
};

void
why_write(struct jsonw *w, const char *key, const struct why *why)
{
	record_write(w, key, why_fields, why);
}

struct str
why_kept(struct arena *a, const struct why *why)
{
	return why == NULL ? (struct str){ 0 }
	                   : record_render(a, why_fields, why, WHY_JSON_MAX);
}

struct str
why_pack(struct arena *a, const struct why *why)
{
	struct buf b;
	struct str s;
	char *text;

	if (why == NULL)
		return (struct str){ 0 };
	buf_init(&b, WHY_JSON_MAX);
	if (record_put(&b, why_fields, why) == -1) {
		s = why_kept(a, why);
	} else {
		text = arena_alloc(a, (b.len + 2) / 3 * 4 + 1);
		base64url_encode((const uint8_t *)b.data, b.len, text);
		s = str_of(text);
	}
	buf_fini(&b);
	return s;
}

/* Reads what why_pack() writes. */
static int
unpack(struct arena *a, struct str s, struct why *why)
{
	uint8_t *bytes = arena_alloc(a, s.len + 1);
	long n = base64url_decode(s, bytes, s.len);

	return n <= 0 ? -1
	              : record_get(a, (struct str){ (char *)bytes, (size_t)n },
	                    why_fields, why);
}

int
why_parse(struct arena *a, struct str s, struct why *out, struct err *e)
{
	char wrong[RECORD_WRONG_MAX] = "";
	struct why why = { .reason = NULL };
	bool is_json = s.len > 0 && s.data[0] == '{';

	if ((is_json ? record_parse(a, s, why_fields, &why, wrong)
	             : unpack(a, s, &why)) == -1)
		return err_set(e, FAULT_FATAL,
		    "an entry's why is not what this version of loyald "
		    "writes%s%s",
		    wrong[0] != '\0' ? ": " : "", wrong);
	*out = why;
	return 0;
}
