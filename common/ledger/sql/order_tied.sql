-- SPDX-License-Identifier: MIT
-- Finds which of these orders a referral is tied to.
-- in:  tenant_ids store_ids order_ids
-- out: i
SELECT DISTINCT t.i
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       WITH ORDINALITY AS t(tenant_id, store_id, order_id, i)
  JOIN fact_order w ON w.tenant_id = t.tenant_id
   AND w.store_id = t.store_id AND w.order_id = t.order_id;
