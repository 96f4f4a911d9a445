-- SPDX-License-Identifier: MIT
-- Writes the lots of timelines as they stand now.
-- in:  tenant_ids member_ids lot_ids version_ids vested remaining earned_at vests_at expires_at
-- out:
UPDATE lot l
   SET version_id = t.version_id, vested = t.vested, remaining = t.remaining,
       earned_at = t.earned_at, vests_at = t.vests_at,
       expires_at = t.expires_at
  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS member_id, unnest($3::bigint[]) AS lot_id,
	unnest($4::int[]) AS version_id, unnest($5::boolean[]) AS vested,
	unnest($6::bigint[]) AS remaining,
	unnest($7::timestamptz[]) AS earned_at,
	unnest($8::timestamptz[]) AS vests_at,
	unnest($9::timestamptz[]) AS expires_at) AS t
 WHERE l.tenant_id = t.tenant_id AND l.member_id = t.member_id
   AND l.lot_id = t.lot_id;
