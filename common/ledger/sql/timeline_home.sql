-- SPDX-License-Identifier: MIT
-- Finds the first store that knows a member, whose calendar the member
-- follows, and the number of the last transaction posted for the member.
-- in:  tenant_ids member_ids
-- out: i store_id revision
SELECT t.i,
       (SELECT min(d.store_id) FROM identity d
         WHERE d.tenant_id = t.tenant_id AND d.member_id = t.member_id)
       AS store_id,
       (SELECT max(e.revision) FROM entry e
         WHERE e.tenant_id = t.tenant_id AND e.member_id = t.member_id)
       AS revision
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i);
