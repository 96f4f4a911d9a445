-- SPDX-License-Identifier: MIT
-- Lists the changes of hands of an order, newest first.
-- in:  tenant_id store_id order_id
-- out: from_member to_member moved_at
SELECT from_member, coalesce(to_member, 0) AS to_member, moved_at
  FROM order_move
 WHERE tenant_id = $1::bigint AND store_id = $2::bigint
   AND order_id = $3::bigint
 ORDER BY move_id DESC;
