-- SPDX-License-Identifier: MIT
-- Finds which of these members have a timeline.
-- in:  tenant_ids member_ids
-- out: tenant_id member_id
SELECT s.tenant_id, s.member_id
  FROM (SELECT unnest($1::bigint[]) AS tenant_id,
	unnest($2::bigint[]) AS member_id) AS t
  JOIN member_state s ON s.tenant_id = t.tenant_id
   AND s.member_id = t.member_id;
