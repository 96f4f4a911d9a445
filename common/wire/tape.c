/* SPDX-License-Identifier: MIT */
/*
 * The lists and objects that are open stand in an array of levels, so that a
 * text nests at most NESTED_MAX deep.  The head of tape.h has the rules by their
 * numbers.
 */
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.h"
#include "wire/tape.h"

enum {
	/* Keys of one object that are compared one by one with the keys before
	 * them.  An order of Shopify's has about 90.  The keys of a larger
	 * object are sorted, so that no sender can make this quadratic. */
	COMPARED_MAX = 128,
	TABLE_MIN = 16, /* keys of the smallest object that has a table */
	SEEN_WORDS = 8, /* 512 bits, for hashes of keys */
	ROOM_SHARE = 8, /* bytes of an order's text for each node */
};

/* A list or object that is open. */
struct level {
	uint32_t node;
	/* The key being read, if that is to be left out, and the value of an
	 * equal key before that one; 0: none. */
	uint32_t left_out, twin;
	uint32_t nkeys; /* keys so far, also those that are left out */
	uint64_t seen[SEEN_WORDS]; /* a bit for each key's hash */
};

struct scan {
	const char *start, *at, *end;
	bool strict;
	const char *wrong; /* the first fault; NULL: none so far */
	struct arena *arena;
	struct tape *tape;
	struct tape_node *nodes;
	size_t n, room;
	size_t ndecoded, decoded_room;
	int depth;
	struct level *levels; /* NESTED_MAX of them */
};

/* Notes a fault, unless there was one before.  Returns false. */
static bool
wrong(struct scan *s, const char *sentence)
{
	if (s->wrong == NULL)
		s->wrong = sentence;
	return false;
}

static bool
not_json(struct scan *s)
{
	return wrong(s, s->at == s->end ? "ends too early" : "is not JSON");
}

static inline void
skip_blanks(struct scan *s)
{
	while (s->at < s->end && (unsigned char)*s->at <= ' ' &&
	       (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' ||
	           *s->at == '\r'))
		s->at++;
}

static inline bool
take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static inline struct tape_node *
push(struct scan *s, int kind, size_t at, size_t len)
{
	struct tape_node *node;

	if (s->n == s->room)
		s->nodes = arena_grow(
		    s->arena, s->nodes, s->n, &s->room, sizeof(*s->nodes));
	node = &s->nodes[s->n++];
	*node = (struct tape_node){ .at = (uint32_t)at,
		.len = (uint32_t)len,
		.span = 1,
		.kind = (uint8_t)kind };
	return node;
}

/* ---- texts --------------------------------------------------------------- */

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Finds the first byte that may not be taken as it is: a quote, a backslash, a
 * control character, or one beyond ASCII.  Looks at sixteen bytes at once if the
 * processor can, where bytes beyond ASCII are below zero; else at eight: the
 * lowest bit that is set in `stops` is the highest bit of such a byte, since a
 * subtraction that borrows changes only bytes above that one. */
static inline const char *
plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		__m128i w = _mm_loadu_si128((const __m128i *)(const void *)p);
		int stops = _mm_movemask_epi8(
		    _mm_or_si128(_mm_cmplt_epi8(w, _mm_set1_epi8(' ')),
		        _mm_or_si128(_mm_cmpeq_epi8(w, _mm_set1_epi8('"')),
		            _mm_cmpeq_epi8(w, _mm_set1_epi8('\\')))));

		if (stops != 0)
			return p + __builtin_ctz((unsigned)stops);
	}
#endif
	for (; end - p >= 8; p += 8) {
		uint64_t w, quote, backslash, stops;

		memcpy(&w, p, sizeof(w));
		w = le64toh(w);
		quote = w ^ EACH_BYTE('"');
		backslash = w ^ EACH_BYTE('\\');
		stops = (((quote - EACH_BYTE(1)) & ~quote) |
		            ((backslash - EACH_BYTE(1)) & ~backslash) |
		            ((w - EACH_BYTE(' ')) & ~w) | w) &
		        EACH_BYTE(0x80);
		if (stops != 0)
			return p + __builtin_ctzll(stops) / 8;
	}
	while (p < end && (unsigned char)*p < 0x80 && *p >= ' ' && *p != '"' &&
	       *p != '\\')
		p++;
	return p;
}

/* Adds bytes to the text that is being decoded. */
static void
add(struct scan *s, const void *bytes, size_t n)
{
	char *all;

	if (n > s->decoded_room - s->ndecoded) {
		s->decoded_room = 2 * (s->ndecoded + n) + 64;
		all = arena_alloc(s->arena, s->decoded_room);
		if (s->ndecoded > 0)
			memcpy(all, s->tape->decoded, s->ndecoded);
		s->tape->decoded = all;
	}
	memcpy(s->tape->decoded + s->ndecoded, bytes, n);
	s->ndecoded += n;
}

/* 4. Writes U+FFFD in place of bytes that are no character; a strict reading
 * refuses such bytes. */
static bool
replace(struct scan *s, const char *sentence)
{
	if (s->strict)
		return wrong(s, sentence);
	add(s, "\xef\xbf\xbd", 3);
	return true;
}

/* Returns the number of the four hexadecimal digits after \u; -1 if there are
 * none. */
static int
hex4(struct scan *s)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		int digit = s->at < s->end ? hex_digit(*s->at) : -1;

		if (digit < 0)
			return -1;
		n = n * 16 + digit;
		s->at++;
	}
	return n;
}

static void
add_character(struct scan *s, unsigned c)
{
	unsigned char out[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (unsigned char)(0x80 | (c & 0x3f));
	out[0] = (unsigned char)(first[n] | c);
	add(s, out, n);
}

/* Reads an escape like \u00e9, or two that are one character together. */
static bool
decode_unicode(struct scan *s)
{
	int c = hex4(s), low;
	const char *behind = s->at;

	if (c == -1)
		return not_json(s);
	if (c < 0xd800 || c > 0xdfff) {
		add_character(s, (unsigned)c);
		return true;
	}
	if (c < 0xdc00 && take(s, '\\') && take(s, 'u')) {
		low = hex4(s);
		if (low >= 0xdc00 && low <= 0xdfff) {
			add_character(s, 0x10000 +
			                     ((unsigned)(c & 0x3ff) << 10) +
			                     (unsigned)(low & 0x3ff));
			return true;
		}
	}
	/* The characters after half a surrogate are read on their own. */
	s->at = behind;
	return replace(s, "has half a character");
}

static bool
decode_escape(struct scan *s)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (take(s, 'u'))
		return decode_unicode(s);
	name = s->at == s->end ? NULL
	                       : memchr(names, *s->at, sizeof(names) - 1);
	if (name == NULL)
		return not_json(s);
	add(s, &means[name - names], 1);
	s->at++;
	return true;
}

static bool
decode_character(struct scan *s)
{
	size_t n = utf8_len((struct str){ s->at, (size_t)(s->end - s->at) });

	if (n == 0) {
		s->at++;
		return replace(s, "is not UTF-8");
	}
	if (s->strict && n == 1) /* a control character */
		return wrong(s, "is not JSON");
	add(s, s->at, n);
	s->at += n;
	return true;
}

/* Reads the rest of a text into tape.decoded; the bytes from `from` to s->at
 * are as they were written. */
static bool
decode_text(struct scan *s, int kind, const char *from)
{
	size_t begin = s->ndecoded;
	bool ok = true;

	while (ok) {
		s->at = plain_end(s->at, s->end);
		if (s->at > from)
			add(s, from, (size_t)(s->at - from));
		if (take(s, '"')) {
			push(s, kind, begin, s->ndecoded - begin)
			    ->decoded = true;
			return true;
		}
		if (s->at == s->end)
			return not_json(s);
		ok = take(s, '\\') ? decode_escape(s) : decode_character(s);
		from = s->at;
	}
	return false;
}

/* Reads a text, or a key, from the byte after its first quote on. */
static bool
scan_text(struct scan *s, int kind)
{
	const char *from = s->at;
	size_t n = 1;

	while (n > 0) {
		s->at = plain_end(s->at, s->end);
		if (take(s, '"')) {
			(void)push(s, kind, (size_t)(from - s->start),
			    (size_t)(s->at - from - 1));
			return true;
		}
		n = s->at < s->end && (unsigned char)*s->at >= 0x80
		        ? utf8_len(
		              (struct str){ s->at, (size_t)(s->end - s->at) })
		        : 0;
		s->at += n;
	}
	return decode_text(s, kind, from);
}

/* ---- keys ---------------------------------------------------------------- */

static bool
is_same_key(
    const struct tape *t, const struct tape_node *a, const struct tape_node *b)
{
	return a->len == b->len &&
	       memcmp(tape_text(t, a).data, tape_text(t, b).data, a->len) == 0;
}

/* 3. and 4. Leaves a key out, and puts the value of an equal key before that
 * one in doubt. */
static bool
leave_out(struct scan *s, const struct level *l, uint32_t key, uint32_t twin)
{
	if (s->strict)
		return wrong(s, twin == 0 ? "has a zero byte in a key"
		                          : "names a key twice");
	s->nodes[key].kind = NODE_LEFT_OUT;
	s->nodes[l->node].len--;
	if (twin != 0)
		s->nodes[twin].kind = VALUE_DOUBT;
	return true;
}

/* Hashes the key that was read last, and finds out whether the key is to be
 * left out, which is done when its value was read. */
static void
note_key(struct scan *s, struct level *l)
{
	uint32_t k = (uint32_t)s->n - 1, bit;
	struct tape_node *nodes = s->nodes, *key = &nodes[k];
	const struct tape_node *twin = &nodes[l->node + 1];
	struct str text = tape_text(s->tape, key);

	l->left_out = l->twin = 0;
	l->nkeys++;
	/* 4. A zero byte is never plain. */
	if (key->decoded && memchr(text.data, '\0', text.len) != NULL) {
		l->left_out = k;
		return;
	}
	key->hash = key_hash(text);
	bit = key->hash % (64 * SEEN_WORDS);
	if ((l->seen[bit / 64] >> (bit % 64) & 1) != 0 &&
	    l->nkeys <= COMPARED_MAX) {
		for (; twin < key; twin = key_next(twin))
			if (twin->hash == key->hash &&
			    is_same_key(s->tape, twin, key)) {
				l->left_out = k;
				l->twin = (uint32_t)(twin + 1 - nodes);
				break;
			}
	}
	l->seen[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* Sorts equal keys together, in the order in which they were read. */
static int
compare_keys(const void *left, const void *right, void *scan)
{
	const struct scan *s = scan;
	const struct tape_node *a = &s->nodes[*(const uint32_t *)left];
	const struct tape_node *b = &s->nodes[*(const uint32_t *)right];
	int way = (a->len > b->len) - (a->len < b->len);

	if (way == 0)
		way = memcmp(tape_text(s->tape, a).data,
		    tape_text(s->tape, b).data, a->len);
	return way != 0 ? way : (a > b) - (a < b);
}

/* 3. Finds the repeated keys of an object with very many keys. */
static bool
sort_keys(struct scan *s, const struct level *l)
{
	size_t n = s->nodes[l->node].len, found = 0, first = 0;
	uint32_t *keys = arena_array(s->arena, n, sizeof(*keys));

	for (uint32_t i = l->node + 1; i < s->n; i += 1 + s->nodes[i + 1].span)
		if (s->nodes[i].kind == NODE_KEY)
			keys[found++] = i;
	qsort_r(keys, n, sizeof(*keys), compare_keys, s);
	for (size_t i = 1; i < n; i++) {
		if (!is_same_key(
		        s->tape, &s->nodes[keys[first]], &s->nodes[keys[i]]))
			first = i;
		else if (!leave_out(s, l, keys[i], keys[first] + 1))
			return false;
	}
	return true;
}

static bool
scan_key(struct scan *s, struct level *l)
{
	skip_blanks(s);
	if (!take(s, '"'))
		return not_json(s);
	if (!scan_text(s, NODE_KEY))
		return false;
	note_key(s, l);
	skip_blanks(s);
	return take(s, ':') || not_json(s);
}

/* ---- values -------------------------------------------------------------- */

static bool
digits(struct scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > from;
}

/* 2. Reads a number of any size. */
static bool
scan_number(struct scan *s)
{
	const char *from = s->at, *whole;
	int64_t n;
	bool ok;

	(void)take(s, '-');
	ok = take(s, '0') || digits(s);
	whole = s->at;
	if (ok && take(s, '.'))
		ok = digits(s);
	if (ok && (take(s, 'e') || take(s, 'E'))) {
		if (!take(s, '+'))
			(void)take(s, '-');
		ok = digits(s);
	}
	if (!ok)
		return not_json(s);
	ok = s->at == whole &&
	     str_int64((struct str){ from, (size_t)(whole - from) }, &n) == 0;
	from += ok && n == 0 && *from == '-';
	(void)push(s, ok ? VALUE_INT : VALUE_NUMBER, (size_t)(from - s->start),
	    (size_t)(s->at - from));
	return true;
}

static bool
scan_word(struct scan *s, struct str word, int kind)
{
	size_t at = (size_t)(s->at - s->start);

	if ((size_t)(s->end - s->at) < word.len ||
	    memcmp(s->at, word.data, word.len) != 0)
		return not_json(s);
	(void)push(s, kind, at, word.len);
	s->at += word.len;
	return true;
}

/* 3. Skips a list or object that is nested too deep.  The skipping looks at
 * brackets and texts alone.  The lists around that one notice a missing
 * bracket. */
static bool
skip_nested(struct scan *s)
{
	size_t open = 1;

	s->at++;
	if (s->strict)
		return wrong(s, "is nested too deep");
	while (open > 0 && s->at < s->end) {
		char c = *s->at++;

		if (c == '"') {
			if (!scan_text(s, VALUE_TEXT))
				return false;
			s->n--;
		}
		open += c == '[' || c == '{';
		open -= c == ']' || c == '}';
	}
	(void)push(s, VALUE_DOUBT, 0, 0);
	return true;
}

static bool scan_value(struct scan *);

/* Reads a list or object up to the end of the first value that is no list and
 * no object, or up to a bracket that closes an empty one. */
static bool
open_level(struct scan *s, int kind)
{
	struct level *l;

	if (s->depth == NESTED_MAX)
		return skip_nested(s);
	l = &s->levels[s->depth++];
	l->node = (uint32_t)s->n;
	l->nkeys = l->left_out = 0;
	if (kind == VALUE_OBJECT)
		memset(l->seen, 0, sizeof(l->seen));
	(void)push(s, kind, 0, 0);
	s->at++;
	skip_blanks(s);
	if (s->at < s->end && *s->at == (kind == VALUE_LIST ? ']' : '}'))
		return true;
	return (kind == VALUE_LIST || scan_key(s, l)) && scan_value(s);
}

static bool
scan_value(struct scan *s)
{
	skip_blanks(s);
	switch (s->at < s->end ? *s->at : '\0') {
	case '"':
		s->at++;
		return scan_text(s, VALUE_TEXT);
	case '{':
		return open_level(s, VALUE_OBJECT);
	case '[':
		return open_level(s, VALUE_LIST);
	case 'n':
		return scan_word(s, STR("null"), VALUE_NULL);
	case 't':
		return scan_word(s, STR("true"), VALUE_TRUE);
	case 'f':
		return scan_word(s, STR("false"), VALUE_FALSE);
	}
	return scan_number(s);
}

/* Adds the table of an object's keys, by which the first of equal keys is
 * found. */
static void
add_table(struct scan *s, uint32_t object)
{
	struct tape_node *o, *end;
	uint16_t *slots;

	for (size_t i = 0; i < TABLE_NODES; i++)
		(void)push(s, 0, 0, 0);
	o = &s->nodes[object];
	end = o + o->span;
	slots = memset(end, 0, TABLE_NODES * sizeof(*end));
	for (const struct tape_node *k = o + 1; k < end; k = key_next(k)) {
		uint32_t i = k->hash;

		while (slots[i % TABLE_SLOTS] != 0)
			i++;
		slots[i % TABLE_SLOTS] = (uint16_t)(k - o);
	}
	o->at = TABLE_NODES;
	o->span += TABLE_NODES;
}

static bool
close_level(struct scan *s, const struct level *l)
{
	struct tape_node *node = &s->nodes[l->node];

	node->span = (uint32_t)s->n - l->node;
	s->depth--;
	node->len += node->kind == VALUE_LIST ? node->span > 1 : l->nkeys;
	if (l->nkeys > COMPARED_MAX)
		return sort_keys(s, l);
	if (l->nkeys >= TABLE_MIN && node->span <= UINT16_MAX)
		add_table(s, l->node);
	return true;
}

/* Closes all that ends behind a value.  Whether another value follows; false
 * also for a fault. */
static bool
goes_on(struct scan *s)
{
	while (s->depth > 0) {
		struct level *l = &s->levels[s->depth - 1];
		bool list = s->nodes[l->node].kind == VALUE_LIST;

		if (l->left_out != 0 && !leave_out(s, l, l->left_out, l->twin))
			return false;
		l->left_out = 0;
		skip_blanks(s);
		if (take(s, ',')) {
			s->nodes[l->node].len += list;
			return list || scan_key(s, l);
		}
		if (!take(s, list ? ']' : '}'))
			return not_json(s);
		if (!close_level(s, l))
			return false;
	}
	return false;
}

/* Refuses the text, with the line and column where the reading stopped. */
static int
refuse(const struct scan *s, struct err *e)
{
	const char *line = s->start;
	int lines = 1;

	for (const char *p = s->start; p < s->at; p++)
		if (*p == '\n') {
			line = p + 1;
			lines++;
		}
	return err_set(e, FAULT_REJECT,
	    "unparsable: the body %s (line %d, column %d)", s->wrong, lines,
	    (int)(s->at - line) + (s->at < s->end));
}

int
tape_read(struct arena *a, struct str text, bool strict, struct value *root,
    struct err *e)
{
	const char *start = text.len > 0 ? text.data : "";
	NOT_ZEROED struct level levels[NESTED_MAX];
	struct scan s = { .start = start,
		.at = start,
		.end = start + text.len,
		.strict = strict,
		.arena = a,
		.levels = levels,
		.room = text.len / ROOM_SHARE + 8 };

	/* A byte that is replaced (4.) becomes three bytes at most. */
	assert(text.len < UINT32_MAX / 3);
	s.tape = arena_alloc(a, sizeof(*s.tape));
	s.tape->text = start;
	s.nodes = arena_take(a, s.room * sizeof(*s.nodes));
	while (scan_value(&s) && goes_on(&s))
		;
	skip_blanks(&s);
	if (s.wrong == NULL && s.at < s.end)
		(void)wrong(&s, "goes on after its end");
	if (s.wrong != NULL)
		return refuse(&s, e);
	*root = (struct value){ s.tape, s.nodes };
	return 0;
}
