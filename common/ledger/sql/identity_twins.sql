-- SPDX-License-Identifier: MIT
-- Finds customers of several stores of a tenant who have one verified address
-- and are still two members: the younger one and the older one.
-- in:  tenant_ids store_ids kinds emails
-- out: tenant_id from_member to_member
SELECT DISTINCT t.tenant_id, greatest(a.member_id, b.member_id) AS from_member,
       least(a.member_id, b.member_id) AS to_member
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       AS t(tenant_id, store_id, kind, email)
 CROSS JOIN LATERAL (
	SELECT x.member_id
	  FROM identity x
	 WHERE x.tenant_id = t.tenant_id AND x.store_id = t.store_id
	   AND x.email = t.email AND x.kind = t.kind
	   AND x.email_verified AND x.gone_at IS NULL
	OFFSET 0) AS a
  JOIN store s ON s.tenant_id = t.tenant_id AND s.store_id <> t.store_id
 CROSS JOIN LATERAL (
	SELECT x.member_id
	  FROM identity x
	 WHERE x.tenant_id = s.tenant_id AND x.store_id = s.store_id
	   AND x.email = t.email AND x.kind = t.kind
	   AND x.email_verified AND x.gone_at IS NULL
	OFFSET 0) AS b
 WHERE a.member_id <> b.member_id
 ORDER BY 1, 2, 3;
