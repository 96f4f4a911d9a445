-- SPDX-License-Identifier: MIT
-- Reads the facts of members that are no orders.  `held`: the fact is of a
-- guest whose address nobody has verified.
-- in:  tenant_ids member_ids
-- out: i store_id kind fact_id facts version_id held
SELECT t.i, f.store_id, f.kind, f.fact_id, f.facts, f.version_id,
       f.owner_kind = 2 AND EXISTS (SELECT FROM identity g
	WHERE g.tenant_id = f.tenant_id AND g.store_id = f.store_id
	  AND g.kind = 2 AND g.value = f.owner_value
	  AND g.member_id = f.member_id) AS held
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN member_fact f ON f.tenant_id = t.tenant_id
   AND f.member_id = t.member_id
 WHERE f.refused IS NULL
 ORDER BY t.i;
