-- SPDX-License-Identifier: MIT
-- Members' timelines, locked in ascending order.
-- in:  tenant_ids member_ids
-- out: i due_at folded_at tier tier_since tier_until memberships chosen_day enrolled_at
SELECT t.i, s.due_at, s.folded_at, s.tier, s.tier_since, s.tier_until,
       s.memberships, s.chosen_day, s.enrolled_at
  FROM unnest($1::bigint[], $2::bigint[])
       WITH ORDINALITY AS t(tenant_id, member_id, i)
  JOIN member_state s ON s.tenant_id = t.tenant_id
   AND s.member_id = t.member_id
 ORDER BY s.tenant_id, s.member_id
   FOR UPDATE OF s;
