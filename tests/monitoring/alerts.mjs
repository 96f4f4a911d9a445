// SPDX-License-Identifier: MIT
//
// When each rule of deploy/monitoring/alerts.yml fires, and when it does not:
// series in promtool's notation (start+step x times; xN: to the end), beside
// those of an installation that is well.  After `steps` of `every` minutes (20
// of 1) this rule alone fires, with `fires`, and none does, with `quiet`.
const receive = (labels, of = 'receive_answers_total') =>
	`loyald_${of}{instance="receive:8080",${labels}}`;
const count = (name, labels = '') =>
	`loyald_${name}{instance="x:9100"${labels && ','}${labels}}`;
const gauge = count;
const slow = (le) => `loyald_receive_answer_seconds_bucket{le="${le}"}`;

export const STEPS = 20, EVERY = 1;
export const WELL = {
	'up{job="loyald",instance="receive:8080"}': '1xN',
	'up{job="other",instance="redis:9121"}': '0xN',
	...Object.fromEntries(['receive', 'work', 'push', 'reconcile', 'schedule',
		'serve']
		.map((role) => [`loyald_build_info{role="${role}"}`, '1xN'])),
	[count('start_time_seconds')]: '7xN',
	[receive('code="200"')]: '0+60xN',
	[slow('1')]: '0+60xN',
	[slow('+Inf')]: '0+60xN',
	[count('push_calls_total')]: '0+60xN',
};

export const RULES = {
	LoyaldProcessDown: {
		fires: {'up{job="loyald",instance="work:9100"}': '1x10 0x10'},
		quiet: {'up{job="loyald",instance="work:9100"}': '1x18 0x2'}},
	LoyaldRoleMissing: {
		fires: {'loyald_build_info{role="serve"}': '1x8'},
		quiet: {'loyald_build_info{role="serve"}': '1x10 _x5 1x5'}},
	LoyaldNotReady: {
		fires: {[gauge('ready')]: '1x10 0x10'},
		quiet: {[gauge('ready')]: '1x18 0x2'}},
	LoyaldRestarts: {
		fires: {[count('start_time_seconds')]: '1x10 2+1x10'},
		quiet: {[count('start_time_seconds')]: '1x12 2x3 3x3 4x3'}},
	LoyaldDeliveriesUnavailable: {
		fires: {[receive('code="503"')]: '0x15 1x5'},
		quiet: {[receive('code="503"')]: '0x5 9x15'}},
	LoyaldSignaturesRefused: {
		fires: {[receive('code="401"')]: '0x5 0+1x15'},
		quiet: {[receive('code="401"')]: '0x10 1x10'}},
	LoyaldPathsUnknown: {steps: 40,
		fires: {[receive('code="404"')]: '0+3x40'},
		quiet: {[receive('code="404"')]: '0+1x40'}},
	LoyaldAnswersSlow: {
		fires: {[slow('1')]: '0+58x20', [slow('5')]: '0+60x20'},
		quiet: {[slow('1')]: '0+59.9x20', [slow('5')]: '0+60x20'}},
	LoyaldStoresUnknown: {
		fires: {[gauge('receive_stores_age_seconds')]: '1x10 60+60x10'},
		quiet: {[gauge('receive_stores_age_seconds')]: '120x20'}},
	LoyaldStoreSilent: {steps: 150, every: 30,
		fires: {[gauge('store_last_delivery_timestamp_seconds',
			'store="7"')]: '60xN'},
		quiet: {[gauge('store_last_delivery_timestamp_seconds',
			'store="7"')]: '14400xN'}},
	LoyaldReceiveRedisEvicts: {
		fires: {[receive('why="evicts"', 'receive_redis_unfit')]: '0x15 1x5'},
		quiet: {[receive('why="evicts"', 'receive_redis_unfit')]: '1x15 0x5'}},
	LoyaldReceiveRedisReplica: {
		fires: {[receive('why="replica"', 'receive_redis_unfit')]: '0x15 1x5'},
		quiet: {[receive('why="replica"', 'receive_redis_unfit')]: '1x15 0x5'}},
	LoyaldReceiveRedisHeld: {
		fires: {[receive('why="held"', 'receive_redis_unfit')]: '0x12 1x8'},
		quiet: {[receive('why="held"', 'receive_redis_unfit')]: '0x16 1x4'}},
	LoyaldRedisGap: {steps: 90,
		fires: {[count('receive_redis_gaps_total')]: '0x50 1x40'},
		quiet: {[count('receive_redis_gaps_total')]: '0x10 1x80'}},
	LoyaldSpoolStays: {
		fires: {[gauge('spool_records')]: '0x5 9x15'},
		quiet: {[gauge('spool_records')]: '9x12 0x1 9x7'}},
	LoyaldSpoolUnusable: {
		fires: {[gauge('spool_unusable')]: '0x15 1x5'},
		quiet: {[gauge('spool_unusable')]: '1x15 0x5'}},
	LoyaldSpoolCorrupt: {
		fires: {[count('spool_corrupt_total')]: '0x5 1x15'},
		quiet: {[count('spool_corrupt_total')]: '0x20'}},
	LoyaldSpoolSyncErrors: {
		fires: {[count('spool_sync_errors_total')]: '0x17 3x3'},
		quiet: {[count('spool_sync_errors_total')]: '0x5 3x15'}},
	LoyaldCutOffMemory: {
		fires: {[count('http_cut_off_total', 'why="memory"')]: '0x15 1x5'},
		quiet: {[count('http_cut_off_total', 'why="memory"')]: '0x5 1x15'}},
	LoyaldCutOffConnections: {
		fires: {[count('http_cut_off_total', 'why="connections"')]:
			'0x15 1x5'},
		quiet: {[count('http_cut_off_total', 'why="connections"')]:
			'0x5 1x15'}},
	LoyaldCutOffSlow: {steps: 40,
		fires: {[count('http_cut_off_total', 'why="slow"')]: '0+10x40'},
		quiet: {[count('http_cut_off_total', 'why="slow"')]: '0+4x40'}},
	LoyaldBacklogOld: {
		fires: {[gauge('work_stream_oldest_seconds')]: '0x10 130+60x10'},
		quiet: {[gauge('work_stream_oldest_seconds')]: '110x20'}},
	LoyaldBacklogLong: {
		fires: {[gauge('work_stream_entries')]: '0x10 10001x10'},
		quiet: {[gauge('work_stream_entries')]: '10000x20'}},
	LoyaldWorkRetries: {
		fires: {[count('work_retries_total')]: '0+1x20'},
		quiet: {[count('work_retries_total')]: '0x10 9x10'}},
	LoyaldDeadLettersOpen: {
		fires: {[gauge('schedule_dead_letters_open')]: '0x10 1x10'},
		quiet: {[gauge('schedule_dead_letters_open')]: '1x15 0x5'}},
	LoyaldDeadLettersGrow: {
		fires: {[count('work_dead_total')]: '0x10 30x10'},
		quiet: {[count('work_dead_total')]: '0x10 15x10'}},
	LoyaldMisdirected: {steps: 90,
		fires: {[count('work_misdirected_total')]: '0x50 1x40'},
		quiet: {[count('work_misdirected_total')]: '0x10 1x80'}},
	LoyaldLocked: {
		fires: {[gauge('work_waiting')]: '0x10 1x10'},
		quiet: {[gauge('work_waiting')]: '1x13 0x1 1x2'}},
	LoyaldPromiseUnsafe: {
		fires: {[gauge('work_unsafe', 'setting="fsync"')]: '0x5 1x15'},
		quiet: {[gauge('work_unsafe', 'setting="fsync"')]: '0x15 1x5'}},
	LoyaldWorkRedisUnfit: {
		fires: {[gauge('work_redis_unfit', 'why="replica"')]: '0x15 1x5'},
		quiet: {[gauge('work_redis_unfit', 'why="replica"')]: '1x15 0x5'}},
	LoyaldTimelinesLong: {steps: 150,
		fires: {[count('schedule_aside_total')]: '0+1x150'},
		quiet: {[count('work_aside_total')]: '0x20 1x130'}},
	LoyaldDueOld: {
		fires: {[gauge('schedule_due_oldest_seconds')]: '0x10 700+60x10'},
		quiet: {[gauge('schedule_due_oldest_seconds')]: '600x20'}},
	LoyaldClockAhead: {steps: 90,
		fires: {[count('schedule_ahead_total')]: '0x50 1x40'},
		quiet: {[count('schedule_ahead_total')]: '0x10 1x80'}},
	LoyaldMembersStuck: {steps: 90,
		fires: {[count('schedule_stuck_total')]: '0x50 1x40'},
		quiet: {[count('schedule_stuck_total')]: '0x10 1x80'}},
	LoyaldOutboxOld: {
		fires: {[gauge('push_outbox_oldest_seconds')]: '0x10 901+60x10'},
		quiet: {[gauge('push_outbox_oldest_seconds')]: '900x20'}},
	LoyaldPushRetries: {steps: 40,
		fires: {[count('push_retries_total')]: '0+31x40'},
		quiet: {[count('push_retries_total')]: '0+29x40'}},
	LoyaldRewardsRefused: {steps: 90,
		fires: {[count('push_rewards_refused_total')]: '0x50 1x40'},
		quiet: {[count('push_rewards_refused_total')]: '0x10 1x80'}},
	LoyaldWebhooksMissed: {steps: 90,
		fires: {[count('reconcile_gaps_total')]: '0x30 0+1x60'},
		quiet: {[count('reconcile_gaps_total')]: '0x10 5x80'}},
	LoyaldWebhooksOff: {steps: 90,
		fires: {[count('reconcile_webhooks_total')]: '0x50 1x40'},
		quiet: {[count('reconcile_webhooks_total')]: '0x10 1x80'}},
	LoyaldReconcileFails: {steps: 90,
		fires: {[count('reconcile_failures_total')]: '0x30 0+1x60'},
		quiet: {[count('reconcile_failures_total')]: '0x10 5x80'}},
	LoyaldRewardsOdd: {steps: 90,
		fires: {[count('work_odd_uses_total')]: '0x50 1x40'},
		quiet: {[count('work_odd_uses_total')]: '0x10 1x80'}},
	LoyaldPushRejected: {steps: 90,
		fires: {[count('push_rejected_total')]: '0x50 1x40'},
		quiet: {[count('push_rejected_total')]: '0x10 1x80'}},
	LoyaldStorefrontUnavailable: {
		fires: {[count('serve_answers_total', 'code="503"')]: '0x10 0+1x10'},
		quiet: {[count('serve_answers_total', 'code="503"')]: '0x5 9x15'}},
};
