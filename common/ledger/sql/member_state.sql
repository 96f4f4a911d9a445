-- SPDX-License-Identifier: MIT
-- Reads what a member's timeline has come to; no row: there is no timeline.
-- in:  tenant_id member_id
-- out: tier tier_since tier_until memberships chosen_day enrolled_at folded_at due_at
SELECT tier, tier_since, tier_until, memberships, chosen_day, enrolled_at,
       folded_at, due_at
  FROM member_state
 WHERE tenant_id = $1::bigint AND member_id = $2::bigint;
