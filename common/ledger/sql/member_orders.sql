-- SPDX-License-Identifier: MIT
-- Lists a member's orders, newest first; also orders that were the member's
-- and are somebody else's now.  Of several changes of hands, only the newest
-- that involves the member is read.
-- in:  tenant_id member_id max
-- out: store_id order_id points reason modified_at member_id from_member moved_at
WITH mine AS (
	SELECT store_id, order_id FROM order_state
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
	UNION
	SELECT store_id, order_id FROM order_move
	 WHERE tenant_id = $1::bigint AND from_member = $2::bigint
)
SELECT o.store_id, o.order_id, o.points, o.reason, o.modified_at,
       coalesce(o.member_id, 0) AS member_id,
       coalesce(m.from_member, 0) AS from_member, m.moved_at
  FROM mine
  JOIN order_state o ON o.tenant_id = $1::bigint
   AND o.store_id = mine.store_id AND o.order_id = mine.order_id
  LEFT JOIN LATERAL (
	SELECT m.from_member, m.moved_at
	  FROM order_move m
	 WHERE m.tenant_id = o.tenant_id AND m.store_id = o.store_id
	   AND m.order_id = o.order_id
	   AND CASE WHEN o.member_id = $2::bigint
		THEN m.to_member = $2::bigint
		ELSE m.from_member = $2::bigint END
	 ORDER BY m.move_id DESC LIMIT 1) AS m ON true
 ORDER BY o.modified_at DESC NULLS LAST, o.order_id DESC
 LIMIT $3::bigint;
