-- SPDX-License-Identifier: MIT
-- Writes the lots of timelines as they stand now.
-- in:  tenant_ids lot_ids version_ids vested remaining earned_at vests_at expires_at
-- out:
UPDATE lot l
   SET version_id = t.version_id, vested = t.vested, remaining = t.remaining,
       earned_at = t.earned_at, vests_at = t.vests_at,
       expires_at = t.expires_at
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::boolean[],
	$5::bigint[], $6::timestamptz[], $7::timestamptz[],
	$8::timestamptz[])
       AS t(tenant_id, lot_id, version_id, vested, remaining, earned_at,
	vests_at, expires_at)
 WHERE l.tenant_id = t.tenant_id AND l.lot_id = t.lot_id;
