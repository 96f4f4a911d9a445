-- SPDX-License-Identifier: MIT
-- Reads what is known of the orders of a batch.
-- in:  tenant_ids store_ids order_ids
-- out: i record facts version_id revision points reason member_id owner_kind owner_value
SELECT t.i, o.record, o.facts, o.version_id, o.revision, o.points, o.reason, o.member_id,
       o.owner_kind, o.owner_value
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       WITH ORDINALITY AS t(tenant_id, store_id, order_id, i)
  JOIN order_state o ON o.tenant_id = t.tenant_id
   AND o.store_id = t.store_id AND o.order_id = t.order_id;
