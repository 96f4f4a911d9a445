-- SPDX-License-Identifier: MIT
-- Reads the numbers of wallets.
-- in:  tenant_ids
-- out: tenant_id wallet id unit exponent
SELECT w.tenant_id, w.wallet, w.id, w.unit, w.exponent
  FROM wallet w
 WHERE w.tenant_id = ANY ($1::bigint[])
 ORDER BY w.tenant_id, w.wallet;
