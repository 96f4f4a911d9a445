// SPDX-License-Identifier: MIT
//
// shopify_credit: gift cards and store credit.
//
// Config of the fake:
//	currencies   in which there is store credit; the shop's alone
//	credit_max   the most that an account may have; 15000
//	card_max     the most that a card may be worth; 10000
//
// State: cards [{id, code, live, balance, given}], credits [{id, customer,
// amount, currency, expires_at, left, live}], debits [{id, customer, amount,
// currency}].
import {connection, gid, has_customer, instant, milli_of, money, next_id,
	number_of, refused, search} from './shopify_shared.mjs';
import {customer_view} from './shopify_customers.mjs';

const CREDIT_MAX = 15000;
const CARD_MAX = 10000;
const CODE_LENGTH = 16;		// of a card's that Shopify makes
const SYMBOLS = 'abcdefghjkmnpqrstuvwxyz23456789';
const DAY_MS = 86400000;

export const new_credit = () => ({cards: [], credits: [], debits: []});

const currencies = (store) =>
	store.config.currencies ?? [store.config.currency];

// ---- gift cards ---------------------------------------------------------

export const card_by_code = (store, code) => store.data.cards.find(
	(c) => c.code === String(code).toLowerCase());
const is_past = (day) => Date.parse(day) + DAY_MS <= Date.now();
export const card_is_live = (c) => c.enabled && c.balance > 0 &&
	!(c.given.expiresOn && is_past(c.given.expiresOn));

function card_errors(store, input)
{
	const errors = [];
	const bad = (field, code, message) => errors.push(
		{field: ['input', ...field], code, message});
	const {code, initialAmount, customerId, expiresOn} = input;

	if (code?.length < 8)
		bad(['code'], 'TOO_SHORT',
			'Code is too short (minimum is 8 characters)');
	if (code?.length > 20)
		bad(['code'], 'TOO_LONG',
			'Code is too long (maximum is 20 characters)');
	if (code && !/^[a-z0-9]*$/i.test(code))
		bad(['code'], 'INVALID', 'Code can only contain letters and ' +
			'numbers');
	if (code && card_by_code(store, code))
		bad(['code'], 'TAKEN', 'Code has already been taken');
	if (!initialAmount)
		bad(['initialAmount'], 'MISSING_ARGUMENT',
			'Initial amount is required');
	else if (!(Number(initialAmount.amount) > 0))
		bad(['initialAmount'], 'GREATER_THAN',
			'Initial value must be greater than 0');
	else if (Number(initialAmount.amount) >
	    (store.config.card_max ?? CARD_MAX))
		bad(['initialAmount'], 'GIFT_CARD_LIMIT_EXCEEDED',
			"The gift card's value exceeds the allowed limits.");
	if (initialAmount &&
	    !currencies(store).includes(initialAmount.currencyCode))
		bad(['initialAmount'], 'INVALID', 'Currency is not supported');
	if (customerId &&
	    !has_customer(store, number_of('Customer', customerId)))
		bad(['customerId'], 'CUSTOMER_NOT_FOUND',
			'The customer could not be found.');
	if (expiresOn && is_past(expiresOn))
		bad(['expiresOn'], 'INVALID',
			'Expires on must be in the future');
	return errors;
}

function new_code(store)
{
	return Array.from({length: CODE_LENGTH}, () => SYMBOLS[
		Math.floor(Math.random() * SYMBOLS.length)]).join('');
}

function card_create(store, {input})
{
	const errors = card_errors(store, input);

	if (errors.length > 0)
		return refused(store, ['giftCard', 'giftCardCode'], errors);
	const now = instant(Date.now());
	const card = {id: next_id(store), enabled: true, off_at: null,
		code: (input.code ?? new_code(store)).toLowerCase(),
		balance: milli_of(input.initialAmount.amount),
		given: input, at: now, changed: now};

	store.data.cards.push(card);
	return {giftCard: card_view(store, card), giftCardCode: card.code,
		userErrors: []};
}

function card_view(store, c)
{
	const {initialAmount: {amount, currencyCode}, customerId} = c.given;

	return {id: gid('GiftCard', c.id), enabled: c.enabled,
		note: c.given.note ?? null, createdAt: c.at,
		updatedAt: c.changed, deactivatedAt: c.off_at,
		expiresOn: c.given.expiresOn ?? null,
		lastCharacters: c.code.slice(-4),
		maskedCode: `xxxx xxxx xxxx ${c.code.slice(-4)}`,
		balance: money(c.balance, currencyCode),
		initialValue: money(milli_of(amount), currencyCode),
		customer: customerId ? customer_view(store, customerId) : null};
}

const card_by_id = (store, id) => store.data.cards.find(
	(c) => gid('GiftCard', c.id) === id);

function card_deactivate(store, {id})
{
	const card = card_by_id(store, id);

	if (!card)
		return refused(store, ['giftCard'], [{field: ['id'],
			code: 'GIFT_CARD_NOT_FOUND',
			message: 'The gift card could not be found.'}]);
	card.enabled = false;
	card.off_at ??= instant(Date.now());
	return {giftCard: card_view(store, card), userErrors: []};
}

function cards_page(store, args)
{
	return connection(search(store.data.cards, args.query, {
		'': (c, text) => c.code.endsWith(text),
		id: (c, text) => String(c.id) === text,
		status: (c, text) => c.enabled === (text === 'enabled')}),
	args, (c) => card_view(store, c));
}

// ---- store credit -------------------------------------------------------

const is_over = (c) =>
	c.expires_at !== null && Date.parse(c.expires_at) <= Date.now();
const account_id = (customer, currency) => gid('StoreCreditAccount',
	customer + [...currency].map((c) => c.charCodeAt(0)).join(''));

// {customer, currency} of an account, or {customer} of a customer's id.
function account_of(store, id)
{
	const customer = number_of('Customer', id);

	if (customer)
		return has_customer(store, customer) ? {customer} : null;
	const c = store.data.credits.find((x) =>
		account_id(x.customer, x.currency) === id);

	return c ? {customer: c.customer, currency: c.currency} : null;
}

const left_of = (store, customer, currency) => store.data.credits.filter(
	(c) => c.customer === customer && c.currency === currency &&
		!is_over(c));
const balance_of = (store, customer, currency) =>
	left_of(store, customer, currency).reduce((n, c) => n + c.left, 0);

// What is wrong with the account, the amount, or its currency.
function credit_errors(store, id, of, account, at)
{
	const error = (field, code, message) => [{field, code, message}];
	const is_customer = id.startsWith(gid('Customer', ''));

	if (!account)
		return is_customer && at === 'creditInput' ?
			error(['id'], 'OWNER_NOT_FOUND',
				'Owner does not exist') :
			error(['id'], 'ACCOUNT_NOT_FOUND',
				'Store credit account does not exist');
	if (!(Number(of.amount) > 0))
		return error([at, 'amount'], 'NEGATIVE_OR_ZERO_AMOUNT',
			'A positive amount must be used.');
	if (account.currency && account.currency !== of.currencyCode)
		return error([at, 'currencyCode'], 'MISMATCHING_CURRENCY',
			'The currency provided does not match the currency ' +
			'of the store credit account');
	if (!currencies(store).includes(of.currencyCode))
		return error([at, 'currencyCode'], at === 'creditInput' ?
			'UNSUPPORTED_CURRENCY' : 'MISMATCHING_CURRENCY',
		'Currency is not supported');
	return [];
}

function transaction_view(store, t)
{
	const kind = t.left === undefined ? 'Debit' : 'Credit';
	const sign = kind === 'Debit' ? -1 : 1;

	return {__typename: `StoreCreditAccount${kind}Transaction`,
		id: gid(`StoreCreditAccount${kind}Transaction`, t.id),
		amount: money(sign * milli_of(t.amount), t.currency),
		balanceAfterTransaction: money(t.after, t.currency),
		createdAt: t.at, event: 'ADJUSTMENT',
		expiresAt: t.expires_at ?? null,
		remainingAmount: money(is_over(t) ? 0 : t.left, t.currency),
		account: () => account_view(store, t.customer, t.currency)};
}

function account_view(store, customer, currency)
{
	const is = (t) => t.customer === customer && t.currency === currency;
	const {credits, debits} = store.data;

	return {id: account_id(customer, currency),
		balance: money(balance_of(store, customer, currency), currency),
		transactions: (args) => connection([...credits, ...debits]
			.filter(is).sort((a, b) => a.id - b.id), args,
		(t) => transaction_view(store, t))};
}

function credit(store, {id, creditInput})
{
	const of = creditInput.creditAmount, payload =
		['storeCreditAccountTransaction'];
	const account = account_of(store, id);
	const errors = credit_errors(store, id, of, account, 'creditInput');
	const {expiresAt} = creditInput;

	if (errors.length > 0)
		return refused(store, payload, errors);
	const {customer} = account, currency = of.currencyCode;
	const has = balance_of(store, customer, currency);
	const amount = milli_of(of.amount);

	if (expiresAt && Date.parse(expiresAt) <= Date.now())
		return refused(store, payload, [{
			field: ['creditInput', 'expiresAt'],
			code: 'EXPIRES_AT_IN_PAST', message:
				'The expiry date must be in the future'}]);
	if (has + amount > milli_of(store.config.credit_max ?? CREDIT_MAX))
		return refused(store, payload, [{
			field: ['creditInput', 'creditAmount'],
			code: 'CREDIT_LIMIT_EXCEEDED', message: 'The operation ' +
				'would cause the account to exceed its limit'}]);
	const made = {id: next_id(store), customer, currency,
		amount: String(Number(of.amount)), left: amount,
		expires_at: expiresAt ? instant(expiresAt) : null,
		after: has + amount, at: instant(Date.now())};

	store.data.credits.push(made);
	return {storeCreditAccountTransaction: transaction_view(store, made),
		userErrors: []};
}

// Takes from what expires first.
function debit_made(store, customer, currency, milli)
{
	const list = left_of(store, customer, currency).sort((a, b) =>
		(a.expires_at ?? '9') < (b.expires_at ?? '9') ? -1 : 1);
	let rest = milli;

	for (const c of list) {
		const part = Math.min(rest, c.left);

		c.left -= part;
		rest -= part;
	}
	const made = {id: next_id(store), customer, currency,
		amount: String(milli / 1000), at: instant(Date.now()),
		after: balance_of(store, customer, currency), expires_at: null};

	store.data.debits.push(made);
	return made;
}

function debit(store, {id, debitInput})
{
	const of = debitInput.debitAmount, payload =
		['storeCreditAccountTransaction'];
	const account = account_of(store, id);
	const errors = credit_errors(store, id, of, account, 'debitInput');

	if (errors.length > 0)
		return refused(store, payload, errors);
	if (balance_of(store, account.customer, of.currencyCode) <
	    milli_of(of.amount))
		return refused(store, payload, [{
			field: ['debitInput', 'debitAmount', 'amount'],
			code: 'INSUFFICIENT_FUNDS', message: 'The store credit ' +
				'account does not have sufficient funds'}]);
	return {storeCreditAccountTransaction: transaction_view(store,
		debit_made(store, account.customer, of.currencyCode,
			milli_of(of.amount))), userErrors: []};
}

// The field storeCreditAccounts of a customer.
export function credit_accounts(store, customer, args)
{
	const of = store.data.credits.filter((c) => c.customer === customer);

	return connection([...new Set(of.map((c) => c.currency))], args,
		(currency) => account_view(store, customer, currency));
}

// ---- a shopper ----------------------------------------------------------

// Pays with a gift card, or with store credit if there is no code.
export function credit_use(store, {code, customer, amount})
{
	const refuse = (why) => ({ok: false, why});
	const wanted = amount === undefined ? null : milli_of(amount);
	const card = code === undefined ? null : card_by_code(store, code);
	const currency = store.config.currency;
	const has = card ? card.balance :
		balance_of(store, String(customer), currency);

	if (card && !card_is_live(card))
		return refuse(card.enabled ? 'used' : 'deactivated');
	if (has === 0 || wanted > has)
		return refuse('not enough');
	if (card)
		card.balance -= wanted ?? has;
	else
		debit_made(store, String(customer), currency, wanted ?? has);
	return {ok: true, kind: card ? 'gift_card' : 'store_credit',
		amount: money(wanted ?? has, currency).amount};
}

export const credit_fields = {
	mutation: {giftCardCreate: card_create,
		giftCardDeactivate: card_deactivate,
		storeCreditAccountCredit: credit,
		storeCreditAccountDebit: debit},
	query: {giftCards: cards_page,
		giftCard: (store, {id}) => {
			const card = card_by_id(store, id);

			return card ? card_view(store, card) : null;
		}},
};

export const credit_state = ({data: {cards, credits, debits}}) => ({
	cards: cards.map((c) => ({id: c.id, code: c.code,
		live: card_is_live(c), enabled: c.enabled,
		balance: c.balance / 1000, given: c.given})),
	credits: credits.map((c) => ({...c, left: c.left / 1000,
		live: !is_over(c) && c.left > 0})),
	debits,
});
