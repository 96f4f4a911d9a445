-- SPDX-License-Identifier: MIT
-- Reads the facts of one key: there may be one of each kind.
-- in:  store_id fact_id
-- out: tenant_id member_id kind at refused facts
SELECT f.tenant_id, f.member_id, f.kind, f.at, f.refused, f.facts
  FROM store s
  JOIN member_fact f USING (tenant_id, store_id)
 WHERE s.store_id = $1::bigint AND f.fact_id = $2::text
 ORDER BY f.kind;
