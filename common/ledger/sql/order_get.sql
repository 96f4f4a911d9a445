-- SPDX-License-Identifier: MIT
-- Reads whose an order is, and what the order has come to.
-- in:  store_id order_id
-- out: tenant_id member_id version_id points reason
SELECT o.tenant_id, o.member_id, o.version_id, o.points, o.reason
  FROM store s
  JOIN order_state o USING (tenant_id, store_id)
 WHERE s.store_id = $1::bigint AND o.order_id = $2::bigint;
