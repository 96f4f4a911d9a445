-- SPDX-License-Identifier: MIT
-- Lists what charities are owed and what they were paid (source 7), by wallet.
-- in:  store_id
-- out: charity unit exponent owed paid open
SELECT e.party AS charity, w.unit, w.exponent,
       sum(CASE WHEN e.credit = 16 THEN e.points ELSE -e.points END)::bigint
       AS owed,
       coalesce(sum(CASE WHEN e.debit = 16 THEN e.points ELSE -e.points END)
	FILTER (WHERE e.source = 7), 0)::bigint AS paid,
       (SELECT count(*) FROM payout p
         WHERE p.tenant_id = e.tenant_id AND p.charity = e.party
           AND p.units IS NULL) AS open
  FROM store s
  JOIN entry e ON e.tenant_id = s.tenant_id AND e.party <> ''
   AND 16 IN (e.debit, e.credit)
  JOIN wallet w ON w.tenant_id = e.tenant_id AND w.wallet = e.wallet
 WHERE s.store_id = $1::bigint
 GROUP BY e.tenant_id, e.party, w.wallet, w.unit, w.exponent
 ORDER BY e.party, w.wallet;
