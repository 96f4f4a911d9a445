-- SPDX-License-Identifier: MIT
-- Finds a member by number.  `held` is what is held for the addresses of the
-- member's customers, or for the guest that the member is.
-- in:  member_id
-- out: tenant_id member_id created_at available pending reserved debt lifetime_earned version held
SELECT b.tenant_id, b.member_id,
       coalesce(b.created_at, m.created_at) AS created_at, b.available,
       b.pending, b.reserved, b.debt, b.lifetime_earned, b.version,
       (SELECT sum(g.pending)::bigint
	  FROM balance g
	 WHERE g.tenant_id = b.tenant_id AND g.wallet = 1
	   AND g.member_id IN (
		SELECT h.member_id
		  FROM identity i
		  JOIN identity h ON h.tenant_id = i.tenant_id
		   AND h.store_id = i.store_id AND h.kind = 2
		   AND h.value = CASE i.kind WHEN 1 THEN i.email
					     ELSE i.value END
		 WHERE i.tenant_id = b.tenant_id
		   AND i.member_id = b.member_id)) AS held
  FROM balance b
  LEFT JOIN member m ON m.tenant_id = b.tenant_id AND m.member_id = b.member_id
 WHERE b.member_id = $1::bigint AND b.wallet = 1;
