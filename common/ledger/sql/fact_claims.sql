-- SPDX-License-Identifier: MIT
-- Finds guests who have facts, and whose addresses these customers have,
-- verified.  The customers are looked up guest by guest: there are few guests.
-- in:  tenant_ids store_ids guest_kinds emails customer_kinds
-- out: tenant_id store_id from_member to_member
SELECT DISTINCT g.tenant_id, g.store_id, g.member_id AS from_member,
       c.member_id AS to_member
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::int[])
       AS t(tenant_id, store_id, guest_kind, email, customer_kind)
  JOIN identity g ON g.tenant_id = t.tenant_id AND g.store_id = t.store_id
   AND g.kind = t.guest_kind AND g.value = t.email
 CROSS JOIN LATERAL (
	SELECT x.member_id
	  FROM identity x
	 WHERE x.tenant_id = g.tenant_id AND x.store_id = g.store_id
	   AND x.email = g.value AND x.kind = t.customer_kind
	   AND x.email_verified AND x.gone_at IS NULL
	 ORDER BY length(x.value), x.value
	 LIMIT 1) AS c
 CROSS JOIN LATERAL (
	SELECT FROM member_fact f
	 WHERE f.tenant_id = g.tenant_id AND f.member_id = g.member_id
	   AND f.store_id = g.store_id
	 LIMIT 1) AS fact
 WHERE c.member_id <> g.member_id;
