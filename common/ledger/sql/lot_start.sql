-- SPDX-License-Identifier: MIT
-- Adds the new lots of timelines.
-- in:  tenant_ids lot_ids member_ids store_ids sources wallets version_ids vested remaining earned_at vests_at expires_at source_ids rules
-- out:
INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source, wallet,
	version_id, vested, remaining, earned_at, vests_at, expires_at,
	source_id, rule)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::int[], $6::int[], $7::int[], $8::boolean[], $9::bigint[],
	$10::timestamptz[], $11::timestamptz[], $12::timestamptz[],
	$13::text[], $14::text[]);
