-- SPDX-License-Identifier: MIT
-- Finds the customer who has an address in the store, else the guest that
-- points are held for.  `held` is what is held for the address, until it is
-- known whose the address is.
-- in:  store_id hash
-- out: tenant_id member_id created_at available pending reserved debt lifetime_earned version held
SELECT b.tenant_id, b.member_id,
       coalesce(b.created_at, m.created_at) AS created_at, b.available,
       b.pending, b.reserved, b.debt, b.lifetime_earned, b.version,
       (SELECT g.pending
	  FROM identity h
	  JOIN balance g ON g.tenant_id = h.tenant_id
	   AND g.member_id = h.member_id AND g.wallet = 1
	 WHERE h.tenant_id = i.tenant_id AND h.store_id = i.store_id
	   AND h.kind = 2 AND h.value = $2::text) AS held
  FROM store s
  JOIN identity i USING (tenant_id, store_id)
  JOIN balance b ON b.tenant_id = i.tenant_id AND b.member_id = i.member_id
                AND b.wallet = 1
  LEFT JOIN member m ON m.tenant_id = b.tenant_id AND m.member_id = b.member_id
 WHERE s.store_id = $1::bigint
   AND ((i.kind = 1 AND i.email = $2::text)
        OR (i.kind = 2 AND i.value = $2::text))
 ORDER BY i.kind, i.gone_at IS NOT NULL, i.modified_at DESC NULLS LAST,
          i.value
 LIMIT 1;
