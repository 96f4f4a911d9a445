-- SPDX-License-Identifier: MIT
-- The member that has been due longest of those whose timeline takes more
-- steps than one among others may.  One that took too many even for that
-- (hopeless) is tried again when the last time was before `tried`.
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
