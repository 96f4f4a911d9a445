-- SPDX-License-Identifier: MIT
-- Reads what is known of the facts of a batch.
-- in:  tenant_ids store_ids kinds fact_ids
-- out: i facts owner_kind owner_value
SELECT t.i, f.facts, f.owner_kind, f.owner_value
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       WITH ORDINALITY AS t(tenant_id, store_id, kind, fact_id, i)
  JOIN member_fact f ON f.tenant_id = t.tenant_id
   AND f.store_id = t.store_id AND f.kind = t.kind
   AND f.fact_id = t.fact_id;
