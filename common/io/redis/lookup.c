/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/dns.h>
#include <event2/util.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/redis/lookup.h"

/* A lookup.  libevent calls back even for a cancelled lookup, which is freed
 * only then. */
struct redis_lookup {
	struct redis_lookup **slot; /* NULL: the lookup was given up */
	unsigned turn;
	redis_found *found;
	void *arg;
};

/* Makes the resolver.  If there is no resolv.conf, the resolver uses /etc/hosts
 * and a name server on this machine. */
struct evdns_base *
redis_names_new(struct event_base *base, const struct redis_url *u)
{
	struct evdns_base *dns;

	if (u->port == 0)
		return NULL;
	dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (dns == NULL)
		die("out of memory to look up names");
	if (evdns_base_resolv_conf_parse(
	        dns, DNS_OPTIONS_ALL, "/etc/resolv.conf") != 0)
		log_debug("/etc/resolv.conf cannot be read: names are looked "
		          "up in /etc/hosts and on this machine");
	/* By default libevent waits 5 s before it asks the next name server. */
	if (evdns_base_set_option(dns, "timeout:", "1") != 0)
		die("libevent does not take a timeout for names");
	return dns;
}

void
redis_names_free(struct evdns_base *dns)
{
	if (dns != NULL)
		evdns_base_free(dns, 0);
}

static void
on_resolved(int error, struct evutil_addrinfo *list, void *arg)
{
	struct redis_lookup *l = arg;
	const struct evutil_addrinfo *ai;
	unsigned n = 0;

	if (l->slot != NULL)
		*l->slot = NULL;
	for (ai = list; ai != NULL; ai = ai->ai_next)
		n++;
	ai = list;
	for (n = n == 0 ? 0 : l->turn % n; n > 0; n--)
		ai = ai->ai_next;

	if (l->slot != NULL && (error != 0 || ai == NULL))
		l->found(l->arg, NULL, 0, evutil_gai_strerror(error));
	else if (l->slot != NULL)
		l->found(l->arg, ai->ai_addr, ai->ai_addrlen, NULL);
	if (list != NULL)
		evutil_freeaddrinfo(list);
	free(l);
}

void
redis_lookup_start(struct redis_lookup **slot, struct evdns_base *dns,
    const struct redis_url *u, unsigned turn, redis_found *found, void *arg)
{
	const struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};
	struct redis_lookup *l = mem_new(sizeof(*l), "a name to look up");
	char port[16];

	*l = (struct redis_lookup){ slot, turn, found, arg };
	*slot = l;
	(void)snprintf(port, sizeof(port), "%d", u->port);
	(void)evdns_getaddrinfo(dns, u->host, port, &hints, on_resolved, l);
}

void
redis_lookup_drop(struct redis_lookup **slot)
{
	if (*slot != NULL)
		(*slot)->slot = NULL;
	*slot = NULL;
}
