-- SPDX-License-Identifier: MIT
-- Writes the first balances of members, and puts those of points that changed
-- (version 1) into the outbox, for the store that knows the member as a
-- customer: this transaction has made such a member.  kinds: as in
-- balance_put.
-- in:  tenant_ids member_ids wallets kinds available pending reserved debt lifetime_earned versions
-- out:
WITH t AS (
	SELECT unnest($1::bigint[]) AS tenant_id,
	       unnest($2::bigint[]) AS member_id, unnest($3::int[]) AS wallet,
	       unnest($4::int[]) AS kind, unnest($5::bigint[]) AS available,
	       unnest($6::bigint[]) AS pending,
	       unnest($7::bigint[]) AS reserved, unnest($8::bigint[]) AS debt,
	       unnest($9::bigint[]) AS lifetime_earned,
	       unnest($10::bigint[]) AS version
), made AS (
	INSERT INTO balance (tenant_id, member_id, wallet, available, pending,
		reserved, debt, lifetime_earned, version)
	SELECT tenant_id, member_id, wallet, available, pending, reserved, debt,
	       lifetime_earned, version FROM t
)
INSERT INTO outbox (tenant_id, store_id, member_id, customer_id, available,
	pending, debt, version)
SELECT i.tenant_id, i.store_id, i.member_id, i.value::bigint, t.available,
       t.pending, t.debt, t.version
  FROM t
  JOIN identity i ON i.tenant_id = t.tenant_id AND i.member_id = t.member_id
                 AND i.kind = t.kind AND i.gone_at IS NULL
 WHERE t.version > 0;
