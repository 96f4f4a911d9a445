-- SPDX-License-Identifier: MIT
-- Finds the members of names.  Of customers also finds the address that the
-- platform has verified, and the guest who has this address.  Of guests also
-- finds the customer who has the guest's address, verified, if there is such a
-- customer (the first by number, so that the answer is always the same).
-- in:  tenant_ids store_ids kinds values
-- out: i member_id verified_email verified_member_id guest_id
SELECT t.i, o.member_id,
       CASE WHEN o.email_verified THEN o.email END AS verified_email,
       CASE WHEN t.kind = 2 THEN (
	SELECT c.member_id FROM identity c
	 WHERE c.tenant_id = t.tenant_id AND c.store_id = t.store_id
	   AND c.email = t.value AND c.kind = 1
	   AND c.email_verified AND c.gone_at IS NULL
	 ORDER BY length(c.value), c.value LIMIT 1)
       END AS verified_member_id,
       CASE WHEN t.kind = 1 AND o.email_verified THEN (
	SELECT g.member_id FROM identity g
	 WHERE g.tenant_id = t.tenant_id AND g.store_id = t.store_id
	   AND g.kind = 2 AND g.value = o.email)
       END AS guest_id
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
       WITH ORDINALITY AS t(tenant_id, store_id, kind, value, i)
  LEFT JOIN identity o ON o.tenant_id = t.tenant_id
   AND o.store_id = t.store_id AND o.kind = t.kind AND o.value = t.value;
