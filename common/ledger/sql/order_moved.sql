-- SPDX-License-Identifier: MIT
-- Notes that orders belong to another member from now on.
-- in:  tenant_ids store_ids order_ids from_members to_members
-- out:
INSERT INTO order_move (tenant_id, store_id, order_id, from_member, to_member)
SELECT t.tenant_id, t.store_id, t.order_id, t.from_member,
       nullif(t.to_member, 0)
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
	$5::bigint[])
       AS t(tenant_id, store_id, order_id, from_member, to_member);
