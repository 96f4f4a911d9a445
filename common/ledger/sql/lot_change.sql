-- SPDX-License-Identifier: MIT
-- Changes lots that were filled or drawn on, or whose date moved.
-- in:  tenant_ids lot_ids vested remaining vests_at
-- out:
UPDATE lot l
   SET vested = t.vested, remaining = t.remaining, vests_at = t.vests_at
  FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[],
	$5::timestamptz[])
       AS t(tenant_id, lot_id, vested, remaining, vests_at)
 WHERE l.tenant_id = t.tenant_id AND l.lot_id = t.lot_id;
