-- SPDX-License-Identifier: MIT
-- Finds the first store that knows a member, whose calendar the member
-- follows.
-- in:  tenant_ids member_ids
-- out: i store_id
SELECT t.i,
       (SELECT min(d.store_id) FROM identity d
         WHERE d.tenant_id = t.tenant_id AND d.member_id = t.member_id)
       AS store_id
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i);
