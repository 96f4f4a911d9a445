-- SPDX-License-Identifier: MIT
-- Adds the new lots of orders whose points are pending.  A lot that is available
-- at once gets a row only when its member gets a timeline: until then it is what
-- its order's entries say, which name it.
-- in:  tenant_ids lot_ids member_ids store_ids version_ids remaining earned_at vests_at source_ids rules
-- out:
INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source, version_id,
	vested, remaining, earned_at, vests_at, source_id, rule)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]),
       unnest($4::bigint[]), 1, unnest($5::int[]), false,
       unnest($6::bigint[]), unnest($7::timestamptz[]),
       unnest($8::timestamptz[]), unnest($9::text[]), unnest($10::text[]);
