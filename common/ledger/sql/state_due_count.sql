-- SPDX-License-Identifier: MIT
-- How many members are due, whoever may be at work on them.
-- in:  now
-- out: due
SELECT count(*) AS due FROM member_state WHERE due_at <= $1::timestamptz;
