-- SPDX-License-Identifier: MIT
-- Writes the first balances of members that this transaction has made.
-- in:  tenant_ids member_ids wallets available pending reserved debt lifetime_earned versions
-- out:
INSERT INTO balance (tenant_id, member_id, wallet, available, pending, reserved,
	debt, lifetime_earned, version)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[],
	$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]);
