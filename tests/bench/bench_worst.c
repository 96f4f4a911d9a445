/* SPDX-License-Identifier: MIT */
/*
 * bench_worst: measures the CPU seconds of fold() for the largest order that
 * the limits of README.md allow, under programs of as many rules of each kind
 * as they allow, and the steps that the fold took.  The checksum is of all that
 * the fold gave.
 *
 * usage: bench_worst [WORD OF A NAME [RULES [REFUNDS]]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/log.h"
#include "core/fold/fold.h"
#include "wire/program/program.h"

#define BEGIN (INT64_C(1577836800) * INSTANT_SECOND) /* 2020-01-01 */
#define HOUR  (INSTANT_DAY / 24)

enum {
	FILE_ROOM = 1024 * 1024,
	PRICE = 1999,
	REFUNDED = 100, /* minor units, of a line by a refund */
	CODES = 200,
};

/* In the texts ' stands for ", # for the number of a rule, multiplier or word,
 * @ for that number modulo 20, and `words` for a list of as many words. */
struct shape {
	const char *name;
	const char *head; /* of the program, before its rules */
	const char *rule; /* after the id of each rule */
	const char *tail; /* after the rules */
	const char
	    *multiplier;  /* after the id of each multiplier; NULL: none */
	const char *word; /* a pattern for the words */
	int nwords;
	int levels;
	size_t whole;   /* refunds that take something of every line */
	int64_t share;  /* money of each refund beside its lines */
	int64_t every;  /* between refunds; 0: an hour */
	bool redeemed;  /* all is used before the refunds */
	bool codes;     /* the order has many */
	bool quantity;  /* refunds bring pieces back */
	size_t norders; /* beside; 0: no other order */
};

#define GIVE       "'on':'order','give':{'points':1}"
#define CATEGORY   ",'base':{'lines':{'category':['c@']}}"
#define LINES      ",'lines':{'category':['c@']}"
#define TIMES      "'times':'1.5','stack':'multiply'"
#define LINE_LIMIT ",'limit':{'most':1@,'per':'line'}"
#define IF         ",'when':{'amount':{'from':'#0.00'}}"

static const struct shape shapes[] = {
	{ "payments", .rule = GIVE ",'base':{'tender':[words,'d#']}",
	    .word = "w#", .nwords = 250, .share = 500 },
	{ "over line, once",
	    .rule =
	        "'on':'order','give':{'points':3,'per':'event'},'over':'line'" CATEGORY,
	    .share = 2700 },
	{ "over line, up and down", .rule = GIVE ",'over':'line'",
	    .share = -100000 },
	{ "over line, dear",
	    .rule =
	        "'on':'order','give':{'points':100,'per':'1'},'over':'line'",
	    .share = 2700 },
	{ "line limit, up and down", .rule = GIVE LINE_LIMIT,
	    .share = -100000 },
	{ "conditions", .rule = GIVE CATEGORY IF },
	{ "conditions, money", .rule = GIVE CATEGORY IF, .share = 500 },
	{ "conditions, whole", .rule = GIVE CATEGORY IF, .whole = 2 },
	{ "line limit", .rule = GIVE LINE_LIMIT },
	{ "line limit, money", .rule = GIVE LINE_LIMIT, .share = 500 },
	{ "line limit, category, condition",
	    .rule = GIVE CATEGORY IF LINE_LIMIT, .share = 500 },
	{ "line limit, items",
	    .rule = "'on':'order','give':{'points':2,'per':'item'}" LINE_LIMIT,
	    .share = 500, .quantity = true },
	{ "line limit, category, whole", .rule = GIVE CATEGORY LINE_LIMIT,
	    .whole = 2 },
	{ "over line", .rule = GIVE ",'over':'line'" },
	{ "over line, limit", .rule = GIVE ",'over':'line'" LINE_LIMIT,
	    .share = 500 },
	{ "over line, items",
	    .rule =
	        "'on':'order','give':{'points':2,'per':'item'},'over':'line'",
	    .share = 500, .quantity = true },
	{ "over line, tax, shipping",
	    .rule = GIVE
	    ",'over':'line','base':{'tax':true,'shipping':true,'discounts':'before','tender':['card']}",
	    .share = 500 },
	{ "line limit, multiplied", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES LINES, .share = 500 },
	{ "over line, multiplied", .rule = GIVE ",'over':'line'",
	    .multiplier = TIMES LINES, .share = 500 },
	{ "line limit, multiplied if", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES ",'when':{'amount':{'from':'#000.00'}}" LINES,
	    .share = 2700 },
	{ "line limit, over month",
	    .rule = GIVE
	    ",'over':'month','limit':[{'most':1@,'per':'line'},{'most':2000,'per':'month'}]",
	    .share = 500 },
	{ "line limit, proportional",
	    .rule = GIVE ",'on_refund':'proportional'" LINE_LIMIT,
	    .share = 500 },
	{ "proportional", .rule = GIVE CATEGORY ",'on_refund':'proportional'",
	    .share = 500 },
	{ "proportional limits",
	    .rule = GIVE CATEGORY
	    ",'on_refund':'proportional','limit':[{'most':50,'per':'order'},{'most':50,'per':'day'},{'most':60,'per':'month'},{'most':50,'per':'quarter'},{'most':50,'per':'year'},{'most':50,'per':'lifetime'}]",
	    .share = 500 },
	{ "limits",
	    .rule = GIVE CATEGORY
	    ",'limit':[{'most':50,'per':'order'},{'most':50,'per':'day'},{'most':60,'per':'month'},{'most':50,'per':'quarter'},{'most':50,'per':'year'},{'most':50,'per':'lifetime'}]",
	    .share = 500 },
	{ "sums", .rule = GIVE CATEGORY ",'over':'lifetime'", .share = 500 },
	{ "items",
	    .rule = "'on':'order','give':{'points':1,'per':'item'}" CATEGORY
	            ",'when':{'pieces':{'from':#}}",
	    .share = 500, .quantity = true },
	{ "bases",
	    .rule = GIVE
	    ",'base':{'tax':true,'shipping':true,'fees':true,'gift_cards':true,'discounts':'before','tender':['card'],'lines':{'category':['c@'],'sku':['s*']},'not_lines':{'on_sale':true}}" IF,
	    .share = 500 },
	{ "multipliers", .rule = GIVE CATEGORY, .multiplier = TIMES,
	    .share = 500 },
	{ "multipliers of lines", .rule = GIVE CATEGORY,
	    .multiplier = TIMES LINES, .share = 500 },
	{ "multipliers if", .rule = GIVE,
	    .multiplier = TIMES ",'when':{'amount':{'from':'#000.00'}}",
	    .share = 2700 },
	{ "multipliers if, of lines", .rule = GIVE,
	    .multiplier = TIMES ",'when':{'amount':{'from':'#000.00'}}" LINES,
	    .share = 2700 },
	{ "multipliers if, of lines and rules", .rule = GIVE CATEGORY,
	    .multiplier = TIMES ",'when':{'amount':{'from':'#0.00'}}" LINES,
	    .share = 2700 },
	{ "replaces", .rule = GIVE CATEGORY ",'replaces':['z'words]",
	    .tail = ",{'id':'z'," GIVE "}", .word = "r#", .nwords = RULES_MAX,
	    .share = 500 },
	{ "replaces if", .rule = GIVE CATEGORY IF ",'replaces':['z'words]",
	    .tail = ",{'id':'z'," GIVE "}", .word = "r#", .nwords = RULES_MAX,
	    .share = 500 },
	{ "words", .rule = GIVE ",'base':{'lines':{'category':[words,'d#']}}",
	    .word = "w#", .nwords = 250, .share = 500 },
	{ "patterns", .rule = GIVE ",'base':{'lines':{'sku':[words,'d#']}}",
	    .word = "w*x#", .nwords = 250, .share = 500 },
	{ "patterns of letters",
	    .rule = GIVE ",'base':{'lines':{'sku':[words,'d#']}}",
	    .word = "s*#*x", .nwords = 250, .share = 500 },
	{ "patterns that nearly match",
	    .rule = GIVE ",'base':{'lines':{'sku':[words,'d#']}}",
	    .word = "s*#*u*", .nwords = 250, .share = 500 },
	{ "patterns of multipliers", .rule = GIVE,
	    .multiplier = TIMES ",'lines':{'sku':[words]}", .word = "s*#*x",
	    .nwords = 250, .share = 500 },
	{ "words not",
	    .rule = GIVE ",'base':{'not_lines':{'category':[words,'d#']}}",
	    .word = "w#", .nwords = 250, .share = 500 },
	{ "words of multipliers", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES ",'lines':{'category':[words]}", .word = "w#",
	    .nwords = 250, .share = 500 },
	{ "codes that nearly match",
	    .rule = GIVE CATEGORY ",'when':{'not':{'codes':[words]}}",
	    .word = "w*#*z", .nwords = 250, .codes = true, .share = 500 },
	{ "codes", .rule = GIVE CATEGORY ",'when':{'not':{'codes':[words]}}",
	    .word = "w#*", .nwords = 250, .codes = true, .share = 500 },
	{ "codes of multipliers", .rule = GIVE CATEGORY,
	    .multiplier = TIMES ",'when':{'not':{'codes':[words]}}",
	    .word = "w#*", .nwords = 250, .codes = true, .share = 500 },
	{ "split", .levels = 16, .head = "'crossing':'split','term':'while',",
	    .rule = GIVE CATEGORY, .share = 500 },
	{ "split, line limit", .levels = 16, .head = "'crossing':'split',",
	    .rule = GIVE LINE_LIMIT, .share = 500 },
	{ "split, line limit, multiplied", .levels = 16,
	    .head = "'crossing':'split',", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES LINES, .share = 500 },
	{ "split, over line", .levels = 16, .head = "'crossing':'split',",
	    .rule = GIVE ",'over':'line'", .share = 500 },
	{ "split, tiers", .levels = 16,
	    .head = "'crossing':'split','term':'while',",
	    .rule = GIVE CATEGORY ",'when':{'tier':['l8']}", .share = 2700 },
	{ "new, multiplied if", .levels = 16, .head = "'crossing':'new',",
	    .rule = GIVE CATEGORY,
	    .multiplier = TIMES
	    ",'when':{'amount':{'from':'#0.00'},'tier':['l8','l9']}" LINES,
	    .share = 2700 },
	{ "split, multiplied if", .levels = 16, .head = "'crossing':'split',",
	    .rule = GIVE CATEGORY,
	    .multiplier = TIMES ",'when':{'amount':{'from':'#0.00'}}" LINES,
	    .share = 2700 },
	{ "new, line limit, multiplied by tier", .levels = 16,
	    .head = "'crossing':'new',", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES ",'when':{'tier':['l8','l9']}" LINES,
	    .share = 2700 },
	{ "split, line limit, multiplied by tier", .levels = 16,
	    .head = "'crossing':'split',", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES ",'when':{'tier':['l8','l9']}" LINES,
	    .share = 2700 },
	{ "split, over line, multiplied by tier", .levels = 16,
	    .head = "'crossing':'split',", .rule = GIVE ",'over':'line'",
	    .multiplier = TIMES ",'when':{'tier':['l8','l9']}" LINES,
	    .share = 500 },
	{ "split, line limit, up and down", .levels = 16,
	    .head = "'crossing':'split',", .rule = GIVE LINE_LIMIT,
	    .multiplier = TIMES ",'when':{'tier':['l8','l9']}" LINES,
	    .share = -100000 },
	{ "split, codes", .levels = 16, .head = "'crossing':'split',",
	    .rule = GIVE CATEGORY ",'when':{'not':{'codes':[words]}}",
	    .word = "w#*", .nwords = 250, .codes = true, .share = 500 },
	{ "tier gifts", .levels = 16, .head = "'term':'while',",
	    .rule = "'on':'tier','give':{'points':1}",
	    .tail = ",{'id':'o'," GIVE "}", .share = 2700 },
	{ "tier earned", .levels = 16, .head = "'metric':'earned',",
	    .rule = GIVE CATEGORY, .share = 500 },
	{ "redeemed", .rule = GIVE CATEGORY, .redeemed = true, .share = 500 },
	{ "redeemed, forgiven",
	    .head = "'wallets':{'points':{'negative':'forgive'}},",
	    .rule = GIVE CATEGORY, .redeemed = true, .share = 500 },
	{ "pending, expires",
	    .head =
	        "'pending_days':14,'wallets':{'points':{'expires':{'after':'6 months','inactive':'1 month'}}},",
	    .rule = GIVE CATEGORY, .every = INSTANT_DAY, .share = 500 },
	{ "expired",
	    .head = "'wallets':{'points':{'expires':{'after':'6 months'}}},",
	    .rule = GIVE CATEGORY, .every = 10 * INSTANT_DAY, .share = 500 },
	{ "vouchers",
	    .head = "'wallets':{'points':{},'vouchers':{'unit':'vouchers'}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':1#},'give':{'points':1},'to':'vouchers'",
	    .tail = ",{'id':'o'," GIVE "}", .share = 500 },
	{ "vouchers, many earn",
	    .head = "'wallets':{'points':{},'vouchers':{'unit':'vouchers'}},",
	    .rule = GIVE CATEGORY,
	    .tail =
	        ",{'id':'o','on':'balance','take':{'wallet':'points','each':10},'give':{'points':1},'to':'vouchers'}",
	    .share = 500 },
	{ "vouchers, half",
	    .head =
	        "'wallets':{'points':{},'vouchers':{'unit':'vouchers','expires':{'after':'10 days'}}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':1#},'give':{'points':1},'to':'vouchers'},{'id':'o#'," GIVE
	            CATEGORY,
	    .share = 500 },
	{ "takings",
	    .head = "'wallets':{'points':{},'vouchers':{'unit':'vouchers'}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':1},'give':{'points':1},'to':'vouchers','limit':{'most':1,'per':'order'}",
	    .tail = ",{'id':'o'," GIVE "}", .share = 500 },
	{ "takings of many",
	    .head = "'wallets':{'points':{},'vouchers':{'unit':'vouchers'}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':1},'give':{'points':1},'to':'vouchers','limit':{'most':1,'per':'order'}},{'id':'o#'," GIVE
	            CATEGORY,
	    .share = 500 },
	{ "takings that stay",
	    .head = "'wallets':{'points':{},'vouchers':{'unit':'vouchers'}},",
	    .rule =
	        "'on':'balance','on_refund':'none','take':{'wallet':'points','each':1},'give':{'points':1},'to':'vouchers','limit':{'most':1,'per':'order'}},{'id':'o#'," GIVE
	            CATEGORY,
	    .share = 500 },
	{ "takings that expire",
	    .head =
	        "'wallets':{'points':{},'vouchers':{'unit':'vouchers','expires':{'after':'1 day'}}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':1},'give':{'points':1},'to':'vouchers','limit':{'most':1,'per':'order'}},{'id':'o#'," GIVE
	            CATEGORY,
	    .share = 500 },
	{ "takings that are used",
	    .head =
	        "'wallets':{'points':{'negative':'forgive'},'vouchers':{'unit':'vouchers'}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':1},'give':{'points':1},'to':'vouchers','limit':{'most':1,'per':'order'}},{'id':'o#'," GIVE
	            CATEGORY,
	    .redeemed = true, .share = 500 },
	{ "takings of takings",
	    .head = "'wallets':{'points':{},'a':{},'b':{}},",
	    .rule =
	        "'on':'balance','take':{'wallet':'points','each':2},'give':{'points':1},'to':'a','limit':{'most':1,'per':'order'}},{'id':'o#','on':'balance','take':{'wallet':'a','each':1},'give':{'points':1},'to':'b','limit':{'most':1,'per':'order'}",
	    .tail = ",{'id':'o'," GIVE "}", .share = 500 },
	{ "vouchers of vouchers",
	    .head = "'wallets':{'points':{},'a':{},'b':{},'c':{},'d':{}},",
	    .rule = GIVE CATEGORY,
	    .tail =
	        ",{'id':'oa','on':'balance','take':{'wallet':'points','each':3},'give':{'points':2},'to':'a'},{'id':'ob','on':'balance','take':{'wallet':'a','each':3},'give':{'points':2},'to':'b'},{'id':'oc','on':'balance','take':{'wallet':'b','each':3},'give':{'points':2},'to':'c'},{'id':'od','on':'balance','take':{'wallet':'c','each':3},'give':{'points':2},'to':'d'}",
	    .share = 500 },
	{ "memberships",
	    .head =
	        "'memberships':[{'id':'m','term':'1 month','fee':{'category':['c1']}},{'id':'n','term':'1 month','fee':{'category':['c2']}},{'id':'o','term':'1 year','fee':{'sku':['s*']}}],",
	    .rule =
	        "'on':'membership_month','give':{'points':1}},{'id':'o#'," GIVE
	            CATEGORY,
	    .share = 500 },
	{ "donations", .head = "'charities':['x'],",
	    .rule = "'on':'order','donate':'x','give':{'percent':'1'}" CATEGORY,
	    .share = 500 },
	{ "many orders, refunded",
	    .rule = GIVE CATEGORY
	    ",'over':'lifetime','limit':[{'most':50,'per':'month'},{'most':50,'per':'lifetime'}]",
	    .norders = 100, .share = 500 },
	{ "every month",
	    .rule = "'on':'month','give':{'points':1}},{'id':'o#'," GIVE
	        CATEGORY,
	    .every = INSTANT_DAY, .share = 500 },
};

static int rules = RULES_MAX;
static size_t nrefunds = REFUNDS_MAX;

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
put(struct buf *b, const char *text, int n, const struct shape *s)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_printf(b, "\"");
		else if (*text == '#')
			buf_printf(b, "%d", n);
		else if (*text == '@')
			buf_printf(b, "%d", n % 20);
		else if (strncmp(text, "words", 5) == 0) {
			for (int i = 0, any = s->word[0] == 'r';
			     i < s->nwords && (s->word[0] != 'r' || i < rules);
			     i++) {
				if (s->word[0] == 'r' && i >= n)
					continue;
				buf_printf(b, any++ > 0 ? ",\"" : "\"");
				put(b, s->word, i, s);
				buf_printf(b, "\"");
			}
			text += 4;
		} else
			buf_printf(b, "%c", *text);
	}
}

static const struct program *
program_of_shape(struct arena *a, const struct shape *s)
{
	struct program *p = arena_alloc(a, sizeof(*p));
	const struct program_setting setting = { .currency = "EUR",
		.exponent = 2 };
	struct buf file;
	struct err e;
	int n = rules;

	buf_init(&file, FILE_ROOM);
	put(&file, "{'name':'worst',", 0, s);
	if (s->levels > 0) {
		put(&file, "'tiers':{", 0, s);
		put(&file, s->head, 0, s);
		put(&file, "'levels':[", 0, s);
		for (int i = 0; i < s->levels; i++) {
			put(&file, i > 0 ? ",{" : "{", 0, s);
			put(&file,
			    strstr(s->head, "earned")
			        ? "'id':'l#','from':#000}"
			        : "'id':'l#','from':'#000.00'}",
			    i + 1, s);
		}
		put(&file, "]},", 0, s);
	} else if (s->head != NULL)
		put(&file, s->head, 0, s);
	if (s->multiplier != NULL) {
		put(&file, "'multipliers':[", 0, s);
		for (int i = 0; i < MULTIPLIERS_MAX; i++) {
			put(&file, i > 0 ? ",{'id':'m#'," : "{'id':'m#',", i,
			    s);
			put(&file, s->multiplier, i, s);
			put(&file, "}", 0, s);
		}
		put(&file, "],", 0, s);
	}
	put(&file, "'rules':[", 0, s);
	if (strstr(s->rule, "'id'") != NULL)
		n /= 2;
	if (s->tail != NULL)
		n -= 4;
	for (int i = 0; i < n; i++) {
		put(&file, i > 0 ? ",{'id':'r#'," : "{'id':'r#',", i, s);
		put(&file, s->rule, i, s);
		put(&file, "}", 0, s);
	}
	if (s->tail != NULL)
		put(&file, s->tail, 0, s);
	put(&file, "]}", 0, s);
	if (program_parse(a, (struct str){ file.data, file.len }, &setting, p,
	        &e) == -1) {
		printf("%s: %s\n", s->name, e.msg);
		return NULL;
	}
	buf_fini(&file);
	return p;
}

static void
refunds_of(struct arena *a, const struct shape *s, struct order *o)
{
	size_t next = 0, left = REFUND_LINES_MAX;
	int64_t every = s->every > 0 ? s->every : HOUR;

	for (size_t i = 0; i < o->nrefunds; i++) {
		struct order_refund *r = &o->refunds[i];
		size_t n = i < s->whole   ? o->nlines
		           : s->whole > 0 ? 0
		                          : REFUND_LINES_MAX / REFUNDS_MAX;

		if (n > left)
			n = left;
		left -= n;
		*r = (struct order_refund){
			.id = (int64_t)i + 1,
			.at = o->created_at + (int64_t)(i + 1) * every,
			.share = s->share >= 0 ? s->share
			         : i % 2 == 0  ? -s->share
			                       : s->share,
			.nlines = n,
			.lines = arena_array(a, n + 1, sizeof(*r->lines)),
		};
		for (size_t j = 0; j < n; j++)
			r->lines[j] = (struct order_refund_line){
				.line_id = (int64_t)(next++ % o->nlines) + 1,
				.net = REFUNDED,
				.tax = 19,
				.quantity = s->quantity && i % 3 == 0,
			};
	}
}

static const struct order *
order_of(struct arena *a, const struct shape *s, int64_t id)
{
	struct order *o = arena_alloc(a, sizeof(*o));
	size_t nlines = id == 1 ? LINES_MAX : 20;

	*o = (struct order){
		.id = id,
		.platform = id % 2 == 1 ? PLATFORM_SHOPIFY
		                        : PLATFORM_WOOCOMMERCE,
		.created_at = BEGIN + id,
		.paid_at = BEGIN + id,
		.modified_at = BEGIN + id,
		.channel = "online",
		.nlines = nlines,
		.lines = arena_array(a, nlines, sizeof(*o->lines)),
		.nrefunds = id == 1 ? nrefunds : 50,
		.refunds = arena_array(a, REFUNDS_MAX, sizeof(*o->refunds)),
		.shipping = 500,
		.shipping_tax = 95,
		.total = 595,
	};
	(void)snprintf(
	    o->status, sizeof(o->status), id % 2 == 1 ? "paid" : "completed");
	(void)snprintf(o->currency, sizeof(o->currency), "EUR");
	o->tenders = arena_array(a, 2, sizeof(*o->tenders));
	o->tenders[0] = (struct tender){ "card", 300000 };
	o->tenders[1] = (struct tender){ "cash", 100000 };
	o->ntenders = 2;
	if (strstr(s->name, "payments") != NULL) {
		o->tenders[0].amount = o->tenders[1].amount = 0;
		o->payments = arena_array(
		    a, PAYMENTS_MAX, sizeof(*o->payments));
		o->npayments = PAYMENTS_MAX;
		for (size_t i = 0; i < PAYMENTS_MAX; i++)
			o->payments[i] = (struct order_payment){ (int64_t)i + 1,
				i % 2 == 0 ? "card" : "cash", 20000, "EUR" };
	}
	if (s->codes) {
		o->codes.list = arena_array(a, CODES, sizeof(char *));
		for (size_t i = 0; i < CODES; i++)
			((const char **)(uintptr_t)
			        o->codes.list)[o->codes.n++] = arena_printf(a,
			    "W%zuxy", i + 400);
	}
	for (size_t i = 0; i < nlines; i++) {
		const char **words = arena_array(a, 4, sizeof(*words));

		words[0] = arena_printf(a, "c%zu", i % 20);
		words[1] = arena_printf(a, "v%zu", i % 40);
		words[2] = arena_printf(a, "w%zu", 1000 + i);
		words[3] = arena_printf(a, "d%zu", i % RULES_MAX);
		o->lines[i] = (struct order_line){
			.id = (int64_t)i + 1,
			.quantity = 3,
			.current = 3,
			.before = PRICE + 100,
			.net = PRICE,
			.tax = 380,
			.sku = arena_printf(a, "sku-1-23-456-7-%zu", i),
			.categories = { words, 4 },
		};
		o->total += PRICE + 380;
	}
	refunds_of(a, s, o);
	return o;
}

static uint64_t
sum_text(uint64_t h, const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		h = h * 1099511628211U + (unsigned char)*s;
	return h * 31 + 7;
}

static uint64_t
sum_why(uint64_t h, const struct why *w)
{
	if (w == NULL)
		return h * 31;
	h = sum_text(sum_text(h, w->reason), w->rule);
	h = sum_text(sum_text(h, w->tier),
	    w->nmultipliers > 0 ? w->multipliers[0] : "-");
	const int64_t n[] = { w->base, w->base_left, w->foreign, w->units,
		w->per, w->factor, (int64_t)w->nmultipliers, w->window_from,
		w->sum_before, w->sum_after, w->boosted, w->whole,
		w->given_before, w->given_after, w->uncapped, w->limit,
		w->passed, w->bonus };
	for (size_t i = 0; i < NITEMS(n); i++)
		h = h * 1099511628211U + (uint64_t)n[i];
	return h;
}

static uint64_t
sum_of(const struct fold *f)
{
	uint64_t h = 1;

	for (size_t i = 0; i < f->nmovements; i++) {
		const struct movement *m = &f->movements[i];

		h = sum_text(
		    sum_text(sum_text(h, m->source_id), m->rule), m->wallet);
		h = h * 31 + (uint64_t)m->debit * 100 + (uint64_t)m->credit;
		h = h * 1099511628211U + (uint64_t)m->units;
		h = h * 1099511628211U + (uint64_t)m->at;
		h = sum_why(sum_why(h, m->why), m->why_all);
	}
	for (size_t i = 0; i < f->nlots; i++)
		h = h * 1099511628211U + (uint64_t)f->lots[i]->remaining * 3 +
		    f->lots[i]->vested;
	for (size_t i = 0; i < f->ntiers; i++)
		h = sum_text(h, f->tiers[i].level) +
		    (uint64_t)f->tiers[i].metric;
	return h;
}

static void
measure(const struct shape *s)
{
	struct arena facts, work;
	struct era era = { NULL, 1, 0 };
	struct timeline t = { .eras = &era, .neras = 1, .store_id = 1 };
	struct fact *list;
	struct fold out;
	int64_t began, ns;
	size_t n = 0;

	arena_init(&facts);
	arena_init(&work);
	era.program = program_of_shape(&facts, s);
	if (era.program == NULL)
		return;
	t.facts = list = arena_array(&facts, s->norders + 2, sizeof(*list));
	for (size_t i = 0; i <= s->norders; i++) {
		const struct order *o = order_of(&facts, s, (int64_t)i + 1);

		list[n++] = (struct fact){ .kind = FACT_ORDER,
			.at = o->created_at,
			.store_id = 1,
			.id = arena_printf(&facts, "%zu", i + 1),
			.program = era.program,
			.version_id = 1,
			.order = o };
	}
	if (s->redeemed)
		list[n++] = (struct fact){ .kind = FACT_REDEEM,
			.at = BEGIN + HOUR / 2,
			.store_id = 1,
			.id = "all",
			.program = era.program,
			.version_id = 1,
			.wallet = strstr(s->name, "takings") != NULL
			              ? "vouchers"
			              : "points",
			.units = strstr(s->name, "takings") != NULL ? 30000
			                                            : 511000 };
	t.nfacts = n;
	t.now = BEGIN +
	        (int64_t)(REFUNDS_MAX + 1) * (s->every > 0 ? s->every : HOUR);
	began = cpu_ns();
	fold(&work, &t, &out);
	ns = cpu_ns() - began;
	printf(
	    "%-36s %8.3f s %9.1f million steps %6.2f ns a step %zu movements %016" PRIx64
	    "\n",
	    s->name, (double)ns / 1e9, (double)out.steps / 1e6,
	    (double)ns / (double)out.steps, out.nmovements, sum_of(&out));
	fflush(stdout);
	arena_fini(&work);
	arena_fini(&facts);
}

int
main(int argc, char *argv[])
{
	if (argc > 2)
		rules = atoi(argv[2]);
	if (argc > 3)
		nrefunds = (size_t)atoi(argv[3]);
	for (size_t i = 0; i < NITEMS(shapes); i++)
		if (argc < 2 || strstr(shapes[i].name, argv[1]) != NULL)
			measure(&shapes[i]);
	return 0;
}
