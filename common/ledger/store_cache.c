/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/little.h"
#include "ledger/store_cache.h"
#include "wire/shop/shop.h"

/* The last character is the version of the format.  Version 2 did not have the
 * number of the installation. */
#define CACHE_MAGIC   "LOYSTOR3"
#define CACHE_MAGIC_2 "LOYSTOR2"
#define CACHE_WHAT    "stores cache"

enum {
	STORE_BYTES_MAX = 40 + DOMAIN_MAX + WEBHOOK_TOKEN_LEN +
	                  SECRETS_PER_STORE * SECRET_MAX,
	CACHE_MAX = 64 + STORES_MAX * STORE_BYTES_MAX,
};

/* ---- bytes --------------------------------------------------------------- */

static void
put_number(struct buf *b, uint64_t v, size_t n)
{
	uint8_t bytes[sizeof(v)];

	little_put(bytes, v, n);
	buf_add(b, bytes, n);
}

static void
put_str(struct buf *b, struct str s)
{
	put_number(b, s.len, 2);
	buf_add(b, s.data, s.len);
}

struct str
store_cache_render(struct arena *a, const struct store_list *list)
{
	struct str out;
	struct buf b;

	buf_init(&b, CACHE_MAX);
	buf_puts(&b, CACHE_MAGIC);
	put_number(&b, (uint64_t)list->installation, 8);
	put_number(&b, list->n, 4);
	for (size_t i = 0; i < list->n; i++) {
		const struct store *s = &list->stores[i];

		put_number(&b, (uint64_t)s->store_id, 8);
		put_number(&b, (uint64_t)s->platform, 1);
		put_number(&b, s->disabled, 1);
		put_str(&b, str_of(s->domain));
		put_str(&b, str_of(s->currency));
		put_str(&b, str_of(s->webhook_token));
		for (size_t k = 0; k < SECRETS_PER_STORE; k++)
			put_str(&b, s->secrets[k]);
	}
	out = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	explicit_bzero(b.data, b.len);
	buf_fini(&b);
	return out;
}

/* The bytes that are still to be read.  A read of more bytes than are left
 * returns zeros, and so do all later reads. */
struct cursor {
	struct str rest;
	bool is_short;
};

static uint64_t
get_number(struct cursor *c, size_t n)
{
	uint64_t v;

	if (c->rest.len < n) {
		c->is_short = true;
		c->rest.len = 0;
		return 0;
	}
	v = little_get(c->rest.data, n);
	c->rest.data += n;
	c->rest.len -= n;
	return v;
}

static struct str
get_str(struct cursor *c, struct arena *a)
{
	size_t n = get_number(c, 2);
	struct str s;

	if (n > c->rest.len) {
		c->is_short = true;
		n = 0;
	}
	s = (struct str){ arena_memdup(a, c->rest.data, n), n };
	c->rest.data += n;
	c->rest.len -= n;
	return s;
}

/* If the next bytes are the text, skips the text and returns true. */
static bool
is_next(struct cursor *c, const char *text)
{
	struct str t = str_of(text);

	if (c->rest.len < t.len || memcmp(c->rest.data, t.data, t.len) != 0)
		return false;
	c->rest.data += t.len;
	c->rest.len -= t.len;
	return true;
}

int
store_cache_parse(
    struct arena *a, struct str bytes, struct store_list *out, struct err *e)
{
	struct cursor c = { .rest = bytes };
	int64_t installation = 0;
	struct store *list;
	size_t count;

	if (is_next(&c, CACHE_MAGIC))
		installation = (int64_t)get_number(&c, 8);
	else if (!is_next(&c, CACHE_MAGIC_2))
		return err_set(
		    e, FAULT_REJECT, "not a list of stores of this version");
	count = get_number(&c, 4);
	/* Each store takes more than a byte, so memory is never reserved for
	 * more stores than the file has bytes. */
	if (count > STORES_MAX || count > c.rest.len)
		return err_set(e, FAULT_REJECT, "a list of too many stores");
	list = arena_array(a, count, sizeof(*list));
	for (size_t i = 0; i < count && !c.is_short; i++) {
		struct store *s = &list[i];

		s->store_id = (int64_t)get_number(&c, 8);
		s->platform = (enum platform)get_number(&c, 1);
		s->disabled = get_number(&c, 1) != 0;
		s->domain = get_str(&c, a).data;
		s->currency = get_str(&c, a).data;
		s->webhook_token = get_str(&c, a).data;
		for (size_t k = 0; k < SECRETS_PER_STORE; k++)
			s->secrets[k] = get_str(&c, a);
		if (shop_find(s->platform) == NULL)
			return err_set(e, FAULT_REJECT,
			    "a store of no platform %d", (int)s->platform);
	}
	if (c.is_short || c.rest.len > 0)
		return err_set(
		    e, FAULT_REJECT, "a list of stores that does not end");
	*out = (struct store_list){ installation, list, count };
	return 0;
}

/* ---- the file ------------------------------------------------------------ */

static int
file_write(const char *path, struct str bytes, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const char *p = bytes.data;
	size_t left = bytes.len;

	if (fd == -1)
		return err_set(
		    e, FAULT_RETRY, "make %s: %s", path, strerror(errno));
	while (left > 0) {
		ssize_t n = write(fd, p, left);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			goto failed;
		p += n;
		left -= (size_t)n;
	}
	if (fsync(fd) == -1)
		goto failed;
	close(fd);
	return 0;

failed:
	(void)err_set(e, FAULT_RETRY, "write %s: %s", path, strerror(errno));
	close(fd);
	return -1;
}

int
store_cache_save(const char *dir, const struct master_key *key, struct arena *a,
    const struct store_list *list, struct err *e)
{
	struct str plain = store_cache_render(a, list);
	const char *path = arena_printf(a, "%s/" STORE_CACHE_FILE, dir);
	const char *part = arena_printf(a, "%s.part", path);
	int fd, bad;

	if (file_write(part, seal(a, key, CACHE_WHAT, plain), e) == -1)
		return -1;
	if (rename(part, path) == -1)
		return err_set(
		    e, FAULT_RETRY, "rename %s: %s", part, strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bad = fd == -1 ? -1 : fsync(fd);
	if (fd != -1)
		close(fd);
	if (bad == -1)
		return err_set(
		    e, FAULT_RETRY, "sync %s: %s", dir, strerror(errno));
	return 0;
}

static int
file_read_whole(
    struct arena *a, const char *path, struct str *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd == -1 ? -1 : lseek(fd, 0, SEEK_END);
	char *bytes;
	ssize_t n;

	if (size == -1) {
		(void)err_set(
		    e, FAULT_RETRY, "read %s: %s", path, strerror(errno));
		goto failed;
	}
	if (size > CACHE_MAX + SEAL_OVERHEAD) {
		(void)err_set(e, FAULT_REJECT, "%s is too long", path);
		goto failed;
	}
	bytes = arena_alloc(a, (size_t)size + 1);
	n = pread(fd, bytes, (size_t)size, 0);
	if (n != size) {
		(void)err_set(e, FAULT_RETRY, "read %s: %s", path,
		    n == -1 ? strerror(errno) : "it changed meanwhile");
		goto failed;
	}
	close(fd);
	*out = (struct str){ bytes, (size_t)size };
	return 0;

failed:
	if (fd != -1)
		close(fd);
	return -1;
}

int
store_cache_load(const char *dir, const struct master_key *key, struct arena *a,
    struct store_list *out, struct err *e)
{
	const char *path = arena_printf(a, "%s/" STORE_CACHE_FILE, dir);
	struct str sealed, plain;

	if (file_read_whole(a, path, &sealed, e) == -1)
		return -1;
	if (unseal(a, key, CACHE_WHAT, sealed, &plain, e) == -1 ||
	    store_cache_parse(a, plain, out, e) == -1)
		return err_wrap(e, "%s", path);
	return 0;
}
