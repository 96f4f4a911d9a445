-- SPDX-License-Identifier: MIT
-- Writes the lots of timelines as they stand now.
-- in:  tenant_ids member_ids lot_ids version_ids vested remaining earned_at vests_at expires_at
-- out:
UPDATE lot l
   SET version_id = t.version_id, vested = t.vested, remaining = t.remaining,
       earned_at = t.earned_at, vests_at = t.vests_at,
       expires_at = t.expires_at
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[],
	$5::boolean[], $6::bigint[], $7::timestamptz[], $8::timestamptz[],
	$9::timestamptz[])
       AS t(tenant_id, member_id, lot_id, version_id, vested, remaining,
	earned_at, vests_at, expires_at)
 WHERE l.tenant_id = t.tenant_id AND l.member_id = t.member_id
   AND l.lot_id = t.lot_id;
