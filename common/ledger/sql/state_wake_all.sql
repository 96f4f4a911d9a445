-- SPDX-License-Identifier: MIT
-- Makes the tenant's members due when another version of the program takes
-- effect (NULL: now): all members, or only those who have a timeline.
-- in:  tenant_id at all
-- out:
INSERT INTO member_state AS s (tenant_id, member_id, due_at)
SELECT m.tenant_id, m.member_id, coalesce($2::timestamptz, now())
  FROM balance m
 WHERE m.tenant_id = $1::bigint AND m.wallet = 1
   AND ($3::boolean OR EXISTS (SELECT FROM member_state x
	WHERE x.tenant_id = m.tenant_id AND x.member_id = m.member_id))
 ORDER BY m.member_id
ON CONFLICT (tenant_id, member_id) DO UPDATE
   SET due_at = least(s.due_at, excluded.due_at);
