-- SPDX-License-Identifier: MIT
-- Finds the guest that points are held for under an address.
-- in:  store_id hash
-- out: guest
SELECT i.member_id AS guest
  FROM store s
  JOIN identity i USING (tenant_id, store_id)
 WHERE s.store_id = $1::bigint AND i.kind = 2 AND i.value = $2::text;
