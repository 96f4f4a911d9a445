-- SPDX-License-Identifier: MIT
-- Sums the units that a member's orders have earned, by wallet: given less
-- taken back.
-- in:  tenant_ids member_ids store_ids order_ids
-- out: i wallet unit exponent units
SELECT t.i, coalesce(w.id, e.wallet::text) AS wallet, w.unit, w.exponent,
       sum(CASE WHEN e.debit IN (10, 11) THEN e.points ELSE -e.points
	END)::bigint AS units
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, store_id, order_id, i)
  JOIN entry e ON e.tenant_id = t.tenant_id AND e.store_id = t.store_id
   AND e.source = 1 AND e.source_id = t.order_id::text
   AND e.member_id = t.member_id
   AND (e.debit IN (10, 11) OR e.credit IN (10, 11))
  LEFT JOIN wallet w ON w.tenant_id = e.tenant_id AND w.wallet = e.wallet
 GROUP BY t.i, e.wallet, w.id, w.unit, w.exponent
HAVING sum(CASE WHEN e.debit IN (10, 11) THEN e.points ELSE -e.points END) <> 0
 ORDER BY t.i, e.wallet;
