-- SPDX-License-Identifier: MIT
-- Counts the letters that wait for an operator; no more than max are counted.
-- in:  max
-- out: n
SELECT count(*) AS n
  FROM (SELECT FROM dead_letter
	 WHERE replayed_at IS NULL AND discarded_at IS NULL
	 LIMIT $1::bigint) AS open;
