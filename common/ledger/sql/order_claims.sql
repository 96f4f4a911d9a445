-- SPDX-License-Identifier: MIT
-- Finds orders held for guests whose addresses these customers have,
-- verified.  Reads what is known of the customers now, which may be newer than
-- what the batch told.
-- in:  tenant_ids store_ids kinds emails limit
-- out: store_id order_id
SELECT o.store_id, o.order_id
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       AS t(tenant_id, store_id, kind, email)
  JOIN identity g ON g.tenant_id = t.tenant_id AND g.store_id = t.store_id
   AND g.kind = t.kind AND g.value = t.email
  JOIN order_state o ON o.tenant_id = g.tenant_id
   AND o.member_id = g.member_id
 CROSS JOIN LATERAL (
	SELECT x.member_id
	  FROM identity x
	 WHERE x.tenant_id = g.tenant_id AND x.store_id = g.store_id
	   AND x.email = g.value AND x.kind = 1
	   AND x.email_verified AND x.gone_at IS NULL
	 ORDER BY length(x.value), x.value
	 LIMIT 1) AS c
 WHERE c.member_id <> g.member_id
 ORDER BY o.store_id, o.order_id
 LIMIT $5::bigint;
