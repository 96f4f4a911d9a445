// SPDX-License-Identifier: MIT
//
// orders_shopify_state: a made-up Shopify order as figures: what was
// ordered, what it comes to, what was given back.  Amounts are whole cents.
import {CATALOGUE, GIFT_CARD, allocate, sum, tax_on, tax_within} from
	'./orders_common.mjs';

const FIRST_CUSTOMER = 7012345670000n;
export const SHIPPING_TAX = 19;

// Every eighth id is beyond 2^53, as Shopify's samples are.
const big = (n, base) => n % 8 === 7 ? 820982911946154000n + BigInt(n) :
	base + BigInt(n);

export const customer_id = (k) => k % 5 === 4 ?
	820982911946160000n + BigInt(k) : FIRST_CUSTOMER + BigInt(k) * 7n;

export const email_of = (k) => `customer${customer_id(k)}@example.test`;

// Guests are strangers, or customers who did not log in, or say nothing.
function guest_email(random, options, n)
{
	switch (random.weighted({stranger: 5, customer: 3, nobody: 2})) {
	case 'stranger':
		return `Guest${n}@Example.TEST`;
	case 'customer':
		return email_of(random.int(0, options.customers - 1))
			.toUpperCase();
	}
	return '';
}

export function order_new(random, options, n, kind, at)
{
	// A guest's order may be given to a customer later.
	const guest = random.chance(kind === 'reassigned' ? 0.5 : 0.08);
	const order = {
		id: big(n, 6010000000000n +
			BigInt(options.seed % 1000) * 1000000n),
		n, at, created: at, kind,
		currency: kind === 'other_currency' ?
			(options.currency === 'USD' ? 'EUR' : 'USD') :
			options.currency,
		taxes_included: random.chance(0.6),
		test: kind === 'test',
		customer: guest ? null : random.int(0, options.customers - 1),
		email: guest ? guest_email(random, options, n) : null,
		token: random.hex(32), checkout: random.hex(32),
		status: 'pending', cancelled: null, reason: null,
		fulfilled: false, closed: null, lines: [], refunds: [],
		refunded: 0, next: 1, options, random,
	};

	for (const item of random.shuffle(CATALOGUE)
		.slice(0, random.int(1, 4)))
		line_add(order, item, random.int(1, 4));
	if (random.chance(0.08))
		line_add(order, GIFT_CARD, 1);
	discount(order, kind === 'zero' ? 100 : null);
	order.shipping = kind === 'zero' ? 0 :
		kind === 'shipping_refund' ? 490 : random.pick([0, 490, 990]);
	// A gift card cannot be discounted, so an order with one is not free.
	if (kind === 'zero')
		order.lines = order.lines.filter((l) => !l.gift_card);
	return order;
}

// Ids of what belongs to an order: of one order never the same twice.
export function own_id(order, base)
{
	return base + BigInt(order.options.seed % 1000) * 100000000n +
		BigInt(order.n) * 100n + BigInt(order.next++);
}

export function line_add(order, item, quantity)
{
	order.lines.push({id: own_id(order, 14000000000000n), item, quantity,
		gift_card: item.gift_card === true, alloc: 0, removed: 0,
		returned: 0});
}

const priced = (l) => l.item.price * l.quantity;
export const line_total = (l) => priced(l) - l.alloc;
export const line_tax = (o, l) => o.taxes_included ?
	tax_within(line_total(l), l.item.tax) :
	tax_on(line_total(l), l.item.tax);
const line_net = (o, l) => line_total(l) -
	(o.taxes_included ? line_tax(o, l) : 0);
export const current = (l) => l.quantity - l.removed - l.returned;
export const ship_tax = (o) => o.taxes_included ?
	tax_within(o.shipping, SHIPPING_TAX) : tax_on(o.shipping, SHIPPING_TAX);

export function totals(o)
{
	const subtotal = sum(o.lines, line_total);
	const line_taxes = sum(o.lines, (l) => line_tax(o, l));
	const tax = line_taxes + ship_tax(o);
	const share = (l, amount) => Math.floor(
		amount * (l.quantity - l.removed - l.returned) / l.quantity);
	const now = sum(o.lines, (l) => share(l, line_total(l)));
	const now_tax = sum(o.lines, (l) => share(l, line_tax(o, l)));

	return {items: sum(o.lines, priced), discounts: sum(o.lines,
		(l) => l.alloc), subtotal, tax,
	total: subtotal + o.shipping + (o.taxes_included ? 0 : tax),
	now, now_tax, now_discounts: sum(o.lines,
		(l) => share(l, l.alloc))};
}

// A code over the whole order: told only in the lines' allocations.
function discount(order, percent)
{
	const r = order.random;
	const open = order.lines.filter((l) => !l.gift_card);
	const worth = sum(open, priced);

	if (percent === null && !r.chance(0.35))
		return;
	order.discount = percent !== null || r.chance(0.5) ?
		{code: `SAVE${percent ?? 15}`, type: 'percentage',
			value: `${percent ?? 15}.0`,
			amount: Math.floor(worth * (percent ?? 15) / 100)} :
		{code: 'TENOFF', type: 'fixed_amount', value: '10.0',
			amount: Math.min(1000, worth)};
	allocate(order.discount.amount, open.map(priced)).forEach((a, i) => {
		open[i].alloc = a;
	});
}

// ---- refunds ----------------------------------------------------------

// Gives the worth of the first k of a line's pieces.  The differences between
// such worths add up to the whole line, whatever the steps.
const worth_of = (amount, k, quantity) => Math.floor(amount * k / quantity);

function refund_new(order, at, note)
{
	const refund = {id: own_id(order, 880000000000n), at, note, lines: [],
		shipping: null, amount: 0, discrepancy: 0};

	order.refunds.push(refund);
	return refund;
}

function refund_line(order, refund, line, quantity)
{
	const part = (amount) => worth_of(amount, line.returned + quantity,
		line.quantity) - worth_of(amount, line.returned, line.quantity);
	const net = part(line_net(order, line));
	const tax = part(line_tax(order, line));

	line.returned += quantity;
	refund.lines.push({id: own_id(order, 520000000000n), line, quantity,
		net, tax, left: current(line)});
	refund.amount += net + tax;
}

// The money of it; never more than is left of what was paid.
function refund_close(order, refund)
{
	const left = totals(order).total - order.refunded;

	if (refund.amount > left) {
		refund.discrepancy = left - refund.amount;
		refund.amount = left;
	}
	order.refunded += refund.amount;
	order.status = order.refunded >= totals(order).total ? 'refunded' :
		'partially_refunded';
}

const returnable = (order) => order.lines.filter((l) => current(l) > 0);

// Some pieces of one line; false if that would be all of the order.
export function refund_some(order, at)
{
	const r = order.random;
	const open = returnable(order);

	if (sum(open, current) < 2)
		return false;
	const line = r.pick(open);
	const quantity = r.int(1, Math.max(1, current(line) - 1));
	const left = totals(order).total - order.refunded;

	if (worth_of(line_total(line), quantity, line.quantity) * 1.25 >= left)
		return false;
	const refund = refund_new(order, at, 'changed their mind');

	refund_line(order, refund, line, quantity);
	refund_close(order, refund);
	return true;
}

export function refund_amount(order, at)
{
	const left = totals(order).total - order.refunded;

	if (left < 3)
		return false;
	const refund = refund_new(order, at, 'scratched');

	refund.amount = order.random.int(1, Math.min(left - 1, 1500));
	refund.discrepancy = refund.amount;
	refund_close(order, refund);
	return true;
}

export function refund_shipping(order, at)
{
	if (order.shipping === 0)
		return false;
	const refund = refund_new(order, at, 'came late');

	refund.shipping = order.shipping;
	refund.amount = order.shipping +
		(order.taxes_included ? 0 : ship_tax(order));
	refund_close(order, refund);
	return true;
}

export function refund_rest(order, at)
{
	const refund = refund_new(order, at, null);

	for (const line of returnable(order))
		refund_line(order, refund, line, current(line));
	refund.amount = Math.max(refund.amount,
		totals(order).total - order.refunded);
	if (order.shipping > 0 &&
	    !order.refunds.some((f) => f !== refund && f.shipping))
		refund.shipping = order.shipping;
	refund_close(order, refund);
	order.status = 'refunded';
}
