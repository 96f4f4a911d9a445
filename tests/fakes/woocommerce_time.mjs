// SPDX-License-Identifier: MIT
//
// woocommerce_time: instants as WordPress writes them, without a zone.
//
//	clock(timezone) -> {gmt(ms), local(ms), date(text) -> ms}
//
// A shop that has an offset instead of a zone ('') is two hours ahead.
const HOUR_MS = 3600000;
const bare = (ms) => new Date(ms).toISOString().slice(0, 19);

// How far ahead of UTC a zone is at an instant.
function ahead_ms(timezone, ms)
{
	if (timezone === '')
		return 2 * HOUR_MS;
	const text = new Intl.DateTimeFormat('en', {timeZone: timezone,
		timeZoneName: 'longOffset'}).format(ms);
	const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ??
		[null, '+', 0, 0];

	return (sign === '-' ? -1 : 1) * (hours * 60 + Number(minutes)) * 60000;
}

export const clock = (timezone) => ({
	gmt: bare,
	local: (ms) => bare(ms + ahead_ms(timezone, ms)),
	date: (text) => {
		const ms = Date.parse(`${text}Z`);

		return Number.isNaN(ms) ? ms : ms - ahead_ms(timezone, ms);
	},
});
