/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/hostport.h"
#include "wire/shop/shop.h"
#include "wire/sign.h"
#include "wire/store_text.h"

enum {
	HOST_MAX = 255 /* bytes, with the port */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_host_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
	       c == '_';
}

/* Whether a text in lower case is "host" or "host:port".  Finer rules of names,
 * such as no dash at the start, are left to the resolver. */
static bool
is_host(struct str s)
{
	unsigned port = 0;
	size_t n = 0;

	while (n < s.len && is_host_char(s.data[n]))
		n++;
	if (n == 0 || s.data[0] == '.' || s.len > HOST_MAX)
		return false;
	if (n == s.len)
		return true;
	if (s.data[n] != ':' || n + 1 == s.len || s.len - n > 6)
		return false;
	for (n++; n < s.len && is_digit(s.data[n]); n++)
		port = 10 * port + (unsigned)(s.data[n] - '0');
	return n == s.len && port > 0 && port <= PORT_MAX;
}

static char *
lower_case(struct arena *a, struct str s)
{
	char *out = arena_memdup(a, s.data, s.len);

	for (size_t i = 0; i < s.len; i++)
		out[i] = str_lower(out[i]);
	return out;
}

int
domain_parse(struct arena *a, struct str s, const char **out, struct err *e)
{
	char *domain = lower_case(a, s);
	const char *port;
	size_t name;

	if (!is_host((struct str){ domain, s.len }) ||
	    strstr(domain, "..") != NULL)
		return err_set(e, FAULT_REJECT,
		    "\"%.*s\" is no domain: give the host name alone, like "
		    "shop.example.com, without https:// and path",
		    (int)(s.len < 80 ? s.len : 80), s.data);
	name = strcspn(domain, ":");
	port = domain + name;
	if (strcmp(port, ":443") == 0 || strcmp(port, ":80") == 0)
		port = "";
	name -= domain[name - 1] == '.';
	*out = arena_printf(a, "%.*s%s", (int)name, domain, port);
	return 0;
}

static bool
is_url_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("?#@\\\"<>^`{|}", c) == NULL;
}

int
api_url_parse(struct arena *a, struct str s, const char **out, struct err *e)
{
	size_t scheme = strlen("https://"), host = 0;
	char *head = lower_case(
	    a, (struct str){ s.data, s.len < 8 ? s.len : 8 });

	if (strncmp(head, "http://", 7) == 0)
		scheme = strlen("http://");
	else if (strcmp(head, "https://") != 0)
		goto refuse;
	for (size_t i = scheme; i < s.len; i++)
		if (!is_url_char(s.data[i]))
			goto refuse;
	while (scheme + host < s.len && s.data[scheme + host] != '/')
		host++;
	if (s.len > API_URL_MAX ||
	    !is_host((struct str){
	        lower_case(a, (struct str){ s.data + scheme, host }), host }))
		goto refuse;
	while (s.len > scheme + host && s.data[s.len - 1] == '/')
		s.len--;
	*out = arena_memdup(a, s.data, s.len);
	return 0;

refuse:
	/* The address is not shown, since it may hold a password. */
	return err_set(e, FAULT_REJECT,
	    "the API address is not of the form https://host[:port][/path], "
	    "without user, password, query or fragment");
}

struct str
secret_trim(struct str file)
{
	if (file.len > 0 && file.data[file.len - 1] == '\n')
		file.len--;
	return file;
}

int
brand_check(struct str brand, struct err *e)
{
	if (brand.len == 0 || brand.len > BRAND_MAX)
		return err_set(e, FAULT_REJECT,
		    "the brand has %zu bytes: it has 1 to %d", brand.len,
		    BRAND_MAX);
	for (size_t i = 0; i < brand.len; i++)
		if ((unsigned char)brand.data[i] < ' ' || brand.data[i] == 0x7f)
			return err_set(e, FAULT_REJECT,
			    "the brand holds a control character, at byte %zu",
			    i + 1);
	return 0;
}

/* Refuses a text that begins with a prefix of the list: the prefix shows that
 * the operator entered another kind of text. */
static int
mixups_check(const struct mixup *list, struct str text, struct err *e)
{
	for (; list != NULL && list->prefix != NULL; list++) {
		size_t n = strlen(list->prefix);

		if (text.len >= n && memcmp(text.data, list->prefix, n) == 0)
			return err_set(e, FAULT_REJECT, "%s", list->sentence);
	}
	return 0;
}

int
secret_check(struct str secret, struct err *e)
{
	if (secret.len == 0)
		return err_set(e, FAULT_REJECT,
		    "the webhook secret is empty: anybody could sign with it");
	if (secret.len > SECRET_MAX)
		return err_set(e, FAULT_REJECT,
		    "the webhook secret has %zu bytes: it may have %d at most; "
		    "is this the right file?",
		    secret.len, SECRET_MAX);
	for (size_t i = 0; i < secret.len; i++)
		if (secret.data[i] == '\n' || secret.data[i] == '\r')
			return err_set(e, FAULT_REJECT,
			    "the webhook secret's file holds more than one "
			    "line, or ends its line as Windows does: it must "
			    "hold the secret alone");
	for (int i = 1; i <= PLATFORMS; i++)
		if (mixups_check(shop_find((enum platform)i)->no_secrets,
		        secret, e) == -1)
			return -1;
	return 0;
}

int
api_token_check(enum platform platform, struct str token, struct err *e)
{
	const struct shop *shop = shop_find(platform);

	if (token.len == 0)
		return err_set(e, FAULT_REJECT, "the API token is empty");
	if (token.len > API_TOKEN_MAX)
		return err_set(e, FAULT_REJECT,
		    "the API token has %zu bytes: it may have %d at most; is "
		    "this the right file?",
		    token.len, API_TOKEN_MAX);
	for (size_t i = 0; i < token.len; i++)
		if (token.data[i] <= ' ' || token.data[i] >= 0x7f)
			return err_set(e, FAULT_REJECT,
			    "the API token holds a blank or a character that "
			    "is not ASCII, at byte %zu",
			    i + 1);
	if (mixups_check(shop->no_tokens, token, e) == -1)
		return -1;
	return shop->token_form == NULL ? 0 : shop->token_form(token, e);
}
