-- SPDX-License-Identifier: MIT
-- Finds the member that has been due longest of those whose timeline takes
-- more steps than one among others may (`most`).  A member whose timeline took
-- too many even alone (`hopeless`) is due again if the last try was before
-- `tried`.
-- in:  now ahead most hopeless tried
-- out: tenant_id member_id
SELECT tenant_id, member_id
  FROM member_state
 WHERE (due_at <= $1::timestamptz OR folded_at > $2::timestamptz)
   AND steps > $3::bigint
   AND NOT (steps > $4::bigint AND coalesce(folded_at > $5::timestamptz
	AND folded_at <= $2::timestamptz, false))
 ORDER BY due_at
 LIMIT 1;
