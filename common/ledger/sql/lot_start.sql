-- SPDX-License-Identifier: MIT
-- Adds the new lots of timelines.
-- in:  tenant_ids lot_ids member_ids store_ids sources wallets version_ids vested remaining earned_at vests_at expires_at source_ids rules
-- out:
INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source, wallet,
	version_id, vested, remaining, earned_at, vests_at, expires_at,
	source_id, rule)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
       unnest($4::bigint[]), unnest($5::int[]), unnest($6::int[]),
       unnest($7::int[]), unnest($8::boolean[]), unnest($9::bigint[]),
       unnest($10::timestamptz[]), unnest($11::timestamptz[]),
       unnest($12::timestamptz[]), unnest($13::text[]), unnest($14::text[]);
