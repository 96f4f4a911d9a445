-- SPDX-License-Identifier: MIT
-- Counts the changes of members' tiers that are written down.
-- in:  tenant_ids member_ids
-- out: i changes
SELECT t.i, count(c.number) AS changes
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN tier_change c ON c.tenant_id = t.tenant_id
   AND c.member_id = t.member_id
 GROUP BY t.i;
