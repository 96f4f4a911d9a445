-- SPDX-License-Identifier: MIT
-- How many lots are due.
-- in:  now
-- out: due
SELECT count(*) AS due
  FROM lot
 WHERE NOT vested AND remaining > 0 AND wallet = 1
   AND vests_at <= $1::timestamptz;
