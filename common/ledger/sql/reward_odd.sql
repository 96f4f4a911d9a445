-- SPDX-License-Identifier: MIT
-- Finds the rewards that one of these orders has used beside another order, or
-- that it used for somebody else than the one whose reward it is.
-- in:  tenant_ids store_ids order_ids
-- out: store_id redemption order_id is_twice is_others
SELECT u.store_id, u.redemption, u.order_id, o.others > 0 AS is_twice,
       u.member_id IS DISTINCT FROM f.member_id AS is_others
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS t(tenant_id, store_id, order_id)
  JOIN reward_use u ON u.tenant_id = t.tenant_id
   AND u.store_id = t.store_id AND u.order_id = t.order_id
  JOIN member_fact f ON f.tenant_id = u.tenant_id
   AND f.store_id = u.store_id AND f.kind = 3 AND f.fact_id = u.redemption
 CROSS JOIN LATERAL (
	SELECT count(*) AS others
	  FROM reward_use x
	 WHERE x.tenant_id = u.tenant_id AND x.store_id = u.store_id
	   AND x.redemption = u.redemption AND x.order_id <> u.order_id
	   AND x.undone_at IS NULL) AS o
 WHERE u.undone_at IS NULL
   AND (o.others > 0 OR u.member_id IS DISTINCT FROM f.member_id);
