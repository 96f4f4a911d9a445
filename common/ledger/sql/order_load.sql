-- SPDX-License-Identifier: MIT
-- Reads what is known of the orders of a batch.
-- in:  tenant_ids store_ids order_ids
-- out: i record facts version_id revision points reason member_id owner_kind owner_value
SELECT t.i, o.record, o.facts, o.version_id, o.revision, o.points, o.reason, o.member_id,
       o.owner_kind, o.owner_value
  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS store_id, unnest($3::bigint[]) AS order_id,
	generate_subscripts($1::bigint[], 1) AS i) AS t
  JOIN order_state o ON o.tenant_id = t.tenant_id
   AND o.store_id = t.store_id AND o.order_id = t.order_id;
