/* SPDX-License-Identifier: MIT */
#ifndef CORE_REASON_H
#define CORE_REASON_H

/*
 * reason: why an order has the points it has; the words and sentences are
 * core/reason.def.
 */

enum reason {
#define REASON(name, text, sentence) REASON_##name,
#include "core/reason.def"
#undef REASON
};

const char *reason_text(enum reason); /* "earned" */

#endif /* CORE_REASON_H */
