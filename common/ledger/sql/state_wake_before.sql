-- SPDX-License-Identifier: MIT
-- Makes members due of whose orders some were before the store's start: the
-- store has another start now.
-- in:  tenant_id store_id
-- out:
INSERT INTO member_state AS s (tenant_id, member_id, due_at, woken)
SELECT DISTINCT o.tenant_id, o.member_id, now(), true
  FROM order_state o
 WHERE o.tenant_id = $1::bigint AND o.store_id = $2::bigint
   AND o.reason = 'before_start' AND o.member_id IS NOT NULL
 ORDER BY 2
ON CONFLICT (tenant_id, member_id) DO UPDATE
   SET due_at = least(s.due_at, excluded.due_at), woken = true;
