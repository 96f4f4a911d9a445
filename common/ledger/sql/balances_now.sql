-- SPDX-License-Identifier: MIT
-- Reads what a member has in every wallet.
-- in:  tenant_id member_id
-- out: id unit exponent available pending reserved debt lifetime_earned
SELECT w.id, w.unit, w.exponent, coalesce(b.available, 0) AS available,
       coalesce(b.pending, 0) AS pending, coalesce(b.reserved, 0) AS reserved,
       coalesce(b.debt, 0) AS debt,
       coalesce(b.lifetime_earned, 0) AS lifetime_earned
  FROM wallet w
  LEFT JOIN balance b ON b.tenant_id = w.tenant_id AND b.wallet = w.wallet
   AND b.member_id = $2::bigint
 WHERE w.tenant_id = $1::bigint
   AND (w.id <> 'charity' OR b.member_id IS NOT NULL)
 ORDER BY w.wallet;
