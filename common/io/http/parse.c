/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "io/http/parse.h"

enum {
	METHOD_MAX = 32,
	LENGTH_DIGITS_MAX = 18, /* any number of 18 digits fits into 63 bits */
};

/* Whether a byte may be in a token (RFC 9110, 5.6.2). */
static bool
is_token_char(unsigned char c)
{
	static const bool table[128] = {
		['!'] = true,
		['#' ... '\''] = true,
		['*'] = true,
		['+'] = true,
		['-'] = true,
		['.'] = true,
		['0' ... '9'] = true,
		['A' ... 'Z'] = true,
		['^' ... '`'] = true,
		['a' ... 'z'] = true,
		['|'] = true,
		['~'] = true,
	};

	return c < NITEMS(table) && table[c];
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token_char((unsigned char)s.data[i]))
			return false;
	return s.len > 0;
}

int
http_head_end(struct str s, size_t *seen)
{
	size_t most = s.len < HTTP_HEADER_BYTES_MAX ? s.len
	                                            : HTTP_HEADER_BYTES_MAX;

	for (size_t i = *seen; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		bool after_cr = i > 0 && s.data[i - 1] == '\r';

		/* Pass over bytes that may be anywhere inside of a line. */
		if (i > 0 && !after_cr)
			while (c >= 0x20 && c < 0x7f && i + 1 < most)
				c = (unsigned char)s.data[++i];
		if ((c == '\n') != after_cr)
			return -400;
		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') ||
		    c == 0x7f)
			return -400;
		/* HTTP begins with a method: refuse other bytes at once. */
		if (i == 0 && !is_token_char(c))
			return -400;
		if (i >= HTTP_HEADER_BYTES_MAX)
			return -431;
		if (c == '\n' && i >= 3 && s.data[i - 2] == '\n')
			return (int)(i + 1);
	}
	*seen = s.len;
	return 0;
}

/* Cuts the first line off a head, whose lines all end in CR LF. */
static struct str
line_next(struct str *s)
{
	const char *end = memchr(s->data, '\r', s->len);
	struct str line = { s->data, (size_t)(end - s->data) };

	s->data += line.len + 2;
	s->len -= line.len + 2;
	return line;
}

static bool
starts(struct str s, const char *with)
{
	return s.len >= strlen(with) && memcmp(s.data, with, strlen(with)) == 0;
}

/* Parses "/path?query", "http://host/path?query", or the target of CONNECT or
 * OPTIONS, which is taken for a path. */
static int
target_parse(struct str t, struct http_head *h)
{
	const char *mark;

	if (t.len == 0)
		return 400;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.data[i];

		if (c <= 0x20 || c >= 0x7f || c == '#')
			return 400;
	}
	if (starts(t, "http://") || starts(t, "https://")) {
		size_t skip = t.data[4] == 's' ? 8 : 7;

		while (
		    skip < t.len && t.data[skip] != '/' && t.data[skip] != '?')
			skip++;
		t.data += skip;
		t.len -= skip;
	}
	mark = memchr(t.data, '?', t.len);
	h->path = t;
	h->query = (struct str){ t.data + t.len, 0 };
	if (mark != NULL) {
		h->path.len = (size_t)(mark - t.data);
		h->query.data = mark + 1;
		h->query.len = t.len - h->path.len - 1;
	}
	if (h->path.len == 0)
		h->path = STR("/");
	return 0;
}

/* Parses method, target and version, with exactly one space between them. */
static int
request_line_parse(struct str line, struct http_head *h)
{
	const char *one = memchr(line.data, ' ', line.len), *two;
	struct str version, target;

	if (one == NULL)
		return 400;
	h->method = (struct str){ line.data, (size_t)(one - line.data) };
	if (!is_token(h->method) || h->method.len > METHOD_MAX)
		return 400;
	target.data = one + 1;
	target.len = line.len - h->method.len - 1;
	two = memchr(target.data, ' ', target.len);
	if (two == NULL)
		return 400;
	version.data = two + 1;
	version.len = target.len - (size_t)(two - target.data) - 1;
	target.len = (size_t)(two - target.data);

	if (version.len != 8 || !starts(version, "HTTP/") ||
	    version.data[5] < '0' || version.data[5] > '9' ||
	    version.data[6] != '.' || version.data[7] < '0' ||
	    version.data[7] > '9')
		return 400;
	h->is_1_0 = version.data[7] == '0';
	if (version.data[5] != '1' || version.data[7] > '1')
		return 505;
	return target_parse(target, h);
}

/* The headers met so far that decide how the request is read.  Each of the
 * first four may come only once. */
struct framing {
	bool has_length, has_coding, has_host, has_expect;
	bool is_keep_alive;
};

static int
length_parse(struct str v, struct http_head *h)
{
	int64_t n = 0;

	if (v.len == 0 || v.len > LENGTH_DIGITS_MAX)
		return 400;
	for (size_t i = 0; i < v.len; i++) {
		if (v.data[i] < '0' || v.data[i] > '9')
			return 400;
		n = n * 10 + (v.data[i] - '0');
	}
	h->length = n;
	return 0;
}

static void
connection_parse(struct str v, struct http_head *h, struct framing *f)
{
	while (v.len > 0) {
		const char *comma = memchr(v.data, ',', v.len);
		size_t n = comma == NULL ? v.len : (size_t)(comma - v.data);
		struct str word = str_trim((struct str){ v.data, n });

		if (str_eq_nocase(word, STR("close")))
			h->is_close = true;
		else if (str_eq_nocase(word, STR("keep-alive")))
			f->is_keep_alive = true;
		n += comma != NULL;
		v.data += n;
		v.len -= n;
	}
}

static int
once(bool *has)
{
	if (*has)
		return 400;
	*has = true;
	return 0;
}

static int
framing_parse(
    struct str name, struct str v, struct http_head *h, struct framing *f)
{
	if (str_eq_nocase(name, STR("content-length"))) {
		if (once(&f->has_length) != 0)
			return 400;
		return length_parse(v, h);
	}
	if (str_eq_nocase(name, STR("transfer-encoding"))) {
		if (once(&f->has_coding) != 0 ||
		    !str_eq_nocase(v, STR("chunked")))
			return 400;
		h->length = -1;
		return 0;
	}
	if (str_eq_nocase(name, STR("host")))
		return once(&f->has_host);
	if (str_eq_nocase(name, STR("expect"))) {
		h->is_continue = str_eq_nocase(v, STR("100-continue"));
		return h->is_continue ? once(&f->has_expect) : 417;
	}
	if (str_eq_nocase(name, STR("connection")))
		connection_parse(v, h, f);
	return 0;
}

static int
header_parse(struct str line, struct http_head *h, struct framing *f)
{
	const char *colon = memchr(line.data, ':', line.len);
	struct str name, value;

	if (colon == NULL)
		return 400;
	name = (struct str){ line.data, (size_t)(colon - line.data) };
	value.data = colon + 1;
	value.len = line.len - name.len - 1;
	/* A folded line starts with a space, which no name has. */
	if (!is_token(name))
		return 400;
	if (h->n == HTTP_HEADERS_MAX)
		return 431;
	value = str_trim(value);
	h->names[h->n] = name;
	h->values[h->n] = value;
	h->n++;
	return framing_parse(name, value, h, f);
}

int
http_head_parse(struct str s, struct http_head *h)
{
	struct framing f = { 0 };
	int status;

	h->method = (struct str){ NULL, 0 };
	h->n = 0;
	h->length = 0;
	h->is_close = false;
	h->is_continue = false;
	status = request_line_parse(line_next(&s), h);
	while (status == 0) {
		struct str line = line_next(&s);

		if (line.len == 0)
			break;
		status = header_parse(line, h, &f);
	}
	if (status != 0)
		return status;
	if (f.has_length && f.has_coding)
		return 400;
	if (h->is_1_0) {
		h->is_close |= !f.is_keep_alive;
		h->is_continue = false;
		return f.has_coding ? 400 : 0;
	}
	return f.has_host ? 0 : 400;
}

/* ---- chunks ----------------------------------------------------------- */

enum {
	CHUNK_SIZE = 0,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_END_CR, /* next is the CR of the final empty line */
	CHUNK_END_LF,
	CHUNK_END,
};

enum {
	SIZE_DIGITS_MAX = 8
};

/* Reads a byte of the line before a chunk. */
static int
chunk_size_read(struct http_chunks *k, char c)
{
	int digit = k->state == CHUNK_SIZE ? hex_digit(c) : -1;

	if (digit != -1) {
		if (k->line++ == SIZE_DIGITS_MAX)
			return 413;
		k->left = k->left << 4 | (unsigned)digit;
		return 0;
	}
	if (k->line == 0)
		return 400;
	if (c == '\r') {
		k->state = CHUNK_SIZE_LF;
		return 0;
	}
	if (k->state == CHUNK_SIZE && c != ';')
		return 400;
	if (((unsigned char)c < 0x20 && c != '\t') ||
	    (unsigned char)c >= 0x7f || k->line++ == HTTP_CHUNK_LINE_MAX)
		return 400;
	k->state = CHUNK_EXTENSION;
	return 0;
}

/* Reads a byte between the data of two chunks. */
static int
chunk_frame_read(struct http_chunks *k, char c)
{
	static const struct {
		char want;
		int next;
	} table[] = {
		[CHUNK_SIZE_LF] = { '\n', CHUNK_DATA },
		[CHUNK_DATA_CR] = { '\r', CHUNK_DATA_LF },
		[CHUNK_DATA_LF] = { '\n', CHUNK_SIZE },
		[CHUNK_END_CR] = { '\r', CHUNK_END_LF },
		[CHUNK_END_LF] = { '\n', CHUNK_END },
	};

	if (k->state == CHUNK_SIZE || k->state == CHUNK_EXTENSION)
		return chunk_size_read(k, c);
	if (c != table[k->state].want)
		return 400;
	k->state = table[k->state].next;
	if (k->state == CHUNK_DATA && k->left == 0)
		k->state = CHUNK_END_CR;
	if (k->state == CHUNK_SIZE)
		k->line = 0;
	return 0;
}

int
http_chunks_read(
    struct http_chunks *k, const char *raw, size_t n, size_t *used, char *out)
{
	size_t i = 0;
	int status = 0;

	while (i < n && status == 0 && k->state != CHUNK_END) {
		size_t some = n - i;

		if (k->state != CHUNK_DATA) {
			status = chunk_frame_read(k, raw[i++]);
			/* Refuse a chunk that is too large before reading any
			 * of its data. */
			if (status == 0 && k->left > k->max - k->len)
				status = 413;
			continue;
		}
		if (some > k->left)
			some = (size_t)k->left;
		memmove(out + k->len, raw + i, some);
		k->len += some;
		i += some;
		k->left -= some;
		if (k->left == 0)
			k->state = CHUNK_DATA_CR;
	}
	*used = i;
	return status != 0 ? -status : k->state == CHUNK_END;
}
