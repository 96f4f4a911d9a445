-- SPDX-License-Identifier: MIT
-- Finds entries that owe something to a charity (account 16) and do not name
-- it, or name one and owe it nothing; and payouts that are not the sum of
-- their entries (source 7).
-- in:  limit
-- out: tenant_id what detail
SELECT tenant_id, 'entry ' || entry_id AS what,
       'owes a charity that it does not name' AS detail
  FROM entry
 WHERE party = '' AND 16 IN (debit, credit)
UNION ALL
SELECT p.tenant_id, 'payout ' || p.payout_id,
       format('of %s; by its entries %s', p.units, coalesce(x.units, 0))
  FROM payout p
  LEFT JOIN (SELECT tenant_id, source_id,
	            sum(CASE WHEN debit = 16 THEN points ELSE -points END) AS units
	       FROM entry WHERE source = 7
	      GROUP BY tenant_id, source_id) AS x
    ON x.tenant_id = p.tenant_id AND x.source_id = 'payout:' || p.payout_id
 WHERE p.units <> coalesce(x.units, 0)
UNION ALL
SELECT tenant_id, 'entry ' || entry_id, format('names charity %s and owes it nothing', party)
  FROM entry
 WHERE party <> '' AND debit <> 16 AND credit <> 16
 LIMIT $1::bigint;
