-- SPDX-License-Identifier: MIT
-- Changes lots that were filled or drawn on, or whose date moved.
-- in:  tenant_ids member_ids lot_ids vested remaining vests_at
-- out:
UPDATE lot l
   SET vested = t.vested, remaining = t.remaining, vests_at = t.vests_at
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[],
	$5::bigint[], $6::timestamptz[])
       AS t(tenant_id, member_id, lot_id, vested, remaining, vests_at)
 WHERE l.tenant_id = t.tenant_id AND l.member_id = t.member_id
   AND l.lot_id = t.lot_id;
