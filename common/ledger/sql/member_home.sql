-- SPDX-License-Identifier: MIT
-- Reads a member by number, and the first store that knows the member.
-- in:  member_id
-- out: tenant_id store_id created_at
SELECT m.tenant_id,
       (SELECT min(i.store_id) FROM identity i
         WHERE i.tenant_id = m.tenant_id AND i.member_id = m.member_id)
       AS store_id, m.created_at
  FROM member m
 WHERE m.member_id = $1::bigint;
