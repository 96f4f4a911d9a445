-- SPDX-License-Identifier: MIT
-- Has the first customer's name lead to the second's member from now on.
-- in:  tenant_id store_id gone_value kept_value
-- out: from_member to_member
WITH pair AS (
	SELECT g.member_id AS from_member, k.member_id AS to_member
	  FROM identity g, identity k
	 WHERE g.tenant_id = $1::bigint AND g.store_id = $2::bigint
	   AND g.kind = 1 AND g.value = $3::text
	   AND k.tenant_id = g.tenant_id AND k.store_id = g.store_id
	   AND k.kind = 1 AND k.value = $4::text
), moved AS (
	UPDATE identity
	   SET member_id = pair.to_member
	  FROM pair
	 WHERE tenant_id = $1 AND store_id = $2 AND kind = 1 AND value = $3
)
SELECT from_member, to_member FROM pair;
