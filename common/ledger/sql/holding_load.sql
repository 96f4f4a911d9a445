-- SPDX-License-Identifier: MIT
-- Sums what stands in the ledger for orders, by member and rule: issued (10)
-- less reversed (11), with all corrections; read from the entries themselves.
-- Reads the lot that the entries filled, too: one without a row has what stands,
-- available (lot_add).
-- in:  tenant_ids member_ids store_ids sources source_ids
-- out: i member_id rule points lot_id remaining vests_at vested
SELECT h.i, h.member_id, h.rule, h.points, h.lot_id,
       coalesce(l.remaining, h.points) AS remaining, l.vests_at,
       coalesce(l.vested, true) AS vested
  FROM (SELECT t.i, e.tenant_id, e.member_id, e.rule, max(e.lot_id) AS lot_id,
	       sum(CASE WHEN e.debit IN (10, 11) THEN e.points
		        WHEN e.credit IN (10, 11) THEN -e.points
		        ELSE 0 END)::bigint AS points
	  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[],
		$5::text[]) WITH ORDINALITY
	       AS t(tenant_id, member_id, store_id, source, source_id, i)
	  JOIN entry e ON e.tenant_id = t.tenant_id
	   AND e.member_id = t.member_id AND e.store_id = t.store_id
	   AND e.source = t.source AND e.source_id = t.source_id
	 GROUP BY t.i, e.tenant_id, e.member_id, e.rule) AS h
  LEFT JOIN lot l ON l.tenant_id = h.tenant_id AND l.member_id = h.member_id
   AND l.lot_id = h.lot_id;
