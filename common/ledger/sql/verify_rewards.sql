-- SPDX-License-Identifier: MIT
-- Finds rewards whose points do not stand in the ledger (account 3 holds what is
-- set aside, source 5 are redemptions) as their row says, and rewards that are
-- gone from the shop while their points stay set aside for more than an hour.
-- in:  limit
-- out: tenant_id what detail
SELECT r.tenant_id, format('reward %s of store %s', r.redemption, r.store_id)
           AS what,
       format('has %s units set aside, and its row says %s',
           coalesce(x.units, 0), CASE WHEN r.stands = 1 THEN r.units ELSE 0 END)
           AS detail
  FROM reward r
  LEFT JOIN (SELECT tenant_id, store_id, source_id,
	            sum(CASE WHEN credit = 3 THEN points ELSE -points END)
		        AS units
	       FROM entry
	      WHERE source = 5 AND 3 IN (debit, credit)
	      GROUP BY tenant_id, store_id, source_id) AS x
    ON x.tenant_id = r.tenant_id AND x.store_id = r.store_id
   AND x.source_id = r.redemption
 WHERE coalesce(x.units, 0) <> CASE WHEN r.stands = 1 THEN r.units ELSE 0 END
UNION ALL
SELECT r.tenant_id, format('reward %s of store %s', r.redemption, r.store_id),
       'is gone from the shop, and its points are still set aside'
  FROM reward r
 WHERE r.stands = 1 AND r.state = 6 AND r.gone_at < now() - interval '1 hour'
 LIMIT $1::bigint;
