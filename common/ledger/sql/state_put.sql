-- SPDX-License-Identifier: MIT
-- What timelines have come to.
-- in:  tenant_ids member_ids due_at folded_at tiers tier_since tier_until memberships chosen_days enrolled_at
-- out:
UPDATE member_state s
   SET due_at = t.due_at, woken = false, folded_at = t.folded_at, tier = t.tier,
       tier_since = t.tier_since, tier_until = t.tier_until,
       memberships = t.memberships, chosen_day = t.chosen_day,
       enrolled_at = t.enrolled_at
  FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[],
	$4::timestamptz[], $5::text[], $6::timestamptz[], $7::timestamptz[],
	$8::text[], $9::text[], $10::timestamptz[])
       AS t(tenant_id, member_id, due_at, folded_at, tier, tier_since,
	tier_until, memberships, chosen_day, enrolled_at)
 WHERE s.tenant_id = t.tenant_id AND s.member_id = t.member_id;
