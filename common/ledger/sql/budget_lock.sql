-- SPDX-License-Identifier: MIT
-- Reads what all members together have had of these rules, and locks it in
-- ascending order.
-- in:  tenant_ids store_ids rules
-- out: i given
SELECT t.i, b.given
  FROM unnest($1::bigint[], $2::bigint[], $3::text[])
       WITH ORDINALITY AS t(tenant_id, store_id, rule, i)
  JOIN budget b ON b.tenant_id = t.tenant_id AND b.store_id = t.store_id
   AND b.rule = t.rule
 ORDER BY b.tenant_id, b.store_id, b.rule
   FOR UPDATE OF b;
