-- SPDX-License-Identifier: MIT
-- Reads the numbers of shops that bodies of a customer's orders named, in each
-- of the stores that have one.
-- in:  tenant_ids store_ids customer_ids
-- out: i shop_id
SELECT t.i, o.shop_id
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       WITH ORDINALITY AS t(tenant_id, store_id, customer_id, i)
  JOIN identity c ON c.tenant_id = t.tenant_id
   AND c.store_id = t.store_id AND c.kind = 1
   AND c.value = t.customer_id::text
 CROSS JOIN LATERAL (
	SELECT x.shop_id
	  FROM order_state x
	 WHERE x.tenant_id = c.tenant_id AND x.member_id = c.member_id
	   AND x.store_id = c.store_id AND x.shop_id IS NOT NULL
	 LIMIT 1) AS o;
