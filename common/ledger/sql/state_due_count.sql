-- SPDX-License-Identifier: MIT
-- How many members are due, whoever may be at work on them; state_due.sql.
-- in:  now ahead
-- out: due
SELECT count(*) AS due
  FROM member_state
 WHERE due_at <= $1::timestamptz OR folded_at > $2::timestamptz;
