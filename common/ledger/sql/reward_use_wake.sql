-- SPDX-License-Identifier: MIT
-- Makes members due whose rewards these orders have used.
-- in:  tenant_ids store_ids order_ids at
-- out:
INSERT INTO member_state AS s (tenant_id, member_id, due_at, woken)
SELECT DISTINCT f.tenant_id, f.member_id, $4::timestamptz, true
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS t(tenant_id, store_id, order_id)
  JOIN reward_use u ON u.tenant_id = t.tenant_id
   AND u.store_id = t.store_id AND u.order_id = t.order_id
  JOIN member_fact f ON f.tenant_id = u.tenant_id
   AND f.store_id = u.store_id AND f.kind = 3 AND f.fact_id = u.redemption
 ORDER BY 1, 2
ON CONFLICT (tenant_id, member_id) DO UPDATE
   SET due_at = least(s.due_at, excluded.due_at), woken = true;
