-- SPDX-License-Identifier: MIT
-- Reads what timelines have come to, of members who have one.
-- in:  tenant_id member_ids
-- out: member_id tier tier_until has_metric metric benefits memberships
SELECT member_id, tier, tier_until, metric IS NOT NULL AS has_metric, metric,
       benefits, memberships
  FROM member_state
 WHERE tenant_id = $1::bigint AND member_id = ANY ($2::bigint[]);
