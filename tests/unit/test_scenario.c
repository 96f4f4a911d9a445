/* SPDX-License-Identifier: MIT */
/* Tests how tests in program files are read, refused and run, and that each
 * kind of expectation fails with its own message. */
#include "program_file.h"

#include "../support/scenario_file.h"
#include "base/instant.h"

enum {
	OUT_MAX = 64 * 1024
};

/* A program with every kind of thing that a test may expect. */
#define PROGRAM                                                               \
	"{'name':'x',"                                                        \
	"'wallets':{'points':{},'cash':{'unit':'money'}},"                    \
	"'charities':['trees'],"                                              \
	"'memberships':[{'id':'club','fee':{'sku':['CLUB']},"                 \
	"'term':'1 year'}],"                                                  \
	"'rules':["                                                           \
	"{'id':'order','on':'order','give':{'points':1}},"                    \
	"{'id':'back','on':'order','give':{'percent':'2'},'to':'cash',"       \
	"'when':{'channel':['pos']}},"                                        \
	"{'id':'give','on':'review','give':{'amount':'1.50'},"                \
	"'donate':'trees'}],"                                                 \
	"'multipliers':[{'id':'twice','times':'2','rules':['order'],"         \
	"'when':{'channel':['app']}}],"                                       \
	"'tiers':{'levels':[{'id':'gold','from':'100.00'}]},"                 \
	"'rewards':[{'id':'off','cost':10,'kind':'amount','amount':'1.00'},"  \
	"{'id':'free','cost':'0.01','wallet':'cash','kind':'store_credit',"   \
	"'amount':'0.01','variable':true}],"                                  \
	"'benefits':[{'id':'ship','kind':'shipping','when':{'tier':['gold']}" \
	"},{'id':'tenth','kind':'discount','percent':'10',"                   \
	"'when':{'membership':['club']}}],"                                   \
	"'tests':["

#define TEST(steps) PROGRAM "`{'name':'t','steps':[`" steps "]}]}"

/* Berlin's clocks in 2025. */
static const struct zone berlin = {
	.name = "Europe/Berlin",
	.changes =
	    (const struct zone_change[]){
	        { INT64_MIN, 3600 },
	        { INT64_C(1743296400) * INSTANT_SECOND, 7200 },
	        { INT64_C(1761440400) * INSTANT_SECOND, 3600 },
	    },
	.nchanges = 3,
};

static const struct zones zones = { &berlin, 1 };

static int
read_in(const struct zone *zone, const char *text, struct scenario_file *f)
{
	const struct program_setting set = {
		.currency = "EUR", .exponent = 2, .zone = zone
	};

	return scenario_file_read(&arena, quoted(text), &set, &zones, f);
}

/* Reads a file that has one test. */
static const struct scenario *
scenario_in(const char *text)
{
	struct scenario_file *f = arena_alloc(&arena, sizeof(*f));

	if (read_in(NULL, text, f) == -1)
		fail_msg("%s\nis refused: %s", text, sentences_of(&f->faults));
	assert_int_equal(f->tests.n, 1);
	return &f->tests.list[0];
}

static int64_t
instant(const char *text)
{
	int64_t at = 0;

	if (instant_parse(str_of(text), &at) == -1)
		fail_msg("%s is no instant", text);
	return at;
}

/* ---- reading ------------------------------------------------------------- */

/* An order with every key, and later steps that change the order. */
#define ORDER_TOLD                                                     \
	"{'at':'2025-03-01','order':{'id':'7','brand':'golf',"         \
	"'channel':'pos','shipping':'4.00','shipping_method':'post',"  \
	"'fulfilled':true,'tender':{'card':'20.00','cash':'8.50'},"    \
	"'lines':[{'amount':'20.00','before':'25.00','tax':'1.50',"    \
	"'quantity':2,'sku':'A-1','product':'12','vendor':'V',"        \
	"'type':'T','category':['c','d'],'tag':['e'],'on_sale':true}," \
	"{'amount':'3.00','gift_card':true}]},'expect':{'tier':null}}"

static void
test_reads_orders(void **state)
{
	const struct scenario *s = scenario_in(TEST(ORDER_TOLD));
	const struct order *o = s->steps[0].order;

	(void)state;
	assert_string_equal(s->name, "t");
	assert_int_equal(s->line, 2);
	assert_int_equal(s->nsteps, 1);
	assert_int_equal(s->steps[0].kind, STEP_ORDER);
	assert_int_equal(s->steps[0].line, 3);
	assert_string_equal(s->steps[0].id, "7");
	assert_string_equal(s->steps[0].brand, "golf");
	assert_string_equal(o->status, "paid");
	assert_string_equal(o->currency, "EUR");
	assert_string_equal(o->channel, "pos");
	assert_string_equal(o->shipping_method, "post");
	assert_int_equal(o->total, 2850);
	assert_int_equal(o->shipping, 400);
	assert_int_equal(o->created_at, instant("2025-03-01T00:00:00Z"));
	assert_int_equal(o->fulfilled_at, o->created_at);
	assert_int_equal(o->ntenders, 2);
	assert_string_equal(o->tenders[1].name, "cash");
	assert_int_equal(o->tenders[1].amount, 850);
	assert_int_equal(o->nlines, 2);
	assert_int_equal(o->lines[0].id, 1);
	assert_int_equal(o->lines[0].net, 2000);
	assert_int_equal(o->lines[0].before, 2500);
	assert_int_equal(o->lines[0].tax, 150);
	assert_int_equal(o->lines[0].quantity, 2);
	assert_int_equal(o->lines[0].current, 2);
	assert_int_equal(o->lines[0].product_id, 12);
	assert_string_equal(o->lines[0].categories.list[1], "d");
	assert_string_equal(o->lines[0].tags.list[0], "e");
	assert_true(o->lines[0].on_sale);
	assert_true(o->lines[1].gift_card);
	assert_int_equal(o->lines[1].before, 300);
	assert_int_equal(o->nrefunds, 0);
}

static void
test_reads_changes(void **state)
{
	const struct scenario *s = scenario_in(TEST(ORDER_TOLD
	    ",`{'at':'2025-03-02','refund':{'order':'7','line':1,"
	    "'quantity':1}},"
	    "{'at':'2025-03-03','refund':{'order':'7'}},"
	    "{'at':'2025-03-04','cancel':'7'},"
	    "{'at':'2025-03-05','order':{'id':'7','amount':'5.00'}}"));
	const struct order *o = s->steps[4].order;
	const struct order_refund *f = s->steps[1].refund;

	(void)state;
	assert_int_equal(s->nsteps, 5);
	assert_int_equal(s->steps[1].line, 4);
	assert_int_equal(s->steps[1].order->nrefunds, 1);
	assert_int_equal(f->nlines, 1);
	assert_int_equal(f->lines[0].quantity, 1);
	assert_int_equal(f->lines[0].net, 1000);
	assert_int_equal(f->lines[0].tax, 75);

	/* The refund without lines takes back all that is left of the order:
	 * one piece of the first line, the second line, and the shipping. */
	f = s->steps[2].refund;
	assert_int_equal(s->steps[2].order->nrefunds, 2);
	assert_int_equal(f->nlines, 2);
	assert_int_equal(f->lines[0].quantity, 1);
	assert_int_equal(f->lines[0].net, 1000);
	assert_int_equal(f->lines[1].net, 300);
	assert_int_equal(f->share, 400);
	assert_int_equal(f->at, instant("2025-03-03T00:00:00Z"));

	assert_string_equal(s->steps[3].order->status, "cancelled");
	assert_int_equal(
	    s->steps[3].order->cancelled_at, instant("2025-03-04T00:00:00Z"));
	assert_int_equal(
	    s->steps[3].order->created_at, instant("2025-03-01T00:00:00Z"));

	assert_string_equal(o->status, "paid");
	assert_int_equal(o->total, 500);
	assert_int_equal(o->paid_at, instant("2025-03-01T00:00:00Z"));
	assert_int_equal(o->modified_at, instant("2025-03-05T00:00:00Z"));
	assert_int_equal(o->nrefunds, 2);
	assert_int_equal(o->cancelled_at, 0);
}

/* Checks a refund of the rest of an order after a refund that named no line.
 * The rest of each line is not known, so the order's rest is one amount. */
static void
test_reads_refunds(void **state)
{
	const struct scenario *s = scenario_in(
	    TEST("{'at':'2025-03-01','order':{'id':'1','amount':'10.00'}},"
	         "{'at':'2025-03-02','refund':{'order':'1','amount':'4.00'}},"
	         "{'at':'2025-03-03','refund':{'order':'1'}},"
	         "{'at':'2025-03-04','order':{'id':'2','amount':'10.00'}},"
	         "{'at':'2025-03-05','refund':{'order':'2','line':1,"
	         "'amount':'4.00'}},"
	         "{'at':'2025-03-06','refund':{'order':'2','line':1},"
	         "'expect':{'points':0}}"));
	const struct order_refund *f = s->steps[1].refund;

	(void)state;
	assert_int_equal(f->share, 400);
	assert_int_equal(f->nlines, 0);
	f = s->steps[2].refund;
	assert_int_equal(f->share, 600);
	assert_int_equal(f->nlines, 1);
	assert_int_equal(f->lines[0].net, 0);
	assert_int_equal(f->lines[0].quantity, 1);
	f = s->steps[4].refund;
	assert_int_equal(f->lines[0].net, 400);
	assert_int_equal(f->lines[0].quantity, 0);
	f = s->steps[5].refund;
	assert_int_equal(f->lines[0].net, 600);
	assert_int_equal(f->lines[0].quantity, 1);
}

static void
test_reads_facts(void **state)
{
	const struct scenario *s = scenario_in(
	    TEST("{'at':'2025-03-01','repeat':3,'expect':{'points':0},"
	         "'event':{'type':'review',"
	         "'id':'r','amount':'5.00','count':2,'channel':'pos',"
	         "'brand':'b','fields':{'stars':'5','by':'me'}}},"
	         "{'at':'2025-03-01','event':{'type':'other'}},"
	         "{'at':'2025-03-02','redeem':{'id':'a','reward':'free',"
	         "'units':'0.25','charity':'trees','reserve':true}},"
	         "{'at':'2025-03-02','redeem':{'id':'b','reward':'off',"
	         "'issue':true}},"
	         "{'at':'2025-03-03','capture':'a'},"
	         "{'at':'2025-03-03','release':'b'},"
	         "{'at':'2025-03-04','adjust':{'wallet':'cash',"
	         "'units':'-0.005','reason':'why'}},"
	         "{'at':'2025-03-05','quote':{'amount':'5.00','rewards':["
	         "'off',{'reward':'free','units':'0.10'}]}}"));
	const struct fact *f = &s->steps[0].fact;

	(void)state;
	assert_int_equal(s->steps[0].repeat, 3);
	assert_int_equal(f->kind, FACT_EVENT);
	assert_string_equal(f->type, "review");
	assert_string_equal(f->id, "r");
	assert_int_equal(f->amount, 500);
	assert_int_equal(f->count, 2);
	assert_string_equal(f->channel, "pos");
	assert_string_equal(f->brand, "b");
	assert_int_equal(f->nfields, 2);
	assert_string_equal(fact_field(f, "by"), "me");
	f = &s->steps[1].fact;
	assert_int_equal(s->steps[1].repeat, 1);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->id, "step-2");
	f = &s->steps[2].fact;
	assert_int_equal(f->kind, FACT_REDEEM);
	assert_string_equal(f->wallet, "cash");
	assert_int_equal(f->units, 25 * MILLI);
	assert_string_equal(f->charity, "trees");
	assert_true(f->reserve);
	f = &s->steps[3].fact;
	assert_string_equal(f->wallet, "points");
	assert_int_equal(f->units, 10);
	assert_true(f->issue);
	assert_false(f->reserve);
	assert_int_equal(s->steps[4].fact.kind, FACT_CAPTURE);
	assert_string_equal(s->steps[4].fact.of, "a");
	assert_int_equal(s->steps[5].fact.kind, FACT_RELEASE);
	assert_string_equal(s->steps[5].fact.type, RELEASE_GONE);
	f = &s->steps[6].fact;
	assert_int_equal(f->kind, FACT_ADJUST);
	assert_int_equal(f->units, -500);
	assert_string_equal(f->reason, "why");
	assert_int_equal(s->steps[7].kind, STEP_QUOTE);
	assert_int_equal(s->steps[7].nwishes, 2);
	assert_string_equal(s->steps[7].wishes[0].reward, "off");
	assert_int_equal(s->steps[7].wishes[1].units, 10 * MILLI);
}

/* Checks local dates and times, also on days on which clocks jump. */
static void
test_reads_times(void **state)
{
	static const struct {
		const char *at, *utc;
	} cases[] = {
		{ "2025-03-01", "2025-02-28T23:00:00Z" },
		{ "2025-03-01T10:30:00", "2025-03-01T09:30:00Z" },
		{ "2025-03-01T10:30:00Z", "2025-03-01T10:30:00Z" },
		{ "2025-03-01T10:30:00-05:00", "2025-03-01T15:30:00Z" },
		{ "2025-03-30", "2025-03-29T23:00:00Z" },
		{ "2025-03-30T01:30:00", "2025-03-30T00:30:00Z" },
		{ "2025-03-30T12:00:00", "2025-03-30T10:00:00Z" },
		{ "2025-03-30T23:59:59", "2025-03-30T21:59:59Z" },
		{ "2025-10-26T12:00:00", "2025-10-26T11:00:00Z" },
		{ "2025-10-26T23:59:59.5", "2025-10-26T22:59:59.5Z" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[4096];
		struct scenario_file f;

		(void)snprintf(text, sizeof(text),
		    TEST("{'at':'%s','expect':{'points':0}}"), cases[i].at);
		if (read_in(&berlin, text, &f) == -1)
			fail_msg(
			    "%s: %s", cases[i].at, sentences_of(&f.faults));
		if (f.tests.list[0].steps[0].at != instant(cases[i].utc))
			fail_msg("%s is not %s", cases[i].at, cases[i].utc);
	}
}

/* Checks that a test may set a currency and a time zone, with which the
 * program is then parsed. */
static void
test_reads_stores(void **state)
{
	const struct scenario *s = scenario_in(
	    "{'name':'x','rules':[{'id':'o','on':'order','give':{'points':1}}],"
	    "'tests':[{'name':'t','currency':'KWD','zone':'Europe/Berlin',"
	    "'steps':[{'at':'2025-03-01','order':{'id':'1',"
	    "'amount':'1.005'},'expect':{'points':1}}]}]}");

	(void)state;
	assert_string_equal(s->program->currency, "KWD");
	assert_int_equal(s->program->exponent, 3);
	assert_string_equal(s->program->zone->name, "Europe/Berlin");
	assert_string_equal(s->steps[0].order->currency, "KWD");
	assert_int_equal(s->steps[0].order->total, 1005);
	assert_int_equal(s->steps[0].at, instant("2025-02-28T23:00:00Z"));
}

/* Checks which member a step is about: the one that "member" names, or the
 * owner of the order or redemption. */
static void
test_reads_members(void **state)
{
	const struct scenario *s = scenario_in(
	    TEST("{'at':'2025-03-01','order':{'id':'1','amount':'9.00',"
	         "'status':'pending','fees':'-1.50'}},"
	         "{'at':'2025-03-02','arrives':'2025-03-04','member':'b',"
	         "'order':{'id':'2','amount':'5.00'}},"
	         "{'at':'2025-03-03','refund':{'order':'2'}},"
	         "{'at':'2025-03-03','order':{'id':'1','amount':'9.00'}},"
	         "{'at':'2025-03-04','member':'c','redeem':{'id':'r','reward':"
	         "'off'}},{'at':'2025-03-05','release':'r'},"
	         "{'at':'2025-03-06','member':'b','merge':{'from':'c'}},"
	         "{'at':'2025-03-07','payout':'trees'},"
	         "{'at':'2025-03-08','program':{'name':'y','wallets':{'w':{}},"
	         "'benefits':[{'id':'f','kind':'flag'}]},'expect':{'w':0}}"));
	const struct step *x = s->steps;

	(void)state;
	assert_int_equal(s->nmembers, 3);
	assert_string_equal(x[0].order->status, "pending");
	assert_false(x[0].order->was_paid);
	assert_int_equal(x[0].order->fees, -150);
	assert_int_equal(x[0].order->total, 750);
	assert_int_equal(x[1].member, 1);
	assert_int_equal(x[1].told_at, instant("2025-03-04T00:00:00Z"));
	assert_int_equal(x[2].member, 1);
	assert_int_equal(x[3].member, 0);
	assert_true(x[3].order->was_paid);
	assert_int_equal(x[3].order->paid_at, instant("2025-03-03T00:00:00Z"));
	assert_int_equal(
	    x[3].order->created_at, instant("2025-03-01T00:00:00Z"));
	assert_int_equal(x[5].member, 2);
	assert_int_equal(x[6].kind, STEP_MERGE);
	assert_int_equal(x[6].member, 2);
	assert_int_equal(x[6].into, 1);
	assert_int_equal(x[7].kind, STEP_PAYOUT);
	assert_string_equal(x[7].charity, "trees");
	assert_int_equal(x[8].kind, STEP_PROGRAM);
	assert_string_equal(x[8].program->name, "y");
}

/* ---- refusing ------------------------------------------------------------ */

#define AT   "'at':'2025-03-01'"
#define DONE "{'at':'2025-03-01','order':{'id':'1','amount':'1.00'}},`"

static const struct refused refused[] = {
	{ PROGRAM "`7]}",
	    "line 2, column 1: tests[0] must be an object, {...}" },
	{ PROGRAM "{'steps':[{" AT ",'expect':{'tier':null}}]}]}",
	    "tests[0] lacks \"name\", what it shows" },
	{ PROGRAM "{'name':'t'}]}", "tests[0] lacks \"steps\", what happens" },
	{ TEST(""), "line 2, column 13: tests[0].steps must have 1 to 1000 "
	            "items, not 0" },
	{ PROGRAM "{'name':'t','steps':[{" AT ",'expect':{'tier':null}}]},"
	          "`{'name':'t','steps':[{" AT ",'expect':{'tier':null}}]}]}",
	    "line 2, column 1: tests[1] has the name of tests[0]" },
	{ TEST("{'expect':{'tier':null}}"),
	    "line 3, column 1: tests[0].steps[0] lacks \"at\", when it "
	    "happens" },
	{ TEST("{" AT "}"), "says neither what happens nor what is expected" },
	{ TEST("{" AT ",'wait':1}"), "steps[0].wait is unknown" },
	{ TEST("{'at':'2025-02-29','expect':{'tier':null}}"),
	    "steps[0].at names a day that does not exist" },
	{ TEST("{'at':'2025-02-29T10:00:00','expect':{'tier':null}}"),
	    "steps[0].at names a day that does not exist" },
	{ TEST("{'at':'tomorrow','expect':{'tier':null}}"),
	    "must be a date or a time, like \"2025-03-01\" or "
	    "\"2025-03-01T10:30:00\"" },
	{ TEST("{'at':'2025-03-02','expect':{'tier':null}},`{" AT
	       ",'expect':{'tier':null}}"),
	    "line 4, column 2: tests[0].steps[1].at is before the step above "
	    "it" },
	{ TEST("{" AT ",'repeat':0,'expect':{'tier':null}}"),
	    "repeat must be a whole number from 1 to 100" },
	{ TEST("{" AT ",'cancel':'1'}"), "cancel is no order of a step above" },
	{ TEST("{" AT ",'cancel':'1','order':{'id':'1','amount':'1'}}"),
	    "steps[0].cancel stands beside \"order\"; a step is one thing" },
	/* faults in orders */
	{ TEST("{" AT ",'order':{'amount':'1'}}"), "lacks \"id\", its number" },
	{ TEST("{" AT ",'order':{'id':'1'}}"),
	    "lacks \"amount\", or \"lines\"" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'1',"
	       "'lines':[{'amount':'1'}]}}"),
	    "order.amount stands beside \"lines\", which say it" },
	{ TEST("{" AT ",'order':{'id':'1','lines':[]}}"),
	    "order.lines must have 1 to 2000 items, not 0" },
	{ TEST("{" AT ",'order':{'id':'1','lines':[{}]}}"),
	    "lines[0] lacks \"amount\", what the line came to" },
	{ TEST("{" AT ",'order':{'id':'1','amount':1}}"),
	    "must be money: a text in quotes, like \"1\" or \"0.50\"" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'0.001'}}"),
	    "order.amount may have at most 2 decimals" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'-1'}}"),
	    "must be an amount of money from \"0.00\" to "
	    "\"10000000000000.00\"" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'1','colour':'red'}}"),
	    "order.colour is unknown" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'1','currency':'XXY'}}"),
	    "is no currency; one is \"EUR\"" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'1','tender':{'card':"
	       "'0.99'}}}"),
	    "order.tender does not add up to what the order came to" },
	{ TEST("{" AT ",'order':{'id':'1','lines':[{'amount':'1','product':"
	       "'x'}]}}"),
	    "must be a product's number, as text" },
	{ TEST("{" AT ",'refund':{'order':'1'}}"),
	    "refund.order is no order of a step above" },
	{ TEST(DONE "{" AT ",'refund':{'order':'1','line':2}}"),
	    "refund.line must be a whole number from 1 to 1" },
	{ TEST(DONE "{" AT ",'refund':{'order':'1','quantity':1}}"),
	    "refund.quantity wants \"line\" beside it" },
	{ TEST("{" AT ",'quote':{'id':'1','amount':'1'}}"),
	    "quote.id is unknown" },
	{ TEST("{" AT ",'quote':{'amount':'1','rewards':['of']}}"),
	    "is no reward of this program" },
	/* faults in events and other facts */
	{ TEST("{" AT ",'event':{'id':'1'}}"), "lacks \"type\", what it is" },
	{ TEST("{" AT ",'event':{'type':'a','fields':{'b':1}}}"),
	    "must be a text of 1 to 255 bytes" },
	{ TEST("{" AT ",'event':{'type':'a','id':'1'}},`{" AT
	       ",'event':{'type':'b','id':'1'}}"),
	    "line 4, column 40: tests[0].steps[1].event.id is the id of line "
	    "3; to tell the same again, say \"repeat\" there" },
	{ TEST("{" AT ",'redeem':{'reward':'off'}}"), "lacks \"id\"" },
	{ TEST("{" AT ",'redeem':{'id':'a','reward':'of'}}"),
	    "is no reward of this program" },
	{ TEST("{" AT ",'redeem':{'id':'a','reward':'off','units':0}}"),
	    "must be above zero" },
	{ TEST("{" AT ",'redeem':{'id':'a','reward':'off','units':'1'}}"),
	    "must be a whole number: the wallet \"points\" is not money" },
	{ TEST("{" AT ",'redeem':{'id':'a','reward':'off','charity':'me'}}"),
	    "names no charity of this program" },
	{ TEST("{" AT ",'release':'a'}"), "is no \"redeem\" of a step above" },
	{ TEST("{" AT ",'adjust':{'units':1}}"), "lacks \"reason\", why" },
	{ TEST("{" AT ",'adjust':{'units':1,'reason':'r','wallet':'w'}}"),
	    "is no wallet of this program" },
	/* faults in times of arrival and in members */
	{ TEST("{'at':'2025-03-02','arrives':'2025-03-01','order':{'id':'1',"
	       "'amount':'1'}}"),
	    "line 3, column 20: tests[0].steps[0].arrives is before it "
	    "happens" },
	{ TEST("{" AT ",'arrives':'soon','order':{'id':'1','amount':'1'}}"),
	    "arrives must be a date or a time" },
	{ TEST("{" AT ",'arrives':'2025-03-02','redeem':{'id':'a','reward':"
	       "'off'}}"),
	    "arrives is of orders and events; what else happens is decided "
	    "when it is asked for" },
	{ TEST("{" AT ",'arrives':'2025-03-02','quote':{'amount':'1'}}"),
	    "arrives is of what happens, and a quote does not" },
	{ TEST("{" AT ",'arrives':'2025-03-02','expect':{'tier':null}}"),
	    "arrives is of orders and events" },
	{ TEST("{" AT ",'member':'B c','expect':{'tier':null}}"),
	    "member may only have the letters a-z, digits, - and _" },
	{ TEST("{" AT ",'merge':{'from':'b'}}"),
	    "merge.from is no member of a step above" },
	{ TEST("{" AT ",'merge':{}}"), "lacks \"from\", who is another one" },
	{ TEST("{" AT ",'merge':{'from':'a'}}"),
	    "merge is of two members, not of one" },
	{ TEST("{" AT ",'member':'b','expect':{'tier':null}},`{" AT
	       ",'merge':{'from':'b'}},`{" AT ",'merge':{'from':'b'}}"),
	    "line 5, column 20: tests[0].steps[2].merge names a member who is "
	    "another one already" },
	{ TEST("{" AT ",'event':{'type':'referral','friend':'a'}}"),
	    "event.friend is whom the step is about" },
	{ TEST("{" AT ",'event':{'type':'review','friend':'b'}}"),
	    "event.friend is of a \"referral\" alone" },
	{ TEST("{" AT ",'event':{'type':'referral','order':'1'}}"),
	    "event.order wants \"friend\" beside it" },
	/* faults in amounts of orders, payouts, programs, currencies and time
	 * zones */
	{ TEST("{" AT ",'order':{'id':'1','amount':'1','status':'lost'}}"),
	    "status must be one of these words: paid, pending" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'1','fees':'0.001'}}"),
	    "fees may have at most 2 decimals" },
	{ TEST("{" AT ",'payout':'seas'}"),
	    "payout is no charity of this program" },
	{ TEST("{" AT ",'program':{'name':'y','rules':[{'id':'o','on':'order',"
	       "'give':{'points':0}}]}}"),
	    "tests[0].steps[0].program.rules[0].give.points must be" },
	{ TEST("{" AT ",'program':{'name':'y','tests':[]}}"),
	    "program.tests are inside a test, where nobody runs them" },
	{ PROGRAM "`{'name':'t','currency':'EURO','steps':[{" AT
	          ",'expect':{'tier':null}}]}]}",
	    "line 2, column 13: tests[0].currency is no currency" },
	{ PROGRAM "`{'name':'t','zone':'Europe/Bielefeld','steps':[{" AT
	          ",'expect':{'tier':null}}]}]}",
	    "line 2, column 13: tests[0].zone is no time zone; one is "
	    "\"Europe/Berlin\"" },
	{ "{'name':'x','wallets':{'cash':{'unit':'money'}},'rules':["
	  "{'id':'o','on':'order','give':{'amount':'1.50'}}],'tests':["
	  "{'name':'t','currency':'JPY','steps':[{" AT
	  ",'expect':{'tier':null}}]}]}",
	    "rules[0].give.amount may have no decimals" },
	/* faults in what a step expects */
	{ TEST("{" AT ",'expect':{'stars':1}}"),
	    "line 3, column 30: tests[0].steps[0].expect.stars is no wallet of "
	    "this program" },
	{ TEST("{" AT ",'expect':{'cash':1}}"), "must be money" },
	{ TEST("{" AT ",'expect':{'points':'1'}}"), "must be a whole number" },
	{ TEST("{" AT ",'expect':{'pending':1}}"), "must be an object" },
	{ TEST("{" AT ",'expect':{'tier':'silver'}}"),
	    "is no tier of this program" },
	{ TEST("{" AT ",'expect':{'membership':{'x':'none'}}}"),
	    "is no membership of this program" },
	{ TEST("{" AT ",'expect':{'charity':{'x':'1'}}}"),
	    "is no charity of this program" },
	{ TEST("{" AT ",'expect':{'benefits':['ship','x']}}"),
	    "benefits[1] is no benefit of this program" },
	{ TEST("{" AT ",'expect':{'pay':'1'}}"),
	    "pay is of a \"quote\", and this is none" },
	{ TEST("{" AT ",'expect':{'entries':{'order':1}}}"),
	    "entries is of an order or an event, and this is neither" },
	{ TEST(DONE "{" AT ",'cancel':'1','expect':{'entries':{'x':1}}}"),
	    "is no rule of this program" },
	{ TEST(DONE "{" AT ",'cancel':'1','expect':{'entries':{'order*x':1}}}"),
	    "names a multiplier this program does not have" },
	{ TEST("{" AT ",'expect':{}}"),
	    "tests[0].steps[0].expect expects nothing" },
	{ TEST("{" AT ",'expect':{'debt':{}}}"),
	    "tests[0].steps[0].expect.debt expects nothing" },
	{ TEST("{" AT ",'order':{'id':'1','amount':'1'}}"),
	    "tests[0] expects nothing: no step of it has \"expect\"" },
	{ TEST(DONE "{" AT ",'cancel':'1','expect':{'reason':'undon'}}"),
	    "expect.reason is no word that anything says: \"undon\"" },
	{ TEST(DONE "{" AT ",'cancel':'1','expect':{'reason':'insufficient'}}"),
	    "expect.reason is no word that anything says" },
	{ TEST(DONE "{" AT ",'cancel':'1','expect':{'reason':'earned'}}"),
	    "expect.reason is no word that anything says" },
	{ TEST("{" AT ",'redeem':{'id':'a','reward':'off'},"
	       "'expect':{'refused':'undone'}}"),
	    "expect.refused is no word that anything says" },
	{ TEST("{" AT ",'quote':{'amount':'1'},'expect':{'discounts':[]}}"),
	    "discounts must have 1 to 1 items, not 0" },
};

static void
test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(refused); i++) {
		struct scenario_file f;
		int rc = read_in(NULL, refused[i].text, &f);
		const char *said = sentences_of(&f.faults);

		if (rc != -1 || strchr(said, '\n') != NULL ||
		    strstr(said, refused[i].sentence) == NULL)
			fail_msg("%s\nis refused with: %s\nnot with: %s",
			    refused[i].text, said, refused[i].sentence);
	}
}

/* ---- running ------------------------------------------------------------- */

static size_t
run(const char *text, struct buf *out)
{
	const struct scenario *s = scenario_in(text);

	buf_init(out, OUT_MAX);
	return scenario_run(s, "f", out);
}

/* Checks a test in which everything is as expected. */
static void
test_runs(void **state)
{
	struct buf out;

	(void)state;
	if (run(TEST(
	            "{'at':'2025-03-01','order':{'id':'1','amount':'50.00',"
	            "'channel':'app'},'expect':{'points':100,'cash':'0.00',"
	            "'earned':{'points':100},'debt':{'points':0},"
	            "'entries':{'order':50,'order*twice':50},"
	            "'reason':'other_channel','tier':null,'tier_until':null,"
	            "'refused':null}},`"
	            "{'at':'2025-03-02','repeat':2,'order':{'id':'2',"
	            "'channel':'pos','lines':[{'amount':'50.55'},"
	            "{'amount':'20.00','sku':'CLUB'}]},'expect':{"
	            "'points':150,'cash':'1.011','tier':'gold',"
	            "'tier_until':'2026-12-31','benefits':['tenth','ship'],"
	            "'membership':{'club':'2025-03-02..2026-03-02'}}},`"
	            "{'at':'2025-03-03','event':{'type':'review'},"
	            "'expect':{'charity':{'trees':'1.50'},"
	            "'entries':{'give':'1.50'}}},`"
	            "{'at':'2025-03-04','redeem':{'id':'a','reward':'off',"
	            "'reserve':true},'expect':{'points':140,"
	            "'reserved':{'points':10}}},`"
	            "{'at':'2025-03-05','redeem':{'id':'b','reward':'off',"
	            "'units':141},'expect':{'refused':'wrong_units',"
	            "'points':140,'debt':{'points':0}}},`"
	            "{'at':'2025-03-06','release':'a','expect':{'points':150}},`"
	            "{'at':'2025-03-07','quote':{'amount':'20.00',"
	            "'shipping':'5.00'},'expect':{'discounts':['2.00'],"
	            "'shipping':'free','pay':'18.00','earns':{'points':18}}},`"
	            "{'at':'2025-03-08','cancel':'2','expect':{'points':100,"
	            "'cash':'0.00','entries':{'order':0},'tier':null,"
	            "'membership':{'club':'none'},'benefits':[]}},`"
	            "{'at':'2025-03-09','quote':{'amount':'20.00',"
	            "'shipping':'5.00'},'expect':{'discounts':['0.00'],"
	            "'shipping':'5.00','pay':'25.00'}}"),
	        &out) != 0)
		fail_msg("%s", out.data);
	assert_int_equal(out.len, 0);
	buf_fini(&out);
}

#define ORDERED(expect)                                               \
	TEST("{'at':'2025-03-01','order':{'id':'1','amount':'50.00'," \
	     "'channel':'pos'},'expect':{" expect "}}")
#define QUOTED(expect)                                          \
	TEST("{'at':'2025-03-01','quote':{'amount':'50.00',"    \
	     "'shipping':'5.00','rewards':['off']},'expect':{'" \
	     "refused':'insufficient'," expect "}}")

#define SAYS "f: test \"t\", step 1 (2025-03-01, line 3): "

static const struct {
	const char *text, *sentence;
} wrong[] = {
	{ ORDERED("'points':51"), SAYS "points is 50, expected 51\n" },
	{ ORDERED("'cash':'1.001'"), SAYS "cash is 1.00, expected 1.001\n" },
	{ ORDERED("'cash':'1.01'"), SAYS "cash is 1.00, expected 1.01\n" },
	{ ORDERED("'pending':{'points':1}"),
	    SAYS "pending points is 0, expected 1\n" },
	{ ORDERED("'reserved':{'points':1}"),
	    SAYS "reserved points is 0, expected 1\n" },
	{ ORDERED("'debt':{'points':1}"),
	    SAYS "debt of points is 0, expected 1\n" },
	{ ORDERED("'earned':{'points':1}"),
	    SAYS "earned points is 50, expected 1\n" },
	{ ORDERED("'charity':{'trees':'1.00'}"),
	    SAYS "what is owed to trees is 0.00, expected 1.00\n" },
	{ ORDERED("'tier':'gold'"), SAYS "the tier is none, expected gold\n" },
	{ ORDERED("'tier_until':'2026-12-31'"),
	    SAYS "the tier's last day is none, expected 2026-12-31\n" },
	{ ORDERED("'membership':{'club':'ever'}"),
	    SAYS "membership club is none, expected ever\n" },
	{ ORDERED("'benefits':['ship']"),
	    SAYS "the benefits are none, expected ship\n" },
	{ ORDERED("'entries':{'order':49,'back':'1.00'}"),
	    SAYS "the entry of order is 50, expected 49\n" },
	/* An expectation of entries covers all rules: a rule that it does not
	 * name must have posted 0. */
	{ TEST("{'at':'2025-03-01','order':{'id':'1','amount':'5.00'},"
	       "'expect':{'entries':{}}}"),
	    SAYS "the entry of order is 5, expected 0\n" },
	{ ORDERED("'entries':{'order':50}"),
	    SAYS "the entry of back is 1.00, expected 0.00\n" },
	{ ORDERED("'reason':'age'"),
	    SAYS "the reason is none, expected age\n" },
	{ ORDERED("'refused':'insufficient'"),
	    SAYS "the refusal is none, expected insufficient\n" },
	/* A refusal that the step does not expect is a difference. */
	{ TEST("{'at':'2025-03-01','redeem':{'id':'a','reward':'off'},"
	       "'expect':{'points':0}}"),
	    SAYS "it is refused: insufficient\n" },
	{ QUOTED("'discounts':['0.01']"),
	    SAYS "the discounts are 0.00, expected 0.01\n" },
	{ QUOTED("'pay':'0.01'"),
	    SAYS "what is to be paid is 55.00, expected 0.01\n" },
	{ QUOTED("'shipping':'5.01'"),
	    SAYS "shipping is 5.00, expected 5.01\n" },
	{ QUOTED("'shipping':'free'"),
	    SAYS "shipping is paid, expected free\n" },
	{ QUOTED("'earns':{'points':1}"),
	    SAYS "what it would earn of points is 50, expected 1\n" },
};

static void
test_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(wrong); i++) {
		struct buf out;
		size_t n = run(wrong[i].text, &out);

		if (n != 1 || strncmp(out.data, wrong[i].sentence,
		                  strlen(wrong[i].sentence)) != 0)
			fail_msg("%s\nsays (%zu): %s\nnot: %s", wrong[i].text,
			    n, out.data, wrong[i].sentence);
		buf_fini(&out);
	}
}

/* Checks that the ledger's movements are shown below a difference. */
static void
test_shows_entries(void **state)
{
	static const char *const shown[] = {
		"    2025-03-01 order 1, order: 50 points, issued to available. ",
		"    2025-03-01 order 1, back: 1.00 cash, issued to available. ",
	};
	struct buf out;

	(void)state;
	assert_int_equal(run(ORDERED("'points':51"), &out), 1);
	for (size_t i = 0; i < NITEMS(shown); i++)
		if (strstr(out.data, shown[i]) == NULL)
			fail_msg("%s", out.data);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_orders),
		cmocka_unit_test(test_reads_changes),
		cmocka_unit_test(test_reads_refunds),
		cmocka_unit_test(test_reads_facts),
		cmocka_unit_test(test_reads_times),
		cmocka_unit_test(test_reads_stores),
		cmocka_unit_test(test_reads_members),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_differs),
		cmocka_unit_test(test_shows_entries),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
