-- SPDX-License-Identifier: MIT
-- Counts the orders of members.
-- in:  members tenant_ids member_ids
-- out: i orders
SELECT t.i, (SELECT count(*) FROM order_state o
	WHERE o.tenant_id = t.tenant_id AND o.member_id = t.member_id) AS orders
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
       AS t(i, tenant_id, member_id);
