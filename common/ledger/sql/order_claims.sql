-- SPDX-License-Identifier: MIT
-- Orders held for guests whose addresses these customers have, verified.
-- in:  tenant_ids store_ids kinds emails limit
-- out: store_id order_id
SELECT o.store_id, o.order_id
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       AS t(tenant_id, store_id, kind, email)
  JOIN identity g ON g.tenant_id = t.tenant_id AND g.store_id = t.store_id
   AND g.kind = t.kind AND g.value = t.email
  JOIN order_state o ON o.tenant_id = g.tenant_id
   AND o.member_id = g.member_id
 ORDER BY o.store_id, o.order_id
 LIMIT $5::bigint;
