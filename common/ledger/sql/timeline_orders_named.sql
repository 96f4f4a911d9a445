-- SPDX-License-Identifier: MIT
-- Reads some orders of members, as timeline_orders.sql reads all.
-- in:  members tenant_ids member_ids store_ids order_ids
-- out: i store_id order_id record facts version_id points reason held
SELECT t.i, o.store_id, o.order_id, o.record, o.facts, o.version_id, o.points, o.reason,
       o.owner_kind = 2 AND EXISTS (SELECT FROM identity g
	WHERE g.tenant_id = o.tenant_id AND g.store_id = o.store_id
	  AND g.kind = 2 AND g.value = o.owner_value
	  AND g.member_id = o.member_id) AS held
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
       AS t(i, tenant_id, member_id, store_id, order_id)
 CROSS JOIN LATERAL (SELECT * FROM order_state x WHERE x.tenant_id = t.tenant_id
   AND x.store_id = t.store_id AND x.order_id = t.order_id OFFSET 0) o
 WHERE o.member_id = t.member_id;
