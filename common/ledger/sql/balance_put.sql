-- SPDX-License-Identifier: MIT
-- Writes the balances of members, in any wallet, as they stand now.
-- in:  tenant_ids member_ids wallets available pending reserved debt lifetime_earned
-- out:
UPDATE balance b
   SET available = t.available, pending = t.pending, reserved = t.reserved,
       debt = t.debt, lifetime_earned = t.lifetime_earned,
       version = b.version + 1
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[],
	$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
       AS t(tenant_id, member_id, wallet, available, pending, reserved, debt,
	lifetime_earned)
 WHERE b.tenant_id = t.tenant_id AND b.member_id = t.member_id
   AND b.wallet = t.wallet;
