-- SPDX-License-Identifier: MIT
-- Finds wallets that something was posted in and that have no name.
-- in:  limit
-- out: tenant_id what detail
SELECT DISTINCT e.tenant_id, 'wallet ' || e.wallet AS what,
       'has entries and no name' AS detail
  FROM entry e
 WHERE NOT EXISTS (SELECT FROM wallet w
	WHERE w.tenant_id = e.tenant_id AND w.wallet = e.wallet)
 LIMIT $1::bigint;
