// SPDX-License-Identifier: MIT
//
// orders_shopify: the life of one Shopify order, as webhooks of API version
// 2026-10 would tell it.
//
//	shopify_life(random, options, n) -> {id, kind, deliveries}
//	shopify_merge(random, options, gone, kept, at) -> delivery
import {CATALOGUE, clock_new, json_text} from './orders_common.mjs';
import {edit_body, gid, order_body, refund_body} from
	'./orders_shopify_body.mjs';
import {customer_id, line_add, order_new, refund_amount, refund_rest,
	refund_shipping, refund_some} from './orders_shopify_state.mjs';
import {shopify_signature} from './sign.mjs';

// Events that happen to orders, and how often.
export const KINDS = {paid: 24, pending: 4, refund: 14, refund_twice: 14,
	amount_only: 8, mixed: 8, full: 8, cancelled_unpaid: 4,
	cancelled_paid: 5, edited_before: 4, edited_after: 6,
	shipping_refund: 3, voided: 2, test: 2, other_currency: 3, zero: 3,
	reassigned: 3};

const API_VERSION = '2026-10';

function delivery(o, topic, body)
{
	return {topic, ...signed(o, topic, body), order: String(o.id),
		modified: o.at};
}

// Body and headers of one delivery of the second `at`.
function signed({options, random, at}, topic, body)
{
	const text = json_text(body);
	const fraction = random.int(100000000, 999999999);

	return {body: text, headers: {'Content-Type': 'application/json',
		'User-Agent': 'Shopify-Captain-Hook', Accept: '*/*',
		'Accept-Encoding': 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
		'X-Shopify-Topic': topic,
		'X-Shopify-Hmac-Sha256': shopify_signature(options.secret,
			text),
		'X-Shopify-Shop-Domain': options.domain,
		'X-Shopify-API-Version': API_VERSION,
		'X-Shopify-Webhook-Id': random.uuid(),
		'X-Shopify-Event-Id': random.uuid(),
		'X-Shopify-Triggered-At': new Date(at * 1000).toISOString()
			.replace('.000Z', `.${fraction}Z`)}};
}

// Customer `gone` became customer `kept`.
export function shopify_merge(random, options, gone, kept, at)
{
	const topic = 'customers/merge';
	const body = {admin_graphql_api_customer_kept_id:
		gid('Customer', customer_id(kept)),
	admin_graphql_api_customer_deleted_id:
		gid('Customer', customer_id(gone)),
	admin_graphql_api_job_id: gid('Job', random.uuid()),
	status: 'completed', errors: []};

	return {topic, ...signed({options, random, at}, topic, body),
		order: null, modified: at};
}

export function shopify_life(random, options, n)
{
	const kind = random.weighted(options.kinds ?? KINDS);
	const clock = clock_new(random,
		Math.floor(options.start / 1000) + n * 20);
	const o = order_new(random, options, n, kind, clock.now);
	const deliveries = [];
	const send = (topic, body) => deliveries.push(delivery(o, topic, body));
	const tell = (...topics) => {
		for (const topic of topics)
			send(topic, order_body(o));
	};
	const step = (how) => {
		o.at = clock.tick(how);
	};
	// Within the same second as before: the rank of the status or the
	// refunds say which is newer.
	const TIE = {tie: true};

	const pay = () => {
		step(TIE);
		o.status = 'paid';
		tell('orders/paid', 'orders/updated');
	};
	const refund = (make) => {
		const before = o.at;

		step(o.status === 'paid' ? TIE : {});
		if (!make(o, o.at)) {
			o.at = clock.now = before;
			return;
		}
		send('refunds/create', refund_body(o, o.refunds.at(-1)));
		tell('orders/updated');
	};
	const refund_all = () => refund((...a) => {
		refund_rest(...a);
		return true;
	});
	const fulfil = () => {
		step();
		o.fulfilled = true;
		tell('orders/fulfilled', 'orders/updated');
	};

	if (random.chance(0.4) && !['pending', 'cancelled_unpaid', 'voided',
		'edited_before'].includes(kind)) {
		// Paid at once: both are told of the same state.
		o.status = 'paid';
		tell('orders/create', 'orders/paid', 'orders/updated');
	} else {
		tell('orders/create');
	}

	switch (kind) {
	case 'pending':
		break;
	case 'voided':
		step(TIE);
		o.status = 'voided';
		tell('orders/updated');
		break;
	case 'cancelled_unpaid':
		step(TIE);
		o.status = 'voided';
		o.cancelled = o.at;
		o.reason = 'customer';
		tell('orders/cancelled', 'orders/updated');
		break;
	case 'edited_before':
		step();
		line_add(o, CATALOGUE[random.int(0, 7)], random.int(1, 2));
		send('orders/edited', edit_body(o, [{id: o.lines.at(-1).id,
			delta: o.lines.at(-1).quantity}], []));
		tell('orders/updated');
		pay();
		break;
	default:
		if (o.status === 'pending')
			pay();
	}

	switch (kind) {
	case 'refund':
		refund(refund_some);
		fulfil();
		break;
	case 'refund_twice':
		if (random.chance(0.5))
			fulfil();
		refund(refund_some);
		refund(refund_some);
		break;
	case 'amount_only':
		refund(refund_amount);
		if (random.chance(0.5))
			refund(refund_amount);
		break;
	case 'mixed':
		refund(refund_some);
		refund(refund_amount);
		refund(refund_some);
		break;
	case 'full':
		if (random.chance(0.5))
			refund(refund_some);
		refund_all();
		break;
	case 'shipping_refund':
		refund(refund_shipping);
		break;
	case 'cancelled_paid':
		step(TIE);
		refund_rest(o, o.at);
		o.cancelled = o.at;
		o.reason = random.pick(['customer', 'fraud', 'inventory']);
		send('refunds/create', refund_body(o, o.refunds.at(-1)));
		tell('orders/cancelled', 'orders/updated');
		break;
	case 'edited_after': {
		const line = o.lines.find((l) => l.quantity > 1);

		if (line) {
			step();
			line.removed = random.int(1, line.quantity - 1);
			send('orders/edited', edit_body(o, [], [{id: line.id,
				delta: line.removed}]));
			tell('orders/updated');
		}
		if (random.chance(0.4))
			refund(refund_some);
		break;
	}
	case 'reassigned':
		step();
		o.customer = ((o.customer ?? -1) + 1) % options.customers;
		tell('orders/updated');
		break;
	case 'paid':
		if (random.chance(0.6))
			fulfil();
		break;
	}
	return {id: String(o.id), kind, deliveries};
}
