-- SPDX-License-Identifier: MIT
-- Deletes old letters of the classes that have an end of life, by the clock
-- that dated them: the oldest first, no more than max.
-- in:  days max
-- out:
DELETE FROM dead_letter
 WHERE (tenant_id, dead_id) IN (
	SELECT tenant_id, dead_id
	  FROM dead_letter
	 WHERE class = 'misdirected'
	   AND died_at < now() - make_interval(days => $1::int)
	   AND COALESCE(again_at, died_at) < now() - make_interval(days => $1::int)
	 ORDER BY died_at
	 LIMIT $2::bigint);
