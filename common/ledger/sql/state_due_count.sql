-- SPDX-License-Identifier: MIT
-- Counts the members that are due (state_due, state_alone), whoever is folding
-- them.
-- in:  now ahead hopeless tried
-- out: due
SELECT count(*) AS due
  FROM member_state
 WHERE (due_at <= $1::timestamptz OR folded_at > $2::timestamptz)
   AND NOT (steps > $3::bigint AND coalesce(folded_at > $4::timestamptz
	AND folded_at <= $2::timestamptz, false));
