-- SPDX-License-Identifier: MIT
-- Writes what the timelines of members that this transaction has made have come
-- to.
-- in:  tenant_ids member_ids due_at woken folded_at tiers tier_since tier_until memberships chosen_days enrolled_at steps metrics benefits
-- out:
INSERT INTO member_state (tenant_id, member_id, due_at, woken, folded_at, tier,
	tier_since, tier_until, memberships, chosen_day, enrolled_at, steps,
	metric, benefits)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[],
	$4::boolean[], $5::timestamptz[], $6::text[], $7::timestamptz[],
	$8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[],
	$12::bigint[], $13::bigint[], $14::text[]);
