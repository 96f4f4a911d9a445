-- SPDX-License-Identifier: MIT
-- Sums what stands in the ledger for members, movement by movement: what was
-- posted less what was taken back.  Sources above 6 are not the timeline's.
-- in:  tenant_ids member_ids
-- out: i source store_id source_id rule wallet party debit credit lot_id units event_at version_id
SELECT t.i, e.source, e.store_id, e.source_id, e.rule, e.wallet, e.party,
       CASE WHEN e.corrects THEN e.credit ELSE e.debit END AS debit,
       CASE WHEN e.corrects THEN e.debit ELSE e.credit END AS credit,
       max(e.lot_id) AS lot_id,
       sum(CASE WHEN e.corrects THEN -e.points ELSE e.points END)::bigint
       AS units,
       max(e.event_at) AS event_at, max(e.version_id) AS version_id
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN entry e ON e.tenant_id = t.tenant_id AND e.member_id = t.member_id
 WHERE e.source <= 6
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
HAVING sum(CASE WHEN e.corrects THEN -e.points ELSE e.points END) <> 0
 ORDER BY 1;
