-- SPDX-License-Identifier: MIT
-- Another version of the program is in effect from this time on (NULL: from
-- now): the tenant's members are looked at then; all of them, or those who
-- have a timeline already.
-- in:  tenant_id at all
-- out:
INSERT INTO member_state AS s (tenant_id, member_id, due_at)
SELECT m.tenant_id, m.member_id, coalesce($2::timestamptz, now())
  FROM member m
 WHERE m.tenant_id = $1::bigint
   AND ($3::boolean OR EXISTS (SELECT FROM member_state x
	WHERE x.tenant_id = m.tenant_id AND x.member_id = m.member_id))
 ORDER BY m.member_id
ON CONFLICT (tenant_id, member_id) DO UPDATE
   SET due_at = least(s.due_at, excluded.due_at);
