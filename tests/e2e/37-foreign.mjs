// SPDX-License-Identifier: MIT
//
// The secret of an app signs for all of its shops.  Whatever of shop X somebody
// shows to shop Y, and in whatever order: X loses nothing, and Y gets nothing
// of it where the number of X or Y is known.  Numbers of shops come from the
// API or from an operator.
import {deliver} from '../support/deliver.mjs';
import {points_of} from '../support/oracle.mjs';
import {generate} from '../support/orders.mjs';
import {shopify_signature} from '../support/sign.mjs';
import {differences, without_zeros} from '../support/world.mjs';
import {post, scenario} from './scenario.mjs';

const X = '58012345678';	// in the addresses of generated orders
const Y = '999';
const KNOWN = {both: [X, Y], 'that of X': [X, null], 'that of Y': [null, Y],
	none: [null, null]};
const STEPS = ['order', 'refund', 'refund to Y', 'order to Y'];

function permutations(list)
{
	return list.length < 2 ? [list] : list.flatMap((first) =>
		permutations(list.filter((x) => x !== first))
			.map((rest) => [first, ...rest]));
}

const ORDERS = permutations(STEPS);

await scenario(async ({w, check, equal, store, fake, verified, until}) => {
	const apps = {};

	for (const [known, [x, y]] of Object.entries(KNOWN)) {
		const app = known.replace(/ /g, '-').toLowerCase();
		const shop = (name, shop_id) => store('shopify', {shop_id,
			secret: app, domain: `${name}-${app}.myshopify.com`});

		apps[known] = {x: await shop('x', x), y: await shop('y', y),
			told: []};
	}
	await w.start('receive');
	await w.ready('receive');
	for (const {x, y} of Object.values(apps))
		for (const s of [x, y])
			await w.store_known(s);

	// Of each order the deliveries in one of the 24 orders.
	const lives = (app, seed) => {
		const {deliveries} = generate({platform: 'shopify', seed,
			orders: 2 * ORDERS.length, kinds: {refund_twice: 1},
			first: seed * 100, secret: app.x.secret,
			domain: app.x.domain});
		const to = (name, d) => ({...d, store: name, headers: {...d.headers,
			'X-Shopify-Shop-Domain': app[name].domain}});
		const both = [...new Set(deliveries.map((d) => d.order))].map((o) =>
			['orders/paid', 'refunds/create'].map((topic) =>
				deliveries.find((d) => d.order === o &&
					d.topic === topic)))
			.filter(([paid, refund]) => paid && refund)
			.slice(0, ORDERS.length);

		equal(both.length, ORDERS.length, 'an order for each permutation');
		return both.map(([paid, refund], i) => {
			const steps = {order: to('x', paid), refund: to('x', refund),
				'order to Y': to('y', paid),
				'refund to Y': to('y', refund)};

			app.told.push(steps.order, steps.refund);
			return ORDERS[i].map((step) => steps[step]);
		});
	};
	const send = async (app, list) => (await deliver(list, {concurrency: 1,
		urls: {x: app.x.url, y: app.y.url}})).answers;
	const total = 4 * ORDERS.length;

	for (const [known, app] of Object.entries(apps)) {
		const apart = lives(app, 1), together = lives(app, 2);

		for (let step = 0; step < STEPS.length; step++) {
			equal(await send(app, apart.map((life) => life[step])),
				{200: ORDERS.length}, `numbers known: ${known}: ` +
				`all of step ${step + 1} are taken`);
			await w.drain();
		}
		equal(await send(app, together.flat()), {200: total},
			'and all of them at once');
		await w.drain();

		const found = await w.balances();
		const expected = without_zeros(points_of(app.told).stores.x.members);
		const wrong = differences('x', expected,
			found[app.x.store_id] ?? {});
		const dead = async (s) => Number((await w.sql(`SELECT count(*)
			FROM dead_letter WHERE store_id = ${s.store_id}`))[0][0]);

		check(Object.keys(expected).length > 0 && wrong.length === 0,
			`X has its points: ${wrong.join('; ')}`);
		equal(await dead(app.x), 0, 'and no dead letter');
		if (known === 'none') {
			equal(await dead(app.y), 0, 'nobody decides: as before');
			continue;
		}
		equal(found[app.y.store_id] ?? {}, {}, 'Y has nothing of X');
		check(await dead(app.y) >= 2 * ORDERS.length,
			'but dead letters');
	}
	equal(await w.sql('SELECT DISTINCT shop_id FROM store ORDER BY 1'),
		[[Y], [X], ['']], 'no number was learned from a body');

	// ---- what names no shop and no order ------------------------------
	const {x, y} = apps.both;
	const hook = async (s, topic, body) => {
		const [d] = generate({platform: 'shopify', orders: 1}).deliveries;
		const text = JSON.stringify(body);

		return (await post(s.url, {body: text, headers: {...d.headers,
			'X-Shopify-Topic': topic, 'X-Shopify-Shop-Domain': s.domain,
			'X-Shopify-Hmac-Sha256':
				shopify_signature(s.secret, text)}})).status;
	};
	const customer = {id: 4242, email: 'x@example.test',
		verified_email: true, created_at: '2026-11-01T10:00:00Z',
		updated_at: '2026-11-01T10:00:00Z', state: 'enabled',
		admin_graphql_api_id: 'gid://shopify/Customer/4242'};

	equal([await hook(y, 'customers/create', customer),
		await hook(x, 'customers/create', customer)], [200, 200],
	'a customer that was shown to Y first is taken');
	await w.drain();
	equal((await w.sql(`SELECT count(*) FROM identity WHERE value = '4242'
		AND store_id = ${x.store_id}`))[0][0], '1', 'and known to X');

	// ---- where numbers come from ---------------------------------------
	const api = await fake('shopify',
		{shop_id: '71', domain: 'asked.myshopify.com'});
	const other = await fake('shopify',
		{shop_id: '72', domain: 'given.myshopify.com'});
	const woo = await fake('woocommerce');
	const shop = (name, more, f) => store('shopify',
		{secret: 'asked', domain: `${name}.myshopify.com`, ...more}, f);

	api.store('default').add_faults([
		{kind: 'status', status: 503, times: 1},
		{kind: 'drop', times: 1}, {kind: 'throttle', times: 1}]);
	const asked = await shop('asked', {}, api);
	const given = await shop('given', {shop_id: 12}, other);
	const silent = await shop('silent', {});
	const wooer = await store('woocommerce', {}, woo);
	const show = (s) => w.json(['store', 'show', '--store',
		String(s.store_id)]);

	const wooed = woo.store('default').state().calls;	// by store add

	await w.start('push');
	await until('the number', async () =>
		(await show(asked)).shop_id === 71);
	check((w.log_of('push').match(/was not told its number/g) ?? [])
		.length >= 2, 'the API was away, and was asked again');
	check(new RegExp(`store ${asked.store_id} is shop 71`)
		.test(w.log_of('push')), 'what it says is written down');
	await until('the other number', async () =>
		(await show(given)).api_shop_id === 72);
	equal((await show(given)).shop_id, 12, 'the operator\'s own stays');
	check(new RegExp(`level=warn .*store ${given.store_id} is shop 72 by ` +
		'its API, and was given 12').test(w.log_of('push')),
	'and the log tells of the two');
	check(/by the API it is 72/.test((await w.must(['store', 'show',
		'--store', String(given.store_id)])).stdout), 'so does store show');
	equal([(await show(silent)).shop_id, (await show(wooer)).shop_id,
		woo.store('default').state().calls - wooed], [0, 0, 0],
	'nobody else is asked');

	const calls = api.store('default').state().calls;

	await w.must(['store', 'set', '--store', String(asked.store_id),
		'--api-url', other.url]);
	await until('the API of another shop', () => new RegExp(
		`store ${asked.store_id} was not told its number: the API is that ` +
		'of another shop').test(w.log_of('push')));
	equal((await show(asked)).shop_id, 0, 'another shop\'s number is not its');
	other.store('default').configure({domain: 'asked.myshopify.com'});
	await w.must(['store', 'set', '--store', String(asked.store_id),
		'--api-url', other.url]);
	await until('the number of another API', async () =>
		(await show(asked)).shop_id === 72);
	equal(api.store('default').state().calls, calls,
		'asked once; and again where the API is another');
	equal([api, other].flatMap((f) => f.store('default').state().refused),
		[], 'the shops had nothing to refuse');
	await verified();
});
