-- SPDX-License-Identifier: MIT
-- What is owed to a charity (account 16) names it, and nobody was paid more
-- than was owed.
-- in:  limit
-- out: tenant_id what detail
WITH owed AS (
	SELECT tenant_id, party, wallet,
	       sum(CASE WHEN credit = 16 THEN points ELSE -points END) AS units
	  FROM entry
	 WHERE credit = 16 OR debit = 16
	 GROUP BY tenant_id, party, wallet
)
SELECT tenant_id, 'charity ' || party AS what,
       format('%s are owed in wallet %s', units, wallet) AS detail
  FROM owed
 WHERE units < 0 OR party = ''
UNION ALL
SELECT tenant_id, 'entry ' || entry_id, format('names charity %s and owes it nothing', party)
  FROM entry
 WHERE party <> '' AND debit <> 16 AND credit <> 16
 LIMIT $1::bigint;
