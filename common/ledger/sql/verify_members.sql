-- SPDX-License-Identifier: MIT
-- Finds members without a balance, and balances and entries without a member.
-- in:  limit
-- out: tenant_id what detail
SELECT tenant_id, 'member ' || member_id AS what,
       'has no balance' AS detail
  FROM member m
 WHERE NOT EXISTS (SELECT FROM balance b
	WHERE b.tenant_id = m.tenant_id AND b.member_id = m.member_id)
UNION ALL
SELECT DISTINCT tenant_id, 'member ' || member_id, 'has entries but is not there'
  FROM entry x
 WHERE NOT EXISTS (SELECT FROM member m
	WHERE m.tenant_id = x.tenant_id AND m.member_id = x.member_id)
 LIMIT $1::bigint;
