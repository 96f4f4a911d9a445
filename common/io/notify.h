/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * notify: tells the service manager the state of this process, by the protocol
 * of sd_notify(3): a datagram to the socket that the environment variable
 * NOTIFY_SOCKET names.  Without the variable no function does anything.
 *
 * No call waits.  A text that could not be sent is sent again by the next call
 * of the same function.  A forked child sends nothing, since the manager
 * watches its parent.
 *
 * notify.c speaks the protocol itself, as sd_notify(3) advises programs that
 * need nothing else of libsystemd: libsystemd also reads journals and loads
 * other libraries to unpack journals, which is too much code for a process that
 * takes requests from outside.
 */

/* Reads the environment.  To be called once, before the process forks. */
void notify_init(void);

/* Says once that the process is ready; later calls say nothing. */
void notify_ready(void);
/* Sends a sentence for `systemctl status`, unless it is the last sentence
 * again. */
void notify_status(const char *sentence);
/* Says that the process is stopping.  Async-signal-safe. */
void notify_stopping(void);
