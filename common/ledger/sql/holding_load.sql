-- SPDX-License-Identifier: MIT
-- Sums what stands in the ledger for orders, by member and rule: issued (10)
-- less reversed (11), with all corrections; read from the entries themselves.
-- Reads the lot that the entries filled, too.
-- in:  tenant_ids member_ids store_ids sources source_ids
-- out: i member_id rule points lot_id remaining vests_at vested
SELECT h.i, h.member_id, h.rule, h.points, l.lot_id, l.remaining, l.vests_at,
       l.vested
  FROM (SELECT t.i, e.tenant_id, e.member_id, e.rule, max(e.lot_id) AS lot_id,
	       sum(CASE WHEN e.debit IN (10, 11) THEN e.points
		        WHEN e.credit IN (10, 11) THEN -e.points
		        ELSE 0 END)::bigint AS points
	  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
		unnest($2::bigint[]) AS member_id,
		unnest($3::bigint[]) AS store_id, unnest($4::int[]) AS source,
		unnest($5::text[]) AS source_id,
		generate_subscripts($1::bigint[], 1) AS i) AS t
	  JOIN entry e ON e.tenant_id = t.tenant_id
	   AND e.member_id = t.member_id AND e.store_id = t.store_id
	   AND e.source = t.source AND e.source_id = t.source_id
	 GROUP BY t.i, e.tenant_id, e.member_id, e.rule) AS h
  LEFT JOIN lot l ON l.tenant_id = h.tenant_id AND l.member_id = h.member_id
   AND l.lot_id = h.lot_id;
