// SPDX-License-Identifier: MIT
//
// kinds: data of all kinds, as shops, their customers and an operator make
// them: two shops of one merchant with one wallet, tiers, a membership,
// vouchers, a charity, referrals, limits, points that are pending, guests and
// their claims, customers who become one, redemptions, adjustments, dead
// letters, balances that wait for a shop; and a shop with a plain program.
//
//	KEY                      the master key of all of it
//	parts()                  its deliveries: {before, waiting, later}
//	await fill(w, urls)      makes it, by the loyald of the world; gives the
//	                         stores {name: STORE}
//	await due(w)             does what is due
//	await picture(w)         what came of it, whatever the numbers of the
//	                         members are: rows of texts
//
// Run as a program, with an older loyald in LOYALD and the environment of
// services.sh (run --no-migrate): node kinds.mjs FILE fills a database, leaves
// `waiting` in the streams, and writes all of it to FILE for scenario 53.
import {mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from
	'node:fs';
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {deliver} from './deliver.mjs';
import {generate, once} from './orders.mjs';
import {event_signature, hmac_signature, woocommerce_signature} from
	'./sign.mjs';
import {ROOT, until, world_new} from './world.mjs';

export const KEY = `${'5a'.repeat(32)}\n`;
const SECRET = 'generated-secret';
const HYBRID = join(ROOT, 'deploy/programs/hybrid.json');
const SHOPS = {
	shopify: {platform: 'shopify', domain: 'generated.myshopify.com',
		program: HYBRID, brand: 'one'},
	woocommerce: {platform: 'woocommerce', domain: 'generated.example',
		program: HYBRID, brand: 'two'},
	plain: {platform: 'woocommerce', domain: 'plain.example',
		api_url: 'http://127.0.0.1:9', token: 'ck_none:cs_none'},
};
// Orders of the second shop are too young to be vested.
const ORDERS = {
	shopify: {seed: 53, orders: 30, customers: 9, merges: 2},
	woocommerce: {seed: 54, orders: 30, customers: 9,
		start: Date.UTC(2026, 10, 25, 8)},
	plain: {seed: 55, orders: 16, customers: 5},
};
const WAITING = 0.5, LATER = 0.57;	// where those parts begin

function hook(store, topic, body)
{
	const text = typeof body === 'string' ? body : JSON.stringify(body);

	return {store, body: text, headers: {'X-WC-Webhook-Topic': topic,
		'X-WC-Webhook-Source': `https://${SHOPS[store].domain}/`,
		'X-WC-Webhook-Signature': woocommerce_signature(SECRET, text)}};
}

const order = (store, id, customer_id, sku) => hook(store, 'order.updated', {id,
	currency: 'EUR', customer_id, status: 'completed', total: '29.00',
	date_created_gmt: '2026-11-24T08:00:00',
	date_paid_gmt: '2026-11-24T08:00:00',
	date_modified_gmt: '2026-11-24T08:00:00', billing: {email: ''},
	refunds: [], line_items: [{id: 1, sku, quantity: 1,
		subtotal: '29.00', total: '29.00', total_tax: '0.00'}]});
// Add to the generator's deliveries: a membership, a customer who is new after
// that membership, and a body that is not JSON.
const CLUB = order('woocommerce', 990001, 3, 'CLUB-1Y');
const NEW = order('plain', 990002, 77, 'X');
const BROKEN = ['{"id":', '{"id":'].map((body) =>
	hook('woocommerce', 'order.updated', body));

export function parts()
{
	const lists = Object.entries(ORDERS).map(([store, o]) => once(generate({
		platform: SHOPS[store].platform, store, ...o}).deliveries));
	const part = (from, to) => lists.flatMap((l) =>
		l.slice(from * l.length, to * l.length));

	return {before: [...part(0, WAITING), CLUB, ...BROKEN],
		waiting: part(WAITING, LATER), later: [...part(LATER, 1), NEW]};
}

const event = (n, type, more) => ({idempotency_key: `k-${type}-${n}`, type,
	at: `2026-11-2${n}T10:00:00Z`, customer: {id: '2'}, ...more});
const EVENTS = [event(0, 'profile', {fields: {birthday: '1985-11-26'}}),
	event(1, 'enrolment'), event(2, 'newsletter'),
	...[3, 4, 5, 6, 7].map((n) => event(n, 'review')),
	event(2, 'referral', {friend: {id: '4'}}),
	event(3, 'referral', {friend: {email: 'friend@example.test'}})];

export async function due(w)
{
	for (let i = 0; i < 2; i++)
		await w.must(['schedule', '--once']);
}

// Changes members as an operator does.
async function operate(w, store)
{
	const of = async (id, s = store) => (await w.sql(`SELECT member_id FROM
		identity WHERE store_id = ${s.store_id} AND kind = 1 AND
		value = '${id}'`))[0][0];
	const member = async (verb, ...args) => w.must(['member', verb, ...args,
		'--at', '2026-11-28T10:00:00Z']);
	const [two, three, five] = [await of(2), await of(3), await of(5)];
	const redeem = (id, key, ...args) => member('redeem', '--member', id,
		'--key', key, ...args);

	for (const id of [two, three, five])
		await w.must(['member', 'adjust', '--member', id, '--units', '700',
			'--reason', 'a gift', '--key', `gift-${id}`, '--at',
			'2026-11-27T10:00:00Z']);
	await due(w);
	await redeem(two, 'r-1', '--reward', 'five-off');
	await redeem(two, 'r-2', '--reward', 'plant', '--charity', 'trees');
	await redeem(three, 'r-3', '--reward', 'five-off', '--reserve');
	await redeem(five, 'r-4', '--reward', 'five-off', '--reserve');
	await member('release', '--member', five, '--of', 'r-4');
	await member('merge', '--from', await of(6), '--into', await of(7),
		'--reason', 'one person');
	const guest = parts().before.filter((d) => d.store === 'woocommerce')
		.map((d) => d.body.startsWith('{"id":') && d.body.length > 6 ?
			JSON.parse(d.body) : {}).find((b) => b.customer_id === 0 &&
			b.billing?.email && b.status === 'completed');

	await w.must(['member', 'claim', '--store', String(store.store_id),
		'--email', guest.billing.email, '--customer', '8', '--reason',
		'she says so', '--at', '2026-11-28T10:00:00Z']);
	await due(w);
}

export async function fill(w)
{
	const stores = {};

	for (const [name, shop] of Object.entries(SHOPS))
		stores[name] = await w.store_add({...shop, secret: SECRET,
			tenant: name === 'woocommerce' ? stores.shopify.tenant_id :
				undefined});
	await w.start('receive');
	await w.ready('receive');
	for (const s of Object.values(stores))
		await w.store_known(s);
	const send = async (list, urls) => {
		const {answers} = await deliver(list, {urls});

		if (answers[200] !== list.length)
			throw new Error(`answers: ${JSON.stringify(answers)}`);
		await w.drain();
	};
	const s = stores.woocommerce;
	// A version with one address for each store has no keys of its own.
	const to = s.webhook_topics ? s.at('event') :
		s.url.replace('/webhooks/', '/events/');
	const signed = (body) => s.webhook_topics ? event_signature(s, body) :
		hmac_signature(SECRET, body);

	await send(parts().before, urls_of(stores));
	await send(EVENTS.map((e) => JSON.stringify(e)).map((body) => ({body,
		headers: {'X-Loyald-Hmac-Sha256': signed(body)}})), to);
	await operate(w, s);
	return stores;
}

// The one address of each store that all versions know.
export const urls_of = (stores) => Object.fromEntries(Object.entries(stores)
	.map(([name, s]) => [name, s.url]));

export const picture = (w) => w.sql(`
	SELECT 'balance', i.store_id, i.kind, i.value, b.wallet, b.available,
	    b.pending, b.reserved, b.debt, b.lifetime_earned, m.tier,
	    m.memberships
	FROM identity i JOIN balance b USING (tenant_id, member_id)
	LEFT JOIN member_state m USING (tenant_id, member_id)
	WHERE b.wallet = 1 OR b.lifetime_earned > 0
	UNION ALL SELECT 'order', store_id, 0, order_id::text, points, 0, 0, 0, 0,
	    0, reason, NULL FROM order_state
	ORDER BY 1, 2, 3, 4, 5`);

// ---- what a version leaves ------------------------------------------------------

function redis(...args)
{
	return spawnSync('redis-cli', ['--raw', '-s',
		join(process.env.SERVICES_DIR, 'redis.sock'), ...args],
	{maxBuffer: 1 << 26}).stdout;
}

// The entries of a stream in base64, byte by byte.
function entries_of(key)
{
	const n = Number(redis('XLEN', key));

	return Array.from({length: n}, (_, i) => redis('EVAL', `
		local e = redis.call('XRANGE', KEYS[1], '-', '+')[tonumber(ARGV[1])]
		local hex = ''
		for c in string.gmatch(e[2][2], '.') do
			hex = hex .. string.format('%02x', string.byte(c))
		end
		return hex`, '1', key, String(i + 1)).toString().trim())
		.map((hex) => Buffer.from(hex, 'hex').toString('base64'));
}

async function leave(file)
{
	const w = world_new({dir: join(process.env.SERVICES_DIR, 'loyald')});

	writeFileSync(w.env.LOYALD_KEY_FILE, KEY, {mode: 0o600});
	await w.must(['migrate']);
	const stores = await fill(w);
	const {waiting} = parts();

	await deliver(waiting, {urls: urls_of(stores)});
	await w.close();
	const dump = spawnSync(join(process.env.PG_BIN, 'pg_dump'), [
		'--data-only', '--rows-per-insert=1000', '-T', 'migration',
		process.env.LOYALD_DATABASE_URL], {maxBuffer: 1 << 26});

	if (dump.status !== 0)
		throw new Error(String(dump.stderr));
	const spool = w.env.LOYALD_SPOOL_DIR;
	const left = {
		migrations: Number((await w.sql('SELECT max(number) FROM migration'))
			[0][0]),
		stores: Object.fromEntries(Object.entries(stores).map(([name, s]) =>
			[name, {store_id: s.store_id, platform: s.platform,
				secret: SECRET, webhook_path: s.webhook_path}])),
		streams: Object.fromEntries((await w.streams()).map((key) =>
			[key, entries_of(key)])),
		spool: Object.fromEntries(readdirSync(spool).filter((f) =>
			!f.endsWith('.spool') && statSync(join(spool, f)).isFile())
			.map((f) => [f, readFileSync(join(spool, f))
				.toString('base64')])),
		sql: dump.stdout.toString(),
	};

	writeFileSync(file, gzipSync(JSON.stringify(left), {level: 9}));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await leave(process.argv[2]);
