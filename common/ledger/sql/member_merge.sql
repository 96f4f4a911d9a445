-- SPDX-License-Identifier: MIT
-- Makes one member another: moves customers' names, orders and facts.  Guests'
-- addresses stay, so that what nobody has verified goes to nobody.
-- in:  tenant_id from_member to_member
-- out: names orders facts
WITH names AS (
	UPDATE identity SET member_id = $3::bigint
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint AND kind = 1
	RETURNING 1
), orders AS (
	UPDATE order_state SET member_id = $3::bigint
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
	RETURNING 1
), moves AS (
	INSERT INTO order_move (tenant_id, store_id, order_id, from_member,
		to_member)
	SELECT tenant_id, store_id, order_id, member_id, $3::bigint
	  FROM order_state
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
), facts AS (
	UPDATE member_fact SET member_id = $3::bigint
	 WHERE tenant_id = $1::bigint AND member_id = $2::bigint
	RETURNING 1
)
SELECT (SELECT count(*) FROM names) AS names,
       (SELECT count(*) FROM orders) AS orders,
       (SELECT count(*) FROM facts) AS facts;
