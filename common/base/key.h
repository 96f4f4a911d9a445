/* SPDX-License-Identifier: MIT */
#ifndef BASE_KEY_H
#define BASE_KEY_H

#include <stdint.h>

/*
 * key: the master key, which encrypts what stores entrust to us.  It lives
 * on the lowest floor because io/key_file.h reads it and wire/sign.h uses
 * it, and neither may know the other.
 */

enum {
	MASTER_KEY_SIZE = 32, /* AES-256 */
};

struct master_key {
	uint8_t bytes[MASTER_KEY_SIZE];
};

#endif /* BASE_KEY_H */
