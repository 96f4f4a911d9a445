-- SPDX-License-Identifier: MIT
-- Finds members, of whom there is something, without a balance of points; names
-- of stores that are not there; and tenants that have members and are not
-- there.
-- in:  limit
-- out: tenant_id what detail
SELECT DISTINCT tenant_id, 'member ' || member_id AS what,
       'has ' || x.what || ' but no balance of points' AS detail
  FROM (SELECT tenant_id, member_id, 'entries' AS what FROM entry
	UNION ALL
	SELECT tenant_id, member_id, 'a balance' FROM balance
	UNION ALL
	SELECT tenant_id, member_id, 'a name' FROM identity
	UNION ALL
	SELECT tenant_id, member_id, 'a timeline' FROM member_state
	UNION ALL
	SELECT tenant_id, member_id, 'a row' FROM member) AS x
 WHERE NOT EXISTS (SELECT FROM balance b
	WHERE b.tenant_id = x.tenant_id AND b.member_id = x.member_id
	  AND b.wallet = 1)
UNION ALL
SELECT DISTINCT tenant_id, 'store ' || store_id,
       'has names but is not there'
  FROM identity i
 WHERE NOT EXISTS (SELECT FROM store s
	WHERE s.tenant_id = i.tenant_id AND s.store_id = i.store_id)
UNION ALL
SELECT DISTINCT tenant_id, 'tenant ' || tenant_id,
       'has members but is not there'
  FROM balance b
 WHERE NOT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = b.tenant_id)
 LIMIT $1::bigint;
