-- SPDX-License-Identifier: MIT
-- Reads a member by number, and the first store that knows the member.
-- in:  member_id
-- out: tenant_id store_id created_at
SELECT b.tenant_id,
       (SELECT min(i.store_id) FROM identity i
         WHERE i.tenant_id = b.tenant_id AND i.member_id = b.member_id)
       AS store_id, coalesce(b.created_at, m.created_at) AS created_at
  FROM balance b
  LEFT JOIN member m ON m.tenant_id = b.tenant_id AND m.member_id = b.member_id
 WHERE b.member_id = $1::bigint AND b.wallet = 1;
