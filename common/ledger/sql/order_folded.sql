-- SPDX-License-Identifier: MIT
-- Writes what orders have come to in their timelines; leaves an order that
-- belongs to another member by now.  "+ 0" keeps PostgreSQL from using the index
-- of members, with which it looks at all orders of the member for each of them.
-- in:  tenant_ids store_ids order_ids version_ids points reasons member_ids
-- out:
UPDATE order_state o
   SET version_id = nullif(t.version_id, 0), points = t.points,
       reason = t.reason
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[],
	$5::bigint[], $6::text[], $7::bigint[])
       AS t(tenant_id, store_id, order_id, version_id, points, reason,
	member_id)
 WHERE o.tenant_id = t.tenant_id AND o.store_id = t.store_id
   AND o.order_id = t.order_id AND o.member_id + 0 = t.member_id;
