-- SPDX-License-Identifier: MIT
-- Writes the program of facts that were folded for the first time, or why they
-- count for nothing; leaves a fact that belongs to another member by now.  "+ 0"
-- keeps PostgreSQL from using the index of members, as in order_folded.sql.
-- in:  tenant_ids store_ids kinds fact_ids version_ids refused member_ids
-- out:
UPDATE member_fact f
   SET version_id = nullif(t.version_id, 0), refused = t.refused
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::int[],
	$6::text[], $7::bigint[])
       AS t(tenant_id, store_id, kind, fact_id, version_id, refused,
	member_id)
 WHERE f.tenant_id = t.tenant_id AND f.store_id = t.store_id
   AND f.kind = t.kind AND f.fact_id = t.fact_id
   AND f.member_id + 0 = t.member_id;
