// SPDX-License-Identifier: MIT
//
// orders_common: what the lives of orders on both platforms share.  Amounts
// are whole minor units; times are seconds since 1970.

export const CATALOGUE = [
	{product: 7001, variant: 7101, title: 'Mug', vendor: 'Kiln & Co',
		sku: 'MUG', price: 1999, tax: 19},
	{product: 7002, variant: 7102, title: 'Täßchen "Ärger" & Co',
		vendor: 'Kiln & Co', sku: 'TAS', price: 733, tax: 19},
	{product: 7003, variant: 7103, title: 'Espresso 1 kg',
		vendor: 'Rösterei', sku: 'ESP-1', price: 2450, tax: 7},
	{product: 7004, variant: 7104, title: 'Filter paper',
		vendor: 'Rösterei', sku: 'FIL-100', price: 395, tax: 19},
	{product: 7005, variant: 7105, title: 'Grinder', vendor: 'Mill',
		sku: 'GRI', price: 18900, tax: 19},
	{product: 7006, variant: 7106, title: 'Book: «Kaffee»',
		vendor: 'Verlag', sku: 'BOOK', price: 2900, tax: 7},
	{product: 7007, variant: 7107, title: 'Sticker', vendor: 'Verlag',
		sku: 'STI', price: 99, tax: 19},
	{product: 7008, variant: 7108, title: 'Honey', vendor: 'Imker',
		sku: 'HON', price: 645, tax: 7},
];
export const GIFT_CARD = {product: 7100, variant: 7200, title: 'Gift Card',
	vendor: 'Kiln & Co', sku: '', price: 2500, tax: 0, gift_card: true};

// Only some bodies have characters beyond Latin 1: those take twice the
// memory, and runs hold tens of thousands.
export const last_name = (n) => n % 10 === 0 ? "O'Neil 😀" : "O'Neil";

export const decimal = (minor, digits = 2) => {
	const text = String(Math.abs(minor)).padStart(digits + 1, '0');
	const sign = minor < 0 ? '-' : '';

	return digits === 0 ? sign + text :
		`${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
};

export const tax_within = (gross, rate) =>
	Math.round(gross * rate / (100 + rate));
export const tax_on = (net, rate) => Math.round(net * rate / 100);

// Splits an amount over weights, to the last unit: largest remainders.
export function allocate(amount, weights)
{
	const total = weights.reduce((a, b) => a + b, 0);

	if (total === 0)
		return weights.map(() => 0);
	const shares = weights.map((w) => Math.floor(amount * w / total));
	const by_rest = weights.map((w, i) => [amount * w % total, i])
		.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
	let left = amount - shares.reduce((a, b) => a + b, 0);

	for (const [, i] of by_rest)
		if (left-- > 0)
			shares[i]++;
	return shares;
}

export const sum = (list, of = (x) => x) =>
	list.reduce((total, x) => total + of(x), 0);

// A clock of one order.  tick() goes on by some seconds or minutes; tick
// ({tie: true}) may also stay within the second.
export function clock_new(random, start)
{
	const clock = {now: start};

	clock.tick = ({tie = false} = {}) => {
		if (tie && random.chance(0.3))
			return clock.now;
		clock.now += random.chance(0.5) ? random.int(1, 5) :
			random.int(6, 7200);
		return clock.now;
	};
	return clock;
}

// Whole numbers beyond 2^53 and decimals as JSON numbers: a BigInt or a
// Num is written digit by digit.
export class Num {
	constructor(text)
	{
		this.text = text;
	}

	toJSON()
	{
		return `@@${this.text}@@`;
	}
}

// For the whole process; a replacer function would be asked for every value
// and take most of the time of making an order.
BigInt.prototype.toJSON = function toJSON() {
	return `@@${this}@@`;
};

export function json_text(value)
{
	return JSON.stringify(value).replace(/"@@(-?[\d.]+)@@"/g, '$1');
}
