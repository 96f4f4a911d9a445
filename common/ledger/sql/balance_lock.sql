-- SPDX-License-Identifier: MIT
-- Locks the balances of a batch's members, in ascending order.
-- in:  tenant_ids member_ids wallets
-- out: tenant_id member_id available pending reserved debt lifetime_earned
SELECT b.tenant_id, b.member_id, b.available, b.pending, b.reserved, b.debt,
       b.lifetime_earned
  FROM balance b
  JOIN (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS member_id, unnest($3::int[]) AS wallet) AS t
    ON b.tenant_id = t.tenant_id AND b.member_id = t.member_id
   AND b.wallet = t.wallet
 ORDER BY b.tenant_id, b.member_id
   FOR UPDATE OF b;
