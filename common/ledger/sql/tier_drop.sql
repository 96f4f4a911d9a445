-- SPDX-License-Identifier: MIT
-- Removes changes of tiers that have not happened after all: those after the
-- last.
-- in:  tenant_ids member_ids lasts
-- out:
DELETE FROM tier_change c
 USING unnest($1::bigint[], $2::bigint[], $3::int[])
       AS t(tenant_id, member_id, last)
 WHERE c.tenant_id = t.tenant_id AND c.member_id = t.member_id
   AND c.number > t.last;
