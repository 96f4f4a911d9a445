-- SPDX-License-Identifier: MIT
-- Adds the differences that a batch has made to its members' balances.
-- in:  tenant_ids member_ids wallets available pending reserved debt lifetime_earned
-- out:
UPDATE balance b
   SET available = b.available + t.available, pending = b.pending + t.pending,
       reserved = b.reserved + t.reserved, debt = b.debt + t.debt,
       lifetime_earned = b.lifetime_earned + t.lifetime_earned,
       version = b.version + 1
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[],
	$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
       AS t(tenant_id, member_id, wallet, available, pending, reserved, debt,
	lifetime_earned)
 WHERE b.tenant_id = t.tenant_id AND b.member_id = t.member_id
   AND b.wallet = t.wallet;
