-- SPDX-License-Identifier: MIT
-- Reads the balances of members in all wallets.
-- in:  tenant_ids member_ids
-- out: i wallet available pending reserved debt lifetime_earned
SELECT t.i, b.wallet, b.available, b.pending, b.reserved, b.debt,
       b.lifetime_earned
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN balance b ON b.tenant_id = t.tenant_id AND b.member_id = t.member_id
 ORDER BY t.i, b.wallet;
