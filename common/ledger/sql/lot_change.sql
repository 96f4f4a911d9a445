-- SPDX-License-Identifier: MIT
-- Changes lots that were filled or drawn on, or whose date moved.  A lot that has
-- no row (lot_add) is changed by its entries alone.
-- in:  tenant_ids member_ids lot_ids vested remaining vests_at
-- out:
UPDATE lot l
   SET vested = t.vested, remaining = t.remaining, vests_at = t.vests_at
  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS member_id, unnest($3::bigint[]) AS lot_id,
	unnest($4::boolean[]) AS vested, unnest($5::bigint[]) AS remaining,
	unnest($6::timestamptz[]) AS vests_at) AS t
 WHERE l.tenant_id = t.tenant_id AND l.member_id = t.member_id
   AND l.lot_id = t.lot_id;
