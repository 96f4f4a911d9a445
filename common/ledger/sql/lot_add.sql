-- SPDX-License-Identifier: MIT
-- Adds the new lots of orders.
-- in:  tenant_ids lot_ids member_ids store_ids version_ids vested remaining earned_at vests_at source_ids rules
-- out:
INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source, version_id,
	vested, remaining, earned_at, vests_at, source_id, rule)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
       unnest($4::bigint[]), 1, unnest($5::int[]), unnest($6::boolean[]),
       unnest($7::bigint[]), unnest($8::timestamptz[]),
       unnest($9::timestamptz[]), unnest($10::text[]), unnest($11::text[]);
