-- SPDX-License-Identifier: MIT
-- A member's other lots, to cover what an order's own no longer can: vested
-- ones first, soonest expiry first.
-- in:  tenant_id member_id limit
-- out: lot_id remaining vests_at vested
SELECT lot_id, remaining, vests_at, vested
  FROM lot
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint AND remaining > 0
   AND vests_at < 'infinity'
 ORDER BY vested DESC, expires_at NULLS LAST, earned_at, lot_id
 LIMIT $3::bigint;
