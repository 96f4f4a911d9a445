-- SPDX-License-Identifier: MIT
-- Writes what timelines have come to.  With a `since`, a seam that is NULL
-- leaves the row's seam as it is; without a `since`, the row gets no seam.
-- `head` is the length of the seam without the lots at its end.
-- in:  tenant_ids member_ids due_at woken folded_at tiers tier_since tier_until memberships chosen_days enrolled_at steps metrics benefits seams sinces heads
-- out:
UPDATE member_state s
   SET due_at = t.due_at, woken = t.woken, folded_at = t.folded_at, tier = t.tier,
       tier_since = t.tier_since, tier_until = t.tier_until,
       memberships = t.memberships, chosen_day = t.chosen_day,
       enrolled_at = t.enrolled_at, steps = t.steps,
       metric = t.metric, benefits = t.benefits,
       seam = CASE WHEN t.since IS NOT NULL THEN coalesce(t.seam, s.seam) END,
       since = t.since,
       seam_xact = CASE WHEN t.since IS NOT NULL
	THEN t.head * 4294967296 + pg_current_xact_id()::text::bigint % 4294967296
	END
  FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[],
	$4::boolean[], $5::timestamptz[], $6::text[], $7::timestamptz[],
	$8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[],
	$12::bigint[], $13::bigint[], $14::text[], $15::bytea[], $16::bytea[],
	$17::bigint[])
       AS t(tenant_id, member_id, due_at, woken, folded_at, tier, tier_since,
	tier_until, memberships, chosen_day, enrolled_at, steps, metric, benefits,
	seam, since, head)
 WHERE s.tenant_id = t.tenant_id AND s.member_id = t.member_id;
