-- SPDX-License-Identifier: MIT
-- The guest that points are held for under an address, and the customer who
-- is to have them.
-- in:  store_id hash customer
-- out: guest customer
SELECT (SELECT i.member_id FROM identity i
         WHERE i.tenant_id = s.tenant_id AND i.store_id = s.store_id
           AND i.kind = 2 AND i.value = $2::text) AS guest,
       (SELECT i.member_id FROM identity i
         WHERE i.tenant_id = s.tenant_id AND i.store_id = s.store_id
           AND i.kind = 1 AND i.value = $3::text) AS customer
  FROM store s
 WHERE s.store_id = $1::bigint;
