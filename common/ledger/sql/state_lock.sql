-- SPDX-License-Identifier: MIT
-- Locks members' timelines, in ascending order.
-- in:  tenant_ids member_ids
-- out: i due_at steps changed
SELECT t.i, s.due_at, s.steps, s.xmin::text::bigint AS changed
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN member_state s ON s.tenant_id = t.tenant_id
   AND s.member_id = t.member_id
 ORDER BY s.tenant_id, s.member_id
   FOR UPDATE OF s;
