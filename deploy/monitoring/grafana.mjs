// SPDX-License-Identifier: MIT
//
// Makes the board of Grafana from the table below:
//
//	node deploy/monitoring/grafana.mjs >deploy/monitoring/grafana.json
//
// make lint-monitoring holds the two together.  A panel is
//	title, says	what it shows and when to look closer, in plain words
//	unit		of Grafana's: s, ops (a second), short, bytes, percentunit
//	shows		"stat" (one number), "lines", "stack", "state", "table"
//	wide, high	of 24; its place follows from those before it
//	warn, bad	from where it is yellow, red; red below `bad` where `bad`
//			is less than `warn`
//	ask		{legend: expression}; "{{label}}" stands for a label
// In a table each expression is a column, named by its legend.
import {fileURLToPath} from 'node:url';

const RATE = '[$__rate_interval]';
const rate = (name, by) => `sum${by ? ` by (${by})` : ''} (rate(${name}${RATE}))`;
const quantiles = (name) => Object.fromEntries([['half', 0.5], ['95 of 100', 0.95],
	['99 of 100', 0.99]].map(([legend, q]) => [legend,
	`histogram_quantile(${q}, ${rate(`${name}_bucket`, 'le')})`]));
const ago = (name) => `time() - max by (store) (${name})`;

export const ROWS = {
	'Is it well?': [
		{title: 'Alerts that fire', shows: 'stat', wide: 4, high: 4, bad: 1,
			says: 'How many rules of alerts.yml fire; the table below ' +
				'says which, and the RUNBOOK what to do. 0 is well.',
			ask: {'': 'count(ALERTS{alertname=~"Loyald.+", ' +
				'alertstate="firing"}) or vector(0)'}},
		{title: 'Not ready', shows: 'stat', wide: 4, high: 4, bad: 1,
			says: 'Processes that Prometheus cannot reach, or that say ' +
				'they cannot do their work. 0 is well.',
			ask: {'': 'count(up{job="loyald"} == 0 or loyald_ready == 0) ' +
				'or vector(0)'}},
		{title: 'Roles that are there', shows: 'stat', wide: 4, high: 4,
			warn: 6, bad: 5,
			says: 'Of receive, work, push, reconcile, schedule and serve: ' +
				'6 are all of them.',
			ask: {'': 'count(count by (role) (loyald_build_info))'}},
		{title: 'Answered 200', shows: 'stat', unit: 'percentunit', wide: 4,
			high: 4, warn: 0.99, bad: 0.9,
			says: 'The share of deliveries of the last hour that were ' +
				'taken. Empty while there were none.',
			ask: {'': 'sum(increase(loyald_receive_answers_total' +
				'{code="200"}[1h])) / ' +
				'(sum(increase(loyald_receive_answers_total[1h])) > 0)'}},
		{title: 'Oldest delivery that waits', shows: 'stat', unit: 's',
			wide: 4, high: 4, warn: 30, bad: 120,
			says: 'For how long the oldest delivery waits in the streams ' +
				'or in a spool to become points.',
			ask: {'': 'max(loyald_work_stream_oldest_seconds or ' +
				'loyald_spool_oldest_seconds)'}},
		{title: 'Dead letters', shows: 'stat', wide: 4, high: 4, bad: 1,
			says: 'Deliveries that could not become events and wait for ' +
				'you: loyald dlq list.',
			ask: {'': 'max(loyald_schedule_dead_letters_open)'}},
		{title: 'What fires', shows: 'table', wide: 12, high: 6,
			says: 'Each alert that fires, with what it is about. ' +
				'Its annotations say what to do.',
			ask: {'': 'sort_desc(sum by (severity, alertname, instance, ' +
				'store) (ALERTS{alertname=~"Loyald.+", ' +
				'alertstate="firing"}))'}},
		{title: 'Up', shows: 'state', wide: 6, high: 6,
			says: "Prometheus' own figure up of each process: green while " +
				'it answers.',
			ask: {'{{instance}}': 'up{job="loyald"}'}},
		{title: 'Ready', shows: 'state', wide: 6, high: 6,
			says: 'What each process says of itself, as its /readyz: green ' +
				'while it can do its work.',
			ask: {'{{instance}}': 'loyald_ready'}},
		{title: 'Versions', shows: 'table', wide: 12, high: 5,
			says: 'Which version each process is of. Two versions at a ' +
				'time are an upgrade under way.',
			ask: {'': 'count by (version, role, instance) ' +
				'(loyald_build_info)'}},
		{title: 'Running for', shows: 'lines', unit: 's', wide: 12, high: 5,
			says: 'Since when each process runs: a saw is one that ends ' +
				'again and again; its last line says why.',
			ask: {'{{instance}}': 'time() - loyald_start_time_seconds'}},
	],
	'Deliveries in': [
		{title: 'Answers by code', shows: 'stack', unit: 'ops',
			says: '200 is kept, or was before; 401 is signed with another ' +
				"secret; 404 came to a path that is no store's; 503 could " +
				'not be kept.',
			ask: {'{{code}}': rate('loyald_receive_answers_total', 'code')}},
		{title: 'Kept where', shows: 'stack', unit: 'ops',
			says: 'In Redis, as it should be, or in the spool, while Redis ' +
				'is away or slow.',
			ask: {'{{in}}': rate('loyald_receive_durable_total', 'in')}},
		{title: 'Time to the answer', shows: 'lines', unit: 's', warn: 1,
			bad: 5,
			says: 'From a whole request to its answer. Shopify waits for ' +
				'5 seconds.',
			ask: quantiles('loyald_receive_answer_seconds')},
		{title: 'Bytes of bodies', shows: 'lines', unit: 'Bps',
			says: 'Bytes a second of the deliveries that were taken.',
			ask: {'bodies': rate('loyald_receive_body_bytes_total')}},
		{title: 'Redis, as receive sees it', shows: 'lines',
			says: 'Connections that are up, entries on their way, entries ' +
				'a second that failed, and 1 while Redis is not trusted.',
			ask: {'connections': 'sum(loyald_receive_redis_connections)',
				'on their way': 'sum(loyald_receive_redis_in_flight)',
				'failed a second': rate('loyald_receive_redis_errors_total'),
				'unfit: {{why}}': 'max by (why) (loyald_receive_redis_unfit)'}},
		{title: 'Connections', shows: 'lines',
			says: 'Open connections to receive and serve, and how many ' +
				'requests a second are cut off, by why.',
			ask: {'{{instance}}': 'loyald_http_connections',
				'cut off: {{why}}': rate('loyald_http_cut_off_total',
					'why')}},
	],
	'What waits': [
		{title: 'Deliveries in the streams', shows: 'lines', warn: 1000,
			bad: 10000,
			says: 'Entries of the streams, of 1 to 32 deliveries each, that ' +
				'work has not posted yet. It should fall to about 0 after ' +
				'each burst.',
			ask: {'entries': 'max(loyald_work_stream_entries)'}},
		{title: 'Age of the oldest', shows: 'lines', unit: 's', warn: 30,
			bad: 120,
			says: 'For how long the oldest of each kind waits: a line that ' +
				'climbs is something that stands still.',
			ask: {'stream': 'max(loyald_work_stream_oldest_seconds)',
				'spool of {{instance}}': 'loyald_spool_oldest_seconds',
				'balances for the shops':
					'max(loyald_push_outbox_oldest_seconds)',
				'due': 'max(loyald_schedule_due_oldest_seconds)'}},
		{title: 'Deliveries in the spool', shows: 'lines', warn: 1, bad: 10000,
			says: 'Deliveries that wait on the disk of receive until Redis ' +
				'takes them. 0 is well.',
			ask: {'{{instance}}': 'loyald_spool_records'}},
		{title: 'Size of the spool', shows: 'lines', unit: 'bytes',
			says: 'Bytes on disk; beyond LOYALD_SPOOL_MAX_MB deliveries are ' +
				'answered 503.',
			ask: {'{{instance}}': 'loyald_spool_bytes'}},
		{title: 'Balances for the shops', shows: 'lines',
			says: 'Balances that push has not brought to a shop yet.',
			ask: {'outbox': 'max(loyald_push_outbox_rows)'}},
		{title: 'Waits for a lock', shows: 'lines', warn: 1, bad: 100,
			says: 'Messages that wait since somebody else has their rows ' +
				'locked in PostgreSQL. 0 is well.',
			ask: {'{{instance}}': 'loyald_work_waiting'}},
	],
	'Work': [
		{title: 'Messages', shows: 'lines', unit: 'ops',
			says: 'Deliveries that work has done with, those of them that ' +
				'changed nothing (repeats, echoes), and those that died.',
			ask: {'all': rate('loyald_work_messages_total'),
				'changed nothing': rate('loyald_work_unchanged_total'),
				'died': rate('loyald_work_dead_total')}},
		{title: 'Batches and entries', shows: 'lines', unit: 'ops',
			says: 'Transactions of work, and ledger entries posted by work ' +
				'and by schedule.',
			ask: {'batches': rate('loyald_work_batches_total'),
				'entries of work': rate('loyald_work_entries_total'),
				'entries of schedule':
					rate('loyald_schedule_entries_total')}},
		{title: 'Time of a batch', shows: 'lines', unit: 's', warn: 1, bad: 5,
			says: 'From the first look at the database to the commit. It ' +
				'climbs when PostgreSQL is slow.',
			ask: quantiles('loyald_work_batch_seconds')},
		{title: 'Trouble', shows: 'lines', unit: 'ops',
			says: 'Batches tried again (PostgreSQL is in the way), messages ' +
				'taken over from a worker that went silent, members set aside.',
			ask: {'tried again': rate('loyald_work_retries_total'),
				'taken over': rate('loyald_work_reclaimed_total'),
				'set aside': rate('loyald_work_aside_total')}},
		{title: 'Dead letters that are open', shows: 'lines', warn: 1, bad: 100,
			says: 'Deliveries that wait for you: loyald dlq list tells why ' +
				'each died.',
			ask: {'open': 'max(loyald_schedule_dead_letters_open)'}},
		{title: 'What time brings', shows: 'lines', unit: 'ops',
			says: 'Points that became available, members looked at since ' +
				'something was due, and members that could not be done.',
			ask: {'lots available': rate('loyald_schedule_vested_total'),
				'members looked at': rate('loyald_schedule_folded_total'),
				'stuck': rate('loyald_schedule_stuck_total')}},
	],
	'To the shops': [
		{title: 'Calls', shows: 'lines', unit: 'ops',
			says: 'Calls to the platforms, those to be tried again, and ' +
				'those a platform throttled.',
			ask: {'calls': rate('loyald_push_calls_total'),
				'tried again': rate('loyald_push_retries_total'),
				'throttled': rate('loyald_push_throttled_total')}},
		{title: 'Balances', shows: 'lines', unit: 'ops',
			says: 'Balances that a platform took, and those it refused for ' +
				'good: the customer is gone, or the token lacks rights.',
			ask: {'taken': rate('loyald_push_members_total'),
				'refused': rate('loyald_push_rejected_total')}},
		{title: 'Rewards', shows: 'lines', unit: 'ops',
			says: 'Rewards that shops made, those removed again, and those ' +
				'that a shop will never make.',
			ask: {'made': rate('loyald_push_rewards_total'),
				'removed': rate('loyald_push_rewards_removed_total'),
				'refused': rate('loyald_push_rewards_refused_total')}},
		{title: 'Missed by webhooks', shows: 'lines', unit: 'ops',
			says: 'Orders, or changes of them, that no webhook told of, ' +
				'found by asking the shops, and rounds that failed.',
			ask: {'found': rate('loyald_reconcile_gaps_total'),
				'rounds': rate('loyald_reconcile_rounds_total'),
				'failed': rate('loyald_reconcile_failures_total')}},
		{title: 'Time of a call', shows: 'lines', unit: 's', warn: 5, bad: 15,
			says: 'Until the platform answers, or until push waits no longer.',
			ask: quantiles('loyald_push_call_seconds')},
	],
	'Storefront': [
		{title: 'Answers to storefronts', shows: 'stack', unit: 'ops', wide: 12,
			says: '401 is a token that is signed with another key or too old; ' +
				'503 is PostgreSQL away or slow.',
			ask: {'{{code}}': rate('loyald_serve_answers_total', 'code')}},
		{title: 'Time to a storefront', shows: 'lines', unit: 's', wide: 12,
			warn: 0.5, bad: 2,
			says: 'From a whole request to its answer; after 2 seconds it ' +
				'is 503.',
			ask: quantiles('loyald_serve_answer_seconds')},
	],
	'Each store': [
		{title: 'Last heard of', shows: 'table', unit: 's', wide: 24, high: 8,
			says: 'How long ago each store last sent a delivery (to the ' +
				'hour), and a balance was last brought to it. Days may be ' +
				'a quiet shop, or a webhook that was switched off: look in ' +
				'the shop. Of more than 100 stores loyald store list tells.',
			ask: {'Last delivery':
				ago('loyald_store_last_delivery_timestamp_seconds'),
			'Last push': ago('loyald_store_last_push_timestamp_seconds')}},
	],
};

const WIDTH = 24;
const DATASOURCE = {type: 'prometheus', uid: '${datasource}'};
const TYPE = {stat: 'stat', lines: 'timeseries', stack: 'timeseries',
	state: 'state-timeline', table: 'table'};

function thresholds({shows, warn, bad})
{
	const is_low_bad = warn > bad;
	const steps = is_low_bad ? [['red', null], ['yellow', bad], ['green', warn]] :
		[['green', null], ['yellow', warn], ['red', bad]];

	if (shows === 'state')
		return {mode: 'absolute', steps: [{color: 'red', value: null},
			{color: 'green', value: 1}]};
	return {mode: 'absolute', steps: steps
		.filter(([, value]) => value !== undefined)
		.map(([color, value]) => ({color, value}))};
}

const LOOK = {
	stat: {options: {colorMode: 'background', graphMode: 'none',
		textMode: 'value', reduceOptions: {calcs: ['lastNotNull'],
			fields: '', values: false}}},
	lines: {custom: {lineWidth: 1, fillOpacity: 0},
		options: {legend: {displayMode: 'list', placement: 'bottom',
			showLegend: true}, tooltip: {mode: 'multi', sort: 'desc'}}},
	stack: {custom: {lineWidth: 1, fillOpacity: 30,
		stacking: {group: 'A', mode: 'normal'}},
	options: {legend: {displayMode: 'list', placement: 'bottom',
		showLegend: true}, tooltip: {mode: 'multi', sort: 'desc'}}},
	state: {custom: {fillOpacity: 70, lineWidth: 0},
		mappings: [{type: 'value', options: {
			0: {text: 'no', index: 0}, 1: {text: 'yes', index: 1}}}],
		options: {mergeValues: true, showValue: 'never', rowHeight: 0.9}},
	table: {custom: {align: 'left'}, options: {showHeader: true}},
};

// The columns have the names of the legends; what says nothing is left out.
function columns(ask)
{
	const legends = Object.keys(ask);
	const name = (i) => legends.length === 1 ? 'Value' :
		`Value #${String.fromCharCode(65 + i)}`;

	return [{id: 'merge', options: {}}, {id: 'organize', options: {
		excludeByName: {Time: true, ...(legends[0] === '' ?
			{Value: true} : {})},
		renameByName: Object.fromEntries(legends
			.map((legend, i) => [name(i), legend])
			.filter(([, legend]) => legend !== ''))}}];
}

function panel(p, place)
{
	const {custom = {}, mappings = [], options} = LOOK[p.shows];
	const is_table = p.shows === 'table';
	const is_now = is_table || p.shows === 'stat';

	return {...place, type: TYPE[p.shows], title: p.title, description: p.says,
		datasource: DATASOURCE,
		fieldConfig: {overrides: [], defaults: {unit: p.unit ?? 'short',
			min: 0, mappings, color: {mode: ['stat', 'state', 'table']
				.includes(p.shows) ? 'thresholds' : 'palette-classic'},
			thresholds: thresholds(p), custom: {...custom,
				...(p.bad !== undefined && p.shows === 'lines' ?
					{thresholdsStyle: {mode: 'dashed'}} : {})}}},
		options,
		targets: Object.entries(p.ask).map(([legend, expr], i) => ({
			refId: String.fromCharCode(65 + i), datasource: DATASOURCE,
			editorMode: 'code', expr, legendFormat: legend || '__auto',
			instant: is_now, range: !is_now,
			format: is_table ? 'table' : 'time_series'})),
		...(is_table ? {transformations: columns(p.ask)} : {})};
}

// Panels from left to right, a new line where one does not fit.
function panels()
{
	const all = [];
	let x = 0, y = 0, line = 0;
	const next_line = () => {
		y += line;
		x = line = 0;
	};
	const place = (w, h) => {
		if (x + w > WIDTH)
			next_line();
		const at = {id: all.length + 1, gridPos: {x, y, w, h}};

		x += w;
		line = Math.max(line, h);
		return at;
	};

	for (const [title, list] of Object.entries(ROWS)) {
		next_line();
		all.push({...place(WIDTH, 1), type: 'row', title, collapsed: false,
			panels: []});
		for (const p of list)
			all.push(panel(p, place(p.wide ?? 8, p.high ?? 7)));
	}
	return all;
}

export const board = () => `${JSON.stringify({
	uid: 'loyald', title: 'loyald', tags: ['loyald'], schemaVersion: 41,
	version: 1, editable: true, graphTooltip: 1, timezone: 'browser',
	refresh: '30s', time: {from: 'now-6h', to: 'now'},
	annotations: {list: []}, links: [],
	templating: {list: [{name: 'datasource', label: 'Prometheus',
		type: 'datasource', query: 'prometheus', regex: '', hide: 0,
		includeAll: false, multi: false, options: [], refresh: 1}]},
	panels: panels()}, null, '\t')}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.stdout.write(board());
