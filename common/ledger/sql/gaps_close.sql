-- SPDX-License-Identifier: MIT
-- Says of a store's gaps whose orders are in the ledger by now what the orders have
-- earned more, or less.
-- in:  tenant_id store_id
-- out:
UPDATE gap g
   SET points = o.points - g.points_before
  FROM order_state o
 WHERE g.tenant_id = $1::bigint AND g.store_id = $2::bigint
   AND g.points IS NULL AND o.tenant_id = g.tenant_id
   AND o.store_id = g.store_id AND o.order_id = g.order_id
   AND o.modified_at >= g.changed_at AND o.changed_at >= g.found_at;
