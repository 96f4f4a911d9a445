-- SPDX-License-Identifier: MIT
-- Writes the first balances of members, and puts those that changed (version 1)
-- into the outbox, if they are pushed (customer_ids not 0): this transaction has
-- made such a member, and one store knows it.
-- in:  tenant_ids member_ids wallets available pending reserved debt lifetime_earned versions store_ids customer_ids
-- out:
WITH t AS (
	SELECT unnest($1::bigint[]) AS tenant_id,
	       unnest($2::bigint[]) AS member_id, unnest($3::int[]) AS wallet,
	       unnest($4::bigint[]) AS available,
	       unnest($5::bigint[]) AS pending,
	       unnest($6::bigint[]) AS reserved, unnest($7::bigint[]) AS debt,
	       unnest($8::bigint[]) AS lifetime_earned,
	       unnest($9::bigint[]) AS version,
	       unnest($10::bigint[]) AS store_id,
	       unnest($11::bigint[]) AS customer_id
), made AS (
	INSERT INTO balance (tenant_id, member_id, wallet, available, pending,
		reserved, debt, lifetime_earned, version)
	SELECT tenant_id, member_id, wallet, available, pending, reserved, debt,
	       lifetime_earned, version FROM t
)
INSERT INTO outbox (tenant_id, store_id, member_id, customer_id, available,
	pending, debt, version)
SELECT tenant_id, store_id, member_id, customer_id, available, pending, debt,
       version
  FROM t
 WHERE version > 0 AND customer_id <> 0;
