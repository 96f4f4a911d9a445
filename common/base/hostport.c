/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/hostport.h"
#include "base/str.h"

int
hostport_split(
    const char *text, char host[HOST_SIZE], char port[PORT_SIZE], struct err *e)
{
	const char *colon = strrchr(text, ':'), *name = text;
	int64_t number;
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);

	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		name++;
		n -= 2;
	} else if (n > 0 && memchr(text, ':', n) != NULL) {
		n = 0;
	}
	/* Checks the number, since getaddrinfo() silently takes 99999 for port
	 * 34463. */
	if (n == 0 || n >= HOST_SIZE || colon[1] < '0' || colon[1] > '9' ||
	    str_int64(str_of(colon + 1), &number) == -1 || number > PORT_MAX)
		return err_set(e, FAULT_CONFIG,
		    "\"%s\" is no address to listen on; write host:port or "
		    "[host]:port",
		    text);
	memcpy(host, name, n);
	host[n] = '\0';
	(void)snprintf(port, PORT_SIZE, "%u", (unsigned)number & PORT_MAX);
	return 0;
}
