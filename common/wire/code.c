/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/code.h"

enum {
	CHECKS = 2, /* symbols at the end */
	SYMBOL_BITS = 5,
	GROUP = 4,
	WHAT_MAX = 64 + 255, /* bytes: a redemption's key, and what is before */
};

static const char symbols[] = "23456789abcdefghjklmnpqrstuvwxyz";

/* Writes the two symbols that check the others. */
static void
check_write(const char *plain, char out[CHECKS])
{
	int64_t n = number_of_text(
	    (struct str){ plain, CODE_SYMBOLS - CHECKS });

	for (int i = 0; i < CHECKS; i++, n >>= SYMBOL_BITS)
		out[i] = symbols[n & ((1 << SYMBOL_BITS) - 1)];
}

void
reward_code(const struct master_key *key, int64_t store_id,
    const char *redemption, int32_t generation, char out[CODE_PLAIN_SIZE])
{
	char what[WHAT_MAX];
	uint8_t hash[HMAC_SIZE];
	int n = snprintf(what, sizeof(what), "reward %" PRId64 " %d %s",
	    store_id, (int)generation, redemption);

	code_hash(key, (struct str){ what, (size_t)n }, hash);
	for (int i = 0; i < CODE_SYMBOLS - CHECKS; i++)
		out[i] = symbols[hash[i] & ((1 << SYMBOL_BITS) - 1)];
	check_write(out, &out[CODE_SYMBOLS - CHECKS]);
	out[CODE_SYMBOLS] = '\0';
}

bool
code_read(struct str text, char out[CODE_PLAIN_SIZE])
{
	char check[CHECKS];
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = str_lower(text.data[i]);

		if (c == '-')
			continue;
		if (n == CODE_SYMBOLS || c == '\0' ||
		    strchr(symbols, c) == NULL)
			return false;
		out[n++] = c;
	}
	if (n != CODE_SYMBOLS)
		return false;
	out[n] = '\0';
	check_write(out, check);
	return memcmp(check, &out[n - CHECKS], CHECKS) == 0;
}

void
code_write(const char *plain, char out[CODE_SIZE])
{
	size_t n = 0;

	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		char c = plain[i];

		if (i > 0 && i % GROUP == 0)
			out[n++] = '-';
		out[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	out[n] = '\0';
}
