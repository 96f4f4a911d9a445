-- SPDX-License-Identifier: MIT
-- Adds the new lots of orders.
-- in:  tenant_ids lot_ids member_ids store_ids version_ids vested remaining earned_at vests_at source_ids rules
-- out:
INSERT INTO lot (tenant_id, lot_id, member_id, store_id, source, version_id,
	vested, remaining, earned_at, vests_at, source_id, rule)
SELECT t.tenant_id, t.lot_id, t.member_id, t.store_id, 1,
       t.version_id, t.vested, t.remaining, t.earned_at, t.vests_at,
       t.source_id, t.rule
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::int[], $6::boolean[], $7::bigint[], $8::timestamptz[],
	$9::timestamptz[], $10::text[], $11::text[])
       AS t(tenant_id, lot_id, member_id, store_id, version_id, vested,
	remaining, earned_at, vests_at, source_id, rule);
