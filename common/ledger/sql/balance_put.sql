-- SPDX-License-Identifier: MIT
-- Writes the balances of members, in any wallet, as they stand now.
-- in:  tenant_ids member_ids wallets available pending reserved debt lifetime_earned
-- out:
INSERT INTO balance AS b (tenant_id, member_id, wallet, available, pending,
	reserved, debt, lifetime_earned, version)
SELECT t.*, 1 FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[],
	$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) AS t
ON CONFLICT (tenant_id, member_id, wallet) DO UPDATE
   SET available = excluded.available, pending = excluded.pending,
       reserved = excluded.reserved, debt = excluded.debt,
       lifetime_earned = excluded.lifetime_earned, version = b.version + 1;
