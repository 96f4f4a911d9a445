-- SPDX-License-Identifier: MIT
-- Reads the entries of members, as movements: one that takes back what was
-- posted is a movement of fewer than 0 units between the accounts that it
-- corrects.  They are summed by timeline_sum_posted(), which needs no sorting of
-- long rows.
-- in:  tenant_ids member_ids
-- out: i source store_id source_id rule wallet party debit credit lot_id units event_at version_id revision
SELECT t.i, e.source, e.store_id, e.source_id, e.rule, e.wallet, e.party,
       CASE WHEN e.corrects THEN e.credit ELSE e.debit END AS debit,
       CASE WHEN e.corrects THEN e.debit ELSE e.credit END AS credit,
       e.lot_id, CASE WHEN e.corrects THEN -e.points ELSE e.points END AS units,
       e.event_at, e.version_id, e.revision
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN entry e ON e.tenant_id = t.tenant_id AND e.member_id = t.member_id;
