-- SPDX-License-Identifier: MIT
-- A member's orders, the newest first.
-- in:  tenant_id member_id max
-- out: store_id order_id points reason modified_at
SELECT store_id, order_id, points, reason, modified_at
  FROM order_state
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
 ORDER BY modified_at DESC NULLS LAST, order_id DESC
 LIMIT $3::bigint;
