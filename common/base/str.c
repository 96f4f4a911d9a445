/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/str.h"

static const char base64_std
    [] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url
    [] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str
str_of(const char *s)
{
	return (struct str){ s ? s : "", s ? strlen(s) : 0 };
}

bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n > 0 ? memcmp(a.data, b.data, n) : 0;

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

struct str
str_trim(struct str s)
{
	for (; s.len > 0 && (*s.data == ' ' || *s.data == '\t'); s.len--)
		s.data++;
	while (s.len > 0 &&
	       (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

char
str_lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	return c;
}

/* Does without strncasecmp(), which stops at a zero byte and depends on the
 * locale. */
bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (str_lower(a.data[i]) != str_lower(b.data[i]))
			return false;
	return true;
}

int
str_int64(struct str s, int64_t *out)
{
	bool negative = false;
	int64_t n = 0;
	size_t i = 0;

	if (s.len > 0 && (s.data[0] == '-' || s.data[0] == '+'))
		negative = s.data[i++] == '-';
	if (i == s.len)
		return -1;
	for (; i < s.len; i++) {
		int digit = s.data[i] - '0';

		/* Builds a negative number, since INT64_MIN has no positive
		 * counterpart. */
		if (digit < 0 || digit > 9 ||
		    __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, digit, &n))
			return -1;
	}
	if (!negative && n == INT64_MIN)
		return -1;
	*out = negative ? n : -n;
	return 0;
}

bool
words_have(const struct words *w, const char *word)
{
	/* Compares the first letters before calling strcmp(): most words differ
	 * there, and the calls took most of the time of decide(). */
	for (size_t i = 0; i < w->n; i++)
		if (w->list[i][0] == word[0] && strcmp(w->list[i], word) == 0)
			return true;
	return false;
}

bool
words_common(const struct words *a, const struct words *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (words_have(b, a->list[i]))
			return true;
	return false;
}

/* Decodes base64 text without padding.  Returns the number of bytes, or -1. */
static long
decode(struct str s, const char *alphabet, uint8_t *out, size_t max)
{
	uint32_t bits = 0;
	int nbits = 0;
	size_t n = 0;

	if (s.len % 4 == 1)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		const char *p = memchr(alphabet, s.data[i], 64);

		if (p == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(p - alphabet);
		nbits += 6;
		if (nbits < 8)
			continue;
		nbits -= 8;
		if (n == max)
			return -1;
		out[n++] = (uint8_t)(bits >> nbits);
		bits &= (1U << nbits) - 1;
	}
	/* Unused bits must be zero, so that the same bytes have only one
	 * spelling. */
	return bits == 0 ? (long)n : -1;
}

int
base64_decode(struct str s, uint8_t *out, size_t n)
{
	size_t padding = (3 - n % 3) % 3;

	if (s.len != (n + 2) / 3 * 4)
		return -1;
	for (size_t i = 0; i < padding; i++)
		if (s.data[--s.len] != '=')
			return -1;
	return decode(s, base64_std, out, n) == (long)n ? 0 : -1;
}

long
base64url_decode(struct str s, uint8_t *out, size_t max)
{
	return decode(s, base64_url, out, max);
}

static size_t
encode(const uint8_t *p, size_t n, const char *alphabet, char *out)
{
	uint32_t bits = 0;
	int nbits = 0;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (nbits += 8; nbits >= 6; nbits -= 6)
			out[len++] = alphabet[bits >> (nbits - 6) & 63];
	}
	if (nbits > 0)
		out[len++] = alphabet[bits << (6 - nbits) & 63];
	out[len] = '\0';
	return len;
}

void
base64_encode(const uint8_t *p, size_t n, char *out)
{
	size_t len = encode(p, n, base64_std, out);

	while (len % 4 != 0)
		out[len++] = '=';
	out[len] = '\0';
}

void
base64url_encode(const uint8_t *p, size_t n, char *out)
{
	(void)encode(p, n, base64_url, out);
}

void
hex_encode(const uint8_t *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[p[i] >> 4];
		*out++ = "0123456789abcdef"[p[i] & 15];
	}
	*out = '\0';
}

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(struct str s, uint8_t *out, size_t n)
{
	if (s.len != 2 * n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(s.data[2 * i]);
		int low = hex_digit(s.data[2 * i + 1]);

		if (high == -1 || low == -1)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
