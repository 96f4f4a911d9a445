-- SPDX-License-Identifier: MIT
-- Writes the changes of members' tiers; leaves rows that stay the same, without
-- locking them, since a lock is written to disk too.
-- in:  tenant_ids member_ids numbers levels at until metrics thresholds window_from window_until causes
-- out:
INSERT INTO tier_change (tenant_id, member_id, number, level, at, until,
	metric, threshold, window_from, window_until, cause)
SELECT t.*
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[],
	$5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::bigint[],
	$9::timestamptz[], $10::timestamptz[], $11::text[])
       AS t(tenant_id, member_id, number, level, at, until, metric, threshold,
	window_from, window_until, cause)
  LEFT JOIN tier_change k ON k.tenant_id = t.tenant_id
   AND k.member_id = t.member_id AND k.number = t.number
 WHERE k.number IS NULL
    OR (k.level, k.at, k.until, k.metric, k.threshold, k.window_from,
	k.window_until, k.cause)
       IS DISTINCT FROM (t.level, t.at, t.until, t.metric, t.threshold,
	t.window_from, t.window_until, t.cause)
ON CONFLICT (tenant_id, member_id, number) DO UPDATE
   SET level = excluded.level, at = excluded.at, until = excluded.until,
       metric = excluded.metric, threshold = excluded.threshold,
       window_from = excluded.window_from,
       window_until = excluded.window_until, cause = excluded.cause;
