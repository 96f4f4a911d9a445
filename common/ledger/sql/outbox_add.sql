-- SPDX-License-Identifier: MIT
-- Writes the balances of members that this transaction has made, for the one
-- store that knows each of them.
-- in:  tenant_ids store_ids member_ids customer_ids available pending debt versions
-- out:
INSERT INTO outbox (tenant_id, store_id, member_id, customer_id, available,
	pending, debt, version)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]);
