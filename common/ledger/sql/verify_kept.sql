-- SPDX-License-Identifier: MIT
-- Reads what is kept of the orders behind a place, in the sequence of their
-- keys.
-- in:  tenant_id store_id order_id limit
-- out: tenant_id store_id order_id record facts
SELECT tenant_id, store_id, order_id, record, facts
  FROM order_state
 WHERE (tenant_id, store_id, order_id) > ($1::bigint, $2::bigint, $3::bigint)
 ORDER BY tenant_id, store_id, order_id
 LIMIT $4::bigint;
