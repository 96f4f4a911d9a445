-- SPDX-License-Identifier: MIT
-- Writes the changes of members' tiers; leaves rows that stay the same.
-- in:  tenant_ids member_ids numbers levels at until metrics thresholds window_from window_until causes
-- out:
INSERT INTO tier_change AS c (tenant_id, member_id, number, level, at, until,
	metric, threshold, window_from, window_until, cause)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[],
	$5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::bigint[],
	$9::timestamptz[], $10::timestamptz[], $11::text[])
ON CONFLICT (tenant_id, member_id, number) DO UPDATE
   SET level = excluded.level, at = excluded.at, until = excluded.until,
       metric = excluded.metric, threshold = excluded.threshold,
       window_from = excluded.window_from,
       window_until = excluded.window_until, cause = excluded.cause
 WHERE (c.level, c.at, c.until, c.metric, c.threshold, c.window_from,
	c.window_until, c.cause)
       IS DISTINCT FROM (excluded.level, excluded.at, excluded.until,
	excluded.metric, excluded.threshold, excluded.window_from,
	excluded.window_until, excluded.cause);
