-- SPDX-License-Identifier: MIT
-- Guests who have facts and whose addresses these customers have, verified.
-- in:  tenant_ids store_ids guest_kinds emails customer_kinds
-- out: tenant_id store_id from_member to_member
SELECT DISTINCT ON (g.tenant_id, g.store_id, g.member_id)
       g.tenant_id, g.store_id, g.member_id AS from_member,
       c.member_id AS to_member
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::int[])
       AS t(tenant_id, store_id, guest_kind, email, customer_kind)
  JOIN identity g ON g.tenant_id = t.tenant_id AND g.store_id = t.store_id
   AND g.kind = t.guest_kind AND g.value = t.email
  JOIN identity c ON c.tenant_id = t.tenant_id AND c.store_id = t.store_id
   AND c.kind = t.customer_kind AND c.email = t.email
   AND c.email_verified AND c.gone_at IS NULL
 WHERE c.member_id <> g.member_id
   AND EXISTS (SELECT FROM member_fact f
	WHERE f.tenant_id = g.tenant_id AND f.member_id = g.member_id
	  AND f.store_id = g.store_id)
 ORDER BY g.tenant_id, g.store_id, g.member_id, length(c.value), c.value;
