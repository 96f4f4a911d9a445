-- SPDX-License-Identifier: MIT
-- Customers of several stores of a tenant who have one verified address and
-- are two members yet: the younger one and the older one.
-- in:  tenant_ids store_ids kinds emails
-- out: tenant_id from_member to_member
SELECT DISTINCT t.tenant_id, greatest(a.member_id, b.member_id) AS from_member,
       least(a.member_id, b.member_id) AS to_member
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       AS t(tenant_id, store_id, kind, email)
  JOIN identity a ON a.tenant_id = t.tenant_id AND a.store_id = t.store_id
   AND a.email = t.email AND a.kind = t.kind AND a.email_verified
   AND a.gone_at IS NULL
  JOIN store s ON s.tenant_id = t.tenant_id AND s.store_id <> t.store_id
  JOIN identity b ON b.tenant_id = s.tenant_id AND b.store_id = s.store_id
   AND b.email = t.email AND b.kind = t.kind AND b.email_verified
   AND b.gone_at IS NULL
 WHERE a.member_id <> b.member_id
 ORDER BY 1, 2, 3;
