/* SPDX-License-Identifier: MIT */
#ifndef BASE_CC_H
#define BASE_CC_H

/* Names for attributes of the compiler. */

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK        __attribute__((warn_unused_result))
#define NORETURN          __attribute__((noreturn))

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

#endif /* BASE_CC_H */
