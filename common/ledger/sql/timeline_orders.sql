-- SPDX-License-Identifier: MIT
-- Reads the orders of members.  `held`: the order is of a guest whose address
-- nobody has verified.
-- in:  tenant_ids member_ids
-- out: i store_id order_id record facts version_id points reason held
SELECT t.i, o.store_id, o.order_id, o.record, o.facts, o.version_id, o.points, o.reason,
       o.owner_kind = 2 AND EXISTS (SELECT FROM identity g
	WHERE g.tenant_id = o.tenant_id AND g.store_id = o.store_id
	  AND g.kind = 2 AND g.value = o.owner_value
	  AND g.member_id = o.member_id) AS held
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN order_state o ON o.tenant_id = t.tenant_id
   AND o.member_id = t.member_id
 ORDER BY t.i;
