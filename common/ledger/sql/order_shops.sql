-- SPDX-License-Identifier: MIT
-- Reads the numbers of shops that bodies of an order named, in each of the
-- stores that have one.
-- in:  tenant_ids store_ids order_ids
-- out: i shop_id
SELECT t.i, o.shop_id
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       WITH ORDINALITY AS t(tenant_id, store_id, order_id, i)
  JOIN order_state o ON o.tenant_id = t.tenant_id
   AND o.store_id = t.store_id AND o.order_id = t.order_id
 WHERE o.shop_id IS NOT NULL;
