-- SPDX-License-Identifier: MIT
-- Sums what stands in the ledger for orders, by member and rule: issued (10)
-- less reversed (11), with all corrections; read from the entries themselves.
-- in:  tenant_ids store_ids sources source_ids
-- out: i member_id rule points
SELECT t.i, e.member_id, e.rule,
       sum(CASE WHEN e.debit IN (10, 11) THEN e.points
	        WHEN e.credit IN (10, 11) THEN -e.points
	        ELSE 0 END)::bigint AS points
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       WITH ORDINALITY AS t(tenant_id, store_id, source, source_id, i)
  JOIN entry e ON e.tenant_id = t.tenant_id AND e.store_id = t.store_id
   AND e.source = t.source AND e.source_id = t.source_id
 GROUP BY t.i, e.member_id, e.rule;
