-- SPDX-License-Identifier: MIT
-- Facts that were folded for the first time: their program, or why they
-- count for nothing.
-- in:  tenant_ids store_ids kinds fact_ids version_ids refused
-- out:
UPDATE member_fact f
   SET version_id = nullif(t.version_id, 0), refused = t.refused
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::int[],
	$6::text[])
       AS t(tenant_id, store_id, kind, fact_id, version_id, refused)
 WHERE f.tenant_id = t.tenant_id AND f.store_id = t.store_id
   AND f.kind = t.kind AND f.fact_id = t.fact_id;
