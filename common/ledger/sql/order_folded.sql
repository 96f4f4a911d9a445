-- SPDX-License-Identifier: MIT
-- What orders have come to in their timelines.
-- in:  tenant_ids store_ids order_ids version_ids points reasons
-- out:
UPDATE order_state o
   SET version_id = nullif(t.version_id, 0), points = t.points,
       reason = t.reason
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[],
	$5::bigint[], $6::text[])
       AS t(tenant_id, store_id, order_id, version_id, points, reason)
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.order_id = t.order_id;
