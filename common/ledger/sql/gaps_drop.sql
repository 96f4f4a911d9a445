-- SPDX-License-Identifier: MIT
-- Removes a store's gaps that turned out to be none: the ledger had all that the
-- shop says.
-- in:  tenant_id store_id
-- out:
DELETE FROM gap g
 USING order_state o
 WHERE g.tenant_id = $1::bigint AND g.store_id = $2::bigint
   AND g.points IS NULL AND o.tenant_id = g.tenant_id
   AND o.store_id = g.store_id AND o.order_id = g.order_id
   AND o.modified_at >= g.changed_at AND o.changed_at < g.found_at;
