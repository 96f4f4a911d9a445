/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/near.h"

enum {
	FAR = NEAR_WORD_MAX,
	PART_MIN = 3, /* least letters that is_part() looks for */
};

/* Removes the dashes before the name of an option. */
static struct str
bare(struct str s)
{
	while (s.len > 0 && *s.data == '-') {
		s.data++;
		s.len--;
	}
	return s;
}

/* Whether two letters are the same, small or capital. */
static bool
is_same(char a, char b)
{
	return str_eq_nocase((struct str){ &a, 1 }, (struct str){ &b, 1 });
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Counts letters that differ, are missing, are too many, or changed places with
 * their neighbour (the optimal string alignment distance). */
static size_t
distance(struct str a, struct str b)
{
	size_t rows[3][NEAR_WORD_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = rows[i % 3], *last = rows[(i - 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = is_same(a.data[i - 1], b.data[j - 1]);

			now[j] = least(last[j - 1] + !same,
			    least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
			    a.data[i - 2] == b.data[j - 1])
				now[j] = least(
				    now[j], rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

/* Whether one of the words inside `whole` begins with `part`. */
static bool
is_part(struct str part, struct str whole)
{
	const char *at;

	if (part.len < PART_MIN || part.len > whole.len)
		return false;
	at = memmem(whole.data, whole.len, part.data, part.len);
	return at != NULL &&
	       (at == whole.data || at[-1] == '-' || at[-1] == '_');
}

void
near_init(struct near *n, struct str typed)
{
	*n = (struct near){ .typed = typed, .away = FAR };
}

void
near_offer(struct near *n, const char *word)
{
	struct str typed = bare(n->typed), other = bare(str_of(word));
	size_t away;

	if (strlen(word) >= NEAR_WORD_MAX || typed.len >= NEAR_WORD_MAX)
		return;
	away = distance(typed, other);
	/* A third of the letters may be wrong.  If one word is a part of the
	 * other, more letters may be missing, but a word with fewer missing
	 * letters is nearer. */
	if (away > (typed.len + 2) / 3 && !is_part(typed, other) &&
	    !is_part(other, typed))
		return;
	if (away >= n->away)
		return;
	n->away = away;
	(void)snprintf(n->word, sizeof(n->word), "%s", word);
}

void
near_text(const struct near *n, char text[NEAR_TEXT_MAX])
{
	text[0] = '\0';
	if (n->word[0] != '\0')
		(void)snprintf(
		    text, NEAR_TEXT_MAX, " (did you mean %s?)", n->word);
}
