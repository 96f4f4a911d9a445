-- SPDX-License-Identifier: MIT
-- Finds the next of a member's orders in a store, by id.
-- in:  tenant_id store_id member_id after
-- out: order_id
SELECT order_id
  FROM order_state
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND member_id = $3::bigint AND order_id > $4::bigint
 ORDER BY order_id
 LIMIT 1;
