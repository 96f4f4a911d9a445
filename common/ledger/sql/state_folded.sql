-- SPDX-License-Identifier: MIT
-- Finds which of these members have a timeline.
-- in:  tenant_ids member_ids
-- out: tenant_id member_id
SELECT s.tenant_id, s.member_id
  FROM unnest($1::bigint[], $2::bigint[]) AS t(tenant_id, member_id)
  JOIN member_state s ON s.tenant_id = t.tenant_id
   AND s.member_id = t.member_id;
