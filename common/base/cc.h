/* SPDX-License-Identifier: MIT */
#pragma once

/* Names for attributes of the compiler. */

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK        __attribute__((warn_unused_result))
#define NORETURN          __attribute__((noreturn))
#define SENTINEL          __attribute__((sentinel)) /* NULL ends the args */

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* HAS_ASAN is 1 in a build with AddressSanitizer, else 0.  gcc and clang say so
 * in different ways. */
#ifdef __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

/* Marks a large variable of a function that is called for each value of a body:
 * -ftrivial-auto-var-init does not zero the variable, so all that is read of it
 * must have been written. */
#if defined(__has_attribute) && __has_attribute(uninitialized)
#define NOT_ZEROED __attribute__((uninitialized))
#else
#define NOT_ZEROED
#endif
