-- SPDX-License-Identifier: MIT
-- Finds the member whose code somebody shows, and the name by which the store knows
-- the member: the first customer's number, or else a guest's address.  The member
-- stays the same until the transaction ends.
-- in:  tenant_id store_id code order_id
-- out: member_id revoked_at kind value order_known
SELECT c.member_id, c.revoked_at, i.kind, i.value,
       EXISTS (SELECT FROM order_state o
                WHERE o.tenant_id = c.tenant_id AND o.store_id = $2::bigint
                  AND o.order_id = $4::bigint
                  AND o.owner_kind = i.kind AND o.owner_value = i.value
       ) AS order_known
  FROM member_code c
  LEFT JOIN LATERAL (
	SELECT n.kind, n.value
	  FROM identity n
	 WHERE n.tenant_id = c.tenant_id AND n.member_id = c.member_id
	   AND n.store_id = $2::bigint AND n.gone_at IS NULL
	 ORDER BY n.kind, length(n.value), n.value
	 LIMIT 1) AS i ON true
 WHERE c.tenant_id = $1::bigint AND c.code = $3::text
   FOR SHARE OF c;
